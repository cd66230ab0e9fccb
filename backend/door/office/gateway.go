// Package office is the door through which offices (行政機関) come in: gRPC on a listener of its own, known by their client
// certificates. It says which office is calling, keeps the offices' registry, and keeps who is who to which office
// (機関別符号). What an office gets for its call is the features' business, save the list of the people it may address.
package office

import (
	"context"
	"crypto/sha256"
	"crypto/tls"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"strconv"
	"sync/atomic"
	"time"

	"connectrpc.com/connect"

	"madoguchi/backend/door/access"
	"madoguchi/backend/door/limit"
	"madoguchi/backend/store/audit"
	"madoguchi/backend/store/db"
	"madoguchi/backend/store/page"
	officev1 "madoguchi/proto/gen/office/v1"
)

const (
	registryEvery = 3 * time.Second
	// An office may call so often a second, and so often at once.
	ratePerSecond = 200
	rateBurst     = 400
	maxBody       = 1 << 20 // what one RPC takes less of, it says itself
)

// Gateway is the offices' door. Until Load has been called it knows nobody.
type Gateway struct {
	db     *db.DB
	log    *slog.Logger
	known  atomic.Pointer[map[string]Registration] // by certificate hash
	limits *limit.Buckets                          // by office
	now    func() time.Time
}

// NewGateway makes a gateway that knows no office yet.
func NewGateway(d *db.DB) *Gateway {
	g := &Gateway{
		db: d, log: slog.Default(), limits: limit.NewBuckets("office", ratePerSecond, rateBurst), now: time.Now,
	}
	g.known.Store(&map[string]Registration{})
	return g
}

// TLS asks every caller for a certificate. Which one counts is decided by Door: certificates are pinned one by one in
// the registry, so that no authority can make another office.
func TLS(certificate tls.Certificate) *tls.Config {
	return &tls.Config{
		Certificates: []tls.Certificate{certificate},
		ClientAuth:   tls.RequireAnyClientCert,
		MinVersion:   tls.VersionTLS13,
		NextProtos:   []string{"h2"},
	}
}

// Server gives the gateway's HTTP server its limits.
func Server(h http.Handler, config *tls.Config) *http.Server {
	return &http.Server{
		Handler:           http.MaxBytesHandler(h, maxBody),
		TLSConfig:         config,
		ReadHeaderTimeout: 10 * time.Second,
		ReadTimeout:       30 * time.Second,
		WriteTimeout:      60 * time.Second,
		IdleTimeout:       5 * time.Minute,
		MaxHeaderBytes:    16 << 10,
		HTTP2:             limit.HTTP2(),
		ErrorLog:          slog.NewLogLogger(slog.Default().Handler(), slog.LevelDebug),
	}
}

// Door puts the calling office into the context. A caller that the registry does not know goes on as nobody, and is
// refused where every RPC is.
func (g *Gateway) Door(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		begin := time.Now()
		caller, refused := g.caller(r.TLS)
		if refused != "" {
			audit.Log(r.Context(), audit.OfficeRefused, slog.String("office", caller.OfficeID),
				slog.String("reason", refused),
				slog.String("from", audit.Coarse(r.RemoteAddr)))
			caller = access.Caller{}
		}
		ctx := access.WithCaller(r.Context(), caller)
		next.ServeHTTP(w, r.WithContext(ctx))
		g.log.Debug("office request", "office", caller.OfficeID, "known", refused == "", "path", r.URL.Path,
			"took", time.Since(begin).Round(time.Microsecond))
	})
}

// caller is the office whose certificate it is; refused says why it does not count.
func (g *Gateway) caller(state *tls.ConnectionState) (caller access.Caller, refused string) {
	if state == nil || len(state.PeerCertificates) == 0 {
		return access.Caller{}, "no_certificate"
	}
	certificate := state.PeerCertificates[0]
	hash := sha256.Sum256(certificate.Raw)
	registration, ok := (*g.known.Load())[hex.EncodeToString(hash[:])]
	if !ok {
		return access.Caller{}, "unknown_certificate"
	}
	caller = access.Caller{Kind: access.Office, OfficeID: registration.ID, OfficeDuties: registration.Duties}
	if now := g.now(); now.Before(certificate.NotBefore) || now.After(certificate.NotAfter) {
		return caller, "certificate_out_of_date"
	}
	return caller, ""
}

// Calling reads the office that is calling.
func Calling(ctx context.Context, q *db.Queries) (db.Office, error) {
	row, err := q.OfficeGet(ctx, access.FromContext(ctx).OfficeID)
	return row, wrap("reading the office", err)
}

// FolderOf finds the person whom an office knows by an identifier; db.ErrNotFound when it knows nobody by it, or no
// more.
func FolderOf(ctx context.Context, q *db.Queries, officeID, identifier string) (string, error) {
	folder, err := q.OfficeFolderOf(ctx, db.OfficeFolderOfParams{OfficeID: officeID, Identifier: identifier})
	return folder, wrap("finding whom an office means", err)
}

