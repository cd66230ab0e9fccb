// Package session is the people's door: it keeps sessions (a row each, named by a cookie) and says to whom a request
// belongs. How a session is earned is backend/feature/login's business; what may be done with it is
// backend/door/access's.
//
// The cookie holds 32 random bytes; the row holds their SHA-256 only, so that who reads the table cannot come in.
package session

import (
	"cmp"
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"slices"
	"sync"
	"time"

	"connectrpc.com/connect"

	"madoguchi/backend/door/access"
	"madoguchi/backend/store/act"
	"madoguchi/backend/store/card"
	"madoguchi/backend/store/db"
)

const (
	// Idle is how long a session lives without a sign of the person, unless Limits say otherwise.
	Idle = 15 * time.Minute
	// Longest is how long it lives at most, likewise; the end of the certificate ends it earlier.
	Longest = 12 * time.Hour
	// LeastIdle leaves the page time to warn, which it does two minutes before the end.
	LeastIdle = 2*time.Minute + 5*time.Second

	// CookieName has the prefix that keeps other hosts and paths from setting it.
	CookieName = "__Host-session"

	tokenSize  = 32
	seenShare  = 30              // a sign of the person is written at most this often in an idle time: 30 s of 15 min
	watchEvery = 5 * time.Second // how often a running stream's session is looked at again
	sweepEvery = 5 * time.Minute
)

var errEnded = errors.New("the session ended")

// Store keeps the sessions. It is safe for concurrent use.
type Store struct {
	db     *db.DB
	limits Limits
	now    func() time.Time

	mu      sync.Mutex
	streams map[*stream]bool
}

// stream is one that is open, and whose.
type stream struct {
	caller access.Caller
	ctx    context.Context
	end    context.CancelCauseFunc
}

// Limits say how long sessions live; zero stands for the constant of that name.
type Limits struct {
	Idle, Longest time.Duration
	// CardUnknown is how long a session lives on after J-LIS last said that its card is good.
	CardUnknown time.Duration
}

// Check says what is wrong with limits that somebody set.
func (l Limits) Check() error {
	l = l.orDefault()
	if l.Idle < LeastIdle {
		return fmt.Errorf("a session's idle time is at least %v, not %v: its end is announced two minutes before",
			LeastIdle, l.Idle)
	}
	if l.Longest < l.Idle {
		return fmt.Errorf("a session's longest time (%v) is shorter than its idle time (%v)", l.Longest, l.Idle)
	}
	if l.CardUnknown < leastUnknown {
		return fmt.Errorf("a session lives at least %v without word of its card, not %v: that is how often "+
			"J-LIS is asked",
			leastUnknown, l.CardUnknown)
	}
	return nil
}

func (l Limits) orDefault() Limits {
	return Limits{
		Idle: cmp.Or(l.Idle, Idle), Longest: cmp.Or(l.Longest, Longest),
		CardUnknown: cmp.Or(l.CardUnknown, CardUnknown),
	}
}

// New makes a store on a database; now is the clock.
func New(d *db.DB, limits Limits, now func() time.Time) *Store {
	return &Store{db: d, limits: limits.orDefault(), now: now, streams: map[*stream]bool{}}
}

// State is a session that lives.
type State struct {
	Caller access.Caller
	// IdleLeft and AbsoluteLeft are both above zero.
	IdleLeft, AbsoluteLeft time.Duration
}

// Begin writes a session within a transaction and returns the cookie's value. An empty folder is a newcomer's. J-LIS
// has just said that the card is good.
func (s *Store) Begin(
	ctx context.Context, q *db.Queries, folderID string, shown card.ID, certificateExpiresAt time.Time,
) (token string, err error) {
	now := s.now()
	token, tokenHash := newToken()
	err = q.SessionBegin(ctx, db.SessionBeginParams{
		TokenHash: tokenHash, FolderID: folderID, Issuer: shown.Issuer, Serial: shown.Serial,
		CertificateExpiresAt: certificateExpiresAt.UnixMilli(), Now: now.UnixMilli(),
		CardDueAt: nextAsk(now).UnixMilli(),
	})
	if err != nil {
		return "", fmt.Errorf("writing the session: %w", err)
	}
	return token, nil
}

