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
)

// How often a transaction that met another is tried again, and how long it waits at most before.
const (
	postgresAttempts = 20
	postgresMaxPause = 200 * time.Millisecond
)

func openPostgres(ctx context.Context, address string) (*DB, error) {
	pool, err := sql.Open("pgx", address)
	if err != nil {
		return nil, errors.New("opening the database: the postgres:// address is malformed") // the error could quote a password
	}
	pool.SetMaxOpenConns(32)
	pool.SetMaxIdleConns(32)
	pool.SetConnMaxIdleTime(5 * time.Minute)
	if err := pool.PingContext(ctx); err != nil {
		pool.Close()
		return nil, fmt.Errorf("reaching the database: %w", err)
	}
	if err := migrate(ctx, goose.DialectPostgres, pool); err != nil {
		pool.Close()
		return nil, err
	}
	return &DB{
		read:  New(pool),
		tx:    func(ctx context.Context, fn func(q *Queries) error) error { return postgresTx(ctx, pool, fn) },
		ping:  pool.PingContext,
		close: pool.Close,
	}, nil
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
