package guide

import "testing"

func FuzzKeptPlan(f *testing.F) {
	f.Add([]byte("\x00\x00\x02\x0a\x00"), "birth")
	f.Add([]byte{}, "")
	f.Fuzz(func(t *testing.T, data []byte, event string) {
		kept, ok := unpackPlan(data, event)
		if ok && (kept.plan.GetEvent().GetId() != event || len(kept.plan.GetSteps()) == 0) {
			t.Errorf("%q is a plan of %q", data, event)
		}
	})
}
