// Package account is what a person sees of their user folder (利用者フォルダ・利用者登録): opening it at the first login, changing
// what is registered, confirming the mail address, undoing what somebody else changed of it, closing it for good.
package account

import (
	"context"
	"slices"
	"time"

	"github.com/maxence-charriere/go-app/v10/pkg/app"

	"madoguchi/frontend/frame/kit"
	"madoguchi/frontend/frame/lang"
	"madoguchi/frontend/frame/scene"
	"madoguchi/frontend/frame/shell"
	"madoguchi/frontend/part/ask"
	"madoguchi/frontend/part/flow"
	"madoguchi/frontend/part/session"
	"madoguchi/frontend/part/trouble"
	"madoguchi/frontend/part/waiting"
	"madoguchi/frontend/reach/outbox"
	"madoguchi/frontend/reach/rpc"
	"madoguchi/frontend/reach/vault"
	portalv1 "madoguchi/proto/gen/portal/v1"
	"madoguchi/proto/gen/portal/v1/portalv1web"
	"madoguchi/proto/wire"
)

// Feature hangs the pages into the house.
var Feature = shell.Feature{
	Pages: []shell.Page{
		{Path: "/account/open", Title: textOpenTitle, For: shell.Newcomer, New: newOpening},
		{Path: "/account", Title: textTitle, For: shell.Citizen, New: newSettings},
		{Path: "/account/confirm", Title: textConfirmTitle, New: func() app.Composer { return &confirmation{} }},
		{Path: "/account/undo", Title: textUndoTitle, New: func() app.Composer { return &undoing{} }},
		{
			Path: "/account/close", Title: textCloseTitle, Parent: "/account", For: shell.Citizen,
			New: func() app.Composer { return &closing{} },
		},
		{Path: "/account/closed", Title: textCloseTitle, New: func() app.Composer { return &closed{} }},
	},
	Start:     func(app.Context) { declare() },
	Entries:   []shell.Entry{{Path: "/account", Label: textTitle, Icon: kit.IconPerson, For: shell.Citizen, Order: 60}},
	Timelines: []shell.Timeline{{Rows: dues}},
	Services: []shell.Service{{
		ID: "account", Path: "/account", Title: textTitle, Text: textService, Sign: scene.SignPerson, Order: 50,
	}},
}

const (
	draftSettings = "account"
	idFaults      = "account-faults"
)

// The steps of a change: the form, and the card where the portal asks for it. Without one, the page shows what is
// registered.
const (
	stepShow = ""
	stepEdit = "edit"
	stepCard = "card"
)

// settings shows what is registered and lets it be changed.
type settings struct {
	app.Compo
	visit   ask.Visit
	ctx     app.Context
	account *portalv1.Account
	form    form
	draft   flow.Draft
	faults  []kit.FieldError
	at      string
	state   waiting.State // of what was changed
	ready   bool          // what was typed before is taken up
	taken   bool          // there was something
	why     bool          // the card was to be asked for, and there is nothing to ask it for
	asked   ask.Question
	doing   ask.Question
	sending *portalv1.UpdateAccountRequest // the change that the card is shown for
	answer  answer                         // of the portal, once the card was shown
	done    lang.Text
	waits   bool        // what was done is not sent yet
	leaving bool        // the dialog before the logout everywhere that leaves something unsent is open
	sent    []lang.Text // which mails went where
	failure trouble.Message
}

func newSettings() app.Composer {
	s := &settings{}
	s.draft = flow.Draft{Name: draftSettings, Of: &s.form}
	return s
}

// OnMount loads what is registered, and a draft if one was left.
func (s *settings) OnMount(ctx app.Context) {
	s.visit.Begin(ctx)
	s.asked.Keeps = true
	s.visit.Until(s.draft.LetGo) // lets updates through again
	s.ctx = ctx
	s.visit.Until(outbox.OnChange(func() { ctx.Dispatch(func(app.Context) { s.hear() }) }))
	shell.Watch(ctx, func(app.Context) { s.takeUp() })
	s.load()
}

// OnNav shows the step that the browser leads back or forward to.
func (s *settings) OnNav(app.Context) { s.arrive() }

// OnDismount gives up what is asked for.
func (s *settings) OnDismount() { s.visit.End() }

func (s *settings) load() {
	ask.For(&s.visit, &s.asked, rpc.To(portalv1web.NewAccountService).GetAccount, &portalv1.GetAccountRequest{},
		func(_ app.Context, got *portalv1.GetAccountResponse, err error) {
			if err == nil {
				s.know(ahead(got.GetAccount()))
				s.takeUp()
			}
		})
}

