package kit

import (
	"slices"

	"github.com/maxence-charriere/go-app/v10/pkg/app"

	"madoguchi/frontend/frame/lang"
)

// Checkbox is one thing to agree to or switch on.
type Checkbox struct {
	ID       string
	Label    lang.Text
	Hint     lang.Text
	Error    lang.Text
	Checked  bool
	OnChange func(ctx app.Context, checked bool)
}

// UI renders the checkbox.
func (c Checkbox) UI() app.UI {
	input := app.Input().ID(c.ID).Name(c.ID).Type("checkbox").Class("check-input").Checked(c.Checked).
		Aria("describedby", describedBy(c.ID, false)).Aria("invalid", !c.Error.Empty())
	if c.OnChange != nil {
		change := c.OnChange
		input = input.OnChange(func(ctx app.Context, _ app.Event) { change(ctx, ctx.JSSrc().Get("checked").Bool()) },
			app.EventScope(c.ID))
	}
	return app.Div().Class(classes("field", invalidClass(c.Error))).Body(
		ErrorOf(c.ID, c.Error),
		app.Div().Class("check").Body(input, app.Label().ID(c.ID+"-label").For(c.ID).Class("check-label").Body(
			c.Label.UI(),
		)),
		hintOf(c.ID, c.Hint),
	)
}

// Option is one of several to choose from.
type Option struct {
	Value string
	Label lang.Text
	Hint  lang.Text
}

// RadioGroup is a choice of one among a few, all in sight.
type RadioGroup struct {
	ID       string
	Legend   lang.Text
	Hint     lang.Text
	Error    lang.Text
	Options  []Option
	Value    string
	Required bool
	OnChange func(ctx app.Context, value string)
}

// UI renders the group. The first option has the group's ID, so that an ErrorSummary leads there.
func (r RadioGroup) UI() app.UI {
	body := []app.UI{
		app.Legend().Class("label").Body(r.Legend.UI(), mark(r.Required)),
		hintOf(r.ID, r.Hint),
		ErrorOf(r.ID, r.Error),
	}
	for i, o := range r.Options {
		id := r.ID
		if i > 0 {
			id = r.ID + "-" + o.Value
		}
		input := app.Input().ID(id).Name(r.ID).Type("radio").Class("check-input").Value(o.Value).
			Checked(o.Value == r.Value)
		if r.OnChange != nil {
			change := r.OnChange
			input = input.OnChange(func(ctx app.Context, _ app.Event) {
				change(ctx, ctx.JSSrc().Get("value").String())
			}, app.EventScope(id))
		}
		body = append(body, app.Div().Class("check").Body(
			input,
			app.Label().For(id).Class("check-label").Body(o.Label.UI(), app.If(!o.Hint.Empty(), func() app.UI {
				return o.Hint.Span("hint check-hint")
			})),
		))
	}
	return app.FieldSet().Class(classes("field", invalidClass(r.Error))).Aria("describedby", describedBy(r.ID, false)).
		Body(body...)
}

// CheckGroup is a choice of some among a few, all in sight.
type CheckGroup struct {
	ID       string
	Legend   lang.Text
	Hint     lang.Text
	Error    lang.Text
	Options  []Option
	Values   []string
	Required bool
	OnChange func(ctx app.Context, value string, checked bool)
}

// UI renders the group. The first option has the group's ID, so that an ErrorSummary leads there.
func (g CheckGroup) UI() app.UI {
	body := []app.UI{
		app.Legend().Class("label").Body(g.Legend.UI(), mark(g.Required)), hintOf(g.ID, g.Hint), ErrorOf(g.ID, g.Error),
	}
	for i, o := range g.Options {
		id := g.ID
		if i > 0 {
			id = g.ID + "-" + o.Value
		}
		change := g.OnChange
		body = append(body, app.Div().Class("check").Body(
			app.Input().ID(id).Name(id).Type("checkbox").Class("check-input").
				Checked(slices.Contains(g.Values, o.Value)).
				OnChange(func(ctx app.Context, _ app.Event) {
					change(ctx, o.Value, ctx.JSSrc().Get("checked").Bool())
				}, app.EventScope(id)),
			app.Label().For(id).Class("check-label").Body(o.Label.UI()),
		))
	}
	return app.FieldSet().Class(classes("field", invalidClass(g.Error))).Aria("describedby", describedBy(g.ID, false)).
		Body(body...)
}

// Select is a choice of one among up to some twenty. For more, use Combobox.
type Select struct {
	ID       string
	Label    lang.Text
	Hint     lang.Text
	Error    lang.Text
	Options  []Option
	Value    string
	Required bool
	// Unmarked: it is by what a list is narrowed, and nothing that anybody has to fill in or may leave out.
	Unmarked bool
	OnChange func(ctx app.Context, value string)
}

// UI renders the select.
func (s Select) UI() app.UI {
	var options []app.UI
	for _, o := range s.Options {
		options = append(options, app.Option().Value(o.Value).Selected(o.Value == s.Value).Text(o.Label.String()))
	}
	input := app.Select().ID(s.ID).Name(s.ID).Class("input select").Required(s.Required).
		Aria("describedby", describedBy(s.ID, false)).Aria("invalid", !s.Error.Empty()).Body(options...)
	if s.OnChange != nil {
		change := s.OnChange
		input = input.OnChange(func(ctx app.Context, _ app.Event) { change(ctx, ctx.JSSrc().Get("value").String()) },
			app.EventScope(s.ID))
	}
	label := LabelOf(s.ID, s.Label, s.Required)
	if s.Unmarked {
		label = labelWith(s.ID, s.Label.UI())
	}
	return app.Div().Class(classes("field", invalidClass(s.Error))).Body(
		label, hintOf(s.ID, s.Hint), ErrorOf(s.ID, s.Error), input,
	)
}
