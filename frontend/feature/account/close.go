package account

import (
	"context"

	"github.com/maxence-charriere/go-app/v10/pkg/app"

	"madoguchi/frontend/frame/kit"
	"madoguchi/frontend/frame/lang"
	"madoguchi/frontend/frame/shell"
	"madoguchi/frontend/part/proof"
	"madoguchi/frontend/part/session"
	"madoguchi/frontend/reach/rpc"
	"madoguchi/frontend/reach/vault"
	portalv1 "madoguchi/proto/gen/portal/v1"
	"madoguchi/proto/gen/portal/v1/portalv1web"
)

// purposeClose is the card_purpose of CloseAccount.
const purposeClose = "account.close"

var (
	textCloseTitle = lang.New("利用者フォルダの閉鎖", "Close your folder", "フォルダをなくす")
	textCloseLead  = lang.New("閉鎖すると、次のものをすぐに消去します。元には戻せません。", "Closing erases the following at once. It cannot be undone.", "フォルダをなくすと、すぐに消《け》します（消去《しょうきょ》）。元《もと》に戻《もど》せません。")
	textErased     = lang.New("消去するもの", "What is erased", "消《け》すもの（消去《しょうきょ》）")
	textErasedList = []lang.Text{
		lang.New("表示する名前、メールアドレス、市区町村などの登録内容", "Your registration: name, mail address, municipality", "名前《なまえ》、メールアドレス、市区町村《しくちょうそん》などの登録《とうろく》"),
		lang.New("届いているお知らせと、その既読の記録", "The notices you got, and which of them you read", "届《とど》いた｜お知らせ《おしらせ》"),
		lang.New("行政機関ごとの識別子とのつながり", "The links with the offices' identifiers", "役所《やくしょ》とのつながり"),
		lang.New("すべての端末のログイン", "The logins of all devices", "全部《ぜんぶ》の機械《きかい》のログイン"),
	}
	textStays     = lang.New("残るもの", "What stays", "残《のこ》るもの")
	textStaysList = []lang.Text{
		lang.New("行政機関が持っている記録（このサイトの外にあるもの）", "The records of the offices themselves, outside this site", "役所《やくしょ》が持《も》っている記録《きろく》"),
		lang.New("確認メールを送った回数（どなたのものか分からない形で、30日のあいだ）", "How many confirmation mails were sent, for 30 days, in a form that does not show whose", "メールを何回《なんかい》送《おく》ったか。だれのメールかは、わかりません。30日《にち》で消《き》えます"),
		lang.New("閉鎖した日時など、法令で保存が定められた最小限の記録。お名前は含みません", "The few records that the law wants kept, such as the time of closing, without your name", "なくした日《ひ》など、法律《ほうりつ》で決《き》まった記録《きろく》。名前《なまえ》は入《はい》りません"),
	}
	textCloseAgain = lang.New("カードがあれば、いつでももう一度開設できます。", "With your card you can open a new folder any time.", "カードがあれば、いつでもまた作《つく》れます。")
	textCloseCard  = lang.New("ご本人であることをカードで確かめます。", "Your card proves that it is you.", "カードで、あなたが本人《ほんにん》か確《たし》かめます。")
	textCloseDo    = lang.New("閉鎖する", "Close the folder", "フォルダをなくす")
	textCloseNot   = lang.New("やめて登録内容にもどる", "Keep it and go back", "やめて、もどる")
	textCloseTold  = lang.New("まどぐちの利用者フォルダの閉鎖", "Closing a folder in Madoguchi", "フォルダをなくす")

	textClosedNot     = lang.New("ここで閉鎖した利用者フォルダはありません", "No folder was closed here", "ここでなくしたフォルダはありません")
	textClosedNotBody = lang.New("このページは、利用者フォルダを閉鎖した直後に表示するものです。何も変わっていません。", "This page is shown right after a folder was closed. Nothing has been changed.", "このページは、フォルダをなくしたあとに出《で》ます。何《なに》も変《か》わっていません。")
	textClosedTitle   = lang.New("利用者フォルダを閉鎖しました", "Your folder is closed", "フォルダをなくしました")
	textClosedBody    = lang.New("登録内容とお知らせを消去し、ログアウトしました。カードをお取りください。", "Your registration and notices are erased and you are logged out. Please take your card.", "登録《とうろく》と｜お知らせ《おしらせ》を消《け》しました。カードを取《と》ってください。")
)

