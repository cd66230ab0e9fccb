// Package takeaway gives a person all that the portal knows of them, as one signed archive: what each feature's Export
// tells, as data, for spreadsheets and to be read. The archive is written while it is sent and kept nowhere. It also
// publishes what is needed to check it years later: certificates and the schema.
package takeaway

import (
	"cmp"
	"context"
	"crypto/rand"
	"crypto/sha256"
	"crypto/x509"
	"encoding/hex"
	"encoding/json"
	"encoding/pem"
	"errors"
	"fmt"
	"io"
	"net/http"
	"time"

	"madoguchi/backend/door/access"
	"madoguchi/backend/door/mount"
	"madoguchi/backend/door/paper"
	"madoguchi/backend/store/db"
	"madoguchi/backend/store/signing"
	portalv1 "madoguchi/proto/gen/portal/v1"
)

const (
	// goodFor is how long a ticket waits to be used, keptFor how long it is known what became of it.
	goodFor = time.Minute
	keptFor = 30 * 24 * time.Hour
)

// Config is what the service stands on.
type Config struct {
	DB     *db.DB
	Signer *signing.Signer
	Fonts  *paper.Fonts // nil: no PDF is made
	// StampCAs are from whom time stamps come, Origin is the portal's.
	StampCAs []*x509.Certificate
	Origin   string
	// LogKey and WitnessKeys are by which the page /check knows the log and who cosigns it.
	LogKey      string
	WitnessKeys []string
	Now         func() time.Time
}

// Service implements portal.v1's TakeawayService and what is fetched beside it.
type Service struct {
	Config
	tell  func(ctx context.Context, q *db.Queries, folderID string, each func(table string, rows any) error) error
	files func(
		ctx context.Context, q *db.Queries, folderID string, each func(name string, content io.Reader) error,
	) error
	tables func() []string
	parts  func() map[string]mount.Takeaway
}

// New makes the service; Feature joins it to the house.
func New(c Config) *Service { return &Service{Config: c} }

func hash(ticket string) string {
	sum := sha256.Sum256([]byte("takeaway\x00" + ticket))
	return hex.EncodeToString(sum[:])
}

// PrepareTakeaway gives leave to download once. That the card was shown for it was seen to at the door.
func (s *Service) PrepareTakeaway(
	ctx context.Context, request *portalv1.PrepareTakeawayRequest,
) (*portalv1.PrepareTakeawayResponse, error) {
	ticket, err := s.leave(ctx, "", request.GetLanguage())
	if err != nil {
		return nil, err
	}
	return &portalv1.PrepareTakeawayResponse{Ticket: ticket, GoodForMs: goodFor.Milliseconds()}, nil
}

// Part gives leave to download a part that a feature declares (mount.Feature.Takeaways), once, in this session.
func (s *Service) Part(ctx context.Context, name, choice, language string) (ticket string, err error) {
	return s.leave(ctx, name+":"+choice, language)
}

// leave writes down what may be downloaded; the part is "" when it is all.
func (s *Service) leave(ctx context.Context, part, language string) (ticket string, err error) {
	caller, now := access.FromContext(ctx), s.Now()
	ticket, language = rand.Text(), cmp.Or(language, "ja")
	err = s.DB.Tx(ctx, func(q *db.Queries) error {
		old := db.TakeawayForgetParams{FolderID: caller.Subject(), Before: now.Add(-keptFor).UnixMilli()}
		if _, err := q.TakeawayForget(ctx, old); err != nil {
			return err
		}
		return q.TakeawayAsk(ctx, db.TakeawayAskParams{
			FolderID: caller.Subject(), TicketHash: hash(ticket), SessionHash: caller.SessionHash, Language: language,
			AskedAt: now.UnixMilli(), Part: part,
		})
	})
	if err != nil {
		return "", fmt.Errorf("giving leave to take something along: %w", err)
	}
	return ticket, nil
}