// Share notes, in the transaction that began a session, that others use its device, too.
func Share(ctx context.Context, q *db.Queries, token string) error {
	tokenHash, err := hashOf(token)
	if err != nil {
		return err
	}
	_, err = q.SessionShare(ctx, tokenHash)
	return wrap("noting that the device is shared", err)
}

// By notes, in the transaction that began a session, by what it was begun, and which one it was; else it was the card.
func By(ctx context.Context, q *db.Queries, token string, means access.Means, id string) error {
	tokenHash, err := hashOf(token)
	if err != nil {
		return err
	}
	_, err = q.SessionBy(ctx, db.SessionByParams{TokenHash: tokenHash, Means: string(means), MeansID: id})
	return wrap("noting by what a session was begun", err)
}

func hashOf(token string) (string, error) {
	random, err := base64.RawURLEncoding.Strict().DecodeString(token)
	return hash(random), wrap("reading a session's token", err)
}

// At notes, in the transaction that began a session, where it goes on.
func At(ctx context.Context, q *db.Queries, token string, by act.By) error {
	tokenHash, err := hashOf(token)
	if err != nil {
		return err
	}
	_, err = q.SessionAt(ctx, db.SessionAtParams{
		TokenHash: tokenHash, DeviceID: by.Device, Name: by.Browser, Place: by.Place,
	})
	return wrap("noting where a session goes on", err)
}

// OnDevice notes within a transaction on which device a session goes on.
func OnDevice(ctx context.Context, q *db.Queries, tokenHash, device string) error {
	_, err := q.SessionOnDevice(ctx, db.SessionOnDeviceParams{TokenHash: tokenHash, DeviceID: device})
	return wrap("noting on which device a session goes on", err)
}

// Hash is how the store names the session of a token.
func Hash(token string) (string, error) { return hashOf(token) }

// ByPhone notes, in the transaction that began a session, that the person's phone let it in, from a session that was
// begun by the means of that id, on what calls itself so: others may use that, too.
func ByPhone(ctx context.Context, q *db.Queries, token, id, name string) (tokenHash string, err error) {
	if tokenHash, err = hashOf(token); err != nil {
		return "", err
	}
	_, err = q.SessionByPhone(ctx, db.SessionByPhoneParams{
		TokenHash: tokenHash, Means: string(access.ByPhone), MeansID: id, Name: name,
	})
	return tokenHash, wrap("noting that a phone let the session in", err)
}

// Lives says within a transaction whether a session has not been ended.
func Lives(ctx context.Context, q *db.Queries, tokenHash string) (bool, error) {
	_, err := q.SessionByToken(ctx, tokenHash)
	if errors.Is(err, db.ErrNotFound) {
		return false, nil
	}
	return err == nil, err
}

// All are a person's sessions, as far as they live, the newest first.
func (s *Store) All(ctx context.Context, folderID string) ([]db.Session, error) {
	rows, err := s.db.Read().SessionsLive(ctx, folderID)
	if err != nil {
		return nil, fmt.Errorf("reading a person's sessions: %w", err)
	}
	var living []db.Session
	for _, row := range rows {
		_, err := s.ByHash(ctx, row.TokenHash)
		if errors.Is(err, db.ErrNotFound) {
			continue // it has ended, and was not swept away yet
		}
		if err != nil {
			return nil, err
		}
		living = append(living, row)
	}
	return living, nil
}

// AllByPhone are those of them that ByPhone was noted of.
func (s *Store) AllByPhone(ctx context.Context, folderID string) ([]db.Session, error) {
	rows, err := s.All(ctx, folderID)
	return slices.DeleteFunc(rows, func(row db.Session) bool { return access.Means(row.Means) != access.ByPhone }), err
}

func newToken() (token, tokenHash string) {
	random := make([]byte, tokenSize)
	rand.Read(random)
	return base64.RawURLEncoding.EncodeToString(random), hash(random)
}

