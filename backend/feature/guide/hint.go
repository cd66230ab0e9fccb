package guide

import (
	"slices"
	"strings"

	"madoguchi/backend/japan/japanese"
	portalv1 "madoguchi/proto/gen/portal/v1"
)

// maxHints is how many events a search offers.
const maxHints = 2

// Hints are the events of life that a search for a procedure may come from, the one named first before the others; most
// searches have none. The query is as typed.
func Hints(query string) []*portalv1.EventHint {
	list, err := events()
	if err != nil {
		return nil // ListLifeEvents says so
	}
	folded := japanese.Fold(query)
	type named struct {
		at    int
		event *event
	}
	var found []named
	for _, e := range list {
		first := -1
		for _, word := range e.Words {
			if at := strings.Index(folded, word); at >= 0 && (first < 0 || at < first) {
				first = at
			}
		}
		if first >= 0 {
			found = append(found, named{first, e})
		}
	}
	slices.SortStableFunc(found, func(a, b named) int { return a.at - b.at })
	var hints []*portalv1.EventHint
	for _, n := range found[:min(len(found), maxHints)] {
		hints = append(hints, &portalv1.EventHint{Id: n.event.ID, Title: local(n.event.Title)})
	}
	return hints
}
