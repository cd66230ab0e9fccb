package db_test

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"sync"
	"testing"

	"madoguchi/backend/store/db"
	"madoguchi/backend/store/db/dbtest"
	"madoguchi/backend/store/folder/foldertest"
)

// holding holds a folder's row, until let go is called.
func holding(t *testing.T, d *db.DB, folder string) (letGo func()) {
	t.Helper()
	held, release, ended := make(chan struct{}), make(chan struct{}), make(chan error)
	go func() {
		ended <- d.Tx(context.Background(), func(q *db.Queries) error {
			err := noteLogin(context.Background(), q, folder, 1)
			if err == nil {
				_, err = q.FolderExists(context.Background(), folder) // sends it
			}
			close(held)
			<-release
			return err
		})
	}()
	<-held
	return sync.OnceFunc(func() {
		close(release)
		if err := <-ended; err != nil {
			t.Error(err)
		}
	})
}

func noteLogin(ctx context.Context, q *db.Queries, folder string, at int64) error {
	return q.FolderNoteLogin(ctx, db.FolderNoteLoginParams{ID: folder, LastLoginAt: at})
}

// Transactions that look at nothing share a commit, and nothing else: neither what the database refuses of one, nor
// what one of them refuses itself or is broken off, nor a row that somebody holds is anything to the others.
func TestWhoLooksAtNothingSpoilsNothing(t *testing.T) {
	d := dbtest.Postgres(t)
	ctx := t.Context()
	foldertest.Open(t, d, "f")
	letGo := holding(t, d, "f")
	defer letGo()
	gone, leave := context.WithCancel(ctx)
	leave()

	const many = 60
	waits := func(i int) bool { return i%10 == 0 } // for the row that is held
	results := make([]error, many)
	var waiting, others sync.WaitGroup
	for i := range many {
		group := &others
		if waits(i) {
			group = &waiting
		}
		group.Go(func() {
			ctx := ctx
			if i%10 == 9 {
				ctx = gone
			}
			results[i] = d.Tx(ctx, func(q *db.Queries) error {
				line := db.LedgerQueueParams{ID: fmt.Sprintf("%03d", i), Leaf: []byte{1}}
				if err := q.LedgerQueue(ctx, line); err != nil {
					return err
				}
				switch {
				case waits(i):
					return noteLogin(ctx, q, "f", 2)
				case i%10 == 3:
					return errMeant
				case i%10 == 5:
					return q.LedgerQueue(ctx, line) // one twice
				case i%10 == 7:
					panic("meant")
				}
				return nil
			})
		})
	}
	others.Wait() // while the row is held
	letGo()
	waiting.Wait()
	rows, err := d.Read().LedgerNumbered(ctx, db.LedgerNumberedParams{FromPosition: -1, Size: 2 * many})
	if err != nil {
		t.Fatal(err)
	}
	written := map[string]bool{}
	for _, row := range rows {
		written[row.ID] = true
	}
	for i, err := range results {
		good := i%10 != 3 && i%10 != 5 && i%10 != 7 && i%10 != 9
		there := written[fmt.Sprintf("%03d", i)]
		if (err == nil) != good || there != good || errors.Is(err, errMeant) != (i%10 == 3) ||
			errors.Is(err, context.Canceled) != (i%10 == 9) {
			t.Errorf("the %d-th: %v, written: %v", i, err, there)
		}
	}
}

// Those that come while one is under way share a commit: to the server they are one transaction.
func TestWhoLooksAtNothingSharesACommit(t *testing.T) {
	address := dbtest.PostgresURL(t)
	d := dbtest.Open(t, address)
	ctx := t.Context()
	foldertest.Open(t, d, "f")
	letGo := holding(t, d, "f")
	defer letGo()
	var first, others sync.WaitGroup
	first.Go(func() { // those that come while it waits go together
		if err := d.Tx(ctx, func(q *db.Queries) error { return noteLogin(ctx, q, "f", 2) }); err != nil {
			t.Error(err)
		}
	})
	pool, err := sql.Open("pgx", address)
	if err != nil {
		t.Fatal(err)
	}
	defer pool.Close()
	for waits := false; !waits; {
		const query = "SELECT EXISTS (SELECT 1 FROM pg_locks WHERE NOT granted)"
		if err := pool.QueryRowContext(ctx, query).Scan(&waits); err != nil {
			t.Fatal(err)
		}
	}
	const many = 40
	for i := range many {
		others.Go(func() {
			err := d.Tx(ctx, func(q *db.Queries) error {
				return q.LedgerQueue(ctx, db.LedgerQueueParams{ID: fmt.Sprint(i), Leaf: []byte{1}})
			})
			if err != nil {
				t.Error(err)
			}
		})
	}
	others.Wait()
	letGo()
	first.Wait()
	var rows, transactions int
	err = pool.QueryRowContext(ctx, "SELECT COUNT(*), COUNT(DISTINCT CAST(xmin AS TEXT)) FROM ledger_queue").
		Scan(&rows, &transactions)
	if err != nil || rows != many || transactions == many {
		t.Errorf("%d were written in %d transactions: %v", rows, transactions, err)
	}
}

