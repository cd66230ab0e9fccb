package db

import (
	"context"
	"database/sql"
	"encoding/binary"
	"errors"
	"fmt"
	"log/slog"
	"time"
)

// Names in store_note.
const (
	noteErased = "erased"
	noteSwept  = "swept"
	noteProbe  = "probe"
)

// sweeper cleans the files of a SQLite store of what was erased. SQLite overwrites what it deletes (secure_delete), but
// two places keep copies: pages that were built anew while the row was still there, in the gap between their list of
// rows and the rows themselves, and the write-ahead log. Both are cleaned through SQLite and by the one writer, so that
// no other process is disturbed.
type sweeper struct {
	writer  *writer
	reading *sql.DB
	path    string
	asked   chan struct{}
	stop    context.CancelFunc
	ctx     context.Context
	done    chan struct{}
}

const (
	// How long the writer waits for readers that stand in the way, and how long until it is tried again: it doubles.
	sweepPatience = 100 * time.Millisecond
	sweepPause    = 200 * time.Millisecond
	sweepLongest  = 10 * time.Second
	// So many pages are mended in one transaction.
	sweepBatch = 64
)

// errReaders says that somebody reads what lies in the log; a copy that is being made, for one.
var errReaders = errors.New("the log is being read")

func newSweeper(w *writer, reading *sql.DB, path string) *sweeper {
	ctx, stop := context.WithCancel(context.Background())
	return &sweeper{
		writer: w, reading: reading, path: path, asked: make(chan struct{}, 1), ctx: ctx, stop: stop,
		done: make(chan struct{}),
	}
}

func (s *sweeper) wake() {
	select {
	case s.asked <- struct{}{}:
	default:
	}
}

// close sweeps a last time.
func (s *sweeper) close() {
	s.stop()
	<-s.done
	if err := s.sweep(context.Background()); err != nil {
		slog.Warn("what was erased is not swept out of the database's files yet; the next start goes on",
			"file", s.path, "error", err)
	}
}

func (s *sweeper) run() {
	defer close(s.done)
	for {
		select {
		case <-s.asked:
		case <-s.ctx.Done():
			return
		}
		began := time.Now()
		if !s.untilDone() {
			return
		}
		// A sweep reads the whole file: it takes at most a tenth of the time.
		if !s.pause(9 * time.Since(began)) {
			return
		}
	}
}

// untilDone sweeps until it is done; false when told to stop before.
func (s *sweeper) untilDone() bool {
	for pause := sweepPause; ; pause = min(2*pause, sweepLongest) {
		err := s.sweep(s.ctx)
		if err == nil {
			return true
		}
		if s.ctx.Err() != nil {
			return false
		}
		if pause == sweepLongest || !errors.Is(err, errReaders) {
			slog.Warn("what was erased is not swept out of the database's files yet", "file", s.path, "error", err)
		}
		if !s.pause(pause) {
			return false
		}
	}
}

func (s *sweeper) pause(d time.Duration) bool {
	select {
	case <-s.ctx.Done():
		return false
	case <-time.After(d):
		return true
	}
}

// sweep does nothing when nothing was erased since the last time.
func (s *sweeper) sweep(ctx context.Context) error {
	q := New(s.reading)
	erased, err := q.StoreNote(ctx, noteErased)
	if err != nil {
		return fmt.Errorf("reading what was erased: %w", err)
	}
	swept, err := q.StoreNote(ctx, noteSwept)
	if err != nil || swept >= erased {
		return err
	}
	pages, err := dirtyPages(ctx, s.reading)
	if err != nil {
		return fmt.Errorf("looking through the database: %w", err)
	}
	for len(pages) > 0 {
		batch := pages[:min(sweepBatch, len(pages))]
		pages = pages[len(batch):]
		if err := s.writer.between(ctx, func() error { return s.mend(batch) }); err != nil {
			return fmt.Errorf("cleaning pages: %w", err)
		}
	}
	if err := s.writer.between(ctx, func() error { return emptyLog(s.writer.conn) }); err != nil {
		return err
	}
	return s.writer.do(ctx, func(q *Queries) error { return q.StoreSwept(ctx, erased) })
}

// dirtyPages lists the pages with something left in their gap.
func dirtyPages(ctx context.Context, from *sql.DB) (list []int64, err error) {
	rows, err := from.QueryContext(ctx, "SELECT pgno, data FROM sqlite_dbpage")
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	for rows.Next() {
		var number int64
		var page sql.RawBytes
		if err := rows.Scan(&number, &page); err != nil {
			return nil, err
		}
		if isDirty(gap(number, page)) {
			list = append(list, number)
		}
	}
	return list, rows.Err()
}

