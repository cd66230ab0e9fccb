package account

import (
	"context"

	"github.com/maxence-charriere/go-app/v10/pkg/app"

	"madoguchi/frontend/frame/kit"
	"madoguchi/frontend/frame/lang"
	"madoguchi/frontend/frame/shell"
	"madoguchi/frontend/part/ask"
	"madoguchi/frontend/part/session"
	"madoguchi/frontend/reach/rpc"
	"madoguchi/frontend/reach/vault"
	portalv1 "madoguchi/proto/gen/portal/v1"
)

var (
	textUndoTitle = lang.New("登録内容の変更を元に戻す", "Undo a change of your registration", "登録《とうろく》を元《もと》に戻《もど》す")
	textUndoLead  = lang.New("あなたの知らない変更を知らせるメールを受け取ったときに使います。", "For when a mail told you of a change that was not yours.", "知《し》らない変更《へんこう》のメールが来《き》たときに使《つか》います。")
	textUndoWhat  = lang.New("「元に戻す」を押すと", "When you press “Undo”", "「元《もと》に戻《もど》す」を押《お》すと")
	textUndoList  = []lang.Text{
		lang.New("メールアドレスと、受け取るメールの設定が、変更の前に戻ります。そのあとの変更も取り消されます。", "Your mail address and the choice of mails are put back as they were before the change. Later changes are undone, too.", "メールアドレスとメールの設定《せってい》が、前《まえ》に戻《もど》ります。"),
		lang.New("すべての端末からログアウトします。変更した人がログインしたままでいられないようにするためです。", "Every device is logged out, so that whoever made the change does not stay logged in.", "全部《ぜんぶ》の機械《きかい》からログアウトします。変《か》えた人《ひと》を追《お》い出《だ》すためです。"),
		lang.New("元に戻したことを、メールで知らせます。", "A mail tells that it was undone.", "元《もと》に戻《もど》したことを、メールで知《し》らせます。"),
	}
	textUndoMine    = lang.New("ご自分でした変更なら、このページは閉じてください。", "If the change was yours, close this page.", "あなたが変《か》えたときは、このページを閉《と》じてください。")
	textUndoDo      = lang.New("元に戻す", "Undo", "元《もと》に戻《もど》す")
	textUndone      = lang.New("元に戻しました", "Undone", "元《もと》に戻《もど》しました")
	textUndoneBody  = lang.New("変更の前の登録内容に戻し、すべての端末からログアウトしました。", "Your registration is as it was before the change, and every device is logged out.", "前《まえ》の登録《とうろく》に戻《もど》しました。全部《ぜんぶ》の機械《きかい》からログアウトしました。")
	textUndoneOnce  = lang.New("すでに元に戻しています", "It has been undone already", "もう元《もと》に戻《もど》してあります")
	textUndoneAgain = lang.New("このリンクの変更は、前に取り消されています。今回は何もしていません。", "The change of this link was undone before. Nothing was done now.", "このリンクの変更《へんこう》は、もう元《もと》に戻《もど》してあります。今《いま》は何《なに》もしていません。")
	textUndoCard    = lang.New("カードと暗証番号を、ほかの人に使われたおそれがあります。カードが手元にあるか確かめてください。ないときは、マイナンバー総合フリーダイヤル（0120-95-0178）で一時利用停止を申し出てください。", "Somebody else may have used your card and PIN. Look for your card; if it is gone, have it suspended by telephone: 0120-95-0178 (free of charge; 0120-0178-27 in English).", "カードと暗証番号《あんしょうばんごう》を、ほかの人《ひと》が使《つか》ったかもしれません。カードがあるか見《み》てください。ないときは、0120-95-0178 に電話《でんわ》して、カードを止《と》めてください。")
	textUndoDeadWhy = lang.New("変更から72時間が過ぎたか、リンクが途中で切れているか、利用者フォルダが閉鎖されています。", "72 hours have passed since the change, the link is cut off, or the folder was closed.", "72時間《じかん》が過《す》ぎたか、リンクが切《き》れているか、フォルダがありません。")
	textUndoDeadDo  = lang.New("ログインして「登録内容」を確かめてください。カードがあれば、そこで直せます。", "Log in and look at your registration; with your card you can correct it there.", "ログインして「登録内容《とうろくないよう》」を見《み》てください。カードで直《なお》せます。")
)

