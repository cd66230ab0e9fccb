package guide

import (
	"github.com/maxence-charriere/go-app/v10/pkg/app"

	"madoguchi/frontend/frame/kit"
	"madoguchi/frontend/frame/lang"
	"madoguchi/frontend/reach/vault"
	portalv1 "madoguchi/proto/gen/portal/v1"
)

// open stands for "left open" and "none of these" among the values of a field; no option has it as its id.
const open = "-"

// question is one question of an event. Questions come and go with the answers: CompoID has go-app make a new one
// instead of turning one into another, which would mix up what is chosen.
type question struct {
	app.Compo
	Asked *portalv1.Question
	Given answers
	// Now says that it is the one to see where there is room for one only.
	Now      bool
	OnChoose func(q *portalv1.Question, value string, several, on bool)
	OnDay    func(q *portalv1.Question, day string)
}

// CompoID tells questions apart.
func (q *question) CompoID() string { return q.Asked.GetId() }

func fieldID(question string) string { return "guide-q-" + question }

// Render draws the question by its kind.
func (q *question) Render() app.UI {
	class := "guide-question"
	if q.Now {
		class += " guide-question-now"
	}
	body := q.single()
	switch {
	case len(q.Asked.GetOptions()) == 0:
		body = q.day()
	case q.Asked.GetSeveral():
		body = q.several()
	}
	return app.Div().Class(class).Body(body)
}

func (q *question) single() app.UI {
	id := q.Asked.GetId()
	value := q.Given[id]
	var options []kit.Option
	for _, o := range q.Asked.GetOptions() {
		options = append(options, kit.Option{Value: o.GetId(), Label: lang.Local(o.GetLabel())})
	}
	if q.Asked.GetOptional() {
		options = append(options, kit.Option{Value: open, Label: textOpen})
	}
	if q.Given.leftOpen(id) {
		value = open
	}
	return kit.RadioGroup{
		ID: fieldID(id), Legend: lang.Local(q.Asked.GetText()), Hint: lang.Local(q.Asked.GetHint()),
		Options: options, Value: value,
		Required: !q.Asked.GetOptional(),
		OnChange: func(_ app.Context, chosen string) { q.OnChoose(q.Asked, chosen, false, true) },
	}.UI()
}

func (q *question) several() app.UI {
	id := q.Asked.GetId()
	body := []app.UI{
		app.Legend().Class("label").Body(lang.Local(q.Asked.GetText()).UI()),
		app.P().ID(fieldID(id)+"-hint").Class("hint").Body(lang.Local(q.Asked.GetHint()).UI(),
			app.Text(" "), textMany.UI()),
	}
	for i, o := range q.Asked.GetOptions() {
		inputID := fieldID(id)
		if i > 0 {
			inputID += "-" + o.GetId()
		}
		body = append(body, q.box(inputID, o.GetId(), lang.Local(o.GetLabel()), q.Given.chose(id, o.GetId())))
	}
	body = append(body, q.box(fieldID(id)+"-none", open, textNone, q.Given.leftOpen(id)))
	return app.FieldSet().Class("field").Aria("describedby", fieldID(id)+"-hint").Body(body...)
}

func (q *question) box(id, value string, label lang.Text, checked bool) app.UI {
	return app.Div().Class("check").Body(
		app.Input().ID(id).Name(id).Type("checkbox").Class("check-input").Checked(checked).
			OnChange(func(ctx app.Context, _ app.Event) {
				q.OnChoose(q.Asked, value, true, ctx.JSSrc().Get("checked").Bool())
			}, app.EventScope(id)),
		app.Label().For(id).Class("check-label").Body(label.UI()),
	)
}

func (q *question) day() app.UI {
	id := q.Asked.GetId()
	body := []app.UI{&kit.DateInput{
		ID: fieldID(id), Legend: lang.Local(q.Asked.GetText()), Hint: lang.Local(q.Asked.GetHint()),
		Value: q.Given[id], Required: !q.Asked.GetOptional(), Kept: !vault.KeepsNothing(),
		OnInput: func(_ app.Context, day string, _ bool) { q.OnDay(q.Asked, day) },
	}}
	if q.Asked.GetOptional() {
		body = append(body, q.box(fieldID(id)+"-unknown", open, textOpen, q.Given.leftOpen(id)))
	}
	return app.Div().Class("guide-day").Body(body...)
}
