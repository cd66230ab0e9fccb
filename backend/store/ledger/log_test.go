package ledger_test

import (
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io/fs"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"madoguchi/backend/store/db"
	"madoguchi/backend/store/db/dbtest"
	"madoguchi/backend/store/folder/foldertest"
	store "madoguchi/backend/store/ledger"
	"madoguchi/backend/store/seal/sealtest"
	portalv1 "madoguchi/proto/gen/portal/v1"
	"madoguchi/proto/ledger"
)

const origin = "portal.example.jp/log"

func signer(t testing.TB) *ledger.Signer {
	t.Helper()
	s, err := ledger.NewSigner(origin, bytes.Repeat([]byte{7}, 32))
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func inFolder(t testing.TB, path string) store.Place {
	t.Helper()
	place, err := store.NewFolder(path)
	if err != nil {
		t.Fatal(err)
	}
	return place
}

func open(t testing.TB, d *db.DB, place store.Place) *store.Log {
	t.Helper()
	l, err := store.Open(context.Background(), store.Config{DB: d, Place: place, Signer: signer(t), Now: time.Now})
	if err != nil {
		t.Fatal(err)
	}
	return l
}

// written has the log written until nothing waits.
func written(t testing.TB, w *store.Writer) {
	t.Helper()
	for busy := true; busy; {
		var err error
		if busy, err = w.Turn(context.Background()); err != nil {
			t.Fatal(err)
		}
	}
}

// checked is the state of the log as a page sees it, with the lines of a chain, after all that a page checks.
func checked(t testing.TB, l *store.Log, d *db.DB, folder string, seen ledger.Checkpoint) (
	[]ledger.Line, *portalv1.LedgerState, ledger.Checkpoint,
) {
	t.Helper()
	sent, state, err := l.Lines(context.Background(), d.Read(), folder, ledger.Exchanges, 1, 0, seen.Size)
	if err != nil {
		t.Fatal(err)
	}
	key, err := ledger.NewLog(state.GetLogKey())
	if err != nil {
		t.Fatal(err)
	}
	now, err := ledger.OpenCheckpoint(state.GetCheckpoint(), key, nil)
	if err != nil {
		t.Fatal(err)
	}
	grown, err := ledger.Hashes(state.GetConsistency())
	if err != nil {
		t.Fatal(err)
	}
	if err := ledger.CheckConsistency(seen, now, grown); err != nil {
		t.Errorf("from %d to %d: %v", seen.Size, now.Size, err)
	}
	var lines []ledger.Line
	for _, s := range sent {
		line := ledger.Line{
			Kind: ledger.Kind(s.GetKind()), Chain: ledger.Chain(s.GetChain()), Number: s.GetNumber(),
			Previous: ledger.Hash(s.GetPrevious()), Salt: [ledger.SaltSize]byte(s.GetSalt()),
			RecordedAt: s.GetRecordedAt(), Content: s.GetContent(),
		}
		if s.GetPending() {
			t.Errorf("the line %d is not in the log", s.GetNumber())
		}
		proof, err := ledger.Hashes(s.GetInclusion())
		if err != nil {
			t.Fatal(err)
		}
		if err := ledger.CheckInclusion(now, s.GetIndex(), line.Leaf(), proof); err != nil {
			t.Errorf("the line %d: %v", s.GetNumber(), err)
		}
		lines = append(lines, line)
	}
	head := ledger.Head{}
	for _, h := range state.GetHeads() {
		if h.GetChain() == uint32(ledger.Exchanges) {
			head = ledger.Head{Count: h.GetCount(), Last: ledger.Hash(h.GetLast())}
		}
	}
	if err := ledger.CheckChain(lines, head); err != nil {
		t.Error(err)
	}
	return lines, state, now
}

func TestWhatIsWrittenIsProven(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		foldertest.Open(t, d, "hanako", "taro")
		l := open(t, d, inFolder(t, t.TempDir()))
		w := store.NewWriter(l)
		seen := ledger.Checkpoint{}
		// 700 lines fill tiles of the lowest level and begin one above.
		for batch := range 7 {
			for range 10 {
				add(t, d, "hanako", ledger.Exchanges, "one", "two", "three")
				add(t, d, "taro", ledger.Exchanges, "a", "b", "c", "d", "e", "f")
				add(t, d, "hanako", ledger.Undisclosed, "hidden")
			}
			written(t, w)
			lines, state, now := checked(t, l, d, "hanako", seen)
			if len(lines) != 30*(batch+1) || now.Size != uint64(100*(batch+1)) || state.GetOldSize() != seen.Size {
				t.Fatal(len(lines), now.Size)
			}
			if len(state.GetHeads()) != 1 {
				t.Errorf("the undisclosed chain is shown: %v", state.GetHeads())
			}
			seen = now
		}
		_, _, err := l.Lines(t.Context(), d.Read(), "hanako", ledger.Undisclosed, 1, 0, 0)
		if !errors.Is(err, store.ErrHidden) {
			t.Error(err)
		}
	})
}