// know takes what is registered, and with it the form, as far as nothing was typed.
func (s *settings) know(account *portalv1.Account) {
	typed := s.account != nil && s.form != formOf(s.account)
	if s.account = account; s.ready && !typed {
		s.form = formOf(account)
	}
}

// hear asks anew once something that waited was sent, or is not to be.
func (s *settings) hear() {
	if now := waiting.Of(object); s.state != now {
		s.state = now
		s.load()
	}
}

// takeUp goes on with what was typed before, once it is known who is there.
func (s *settings) takeUp() {
	if s.ready || s.account == nil || !shell.Reading() {
		return
	}
	s.ready, s.form = true, formOf(s.account)
	if s.taken = s.draft.Load(); s.taken {
		s.draft.Touched()
		if flow.At(s.ctx) == stepShow {
			flow.Put(s.ctx, stepEdit)
		}
	}
	s.arrive()
}

// arrive shows the step that the address names. To the card leads only a change that it is needed for.
func (s *settings) arrive() {
	wanted := flow.At(s.ctx)
	switch {
	case !s.ready || wanted == s.at:
		return
	case wanted == stepCard && (len(s.form.check()) > 0 || len(s.grave()) == 0):
		s.show(stepEdit)
		s.why = true
		flow.Put(s.ctx, stepEdit)
	case wanted == stepCard || wanted == stepEdit:
		s.show(wanted)
	default:
		s.show(stepShow)
	}
}

// show shows a step from its beginning.
func (s *settings) show(step string) {
	s.at, s.why, s.faults, s.failure = step, false, nil, trouble.Message{}
	switch step {
	case stepEdit:
		s.done, s.sent = lang.Text{}, nil
		kit.Focus(s.ctx, idName)
	case stepCard:
		kit.Focus(s.ctx, "account-card")
		s.ctx.Defer(func(app.Context) { app.Window().Call("scrollTo", 0, 0) })
	}
}

func (s *settings) goTo(step string) {
	s.show(step)
	flow.Go(s.ctx, step)
}

// back shows a step before.
func (s *settings) back(step string) {
	s.show(step)
	flow.Back(s.ctx, step)
}

// Render draws the registration or its form.
func (s *settings) Render() app.UI {
	return app.Div().Class("page page-account").Body(
		kit.Detail{
			Head: []app.UI{
				shell.Heading(textTitle),
				trouble.First(s.asked.Failure, s.failure).Banner("account-failure"),
				s.asked.AsOf("account"),
				kit.NotificationBanner{ID: "account-done", Tone: s.tone(), Title: s.done, Body: lines(s.sent)}.UI(),
				kit.ErrorSummary{ID: idFaults, Errors: s.faults}.UI(),
			},
			Rail: s.rail(),
			Body: []app.UI{
				app.Div().Class("account-view").Body(s.view()...),
				app.Div().Class("account-edit").Body(s.edit()...),
				app.Div().Class("account-card").Body(s.card()...),
				app.Div().Class("account-more").Body(s.more()...),
			},
		}.UI(),
		shell.Leaving("account-leaving", s.leaving, func(app.Context) { s.leaving = false }, s.everywhere),
	)
}

// rail has the one thing to do here, and the pages about what else is the person's own. A form stands alone.
func (s *settings) rail() kit.Rail {
	if !s.ready || s.at != stepShow {
		return kit.Rail{}
	}
	return kit.Rail{
		Action: kit.Button{
			ID: "account-change", Label: textChange, Kind: kit.Primary, OnPress: func(app.Context) { s.goTo(stepEdit) },
		}.UI(),
		After: true,
		More: []app.UI{
			textOther.P("rail-title"),
			kit.MenuList{Label: textOther, Items: []kit.MenuItem{
				{Href: "/login/phone", Label: textOtherPhone, Icon: kit.IconSmartphone},
				{Href: "/usage", Label: textOtherUsage, Icon: kit.IconClock},
				{Href: "/pin", Label: textOtherPIN, Icon: kit.IconLock},
				{Href: "/device", Label: textOtherDevice, Icon: kit.IconShield},
				{Href: "/privacy", Label: textOtherPrivacy, Icon: kit.IconInfo},
			}}.UI(),
		},
	}
}

func (s *settings) tone() kit.Tone {
	if s.waits {
		return kit.Info
	}
	return kit.Success
}

