package login

import (
	"context"
	"time"

	"github.com/maxence-charriere/go-app/v10/pkg/app"

	"madoguchi/frontend/frame/kit"
	"madoguchi/frontend/frame/shell"
	"madoguchi/frontend/part/ask"
	"madoguchi/frontend/part/trouble"
	"madoguchi/frontend/reach/passkey"
	"madoguchi/frontend/reach/vault"
	portalv1 "madoguchi/proto/gen/portal/v1"
)

// phoneAsks is how often the phone asks whether the card has signed.
const phoneAsks = 2 * time.Second

// phone is the page that the computer's picture leads to: the phone makes its passkey and shows the code.
type phone struct {
	app.Compo
	visit   ask.Visit
	ctx     app.Context
	birth   birth
	looked  bool
	making  bool
	opened  ask.Question
	watched ask.Question
	failure trouble.Message
}

// birth is how far it has come. This tab keeps it as long as the person is at the page, so that loading it again loses
// no code.
type birth struct {
	Token, Code string
	Added       bool
}

const phoneReceipt = "passkey-birth"

// OnMount takes the token out of the address: it belongs in no history, bookmark or picture of the screen.
func (p *phone) OnMount(ctx app.Context) {
	p.visit.Begin(ctx)
	p.ctx = ctx
	if app.IsServer {
		return
	}
	p.visit.Until(func() { vault.DropReceipt(phoneReceipt) })
	p.take()
}

// OnNav takes the token of another picture, opened in the same tab.
func (p *phone) OnNav(app.Context) {
	if p.ctx.Context != nil && !app.IsServer {
		p.take()
	}
}

// OnDismount forgets it.
func (p *phone) OnDismount() { p.visit.End() }

func (p *phone) take() {
	address := p.ctx.Page().URL()
	token := address.EscapedFragment()
	switch {
	case token != "":
		app.Window().Get("history").Call("replaceState", nil, "", address.Path)
		p.birth, p.failure = birth{Token: token}, trouble.Message{}
		vault.Receipt(phoneReceipt, p.birth)
	case p.looked:
		return
	default:
		vault.HasReceipt(phoneReceipt, &p.birth)
	}
	p.looked = true
	switch {
	case p.birth.Code != "":
		p.watch()
	case p.birth.Token != "" && passkey.Supported():
		p.open()
	}
}

// open looks whether the offer lasts before the device is asked.
func (p *phone) open() {
	ask.For(&p.visit, &p.opened, portal().OpenPasskeyOffer,
		&portalv1.OpenPasskeyOfferRequest{Token: p.birth.Token},
		func(app.Context, *portalv1.OpenPasskeyOfferResponse, error) {})
}

func (p *phone) make(app.Context) {
	if p.making {
		return
	}
	p.making, p.failure = true, trouble.Message{}
	token := p.birth.Token
	p.ctx.Async(func() {
		code, err := makePasskey(context.Background(), token)
		p.ctx.Dispatch(func(ctx app.Context) {
			if p.making = false; err != nil {
				p.failure = passkeyFailure(err)
				kit.Focus(ctx, "phone-failure")
				return
			}
			p.birth.Code = code
			vault.Receipt(phoneReceipt, p.birth)
			kit.Focus(ctx, "phone-code")
			p.watch()
		})
	})
}

// watch asks again and again whether the card has signed.
func (p *phone) watch() {
	if p.birth.Added {
		return
	}
	token := p.birth.Token
	ask.For(&p.visit, &p.watched, portal().WatchPasskeyOffer, &portalv1.WatchPasskeyOfferRequest{Token: token},
		func(ctx app.Context, got *portalv1.WatchPasskeyOfferResponse, err error) {
			switch {
			case got.GetAdded():
				p.birth.Added = true
				vault.Receipt(phoneReceipt, p.birth)
				kit.Focus(ctx, "phone-done")
			case err == nil || p.watched.Cut:
				ctx.After(phoneAsks, func(app.Context) {
					if token == p.birth.Token {
						p.watch()
					}
				})
			}
		})
}

// Render says how far it is.
func (p *phone) Render() app.UI {
	return app.Div().Class("page column page-phone").Body(
		shell.Heading(textPhoneTitle),
		trouble.First(p.failure, p.opened.Failure, p.broken()).Banner("phone-failure"),
		app.Div().Body(p.now()...),
	)
}

// broken is why the code is worth nothing any more; a network that is gone comes back.
func (p *phone) broken() trouble.Message {
	if p.watched.Cut {
		return trouble.Message{}
	}
	return p.watched.Failure
}

func (p *phone) now() []app.UI {
	switch {
	case !p.looked:
		return []app.UI{kit.Skeleton(3, nil)}
	case p.birth.Added:
		return []app.UI{
			kit.NotificationBanner{
				ID: "phone-done", Tone: kit.Success, Title: textPhoneDone,
				Body: []app.UI{textPhoneDoneNext.P("")},
			}.UI(),
			app.Div().Class("actions").Body(kit.Link{Label: textTitle, Href: "/login", Kind: kit.Primary}.UI()),
		}
	case p.birth.Code != "" && !p.broken().Is():
		return []app.UI{
			textPhoneCode.P(""),
			app.P().ID("phone-code").TabIndex(-1).Class("phone-code").Text(p.birth.Code[:3] + " " + p.birth.Code[3:]),
			textPhoneWait.P(""),
		}
	case p.birth.Token == "":
		return phoneHow()
	case !passkey.Supported():
		return []app.UI{kit.NotificationBanner{
			ID: "phone-cannot", Tone: kit.Warning, Title: textPasskeyCannot,
			Body: []app.UI{textPasskeyCannotDo.P("")},
		}.UI()}
	case p.opened.Failure.Is() || p.broken().Is():
		return phoneHow() // from a picture that is made anew
	}
	return []app.UI{
		textPhoneLead.P("lead"),
		textPhoneCaution.P(""),
		app.Div().Class("actions").Body(kit.Button{
			ID: "phone-make", Label: textPhoneMake, Kind: kit.Primary, Icon: kit.IconFingerprint, Wide: true,
			Busy: p.making || p.opened.Busy, OnPress: p.make,
		}.UI()),
	}
}

// phoneHow is what leads here, and the way on for a phone that was here before.
func phoneHow() []app.UI {
	return []app.UI{
		textPhoneHow.P("lead"),
		app.Ol().Class("numbers part").Body(textPhoneHow1.Li(""), textPhoneHow2.Li(""), textPhoneHow3.Li("")),
		app.Section().Class("part").Body(
			textPhoneAlready.P(""),
			app.Div().Class("actions").Body(kit.Link{Label: textTitle, Href: "/login", Kind: kit.Primary}.UI()),
		),
	}
}