func TestWaitingGivesAProofThatStandsByItself(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		foldertest.Open(t, d, "hanako")
		l := open(t, d, inFolder(t, t.TempDir()))
		ctx, cancel := context.WithCancel(t.Context())
		var running sync.WaitGroup
		running.Go(func() { l.Run(ctx) })
		defer running.Wait()
		defer cancel()
		refs := add(t, d, "hanako", ledger.Exchanges, "one", "two")
		proofs, err := l.Wait(t.Context(), refs[0].ID, refs[1].ID)
		if err != nil {
			t.Fatal(err)
		}
		lines, _ := stored(t, d, "hanako", ledger.Exchanges)
		for i, proof := range proofs {
			c, err := ledger.OpenCheckpoint(proof.Line.Checkpoint, signer(t), nil)
			if err != nil {
				t.Fatal(err)
			}
			if err := ledger.CheckInclusion(c, proof.Line.Index, lines[i].Leaf(), proof.Line.Inclusion); err != nil {
				t.Error(err)
			}
		}
		gone, end := context.WithCancel(t.Context())
		end()
		if _, err := l.Wait(gone, "no such line"); err == nil {
			t.Error("a line that is not there is proven")
		}
	})
}

// A page that asks while lines are written is told of nothing that it cannot check.
func TestWhatIsReadMeanwhileIsWhole(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		foldertest.Open(t, d, "hanako")
		l := open(t, d, inFolder(t, t.TempDir()))
		ended := make(chan struct{})
		go func() {
			defer close(ended)
			for range 20 {
				add(t, d, "hanako", ledger.Exchanges, "one", "two")
			}
		}()
		for running := true; running; {
			select {
			case <-ended:
				running = false
			default:
			}
			sent, state, err := l.Lines(t.Context(), d.Read(), "hanako", ledger.Exchanges, 1, 0, 0)
			if err != nil {
				t.Fatal(err)
			}
			if count := uint64(len(sent)); count > 0 && count != state.GetHeads()[0].GetCount() {
				t.Fatalf("%d lines, and a head of %d", count, state.GetHeads()[0].GetCount())
			}
		}
	})
}

// steps are the moments after which a process may end.
var steps = []string{"numbered", "staged", "bound", "tiled", "published", "settled"}

// When the process is killed at any moment, the next goes on, and what anybody saw of the log still stands.
func TestKilledAtAnyMoment(t *testing.T) {
	if at := os.Getenv("LEDGER_DIES"); at != "" {
		dieAt(t, at)
		return
	}
	for _, step := range steps {
		t.Run(step, func(t *testing.T) {
			dir := t.TempDir()
			d := dbtest.Open(t, filepath.Join(dir, "portal.sqlite"))
			foldertest.Open(t, d, "hanako")
			l := open(t, d, inFolder(t, filepath.Join(dir, "log")))
			w := store.NewWriter(l)
			add(t, d, "hanako", ledger.Exchanges, "one", "two")
			written(t, w)
			_, _, seen := checked(t, l, d, "hanako", ledger.Checkpoint{})
			add(t, d, "hanako", ledger.Exchanges, "three", "four", "five")
			release(t, d)

			dies := exec.Command(os.Args[0], "-test.run", "^TestKilledAtAnyMoment$")
			dies.Env = append(os.Environ(), "LEDGER_DIES="+step, "LEDGER_DIR="+dir)
			out, err := dies.CombinedOutput()
			var exit *exec.ExitError
			if !errors.As(err, &exit) || exit.Sys().(syscall.WaitStatus).Signal() != syscall.SIGKILL {
				t.Fatalf("it was to be killed: %v\n%s", err, out)
			}
			release(t, d)
			next := open(t, d, inFolder(t, filepath.Join(dir, "log")))
			// What the one that died may have shown is gone on from, too.
			data, err := os.ReadFile(filepath.Join(dir, "log", "newest"))
			if err != nil {
				t.Fatal(err)
			}
			bound, err := ledger.OpenCheckpoint(string(data), signer(t), nil)
			if err != nil {
				t.Fatal(err)
			}
			w = store.NewWriter(next)
			add(t, d, "hanako", ledger.Exchanges, "six")
			written(t, w)
			lines, state, now := checked(t, next, d, "hanako", seen)
			if len(lines) != 6 || now.Size != 6 || len(state.GetLosses()) > 0 {
				t.Errorf("%d lines, %d leaves, losses %v", len(lines), now.Size, state.GetLosses())
			}
			checked(t, next, d, "hanako", bound)
		})
	}
}

