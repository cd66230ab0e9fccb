package db

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"time"

	"github.com/pressly/goose/v3"
	"modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"
)

const (
	partialSuffix   = ".partial"
	restoringSuffix = ".restoring"
	progressEvery   = 500 * time.Millisecond
)

// Backup writes a copy of a SQLite store to a file that is not there yet, as the store is at one moment, also beside a
// portal that runs and writes. The file has its name only once it is whole and has been checked. progress hears how
// many bytes of about how many are written; it may be nil.
func Backup(ctx context.Context, store, target string, progress func(written, about int64)) (err error) {
	whole, err := existing(store)
	if err != nil {
		return err
	}
	if err := absent(target); err != nil {
		return err
	}
	partial, done, err := begin(target + partialSuffix)
	if err != nil {
		return err
	}
	defer func() {
		if err != nil {
			os.Remove(partial)
		}
		done()
	}()
	pool, err := sql.Open("sqlite", address(whole, "mode=rw"))
	if err != nil {
		return fmt.Errorf("opening the database: %w", err)
	}
	defer pool.Close()
	var about int64
	if err := pool.QueryRowContext(ctx, "SELECT page_count * page_size FROM pragma_page_count, pragma_page_size").
		Scan(&about); err != nil {
		return fmt.Errorf("opening the database: %w", err)
	}
	if err := watch(partial, about, progress, func() error {
		_, err := pool.ExecContext(ctx, "VACUUM INTO $1", partial)
		return err
	}); err != nil {
		return fmt.Errorf("copying the database: %w", err)
	}
	if err := CheckCopy(ctx, partial); err != nil {
		return fmt.Errorf("checking the copy: %w", err)
	}
	if err := flush(partial); err != nil {
		return err
	}
	if err := absent(target); err != nil { // somebody was quicker
		return err
	}
	return replace(partial, target)
}

// Restore puts a copy that Backup wrote in the place of a SQLite store on which no portal runs. The copy is checked
// first, and by fits, which looks at what it holds (nil accepts all). Every session in it is ended: one may have been
// ended since the copy was made. The store that was there is kept aside, under the name that is returned; "" when there
// was none. Cut off at any moment, either the old store or the new one is in place.
func Restore(
	ctx context.Context, store, from string, fits func(ctx context.Context, q *Queries) error,
) (aside string, err error) {
	path := strings.TrimPrefix(store, "sqlite:")
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return "", err
	}
	if whole, err := filepath.EvalSymlinks(path); err == nil {
		path = whole
	}
	held, err := lockFile(path)
	if err != nil {
		return "", err
	}
	defer held.Close()
	restoring := path + restoringSuffix
	defer os.Remove(restoring)
	if err := takeIn(from, restoring); err != nil {
		return "", fmt.Errorf("reading the copy: %w", err)
	}
	if err := CheckCopy(ctx, restoring); err != nil {
		return "", fmt.Errorf("%s cannot be restored: %w", from, err)
	}
	if err := makeSafe(ctx, restoring, fits); err != nil {
		return "", err
	}
	if err := flush(restoring); err != nil {
		return "", err
	}
	if aside, err = putAside(ctx, path); err != nil {
		return "", fmt.Errorf("putting the present database aside: %w", err)
	}
	return aside, replace(restoring, path)
}

