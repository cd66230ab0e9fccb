package login

import (
	"time"

	"github.com/maxence-charriere/go-app/v10/pkg/app"

	"madoguchi/frontend/frame/kit"
	"madoguchi/frontend/frame/lang"
	"madoguchi/frontend/frame/shell"
	"madoguchi/frontend/part/ask"
	"madoguchi/frontend/reach/rpc"
	portalv1 "madoguchi/proto/gen/portal/v1"
	"madoguchi/proto/gen/portal/v1/portalv1web"
)

// qrPhone is the page on which a person decides whether a computer is let in.
type qrPhone struct {
	app.Compo
	visit         ask.Visit
	opened        ask.Question
	allowing      ask.Question
	refusing      ask.Question
	token         string
	foreign       bool // what was opened is no code of ours
	who           *portalv1.OpenQrResponse
	number        string
	state         portalv1.QrState // of a code that was decided on
	until         time.Time
	cut           bool
	refused, told bool
	begun         string // the session that began on the computer
	ending        ask.Question
	ended         bool // what began on the computer
	scan          scanner
	stop          func()
}

// tokenKey is where the token lies while its person logs in: in this tab, and no longer than the code can live.
const tokenKey = "qr-token"

type qrKept struct {
	Token string `json:"token"`
	At    int64  `json:"at"`
}

// OnMount takes the token that the page was opened with.
func (p *qrPhone) OnMount(ctx app.Context) {
	p.visit.Begin(ctx)
	if app.IsServer {
		return
	}
	p.visit.Until(p.rest)
	p.visit.Until(p.scan.end)
	p.reopened(ctx)
	p.take(ctx)
	was := shell.CurrentSession().State
	shell.Watch(ctx, func(ctx app.Context) {
		if now := shell.CurrentSession().State; now != was {
			was = now
			p.look(ctx)
		}
	})
}

// reopened takes that of the same code opened once more, which go-app takes for the page that it shows.
func (p *qrPhone) reopened(ctx app.Context) {
	heard := app.FuncOf(func(app.Value, []app.Value) any {
		ctx.Dispatch(p.OnNav)
		return nil
	})
	app.Window().Call("addEventListener", "hashchange", heard)
	p.visit.Until(func() {
		app.Window().Call("removeEventListener", "hashchange", heard)
		heard.Release()
	})
}

// OnNav takes that of a code that is opened while the page stands.
func (p *qrPhone) OnNav(ctx app.Context) {
	if !app.IsServer && ctx.Page().URL().Fragment != "" {
		p.take(ctx)
	}
}

// OnDismount ends the asking.
func (p *qrPhone) OnDismount() { p.visit.End() }

func (p *qrPhone) rest() {
	if p.stop != nil {
		p.stop()
		p.stop = nil
	}
}

// take takes the token out of the address, where it would be photographed, and kept in the browser's history.
func (p *qrPhone) take(ctx app.Context) {
	here := ctx.Page().URL()
	if here.Fragment != "" {
		app.Window().Get("history").Call("replaceState", nil, "", phonePath)
		p.begin(ctx, tokenOf(here.String(), here.Scheme+"://"+here.Host))
		return
	}
	var before qrKept
	if err := ctx.SessionStorage().Get(tokenKey, &before); err == nil && isToken(before.Token) &&
		time.Since(time.UnixMilli(before.At)).Abs() < 3*time.Minute {
		p.begin(ctx, before.Token)
	}
}

// begin begins with a code; "" is one of somebody else's.
func (p *qrPhone) begin(ctx app.Context, token string) {
	p.rest()
	p.scan.end()
	p.opened.Drop()
	p.token, p.foreign, p.who, p.number, p.begun, p.ended = token, token == "", nil, "", "", false
	p.state, p.refused, p.told = portalv1.QrState_QR_STATE_UNSPECIFIED, false, false
	if p.foreign {
		kit.Focus(ctx, "qr-foreign")
		return
	}
	// what cannot be kept is asked for again by the camera
	_ = ctx.SessionStorage().Set(tokenKey, qrKept{token, time.Now().UnixMilli()})
	p.look(ctx)
}

