package rule_test

import (
	"strings"
	"testing"
	"time"

	"madoguchi/proto/rule"
)

func TestDays(t *testing.T) {
	for _, good := range []string{"2027-04-01", "1900-01-01", "2199-12-31", "2028-02-29"} {
		if day, ok := rule.Day(good); !ok || day.Format(time.DateOnly) != good {
			t.Errorf("%q is read as %s", good, day)
		}
	}
	for _, bad := range []string{
		"", "2027-4-1", "2027/04/01", "2027-02-29", "0002-04-01", "1899-12-31", "2200-01-01", "20270401", "2027-04-01 ",
		"2027-04-01T00:00:00Z",
	} {
		if day, ok := rule.Day(bad); ok || !day.IsZero() {
			t.Errorf("%q is read as %s", bad, day)
		}
	}
}

func TestProcedureNumbers(t *testing.T) {
	for _, good := range []string{"P0001", "0", "A-1", "A-", strings.Repeat("9", 20)} {
		if !rule.ProcedureNumber(good) {
			t.Errorf("%q is refused", good)
		}
	}
	for _, bad := range []string{"", "-1", "p0001", "P 1", "Ｐ1", "P_1", strings.Repeat("9", 21), "P1\n"} {
		if rule.ProcedureNumber(bad) {
			t.Errorf("%q passes", bad)
		}
	}
}
