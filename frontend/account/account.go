// Package account is what a person sees of their user folder (利用者フォルダ・利用者登録): opening it at the first login, changing
// what is registered, confirming the mail address, undoing what somebody else changed of it, closing it for good.
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
)

// Feature hangs the pages into the house.
var Feature = shell.Feature{
	Pages: []shell.Page{
		{Path: "/account/open", Title: textOpenTitle, For: shell.Newcomer, New: newOpening},
		{Path: "/account", Title: textTitle, For: shell.Citizen, New: newSettings},
		{Path: "/account/confirm", Title: textConfirmTitle, New: func() app.Composer { return &confirmation{} }},
		{Path: "/account/undo", Title: textUndoTitle, New: func() app.Composer { return &undoing{} }},
		{Path: "/account/close", Title: textCloseTitle, Parent: "/account", For: shell.Citizen, New: func() app.Composer { return &closing{} }},
		{Path: "/account/closed", Title: textClosedTitle, New: func() app.Composer { return &closed{} }},
	},
	Entries: []shell.Entry{{Path: "/account", Label: textTitle, Icon: kit.IconPerson, For: shell.Citizen, Order: 60}},
}

const draftSettings = "account"

var (
	textTitle     = lang.New("登録内容", "Your registration", "登録内容《とうろくないよう》")
	textChange    = lang.New("変更する", "Change", "変《か》える")
	textSave      = lang.New("保存する", "Save", "保存《ほぞん》する")
	textDiscard   = lang.New("変更をやめる", "Discard changes", "変《か》えない")
	textSaved     = lang.New("保存しました", "Saved", "保存《ほぞん》しました")
	textDraft     = lang.New("保存していない変更が残っていました。続きから直せます。", "There were changes that were not saved. You can go on from there.", "まだ保存《ほぞん》していないものがあります。続《つづ》きができます。")
	textConfirmed = lang.New("確認済み", "Confirmed", "確認《かくにん》しました")
	textWaiting   = lang.New("確認待ち", "Not confirmed yet", "まだ確認《かくにん》していません")
	textWaitingDo = lang.New("届いたメールのリンクを押してください。", "Please open the link in the mail you got.", "届《とど》いたメールのリンクを押《お》してください。")
	textResend    = lang.New("確認メールをもう一度送る", "Send the confirmation mail again", "確認《かくにん》メールをもう一度《いちど》送《おく》る")
	textResent    = lang.New("確認メールを送ります。届くまで少しかかることがあります", "The confirmation mail is on its way; it may take a while", "確認《かくにん》メールを送《おく》ります。少《すこ》し 待《ま》ってください")
	// textConfirmedThen is said to who asks for a mail that nothing is left to confirm with.
	textConfirmedThen = lang.New("このメールアドレスは、もう確認が済んでいます。メールは送っていません", "This address is confirmed already; no mail was sent", "この メールアドレスは、もう 確認《かくにん》しました。メールは 送《おく》って いません")
	textOpenedAt      = lang.New("開設した日", "Opened on", "作《つく》った日《ひ》")
	textDevices       = lang.New("ログインしている端末", "Devices that are logged in", "ログインしている機械《きかい》")
	textDevicesDo     = lang.New("ほかの端末でログインしたままのときや、心当たりのないログインがあるときに使います。この端末もログアウトします。", "For when you are still logged in elsewhere, or somebody else may be. This device is logged out too.", "ほかの機械《きかい》でログインしたままのときに使《つか》います。この機械《きかい》もログアウトします。")
	textEverywhere    = lang.New("すべての端末からログアウト", "Log out everywhere", "全部《ぜんぶ》ログアウト")
	textLeave         = lang.New("利用者フォルダを閉鎖する", "Close the folder", "フォルダをなくす")
	textLeaveWhat     = lang.New("登録内容とお知らせをすべて消去します。", "Erases your registration and all notices.", "登録《とうろく》と｜お知らせ《おしらせ》を全部《ぜんぶ》消《け》します。")
	textLeaveGo       = lang.New("閉鎖の手続きへ", "Go on to close it", "なくす手続《てつづ》きへ")
	textAgain         = lang.New("もう一度読み込む", "Load again", "もう一度《いちど》読《よ》む")
)