// Limit refuses an office that calls too often. It stands behind the access interceptor.
func (g *Gateway) Limit() connect.UnaryInterceptorFunc {
	return func(next connect.UnaryFunc) connect.UnaryFunc {
		return func(ctx context.Context, request connect.AnyRequest) (connect.AnyResponse, error) {
			office := access.FromContext(ctx).OfficeID
			if office == "" {
				return next(ctx, request)
			}
			if wait := g.limits.Take(office, 1, g.now()); wait > 0 {
				return nil, access.TooMany(ctx, max(wait, time.Second), errors.New("an office calls too often"))
			}
			return next(ctx, request)
		}
	}
}

var pages = page.Limits{Usual: 100, Most: 1000}

// Persons implements office.v1's PersonService.
type Persons struct {
	DB *db.DB
	// Within is the time within which an office hears of a person, at a moment drawn by lot; 0 for at once.
	Within time.Duration
	// Now is time.Now when nil.
	Now func() time.Time
}

// ListPersons lists introductions and departures in the order in which the office was told of them, which is its own.
func (p Persons) ListPersons(
	ctx context.Context, request *officev1.ListPersonsRequest,
) (*officev1.ListPersonsResponse, error) {
	size, err := pages.Size(request.GetPageSize())
	if err != nil {
		return nil, access.Invalid(ctx, "page_size", err)
	}
	office := access.FromContext(ctx).OfficeID
	all := page.Of("persons", office)
	position, err := parseCursor(all, request.GetCursor())
	if err != nil {
		return nil, access.Invalid(ctx, "cursor", err)
	}
	if err := p.tell(ctx, office); err != nil {
		return nil, err
	}
	rows, err := p.DB.Read().OfficePersons(ctx, db.OfficePersonsParams{
		OfficeID: office, Position: position, Limit: size,
	})
	if err != nil {
		return nil, access.Internal(ctx, err)
	}
	response := &officev1.ListPersonsResponse{Cursor: request.GetCursor()}
	for _, row := range rows {
		introduction, err := base64.StdEncoding.DecodeString(row.Introduction)
		if err != nil {
			return nil, access.Internal(ctx, err)
		}
		response.Persons = append(response.Persons, &officev1.Person{
			Identifier: row.Identifier, Introduction: introduction, Left: row.FolderID == "",
		})
		response.Cursor = all.Token(strconv.FormatInt(row.Position, 10))
	}
	return response, nil
}

// tell gives those who have waited enough their positions, in an order drawn by lot. One transaction does it, and
// positions only rise, so that an office that pages meanwhile passes nobody over.
func (p Persons) tell(ctx context.Context, office string) error {
	now := time.Now
	if p.Now != nil {
		now = p.Now
	}
	waiting := db.OfficeWaitingParams{
		OfficeID: office, Within: p.Within.Milliseconds(), Now: now().UnixMilli(), Size: pages.Most,
	}
	if some, err := p.DB.Read().OfficeWaiting(ctx, waiting); err != nil || len(some) == 0 {
		return wrap("looking for people to tell an office of", err)
	}
	return wrap("telling an office of people", p.DB.Tx(ctx, func(q *db.Queries) error {
		told, err := q.OfficeWaiting(ctx, waiting)
		if err != nil {
			return err
		}
		position, err := q.OfficeLastPosition(ctx, office)
		if err != nil {
			return err
		}
		for left := len(told); left > 0; left-- {
			i, err := lot(int64(left))
			if err != nil {
				return err
			}
			position++
			if err := q.OfficeTell(ctx, db.OfficeTellParams{
				OfficeID: office, Identifier: told[i], Position: position,
			}); err != nil {
				return err
			}
			told[i] = told[left-1]
		}
		return nil
	}))
}

func wrap(doing string, err error) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("%s: %w", doing, err)
}

// parseCursor gives the position behind which an office goes on. Offices keep cursors for years: those from before
// cursors were tokens are the bare position, and stay good.
func parseCursor(all page.List, cursor string) (int64, error) {
	if position, ok := parsePosition(cursor); ok {
		return position, nil
	}
	parts, err := all.After(cursor, 1)
	if err != nil || parts == nil {
		return 0, err
	}
	position, ok := parsePosition(parts[0])
	if !ok {
		return 0, page.ErrToken
	}
	return position, nil
}

func parsePosition(s string) (int64, bool) {
	position, err := strconv.ParseInt(s, 10, 64)
	return position, err == nil && position >= 0 && strconv.FormatInt(position, 10) == s
}

// Turn is where what an office is to learn of stands among all that offices read on from where they were: given within
// the transaction that writes it, and read up to db.DB.Settled, so that nothing is passed over.
func Turn(ctx context.Context, q *db.Queries) (int64, error) {
	place, err := q.Place(ctx)
	return place, wrap("giving an office's turn", err)
}