// Adopt makes a newcomer's session that of a folder, within a transaction. It gets a new token, to be given to the
// browser: who came to know that of the newcomer has nothing. db.ErrNotFound when the session has ended.
func Adopt(ctx context.Context, q *db.Queries, newcomer access.Caller, folderID string) (token string, err error) {
	token, tokenHash := newToken()
	adopted, err := q.SessionAdopt(ctx, db.SessionAdoptParams{
		NewHash: tokenHash, FolderID: folderID, TokenHash: newcomer.SessionHash,
		Issuer: newcomer.Card.Issuer, Serial: newcomer.Card.Serial,
	})
	if err != nil {
		return "", fmt.Errorf("giving the session its folder: %w", err)
	}
	if adopted == 0 {
		return "", db.ErrNotFound
	}
	return token, nil
}

// ByToken finds the session of a cookie's value; db.ErrNotFound when there is none, or it has ended.
func (s *Store) ByToken(ctx context.Context, token string) (State, error) {
	random, err := base64.RawURLEncoding.Strict().DecodeString(token)
	if err != nil || len(random) != tokenSize {
		return State{}, db.ErrNotFound
	}
	return s.ByHash(ctx, hash(random))
}

// ByHash finds the session that Caller.SessionHash names; errors as ByToken.
func (s *Store) ByHash(ctx context.Context, tokenHash string) (State, error) {
	state, _, err := s.find(ctx, tokenHash)
	return state, err
}

func (s *Store) find(ctx context.Context, tokenHash string) (State, db.Session, error) {
	row, err := s.db.Read().SessionByToken(ctx, tokenHash)
	if err != nil {
		return State{}, row, err
	}
	now := s.now()
	started := time.UnixMilli(row.StartedAt)
	if started.After(now.Add(access.ClockSkew)) {
		// This clock was ahead then, or has been set back since: how long the session has lived nobody knows.
		return State{}, row, db.ErrNotFound
	}
	expires := time.UnixMilli(row.CertificateExpiresAt)
	ends := started.Add(s.limits.Longest)
	if expires.Before(ends) {
		ends = expires
	}
	state := State{
		IdleLeft:     min(time.UnixMilli(row.SeenAt).Add(s.limits.Idle).Sub(now), s.limits.Idle),
		AbsoluteLeft: ends.Sub(now),
		Caller: access.Caller{
			Kind: access.Newcomer, FolderID: row.FolderID, SessionHash: row.TokenHash,
			Card:                 card.ID{Issuer: row.Issuer, Serial: row.Serial},
			CertificateExpiresAt: expires, CardPurpose: row.CardPurpose, CardShownAt: time.UnixMilli(row.CardShownAt),
			CardContent: row.CardContent, SharedDevice: row.SharedDevice,
			Means: access.Means(row.Means), MeansID: row.MeansID,
			Device: row.DeviceID, Browser: row.Name, Place: row.Place,
		},
	}
	if row.FolderID != "" {
		state.Caller.Kind = access.Citizen
	}
	if state.IdleLeft <= 0 || state.AbsoluteLeft <= 0 || !s.cardKnown(row, now) {
		return State{}, row, db.ErrNotFound
	}
	return state, row, nil
}

// Keep begins the idle time anew and returns the session as it is then; db.ErrNotFound when it has ended.
func (s *Store) Keep(ctx context.Context, tokenHash string) (State, error) {
	if _, err := s.ByHash(ctx, tokenHash); err != nil {
		return State{}, err
	}
	if err := s.seen(ctx, tokenHash); err != nil {
		return State{}, err
	}
	return s.ByHash(ctx, tokenHash)
}

func (s *Store) seen(ctx context.Context, tokenHash string) error {
	return s.db.Tx(ctx, func(q *db.Queries) error {
		_, err := q.SessionSeen(ctx, db.SessionSeenParams{TokenHash: tokenHash, SeenAt: s.now().UnixMilli()})
		return err
	})
}

// ShowCard is ShowCardFor of pages from before, which do not say for which request the card is shown: for any of the
// purpose. It goes with the release after this one.
func (s *Store) ShowCard(ctx context.Context, q *db.Queries, tokenHash, purpose string) (until time.Time, err error) {
	return s.ShowCardFor(ctx, q, tokenHash, purpose, "")
}

