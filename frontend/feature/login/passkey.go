package login

import (
	"context"
	"errors"

	"github.com/maxence-charriere/go-app/v10/pkg/app"

	"madoguchi/frontend/frame/kit"
	"madoguchi/frontend/frame/lang"
	"madoguchi/frontend/part/trouble"
	"madoguchi/frontend/reach/card"
	"madoguchi/frontend/reach/passkey"
	"madoguchi/frontend/reach/rpc"
	"madoguchi/frontend/reach/vault"
	portalv1 "madoguchi/proto/gen/portal/v1"
	"madoguchi/proto/gen/portal/v1/portalv1web"
)

const wayPasskey = "passkey"

// byPasskey is the way in with a passkey of this device, or of a phone that the browser finds itself.
type byPasskey struct {
	asking  bool
	failure trouble.Message
}

// hasPasskeys tells whether there is anything to show. A phone that cannot is told so.
func (p *page) hasPasskeys() bool {
	return passkey.Supported() || card.Shared().Status().Phase == card.Handheld
}

func (p *page) passkeyOnComputer() app.UI { return p.passkeyWay(textPasskeyOther) }

// passkeyOnHandheld says plainly when this one cannot.
func (p *page) passkeyOnHandheld() app.UI {
	if !app.IsServer && !passkey.Supported() {
		return app.Div().Class("status status-info").Body(
			textPasskeyCannot.P("status-what"),
			textPasskeyCannotDo.P(""),
		)
	}
	return p.passkeyWay(textPasskeyHere)
}

func (p *page) passkeyWay(heading lang.Text) app.UI {
	return app.Div().Class("passkey-way").Body(
		app.H2().Class("passkey-heading").Body(kit.Icon(kit.IconFingerprint), heading.UI()),
		textPasskeyLead.P(""),
		p.passkey.failure.Banner("passkey-failure"),
		app.Div().Class("pad-buttons").Body(kit.Button{
			ID: "passkey-go", Label: textPasskeyGo, Kind: kit.Secondary, Busy: p.passkey.asking,
			OnPress: p.enterByPasskey,
		}.UI()),
	)
}

func (p *page) enterByPasskey(app.Context) {
	p.askPasskey(&p.passkey, textPasskeyNoneDo, "passkey-failure", p.proveByPasskey)
}

// askPasskey logs in by one of the two ways that ask for a passkey; a browser asks for one at a time. none is what to
// do when there is no answer.
func (p *page) askPasskey(way *byPasskey, none lang.Text, failure string, prove func(context.Context) error) {
	if p.passkey.asking || p.nearby.asking {
		return
	}
	*way = byPasskey{asking: true}
	p.ctx.Async(func() {
		err := prove(context.Background())
		p.ctx.Dispatch(func(ctx app.Context) {
			way.asking = false
			if err == nil {
				p.done(ctx)
				return
			}
			way.failure = passkeyFailure(err)
			if errors.Is(err, passkey.ErrDeclined) {
				way.failure.Do = none
			}
			kit.Focus(ctx, failure)
		})
	})
}

// proveByPasskey has the device answer, and logs in with that. What it made for the vault stays here.
func (p *page) proveByPasskey(ctx context.Context) error {
	portal := rpc.To(portalv1web.NewPasskeyService)
	begun, err := portal.BeginPasskeyLogin(ctx, &portalv1.BeginPasskeyLoginRequest{})
	if err != nil {
		return err
	}
	answer, err := passkey.Get(ctx, begun.GetOptions(), vault.PasskeySalt())
	if err != nil {
		return err
	}
	if answer.Secret != nil && !p.shared {
		if err := vault.OfferPasskey(ctx, answer.Credential, answer.Secret); err != nil {
			app.Log("having the passkey open the vault: ", err)
		}
	}
	if err := p.logInByPasskey(ctx, wayPasskey, begun.GetSeal(), answer, p.shared); err != nil {
		vault.DropOffer()
		return err
	}
	vault.AwaitOffer(ctx, offerPatience)
	return nil
}

func (p *page) logInByPasskey(ctx context.Context, way string, seal []byte, answer passkey.Answer, shared bool) error {
	p.here = true
	in, err := rpc.To(portalv1web.NewPasskeyService).LogInByPasskey(ctx, &portalv1.LogInByPasskeyRequest{
		Response: answer.JSON, Seal: seal, SharedDevice: shared,
	})
	if err != nil {
		p.here = false
		return err
	}
	p.began(way, in.GetSession(), shared)
	return nil
}

// passkeyFailures say why the device gave no answer.
var passkeyFailures = map[error]*trouble.Message{
	passkey.ErrUnsupported: {
		What: textPasskeyCannot, Means: textPasskeyNoneMeans, Do: textPasskeyCannotDo, Code: "PK-01",
	},
	passkey.ErrDeclined: {What: textPasskeyNone, Means: textPasskeyNoneMeans, Do: textPasskeyNoneDo, Code: "PK-02"},
	passkey.ErrKnown: {
		What: textPasskeyKnown, Means: textPasskeyKnownMeans, Do: textPasskeyKnownDo, Code: "PK-03",
	},
	passkey.ErrAddress: {
		What: textPasskeyAddress, Means: textPasskeyNoneMeans, Do: textPasskeyAddressDo, Code: "PK-04",
	},
	passkey.ErrUnable: {What: textPasskeyUnable, Means: textPasskeyNoneMeans, Do: textPasskeyUnableDo, Code: "PK-05"},
}

func passkeyFailure(err error) trouble.Message {
	for is, message := range passkeyFailures {
		if errors.Is(err, is) {
			told := *message
			told.Detail = err.Error()
			return told
		}
	}
	return trouble.Words(err)
}
