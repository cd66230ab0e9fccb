package account

import (
	"context"
	"time"

	"github.com/maxence-charriere/go-app/v10/pkg/app"

	"madoguchi/frontend/frame/kit"
	"madoguchi/frontend/frame/lang"
	"madoguchi/frontend/frame/shell"
	"madoguchi/frontend/part/ask"
	"madoguchi/frontend/part/flow"
	"madoguchi/frontend/part/session"
	"madoguchi/frontend/part/trouble"
	"madoguchi/frontend/reach/rpc"
	"madoguchi/frontend/reach/vault"
	portalv1 "madoguchi/proto/gen/portal/v1"
	"madoguchi/proto/gen/portal/v1/portalv1web"
	"madoguchi/proto/rule"
)

const (
	draftOpen = "account-open"
	stepForm  = "form"
	idAgree   = "agree"
)

var (
	textTerms = []lang.Text{
		textNoticesFromOfficesAndWhat,
		textMyNumberAndPinNotKept,
		textEachOfficeGetsAnIdentifier,
		textYouCanCloseAndErase,
	}
)

// opening is the flow of the first login.
type opening struct {
	app.Compo
	visit ask.Visit
	asked ask.Question
	flow  flow.Flow
	ctx   app.Context
	next  string // where to go when it is done
	given given
	done  done
	// already says that there was a folder before: nothing of what was typed is in it.
	already bool
	typed   bool // there was something that could have been in it
}

// given is what a person gives to open a folder, as they type it.
type given struct {
	Agreed string // to which terms
	Form   form
}

// done is what the last step tells, without anything that was typed.
type done struct {
	Mail bool // was asked for
	// MailAfterMs is above 0 when the mail to confirm the address could not go yet.
	MailAfterMs int64
}

func newOpening() app.Composer {
	o := &opening{}
	o.flow = flow.Flow{Name: draftOpen, Form: &o.given, Done: &o.done, Leave: "/", Steps: []flow.Step{
		{Name: "terms", Title: textStepTerms, Draw: o.terms, Check: o.checkTerms},
		{Name: stepForm, Title: textStepForm, Draw: o.fill, Check: func() []kit.FieldError {
			return o.given.Form.check()
		}},
		{Name: "check", Title: textStepCheck, Draw: o.lookOver, Do: o.send, Action: textOpenDo},
		{Name: "done", Title: textStepDone, Draw: o.opened},
	}}
	return o
}

// OnMount takes up what was typed before.
func (o *opening) OnMount(ctx app.Context) {
	o.visit.Begin(ctx)
	o.visit.Until(o.flow.Close) // lets updates through again
	o.ctx = ctx
	o.next = shell.Destination(ctx.Page().URL())
	shell.Watch(ctx, o.watchSession)
	o.watchSession(ctx)
}

// watchSession begins once it is known whose draft there may be, and notices that the folder is there already: from
// before, or opened in another tab meanwhile.
func (o *opening) watchSession(ctx app.Context) {
	state := shell.CurrentSession().State
	if state != shell.NewcomerState && state != shell.CitizenState {
		return
	}
	if !o.flow.Opened() {
		o.flow.Open(o.ctx)
	}
	if state == shell.CitizenState && !o.flow.Busy && !o.flow.Ended() {
		o.isThere(ctx)
	}
}

// OnNav shows the step that the browser leads back or forward to.
func (o *opening) OnNav(app.Context) { o.flow.Arrive() }

// OnDismount lets updates through again.
func (o *opening) OnDismount() { o.visit.End() }

// Render draws the flow, or that there is nothing to be done.
func (o *opening) Render() app.UI {
	body := kit.Skeleton(5, nil)
	switch {
	case o.already:
		body = o.was()
	case o.flow.Opened():
		body = o.flow.UI()
	}
	return app.Div().Class("page column page-open").Body(shell.Heading(textOpenTitle), app.Div().Body(body))
}

func (o *opening) agreed() bool { return o.given.Agreed == rule.TermsVersion }

func (o *opening) checkTerms() []kit.FieldError {
	if o.agreed() {
		return nil
	}
	return []kit.FieldError{{Field: idAgree, Message: faultAgree}}
}

func (o *opening) terms() []app.UI {
	var items []app.UI
	for _, t := range textTerms {
		items = append(items, t.Li(""))
	}
	return []app.UI{
		textTermsLead.P("lead"),
		app.Ul().Class("dots").Body(items...),
		app.P().Body(kit.Link{Label: textTermsAll, Href: "/terms", External: true}.UI()),
		kit.Checkbox{
			ID: idAgree, Label: textAgree, Checked: o.agreed(), Error: o.flow.Fault(idAgree), OnChange: o.agree,
		}.UI(),
	}
}

