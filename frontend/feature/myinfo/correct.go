package myinfo

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
	idFault    = "info-fault"
	idShouldBe = "info-should-be"
	idHow      = "info-how"
)

// correcting is the flow in which one tells the office that holds a value that it is wrong (訂正請求).
type correcting struct {
	app.Compo
	visit ask.Visit
	ctx   app.Context
	flow  flow.Flow
	asked ask.Question
	sent  ask.Question
	view
	record *portalv1.InfoRecord
	value  *portalv1.InfoValue
	told   told
	done   corrected
}

// told is what the person says of a value.
type told struct {
	Of            string // which value: the address of the page
	Fault         int32
	ShouldBe, How string
}

// corrected is what the last step tells.
type corrected struct{ Office, Due string }

func newCorrecting() app.Composer {
	c := &correcting{}
	c.flow = flow.Flow{Name: "myinfo-correct", Form: &c.told, Done: &c.done, Leave: answersPath, Steps: []flow.Step{
		{Name: "form", Title: textStepForm, Draw: c.form, Check: c.check},
		{Name: "check", Title: textStepCheck, Draw: c.lookOver, Do: c.send, Action: textCorrectDo},
		{Name: "done", Title: textStepDone, Draw: c.finished},
	}}
	return c
}

// OnMount loads the answer that holds the value.
func (c *correcting) OnMount(ctx app.Context) {
	c.visit.Begin(ctx)
	c.visit.Until(c.flow.Close)
	c.ctx = ctx
	id := idOf(ctx.Page().URL().Path)
	c.flow.Leave = answerPath(id)
	ask.For(&c.visit, &c.asked, answerWithWords, &portalv1.GetInfoAnswerRequest{Id: id}, c.take)
}

func (c *correcting) take(_ app.Context, w withWords, err error) {
	if err != nil {
		return
	}
	query := c.ctx.Page().URL().Query()
	c.answer = w.answer
	c.entry, _ = w.catalog.detail(w.answer.GetRequest().GetWish().GetDetail())
	if n, err := strconv.Atoi(query.Get("record")); err == nil && n > 0 && n <= len(w.answer.GetRecords()) {
		c.record = w.answer.GetRecords()[n-1]
		c.value = valueOf(c.record, query.Get("item"))
	}
	if c.value == nil {
		c.asked.Failure = trouble.Words(&rpc.Error{
			Code: rpc.CodeNotFound, Info: &portalv1.ErrorInfo{Reason: portalv1.Reason_REASON_NOT_FOUND},
		})
		return
	}
	c.flow.Open(c.ctx)
	if of := w.answer.GetRequest().GetId() + "/" + query.Get("record") + "/" + query.Get("item"); c.told.Of != of {
		c.told = told{Of: of} // what was typed of another value is not said of this one
		c.flow.Arrive()
	}
}

// OnNav shows the step that the browser leads to.
func (c *correcting) OnNav(app.Context) {
	if c.flow.Opened() {
		c.flow.Arrive()
	}
}

// OnDismount lets updates through again.
func (c *correcting) OnDismount() { c.visit.End() }

// Render draws the flow.
func (c *correcting) Render() app.UI {
	body := app.UI(app.Div().Body(c.asked.Failure.Banner("info-failure"), app.If(!c.asked.Failure.Is(), func() app.UI {
		return c.asked.Waiting("info", 5)
	})))
	if c.flow.Opened() {
		body = c.flow.UI()
	}
	return app.Div().Class("page column page-info").Body(shell.Heading(textCorrect), app.Div().Body(body))
}

func (c *correcting) fault() portalv1.InfoFault { return portalv1.InfoFault(c.told.Fault) }

func (c *correcting) check() []kit.FieldError {
	var faults []kit.FieldError
	if c.fault() == portalv1.InfoFault_INFO_FAULT_UNSPECIFIED {
		faults = append(faults, kit.FieldError{Field: idFault, Message: faultKind})
	}
	should := strings.TrimSpace(c.told.ShouldBe)
	switch {
	case c.fault() == portalv1.InfoFault_INFO_FAULT_WRONG && should == "":
		faults = append(faults, kit.FieldError{Field: idShouldBe, Message: faultShouldBe})
	case tooLong(should, portalv1limit.CorrectInfoRequestShouldBe):
		faults = append(faults, kit.FieldError{Field: idShouldBe, Message: faultLong})
	}
	if tooLong(c.told.How, portalv1limit.CorrectInfoRequestExplanation) {
		faults = append(faults, kit.FieldError{Field: idHow, Message: faultLong})
	}
	return faults
}

func tooLong(s string, most int) bool { return plaintext.Count(plaintext.Clean(s)) > most }

func faultName(f portalv1.InfoFault) lang.Text {
	switch f {
	case portalv1.InfoFault_INFO_FAULT_WRONG:
		return textFaultWrong
	case portalv1.InfoFault_INFO_FAULT_NOT_MINE:
		return textFaultNotMine
	case portalv1.InfoFault_INFO_FAULT_MISSING:
		return textFaultMissing
	}
	return lang.Text{}
}

