package guide

import "testing"

func FuzzKeptPlan(f *testing.F) {
	f.Add(`{"plan":"CgA="}`, "birth")
	f.Add(`{"plan":"!"}`, "")
	f.Fuzz(func(t *testing.T, text, event string) {
		_, plan, ok := unpackPlan(text, event)
		if ok && (plan.GetEvent().GetId() != event || len(plan.GetSteps()) == 0) {
			t.Errorf("%q is a plan of %q", text, event)
		}
	})
}
