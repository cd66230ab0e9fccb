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
	"madoguchi/proto/rule"
)

const (
	draftOpen = "account-open"
	stepForm  = "form"
	idAgree   = "agree"
)

var (
	textOpenTitle = lang.New("利用者フォルダの開設", "Open your folder", "フォルダを作《つく》る")
	textStepTerms = lang.New("規約", "Terms", "規約《きやく》")
	textStepForm  = lang.New("登録", "Details", "登録《とうろく》")
	textStepCheck = lang.New("確認", "Check", "確認《かくにん》")
	textStepDone  = lang.New("完了", "Done", "できました")
	textTermsLead = lang.New("はじめてのログインです。あなた専用の利用者フォルダを開設します。まず利用規約をお読みください。", "This is your first login. Your own folder will be opened. Please read the terms first.", "はじめてのログインです。あなたのフォルダを作《つく》ります。まず規約《きやく》を読《よ》んでください。")
	textTerms     = []lang.Text{
		lang.New("行政機関からのお知らせと、登録した内容を、この利用者フォルダに保管します。", "Notices from offices and what you register are kept in this folder.", "｜お知らせ《おしらせ》と登録《とうろく》したものを、フォルダに入《い》れます。"),
		lang.New("マイナンバー（12桁の番号）と暗証番号は保管しません。", "Your My Number (the 12 digits) and your PIN are not kept.", "マイナンバー（12の数字《すうじ》）と暗証番号《あんしょうばんごう》は残《のこ》しません。"),
		lang.New("行政機関には、機関ごとに異なる識別子だけを渡します。", "Each office gets an identifier of its own and no other.", "役所《やくしょ》ごとに、別々《べつべつ》の番号《ばんごう》を使《つか》います。"),
		lang.New("利用者フォルダは、いつでも閉鎖して消去できます。", "You can close and erase the folder at any time.", "フォルダは、いつでも消《け》すことができます。"),
	}
	textTermsAll   = lang.New("利用規約の全文を読む", "Read the whole terms", "規約《きやく》を全部《ぜんぶ》読《よ》む")
	textAgree      = lang.New("利用規約に同意します", "I agree to the terms", "利用規約《りようきやく》に同意《どうい》します")
	faultAgree     = lang.New("続けるには、利用規約への同意が必要です", "To go on, please agree to the terms", "続《つづ》けるには、同意《どうい》が必要《ひつよう》です")
	textOpenDo     = lang.New("開設する", "Open the folder", "フォルダを作《つく》る")
	textLookOver   = lang.New("この内容で開設します。よろしければ「開設する」を押してください。", "The folder will be opened with these details. Press the button if they are right.", "これでよければ「フォルダを作《つく》る」を押《お》してください。")
	textOpened     = lang.New("利用者フォルダを開設しました", "Your folder is open", "フォルダができました")
	textOpenedNext = lang.New("これからお知らせがこのフォルダに届きます。", "Notices will arrive in this folder from now on.", "これから、｜お知らせ《おしらせ》がここに届《とど》きます。")
	// textSentConfirm is said wherever a mail to confirm an address is to go out: it waits for the mail server.
	textSentConfirm  = lang.New("%s に確認メールを送ります。届いたメールのリンクを押すと登録が終わります。", "A mail is on its way to %s. Open its link to confirm the address.", "%s にメールを送《おく》ります。届《とど》いたら、メールのリンクを押《お》してください。")
	textOpenedNoMail = lang.New("%s への確認メールは、まだ送っていません。続けて送れるメールの数を超えたためです。あとで「登録内容」のページから送れます。", "No mail to confirm %s was sent yet, because too many were sent in a row. You can have it sent later from the page of your registration.", "%s には、まだメールを送《おく》っていません。メールが多《おお》すぎたからです。後《あと》で「登録内容《とうろくないよう》」のページから送《おく》れます。")
	textYourMail     = lang.New("登録したメールアドレス", "the address you gave", "登録《とうろく》したメールアドレス")
	textHome         = lang.New("ホームへ", "Go to the home page", "ホームへ")
	textNext         = lang.New("見ようとしていたページへ", "To the page you wanted", "見《み》たかった ページへ")
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
		{Name: stepForm, Title: textStepForm, Draw: o.fill, Check: func() []kit.FieldError { return o.given.Form.check() }},
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
	return app.Div().Class("page page-open").Body(shell.Heading(textOpenTitle), app.Div().Body(body))
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
		items = append(items, app.Li().Body(t.UI()))
	}
	return []app.UI{
		app.P().Class("lead").Body(textTermsLead.UI()),
		app.Ul().Class("dots").Body(items...),
		app.P().Body(kit.Link{Label: textTermsAll, Href: "/terms", External: true}.UI()),
		kit.Checkbox{ID: idAgree, Label: textAgree, Checked: o.agreed(), Error: o.flow.Fault(idAgree), OnChange: o.agree}.UI(),
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
	return []app.UI{app.P().Class("lead").Body(textLookOver.UI()), o.given.Form.facts()}
}

// was says that there is a folder from before.
func (o *opening) was() app.UI {
	words := trouble.Words(&rpc.Error{Info: &portalv1.ErrorInfo{Reason: portalv1.Reason_REASON_ALREADY_OPEN}})
	if !o.typed {
		words.Means = lang.Text{}
	}
	return app.Div().Body(
		kit.NotificationBanner{ID: "already-open", Tone: kit.Info, Title: words.What, Body: []app.UI{
			app.P().Body(words.Means.UI()), app.P().Body(words.Do.UI()),
		}}.UI(),
		app.Div().Class("actions").Body(o.ways()...),
	)
}

// opened is the last step: what was done.
func (o *opening) opened() []app.UI {
	next := []app.UI{app.P().Body(textOpenedNext.UI())}
	address := lang.Plain(o.given.Form.mail())
	if address.Empty() { // loaded anew: what was typed is gone
		address = textYourMail
	}
	switch {
	case o.done.MailAfterMs > 0:
		wait := trouble.WaitFor(time.Duration(o.done.MailAfterMs) * time.Millisecond)
		next = append(next, app.P().Body(textOpenedNoMail.F(address).UI()), app.P().Body(wait.UI()))
	case o.done.Mail:
		next = append(next, app.P().Body(textSentConfirm.F(address).UI()))
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
		Language:         string(lang.Current()),
	}
	ask.Do(&o.visit, &o.asked, open, request, func(ctx app.Context, response *portalv1.OpenAccountResponse, err error) {
		o.done = done{Mail: request.GetMailAddress() != "", MailAfterMs: response.GetConfirmationRetryAfterMs()}
		o.sent(ctx, err)
	})
}

func open(ctx context.Context, request *portalv1.OpenAccountRequest) (*portalv1.OpenAccountResponse, error) {
	response, err := rpc.Account().OpenAccount(ctx, request)
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
