// Package draft is filling in an application (電子申請) before it is sent: which forms a place takes, what of them can be
// filled in from what is known, drafts that several devices write at once, and the files that are attached. What was
// sent is the applications' (Take); its files stay here, and belong to the application.
package draft

import (
	"context"
	"errors"
	"net/http"
	"time"

	"connectrpc.com/connect"

	"madoguchi/backend/door/access"
	"madoguchi/backend/door/mount"
	"madoguchi/backend/store/db"
	"madoguchi/backend/store/published"
	portalv1 "madoguchi/proto/gen/portal/v1"
	"madoguchi/proto/gen/portal/v1/portalv1connect"
)

// Needs are what the feature needs besides the house. What is nil is not there.
type Needs struct {
	// Scan looks for malware in a file, and names what it found.
	Scan func(ctx context.Context, file []byte) (found string, err error)
	// Kept gives what offices answered about the person to a detail of わたしの情報, and when.
	Kept func(ctx context.Context, q *db.Queries, folder, detail string) ([]*portalv1.InfoRecord, int64, error)
	// Filed gives what the person sent before, the last first.
	Filed func(ctx context.Context, q *db.Queries, folder string) ([]Filed, error)
	// Usual tells how many days an office took for a form in the last 90 days, and in how many cases.
	Usual func(ctx context.Context, q *db.Queries, office, form string) (days, of int32, err error)
}

// Filed is an application that was sent.
type Filed struct {
	Answers []byte // JSON of proto/form
	At      int64
}

// Service answers the calls of portal.v1.DraftService, and keeps what applications are made of.
type Service struct {
	db        *db.DB
	needs     Needs
	published *published.Store
	wake      func() // called after a mail was enqueued
	now       func() time.Time
}

// New makes the service; wake is called after a mail was enqueued.
func New(d *db.DB, n Needs, wake func(), now func() time.Time) *Service {
	return &Service{db: d, needs: n, published: published.NewStore(d, now), wake: wake, now: now}
}

const downloadPath = "/draft/attachment"

// Feature declares what joins the portal.
func Feature(s *Service) mount.Feature {
	return mount.Feature{
		Name:     "draft",
		Services: []mount.Service{mount.Serve(portalv1connect.NewDraftServiceHandler)(s)},
		Loops:    map[string]func(context.Context){"draft": s.Run},
		Answers:  map[string]http.Handler{downloadPath: http.HandlerFunc(s.download)},
		// All of it goes with the folder's row: no Erase.
		Export: map[string]mount.Tell{
			"draft":            tellDrafts,
			"draft_attachment": tellAttachments,
			"draft_part":       mount.Rows((*db.Queries).PartsOfFolder),
			"draft_ticket":     mount.Rows((*db.Queries).DraftTicketsOfFolder),
		},
		Files: s.files,
	}
}

// States beside those of the contract.
const (
	open    = int64(portalv1.DraftState_DRAFT_STATE_OPEN)
	dropped = int64(portalv1.DraftState_DRAFT_STATE_DROPPED)
	sent    = 3
)

// refusal is an error that a call is to be answered with, from within a transaction.
type refusal struct {
	code   connect.Code
	reason portalv1.Reason
	field  string
	why    error
}

func (r *refusal) Error() string { return r.why.Error() }

func notFound(field, why string) error {
	return &refusal{connect.CodeNotFound, portalv1.Reason_REASON_NOT_FOUND, field, errors.New(why)}
}

func invalid(field, why string) error {
	return &refusal{connect.CodeInvalidArgument, portalv1.Reason_REASON_INVALID_FIELD, field, errors.New(why)}
}

func tooMany(why string) error {
	return &refusal{connect.CodeFailedPrecondition, portalv1.Reason_REASON_TOO_MANY, "", errors.New(why)}
}

func tooLong(field, why string) error {
	return &refusal{connect.CodeInvalidArgument, portalv1.Reason_REASON_FIELD_TOO_LONG, field, errors.New(why)}
}

// ErrSent: the draft was sent already.
var ErrSent = errors.New("the draft was sent")

// told makes of what a transaction came to what the caller is told.
func told(ctx context.Context, err error) error {
	if r, ok := errors.AsType[*refusal](err); ok {
		return access.Error(ctx, r.code, r.reason, r.field, r.why)
	}
	if errors.Is(err, ErrSent) {
		return access.Error(ctx, connect.CodeFailedPrecondition, portalv1.Reason_REASON_ALREADY_DONE, "id", err)
	}
	if errors.Is(err, db.ErrNotFound) {
		return access.NotFound(ctx, "id", nil)
	}
	return err
}
