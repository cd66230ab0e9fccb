// Package login is the page where a person comes in with their My Number Card (ログイン).
package login

import (
	"context"
	"net/url"
	"time"

	"github.com/maxence-charriere/go-app/v10/pkg/app"

	"madoguchi/frontend/frame/kit"
	"madoguchi/frontend/frame/lang"
	"madoguchi/frontend/frame/scene"
	"madoguchi/frontend/frame/shell"
	"madoguchi/frontend/part/proof"
	"madoguchi/frontend/part/session"
	"madoguchi/frontend/reach/card"
	"madoguchi/frontend/reach/rpc"
	"madoguchi/frontend/reach/vault"
	portalv1 "madoguchi/proto/gen/portal/v1"
	"madoguchi/proto/gen/portal/v1/portalv1web"
)

const opening = "/account/open"

// Feature hangs the login page into the house.
var Feature = shell.Feature{
	Pages: []shell.Page{
		{
			Path: "/login", Prerender: "login", AtOnce: true, Title: textTitle,
			New: func() app.Composer { return &page{} },
		},
		{
			Path: computerPath, Prerender: "login-qr", AtOnce: true, Title: textQrTitle, Parent: "/login",
			New: func() app.Composer { return &qrComputer{} },
		},
		{
			Path: phonePath, Prerender: "qr", AtOnce: true, Title: textQrPhoneTitle,
			New: func() app.Composer { return &qrPhone{} },
		},
		{
			Path: "/login/phone", For: shell.Citizen, Title: textPasskeysTitle, Parent: "/account",
			New: func() app.Composer { return &passkeys{} },
		},
		{
			Path: "/login/phone/new", AtOnce: true, Title: textPhoneTitle, Parent: "/login",
			New: func() app.Composer { return &phone{} },
		},
	},
	Services: []shell.Service{{
		ID: "qr", Path: phonePath, Title: textQrPhoneTitle, Text: textQrService, Sign: scene.SignDevice, Order: 80,
	}},
	Entries: []shell.Entry{{
		Path: "/login/phone", Label: textPasskeysTitle, Icon: kit.IconSmartphone, For: shell.Citizen, Order: 65,
	}},
	Start: func(app.Context) { listenToPasskeys() },
}

type page struct {
	app.Compo
	ctx   app.Context
	next  string
	came  *portalv1.Session
	moved bool
	last  *string // the way used last when the page came
	here  bool    // it is this page that logs in: it goes on by itself
	open  string  // the address of the page to come to, for another device
	// shared: others use this device, too.
	shared  bool
	passkey byPasskey
	nearby  byPhoneNearby
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
	p.lookNearby()
}

// wanted tells whether the person was on the way to some page.
func (p *page) wanted() bool { return p.next != shell.Destination(&url.URL{}) }

// Render draws the pad; who is logged in already is taken on.
func (p *page) Render() app.UI {
	current := shell.CurrentSession()
	if current.State == shell.CitizenState && p.next != "" && !p.here {
		p.ctx.Dispatch(func(ctx app.Context) { p.move(ctx, p.next) })
	}
	return app.Div().Class("page page-login").Body(
		shell.Heading(textTitle),
		p.ended(current),
		proof.ByDevice(p.onHandheld, p.onComputer),
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
		textLead.P("lead"),
		&proof.Pad{
			For: p.aim, Told: textTold, Action: textTitle, Choice: p.choice, Lit: textLit, Use: p.use, Done: p.done,
		},
		kit.Disclosure{ID: "login-help", Summary: textHelp, Body: []app.UI{
			app.P().Body(kit.Link{Label: textPrepare, Href: "/prepare"}.UI()),
			app.P().Body(kit.Link{Label: textHelpAll, Href: "/help"}.UI()),
			textForgot.H3(""),
			textCounter.P(""),
		}}.UI(),
	)
}

// choice is whose device this is.
func (p *page) choice() app.UI {
	return kit.Checkbox{
		ID: "login-shared", Label: textShared, Hint: textSharedHint, Checked: p.shared,
		OnChange: func(_ app.Context, on bool) { p.shared = on },
	}.UI()
}

// ended tells calmly why the person is here again.
func (p *page) ended(s shell.Session) app.UI {
	banner := kit.NotificationBanner{ID: "login-ended", Tone: kit.Info}
	why := lang.Text{}
	switch {
	case s.State == shell.CitizenState && p.here: // the window lights
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
		banner.Body = []app.UI{why.P("")}
	}
	if s.Ended == shell.EndedByTime && vault.HasDraft() {
		banner.Body = append(banner.Body, textOutDraft.P(""))
	}
	return banner.UI()
}

// aim is to log in; and, on a device of one's own, to have what will be kept here open by the card.
func (p *page) aim() proof.Aim {
	if p.shared {
		return proof.Aim{Purpose: proof.PurposeLogin}
	}
	return proof.Aim{Purpose: proof.PurposeLogin, Also: offer}
}

// offerPatience is how long somebody waits who is logged in already, until the card opens the vault, too: who goes on
// may load the page anew, and what the card made is nowhere but in it. It can lie nowhere: it would open the vault.
const offerPatience = 3 * time.Second

// offer has the card make a key for the vault, unless there is one that it opens. Without it the login goes on.
func offer(ctx context.Context, bridge *card.Bridge, act card.Act, certificate []byte) {
	salt, err := vault.CardSalt(ctx, certificate)
	if err != nil || salt == nil {
		return // a device that keeps nothing needs no key
	}
	made, err := bridge.DeriveKey(ctx, act, salt)
	if err == nil {
		err = vault.OfferCard(ctx, certificate, salt, made)
	}
	if err != nil {
		app.Log("having the card make a key: ", err)
	}
}

func (p *page) use(ctx context.Context, proof *portalv1.CardProof) error {
	p.here = true
	request := &portalv1.LogInRequest{Proof: proof, SharedDevice: p.shared}
	response, err := rpc.To(portalv1web.NewLoginService).LogIn(ctx, request)
	if err != nil {
		p.here = false
		vault.DropOffer()
		return err
	}
	p.began(wayCard, response.GetSession(), p.shared)
	if p.came.GetKind() == portalv1.SessionKind_SESSION_KIND_CITIZEN {
		vault.AwaitOffer(ctx, offerPatience)
	}
	return nil
}

// began notes who came in, and by which way.
func (p *page) began(way string, s *portalv1.Session, shared bool) {
	used(way, shared)
	session.Began(s)
	p.came = s
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
