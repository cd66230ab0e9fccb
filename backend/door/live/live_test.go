package live

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"math/rand/v2"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"madoguchi/backend/door/access/accesstest"
	"madoguchi/backend/store/db"
	"madoguchi/backend/store/db/dbtest"
	"madoguchi/backend/store/folder/foldertest"
	portalv1 "madoguchi/proto/gen/portal/v1"
)

const (
	notice  = portalv1.ChangeKind_CHANGE_KIND_NOTICE
	todo    = portalv1.ChangeKind_CHANGE_KIND_TODO
	account = portalv1.ChangeKind_CHANGE_KIND_ACCOUNT

	meguro, chuo, sapporo = foldertest.Meguro, "011011", "011002" // Chuo is a ward of Sapporo
)

// newStore has two people in it: hanako in Meguro, taro in Sapporo's ward Chuo.
func newStore(t testing.TB, d *db.DB) *db.DB {
	t.Helper()
	foldertest.Open(t, d, "hanako")
	taro := foldertest.Of("taro")
	taro.MunicipalityCode = chuo
	foldertest.Create(t, d, taro)
	return d
}

func tx(t testing.TB, d *db.DB, fn func(q *db.Queries) error) {
	t.Helper()
	if err := d.Tx(t.Context(), fn); err != nil {
		t.Fatal(err)
	}
}

// told writes down that something of a person, or for "@code" of a place, changed, and says at which position.
func told(t testing.TB, d *db.DB, whom string, kind portalv1.ChangeKind, about string) (position int64) {
	t.Helper()
	tx(t, d, func(q *db.Queries) (err error) {
		if err = tell(t.Context(), q, whom, kind, about); err == nil {
			position, err = q.Place(t.Context())
		}
		return err
	})
	return position
}

// settle waits until all transactions up to a position have ended, on whichever database of the server.
func settle(t testing.TB, d *db.DB, position int64) {
	t.Helper()
	for {
		settled, err := d.Settled(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if settled > position {
			return
		}
		pause(t.Context(), time.Millisecond)
	}
}

func tell(ctx context.Context, q *db.Queries, whom string, kind portalv1.ChangeKind, about string) error {
	if code, ok := strings.CutPrefix(whom, "@"); ok {
		return TellPlace(ctx, q, code, kind, about)
	}
	return Tell(ctx, q, whom, kind, about)
}

func move(t testing.TB, d *db.DB, id, code string) {
	t.Helper()
	tx(t, d, func(q *db.Queries) error {
		_, err := q.FolderUpdate(t.Context(), db.FolderUpdateParams{
			ID: id, DisplayName: id, MunicipalityCode: code, Language: "ja",
		})
		if err != nil {
			return err
		}
		return Tell(t.Context(), q, id, account, "")
	})
}

func subscribe(t testing.TB, h *Hub, id string) *Stream {
	t.Helper()
	s, err := h.Subscribe(accesstest.AsCitizen(t.Context(), id))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.Close)
	return s
}

func look(t testing.TB, h *Hub) {
	t.Helper()
	if err := h.look(t.Context()); err != nil {
		t.Fatal(err)
	}
}

// words says what news tells: "NOTICE n1, TODO".
func words(n News) string {
	var all []string
	if n.Everything {
		all = append(all, "everything")
	}
	for _, c := range n.Changes {
		all = append(all, strings.TrimSpace(strings.TrimPrefix(c.GetKind().String(), "CHANGE_KIND_")+" "+c.GetAbout()))
	}
	return strings.Join(all, ", ")
}

// hears has the hub look and says what waits for a stream then.
func hears(t testing.TB, h *Hub, s *Stream) string {
	t.Helper()
	look(t, h)
	return words(s.take())
}

func want(t testing.TB, what, got, want string) {
	t.Helper()
	if got != want {
		t.Errorf("%s: %q, want %q", what, got, want)
	}
}

