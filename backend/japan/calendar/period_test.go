package calendar

import (
	"testing"
	"time"

	"pgregory.net/rapid"
)

func TestPeriodsOfTheCivilCode(t *testing.T) {
	for name, c := range map[string]struct {
		day, period, last string
		counted           bool
	}{
		"days":                            {"2026-11-02", "15d", "2026-11-17", false},
		"days, the first counted":         {"2026-11-10", "14d", "2026-11-23", true},
		"a day":                           {"2026-11-10", "1d", "2026-11-11", false},
		"a day, counted, is itself":       {"2026-11-10", "1d", "2026-11-10", true},
		"weeks end on the same weekday":   {"2026-11-10", "2w", "2026-11-24", false},
		"weeks, the first counted":        {"2026-11-10", "2w", "2026-11-23", true},
		"months":                          {"2026-11-10", "3m", "2027-02-10", false},
		"months, the first counted":       {"2026-11-10", "3m", "2027-02-09", true},
		"from the end of February":        {"2027-02-28", "3m", "2027-05-31", false},
		"from the end of February, 4":     {"2027-02-28", "4m", "2027-06-30", false},
		"from the end of April":           {"2026-04-30", "3m", "2026-07-31", false},
		"from the end to a shorter one":   {"2026-11-30", "3m", "2027-02-28", false},
		"from the 30th of a long one":     {"2027-01-30", "1m", "2027-02-28", false},
		"from the 29th into February":     {"2027-01-29", "1m", "2027-02-28", false},
		"from the 28th into February":     {"2027-01-28", "1m", "2027-02-28", false},
		"from the 27th into February":     {"2027-01-27", "1m", "2027-02-27", false},
		"from a 28th in a leap year":      {"2028-02-28", "3m", "2028-05-28", false},
		"from the leap day":               {"2028-02-29", "3m", "2028-05-31", false},
		"into a leap February":            {"2027-11-30", "3m", "2028-02-29", false},
		"a month from a first, counted":   {"2027-02-01", "1m", "2027-02-28", true},
		"a month from a 31st, counted":    {"2027-01-31", "1m", "2027-02-28", true},
		"years":                           {"2024-11-25", "2y", "2026-11-25", false},
		"years from the leap day":         {"2028-02-29", "1y", "2029-02-28", false},
		"years to a leap year":            {"2027-02-28", "1y", "2028-02-29", false},
		"years from before the leap day":  {"2028-02-28", "1y", "2029-02-28", false},
		"years, the leap day counted":     {"2028-02-29", "1y", "2029-02-28", true},
		"years, from a first, counted":    {"2026-04-01", "2y", "2028-03-31", true},
		"twelve months are a year":        {"2027-02-28", "12m", "2028-02-29", false},
		"over the turn of the year":       {"2026-12-31", "2m", "2027-02-28", false},
		"from the end of a year, a month": {"2026-12-31", "1m", "2027-01-31", false},
	} {
		p, ok := ParsePeriod(c.period)
		if got := p.Last(day(c.day), c.counted).Format(time.DateOnly); !ok || got != c.last {
			t.Errorf("%s: %s from %s ends on %s, want %s", name, c.period, c.day, got, c.last)
		}
	}
}

func TestBefore(t *testing.T) {
	for _, c := range [][3]string{
		{"2026-12-31", "60d", "2026-11-01"}, {"2027-03-31", "3m", "2026-12-31"}, {"2027-05-31", "3m", "2027-02-28"},
		{"2028-02-29", "1y", "2027-02-28"},
		{"2026-12-15", "2w", "2026-12-01"},
	} {
		p, _ := ParsePeriod(c[1])
		if got := p.Before(day(c[0])).Format(time.DateOnly); got != c[2] {
			t.Errorf("%s before %s is %s, want %s", c[1], c[0], got, c[2])
		}
	}
}

func TestWhatIsNoPeriod(t *testing.T) {
	for _, s := range []string{"", "d", "0d", "-1d", "15", "15D", "1.5m", "1000d", " 15d", "15d ", "3か月", "１５d"} {
		if p, ok := ParsePeriod(s); ok || p != (Period{}) {
			t.Errorf("%q is read as %+v", s, p)
		}
	}
}

var anyDay = rapid.Map(rapid.IntRange(-25_000, 80_000), func(n int) time.Time {
	return time.Unix(0, 0).UTC().AddDate(0, 0, n)
})

// The rules of the civil code said otherwise than Last says them: whoever waits a whole period from the beginning of a
// day stands at the same time of the corresponding day, and the last day is the one before.
func TestPeriodsKeepToTheLaw(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		d, counted := anyDay.Draw(t, "day"), rapid.Bool().Draw(t, "counted")
		n := rapid.IntRange(1, 240).Draw(t, "months")
		p := Period{months: n}
		first := d
		if !counted {
			first = d.AddDate(0, 0, 1)
		}
		last := p.Last(d, counted)
		months := (last.Year()-first.Year())*12 + int(last.Month()-first.Month())
		after := last.AddDate(0, 0, 1)
		switch {
		case first.Day() == 1:
			if months != n-1 || after.Day() != 1 {
				t.Fatalf("%d months from the beginning of a month, %s, end on %s", n, first, last)
			}
		case after.Day() == first.Day():
			if (after.Year()-first.Year())*12+int(after.Month()-first.Month()) != n {
				t.Fatalf("%d months from %s end on %s", n, first, last)
			}
		default: // no such day in the last month
			if months != n || after.Day() != 1 || last.Day() >= first.Day() {
				t.Fatalf("%d months from %s end on %s", n, first, last)
			}
		}
	})
}

func TestPeriodsGrow(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		d, n, unit := anyDay.Draw(t, "day"), rapid.IntRange(1, 400).Draw(t, "length"), rapid.Bool().Draw(t, "months")
		p, longer := Period{days: n}, Period{days: n + 1}
		if unit {
			p, longer = Period{months: n}, Period{months: n + 1}
		}
		last := p.Last(d, false)
		switch {
		case !last.After(d):
			t.Fatalf("%+v from %s end on %s", p, d, last)
		case !longer.Last(d, false).After(last):
			t.Fatalf("%+v from %s is no longer than %+v", longer, d, p)
		case p.Last(d.AddDate(0, 0, 1), false).Before(last):
			t.Fatalf("%+v from the day after %s end earlier", p, d)
		case !p.Last(d.AddDate(0, 0, 1), true).Equal(last):
			t.Fatalf("%+v from the day after %s, counted, is not the same", p, d)
		case p.Last(d, true).After(last):
			t.Fatalf("%+v from %s end later when the day is counted", p, d)
		case unit && last.Before(d.AddDate(0, n, -3)) || unit && last.After(d.AddDate(0, n, 3)):
			t.Fatalf("%+v from %s end on %s", p, d, last)
		case !p.Before(d).Before(d):
			t.Fatalf("%+v before %s is %s", p, d, p.Before(d))
		}
	})
}
