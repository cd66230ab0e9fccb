package exchange

import (
	"strings"
	"time"

	"github.com/maxence-charriere/go-app/v10/pkg/app"

	"madoguchi/frontend/frame/kit"
	"madoguchi/frontend/frame/lang"
	"madoguchi/frontend/frame/shell"
	"madoguchi/frontend/part/ask"
	"madoguchi/frontend/part/evidence"
	portalv1 "madoguchi/proto/gen/portal/v1"
	"madoguchi/proto/ledger"
)

// commission is where people complain of My Number matters.
const commission = "https://www.ppc.go.jp/legal/policy/assen/"

// late is how long after it happened something may be recorded without a word.
const late = 7 * 24 * time.Hour

// one is the page of an exchange: all that was reported of it, and what to do when one does not know it.
type one struct {
	app.Compo
	visit ask.Visit
	asked ask.Question
	told
	response *portalv1.GetExchangeResponse
}

// OnMount loads it.
func (o *one) OnMount(ctx app.Context) {
	o.visit.Begin(ctx)
	o.asked.Keeps = true
	number := numberOf(ctx.Page().URL().Path)
	load := func() {
		ask.For(&o.visit, &o.asked, portal().GetExchange, &portalv1.GetExchangeRequest{Number: number}, o.take)
	}
	o.visit.Until(listen(func() { ctx.Dispatch(func(app.Context) { load() }) }))
	load()
}

func (o *one) take(_ app.Context, response *portalv1.GetExchangeResponse, err error) {
	if err != nil {
		return
	}
	o.response, o.told = response, told{}
	o.add([]*portalv1.Exchange{response.GetExchange()}, response.GetLines(), response.GetWords())
}

// OnDismount stops listening.
func (o *one) OnDismount() { o.visit.End() }

// Render draws the page.
func (o *one) Render() app.UI {
	return app.Div().Class("page column page-exchange").Body(
		shell.Heading(textOne),
		o.asked.Failure.Banner("exchange-failure"),
		o.asked.AsOf("exchange"),
		app.Div().Body(o.body()...),
	)
}

func (o *one) body() []app.UI {
	if o.response == nil {
		return []app.UI{o.asked.Waiting("exchange", 8)}
	}
	e := o.response.GetExchange()
	chip, means := o.result(e)
	return []app.UI{
		app.P().Class("exchange-sentence").Body(o.sentence(e).UI()),
		app.P().Class("exchange-signs").Body(chip, app.Span().Body(means.UI())),
		lang.Local(o.words.duties[o.record(e).GetDuty()].GetWhy()).P(""),
		onBehalf(o.record(e).GetOnBehalf()).P(""),
		app.Div().Body(app.If(e.GetDiffers(), func() app.UI {
			return kit.NotificationBanner{ID: "exchange-differs", Tone: kit.Warning, Title: textDiffers,
				Body: []app.UI{textDiffersMeans.P("")}}.UI()
		})),
		&evidence.Panel{ID: "exchange-evidence", Chain: ledger.Exchanges, Lines: o.response.GetLines(),
			State: o.response.GetState(), Kept: o.asked.Age.Kept},
		o.facts(e),
		app.Div().Class("exchange-offices").Body(o.offices()...),
		o.claims(),
		o.what(e),
		app.Div().Class("actions no-print").Body(
			app.Div().Body(app.If(o.claimable(), func() app.UI {
				return kit.Link{ID: "exchange-claim", Label: textClaim, Href: pathOf(e.GetNumber()) + claimEnding,
					Kind: kit.Secondary}.UI()
			})),
			kit.PrintButton("exchange-print"),
		),
	}
}

func (o *one) claimable() bool {
	c := o.response.GetExchange().GetClaim()
	open := c != nil && c.GetState() <= portalv1.ExchangeClaimState_EXCHANGE_CLAIM_STATE_EXTENDED
	return len(o.response.GetClaimable()) > 0 && !open
}

