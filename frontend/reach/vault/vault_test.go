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

func TestReceipts(t *testing.T) {
	Clear()
	t.Cleanup(Clear)
	var number int
	if HasReceipt("account", &number) {
		t.Fatal("a receipt of nothing")
	}
	Receipt("account", 7)
	if !HasReceipt("account", &number) || number != 7 || HasDraft() || len(Left()) > 0 {
		t.Errorf("%d, %v", number, Left())
	}
	if DropAll(); !HasReceipt("account", &number) {
		t.Error("a receipt goes with the drafts, before the page can tell")
	}
	if DropReceipts(); HasReceipt("account", &number) {
		t.Error("the receipt stays")
	}
	Receipt("account", 7)
	if DropReceipt("account"); HasReceipt("account", &number) {
		t.Error("the receipt stays")
	}
	Receipt("account", 7)
	if wipeHere([]Kind{Drafts}); HasReceipt("account", &number) {
		t.Error("who wipes what was typed leaves a receipt")
	}
}
