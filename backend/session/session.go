// Package session is the people's door: a cookie in the browser, a row in the store, and from the two of them who is calling. A
// session ends when nobody has used it for a while, after a day's work at the latest, with the certificate that began it, or when
// its person says so; each is a row, so each can be ended from anywhere.
//
// Whether a card's proof is good is for backend/login; what a caller may do is for backend/access.
package session

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"time"

	"madoguchi/backend/access"
	"madoguchi/backend/db"
)

// CookieName: the __Host- prefix makes browsers insist on Secure, on Path=/ and on this very host.
const CookieName = "__Host-session"

const (
	// DefaultIdle and DefaultAbsolute are how long a session lasts unused and in all.
	DefaultIdle     = 15 * time.Minute
	DefaultAbsolute = 12 * time.Hour

	// A use is written down no more often than this: a row a click would be much for nothing.
	seenGrain = 30 * time.Second
)

// Sessions keeps the sessions of people.
type Sessions struct {
	DB       *db.DB
	Now      func() time.Time
	Idle     time.Duration
	Absolute time.Duration
	// Quiet procedures do not count as a person's use: what the page asks by itself.
	Quiet map[string]bool
}

// New gives sessions of the usual lengths.
func New(d *db.DB, now func() time.Time, quiet ...string) *Sessions {
	s := &Sessions{DB: d, Now: now, Idle: DefaultIdle, Absolute: DefaultAbsolute, Quiet: map[string]bool{}}
	for _, procedure := range quiet {
		s.Quiet[procedure] = true
	}
	return s
}

// Door finds out who is calling and puts it into the request's context. A cookie that means nothing is nobody's.
func (s *Sessions) Door(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		caller, err := s.Resolve(r.Context(), r.Header, !s.Quiet[r.URL.Path])
		if err != nil {
			slog.ErrorContext(r.Context(), "a session could not be looked up", "cause", err)
			w.Header().Set("Retry-After", "5")
			http.Error(w, "the portal's store does not answer", http.StatusServiceUnavailable)
			return
		}
		next.ServeHTTP(w, r.WithContext(access.WithCaller(r.Context(), caller)))
	})
}

// Resolve tells who the cookie of a request is; nobody if there is none, or if its session has ended. used says whether the request
// counts as the person's use.
func (s *Sessions) Resolve(ctx context.Context, header http.Header, used bool) (access.Caller, error) {
	cookie, err := (&http.Request{Header: header}).Cookie(CookieName)
	if err != nil || len(cookie.Value) > 100 {
		return access.Caller{}, nil
	}
	row, live, err := s.find(ctx, hash(cookie.Value))
	if err != nil || !live {
		return access.Caller{}, err
	}
	if now := s.Now(); used && now.Sub(time.UnixMilli(row.SeenAt)) >= seenGrain {
		if err := s.touch(ctx, row.TokenHash); err != nil {
			return access.Caller{}, err
		}
	}
	caller := access.Caller{
		Kind:                 access.Newcomer,
		FolderID:             row.FolderID,
		Serial:               row.Serial,
		SessionHash:          row.TokenHash,
		CertificateExpiresAt: time.UnixMilli(row.CertificateExpiresAt),
		CardPurpose:          row.CardPurpose,
		CardShownAt:          time.UnixMilli(row.CardShownAt),
	}
	if row.FolderID != "" {
		caller.Kind = access.Citizen
	}
	return caller, nil
}

// Live tells whether a session still is, for streams that outlive the call that began them. It does not count as use.
func (s *Sessions) Live(ctx context.Context, sessionHash string) (bool, error) {
	_, live, err := s.find(ctx, sessionHash)
	return live, err
}

// Left tells for how long a session lasts: if nobody uses it, and at the longest. Both are 0 for one that has ended.
func (s *Sessions) Left(ctx context.Context, sessionHash string) (idle, absolute time.Duration, err error) {
	row, live, err := s.find(ctx, sessionHash)
	if err != nil || !live {
		return 0, 0, err
	}
	idle, absolute = s.left(row)
	return idle, absolute, nil
}

func (s *Sessions) find(ctx context.Context, sessionHash string) (db.Session, bool, error) {
	row, err := s.DB.Read().SessionByToken(ctx, sessionHash)
	if errors.Is(err, db.ErrNotFound) {
		return db.Session{}, false, nil
	}
	if err != nil {
		return db.Session{}, false, fmt.Errorf("looking up a session: %w", err)
	}
	idle, absolute := s.left(row)
	return row, idle > 0 && absolute > 0, nil
}

func (s *Sessions) left(row db.Session) (idle, absolute time.Duration) {
	now := s.Now()
	end := time.UnixMilli(row.StartedAt).Add(s.Absolute)
	if expiry := time.UnixMilli(row.CertificateExpiresAt); expiry.Before(end) {
		end = expiry
	}
	absolute = end.Sub(now)
	idle = min(time.UnixMilli(row.SeenAt).Add(s.Idle).Sub(now), absolute)
	return idle, absolute
}