func (o *opening) agree(_ app.Context, on bool) {
	o.given.Agreed = ""
	if on {
		o.given.Agreed = rule.TermsVersion
	}
	o.flow.Touched()
}

func (o *opening) fill() []app.UI { return o.given.Form.fields(o.flow.Fault, o.flow.Touched) }

func (o *opening) lookOver() []app.UI {
	return []app.UI{textLookOver.P("lead"), o.given.Form.facts()}
}

// was says that there is a folder from before.
func (o *opening) was() app.UI {
	words := trouble.Words(&rpc.Error{Info: &portalv1.ErrorInfo{Reason: portalv1.Reason_REASON_ALREADY_OPEN}})
	if !o.typed {
		words.Means = lang.Text{}
	}
	return app.Div().Body(
		kit.NotificationBanner{ID: "already-open", Tone: kit.Info, Title: words.What, Body: []app.UI{
			words.Means.P(""), words.Do.P(""),
		}}.UI(),
		app.Div().Class("actions").Body(o.ways()...),
	)
}

// opened is the last step: what was done.
func (o *opening) opened() []app.UI {
	next := []app.UI{textOpenedNext.P("")}
	address := lang.Plain(o.given.Form.mail())
	if address.Empty() { // loaded anew: what was typed is gone
		address = textYourMail
	}
	switch {
	case o.done.MailAfterMs > 0:
		wait := trouble.WaitFor(time.Duration(o.done.MailAfterMs) * time.Millisecond)
		next = append(next, textOpenedNoMail.F(address).P(""), wait.P(""))
	case o.done.Mail:
		next = append(next, textSentConfirm.F(address).P(""))
	}
	return []app.UI{
		kit.NotificationBanner{ID: "opened", Tone: kit.Success, Title: textOpened, Body: next}.UI(),
		app.Div().Class("actions").Body(o.ways()...),
	}
}

// ways lead on: to where the person wanted to go in the first place, and home.
func (o *opening) ways() []app.UI {
	home := kit.Link{ID: "open-home", Label: textHome, Href: "/home", Kind: kit.Primary}
	if o.next == home.Href {
		return []app.UI{home.UI()}
	}
	home.Kind = kit.Secondary
	return []app.UI{kit.Link{ID: "open-next", Label: textNext, Href: o.next, Kind: kit.Primary}.UI(), home.UI()}
}

func actions(buttons ...kit.Button) app.UI {
	body := make([]app.UI, len(buttons))
	for i, b := range buttons {
		body[i] = b.UI()
	}
	return app.Div().Class("actions").Body(body...)
}

func (o *opening) send(app.Context) {
	o.flow.Busy = true
	form := o.given.Form
	request := &portalv1.OpenAccountRequest{
		TermsVersion:     o.given.Agreed,
		DisplayName:      form.name(),
		MailAddress:      form.mail(),
		MunicipalityCode: form.MunicipalityCode,
		MailOnLogin:      form.MailOnLogin,
		MailOnNotice:     form.MailOnNotice,
		Language:         string(lang.Describe(lang.Current()).Data),
	}
	ask.Do(&o.visit, &o.asked, open, request, func(ctx app.Context, response *portalv1.OpenAccountResponse, err error) {
		o.done = done{Mail: request.GetMailAddress() != "", MailAfterMs: response.GetConfirmationRetryAfterMs()}
		o.sent(ctx, err)
	})
}

func open(ctx context.Context, request *portalv1.OpenAccountRequest) (*portalv1.OpenAccountResponse, error) {
	response, err := rpc.To(portalv1web.NewAccountService).OpenAccount(ctx, request)
	if err == nil || rpc.Reason(err) == portalv1.Reason_REASON_ALREADY_OPEN {
		vault.Drop(draftOpen) // also when the person has left the page
		session.Changed(ctx)
	}
	return response, err
}

func (o *opening) sent(ctx app.Context, err error) {
	o.flow.Busy = false
	message := trouble.Words(err)
	switch {
	case err == nil:
		o.flow.Finish()
	case rpc.Reason(err) == portalv1.Reason_REASON_ALREADY_OPEN:
		o.isThere(ctx)
	case fieldOf[message.Field] != "":
		o.flow.GoTo(stepForm)
		o.flow.Fail(message)
		o.flow.Refuse([]kit.FieldError{{Field: fieldOf[message.Field], Message: faultPortal}})
	default:
		o.flow.Fail(message)
	}
}

// isThere ends what there is nothing more to be done of.
func (o *opening) isThere(ctx app.Context) {
	if o.already {
		return
	}
	o.already, o.typed = true, o.given.Form != form{}
	o.flow.End()
	kit.Focus(ctx, "already-open")
}
