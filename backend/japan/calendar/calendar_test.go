package calendar

import (
	"testing"
	"time"
)

func day(s string) time.Time {
	t, err := time.Parse(time.DateOnly, s)
	if err != nil {
		panic(err)
	}
	return t
}

func TestNextOpenDay(t *testing.T) {
	for from, want := range map[string]string{
		"2026-11-20": "2026-11-20", // a Friday
		"2026-11-21": "2026-11-24", // Saturday, Sunday, 勤労感謝の日
		"2026-12-28": "2026-12-28",
		"2026-12-29": "2027-01-04",
		"2027-01-01": "2027-01-04",
		"2026-05-02": "2026-05-07", // Saturday, then holidays and the substitute
		"2026-09-19": "2026-09-24", // 敬老の日, a holiday between two, 秋分の日
	} {
		if got := NextOpenDay(day(from)).Format(time.DateOnly); got != want {
			t.Errorf("after %s: %s, want %s", from, got, want)
		}
	}
}

func TestHolidaysReachFarEnough(t *testing.T) {
	for _, d := range []string{"1970-01-01", "2026-11-23", "2050-11-23"} {
		if Holiday(day(d)) == "" {
			t.Errorf("%s is no holiday", d)
		}
	}
	if n := len(holidays()); n != 1329 {
		t.Errorf("%d holidays", n)
	}
}
