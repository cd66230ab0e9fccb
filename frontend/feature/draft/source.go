package draft

import (
	"strings"
	"time"

	"github.com/maxence-charriere/go-app/v10/pkg/app"

	"madoguchi/frontend/frame/kit"
	"madoguchi/frontend/frame/lang"
	"madoguchi/frontend/part/ask"
	"madoguchi/frontend/part/form"
	engine "madoguchi/proto/form"
	portalv1 "madoguchi/proto/gen/portal/v1"
)

// from is where an answer came from, as the draft keeps it.
type from struct {
	// Source is as definitions name it ("household.name", "card.name"), "link", or "form" for another application that
	// is filed in the same go.
	Source string
	At     int64
}

func (f from) text() lang.Text {
	of := textFromFolder
	room, _, _ := strings.Cut(f.Source, ".")
	switch room {
	case "self":
		of = textFromMyInfo
	case "household":
		of = textFromHousehold
	case "earlier", "before":
		of = textFromEarlier
	case "card":
		return textFromCard
	case "link":
		return textFromLink
	case "form":
		return textFromForm
	}
	if f.At == 0 {
		return of
	}
	return textAsOf.F(of, lang.Date(time.UnixMilli(f.At)))
}

// note has the draft keep from where an answer outside of rows came, so that it is said again after a reload.
func (a *apply) note(at form.Spot, f from) {
	if at.Row >= 0 {
		return
	}
	if a.kept.From == nil {
		a.kept.From = map[string]from{}
	}
	a.kept.From[at.Field] = f
}

// fill answers a question that is open from what is known; where it is answered otherwise, both are shown. Rows are
// only filled where there is nothing.
func (a *apply) fill(field string, row int, v engine.Value, f from) (filled, asks bool) {
	at := form.Spot{Field: field, Row: row}
	if row >= 0 {
		return a.sheet.Fill(at, v, f.text()), false
	}
	if filled, asks = a.sheet.Offer(field, v, f.text()); filled {
		a.note(at, f)
	}
	return filled, asks
}

// fillKnown fills in what the portal knows.
func (a *apply) fillKnown(known []*portalv1.Prefill) (filled, asks int) {
	for _, p := range known {
		read, err := a.form.ReadAnswers([]byte(`{"` + p.GetField() + `":` + string(p.GetValue()) + `}`))
		if err != nil {
			continue
		}
		is, chooses := a.fill(p.GetField(), int(p.GetRow()), read[p.GetField()], from{p.GetSource(), p.GetAt()})
		filled, asks = filled+count(is), asks+count(chooses)
	}
	return filled, asks
}

func count(is bool) int {
	if is {
		return 1
	}
	return 0
}

// askKnown asks once more what is known, in the middle of filling in.
func (a *apply) askKnown(app.Context) {
	ask.For(&a.visit, &a.told, drafts().ListPrefills,
		&portalv1.ListPrefillsRequest{Place: a.place, Form: a.form.ID, Version: a.form.Version},
		func(_ app.Context, got *portalv1.ListPrefillsResponse, err error) {
			if err == nil {
				a.filledIn(a.fillKnown(got.GetPrefills()))
			}
		})
}

// filledIn shows what was filled in from elsewhere, and says how much it was.
func (a *apply) filledIn(filled, asks int) {
	for _, id := range a.sheet.Filled() {
		a.kept.Dirty[id] = true
	}
	switch {
	case asks > 0:
		a.did = textFilledAsks.F(filled, asks)
	case filled > 0:
		a.did = textFilled.F(filled)
	default:
		a.did = textFilledNone
	}
	kit.Announce(a.visit.Page, a.did)
	a.changed(a.visit.Page, "")
}
