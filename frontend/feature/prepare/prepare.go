// Package prepare is the page 準備: it looks live at everything between this page and the card, says what is missing and
// how to mend it. It needs no login and no PIN.
package prepare

import (
	"time"

	"github.com/maxence-charriere/go-app/v10/pkg/app"

	"madoguchi/frontend/frame/kit"
	"madoguchi/frontend/frame/lang"
	"madoguchi/frontend/frame/scene"
	"madoguchi/frontend/frame/shell"
	"madoguchi/frontend/part/proof"
	"madoguchi/frontend/reach/card"
)

// Feature hangs the page into the house.
var Feature = shell.Feature{
	Pages: []shell.Page{{
		Path: "/prepare", Prerender: "prepare", AtOnce: true, Title: textTitle, New: func() app.Composer {
			return &page{}
		},
	}},
	Entries: []shell.Entry{{Path: "/prepare", Label: textTitle, Icon: kit.IconPlug, Order: 80}},
}

var (
	stateWords = map[state]lang.Text{
		fine:    textFine,
		waiting: textWaiting,
		wrong:   textToBeFixed,
		later:   textNotYet,
	}

	textBridgeSteps = []lang.Text{
		textInstallTheCardBridgeIt,
		textConnectTheCardReaderAnd,
		textWhenYourBrowserAsksAbout,
	}

	textRenewSteps = []lang.Text{
		textIfYouInstalledTheDebian,
		textEndTheCardBridgeThat,
	}
)

type page struct {
	app.Compo
	status      card.Status
	installable bool
	installed   bool
	browser     browser
	now         time.Time // when the page was opened
	origin      string
	stop        func()
}

// OnMount begins to look.
func (p *page) OnMount(ctx app.Context) {
	shell.Follow(ctx)
	if app.IsServer {
		return
	}
	p.origin = app.Window().Get("location").Get("origin").String()
	navigator := app.Window().Get("navigator")
	p.browser = browserOf(navigator.Get("userAgent").String(), navigator.Get("maxTouchPoints").Int() > 1)
	p.now = time.Now()
	p.installable = ctx.IsAppInstallable()
	p.installed = app.Window().Call("matchMedia", "(display-mode: standalone)").Get("matches").Bool()
	p.stop = card.Shared().Watch(textTold.String(), func(s card.Status) {
		ctx.Dispatch(func(ctx app.Context) {
			if s.Phase == card.Ready && p.status.Phase != card.Ready {
				kit.Announce(ctx, textAll)
			}
			p.status = s
		})
	})
}

// OnAppInstallChange follows what the browser offers.
func (p *page) OnAppInstallChange(ctx app.Context) { p.installable = ctx.IsAppInstallable() }

// OnDismount stops looking.
func (p *page) OnDismount() {
	if p.stop != nil {
		p.stop()
	}
}

// Render draws the scene, what is not ready, and what helps.
func (p *page) Render() app.UI {
	return app.Div().Class("page page-prepare").Body(
		shell.Heading(textTitle),
		proof.ByDevice(p.withoutCard, p.withCard),
	)
}

// withoutCard is a phone: what there is to prepare is the app.
func (p *page) withoutCard() app.UI {
	return app.Div().Body(p.installCard(), proof.WithoutCard(p.origin, false), needs())
}

func (p *page) installCard() app.UI {
	return app.Div().Class("prepare-install").Body(kit.Card{Heading: textInstall, Body: p.install()}.UI())
}

func (p *page) withCard() app.UI {
	// What is to be done first stands first; who has it done may look it up at the end.
	first := app.Div()
	var folded []app.UI
	for _, h := range []struct {
		id    string
		title lang.Text
		body  []app.UI
		when  card.Phase
	}{
		{"prepare-bridge", textBridge, p.howTo(), card.NotRunning},
		{"prepare-renew", textRenew, []app.UI{numbered(textRenewSteps)}, card.OldBridge},
	} {
		if p.status.Phase == h.when {
			first = first.Class("how-first").Body(app.H2().ID(h.id).Class("part-title").Body(h.title.UI()),
				app.Div().Body(h.body...))
			continue
		}
		folded = append(folded, kit.Disclosure{ID: h.id, Summary: h.title, Body: h.body}.UI())
	}
	// When all is ready, what was looked at comes last; when something is missing, first. Each has a place of its own
	// for either, so that it appears there instead of being pushed away.
	place := func(here bool, what func() app.UI) app.UI {
		return app.Div().Class("prepare-place").Body(app.If(here, what))
	}
	rest := func() app.UI {
		return app.Div().Body(needs(), app.Div().Class("how-last").Body(folded...), p.installCard())
	}
	known, ready := p.status.Phase != card.Searching, p.status.Phase == card.Ready
	return app.Div().Body(
		textLead.P("lead"),
		app.Div().Class("prepare-glance").Body(p.glance()),
		place(!known, rest),
		place(ready, rest),
		proof.Chooser(p.status),
		first,
		place(known && !ready, p.list),
		place(known && !ready, rest),
		place(ready, p.list),
	)
}

