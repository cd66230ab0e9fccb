package form

import (
	"slices"
	"strings"

	"madoguchi/proto/rule"
)

// Account is of each field that asks for a part of an account of a bank (the shared part "bank") the id: pay_bank,
// pay_branch, pay_kind, pay_number; or what is answered there.
type Account struct{ Bank, Branch, Kind, Number string }

// What is answered for the kind of an account (預金種目).
const (
	ordinary = "ordinary" // 普通
	current  = "current"  // 当座
)

// AccountOf are the fields for the account that a field stands with; false where the form does not ask for a whole one.
func (f *Form) AccountOf(field string) (Account, bool) {
	before := field[:strings.LastIndexByte(field, '_')+1]
	a := Account{before + Bank, before + Branch, before + "kind", before + "number"}
	branch, kind, number := f.byID[a.Branch], f.byID[a.Kind], f.byID[a.Number]
	return a, branch != nil && kind != nil && number != nil && branch.Register == Branch && number.Type == Digits &&
		number.Length == 7 && slices.Contains(kind.Options, ordinary) && slices.Contains(kind.Options, current) &&
		kind.rows == branch.rows && number.rows == branch.rows
}

// In is what is answered for the fields of an account.
func (a Account) In(answers Answers) Account {
	return Account{answers[a.Bank].Text, answers[a.Branch].Text, answers[a.Kind].Text, answers[a.Number].Text}
}

// Post is an account of ゆうちょ銀行 that is answered, as its passbooks have it; false where none is.
func (a Account) Post() (rule.PostAccount, bool) {
	if a.Bank != rule.PostBank || a.Kind != ordinary && a.Kind != current {
		return rule.PostAccount{}, false
	}
	return rule.Transfer{Branch: a.Branch, Current: a.Kind == current, Number: a.Number}.Post()
}

// AccountOfPost is what is answered for an account of ゆうちょ銀行.
func AccountOfPost(post rule.PostAccount) Account {
	t := post.Transfer()
	a := Account{rule.PostBank, t.Branch, ordinary, t.Number}
	if t.Current {
		a.Kind = current
	}
	return a
}