// A session, and a folder with all its sessions, have so many streams; one that ends makes room, and all that end leave
// nothing behind.
func TestStreamsAreFewAndMakeRoom(t *testing.T) {
	h := New(newStore(t, dbtest.SQLite(t)))
	enter := func(folder, session string) *Stream {
		t.Helper()
		s, err := h.enter(folder, session)
		if err != nil {
			t.Fatal(err)
		}
		return s
	}
	var all []*Stream
	for i := range streamsAFolder {
		all = append(all, enter("hanako", fmt.Sprint("session ", i/streamsASession)))
	}
	if _, err := h.enter("hanako", "another session"); err == nil {
		t.Error("one folder has more streams than it may")
	}
	all = append(all, enter("taro", "taro's")) // is not troubled
	all[0].Close()
	if _, err := h.enter("hanako", "session 1"); err == nil {
		t.Error("one session has more streams than it may")
	}
	all[0] = enter("hanako", "session 0")
	for _, s := range all {
		if err := s.locate(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	for _, s := range all {
		s.Close()
		s.Close() // twice does no harm
	}
	if h.count != 0 || len(h.folders) != 0 || len(h.places) != 0 || len(h.nowhere) != 0 {
		t.Errorf("left behind: %d streams of %d folders at %d places", h.count, len(h.folders), len(h.places))
	}
}

// Each hears what is theirs: of their folder, of their municipality and its city, of the nation; never what was not
// committed.
func TestWhoHearsWhat(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		h := New(newStore(t, d))
		hanako, taro := subscribe(t, h, "hanako"), subscribe(t, h, "taro")
		hears(t, h, hanako)
		for _, c := range []struct{ whom, hanako, taro string }{
			{"hanako", "NOTICE n", ""}, {"taro", "", "NOTICE n"}, {"@" + meguro, "NOTICE n", ""},
			{"@" + chuo, "", "NOTICE n"},
			{"@" + sapporo, "", "NOTICE n"}, {"@", "NOTICE n", "NOTICE n"}, {"@462011", "", ""},
		} {
			told(t, d, c.whom, notice, "n")
			want(t, "told to "+c.whom+", hanako hears", hears(t, h, hanako), c.hanako)
			want(t, "told to "+c.whom+", taro hears", hears(t, h, taro), c.taro)
		}
		failed := errors.New("no")
		if err := d.Tx(t.Context(), func(q *db.Queries) error {
			return errors.Join(Tell(t.Context(), q, "hanako", todo, ""), failed)
		}); !errors.Is(err, failed) {
			t.Fatal(err)
		}
		want(t, "of what was rolled back hanako hears", hears(t, h, hanako), "")
		tx(t, d, func(q *db.Queries) error { // two in one transaction, and twice the same
			return errors.Join(Tell(t.Context(), q, "hanako", todo, "a"), Tell(t.Context(), q, "hanako", notice, "b"),
				Tell(t.Context(), q, "hanako", notice, "b"))
		})
		heard := strings.Split(hears(t, h, hanako), ", ")
		slices.Sort(heard)
		want(t, "of one transaction hanako hears", strings.Join(heard, ", "), "NOTICE b, TODO a")
		want(t, "a second look brings", hears(t, h, hanako), "")
	})
}

// A place is taken in a transaction alone.
func TestOutsideATransactionNothingIsTold(t *testing.T) {
	d := newStore(t, dbtest.SQLite(t))
	if err := Tell(t.Context(), d.Read(), "hanako", todo, ""); err == nil {
		t.Error("it was told")
	}
}

// A stream that does not read holds nobody up and holds no more than there is room for; it hears that anything may have
// changed, and when it reads again, what comes then.
func TestAStreamThatDoesNotReadIsToldToLookAgain(t *testing.T) {
	d := newStore(t, dbtest.SQLite(t))
	h := New(d)
	s := subscribe(t, h, "hanako")
	for range 3 * waiting {
		told(t, d, "hanako", todo, "the same")
	}
	want(t, "of the same again and again", hears(t, h, s), "TODO the same")
	for i := range waiting + 1 {
		told(t, d, "hanako", todo, fmt.Sprint(i))
	}
	look(t, h)
	if len(s.pending) != 0 {
		t.Errorf("%d changes are kept for a stream that does not read", len(s.pending))
	}
	told(t, d, "hanako", todo, "more")
	want(t, "of too much", hears(t, h, s), "everything")
	told(t, d, "hanako", todo, "new")
	want(t, "of what comes then", hears(t, h, s), "TODO new")
}

