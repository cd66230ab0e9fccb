package db

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/url"
	"os"
	"runtime"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/pressly/goose/v3"
	_ "modernc.org/sqlite" // the driver "sqlite"
)

// At most this many transactions share one commit, so that the first of them does not wait for long.
const groupSize = 128

var errClosed = errors.New("the database is closed")

// How long a statement waits for another process that holds the file.
const busyTimeout = 10 * time.Second

func openSQLite(ctx context.Context, path string, own bool) (_ *DB, err error) {
	var opened []io.Closer
	defer func() {
		if err != nil {
			_ = closeAll(opened)
		}
	}()
	path, err = prepare(path)
	if err != nil {
		return nil, fmt.Errorf("opening the database: %w", err)
	}
	if own {
		held, err := lockFile(path)
		if err != nil {
			return nil, err
		}
		opened = append(opened, held)
		_ = os.Remove(path + restoringSuffix) // of a restore that was cut off
	}
	writing, err := sql.Open("sqlite", address(path, "mode=rwc"))
	if err != nil {
		return nil, fmt.Errorf("opening the database: %w", err)
	}
	opened = append(opened, writing)
	writing.SetMaxOpenConns(1)
	if err := migrateSQLite(ctx, writing, path, own); err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	conn, err := writing.Conn(ctx)
	if err != nil {
		return nil, fmt.Errorf("opening the database: %w", err)
	}
	opened = append(opened, conn)
	if err := sweepEarlier(ctx, conn); err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	reading, err := sql.Open("sqlite", address(path, "_pragma=query_only(1)"))
	if err != nil {
		return nil, fmt.Errorf("opening the database: %w", err)
	}
	opened = append(opened, reading)
	readers := max(4, 2*runtime.NumCPU())
	reading.SetMaxOpenConns(readers)
	reading.SetMaxIdleConns(readers)

	w := &writer{
		conn: conn, statements: newStatements(conn, true), queue: make(chan *job, 4*groupSize),
		done: make(chan struct{}), log: path + "-wal",
	}
	opened = append(opened, w.statements)
	go w.run()
	s := newSweeper(w, reading, path)
	go s.run()
	s.wake() // a process before may have ended before it had swept
	statements := newStatements(reading, false)
	return &DB{
		read:  New(statements),
		order: sqliteOrder(statements),
		tx:    w.do,
		snap:  w.do,
		turn:  w.do,
		sweep: s.wake,
		close: sync.OnceValue(func() error {
			s.close()
			w.close()
			return closeAll(opened)
		}),
		exec: w.pragma,
	}, nil
}

// closeAll closes what was opened, the last first.
func closeAll(opened []io.Closer) error {
	var failures []error
	for _, c := range slices.Backward(opened) {
		failures = append(failures, c.Close())
	}
	return errors.Join(failures...)
}

// address names a file to the driver.
func address(path string, more ...string) string {
	// busy_timeout comes first: the pragmas after it may have to wait. WAL lets readers go on beside the writer; FULL
	// makes a commit survive a power cut, which group commit makes affordable. What is deleted is overwritten.
	settings := append([]string{
		fmt.Sprintf("_pragma=busy_timeout(%d)", busyTimeout.Milliseconds()), "_pragma=journal_mode(WAL)",
		"_pragma=synchronous(FULL)",
		"_pragma=foreign_keys(1)", "_pragma=cache_size(-20000)", "_pragma=temp_store(MEMORY)",
		"_pragma=secure_delete(1)",
	}, more...)
	return "file:" + (&url.URL{Path: path}).EscapedPath() + "?" + strings.Join(settings, "&")
}

// migrateSQLite brings the schema up to date. Beside a portal that runs on the file nobody may but that portal, which
// knows the schema that it started with.
func migrateSQLite(ctx context.Context, pool *sql.DB, path string, own bool) error {
	provider, err := migrations(goose.DialectSQLite3, pool)
	if err != nil {
		return err
	}
	if own {
		return migrate(ctx, provider)
	}
	pending, err := provider.HasPending(ctx)
	if err != nil {
		return fmt.Errorf("reading the database's version: %w", err)
	}
	if !pending {
		return nil
	}
	held, err := lockFile(path)
	if err != nil {
		return fmt.Errorf("the database is of another version than this program: %w", err)
	}
	defer held.Close()
	return migrate(ctx, provider)
}

// writer is the one that writes. Transactions queue; those that wait while a commit is on its way go together into the
// next, each within a savepoint of its own, and all are answered after it. What is to be done between transactions
// queues with them.
type writer struct {
	conn       *sql.Conn
	statements *statements
	queue      chan *job
	mu         sync.RWMutex // held for reading while a job is put into the queue, for writing to close it
	closed     bool
	done       chan struct{}
	log        string // the write-ahead log's file
	pause      time.Duration
	shortenAt  time.Time // not before
}