// What is asked ahead is answered as it would be without that, each question once; after a write it is asked anew.
func TestWhatIsAskedAheadIsAnsweredAlike(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		ctx := t.Context()
		foldertest.Open(t, d, "f", "g")
		foldertest.Crowd(t, d, 3, "131105")
		want := map[string]db.Folder{}
		for _, id := range []string{"f", "g"} {
			folder, err := d.Read().FolderGet(ctx, id)
			if err != nil {
				t.Fatal(err)
			}
			want[id] = folder
		}
		leaf := []byte{0, 1, 255}
		one := db.LedgerQueueParams{ID: "one", Leaf: leaf, RecordedAt: 7}
		number := db.LedgerNumberedParams{FromPosition: -1, Size: 10}
		for name, run := range map[string]func(context.Context, func(q *db.Queries) error) error{
			"tx": d.Tx, "turn": d.Turn, "snapshot": d.Snapshot,
		} {
			step := db.FolderLedgerStepParams{FolderID: "f", Chain: 1}
			err := run(ctx, func(q *db.Queries) error {
				one := one
				one.ID = name
				if err := q.LedgerQueue(ctx, one); err != nil { // goes before
					return err
				}
				err := q.Ahead(ctx, func(q *db.Queries) {
					_, _ = q.FolderGet(ctx, "f")
					_, _ = q.FolderGet(ctx, "g")
					_, _ = q.FolderGet(ctx, "nobody")
					_, _ = q.FolderLedgerStep(ctx, step)
					_, _ = q.LedgerNumbered(ctx, number)
					if _, err := q.Place(ctx); err == nil {
						t.Error("a place was given ahead")
					}
				})
				if err != nil {
					return err
				}
				for _, id := range []string{"g", "f"} {
					if got, err := q.FolderGet(ctx, id); err != nil || got != want[id] {
						t.Errorf("%s: %s: %+v, %v", name, id, got, err)
					}
				}
				if _, err := q.FolderGet(ctx, "nobody"); !errors.Is(err, db.ErrNotFound) {
					t.Errorf("%s: who is not there: %v", name, err)
				}
				rows, err := q.LedgerNumbered(ctx, number)
				if err != nil || len(rows) == 0 || string(rows[0].Leaf) != string(leaf) || rows[0].Position != -1 {
					t.Errorf("%s: %v, %v", name, rows, err)
				}
				before, err := q.FolderLedgerStep(ctx, step)
				if err != nil || before.Count < 1 {
					t.Errorf("%s: %v, %v", name, before, err)
				}
				if again, err := q.FolderLedgerStep(ctx, step); err != nil || again.Count != before.Count+1 {
					t.Errorf("%s: asked once more than ahead: %v after %v, %v", name, again, before, err)
				}
				_ = q.Ahead(ctx, func(q *db.Queries) { _, _ = q.LedgerNumbered(ctx, number) })
				one.ID += " too"
				if err := q.LedgerQueue(ctx, one); err != nil {
					return err
				}
				more, err := q.LedgerNumbered(ctx, number)
				if err != nil || len(more) != len(rows)+1 {
					t.Errorf("%s: after a write: %v, %v", name, more, err)
				}
				return nil
			})
			if err != nil {
				t.Error(name, err)
			}
		}
	})
}

// What fails of what is asked ahead fails the transaction, and nobody's but its own.
func TestWhatFailsAheadFailsTheTransaction(t *testing.T) {
	d := dbtest.Postgres(t)
	ctx := t.Context()
	dbtest.Exec(t, d, "ALTER TABLE ledger_month RENAME TO ledger_month_away")
	for name, run := range map[string]func(context.Context, func(q *db.Queries) error) error{
		"tx": d.Tx, "turn": d.Turn, "snapshot": d.Snapshot,
	} {
		err := run(ctx, func(q *db.Queries) error {
			if err := put(ctx, q, name, "1"); err != nil {
				return err
			}
			_ = q.Ahead(ctx, func(q *db.Queries) {
				_, _ = q.LedgerMonths(ctx, "")
				_, _ = q.LedgerWaits(ctx)
			})
			if _, err := q.LedgerWaits(ctx); err == nil || errors.Is(err, db.ErrNotFound) {
				t.Errorf("%s: it goes on: %v", name, err)
			}
			return nil
		})
		if err == nil || has(t, d, name) {
			t.Errorf("%s: %v, written: %v", name, err, has(t, d, name))
		}
	}
}

// Of two snapshots that write the same row one is tried again.
func TestSnapshotsThatWriteTheSameAreAllCounted(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		ctx := t.Context()
		foldertest.Open(t, d, "f")
		const n = 12
		var all sync.WaitGroup
		for range n {
			all.Go(func() {
				err := d.Snapshot(ctx, func(q *db.Queries) error {
					_, err := q.FolderLedgerStep(ctx, db.FolderLedgerStepParams{FolderID: "f", Chain: 1})
					return err
				})
				if err != nil {
					t.Error(err)
				}
			})
		}
		all.Wait()
		head, err := d.Read().LedgerHead(ctx, db.LedgerHeadParams{FolderID: "f", Chain: 1})
		if err != nil || head.Count != n {
			t.Errorf("%v, %v", head, err)
		}
	})
}