// facts are all that was reported.
func (o *one) facts(e *portalv1.Exchange) app.UI {
	r, out := o.record(e), o.outcome(e)
	duty := o.words.duties[r.GetDuty()]
	rows := []kit.Row{
		{Name: textAskedWhen, Value: at(r.GetAskedAt()).UI()},
		{Name: textAsker, Value: app.Text(r.GetAsker().GetName())},
		{Name: textProvider, Value: app.Text(r.GetProvider().GetName())},
		{Name: textFor, Value: app.Div().Body(
			o.words.why(r.GetDuty(), r.GetProcedure()).P(""),
			app.P().Class("hint").Text(duty.GetOfficial()), o.lawOfDuty(duty))},
		{Name: textInfo, Value: app.Div().Body(o.words.info(r.GetInfo()).P(""),
			app.P().Class("hint").Text(o.words.infos[r.GetInfo()].GetOfficial()))},
	}
	if out.GetProvidedAt() > 0 {
		rows = append(rows, kit.Row{Name: textProvidedWhen, Value: at(out.GetProvidedAt()).UI()})
	}
	if r.GetCondition() != "" {
		rows = append(rows, kit.Row{Name: textCondition, Value: app.Text(r.GetCondition())})
	}
	if len(out.GetItems()) > 0 {
		rows = append(rows, kit.Row{Name: textItems, Value: app.Div().Body(
			app.Ul().Class("dots").Body(o.items(out)...), textItemsMeans.P("hint"))})
	}
	chip, _ := o.result(e)
	rows = append(rows, kit.Row{Name: textResult, Value: chip})
	for _, line := range []uint64{e.GetCancelled(), e.GetByAsker(), e.GetByProvider(), e.GetByPortal()} {
		if reason := o.records[line].GetReason(); reason != "" {
			rows = append(rows, kit.Row{Name: textReason, Value: app.Text(reason)})
			break
		}
	}
	law := o.words.laws[e.GetLaw()]
	rows = append(rows,
		kit.Row{Name: textLaw, Value: app.Div().Body(lang.Local(law.GetName()).P(""), openLaw(law.GetUrl()))},
		kit.Row{Name: textReports, Value: app.Div().Body(o.reports(e)...)},
		kit.Row{Name: textNumber, Value: app.Text(e.GetNumber())},
		kit.Row{Name: textLine, Value: app.Text(o.lineNumbers(e))},
	)
	return kit.Facts(rows...)
}

func openLaw(url string) app.UI {
	if url == "" {
		return app.P()
	}
	return app.P().Body(kit.Link{Label: textLawOpen, Href: url, External: true}.UI())
}

// lawOfDuty leads to the law of the work itself.
func (o *one) lawOfDuty(d *portalv1.ExchangeDuty) app.UI {
	if d.GetLawUrl() == "" {
		return app.P().Text(d.GetLawName())
	}
	return app.P().Body(kit.Link{Label: lang.Plain(d.GetLawName()), Href: d.GetLawUrl(), External: true}.UI())
}

func (o *one) items(r *portalv1.ExchangeRecord) []app.UI {
	var list []app.UI
	for _, key := range r.GetItems() {
		for _, item := range o.words.infos[r.GetInfo()].GetItems() {
			if item.GetKey() == key {
				list = append(list, lang.Local(item.GetName()).Li(""))
			}
		}
	}
	return list
}

// reports say who recorded it when, and what of that is unusual.
func (o *one) reports(e *portalv1.Exchange) []app.UI {
	var list []app.UI
	for _, number := range []uint64{e.GetByAsker(), e.GetByProvider(), e.GetByPortal(), e.GetCancelled()} {
		line, r := o.lines[number], o.records[number]
		if line == nil || r == nil {
			continue
		}
		name := r.GetAsker().GetName()
		if r.GetSide() == portalv1.ExchangeSide_EXCHANGE_SIDE_PROVIDER {
			name = r.GetProvider().GetName()
		}
		said := textReportedAt.F(name, at(line.GetRecordedAt()))
		if r.GetSide() == portalv1.ExchangeSide_EXCHANGE_SIDE_PORTAL {
			said = textReportedPortal.F(at(line.GetRecordedAt()))
		}
		list = append(list, said.P(""), app.Div().Class("no-print").Body(
			evidence.Files(line, o.response.GetState())))
		switch {
		case r.GetHeldSince() > 0:
			list = append(list, textHeld.F(at(r.GetHeldSince())).P("hint"))
		case time.Duration(line.GetRecordedAt()-r.GetAskedAt())*time.Millisecond > late && number != e.GetCancelled():
			list = append(list, textLate.P("hint"))
		}
	}
	if side := oneSided(e); !side.Empty() {
		rest := textOtherNever
		if e.GetOtherMayReport() {
			rest = textOtherMay
		}
		list = append(list, side.P("hint"), rest.P("hint"))
	}
	return list
}

