package db

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"math/rand/v2"
	"sync"
	"time"

	"github.com/jackc/pgx/v5/pgconn"
	_ "github.com/jackc/pgx/v5/stdlib" // the "pgx" driver
	"github.com/pressly/goose/v3"
	"github.com/pressly/goose/v3/lock"
)

// How often a transaction that met another is tried again, and how long it waits at most before; from which try on none
// of this process runs beside it. Of 300 applications that 16 senders sent at once each was through at the first try;
// the rest is for who writes where others read.
const (
	postgresAttempts = 16
	postgresAlone    = 8
	postgresMaxPause = 200 * time.Millisecond
)

// postgres runs transactions on a server.
type postgres struct {
	pool *sql.DB
	// Held for writing by one that met others again and again: a long one would be overtaken for ever by short ones,
	// of which the first to commit is through.
	together sync.RWMutex
}

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
	engine := &postgres{pool: pool}
	return &DB{
		read:  New(pool),
		tx:    engine.do,
		turn:  (&turns{do: engine.do}).take,
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

func (p *postgres) do(ctx context.Context, fn func(q *Queries) error) error {
	var err error
	for i := range postgresAttempts {
		if err = p.try(ctx, fn, i >= postgresAlone); err == nil || !metAnother(err) {
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

func (p *postgres) try(ctx context.Context, fn func(q *Queries) error, alone bool) error {
	if alone {
		p.together.Lock()
		defer p.together.Unlock()
	} else {
		p.together.RLock()
		defer p.together.RUnlock()
	}
	conn, err := p.pool.Conn(ctx)
	if err != nil {
		return fmt.Errorf("beginning a transaction: %w", err)
	}
	tx := newPipeline(conn)
	defer tx.end(ctx)
	err = attempt(fn, New(tx))
	if tx.failed != nil { // whatever fn made of it
		return fmt.Errorf("writing: %w", tx.failed)
	}
	if err != nil {
		return err
	}
	if err := tx.commit(ctx); err != nil {
		return fmt.Errorf("committing: %w", err)
	}
	return nil
}

// metAnother recognises serialization failures and deadlocks, which PostgreSQL-wire engines ask to try again.
func metAnother(err error) bool {
	var pg *pgconn.PgError
	return errors.As(err, &pg) && (pg.Code == "40001" || pg.Code == "40P01")
}
