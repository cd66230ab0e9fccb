package form

import (
	"errors"
	"testing"

	"github.com/maxence-charriere/go-app/v10/pkg/app"

	"madoguchi/frontend/frame/kit"
	"madoguchi/frontend/frame/pagetest"
	"madoguchi/frontend/part/ask"
	engine "madoguchi/proto/form"
	portalv1 "madoguchi/proto/gen/portal/v1"
)

// account is a sheet that asks for a bank and its branch; the lists are told, or an error.
func account(t *testing.T, fails error) (s *Sheet, asked *[]string) {
	t.Helper()
	f, err := engine.ReadChecked([]byte(`{"id":"f","sections":[{"fields":[` +
		`{"id":"pay_bank","length":4,"pad":true,"register":"bank","required":"true","type":"digits"},` +
		`{"id":"pay_branch","length":3,"pad":true,"register":"branch","required":"true","type":"digits"}],"id":"s"}],` +
		`"sign":"card","texts":{"pay_bank":{"en":"Bank","ja":"金融機関"},"pay_branch":{"en":"Branch","ja":"支店"}},` +
		`"version":"1"}`))
	if err != nil {
		t.Fatal(err)
	}
	before := listBanks
	t.Cleanup(func() {
		listBanks = before
		clear(banks)
	})
	asked = new([]string)
	lists := map[string][]*portalv1.Bank{
		"":     {{Code: "0001", Name: "みずほ", Kana: "ミズホ"}, {Code: "9900", Name: "ゆうちょ", Kana: "ユウチヨ"}},
		"0001": {{Code: "100", Name: "本店", Kana: "ホンテン"}}, "9900": {{Code: "018", Name: "〇一八", Kana: "ゼロイチハチ"}},
	}
	listBanks = func(
		v *ask.Visit, _ *ask.Question, bank string, heard func(app.Context, *portalv1.ListBanksResponse, error),
	) {
		*asked = append(*asked, bank)
		heard(v.Page, &portalv1.ListBanksResponse{Banks: lists[bank]}, fails)
	}
	return New(f, engine.Moment{Today: "2026-11-26", Office: "131105"}, nil), asked
}

// A bank and its branch are found by their names, and the answers are their codes; another bank takes the branch back.
func TestABankIsFoundByItsName(t *testing.T) {
	ctx, _ := pagetest.Context(t)
	s, asked := account(t, nil)
	bank, branch := at(s, "pay_bank"), at(s, "pay_branch")
	bank.OnMount(ctx)
	branch.OnMount(ctx)
	html := drawn(t, s)
	pagetest.Has(t, html, `id="f-pay_bank"`, `role="combobox"`)
	pagetest.HasNot(t, html, `id="f-pay_branch-list"`) // whose, is not known
	choose := func(of *field, item kit.Item) {
		t.Helper()
		box, is := of.body(s.fields[of.ID]).(*kit.Combobox)
		if !is {
			t.Fatalf("%s is no list", of.ID)
		}
		box.OnSelect(ctx, item)
	}
	choose(bank, banks[""][0])
	choose(branch, banks["0001"][0])
	if s.Answers["pay_bank"].Text != "0001" || s.Answers["pay_branch"].Text != "100" || !s.Result.Fine() {
		t.Errorf("%s, %+v", s.Answers.Canonical(), s.Result.Faults)
	}
	pagetest.Has(t, drawn(t, s), "みずほ", "本店")
	said := pagetest.Drawn(t, &page{of: s, body: func() []app.UI { return Review(s.Result, s.Form, nil, nil) }})
	pagetest.Has(t, said, "みずほ", "（0001）", "本店", "（100）")

	choose(bank, banks[""][1])
	if _, is := s.Answers["pay_branch"]; is {
		t.Error("the branch of another bank stays")
	}
	pagetest.HasNot(t, drawn(t, s), "本店")
	if len(*asked) != 3 {
		t.Errorf("asked for %q", *asked)
	}
}

// A code that no list has is taken, and doubted; one that is half typed is neither.
func TestABankThatIsInNoList(t *testing.T) {
	ctx, _ := pagetest.Context(t)
	s, _ := account(t, nil)
	bank := at(s, "pay_bank")
	bank.OnMount(ctx)
	box := bank.body(s.fields["pay_bank"]).(*kit.Combobox)
	for typed, want := range map[string]string{" ８８８８ ": "8888", "888": "", "みず": "", "88888": ""} {
		if item, is := box.Free(typed); is != (want != "") || is && item.Value != want {
			t.Errorf("%q is %+v, %v", typed, item, is)
		}
	}
	s.Put(engine.Answers{"pay_bank": engine.TextOf("8888")})
	pagetest.Has(t, drawn(t, s), "8888", "一覧にない番号です")
	s.Put(engine.Answers{"pay_bank": engine.TextOf("88")}) // from a device without the list
	html := drawn(t, s)
	pagetest.Has(t, html, `value="88"`)
	pagetest.HasNot(t, html, "一覧にない番号です")
}

// Without the lists the codes are typed.
func TestABankWithoutTheLists(t *testing.T) {
	ctx, _ := pagetest.Context(t)
	s, _ := account(t, errors.New("no network"))
	at(s, "pay_bank").OnMount(ctx)
	pagetest.HasNot(t, drawn(t, s), `role="combobox"`)
	at(s, "pay_bank").input(ctx, "1")
	at(s, "pay_branch").input(ctx, "２３")
	if s.Answers["pay_bank"].Text != "0001" || s.Answers["pay_branch"].Text != "023" || !s.Result.Fine() {
		t.Errorf("%s, %+v", s.Answers.Canonical(), s.Result.Faults)
	}
}
