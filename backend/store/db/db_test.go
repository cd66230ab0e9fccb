package db_test

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"madoguchi/backend/store/db"
	"madoguchi/backend/store/db/dbtest"
	"madoguchi/backend/store/folder/foldertest"
)

var errMeant = errors.New("meant")

func put(ctx context.Context, q *db.Queries, name, value string) error {
	return q.KeyPut(ctx, db.KeyPutParams{ID: name, Fingerprint: value})
}

func has(t *testing.T, d *db.DB, name string) bool {
	t.Helper()
	_, err := d.Read().KeyFingerprint(t.Context(), name)
	if err != nil && !errors.Is(err, db.ErrNotFound) {
		t.Fatal(err)
	}
	return err == nil
}

func TestATransactionIsWholeOrNothing(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		ctx := t.Context()
		err := d.Tx(ctx, func(q *db.Queries) error {
			if err := put(ctx, q, "a", "1"); err != nil {
				return err
			}
			return errMeant
		})
		if !errors.Is(err, errMeant) || has(t, d, "a") {
			t.Fatalf("err %v, row there: %v", err, has(t, d, "a"))
		}
		if err := d.Tx(ctx, func(q *db.Queries) error { return put(ctx, q, "a", "1") }); err != nil || !has(t, d, "a") {
			t.Fatalf("err %v, row there: %v", err, has(t, d, "a"))
		}
	})
}

// Transactions that share a commit must not share a fate: every third fails, by an error of its own, of the database or
// by a panic.
func TestAFailureIsItsOwn(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		ctx := t.Context()
		const n = 120
		results := make([]error, n)
		var group sync.WaitGroup
		for i := range n {
			group.Go(func() {
				results[i] = d.Tx(ctx, func(q *db.Queries) error {
					if err := put(ctx, q, strconv.Itoa(i), "x"); err != nil {
						return err
					}
					switch i % 6 {
					case 1:
						return fmt.Errorf("%d: %w", i, errMeant)
					case 3:
						// Refers to a folder that is not there.
						_, err := q.FolderAddCard(ctx, db.FolderAddCardParams{Serial: "s", FolderID: "none"})
						return err
					case 5:
						panic("meant")
					}
					return nil
				})
			})
		}
		group.Wait()
		for i, err := range results {
			if failed := i%2 == 1; failed != (err != nil) || failed == has(t, d, strconv.Itoa(i)) {
				t.Errorf("%d: err %v, row there: %v", i, err, has(t, d, strconv.Itoa(i)))
			}
			if i%6 == 1 && !strings.HasPrefix(err.Error(), strconv.Itoa(i)+":") {
				t.Errorf("%d got another's error: %v", i, err)
			}
		}
	})
}

func TestConcurrentIncrementsAreAllCounted(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		ctx := t.Context()
		foldertest.Open(t, d, "f")
		const writers, each = 8, 10
		var group sync.WaitGroup
		var failures atomic.Int64
		for range writers {
			group.Go(func() {
				for range each {
					err := d.Tx(ctx, func(q *db.Queries) error {
						f, err := q.FolderGet(ctx, "f")
						if err != nil {
							return err
						}
						return q.FolderNoteLogin(ctx, db.FolderNoteLoginParams{ID: "f", LastLoginAt: f.LastLoginAt + 1})
					})
					if err != nil {
						failures.Add(1)
						t.Error(err)
					}
				}
			})
		}
		group.Wait()
		f, err := d.Read().FolderGet(ctx, "f")
		if err != nil || f.LastLoginAt != writers*each-failures.Load() {
			t.Fatalf("counted %d of %d, %v", f.LastLoginAt, writers*each, err)
		}
	})
}

func TestACancelledCallerWritesNothing(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		err := d.Tx(ctx, func(q *db.Queries) error { return put(context.Background(), q, "a", "1") })
		if !errors.Is(err, context.Canceled) {
			t.Errorf("got %v", err)
		}
		if has(t, d, "a") {
			t.Error("it was written")
		}
	})
}

// Cancelled while it waits in the queue, behind one that takes long.
func TestCancelledInTheQueue(t *testing.T) {
	d := dbtest.SQLite(t)
	started, release := make(chan struct{}), make(chan struct{})
	first, second := make(chan error, 1), make(chan error, 1)
	go func() {
		first <- d.Tx(context.Background(), func(q *db.Queries) error {
			close(started)
			<-release
			return put(context.Background(), q, "first", "1")
		})
	}()
	<-started
	ctx, cancel := context.WithCancel(context.Background())
	go func() {
		second <- d.Tx(ctx, func(q *db.Queries) error { return put(context.Background(), q, "second", "1") })
	}()
	cancel()
	close(release)
	if err := <-first; err != nil {
		t.Error(err)
	}
	if err := <-second; !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
	if has(t, d, "second") {
		t.Error("it was written")
	}
}

