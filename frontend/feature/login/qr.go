package login

import (
	"context"
	"encoding/base64"
	"net/url"
	"strings"
	"time"

	"github.com/maxence-charriere/go-app/v10/pkg/app"

	"madoguchi/frontend/frame/kit"
	"madoguchi/frontend/frame/shell"
	"madoguchi/frontend/reach/passkey"
	"madoguchi/frontend/reach/rpc"
	portalv1 "madoguchi/proto/gen/portal/v1"
	"madoguchi/proto/gen/portal/v1/portalv1web"
)

// 2次元バーコードでログイン has two pages: the computer shows a code on one, the phone decides on the other.
const (
	computerPath = "/login/qr"
	phonePath    = "/qr"
	lookEvery    = time.Second
)

// byQr is the way's row on the login page. Where the browser has a code of its own, by which the phone proves that it
// is near, that one comes first: nobody far away can have it read. Ours is the other way, without Bluetooth.
func (p *page) byQr() app.UI {
	ours := kit.Link{
		ID: "login-by-qr", Label: textQrShow, Href: shell.WithNext(computerPath, p.next), Kind: kit.Secondary,
		Icon: kit.IconQR,
	}
	if !p.nearby.can {
		return app.Div().Class("way-qr").Body(textQrWay.P(""), ours.UI())
	}
	ours.Label, ours.Kind, ours.Icon = textQrOurs, "", ""
	return app.Div().Class("way-qr").Body(
		textQrWay.P(""),
		p.nearby.failure.Banner("qr-nearby-failure"),
		kit.Button{
			ID: "login-nearby", Label: textQrShow, Kind: kit.Secondary, Icon: kit.IconQR, Busy: p.nearby.asking,
			OnPress: p.enterNearby,
		}.UI(),
		textQrNearby.P(""),
		app.P().Body(ours.UI()),
	)
}

// byPhoneNearby is the browser's own code, and how it went with it.
type byPhoneNearby struct {
	byPasskey
	can bool // the browser has it
}

func (p *page) lookNearby() {
	p.ctx.Async(func() {
		can := passkey.Nearby(context.Background())
		p.ctx.Dispatch(func(app.Context) { p.nearby.can = can })
	})
}

func (p *page) enterNearby(app.Context) {
	p.askPasskey(&p.nearby.byPasskey, textQrNearbyNone, "qr-nearby-failure", p.proveNearby)
}

// proveNearby logs in as our own code does: on a computer that others may use, too, with nothing for its vault.
func (p *page) proveNearby(ctx context.Context) error {
	begun, err := rpc.To(portalv1web.NewPasskeyService).BeginPasskeyLogin(ctx, &portalv1.BeginPasskeyLoginRequest{})
	if err != nil {
		return err
	}
	answer, err := passkey.GetNearby(ctx, begun.GetOptions())
	if err != nil {
		return err
	}
	return p.logInByPasskey(ctx, wayQr, begun.GetSeal(), answer, true)
}

// noQr stands on a phone, which shows no code.
func (p *page) noQr() app.UI { return app.Div() }

// isToken tells whether something has a token's form: 16 bytes in base64url.
func isToken(s string) bool {
	random, err := base64.RawURLEncoding.DecodeString(s)
	return err == nil && len(random) == 16 && len(s) == 22 // line ends are skipped by the decoder
}

// tokenOf finds the token in what a code says: the address of this portal's page, and nothing else. "" where it is
// another's.
func tokenOf(said, origin string) string {
	address, err := url.Parse(strings.TrimSpace(said))
	if err != nil || address.Scheme+"://"+address.Host != origin || address.User != nil || address.Path != phonePath ||
		address.RawQuery != "" || !isToken(address.Fragment) {
		return ""
	}
	return address.Fragment
}

// digitsOf reads a number as people type it: in full-width digits, with a blank or a stroke between. "" when it is not
// one of six.
func digitsOf(typed string) string {
	number := strings.Map(func(r rune) rune {
		switch {
		case r >= '０' && r <= '９':
			return r - '０' + '0'
		case strings.ContainsRune(" 　-‐－ー", r):
			return -1
		}
		return r
	}, typed)
	if len(number) != 6 || strings.Trim(number, "0123456789") != "" {
		return ""
	}
	return number
}

// followQr asks again and again how it goes with a code, until stop is called.
func followQr(
	ctx app.Context, token string, heard func(ctx app.Context, seen *portalv1.WatchQrResponse, err error),
) (stop func()) {
	life, stop := context.WithCancel(ctx)
	ctx.Async(func() {
		for {
			select {
			case <-life.Done():
				return
			case <-time.After(lookEvery):
			}
			seen, err := rpc.To(portalv1web.NewQrService).WatchQr(life, &portalv1.WatchQrRequest{Token: token})
			if life.Err() != nil {
				return
			}
			ctx.Dispatch(func(ctx app.Context) {
				if life.Err() == nil {
					heard(ctx, seen, err)
				}
			})
		}
	})
	return stop
}

// secondsLeft is how many whole seconds there are, at least none.
func secondsLeft(until time.Time) int {
	return max(0, int((time.Until(until)+time.Second-1)/time.Second))
}

func qrIn(ms int64) time.Time { return time.Now().Add(time.Duration(ms) * time.Millisecond) }
