package ledger_test

import (
	"bytes"
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"connectrpc.com/connect"

	"madoguchi/backend/door/access/accesstest"
	"madoguchi/backend/door/mount"
	feature "madoguchi/backend/feature/ledger"
	"madoguchi/backend/store/db"
	"madoguchi/backend/store/db/dbtest"
	"madoguchi/backend/store/folder/foldertest"
	store "madoguchi/backend/store/ledger"
	portalv1 "madoguchi/proto/gen/portal/v1"
	"madoguchi/proto/ledger"
)

// world is a log with who reads it.
type world struct {
	*testing.T
	db    *db.DB
	dir   string
	log   *store.Log
	front string
	shown atomic.Pointer[http.Handler]
	stop  func() // the log is written no more
}

func newWorld(t *testing.T) *world { return worldOn(t, dbtest.SQLite(t)) }

func worldOn(t *testing.T, d *db.DB) *world {
	t.Helper()
	w := &world{T: t, db: d, dir: t.TempDir()}
	foldertest.Open(t, d, "hanako", "taro")
	server := httptest.NewServer(http.HandlerFunc(func(out http.ResponseWriter, r *http.Request) {
		(*w.shown.Load()).ServeHTTP(out, r)
	}))
	t.Cleanup(server.Close)
	w.front = server.URL
	w.log = w.open(nil)
	w.show(w.log)
	w.stop = w.run(w.log.Run)
	return w
}

func (w *world) open(witnesses []store.Asked) *store.Log {
	w.Helper()
	place, err := store.NewFolder(w.dir)
	if err != nil {
		w.Fatal(err)
	}
	signer, err := ledger.NewSigner("portal.example.jp/log", bytes.Repeat([]byte{7}, 32))
	if err != nil {
		w.Fatal(err)
	}
	log, err := store.Open(context.Background(), store.Config{
		DB: w.db, Place: place, Signer: signer, Witnesses: witnesses, Client: http.DefaultClient, Now: time.Now,
	})
	if err != nil {
		w.Fatal(err)
	}
	return log
}

// show has a log shown at the address.
func (w *world) show(log *store.Log) {
	handler := feature.Feature(&mount.House{DB: w.db, Now: time.Now}, log).Public["/log/"]
	w.shown.Store(&handler)
}

func (w *world) serveAnew() { w.show(w.open(nil)) }

// run has a loop run until the test ends.
func (w *world) run(loop func(context.Context)) (stop func()) {
	ctx, cancel := context.WithCancel(context.Background())
	var running sync.WaitGroup
	running.Go(func() { loop(ctx) })
	stop = sync.OnceFunc(func() { cancel(); running.Wait() })
	w.Cleanup(stop)
	return stop
}

// ask has a log with witnesses in place of the one before.
func (w *world) ask(witnesses []store.Asked) {
	w.stop()
	w.log = w.open(witnesses)
	w.show(w.log)
	w.stop = w.run(w.log.Run)
	w.run(w.log.RunWitnesses)
}

func (w *world) add(folder string, contents ...string) (ids []string) {
	w.Helper()
	err := w.db.Tx(context.Background(), func(q *db.Queries) error {
		ids = nil
		for _, content := range contents {
			ref, err := store.Append(context.Background(), q, folder, ledger.Exchanges, ledger.Exchange, time.Now(),
				[]byte(content))
			if err != nil {
				return err
			}
			ids = append(ids, ref.ID)
		}
		return nil
	})
	if err != nil {
		w.Fatal(err)
	}
	return ids
}

func (w *world) proofs(ids []string) []store.Proof {
	w.Helper()
	proofs, err := w.log.Wait(context.Background(), ids...)
	if err != nil {
		w.Fatal(err)
	}
	return proofs
}

func (w *world) line(folder string, number uint64) ledger.Line {
	w.Helper()
	lines, err := store.Read(context.Background(), w.db.Read(), folder, ledger.Exchanges, number)
	if err != nil || len(lines) != 1 {
		w.Fatal(lines, err)
	}
	return lines[0]
}

