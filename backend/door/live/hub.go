package live

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math"
	"sync"
	"time"

	"madoguchi/backend/door/access"
	"madoguchi/backend/store/db"
	portalv1 "madoguchi/proto/gen/portal/v1"
)

const (
	lookEvery = time.Second
	// lookPause is the least between two looks, however much this process writes.
	lookPause  = 20 * time.Millisecond
	lookBatch  = 1000
	sweepEvery = time.Minute
	// kept is for how long a page may be away and still hear what changed, rather than that anything may have.
	kept = 10 * time.Minute
	// foreign is how much older a row is that stands above all transactions that have ended, if its number is not of
	// this server.
	foreign = 24 * time.Hour

	streamsASession = 6
	streamsAFolder  = 24
)

// Hub tells the streams of this process what changed, whichever process changed it.
type Hub struct {
	// Ended is told whose sessions ended, whichever process ended them; it may be nil. Set it before Run.
	Ended func(folderID string)

	db        *db.DB
	woken     chan struct{}
	closed    chan struct{}
	close     sync.Once
	heartbeat time.Duration // how often a stream says at least that it lives
	every     time.Duration // between two looks

	mu      sync.Mutex
	count   int
	folders map[string][]*Stream
	places  map[string]map[*Stream]bool // by the code of the municipality and of its city
	// nowhere has who is new or has moved: they hear what is told anywhere until the stream has looked where the person
	// is.
	nowhere map[*Stream]bool
	// position is up to where everything was told, told what was told already of what stands above.
	position int64
	told     map[row]bool
}

// row names one.
type row struct {
	position int64
	id       string
}

// New makes a hub without streams. It hears of nothing before Run.
func New(d *db.DB) *Hub {
	h := &Hub{
		db: d, woken: make(chan struct{}, 1), closed: make(chan struct{}), heartbeat: 25 * time.Second,
		every: lookEvery, folders: map[string][]*Stream{}, places: map[string]map[*Stream]bool{},
		nowhere: map[*Stream]bool{}, told: map[row]bool{},
	}
	d.OnPlaced(func() {
		select {
		case h.woken <- struct{}{}:
		default:
		}
	})
	return h
}

// Close ends every stream, so that a server can shut down; the pages come back by themselves.
func (h *Hub) Close() { h.close.Do(func() { close(h.closed) }) }

// Run looks for what changed, and sweeps away what is old, until ctx ends.
func (h *Hub) Run(ctx context.Context) {
	look, sweep := time.NewTicker(h.every), time.NewTicker(sweepEvery)
	defer look.Stop()
	defer sweep.Stop()
	for {
		if err := h.look(ctx); err != nil && ctx.Err() == nil {
			slog.ErrorContext(ctx, "live: looking for what changed", "cause", err)
		}
		pause(ctx, lookPause)
		select {
		case <-ctx.Done():
			return
		case <-look.C:
		case <-h.woken:
		case <-sweep.C:
			if err := h.sweep(ctx, time.Now().Add(-kept)); err != nil && ctx.Err() == nil {
				slog.ErrorContext(ctx, "live: sweeping what is old", "cause", err)
			}
		}
	}
}

// look tells what has been written since. What stands above where transactions have all ended is told too, but looked
// at again: what is committed late stands among it.
func (h *Hub) look(ctx context.Context) error {
	settled, err := h.db.Settled(ctx)
	if err != nil {
		return err
	}
	after, missed, idle := h.begin(settled)
	if idle {
		return nil
	}
	from := after.position
	for {
		rows, err := h.db.Read().LiveChanges(ctx, db.LiveChangesParams{
			After: after.position, AfterID: after.id, Size: lookBatch,
		})
		if err != nil {
			return fmt.Errorf("reading what changed: %w", err)
		}
		h.tell(rows)
		h.endSessions(rows)
		if len(rows) < lookBatch {
			break
		}
		last := rows[len(rows)-1]
		after = row{last.Position, last.ID}
	}
	swept, err := h.db.Read().StoreNote(ctx, noteSwept) // after the rows: what was not there any more was swept before
	if err != nil {
		return fmt.Errorf("reading what was swept away: %w", err)
	}
	if swept >= settled { // of another server, from which the database was brought here
		err = h.beginAnew(ctx)
	}
	h.end(settled, missed || from > 0 && swept >= from)
	return err
}

const noteSwept = "live_swept"

// begin says from where to read; without a stream nothing need be. Numbers that have fallen are another server's, made
// from a copy.
func (h *Hub) begin(settled int64) (from row, missed, idle bool) {
	h.mu.Lock()
	defer h.mu.Unlock()
	missed, idle = settled < h.position, h.count == 0
	if missed || idle {
		h.position = settled
		clear(h.told)
	}
	return row{position: h.position}, missed, idle
}

// end notes up to where all is told. Whoever may have missed something looks at everything.
func (h *Hub) end(settled int64, missed bool) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.position = settled
	for r := range h.told {
		if r.position < settled {
			delete(h.told, r)
		}
	}
	if !missed {
		return
	}
	for _, streams := range h.folders {
		for _, s := range streams {
			h.lose(s)
			s.overflow()
		}
	}
}