// So long may the log become before the writer waits for those who read what stands in it. SQLite by itself begins it
// anew only where nobody does so at the very moment of a commit: with many readers that moment never comes, the log
// grows for ever, and each page that anybody reads is looked for in all of it.
const longestLog = 16 << 20

type job struct {
	ctx     context.Context
	fn      func(q *Queries) error
	between func() error // instead of fn: not within a transaction
	answer  chan error
}

func (w *writer) do(ctx context.Context, fn func(q *Queries) error) error {
	return w.wait(ctx, &job{ctx: ctx, fn: fn, answer: make(chan error, 1)})
}

// between runs fn on the writer's connection while no transaction runs.
func (w *writer) between(ctx context.Context, fn func() error) error {
	return w.wait(ctx, &job{ctx: ctx, between: fn, answer: make(chan error, 1)})
}

func (w *writer) wait(ctx context.Context, j *job) error {
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
		group, between := w.gather(first)
		if len(group) > 0 {
			w.commit(group)
			w.shorten()
		}
		if between != nil {
			between.answer <- between.between()
		}
	}
}

// shorten empties the log when it has become long. While somebody reads for long (a copy is being made), it is tried
// again, more and more seldom.
func (w *writer) shorten() {
	info, err := os.Stat(w.log)
	if err != nil || info.Size() <= longestLog || time.Now().Before(w.shortenAt) {
		return
	}
	if err = emptyLog(w.conn); err == nil {
		w.pause = 0
		return
	}
	if !errors.Is(err, errReaders) {
		slog.Warn("the database's log is not emptied", "file", w.log, "error", err)
	}
	w.pause = min(max(2*w.pause, sweepPause), sweepLongest)
	w.shortenAt = time.Now().Add(w.pause)
}

// gather takes what waits, up to a job that is to run between transactions.
func (w *writer) gather(first *job) (group []*job, between *job) {
	for j, open := first, true; open; {
		if j.between != nil {
			return group, j
		}
		group = append(group, j)
		if len(group) == groupSize {
			return group, nil
		}
		select {
		case j, open = <-w.queue:
		default:
			return group, nil
		}
	}
	return group, nil
}

// commit runs a group in one transaction. When the transaction itself fails (a full disk, say), each is tried alone, so
// that what one cannot do does not fail the others.
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
	running := &transaction{statements: w.statements}
	queries := New(running)
	results = make([]error, len(group))
	for i, j := range group {
		if results[i] = j.ctx.Err(); results[i] != nil {
			continue
		}
		if err := w.exec("SAVEPOINT one"); err != nil {
			return nil, fmt.Errorf("setting a savepoint: %w", err)
		}
		results[i] = attempt(j.fn, queries)
		if running.ended != nil {
			return nil, fmt.Errorf("the transaction was ended by the database: %w", running.ended)
		}
		if results[i] != nil {
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

// transaction watches for faults at which SQLite ends the whole transaction by itself (a full disk, for one). What came
// after would be written at once and alone: it is refused instead, also when fn goes on as if nothing had been.
type transaction struct {
	*statements
	ended error
}

func (t *transaction) note(err error) error {
	if err != nil && endsTransaction(err) {
		t.ended = err
	}
	return err
}

func (t *transaction) ExecContext(ctx context.Context, query string, args ...any) (sql.Result, error) {
	if t.ended != nil {
		return nil, t.ended
	}
	result, err := t.statements.ExecContext(ctx, query, args...)
	return result, t.note(err)
}

func (t *transaction) QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error) {
	if t.ended != nil {
		return nil, t.ended
	}
	rows, err := t.statements.QueryContext(ctx, query, args...)
	return rows, t.note(err)
}

func (t *transaction) QueryRowContext(ctx context.Context, query string, args ...any) *sql.Row {
	if t.ended != nil {
		return t.statements.QueryRowContext(ctx, noStatement) // a Row with an error cannot be made otherwise
	}
	row := t.statements.QueryRowContext(ctx, query, args...)
	_ = t.note(row.Err())
	return row
}

// noStatement fails when it is prepared.
const noStatement = "the transaction was ended by the database"

// pragma runs a statement of the store's own between transactions.
func (w *writer) pragma(ctx context.Context, statement string) error {
	return w.between(ctx, func() error {
		_, err := w.conn.ExecContext(context.WithoutCancel(ctx), statement)
		return err
	})
}

func (w *writer) exec(statement string) error {
	_, err := w.statements.ExecContext(context.Background(), statement)
	return err
}

// statements prepares each statement once and keeps it.
type statements struct {
	from preparer
	// An interrupted statement would end the whole transaction that others share, so the writer's are never
	// interrupted.
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

// Close ends the statements. A connection whose statements are left lives on behind the driver, with its hold on the
// file.
func (s *statements) Close() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	var failures []error
	for _, stmt := range s.prepared {
		failures = append(failures, stmt.Close())
	}
	clear(s.prepared)
	return errors.Join(failures...)
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
	stmt, err := s.from.PrepareContext(context.WithoutCancel(ctx), query) //nolint:sqlclosecheck // kept
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
