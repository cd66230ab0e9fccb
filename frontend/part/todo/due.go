package todo

import (
	"cmp"
	"context"

	"github.com/maxence-charriere/go-app/v10/pkg/app"

	"madoguchi/frontend/frame/kit"
	"madoguchi/frontend/frame/lang"
	"madoguchi/frontend/frame/shell"
	"madoguchi/frontend/part/place"
	"madoguchi/frontend/part/words"
	portalv1 "madoguchi/proto/gen/portal/v1"
)

// mostHits is how many stand among the answers of all features.
const mostHits = 3

// dues are the list as rows of the home page: what was remembered, and what notices ask for.
func dues() (rows []shell.Due, more int, known bool) {
	entries, known := Entries()
	for _, e := range entries {
		rows = append(rows, due(e))
	}
	return rows, unlisted(), known
}

func due(e Entry) shell.Due {
	d := shell.Due{
		ID: e.ID(), Title: lang.Plain(e.Title()), By: e.Due(), From: e.from(), Href: cmp.Or(e.path(), path),
		DoneAt: e.DoneAt(),
		Do:     textDoSee,
	}
	switch {
	case e.Notice != nil:
		d.Do = textDoRead
	case e.Task.GetNumber() != "":
		d.Do = textDoProcedure
	}
	if d.By == "" {
		d.Words = Phrase(e.Task)
	}
	return d
}

// from is who asks for it: the office, or the place where it is done.
func (e Entry) from() string {
	if e.Notice != nil {
		return e.Notice.GetOffice()
	}
	at := place.Named(e.Task.GetPlaceName(), e.Task.GetPlaceEnglish())
	return cmp.Or(at.String(), lang.Local(e.Task.GetWhere()).String())
}

func again(ctx app.Context, heard func(ctx app.Context, err error)) {
	List(ctx, func(ctx app.Context, _ []*portalv1.Task, err error) { heard(ctx, err) })
}

// findEntries looks among what is known of the list.
func findEntries(_ context.Context, a shell.Asked) ([]shell.Hit, error) {
	entries, _ := Entries()
	var hits []shell.Hit
	for _, e := range entries {
		if len(hits) == mostHits {
			break
		}
		if e.done() || words.In(e.Title()+" "+e.from(), a.Words) == 0 {
			continue
		}
		note := app.Span().Class("ask-notes").Body(app.Span().Text(e.from()))
		if e.Due() != "" {
			note = app.Span().Class("ask-notes").Body(app.Span().Text(e.from()), app.Span().Class("entry-due").Body(
				kit.Icon(kit.IconClock), textDue.F(lang.Day(e.Due())).Span(""),
			))
		}
		hits = append(hits, shell.Hit{
			Title: lang.Plain(e.Title()).UI(), Href: cmp.Or(e.path(), path), Note: note,
		})
	}
	return hits, nil
}
