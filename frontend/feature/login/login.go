// Package login is the page where a person comes in with their My Number Card (ログイン).
package login

import (
	"context"
	"net/url"

	"github.com/maxence-charriere/go-app/v10/pkg/app"

	"madoguchi/frontend/frame/kit"
	"madoguchi/frontend/frame/lang"
	"madoguchi/frontend/frame/shell"
	"madoguchi/frontend/part/proof"
	"madoguchi/frontend/part/session"
	"madoguchi/frontend/reach/rpc"
	"madoguchi/frontend/reach/vault"
	portalv1 "madoguchi/proto/gen/portal/v1"
)

const opening = "/account/open"

// Feature hangs the login page into the house.
var Feature = shell.Feature{
	Pages: []shell.Page{{
		Path: "/login", Prerender: "login", Title: textTitle, New: func() app.Composer { return &page{} },
	}},
}

var (
	textTitle = lang.New("ログイン", "Log in", "ログイン")
	textLead  = lang.New("マイナンバーカードと数字4桁の暗証番号でログインします。", "Log in with your My Number Card and its PIN of four digits.", "マイナンバーカードと、数字《すうじ》4つの暗証番号《あんしょうばんごう》でログインします。")
	textTold  = lang.New("まどぐちにログイン", "Logging in to Madoguchi", "まどぐちにログイン")
	textHelp  = lang.New("困ったとき", "Trouble?", "困《こま》ったとき")

	textPrepare = lang.New("準備: ブラウザ・カードリーダー・カードを確かめる", "Get ready: check browser, card reader and card", "準備《じゅんび》: ブラウザ・カードリーダー・カードを確《たし》かめる")
	textInstall = lang.New("まどぐちをアプリとして入れる", "Install Madoguchi as an app", "まどぐちをアプリにする")
	textHelpAll = lang.New("使い方を見る", "How to use this site", "使《つか》い方《かた》を見《み》る")
	textForgot  = lang.New("暗証番号を忘れたとき・ロックされたとき", "If you forgot the PIN or it is locked", "暗証番号《あんしょうばんごう》を忘《わす》れたとき・ロックされたとき")
	textCounter = lang.New("お住まいの市区町村の窓口で、カードと本人確認書類を持って再設定してください。このサイトでは再設定できません。", "Have it reset at the counter of your municipality; bring the card and a proof of identity. It cannot be reset here.", "住《す》んでいる市区町村《しくちょうそん》の窓口《まどぐち》に、カードを持《も》って行《い》ってください。ここでは直《なお》せません。")

	textOut      = lang.New("ログアウトしました", "You are logged out", "ログアウトしました")
	textOutBy    = lang.New("ご利用ありがとうございました。カードをお取りください。", "Thank you. Please take your card.", "カードを取《と》ってください。")
	textOutTime  = lang.New("しばらく操作がなかったか、利用時間の上限になりました。", "Nothing was done for a while, or the longest time is over.", "長《なが》い時間《じかん》、操作《そうさ》がありませんでした。")
	textOutDraft = lang.New("入力していた内容は残っています。ログインすると続きから始められます。", "What you typed is kept; log in to go on where you were.", "書《か》いたものは残《のこ》っています。ログインすると続《つづ》きができます。")
	textOutTower = lang.New("ほかの場所からログアウトされたか、フォルダが閉鎖されました。", "You were logged out from elsewhere, or the folder was closed.", "ほかの場所《ばしょ》でログアウトしました。")
	textAlready  = lang.New("ログインしています。ページを移動します。", "You are logged in. Taking you on.", "ログインしています。ページを変《か》えます。")
)

type page struct {
	app.Compo
	ctx   app.Context
	next  string
	came  *portalv1.Session
	moved bool
	open  string // the address of the page to come to, for another device
}

// OnMount notes where the person wanted to go.
func (p *page) OnMount(ctx app.Context) {
	shell.Follow(ctx)
	if app.IsServer {
		return
	}
	p.next = shell.Destination(ctx.Page().URL())
	p.ctx = ctx
	p.open = app.Window().Get("location").Get("origin").String()
	if p.wanted() {
		p.open += p.next
	}
}

// wanted tells whether the person was on the way to some page.
func (p *page) wanted() bool { return p.next != shell.Destination(&url.URL{}) }

// Render draws the pad; who is logged in already is taken on.
func (p *page) Render() app.UI {
	current := shell.CurrentSession()
	if current.State == shell.CitizenState && p.next != "" {
		p.ctx.Dispatch(func(ctx app.Context) { p.move(ctx, p.next) })
	}
	return app.Div().Class("page page-login").Body(
		shell.Heading(textTitle),
		ended(current),
		proof.ByDevice(p.withoutCard, p.withCard),
	)
}

func (p *page) withoutCard() app.UI {
	return app.Div().Body(
		proof.WithoutCard(p.open, p.open != "" && p.wanted()),
		app.P().Body(kit.Link{Label: textInstall, Href: "/prepare"}.UI()),
	)
}

func (p *page) withCard() app.UI {
	return app.Div().Body(
		app.P().Class("lead").Body(textLead.UI()),
		&proof.Pad{Aim: proof.Aim{Purpose: proof.PurposeLogin}, Told: textTold, Action: textTitle, Use: p.use, Done: p.done},
		kit.Disclosure{ID: "login-help", Summary: textHelp, Body: []app.UI{
			app.P().Body(kit.Link{Label: textPrepare, Href: "/prepare"}.UI()),
			app.P().Body(kit.Link{Label: textHelpAll, Href: "/help"}.UI()),
			app.H3().Body(textForgot.UI()),
			app.P().Body(textCounter.UI()),
		}}.UI(),
	)
}

// ended tells calmly why the person is here again.
func ended(s shell.Session) app.UI {
	banner := kit.NotificationBanner{ID: "login-ended", Tone: kit.Info}
	why := lang.Text{}
	switch {
	case s.State == shell.CitizenState:
		banner.Title = textAlready
	case s.Ended == shell.EndedByPerson:
		banner.Title, why = textOut, textOutBy
	case s.Ended == shell.EndedByTime:
		banner.Title, why = textOut, textOutTime
	case s.Ended == shell.EndedByPortal:
		banner.Title, why = textOut, textOutTower
	}
	if !why.Empty() {
		banner.Body = []app.UI{app.P().Body(why.UI())}
	}
	if s.Ended == shell.EndedByTime && vault.HasDraft() {
		banner.Body = append(banner.Body, app.P().Body(textOutDraft.UI()))
	}
	return banner.UI()
}

func (p *page) use(ctx context.Context, proof *portalv1.CardProof) error {
	response, err := rpc.Login().LogIn(ctx, &portalv1.LogInRequest{Proof: proof})
	if err != nil {
		return err
	}
	session.Began(response.GetSession())
	p.came = response.GetSession()
	return nil
}

func (p *page) done(ctx app.Context) {
	if p.came.GetKind() == portalv1.SessionKind_SESSION_KIND_NEWCOMER {
		p.move(ctx, shell.WithNext(opening, p.next))
		return
	}
	p.move(ctx, p.next)
}

// move goes on, once: the answer to the login and the news of the session both lead here.
func (p *page) move(ctx app.Context, to string) {
	if p.moved {
		return
	}
	p.moved = true
	ctx.Navigate(to)
}