// CheckCopy says what is wrong with a file that is to be a whole store by itself.
func CheckCopy(ctx context.Context, path string) error {
	if info, err := os.Stat(path + "-wal"); err == nil && info.Size() > 0 {
		return errors.New(
			"there is a -wal file beside it, without which it is not whole: make copies with `portal backup`",
		)
	}
	pool, err := sql.Open("sqlite", "file:"+(&url.URL{Path: path}).EscapedPath()+"?mode=ro&immutable=1")
	if err != nil {
		return err
	}
	defer pool.Close()
	for pragma, fine := range map[string]string{"PRAGMA integrity_check": "ok", "PRAGMA foreign_key_check": ""} {
		if err := verdict(ctx, pool, pragma, fine); err != nil {
			return err
		}
	}
	var version int64
	err = pool.QueryRowContext(
		ctx, "SELECT MAX(version_id) FROM goose_db_version WHERE EXISTS (SELECT 1 FROM pragma_table_info('folder'))",
	).Scan(&version)
	if err != nil || version < 1 {
		return errors.New("it is not a portal's database")
	}
	provider, err := migrations(goose.DialectSQLite3, pool)
	if err != nil {
		return err
	}
	sources := provider.ListSources()
	if known := sources[len(sources)-1].Version; version > known {
		return fmt.Errorf("it was written by a newer portal (version %d of the schema; this one knows %d)", version,
			known)
	}
	return nil
}

// verdict runs a check, of which each row that is not fine is a fault.
func verdict(ctx context.Context, pool *sql.DB, pragma, fine string) error {
	rows, err := pool.QueryContext(ctx, pragma)
	if err != nil {
		return fmt.Errorf("%s: %w", pragma, err)
	}
	defer rows.Close()
	columns, err := rows.Columns()
	if err != nil {
		return err
	}
	for rows.Next() {
		first := sql.NullString{}
		into := []any{&first}
		for range columns[1:] {
			into = append(into, new(any))
		}
		if err := rows.Scan(into...); err != nil {
			return err
		}
		if first.String != fine {
			return fmt.Errorf("it is damaged (%s: %s)", pragma, first.String)
		}
	}
	if err := rows.Err(); err != nil {
		return fmt.Errorf("%s: %w", pragma, err)
	}
	return nil
}

// existing gives the whole path of a SQLite store that is there.
func existing(store string) (string, error) {
	path := strings.TrimPrefix(store, "sqlite:")
	info, err := os.Stat(path)
	if err != nil {
		return "", fmt.Errorf("finding the database: %w", err)
	}
	if info.Size() == 0 {
		return "", fmt.Errorf("%s is empty: no portal has run on it", path)
	}
	return filepath.EvalSymlinks(path)
}

func absent(target string) error {
	_, err := os.Lstat(target)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	return fmt.Errorf("%s is there already: name a file that is not", target)
}

// begin makes an empty file that is being written by one process. What was left of one that was cut off is taken over.
func begin(name string) (path string, done func(), err error) {
	file, err := os.OpenFile(name, os.O_CREATE|os.O_RDWR|syscall.O_NOFOLLOW, 0o600)
	if err != nil {
		return "", nil, err
	}
	if err := syscall.Flock(int(file.Fd()), syscall.LOCK_EX|syscall.LOCK_NB); err != nil {
		file.Close()
		return "", nil, fmt.Errorf("%s is being written by another process", name)
	}
	if err := errors.Join(file.Chmod(0o600), file.Truncate(0)); err != nil {
		file.Close()
		return "", nil, err
	}
	path, err = filepath.Abs(name)
	return path, func() { file.Close() }, err
}

// watch tells of a file that grows while work runs.
func watch(file string, about int64, progress func(written, about int64), work func() error) error {
	done := make(chan error, 1)
	go func() { done <- work() }()
	tick := time.NewTicker(progressEvery)
	defer tick.Stop()
	for {
		select {
		case err := <-done:
			return err
		case <-tick.C:
			if info, err := os.Stat(file); err == nil && progress != nil {
				progress(info.Size(), about)
			}
		}
	}
}

// takeIn copies a file byte by byte.
func takeIn(from, to string) error {
	if info, err := os.Stat(from + "-wal"); err == nil && info.Size() > 0 {
		return fmt.Errorf(
			"beside %s there is a -wal file, without which it is not whole: make copies with `portal backup`", from,
		)
	}
	source, err := os.Open(from)
	if err != nil {
		return err
	}
	defer source.Close()
	path, done, err := begin(to)
	if err != nil {
		return err
	}
	defer done()
	target, err := os.OpenFile(path, os.O_WRONLY, 0)
	if err != nil {
		return err
	}
	_, err = io.Copy(target, source)
	return errors.Join(err, target.Close())
}

