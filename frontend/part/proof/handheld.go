package proof

import (
	"github.com/maxence-charriere/go-app/v10/pkg/app"

	"madoguchi/frontend/frame/kit"
	"madoguchi/frontend/frame/lang"
	"madoguchi/frontend/reach/card"
)

var (

	// offers are what there is on a device that reads no card.
	offers = []struct {
		icon       kit.IconName
		href       string
		name, what lang.Text
	}{
		{kit.IconSearch, "/procedures", textFindAProcedure,
			textWhatToBringByWhen},
		{kit.IconTask, "/guide", textSearchByEventOfLife,
			textWhatAMoveABirth},
		{kit.IconCheck, "/todo", textToDo,
			textKeepYourListOnThis},
		{kit.IconHelp, "/help", textSeeHowItWorks,
			textHowToLogInAnd},
	}
)

// ByDevice is computer where a card can come into play, and handheld on a phone or a tablet. What is drawn before a
// device is known holds both, and the style sheet shows one: see boot.js. The program takes over that one.
func ByDevice(handheld, computer func() app.UI) app.UI {
	isHandheld := card.Shared().Status().Phase == card.Handheld
	var either []app.UI
	if app.IsServer || isHandheld {
		either = append(either, app.Div().Class("if-handheld").Body(handheld()))
	}
	if app.IsServer || !isHandheld {
		either = append(either, app.Div().Class("if-computer").Body(computer()))
	}
	return app.Div().Body(either...)
}

// WithoutCard stands in the pad's place on a phone or a tablet: how one logs in, and what there is without. address is
// what to open on a computer, and onward says that it leads to what the person was about to see; empty is unknown.
func WithoutCard(address string, onward bool) app.UI {
	standing := Standing(card.Status{Lying: card.Lying{Phase: card.Handheld}})
	to := textByPCTo
	if onward {
		to = textByPCOn
	}
	open := []app.UI{standing.Means.P("")}
	if address != "" {
		open = append(open, to.P(""),
			app.P().ID("open-there").Class("address").Attr("translate", "no").Text(address))
	}
	open = append(open, app.P().Body(kit.Link{Label: textPCNeeds, Href: "/environment"}.UI()))
	var cards []app.UI
	for _, o := range offers {
		cards = append(cards, kit.Card{
			Heading: o.name, Level: 3, Icon: o.icon, Href: o.href, Body: []app.UI{o.what.P("")},
		}.UI())
	}
	return app.Div().Class("without-card").Body(
		app.Div().Class("status status-info").Body(
			app.Div().Class("status-picture").Body(picture(card.NoCard)),
			standing.What.P("status-what"),
		),
		app.Section().Class("part").Body(
			textNow.H2("part-title"),
			app.Div().Class("cards").Body(cards...),
		),
		app.Section().Class("part").Body(
			textHow.H2("part-title"),
			kit.Heading(3, "way-heading", kit.Icon(kit.IconReader), textByPC.Span("")),
			app.Div().Class("way").Body(open...),
			kit.Heading(3, "way-heading", kit.Icon(kit.IconPlace), textByDesk.Span("")),
			app.Div().Class("way").Body(textAskDesk.P("")),
		),
	)
}
