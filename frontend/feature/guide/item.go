package guide

import (
	"time"

	"github.com/maxence-charriere/go-app/v10/pkg/app"

	"madoguchi/frontend/frame/kit"
	"madoguchi/frontend/frame/lang"
	portalv1 "madoguchi/proto/gen/portal/v1"
)

// action is what one can do with a task.
type action int

const (
	doTick action = iota
	doUntick
	doRemove
	doEdit
	doType
	doSave
	doNoDay
	doKeep
)

// dayID is the field for another day; one is open at a time.
const dayID = "todo-day"

// item is one task of the list. CompoID has go-app make a new one when tasks come and go, instead of turning one into another.
type item struct {
	app.Compo
	Task    *portalv1.Task
	Overdue bool
	Editing bool
	Day     string
	DayBad  bool
	Act     func(t *portalv1.Task, do action, value string)
}

// CompoID tells tasks apart.
func (i *item) CompoID() string { return i.Task.GetId() }

// Render draws the task with its box, its day, and what can be done with it.
func (i *item) Render() app.UI {
	t := i.Task
	id, class := tickID(t), "todo-item"
	if t.GetDoneAt() > 0 {
		class += " todo-item-done"
	}
	return app.Li().Class(class).Body(
		app.Div().Class("check todo-check").Body(
			app.Input().ID(id).Type("checkbox").Class("check-input").Checked(t.GetDoneAt() > 0).Aria("describedby", id+"-when").
				OnChange(func(ctx app.Context, _ app.Event) {
					do := doUntick
					if ctx.JSSrc().Get("checked").Bool() {
						do = doTick
					}
					i.Act(i.Task, do, "")
				}, app.EventScope(id)),
			app.Label().For(id).Class("check-label todo-title").Text(t.GetTitle()),
		),
		app.Div().Class("todo-more").Body(
			app.P().ID(id+"-when").Class("todo-when").Body(i.when()),
			app.Div().Class("todo-acts no-print").Body(i.acts(id)...),
			app.Div().Class("todo-edit no-print").Body(i.edit()...),
		),
	)
}

func (i *item) when() app.UI {
	t := i.Task
	switch due := t.GetDue(); {
	case t.GetDoneAt() > 0:
		return app.Span().Class("todo-done-on").Body(textDoneOn.F(lang.Date(time.UnixMilli(t.GetDoneAt()))).UI())
	case due == "":
		return app.Span()
	case i.Overdue:
		return app.Span().Class("todo-due todo-due-past").Body(
			kit.Icon(kit.IconWarning), app.Span().Body(textDue.F(lang.Day(due)).UI()), kit.ChipLabel(kit.Failure, textOverdue),
		)
	case due == today():
		return app.Span().Class("todo-due").Body(kit.Icon(kit.IconClock), app.Span().Body(textDueToday.F(lang.Day(due)).UI()))
	}
	return app.Span().Class("todo-due").Body(kit.Icon(kit.IconClock), app.Span().Body(textDue.F(lang.Day(i.Task.GetDue())).UI()))
}

func (i *item) acts(id string) []app.UI {
	t := i.Task
	see, day := app.UI(app.Span()), app.UI(app.Span())
	if path := taskPath(t); path != "" {
		label := textSee
		if t.GetNumber() == "" {
			label = textSeeEvent
		}
		see = app.A().Class("link").Href(path).Aria("label", textSeeOf.F(label, t.GetTitle()).String()).Body(label.UI())
	}
	if t.GetDoneAt() == 0 {
		day = i.button(id+"-day", textDay, kit.IconClock, doEdit)
	}
	return []app.UI{app.Div().Body(see), app.Div().Body(day), i.button(id+"-remove", textRemove, kit.IconDelete, doRemove)}
}

func (i *item) button(id string, label lang.Text, icon kit.IconName, do action) app.UI {
	return app.Button().ID(id).Type("button").Class("button button-text").Aria("label", textSeeOf.F(label, i.Task.GetTitle()).String()).
		Body(kit.Icon(icon), app.Span().Class("button-label").Body(label.UI())).
		OnClick(func(ctx app.Context, e app.Event) {
			kit.Once(ctx, e, func(app.Context) { i.Act(i.Task, do, "") })
		}, app.EventScope(id))
}

func (i *item) edit() []app.UI {
	if !i.Editing {
		return nil
	}
	wrong := lang.Text{}
	if i.DayBad {
		wrong = textDayWrong
	}
	act := func(do action) func(app.Context) { return func(app.Context) { i.Act(i.Task, do, "") } }
	return []app.UI{
		kit.Field{ID: dayID, Label: textDayLabel, Hint: textDayHint, Error: wrong, Type: "date", Value: i.Day, Short: true, Required: true,
			OnInput: func(_ app.Context, value string) { i.Act(i.Task, doType, value) }, OnEnter: act(doSave)}.UI(),
		app.Div().Class("actions").Body(
			kit.Button{ID: "todo-day-save", Label: textDaySave, Kind: kit.Primary, OnPress: act(doSave)}.UI(),
			kit.Button{ID: "todo-day-none", Label: textDayNone, OnPress: act(doNoDay)}.UI(),
			kit.Button{ID: "todo-day-keep", Label: textDayKeep, Kind: kit.TextOnly, OnPress: act(doKeep)}.UI(),
		),
	}
}
