package ledger_test

import (
	"bytes"
	"context"
	"errors"
	"testing"
	"time"

	"madoguchi/backend/store/db"
	"madoguchi/backend/store/db/dbtest"
	"madoguchi/backend/store/folder/foldertest"
	store "madoguchi/backend/store/ledger"
	"madoguchi/proto/ledger"
)

func signerOf(t testing.TB, name string, seed byte) *ledger.Signer {
	t.Helper()
	s, err := ledger.NewSigner(name, bytes.Repeat([]byte{seed}, 32))
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// stops has a place fail at its n-th writing, as a process that ends there.
type stops struct {
	store.Place
	left int
}

var errStopped = errors.New("the process ended")

func (s *stops) Swap(ctx context.Context, name string, data []byte, version string) (string, error) {
	if s.left--; s.left < 0 {
		return "", errStopped
	}
	return s.Place.Swap(ctx, name, data, version)
}

func (s *stops) Remove(ctx context.Context, name string) error {
	if s.left--; s.left < 0 {
		return errStopped
	}
	return s.Place.Remove(ctx, name)
}

// untilDone has something be done by a process that ends at its first step, then at its second, and so on, until it
// comes to its end.
func untilDone(t *testing.T, atLeast int, do func(left int) error) {
	t.Helper()
	for left := 0; ; left++ {
		err := do(left)
		if err == nil && left < atLeast {
			t.Errorf("it had %d steps", left)
		}
		if err == nil {
			return
		}
		if !errors.Is(err, errStopped) {
			t.Fatal(left, err)
		}
	}
}

func renewal(d *db.DB, place store.Place, before, now *ledger.Signer) store.Renewal {
	return store.Renewal{
		DB: d, Place: place, Before: before, Key: before.Key(), By: before, Now: now, At: time.Now(),
	}
}

// The key is known to somebody: the tree goes on under another one, wherever that breaks off, and says so; the portal
// with the key before writes no more.
func TestATreeGoesOnUnderAnotherKey(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		foldertest.Open(t, d, "hanako")
		place := inFolder(t, t.TempDir())
		l := open(t, d, place)
		w := store.NewWriter(l)
		add(t, d, "hanako", ledger.Exchanges, "one", "two")
		written(t, w)
		_, _, seen := checked(t, l, d, "hanako", ledger.Checkpoint{})
		r := renewal(d, place, signer(t), signerOf(t, origin, 8))
		if err := r.GoOn(t.Context()); !errors.Is(err, store.ErrRuns) {
			t.Fatal("while a portal writes:", err)
		}
		release(t, d)
		untilDone(t, 3, func(left int) error {
			r.Place = &stops{place, left}
			defer release(t, d)
			return r.GoOn(t.Context())
		})
		add(t, d, "hanako", ledger.Exchanges, "three")
		_, _ = w.Turn(t.Context()) // it finds that another was quicker
		if _, err := w.Turn(t.Context()); err == nil {
			t.Error("the portal with the key before goes on writing")
		}
		now, err := store.Open(t.Context(), store.Config{DB: d, Place: place, Signer: r.Now, Now: time.Now})
		if err != nil {
			t.Fatal(err)
		}
		release(t, d)
		written(t, store.NewWriter(now))
		lines, state, _ := checked(t, now, d, "hanako", seen)
		way, both := ledger.Handed(state.GetHandovers(), signer(t).Key(), state.GetLogKey())
		if len(lines) != 3 || len(way) != 1 || !both || way[0].Why != ledger.Stolen || way[0].Last.Size != 2 ||
			way[0].Last.Root != seen.Root {
			t.Error(len(lines), way, both)
		}
	})
}

// The tree is gone: a log of another name begins with the lines that are there, each proven, and counts nothing twice.
func TestALostTreeIsFollowedByAnother(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		foldertest.Open(t, d, "hanako", "taro")
		l := open(t, d, inFolder(t, t.TempDir()))
		w := store.NewWriter(l)
		add(t, d, "hanako", ledger.Exchanges, "one", "two")
		add(t, d, "taro", ledger.Exchanges, "his")
		add(t, d, "hanako", ledger.Undisclosed, "hidden")
		add(t, d, "hanako", ledger.Usages, "used")
		written(t, w)
		_, _, last := checked(t, l, d, "hanako", ledger.Checkpoint{})
		add(t, d, "taro", ledger.Exchanges, "on its way")
		release(t, d)
		place := inFolder(t, t.TempDir())
		r := renewal(d, nil, signer(t), signerOf(t, "portal.example.jp/log2", 7))
		untilDone(t, 2, func(left int) error {
			r.Place = &stops{place, left}
			return r.BeginAnew(t.Context())
		})
		now, err := store.Open(t.Context(), store.Config{DB: d, Place: place, Signer: r.Now, Now: time.Now})
		if err != nil {
			t.Fatal(err)
		}
		if err := r.BeginAnew(t.Context()); err == nil {
			t.Error("where there is a log another begins")
		}
		written(t, store.NewWriter(now))
		lines, state, c := checked(t, now, d, "hanako", ledger.Checkpoint{})
		way, both := ledger.Handed(state.GetHandovers(), signer(t).Key(), state.GetLogKey())
		if len(lines) != 2 || c.Size != 6 || len(way) != 1 || !both || way[0].Why != ledger.Lost ||
			way[0].Last.Root != last.Root || way[0].Last.Size != 5 {
			t.Error(len(lines), c.Size, way, both)
		}
		if lines, _, _ := checked(t, now, d, "taro", ledger.Checkpoint{}); len(lines) != 2 {
			t.Error(lines)
		}
		v, err := store.Verify(t.Context(), place, r.Now, false)
		if err != nil || v.Lines != 6 {
			t.Error(v, err)
		}
		months, err := d.Read().LedgerMonths(t.Context(), "9999")
		if err != nil || len(months) != 1 || months[0].Lines != 1 {
			t.Error("undisclosed lines:", months, err)
		}
	})
}
