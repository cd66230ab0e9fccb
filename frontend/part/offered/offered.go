// Package offered knows which forms can be filed at a place (電子申請), and leads to them.
package offered

import (
	"github.com/maxence-charriere/go-app/v10/pkg/app"

	"madoguchi/frontend/frame/kit"
	"madoguchi/frontend/part/ask"
	"madoguchi/frontend/reach/rpc"
	portalv1 "madoguchi/proto/gen/portal/v1"
	"madoguchi/proto/gen/portal/v1/portalv1web"
	"madoguchi/proto/rule"
)

// portal answers; tests have one of their own.
var portal = func() portalv1web.DraftService { return rpc.To(portalv1web.NewDraftService) }

// known are the forms of places, by the number of their procedure. Only the UI goroutine touches it.
var known = map[string]map[string]string{}

// Ask asks which forms can be filed at a place, once; done is called when that is known.
func Ask(v *ask.Visit, q *ask.Question, place string, done func(ctx app.Context)) {
	if known[place] != nil || !rule.PlaceCode(place) {
		return
	}
	ask.For(v, q, portal().ListForms, &portalv1.ListFormsRequest{Place: place},
		func(ctx app.Context, got *portalv1.ListFormsResponse, err error) {
			if err != nil {
				return // there is no way then, as where no form is offered
			}
			known[place] = map[string]string{}
			for _, f := range got.GetForms() {
				known[place][f.GetProcedure()] = f.GetForm()
			}
			done(ctx)
		})
}

// Address is where a form of one of these procedures is filed at a place; empty when none is.
func Address(place string, procedures ...string) string {
	for _, p := range procedures {
		if f := known[place][p]; f != "" {
			return "/apply/" + place + "/" + f
		}
	}
	return ""
}

// Way leads to the form; an empty place where there is none.
func Way(id string, kind kit.Kind, place string, procedures ...string) app.UI {
	at := app.Span().Class("apply-way")
	if address := Address(place, procedures...); address != "" {
		return at.Body(kit.Link{ID: id, Label: textApply, Href: address, Kind: kind, Icon: kit.IconSend}.UI())
	}
	return at
}