// settings shows what is registered and lets it be changed.
type settings struct {
	app.Compo
	editor
	ctx     app.Context
	account *portalv1.Account
	editing bool
	busy    bool
	taken   bool                           // a draft was taken up
	pending *portalv1.UpdateAccountRequest // what waits for the card
	answer  answer                         // to pending, once the card was shown
	done    lang.Text
	sent    []lang.Text // which mails went where
	failure rpc.Message
}

func newSettings() app.Composer {
	s := &settings{}
	s.draft = draftSettings
	return s
}

// OnMount loads what is registered, and a draft if one was left.
func (s *settings) OnMount(ctx app.Context) {
	shell.Follow(ctx)
	if app.IsServer {
		return
	}
	s.ctx = ctx
	s.load(ctx)
}

// OnDismount lets updates through again.
func (s *settings) OnDismount() { s.letGo() }

func (s *settings) load(app.Context) {
	ctx := s.ctx // not the button's: it goes
	s.failure = rpc.Message{}
	ctx.Async(func() {
		response, err := rpc.Account().GetAccount(context.Background(), &portalv1.GetAccountRequest{})
		ctx.Dispatch(func(app.Context) {
			if err != nil {
				s.failure = rpc.Words(err)
				return
			}
			s.account = response.GetAccount()
			s.form = formOf(s.account)
			if vault.Load(s.draft, &s.form) {
				s.editing, s.taken = true, true
			}
		})
	})
}

// Render draws the registration or its form.
func (s *settings) Render() app.UI {
	return app.Div().Class("page page-account").Body(
		shell.Heading(textTitle),
		s.failure.Banner("account-failure"),
		kit.NotificationBanner{ID: "account-done", Tone: kit.Success, Title: s.done, Body: lines(s.sent)}.UI(),
		s.summary(),
		app.Div().Class("account-view").Body(s.view()...),
		app.Div().Class("account-edit").Body(s.edit()...),
		app.Div().Class("account-card").Body(s.card()...),
		app.Div().Class("account-more").Body(s.more()...),
	)
}

func (s *settings) view() []app.UI {
	if s.editing {
		return nil
	}
	if s.account == nil {
		if s.failure.Is() {
			return []app.UI{kit.Button{ID: "account-again", Label: textAgain, OnPress: s.load}.UI()}
		}
		return []app.UI{kit.Skeleton(5, nil)}
	}
	return []app.UI{
		s.form.facts(),
		s.mailState(),
		app.P().Class("hint").Body(textOpenedAt.UI(), app.Text(": "), kit.DateText(time.UnixMilli(s.account.GetOpenedAt()))),
		actions(kit.Button{ID: "account-change", Label: textChange, Kind: kit.Primary, OnPress: func(app.Context) {
			s.editing, s.done, s.sent = true, lang.Text{}, nil
			kit.Focus(s.ctx, idName)
		}}),
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
		app.P().Body(textWaitingDo.UI()),
		kit.Button{ID: "account-resend", Label: textResend, Busy: s.busy, OnPress: s.resend}.UI(),
	)
}

func (s *settings) edit() []app.UI {
	if !s.editing || s.pending != nil {
		return nil
	}
	note := app.P().Class("hint")
	if s.taken {
		note = note.Body(textDraft.UI())
	}
	body := append([]app.UI{note}, s.fields()...)
	return append(body, s.cardHint(), actions(
		kit.Button{ID: "account-save", Label: textSave, Kind: kit.Primary, Busy: s.busy, OnPress: s.save},
		kit.Button{ID: "account-discard", Label: textDiscard, OnPress: s.discard},
	))
}

