package guide

import (
	"strings"
	"testing"
	"time"
)

// planOf runs the rules of an event and writes the plan down: steps in order, ? behind those that apply only perhaps,
// and their days.
func planOf(t *testing.T, id string, given map[string]string) string {
	t.Helper()
	e, err := readEvent(files, id)
	if err != nil {
		t.Fatal(err)
	}
	values, answered := answers{}, map[string]bool{}
	for question, value := range given {
		values[question], answered[question] = strings.Fields(value), true
		if value == "" {
			values[question] = []string{"-"}
		}
	}
	var list []string
	for _, s := range e.plan(values, answered, time.Date(2026, 11, 23, 0, 0, 0, 0, time.UTC)).steps {
		text := s.ID
		if s.perhaps {
			text += "?"
		}
		if s.dated {
			text += "=" + s.due.Last.Format(time.DateOnly)
		}
		list = append(list, text)
	}
	return strings.Join(list, " ")
}

func TestPlansOfHardTimes(t *testing.T) {
	for _, c := range []struct {
		event string
		given map[string]string
		want  string
	}{
		{"care", map[string]string{"state": "no", "wish": "home"}, "consult P0016 P0019? P0025 leave?"},
		{
			"care", map[string]string{"state": "moved", "moved_on": "2026-11-10", "wish": ""},
			"P0026=2026-11-24 P0019? leave?",
		},
		{
			"care", map[string]string{"state": "yes", "expiry": "2027-01-31", "wish": "worse cost lost"},
			"P0017=2027-01-31 P0018 P0019? P0023? P0022 P0021 leave?",
		},
		{
			"disability", map[string]string{"who": "adult", "matter": "cost work", "insurance": "work"},
			"work-high-cost sickness-benefit",
		},
		{"disability", map[string]string{"who": "child", "matter": "mind"}, "P0092 P0095 P0066? P0077? P0097?"},
		{
			"disability", map[string]string{"who": "adult", "matter": "soul cost", "insurance": "national"},
			"P0083 P0082 P0093 P0094 P0095 disability-pension? P0097?",
		},
		{
			"disaster", map[string]string{"day": "2026-11-01", "harm": "home", "stay": "no"},
			"photos P0027 P0103? P0101?=2027-11-30 P0104? waive P0085? insurer",
		},
		{"disaster", map[string]string{"harm": "card person"}, "P0104? P0102 cards"},
		{
			"death", map[string]string{"died": "2026-11-20", "insurance": "late", "was": "pension head care"},
			// The seventh day counts the day itself; the 26th is a Thursday. 14 days: Friday the 4th. Ten days: Monday
			// the 30th. Three months: Saturday, so Monday.
			"death-notice=2026-11-26 P0089 household=2026-12-04 care-insurance=2026-12-04 pension-stop?=2026-11-30 " +
				"P0090 P0088 survivors-pension? renounce=2027-02-22 contracts",
		},
		{ // from the end of a month to the end of one
			"death", map[string]string{"died": "2027-02-28", "insurance": "late", "was": "income"},
			"death-notice=2027-03-08 P0089 P0088 survivors-pension? renounce=2027-05-31 tax-return=2027-06-30 " +
				"inheritance-tax?=2028-01-04 contracts",
		},
		{
			"death", map[string]string{"insurance": "national", "was": "dog property"},
			"death-notice P0089 P0080 national-funeral survivors-pension? renounce inheritance-tax? land " +
				"P0043 contracts",
		},
	} {
		if got := planOf(t, c.event, c.given); got != c.want {
			t.Errorf("%s %v gives\n%s, want\n%s", c.event, c.given, got, c.want)
		}
	}
}