// endSessions has the streams end whose sessions did. It may be told of one again.
func (h *Hub) endSessions(rows []db.LiveChange) {
	if h.Ended == nil {
		return
	}
	for _, r := range rows {
		switch portalv1.ChangeKind(r.Kind) {
		case portalv1.ChangeKind_CHANGE_KIND_SESSION, portalv1.ChangeKind_CHANGE_KIND_PASSKEY:
			h.Ended(r.FolderID.String)
		}
	}
}

func (h *Hub) tell(rows []db.LiveChange) {
	h.mu.Lock()
	defer h.mu.Unlock()
	for _, r := range rows {
		key := row{r.Position, r.ID}
		if h.told[key] {
			continue
		}
		h.told[key] = true
		c := change{
			kind: portalv1.ChangeKind(r.Kind), about: r.About, place: r.PlaceCode, everybody: !r.FolderID.Valid,
		}
		switch {
		case !c.everybody:
			for _, s := range h.folders[r.FolderID.String] {
				if c.kind == portalv1.ChangeKind_CHANGE_KIND_ACCOUNT {
					h.lose(s) // the person may have moved
				}
				s.add(c)
			}
		case c.place == "":
			for _, streams := range h.folders {
				for _, s := range streams {
					s.add(c)
				}
			}
		default:
			for s := range h.places[c.place] {
				s.add(c)
			}
			for s := range h.nowhere {
				s.add(c)
			}
		}
	}
}

// beginAnew takes away what was written under another server's numbers, which may be higher than any here for long.
func (h *Hub) beginAnew(ctx context.Context) error {
	err := h.db.Tx(ctx, func(q *db.Queries) error {
		if _, err := q.LiveSweep(ctx, db.LiveSweepParams{WrittenAt: math.MaxInt64, Below: math.MaxInt64}); err != nil {
			return err
		}
		return q.LiveBeginAnew(ctx)
	})
	if err != nil {
		return fmt.Errorf("beginning the numbers anew: %w", err)
	}
	return nil
}

// sweep takes away what was written before and is told everywhere, unless another process has not looked for as long.
func (h *Hub) sweep(ctx context.Context, before time.Time) error {
	h.mu.Lock()
	told := h.position
	h.mu.Unlock()
	return h.db.Tx(ctx, func(q *db.Queries) error {
		for _, old := range []db.LiveSweepParams{
			{WrittenAt: before.UnixMilli(), Below: told},
			{WrittenAt: before.Add(-foreign).UnixMilli(), Below: math.MaxInt64},
		} {
			last, err := q.LiveLastBefore(ctx, db.LiveLastBeforeParams(old))
			if err != nil {
				return err
			}
			if last == 0 {
				continue
			}
			if err := q.LiveNoteSwept(ctx, last); err != nil {
				return err
			}
			if _, err := q.LiveSweep(ctx, old); err != nil {
				return err
			}
		}
		return nil
	})
}

var errTooManyStreams = errors.New("too many streams of one person")

// Subscribe opens a stream for the caller; Close it.
func (h *Hub) Subscribe(ctx context.Context) (*Stream, error) {
	caller := access.FromContext(ctx)
	s, err := h.enter(caller.FolderID, caller.SessionHash)
	if err != nil {
		return nil, access.TooMany(ctx, time.Minute, err)
	}
	if err := s.locate(ctx); err != nil {
		s.Close()
		return nil, err
	}
	return s, nil
}

func (h *Hub) enter(folder, session string) (*Stream, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	ofSession := 0
	for _, s := range h.folders[folder] {
		if s.session == session {
			ofSession++
		}
	}
	if ofSession >= streamsASession || len(h.folders[folder]) >= streamsAFolder {
		return nil, errTooManyStreams
	}
	s := &Stream{
		hub: h, folder: folder, session: session, news: make(chan struct{}, 1), beat: time.NewTicker(h.heartbeat),
	}
	h.folders[folder] = append(h.folders[folder], s)
	h.count++
	h.nowhere[s] = true
	return s, nil
}

// leave is Close's part. h.mu is held.
func (h *Hub) leave(s *Stream) {
	rest := h.folders[s.folder][:0]
	for _, other := range h.folders[s.folder] {
		if other != s {
			rest = append(rest, other)
		}
	}
	clear(h.folders[s.folder][len(rest):])
	h.folders[s.folder] = rest
	if len(rest) == 0 {
		delete(h.folders, s.folder)
	}
	h.count--
	h.lose(s)
	delete(h.nowhere, s)
}

// lose notes that nobody knows where a person lives. h.mu is held.
func (h *Hub) lose(s *Stream) {
	for _, code := range s.at {
		delete(h.places[code], s)
		if len(h.places[code]) == 0 {
			delete(h.places, code)
		}
	}
	s.at = nil
	s.lost++
	h.nowhere[s] = true
}

// find notes where, unless somebody moved since a look began. h.mu is held.
func (h *Hub) find(s *Stream, lost int, at []string) {
	if s.lost != lost || s.closed {
		return
	}
	delete(h.nowhere, s)
	s.at = at
	for _, code := range at {
		if h.places[code] == nil {
			h.places[code] = map[*Stream]bool{}
		}
		h.places[code][s] = true
	}
}
