package login

import (
	"fmt"
	"time"

	"github.com/maxence-charriere/go-app/v10/pkg/app"

	"madoguchi/frontend/frame/kit"
	"madoguchi/frontend/frame/lang"
	"madoguchi/frontend/frame/shell"
	"madoguchi/frontend/part/ask"
	"madoguchi/frontend/part/session"
	"madoguchi/frontend/part/trouble"
	"madoguchi/frontend/reach/rpc"
	portalv1 "madoguchi/proto/gen/portal/v1"
	"madoguchi/proto/gen/portal/v1/portalv1web"
)

// qrComputer is the page that shows a code, and takes the number.
type qrComputer struct {
	app.Compo
	visit  ask.Visit
	asked  ask.Question
	typed  ask.Question
	code   *portalv1.BeginQrResponse // nil before there is one
	state  portalv1.QrState
	until  time.Time
	cut    bool // the portal did not answer when it was asked last
	number string
	wrong  lang.Text
	next   string
	here   bool // it is this page that logs in
	stop   func()
}

// OnMount asks for a code; who is logged in already is taken on.
func (c *qrComputer) OnMount(ctx app.Context) {
	c.visit.Begin(ctx)
	if app.IsServer {
		return
	}
	c.next = shell.Destination(ctx.Page().URL())
	c.visit.Until(c.rest)
	c.begin(ctx)
	shell.Watch(ctx, func(ctx app.Context) {
		if shell.CurrentSession().State == shell.CitizenState && !c.here {
			c.here = true
			ctx.Navigate(c.next)
		}
	})
}

// OnDismount ends the asking.
func (c *qrComputer) OnDismount() { c.visit.End() }

func (c *qrComputer) rest() {
	if c.stop != nil {
		c.stop()
		c.stop = nil
	}
}

// begin asks for a code, instead of the one before.
func (c *qrComputer) begin(app.Context) {
	c.rest()
	c.code, c.state, c.number, c.wrong, c.cut = nil, portalv1.QrState_QR_STATE_UNSPECIFIED, "", lang.Text{}, false
	c.typed.Drop()
	ask.For(&c.visit, &c.asked, rpc.To(portalv1web.NewQrService).BeginQr, &portalv1.BeginQrRequest{},
		func(_ app.Context, got *portalv1.BeginQrResponse, err error) {
			if err != nil {
				return
			}
			c.code, c.state, c.until = got, portalv1.QrState_QR_STATE_SHOWN, qrIn(got.GetLeftMs())
			c.stop = followQr(c.visit.Page, got.GetToken(), c.hear)
		})
}

// hear takes how it goes. Without a network the time runs on.
func (c *qrComputer) hear(ctx app.Context, seen *portalv1.WatchQrResponse, err error) {
	c.cut = err != nil
	if err != nil {
		return
	}
	was := c.state
	c.state, c.until = seen.GetState(), qrIn(seen.GetLeftMs())
	if c.over() {
		c.rest()
	}
	if c.state == was {
		return
	}
	switch c.state {
	case portalv1.QrState_QR_STATE_OPENED:
		kit.Announce(ctx, textQrOpened)
	case portalv1.QrState_QR_STATE_ALLOWED:
		kit.Focus(ctx, "qr-number")
	case portalv1.QrState_QR_STATE_USED: // the answer to the number was lost: it is the portal's to say who is in
		ctx.Async(func() { session.Refresh(ctx) })
	case portalv1.QrState_QR_STATE_REFUSED, portalv1.QrState_QR_STATE_MISTYPED, portalv1.QrState_QR_STATE_EXPIRED:
		kit.Focus(ctx, "qr-over")
	}
}

// over tells whether this code is.
func (c *qrComputer) over() bool { return c.state >= portalv1.QrState_QR_STATE_REFUSED }

// enter sends the number. What cannot be one is not sent: there is one try.
func (c *qrComputer) enter(ctx app.Context) {
	number := digitsOf(c.number)
	if number == "" {
		c.wrong = textQrSixDigits
		kit.Focus(ctx, "qr-number")
		return
	}
	c.wrong = lang.Text{}
	c.here = true
	request := &portalv1.EnterQrRequest{Token: c.code.GetToken(), Number: number}
	ask.Do(&c.visit, &c.typed, rpc.To(portalv1web.NewQrService).EnterQr, request,
		func(ctx app.Context, got *portalv1.EnterQrResponse, err error) {
			switch {
			case err == nil:
				c.rest()
				session.Began(got.GetSession())
				ctx.Navigate(c.next)
				return
			case c.typed.Cut: // it may be typed again as long as the code lives
				kit.Focus(ctx, "qr-failed")
			case rpc.Reason(err) == portalv1.Reason_REASON_QR_MISTYPED:
				c.finish(ctx, portalv1.QrState_QR_STATE_MISTYPED)
			case rpc.Reason(err) == portalv1.Reason_REASON_QR_EXPIRED:
				c.finish(ctx, portalv1.QrState_QR_STATE_EXPIRED)
			default:
				kit.Focus(ctx, "qr-failed")
			}
			c.here = false
		})
}