func dieAt(t *testing.T, at string) {
	dir := os.Getenv("LEDGER_DIR")
	d := dbtest.Open(t, filepath.Join(dir, "portal.sqlite"))
	l := open(t, d, inFolder(t, filepath.Join(dir, "log")))
	l.StopAt(func(step string) {
		if step == at {
			_ = syscall.Kill(os.Getpid(), syscall.SIGKILL)
			select {}
		}
	})
	written(t, store.NewWriter(l))
}

// release takes the lease from whoever has it, as time does.
func release(t testing.TB, d *db.DB) {
	t.Helper()
	err := d.Tx(t.Context(), func(q *db.Queries) error {
		state, err := q.LedgerSequencer(t.Context(), origin)
		if err != nil {
			return err
		}
		return q.LedgerRelease(t.Context(), db.LedgerReleaseParams{Name: origin, Holder: state.Holder})
	})
	if err != nil {
		t.Fatal(err)
	}
}

// places are both kinds of them.
func places(t *testing.T, test func(t *testing.T, place store.Place)) {
	t.Run("folder", func(t *testing.T) { test(t, inFolder(t, t.TempDir())) })
	t.Run("bucket", func(t *testing.T) {
		server := httptest.NewServer(&objects{})
		t.Cleanup(server.Close)
		test(t, store.NewBucket(server.URL, "let me in"))
	})
}

// objects is a store of objects as several portals share one.
type objects struct {
	lock sync.Mutex
	held map[string][]byte
}

func etag(data []byte) string { return fmt.Sprintf("\"%x\"", sha256.Sum256(data)) }

func (o *objects) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if r.Header.Get("Authorization") != "Bearer let me in" {
		w.WriteHeader(http.StatusUnauthorized)
		return
	}
	o.lock.Lock()
	defer o.lock.Unlock()
	data, there := o.held[r.URL.Path]
	tag := etag(data)
	switch r.Method {
	case http.MethodGet:
		if !there {
			http.NotFound(w, r)
			return
		}
		w.Header().Set("ETag", tag)
		_, _ = w.Write(data)
	case http.MethodPut:
		match, none := r.Header.Get("If-Match"), r.Header.Get("If-None-Match")
		if match != "" && (!there || match != tag) || none == "*" && there {
			w.WriteHeader(http.StatusPreconditionFailed)
			return
		}
		var body bytes.Buffer
		_, _ = body.ReadFrom(r.Body)
		if o.held == nil {
			o.held = map[string][]byte{}
		}
		o.held[r.URL.Path] = body.Bytes()
		data = body.Bytes()
		w.Header().Set("ETag", etag(data))
		w.WriteHeader(http.StatusCreated)
	case http.MethodDelete:
		for name := range o.held {
			if name == r.URL.Path || strings.HasPrefix(name, r.URL.Path+"/") {
				delete(o.held, name)
			}
		}
	}
}

