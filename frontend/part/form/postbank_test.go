package form

import (
	"testing"

	"github.com/maxence-charriere/go-app/v10/pkg/app"

	"madoguchi/frontend/frame/lang"
	"madoguchi/frontend/frame/pagetest"
	engine "madoguchi/proto/form"
)

// postSheet asks for a whole account.
func postSheet(t *testing.T) *Sheet {
	t.Helper()
	account(t, nil) // the lists of banks
	f, err := engine.ReadChecked([]byte(`{"id":"f","sections":[{"fields":[` +
		`{"id":"pay_bank","length":4,"pad":true,"register":"bank","required":"true","type":"digits"},` +
		`{"id":"pay_branch","length":3,"pad":true,"register":"branch","required":"true","type":"digits"},` +
		`{"id":"pay_kind","options":["ordinary","current"],"required":"true","type":"choice"},` +
		`{"id":"pay_number","length":7,"pad":true,"required":"true","type":"digits"}],"id":"s"}],"sign":"card",` +
		`"texts":{"pay_bank":{"en":"Bank","ja":"金融機関"},"pay_branch":{"en":"Branch","ja":"支店"},` +
		`"pay_kind":{"en":"Kind","ja":"種別"},"pay_kind.ordinary":{"en":"Ordinary","ja":"普通"},` +
		`"pay_kind.current":{"en":"Current","ja":"当座"},"pay_number":{"en":"Number","ja":"口座番号"}},"version":"1"}`))
	if err != nil {
		t.Fatal(err)
	}
	return New(f, engine.Moment{Today: "2026-11-26", Office: "131105"}, nil)
}

// typist types 記号 and 番号 above the question for the branch.
type typist struct {
	t   *testing.T
	ctx app.Context
	*field
}

func newTypist(t *testing.T, s *Sheet) typist {
	ctx, _ := pagetest.Context(t)
	y := typist{t, ctx, at(s, "pay_branch")}
	y.reads()
	return y
}

func (y typist) types(symbol, number string) string {
	y.t.Helper()
	y.passbook.symbol, y.passbook.number = symbol, number
	y.answerPassbook(y.ctx)
	y.passbook.leftSymbol, y.passbook.leftNumber = true, true
	return y.reads()
}

func (y typist) reads() string {
	y.t.Helper()
	return pagetest.Drawn(y.t, &page{body: func() []app.UI { return []app.UI{y.Render()} }})
}

// An account of ゆうちょ銀行 is typed as its passbook has it; answered is what other banks call it, and both are read again.
func TestAnAccountOfThePostBankIsTypedAsItsPassbookHasIt(t *testing.T) {
	s := postSheet(t)
	s.Put(engine.Answers{"pay_bank": engine.TextOf("0001")})
	pagetest.HasNot(t, drawn(t, s), "記号")
	s.Put(engine.Answers{"pay_bank": engine.TextOf("9900")})
	pagetest.Has(t, drawn(t, s), "記号・番号（ゆうちょ銀行）", `id="f-pay_branch-symbol"`, `id="f-pay_branch-number"`)

	y := newTypist(t, s)
	pagetest.Has(t, y.types("１７１９０", "3933 9331"), "普通・店番718・口座番号3933933になります。", `value="１７１９０"`)
	if s.Answers["pay_branch"].Text != "718" || s.Answers["pay_kind"].Text != "ordinary" ||
		s.Answers["pay_number"].Text != "3933933" || !s.Result.Fine() {
		t.Errorf("%s, %+v", s.Answers.Canonical(), s.Result.Faults)
	}
	review := func() []app.UI { return Review(s.Result, s.Form, nil, nil) }
	pagetest.Has(t, pagetest.Drawn(t, &page{of: s, body: review}), "718", "3933933", "記号 17190 番号 39339331")
	pagetest.Has(t, drawn(t, s), `value="17190"`, `value="39339331"`) // as from a draft

	pagetest.Has(t, y.types("00190-5", "31000"), "当座・店番019・口座番号0031000になります。")
	if !s.Result.Fine() || s.Answers["pay_kind"].Text != "current" {
		t.Errorf("%s, %+v", s.Answers.Canonical(), s.Result.Faults)
	}

	// What is answered by hand is shown as the passbook has it, too, where it has.
	at(s, "pay_kind").set(y.ctx, engine.TextOf("ordinary"))
	html := y.reads()
	pagetest.HasNot(t, html, "になります", "00190-5")
	at(s, "pay_branch").set(y.ctx, engine.TextOf("718"))
	at(s, "pay_number").set(y.ctx, engine.TextOf("3933933"))
	pagetest.Has(t, y.reads(), `value="17190"`, `value="39339331"`)
}

// What is no account takes the answers back, so that nothing is sent that was not typed.
func TestWhatIsNoAccountOfThePostBank(t *testing.T) {
	for c, said := range map[lang.Code][4]string{
		"ja": {"0で終わる5けた", "1で終わる、8けたまで", "6けたまで", "合いません"},
		"en": {"five digits that begin", "eight digits that end", "up to six digits", "do not fit"},
	} {
		pagetest.In(t, c)
		s := postSheet(t)
		s.Put(engine.Answers{"pay_bank": engine.TextOf("9900")})
		y := newTypist(t, s)
		for i, wrong := range [][2]string{
			{"1719", "39339331"}, {"17190", "39339332"}, {"00190", "1310000"}, {"17190", "39339341"},
		} {
			y.types("17190", "39339331")
			pagetest.Has(t, y.types(wrong[0], wrong[1]), said[i], `value="`+wrong[1]+`"`)
			for _, id := range []string{"pay_branch", "pay_kind", "pay_number"} {
				if v, is := s.Answers[id]; is {
					t.Errorf("%q leaves %s %s", wrong, id, v.Text)
				}
			}
		}
		// Nothing is said while somebody still types.
		y = newTypist(t, s)
		y.passbook.symbol, y.passbook.number = "171", "3"
		html := y.reads()
		for _, wrong := range said {
			pagetest.HasNot(t, html, wrong)
		}
		s.Check("s") // but when they want to go on
		pagetest.Has(t, y.reads(), said[0])
	}
}