// look asks who asks, once it is known who is here.
func (p *qrPhone) look(ctx app.Context) {
	if p.token == "" || p.who != nil || shell.CurrentSession().State != shell.CitizenState {
		return
	}
	ctx.SessionStorage().Del(tokenKey)
	ask.For(&p.visit, &p.opened, rpc.To(portalv1web.NewQrService).OpenQr, &portalv1.OpenQrRequest{Token: p.token},
		func(ctx app.Context, got *portalv1.OpenQrResponse, err error) {
			if err != nil {
				return
			}
			p.who, p.until = got, qrIn(got.GetLeftMs())
			kit.Focus(ctx, "qr-who")
		})
}

func (p *qrPhone) allow(app.Context) {
	ask.Do(&p.visit, &p.allowing, rpc.To(portalv1web.NewQrService).AllowQr, &portalv1.AllowQrRequest{Token: p.token},
		func(ctx app.Context, got *portalv1.AllowQrResponse, err error) {
			if err != nil {
				kit.Focus(ctx, "qr-failed")
				return
			}
			p.number, p.until, p.state = got.GetNumber(), qrIn(got.GetLeftMs()), portalv1.QrState_QR_STATE_ALLOWED
			kit.Focus(ctx, "qr-number")
			p.stop = followQr(p.visit.Page, p.token, p.hear)
		})
}

func (p *qrPhone) hear(ctx app.Context, seen *portalv1.WatchQrResponse, err error) {
	p.cut = err != nil
	if err != nil {
		return
	}
	was := p.state
	p.state, p.until, p.begun = seen.GetState(), qrIn(seen.GetLeftMs()), seen.GetSession()
	if p.state == was {
		return
	}
	if p.state >= portalv1.QrState_QR_STATE_REFUSED {
		p.rest()
		p.number = ""
		kit.Focus(ctx, "qr-outcome")
	}
}

func (p *qrPhone) refuse(report bool) {
	request := &portalv1.RefuseQrRequest{Token: p.token, Report: report}
	ask.Do(&p.visit, &p.refusing, rpc.To(portalv1web.NewQrService).RefuseQr, request,
		func(ctx app.Context, _ *portalv1.RefuseQrResponse, err error) {
			if err != nil {
				kit.Focus(ctx, "qr-failed")
				return
			}
			p.refused, p.told = true, report
			kit.Focus(ctx, "qr-outcome")
		})
}

// Render draws where it stands.
func (p *qrPhone) Render() app.UI {
	return app.Div().Class("page column page-qr").Body(
		shell.Heading(textQrPhoneTitle),
		p.foreignBanner().UI(),
		p.opened.Failure.Banner("qr-closed"),
		p.outcome().UI(),
		app.Div().Class("qr-now").Body(p.now()...),
		app.Div().Body(app.If(shell.CurrentSession().State == shell.CitizenState, func() app.UI {
			return kit.Link{ID: "qr-sessions", Label: textQrDevices, Href: "/usage/devices"}.UI()
		})),
	)
}

// end ends what began on the computer.
func (p *qrPhone) end(app.Context) {
	request := &portalv1.EndSessionRequest{Id: p.begun}
	ask.Do(&p.visit, &p.ending, rpc.To(portalv1web.NewUsageService).EndSession, request,
		func(ctx app.Context, _ *portalv1.EndSessionResponse, err error) {
			if err != nil {
				kit.Focus(ctx, "qr-end-failed")
				return
			}
			p.state, p.begun, p.token, p.who = portalv1.QrState_QR_STATE_UNSPECIFIED, "", "", nil
			p.ended = true
			kit.Focus(ctx, "qr-outcome")
		})
}