// Between a move and the stream's look at it nobody knows whose news are meant: what is told anywhere is kept, and
// judged then.
func TestWhoMovesHearsTheNewPlaceAndNoMoreOfTheOld(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		h := New(newStore(t, d))
		s := subscribe(t, h, "hanako")
		look(t, h)
		move(t, d, "hanako", chuo)
		told(t, d, "@"+meguro, notice, "old")
		told(t, d, "@"+sapporo, notice, "new")
		look(t, h)
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		if err := s.locate(ctx); err == nil || !s.isLost() {
			t.Errorf("a look that failed counts as one: %v", err)
		}
		news, err := s.Next(t.Context())
		if err != nil || s.isLost() {
			t.Fatalf("%v; still unknown: %v", err, s.isLost())
		}
		want(t, "after the move", words(news), "ACCOUNT, NOTICE new")
		told(t, d, "@"+meguro, notice, "old again")
		told(t, d, "@"+chuo, notice, "ward")
		want(t, "later", hears(t, h, s), "NOTICE ward")

		// Who moves while the stream looks is looked for again.
		h.mu.Lock()
		lost := s.lost
		h.lose(s)
		h.find(s, lost, []string{meguro})
		forgotten := !h.nowhere[s]
		h.mu.Unlock()
		if forgotten {
			t.Error("a move during the look is forgotten")
		}
	})
}

// While the database cannot be read nothing is lost: what was changed meanwhile is told when it can.
func TestLookingGoesOnAfterAFault(t *testing.T) {
	path := filepath.Join(t.TempDir(), "portal.sqlite")
	d, err := db.Open(t.Context(), path)
	if err != nil {
		t.Fatal(err)
	}
	defer d.Close()
	dbtest.Seal(t, d)
	newStore(t, d)
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
	h := New(d)
	s := subscribe(t, h, "hanako")
	look(t, h)
	running, stop := context.WithCancel(t.Context())
	var looking sync.WaitGroup
	looking.Go(func() { h.Run(running) })
	next := func() string {
		t.Helper()
		news, err := s.Next(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		return words(news)
	}
	told(t, d, "hanako", todo, "1")
	want(t, "first", next(), "TODO 1")
	told(t, d, "hanako", todo, "2")
	run("ALTER TABLE live_change RENAME TO lost")
	if h.look(t.Context()) == nil {
		t.Fatal("it can be read all the same")
	}
	run("ALTER TABLE lost RENAME TO live_change")
	told(t, d, "hanako", todo, "3")
	heard := next()
	for !strings.Contains(heard, "TODO 3") {
		heard += ", " + next()
	}
	if !strings.Contains(heard, "TODO 2") {
		t.Errorf("heard %s", heard)
	}
	stop()
	looking.Wait()
}

// Who comes back hears what was missed, and no more than that; when nobody knows any more, that it may be anything.
func TestWhoComesBackHearsWhatWasMissed(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		newStore(t, d)
		ctx := accesstest.AsCitizen(t.Context(), "hanako")
		missed := func(h *Hub, since int64) string {
			t.Helper()
			news, err := h.once(ctx, since)
			if err != nil {
				t.Fatal(err)
			}
			return words(news)
		}
		h := New(d)
		want(t, "who has heard nothing yet", missed(h, 0), "everything")
		settle(t, d, told(t, d, "hanako", todo, "before"))
		start, err := h.once(ctx, 0)
		if err != nil {
			t.Fatal(err)
		}
		want(t, "nothing", missed(h, start.Position), "")
		told(t, d, "hanako", todo, "mine")
		told(t, d, "taro", todo, "not mine")
		told(t, d, "@"+meguro, notice, "of my town")
		told(t, d, "@"+chuo, notice, "of another")
		told(t, d, "@", notice, "of all")
		const all = "TODO mine, NOTICE of my town, NOTICE of all"
		want(t, "at this process", missed(h, start.Position), all)
		other := New(d)
		want(t, "at another", missed(other, start.Position), all)
		want(t, "from a position that there is not yet", missed(h, start.Position+1<<40), "everything")

		// The same on a stream, whose first message comes at once.
		first := make(chan News)
		go func() {
			s, err := other.Subscribe(ctx)
			if err != nil {
				t.Error(err)
				return
			}
			defer s.Close()
			_ = s.serve(ctx, start.Position, func(n News) error { first <- n; return errors.New("enough") })
		}()
		want(t, "on a stream", words(<-first), all)

		var last int64
		for i := range caughtUp {
			last = told(t, d, "hanako", todo, fmt.Sprint(i))
		}
		settle(t, d, last)
		want(t, "of too much", missed(h, start.Position), "everything")

		// Sweeping takes what is old, and says of whom it took.
		look(t, h)
		now, err := h.once(ctx, 0)
		if err != nil {
			t.Fatal(err)
		}
		if err := h.sweep(t.Context(), time.Now().Add(-time.Hour)); err != nil {
			t.Fatal(err)
		}
		want(t, "when nothing was old enough", missed(h, last), "TODO "+fmt.Sprint(caughtUp-1))
		if err := h.sweep(t.Context(), time.Now().Add(time.Hour)); err != nil {
			t.Fatal(err)
		}
		want(t, "of what was swept away", missed(h, start.Position), "everything")
		want(t, "after all that", missed(h, now.Position), "")
		rows, err := d.Read().LiveChanges(t.Context(), db.LiveChangesParams{Size: 10})
		if err != nil || len(rows) != 0 {
			t.Errorf("%d rows are left, %v", len(rows), err)
		}
	})
}