// ShowCardFor notes within a transaction that the card was shown again, for a request of this content (access.Content),
// and returns until when that counts; db.ErrNotFound when the session has ended.
func (s *Store) ShowCardFor(
	ctx context.Context, q *db.Queries, tokenHash, purpose, content string,
) (until time.Time, err error) {
	now := s.now()
	found, err := q.SessionCardShown(ctx, db.SessionCardShownParams{
		TokenHash: tokenHash, CardShownAt: now.UnixMilli(), CardPurpose: purpose, CardContent: content,
	})
	if err != nil {
		return time.Time{}, fmt.Errorf("noting the card: %w", err)
	}
	if found == 0 {
		return time.Time{}, db.ErrNotFound
	}
	return now.Add(access.CardFresh), nil
}

// End ends one session; that it has ended already is no error.
func (s *Store) End(ctx context.Context, tokenHash string) error {
	err := s.db.Tx(ctx, func(q *db.Queries) error {
		_, err := q.SessionEnd(ctx, tokenHash)
		return err
	})
	s.look(func(c access.Caller) bool { return c.SessionHash == tokenHash })
	return err
}

// EndFolder ends every session of a person and tells how many there were.
func (s *Store) EndFolder(ctx context.Context, folderID string) (ended int64, err error) {
	if folderID == "" {
		return 0, errors.New("ending the sessions of a person: no folder is named") // it would end all newcomers'
	}
	err = s.db.Tx(ctx, func(q *db.Queries) error {
		ended, err = q.SessionEndFolder(ctx, folderID)
		return err
	})
	s.Look(folderID)
	return ended, err
}

// Door puts the caller into the context of each request: who has no living session is nobody. A request is a sign of
// the person unless the page makes it by itself, or shows another's; a stream ends with its session.
func (s *Store) Door(next http.Handler) http.Handler {
	refuse := connect.NewErrorWriter()
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		cookie, err := r.Cookie(CookieName)
		if err != nil {
			next.ServeHTTP(w, r)
			return
		}
		state, err := s.ByToken(r.Context(), cookie.Value)
		if errors.Is(err, db.ErrNotFound) {
			next.ServeHTTP(w, r)
			return
		}
		if err != nil {
			// Not "nobody": a person must not be logged out by a store that does not answer.
			_ = refuse.Write(w, r, access.Internal(r.Context(), fmt.Errorf("finding the session: %w", err)))
			return
		}
		byItself := access.Unattended(r.URL.Path) || r.Header.Get(access.UnattendedHeader) != "" ||
			access.OfAnother(r.Header, state.Caller)
		if !byItself && s.limits.Idle-state.IdleLeft >= s.limits.Idle/seenShare {
			if err := s.seen(context.WithoutCancel(r.Context()), state.Caller.SessionHash); err != nil {
				slog.ErrorContext(r.Context(), "noting a sign of the person", "cause", err)
			}
		}
		ctx := access.WithCaller(r.Context(), state.Caller)
		if access.IsStream(r.URL.Path) {
			watched, end := context.WithCancelCause(ctx)
			defer end(nil)
			defer s.watch(&stream{caller: state.Caller, ctx: watched, end: end})()
			ctx = watched
		}
		next.ServeHTTP(w, r.WithContext(ctx))
	})
}

// watch looks at a stream's session when it may end by itself, and every five seconds for what another instance ends;
// what is ended here is looked at then (Look). Each look reads one row by its primary key, on a reader's connection:
// with 100,000 open streams 20,000 such reads a second. Should that be too much one day, the end of a session can be
// told as other changes are (door/live). Between two looks it is a timer, not a goroutine: the stack of one that has
// asked the store stays at 5 KB a stream.
func (s *Store) watch(open *stream) (stop func()) {
	s.mu.Lock()
	s.streams[open] = true
	s.mu.Unlock()
	now, _ := s.check(open) // it may have ended before its stream could be found
	var timer *time.Timer
	timer = time.AfterFunc(time.Hour, func() {
		if state, lives := s.check(open); lives {
			timer.Reset(nextLook(state))
		}
	})
	timer.Reset(nextLook(now)) // only now may it look at timer
	return func() {
		timer.Stop()
		s.mu.Lock()
		defer s.mu.Unlock()
		delete(s.streams, open)
	}
}