// A portal that slept through its lease, between staging and signing or before it has shown what it signed, makes no
// second log.
func TestAPortalThatSleptMakesNoSecondLog(t *testing.T) {
	for _, step := range []string{"numbered", "staged", "bound", "tiled", "published"} {
		t.Run(step, func(t *testing.T) {
			places(t, func(t *testing.T, place store.Place) {
				d := dbtest.SQLite(t)
				foldertest.Open(t, d, "hanako")
				slept, other := open(t, d, place), open(t, d, place)
				asleep, woken := make(chan struct{}), make(chan struct{})
				var once sync.Once
				slept.StopAt(func(at string) {
					if at == step {
						once.Do(func() { close(asleep); <-woken })
					}
				})
				add(t, d, "hanako", ledger.Exchanges, "one", "two")
				sleeper := store.NewWriter(slept)
				ended := make(chan error, 1)
				go func() { _, err := sleeper.Turn(t.Context()); ended <- err }()
				<-asleep
				release(t, d)
				add(t, d, "hanako", ledger.Exchanges, "three")
				w := store.NewWriter(other)
				written(t, w)
				_, _, seen := checked(t, other, d, "hanako", ledger.Checkpoint{})
				close(woken)
				<-ended
				// It finds out; and when it has the lease again it goes on from there.
				add(t, d, "hanako", ledger.Exchanges, "four")
				release(t, d)
				for lines := 0; lines < 4; {
					if _, err := sleeper.Turn(t.Context()); err != nil {
						t.Log(err)
					}
					sent, _, err := slept.Lines(t.Context(), d.Read(), "hanako", ledger.Exchanges, 1, 0, 0)
					if err != nil {
						t.Fatal(err)
					}
					lines = 0
					for _, s := range sent {
						if !s.GetPending() {
							lines++
						}
					}
				}
				_, state, now := checked(t, slept, d, "hanako", seen)
				if now.Size != 4 || len(state.GetLosses()) > 0 {
					t.Error(now.Size, state.GetLosses())
				}
			})
		})
	}
}

// Of two portals one writes; when it goes, the other does.
func TestOneWritesAndTheOtherTakesOver(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		foldertest.Open(t, d, "hanako")
		place := inFolder(t, t.TempDir())
		first, second := open(t, d, place), open(t, d, place)
		a, b := store.NewWriter(first), store.NewWriter(second)
		add(t, d, "hanako", ledger.Exchanges, "one")
		written(t, a)
		add(t, d, "hanako", ledger.Exchanges, "two")
		if busy, err := b.Turn(t.Context()); busy || err != nil {
			t.Fatal("both write", err)
		}
		second.LeaseFor(time.Hour)
		release(t, d)
		written(t, b)
		if busy, err := a.Turn(t.Context()); err != nil && !busy {
			t.Fatal(err)
		}
		// The first is told by the second what stands.
		for size := uint64(0); size < 2; {
			state, err := first.State(t.Context(), d.Read(), "hanako", 0)
			if err != nil {
				t.Fatal(err)
			}
			c, err := ledger.OpenCheckpoint(state.GetCheckpoint(), signer(t), nil)
			if err != nil {
				t.Fatal(err)
			}
			size = c.Size
		}
		checked(t, first, d, "hanako", ledger.Checkpoint{})
	})
}

