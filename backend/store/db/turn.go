package db

import (
	"context"
	"errors"
	"time"

	"github.com/jackc/pgx/v5/pgconn"
)

// At most so many go together, so that the first of them does not wait for long; and PostgreSQL keeps at hand which
// parts of a transaction have ended of 64 of them.
const turnSize = 32

// So long may a group take before the server is held to be gone: none of it is given up when its own caller goes away.
const longestTurn = 30 * time.Second

// turns runs transactions of one process that would meet each other again and again one after another: those that come
// while a group is under way go together into the next, each within a savepoint of its own, and all are answered after
// its commit. What one is refused for, or cannot do, is nothing to the others. It is what the writer of SQLite does
// with all transactions.
type turns struct {
	*gathering[*job]
	do runner
}

func newTurns(do runner) *turns {
	t := &turns{do: do}
	t.gathering = &gathering[*job]{size: turnSize, run: t.commit}
	return t
}

func (t *turns) take(ctx context.Context, fn func(q *Queries) error) error {
	j := &job{ctx: ctx, fn: fn, answer: make(chan error, 1)}
	t.add(j)
	// Not given up when ctx ends: whoever asked must learn whether it was committed.
	return <-j.answer
}

// commit runs a group in one transaction. When that fails by a statement, each is tried alone.
func (t *turns) commit(group []*job) {
	results, err := t.together(group)
	for i, j := range group {
		switch {
		case err == nil:
			j.answer <- results[i]
		case len(group) == 1 || Unavailable(err):
			j.answer <- err
		default:
			t.commit(group[i : i+1])
		}
	}
}

func (t *turns) together(group []*job) (results []error, err error) {
	ctx, stop := context.WithTimeout(context.Background(), longestTurn)
	defer stop()
	results = make([]error, len(group))
	err = t.do(ctx, func(q *Queries) error {
		tx, ok := q.db.(*pipeline)
		if !ok {
			return errors.New("taking turns: this is no transaction of PostgreSQL")
		}
		tx.uninterrupted = ctx
		for i, j := range group {
			if results[i] = j.ctx.Err(); results[i] != nil {
				continue
			}
			var whole error
			if results[i], whole = tx.part(func() error { return attempt(j.fn, q) }); whole != nil {
				return whole
			}
		}
		return nil
	})
	return results, err
}

// part runs a part of the transaction, which is undone by itself when fn fails; whole is what fails all of it.
func (t *pipeline) part(fn func() error) (err, whole error) {
	t.keep("savepoint part", nil)
	err = fn()
	switch {
	case t.failed != nil:
		return nil, t.failed
	case err != nil && t.broken(err):
		return nil, err
	case err != nil:
		t.keep("rollback to savepoint part", nil)
	}
	t.keep("release savepoint part", nil)
	return err, nil
}

// broken tells whether an error is the database's: who got it may have made another of it.
func (t *pipeline) broken(err error) bool {
	if _, ok := errors.AsType[*pgconn.PgError](err); ok {
		return true
	}
	if t.conn == nil {
		return false // nothing was asked of it
	}
	broken := true
	_ = t.conn.Raw(func(c any) error {
		status := statusOf(c)
		broken = status != inTransaction && (t.sent || status != idle)
		return nil
	})
	return broken
}
