package live

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"time"

	"connectrpc.com/connect"

	"madoguchi/backend/door/access"
	"madoguchi/backend/japan/municipality"
	"madoguchi/backend/store/db"
	portalv1 "madoguchi/proto/gen/portal/v1"
)

const (
	// waiting is how many changes wait for a stream that does not keep up; then it is told that anything may have
	// changed.
	waiting    = 16
	herdSpread = time.Millisecond // for each stream, when something concerns everybody
	herdLimit  = 30 * time.Second
)

// Stream is an open page of somebody.
type Stream struct {
	hub             *Hub
	folder, session string
	news            chan struct{} // something waits
	beat            *time.Ticker

	// What follows is guarded by hub.mu.
	pending    []change
	everything bool
	at         []string // the codes of where the person lives, as long as that is known
	lost       int      // how often it was not any more
	closed     bool
}

// change is one that waits.
type change struct {
	kind      portalv1.ChangeKind
	about     string
	place     string // of what concerns everybody
	everybody bool
}

// News is what a stream has to tell; empty when nothing changed for a while.
type News struct {
	// Position is up to where this tells.
	Position   int64
	Changes    []*portalv1.Change
	Everything bool
}

// Empty says that it only tells that the stream lives.
func (n News) Empty() bool { return len(n.Changes) == 0 && !n.Everything }

// Close ends the stream.
func (s *Stream) Close() {
	s.beat.Stop()
	s.hub.mu.Lock()
	defer s.hub.mu.Unlock()
	if !s.closed {
		s.closed = true
		s.hub.leave(s)
	}
}

// add never waits. What waits already is not added again. hub.mu is held.
func (s *Stream) add(c change) {
	switch {
	case s.everything || slices.Contains(s.pending, c):
		return
	case len(s.pending) == waiting:
		s.overflow()
		return
	}
	s.pending = append(s.pending, c)
	s.wake()
}

// overflow has the page look at everything. hub.mu is held.
func (s *Stream) overflow() {
	s.pending, s.everything = nil, true
	s.wake()
}

func (s *Stream) wake() {
	select {
	case s.news <- struct{}{}:
	default:
	}
}

// Next waits for news. Without any it says so after a while, so that the other end knows the stream to live. Its error
// is why the stream ends: the page went away, the session ended, the portal closes.
func (s *Stream) Next(ctx context.Context) (News, error) {
	for {
		select {
		case <-ctx.Done():
			return News{}, ended(ctx)
		case <-s.hub.closed:
			return News{}, connect.NewError(connect.CodeUnavailable, errors.New("the portal is restarting"))
		case <-s.beat.C:
			return s.take(), nil
		case <-s.news:
		}
		if crowd := s.crowd(); crowd > 0 && !pause(ctx, rand.N(crowd)) {
			return News{}, ended(ctx)
		}
		// Who moves hears the new place and no more of the old one.
		if s.isLost() {
			if err := s.locate(ctx); err != nil {
				if ctx.Err() != nil {
					return News{}, ended(ctx)
				}
				return News{}, err
			}
		}
		if news := s.take(); !news.Empty() {
			return news, nil
		}
	}
}

// take takes what waits, as far as it concerns the person where they live.
func (s *Stream) take() News {
	s.hub.mu.Lock()
	defer s.hub.mu.Unlock()
	news := News{Position: s.hub.position, Everything: s.everything}
	for _, c := range s.pending {
		if !c.everybody || c.place == "" || s.hub.nowhere[s] || slices.Contains(s.at, c.place) {
			news.Changes = append(news.Changes, &portalv1.Change{Kind: c.kind, About: c.about})
		}
	}
	s.pending, s.everything = nil, false
	return news
}

// crowd is over how long others are told the same, for then all their pages ask; 0 when nobody is.
func (s *Stream) crowd() time.Duration {
	s.hub.mu.Lock()
	defer s.hub.mu.Unlock()
	if s.everything || slices.ContainsFunc(s.pending, func(c change) bool { return c.everybody }) {
		return min(time.Duration(s.hub.count)*herdSpread, herdLimit)
	}
	return 0
}

func (s *Stream) isLost() bool {
	s.hub.mu.Lock()
	defer s.hub.mu.Unlock()
	return s.hub.nowhere[s]
}

// locate reads where the person lives. Who moves meanwhile is looked for again.
func (s *Stream) locate(ctx context.Context) error {
	s.hub.mu.Lock()
	lost := s.lost
	s.hub.mu.Unlock()
	at, err := s.hub.home(ctx, s.folder)
	if err != nil {
		return err
	}
	s.hub.mu.Lock()
	defer s.hub.mu.Unlock()
	s.hub.find(s, lost, at)
	return nil
}

var errClosed = errors.New("the folder is closed")

// home gives the codes of the places whose news a person hears, the nation aside.
func (h *Hub) home(ctx context.Context, folder string) ([]string, error) {
	row, err := h.db.Read().FolderGet(ctx, folder)
	if errors.Is(err, db.ErrNotFound) {
		return nil, access.Error(ctx, connect.CodeUnauthenticated, portalv1.Reason_REASON_NOT_LOGGED_IN, "", errClosed)
	}
	if err != nil {
		return nil, fmt.Errorf("reading where the person lives: %w", err)
	}
	code := row.MunicipalityCode
	m, _ := municipality.ByCode(code)
	if m.Office() == code || m.Office() == "" {
		return []string{code}, nil
	}
	return []string{code, m.Office()}, nil
}

// ended says why a stream ends: the page went away, or the door ended the session under it.
func ended(ctx context.Context) error {
	if cause := context.Cause(ctx); !errors.Is(cause, ctx.Err()) {
		return access.Error(ctx, connect.CodeUnauthenticated, portalv1.Reason_REASON_NOT_LOGGED_IN, "", cause)
	}
	return ctx.Err()
}

func pause(ctx context.Context, d time.Duration) bool {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return false
	case <-timer.C:
		return true
	}
}