func (s *settings) view() []app.UI {
	if !s.ready {
		return []app.UI{s.asked.Waiting("account", 5)}
	}
	if s.at != stepShow {
		return nil
	}
	registered := formOf(s.account)
	note := app.P().Class("hint")
	if s.form != registered {
		note = note.Body(textUnsaved.UI())
	}
	return []app.UI{
		registered.facts(),
		waiting.Mark(waiting.Of(object)),
		s.mailState(),
		app.P().Class("hint").Body(textOpenedAt.UI(), app.Text(": "), kit.DateText(
			time.UnixMilli(s.account.GetOpenedAt()),
		)),
		note,
	}
}

func (s *settings) mailState() app.UI {
	place := app.Div().Class("mail-state")
	switch {
	case s.account.GetMailAddress() == "":
		return place
	case s.account.GetMailConfirmed():
		return place.Body(app.P().Body(textMail.UI(), app.Text(": "), kit.ChipLabel(kit.Success, textConfirmed)))
	}
	return place.Body(
		app.P().Body(textMail.UI(), app.Text(": "), kit.ChipLabel(kit.Warning, textWaiting)),
		textWaitingDo.P(""),
		kit.Button{ID: "account-resend", Label: textResend, Busy: s.doing.Busy, OnPress: s.resend}.UI(),
	)
}

func (s *settings) edit() []app.UI {
	if s.at != stepEdit {
		return nil
	}
	note := app.P().Class("hint")
	switch {
	case s.why:
		note = note.Body(textCardFirst.UI())
	case s.taken:
		note = note.Body(textDraft.UI())
	}
	fault := func(field string) lang.Text { return kit.FaultOf(s.faults, field) }
	body := append([]app.UI{note}, s.form.fields(fault, s.draft.Touched)...)
	return append(body, s.cardHint(), actions(
		kit.Button{ID: "account-save", Label: textSave, Kind: kit.Primary, Busy: s.doing.Busy, OnPress: s.save},
		kit.Button{ID: "account-discard", Label: textDiscard, Disabled: s.doing.Busy, OnPress: s.discard},
	))
}

func (s *settings) more() []app.UI {
	if !s.ready || s.at == stepCard {
		return nil
	}
	return []app.UI{
		kit.Card{ID: "account-devices", Heading: textDevices, Icon: kit.IconLogOut, Body: []app.UI{
			textDevicesDo.P(""),
			kit.Button{ID: "account-everywhere", Label: textEverywhere, Busy: s.doing.Busy, OnPress: s.everywhere}.UI(),
		}}.UI(),
		kit.Card{ID: "account-takeaway", Heading: textTakeaway, Icon: kit.IconFile, Body: []app.UI{
			textTakeawayWhat.P(""),
			kit.Link{Label: textTakeawayGo, Href: "/account/takeaway", Kind: kit.Secondary}.UI(),
		}}.UI(),
		kit.Card{ID: "account-leave", Heading: textLeave, Icon: kit.IconDelete, Body: []app.UI{
			textLeaveWhat.P(""),
			kit.Link{Label: textLeaveGo, Href: "/account/close", Kind: kit.Secondary}.UI(),
		}}.UI(),
	}
}

func (s *settings) discard(app.Context) {
	s.forget()
	s.back(stepShow)
}

// forget has nothing typed be left.
func (s *settings) forget() {
	s.draft.Drop()
	s.form, s.taken = formOf(s.account), false
}

// refuse shows what is wrong with the form and takes the person there. It says whether there was anything.
func (s *settings) refuse(faults []kit.FieldError) bool {
	s.faults = faults
	if len(faults) == 0 {
		return false
	}
	kit.Focus(s.ctx, idFaults)
	return true
}

// request is the change, as it is typed.
func (s *settings) request() *portalv1.UpdateAccountRequest {
	chosen.Lock()
	chosen.code, chosen.name = s.form.MunicipalityCode, s.form.MunicipalityName
	chosen.Unlock()
	return &portalv1.UpdateAccountRequest{
		DisplayName:      s.form.name(),
		MailAddress:      s.form.mail(),
		MunicipalityCode: s.form.MunicipalityCode,
		MailOnLogin:      s.form.MailOnLogin,
		MailOnNotice:     s.form.MailOnNotice,
		Language:         string(lang.Describe(lang.Current()).Data),
		UpdateMask:       &wire.FieldMask{Paths: s.changed()},
		Was:              fieldsOf(s.account),
	}
}