func TestWhatWasAcknowledgedIsThereAfterReopening(t *testing.T) {
	addresses := map[string]string{
		"sqlite":   "sqlite:" + filepath.Join(t.TempDir(), "dir with blank", "portal.sqlite"),
		"postgres": dbtest.EmptyPostgresURL(t),
	}
	for name, address := range addresses {
		t.Run(name, func(t *testing.T) {
			for round := range 3 {
				d, err := db.Open(t.Context(), address) // the second and third time migrate again
				if err != nil {
					t.Fatal(err)
				}
				for i := range round {
					if !has(t, d, strconv.Itoa(i)) {
						t.Errorf("round %d: %d is lost", round, i)
					}
				}
				if err := d.Tx(t.Context(), func(q *db.Queries) error {
					return put(t.Context(), q, strconv.Itoa(round), "x")
				}); err != nil {
					t.Fatal(err)
				}
				if err := d.Close(); err != nil {
					t.Fatal(err)
				}
			}
		})
	}
}

func TestCloseDrainsAndRefuses(t *testing.T) {
	path := filepath.Join(t.TempDir(), "portal.sqlite")
	d, err := db.Open(t.Context(), path)
	if err != nil {
		t.Fatal(err)
	}
	const n = 200
	results := make([]error, n)
	var group sync.WaitGroup
	for i := range n {
		group.Go(func() {
			results[i] = d.Tx(context.Background(), func(q *db.Queries) error {
				return put(context.Background(), q, strconv.Itoa(i), "x")
			})
		})
	}
	if err := d.Close(); err != nil {
		t.Fatal(err)
	}
	group.Wait()
	if d, err = db.Open(t.Context(), path); err != nil {
		t.Fatal(err)
	}
	defer d.Close()
	for i, err := range results {
		if has(t, d, strconv.Itoa(i)) != (err == nil) {
			t.Errorf("%d: answered %v, row there: %v", i, err, has(t, d, strconv.Itoa(i)))
		}
	}
}

func TestReadersCannotWrite(t *testing.T) {
	d := dbtest.SQLite(t)
	if err := put(t.Context(), d.Read(), "a", "1"); err == nil {
		t.Error("a reader wrote")
	}
}

func TestAddressesThatCannotBeOpened(t *testing.T) {
	file := filepath.Join(t.TempDir(), "file")
	for _, address := range []string{
		"", "postgres://nobody:hidden@127.0.0.1:1/none", "postgres://a:hidden@%zz", filepath.Join("/proc/none", file),
	} {
		d, err := db.Open(t.Context(), address)
		if err == nil {
			d.Close()
			t.Errorf("%q was opened", address)
		} else if strings.Contains(err.Error(), "hidden") {
			t.Errorf("the password is in the error: %v", err)
		}
	}
}

// Writers beside each other share commits; one alone pays for each.
func BenchmarkWrites(b *testing.B) {
	for _, beside := range []int{1, 16, 128} {
		b.Run(fmt.Sprintf("beside=%d", beside), func(b *testing.B) {
			d := dbtest.SQLite(b)
			var next atomic.Int64
			b.SetParallelism(beside)
			b.ResetTimer()
			run := func() {
				i := strconv.FormatInt(next.Add(1), 10)
				if err := d.Tx(context.Background(), func(q *db.Queries) error {
					return put(context.Background(), q, i, "x")
				}); err != nil {
					b.Error(err)
				}
			}
			if beside == 1 {
				for b.Loop() {
					run()
				}
			} else {
				b.RunParallel(func(p *testing.PB) {
					for p.Next() {
						run()
					}
				})
			}
			b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "writes/s")
		})
	}
}

func BenchmarkReads(b *testing.B) {
	d := dbtest.SQLite(b)
	ctx := context.Background()
	err := d.Tx(ctx, func(q *db.Queries) error {
		for i := range 10_000 {
			if err := put(ctx, q, strconv.Itoa(i), "x"); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		b.Fatal(err)
	}
	var next atomic.Int64
	b.ResetTimer()
	b.RunParallel(func(p *testing.PB) {
		for p.Next() {
			if _, err := d.Read().KeyFingerprint(ctx, strconv.FormatInt(next.Add(1)%10_000, 10)); err != nil {
				b.Error(err)
			}
		}
	})
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "reads/s")
}
