// Package offered knows which forms can be filed at a place (電子申請), and leads to them.
package offered

import (
	"slices"
	"strings"

	"github.com/maxence-charriere/go-app/v10/pkg/app"

	"madoguchi/frontend/frame/kit"
	"madoguchi/frontend/frame/lang"
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
				if known[place][f.GetProcedure()] == "" {
					known[place][f.GetProcedure()] = f.GetForm()
				}
			}
			done(ctx)
		})
}

// Address is where a form of one of these procedures is filed at a place; empty when none is.
func Address(place string, procedures ...string) string {
	for _, p := range procedures {
		if f := known[place][p]; f != "" {
			return at(place, f)
		}
	}
	return ""
}

func at(place, forms string) string { return "/apply/" + place + "/" + forms }

// Way leads to a form of a place.
func Way(id, place, form string) app.UI {
	return kit.Link{
		ID: id, Label: textApply, Href: at(place, form), Kind: kit.Primary, Icon: kit.IconSend, Wide: true,
	}.UI()
}

// Link leads to a form among other things to do; an empty place where there is none. of is what it leads to apply for,
// for who does not see the rest of the row.
func Link(id string, of lang.Text, place string, procedures ...string) app.UI {
	way := app.Span().Class("apply-way")
	if address := Address(place, procedures...); address != "" {
		return way.Body(app.A().ID(id).Class("link").Href(address).Body(
			kit.Icon(kit.IconSend), textApply.UI(), kit.Hidden(textOf.F(of)),
		))
	}
	return way
}

// most is how many forms are filed in one go: no more are signed with one password.
const most = 20

// Together is where the forms of several procedures are filed in one go at a place, and how many those are; empty where
// there are fewer than two.
func Together(place string, procedures ...string) (address string, count int) {
	var forms []string
	for _, p := range procedures {
		if f := known[place][p]; f != "" && !slices.Contains(forms, f) && len(forms) < most {
			forms = append(forms, f)
		}
	}
	if len(forms) < 2 {
		return "", 0
	}
	return at(place, strings.Join(forms, ",")), len(forms)
}

// TogetherWay leads to the forms of several procedures, filed in one go; an empty place where there are none.
func TogetherWay(id, place string, procedures ...string) app.UI {
	way := app.Div().Class("apply-way")
	if address, count := Together(place, procedures...); address != "" {
		return way.Body(kit.Link{
			ID: id, Label: textTogether.F(count), Href: address, Kind: kit.Primary, Icon: kit.IconSend,
		}.UI(), textTogetherHint.P("hint"))
	}
	return way
}

// Pick is the box by which a procedure is filed in one go with others (TogetherWay); an empty place where it cannot be
// filed at the place.
func Pick(place, procedure string, title app.UI, on bool, tick func(procedure string, on bool)) app.UI {
	way := app.Div().Class("apply-pick no-print")
	if Address(place, procedure) == "" {
		return way
	}
	id := "pick-" + procedure
	return way.Body(app.Label().For(id).Class("check-label").Body(
		app.Input().ID(id).Type("checkbox").Class("check-input").Checked(on).
			OnChange(func(ctx app.Context, _ app.Event) {
				tick(procedure, ctx.JSSrc().Get("checked").Bool())
			}, app.EventScope(id)),
		app.Text(" "), textPick.UI(), app.Span().Class("visually-hidden").Body(title),
	))
}