// needs are what one brings along, and what is promised in return.
func needs() app.UI {
	var items []app.UI
	for _, n := range []struct {
		sign func() app.UI
		name lang.Text
	}{{scene.SignPerson, textNeedsCard}, {scene.SignSafe, textNeedsPIN}, {scene.SignReader, textNeedsReader}} {
		items = append(items, app.Li().Class("prepare-need").Body(n.sign(), n.name.Span("")))
	}
	return app.Section().Class("prepare-needs").Aria("labelledby", "prepare-needs").Body(
		app.H2().ID("prepare-needs").Class("part-title").Body(textNeeds.UI()),
		app.Ul().Class("prepare-need-list").Body(items...),
		app.P().Class("hint").Body(textNeedsPromise.UI(), app.Text(" "),
			kit.Link{ID: "prepare-promise", Label: textNeedsMore, Href: "/help#promise"}.UI()),
	)
}

// glance is the scene: how it stands, or that all is ready and the way on.
func (p *page) glance() app.UI {
	if p.status.Phase != card.Ready {
		return proof.Glance(p.status)
	}
	return app.Div().ID("prepare-ready").Class("status status-lit status-success").Body(
		app.Div().Class("status-picture").Body(scene.Lit(scene.Large)),
		app.Div().Class("status-words").Body(
			app.P().Class("status-what").Body(kit.Icon(kit.IconCheck), textAll.UI()),
			kit.Link{Label: textLogIn, Href: "/login", Kind: kit.Primary}.UI(),
		),
	)
}

// list is what is not ready yet; what is, lies folded beneath.
func (p *page) list() app.UI {
	var ready, left []check
	for _, c := range checks(p.status) {
		if c.state == fine {
			ready = append(ready, c)
			continue
		}
		left = append(left, c)
	}
	return app.Div().Class("check-lists").Body(
		app.Div().Body(app.If(len(left) > 0, func() app.UI { return p.items(left, textList) })),
		app.Div().Body(app.If(len(ready) > 0, func() app.UI {
			return kit.Disclosure{
				ID: "prepare-fine", Summary: textReady.F(len(ready)), Body: []app.UI{p.items(ready, textReadyList)},
			}.UI()
		})),
	)
}

func (p *page) items(all []check, label lang.Text) app.UI {
	var items []app.UI
	for _, c := range all {
		var more []app.UI
		if c.state == wrong {
			more = c.message.Lines()
			if p.status.Phase == card.OldPage {
				more = append(more, proof.Reload())
			}
		}
		if c.state == waiting {
			more = []app.UI{c.message.Do.P("")}
		}
		items = append(items, app.Li().Class("check-item "+stateClass(c.state)).Body(
			app.Div().Class("check-item-head").Body(
				kit.Icon(stateIcon(c.state)), kit.Hidden(stateWords[c.state]),
				c.name.Span("check-item-name"),
			),
			c.message.What.P("check-item-what"),
			app.Div().Class("check-item-more").Body(more...),
		))
	}
	return app.Ol().Class("check-list").Aria("label", label.String()).Body(items...)
}

func stateIcon(s state) kit.IconName {
	switch s {
	case fine:
		return kit.IconCheck
	case wrong:
		return kit.IconWarning
	}
	return kit.IconClock
}

func stateClass(s state) string {
	switch s {
	case fine:
		return "check-item-fine"
	case wrong:
		return "check-item-wrong"
	case waiting:
		return "check-item-waiting"
	}
	return "check-item-later"
}

func (p *page) howTo() []app.UI {
	origin := p.origin
	if origin == "" {
		origin = "http://localhost:8080"
	}
	return []app.UI{
		textBridgeWhat.P(""),
		numbered(textBridgeSteps),
		kit.Disclosure{ID: "prepare-terminal", Summary: textTerminal, Body: []app.UI{
			textTerminalHelp.P(""),
			app.Pre().Class("command").TabIndex(0).Body(app.Code().Text("bridge --origins " + origin)),
		}}.UI(),
	}
}

func numbered(texts []lang.Text) app.UI {
	items := make([]app.UI, len(texts))
	for i, t := range texts {
		items[i] = t.Li("")
	}
	return app.Ol().Body(items...)
}

func (p *page) install() []app.UI {
	body := []app.UI{textInstallWhy.P("")}
	switch {
	case p.installed:
		return append(body, textInstalled.P(""))
	case p.installable:
		return append(body, kit.Button{
			ID: "install", Label: textInstallDo, OnPress: func(ctx app.Context) { ctx.ShowAppInstallPrompt() },
		}.UI())
	}
	if p.browser.old(p.now) {
		body = append(body, app.Div().Class("prepare-old").Body(
			kit.Icon(kit.IconWarning), textOld.P("")))
	}
	steps := p.browser.steps()
	if len(steps) == 1 {
		return append(body, app.P().Body(steps[0].UI()))
	}
	return append(body, numbered(steps))
}