// makeSafe takes out of a copy what must not live again.
func makeSafe(ctx context.Context, path string, fits func(ctx context.Context, q *Queries) error) (err error) {
	pool, err := sql.Open("sqlite", "file:"+(&url.URL{Path: path}).EscapedPath()+
		"?mode=rw&_pragma=journal_mode(DELETE)&_pragma=synchronous(FULL)&_pragma=secure_delete(1)"+
		"&_pragma=foreign_keys(1)")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, pool.Close()) }()
	q := New(pool)
	if fits != nil {
		if err := fits(ctx, q); err != nil {
			return err
		}
	}
	if err := q.StoreEndSessions(ctx); err != nil {
		return fmt.Errorf("ending the copy's sessions: %w", err)
	}
	return nil
}

// putAside gives the present store a second name. It stays in place until another is put there.
func putAside(ctx context.Context, path string) (aside string, err error) {
	if _, err := os.Stat(path); errors.Is(err, fs.ErrNotExist) {
		return "", nil
	}
	damaged, err := settle(ctx, path)
	if err != nil {
		return "", err
	}
	aside = path + "." + time.Now().UTC().Format("20060102T150405.000Z")
	if err := os.Chmod(path, 0o600); err != nil {
		return "", err
	}
	if err := os.Link(path, aside); err != nil {
		return "", err
	}
	if !damaged {
		return aside, nil
	}
	// What SQLite could not bring into the file goes along with it. It must not meet the new one.
	for _, suffix := range []string{"-wal", "-journal"} {
		if err := os.Rename(path+suffix, aside+suffix); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return "", err
		}
	}
	if err := os.Remove(path + "-shm"); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return "", err
	}
	return aside, nil
}

// settle brings everything beside a database into its one file, which also shows that nobody else has it open.
func settle(ctx context.Context, path string) (damaged bool, err error) {
	ask := func(options, question string) (answer string, code int, err error) {
		pool, err := sql.Open("sqlite", "file:"+(&url.URL{Path: path}).EscapedPath()+options)
		if err != nil {
			return "", 0, err
		}
		defer pool.Close()
		err = pool.QueryRowContext(ctx, question).Scan(&answer)
		if fault, ok := errors.AsType[*sqlite.Error](err); ok {
			code = fault.Code() & 0xff
		}
		return answer, code, err
	}
	// Looked at first without touching it: SQLite throws the log of a file away that is no database.
	_, code, err := ask("?mode=ro&immutable=1", "PRAGMA schema_version")
	if code == sqlite3.SQLITE_CORRUPT || code == sqlite3.SQLITE_NOTADB {
		return true, nil
	}
	if err != nil {
		return false, err
	}
	mode, code, err := ask("?mode=rw&_pragma=busy_timeout(2000)", "PRAGMA journal_mode = DELETE")
	switch {
	case code == sqlite3.SQLITE_CORRUPT, code == sqlite3.SQLITE_NOTADB:
		return true, nil
	case code == sqlite3.SQLITE_BUSY, code == sqlite3.SQLITE_LOCKED, err == nil && mode != "delete":
		return false, fmt.Errorf("another program has %s open: end it first", path)
	}
	return false, err
}

// replace gives a file its final name, durably.
func replace(from, to string) error {
	if err := os.Rename(from, to); err != nil {
		return err
	}
	return flush(filepath.Dir(to))
}

// flush makes what was written to a file, or to a directory, survive a power cut.
func flush(name string) error {
	file, err := os.Open(name)
	if err != nil {
		return err
	}
	return errors.Join(file.Sync(), file.Close())
}
