package account

import (
	"context"
	"time"

	"github.com/maxence-charriere/go-app/v10/pkg/app"

	"madoguchi/frontend/kit"
	"madoguchi/frontend/lang"
	"madoguchi/frontend/rpc"
	"madoguchi/frontend/session"
	"madoguchi/frontend/shell"
	"madoguchi/frontend/vault"
	portalv1 "madoguchi/proto/gen/portal/v1"
	"madoguchi/proto/rule"
)

const (
	draftOpen = "account-open"
	idAgree   = "agree"
)

const (
	stepTerms = iota
	stepForm
	stepCheck
	stepDone
)

var (
	textOpenTitle = lang.New("利用者フォルダの開設", "Open your folder", "フォルダを作《つく》る")
	stepNames     = []lang.Text{
		lang.New("規約", "Terms", "規約《きやく》"),
		lang.New("登録", "Details", "登録《とうろく》"),
		lang.New("確認", "Check", "確認《かくにん》"),
		lang.New("完了", "Done", "できました"),
	}
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
	textNextForm   = lang.New("次へ（登録内容の入力）", "Next: your details", "次《つぎ》へ（登録《とうろく》）")
	textNextCheck  = lang.New("次へ（内容の確認）", "Next: check", "次《つぎ》へ（確認《かくにん》）")
	textOpenDo     = lang.New("開設する", "Open the folder", "フォルダを作《つく》る")
	textBack       = lang.New("もどる", "Back", "もどる")
	textLookOver   = lang.New("この内容で開設します。よろしければ「開設する」を押してください。", "The folder will be opened with these details. Press the button if they are right.", "これでよければ「フォルダを作《つく》る」を押《お》してください。")
	textOpened     = lang.New("利用者フォルダを開設しました", "Your folder is open", "フォルダができました")
	textOpenedNext = lang.New("これからお知らせがこのフォルダに届きます。", "Notices will arrive in this folder from now on.", "これから、｜お知らせ《おしらせ》がここに届《とど》きます。")
	// textSentConfirm is said wherever a mail to confirm an address is to go out: it waits for the mail server.
	textSentConfirm  = lang.New("%s に確認メールを送ります。届いたメールのリンクを押すと登録が終わります。", "A mail is on its way to %s. Open its link to confirm the address.", "%s にメールを送《おく》ります。届《とど》いたら、メールのリンクを押《お》してください。")
	textOpenedNoMail = lang.New("%s への確認メールは、まだ送っていません。続けて送れるメールの数を超えたためです。あとで「登録内容」のページから送れます。", "No mail to confirm %s was sent yet, because too many were sent in a row. You can have it sent later from the page of your registration.", "%s には、まだメールを送《おく》っていません。メールが多《おお》すぎたからです。後《あと》で「登録内容《とうろくないよう》」のページから送《おく》れます。")
	textHome         = lang.New("ホームへ", "Go to the home page", "ホームへ")
	textNext         = lang.New("見ようとしていたページへ", "To the page you wanted", "見《み》たかった ページへ")
	textNotKept      = lang.New("入力した内容は、このページを閉じると消えます（ブラウザの設定）。", "What you type is gone when this page is closed (your browser is set so).", "このページを 閉《と》じると、書《か》いたものは 消《き》えます。")
	textKept         = lang.New("入力した内容は、この端末に一時的に保存しています。", "What you type is kept on this device for now.", "書《か》いたものは、この機械《きかい》に残《のこ》っています。")
)

// opening is the flow of the first login.
type opening struct {
	app.Compo
	editor
	ctx     app.Context
	keeps   bool   // the device does
	next    string // where to go when it is done
	step    int
	agreed  bool
	busy    bool
	failure rpc.Message
	// already says that there was a folder before: nothing of what was typed is in it.
	already bool
	// mailAfter is above 0 when the mail to confirm the address could not go yet.
	mailAfter time.Duration
}

func newOpening() app.Composer {
	o := &opening{}
	o.draft = draftOpen
	return o
}

// OnMount takes up what was typed before.
func (o *opening) OnMount(ctx app.Context) {
	shell.Follow(ctx)
	if app.IsServer {
		return
	}
	o.ctx, o.keeps = ctx, !vault.Refuses()
	o.next = shell.Destination(ctx.Page().URL())
	shell.Watch(ctx, o.watchSession)
	o.watchSession(ctx)
	vault.Load(o.draft, &o.form)
}

// watchSession notices that the folder is there already: from before, or opened in another tab meanwhile.
func (o *opening) watchSession(app.Context) {
	if o.busy || o.step == stepDone || shell.CurrentSession().State != shell.CitizenState {
		return
	}
	o.finish(true)
}

// OnDismount lets updates through again.
func (o *opening) OnDismount() { o.letGo() }

