package home

import (
	"slices"
	"time"

	"github.com/maxence-charriere/go-app/v10/pkg/app"

	"madoguchi/frontend/frame/kit"
	"madoguchi/frontend/frame/lang"
	"madoguchi/frontend/frame/scene"
	"madoguchi/frontend/frame/shell"
	"madoguchi/frontend/part/todo"
	"madoguchi/proto/clock"
)

const (
	// shownDues is how many things to do the page lists, shownDone how many that are done.
	shownDues = 8
	shownDone = 5
)

// dues are what is to be done. Until the portal has said who is there, the list may be the folder's.
func dues() (open, done []shell.Due, more int, known bool) {
	open, done, more, known = shell.Dues()
	return open, done, more, known && (shell.CurrentSession().State != shell.Unknown || !shell.Online())
}

// timeline is what is to be done, from today on.
func (p *page) timeline() []app.UI {
	open, done, more, known := dues()
	begun := slices.Clone(open)
	begun = slices.DeleteFunc(begun, func(d shell.Due) bool { return !d.Begun })
	open = slices.DeleteFunc(open, func(d shell.Due) bool { return d.Begun })
	title := textTodo
	if n := len(open) + more; n > 0 && known {
		title = textTodoCount.F(n)
	}
	heading := app.H2().ID("home-timeline").TabIndex(-1).Class("part-title").Body(title.UI())
	if !known {
		return []app.UI{heading, waiting("home-todo-again", p.missing, textTodoFailed, func(ctx app.Context) {
			p.missing = false
			for _, t := range shell.Timelines() {
				if t.Again != nil {
					t.Again(p.visit.Page, p.heard)
				}
			}
		})}
	}
	today := clock.Day(time.Now())
	rows := append(part("begun", textBegun, begun, today), parts(open[:min(len(open), shownDues)], today)...)
	body := app.Div().Class("home-rows").Body(rows...)
	if len(rows) == 0 {
		body = app.Div().Class("home-rows").Body(kit.Empty{Picture: scene.Lit(scene.Medium), Text: textTodoNone}.UI())
	}
	return []app.UI{
		heading,
		body,
		app.P().Class("home-part-more").Body(kit.Link{ID: "home-todo", Label: textTodoList, Href: "/todo"}.UI()),
		app.Div().Class("home-done").Body(app.If(len(done) > 0, func() app.UI { return finished(done, today) })),
	}
}

// parts are the rows under the time until which they are to be done.
func parts(rows []shell.Due, today string) []app.UI {
	var parts []app.UI
	for from := 0; from < len(rows); {
		id, title := todo.Part(rows[from].By, today)
		to := from
		for ; to < len(rows); to++ {
			if other, _ := todo.Part(rows[to].By, today); other != id {
				break
			}
		}
		parts = append(parts, part(id, title, rows[from:to], today)...)
		from = to
	}
	return parts
}

// part is nothing where there are no rows.
func part(id string, title lang.Text, rows []shell.Due, today string) []app.UI {
	if len(rows) == 0 {
		return nil
	}
	items := make([]app.UI, len(rows))
	for i, d := range rows {
		items[i] = row(d, today)
	}
	heading := "home-" + id
	return []app.UI{app.Div().Class("todo-group todo-group-"+id).Body(
		app.H3().ID(heading).Class("home-group-title").Body(title.UI()),
		app.Ul().Class("home-list").Aria("labelledby", heading).Body(items...),
	)}
}

func row(d shell.Due, today string) app.UI {
	from := app.Span()
	if d.From != "" {
		from = app.Span().Class("home-from").Body(kit.Monogram(d.From), app.Span().Text(d.From))
	}
	leaf := todo.Leaf(d.By, false, today)
	if d.Begun {
		leaf = app.Div().Class("todo-day todo-day-none").Aria("hidden", "true").Body(kit.Icon(kit.IconTask))
	}
	tap := app.Span()
	if d.Tap != nil {
		tap = tap.Body(kit.Button{
			ID: "home-tap-" + d.ID, Label: d.Tap.Label, Kind: kit.TextOnly, DescribedBy: "home-title-" + d.ID,
			OnPress: d.Tap.Do,
		}.UI())
	}
	return app.Li().Class("home-row").Body(
		leaf,
		app.Div().Class("home-row-words").Body(
			app.P().ID("home-title-"+d.ID).Class("todo-title").Body(d.Title.UI()),
			app.P().Class("todo-when").Body(todo.When(d.By, 0, today)),
			d.Words.P("todo-terms"),
			app.P().Class("home-row-from").Body(from),
		),
		app.Div().Class("home-ways").Body(
			app.A().Class("button button-secondary home-do").Href(d.Href).Body(
				d.Do.Span("button-label"), kit.Hidden(textOf.F(d.Title.String())),
			),
			tap,
		),
	)
}

// finished is what is done, folded away.
func finished(done []shell.Due, today string) app.UI {
	few := done[:min(len(done), shownDone)]
	items := make([]app.UI, len(few))
	for i, d := range few {
		items[i] = app.Li().Class("home-finished").Body(
			kit.Icon(kit.IconCheck), app.A().Class("link").Href(d.Href).Body(d.Title.UI()),
			todo.When(d.By, d.DoneAt, today),
		)
	}
	return kit.Disclosure{
		ID: "home-done", Summary: textDone.F(len(done)), Body: []app.UI{app.Ul().Body(items...)},
	}.UI()
}
