package rule

import (
	"testing"
	"time"
)

func TestErasMeetWithoutAGap(t *testing.T) {
	for day, want := range map[string]struct {
		era  string
		year int
	}{
		"2019-05-01": {"令和", 1}, "2019-04-30": {"平成", 31}, "1989-01-08": {"平成", 1}, "1989-01-07": {"昭和", 64},
		"1926-12-25": {"昭和", 1}, "1926-12-24": {"大正", 15}, "1912-07-30": {"大正", 1}, "1912-07-29": {"明治", 45},
		"1900-01-01": {"明治", 33}, "2026-11-26": {"令和", 8},
	} {
		d, ok := Day(day)
		if !ok {
			t.Fatal(day)
		}
		era, year, ok := EraOf(d)
		if !ok || era.Name != want.era || year != want.year {
			t.Errorf("%s: %s %d, want %s %d", day, era.Name, year, want.era, want.year)
		}
		if western, ok := YearOf(era.Name, year); !ok || western != d.Year() {
			t.Errorf("%s%d年: %d", era.Name, year, western)
		}
	}
	if _, _, ok := EraOf(time.Date(1800, 1, 1, 0, 0, 0, 0, time.UTC)); ok {
		t.Error("a day before all eras has one")
	}
}

func TestYearsThatAnEraDidNotReachAreCountedOn(t *testing.T) {
	if y, ok := YearOf("平成", 39); !ok || y != 2027 {
		t.Errorf("平成39年: %d %t", y, ok)
	}
	for _, wrong := range []struct {
		era  string
		year int
	}{{"令和", 0}, {"令和", -3}, {"", 5}, {"慶応", 2}} {
		if y, ok := YearOf(wrong.era, wrong.year); ok {
			t.Errorf("%s%d年: %d", wrong.era, wrong.year, y)
		}
	}
}