// closing asks for the card again and erases the folder.
type closing struct{ app.Compo }

// OnMount has the page follow the language.
func (c *closing) OnMount(ctx app.Context) { shell.Follow(ctx) }

// Render says what happens, then asks for the card.
func (c *closing) Render() app.UI {
	return app.Div().Class("page page-close").Body(
		shell.Heading(textCloseTitle),
		app.P().Class("lead").Body(textCloseLead.UI()),
		points(textErased, textErasedList),
		points(textStays, textStaysList),
		app.P().Body(textCloseAgain.UI()),
		app.P().Body(textCloseCard.UI()),
		&proof.Pad{Aim: closeAim, Told: textCloseTold, Action: textCloseDo, Danger: true, Use: c.use, Done: c.done},
		app.P().Body(kit.Link{Label: textCloseNot, Href: "/account"}.UI()),
	)
}

func points(heading lang.Text, list []lang.Text) app.UI {
	items := make([]app.UI, len(list))
	for i, t := range list {
		items[i] = app.Li().Body(t.UI())
	}
	return app.Section().Class("part").Body(app.H2().Class("part-title").Body(heading.UI()), app.Ul().Class("dots").Body(items...))
}

// closeAim is what the card is shown for.
var closeAim = proof.Aim{
	Purpose: purposeClose, Procedure: portalv1web.AccountServiceCloseAccount, Request: &portalv1.CloseAccountRequest{},
}

func (c *closing) use(ctx context.Context, proof *portalv1.CardProof) error {
	if _, err := rpc.Login().ShowCard(ctx, &portalv1.ShowCardRequest{Proof: proof}); err != nil {
		return err
	}
	_, err := rpc.Account().CloseAccount(ctx, &portalv1.CloseAccountRequest{})
	return err
}

// done leaves the page for one that needs no login before it tells that the session is over.
func (c *closing) done(ctx app.Context) {
	vault.Receipt(receiptClosed, true)
	ctx.Navigate("/account/closed")
	ctx.Async(session.Closed)
}

// closed is the last page: what was done, for who has done it.
type closed struct {
	app.Compo
	known, done bool
}

// receiptClosed notes in this tab that a folder was closed.
const receiptClosed = "account-close"

// OnMount looks whether a folder was closed here, until the next login.
func (c *closed) OnMount(ctx app.Context) {
	shell.Follow(ctx)
	c.known = !app.IsServer
	vault.HasReceipt(receiptClosed, &c.done)
}

// Render says that it is done. It says so to nobody who only has the address.
func (c *closed) Render() app.UI {
	if c.known && !c.done {
		return app.Div().Class("page page-closed").Body(
			shell.Heading(textClosedNot),
			app.P().Class("lead").Body(textClosedNotBody.UI()),
			app.P().Body(kit.Link{Label: textConfirmTop, Href: "/", Kind: kit.Secondary}.UI()),
		)
	}
	if !c.known {
		return app.Div().Class("page page-closed").Body(shell.Heading(textCloseTitle), kit.Skeleton(2, nil))
	}
	return app.Div().Class("page page-closed").Body(
		shell.Heading(textClosedTitle),
		app.P().Class("lead").Body(textClosedBody.UI()),
		app.P().Body(kit.Link{Label: textConfirmTop, Href: "/", Kind: kit.Secondary}.UI()),
	)
}
