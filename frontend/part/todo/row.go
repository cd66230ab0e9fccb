package todo

import (
	"strconv"
	"time"

	"github.com/maxence-charriere/go-app/v10/pkg/app"

	"madoguchi/frontend/frame/kit"
	"madoguchi/frontend/frame/lang"
	"madoguchi/frontend/frame/scene"
	"madoguchi/proto/clock"
)

// day is the day under which an entry stands, large: for the eye alone, the words beside it say it too.
func day(e Entry, today string) app.UI {
	due, err := time.Parse(time.DateOnly, e.Due())
	block := app.Div().Class("todo-day").Aria("hidden", "true")
	switch {
	case e.done():
		return app.Div().Class("todo-day todo-day-done").Aria("hidden", "true").Body(kit.Icon(kit.IconCheck))
	case err != nil:
		return app.Div().Class("todo-day todo-day-none").Aria("hidden", "true").Body(textNoDay.UI())
	case e.Due() < today:
		block = app.Div().Class("todo-day todo-day-past").Aria("hidden", "true")
	case e.Due() == today:
		block = app.Div().Class("todo-day todo-day-today").Aria("hidden", "true")
	}
	month, weekday := lang.MonthAndWeekday(due)
	return block.Body(
		app.Span().Class("todo-day-month").Body(month.UI()),
		app.Span().Class("todo-day-number").Text(strconv.Itoa(due.Day())),
		app.Span().Class("todo-day-week").Body(weekday.UI()),
	)
}

// when says in words until when, or since when it is done.
func when(e Entry, today string) app.UI {
	due := e.Due()
	switch {
	case e.done():
		return app.Span().Class("todo-done-on").Body(textDoneOn.F(lang.Date(time.UnixMilli(e.DoneAt()))).UI())
	case due == "":
		return app.Span()
	case due < today:
		return app.Span().Class("todo-due todo-due-past").Body(
			kit.Icon(kit.IconWarning), app.Span().Body(textDue.F(lang.Day(due)).UI()),
			kit.ChipLabel(kit.Failure, textPast),
		)
	case due == today:
		return app.Span().Class("todo-due").Body(kit.Icon(kit.IconClock),
			app.Span().Body(textDueToday.F(lang.Day(due)).UI()))
	}
	return app.Span().Class("todo-due").Body(kit.Icon(kit.IconClock), app.Span().Body(textDue.F(lang.Day(due)).UI()))
}

// source says who asks for it, or why and where it is done.
func source(e Entry) app.UI {
	if n := e.Notice; n != nil {
		from := textFrom.F(n.GetOffice(), n.GetTitle())
		if n.GetAction() == "" { // its title stands above
			from = lang.Plain(n.GetOffice())
		}
		return app.P().Class("todo-from").Body(app.Span().Body(kit.Icon(kit.IconBell), from.UI()))
	}
	var parts []app.UI
	if event := lang.Local(e.Task.GetEventTitle()); !event.Empty() {
		parts = append(parts, app.Span().Body(kit.Icon(kit.IconTask), textReason.F(event).UI()))
	}
	place, where := lang.Plain(e.Task.GetPlaceName()), lang.Local(e.Task.GetWhere())
	switch {
	case !place.Empty() && !where.Empty():
		parts = append(parts, app.Span().Body(kit.Icon(kit.IconPlace), place.UI(), app.Text(" "), where.UI()))
	case !place.Empty() || !where.Empty():
		parts = append(parts, app.Span().Body(kit.Icon(kit.IconPlace), place.UI(), where.UI()))
	}
	return app.P().Class("todo-from").Body(parts...)
}

// terms are the deadline in words and how its day came about.
func terms(e Entry, today string) []app.UI {
	var lines []lang.Text
	own, last := e.OwnDue(), e.Deadline()
	switch {
	case own != "" && last != "" && own > last:
		lines = append(lines, textOwnLater.F(lang.Day(own)))
	case own != "" && last != "" && own < last:
		lines = append(lines, textOwn, textBut.F(lang.Day(last)))
	case own != "" && last == "" && e.Task.GetDeadline() != "":
		lines = append(lines, textOwn)
	}
	if words := phrase(e.Task); !words.Empty() {
		lines = append(lines, words)
	}
	if counted := e.Task.GetEventDay(); counted != "" {
		lines = append(lines, textCountsFrom.F(lang.Local(e.Task.GetDayQuestion()), lang.Day(counted)))
	}
	legal := e.Task.GetLegalDue()
	if legal.GetMoved() {
		lines = append(lines, textMoved)
	}
	if legal.GetOpens() > today {
		lines = append(lines, textOpens.F(lang.Day(legal.GetOpens())))
	}
	shown := make([]app.UI, len(lines))
	for i, line := range lines {
		shown[i] = app.Span().Class("todo-term").Body(line.UI())
	}
	return shown
}

// Brief is the list for a page that shows only what comes first, at most so many.
type Brief struct {
	Most int
	// Empty is said when there is nothing to be done.
	Empty lang.Text
}

// Open is how many things are to be done; false while that is not known.
func Open() (int, bool) {
	entries, known := Entries()
	return groupBy(entries, clock.Day(time.Now())).count() + unlisted(), known
}

// UI draws what comes first, under the same headings as the whole list. Each leads to the page that tells more.
func (b Brief) UI() app.UI {
	entries, _ := Entries()
	now := clock.Day(time.Now())
	few := groupBy(entries, now).first(b.Most)
	if len(few) == 0 {
		return kit.Empty{Picture: scene.Lit(scene.Medium), Text: b.Empty}.UI()
	}
	parts := make([]app.UI, len(few))
	for i, g := range few {
		rows := make([]app.UI, len(g.entries))
		for i, e := range g.entries {
			rows[i] = app.Li().Class("todo-brief").Body(brief(e, now))
		}
		id := "todo-brief-" + g.id
		parts[i] = app.Div().Class("todo-group todo-group-"+g.id).Body(
			app.H3().ID(id).Class("todo-brief-title").Body(g.title.UI()),
			app.Ul().Class("todo-list").Aria("labelledby", id).Body(rows...),
		)
	}
	return app.Div().Class("todo-briefs").Body(parts...)
}

func brief(e Entry, today string) app.UI {
	href := e.path()
	if href == "" {
		href = path
	}
	words := lang.Text{} // of the deadline: where they are all that is known of it
	if e.Due() == "" {
		words = phrase(e.Task)
	}
	return app.A().Class("todo-row").Href(href).Body(
		day(e, today),
		app.Div().Class("todo-body").Body(
			app.P().Class("todo-title").Text(e.Title()),
			app.P().Class("todo-when").Body(when(e, today)),
			source(e),
			app.P().Class("todo-terms").Body(words.UI()),
		),
	)
}
