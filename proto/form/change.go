package form

import (
	"slices"
	"strings"
)

// Change is how a new version of a form differs for somebody who began under the one before.
type Change struct {
	Kind  ChangeKind
	Field string
	// Option is the one that there is no more, of OptionGone.
	Option string
	// Answered: the draft has an answer that is touched by it.
	Answered bool
}

// ChangeKind is what changed.
type ChangeKind string

// Kinds of changes, in the order in which they matter.
const (
	FieldGone   ChangeKind = "gone"
	FieldNew    ChangeKind = "new"
	KindChanged ChangeKind = "kind"        // another type, or into or out of rows
	OptionGone  ChangeKind = "option-gone" // what may have been chosen
	OptionNew   ChangeKind = "option-new"
	RuleChanged ChangeKind = "rule"    // when it is shown or required, its bounds, what is computed
	TextChanged ChangeKind = "text"    // what is asked
	CheckNew    ChangeKind = "check"   // Field is the check
	SignChanged ChangeKind = "sign"    // how it is signed; Field is empty
	LawChanged  ChangeKind = "law"     // what it rests on
	DueChanged  ChangeKind = "due"     // the deadline
	CheckGone   ChangeKind = "uncheck" // Field is the check
)

// Holds says whether a form holds on a day of arrival.
func (d Definition) Holds(day string) bool {
	return d.ValidFrom <= day && (d.ValidUntil == "" || day <= d.ValidUntil)
}

// Holding is the newest of some versions of a form that holds on a day: by valid_from, then as they stand.
func Holding(versions []*Form, day string) (*Form, bool) {
	var best *Form
	for _, f := range versions {
		if f.Holds(day) && (best == nil || f.ValidFrom >= best.ValidFrom) {
			best = f
		}
	}
	return best, best != nil
}

// Changes says what is different in the form to, for a draft under the form from.
func Changes(from, to *Form, draft Answers) []Change {
	var list []Change
	add := func(kind ChangeKind, q *question, option string) {
		list = append(list, Change{kind, q.ID, option, touched(draft, q, option)})
	}
	for _, q := range from.questions {
		if to.byID[q.ID] == nil {
			add(FieldGone, q, "")
		}
	}
	for _, q := range to.questions {
		was := from.byID[q.ID]
		switch {
		case was == nil:
			add(FieldNew, q, "")
			continue
		case !sameKind(was, q):
			add(KindChanged, was, "")
			continue
		}
		for _, o := range was.Options {
			if !slices.Contains(q.Options, o) {
				add(OptionGone, q, o)
			}
		}
		for _, o := range q.Options {
			if !slices.Contains(was.Options, o) {
				add(OptionNew, q, o)
			}
		}
		if !sameRule(was, q) {
			add(RuleChanged, q, "")
		}
		if !sameText(from, to, q) {
			add(TextChanged, q, "")
		}
	}
	list = append(list, changedChecks(from, to)...)
	if from.Sign != to.Sign || !sameCosign(from.Cosign, to.Cosign) {
		list = append(list, Change{Kind: SignChanged})
	}
	if !slices.Equal(from.Laws, to.Laws) {
		list = append(list, Change{Kind: LawChanged})
	}
	if (from.Deadline == nil) != (to.Deadline == nil) || from.Deadline != nil &&
		(from.Deadline.From != to.Deadline.From || from.Deadline.Days != to.Deadline.Days) {
		list = append(list, Change{Kind: DueChanged})
	}
	return list
}

func sameCosign(a, b *Cosign) bool {
	if a == nil || b == nil {
		return a == b
	}
	return a.Name == b.Name && a.Birth == b.Birth && a.ShowIf == b.ShowIf
}

