package guide

import (
	"strings"
	"testing"
	"time"
)

func TestPlansOfFamilyHomeAndWork(t *testing.T) {
	for _, c := range []struct {
		name  string
		event string
		given map[string]string
		want  string
	}{
		{
			"a nursery place, raised alone", "child",
			map[string]string{"age": "preschool", "care": "want", "situation": "single"},
			"P0001? P0002? P0010?=2027-06-30 P0064? checkups vaccination P0011 P0012 P0065 P0067 P0014?=2027-08-31",
		},
		{
			"in a nursery, care now and then, and when ill", "child",
			map[string]string{"age": "preschool", "care": "now sometimes", "situation": "sick vaccine"},
			"P0001? P0002? P0010?=2027-06-30 P0064? checkups vaccination P0071 P0072? P0013 P0068 everyone? P0069",
		},
		{
			"to school next April, no care before", "child",
			map[string]string{"age": "entering", "care": "", "afterschool": "yes", "situation": "cost disability"},
			"P0001? P0002? P0010?=2027-06-30 P0064? checkups vaccination school-checkup P0076? P0070 P0075 P0066 " +
				"day-support P0092? P0091? severe? P0077",
		},
		{
			"high school", "child",
			map[string]string{"age": "high", "situation": "cost"},
			"P0001? P0002? P0010?=2027-06-30 P0064? vaccination high-school high-school-grant P0078?",
		},
		{
			"a pupil; the rest is open", "child",
			map[string]string{"age": "pupil"},
			"P0001? P0002? P0010?=2027-06-30 P0064? vaccination P0071? P0072? P0069? P0076? P0070? P0075? P0065? " +
				"P0067? P0014?=2027-08-31 P0066? day-support? P0092? P0091? severe? P0077?",
		},
		{
			// 14 days after Tuesday the 10th are Tuesday the 24th, 15 the 25th, 30 the 10th of December.
			"to another municipality, with everything", "move",
			map[string]string{
				"kind": "other", "day": "2026-11-10", "family": "child nursery pupil care senior disability",
				"have": "insurance card seal license car dog",
			},
			"P0042 school-leave P0041 post P0032=2026-11-24 P0080=2026-11-24 P0004? P0033=2026-11-24 card " +
				"P0079=2026-11-24 senior=2026-11-24 P0001=2026-11-25 P0064 P0011 P0012 school-new P0076? P0070? " +
				"P0026=2026-11-24 disability-certificate P0095? seal license P0031 vehicle=2026-11-25 P0030? " +
				"dog=2026-12-10 contacts",
		},
		{
			// 14 days end on Monday the 23rd, a holiday.
			"another municipality, alone, the last day is a holiday", "move",
			map[string]string{"kind": "other", "day": "2026-11-09", "family": "", "have": ""},
			"P0042 P0041 post P0032=2026-11-24 P0033=2026-11-24 contacts",
		},
		{
			// 14 days end on Saturday the 2nd of January; offices open on Monday the 4th. 15 days: the 3rd.
			"within the municipality, the last day at the turn of the year", "move",
			map[string]string{
				"kind": "within", "day": "2026-12-19", "family": "child pupil care", "have": "insurance card seal car",
			},
			"P0042 school-leave P0041 post P0033=2027-01-04 card-within=2027-01-04 insurance-within=2027-01-04 " +
				"P0003?=2027-01-04 school-new P0076? care-within=2027-01-04 P0031 vehicle=2027-01-04 P0030? contacts",
		},
		{
			"abroad", "move",
			map[string]string{"kind": "abroad", "family": "child", "have": "insurance card seal car"},
			"P0042 P0041 P0032 P0080 P0004? card-abroad pension-abroad? tax-abroad?",
		},
		{
			"from abroad", "move",
			map[string]string{"kind": "arrive", "day": "2026-11-10", "family": "child", "have": "insurance"},
			"P0041 arrival=2026-11-24 P0079=2026-11-24 P0084?=2026-11-24 P0001=2026-11-25 P0064",
		},
		{
			"where to is all that is known", "move",
			map[string]string{"kind": "abroad"},
			"P0042 school-leave? P0041 P0032 P0080? P0004? card-abroad? pension-abroad? tax-abroad?",
		},
		{
			// Left on Monday the 30th: 14 days end on Monday the 14th.
			"left, looks for work, National Health Insurance", "work",
			map[string]string{
				"kind": "leave", "left": "2026-11-30", "next": "seek", "age": "no", "insurance": "national",
				"children": "nursery",
			},
			"papers choose P0079=2026-12-14 reduction? P0084=2026-12-14 P0085? P0105 resident-tax savings? " +
				"tax-return? childcare",
		},
		{
			// Left on the last day of March: insured until then, 20 days from the 1st of April on end on Tuesday the
			// 20th.
			"left, 60, continues the insurance", "work",
			map[string]string{
				"kind": "leave", "left": "2027-03-31", "next": "rest", "age": "yes",
				"insurance": "continue", "children": "",
			},
			"papers choose continued=2027-04-20 P0084-spouse?=2027-04-14 extend? P0087? resident-tax savings? " +
				"tax-return?",
		},
		{
			"left for a business, as the spouse's dependant", "work",
			map[string]string{
				"kind": "leave", "left": "2026-11-30", "next": "business", "age": "no", "insurance": "spouse",
				"children": "public",
			},
			"papers choose spouse-insurance=2026-12-07 extend? opening resident-tax savings? tax-return? " +
				"P0001=2026-12-15",
		},
		{
			"left to study, the insurance is undecided", "work",
			map[string]string{"kind": "leave", "next": "study", "age": "no", "children": ""},
			"papers choose spouse-insurance? relative-insurance? P0079? reduction? continued? P0084? P0086? " +
				"resident-tax savings? tax-return?",
		},
		{
			"from one job to the next", "work",
			map[string]string{"kind": "leave", "left": "2026-11-30", "next": "job", "children": ""},
			"papers new-employer resident-tax savings?",
		},
		{
			"a job after National Health Insurance", "work",
			map[string]string{"kind": "join", "joined": "2026-12-01", "before": "national", "children": "want"},
			"employer P0080=2026-12-15 reemployment?=2027-01-04 P0011 P0012",
		},
		{
			// Five days end on Sunday the 6th.
			"a job after being a dependant", "work",
			map[string]string{"kind": "join", "joined": "2026-12-01", "before": "dependant", "children": "public"},
			"employer end-dependant=2026-12-07 reemployment?=2027-01-04 P0004",
		},
		{
			"a job after continued insurance", "work",
			map[string]string{"kind": "join", "before": "continue", "children": ""},
			"employer end-continued reemployment?",
		},
		{
			"married, a new name and home, with a child", "marriage",
			map[string]string{
				"kind": "marry", "married": "2026-11-22", "name": "yes", "home": "other", "insurance": "spouse",
				"stepchild": "yes",
			},
			"notice P0032 P0033 card=2026-12-07 seal? license? P0109? bank P0108? car? employer? " +
				"spouse-insurance=2026-11-27 P0080?=2026-12-07 P0110? adoption? single-end? P0003=2026-12-07",
		},
		{
			"married, nothing else changes", "marriage",
			map[string]string{"kind": "marry", "name": "no", "home": "stay", "insurance": "same", "stepchild": "no"},
			"notice employer? P0110?",
		},
		{
			// 14 days end on Monday the 14th, 15 on Tuesday.
			"divorced, back to the former name, with the child", "marriage",
			map[string]string{
				"kind": "divorce", "divorced": "2026-11-30", "name": "yes", "home": "within", "insured": "spouse",
				"child": "mine", "allowance": "them",
			},
			"agree protect? divorce-notice P0033 card-divorce=2026-12-14 seal? license? P0109? bank P0108? car? " +
				"P0079=2026-12-14 P0084=2026-12-14 P0085? child-name? P0001=2026-12-15 P0065 P0067 P0064? P0075? " +
				"P0106? pension-split? property?",
		},
		{
			// Three months after the 30th of November end on the last of February, a Sunday.
			"divorced, keeps the name, the child stays with the other", "marriage",
			map[string]string{
				"kind": "divorce", "divorced": "2026-11-30", "name": "no", "keep": "yes", "home": "stay",
				"insured": "national", "child": "theirs", "allowance": "me",
			},
			"agree protect? divorce-notice keep-name=2027-03-01 household? insurance-household=2026-12-14 P0004 " +
				"pension-split? property?",
		},
		{
			"divorced, the allowance stays", "marriage",
			map[string]string{
				"kind": "divorce", "divorced": "2026-11-30", "name": "no", "keep": "no", "home": "stay",
				"insured": "own", "child": "mine", "allowance": "me",
			},
			"agree protect? divorce-notice household? employer-divorce P0003-divorce=2026-12-14 P0065 P0067 P0064? " +
				"P0075? pension-split? property?",
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := planOf(t, c.event, c.given); got != c.want {
				t.Errorf("%s %v gives\n%s, want\n%s", c.event, c.given, got, c.want)
			}
		})
	}
}

