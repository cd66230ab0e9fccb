// Package helpline shows who answers by telephone at once, to somebody whose words speak of distress (proto/distress).
// It stands above whatever else a search finds, works without a network, and neither sends nor keeps what was typed.
package helpline

import (
	"github.com/maxence-charriere/go-app/v10/pkg/app"

	"madoguchi/frontend/frame/kit"
	"madoguchi/frontend/frame/lang"
	"madoguchi/proto/distress"
)

// Answer is the answer to words of some kinds; without kinds it is nothing.
type Answer struct {
	Kinds []distress.Kind
	// Erase clears the field. More searches all the same; nil once it did, for then the words were sent.
	Erase, More func(app.Context)
}

// UI draws it.
func (a Answer) UI() app.UI {
	if len(a.Kinds) == 0 {
		return app.Div()
	}
	private, more := textSent, app.UI(app.Span())
	if a.More != nil {
		private, more = textPrivate, kit.Button{
			ID: "helpline-more", Label: textMore, Kind: kit.TextOnly, OnPress: a.More,
		}.UI()
	}
	var rows []app.UI
	for _, h := range distress.For(a.Kinds) {
		rows = append(rows, row(h))
	}
	return app.Section().ID("helpline").Class("helpline").Aria("labelledby", "helpline-heading").Body(
		app.H2().ID("helpline-heading").Class("helpline-heading").TabIndex(-1).Body(textHeading.UI()),
		text(distress.Calm).P("helpline-calm"),
		text(distress.Danger).P("helpline-danger"),
		app.Ul().Class("helpline-list").Body(rows...),
		private.P("helpline-private"),
		app.Div().Class("helpline-ways").Body(
			kit.Button{ID: "helpline-erase", Label: textErase, OnPress: a.Erase}.UI(),
			more,
		),
	)
}

func row(h distress.Helpline) app.UI {
	name := text(h.Name).Span("helpline-name")
	way := app.UI(app.Span())
	if h.Number != "" {
		way = app.A().Class("helpline-number").Href("tel:" + h.Digits()).Body(app.Span().Text(h.Number))
	}
	return app.Li().Class("helpline-row").Body(
		name,
		way,
		text(h.When).Span("helpline-when"),
		kit.Link{Label: textPage, Href: h.Link}.UI(),
	)
}

func text(t distress.Text) lang.Text { return lang.New(t.Ja, t.En, t.Easy) }
