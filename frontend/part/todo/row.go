package todo

import (
	"strconv"
	"time"

	"github.com/maxence-charriere/go-app/v10/pkg/app"

	"madoguchi/frontend/frame/kit"
	"madoguchi/frontend/frame/lang"
	"madoguchi/frontend/part/place"
)

// day is the day under which an entry stands.
func day(e Entry, today string) app.UI { return Leaf(e.Due(), e.done(), today) }

// Leaf is a day as on the leaf of a calendar, large: for the eye alone, the words beside it say it too (When).
func Leaf(day string, done bool, today string) app.UI {
	due, err := time.Parse(time.DateOnly, day)
	block := app.Div().Class("todo-day").Aria("hidden", "true")
	switch {
	case done:
		return app.Div().Class("todo-day todo-day-done").Aria("hidden", "true").Body(kit.Icon(kit.IconCheck))
	case err != nil:
		return app.Div().Class("todo-day todo-day-none").Aria("hidden", "true").Body(textNoDay.UI())
	case day < today:
		block = app.Div().Class("todo-day todo-day-past").Aria("hidden", "true")
	case day == today:
		block = app.Div().Class("todo-day todo-day-today").Aria("hidden", "true")
	}
	month, weekday := lang.MonthAndWeekday(due)
	return block.Body(
		month.Span("todo-day-month"),
		app.Span().Class("todo-day-number").Text(strconv.Itoa(due.Day())),
		weekday.Span("todo-day-week"),
	)
}

func when(e Entry, today string) app.UI { return When(e.Due(), e.DoneAt(), today) }

// When says in words until when, or since when it is done.
func When(due string, doneAt int64, today string) app.UI {
	switch {
	case doneAt > 0:
		return textDoneOn.F(lang.Date(time.UnixMilli(doneAt))).Span("todo-done-on")
	case due == "":
		return app.Span()
	case due < today:
		return app.Span().Class("todo-due todo-due-past").Body(
			kit.Icon(kit.IconWarning), textDue.F(lang.Day(due)).Span(""),
			kit.ChipLabel(kit.Failure, textPast),
		)
	case due == today:
		return app.Span().Class("todo-due").Body(kit.Icon(kit.IconClock),
			textDueToday.F(lang.Day(due)).Span(""))
	}
	return app.Span().Class("todo-due").Body(kit.Icon(kit.IconClock), textDue.F(lang.Day(due)).Span(""))
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
	at, where := place.Named(e.Task.GetPlaceName(), e.Task.GetPlaceEnglish()), lang.Local(e.Task.GetWhere())
	switch {
	case !at.Empty() && !where.Empty():
		parts = append(parts, app.Span().Body(kit.Icon(kit.IconPlace), at.UI(), app.Text(" "), where.UI()))
	case !at.Empty() || !where.Empty():
		parts = append(parts, app.Span().Body(kit.Icon(kit.IconPlace), at.UI(), where.UI()))
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
	if words := Phrase(e.Task); !words.Empty() {
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
		shown[i] = line.Span("todo-term")
	}
	return shown
}
