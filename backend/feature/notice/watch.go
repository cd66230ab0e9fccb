package notice

import (
	"context"
	"errors"
	"log/slog"
	"math/rand/v2"
	"slices"
	"sync"
	"time"

	"connectrpc.com/connect"
	"google.golang.org/protobuf/proto"

	"madoguchi/backend/door/access"
	"madoguchi/backend/store/db"
	portalv1 "madoguchi/proto/gen/portal/v1"
)

const (
	pollEvery = time.Second
	// Rows become visible when they are committed, which may be this long after they were dated, by another instance's clock.
	pollOverlap        = 15 * time.Second
	pollBatch          = 1000
	streamsASession    = 6
	streamsAFolder     = 24
	subscriberCapacity = 16
	herdSpread         = time.Millisecond // for each reader of a broadcast
	herdLimit          = 30 * time.Second
)

// arrival is a notice that just came, for one folder or for those under a code.
type arrival struct {
	notice       *portalv1.Notice
	folder, code string
}

// Hub tells the streams of this process what arrived, whichever process took it in: what came in here at once, the rest by polling.
type Hub struct {
	mu      sync.Mutex
	streams map[string]map[*subscriber]bool // by folder
	count   int
	seen    map[string]time.Time // notices told already, for as long as polling may find them again
	closed  chan struct{}
	close   sync.Once
	every   time.Duration // between two looks
}

type subscriber struct {
	reader  reader
	session string
	moved   bool         // the person may have moved: until the stream has looked, reader may be out of date
	events  chan arrival // without a notice: only the count, or the place, may have changed
}

// NewHub makes a hub without streams.
func NewHub() *Hub {
	return &Hub{streams: map[string]map[*subscriber]bool{}, seen: map[string]time.Time{}, closed: make(chan struct{}), every: pollEvery}
}

// Close ends every stream, so that a server can shut down; the pages come back by themselves.
func (h *Hub) Close() { h.close.Do(func() { close(h.closed) }) }

// Poll looks for what other instances took in, until ctx ends.
func (h *Hub) Poll(ctx context.Context, d *db.DB) {
	tick := time.NewTicker(h.every)
	defer tick.Stop()
	since := time.Now()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
		next := time.Now()
		if h.idle() {
			since = next
			continue
		}
		if err := h.poll(ctx, d, since.Add(-pollOverlap).UnixMilli()); err != nil {
			if ctx.Err() == nil {
				slog.Error("notices: looking for arrivals", "error", err)
			}
			continue
		}
		since = next
		h.forget(next.Add(-4 * pollOverlap))
	}
}

func (h *Hub) poll(ctx context.Context, d *db.DB, since int64) error {
	broadcasts, err := d.Read().BroadcastArrivals(ctx, db.BroadcastArrivalsParams{Since: since, Size: pollBatch})
	if err != nil {
		return err
	}
	for _, b := range broadcasts {
		h.arrived(arrival{notice: message(db.NoticeLine(b)), code: b.Audience})
	}
	after := position{sentAt: since}
	for {
		rows, err := d.Read().NoticeArrivals(ctx, db.NoticeArrivalsParams{After: after.sentAt, AfterID: after.id, Size: pollBatch})
		if err != nil {
			return err
		}
		for _, n := range rows {
			h.arrived(arrival{notice: message(n), folder: n.Audience})
			after = position{n.SentAt, n.ID}
		}
		if len(rows) < pollBatch {
			return nil
		}
	}
}

func (h *Hub) idle() bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.count == 0
}

func (h *Hub) forget(before time.Time) {
	h.mu.Lock()
	defer h.mu.Unlock()
	for id, at := range h.seen {
		if at.Before(before) {
			delete(h.seen, id)
		}
	}
}

// arrived tells the streams that a notice concerns, once.
func (h *Hub) arrived(a arrival) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.count == 0 {
		return
	}
	if _, told := h.seen[a.notice.GetId()]; told {
		return
	}
	h.seen[a.notice.GetId()] = time.Now()
	if a.folder != "" {
		for s := range h.streams[a.folder] {
			s.tell(a)
		}
		return
	}
	for _, streams := range h.streams {
		for s := range streams {
			if s.moved || slices.Contains(s.reader.audiences(), a.code) {
				s.tell(a)
			}
		}
	}
}

// FolderChanged tells a folder's streams that the count may have changed, or the place whose notices the person sees.
func (h *Hub) FolderChanged(folder string) {
	h.mu.Lock()
	defer h.mu.Unlock()
	for s := range h.streams[folder] {
		s.moved = true
		s.tell(arrival{})
	}
}