func changedChecks(from, to *Form) []Change {
	var list []Change
	same := func(in *Form, c Check) bool {
		return slices.ContainsFunc(in.Checks, func(o Check) bool {
			return o.ID == c.ID && o.When == c.When && o.Level == c.Level && slices.Equal(o.At, c.At)
		})
	}
	for _, c := range to.Checks {
		if !same(from, c) {
			list = append(list, Change{Kind: CheckNew, Field: c.ID})
		}
	}
	for _, c := range from.Checks {
		if !slices.ContainsFunc(to.Checks, func(o Check) bool { return o.ID == c.ID }) {
			list = append(list, Change{Kind: CheckGone, Field: c.ID})
		}
	}
	return list
}

func sameKind(a, b *question) bool {
	if (a.rows == nil) != (b.rows == nil) || a.rows != nil && a.rows.ID != b.rows.ID {
		return false
	}
	return a.Type == b.Type && (a.calc == nil) == (b.calc == nil)
}

func sameRule(a, b *question) bool {
	return a.section.ShowIf == b.section.ShowIf && a.ShowIf == b.ShowIf && a.Required == b.Required && a.Min == b.Min &&
		a.Max == b.Max && a.Length == b.Length && a.Pad == b.Pad && a.Calc == b.Calc &&
		slices.Equal(a.Accept, b.Accept) && a.OriginalByPost == b.OriginalByPost && a.KeepMetadata == b.KeepMetadata
}

func sameText(from, to *Form, q *question) bool {
	keys := []string{q.ID, q.ID + ".help", q.ID + ".row"}
	for _, o := range q.Options {
		if _, was := from.Texts[q.ID+"."+o]; was {
			keys = append(keys, q.ID+"."+o)
		}
	}
	return !slices.ContainsFunc(keys, func(key string) bool { return from.Texts[key] != to.Texts[key] })
}

// touched says whether a draft has an answer to a question: of an option, that very one.
func touched(draft Answers, q *question, option string) bool {
	has := func(a Answers) bool {
		v := a[q.ID]
		switch {
		case option == "" || v.isEmpty():
			return !v.isEmpty()
		case v.Kind == TextsAnswer:
			return slices.Contains(v.Texts, option)
		}
		return v.Text == option
	}
	if q.rows == nil {
		return has(draft)
	}
	return slices.ContainsFunc(draft[q.rows.ID].Rows, has)
}

// Carry takes a draft over into another version: what still fits comes along, what does not is told apart, so that it
// can be shown and nothing is lost in silence. Answers of fields that are hidden come along, too.
func Carry(to *Form, draft Answers) (carried, left Answers) {
	return carry(to, nil, draft)
}

func carry(to *Form, rows *question, draft Answers) (carried, left Answers) {
	carried, left = Answers{}, Answers{}
	for id, v := range draft {
		q := to.byID[id]
		switch {
		case q == nil || q.rows != rows || q.Type == Note || v.Kind != kindOf[q.typ] && !v.isEmpty():
			left[id] = v
		case q.calc != nil: // computed anew
		case q.Type == Rows:
			kept, lost := Value{Kind: RowsAnswer}, Value{Kind: RowsAnswer}
			some := false
			for _, row := range v.Rows {
				k, l := carry(to, q, row)
				kept.Rows, lost.Rows = append(kept.Rows, k), append(lost.Rows, l)
				some = some || len(l) > 0
			}
			carried[id] = kept
			if some {
				left[id] = lost
			}
		case len(q.Options) > 0:
			carryOptions(q, v, carried, left)
		default:
			carried[id] = v
		}
	}
	return carried, left
}

func carryOptions(q *question, v Value, carried, left Answers) {
	if v.Kind == TextAnswer {
		if to := carried; slices.Contains(q.Options, v.Text) || strings.TrimSpace(v.Text) == "" {
			to[q.ID] = v
			return
		}
		left[q.ID] = v
		return
	}
	var kept, lost []string
	for _, o := range v.Texts {
		if slices.Contains(q.Options, o) {
			kept = append(kept, o)
			continue
		}
		lost = append(lost, o)
	}
	if len(kept) > 0 {
		carried[q.ID] = TextsOf(kept...)
	}
	if len(lost) > 0 {
		left[q.ID] = TextsOf(lost...)
	}
}
