package db

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"sync"
	"testing"
	"time"
)

func openFile(t *testing.T) *DB {
	t.Helper()
	d, err := Own(t.Context(), filepath.Join(t.TempDir(), "portal.sqlite"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := d.Close(); err != nil {
			t.Error(err)
		}
	})
	return d
}

// full lets the file grow no more, as a full disk would; false gives room again.
func full(t *testing.T, d *DB, yes bool) {
	t.Helper()
	pages := "1" // SQLite takes the size that the file has
	if !yes {
		pages = "1000000000"
	}
	if err := d.exec(t.Context(), "PRAGMA max_page_count = "+pages); err != nil {
		t.Fatal(err)
	}
}

func large(ctx context.Context, q *Queries, name string) error {
	return q.KeyPut(ctx, KeyPutParams{ID: name, Fingerprint: fmt.Sprintf("%100000d", 1)})
}

func there(t *testing.T, d *DB, name string) bool {
	t.Helper()
	_, err := d.Read().KeyFingerprint(t.Context(), name)
	if err != nil && !errors.Is(err, ErrNotFound) {
		t.Fatal(err)
	}
	return err == nil
}

// What does not fit on the disk is refused with a fault that says so; what shares a commit with it and fits is done.
// With room again all goes on without a restart.
func TestAFullDisk(t *testing.T) {
	d := openFile(t)
	full(t, d, true)
	const n = 60
	started, release := make(chan struct{}), make(chan struct{})
	go d.Tx(context.Background(), func(*Queries) error { close(started); <-release; return nil })
	<-started
	results := make([]error, n)
	var group sync.WaitGroup
	for i := range n {
		group.Go(func() {
			results[i] = d.Tx(context.Background(), func(q *Queries) error {
				if i%3 == 0 {
					return large(context.Background(), q, strconv.Itoa(i))
				}
				return q.StoreCount(context.Background(), noteProbe)
			})
		})
	}
	close(release)
	group.Wait()
	done := 0
	for i, err := range results {
		switch {
		case i%3 == 0 && (!Unavailable(err) || there(t, d, strconv.Itoa(i))):
			t.Errorf("%d: %v", i, err)
		case i%3 != 0 && err != nil:
			t.Errorf("%d fits and was not done: %v", i, err)
		case err == nil:
			done++
		}
	}
	if counted, err := d.Read().StoreNote(t.Context(), noteProbe); err != nil || int(counted) != done {
		t.Errorf("%d were said to be done, %d are: %v", done, counted, err)
	}
	full(t, d, false)
	err := d.Tx(t.Context(), func(q *Queries) error { return large(t.Context(), q, "0") })
	if err != nil || !there(t, d, "0") {
		t.Errorf("with room again: %v", err)
	}
}

// SQLite ends the whole transaction by itself when the disk is full. One that goes on all the same must not write half
// of what it meant.
func TestGoingOnAfterAFullDiskWritesNothing(t *testing.T) {
	d := openFile(t)
	full(t, d, true)
	err := d.Tx(t.Context(), func(q *Queries) error {
		_ = large(t.Context(), q, "first")
		if err := q.StoreCount(t.Context(), noteProbe); err == nil {
			t.Error("it goes on in a transaction that is none any more")
		}
		if _, err := q.StoreNote(t.Context(), noteProbe); err == nil {
			t.Error("it reads on in a transaction that is none any more")
		}
		return nil
	})
	if !Unavailable(err) {
		t.Errorf("got %v", err)
	}
	if counted, err := d.Read().StoreNote(t.Context(), noteProbe); err != nil || counted != 0 {
		t.Errorf("half was written: %d, %v", counted, err)
	}
}

// When a transaction cannot even begin, or commit, nobody is told that it was done.
func TestAWriterThatMayNotWrite(t *testing.T) {
	d := openFile(t)
	for _, c := range []struct{ break_, mend string }{
		{"PRAGMA query_only = 1", "PRAGMA query_only = 0"},
		{"PRAGMA max_page_count = 1", "PRAGMA max_page_count = 1000000000"},
	} {
		if err := d.exec(t.Context(), c.break_); err != nil {
			t.Fatal(err)
		}
		var group sync.WaitGroup
		for i := range 20 {
			group.Go(func() {
				if err := d.Tx(t.Context(), func(q *Queries) error {
					return large(t.Context(), q, c.mend+strconv.Itoa(i))
				}); !Unavailable(err) {
					t.Errorf("%s: %v", c.break_, err)
				}
			})
		}
		group.Wait()
		if err := d.exec(t.Context(), c.mend); err != nil {
			t.Fatal(err)
		}
		err := d.Tx(t.Context(), func(q *Queries) error { return large(t.Context(), q, c.mend) })
		if err != nil || !there(t, d, c.mend) {
			t.Errorf("after %s: %v", c.mend, err)
		}
	}
}