// untilConfirmed waits until a witness has cosigned the log of a size.
func (w *world) untilConfirmed(size uint64, by *ledger.Witness) {
	w.Helper()
	for {
		signed, err := w.log.Checkpoint(context.Background())
		if err != nil {
			w.Fatal(err)
		}
		c, err := ledger.OpenCheckpoint(signed, w.log.Signer, []*ledger.Witness{by})
		if err != nil {
			w.Fatal(err)
		}
		if c.Size >= size && len(c.Confirmed(time.Now(), time.Hour)) == 1 {
			return
		}
		time.Sleep(20 * time.Millisecond)
	}
}

func (w *world) get(path string) (status int, header http.Header, body string) {
	w.Helper()
	answer, err := http.Get(w.front + path)
	if err != nil {
		w.Fatal(err)
	}
	defer answer.Body.Close()
	data, err := io.ReadAll(answer.Body)
	if err != nil {
		w.Fatal(err)
	}
	return answer.StatusCode, answer.Header, string(data)
}

func TestTheLogIsShownToEverybody(t *testing.T) {
	w := newWorld(t)
	for range 26 {
		w.add("hanako", "a", "b", "c", "d", "e", "f", "g", "h", "i", "j")
	}
	w.proofs(w.add("hanako", "last"))
	status, header, body := w.get("/log/checkpoint")
	c, err := ledger.OpenCheckpoint(body, w.log.Signer, nil)
	if status != 200 || err != nil || c.Size != 261 || header.Get("Cache-Control") != "public, max-age=1" {
		t.Error(status, header, body, err)
	}
	if status, _, body := w.get("/log/vkey"); status != 200 || body != w.log.Signer.Key()+"\n" {
		t.Error(status, body)
	}
	for path, size := range map[string]int{
		"/log/tile/0/000": 256 * 32, "/log/tile/0/001.p/5": 5 * 32, "/log/tile/1/000.p/1": 32,
		"/log/tile/entries/000": 256 * 43, "/log/tile/entries/001.p/5": 5 * 43,
		// As the log was: the tile that is full now was not.
		"/log/tile/0/000.p/17": 17 * 32, "/log/tile/entries/000.p/17": 17 * 43,
	} {
		status, header, body := w.get(path)
		if status != 200 || len(body) != size || !strings.Contains(header.Get("Cache-Control"), "immutable") {
			t.Errorf("%s: %d, %d bytes, %v", path, status, len(body), header)
		}
	}
	for _, path := range []string{
		"/log/", "/log/newest", "/log/lock", "/log/pending/", "/log/witnessed", "/log/tile/0/001",
		"/log/tile/0/001.p/6",
		"/log/tile/0/0", "/log/tile/0/000.p/0", "/log/tile/0/000.p/256", "/log/tile/0/x000/000", "/log/tile/00/000",
		"/log/tile/7/000", "/log/tile/-1/000", "/log/tile/entries/999999999999999999999",
		"/log/tile/0/..%2f..%2fnewest",
		"/log/tile/5/x999/x999/x999/999",
	} {
		if status, _, _ := w.get(path); status != http.StatusNotFound {
			t.Errorf("%s: %d", path, status)
		}
	}
	answer, err := http.Post(w.front+"/log/checkpoint", "text/plain", strings.NewReader("x"))
	if err != nil || answer.StatusCode != http.StatusMethodNotAllowed {
		t.Error(answer.StatusCode, err)
	}
}

// counted is a place that counts what is read of it.
type counted struct {
	store.Place
	read, got atomic.Int32
}

func (c *counted) Read(ctx context.Context, name string) ([]byte, string, error) {
	c.read.Add(1)
	return c.Place.Read(ctx, name)
}

func (c *counted) Get(ctx context.Context, name string) ([]byte, error) {
	c.got.Add(1)
	return c.Place.Get(ctx, name)
}