// mend empties the gaps of pages, which may have changed since they were found.
func (s *sweeper) mend(pages []int64) (err error) {
	ctx := context.Background()
	if err := s.writer.exec("BEGIN IMMEDIATE"); err != nil {
		return fmt.Errorf("beginning a transaction: %w", err)
	}
	defer func() {
		if err != nil {
			_ = s.writer.exec("ROLLBACK")
		}
	}()
	for _, number := range pages {
		var page []byte
		err := s.writer.statements.QueryRowContext(ctx, "SELECT data FROM sqlite_dbpage WHERE pgno = $1", number).Scan(
			&page,
		)
		if errors.Is(err, sql.ErrNoRows) {
			continue // the file has become shorter
		}
		if err != nil {
			return err
		}
		left := gap(number, page)
		if !isDirty(left) {
			continue
		}
		clear(left)
		if _, err := s.writer.statements.ExecContext(ctx, "UPDATE sqlite_dbpage SET data = $1 WHERE pgno = $2", page,
			number); err != nil {
			return err
		}
	}
	return s.writer.exec("COMMIT")
}

// gap is what lies between a b-tree page's list of cells and the cells themselves (https://sqlite.org/fileformat.html,
// 1.6): nobody's bytes. It is nil for other pages.
//
// Pages that hold the rest of long rows begin with the number of the next such page: their first byte is none of the
// four below as long as the file has fewer than 2^25 pages, 128 GiB; and free pages are zero. Page 1 holds the schema
// alone.
func gap(number int64, page []byte) []byte {
	if number == 1 || number >= 1<<25 || len(page) < 12 {
		return nil
	}
	header := 0
	switch page[0] {
	case 10, 13: // leaves
		header = 8
	case 2, 5:
		header = 12
	default:
		return nil
	}
	begin := header + 2*int(binary.BigEndian.Uint16(page[3:]))
	end := int(binary.BigEndian.Uint16(page[5:]))
	if end == 0 {
		end = 1 << 16
	}
	if begin >= end || end > len(page) {
		return nil
	}
	return page[begin:end]
}

func isDirty(b []byte) bool {
	for _, c := range b {
		if c != 0 {
			return true
		}
	}
	return false
}

// emptyLog brings everything from the log into the database and cuts the log off. It does not wait long for those who
// read.
func emptyLog(conn *sql.Conn) (err error) {
	ctx := context.Background()
	if err := setBusyTimeout(ctx, conn, sweepPatience); err != nil {
		return err
	}
	defer func() { err = errors.Join(err, setBusyTimeout(ctx, conn, busyTimeout)) }()
	var busy, pages, moved int
	if err := conn.QueryRowContext(ctx, "PRAGMA wal_checkpoint(TRUNCATE)").Scan(&busy, &pages, &moved); err != nil {
		return fmt.Errorf("emptying the log: %w", err)
	}
	if busy != 0 {
		return errReaders
	}
	return nil
}

func setBusyTimeout(ctx context.Context, conn *sql.Conn, d time.Duration) error {
	_, err := conn.ExecContext(ctx, fmt.Sprintf("PRAGMA busy_timeout = %d", d.Milliseconds()))
	return err
}

// sweepEarlier writes a database anew, once, that was kept before anything was swept.
func sweepEarlier(ctx context.Context, conn *sql.Conn) error {
	var swept int64
	if err := conn.QueryRowContext(ctx, storeNote, noteSwept).Scan(&swept); err != nil {
		return fmt.Errorf("reading what was swept: %w", err)
	}
	if swept >= 0 {
		return nil
	}
	// Not in memory, as everything temporary else: the copy is as large as the database. SQLite unlinks such a file
	// before it writes to it.
	for _, statement := range []string{"PRAGMA temp_store = FILE", "VACUUM", "PRAGMA temp_store = MEMORY"} {
		if _, err := conn.ExecContext(ctx, statement); err != nil {
			return fmt.Errorf("writing the database anew (%s): %w", statement, err)
		}
	}
	if err := emptyLog(conn); errors.Is(err, errReaders) {
		return nil // another program reads; the next to open it tries again
	} else if err != nil {
		return err
	}
	if _, err := conn.ExecContext(ctx, storeSwept, 0); err != nil {
		return fmt.Errorf("noting that the database was written anew: %w", err)
	}
	return nil
}
