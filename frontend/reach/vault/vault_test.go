package vault

import "testing"

type form struct{ Name string }

func TestDrafts(t *testing.T) {
	DropAll()
	var f form
	if Load("account", &f) || HasDraft() {
		t.Fatal("a draft that nobody kept")
	}
	Belong("card-a")
	Save("account", form{Name: "花子"})
	if !Load("account", &f) || f.Name != "花子" || !HasDraft() {
		t.Fatalf("%+v", f)
	}
	Belong("card-a")
	if !Load("account", &f) {
		t.Error("a draft is gone after the same person logged in again")
	}
	Belong("card-b")
	if Load("account", &f) {
		t.Error("a draft is there for somebody else")
	}
	Save("account", form{Name: "太郎"})
	Drop("account")
	if Load("account", &f) {
		t.Error("a dropped draft is there")
	}
	Save("account", []int{1})
	if Load("account", &f) {
		t.Error("a draft of another shape fits")
	}
	DropAll()
}
