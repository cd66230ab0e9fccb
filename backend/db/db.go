// Package db is the portal's store and the only room that knows SQL: the schema (migrations/, run by goose), the statements
// (queries/, turned into Go by sqlc) and Open, which gives one DB on either engine. SQLite is the default; PostgreSQL and what
// speaks its wire run the same statements unchanged.
//
// It knows no rule of any feature: what belongs together in one transaction is decided by the caller of Tx.
//
// Times are milliseconds since 1970 UTC, identifiers are text.
package db

import (
	"context"
	"database/sql"
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"strings"

	"github.com/pressly/goose/v3"
)

// ErrNotFound is what a query for one row answers when there is none.
var ErrNotFound = sql.ErrNoRows

//go:embed migrations/*.sql
var migrations embed.FS

// DB is the store. It is safe for concurrent use.
type DB struct {
	read  *Queries
	tx    func(ctx context.Context, fn func(q *Queries) error) error
	ping  func(ctx context.Context) error
	close func() error
}

// Open opens the store and brings its schema up to date. The address is a file's path, with or without "sqlite:" before it, or a
// postgres:// URL.
func Open(ctx context.Context, address string) (*DB, error) {
	if address == "" {
		return nil, errors.New("opening the database: no address is given")
	}
	if IsPostgres(address) {
		return openPostgres(ctx, address)
	}
	return openSQLite(ctx, strings.TrimPrefix(address, "sqlite:"))
}

// IsPostgres tells whether an address is a postgres:// URL, else it is a file's path.
func IsPostgres(address string) bool {
	return strings.HasPrefix(address, "postgres://") || strings.HasPrefix(address, "postgresql://")
}

// Read gives the queries outside any transaction. On SQLite they run on a pool of connections that cannot write.
func (d *DB) Read() *Queries { return d.read }

// Tx runs fn in a serializable transaction and returns once it is committed durably, or fn's error once it is rolled back.
// On SQLite many transactions share one commit, on PostgreSQL one that met another is tried again: fn may run more than once, so
// it changes nothing but rows. It must not wait for anything but its own queries.
func (d *DB) Tx(ctx context.Context, fn func(q *Queries) error) error { return d.tx(ctx, fn) }

// Ping tells whether the store answers.
func (d *DB) Ping(ctx context.Context) error { return d.ping(ctx) }

// Close ends what runs and closes the store.
func (d *DB) Close() error { return d.close() }

func migrate(ctx context.Context, dialect goose.Dialect, pool *sql.DB) error {
	files, err := fs.Sub(migrations, "migrations")
	if err != nil {
		return err
	}
	provider, err := goose.NewProvider(dialect, pool, files, goose.WithDisableGlobalRegistry(true))
	if err != nil {
		return fmt.Errorf("reading the migrations: %w", err)
	}
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