// A process that could not look for longer than rows are kept, or meets a store whose numbers begin anew, has its
// streams look at everything.
func TestWhoMayHaveMissedSomethingLooksAtEverything(t *testing.T) {
	d := newStore(t, dbtest.SQLite(t))
	asleep, awake := New(d), New(d)
	s := subscribe(t, asleep, "hanako")
	hears(t, asleep, s)
	told(t, d, "hanako", todo, "missed")
	look(t, awake)
	if err := awake.sweep(t.Context(), time.Now().Add(time.Hour)); err != nil {
		t.Fatal(err)
	}
	want(t, "after it was swept away", hears(t, asleep, s), "everything")
	want(t, "and then", hears(t, asleep, s), "")
	told(t, d, "hanako", todo, "1")
	want(t, "and then", hears(t, asleep, s), "TODO 1")

	// A database that was brought here from a server with higher numbers.
	for step, bring := range map[string]func(q *db.Queries) error{
		"swept": func(q *db.Queries) error { return q.LiveNoteSwept(t.Context(), 1<<40) },
		"written": func(q *db.Queries) error {
			return q.LiveAdd(t.Context(), db.LiveAddParams{
				Position: 1 << 40, ID: "far", Kind: int64(todo), About: "far",
			})
		},
	} {
		tx(t, d, bring)
		hears(t, asleep, s)
		if err := awake.sweep(t.Context(), time.Now().Add(-kept)); err != nil {
			t.Fatal(err)
		}
		hears(t, asleep, s)
		look(t, awake)
		if hears(t, asleep, s) != "" {
			t.Errorf("%s: it is told again and again", step)
		}
		rows, err := d.Read().LiveChanges(t.Context(), db.LiveChangesParams{After: 1 << 39, Size: 10})
		if err != nil || len(rows) > 0 {
			t.Errorf("%s: left are %v, %v", step, rows, err)
		}
		told(t, d, "hanako", todo, step)
		want(t, "and then", hears(t, asleep, s), "TODO "+step)
	}

	asleep.position += 1000
	want(t, "when the numbers have fallen", hears(t, asleep, s), "everything")
	told(t, d, "hanako", todo, "2")
	want(t, "and then", hears(t, asleep, s), "TODO 2")
}

// What names a closed folder is gone with it.
func TestAClosedFolderIsNamedNowhere(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		newStore(t, d)
		told(t, d, "hanako", todo, "")
		told(t, d, "taro", todo, "")
		h := New(d)
		s := subscribe(t, h, "hanako")
		if err := d.Erase(t.Context(), func(q *db.Queries) error {
			_, err := q.FolderDelete(t.Context(), "hanako")
			return err
		}); err != nil {
			t.Fatal(err)
		}
		rows, err := d.Read().LiveChanges(t.Context(), db.LiveChangesParams{Size: 10})
		if err != nil || len(rows) != 1 || rows[0].FolderID.String != "taro" {
			t.Errorf("%v, %v", rows, err)
		}
		if _, err := h.Subscribe(accesstest.AsCitizen(t.Context(), "hanako")); err == nil {
			t.Error("a closed folder gets a stream")
		}
		if h.count != 1 {
			t.Errorf("%d streams", h.count)
		}
		if err := s.locate(t.Context()); err == nil {
			t.Error("a closed folder lives somewhere")
		}
	})
}

// instances are two processes' views of one PostgreSQL database.
func instances(t *testing.T) (one, two *db.DB) {
	t.Helper()
	address := dbtest.PostgresURL(t)
	open := func() *db.DB {
		d, err := db.Open(t.Context(), address)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { d.Close() })
		return d
	}
	one, two = open(), open()
	dbtest.Seal(t, one, two)
	return newStore(t, one), two
}

