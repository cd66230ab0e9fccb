package exchange

import (
	"strconv"
	"strings"

	"github.com/maxence-charriere/go-app/v10/pkg/app"

	"madoguchi/frontend/frame/kit"
	"madoguchi/frontend/frame/lang"
	"madoguchi/frontend/frame/shell"
	"madoguchi/frontend/part/ask"
	"madoguchi/frontend/part/flow"
	"madoguchi/frontend/part/trouble"
	"madoguchi/frontend/reach/rpc"
	portalv1 "madoguchi/proto/gen/portal/v1"
	"madoguchi/proto/gen/portal/v1/portalv1limit"
	"madoguchi/proto/plaintext"
)

const (
	idTo      = "exchange-to"
	idFault   = "exchange-fault"
	idExplain = "exchange-explain"
)

// claiming is the flow in which one tells an office that an exchange is wrong.
type claiming struct {
	app.Compo
	visit ask.Visit
	ctx   app.Context
	flow  flow.Flow
	asked ask.Question
	sent  ask.Question
	told
	response *portalv1.GetExchangeResponse
	said     said
	done     sentTo
}

// said is what the person says of it.
type said struct {
	Of        string // the number of the exchange
	To, Fault int32
	Explain   string
}

// sentTo is what the last step tells.
type sentTo struct{ Office, Due string }

func newClaiming() app.Composer {
	c := &claiming{}
	c.flow = flow.Flow{Name: "exchange-claim", Form: &c.said, Done: &c.done, Leave: root, Steps: []flow.Step{
		{Name: "form", Title: textStepForm, Draw: c.form, Check: c.check},
		{Name: "check", Title: textStepCheck, Draw: c.lookOver, Do: c.send, Action: textSend},
		{Name: "done", Title: textStepDone, Draw: c.finished},
	}}
	return c
}

// OnMount loads the exchange.
func (c *claiming) OnMount(ctx app.Context) {
	c.visit.Begin(ctx)
	c.visit.Until(c.flow.Close)
	c.ctx = ctx
	number := numberOf(ctx.Page().URL().Path)
	c.flow.Leave = pathOf(number)
	ask.For(&c.visit, &c.asked, portal().GetExchange, &portalv1.GetExchangeRequest{Number: number},
		func(_ app.Context, response *portalv1.GetExchangeResponse, err error) {
			if err != nil {
				return
			}
			c.response = response
			c.add([]*portalv1.Exchange{response.GetExchange()}, response.GetLines(), response.GetWords())
			c.flow.Open(c.ctx)
			if c.said.Of != number { // what was written of another one is not said of this one
				c.said = said{Of: number}
				if to := response.GetClaimable(); len(to) == 1 {
					c.said.To = int32(to[0])
				}
				c.flow.Arrive()
			}
		})
}

// OnNav shows the step that the browser leads to.
func (c *claiming) OnNav(app.Context) {
	if c.flow.Opened() {
		c.flow.Arrive()
	}
}

// OnDismount lets updates through again.
func (c *claiming) OnDismount() { c.visit.End() }

// Render draws the flow.
func (c *claiming) Render() app.UI {
	body := app.UI(app.Div().Body(c.asked.Failure.Banner("exchange-failure"),
		app.If(!c.asked.Failure.Is(), func() app.UI { return c.asked.Waiting("exchange", 5) })))
	if c.flow.Opened() {
		body = c.flow.UI()
	}
	return app.Div().Class("page column page-exchange").Body(shell.Heading(textClaim), app.Div().Body(body))
}

func (c *claiming) check() []kit.FieldError {
	var faults []kit.FieldError
	if c.said.To == 0 {
		faults = append(faults, kit.FieldError{Field: idTo, Message: faultTo})
	}
	if c.said.Fault == 0 {
		faults = append(faults, kit.FieldError{Field: idFault, Message: faultFault})
	}
	wrong := portalv1.ExchangeFault(c.said.Fault) == portalv1.ExchangeFault_EXCHANGE_FAULT_WRONG
	switch text := plaintext.Clean(strings.TrimSpace(c.said.Explain)); {
	case wrong && text == "":
		faults = append(faults, kit.FieldError{Field: idExplain, Message: faultExplain})
	case plaintext.Count(text) > portalv1limit.ClaimExchangeRequestExplanation:
		faults = append(faults, kit.FieldError{Field: idExplain, Message: faultLong})
	}
	return faults
}