// nextLook is soon after the session's own end, when that is near.
func nextLook(state State) time.Duration {
	ends := min(state.IdleLeft, state.AbsoluteLeft) + 50*time.Millisecond
	if ends <= 50*time.Millisecond {
		return watchEvery // the store could not say
	}
	return min(watchEvery, ends)
}

// check ends a stream whose session has ended.
func (s *Store) check(open *stream) (state State, lives bool) {
	if open.ctx.Err() != nil {
		return State{}, false
	}
	state, err := s.ByHash(open.ctx, open.caller.SessionHash)
	if errors.Is(err, db.ErrNotFound) {
		open.end(errEnded)
		return State{}, false
	}
	return state, true
}

// Look ends those of a person's streams whose sessions have ended. Call it after a transaction that ended some.
func (s *Store) Look(folderID string) {
	s.look(func(c access.Caller) bool { return c.FolderID == folderID })
}

func (s *Store) look(concerned func(access.Caller) bool) {
	var found []*stream
	s.mu.Lock()
	for open := range s.streams {
		if concerned(open.caller) {
			found = append(found, open)
		}
	}
	s.mu.Unlock()
	for _, open := range found {
		s.check(open)
	}
}

// Run sweeps ended sessions away until ctx ends.
func (s *Store) Run(ctx context.Context) {
	for {
		if err := s.Sweep(ctx); err != nil && ctx.Err() == nil {
			slog.ErrorContext(ctx, "sweeping sessions", "cause", err)
		}
		select {
		case <-ctx.Done():
			return
		case <-time.After(sweepEvery):
		}
	}
}

// sweepAtOnce is how many sessions are swept away in a transaction.
const sweepAtOnce = 500

// Sweep removes the rows of ended sessions, and has the histories of their people tell of it.
func (s *Store) Sweep(ctx context.Context) error {
	for {
		now, swept := s.now(), 0
		err := s.db.Tx(ctx, func(q *db.Queries) error {
			over, err := q.SessionSweep(ctx, db.SessionSweepParams{
				StartedBefore: now.Add(-s.limits.Longest).UnixMilli(), SeenBefore: now.Add(-s.limits.Idle).UnixMilli(),
				Size: sweepAtOnce,
			})
			if swept = len(over); err != nil {
				return err
			}
			return noteEnds(ctx, q, over, func(row db.Session) (string, time.Time) { return s.lapse(row) })
		})
		if err != nil || swept < sweepAtOnce {
			return err
		}
	}
}

// lapse says why and when a session ended with its time.
func (s *Store) lapse(row db.Session) (why string, at time.Time) {
	why, at = "idle", time.UnixMilli(row.SeenAt).Add(s.limits.Idle)
	for _, end := range []struct {
		why string
		at  time.Time
	}{
		{"longest", time.UnixMilli(row.StartedAt).Add(s.limits.Longest)},
		{"certificate", time.UnixMilli(row.CertificateExpiresAt)},
	} {
		if end.at.Before(at) {
			why, at = end.why, end.at
		}
	}
	return why, at
}

// SetCookie gives a session's token to the browser; it forgets it when it is closed.
func SetCookie(h http.Header, token string) {
	h.Add("Set-Cookie", (&http.Cookie{
		Name: CookieName, Value: token, Path: "/", HttpOnly: true, Secure: true, SameSite: http.SameSiteStrictMode,
	}).String())
}

// ClearCookie takes it back.
func ClearCookie(h http.Header) {
	h.Add("Set-Cookie", (&http.Cookie{
		Name: CookieName, Path: "/", MaxAge: -1, HttpOnly: true, Secure: true, SameSite: http.SameSiteStrictMode,
	}).String())
}

func hash(random []byte) string {
	sum := sha256.Sum256(random)
	return hex.EncodeToString(sum[:])
}
