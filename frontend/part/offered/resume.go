package offered

import (
	"github.com/maxence-charriere/go-app/v10/pkg/app"

	"madoguchi/frontend/frame/kit"
	"madoguchi/frontend/frame/shell"
	"madoguchi/frontend/part/ask"
	portalv1 "madoguchi/proto/gen/portal/v1"
)

// Resume leads who is logged in to the applications that they have begun (申請再開), with how many there are, and to
// those that they have sent (申請状況照会).
type Resume struct {
	app.Compo

	visit ask.Visit
	asked ask.Question
	count int
	heard bool
}

// OnMount asks how many there are, as soon as somebody is logged in.
func (r *Resume) OnMount(ctx app.Context) {
	r.visit.Begin(ctx)
	shell.Watch(ctx, r.look)
	r.look(ctx)
}

// OnDismount gives up.
func (r *Resume) OnDismount() { r.visit.End() }

func (r *Resume) look(app.Context) {
	if r.heard || shell.CurrentSession().State != shell.CitizenState {
		return
	}
	r.heard = true
	ask.For(&r.visit, &r.asked, portal().ListDrafts, &portalv1.ListDraftsRequest{},
		func(_ app.Context, got *portalv1.ListDraftsResponse, err error) {
			if err != nil {
				return
			}
			r.count = 0
			for _, d := range got.GetDrafts() {
				if d.GetState() == portalv1.DraftState_DRAFT_STATE_OPEN {
					r.count++
				}
			}
		})
}

// Render draws the two ways; nothing for who is not logged in.
func (r *Resume) Render() app.UI {
	place := app.Nav().Class("actions no-print").Aria("label", textOwn.String())
	if shell.CurrentSession().State != shell.CitizenState {
		return app.Div()
	}
	again := textResume
	if r.count > 0 {
		again = textResumeCount.F(r.count)
	}
	return place.Body(
		kit.Link{ID: "apply-again", Label: again, Href: "/applications", Kind: kit.Secondary}.UI(),
		kit.Link{ID: "apply-status", Label: textStatus, Href: "/applications", Kind: kit.TextOnly}.UI(),
	)
}