// Start is what begins a session.
type Start struct {
	FolderID             string // "" for a newcomer
	Serial               string
	CertificateExpiresAt time.Time
}

// Begin makes a session within a transaction and returns the cookie to set once it is committed.
func (s *Sessions) Begin(ctx context.Context, q *db.Queries, start Start) (cookie *http.Cookie, sessionHash string, err error) {
	secret := make([]byte, 32)
	rand.Read(secret)
	token := base64.RawURLEncoding.EncodeToString(secret)
	sessionHash = hash(token)
	err = q.SessionBegin(ctx, db.SessionBeginParams{
		TokenHash:            sessionHash,
		FolderID:             start.FolderID,
		Serial:               start.Serial,
		CertificateExpiresAt: start.CertificateExpiresAt.UnixMilli(),
		Now:                  s.Now().UnixMilli(),
	})
	if err != nil {
		return nil, "", fmt.Errorf("beginning a session: %w", err)
	}
	return s.cookie(token, int(s.Absolute.Seconds())), sessionHash, nil
}

// Gone is the cookie that takes the session's away.
func (s *Sessions) Gone() *http.Cookie { return s.cookie("", -1) }

func (s *Sessions) cookie(value string, maxAge int) *http.Cookie {
	return &http.Cookie{
		Name: CookieName, Value: value, Path: "/", MaxAge: maxAge,
		HttpOnly: true, Secure: true, SameSite: http.SameSiteStrictMode,
	}
}

// Keep begins the idle time anew.
func (s *Sessions) Keep(ctx context.Context, sessionHash string) error { return s.touch(ctx, sessionHash) }

func (s *Sessions) touch(ctx context.Context, sessionHash string) error {
	now := s.Now().UnixMilli()
	err := s.DB.Tx(ctx, func(q *db.Queries) error {
		_, err := q.SessionSeen(ctx, db.SessionSeenParams{TokenHash: sessionHash, SeenAt: now})
		return err
	})
	if err != nil {
		return fmt.Errorf("keeping a session: %w", err)
	}
	return nil
}

// CardShown writes down within a transaction that the card was shown again for a purpose, and tells until when that counts.
func (s *Sessions) CardShown(ctx context.Context, q *db.Queries, sessionHash, purpose string) (until time.Time, err error) {
	now := s.Now()
	n, err := q.SessionCardShown(ctx, db.SessionCardShownParams{TokenHash: sessionHash, CardShownAt: now.UnixMilli(), CardPurpose: purpose})
	if err != nil {
		return time.Time{}, fmt.Errorf("noting a shown card: %w", err)
	}
	if n == 0 {
		return time.Time{}, errors.New("noting a shown card: the session has ended")
	}
	return now.Add(access.CardFresh), nil
}

// End ends one session.
func (s *Sessions) End(ctx context.Context, sessionHash string) error {
	err := s.DB.Tx(ctx, func(q *db.Queries) error {
		_, err := q.SessionEnd(ctx, sessionHash)
		return err
	})
	if err != nil {
		return fmt.Errorf("ending a session: %w", err)
	}
	return nil
}

// EndFolder ends all sessions of a person and tells how many there were.
func (s *Sessions) EndFolder(ctx context.Context, folderID string) (ended int, err error) {
	err = s.DB.Tx(ctx, func(q *db.Queries) error {
		n, err := q.SessionEndFolder(ctx, folderID)
		ended = int(n)
		return err
	})
	if err != nil {
		return 0, fmt.Errorf("ending all sessions of a person: %w", err)
	}
	return ended, nil
}

// EndSerial ends the sessions that a certificate began, for one that was revoked.
func (s *Sessions) EndSerial(ctx context.Context, serial string) error {
	err := s.DB.Tx(ctx, func(q *db.Queries) error {
		_, err := q.SessionEndSerial(ctx, serial)
		return err
	})
	if err != nil {
		return fmt.Errorf("ending the sessions of a certificate: %w", err)
	}
	return nil
}

// Sweep removes the rows of sessions that have ended by themselves.
func (s *Sessions) Sweep(ctx context.Context) error {
	now := s.Now()
	err := s.DB.Tx(ctx, func(q *db.Queries) error {
		_, err := q.SessionSweep(ctx, db.SessionSweepParams{
			StartedBefore: now.Add(-s.Absolute).UnixMilli(),
			SeenBefore:    now.Add(-s.Idle).UnixMilli(),
		})
		return err
	})
	if err != nil {
		return fmt.Errorf("sweeping sessions: %w", err)
	}
	return nil
}

func hash(token string) string {
	sum := sha256.Sum256([]byte(token))
	return hex.EncodeToString(sum[:])
}