// The probe is shared by all who ask at once, holds for five seconds, and tells the truth again afterwards.
func TestReadyAsksAtMostOnceInFiveSeconds(t *testing.T) {
	d := openFile(t)
	var mu sync.Mutex
	clock := time.Now()
	d.probe.now = func() time.Time { mu.Lock(); defer mu.Unlock(); return clock }
	pass := func(by time.Duration) { mu.Lock(); defer mu.Unlock(); clock = clock.Add(by) }
	writes := func() int64 {
		n, err := d.Read().StoreNote(t.Context(), noteProbe)
		if err != nil {
			t.Fatal(err)
		}
		return n
	}
	var group sync.WaitGroup
	for range 100 {
		group.Go(func() {
			if err := d.Ready(t.Context()); err != nil {
				t.Error(err)
			}
		})
	}
	group.Wait()
	if writes() != 1 {
		t.Errorf("%d writes", writes())
	}
	if err := d.exec(t.Context(), "PRAGMA query_only = 1"); err != nil {
		t.Fatal(err)
	}
	if err := d.Ready(t.Context()); err != nil {
		t.Errorf("asked again too early: %v", err)
	}
	pass(probeHolds)
	if err := d.Ready(t.Context()); !Unavailable(err) {
		t.Errorf("a store that cannot write is ready: %v", err)
	}
	if err := d.exec(t.Context(), "PRAGMA query_only = 0"); err != nil {
		t.Fatal(err)
	}
	pass(probeHolds)
	if err := d.Ready(t.Context()); err != nil || writes() != 2 {
		t.Errorf("mended: %v, %d writes", err, writes())
	}
}

// Whoever asks does not wait for a writer that is stuck.
func TestReadyDoesNotWaitForLong(t *testing.T) {
	d := openFile(t)
	started, release := make(chan struct{}), make(chan struct{})
	go d.Tx(context.Background(), func(*Queries) error { close(started); <-release; return nil })
	<-started
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := d.Ready(ctx); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
	close(release)
	if err := d.Ready(t.Context()); err != nil {
		t.Errorf("the same probe, once it is through: %v", err)
	}
}

// The log of a store in which somebody reads at every moment becomes short again all the same.
func TestTheLogStaysShortBesideReaders(t *testing.T) {
	path := filepath.Join(t.TempDir(), "portal.sqlite")
	d, err := Own(t.Context(), path)
	if err != nil {
		t.Fatal(err)
	}
	reading, err := sql.Open("sqlite", address(path, "_pragma=query_only(1)"))
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(context.Background())
	var all sync.WaitGroup
	// Each begins to read before the one before has ended.
	all.Go(func() {
		var last *sql.Tx
		for ctx.Err() == nil {
			next, err := reading.BeginTx(context.Background(), nil)
			if err != nil {
				t.Error(err)
				return
			}
			var count int64
			if err := next.QueryRow("SELECT COUNT(*) FROM office").Scan(&count); err != nil {
				t.Error(err)
			}
			if last != nil {
				_ = last.Rollback()
			}
			last = next
		}
		_ = last.Rollback()
	})
	t.Cleanup(func() {
		stop()
		all.Wait()
		if err := errors.Join(reading.Close(), d.Close()); err != nil {
			t.Error(err)
		}
	})
	log := func() int64 {
		t.Helper()
		info, err := os.Stat(path + "-wal")
		if err != nil {
			t.Fatal(err)
		}
		return info.Size()
	}
	write := func(name string, values int) {
		t.Helper()
		err := d.Tx(t.Context(), func(q *Queries) error {
			for i := range values {
				if err := large(t.Context(), q, name+strconv.Itoa(i)); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	for i := range 20 {
		write(fmt.Sprint(i, "-"), 20) // two megabytes
	}
	for i, deadline := 0, time.Now().Add(time.Minute); log() > longestLog; i++ {
		if time.Now().After(deadline) {
			t.Fatalf("after %d more transactions it has %d bytes", i, log())
		}
		write(fmt.Sprint("more", i), 1)
	}
}
