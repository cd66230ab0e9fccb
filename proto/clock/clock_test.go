package clock_test

import (
	"testing"
	"time"

	"madoguchi/proto/clock"
)

func TestTheDayIsJapans(t *testing.T) {
	for moment, want := range map[time.Time]string{
		time.Date(2026, 12, 31, 14, 59, 59, 0, time.UTC):                                "2026-12-31",
		time.Date(2026, 12, 31, 15, 0, 0, 0, time.UTC):                                  "2027-01-01",
		time.Date(2026, 12, 31, 10, 0, 0, 0, time.FixedZone("somewhere else", -5*3600)): "2027-01-01",
	} {
		if got := clock.Day(moment); got != want {
			t.Errorf("the day at %v: %s, want %s", moment, got, want)
		}
		if got := clock.Today(moment); got.Format(time.DateTime) != want+" 00:00:00" || got.Location() != time.UTC {
			t.Errorf("today at %v: %v, want midnight UTC of %s", moment, got, want)
		}
		midnight := clock.Midnight(moment)
		if since := moment.Sub(midnight); since < 0 || since >= 24*time.Hour || clock.Day(midnight) != want {
			t.Errorf("the day at %v began at %v", moment, midnight)
		}
	}
}
