package bank_test

import (
	"slices"
	"strings"
	"testing"

	"madoguchi/backend/japan/bank"
	"madoguchi/proto/rule"
)

func TestBanksAndBranches(t *testing.T) {
	byCode := func(a, b bank.Bank) int { return strings.Compare(a.Code, b.Code) }
	sound := func(list []bank.Bank, digits int) {
		t.Helper()
		if !slices.IsSortedFunc(list, byCode) {
			t.Error("not in the order of the codes")
		}
		for i, b := range list {
			if len(b.Code) != digits || !rule.OnlyDigits(b.Code) || b.Name == "" || b.Kana == "" ||
				i > 0 && list[i-1].Code == b.Code {
				t.Errorf("%+v", b)
			}
		}
	}
	all := bank.All()
	sound(all, 4)
	count := 0
	for _, b := range all {
		list, err := bank.Branches(b.Code)
		if err != nil {
			t.Fatal(err)
		}
		sound(list, 3)
		count += len(list)
	}
	if len(all) < 1000 || count < 25_000 {
		t.Errorf("only %d banks and %d branches", len(all), count)
	}
	is := func(list []bank.Bank, want bank.Bank) {
		t.Helper()
		if !slices.Contains(list, want) {
			t.Errorf("%+v is missing", want)
		}
	}
	is(all, bank.Bank{Code: "9900", Name: "ゆうちょ", Kana: "ユウチヨ"})
	for code, also := range map[string]string{
		"0001": "みずほ銀行 ミズホギンコウ", "1001": "北海道信用金庫", "9900": "ゆうちょ銀行 ユウチヨギンコウ",
	} {
		i := slices.IndexFunc(all, func(b bank.Bank) bool { return b.Code == code })
		if i < 0 || all[i].Also() != also {
			t.Errorf("%s is also %q", code, all[i].Also())
		}
	}
	of, err := bank.Branches("0001")
	if of[0].Also() != "" {
		t.Errorf("a branch is also %q", of[0].Also())
	}
	is(of, bank.Bank{Code: "100", Name: "本店", Kana: "ホンテン"})
	names := bank.Name("9900", "") + bank.Name("0001", "100") + bank.Name("0001", "999") + bank.Name("9999", "")
	if names != "ゆうちょ本店" {
		t.Errorf("they are called %s", names)
	}
	if none, _ := bank.Branches("9999"); err != nil || len(none) != 0 {
		t.Errorf("%v; a bank that is none has %v", err, none)
	}
}
