package home

import (
	"slices"

	"github.com/maxence-charriere/go-app/v10/pkg/app"

	"madoguchi/frontend/frame/kit"
	"madoguchi/frontend/frame/shell"
	"madoguchi/frontend/part/ask"
	"madoguchi/frontend/reach/rpc"
	"madoguchi/frontend/reach/vault"
	portalv1 "madoguchi/proto/gen/portal/v1"
	"madoguchi/proto/gen/portal/v1/portalv1web"
)

// mostServices is how many stand on the page.
const mostServices = 4

// services are those that the person uses often. The folder has them, so that they are the same on every device; the
// device, unless others use it too, has them as well, to show them at once and without a network.
type services struct {
	chosen   []string
	heard    bool // the folder's are known, or this person's from before
	choosing bool
	full     bool // one more was to be chosen
	sending  ask.Question
}

// keptServices are what the device has.
type keptServices struct {
	// Of is whose they are (shell.Session.Owner).
	Of  string   `json:"of"`
	IDs []string `json:"ids"`
	// Unsent: the folder has not been told.
	Unsent bool `json:"unsent,omitempty"`
}

// load takes what the device has, if it is this person's; where nobody is known, since there is no network, whoever's
// it is: they show nothing of anybody.
func (s *services) load() {
	kept, owner := vault.KeptValue[keptServices](vault.ServicesKey), shell.CurrentSession().Owner
	if owner != "" && kept.Of != owner {
		kept = keptServices{}
	}
	s.heard = s.heard || len(kept.IDs) > 0 || !shell.Online()
	s.take(kept.IDs)
}

// hear takes what the folder has, unless it has not been told yet what was chosen here.
func (s *services) hear(v *ask.Visit, ids []string) {
	kept := vault.KeptValue[keptServices](vault.ServicesKey)
	s.heard = true
	if kept.Unsent && kept.Of == shell.CurrentSession().Owner {
		s.take(kept.IDs)
		s.send(v)
		return
	}
	if s.choosing || s.sending.Busy {
		return
	}
	s.take(ids)
	s.keep(false)
}

// take has those shown that there are, the first of all where there are none.
func (s *services) take(ids []string) {
	known := shell.Services()
	s.chosen = nil
	for _, id := range ids {
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

// keep has the device remember them, for this person.
func (s *services) keep(unsent bool) {
	if session := shell.CurrentSession(); !session.SharedDevice {
		vault.KeepValue(vault.ServicesKey, keptServices{Of: session.Owner, IDs: s.chosen, Unsent: unsent})
	}
}

// send tells the folder. While it is being told, what is chosen meanwhile waits.
func (s *services) send(v *ask.Visit) {
	if s.sending.Busy {
		return
	}
	sent := slices.Clone(s.chosen)
	ask.Do(v, &s.sending, rpc.To(portalv1web.NewAccountService).ChooseServices,
		&portalv1.ChooseServicesRequest{Services: sent},
		func(_ app.Context, _ *portalv1.ChooseServicesResponse, err error) {
			switch {
			case err != nil:
			case slices.Equal(sent, s.chosen):
				s.keep(false)
			default:
				s.send(v)
			}
		})
}

func (s *services) ui(v *ask.Visit) []app.UI {
	heading := textServices.H2("home-part-title")
	if s.choosing {
		return []app.UI{heading, s.choice(v)}
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
		s.unsent(),
		app.P().Class("home-part-more").Body(kit.Button{
			ID: "home-services-choose", Label: textServicesChoose, Kind: kit.TextOnly, OnPress: func(ctx app.Context) {
				s.choosing, s.full = true, false
				kit.Focus(ctx, "home-services-title")
			},
		}.UI()),
	)}
}

// choice are all services with a box each; what is ticked is kept at once.
func (s *services) choice(v *ask.Visit) app.UI {
	var boxes []app.UI
	for _, one := range shell.Services() {
		boxes = append(boxes, kit.Checkbox{
			ID: "home-service-" + one.ID, Label: one.Title, Hint: one.Text, Checked: slices.Contains(s.chosen, one.ID),
			OnChange: func(ctx app.Context, on bool) {
				s.choose(ctx, one.ID, on)
				s.send(v)
			},
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
		s.unsent(),
		app.Div().Class("actions").Body(kit.Button{
			ID: "home-services-done", Label: textServicesDone, OnPress: func(ctx app.Context) {
				s.choosing, s.full = false, false
				kit.Focus(ctx, "home-services-choose")
			},
		}.UI()),
	)
}

// unsent says that other devices do not know of the choice.
func (s *services) unsent() app.UI {
	said := app.P().Class("hint").Attr("role", "status")
	switch {
	case !s.sending.Failure.Is():
		return said
	case shell.CurrentSession().SharedDevice:
		return said.Body(textServicesLost.UI())
	}
	return said.Body(textServicesUnsent.UI())
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
	s.keep(true)
}