func (p *qrPhone) now() []app.UI {
	state := shell.CurrentSession().State
	switch {
	case state == shell.Unknown:
		return []app.UI{kit.Skeleton(4, nil)}
	case state == shell.NewcomerState:
		return []app.UI{
			textQrNewcomer.P(""), app.Div().Class("actions").Body(kit.Link{
				Label: textQrOpenFolder, Href: shell.WithNext(opening, phonePath), Kind: kit.Primary,
			}.UI()),
		}
	case state != shell.CitizenState:
		return p.loggedOut()
	case p.refused:
		return p.afterRefusal()
	case p.number != "":
		return p.shows()
	case p.state == portalv1.QrState_QR_STATE_USED && p.begun != "":
		return []app.UI{p.ending.Failure.Banner("qr-end-failed"), app.Div().Class("actions").Body(kit.Button{
			ID: "qr-end", Label: textQrEnd, Busy: p.ending.Busy, OnPress: p.end,
		}.UI())}
	case p.who != nil && p.state == portalv1.QrState_QR_STATE_UNSPECIFIED:
		return p.asks()
	case p.opened.Busy:
		return []app.UI{kit.Skeleton(4, nil)}
	}
	return p.scanning()
}

func (p *qrPhone) loggedOut() []app.UI {
	what := textQrLogIn
	if p.token != "" {
		what = textQrLogInFirst
	}
	return []app.UI{
		app.P().ID("qr-login-first").Body(what.UI()),
		app.Div().Class("actions").Body(kit.Link{
			ID: "qr-login", Label: textTitle, Href: shell.WithNext("/login", phonePath), Kind: kit.Primary,
			Icon: kit.IconLogIn,
		}.UI()),
	}
}

// asks shows who asks, and takes the answer: both are as large.
func (p *qrPhone) asks() []app.UI {
	rows := []kit.Row{{Name: textQrBrowser, Value: browserName(p.who.GetName()).UI()}}
	warned := false
	switch p.who.GetPlace() {
	case portalv1.QrPlace_QR_PLACE_JAPAN:
		rows = append(rows, kit.Row{Name: textQrPlace, Value: textQrJapan.UI()})
	case portalv1.QrPlace_QR_PLACE_ABROAD:
		warned = true
		rows = append(rows, kit.Row{Name: textQrPlace, Value: textQrAbroad.UI()})
	}
	network := textQrNetworkUnknown
	switch p.who.GetNetwork() {
	case portalv1.QrNetwork_QR_NETWORK_SAME:
		network = textQrNetworkSame
	case portalv1.QrNetwork_QR_NETWORK_OTHER:
		network = textQrNetworkOther
	}
	rows = append(rows, kit.Row{Name: textQrNetwork, Value: network.UI()},
		kit.Row{Name: textQrAge, Value: textQrAgo.F(int(p.who.GetAgeMs() / 1000)).UI()})
	warning := kit.NotificationBanner{ID: "qr-abroad", Tone: kit.Warning}
	if warned {
		warning.Title, warning.Body = textQrAbroadWarn, []app.UI{textQrAbroadDo.P("")}
	}
	busy := p.allowing.Busy || p.refusing.Busy
	return []app.UI{
		app.H2().ID("qr-who").TabIndex(-1).Class("part-title").Body(textQrWho.UI()),
		kit.Facts(rows...),
		warning.UI(),
		textQrInFront.P("qr-step"),
		textQrTold.P(""),
		p.allowing.Failure.Banner("qr-failed"),
		p.refusing.Failure.Banner("qr-failed-refusal"),
		app.Div().Class("qr-answers").Body(
			kit.Button{ID: "qr-allow", Label: textQrAllow, Busy: busy, Wide: true, OnPress: p.allow}.UI(),
			kit.Button{
				ID: "qr-refuse", Label: textQrRefuse, Busy: busy, Wide: true,
				OnPress: func(app.Context) { p.refuse(false) },
			}.UI(),
		),
	}
}

// browserName is what a computer says it is.
func browserName(said string) lang.Text {
	if said == "" {
		return textQrUnnamed
	}
	return lang.Plain(said)
}