// An older copy of the database is put in place: the log goes on, and says what it lost. So it does when that is done
// once more, and the database has forgotten the first loss, too.
func TestAnOlderDatabaseForksNothing(t *testing.T) {
	dir := t.TempDir()
	path := func(name string) string { return filepath.Join(dir, name) }
	folders := sealtest.Folders()
	openDB := func(path string) *db.DB {
		d := dbtest.Open(t, path)
		if err := d.SealWith(t.Context(), folders); err != nil {
			t.Fatal(err)
		}
		return d
	}
	d := openDB(path("portal.sqlite"))
	foldertest.Open(t, d, "hanako")
	place := inFolder(t, path("log"))
	l := open(t, d, place)
	w := store.NewWriter(l)
	add(t, d, "hanako", ledger.Exchanges, "one", "two")
	written(t, w)
	add(t, d, "hanako", ledger.Exchanges, "waits in the copy")
	for _, copied := range []string{"first.sqlite", "second.sqlite"} {
		if err := db.Backup(t.Context(), path("portal.sqlite"), path(copied), func(int64, int64) {}); err != nil {
			t.Fatal(err)
		}
	}
	add(t, d, "hanako", ledger.Exchanges, "four", "five")
	written(t, w)
	_, _, seen := checked(t, l, d, "hanako", ledger.Checkpoint{})

	restored := func(copied string, wanted ...ledger.Loss) {
		d := openDB(path(copied))
		release(t, d)
		l := open(t, d, place)
		w := store.NewWriter(l)
		written(t, w) // the loss first
		add(t, d, "hanako", ledger.Exchanges, "six")
		written(t, w)
		lines, state, now := checked(t, l, d, "hanako", seen)
		if len(lines) != 4 {
			t.Errorf("%d lines", len(lines))
		}
		var losses []ledger.Loss
		for _, lost := range state.GetLosses() {
			is := ledger.Loss{From: lost.GetFrom(), To: lost.GetTo()}
			losses = append(losses, is)
			proof, err := ledger.Hashes(lost.GetInclusion())
			if err != nil {
				t.Fatal(err)
			}
			leaf := ledger.Leaf{At: lost.GetRecordedAt(), Lost: &is}
			if err := ledger.CheckInclusion(now, lost.GetIndex(), leaf.Bytes(), proof); err != nil {
				t.Error(err)
			}
		}
		if !slices.Equal(losses, wanted) {
			t.Errorf("lost: %v, wanted %v", losses, wanted)
		}
		seen = now
	}
	// Of the three leaves since, that of the line that waits in the copy has its line.
	restored("first.sqlite", ledger.Loss{From: 3, To: 5})
	// Now "six" of then is lost, too; the leaf between is that of the first loss.
	restored("second.sqlite", ledger.Loss{From: 3, To: 7}, ledger.Loss{From: 3, To: 5})
}

// What lies outside is an older copy: nothing is signed, and it is said.
func TestAnOlderFolderIsRefused(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		foldertest.Open(t, d, "hanako")
		dir := t.TempDir()
		l := open(t, d, inFolder(t, filepath.Join(dir, "log")))
		w := store.NewWriter(l)
		add(t, d, "hanako", ledger.Exchanges, "one")
		written(t, w)
		if err := os.CopyFS(filepath.Join(dir, "old"), os.DirFS(filepath.Join(dir, "log"))); err != nil {
			t.Fatal(err)
		}
		add(t, d, "hanako", ledger.Exchanges, "two")
		written(t, w)
		config := store.Config{
			DB: d, Place: inFolder(t, filepath.Join(dir, "old")), Signer: signer(t), Now: time.Now,
		}
		if _, err := store.Open(t.Context(), config); !errors.Is(err, store.ErrBehind) {
			t.Error(err)
		}
		config.Place = inFolder(t, filepath.Join(dir, "none"))
		if _, err := store.Open(t.Context(), config); !errors.Is(err, store.ErrBehind) {
			t.Error(err)
		}
	})
}

func TestPlaces(t *testing.T) {
	places(t, func(t *testing.T, place store.Place) {
		ctx := t.Context()
		if _, _, err := place.Read(ctx, "a/b"); !errors.Is(err, fs.ErrNotExist) {
			t.Error(err)
		}
		first, err := place.Swap(ctx, "a/b", []byte("1"), "")
		if err != nil {
			t.Fatal(err)
		}
		if _, err := place.Swap(ctx, "a/b", []byte("2"), ""); !errors.Is(err, store.ErrSwapped) {
			t.Error(err)
		}
		if _, err := place.Swap(ctx, "a/b", []byte("2"), first); err != nil {
			t.Error(err)
		}
		if _, err := place.Swap(ctx, "a/b", []byte("3"), first); !errors.Is(err, store.ErrSwapped) {
			t.Error(err)
		}
		// Of many who try at once, one.
		_, version, err := place.Read(ctx, "a/b")
		if err != nil {
			t.Fatal(err)
		}
		won := make(chan error)
		for i := range 8 {
			go func() {
				_, err := place.Swap(ctx, "a/b", fmt.Append(nil, "by ", i), version)
				won <- err
			}()
		}
		winners := 0
		for range 8 {
			if err := <-won; err == nil {
				winners++
			} else if !errors.Is(err, store.ErrSwapped) {
				t.Error(err)
			}
		}
		if winners != 1 {
			t.Errorf("%d have won", winners)
		}
		if err := place.Remove(ctx, "a"); err != nil {
			t.Error(err)
		}
		if _, _, err := place.Read(ctx, "a/b"); !errors.Is(err, fs.ErrNotExist) {
			t.Error(err)
		}
	})
}
