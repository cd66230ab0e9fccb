// Package application is 電子申請 from the moment it is sent: it takes what was filled in and signed, once whatever
// happens, has it stamped with the time and written into the ledger, gives it to its office (office.v1), and tells the
// person what becomes of it until the decision. What a form is, and what bytes are signed, is proto/form's; filling in,
// drafts and attachments are backend/feature/draft's.
//
// What was sent arrives when it is written down: its time stamp, and the receipt as PDF, are made by a job a moment
// later, or when the time stamping authority can be reached again.
package application

import (
	"context"
	"crypto/x509"
	"errors"
	"io"
	"net/http"
	"sync"
	"time"

	"madoguchi/backend/door/limit"
	"madoguchi/backend/door/mount"
	"madoguchi/backend/door/paper"
	"madoguchi/backend/outside/jlis"
	"madoguchi/backend/store/card"
	"madoguchi/backend/store/db"
	"madoguchi/backend/store/jobs"
	"madoguchi/backend/store/ledger"
	"madoguchi/backend/store/published"
	"madoguchi/proto/form"
	"madoguchi/proto/gen/office/v1/officev1connect"
	portalv1 "madoguchi/proto/gen/portal/v1"
	"madoguchi/proto/gen/portal/v1/portalv1connect"
)

// Duty is what an office must be registered for to take applications.
const Duty = "application"

// ErrSent: a draft was sent already.
var ErrSent = errors.New("the draft was sent already")

// Drafts is where an application was filled in.
type Drafts interface {
	// Take marks a draft as sent, in the transaction of q, and gives its finished attachments, which from now on belong
	// to the application. db.ErrNotFound: the folder has no such draft, ErrSent: it was sent before.
	Take(ctx context.Context, q *db.Queries, folder, draft, application string) ([]*portalv1.Attachment, error)
	// Open reads an attachment.
	Open(ctx context.Context, q *db.Queries, folder, id string) (io.ReadCloser, error)
	// Begin makes the draft of a correction, or gives the one that is there.
	Begin(
		ctx context.Context, q *db.Queries, folder, application, place, form, version string, answers form.Answers,
		attachments []*portalv1.Attachment,
	) (*portalv1.Draft, error)
	// Forget deletes the attachments of an application.
	Forget(ctx context.Context, q *db.Queries, folder, application string) error
	// Form finds a version of a form of a place, whether it holds any more or not.
	Form(ctx context.Context, q *db.Queries, place, id, version string) (*form.Form, bool, error)
}

// Authority says of certificates what J-LIS knows.
type Authority interface {
	Evidence(ctx context.Context, certificate, issuer *x509.Certificate) (jlis.Evidence, error)
	Holder(ctx context.Context, of card.ID) ([]card.ID, error)
}

// Config is what the service stands on.
type Config struct {
	DB     *db.DB
	Origin string
	Now    func() time.Time
	Wake   func()
	Drafts Drafts
	JLIS   Authority
	// CAs issued the certificates that count.
	CAs []*x509.Certificate
	Log *ledger.Log
	// Stamp has the authority say that something was there (RFC 3161); nil where there is none.
	Stamp    func(ctx context.Context, content []byte) (token []byte, err error)
	StampCAs []*x509.Certificate
	Fonts    *paper.Fonts // nil: no PDF is made
	// Filed is told that a procedure was applied for, so that what a person has to do is ticked off.
	Filed func(ctx context.Context, q *db.Queries, folder, place, procedure string, at time.Time) error
}

// Service answers the calls of portal.v1.ApplicationService.
type Service struct {
	Config
	trusted *x509.CertPool
	forms   *published.Store
	read    sync.Map // forms, by place, id and version
	usual   sync.Map // usual, by office and form
	errs    *limit.Buckets
	begins  *limit.Buckets // of challenges for co-signing
}

// New makes the service.
func New(c Config) *Service {
	return &Service{
		Config: c, trusted: trust(c.CAs), forms: published.NewStore(c.DB, c.Now),
		errs:   limit.NewBuckets("cosign", errsASecond, errsAtOnce),
		begins: limit.NewBuckets("cosign_begin", beginsASecond, beginsAtOnce),
	}
}

// Intake answers the calls of office.v1.ApplicationService.
type Intake struct{ *Service }

// Feature declares what joins the portal.
func Feature(s *Service) mount.Feature {
	return mount.Feature{
		Name: "application",
		Services: []mount.Service{
			mount.Serve(portalv1connect.NewApplicationServiceHandler)(s),
			mount.Serve(officev1connect.NewApplicationServiceHandler)(&Intake{s}),
		},
		Duties:  []mount.Duty{{Name: Duty}},
		Answers: map[string]http.Handler{filePath: http.HandlerFunc(s.file)},
		Jobs:    map[string]jobs.Handler{jobReceipt: s.receipt},
		Loops:   map[string]func(context.Context){"applications": s.Run},
		// Which go with the folder's row: no Erase.
		Export: map[string]mount.Tell{
			"application":         mount.Rows((*db.Queries).ApplicationsOfFolder),
			"application_open":    mount.Rows((*db.Queries).ApplicationOpenOfFolder),
			"application_sent":    tellSent,
			"application_step":    tellSteps,
			"application_message": tellMessages,
			"application_signer":  mount.Rows((*db.Queries).ApplicationSignersOfFolder),
			"application_ticket":  mount.Rows((*db.Queries).ApplicationTicketsOfFolder),
			"application_proof":   mount.Rows((*db.Queries).ApplicationProofsOfFolder),
		},
	}
}
