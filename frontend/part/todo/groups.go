package todo

import (
	"time"

	"madoguchi/frontend/frame/lang"
)

// group is a part of the list: what is to be done about the same time.
type group struct {
	id      string
	title   lang.Text
	entries []Entry
}

// groups are what is open, in the order of the list, without those that are empty; and what is done.
type groups struct {
	open    []group
	done    []Entry
	overdue int
}

// groupBy parts a sorted list as of a day, 2026-11-22. A week ends with its Sunday.
func groupBy(entries []Entry, today string) groups {
	var g groups
	for _, e := range entries {
		if e.done() {
			g.done = append(g.done, e)
			continue
		}
		into := groupOf(e.Due(), today)
		if into.id == "overdue" {
			g.overdue++
		}
		if n := len(g.open); n == 0 || g.open[n-1].id != into.id {
			g.open = append(g.open, into)
		}
		last := &g.open[len(g.open)-1]
		last.entries = append(last.entries, e)
	}
	return g
}

// Part names the part of the list under which a day stands, and gives it a word for the style.
func Part(due, today string) (id string, title lang.Text) {
	g := groupOf(due, today)
	return g.id, g.title
}

func groupOf(due, today string) group {
	switch {
	case due == "":
		return group{id: "undated", title: textUndated}
	case due < today:
		return group{id: "overdue", title: textOverdue}
	case due <= sunday(today):
		return group{id: "week", title: textWeek}
	case due[:len("2026-11")] == today[:len("2026-11")]:
		return group{id: "month", title: textMonth}
	}
	return group{id: "later", title: textLater}
}

// sunday is the last day of the week that a day lies in.
func sunday(day string) string {
	t, err := time.Parse(time.DateOnly, day)
	if err != nil {
		return day
	}
	return t.AddDate(0, 0, (7-int(t.Weekday()))%7).Format(time.DateOnly)
}

// count is how many are to be done.
func (g groups) count() int {
	n := 0
	for _, part := range g.open {
		n += len(part.entries)
	}
	return n
}
