package db

import (
	"bytes"
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/stdlib"
)

// pipeline is a transaction on a PostgreSQL server that waits for no answer that nobody looks at. A statement of which
// sqlc gives nothing but an error (:exec) is kept until an answer is needed, and sent together with what comes after
// it: what a transaction writes at its end goes out with its BEGIN, or with what it asked before, and its COMMIT, in
// one round trip. The statements keep their order, and see each other, as if each had been waited for.
//
// An error of a kept statement comes later therefore: from a statement after it, or from the commit. It is the
// transaction's in any case, whatever the caller makes of it: the server has given the transaction up.
//
// One that nobody's answer was needed for until its commit takes no connection for itself (unseen).
type pipeline struct {
	pool   *sql.DB
	conn   *sql.Conn // none before the first is sent
	first  string    // how it begins
	begun  bool
	kept   *pgx.Batch
	bytes  int
	sent   bool  // something of it has gone out
	failed error // what a statement that was kept came to; nothing more is sent then
	ahead  []*answer
	place  int64 // the server's number of it; 0 before that was asked for
	// uninterrupted is for those who go together, when they do: a statement that its caller breaks off ends the
	// connection, and the transaction of all of them.
	uninterrupted context.Context
}

// So much is kept at most.
const (
	keptStatements = 128
	keptBytes      = 1 << 20
)

const (
	beginSerializable = "begin isolation level serializable"
	beginSnapshot     = "begin isolation level repeatable read"
	commit            = "commit"
	rollback          = "rollback"
)

// What a connection says of its transaction.
const (
	idle          = 'I'
	inTransaction = 'T'
	closed        = 0
)

func statusOf(driverConn any) byte {
	conn := driverConn.(*stdlib.Conn).Conn()
	if conn.IsClosed() {
		return closed
	}
	return conn.PgConn().TxStatus()
}

var errNotCommitted = errors.New("the transaction was rolled back: a statement of it had failed")

func newPipeline(pool *sql.DB, first string) *pipeline {
	return &pipeline{pool: pool, first: first, kept: &pgx.Batch{}}
}

// unseen is all that a transaction writes which was sent nothing yet; nil when it was, or writes nothing. Those that
// take turns have a transaction of their own.
func (t *pipeline) unseen() []*pgx.QueuedQuery {
	if !t.begun || t.sent || t.uninterrupted != nil || t.first != beginSerializable {
		return nil
	}
	return t.kept.QueuedQueries[1:] // without its BEGIN
}

// connect takes a connection.
func (t *pipeline) connect(ctx context.Context) (err error) {
	if t.conn != nil {
		return nil
	}
	if t.conn, err = t.pool.Conn(ctx); err != nil {
		return fmt.Errorf("beginning a transaction: %w", err)
	}
	return nil
}

// isKept tells whether sqlc gives nothing of a statement but an error. Its first line says so.
func isKept(query string) bool {
	name, _, _ := strings.Cut(query, "\n")
	return strings.HasPrefix(name, "-- name: ") && strings.HasSuffix(name, " :exec")
}

func (t *pipeline) keep(query string, args []any) {
	t.begin()
	t.ahead = nil // it may change what was answered
	own := make([]any, len(args))
	for i, arg := range args {
		switch value := arg.(type) {
		case []byte: // the caller may write on in it
			arg = bytes.Clone(value)
			t.bytes += len(value)
		case string:
			t.bytes += len(value)
		}
		own[i] = arg
	}
	t.kept.Queue(query, own...)
}

// send sends what was kept, and gives how many rows the last of it has changed, and what it says of itself.
func (t *pipeline) send(ctx context.Context) (rows int64, tag string, err error) {
	last, _, err := t.sendWith(ctx, nil)
	return last.RowsAffected(), last.String(), err
}

// sendWith sends what was kept, with questions behind it: what the last that was kept says of itself, and the answers.
// An answer may be an error; nothing behind it is answered then.
func (t *pipeline) sendWith(
	ctx context.Context, questions []question,
) (last pgconn.CommandTag, answers []*answer, err error) {
	if t.failed != nil {
		return last, nil, t.failed
	}
	batch := t.kept
	statements := batch.QueuedQueries
	for _, q := range questions {
		batch.Queue(q.query, q.args...)
	}
	if batch.Len() == 0 {
		return last, nil, nil
	}
	ctx = t.context(ctx)
	if t.failed = t.connect(ctx); t.failed != nil {
		return last, nil, t.failed
	}
	t.sent = true
	t.kept, t.bytes = &pgx.Batch{}, 0
	err = t.conn.Raw(func(c any) error {
		results := c.(*stdlib.Conn).Conn().SendBatch(ctx, batch)
		for _, statement := range statements {
			var err error
			if last, err = results.Exec(); err != nil {
				_ = results.Close() // says the same
				return fmt.Errorf("%s: %w", nameOf(statement.SQL), err)
			}
		}
		for _, q := range questions {
			rows, err := results.Query()
			if err == nil {
				var one *answer
				if one, err = answerOf(q, rows); err == nil {
					answers = append(answers, one)
					continue
				}
			}
			answers = append(answers, &answer{question: q, err: err})
			_ = results.Close() // says the same
			return nil
		}
		return results.Close()
	})
	t.failed = err
	return last, answers, err
}

