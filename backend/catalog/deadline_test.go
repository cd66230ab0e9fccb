package catalog

import (
	"testing"
	"time"

	"madoguchi/backend/calendar"
)

func on(s string) time.Time {
	t, ok := day(s)
	if !ok {
		panic(s)
	}
	return t
}

func TestDeadlines(t *testing.T) {
	for name, c := range map[string]struct {
		rule        Deadline
		event       string
		opens, last string
		moved       bool
	}{
		"days after, the first not counted (民法140条)": {Deadline{From: "birth", Within: "15d"}, "2026-11-02", "", "2026-11-17", false},
		"days counted from the day itself (戸籍法43条)":  {Deadline{From: "birth", Within: "14d", FirstDay: true}, "2026-11-10", "", "2026-11-24", true}, // the 23rd is a holiday
		"the last day is a Sunday before a holiday":  {Deadline{From: "move", Within: "14d"}, "2026-11-08", "", "2026-11-24", true},
		"the last day falls on the turn of the year": {Deadline{From: "death", Within: "7d", FirstDay: true}, "2026-12-25", "", "2027-01-04", true},
		"years": {Deadline{From: "funeral", Within: "2y"}, "2024-11-25", "", "2026-11-25", false},
		"years from the 29th of February (民法143条2項)":         {Deadline{From: "birth", Within: "1y"}, "2028-02-29", "", "2029-02-28", false},
		"months into a shorter one":                          {Deadline{From: "death", Within: "3m"}, "2026-11-30", "", "2027-03-01", true}, // the 28th of February is a Sunday
		"opens before, and ends":                             {Deadline{From: "move", Opens: "30d", Within: "14d"}, "2026-12-01", "2026-11-01", "2026-12-15", false},
		"opens before the day it expires":                    {Deadline{From: "expiry", Opens: "60d"}, "2026-12-31", "2026-11-01", "2026-12-31", false},
		"a yearly window that comes":                         {Deadline{Yearly: "06-01..06-30"}, "2026-03-01", "2026-06-01", "2026-06-30", false},
		"a yearly window that is over":                       {Deadline{Yearly: "06-01..06-30"}, "2026-07-01", "2027-06-01", "2027-06-30", false},
		"a yearly window on its last day":                    {Deadline{Yearly: "06-01..06-30"}, "2026-06-30", "2026-06-01", "2026-06-30", false},
		"a yearly window over the turn of the year, in it":   {Deadline{Yearly: "10-01..01-31"}, "2027-01-15", "2026-10-01", "2027-02-01", true},
		"a yearly window whose last day is moved, on that":   {Deadline{Yearly: "02-16..03-15"}, "2025-03-16", "2025-02-16", "2025-03-17", true},
		"a yearly window moved by a Sunday, still open then": {Deadline{Yearly: "02-16..03-15"}, "2026-03-16", "2026-02-16", "2026-03-16", true},
	} {
		c.rule.Text = "-"
		if err := c.rule.Check(); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		due, ok := c.rule.Due(on(c.event))
		opens := ""
		if !due.Opens.IsZero() {
			opens = due.Opens.Format(time.DateOnly)
		}
		if last := due.Last.Format(time.DateOnly); !ok || opens != c.opens || last != c.last || due.Moved != c.moved {
			t.Errorf("%s: %s to %s, moved %v, want %s to %s, %v", name, opens, last, due.Moved, c.opens, c.last, c.moved)
		}
	}
	if _, ok := (Deadline{Text: "速やかに"}).Due(on("2026-11-01")); ok {
		t.Error("a deadline without a rule has a day")
	}
}

func TestDeadlinesThatAreNone(t *testing.T) {
	for _, d := range []Deadline{
		{From: "birth"}, {Within: "3d"}, {Text: "-", From: "birthday", Within: "3d"}, {Text: "-", From: "birth", Within: "3w"}, {Text: "-", From: "birth", Within: "0d"},
		{From: "birth", Within: "3d"}, {Text: "-", Yearly: "06-01"}, {Text: "-", Yearly: "06-31..07-01"}, {Text: "-", Yearly: "13-01..13-02"},
	} {
		if d.Check() == nil {
			t.Errorf("%+v passes", d)
		}
	}
}

func FuzzDue(f *testing.F) {
	f.Add("birth", "15d", "", "", 20000, false)
	f.Add("", "", "", "12-28..01-03", 20500, true)
	f.Fuzz(func(t *testing.T, from, within, opens, yearly string, days int, first bool) {
		d := Deadline{Text: "-", From: from, Within: within, Opens: opens, Yearly: yearly, FirstDay: first}
		if d.Check() != nil || days < 0 || days > 40000 {
			return
		}
		event := time.Unix(0, 0).UTC().AddDate(0, 0, days)
		due, ok := d.Due(event)
		if !ok {
			return
		}
		if (within != "" || yearly != "") && !calendar.Open(due.Last) {
			t.Errorf("%+v from %s ends on %s, when offices are closed", d, event.Format(time.DateOnly), due.Last.Format(time.DateOnly))
		}
		if !due.Opens.IsZero() && due.Opens.After(due.Last) {
			t.Errorf("%+v opens on %s and ends on %s", d, due.Opens, due.Last)
		}
	})
}
