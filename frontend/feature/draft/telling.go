package draft

import (
	"github.com/maxence-charriere/go-app/v10/pkg/app"

	"madoguchi/frontend/part/ask"
	portalv1 "madoguchi/proto/gen/portal/v1"
)

// channels says who will be told of each step, and how, before anything is sent.
type channels struct {
	app.Compo
	visit ask.Visit
	asked ask.Question
	got   *portalv1.ApplicationSettings
}

// OnMount asks what the person chose.
func (c *channels) OnMount(ctx app.Context) {
	c.visit.Begin(ctx)
	ask.For(&c.visit, &c.asked, sending().GetApplicationSettings, &portalv1.GetApplicationSettingsRequest{},
		func(_ app.Context, got *portalv1.GetApplicationSettingsResponse, err error) {
			if err == nil {
				c.got = got.GetSettings()
			}
		})
}

// OnDismount gives up what is asked for.
func (c *channels) OnDismount() { c.visit.End() }

// Render says it in a line.
func (c *channels) Render() app.UI {
	line := app.P().ID("apply-channels").Class("hint")
	switch {
	case c.got == nil:
		return line
	case !c.got.GetMail():
		return line.Body(textByPage.UI())
	case !c.got.GetMailPossible():
		return line.Body(textByPageAlone.UI())
	}
	return line.Body(textByMail.UI())
}