// Render draws the step.
func (o *opening) Render() app.UI {
	var body []app.UI
	switch o.step {
	case stepTerms:
		body = o.terms()
	case stepForm:
		body = o.fill()
	case stepCheck:
		body = o.lookOver()
	case stepDone:
		body = o.done()
	}
	stepper := app.UI(app.Div())
	if !o.already {
		stepper = kit.Stepper{Steps: stepNames, Current: o.step}.UI()
	}
	return app.Div().Class("page page-open").Body(
		shell.Heading(textOpenTitle),
		app.Div().Body(stepper),
		o.failure.Banner("open-failure"),
		o.summary(),
		// A div of its own for each step, so that no field of one becomes a field of another.
		app.Range([]int{stepTerms, stepForm, stepCheck, stepDone}).Slice(func(i int) app.UI {
			if i != o.step {
				return app.Div().Class("step-gone")
			}
			return app.Section().ID("open-step").Class("flow-step").TabIndex(-1).Aria("label", stepNames[i].String()).Body(body...)
		}),
	)
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
		kit.Checkbox{ID: idAgree, Label: textAgree, Checked: o.agreed, Error: faultOf(o.faults, idAgree),
			OnChange: func(_ app.Context, on bool) { o.agreed = on }}.UI(),
		actions(kit.Button{ID: "open-next-form", Label: textNextForm, Kind: kit.Primary, OnPress: func(ctx app.Context) {
			if !o.agreed {
				o.refuse(ctx, []kit.FieldError{{Field: idAgree, Message: faultAgree}})
				return
			}
			o.turn(ctx, stepForm)
		}}),
	}
}

func (o *opening) fill() []app.UI {
	body, kept := o.fields(), textNotKept
	if o.keeps {
		kept = textKept
	}
	return append(body,
		app.P().Class("hint").Body(kept.UI()),
		actions(
			kit.Button{ID: "open-next-check", Label: textNextCheck, Kind: kit.Primary, OnPress: func(ctx app.Context) {
				if !o.refuse(ctx, o.form.check()) {
					o.turn(ctx, stepCheck)
				}
			}},
			kit.Button{ID: "open-back-terms", Label: textBack, OnPress: func(ctx app.Context) { o.turn(ctx, stepTerms) }},
		),
	)
}

func (o *opening) lookOver() []app.UI {
	return []app.UI{
		app.P().Class("lead").Body(textLookOver.UI()),
		o.form.facts(),
		actions(
			kit.Button{ID: "open-do", Label: textOpenDo, Kind: kit.Primary, Busy: o.busy, OnPress: o.send},
			kit.Button{ID: "open-back-form", Label: textBack, OnPress: func(ctx app.Context) { o.turn(ctx, stepForm) }},
		),
	}
}

func (o *opening) done() []app.UI {
	if o.already {
		words := rpc.Words(&rpc.Error{Info: &portalv1.ErrorInfo{Reason: portalv1.Reason_REASON_ALREADY_OPEN}})
		return []app.UI{
			kit.NotificationBanner{ID: "already-open", Tone: kit.Info, Title: words.What, Body: []app.UI{
				app.P().Body(words.Means.UI()), app.P().Body(words.Do.UI()),
			}}.UI(),
			app.Div().Class("actions").Body(o.ways()...),
		}
	}
	next := []app.UI{app.P().Body(textOpenedNext.UI())}
	switch {
	case o.form.mail() != "" && o.mailAfter > 0:
		next = append(next, app.P().Body(textOpenedNoMail.F(o.form.mail()).UI()), app.P().Body(rpc.WaitFor(o.mailAfter).UI()))
	case o.form.mail() != "":
		next = append(next, app.P().Body(textSentConfirm.F(o.form.mail()).UI()))
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

func (o *opening) turn(_ app.Context, step int) {
	ctx := o.ctx // not the button's: it goes
	o.step, o.faults, o.failure = step, nil, rpc.Message{}
	kit.Focus(ctx, "open-step")
	ctx.Defer(func(app.Context) { app.Window().Call("scrollTo", 0, 0) })
}

func (o *opening) send(app.Context) {
	ctx := o.ctx
	o.busy, o.failure = true, rpc.Message{}
	request := &portalv1.OpenAccountRequest{
		TermsVersion:     rule.TermsVersion,
		DisplayName:      o.form.name(),
		MailAddress:      o.form.mail(),
		MunicipalityCode: o.form.MunicipalityCode,
		MailOnLogin:      o.form.MailOnLogin,
		MailOnNotice:     o.form.MailOnNotice,
		Language:         string(lang.Current()),
	}
	ctx.Async(func() {
		response, err := rpc.Account().OpenAccount(context.Background(), request)
		if err == nil || rpc.Reason(err) == portalv1.Reason_REASON_ALREADY_OPEN {
			session.Changed(context.Background())
		}
		ctx.Dispatch(func(ctx app.Context) {
			o.mailAfter = time.Duration(response.GetConfirmationRetryAfterMs()) * time.Millisecond
			o.sent(ctx, err)
		})
	})
}

func (o *opening) sent(ctx app.Context, err error) {
	o.busy = false
	already := rpc.Reason(err) == portalv1.Reason_REASON_ALREADY_OPEN
	if err == nil || already {
		o.finish(already)
		return
	}
	message := rpc.Words(err)
	if fieldOf[message.Field] != "" {
		o.turn(ctx, stepForm)
	}
	o.failure = message
	if !o.blame(ctx, message) {
		kit.Focus(ctx, "open-failure")
	}
}

// finish ends the flow: the folder is open, by this or already.
func (o *opening) finish(already bool) {
	vault.Drop(o.draft)
	o.letGo()
	o.already = already
	o.turn(o.ctx, stepDone)
}
