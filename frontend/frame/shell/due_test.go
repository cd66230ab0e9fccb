package shell

import (
	"slices"
	"testing"

	"github.com/maxence-charriere/go-app/v10/pkg/app"
)

// Rows of several features stand in one order, and nothing is known while one of them has not been heard.
func TestOneTimelineOfAllFeatures(t *testing.T) {
	before := house.timelines
	t.Cleanup(func() { house.timelines = before })
	heard := true
	timeline := func(more int, rows ...Due) Timeline {
		return Timeline{
			Rows:   func() ([]Due, int, bool) { return rows, more, heard },
			Follow: func(app.Context, func(app.Context, error)) func() { return func() {} },
		}
	}
	house.timelines = []Timeline{
		timeline(2, Due{ID: "no day"}, Due{ID: "late", By: "2026-11-30"}, Due{ID: "done before", DoneAt: 1_000}),
		timeline(1, Due{ID: "early", By: "2026-11-01"}, Due{ID: "done last", DoneAt: 90_000}),
	}
	open, done, more, known := Dues()
	ids := func(rows []Due) []string {
		all := make([]string, len(rows))
		for i, d := range rows {
			all[i] = d.ID
		}
		return all
	}
	if !slices.Equal(ids(open), []string{"early", "late", "no day"}) ||
		!slices.Equal(ids(done), []string{"done last", "done before"}) || more != 3 || !known {
		t.Errorf("open %q, done %q, %d more, known %v", ids(open), ids(done), more, known)
	}
	heard = false
	if _, _, _, known := Dues(); known {
		t.Error("all is known although nobody was heard")
	}
}

// What is one's own answers to those alone who read their own.
func TestFindersAreAskedByWhoMay(t *testing.T) {
	before, session := house.finders, CurrentSession()
	t.Cleanup(func() {
		house.finders = before
		SetSession(session)
	})
	house.finders = []Finder{{Order: 30, For: Citizen}, {Order: 20}, {Order: 10}}
	for state, want := range map[State]int{LoggedOut: 2, NewcomerState: 2, CitizenState: 3} {
		SetSession(Session{State: state})
		got := Finders()
		if len(got) != want || got[0].Order != 10 {
			t.Errorf("in state %d %d are asked", state, len(got))
		}
	}
}
