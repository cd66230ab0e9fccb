package home

import (
	"time"

	"github.com/maxence-charriere/go-app/v10/pkg/app"

	"madoguchi/frontend/frame/kit"
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

// timeline is what is to be done, from today on.
func (p *page) timeline() []app.UI {
	open, done, more, known := shell.Dues()
	title := textTodo
	if n := len(open) + more; n > 0 && known {
		title = textTodoCount.F(n)
	}
	heading := app.H2().ID("home-timeline").Class("part-title").Body(title.UI())
	if !known {
		return []app.UI{heading, waiting("home-todo-again", p.missing, textTodoFailed, func(ctx app.Context) {
			p.missing = false
			for _, t := range shell.Timelines() {
				t.Again(p.visit.Page, p.heard)
			}
		})}
	}
	today := clock.Day(time.Now())
	body := app.Div().Class("home-rows").Body(parts(open[:min(len(open), shownDues)], today)...)
	if len(open) == 0 {
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
		var items []app.UI
		for ; to < len(rows); to++ {
			if other, _ := todo.Part(rows[to].By, today); other != id {
				break
			}
			items = append(items, row(rows[to], today))
		}
		from = to
		heading := "home-" + id
		parts = append(parts, app.Div().Class("todo-group todo-group-"+id).Body(
			app.H3().ID(heading).Class("home-group-title").Body(title.UI()),
			app.Ul().Class("home-list").Aria("labelledby", heading).Body(items...),
		))
	}
	return parts
}

func row(d shell.Due, today string) app.UI {
	from := app.Span()
	if d.From != "" {
		from = app.Span().Class("home-from").Body(kit.Monogram(d.From), app.Span().Text(d.From))
	}
	return app.Li().Class("home-row").Body(
		todo.Leaf(d.By, false, today),
		app.Div().Class("home-row-words").Body(
			app.P().Class("todo-title").Text(d.Title),
			app.P().Class("todo-when").Body(todo.When(d.By, 0, today)),
			app.P().Class("todo-terms").Body(d.Words.UI()),
			app.P().Class("home-row-from").Body(from),
		),
		app.A().Class("button button-secondary home-do").Href(d.Href).Body(
			app.Span().Class("button-label").Body(d.Do.UI()), kit.Hidden(textOf.F(d.Title)),
		),
	)
}

// finished is what is done, folded away.
func finished(done []shell.Due, today string) app.UI {
	few := done[:min(len(done), shownDone)]
	items := make([]app.UI, len(few))
	for i, d := range few {
		items[i] = app.Li().Class("home-finished").Body(
			kit.Icon(kit.IconCheck), app.A().Class("link").Href(d.Href).Text(d.Title), todo.When(d.By, d.DoneAt, today),
		)
	}
	return kit.Disclosure{
		ID: "home-done", Summary: textDone.F(len(done)), Body: []app.UI{app.Ul().Body(items...)},
	}.UI()
}