func TestOnlyWhatDecidesIsAsked(t *testing.T) {
	for _, c := range []struct {
		event string
		given answers
		want  string
	}{
		{"child", answers{}, "age situation"},
		{"child", answers{"age": {"preschool", "high"}}, "age care situation"},
		{"child", answers{"age": {"pupil"}}, "age afterschool situation"},
		{"move", answers{}, "kind day family have"},
		{"work", answers{}, "kind children"},
		{"work", answers{"kind": {"leave"}, "next": {"job"}}, "kind left next children"},
		{"work", answers{"kind": {"leave"}, "next": {"seek"}}, "kind left next age insurance children"},
		{"work", answers{"kind": {"join"}}, "kind joined before children"},
		{"marriage", answers{"kind": {"marry"}, "name": {"no"}}, "kind married name home insurance stepchild"},
		{"marriage", answers{"kind": {"divorce"}, "name": {"no"}}, "kind divorced name keep home insured child"},
		{
			"marriage", answers{"kind": {"divorce"}, "name": {"yes"}, "child": {"mine"}},
			"kind divorced name home insured child allowance",
		},
	} {
		e, err := readEvent(files, c.event)
		if err != nil {
			t.Fatal(err)
		}
		var asked []string
		for _, q := range e.plan(c.given, nil, time.Time{}).questions {
			asked = append(asked, q.ID)
		}
		if got := strings.Join(asked, " "); got != c.want {
			t.Errorf("%s %v asks %q, want %q", c.event, c.given, got, c.want)
		}
	}
}
