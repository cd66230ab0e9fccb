package draft

import (
	"slices"

	"github.com/maxence-charriere/go-app/v10/pkg/app"

	"madoguchi/frontend/frame/kit"
	"madoguchi/frontend/frame/lang"
	"madoguchi/frontend/part/catalog"
	"madoguchi/frontend/part/form"
)

// rail stands beside the questions: which step this is among all, what is saved, and where it is explained. On phones
// it comes after them, without the steps, whose number stands above each.
func (a *apply) rail() kit.Rail {
	if a.form == nil || len(a.done) > 0 || a.waits != "" || a.sheet == nil && a.opened.Busy {
		return kit.Rail{}
	}
	more := []app.UI{textKeptHint.P("hint")}
	if a.sheet != nil {
		more = []app.UI{
			app.Div().Class("apply-steps").Body(textRailSteps.P("rail-title"), app.Ol().Body(a.stepsUI()...)),
			app.P().ID("apply-kept").Class("flow-kept").Attr("role", "status").Body(a.stand().UI()),
		}
	}
	return kit.Rail{After: true, More: append(more,
		kit.MenuList{Label: textTitle, Items: []kit.MenuItem{
			{Href: catalog.Path(a.place, a.form.Procedure), Label: textRailAbout, Icon: kit.IconInfo},
			{Href: "/help", Label: textRailHelp, Icon: kit.IconHelp},
		}}.UI(),
	)}
}

// stepsUI are the steps; those before this one lead back.
func (a *apply) stepsUI() []app.UI {
	steps := a.steps()
	if !a.signs() {
		steps = steps[:len(steps)-1]
	}
	at := a.at()
	now := slices.Index(steps, at)
	items := make([]app.UI, len(steps))
	for i, s := range steps {
		name := a.stepName(s)
		switch {
		case i < now:
			items[i] = app.Li().Body(kit.Icon(kit.IconCheck), kit.Button{
				ID: "apply-to-" + s, Label: name, Kind: kit.TextOnly, Scope: s,
				OnPress: func(ctx app.Context) { a.lead(ctx, s) },
			}.UI())
		case i == now:
			items[i] = app.Li().Aria("current", "step").Body(app.Span(), name.UI())
		default:
			items[i] = app.Li().Body(app.Span(), name.UI())
		}
	}
	return items
}

func (a *apply) stepName(step string) lang.Text {
	switch step {
	case stepReview:
		return textRailReview
	case stepSign:
		return textSignTitle
	}
	return form.Of(a.form, "section."+step)
}
