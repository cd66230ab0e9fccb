package db

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"math/rand/v2"
	"time"

	"github.com/jackc/pgx/v5/pgconn"
	_ "github.com/jackc/pgx/v5/stdlib" // the "pgx" driver
	"github.com/pressly/goose/v3"
	"github.com/pressly/goose/v3/lock"
)

// How often a transaction that met another is tried again, and how long it waits at most before.
const (
	postgresAttempts = 40
	postgresMaxPause = 200 * time.Millisecond
)

func openPostgres(ctx context.Context, address string) (*DB, error) {
	pool, err := sql.Open("pgx", address)
	if err != nil {
		// the error could quote a password
		return nil, errors.New("opening the database: the postgres:// address is malformed")
	}
	pool.SetMaxOpenConns(32)
	pool.SetMaxIdleConns(32)
	pool.SetConnMaxIdleTime(5 * time.Minute)
	if err := pool.PingContext(ctx); err != nil {
		pool.Close()
		return nil, fmt.Errorf("reaching the database: %w", err)
	}
	if err := migratePostgres(ctx, pool); err != nil {
		pool.Close()
		return nil, err
	}
	return &DB{
		read:  New(pool),
		tx:    func(ctx context.Context, fn func(q *Queries) error) error { return postgresTx(ctx, pool, fn) },
		order: postgresOrder(pool),
		close: pool.Close,
		exec: func(ctx context.Context, statement string) error {
			_, err := pool.ExecContext(ctx, statement)
			return err
		},
	}, nil
}

// migratePostgres brings the schema up to date. Of instances that start at once one does it, and the others wait.
func migratePostgres(ctx context.Context, pool *sql.DB) error {
	one, err := lock.NewPostgresSessionLocker(lock.WithLockTimeout(1, 300)) // seconds
	if err != nil {
		return err
	}
	provider, err := migrations(goose.DialectPostgres, pool, goose.WithSessionLocker(one))
	if err != nil {
		return err
	}
	return migrate(ctx, provider)
}

func postgresTx(ctx context.Context, pool *sql.DB, fn func(q *Queries) error) error {
	var err error
	for i := range postgresAttempts {
		if err = postgresTry(ctx, pool, fn); err == nil || !metAnother(err) {
			return err
		}
		pause := min(postgresMaxPause, time.Millisecond<<i)
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(time.Duration(rand.Int64N(int64(pause)) + 1)): // a spread, so that the two do not meet again
		}
	}
	return fmt.Errorf("the transaction met others %d times: %w", postgresAttempts, err)
}

func postgresTry(ctx context.Context, pool *sql.DB, fn func(q *Queries) error) error {
	tx, err := pool.BeginTx(ctx, &sql.TxOptions{Isolation: sql.LevelSerializable})
	if err != nil {
		return fmt.Errorf("beginning a transaction: %w", err)
	}
	defer tx.Rollback()
	if err := attempt(fn, New(tx)); err != nil {
		return err
	}
	if err := tx.Commit(); err != nil {
		return fmt.Errorf("committing: %w", err)
	}
	return nil
}

// metAnother recognises serialization failures and deadlocks, which PostgreSQL-wire engines ask to try again.
func metAnother(err error) bool {
	var pg *pgconn.PgError
	return errors.As(err, &pg) && (pg.Code == "40001" || pg.Code == "40P01")
}