func (s *settings) more() []app.UI {
	if s.account == nil || s.pending != nil {
		return nil
	}
	return []app.UI{
		kit.Card{ID: "account-devices", Heading: textDevices, Icon: kit.IconLogOut, Body: []app.UI{
			app.P().Body(textDevicesDo.UI()),
			kit.Button{ID: "account-everywhere", Label: textEverywhere, Busy: s.busy, OnPress: s.everywhere}.UI(),
		}}.UI(),
		kit.Card{ID: "account-leave", Heading: textLeave, Icon: kit.IconDelete, Body: []app.UI{
			app.P().Body(textLeaveWhat.UI()),
			kit.Link{Label: textLeaveGo, Href: "/account/close", Kind: kit.Secondary}.UI(),
		}}.UI(),
	}
}

func (s *settings) discard(app.Context) {
	vault.Drop(s.draft)
	s.letGo()
	s.form, s.faults, s.editing, s.taken, s.failure = formOf(s.account), nil, false, false, rpc.Message{}
}

func (s *settings) save(app.Context) {
	ctx := s.ctx
	s.failure = rpc.Message{}
	if s.refuse(ctx, s.form.check()) {
		return
	}
	s.busy = true
	request := &portalv1.UpdateAccountRequest{
		DisplayName:      s.form.name(),
		MailAddress:      s.form.mail(),
		MunicipalityCode: s.form.MunicipalityCode,
		MailOnLogin:      s.form.MailOnLogin,
		MailOnNotice:     s.form.MailOnNotice,
		Language:         string(lang.Current()),
	}
	ctx.Async(func() {
		got := send(context.Background(), request)
		ctx.Dispatch(func(ctx app.Context) {
			s.busy = false
			if rpc.Info(got.err).GetCardPurpose() == purposeMail {
				s.askForCard(ctx, request)
				return
			}
			s.saved(ctx, request, got, false)
		})
	})
}

// answer is what the portal said to a change.
type answer struct {
	account *portalv1.Account
	err     error
}

func send(ctx context.Context, request *portalv1.UpdateAccountRequest) answer {
	response, err := rpc.Account().UpdateAccount(ctx, request)
	if err == nil {
		session.Changed(ctx)
	}
	return answer{response.GetAccount(), err}
}

func (s *settings) saved(ctx app.Context, request *portalv1.UpdateAccountRequest, got answer, byCard bool) {
	if got.err != nil {
		s.failed(ctx, got.err)
		return
	}
	s.sent = mailed(s.account.GetMailAddress(), request.GetMailAddress(), byCard)
	s.account = got.account
	s.discard(ctx)
	s.done = textSaved
	kit.Focus(ctx, "account-done")
}

// failed says what went wrong; what was typed stays.
func (s *settings) failed(ctx app.Context, err error) {
	s.failure = rpc.Words(err)
	if s.failure.Field == "mail_address" && rpc.Reason(err) == portalv1.Reason_REASON_TOO_MANY_REQUESTS {
		s.failure = tooManyMails(err)
		s.failure.Means = textBoth.F(textNoMailWhy, textNotSaved)
		kit.Focus(ctx, "account-failure")
		return
	}
	if !s.blame(ctx, s.failure) {
		kit.Focus(ctx, "account-failure")
	}
}

func (s *settings) resend(app.Context) {
	ctx := s.ctx
	s.busy, s.done, s.sent, s.failure = true, lang.Text{}, nil, rpc.Message{}
	ctx.Async(func() {
		response, err := rpc.Account().SendMailConfirmation(context.Background(), &portalv1.SendMailConfirmationRequest{})
		ctx.Dispatch(func(ctx app.Context) {
			s.busy = false
			if rpc.Reason(err) == portalv1.Reason_REASON_TOO_MANY_REQUESTS {
				s.failure = tooManyMails(err)
				kit.Focus(ctx, "account-failure")
				return
			}
			if err != nil {
				s.failed(ctx, err)
				return
			}
			if response.GetAlreadyConfirmed() {
				s.done = textConfirmedThen
				s.load(ctx)
				return
			}
			s.done = textResent
		})
	})
}

func (s *settings) everywhere(app.Context) {
	ctx := s.ctx
	s.busy, s.failure = true, rpc.Message{}
	ctx.Async(func() {
		_, err := session.LogOutEverywhere(context.Background())
		ctx.Dispatch(func(ctx app.Context) {
			s.busy = false
			if err != nil {
				s.failed(ctx, err)
			}
		})
	})
}
