// Package pin is the pages of 暗証番号: what the card's three PINs are, how many tries are left, where a forgotten one is
// reset, and how one is changed with the card on the reader. Nobody need be logged in. A PIN goes to the bridge, for
// the card, and nowhere else (see part/proof).
package pin

import (
	"github.com/maxence-charriere/go-app/v10/pkg/app"

	"madoguchi/frontend/frame/kit"
	"madoguchi/frontend/frame/lang"
	"madoguchi/frontend/frame/shell"
	"madoguchi/frontend/reach/card"
)

const path = "/pin"

// Feature hangs the pages into the house.
var Feature = shell.Feature{
	Pages: []shell.Page{
		{Path: path, Prerender: "pin", AtOnce: true, Title: textTitle, New: func() app.Composer { return &overview{} }},
		changePage(auth, "pin-auth"), changePage(sign, "pin-sign"), changePage(text, "pin-text"),
	},
}

func changePage(of pin, name string) shell.Page {
	return shell.Page{
		Path: of.path, Prerender: name, AtOnce: true, Title: of.change, Parent: path,
		New: func() app.Composer { return &change{of: of} },
	}
}

// overview is the page about all three.
type overview struct {
	app.Compo
	status card.Status
	stop   func()
}

// OnMount begins to watch the reader.
func (o *overview) OnMount(ctx app.Context) {
	shell.Follow(ctx)
	if app.IsServer {
		return
	}
	o.stop = card.Shared().Watch(textTold.String(), func(s card.Status) {
		ctx.Dispatch(func(app.Context) { o.status = s })
	})
}

// OnDismount stops watching.
func (o *overview) OnDismount() {
	if o.stop != nil {
		o.stop()
	}
}

// Render draws a card for each.
func (o *overview) Render() app.UI {
	parts := make([]app.UI, len(all))
	for i, of := range all {
		parts[i] = o.about(of)
	}
	return app.Div().Class("page page-pin").Body(
		shell.Heading(textTitle),
		textLead.P("lead"),
		app.Div().Class("pin-all").Body(parts...),
		app.Section().ID("reset").Class("part pin-reset").Body(
			textReset.H2("part-title"),
			app.Div().Class("pin-columns").Body(
				app.Div().Body(
					kit.Facts(
						kit.Row{Name: sign.name, Value: sign.reset.UI()},
						kit.Row{Name: auth.name, Value: auth.reset.UI()},
						kit.Row{Name: text.name, Value: text.reset.UI()},
						kit.Row{Name: textBring, Value: textBringWhat.UI()},
					),
					app.Div().Class("actions").Body(ways()...),
				),
				app.Div().Body(&counter{}, stopLine()),
			),
		),
	)
}

// stopLine is whom to call when the card is lost.
func stopLine() app.UI {
	return app.P().Class("pin-stop").Body(kit.Icon(kit.IconPhone), textStopLine.UI())
}

// ways lead to whoever resets a PIN.
func ways() []app.UI {
	return []app.UI{
		kit.Link{
			Label: textDesks, Href: "/procedures?q=%E6%9A%97%E8%A8%BC%E7%95%AA%E5%8F%B7", Kind: kit.Secondary,
		}.UI(),
		kit.Link{
			Label: textResetAddress, Href: "https://www.j-lis.go.jp/jpki/idreset/idreset_index.html", External: true,
		}.UI(),
	}
}

func (o *overview) about(of pin) app.UI {
	rows := []kit.Row{
		{Name: textForm, Value: of.form.UI()}, {Name: textUses, Value: of.uses.UI()},
		{Name: textSetAt, Value: of.setAt.UI()}, {Name: textLocks, Value: textLocksAfter.F(of.locksAfter).UI()},
	}
	if left := leftOnCard(o.status, of); !left.Empty() {
		rows = append(rows, kit.Row{Name: textOnCard, Value: left.UI()})
	}
	return kit.Card{ID: "pin-" + of.path[len("/pin/"):], Heading: of.name, Icon: kit.IconLock, Body: []app.UI{
		kit.Facts(rows...),
		app.Div().Class("actions").Body(kit.Link{Label: of.change, Href: of.path, Kind: kit.Secondary}.UI()),
	}}.UI()
}

// leftOnCard says how many tries the card on the reader has; it is empty when none tells.
func leftOnCard(s card.Status, of pin) lang.Text {
	switch s.PhaseOf(of.kind) {
	case card.Ready, card.LayAgain:
		return textTries.F(s.Contents.Tries(of.kind).Left)
	case card.Locked:
		return textLockedNow
	case card.NoCertificate:
		if s.Reader != "" {
			return textNotOnCard
		}
	}
	return lang.Text{}
}
