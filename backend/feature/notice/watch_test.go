package notice

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"path/filepath"
	"testing"
	"time"

	"madoguchi/backend/store/db"
	portalv1 "madoguchi/proto/gen/portal/v1"
)

func listener(t *testing.T, h *Hub, folder, session string) *subscriber {
	t.Helper()
	s, err := h.subscribe(reader{folder: folder}, session)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// A session, and a folder with all its sessions, have so many streams; one that ends makes room, and all that end leave nothing behind.
func TestStreamsAreFewAndMakeRoom(t *testing.T) {
	h := NewHub()
	var all []*subscriber
	for i := range streamsAFolder {
		all = append(all, listener(t, h, "hanako", fmt.Sprint("session ", i/streamsASession)))
	}
	if _, err := h.subscribe(reader{folder: "hanako"}, "another session"); err == nil {
		t.Error("one folder has more streams than it may")
	}
	taro := listener(t, h, "taro", "taro's") // is not troubled
	h.unsubscribe(all[0])
	if _, err := h.subscribe(reader{folder: "hanako"}, "session 1"); err == nil {
		t.Error("one session has more streams than it may")
	}
	all[0] = listener(t, h, "hanako", "session 0")
	for _, s := range append(all, taro) {
		h.unsubscribe(s)
	}
	if !h.idle() || len(h.streams) != 0 || h.spread() != 0 {
		t.Errorf("left behind: %d streams of %d folders", h.count, len(h.streams))
	}
}

// A stream that does not read holds nobody up; when it reads again, what comes then reaches it.
func TestAStreamThatDoesNotReadMissesAndComesBack(t *testing.T) {
	h := NewHub()
	s := listener(t, h, "hanako", "s")
	for i := range 3 * subscriberCapacity {
		h.arrived(arrival{notice: &portalv1.Notice{Id: fmt.Sprint(i)}, folder: "hanako"})
	}
	for range subscriberCapacity {
		<-s.events
	}
	select {
	case n := <-s.events:
		t.Errorf("more is kept than there is room for: %v", n)
	default:
	}
	h.arrived(arrival{notice: &portalv1.Notice{Id: "new"}, folder: "hanako"})
	h.arrived(arrival{notice: &portalv1.Notice{Id: "new"}, folder: "hanako"})
	if a := <-s.events; a.notice.GetId() != "new" {
		t.Error(a)
	}
	select {
	case n := <-s.events:
		t.Errorf("told twice of %v", n)
	default:
	}
	h.forget(time.Now().Add(time.Hour))
	if len(h.seen) != 0 {
		t.Errorf("%d notices are remembered for ever", len(h.seen))
	}
}

// Between a move and the stream's look at it nobody knows whose notices are meant: the stream is told of all and judges.
func TestWhoMovesIsToldOfBothPlacesUntilTheStreamHasLooked(t *testing.T) {
	h := NewHub()
	s := listener(t, h, "hanako", "s")
	s.reader = reader{folder: "hanako", municipality: "131105", city: "131105"}
	arrive := func(id, code string) { h.arrived(arrival{notice: &portalv1.Notice{Id: id}, code: code}) }
	h.FolderChanged("hanako")
	arrive("old", "131105")
	arrive("new", "011011")
	for _, want := range []string{"", "old", "new"} {
		if a := <-s.events; a.notice.GetId() != want {
			t.Errorf("told of %q, not %q", a.notice.GetId(), want)
		}
	}
	failed := errors.New("the database is down")
	if _, err := h.look(s, func() (reader, error) { return reader{}, failed }); !errors.Is(err, failed) || !h.hasMoved(s) {
		t.Errorf("a look that failed counts as one: %v", err)
	}
	_, err := h.look(s, func() (reader, error) { return reader{folder: "hanako", municipality: "011011", city: "011002"}, nil })
	if err != nil || h.hasMoved(s) {
		t.Errorf("still unknown after a look: %v", err)
	}
	arrive("old again", "131105")
	arrive("city", "011002")
	if a := <-s.events; a.notice.GetId() != "city" {
		t.Errorf("told of %q", a.notice.GetId())
	}
	_, err = h.look(s, func() (reader, error) {
		h.FolderChanged("hanako")
		return reader{folder: "hanako"}, nil
	})
	if err != nil || !h.hasMoved(s) {
		t.Errorf("a move during the look is forgotten: %v", err)
	}
}

// While the database cannot be read nothing is lost: what arrived at another instance meanwhile is told of when it can.
func TestPollingGoesOnAfterAFault(t *testing.T) {
	path := filepath.Join(t.TempDir(), "portal.sqlite")
	d, err := db.Open(t.Context(), path)
	if err != nil {
		t.Fatal(err)
	}
	defer d.Close()
	pool, err := sql.Open("sqlite", path)
	if err != nil {
		t.Fatal(err)
	}
	defer pool.Close()
	run := func(statement string) {
		if _, err := pool.ExecContext(t.Context(), statement); err != nil {
			t.Fatal(err)
		}
	}
	arrive := func(id string) {
		err := d.Tx(t.Context(), func(q *db.Queries) error {
			_, err := q.BroadcastCreate(t.Context(), db.BroadcastCreateParams{ID: id, OfficeID: "nenkin", Reference: id, Title: id, SentAt: time.Now().UnixMilli()})
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	h := NewHub()
	h.every = time.Millisecond
	s := listener(t, h, "hanako", "s")
	running, stop := context.WithCancel(t.Context())
	ended := make(chan struct{})
	go func() { h.Poll(running, d); close(ended) }()
	arrive("b1")
	if a := <-s.events; a.notice.GetId() != "b1" {
		t.Error(a)
	}
	arrive("b2")
	run("PRAGMA legacy_alter_table = ON") // the view over it does not follow
	run("ALTER TABLE broadcast RENAME TO lost")
	if h.poll(t.Context(), d, 0) == nil {
		t.Fatal("it can be read all the same")
	}
	run("ALTER TABLE lost RENAME TO broadcast")
	arrive("b3")
	got := map[string]bool{}
	for len(got) < 2 {
		got[(<-s.events).notice.GetId()] = true
	}
	if !got["b2"] || !got["b3"] {
		t.Errorf("told of %v", got)
	}
	stop()
	<-ended
}