// Whoever asks for the same again and again, or for what is not there, costs no reading of what the log is made of.
func TestAFloodOfTheLogReadsItNotAnew(t *testing.T) {
	w := newWorld(t)
	w.proofs(w.add("hanako", "a", "b", "c"))
	w.stop()
	folder, err := store.NewFolder(w.dir)
	if err != nil {
		t.Fatal(err)
	}
	place, now := &counted{Place: folder}, time.Now()
	log, err := store.Open(t.Context(), store.Config{
		DB: w.db, Place: place, Signer: w.log.Signer, Client: http.DefaultClient, Now: func() time.Time { return now },
	})
	if err != nil {
		t.Fatal(err)
	}
	w.show(log)
	for path, status := range map[string]int{
		"/log/checkpoint": 200, "/log/tile/0/000.p/3": 200, "/log/tile/entries/000.p/3": 200,
		"/log/tile/0/000": 404, "/log/tile/entries/x001/000": 404, "/log/tile/0/000.p/4": 404, "/log/none": 404,
		"/log/tile/6/x999/x999/000": 404, "/log/" + strings.Repeat("x", 4000): 404,
	} {
		if got, _, _ := w.get(path); got != status {
			t.Errorf("%.40s: %d", path, got)
		}
		read, got := place.read.Load(), place.got.Load()
		for range 100 {
			w.get(path)
		}
		if n, m := place.read.Load()-read, place.got.Load()-got; n+m != 0 {
			t.Errorf("%.40s: a hundred more read %d and %d times", path, n, m)
		}
	}
}

// Somebody who reads all of the log twice over, and a thousand files more, is answered; who goes on is told when to
// come back, and is answered then. Nobody at another address pays for it.
func TestAFloodOfTheLogIsTurnedAway(t *testing.T) {
	w := newWorld(t)
	for range 26 {
		w.add("hanako", "a", "b", "c", "d", "e", "f", "g", "h", "i", "j")
	}
	w.proofs(w.add("hanako", "last"))
	const files = 2 + 2 + 1 // entries, and two levels of tiles
	now := time.Now()       // no time passes but what the test gives
	house := &mount.House{DB: w.db, Now: func() time.Time { return now }}
	shown := feature.Feature(house, w.log).Public["/log/"]
	ask := func(from, path string) (int, string) {
		t.Helper()
		asked := httptest.NewRequest(http.MethodGet, path, nil)
		asked.RemoteAddr = from
		answer := httptest.NewRecorder()
		shown.ServeHTTP(answer, asked)
		return answer.Code, answer.Header().Get("Retry-After")
	}
	read := func(from string) {
		t.Helper()
		for _, path := range []string{
			"tile/0/000", "tile/0/001.p/5", "tile/1/000.p/1", "tile/entries/000", "tile/entries/001.p/5",
		} {
			if status, _ := ask(from, "/log/"+path); status != http.StatusOK {
				t.Fatalf("%s: %d", path, status)
			}
		}
	}
	const auditor, stranger = "203.0.113.9:4711", "[2001:db8:1:2::3]:443"
	for range 2 {
		read(auditor)
	}
	asked := 2 * files
	for ; asked < 10_000; asked++ {
		status, after := ask(auditor, "/log/checkpoint")
		if status == http.StatusTooManyRequests {
			if after != "1" {
				t.Errorf("Retry-After: %q", after)
			}
			break
		}
		if status != http.StatusOK {
			t.Fatal(status)
		}
	}
	if asked < 1000+2*files || asked > 1000+4*files {
		t.Errorf("refused after %d", asked)
	}
	for _, path := range []string{"/log/vkey", "/log/handovers", "/log/tile/0/000", "/log/none"} {
		if status, _ := ask(auditor, path); status != http.StatusTooManyRequests {
			t.Errorf("%s: %d", path, status)
		}
	}
	read(stranger)
	now = now.Add(time.Second)
	for range 100 / files {
		read(auditor)
	}
	if status, _ := ask(auditor, "/log/checkpoint"); status != http.StatusTooManyRequests {
		t.Errorf("a second brings more than it should: %d", status)
	}
	now = now.Add(time.Minute)
	for range 1000 / files {
		read(auditor)
	}
}