// shows is the number to type.
func (p *qrPhone) shows() []app.UI {
	clock := textQrLeft.F(secondsLeft(p.until))
	if p.cut || !shell.Online() {
		clock = textQrCut
	}
	return []app.UI{
		textQrType.P("qr-step"),
		app.P().ID("qr-number").TabIndex(-1).Class("qr-number").Attr("translate", "no").
			Text(p.number[:3] + " " + p.number[3:]),
		app.P().ID("qr-clock").Class("qr-clock").Body(clock.UI()),
		textQrSecret.P(""),
	}
}

func (p *qrPhone) afterRefusal() []app.UI {
	if p.told {
		return nil
	}
	return []app.UI{
		textQrReportLead.P(""),
		p.refusing.Failure.Banner("qr-failed"),
		app.Div().Class("actions").Body(kit.Button{
			ID: "qr-report", Label: textQrReport, Busy: p.refusing.Busy, OnPress: func(app.Context) { p.refuse(true) },
		}.UI()),
	}
}

// outcome says how it ended.
func (p *qrPhone) outcome() kit.NotificationBanner {
	banner := kit.NotificationBanner{ID: "qr-outcome", Tone: kit.Info}
	what, means := lang.Text{}, lang.Text{}
	switch {
	case p.ended:
		banner.Tone, what = kit.Success, textQrEnded
	case p.told:
		what, means = textQrReported, textQrReportedMeans
	case p.refused:
		what, means = textQrRefusedHere, textQrRefusedHereMeans
	case p.state == portalv1.QrState_QR_STATE_USED:
		banner.Tone = kit.Success
		what, means = textQrIn, textQrInMeans
	case p.state == portalv1.QrState_QR_STATE_MISTYPED:
		banner.Tone = kit.Warning
		what, means = textQrMistyped, textQrMistypedPhone
	case p.state == portalv1.QrState_QR_STATE_EXPIRED:
		what, means = textQrExpired, textQrExpiredPhone
	}
	if banner.Title = what; !what.Empty() {
		banner.Body = []app.UI{means.P("")}
	}
	return banner
}

func (p *qrPhone) foreignBanner() kit.NotificationBanner {
	banner := kit.NotificationBanner{ID: "qr-foreign", Tone: kit.Warning}
	if p.foreign {
		banner.Title, banner.Body = textQrForeign, []app.UI{textQrForeignMeans.P("")}
	}
	return banner
}

// scanning is the portal's own scanner, for whoever does not come by the camera.
func (p *qrPhone) scanning() []app.UI {
	parts := []app.UI{textQrScanLead.P("")}
	if !p.scan.failure.Empty() {
		parts = append(parts, kit.NotificationBanner{ID: "qr-camera", Tone: kit.Warning,
			Title: p.scan.failure, Body: []app.UI{
				textQrCameraDo.P(""),
			}}.UI())
	}
	return append(parts,
		app.Div().Class("qr-camera").Hidden(!p.scan.runs).Body(
			app.Video().ID(videoID).Attr("playsinline", true).Muted(true).Aria("label", textQrCamera.String())),
		app.Div().Class("actions").Body(p.scanButton()),
	)
}

func (p *qrPhone) scanButton() app.UI {
	if p.scan.runs {
		return kit.Button{ID: "qr-scan-stop", Label: textQrScanStop, OnPress: func(app.Context) { p.scan.end() }}.UI()
	}
	return kit.Button{
		ID: "qr-scan", Label: textQrScanBegin, Kind: kit.Primary, Icon: kit.IconCamera, OnPress: func(ctx app.Context) {
			p.foreign = false
			p.scan.begin(p.visit.Page, p.found)
		},
	}.UI()
}

// found takes what the scanner read.
func (p *qrPhone) found(ctx app.Context, said string) {
	here := ctx.Page().URL()
	p.begin(ctx, tokenOf(said, here.Scheme+"://"+here.Host))
}
