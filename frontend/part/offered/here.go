package offered

import (
	"github.com/maxence-charriere/go-app/v10/pkg/app"

	"madoguchi/frontend/frame/lang"
	"madoguchi/frontend/frame/shell"
	"madoguchi/frontend/part/ask"
	"madoguchi/proto/rule"
)

// Here is Link in a list of things at several places: it asks by itself which forms there are, each place once.
type Here struct {
	app.Compo
	ID, Place, Procedure string
	Of                   lang.Text

	visit ask.Visit
	asked ask.Question
}

// waiting are the links that wait for what a place takes. Only the UI goroutine touches it.
var waiting = map[string][]*Here{}

// OnMount asks.
func (h *Here) OnMount(ctx app.Context) {
	h.visit.Begin(ctx)
	shell.Follow(ctx)
	h.look()
}

// OnUpdate asks for another place.
func (h *Here) OnUpdate(app.Context) { h.look() }

// OnDismount gives up; what is asked for comes to the others.
func (h *Here) OnDismount() { h.visit.End() }

func (h *Here) look() {
	if h.Procedure == "" || known[h.Place] != nil || !rule.PlaceCode(h.Place) {
		return
	}
	asks := len(waiting[h.Place]) == 0
	waiting[h.Place] = append(waiting[h.Place], h)
	if !asks {
		return
	}
	place := h.Place
	Ask(&h.visit, &h.asked, place, func(app.Context) {
		for _, one := range waiting[place] {
			one.visit.Page.Update()
		}
		delete(waiting, place)
	})
}

// Render draws the link, where there is one.
func (h *Here) Render() app.UI { return Link(h.ID, h.Of, h.Place, h.Procedure) }
