package exchange

import (
	"time"

	"github.com/maxence-charriere/go-app/v10/pkg/app"

	"madoguchi/frontend/frame/kit"
	"madoguchi/frontend/frame/lang"
	"madoguchi/frontend/frame/shell"
	"madoguchi/frontend/part/ask"
	"madoguchi/frontend/part/trouble"
	"madoguchi/proto/clock"
	portalv1 "madoguchi/proto/gen/portal/v1"
)

// asking is the page on which one has offices asked for what is missing (提供要求), and sees how that stands (状況確認).
type asking struct {
	app.Compo
	visit  ask.Visit
	asked  ask.Question
	sent   ask.Question
	period string
	all    []*portalv1.ExchangeInquiry
	loaded bool
}

// OnMount asks how it stands, and again whenever something changed.
func (a *asking) OnMount(ctx app.Context) {
	a.visit.Begin(ctx)
	a.asked.Keeps = true
	a.period = "year"
	a.visit.Until(listen(func() { ctx.Dispatch(func(app.Context) { a.load() }) }))
	a.load()
}

// OnDismount stops listening.
func (a *asking) OnDismount() { a.visit.End() }

func (a *asking) load() {
	ask.For(&a.visit, &a.asked, portal().ListExchangeInquiries, &portalv1.ListExchangeInquiriesRequest{},
		func(_ app.Context, response *portalv1.ListExchangeInquiriesResponse, err error) {
			if err == nil {
				a.all, a.loaded = response.GetInquiries(), true
			}
		})
}

// from is the first day of the period that ends today.
func from(period string, today time.Time) time.Time {
	switch period {
	case "month":
		return today.AddDate(0, -1, 0)
	case "quarter":
		return today.AddDate(0, -3, 0)
	case "whole":
		return today.AddDate(-7, 0, 0)
	}
	return today.AddDate(-1, 0, 0)
}

func (a *asking) send(app.Context) {
	today := clock.Today(time.Now())
	request := &portalv1.AskExchangesRequest{
		From: from(a.period, today).Format(time.DateOnly), To: today.Format(time.DateOnly),
	}
	ask.Do(&a.visit, &a.sent, portal().AskExchanges, request,
		func(ctx app.Context, _ *portalv1.AskExchangesResponse, err error) {
			if err == nil {
				kit.Announce(ctx, textAsked)
				a.load()
			}
		})
}

// Render draws the page.
func (a *asking) Render() app.UI {
	body := []app.UI{a.asked.Waiting("exchange", 4)}
	if a.loaded {
		items := make([]app.UI, len(a.all))
		for i, m := range a.all {
			items[i] = inquiry(m)
		}
		body = []app.UI{kit.List{Label: textStates, Items: items, Empty: kit.Empty{Text: textNoInquiries}}.UI()}
	}
	return app.Div().Class("page column page-exchange").Body(
		shell.Heading(textAsk),
		textAskLead.P("lead"),
		trouble.First(a.asked.Failure, a.sent.Failure).Banner("exchange-failure"),
		a.asked.AsOf("exchange"),
		kit.RadioGroup{ID: "exchange-period", Legend: textPeriod, Value: a.period, Required: true,
			Options: []kit.Option{
				{Value: "month", Label: textMonth}, {Value: "quarter", Label: textThreeMonths},
				{Value: "year", Label: textOneYear}, {Value: "whole", Label: textSevenYears},
			}, OnChange: func(_ app.Context, value string) { a.period = value }}.UI(),
		app.Div().Class("actions").Body(
			kit.Button{ID: "exchange-ask-do", Label: textAskDo, Kind: kit.Primary, Busy: a.sent.Busy,
				OnPress: a.send}.UI()),
		textStates.H2("part-title"),
		app.Div().Body(body...),
	)
}

// inquiry is one in the list, with how far each office is.
func inquiry(m *portalv1.ExchangeInquiry) app.UI {
	answered := 0
	offices := make([]app.UI, len(m.GetOffices()))
	for i, o := range m.GetOffices() {
		state := textOfficeWaiting
		switch {
		case o.GetAnswered():
			answered++
			state = textOfficeAnswered
		case o.GetTaken():
			state = textOfficeTaken
		}
		offices[i] = app.Li().Body(app.Text(o.GetName()+"："), state.UI())
	}
	chip := kit.ChipLabel(kit.Info, textAccepted)
	switch m.GetState() {
	case portalv1.ExchangeInquiryState_EXCHANGE_INQUIRY_STATE_PARTLY:
		chip = kit.ChipLabel(kit.Info, textPartly.F(answered, len(m.GetOffices())))
	case portalv1.ExchangeInquiryState_EXCHANGE_INQUIRY_STATE_DONE:
		chip = kit.ChipLabel(kit.Success, textDone)
	case portalv1.ExchangeInquiryState_EXCHANGE_INQUIRY_STATE_ENDED:
		chip = kit.ChipLabel(kit.Warning, textEnded)
	}
	return app.Div().Class("exchange-row").Body(
		textFromTo.F(lang.Day(m.GetFrom()), lang.Day(m.GetTo())).P("exchange-when"),
		app.P().Class("exchange-signs").Body(chip),
		app.Div().Class("hint").Body(
			textAskedAt.F(at(m.GetAskedAt())).P(""), textCome.F(int(m.GetCome())).P(""),
			app.Ul().Class("dots").Body(offices...)),
		app.P().Body(kit.Link{Label: textSeePeriod, Href: root + "?from=" + m.GetFrom() + "&to=" + m.GetTo()}.UI()),
	)
}
