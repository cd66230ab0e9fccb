package myinfo

import (
	"slices"
	"testing"

	officev1 "madoguchi/proto/gen/office/v1"
)

// That an office answered stands in the history of exchanges, once, and nothing of what it said.
func TestTheHistoryOfExchangesHearsOfAnAnswer(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		id := w.ask("hanako", "13.income")[0].GetId()
		w.due(meguro)
		for range 2 {
			w.mustAnswer(meguro, id, none(officev1.NoneGround_NONE_GROUND_NEVER))
		}
		want := []string{"hanako " + meguro + " 税・所得：所得と住民税 INFO_OUTCOME_NONE"}
		if len(w.exchanged) != 1 || !slices.Equal(w.exchanged, want) {
			t.Errorf("%v, want %v", w.exchanged, want)
		}
	})
}
