package draft

import (
	"bytes"

	portalv1 "madoguchi/proto/gen/portal/v1"
)

// merged is what a device's changes come to.
type merged struct {
	fields    []*portalv1.DraftField // all of the draft, in the order in which they were first filled in
	changed   bool
	conflicts []*portalv1.DraftField
	news      []*portalv1.DraftField
}

// merge takes a device's changes into what is there. A field that another device changed to something else since the
// device saw it stays as it is, and is told; so nobody's answer is written over unseen. What is taken stands at the
// next revision.
func merge(there []*portalv1.DraftField, changes []*portalv1.DraftField, next int64) merged {
	m := merged{fields: make([]*portalv1.DraftField, len(there), len(there)+len(changes))}
	at := map[string]int{}
	for i, f := range there {
		m.fields[i], at[f.GetField()] = f, i
	}
	seen, mine := next, map[string]bool{}
	for _, c := range changes {
		seen, mine[c.GetField()] = min(seen, c.GetSeen()), true
		taken := &portalv1.DraftField{Field: c.GetField(), Value: c.GetValue(), Seen: next}
		i, known := at[c.GetField()]
		switch {
		case !known && len(c.GetValue()) == 0: // cleared what never was
		case !known:
			at[c.GetField()] = len(m.fields)
			m.fields, m.changed = append(m.fields, taken), true
		case bytes.Equal(m.fields[i].GetValue(), c.GetValue()):
		case m.fields[i].GetSeen() > c.GetSeen():
			m.conflicts = append(m.conflicts, m.fields[i])
		default:
			m.fields[i], m.changed = taken, true
		}
	}
	for _, f := range there {
		if !mine[f.GetField()] && (f.GetSeen() > seen || len(changes) == 0) {
			m.news = append(m.news, f)
		}
	}
	return m
}
