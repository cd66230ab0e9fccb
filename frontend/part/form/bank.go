package form

import (
	"strings"

	"github.com/maxence-charriere/go-app/v10/pkg/app"

	"madoguchi/frontend/frame/kit"
	"madoguchi/frontend/part/ask"
	"madoguchi/frontend/reach/rpc"
	engine "madoguchi/proto/form"
	portalv1 "madoguchi/proto/gen/portal/v1"
	"madoguchi/proto/gen/portal/v1/portalv1web"
	"madoguchi/proto/rule"
)

// banks are what the portal told: the branches of a bank by its code, the banks by "".
var banks = map[string][]kit.Item{}

// listBanks asks for them; tests have ones of their own.
var listBanks = func(
	v *ask.Visit, q *ask.Question, bank string, heard func(app.Context, *portalv1.ListBanksResponse, error),
) {
	ask.For(v, q, rpc.To(portalv1web.NewDraftService).ListBanks, &portalv1.ListBanksRequest{Bank: bank}, heard)
}

// learn has the banks, or the branches of one, be known; done is called when they came just now.
func learn(v *ask.Visit, q *ask.Question, bank string, done func(ctx app.Context)) {
	if _, known := banks[bank]; known {
		return
	}
	listBanks(v, q, bank, func(ctx app.Context, got *portalv1.ListBanksResponse, err error) {
		if err != nil {
			return // the code can be typed
		}
		items := make([]kit.Item, len(got.GetBanks()))
		for i, b := range got.GetBanks() {
			keys := b.GetKana() + " " + b.GetAlso()
			items[i] = kit.Item{Value: b.GetCode(), Label: b.GetName(), Note: b.GetCode(), Keys: keys}
		}
		banks[bank] = items
		done(ctx)
	})
}

// bankOf is the bank whose list a question chooses from, "" for the list of banks; false while that is not known.
func bankOf(one *engine.Field, answers engine.Answers) (bank string, is bool) {
	if one.Register != engine.Branch {
		return "", one.Register == engine.Bank
	}
	bank = answers[one.BankOf()].Text
	return bank, len(bank) == 4 && rule.OnlyDigits(bank)
}

// named is a code with its name; false where the list does not have it, or is not known.
func named(bank, code string) (kit.Item, bool) {
	for _, item := range banks[bank] {
		if item.Value == code {
			return item, true
		}
	}
	return kit.Item{}, false
}

// whole says that a text is a code by its looks.
func whole(one *engine.Field, code string) bool {
	return len(code) == one.Length && rule.OnlyDigits(code)
}

func (f *field) answers() engine.Answers {
	if f.Row != nil {
		return f.Row.answers
	}
	return f.Sheet.Answers
}

// learn asks for the list that the question chooses from, once it is shown.
func (f *field) learn() {
	one := f.Sheet.fields[f.ID]
	bank, is := bankOf(one, f.answers())
	if !is || !f.Sheet.Result.Shown(f.ID, f.spot().Row) || f.tried == bank+";" {
		return
	}
	f.tried = bank + ";"
	learn(&f.visit, &f.asked, bank, func(ctx app.Context) {
		// The field that is typed into becomes one to choose in.
		if !app.IsServer && app.Window().Get("document").Get("activeElement").Get("id").String() == f.element() {
			kit.Focus(ctx, f.element())
		}
		f.ctx.Update()
	})
}

// unlisted says that a code is in no list: that of a new bank, or a slip.
func (f *field) unlisted() bool {
	one := f.Sheet.fields[f.ID]
	bank, is := bankOf(one, f.answers())
	code := f.value().Text
	if _, known := named(bank, code); !is || known || !whole(one, code) {
		return false
	}
	return len(banks[bank]) > 0
}

// register is the field for a code that is found by its name. Where the list is not to be had, or while somebody
// types, it is plain.
func (f *field) register(one *engine.Field, plain kit.Field) app.UI {
	bank, is := bankOf(one, f.answers())
	items, code := banks[bank], f.value().Text
	if !is || len(items) == 0 || f.typing || code != "" && !whole(one, code) {
		return f.withPassbook(plain.UI())
	}
	if f.drawn.unlisted {
		items = append([]kit.Item{{Value: code, Label: code}}, items...)
	}
	return f.withPassbook(&kit.Combobox{
		ID: plain.ID, Label: plain.Label, Hint: plain.Hint, Error: plain.Error, Required: plain.Required, Items: items,
		Value: code,
		OnSelect: func(ctx app.Context, item kit.Item) {
			f.set(ctx, engine.TextOf(item.Value))
			f.unchoose(ctx)
		},
		Free: func(typed string) (kit.Item, bool) {
			typed = strings.TrimSpace(typed)
			v := f.Sheet.Form.Clean(f.ID, typed)
			return kit.Item{Value: v.Text, Label: v.Text}, len(typed) >= one.Length && whole(one, v.Text)
		},
	})
}

// unchoose takes back the branch of the bank before.
func (f *field) unchoose(ctx app.Context) {
	before, is := strings.CutSuffix(f.ID, engine.Bank)
	branch := f.Sheet.fields[before+engine.Branch]
	if !is || branch == nil || branch.Register != engine.Branch {
		return
	}
	f.Sheet.setBeside(ctx, branch.ID, f.Row, "")
}

// setBeside answers a question by hand, but at another one: it is drawn anew, and nothing is said to be wrong there
// yet.
func (s *Sheet) setBeside(ctx app.Context, id string, row *slot, text string) {
	there := s.mounted[seat{id, row}]
	if there != nil {
		there.typing = false
		delete(s.told, there.spot())
	}
	s.set(ctx, id, row, engine.TextOf(text))
	if there == nil {
		return
	}
	if text == "" && s.fields[id].Type != engine.Choice { // whose element has the value of an option
		kit.SetValue(there.ctx, there.element(), "")
	}
	there.resolve()
	s.redraw(there)
}

// shownIn is Shown of a question among its answers: a branch has a name only with its bank, and a number of ゆうちょ銀行
// stands in no passbook as other banks ask for it.
func shownIn(form *engine.Form, one *engine.Field, answers engine.Answers) app.UI {
	if a, is := form.AccountOf(one.ID); is && one.ID == a.Number {
		if post, is := a.In(answers).Post(); is {
			said := textPostAccount.F(post.Symbol, post.Number).Span("hint")
			return app.Span().Body(app.Text(answers[one.ID].Text+" "), said)
		}
	}
	if code := answers[one.ID].Text; code != "" {
		if bank, is := bankOf(one, answers); is {
			return &bankName{Bank: bank, Code: code}
		}
	}
	return Shown(form, one, answers[one.ID])
}

// bankName is the name of a bank or a branch with its code, as soon as it is known.
type bankName struct {
	app.Compo
	Bank, Code string

	visit ask.Visit
	asked ask.Question
}

// OnMount asks for the name.
func (n *bankName) OnMount(ctx app.Context) {
	n.visit.Begin(ctx)
	n.OnUpdate(ctx)
}

// OnUpdate asks for the name of another one.
func (n *bankName) OnUpdate(ctx app.Context) {
	learn(&n.visit, &n.asked, n.Bank, func(app.Context) { ctx.Update() })
}

// OnDismount gives up.
func (n *bankName) OnDismount() { n.visit.End() }

// Render draws the name and the code, or the code until then.
func (n *bankName) Render() app.UI {
	if item, known := named(n.Bank, n.Code); known {
		return app.Span().Body(app.Elem("bdi").Text(item.Label), app.Text("（"+n.Code+"）"))
	}
	return app.Span().Text(n.Code)
}