// tell never waits: a stream that does not keep up misses announcements, and still gets the count.
func (s *subscriber) tell(a arrival) {
	select {
	case s.events <- a:
	default:
	}
}

var errTooManyStreams = errors.New("too many streams of one person")

func (h *Hub) subscribe(r reader, session string) (*subscriber, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	ofSession := 0
	for s := range h.streams[r.folder] {
		if s.session == session {
			ofSession++
		}
	}
	if ofSession >= streamsASession || len(h.streams[r.folder]) >= streamsAFolder {
		return nil, errTooManyStreams
	}
	s := &subscriber{reader: r, session: session, events: make(chan arrival, subscriberCapacity)}
	if h.streams[r.folder] == nil {
		h.streams[r.folder] = map[*subscriber]bool{}
	}
	h.streams[r.folder][s] = true
	h.count++
	return s, nil
}

func (h *Hub) unsubscribe(s *subscriber) {
	h.mu.Lock()
	defer h.mu.Unlock()
	delete(h.streams[s.reader.folder], s)
	if len(h.streams[s.reader.folder]) == 0 {
		delete(h.streams, s.reader.folder)
	}
	h.count--
}

// look has the stream's reader read anew, and says who that is. What is announced meanwhile is for the stream to judge.
func (h *Hub) look(s *subscriber, read func() (reader, error)) (reader, error) {
	h.mu.Lock()
	s.moved = false // before the reading: who moves during it is looked at again
	h.mu.Unlock()
	r, err := read()
	h.mu.Lock()
	defer h.mu.Unlock()
	if err != nil {
		s.moved = true
		return r, err
	}
	s.reader = r
	return r, nil
}

func (h *Hub) hasMoved(s *subscriber) bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	return s.moved
}

func (h *Hub) spread() time.Duration {
	h.mu.Lock()
	defer h.mu.Unlock()
	return min(time.Duration(h.count)*herdSpread, herdLimit)
}

// WatchNotices sends the unread count at once, whenever it changes, and as a heartbeat; it ends when
// the session does, for the door then ends its context. For once it sends what stands now, which the list tells.
func (s *Service) WatchNotices(
	ctx context.Context, request *portalv1.WatchNoticesRequest, stream *connect.ServerStream[portalv1.WatchNoticesResponse],
) error {
	if request.GetOnce() {
		page, err := s.ListNotices(ctx, &portalv1.ListNoticesRequest{PageSize: 1})
		if err != nil {
			return err
		}
		response := &portalv1.WatchNoticesResponse{UnreadCount: page.GetUnreadCount()}
		if len(page.GetNotices()) > 0 {
			response.Newest = page.GetNotices()[0]
		}
		return stream.Send(response)
	}
	caller := access.FromContext(ctx)
	r, err := s.reader(ctx)
	if err != nil {
		return err
	}
	sub, err := s.hub.subscribe(r, caller.SessionHash)
	if err != nil {
		return access.TooMany(ctx, time.Minute, err)
	}
	defer s.hub.unsubscribe(sub)

	last := int32(-1)
	send := func(a arrival, always bool) error {
		// Who moves hears the new place and no more of the old one: at once where the move came in to this instance,
		// else from the next heartbeat on.
		if a.notice == nil || s.hub.hasMoved(sub) {
			if r, err = s.hub.look(sub, func() (reader, error) { return s.reader(ctx) }); err != nil {
				return err
			}
		}
		arrived := a.notice
		if a.code != "" && !slices.Contains(r.audiences(), a.code) {
			arrived = nil
		}
		unread, err := unreadCount(ctx, s.db.Read(), r)
		if err != nil {
			return err
		}
		if !always && arrived == nil && unread == last {
			return nil
		}
		last = unread
		response := &portalv1.WatchNoticesResponse{UnreadCount: unread}
		if arrived != nil {
			response.Arrived = proto.CloneOf(arrived)
		}
		return stream.Send(response)
	}
	if err := send(arrival{}, true); err != nil {
		return err
	}
	heartbeat := time.NewTicker(s.heartbeat)
	defer heartbeat.Stop()
	for {
		select {
		case <-ctx.Done():
			return ended(ctx)
		case arrived := <-sub.events:
			if arrived.notice.GetBroadcast() && !pause(ctx, rand.N(s.hub.spread()+1)) {
				return ended(ctx)
			}
			err = send(arrived, false)
		case <-s.hub.closed:
			return connect.NewError(connect.CodeUnavailable, errors.New("the portal is restarting"))
		case <-heartbeat.C:
			err = send(arrival{}, true)
		}
		if ctx.Err() != nil {
			return ended(ctx)
		}
		if err != nil {
			return err
		}
	}
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
