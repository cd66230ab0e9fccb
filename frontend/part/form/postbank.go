package form

import (
	"github.com/maxence-charriere/go-app/v10/pkg/app"

	"madoguchi/frontend/frame/kit"
	"madoguchi/frontend/frame/lang"
	engine "madoguchi/proto/form"
	"madoguchi/proto/rule"
)

// accountAt is what is answered for an account of ゆうちょ銀行, in one text; empty where another bank is, or none.
func accountAt(a engine.Account, answers engine.Answers) string {
	if answers[a.Bank].Text != rule.PostBank {
		return ""
	}
	return ";" + answers[a.Branch].Text + ";" + answers[a.Kind].Text + ";" + answers[a.Number].Text
}

// withPost has 記号 and 番号 stand before the question for a branch of ゆうちょ銀行.
func (f *field) withPost(branch app.UI) app.UI {
	if f.drawn.account == "" {
		return branch
	}
	return app.Div().Body(
		&postAccount{Of: f, Answered: f.drawn.account, Told: f.drawn.told, Language: lang.Current()}, branch,
	)
}

// postAccount asks for an account of ゆうちょ銀行 as its passbooks have it, and answers for branch, kind and number what it
// becomes. While what is typed is no account, they have no answer, and what is typed is kept on the page alone. An
// account that was answered otherwise is shown in its form, too.
type postAccount struct {
	app.Compo
	Of       *field // the branch
	Answered string // accountAt
	Told     bool   // somebody wanted to go on, and hears what is wrong
	Language lang.Code

	ctx            app.Context
	symbol, number string // as they are typed
	made           string // Answered, as this made it
	// What is wrong is said once a field was left.
	leftSymbol, leftNumber bool
}

// OnMount keeps the context to write with.
func (p *postAccount) OnMount(ctx app.Context) { p.ctx = ctx }

func (p *postAccount) account() engine.Account {
	a, _ := p.Of.Sheet.Form.AccountOf(p.Of.ID)
	return a
}

// Render draws the two fields and what they become.
func (p *postAccount) Render() app.UI {
	id, account := p.Of.element(), p.account()
	if p.Answered != p.made { // by hand below, or it was kept
		post, _ := account.Post(p.Of.answers())
		p.symbol, p.number, p.made = post.Symbol, post.Number, p.Answered
		p.leftSymbol, p.leftNumber = false, false
		if p.ctx.Context != nil {
			kit.SetValue(p.ctx, id+"-symbol", p.symbol)
			kit.SetValue(p.ctx, id+"-number", p.number)
		}
	}
	input := func(name string, label lang.Text, typed *string, left *bool) kit.Field {
		return kit.Field{
			ID: id + name, Label: label, Value: *typed, InputMode: "numeric", Short: true,
			OnInput: func(ctx app.Context, now string) {
				*typed = now
				p.answer(ctx)
			},
			OnBlur: func(app.Context) {
				*left = true
				p.Of.Sheet.still(p.Of.ID)
			},
		}
	}
	symbol := input("-symbol", textPostSymbol, &p.symbol, &p.leftSymbol)
	number := input("-number", textPostNumber, &p.number, &p.leftNumber)
	became := lang.Text{}
	post, fault := rule.ReadPostAccount(p.symbol, p.number)
	switch {
	case fault == rule.PostSound:
		to := account.AnswersOf(post)
		kind := Of(p.Of.Sheet.Form, account.Kind+"."+to[account.Kind].Text)
		became = textPostBecomes.F(to[account.Branch].Text, kind, to[account.Number].Text)
	case fault == rule.PostSymbol:
		if p.symbol != "" && (p.leftSymbol || p.Told) {
			symbol.Error = textPostBadSymbol
		}
	case p.number == "" || !p.leftNumber && !p.Told:
	case fault == rule.PostNumber:
		number.Error = textPostBadNumber
	case fault == rule.PostGiro:
		number.Error = textPostBadGiro
	default:
		number.Error = textPostMistype
	}
	return app.FieldSet().Class("field").Body(
		app.Legend().Class("label").Body(textPost.UI()), textPostHint.P("hint"), symbol.UI(), number.UI(),
		app.P().Class("hint").Attr("role", "status").Body(became.UI()),
	)
}

// answer answers what is typed, or takes back what was.
func (p *postAccount) answer(ctx app.Context) {
	f, account := p.Of, p.account()
	to := engine.Answers{account.Branch: {}, account.Kind: {}, account.Number: {}}
	if post, fault := rule.ReadPostAccount(p.symbol, p.number); fault == rule.PostSound {
		to = account.AnswersOf(post)
	}
	before := f.Sheet.shown
	p.made = accountAt(account, engine.Answers{
		account.Bank: engine.TextOf(rule.PostBank), account.Branch: to[account.Branch], account.Kind: to[account.Kind],
		account.Number: to[account.Number],
	})
	for _, id := range []string{account.Branch, account.Kind, account.Number} {
		if !same(f.answers()[id], to[id]) {
			f.Sheet.setBeside(ctx, id, f.Row, to[id])
		}
	}
	if f.Sheet.shown == before {
		f.Sheet.still(f.ID)
	}
}
