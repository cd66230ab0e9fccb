package form

import (
	"strings"

	"github.com/maxence-charriere/go-app/v10/pkg/app"

	"madoguchi/frontend/frame/kit"
	"madoguchi/frontend/frame/lang"
	engine "madoguchi/proto/form"
	"madoguchi/proto/rule"
)

// passbook is an account of ゆうちょ銀行 as its passbooks have it, that is typed above the question for the branch. It
// answers for branch, kind and number what it becomes; while it is no account, they have no answer, and what is typed
// is kept on the page alone. An account that was answered otherwise is shown in its form, too.
type passbook struct {
	symbol, number string         // as they are typed
	made           engine.Account // what was answered for them
	// What is wrong is said once a field was left.
	leftSymbol, leftNumber bool
}

// postAccount is what is answered for an account of ゆうちょ銀行; empty where another bank is, and at other questions than
// that for its branch.
func (f *field) postAccount() (said engine.Account) {
	if a, is := f.Sheet.Form.AccountOf(f.ID); is && f.ID == a.Branch {
		if said = a.In(f.answers()); said.Bank == rule.PostBank {
			return said
		}
	}
	return engine.Account{}
}

// withPassbook has 記号 and 番号, and what they become, stand before the question for a branch of ゆうちょ銀行.
func (f *field) withPassbook(branch app.UI) app.UI {
	if f.drawn.account.Bank == "" {
		return branch
	}
	p := &f.passbook
	if f.drawn.account != p.made { // by hand below, or it was kept
		post, _ := f.drawn.account.Post()
		*p = passbook{symbol: post.Symbol, number: post.Number, made: f.drawn.account}
		if f.ctx.Context != nil {
			kit.SetValue(f.ctx, f.element()+"-symbol", p.symbol)
			kit.SetValue(f.ctx, f.element()+"-number", p.number)
		}
	}
	var wrongSymbol, wrongNumber, became lang.Text
	switch post, fault := rule.ReadPostAccount(p.symbol, p.number); {
	case fault == rule.PostSound:
		to := engine.AccountOfPost(post)
		kind := f.Sheet.Label(strings.TrimSuffix(f.ID, engine.Branch) + "kind." + to.Kind)
		became = textPostBecomes.F(kind, to.Branch, to.Number)
	case fault == rule.PostSymbol:
		if p.symbol != "" && (p.leftSymbol || f.drawn.told) {
			wrongSymbol = textPostBadSymbol
		}
	case p.number == "" || !p.leftNumber && !f.drawn.told:
	case fault == rule.PostNumber:
		wrongNumber = textPostBadNumber
	case fault == rule.PostGiro:
		wrongNumber = textPostBadGiro
	default:
		wrongNumber = textPostMistype
	}
	return app.Div().Body(
		app.FieldSet().Class("field").Body(
			app.Legend().Class("label").Body(textPost.UI()), textPostHint.P("hint"),
			f.passbookField("-symbol", textPostSymbol, wrongSymbol, &p.symbol, &p.leftSymbol),
			f.passbookField("-number", textPostNumber, wrongNumber, &p.number, &p.leftNumber),
			app.P().Class("hint").Attr("role", "status").Body(became.UI()),
		),
		branch,
	)
}

func (f *field) passbookField(name string, label, wrong lang.Text, typed *string, left *bool) app.UI {
	return kit.Field{
		ID: f.element() + name, Label: label, Error: wrong, Value: *typed, InputMode: "numeric", Short: true,
		OnInput: func(ctx app.Context, now string) {
			*typed = now
			f.answerPassbook(ctx)
		},
		OnBlur: func(app.Context) {
			*left = true
			f.Sheet.still(f.ID)
		},
	}.UI()
}

// answerPassbook answers what is typed, or takes back what was.
func (f *field) answerPassbook(ctx app.Context) {
	s, p := f.Sheet, &f.passbook
	ids, _ := s.Form.AccountOf(f.ID)
	p.made = engine.Account{Bank: rule.PostBank}
	if post, fault := rule.ReadPostAccount(p.symbol, p.number); fault == rule.PostSound {
		p.made = engine.AccountOfPost(post)
	}
	before, was := s.shown, ids.In(f.answers())
	for _, of := range [...]struct{ id, was, is string }{
		{ids.Branch, was.Branch, p.made.Branch}, {ids.Kind, was.Kind, p.made.Kind},
		{ids.Number, was.Number, p.made.Number},
	} {
		if of.was != of.is {
			s.setBeside(ctx, of.id, f.Row, of.is)
		}
	}
	if s.shown == before {
		s.still(f.ID)
	}
}
