package exchange

import (
	"github.com/maxence-charriere/go-app/v10/pkg/app"

	"madoguchi/frontend/frame/kit"
	"madoguchi/frontend/frame/lang"
	"madoguchi/frontend/frame/shell"
	"madoguchi/frontend/part/ask"
	portalv1 "madoguchi/proto/gen/portal/v1"
)

// rules is the page of transfers of many people's data at once.
type rules struct {
	app.Compo
	visit  ask.Visit
	asked  ask.Question
	words  words
	all    []*portalv1.ExchangeRule
	loaded bool
}

// OnMount loads them.
func (r *rules) OnMount(ctx app.Context) {
	r.visit.Begin(ctx)
	ask.For(&r.visit, &r.asked, portal().ListExchangeRules, &portalv1.ListExchangeRulesRequest{},
		func(_ app.Context, response *portalv1.ListExchangeRulesResponse, err error) {
			if err == nil {
				r.all, r.loaded = response.GetRules(), true
				r.words.add(response.GetWords())
			}
		})
}

// OnDismount gives up what is asked.
func (r *rules) OnDismount() { r.visit.End() }

// Render draws the page.
func (r *rules) Render() app.UI {
	body := []app.UI{r.asked.Waiting("exchange", 5)}
	if r.loaded {
		items := make([]app.UI, len(r.all))
		for i, rule := range r.all {
			items[i] = r.rule(rule)
		}
		body = []app.UI{kit.List{Label: textRules, Items: items, Empty: kit.Empty{Text: textNoRules}}.UI()}
	}
	return app.Div().Class("page column page-exchange").Body(
		shell.Heading(textRules), textRulesLead.P("lead"), r.asked.Failure.Banner("exchange-failure"),
		app.Div().Body(body...),
	)
}

func (r *rules) rule(rule *portalv1.ExchangeRule) app.UI {
	runs := make([]app.UI, len(rule.GetRuns()))
	for i, run := range rule.GetRuns() {
		runs[i] = textRunOf.F(lang.Day(run.GetDay()), lang.Number(run.GetPeople())).Li("")
	}
	return app.Div().Class("exchange-row").Body(
		textRule.F(rule.GetAsker(), rule.GetProvider(), r.words.info(rule.GetInfo()),
			r.words.why(rule.GetDuty(), rule.GetProcedure())).P("exchange-says"),
		app.P().Text(rule.GetWhom()),
		lang.Local(r.words.laws[rule.GetLaw()].GetName()).P("hint"),
		app.Ul().Class("dots").Body(runs...),
	)
}
