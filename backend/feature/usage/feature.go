// Package usage is 利用履歴: it shows a person what was done in their folder, and who is logged in there; it ends what is
// not theirs, and takes in that it was not them. The lines are written by backend/store/act, with what they tell of.
package usage

import (
	"context"
	"time"

	"madoguchi/backend/door/mount"
	"madoguchi/backend/door/session"
	"madoguchi/backend/store/db"
	portalv1 "madoguchi/proto/gen/portal/v1"
	"madoguchi/proto/gen/portal/v1/portalv1connect"
	"madoguchi/proto/ledger"
)

// Needs are what the feature needs besides the house.
type Needs struct {
	Sessions *session.Store
	// Log proves that no line was altered, left out or put in later.
	Log Log
	// Devices are those that there are now, with the names that the person gave them.
	Devices func(ctx context.Context, q *db.Queries, folderID string) ([]*portalv1.UsageDevice, error)
	// ForgetDevice forgets a device within a transaction, and tells whether there was such a one.
	ForgetDevice func(ctx context.Context, q *db.Queries, folderID, id string) (bool, error)
	// EndPasskey ends a passkey within a transaction, and tells how many sessions ended with it; -1 when there was no
	// such one.
	EndPasskey func(ctx context.Context, q *db.Queries, folderID, id string) (sessions int64, err error)
	// OpenCase opens a case about something that was not the person's doing, within a transaction; AddToCase writes
	// into it, Number is what people quote of one that there is.
	OpenCase  func(ctx context.Context, q *db.Queries, folderID, subject, text string) (Case, error)
	AddToCase func(ctx context.Context, q *db.Queries, folderID, caseID, text string) error
	Number    func(ctx context.Context, q *db.Queries, folderID, caseID string) (string, error)
	// Notice finds a notice to the person; db.ErrNotFound when there is none.
	Notice func(ctx context.Context, q *db.Queries, folderID, id string) (*portalv1.Notice, error)
	// Ticket gives leave to download a part (mount.Feature.Takeaways).
	Ticket func(ctx context.Context, part, choice, language string) (ticket string, err error)
}

// Log is what the feature needs of the ledger (backend/store/ledger).
type Log interface {
	LinesOf(
		ctx context.Context, q *db.Queries, folderID string, chain ledger.Chain, numbers []uint64,
	) ([]*portalv1.LedgerLine, *portalv1.LedgerState, error)
}

// Case is an inquiry about a line: its id, and the number that people quote.
type Case struct{ ID, Number string }

const partName = "usage"

// Service answers the calls of portal.v1.UsageService. Who may call, and with what in each field, stands in the
// contract.
type Service struct {
	db    *db.DB
	needs Needs
	now   func() time.Time
}

// New makes the service.
func New(d *db.DB, n Needs, now func() time.Time) *Service {
	return &Service{db: d, needs: n, now: now}
}

// Feature declares what joins the portal.
func Feature(h *mount.House, n Needs) mount.Feature {
	s := New(h.DB, n, h.Now)
	return mount.Feature{
		Name:     "usage",
		Services: []mount.Service{mount.Serve(portalv1connect.NewUsageServiceHandler)(s)},
		Loops:    map[string]func(context.Context){"usage": s.tend, "usage-leaves": s.Prove},
		// Which go with the folder's row: no Erase.
		Export: map[string]mount.Tell{
			"usage_disowned": mount.Rows((*db.Queries).UsageDisownedOfFolder),
			"folder_unusual": mount.Rows((*db.Queries).FolderUnusualOf),
		},
		Takeaways: map[string]mount.Takeaway{partName: s.write},
	}
}
