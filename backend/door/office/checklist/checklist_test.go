package checklist_test

import (
	"slices"
	"testing"

	"madoguchi/backend/door/office/checklist"
)

func TestWhatIsWrongStaysSoAndWhatMustNotBeIsPassedAtTheEnd(t *testing.T) {
	list := checklist.New("asks", "answers")
	list.AddNever("takes what is forged", "takes what is another's")
	waiting := list.Changed()
	list.Note("asks", "")
	select {
	case <-waiting:
	default:
		t.Error("who waits for a change is not woken")
	}
	if checks, whole := list.Report(); whole || !checks[0].Done || checks[2].Done {
		t.Errorf("with one thing done the report is %v, whole %t", checks, whole)
	}
	list.Note("takes what is forged", "it takes the second")
	list.Note("answers", "it answers what it was not asked")
	list.Note("answers", "") // too late
	list.Note("nothing of the list", "")
	checks, whole := list.Report()
	names := func(of func(checklist.Check) bool) (names []string) {
		for _, c := range checks {
			if of(c) {
				names = append(names, c.Name)
			}
		}
		return names
	}
	done := names(func(c checklist.Check) bool { return c.Done })
	wrong := names(func(c checklist.Check) bool { return c.Wrong != "" })
	if !whole || !slices.Equal(done, []string{"asks", "takes what is another's"}) ||
		!slices.Equal(wrong, []string{"answers", "takes what is forged"}) {
		t.Errorf("at the end done is %v, wrong %v, whole %t", done, wrong, whole)
	}
	if !list.Settled("answers") || list.Settled("nothing of the list") {
		t.Error("what is settled is not told")
	}
}

func TestWhoWaitsIsWoken(t *testing.T) {
	list := checklist.New("asks")
	waiting := list.Changed()
	list.Wake()
	<-waiting
}
