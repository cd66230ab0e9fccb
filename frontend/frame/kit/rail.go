package kit

import (
	"github.com/maxence-charriere/go-app/v10/pkg/app"

	"madoguchi/frontend/frame/lang"
)

// Detail is a page about one thing (a procedure, a notice, something to do): on two thirds what it is, and beside it
// the rail. What it is called, and what must be known before all else, stands in Head; then, on phones, comes the rail.
type Detail struct {
	Head []app.UI
	Rail Rail
	Body []app.UI
}

// UI renders the page.
func (d Detail) UI() app.UI {
	return app.Div().Class("detail-page").Body(
		app.Div().Class("detail-head").Body(d.Head...),
		d.Rail.UI(),
		app.Div().Class("detail-body").Body(d.Body...),
	)
}

// Rail answers what everybody asks first: by when, how much, where, whom to ask, and what comes next. It stays in sight
// beside the text where there is room. On phones the answers come before the text, and after them the action, which
// lies at the bottom of the screen while its place is out of sight (boot.js).
type Rail struct {
	ID string
	// The answers; those that are nil are left out.
	Until, Cost, Where, Contact app.UI
	// Next is what comes next; may be nil.
	Next app.UI
	// Action is the one thing to do on this page: a button or a link that looks like one; may be nil.
	Action app.UI
	// More is what else stands beside the text: its table of contents, a picture, ways on.
	More []app.UI
	// After has all of it follow the text on phones, where it would push down what one came for.
	After bool
}

// UI renders the rail. It keeps its place in the page where it has nothing to say yet.
func (r Rail) UI() app.UI {
	var answers []app.UI
	for _, a := range []struct {
		asked  lang.Text
		answer app.UI
	}{
		{textRailUntil, r.Until}, {textRailCost, r.Cost}, {textRailWhere, r.Where}, {textRailContact, r.Contact},
		{textRailNext, r.Next},
	} {
		if a.answer != nil {
			answers = append(answers, app.Div().Class("rail-answer").Body(
				a.asked.Dt(""), app.Dd().Body(a.answer),
			))
		}
	}
	if len(answers) == 0 && r.Action == nil && len(r.More) == 0 {
		return app.Div().Class("rail-none")
	}
	rail := app.Section().Class("rail").Aria("label", textRail.String())
	if r.ID != "" {
		rail = rail.ID(r.ID)
	}
	facts, action := app.Dl().Class("rail-answers").Body(answers...), app.Div().Class("rail-action no-print")
	if len(answers) == 0 {
		facts = facts.Hidden(true)
	}
	if r.Action == nil {
		action = action.Hidden(true)
	}
	class := "rail-more"
	if r.After {
		class += " rail-after"
	}
	more := app.Div().Class(class).Hidden(len(r.More) == 0).Body(r.More...)
	return rail.Body(facts, action.Body(r.Action), more)
}
