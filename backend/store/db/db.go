// Package db is the portal's store and the only room that knows SQL: the schema (migrations/, run by goose), the
// statements (queries/, turned into Go by sqlc) and Open, which gives one DB on either engine. SQLite is the default;
// PostgreSQL and what speaks its wire run the same statements unchanged.
//
// It knows no rule of any feature: what belongs together in one transaction is decided by the caller of Tx.
//
// Times are milliseconds since 1970 UTC, identifiers are text.
package db

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"embed"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"strings"
	"sync"

	"github.com/pressly/goose/v3"

	"madoguchi/backend/store/db/internal/hook"
)

// ErrNotFound is what a query for one row answers when there is none.
var ErrNotFound = sql.ErrNoRows

//go:embed migrations/*.sql
var migrationFiles embed.FS

// DB is the store. It is safe for concurrent use.
type DB struct {
	read  *Queries
	tx    runner
	snap  runner
	turn  runner
	sweep func() // has the files cleaned of what was erased; nil where that is the server's
	close func() error
	exec  func(ctx context.Context, statement string) error // a statement on the writing connection; for dbtest
	probe probe
	seals *seals
	order order

	toldLock sync.Mutex
	told     []func() // OnPlaced
}

func init() {
	hook.Exec = func(ctx context.Context, store any, statement string) error { return store.(*DB).exec(ctx, statement) }
	hook.Schema = schema
}

// schema is a sum of the migrations.
func schema() string {
	sum := sha256.New()
	_ = fs.WalkDir(migrationFiles, ".", func(path string, file fs.DirEntry, err error) error {
		if err != nil || file.IsDir() {
			return err
		}
		content, err := migrationFiles.ReadFile(path)
		fmt.Fprintln(sum, path, len(content))
		sum.Write(content)
		return err
	})
	return hex.EncodeToString(sum.Sum(nil)[:8])
}

// Open opens the store for a program that may run beside a portal. The address is a file's path, with or without
// "sqlite:" before it, or a postgres:// URL. The schema is brought up to date, but not under a portal that runs on the
// same file: that is its own to do.
func Open(ctx context.Context, address string) (*DB, error) { return open(ctx, address, false) }

// Own opens the store as the portal that runs on it. A SQLite file has one such portal at a time, until Close or its
// process ends.
func Own(ctx context.Context, address string) (*DB, error) { return open(ctx, address, true) }

func open(ctx context.Context, address string, own bool) (*DB, error) {
	if address == "" {
		return nil, errors.New("opening the database: no address is given")
	}
	d, err := openEngine(ctx, address, own)
	if err != nil {
		return nil, err
	}
	d.seals = &seals{}
	d.read = New(&reading{d.read.db, d.seals})
	return d, nil
}

func openEngine(ctx context.Context, address string, own bool) (*DB, error) {
	if IsPostgres(address) {
		return openPostgres(ctx, address)
	}
	return openSQLite(ctx, strings.TrimPrefix(address, "sqlite:"), own)
}

// IsPostgres tells an address of PostgreSQL from a file's path.
func IsPostgres(address string) bool {
	return strings.HasPrefix(address, "postgres://") || strings.HasPrefix(address, "postgresql://")
}

// Read gives the queries outside any transaction. On SQLite they run on a pool of connections that cannot write.
func (d *DB) Read() *Queries { return d.read }

// Tx runs fn in a serializable transaction and returns once it is committed durably, or fn's error once it is rolled
// back. On SQLite many transactions share one commit, on PostgreSQL one that met another is tried again: fn may run
// more than once, so it changes nothing but rows. It must not wait for anything but its own queries. A call's companion
// (Beside) writes in it, too.
func (d *DB) Tx(ctx context.Context, fn func(q *Queries) error) error {
	return d.accompanied(ctx, d.tx, fn)
}

// Snapshot is Tx for an fn that is as good as alone by what it writes: whoever would be in its way writes the same
// rows, and one of the two is tried again. What it has only read others may change meanwhile (snapshot isolation). So
// on PostgreSQL many run beside each other, and beside Tx, that would be held to have met, as they read and write in
// the same places.
func (d *DB) Snapshot(ctx context.Context, fn func(q *Queries) error) error {
	return d.accompanied(ctx, d.snap, fn)
}

// Turn is Tx for what many do at once that write in the same places, where on PostgreSQL they would meet each other
// again and again: those of this process take turns there, and many share one commit, as all do on SQLite. An fn waits
// for those before it, and they for it: it is short.
func (d *DB) Turn(ctx context.Context, fn func(q *Queries) error) error {
	return d.accompanied(ctx, d.turn, fn)
}

// Erase is Tx for an fn that deletes or overwrites what is to stand nowhere any more. Soon after, on SQLite, it stands
// in no file of the store: not in the database's free places, nor in the log beside it. Should the process end first,
// the next start sees to it. On PostgreSQL it does what Tx does, and how long the bytes last is the server's matter.
func (d *DB) Erase(ctx context.Context, fn func(q *Queries) error) error {
	if d.sweep == nil {
		return d.accompanied(ctx, d.tx, fn)
	}
	err := d.accompanied(ctx, d.tx, func(q *Queries) error {
		if err := fn(q); err != nil {
			return err
		}
		return q.StoreCount(ctx, noteErased)
	})
	if err == nil {
		d.sweep()
	}
	return err
}

// Close ends what runs and closes the store, and the keys of folders with it.
func (d *DB) Close() error {
	err := d.close()
	if d.seals.folders == nil {
		return err
	}
	return errors.Join(err, d.seals.folders.Close())
}

func migrations(dialect goose.Dialect, pool *sql.DB, options ...goose.ProviderOption) (*goose.Provider, error) {
	files, err := fs.Sub(migrationFiles, "migrations")
	if err != nil {
		return nil, err
	}
	provider, err := goose.NewProvider(dialect, pool, files, append(options, goose.WithDisableGlobalRegistry(true))...)
	if err != nil {
		return nil, fmt.Errorf("reading the migrations: %w", err)
	}
	return provider, nil
}

func migrate(ctx context.Context, provider *goose.Provider) error {
	if _, err := provider.Up(ctx); err != nil {
		return fmt.Errorf("migrating the database: %w", err)
	}
	return nil
}

// attempt runs fn and turns a panic into an error, so that one caller's mistake does not end everybody's writer.
func attempt(fn func(q *Queries) error, q *Queries) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("panic in a transaction: %v", p)
		}
	}()
	return fn(q)
}