// stands is what it is about: the value as it stands, and with whom.
func (c *correcting) stands() []kit.Row {
	item := c.item(c.value.GetItem())
	return []kit.Row{
		{Name: textOffice, Value: app.Span().Text(c.answer.GetRequest().GetOffice())},
		{Name: textRecord, Value: (&answer{view: c.view}).titleOf(c.record).UI()},
		{Name: lang.Local(item.GetName()), Value: said(item, c.value.GetState(), c.value.GetText())},
	}
}

func (c *correcting) form() []app.UI {
	var options []kit.Option
	for _, f := range []portalv1.InfoFault{
		portalv1.InfoFault_INFO_FAULT_WRONG, portalv1.InfoFault_INFO_FAULT_NOT_MINE,
		portalv1.InfoFault_INFO_FAULT_MISSING,
	} {
		options = append(options, kit.Option{Value: strconv.Itoa(int(f)), Label: faultName(f)})
	}
	return []app.UI{
		textCorrectLead.F(c.answer.GetRequest().GetOffice()).P("lead"),
		kit.Facts(c.stands()...),
		kit.RadioGroup{
			ID: idFault, Legend: textFaultLegend, Options: options,
			Value: strconv.Itoa(int(c.told.Fault)), Required: true,
			Error: c.flow.Fault(idFault), OnChange: func(_ app.Context, value string) {
				f, _ := strconv.Atoi(value)
				c.told.Fault = int32(f)
				c.flow.Touched()
			},
		}.UI(),
		kit.Field{
			ID: idShouldBe, Label: textShouldBe, Value: c.told.ShouldBe, Error: c.flow.Fault(idShouldBe), Kept: true,
			Required: c.fault() == portalv1.InfoFault_INFO_FAULT_WRONG, Max: portalv1limit.CorrectInfoRequestShouldBe,
			OnInput: func(_ app.Context, value string) {
				c.told.ShouldBe = value
				c.flow.Touched()
			},
		}.UI(),
		kit.TextArea{
			ID: idHow, Label: textHow, Hint: textHowHint, Value: c.told.How, Error: c.flow.Fault(idHow),
			Max: portalv1limit.CorrectInfoRequestExplanation, OnInput: func(_ app.Context, value string) {
				c.told.How = value
				c.flow.Touched()
			},
		}.UI(),
	}
}

func (c *correcting) lookOver() []app.UI {
	rows := append(c.stands(), kit.Row{Name: textFaultLegend, Value: faultName(c.fault()).UI()})
	if c.told.ShouldBe != "" {
		rows = append(rows, kit.Row{Name: textShouldBe, Value: app.Span().Text(c.told.ShouldBe)})
	}
	if c.told.How != "" {
		rows = append(rows, kit.Row{Name: textHow, Value: kit.Paragraphs(c.told.How)})
	}
	return []app.UI{
		textCorrectCheck.F(c.answer.GetRequest().GetOffice()).P("lead"), kit.Facts(rows...),
	}
}

func (c *correcting) send(app.Context) {
	request := &portalv1.CorrectInfoRequest{
		RequestId: c.answer.GetRequest().GetId(), Record: c.record.GetReference(), Item: c.value.GetItem(),
		Fault: c.fault(), ShouldBe: strings.TrimSpace(c.told.ShouldBe), Explanation: c.told.How,
	}
	c.flow.Busy = true
	ask.Do(&c.visit, &c.sent, portal().CorrectInfo, request,
		func(_ app.Context, response *portalv1.CorrectInfoResponse, err error) {
			c.flow.Busy = false
			if err != nil {
				message := trouble.Words(err)
				if rpc.Reason(err) == portalv1.Reason_REASON_ALREADY_DONE {
					message.What, message.Means, message.Do = textCorrectOpen, textCorrectOpenMeans, lang.Text{}
				}
				c.flow.Fail(message)
				return
			}
			c.done = corrected{response.GetCorrection().GetOffice(), response.GetCorrection().GetDue()}
			c.flow.Finish()
		})
}

// finished tells what was sent, by when there must be an answer, and what comes then.
func (c *correcting) finished() []app.UI {
	return []app.UI{
		kit.NotificationBanner{ID: "info-corrected", Tone: kit.Success, Title: textCorrected.F(c.done.Office),
			Body: []app.UI{textCorrectedNext.F(lang.Day(c.done.Due)).P("")}}.UI(),
		app.Div().Class("actions").Body(
			kit.Link{ID: "info-corrections", Label: textCorrections, Href: correctionsPath, Kind: kit.Primary}.UI(),
			kit.Link{ID: "info-back", Label: textToWhole, Href: c.flow.Leave, Kind: kit.Secondary}.UI(),
		),
	}
}