// GetTakeaway says how far it is.
func (s *Service) GetTakeaway(
	ctx context.Context, request *portalv1.GetTakeawayRequest,
) (*portalv1.GetTakeawayResponse, error) {
	caller := access.FromContext(ctx)
	row, err := s.DB.Read().TakeawayState(ctx, db.TakeawayStateParams{
		TicketHash: hash(request.GetTicket()), FolderID: caller.Subject(), SessionHash: caller.SessionHash,
	})
	if errors.Is(err, db.ErrNotFound) {
		return &portalv1.GetTakeawayResponse{State: portalv1.GetTakeawayResponse_STATE_EXPIRED}, nil
	}
	if err != nil {
		return nil, fmt.Errorf("looking how far an archive is: %w", err)
	}
	return &portalv1.GetTakeawayResponse{
		State: s.state(row), Done: int32(row.Done), Parts: int32(row.Parts), Stamped: row.Stamped,
	}, nil
}

// longest is how long an archive takes at most; one that has no end by then was cut off with its portal.
const longest = time.Hour

func (s *Service) state(row db.TakeawayStateRow) portalv1.GetTakeawayResponse_State {
	switch now := s.Now(); {
	case row.Failed, row.BegunAt > 0 && row.EndedAt == 0 && now.Sub(time.UnixMilli(row.BegunAt)) > longest:
		return portalv1.GetTakeawayResponse_STATE_FAILED
	case row.EndedAt > 0:
		return portalv1.GetTakeawayResponse_STATE_SENT
	case row.BegunAt > 0:
		return portalv1.GetTakeawayResponse_STATE_RUNNING
	case now.Sub(time.UnixMilli(row.AskedAt)) > goodFor:
		return portalv1.GetTakeawayResponse_STATE_EXPIRED
	}
	return portalv1.GetTakeawayResponse_STATE_READY
}

// pinned is what the page /check goes by: it trusts these and nothing that a file brings along.
type pinned struct {
	Origin string      `json:"origin"`
	Keys   []pinnedKey `json:"keys"`
	Stamps [][]byte    `json:"stamps"` // certificates of authorities, DER
	// The keys of the log and of its witnesses, as at /log/vkey.
	Log       string   `json:"log"`
	Witnesses []string `json:"witnesses"`
}

type pinnedKey struct {
	Certificate []byte `json:"certificate"` // DER
	Withdrawn   int64  `json:"withdrawn"`   // in milliseconds; 0 while it is good
}

// Pinned is what the page /check goes by, as JSON.
func (s *Service) Pinned(ctx context.Context) ([]byte, error) {
	list, err := s.Signer.Certificates(ctx)
	if err != nil {
		return nil, err
	}
	p := pinned{
		Origin: s.Origin, Keys: []pinnedKey{}, Stamps: [][]byte{}, Log: s.LogKey, Witnesses: s.WitnessKeys,
	}
	for _, c := range list {
		key := pinnedKey{Certificate: c.DER}
		if !c.Withdrawn.IsZero() {
			key.Withdrawn = c.Withdrawn.UnixMilli()
		}
		p.Keys = append(p.Keys, key)
	}
	for _, ca := range s.StampCAs {
		p.Stamps = append(p.Stamps, ca.Raw)
	}
	return json.Marshal(p)
}

func (s *Service) certificates(w http.ResponseWriter, r *http.Request) {
	list, err := s.Signer.Certificates(r.Context())
	if err != nil {
		http.Error(w, "the certificates cannot be read now", http.StatusServiceUnavailable)
		return
	}
	publish(w, r, "application/x-pem-file", signing.PEM(list))
}

func (s *Service) stampAuthorities(w http.ResponseWriter, r *http.Request) {
	var all []byte
	for _, ca := range s.StampCAs {
		all = append(all, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: ca.Raw})...)
	}
	publish(w, r, "application/x-pem-file", all)
}

func schema(w http.ResponseWriter, r *http.Request) {
	publish(w, r, "application/schema+json", paper.Schema)
}

// publish answers with what is for everybody.
func publish(w http.ResponseWriter, r *http.Request, mediaType string, content []byte) {
	if r.Method != http.MethodGet && r.Method != http.MethodHead {
		w.Header().Set("Allow", "GET, HEAD")
		http.Error(w, "only GET and HEAD here", http.StatusMethodNotAllowed)
		return
	}
	w.Header().Set("Content-Type", mediaType)
	w.Header().Set("Cache-Control", "no-cache")
	w.Header().Set("Cross-Origin-Resource-Policy", "cross-origin")
	w.Write(content)
}
