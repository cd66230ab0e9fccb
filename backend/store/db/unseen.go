package db

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
)

// unseenSize is how many go together at most.
const unseenSize = 64

// unseen are transactions of one process that have looked at nothing until their commit: a line of the history of use
// beside what a call has read is such a one, by far the most frequent. Nothing that another does changes what they
// write, so they are statements that can be sent one behind the other: those that come while some are under way go
// together into one transaction and one commit, as all do on SQLite.
//
// What goes wrong for one is nothing to the others: then each goes by itself, as it would have without them.
type unseen struct {
	*gathering[*written]
	pool *sql.DB
}

// written is what such a transaction writes.
type written struct {
	ctx        context.Context
	statements []*pgx.QueuedQuery
	answer     chan error
}

// errByItself: together they could not be written, and nothing of them is.
var errByItself = errors.New("is to be written by itself")

// Of the rows that one writes another may hold some for long, which is nothing to the rest.
const waitNotFor = "set local lock_timeout = '100ms'"

const lockTimeout = "55P03"

func newUnseen(pool *sql.DB) *unseen {
	u := &unseen{pool: pool}
	u.gathering = &gathering[*written]{size: unseenSize, run: u.commit}
	return u
}

// take returns once the statements are committed durably; errByItself when nothing of them is, and they may be tried
// alone.
func (u *unseen) take(ctx context.Context, statements []*pgx.QueuedQuery) error {
	w := &written{ctx: ctx, statements: statements, answer: make(chan error, 1)}
	u.add(w)
	// Not given up when ctx ends: whoever asked must learn whether it was committed.
	return <-w.answer
}

func (u *unseen) commit(group []*written) {
	whole, going := &pgx.Batch{}, make([]*written, 0, len(group))
	whole.Queue(beginSerializable)
	whole.Queue(waitNotFor)
	for _, w := range group {
		if err := w.ctx.Err(); err != nil {
			w.answer <- err
			continue
		}
		going = append(going, w)
		for _, statement := range w.statements {
			whole.Queue(statement.SQL, statement.Arguments...)
		}
	}
	whole.Queue(commit)
	if len(going) == 0 {
		return
	}
	err := u.send(whole)
	if mayGoAlone(err) {
		err = errByItself
	}
	for _, w := range going {
		w.answer <- err
	}
}

func (u *unseen) send(whole *pgx.Batch) error {
	ctx, stop := context.WithTimeout(context.Background(), longestTurn)
	defer stop()
	conn, err := u.pool.Conn(ctx)
	if err != nil {
		return fmt.Errorf("beginning a transaction: %w", err)
	}
	tx := &pipeline{conn: conn, begun: true, kept: whole}
	defer tx.end(ctx)
	if _, _, err := tx.send(ctx); err != nil {
		return fmt.Errorf("committing: %w", err)
	}
	return nil
}

// mayGoAlone tells whether the server has said that it wrote nothing, and could otherwise.
func mayGoAlone(err error) bool {
	pg, said := errors.AsType[*pgconn.PgError](err)
	return said && (metAnother(err) || pg.Code == lockTimeout || !Unavailable(err))
}
