package db

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"runtime"
	"sync"

	"github.com/pressly/goose/v3"
	_ "modernc.org/sqlite" // the driver "sqlite"
)

// At most this many transactions share one commit, so that the first of them does not wait for long.
const groupSize = 128

var errClosed = errors.New("the database is closed")

func openSQLite(ctx context.Context, path string) (*DB, error) {
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return nil, fmt.Errorf("opening the database: %w", err)
	}
	// busy_timeout comes first: the pragmas after it may have to wait. WAL lets readers go on beside the writer; FULL makes a
	// commit survive a power cut, which group commit makes affordable.
	const shared = "_pragma=busy_timeout(10000)&_pragma=journal_mode(WAL)&_pragma=synchronous(FULL)&_pragma=foreign_keys(1)" +
		"&_pragma=cache_size(-20000)&_pragma=temp_store(MEMORY)"
	name := "file:" + (&url.URL{Path: path}).EscapedPath() + "?" + shared

	writing, err := sql.Open("sqlite", name)
	if err != nil {
		return nil, fmt.Errorf("opening the database: %w", err)
	}
	writing.SetMaxOpenConns(1)
	if err := migrate(ctx, goose.DialectSQLite3, writing); err != nil {
		writing.Close()
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	conn, err := writing.Conn(ctx)
	if err != nil {
		writing.Close()
		return nil, fmt.Errorf("opening the database: %w", err)
	}

	reading, err := sql.Open("sqlite", name+"&_pragma=query_only(1)")
	if err != nil {
		writing.Close()
		return nil, fmt.Errorf("opening the database: %w", err)
	}
	readers := max(4, 2*runtime.NumCPU())
	reading.SetMaxOpenConns(readers)
	reading.SetMaxIdleConns(readers)

	w := &writer{conn: conn, statements: newStatements(conn, true), queue: make(chan *job, 4*groupSize), done: make(chan struct{})}
	go w.run()
	return &DB{
		read: New(newStatements(reading, false)),
		tx:   w.do,
		ping: reading.PingContext,
		close: func() error {
			w.close()
			return errors.Join(conn.Close(), reading.Close(), writing.Close())
		},
	}, nil
}

// writer is the one that writes. Transactions queue; those that wait while a commit is on its way go together into the next,
// each within a savepoint of its own, and all are answered after it.
type writer struct {
	conn       *sql.Conn
	statements *statements
	queue      chan *job
	mu         sync.RWMutex // held for reading while a job is put into the queue, for writing to close it
	closed     bool
	done       chan struct{}
}

type job struct {
	ctx    context.Context
	fn     func(q *Queries) error
	answer chan error
}

func (w *writer) do(ctx context.Context, fn func(q *Queries) error) error {
	j := &job{ctx: ctx, fn: fn, answer: make(chan error, 1)}
	if err := w.enqueue(ctx, j); err != nil {
		return err
	}
	// Not given up when ctx ends: whoever asked must learn whether it was committed.
	return <-j.answer
}