// ask sends questions together, and keeps the answers until they are asked again.
func (t *pipeline) ask(ctx context.Context, questions []question) error {
	if len(questions) == 0 {
		return nil
	}
	t.begin()
	_, came, err := t.sendWith(ctx, questions)
	if err != nil {
		return err
	}
	if last := came[len(came)-1]; last.err != nil {
		t.failed = fmt.Errorf("%s: %w", nameOf(last.query), last.err)
		return t.failed
	}
	t.ahead = came
	return nil
}

// answer gives what came to a question that was asked ahead, or comes to one before which something is kept; nil when
// it is to be asked by itself.
func (t *pipeline) answer(ctx context.Context, query string, args []any) *answer {
	for i, came := range t.ahead {
		if came.is(query, args) {
			t.ahead = slices.Delete(t.ahead, i, i+1)
			return came
		}
	}
	t.ahead = nil
	t.begin()
	if t.failed == nil && t.kept.Len() == 0 {
		return nil
	}
	_, came, err := t.sendWith(ctx, []question{{query, args}})
	if err != nil {
		return &answer{err: err}
	}
	return came[0]
}

func nameOf(statement string) string {
	first, _, _ := strings.Cut(statement, "\n")
	name, _, _ := strings.Cut(strings.TrimPrefix(first, "-- name: "), " :")
	return name
}

func (t *pipeline) begin() {
	if !t.begun {
		t.begun = true
		t.kept.Queue(t.first)
	}
}

func (t *pipeline) ExecContext(ctx context.Context, query string, args ...any) (sql.Result, error) {
	if t.failed != nil {
		return nil, t.failed
	}
	t.keep(query, args)
	if isKept(query) && t.kept.Len() < keptStatements && t.bytes < keptBytes {
		return driver.RowsAffected(0), nil // which nobody asks for
	}
	rows, _, err := t.send(ctx)
	if err != nil {
		return nil, err
	}
	return driver.RowsAffected(rows), nil
}

func (t *pipeline) QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error) {
	if came := t.answer(ctx, query, args); came != nil {
		return came.rows()
	}
	return t.conn.QueryContext(t.context(ctx), query, args...)
}

func (t *pipeline) QueryRowContext(ctx context.Context, query string, args ...any) *sql.Row {
	if came := t.answer(ctx, query, args); came != nil {
		return came.row()
	}
	return t.conn.QueryRowContext(t.context(ctx), query, args...)
}

func (t *pipeline) PrepareContext(ctx context.Context, query string) (*sql.Stmt, error) {
	t.begin()
	if _, _, err := t.send(ctx); err != nil {
		return nil, err
	}
	return t.conn.PrepareContext(t.context(ctx), query)
}

func (t *pipeline) context(ctx context.Context) context.Context {
	if t.uninterrupted != nil {
		return t.uninterrupted
	}
	return ctx
}

// commit ends the transaction, with what was kept before it.
func (t *pipeline) commit(ctx context.Context) error {
	if t.failed != nil || !t.begun {
		return t.failed
	}
	t.kept.Queue(commit)
	_, tag, err := t.send(ctx)
	if err == nil && !strings.EqualFold(tag, commit) {
		err = errNotCommitted // an error of a statement that was asked by itself was passed over
	}
	return err
}

// end rolls back what is not committed, and gives the connection back; one that does not answer is given up.
func (t *pipeline) end(ctx context.Context) {
	if t.conn == nil {
		return
	}
	const longest = 5 * time.Second
	_ = t.conn.Raw(func(c any) error {
		switch statusOf(c) {
		case closed:
			return driver.ErrBadConn
		case idle:
			return nil
		}
		ctx, stop := context.WithTimeout(context.WithoutCancel(ctx), longest)
		defer stop()
		if _, err := c.(*stdlib.Conn).Conn().Exec(ctx, rollback); err != nil {
			return driver.ErrBadConn
		}
		return nil
	})
	_ = t.conn.Close()
}