// A transaction that took its place early and commits late is passed over by nobody: not by a process that has read
// what came after it, nor by a page that has heard of that and comes back.
func TestWhatIsCommittedLateIsNotPassedOver(t *testing.T) {
	one, two := instances(t)
	h := New(two)
	s := subscribe(t, h, "hanako")
	hears(t, h, s)
	written, commit, done := make(chan struct{}), make(chan struct{}), make(chan error, 1)
	var once sync.Once
	go func() {
		done <- one.Tx(t.Context(), func(q *db.Queries) error {
			if err := Tell(t.Context(), q, "hanako", todo, "early"); err != nil {
				return err
			}
			once.Do(func() { close(written) }) // it may have to begin again
			<-commit
			return nil
		})
	}()
	select {
	case <-written:
	case err := <-done:
		t.Fatal(err)
	}
	told(t, one, "hanako", notice, "late")
	look(t, h)
	heard := s.take()
	want(t, "while it runs", words(heard), "NOTICE late")
	want(t, "a second look brings", hears(t, h, s), "")
	close(commit)
	if err := <-done; err != nil {
		t.Fatal(err)
	}
	want(t, "when it is committed", hears(t, h, s), "TODO early")
	missed, err := New(one).once(accesstest.AsCitizen(t.Context(), "hanako"), heard.Position)
	if err != nil || !strings.Contains(words(missed), "TODO early") {
		t.Errorf("who comes back to the other process hears %q, %v", words(missed), err)
	}
	// When all have ended, nothing is told of them again.
	settle(t, one, told(t, one, "taro", todo, ""))
	if h.look(t.Context()) != nil || len(h.told) != 0 {
		t.Errorf("%d rows are remembered for ever", len(h.told))
	}
}

// Many write at once at two processes, in transactions of all lengths, some of which are rolled back: both processes
// tell of each that was committed, and a page that comes and goes between them misses none.
func TestTwoProcessesHearOfEachOther(t *testing.T) {
	one, two := instances(t)
	ctx, stop := context.WithCancel(t.Context())
	var running, writing, listening sync.WaitGroup
	const writers, each = 8, 12
	for _, d := range []*db.DB{one, two} {
		h := New(d)
		running.Go(func() { h.Run(ctx) })
		s := subscribe(t, h, "hanako")
		listening.Go(func() {
			missing := writers * each
			for seen := map[string]bool{}; len(seen) < missing; {
				news, err := s.Next(ctx)
				if err != nil {
					t.Errorf("after %d of %d: %v", len(seen), missing, err)
					return
				}
				if news.Everything { // too much at once: a page looks for itself
					news, err = h.once(accesstest.AsCitizen(ctx, "hanako"), 1)
					if err != nil {
						t.Error(err)
						return
					}
				}
				for _, c := range news.Changes {
					seen[c.GetAbout()] = true
				}
			}
		})
	}
	// The page that comes and goes asks each process in turn.
	listening.Go(func() {
		hubs := []*Hub{New(one), New(two)}
		since := int64(1)
		for seen, i := map[string]bool{}, 0; len(seen) < writers*each; i++ {
			news, err := hubs[i%2].once(accesstest.AsCitizen(ctx, "hanako"), since)
			if err != nil || news.Everything {
				t.Errorf("after %d: %v, %v", len(seen), news, err)
				return
			}
			for _, c := range news.Changes {
				seen[c.GetAbout()] = true
			}
			since = news.Position
			pause(ctx, time.Millisecond)
		}
	})
	for w := range writers {
		d := []*db.DB{one, two}[w%2]
		writing.Go(func() {
			for i := range each {
				if err := d.Tx(ctx, func(q *db.Queries) error {
					if err := Tell(ctx, q, "hanako", todo, fmt.Sprintf("%d-%d", w, i)); err != nil {
						return err
					}
					pause(ctx, rand.N(20*time.Millisecond))
					return nil
				}); err != nil {
					t.Error(err)
				}
				_ = d.Tx(ctx, func(q *db.Queries) error {
					return errors.Join(Tell(ctx, q, "hanako", todo, "rolled back"), errors.New("no"))
				})
			}
		})
	}
	writing.Wait()
	listening.Wait()
	stop()
	running.Wait()
}
