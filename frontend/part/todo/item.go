package todo

import (
	"github.com/maxence-charriere/go-app/v10/pkg/app"

	"madoguchi/frontend/frame/kit"
	"madoguchi/frontend/frame/lang"
	"madoguchi/frontend/part/offered"
	"madoguchi/frontend/part/waiting"
)

// action is what one can do with an entry.
type action int

const (
	doTick action = iota
	doUntick
	doRemove
	doOwn
	doFrom
	doType
	doSave
	doNoDay
	doKeep
)

// dayID is the field for another day; one is open at a time.
const dayID = "todo-day"

func ownButton(e Entry) string  { return tickID(e) + "-day" }
func fromButton(e Entry) string { return tickID(e) + "-from" }

// item is one entry of the list. CompoID has go-app make a new one when entries come and go, instead of turning one
// into another.
type item struct {
	app.Compo
	Entry Entry
	Today string
	Edit  edit // of this entry; zero while no day of it is being changed
	Waits waiting.State
	Act   func(e Entry, do action, value string)
}

// CompoID tells entries apart.
func (i *item) CompoID() string { return i.Entry.ID() }

// Render draws the entry with its box, its day, and what can be done with it.
func (i *item) Render() app.UI {
	e := i.Entry
	id, class := tickID(e), "todo-item"
	if e.done() {
		class += " todo-item-done"
	}
	return app.Li().Class(class).Body(
		day(e, i.Today),
		app.Div().Class("todo-body").Body(
			app.Div().Class("check todo-check").Body(
				app.Input().ID(id).Type("checkbox").Class("check-input").Checked(e.done()).Aria("describedby",
					id+"-when "+id+"-from-whom "+id+"-terms").
					OnChange(func(ctx app.Context, _ app.Event) {
						do := doUntick
						if ctx.JSSrc().Get("checked").Bool() {
							do = doTick
						}
						i.Act(i.Entry, do, "")
					}, app.EventScope(id)),
				app.Label().For(id).Class("check-label todo-title").Body(lang.Plain(e.Title()).UI()),
			),
			app.Div().Class("todo-more").Body(
				app.P().ID(id+"-when").Class("todo-when").Body(when(e, i.Today), waiting.Mark(i.Waits)),
				app.Div().ID(id+"-from-whom").Body(source(e)),
				app.P().ID(id+"-terms").Class("todo-terms").Body(terms(e, i.Today)...),
				app.Div().Class("todo-acts no-print").Body(i.acts()...),
				app.Div().Class("todo-edit no-print").Body(i.edit()...),
			),
		),
	)
}

// acts are what can be done: first, while the deadline waits for a day, to give it.
func (i *item) acts() []app.UI {
	e := i.Entry
	from, see, own, remove, apply := app.Div(), app.Div(), app.Div(), app.Div(), app.Div()
	if question := lang.Local(e.Task.GetDayQuestion()); !question.Empty() && !e.done() {
		label, kind := textFromDo.F(question), kit.TextOnly
		if e.Task.GetEventDay() == "" {
			label, kind = textFromSet.F(question), kit.Secondary
		}
		from = from.Body(i.button(fromButton(e), label, kit.IconClock, kind, doFrom))
	}
	if address := e.path(); address != "" {
		see = see.Body(app.A().Class("link").Href(address).Body(i.see().UI(), i.of()))
	}
	if !e.done() {
		label := textOwnSet
		if e.OwnDue() != "" {
			label = textOwnChange
		}
		own = own.Body(i.button(ownButton(e), label, kit.IconPerson, kit.TextOnly, doOwn))
	}
	if e.Task != nil {
		remove = remove.Body(i.button(tickID(e)+"-remove", textRemove, kit.IconDelete, kit.TextOnly, doRemove))
	}
	if e.Task.GetNumber() != "" && !e.done() {
		apply = apply.Body(&offered.Here{
			ID: tickID(e) + "-apply", Place: e.Task.GetPlaceCode(), Procedure: e.Task.GetNumber(),
			Of: lang.Plain(e.Title()),
		})
	}
	return []app.UI{apply, from, see, own, remove}
}

func (i *item) see() lang.Text {
	switch {
	case i.Entry.Notice != nil:
		return textSeeNotice
	case i.Entry.Task.GetNumber() != "":
		return textSee
	}
	return textSeeEvent
}

// of says, to those who hear what can be pressed without the row around it, of which entry it is.
func (i *item) of() app.UI { return kit.Hidden(textOf.F(i.Entry.Title())) }

func (i *item) button(id string, label lang.Text, icon kit.IconName, kind kit.Kind, do action) app.UI {
	return app.Button().ID(id).Type("button").Class("button button-"+string(kind)).
		Body(kit.Icon(icon), label.Span("button-label"), i.of()).
		OnClick(func(ctx app.Context, e app.Event) {
			kit.Once(ctx, e, func(app.Context) { i.Act(i.Entry, do, "") })
		}, app.EventScope(id))
}

func (i *item) edit() []app.UI {
	if i.Edit.id == "" {
		return nil
	}
	field := kit.Field{
		ID: dayID, Label: textOwnLabel, Hint: textOwnHint, Type: "date", Value: i.Edit.value,
		Short: true, Required: true,
	}
	before := i.Entry.OwnDue()
	if i.Edit.from {
		before = i.Entry.Task.GetEventDay()
		field.Label, field.Hint = lang.Local(i.Entry.Task.GetDayQuestion()), textFromHint
	}
	if i.Edit.bad {
		field.Error = textDayWrong
	}
	act := func(do action) func(app.Context) { return func(app.Context) { i.Act(i.Entry, do, "") } }
	field.OnInput = func(_ app.Context, value string) { i.Act(i.Entry, doType, value) }
	field.OnEnter = act(doSave)
	none := app.Div()
	if before != "" {
		none = none.Body(kit.Button{ID: "todo-day-none", Label: textDayNone, OnPress: act(doNoDay)}.UI())
	}
	return []app.UI{
		field.UI(),
		app.Div().Class("actions").Body(
			kit.Button{ID: "todo-day-save", Label: textDaySave, Kind: kit.Primary, OnPress: act(doSave)}.UI(),
			none,
			kit.Button{ID: "todo-day-keep", Label: textDayKeep, Kind: kit.TextOnly, OnPress: act(doKeep)}.UI(),
		),
	}
}
