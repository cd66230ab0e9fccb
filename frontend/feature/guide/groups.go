package guide

import (
	"time"

	"madoguchi/frontend/frame/lang"
	portalv1 "madoguchi/proto/gen/portal/v1"
)

// today is the day in Japan.
func today() string { return time.Now().In(lang.Tokyo).Format(time.DateOnly) }

// groups part the to-do list by when something is to be done.
type groups struct{ overdue, month, later, undated, done []*portalv1.Task }

// group parts a sorted list, as of a day: 2026-11-22.
func group(tasks []*portalv1.Task, today string) groups {
	var g groups
	for _, t := range tasks {
		due := t.GetDue()
		switch {
		case t.GetDoneAt() > 0:
			g.done = append(g.done, t)
		case due == "":
			g.undated = append(g.undated, t)
		case due < today:
			g.overdue = append(g.overdue, t)
		case len(due) == len(today) && due[:len("2026-11")] == today[:len("2026-11")]:
			g.month = append(g.month, t)
		default:
			g.later = append(g.later, t)
		}
	}
	return g
}

// open is how many are still to be done.
func (g groups) open() int { return len(g.overdue) + len(g.month) + len(g.later) + len(g.undated) }

// taskPath is the address of a task's procedure; else that of the event it came from; empty when it has neither.
func taskPath(t *portalv1.Task) string {
	if t.GetNumber() != "" {
		return stepPath(&portalv1.PlanStep{Number: t.GetNumber()}, t.GetPlaceCode())
	}
	if _, known := happeningOf(guidePath + "/" + t.GetEvent()); known {
		return guidePath + "/" + t.GetEvent()
	}
	return ""
}