// changed are the fields that are to be set: what the person changed, and the language that they read in.
func (s *settings) changed() []string {
	was, fields := formOf(s.account), []string{"language"}
	for field, differs := range map[string]bool{
		"display_name":      s.form.name() != was.name(),
		"mail_address":      s.form.mail() != was.mail(),
		"municipality_code": s.form.MunicipalityCode != was.MunicipalityCode,
		"mail_on_login":     s.form.MailOnLogin != was.MailOnLogin,
		"mail_on_notice":    s.form.MailOnNotice != was.MailOnNotice,
	} {
		if differs {
			fields = append(fields, field)
		}
	}
	slices.Sort(fields) // the card is shown for the very request
	return fields
}

func (s *settings) save(app.Context) {
	s.failure = trouble.Message{}
	if s.refuse(s.form.check()) {
		return
	}
	request := s.request()
	ask.Do(&s.visit, &s.doing, send, request, func(_ app.Context, now *portalv1.Account, err error) {
		if rpc.Info(err).GetCardPurpose() == purposeMail {
			s.goTo(stepCard)
			return
		}
		s.saved(request, answer{now, err}, false)
	})
}

// answer is what the portal said to a change.
type answer struct {
	account *portalv1.Account
	err     error
}

func send(ctx context.Context, request *portalv1.UpdateAccountRequest) (*portalv1.Account, error) {
	response, err := rpc.To(portalv1web.NewAccountService).UpdateAccount(ctx, request)
	if err == nil || rpc.Kept(err) {
		vault.Drop(draftSettings) // also when the person has left the page
	}
	if err == nil {
		session.Changed(ctx)
	}
	return response.GetAccount(), err
}

func (s *settings) saved(request *portalv1.UpdateAccountRequest, got answer, byCard bool) {
	s.waits = rpc.Kept(got.err)
	if got.err != nil && !s.waits {
		if s.at != stepEdit {
			s.back(stepEdit)
		}
		s.failed(got.err)
		return
	}
	sent, told := mailed(s.account.GetMailAddress(), request.GetMailAddress(), byCard), textSaved
	if s.waits {
		got.account, sent, told = ahead(s.account), nil, waiting.Told()
	}
	s.account, s.state = got.account, waiting.Of(object)
	s.forget()
	s.show(stepShow)
	flow.Put(s.ctx, stepShow) // what was changed is no way back
	s.done, s.sent = told, sent
	kit.Focus(s.ctx, "account-done")
}

// failed says what went wrong; what was typed stays.
func (s *settings) failed(err error) {
	s.failure = trouble.Words(err)
	if rpc.Reason(err) == portalv1.Reason_REASON_CHANGED {
		s.load()
	}
	if s.failure.Field == "mail_address" && rpc.Reason(err) == portalv1.Reason_REASON_TOO_MANY_REQUESTS {
		s.failure = tooManyMails(err)
		s.failure.Means = textBoth.F(textNoMailWhy, textNotSaved)
		kit.Focus(s.ctx, "account-failure")
		return
	}
	if field, known := fieldOf[s.failure.Field]; known {
		s.refuse([]kit.FieldError{{Field: field, Message: faultPortal}})
		return
	}
	kit.Focus(s.ctx, "account-failure")
}

func (s *settings) resend(app.Context) {
	s.done, s.sent, s.failure = lang.Text{}, nil, trouble.Message{}
	request := &portalv1.SendMailConfirmationRequest{}
	ask.Do(&s.visit, &s.doing, rpc.To(portalv1web.NewAccountService).SendMailConfirmation, request,
		func(ctx app.Context, got *portalv1.SendMailConfirmationResponse, err error) {
			switch {
			case rpc.Reason(err) == portalv1.Reason_REASON_TOO_MANY_REQUESTS:
				s.failure = tooManyMails(err)
				kit.Focus(ctx, "account-failure")
			case err != nil:
				s.failed(err)
			case got.GetAlreadyConfirmed():
				s.done = textConfirmedThen
				s.load()
			default:
				s.done = textResent
			}
		})
}

// everywhere asks first where something is not sent yet.
func (s *settings) everywhere(app.Context) {
	s.failure = trouble.Message{}
	if shell.Waiting() > 0 && !s.leaving {
		s.leaving = true
		return
	}
	s.leaving = false
	logOut := func(ctx context.Context, _ struct{}) (int, error) { return session.LogOutEverywhere(ctx) }
	ask.Do(&s.visit, &s.doing, logOut, struct{}{}, func(_ app.Context, _ int, err error) {
		if err != nil {
			s.failed(err)
		}
	})
}