// offices say what the offices are, one tap away.
func (o *one) offices() []app.UI {
	r := o.record(o.response.GetExchange())
	var list []app.UI
	for i, name := range []string{r.GetAsker().GetName(), r.GetProvider().GetName()} {
		of := o.words.offices[name]
		what := textOfficeUnknown
		if of.GetWhat() != nil {
			what = lang.Local(of.GetWhat())
		}
		body := []app.UI{what.P("")}
		if of.GetRegistered() != "" && of.GetRegistered() != name {
			body = append(body, textRegistered.F(of.GetRegistered()).P("hint"))
		}
		id := "exchange-asker"
		if i == 1 {
			id = "exchange-provider"
		}
		list = append(list, kit.Disclosure{ID: id, Summary: textWhatIsOffice.F(name), Body: body}.UI())
	}
	return list
}

// what helps who does not know what it was for: three steps.
func (o *one) what(e *portalv1.Exchange) app.UI {
	hints := []app.UI{textNoHints.P("hint")}
	if list := o.response.GetHints(); len(list) > 0 {
		items := make([]app.UI, len(list))
		for i, h := range list {
			items[i] = app.Li().Body(
				app.A().Class("link").Href("/notice/"+h.GetNotice()).Text(h.GetTitle()),
				app.Span().Class("hint").Body(app.Text(" "+h.GetOffice()+" "), at(h.GetAt()).UI()))
		}
		hints = []app.UI{textHints.P("label"), app.Ul().Class("dots").Body(items...)}
	}
	second := textStep2Body
	if len(o.response.GetClaimable()) == 0 {
		second = textNoClaim
	}
	return app.Section().Class("exchange-what").Body(
		textWhat.H2("part-title"),
		textStep1.H3(""), textStep1Body.P(""), app.Div().Body(hints...),
		textStep2.H3(""), second.P(""),
		textStep3.H3(""), textStep3Body.P(""),
		app.P().Body(kit.Link{ID: "exchange-ppc", Label: textStep3Link, Href: commission, External: true}.UI()),
	)
}

// claims are what the person said of it, each with its clock and its answer.
func (o *one) claims() app.UI {
	list := o.response.GetClaims()
	if len(list) == 0 {
		return app.Section()
	}
	items := make([]app.UI, len(list))
	for i, c := range list {
		answer := app.Div()
		if c.GetAnswer() != "" {
			answer = answer.Class("written").Body(textAnswerOf.F(c.GetOffice()).P("label"),
				kit.Paragraphs(c.GetAnswer()))
		}
		explained := app.Div()
		if c.GetExplanation() != "" {
			explained = explained.Body(kit.Paragraphs(c.GetExplanation()))
		}
		chip, clock := claimState(c)
		items[i] = app.Li().Class("list-item").Body(
			app.P().Body(app.Text(c.GetOffice()+" "), chip, app.Text(" "), clock.UI()),
			app.P().Body(faultName(c.GetFault()).UI()), explained, answer,
		)
	}
	return app.Section().ID("exchange-claims").Class("exchange-claims").Body(
		textClaims.H2("part-title"), app.Ul().Class("list").Body(items...))
}

func claimState(c *portalv1.ExchangeClaim) (chip app.UI, clock lang.Text) {
	due := textDue.F(lang.Day(c.GetDue()))
	switch c.GetState() {
	case portalv1.ExchangeClaimState_EXCHANGE_CLAIM_STATE_CORRECTED:
		return kit.ChipLabel(kit.Success, textClaimCorrected), at(c.GetSince())
	case portalv1.ExchangeClaimState_EXCHANGE_CLAIM_STATE_EXPLAINED:
		return kit.ChipLabel(kit.Success, textClaimExplained), at(c.GetSince())
	}
	if c.GetOverdue() {
		return kit.ChipLabel(kit.Failure, textClaimOverdue), due
	}
	switch c.GetState() {
	case portalv1.ExchangeClaimState_EXCHANGE_CLAIM_STATE_TAKEN:
		return kit.ChipLabel(kit.Info, textClaimTaken), due
	case portalv1.ExchangeClaimState_EXCHANGE_CLAIM_STATE_EXTENDED:
		return kit.ChipLabel(kit.Warning, textClaimExtended), due
	}
	return kit.ChipLabel(kit.Info, textClaimSent), due
}

// lineNumbers are those of the lines in the person's history.
func (o *one) lineNumbers(e *portalv1.Exchange) string {
	var list []string
	for _, number := range []uint64{e.GetByAsker(), e.GetByProvider(), e.GetByPortal(), e.GetCancelled()} {
		if number > 0 {
			list = append(list, lang.Number(int64(number)))
		}
	}
	return strings.Join(list, ", ")
}
