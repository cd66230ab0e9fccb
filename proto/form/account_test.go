package form

import (
	"testing"

	"madoguchi/proto/rule"
)

const (
	payBank   = `{"id":"pay_bank","type":"digits","length":4,"register":"bank"},`
	payBranch = `{"id":"pay_branch","type":"digits","length":3,"register":"branch"},`
	payKind   = `{"id":"pay_kind","type":"choice","options":["ordinary","current"]},`
	payNumber = `{"id":"pay_number","type":"digits","length":7}`
)

func TestAccountOfTheBankOfThePost(t *testing.T) {
	f, err := ReadChecked([]byte(definition(payBank+payBranch+payKind+payNumber, "")))
	if err != nil {
		t.Fatal(err)
	}
	ids, is := f.AccountOf("pay_branch")
	for _, part := range []string{"pay_bank", "pay_kind", "pay_number"} {
		if same, of := f.AccountOf(part); !is || !of || same != ids {
			t.Errorf("%s is of %+v, %v", part, same, of)
		}
	}
	post, _ := rule.ReadPostAccount("17190", "39339331")
	account := AccountOfPost(post)
	if account != (Account{"9900", "718", "ordinary", "3933933"}) {
		t.Errorf("%+v", account)
	}
	answers := Answers{
		"pay_bank": TextOf(account.Bank), "pay_branch": TextOf(account.Branch), "pay_kind": TextOf(account.Kind),
		"pay_number": TextOf(account.Number),
	}
	if back, is := ids.In(answers).Post(); !is || back != post {
		t.Errorf("%s is %+v, %v", answers.Canonical(), back, is)
	}
	if !f.Evaluate(answers, Moment{Today: "2026-11-26", Office: "131105"}).Fine() {
		t.Error("what it becomes is at fault")
	}
	giro, _ := rule.ReadPostAccount("00190", "31000")
	if got := AccountOfPost(giro); got != (Account{"9900", "019", "current", "0031000"}) {
		t.Errorf("%+v", got)
	}
	for _, none := range []Account{
		{}, {"0001", "718", "ordinary", "3933933"}, {"9900", "718", "", "3933933"},
		{"9900", "718", "current", "3933933"},
		{"9900", "", "ordinary", "3933933"}, {"9900", "718", "ordinary", ""},
	} {
		if post, is := none.Post(); is || post != (rule.PostAccount{}) {
			t.Errorf("%+v is %+v", none, post)
		}
	}
}

func TestFieldsThatAreNoWholeAccount(t *testing.T) {
	for name, fields := range map[string]string{
		"no kind":      payBank + payBranch + payNumber,
		"no number":    payBank + payBranch + payKind + `{"id":"a","type":"int"}`,
		"no branch":    payBank + payKind + payNumber,
		"another kind": payBank + payBranch + `{"id":"pay_kind","type":"choice","options":["ordinary","savings"]},` + payNumber,
		"eight digits": payBank + payBranch + payKind + `{"id":"pay_number","type":"digits","length":8}`,
		"number of rows": payBank + payBranch + payKind +
			`{"id":"r","type":"rows","max":2,"fields":[` + payNumber + `]}`,
	} {
		f, err := ReadChecked([]byte(definition(fields, "")))
		if err != nil {
			t.Fatal(name, err)
		}
		for _, id := range []string{"pay_bank", "pay_branch", "pay_kind", "pay_number", "a", "r", "none"} {
			if account, is := f.AccountOf(id); is {
				t.Errorf("%s: %s is of %+v", name, id, account)
			}
		}
	}
}
