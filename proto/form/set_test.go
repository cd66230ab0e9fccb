package form

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"reflect"
	"slices"
	"testing"

	"pgregory.net/rapid"
)

// One answer after another comes to the same as all of them at once, whatever the form and the answers.
func TestOneAnswerAtATimeIsAllAtOnce(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		oneAtATime(rt, chance(rapid.Uint64().Draw(rt, "seed")))
	})
}

func FuzzOneAnswerAtATime(f *testing.F) {
	f.Add(uint64(1))
	f.Fuzz(func(t *testing.T, seed uint64) { oneAtATime(t, chance(seed)) })
}

type failing interface {
	Helper()
	Fatalf(format string, of ...any)
}

func oneAtATime(t failing, r *rand.Rand) {
	t.Helper()
	f, answers := randomCase(r)
	result := f.Evaluate(answers, today)
	for range 12 {
		before := looks(f, answers, result)
		at, into := randomSpot(r, f, answers)
		id := at.Field
		v := randomAnswers(r, []Field{f.byID[id].Field})[id]
		if v.Kind == 0 {
			delete(into, id)
		} else {
			into[id] = v
		}
		otherwise, ok := result.Set(at, v)
		if !ok {
			t.Fatalf("%v is not set", at)
		}
		want := f.Evaluate(answers, today)
		after := looks(f, answers, want)
		if got := looks(f, answers, result); !maps.Equal(got, after) {
			t.Fatalf("after %v = %+v of %s\n%s", at, v, f.Canonical(), differences(got, after))
		}
		if !reflect.DeepEqual(result.Faults, want.Faults) || result.Late != want.Late ||
			result.Cosigned != want.Cosigned {
			t.Fatalf("after %v = %+v of %s\n%+v\nwant %+v", at, v, f.Canonical(), result.Faults, want.Faults)
		}
		if got, want := result.Answers().Canonical(), want.Answers().Canonical(); string(got) != string(want) {
			t.Fatalf("after %v = %+v of %s\n%s\nwant %s", at, v, f.Canonical(), got, want)
		}
		for spot, look := range after {
			if look != before[spot] && !slices.Contains(otherwise, spot) {
				t.Fatalf("%v is said not to change %v of %s\n%s\nto %s", at, spot, f.Canonical(), before[spot], look)
			}
		}
	}
}

// randomSpot is a question that may be answered, and where its answer lies.
func randomSpot(r *rand.Rand, f *Form, answers Answers) (Spot, Answers) {
	for {
		q := one(r, f.questions)
		if q.calc != nil || q.Type == Rows {
			continue
		}
		if q.rows == nil {
			return Spot{q.ID, -1}, answers
		}
		if rows := answers[q.rows.ID].Rows; len(rows) > 0 {
			row := r.IntN(len(rows))
			return Spot{q.ID, row}, rows[row]
		}
	}
}

// looks is all that is to be seen of a result, by question.
func looks(f *Form, answers Answers, r *Result) map[Spot]string {
	all := map[Spot]string{}
	look := func(q *question, row int) {
		all[Spot{q.ID, row}] = fmt.Sprintf("shown %v, required %v, computed %+v, wrong %+v", r.Shown(q.ID, row),
			r.Required(q.ID, row), r.Computed(q.ID, row), r.FaultsAt(Spot{q.ID, row}))
	}
	for _, q := range f.questions {
		if q.rows == nil {
			look(q, -1)
			continue
		}
		for row := range answers[q.rows.ID].Rows {
			look(q, row)
		}
	}
	return all
}

func differences(got, want map[Spot]string) (s string) {
	for spot, look := range want {
		if got[spot] != look {
			s += fmt.Sprintf("%v: %s\nwant %s\n", spot, got[spot], look)
		}
	}
	return s
}

// What is at a question is what all say of it.
func TestTheFaultsAtAQuestionAreThoseOfAll(t *testing.T) {
	for seed := range uint64(300) {
		f, answers := randomCase(chance(seed))
		r := f.Evaluate(answers, today)
		for _, q := range f.questions {
			rows := len(answers[q.ID].Rows)
			if q.rows != nil {
				rows = len(answers[q.rows.ID].Rows)
			}
			for row := -1; row < rows; row++ {
				var want []Fault
				for _, fault := range r.Faults {
					if fault.Field == q.ID && fault.Row == row && fault.Code != CodeUnknown {
						want = append(want, fault)
					}
				}
				if got := r.FaultsAt(Spot{q.ID, row}); !slices.Equal(got, want) {
					t.Fatalf("at %s, %d: %+v, want %+v", q.ID, row, got, want)
				}
			}
		}
	}
}

func TestWhatIsNoQuestionIsNotSet(t *testing.T) {
	f, answers := large(t)
	r := f.Evaluate(answers, today)
	for _, at := range []Spot{{"none", -1}, {"f1", 0}, {"rn", -1}, {"rn", 100}, {"r", -1}} {
		if _, ok := r.Set(at, TextOf("x")); ok {
			t.Errorf("%v is set", at)
		}
	}
	if r.FaultsAt(Spot{"none", -1}) != nil || r.FaultsAt(Spot{"rn", 100}) != nil {
		t.Error("there are faults at no question")
	}
}

// BenchmarkSetIn200FieldsAnd100Rows is a key in a large form: in a question that nothing depends on, in one that all
// others do, and in a row.
func BenchmarkSetIn200FieldsAnd100Rows(b *testing.B) {
	for name, at := range map[string]Spot{
		"field": {"f150", -1}, "first": {"f0", -1}, "row": {"rt", 50}, "ranked": {"rb", 50},
	} {
		b.Run(name, func(b *testing.B) {
			f, answers := large(b)
			r := f.Evaluate(answers, today)
			values := []Value{TextOf("2010-04-02"), TextOf("2011-05-03")}
			b.ReportAllocs()
			for i := 0; b.Loop(); i++ {
				r.Set(at, values[i%2])
			}
		})
	}
}
