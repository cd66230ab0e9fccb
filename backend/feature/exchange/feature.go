// Package exchange is やりとり履歴 (情報提供等記録): it takes in what offices report that they asked one another about a person,
// and tells the person, line by line. What was reported stands in the ledger (backend/store/ledger); for what work
// what may be asked for stands in proto/exchangelist.
package exchange

import (
	"context"
	"time"

	"madoguchi/backend/door/limit"
	"madoguchi/backend/door/mount"
	"madoguchi/backend/store/db"
	"madoguchi/backend/store/ledger"
	"madoguchi/proto/gen/office/v1/officev1connect"
	portalv1 "madoguchi/proto/gen/portal/v1"
	"madoguchi/proto/gen/portal/v1/portalv1connect"
)

// duty is that of every office that reports.
const duty = "exchange"

// Needs are what the feature needs besides the house.
type Needs struct {
	Log *ledger.Log
	// Protected says which offices a person is protected at, by the duty under which they said so.
	Protected func(ctx context.Context, q *db.Queries, folderID string) (Protection, error)
	// Around finds what of the person's own lies around an exchange, to remember it by.
	Around func(ctx context.Context, q *db.Queries, folderID string, from, to time.Time) (
		[]*portalv1.ExchangeHint, error)
}

// Protection is what protects a person from others who may look.
type Protection struct {
	// Insurance is not to be told of.
	Insurance bool
	// Offices that have support measures (支援措置) for the person: where they are would tell where the person is.
	Offices []string
}

// New makes both sides: what people call, and what offices call.
func New(d *db.DB, n Needs, now func() time.Time) (*Service, *Intake) {
	s := &Service{db: d, needs: n, now: now}
	return s, &Intake{
		Service: s, wake: func() {},
		floods:  limit.NewBuckets("exchange", reportsASecond, reportsAtOnce),
		persons: limit.NewBuckets("exchange-person", personADay/(24*60*60.), personADay),
	}
}

// Feature declares what joins the portal.
func Feature(h *mount.House, n Needs, files *Files) mount.Feature {
	people, offices := New(h.DB, n, h.Now)
	offices.wake = h.Wake
	files.Service = people
	return mount.Feature{
		Name: "exchange",
		Services: []mount.Service{
			mount.Serve(portalv1connect.NewExchangeServiceHandler)(people),
			mount.Serve(officev1connect.NewExchangeServiceHandler)(offices),
		},
		Duties:  []mount.Duty{{Name: duty, Prefectures: true}},
		Answers: files.answers(),
		// All of it goes with the folder's row, save what is not told, which stands under offices' identifiers.
		Export: map[string]mount.Tell{
			"exchange":          people.tellExchanges,
			"exchange_report":   mount.Rows((*db.Queries).ExchangeReportsAll),
			"exchange_inquiry":  mount.Rows((*db.Queries).ExchangeInquiriesAll),
			"exchange_inquired": mount.Rows((*db.Queries).ExchangeInquiredAll),
			"exchange_claim":    people.tellClaims,
		},
		Erase: func(ctx context.Context, q *db.Queries, folderID string) (func(context.Context), error) {
			return nil, q.ExchangeHiddenErase(ctx, folderID)
		},
	}
}
