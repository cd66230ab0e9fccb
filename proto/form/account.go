package form

import (
	"slices"
	"strings"

	"madoguchi/proto/rule"
)

// Account are the ids of the fields that ask for an account of a bank (the shared part "bank"): pay_bank, pay_branch,
// pay_kind and pay_number.
type Account struct{ Bank, Branch, Kind, Number string }

// What is answered for the kind of an account (預金種目).
const (
	ordinary = "ordinary" // 普通
	current  = "current"  // 当座
)

// AccountOf is the account that a field is a part of; false where the form does not ask for a whole one.
func (f *Form) AccountOf(field string) (Account, bool) {
	before := field
	for _, end := range []string{Bank, Branch, "kind", "number"} {
		if cut, is := strings.CutSuffix(field, end); is {
			before = cut
		}
	}
	a := Account{before + Bank, before + Branch, before + "kind", before + "number"}
	branch, kind, number := f.byID[a.Branch], f.byID[a.Kind], f.byID[a.Number]
	switch {
	case before == field, branch == nil || branch.Register != Branch || branch.Calc != "",
		kind == nil || kind.Type != Choice || kind.rows != branch.rows || kind.Calc != "",
		number == nil || number.Type != Digits || number.Length != 7 || number.rows != branch.rows || number.Calc != "",
		!slices.Contains(kind.Options, ordinary) || !slices.Contains(kind.Options, current):
		return Account{}, false
	}
	return a, true
}

// Post is the account of ゆうちょ銀行 that is answered, as its passbooks have it; false where none is.
func (a Account) Post(answers Answers) (rule.PostAccount, bool) {
	kind := answers[a.Kind].Text
	if answers[a.Bank].Text != rule.PostBank || kind != ordinary && kind != current {
		return rule.PostAccount{}, false
	}
	return rule.Transfer{
		Branch: answers[a.Branch].Text, Current: kind == current, Number: answers[a.Number].Text,
	}.Post()
}

// AnswersOf are those of an account of ゆうちょ銀行 to the questions for branch, kind and number.
func (a Account) AnswersOf(post rule.PostAccount) Answers {
	t, kind := post.Transfer(), ordinary
	if t.Current {
		kind = current
	}
	return Answers{a.Branch: TextOf(t.Branch), a.Kind: TextOf(kind), a.Number: TextOf(t.Number)}
}