func (c *qrComputer) finish(ctx app.Context, state portalv1.QrState) {
	c.rest()
	c.state = state
	c.typed.Failure = trouble.Message{}
	kit.Focus(ctx, "qr-over")
}

// Render draws the code, then the field.
func (c *qrComputer) Render() app.UI {
	return app.Div().Class("page column page-qr").Body(
		shell.Heading(textQrTitle),
		textQrLead.P("lead"),
		c.asked.Failure.Banner("qr-none"),
		c.overBanner().UI(),
		app.Div().Class("qr-now").Body(c.now()...),
		kit.Disclosure{ID: "qr-help", Summary: textHelp, Body: []app.UI{
			textQrNeeds.P(""),
			textQrAfter.P(""),
			app.P().Body(kit.Link{Label: textQrByCard, Href: shell.WithNext("/login", c.next)}.UI()),
		}}.UI(),
	)
}

func (c *qrComputer) now() []app.UI {
	switch {
	case c.asked.Failure.Is():
		return []app.UI{c.asked.Retry("qr")}
	case c.code == nil:
		return []app.UI{c.asked.Waiting("qr", 6)}
	case c.over():
		return []app.UI{kit.Button{ID: "qr-anew", Label: textQrAnew, Kind: kit.Primary, OnPress: c.begin}.UI()}
	case c.state == portalv1.QrState_QR_STATE_ALLOWED:
		return []app.UI{c.form(), c.clock()}
	case c.state == portalv1.QrState_QR_STATE_OPENED:
		return []app.UI{app.P().ID("qr-opened").Class("qr-step").Body(textQrOpened.UI()), c.clock()}
	}
	return []app.UI{
		app.Div().Class("qr-code").Attr("role", "img").Aria("label", textQrCode.String()).Body(drawnQr(c.code)),
		textQrScan.P("qr-step"), c.clock(),
	}
}

// drawnQr is the code, dark on light whatever the page's colours are.
func drawnQr(code *portalv1.BeginQrResponse) app.UI {
	size := code.GetSize()
	return kit.Drawing("qr-picture", fmt.Sprintf("0 0 %d %d", size, size), fmt.Sprintf(
		`<rect class="qr-light" x="0" y="0" width="%d" height="%d"/><path class="qr-dark" d="%s"/>`, size, size,
		code.GetPath(),
	))
}

// clock is how long there is still, or that the portal is out of reach.
func (c *qrComputer) clock() app.UI {
	if c.cut || !shell.Online() {
		return app.P().ID("qr-cut").Class("qr-clock").Attr("role", "status").Body(textQrCut.UI())
	}
	return app.P().ID("qr-clock").Class("qr-clock").Body(textQrLeft.F(secondsLeft(c.until)).UI())
}

func (c *qrComputer) form() app.UI {
	return app.Form().ID("qr-form").Class("qr-form").OnSubmit(func(ctx app.Context, e app.Event) {
		e.PreventDefault()
		c.enter(ctx)
	}).Body(
		c.typed.Failure.Banner("qr-failed"),
		kit.Field{
			ID: "qr-number", Label: textQrNumber, Hint: textQrNumberHint, Error: c.wrong, InputMode: "numeric",
			Autocomplete: "off", Value: c.number, Required: true, Short: true,
			OnInput: func(_ app.Context, value string) { c.number = value },
		}.UI(),
		app.Div().Class("actions").Body(kit.Button{
			ID: "qr-enter", Label: textTitle, Kind: kit.Primary, Busy: c.typed.Busy, Submit: true,
		}.UI()),
	)
}

// overBanner says why this code leads nowhere.
func (c *qrComputer) overBanner() kit.NotificationBanner {
	banner := kit.NotificationBanner{ID: "qr-over", Tone: kit.Info}
	what, means := lang.Text{}, lang.Text{}
	switch c.state {
	case portalv1.QrState_QR_STATE_REFUSED:
		what, means = textQrRefused, textQrRefusedMeans
	case portalv1.QrState_QR_STATE_MISTYPED:
		what, means = textQrMistyped, textQrMistypedMeans
	case portalv1.QrState_QR_STATE_EXPIRED:
		what, means = textQrExpired, textQrExpiredMeans
	case portalv1.QrState_QR_STATE_USED:
		what, means = textQrLost, textQrLostMeans
	}
	if banner.Title = what; !what.Empty() {
		banner.Body = []app.UI{means.P("")}
	}
	return banner
}