// undoing is where the link of the mail about a change leads; it works on any device, logged in or not. It does nothing before a button is
// pressed: programs that look at links before people do must not log anybody out.
type undoing struct {
	app.Compo
	visit ask.Visit
	link  mailLink
	sent  ask.Question
}

// OnMount takes the token.
func (u *undoing) OnMount(ctx app.Context) {
	u.visit.Begin(ctx)
	u.visit.Until(func() { vault.DropReceipt(linkUndo) }) // forgets the link
	u.OnNav(ctx)
}

// OnNav takes the token, also of another mail that is opened in the same tab.
func (u *undoing) OnNav(ctx app.Context) {
	if u.link.take(ctx, linkUndo) {
		u.sent.Drop()
	}
}

// OnDismount forgets the link.
func (u *undoing) OnDismount() { u.visit.End() }

func (u *undoing) send(app.Context) {
	request := &portalv1.UndoMailChangeRequest{Token: u.link.Token}
	ask.Do(&u.visit, &u.sent, undo, request, func(ctx app.Context, response *portalv1.UndoMailChangeResponse, err error) {
		if err != nil {
			if rpc.Reason(err) == portalv1.Reason_REASON_MAIL_TOKEN_INVALID {
				u.sent.Failure.Means, u.sent.Failure.Do = textUndoDeadWhy, textUndoDeadDo
			}
			kit.Focus(ctx, "undo-failure")
			return
		}
		u.link.use(linkUndo, response.GetAlready())
		kit.Focus(ctx, "undone")
	})
}

func undo(ctx context.Context, request *portalv1.UndoMailChangeRequest) (*portalv1.UndoMailChangeResponse, error) {
	response, err := rpc.Account().UndoMailChange(ctx, request)
	if err == nil {
		leave(ctx)
	}
	return response, err
}

// leave notes that the login of this browser is over, if it was one of those that ended.
func leave(ctx context.Context) {
	if shell.CurrentSession().State == shell.LoggedOut {
		return
	}
	if now, err := rpc.Login().GetSession(ctx, &portalv1.GetSessionRequest{}); err == nil && now.GetSession() == nil {
		session.Closed()
	}
}

// Render says what the button does, or what it did.
func (u *undoing) Render() app.UI {
	banner := kit.NotificationBanner{ID: "undone", Tone: kit.Success}
	switch {
	case u.link.Done && u.link.Already:
		banner.Title, banner.Body = textUndoneOnce, lines([]lang.Text{textUndoneAgain, textUndoCard})
	case u.link.Done:
		banner.Title, banner.Body = textUndone, lines([]lang.Text{textUndoneBody, textUndoCard})
	}
	return app.Div().Class("page page-undo").Body(
		shell.Heading(textUndoTitle),
		u.sent.Failure.Banner("undo-failure"),
		banner.UI(),
		app.Div().Body(u.before()...),
		app.Div().Class("actions").Body(u.ways()...),
	)
}

func (u *undoing) before() []app.UI {
	if u.link.Done {
		return nil
	}
	return []app.UI{app.P().Class("lead").Body(textUndoLead.UI()), points(textUndoWhat, textUndoList), app.P().Body(textUndoMine.UI())}
}

func (u *undoing) ways() []app.UI {
	if u.link.Done {
		return []app.UI{kit.Link{Label: textConfirmTop, Href: "/", Kind: kit.Secondary}.UI()}
	}
	return []app.UI{
		kit.Button{ID: "undo-do", Label: textUndoDo, Kind: kit.Primary, Busy: u.sent.Busy, OnPress: u.send}.UI(),
		kit.Link{Label: textTitle, Href: "/account", Kind: kit.Secondary}.UI(),
	}
}
