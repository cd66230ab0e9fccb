package db_test

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io"
	"net"
	"path/filepath"
	"strconv"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"

	"github.com/jackc/pgx/v5/pgconn"

	"madoguchi/backend/store/db"
	"madoguchi/backend/store/db/dbtest"
	"madoguchi/backend/store/folder/foldertest"
)

// A store that cannot write says so, and goes on by itself once it can.
func TestAStoreThatCannotWrite(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		ctx := t.Context()
		mend := dbtest.Break(t, d)
		for i := range 40 { // one for each connection that the server ended, and more
			if err := d.Tx(ctx, func(q *db.Queries) error { return put(ctx, q, "a", "x") }); !db.Unavailable(err) {
				t.Errorf("%d: %v", i, err)
			}
		}
		if err := d.Ready(ctx); err == nil {
			t.Error("it says that it is ready")
		}
		if has(t, d, "a") {
			t.Error("it was written")
		}
		mend()
		until(t, "it writes again", func() bool {
			return d.Tx(ctx, func(q *db.Queries) error { return put(ctx, q, "a", "x") }) == nil
		})
		until(t, "it is ready again", func() bool { return d.Ready(ctx) == nil })
	})
}

func TestAClosedStoreIsUnavailable(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		if err := d.Close(); err != nil {
			t.Fatal(err)
		}
		if _, err := d.Read().KeyFingerprint(t.Context(), "a"); !db.Unavailable(err) {
			t.Errorf("reading: %v", err)
		}
		if err := d.Tx(t.Context(), func(*db.Queries) error { return nil }); !db.Unavailable(err) {
			t.Errorf("writing: %v", err)
		}
		if err := d.Ready(t.Context()); err == nil {
			t.Error("it is ready")
		}
	})
}

func TestWhatIsUnavailable(t *testing.T) {
	pg := func(code string) error { return fmt.Errorf("doing: %w", &pgconn.PgError{Code: code}) }
	_, refused := net.Dial("tcp", "127.0.0.1:1")
	for name, c := range map[string]struct {
		err  error
		want bool
	}{
		"nothing":          {nil, false},
		"no row":           {db.ErrNotFound, false},
		"a mistake":        {errors.New("a mistake"), false},
		"cancelled":        {fmt.Errorf("doing: %w", context.Canceled), false},
		"a constraint":     {pg("23505"), false},
		"a wrong query":    {pg("42P01"), false},
		"shutting down":    {pg("57P01"), true},
		"starting":         {pg("57P03"), true},
		"disk full":        {pg("53100"), true},
		"too many":         {pg("53300"), true},
		"connection lost":  {pg("08006"), true},
		"read only":        {pg("25006"), true},
		"met others":       {pg("40001"), true},
		"refused":          {fmt.Errorf("doing: %w", refused), true},
		"reset":            {fmt.Errorf("doing: %w", &net.OpError{Op: "read", Err: syscall.ECONNRESET}), true},
		"cut off":          {io.ErrUnexpectedEOF, true},
		"connection is no": {sql.ErrConnDone, true},
	} {
		if got := db.Unavailable(c.err); got != c.want {
			t.Errorf("%s: %v (%v)", name, got, c.err)
		}
	}
	pool, err := sql.Open("sqlite", filepath.Join(t.TempDir(), "none", "none.sqlite"))
	if err != nil {
		t.Fatal(err)
	}
	defer pool.Close()
	if err := pool.PingContext(t.Context()); !db.Unavailable(err) {
		t.Errorf("a folder that is not there: %v", err)
	}
}

