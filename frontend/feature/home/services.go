package home

import (
	"slices"

	"github.com/maxence-charriere/go-app/v10/pkg/app"

	"madoguchi/frontend/frame/kit"
	"madoguchi/frontend/frame/shell"
	"madoguchi/frontend/reach/vault"
)

// mostServices is how many stand on the page.
const mostServices = 4

// services are those that the person uses often, as chosen on this device.
type services struct {
	chosen   []string
	choosing bool
	full     bool // one more was to be chosen
}

func (s *services) load() {
	known := shell.Services()
	s.chosen = nil
	for _, id := range vault.KeptValue[[]string](vault.ServicesKey) {
		same := func(other shell.Service) bool { return other.ID == id }
		if slices.ContainsFunc(known, same) && !slices.Contains(s.chosen, id) && len(s.chosen) < mostServices {
			s.chosen = append(s.chosen, id)
		}
	}
	if len(s.chosen) > 0 {
		return
	}
	for _, one := range known[:min(len(known), mostServices)] {
		s.chosen = append(s.chosen, one.ID)
	}
}

func (s *services) ui() []app.UI {
	heading := textServices.H2("home-part-title")
	if s.choosing {
		return []app.UI{heading, s.choice()}
	}
	var tiles []app.UI
	for _, one := range shell.Services() {
		if slices.Contains(s.chosen, one.ID) {
			tiles = append(tiles, app.Li().Body(app.A().Class("home-service").Href(one.Path).Body(
				one.Sign(), app.Span().Class("home-service-words").Body(
					one.Title.Span("home-service-title"),
					one.Text.Span("home-service-text"),
				),
			)))
		}
	}
	return []app.UI{heading, app.Div().Body(
		app.Ul().Class("home-services").Body(tiles...),
		app.P().Class("home-part-more").Body(kit.Button{
			ID: "home-services-choose", Label: textServicesChoose, Kind: kit.TextOnly, OnPress: func(ctx app.Context) {
				s.choosing, s.full = true, false
				kit.Focus(ctx, "home-services-title")
			},
		}.UI()),
	)}
}

// choice are all services with a box each; what is ticked is kept at once.
func (s *services) choice() app.UI {
	var boxes []app.UI
	for _, one := range shell.Services() {
		boxes = append(boxes, kit.Checkbox{
			ID: "home-service-" + one.ID, Label: one.Title, Hint: one.Text, Checked: slices.Contains(s.chosen, one.ID),
			OnChange: func(ctx app.Context, on bool) { s.choose(ctx, one.ID, on) },
		}.UI())
	}
	full := app.P().ID("home-services-full").Class("error-text").Attr("role", "status")
	if s.full {
		full = full.Body(textServicesFull.F(mostServices).UI())
	}
	return app.Div().Body(
		app.P().ID("home-services-title").Class("hint").TabIndex(-1).Body(textServicesHint.F(mostServices).UI()),
		app.Div().Body(boxes...),
		full,
		app.Div().Class("actions").Body(kit.Button{
			ID: "home-services-done", Label: textServicesDone, OnPress: func(ctx app.Context) {
				s.choosing, s.full = false, false
				kit.Focus(ctx, "home-services-choose")
			},
		}.UI()),
	)
}

// choose takes a service in or out. One stays at least, and beyond four the box stays empty and the page says why.
func (s *services) choose(ctx app.Context, id string, on bool) {
	before := s.chosen
	s.chosen = slices.DeleteFunc(slices.Clone(before), func(other string) bool { return other == id })
	if s.full = on && len(s.chosen) >= mostServices; on && !s.full {
		s.chosen = append(s.chosen, id)
	}
	if len(s.chosen) == 0 {
		s.chosen = before
	}
	if slices.Contains(s.chosen, id) != on && !app.IsServer {
		ctx.Defer(func(app.Context) {
			if box := app.Window().GetElementByID("home-service-" + id); box.Truthy() {
				box.Set("checked", !on)
			}
		})
	}
	vault.KeepValue(vault.ServicesKey, s.chosen)
}
