//go:build !js

package application

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/maxence-charriere/go-app/v10/pkg/app"

	"madoguchi/frontend/frame/pagetest"
	"madoguchi/frontend/frame/shell"
	portalv1 "madoguchi/proto/gen/portal/v1"
	"madoguchi/proto/gen/portal/v1/portalv1web"
)

// keeper is a portal that keeps what it is told to.
type keeper struct {
	*fake
	err error
}

func (k *keeper) SaveDraft(_ context.Context, r *portalv1.SaveDraftRequest) (*portalv1.SaveDraftResponse, error) {
	k.called = append(k.called, "save "+r.GetId()+" "+fmt.Sprint(len(r.GetFields())))
	return &portalv1.SaveDraftResponse{}, k.err
}

func (k *keeper) KeepApplication(
	_ context.Context, r *portalv1.KeepApplicationRequest,
) (*portalv1.KeepApplicationResponse, error) {
	k.called = append(k.called, fmt.Sprint("keep ", r.GetKeep()))
	k.it.GoneAt, k.it.Kept = 0, true
	return &portalv1.KeepApplicationResponse{Application: k.it}, nil
}

// What is deleted soon is announced 30 days before, a draft from its beginning; near the end one tap keeps either.
func TestTheHomePageAnnouncesWhatIsDeleted(t *testing.T) {
	in := func(days int) int64 { return time.Now().AddDate(0, 0, days).UnixMilli() }
	draft := func(id string, days int) *portalv1.Draft {
		return &portalv1.Draft{
			Id: id, Title: "下書き", Place: "131105", Form: "f", Version: "2", GoneAt: in(days),
			State: portalv1.DraftState_DRAFT_STATE_OPEN,
		}
	}
	f := &keeper{fake: &fake{it: application(), drafts: []*portalv1.Draft{draft("a", 20), draft("b", 6)}}}
	f.it.State, f.it.GoneAt = portalv1.ApplicationState_APPLICATION_STATE_APPROVED, in(40)
	ctx, engine := enter(t, f.fake, "/home")
	portal = func() portalv1web.ApplicationService { return f }
	drafts = func() portalv1web.DraftService { return f }
	shell.SetSession(shell.Session{State: shell.CitizenState, Owner: "o"})
	t.Cleanup(func() { shell.SetSession(shell.Session{}) })
	stop := follow(ctx, func(app.Context, error) {})
	defer stop()
	engine.ConsumeAll()
	rows, _, _ := dues()
	if len(rows) != 2 || rows[0].Tap != nil || rows[1].Tap == nil {
		t.Fatalf("%+v", rows)
	}
	pagetest.Has(t, rows[0].Words.String(), "まで残ります")
	pagetest.Has(t, rows[1].Words.String(), "に消えます", "30日のあいだ残ります")
	rows[1].Tap.Do(ctx)
	engine.ConsumeAll()
	if !slices.Contains(f.called, "save b 0") {
		t.Errorf("called %v", f.called)
	}

	f.it.GoneAt = in(30)
	look(ctx, func(app.Context, error) {})
	engine.ConsumeAll()
	rows, _, _ = dues()
	if len(rows) != 3 || rows[0].ID != "application-gone-"+id || rows[0].By == "" {
		t.Fatalf("%+v", rows)
	}
	rows[0].Tap.Do(ctx)
	engine.ConsumeAll()
	if !slices.Contains(f.called, "keep true") {
		t.Errorf("called %v", f.called)
	}
	if rows, _, _ = dues(); len(rows) != 2 {
		t.Errorf("it is announced still: %+v", rows)
	}
	// What cannot be kept now stays announced.
	f.it.GoneAt, f.err = in(3), errors.New("no network")
	rows[1].Tap.Do(ctx)
	engine.ConsumeAll()
	if rows, _, _ = dues(); len(rows) != 2 || rows[1].Tap == nil {
		t.Errorf("%+v", rows)
	}
}
