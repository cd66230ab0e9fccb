package application

import (
	"context"
	"sync"
	"time"

	"github.com/maxence-charriere/go-app/v10/pkg/app"

	"madoguchi/frontend/frame/kit"
	"madoguchi/frontend/frame/lang"
	"madoguchi/frontend/frame/shell"
	"madoguchi/frontend/part/place"
	"madoguchi/frontend/part/trouble"
	"madoguchi/frontend/reach/rpc"
	"madoguchi/proto/clock"
	portalv1 "madoguchi/proto/gen/portal/v1"
)

// known are the drafts and applications of whom, as last heard for the home page.
var known struct {
	sync.Mutex
	owner string
	rows  []shell.Due
}

// dues are rows of the home page: what an office sent back, drafts to go on with, and what is deleted soon.
func dues() (rows []shell.Due, more int, heard bool) {
	owner := shell.CurrentSession().Owner
	if owner == "" {
		return nil, 0, true
	}
	known.Lock()
	defer known.Unlock()
	if known.owner != owner {
		return nil, 0, true // they join when they come
	}
	return known.rows, 0, true
}

func follow(ctx app.Context, heard func(ctx app.Context, err error)) (stop func()) {
	look(ctx, heard)
	return listen(func() { look(ctx, heard) })
}

// announced is how long before something is deleted the home page says so; soon, from when it can be kept there.
// A draft lives for that long, and its row says until when from the beginning.
const (
	announced = 30
	soon      = 7
)

// within tells whether a moment is at most so many days from now.
func within(ms int64, days int) bool {
	now, known := rpc.Now()
	if !known {
		now = time.Now()
	}
	return moment(ms).Before(now.AddDate(0, 0, days+1))
}

func keepOf(id string) func(context.Context) error {
	return func(ctx context.Context) error {
		_, err := portal().KeepApplication(ctx, &portalv1.KeepApplicationRequest{Id: id, Keep: true})
		return err
	}
}

// begunRow is a draft to go on with, until when it is there, and near the end a way to keep it.
func begunRow(d *portalv1.Draft, owner string, heard func(app.Context, error)) shell.Due {
	row := shell.Due{
		ID: "draft-" + d.GetId(), Title: titleOf(d), Begun: true, Do: textDueGoOn, Href: draftAddress(d),
		From: place.Named(d.GetPlaceName(), d.GetPlaceEnglish()).String(),
	}
	if d.GetGoneAt() == 0 {
		return row
	}
	row.Words = textKeptUntil.F(lang.Date(moment(d.GetGoneAt())))
	if within(d.GetGoneAt(), soon) {
		row.Words = textDueDraft.F(lang.Date(moment(d.GetGoneAt())))
		row.Tap = tap(owner, heard, func(ctx context.Context) error {
			// To save nothing in a draft says that it is not left: it lives on as from today.
			_, err := drafts().SaveDraft(ctx, &portalv1.SaveDraftRequest{
				Id: d.GetId(), Place: d.GetPlace(), Form: d.GetForm(), Version: d.GetVersion(),
			})
			return err
		})
	}
	return row
}

// tap keeps something, and looks again; the row goes with that, and the focus to what is left.
func tap(owner string, heard func(app.Context, error), keep func(context.Context) error) *shell.Tap {
	return &shell.Tap{Label: textDueKeep, Do: func(ctx app.Context) {
		page := ctx
		ctx.Async(func() {
			err := keep(context.Background())
			page.Dispatch(func(ctx app.Context) {
				if shell.CurrentSession().Owner != owner {
					return
				}
				if err != nil {
					kit.Announce(ctx, trouble.Words(err).What)
					return
				}
				kit.Announce(ctx, textDueKept)
				kit.Focus(ctx, "home-timeline")
				look(ctx, heard)
			})
		})
	}}
}

// look asks for them.
func look(ctx app.Context, heard func(ctx app.Context, err error)) {
	session := shell.CurrentSession()
	if session.State != shell.CitizenState {
		return
	}
	ctx.Async(func() {
		var rows []shell.Due
		sent, err := portal().ListApplications(context.Background(), &portalv1.ListApplicationsRequest{})
		for _, a := range sent.GetApplications() {
			if a.GetGoneAt() > 0 && within(a.GetGoneAt(), announced) {
				rows = append(rows, shell.Due{
					ID: "application-gone-" + a.GetId(), Title: textDueGone.F(titleOf(a)),
					By: clock.Day(moment(a.GetGoneAt())), Words: textDueGoneWords, From: a.GetOfficeName(),
					Do: textDueTake, Href: path + "/" + a.GetId(), Tap: tap(session.Owner, heard, keepOf(a.GetId())),
				})
			}
			if a.GetState() == portalv1.ApplicationState_APPLICATION_STATE_RETURNED {
				rows = append(rows, shell.Due{
					ID: "application-" + a.GetId(), Title: textDueReturned.F(titleOf(a)),
					By: clock.Day(moment(a.GetDueAt())), From: a.GetOfficeName(), Do: textDueCorrect,
					Href: path + "/" + a.GetId(),
				})
			}
		}
		if err == nil {
			var begun *portalv1.ListDraftsResponse
			begun, err = drafts().ListDrafts(context.Background(), &portalv1.ListDraftsRequest{})
			for _, d := range begun.GetDrafts() {
				if d.GetState() == portalv1.DraftState_DRAFT_STATE_OPEN && d.GetApplication() == "" {
					rows = append(rows, begunRow(d, session.Owner, heard))
				}
			}
		}
		if err == nil {
			known.Lock()
			known.owner, known.rows = session.Owner, rows
			known.Unlock()
		}
		ctx.Dispatch(func(ctx app.Context) { heard(ctx, nil) })
	})
}