func faultName(f portalv1.ExchangeFault) lang.Text {
	switch f {
	case portalv1.ExchangeFault_EXCHANGE_FAULT_UNKNOWN:
		return textFaultUnknown
	case portalv1.ExchangeFault_EXCHANGE_FAULT_NOT_MINE:
		return textFaultNotMine
	case portalv1.ExchangeFault_EXCHANGE_FAULT_WRONG:
		return textFaultWrong
	}
	return lang.Text{}
}

// toName names an office to which it can be told.
func (c *claiming) toName(side int32) lang.Text {
	r := c.record(c.response.GetExchange())
	if portalv1.ExchangeSide(side) == portalv1.ExchangeSide_EXCHANGE_SIDE_PROVIDER {
		return textToProvider.F(r.GetProvider().GetName())
	}
	return textToAsker.F(r.GetAsker().GetName())
}

func (c *claiming) choice(id string, legend lang.Text, options []kit.Option, into *int32) app.UI {
	return kit.RadioGroup{ID: id, Legend: legend, Options: options, Value: strconv.Itoa(int(*into)), Required: true,
		Error: c.flow.Fault(id), OnChange: func(_ app.Context, value string) {
			n, _ := strconv.Atoi(value)
			*into = int32(n)
			c.flow.Touched()
		}}.UI()
}

func (c *claiming) form() []app.UI {
	var to, faults []kit.Option
	for _, side := range c.response.GetClaimable() {
		to = append(to, kit.Option{Value: strconv.Itoa(int(side)), Label: c.toName(int32(side))})
	}
	for _, f := range []portalv1.ExchangeFault{
		portalv1.ExchangeFault_EXCHANGE_FAULT_UNKNOWN, portalv1.ExchangeFault_EXCHANGE_FAULT_NOT_MINE,
		portalv1.ExchangeFault_EXCHANGE_FAULT_WRONG,
	} {
		faults = append(faults, kit.Option{Value: strconv.Itoa(int(f)), Label: faultName(f)})
	}
	return []app.UI{
		textClaimLead.P("lead"),
		app.P().Class("exchange-sentence").Body(c.sentence(c.response.GetExchange()).UI()),
		c.choice(idTo, textClaimTo, to, &c.said.To),
		c.choice(idFault, textFault, faults, &c.said.Fault),
		kit.TextArea{
			ID: idExplain, Label: textExplain, Hint: textExplainHint, Value: c.said.Explain,
			Error: c.flow.Fault(idExplain), Max: portalv1limit.ClaimExchangeRequestExplanation,
			OnInput: func(_ app.Context, value string) {
				c.said.Explain = value
				c.flow.Touched()
			},
		}.UI(),
	}
}

func (c *claiming) lookOver() []app.UI {
	rows := []kit.Row{
		{Name: textOne, Value: c.sentence(c.response.GetExchange()).UI()},
		{Name: textClaimTo, Value: c.toName(c.said.To).UI()},
		{Name: textFault, Value: faultName(portalv1.ExchangeFault(c.said.Fault)).UI()},
	}
	if c.said.Explain != "" {
		rows = append(rows, kit.Row{Name: textExplain, Value: kit.Paragraphs(c.said.Explain)})
	}
	return []app.UI{textCheckLead.P("lead"), kit.Facts(rows...)}
}

func (c *claiming) send(app.Context) {
	request := &portalv1.ClaimExchangeRequest{
		Number: c.response.GetExchange().GetNumber(), To: portalv1.ExchangeSide(c.said.To),
		Fault: portalv1.ExchangeFault(c.said.Fault), Explanation: strings.TrimSpace(c.said.Explain),
	}
	c.flow.Busy = true
	ask.Do(&c.visit, &c.sent, portal().ClaimExchange, request,
		func(_ app.Context, response *portalv1.ClaimExchangeResponse, err error) {
			c.flow.Busy = false
			if err != nil {
				message := trouble.Words(err)
				if rpc.Reason(err) == portalv1.Reason_REASON_ALREADY_DONE {
					message.What, message.Means, message.Do = textClaimOpen, textClaimOpenMeans, lang.Text{}
				}
				c.flow.Fail(message)
				return
			}
			c.done = sentTo{response.GetClaim().GetOffice(), response.GetClaim().GetDue()}
			c.flow.Finish()
		})
}

func (c *claiming) finished() []app.UI {
	return []app.UI{
		kit.NotificationBanner{ID: "exchange-sent", Tone: kit.Success, Title: textSent.F(c.done.Office),
			Body: []app.UI{textSentNext.F(lang.Day(c.done.Due)).P("")}}.UI(),
		app.Div().Class("actions").Body(
			kit.Link{ID: "exchange-back", Label: textBackToOne, Href: c.flow.Leave, Kind: kit.Primary}.UI()),
	}
}