// Transactions that met are tried again until each is through; what ran in vain leaves nothing.
func TestWhoMeetsOthersIsTriedAgain(t *testing.T) {
	d := dbtest.Postgres(t)
	ctx := t.Context()
	foldertest.Open(t, d, "f")
	const n = 8
	var runs atomic.Int64
	var all sync.WaitGroup
	met := make(chan struct{})
	var reached atomic.Int64
	for i := range n {
		all.Go(func() {
			first := true
			err := d.Tx(ctx, func(q *db.Queries) error {
				runs.Add(1)
				f, err := q.FolderGet(ctx, "f")
				if err != nil {
					return err
				}
				if first { // all have read before the first writes
					first = false
					if reached.Add(1) == n {
						close(met)
					}
					<-met
				}
				if err := put(ctx, q, strconv.Itoa(i), "x"); err != nil {
					return err
				}
				return q.FolderNoteLogin(ctx, db.FolderNoteLoginParams{ID: "f", LastLoginAt: f.LastLoginAt + 1})
			})
			if err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	f, err := d.Read().FolderGet(ctx, "f")
	if err != nil || f.LastLoginAt != n || runs.Load() <= n {
		t.Errorf("counted %d of %d in %d runs: %v", f.LastLoginAt, n, runs.Load(), err)
	}
}

// One that takes long is overtaken each time by short ones that write what it has read; in the end it runs alone.
func TestWhoIsOvertakenAgainAndAgainGetsThrough(t *testing.T) {
	d := dbtest.Postgres(t)
	ctx := t.Context()
	foldertest.Open(t, d, "f")
	set := func(q *db.Queries, at int64) error {
		return q.FolderNoteLogin(ctx, db.FolderNoteLoginParams{ID: "f", LastLoginAt: at})
	}
	var overtaken atomic.Int64
	stop := make(chan struct{})
	var short sync.WaitGroup
	short.Go(func() {
		for {
			select {
			case <-stop:
				return
			default:
			}
			if err := d.Tx(ctx, func(q *db.Queries) error { return set(q, overtaken.Load()) }); err != nil {
				t.Error(err)
			}
			overtaken.Add(1)
		}
	})
	tries := 0
	err := d.Tx(ctx, func(q *db.Queries) error {
		tries++
		// It goes on when it was overtaken; where nobody does for so long, nobody will.
		for before, i := overtaken.Load(), 0; i == 0 || i < 3000 && overtaken.Load() < before+2; i++ {
			if _, err := q.FolderGet(ctx, "f"); err != nil {
				return err
			}
		}
		return set(q, -1)
	})
	close(stop)
	short.Wait()
	if err != nil || tries < 2 {
		t.Errorf("after %d tries: %v", tries, err)
	}
}

// One that meets others each time is given up, as a store that is busy.
func TestWhoAlwaysMeetsOthersIsGivenUp(t *testing.T) {
	d := dbtest.Postgres(t)
	runs := 0
	err := d.Tx(t.Context(), func(*db.Queries) error { runs++; return &pgconn.PgError{Code: "40001"} })
	if !db.Unavailable(err) || runs < 10 {
		t.Errorf("%d runs: %v", runs, err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	err = d.Tx(ctx, func(*db.Queries) error { cancel(); return &pgconn.PgError{Code: "40P01"} })
	if !errors.Is(err, context.Canceled) {
		t.Errorf("who has gone waits on: %v", err)
	}
}

// Instances that start at once on an empty database all start.
func TestInstancesStartTogether(t *testing.T) {
	address := dbtest.EmptyPostgresURL(t)
	var all sync.WaitGroup
	for range 5 {
		all.Go(func() {
			d, err := db.Own(t.Context(), address)
			if err != nil {
				t.Error(err)
				return
			}
			d.Close()
		})
	}
	all.Wait()
}

// A panic is its own transaction's failure; the writer goes on.
func TestAPanicEndsNothingElse(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		ctx := t.Context()
		for range 3 {
			err := d.Tx(ctx, func(q *db.Queries) error {
				if err := put(ctx, q, "a", "x"); err != nil {
					return err
				}
				panic("meant")
			})
			if err == nil || has(t, d, "a") {
				t.Errorf("%v, written: %v", err, has(t, d, "a"))
			}
		}
		if err := d.Tx(ctx, func(q *db.Queries) error { return put(ctx, q, "b", "x") }); err != nil || !has(t, d, "b") {
			t.Error(err)
		}
	})
}