// Each sees the ends of their own chains, and no line of another's, nor of one that is not disclosed.
func TestOnesOwnFolderAndNoOther(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := worldOn(t, d)
		s := feature.New(d, w.log, time.Now)
		w.proofs(w.add("hanako", "hers"))
		w.proofs(w.add("taro", "his", "his second"))
		err := d.Tx(t.Context(), func(q *db.Queries) error {
			_, err := store.Append(t.Context(), q, "hanako", ledger.Undisclosed, ledger.Exchange, time.Now(),
				[]byte("hidden"))
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		hers, his := accesstest.AsCitizen(t.Context(), "hanako"), accesstest.AsCitizen(t.Context(), "taro")
		state, err := s.GetLedgerState(hers, &portalv1.GetLedgerStateRequest{})
		if err != nil || len(state.GetState().GetHeads()) != 1 || state.GetState().GetHeads()[0].GetCount() != 1 {
			t.Error(state, err)
		}
		line, err := s.GetLedgerLine(hers, &portalv1.GetLedgerLineRequest{Chain: 1, Number: 1})
		if err != nil || string(line.GetLine().GetContent()) != "hers" {
			t.Error(line, err)
		}
		listed, err := s.ListLedgerLines(his, &portalv1.ListLedgerLinesRequest{Chain: 1, From: 1, To: 1 << 40})
		if err != nil || len(listed.GetLines()) != 2 || string(listed.GetLines()[0].GetContent()) != "his" {
			t.Error(listed, err)
		}
		for name, test := range map[string]struct {
			chain  uint32
			number uint64
			want   connect.Code
		}{
			"the second is his alone": {1, 2, connect.CodeNotFound},
			"not disclosed":           {2, 1, connect.CodeInvalidArgument},
			"no such chain":           {258, 1, connect.CodeInvalidArgument},
			"none":                    {0, 1, connect.CodeInvalidArgument},
			"no number":               {1, 0, connect.CodeInvalidArgument},
			"of the other kind":       {3, 1, connect.CodeNotFound},
			"endless":                 {1, 1 << 63, connect.CodeInvalidArgument},
		} {
			_, err := s.GetLedgerLine(hers, &portalv1.GetLedgerLineRequest{Chain: test.chain, Number: test.number})
			if connect.CodeOf(err) != test.want {
				t.Errorf("%s: %v", name, err)
			}
			_, err = s.ListLedgerLines(hers, &portalv1.ListLedgerLinesRequest{
				Chain: test.chain, From: test.number, To: test.number,
			})
			if test.want == connect.CodeInvalidArgument && connect.CodeOf(err) != test.want {
				t.Errorf("listed, %s: %v", name, err)
			}
		}
		grown, err := s.GetLedgerState(hers, &portalv1.GetLedgerStateRequest{OldSize: 1, Size: 2})
		if err != nil || grown.GetState().GetOldSize() != 1 || len(grown.GetState().GetConsistency()) == 0 {
			t.Error(grown, err)
		}
		_, err = s.GetLedgerState(hers, &portalv1.GetLedgerStateRequest{OldSize: 1, Size: 1 << 60})
		if connect.CodeOf(err) != connect.CodeInvalidArgument {
			t.Error(err)
		}
	})
}

func TestWhatDevicesSawIsKeptForEachPersonAlone(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		now := time.Unix(1_790_000_000, 0)
		w := worldOn(t, d)
		s := feature.New(d, w.log, func() time.Time { now = now.Add(time.Second); return now })
		hers, his := accesstest.AsCitizen(t.Context(), "hanako"), accesstest.AsCitizen(t.Context(), "taro")
		for i := range 25 {
			_, err := s.KeepLedgerHeads(hers, &portalv1.KeepLedgerHeadsRequest{
				Device: strings.Repeat(string(rune('a'+i)), 8), Heads: []byte{byte(i)},
			})
			if err != nil {
				t.Fatal(err)
			}
		}
		kept, err := s.GetLedgerHeads(hers, &portalv1.GetLedgerHeadsRequest{})
		if err != nil || len(kept.GetKept()) != 20 || kept.GetKept()[0].GetHeads()[0] != 24 {
			t.Error(kept, err)
		}
		kept, err = s.GetLedgerHeads(his, &portalv1.GetLedgerHeadsRequest{})
		if err != nil || len(kept.GetKept()) != 0 {
			t.Error(kept, err)
		}
		for _, bad := range []*portalv1.KeepLedgerHeadsRequest{
			{Heads: []byte{1}}, {Device: "aaaaaaaa"}, {Device: "aaaaaaaa", Heads: make([]byte, 4097)},
		} {
			if _, err := s.KeepLedgerHeads(hers, bad); connect.CodeOf(err) != connect.CodeInvalidArgument {
				t.Error(err)
			}
		}
	})
}
