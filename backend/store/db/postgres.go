package db

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"math/rand/v2"
	"sync"
	"time"

	"github.com/jackc/pgx/v5"
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
	unseen   *unseen
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
	engine := &postgres{pool: pool, unseen: newUnseen(pool)}
	return &DB{
		read:  New(pool),
		tx:    engine.do,
		snap:  engine.snapshot,
		turn:  newTurns(engine.do).take,
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
	return p.run(ctx, beginSerializable, fn)
}

func (p *postgres) snapshot(ctx context.Context, fn func(q *Queries) error) error {
	return p.run(ctx, beginSnapshot, fn)
}

func (p *postgres) run(ctx context.Context, first string, fn func(q *Queries) error) error {
	var err error
	for i := range postgresAttempts {
		var unseen []*pgx.QueuedQuery
		if unseen, err = p.try(ctx, first, fn, i); unseen != nil {
			err = p.unseen.take(ctx, unseen)
		}
		if errors.Is(err, errByItself) {
			continue
		}
		if err == nil || !metAnother(err) {
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

// try tries a transaction for the n-th time. One that has looked at nothing it gives back at the first, to be written
// with others.
func (p *postgres) try(
	ctx context.Context, first string, fn func(q *Queries) error, n int,
) (unseen []*pgx.QueuedQuery, err error) {
	if n >= postgresAlone {
		p.together.Lock()
		defer p.together.Unlock()
	} else {
		p.together.RLock()
		defer p.together.RUnlock()
	}
	if err := ctx.Err(); err != nil {
		return nil, fmt.Errorf("beginning a transaction: %w", err)
	}
	tx := newPipeline(p.pool, first)
	defer tx.end(ctx)
	err = attempt(fn, New(tx))
	if tx.failed != nil { // whatever fn made of it
		return nil, fmt.Errorf("writing: %w", tx.failed)
	}
	if err != nil {
		return nil, err
	}
	if !tx.begun { // it did nothing: that there is a server is true all the same
		return nil, tx.connect(ctx)
	}
	if unseen = tx.unseen(); unseen != nil && n == 0 {
		return unseen, nil
	}
	if err := tx.commit(ctx); err != nil {
		return nil, fmt.Errorf("committing: %w", err)
	}
	return nil, nil
}

// metAnother recognises serialization failures and deadlocks, which PostgreSQL-wire engines ask to try again.
func metAnother(err error) bool {
	var pg *pgconn.PgError
	return errors.As(err, &pg) && (pg.Code == "40001" || pg.Code == "40P01")
}
