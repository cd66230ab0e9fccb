package db

import (
	"bytes"
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
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
	begun  bool
	kept   *pgx.Batch
	bytes  int
	sent   bool  // something of it has gone out
	failed error // what a statement that was kept came to; nothing more is sent then
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

func newPipeline(pool *sql.DB) *pipeline { return &pipeline{pool: pool, kept: &pgx.Batch{}} }

// unseen is all that a transaction writes which was sent nothing yet; nil when it was, or writes nothing. Those that
// take turns have a transaction of their own.
func (t *pipeline) unseen() []*pgx.QueuedQuery {
	if !t.begun || t.sent || t.uninterrupted != nil {
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
	if !t.begun {
		t.begun = true
		t.kept.Queue(beginSerializable)
	}
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
	if t.failed != nil {
		return 0, "", t.failed
	}
	if t.kept.Len() == 0 {
		return 0, "", nil
	}
	ctx = t.context(ctx)
	if t.failed = t.connect(ctx); t.failed != nil {
		return 0, "", t.failed
	}
	batch := t.kept
	t.sent = true
	t.kept, t.bytes = &pgx.Batch{}, 0
	err = t.conn.Raw(func(c any) error {
		results := c.(*stdlib.Conn).Conn().SendBatch(ctx, batch)
		for _, statement := range batch.QueuedQueries {
			done, err := results.Exec()
			if err != nil {
				_ = results.Close() // says the same
				return fmt.Errorf("%s: %w", nameOf(statement.SQL), err)
			}
			rows, tag = done.RowsAffected(), done.String()
		}
		return results.Close()
	})
	t.failed = err
	return rows, tag, err
}

func nameOf(statement string) string {
	first, _, _ := strings.Cut(statement, "\n")
	name, _, _ := strings.Cut(strings.TrimPrefix(first, "-- name: "), " :")
	return name
}

// begin sends what was kept, so that a statement can be asked by itself.
func (t *pipeline) begin(ctx context.Context) error {
	if !t.begun {
		t.begun = true
		t.kept.Queue(beginSerializable)
	}
	_, _, err := t.send(ctx)
	return err
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
	if err := t.begin(ctx); err != nil {
		return nil, err
	}
	return t.conn.QueryContext(t.context(ctx), query, args...)
}

func (t *pipeline) QueryRowContext(ctx context.Context, query string, args ...any) *sql.Row {
	if err := t.begin(ctx); err != nil {
		ended, end := context.WithCancel(ctx) // a Row with an error cannot be made otherwise
		end()
		return t.pool.QueryRowContext(ended, query, args...)
	}
	return t.conn.QueryRowContext(t.context(ctx), query, args...)
}

func (t *pipeline) PrepareContext(ctx context.Context, query string) (*sql.Stmt, error) {
	if err := t.begin(ctx); err != nil {
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
