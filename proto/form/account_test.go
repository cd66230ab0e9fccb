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
	account, is := f.AccountOf("pay_branch")
	for _, part := range []string{"pay_bank", "pay_kind", "pay_number"} {
		if same, of := f.AccountOf(part); !is || !of || same != account {
			t.Errorf("%s is of %+v, %v", part, same, of)
		}
	}
	post, _ := rule.ReadPostAccount("17190", "39339331")
	answers := account.AnswersOf(post)
	if _, is := account.Post(answers); is {
		t.Error("another bank has accounts of that of the post")
	}
	answers["pay_bank"] = TextOf("9900")
	if back, is := account.Post(answers); !is || back != post {
		t.Errorf("%s is %+v, %v", answers.Canonical(), back, is)
	}
	if got := string(answers.Canonical()); got != `{"pay_bank":"9900","pay_branch":"718","pay_kind":"ordinary","pay_number":"3933933"}` {
		t.Error(got)
	}
	if !f.Evaluate(answers, Moment{Today: "2026-11-26", Office: "131105"}).Fine() {
		t.Error("what it becomes is at fault")
	}
	answers["pay_kind"] = Value{}
	if _, is := account.Post(answers); is {
		t.Error("half an account is one")
	}
	giro, _ := rule.ReadPostAccount("00190", "31000")
	if got := account.AnswersOf(giro); got["pay_kind"].Text != "current" || got["pay_branch"].Text != "019" {
		t.Errorf("%s", got.Canonical())
	}
}

func TestFieldsThatAreNoWholeAccount(t *testing.T) {
	for name, fields := range map[string]string{
		"no kind":        payBank + payBranch + payNumber,
		"no number":      payBank + payBranch + payKind + `{"id":"a","type":"int"}`,
		"no branch":      payBank + payKind + payNumber,
		"another kind":   payBank + payBranch + `{"id":"pay_kind","type":"choice","options":["ordinary","savings"]},` + payNumber,
		"eight digits":   payBank + payBranch + payKind + `{"id":"pay_number","type":"digits","length":8}`,
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