func (w *writer) enqueue(ctx context.Context, j *job) error {
	w.mu.RLock()
	defer w.mu.RUnlock()
	if w.closed {
		return errClosed
	}
	select {
	case w.queue <- j:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

func (w *writer) close() {
	w.mu.Lock()
	if !w.closed {
		w.closed = true
		close(w.queue)
	}
	w.mu.Unlock()
	<-w.done
}

func (w *writer) run() {
	defer close(w.done)
	for first := range w.queue {
		group := []*job{first}
	gather:
		for len(group) < groupSize {
			select {
			case j, open := <-w.queue:
				if !open {
					break gather
				}
				group = append(group, j)
			default:
				break gather
			}
		}
		w.commit(group)
	}
}

// commit runs a group in one transaction. When the transaction itself fails (a full disk, say), each is tried alone, so that what
// one cannot do does not fail the others.
func (w *writer) commit(group []*job) {
	results, err := w.together(group)
	if err == nil {
		for i, j := range group {
			j.answer <- results[i]
		}
		return
	}
	if len(group) == 1 {
		group[0].answer <- err
		return
	}
	for _, j := range group {
		w.commit([]*job{j})
	}
}

func (w *writer) together(group []*job) (results []error, err error) {
	if err := w.exec("BEGIN IMMEDIATE"); err != nil {
		return nil, fmt.Errorf("beginning a transaction: %w", err)
	}
	defer func() {
		if err != nil {
			// Ends the transaction if it is still there; SQLite may have ended it already.
			_ = w.exec("ROLLBACK")
		}
	}()
	queries := New(w.statements)
	results = make([]error, len(group))
	for i, j := range group {
		if results[i] = j.ctx.Err(); results[i] != nil {
			continue
		}
		if err := w.exec("SAVEPOINT one"); err != nil {
			return nil, fmt.Errorf("setting a savepoint: %w", err)
		}
		if results[i] = attempt(j.fn, queries); results[i] != nil {
			if err := w.exec("ROLLBACK TO one"); err != nil {
				return nil, fmt.Errorf("rolling back: %w", results[i])
			}
		}
		if err := w.exec("RELEASE one"); err != nil {
			return nil, fmt.Errorf("releasing a savepoint: %w", err)
		}
	}
	if err := w.exec("COMMIT"); err != nil {
		return nil, fmt.Errorf("committing: %w", err)
	}
	return results, nil
}

func (w *writer) exec(statement string) error {
	_, err := w.statements.ExecContext(context.Background(), statement)
	return err
}

// statements prepares each statement once and keeps it.
type statements struct {
	from preparer
	// An interrupted statement would end the whole transaction that others share, so the writer's are never interrupted.
	uninterrupted bool
	mu            sync.RWMutex
	prepared      map[string]*sql.Stmt
}

type preparer interface {
	PrepareContext(ctx context.Context, query string) (*sql.Stmt, error)
	QueryRowContext(ctx context.Context, query string, args ...any) *sql.Row
}

func newStatements(from preparer, uninterrupted bool) *statements {
	return &statements{from: from, uninterrupted: uninterrupted, prepared: map[string]*sql.Stmt{}}
}

func (s *statements) PrepareContext(ctx context.Context, query string) (*sql.Stmt, error) {
	s.mu.RLock()
	stmt, ok := s.prepared[query]
	s.mu.RUnlock()
	if ok {
		return stmt, nil
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if stmt, ok := s.prepared[query]; ok {
		return stmt, nil
	}
	// Kept beyond this call, so not bound to its context.
	stmt, err := s.from.PrepareContext(context.WithoutCancel(ctx), query) //nolint:sqlclosecheck // kept for the next call
	if err != nil {
		return nil, err
	}
	s.prepared[query] = stmt
	return stmt, nil
}

func (s *statements) ExecContext(ctx context.Context, query string, args ...any) (sql.Result, error) {
	stmt, err := s.PrepareContext(ctx, query) //nolint:sqlclosecheck // kept for the next call
	if err != nil {
		return nil, err
	}
	return stmt.ExecContext(s.context(ctx), args...)
}

func (s *statements) QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error) {
	stmt, err := s.PrepareContext(ctx, query) //nolint:sqlclosecheck // kept for the next call
	if err != nil {
		return nil, err
	}
	return stmt.QueryContext(s.context(ctx), args...)
}

func (s *statements) QueryRowContext(ctx context.Context, query string, args ...any) *sql.Row {
	stmt, err := s.PrepareContext(ctx, query) //nolint:sqlclosecheck // kept for the next call
	if err != nil {
		return s.from.QueryRowContext(ctx, query, args...) // fails alike, and a Row carries the error
	}
	return stmt.QueryRowContext(s.context(ctx), args...)
}

func (s *statements) context(ctx context.Context) context.Context {
	if s.uninterrupted {
		return context.WithoutCancel(ctx)
	}
	return ctx
}
