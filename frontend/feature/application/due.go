package application

import (
	"context"
	"sync"

	"github.com/maxence-charriere/go-app/v10/pkg/app"

	"madoguchi/frontend/frame/shell"
	"madoguchi/proto/clock"
	portalv1 "madoguchi/proto/gen/portal/v1"
)

// known are the drafts and applications of whom, as last heard for the home page.
var known struct {
	sync.Mutex
	owner string
	rows  []shell.Due
}

// dues are rows of the home page: what an office sent back, and drafts to go on with.
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
					rows = append(rows, shell.Due{
						ID: "draft-" + d.GetId(), Title: titleOf(d), Begun: true, From: d.GetPlaceName(),
						Do: textDueGoOn, Href: draftAddress(d),
					})
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
