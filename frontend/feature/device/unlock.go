package device

import (
	"context"
	"errors"

	"github.com/maxence-charriere/go-app/v10/pkg/app"

	"madoguchi/frontend/frame/kit"
	"madoguchi/frontend/frame/lang"
	"madoguchi/frontend/frame/shell"
	"madoguchi/frontend/part/proof"
	"madoguchi/frontend/reach/card"
	"madoguchi/frontend/reach/passkey"
	"madoguchi/frontend/reach/vault"
)

// unlock is the page where the card opens the vault, with or without a network.
type unlock struct {
	app.Compo
	next        string
	what, means lang.Text // why it did not open
	passkeys    [][]byte  // that open a vault here
	asking      bool
}

// OnMount notes where the person wanted to go.
func (u *unlock) OnMount(ctx app.Context) {
	shell.Follow(ctx)
	if app.IsServer {
		return
	}
	if u.next = shell.Destination(ctx.Page().URL()); u.next == shell.HomePath {
		u.next = "/notice"
	}
	ctx.Async(func() {
		found := vault.Passkeys(context.Background())
		ctx.Dispatch(func(app.Context) { u.passkeys = found })
	})
}

// Render draws the pad.
func (u *unlock) Render() app.UI {
	banner := kit.NotificationBanner{ID: "unlock-failure", Tone: kit.Warning, Title: u.what}
	if !u.what.Empty() {
		banner.Body = []app.UI{u.means.P("")}
	}
	return app.Div().Class("page column page-unlock").Body(
		shell.Heading(textUnlockTitle),
		textUnlockLead.P("lead"),
		banner.UI(),
		u.byPasskey(),
		&proof.Pad{Told: textUnlockTold, Action: textUnlockTitle, Act: u.open, Done: u.done},
	)
}

// byPasskey is the way without the card, where there is one.
func (u *unlock) byPasskey() app.UI {
	if len(u.passkeys) == 0 || !passkey.Supported() {
		return app.Div()
	}
	return app.Div().Class("actions").Body(kit.Button{
		ID: "unlock-passkey", Label: textUnlockPasskey, Kind: kit.Primary, Icon: kit.IconFingerprint, Busy: u.asking,
		OnPress: func(ctx app.Context) {
			u.asking, u.what, u.means = true, lang.Text{}, lang.Text{}
			ctx.Async(func() {
				err := u.openByPasskey()
				ctx.Dispatch(func(ctx app.Context) {
					if u.asking = false; err != nil {
						app.Log("opening the vault by a passkey: ", err)
						u.what, u.means = textUnlockDeclined, textUnlockDeclinedBody
					}
					u.done(ctx)
				})
			})
		},
	}.UI())
}

func (u *unlock) openByPasskey() error {
	ctx := context.Background()
	made, err := passkey.Secret(ctx, u.passkeys, vault.PasskeySalt())
	if err != nil {
		return err
	}
	if made.Secret == nil {
		return passkey.ErrUnable
	}
	return vault.OpenByPasskey(ctx, made.Credential, made.Secret)
}

// open has the card make the key. What did not open the pad does not tell: it is neither the card's fault nor the
// PIN's.
func (u *unlock) open(ctx context.Context, bridge *card.Bridge, act card.Act, certificate []byte) error {
	defer clear(act.Secret.PIN)
	u.what, u.means = lang.Text{}, lang.Text{}
	err := vault.OpenByCard(ctx, certificate, func(salt []byte) ([]byte, error) {
		return bridge.DeriveKey(ctx, act, salt)
	})
	switch {
	case errors.Is(err, vault.ErrNone):
		u.what, u.means = textUnlockNone, textUnlockNoneBody
		return nil
	case errors.Is(err, vault.ErrNotOurs):
		u.what, u.means = textUnlockBroken, textUnlockBrokenBody
		return nil
	}
	return err
}

func (u *unlock) done(ctx app.Context) {
	if !u.what.Empty() {
		kit.Focus(ctx, "unlock-failure")
		return
	}
	ctx.Navigate(u.next)
}
