package seal

import (
	"bytes"
	"cmp"
	"context"
	"crypto/rand"
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

	_ "github.com/jackc/pgx/v5/stdlib" // the driver "pgx"
	_ "modernc.org/sqlite"             // the driver "sqlite"
)

// ErrNoStore: there is no store of folder keys at the address.
var ErrNoStore = errors.New("there is no store of folder keys")

// ErrSameDatabase: the store of folder keys would lie in the database that they are to be apart from.
var ErrSameDatabase = errors.New("the folder keys would lie in the database itself")

// table keeps wrapped keys in a database of its own: a SQLite file, which several processes of one machine may share,
// or a PostgreSQL database, for portals on several machines.
type table struct {
	pool *sql.DB
	id   string
	// file is that of SQLite, to be read; nil for PostgreSQL. It stays open as long as the store: to close a file takes
	// from the whole process the locks that SQLite has on it.
	file *os.File
}

const schema = `
CREATE TABLE IF NOT EXISTS folder_key_store (
  one BIGINT PRIMARY KEY,
  id  TEXT NOT NULL
);
CREATE TABLE IF NOT EXISTS folder_key (
  folder_id  TEXT PRIMARY KEY,
  wrapped_by TEXT NOT NULL,
  wrapped    BYTEA NOT NULL,
  made_at    BIGINT NOT NULL
);
CREATE INDEX IF NOT EXISTS folder_key_by ON folder_key (wrapped_by);`

// OpenStore opens the store of folder keys at an address, a file's path or a postgres:// URL; ErrNoStore when there is
// none.
func OpenStore(ctx context.Context, address string) (Store, error) {
	return open(ctx, address, "", false)
}

// MakeStore opens the store at an address, and makes one there, with an id of its own or the one given, when there is
// none.
func MakeStore(ctx context.Context, address, id string) (Store, error) {
	return open(ctx, address, id, true)
}

func open(ctx context.Context, address, id string, make bool) (*table, error) {
	var s *table
	var err error
	if strings.HasPrefix(address, "postgres://") || strings.HasPrefix(address, "postgresql://") {
		s, err = openPostgres(ctx, address)
	} else {
		s, err = openFile(strings.TrimPrefix(address, "sqlite:"), make)
	}
	if err != nil {
		return nil, err
	}
	if make {
		err = s.make(ctx, cmp.Or(id, rand.Text()))
	}
	if err == nil {
		err = s.begin(ctx)
	}
	if err != nil {
		return nil, errors.Join(err, s.Close())
	}
	return s, nil
}

func openPostgres(ctx context.Context, address string) (*table, error) {
	pool, err := sql.Open("pgx", address)
	if err != nil {
		return nil, errors.New("opening the folder keys: the postgres:// address is malformed")
	}
	pool.SetMaxOpenConns(8)
	pool.SetMaxIdleConns(8)
	var portal bool
	err = pool.QueryRowContext(ctx, "SELECT to_regclass('mail_confirmation') IS NOT NULL").Scan(&portal)
	if err != nil {
		return nil, errors.Join(fmt.Errorf("reaching the folder keys: %w", err), pool.Close())
	}
	if portal {
		return nil, errors.Join(ErrSameDatabase, pool.Close())
	}
	return &table{pool: pool}, nil
}

func openFile(path string, make bool) (*table, error) {
	if err := prepareFile(path, make); err != nil {
		return nil, err
	}
	// A journal that is deleted, and deleted bytes that are overwritten: what was destroyed stands nowhere once the
	// statement has returned. With a log beside the file (WAL) it would stand there for a while.
	pool, err := sql.Open("sqlite", "file:"+(&url.URL{Path: path}).EscapedPath()+"?mode=rw"+
		"&_pragma=busy_timeout(10000)&_pragma=journal_mode(DELETE)&_pragma=synchronous(EXTRA)"+
		"&_pragma=secure_delete(1)&_txlock=immediate")
	if err != nil {
		return nil, fmt.Errorf("opening the folder keys: %w", err)
	}
	pool.SetMaxOpenConns(4)
	pool.SetMaxIdleConns(4)
	file, err := os.Open(path)
	if err != nil {
		return nil, errors.Join(fmt.Errorf("opening the folder keys: %w", err), pool.Close())
	}
	return &table{pool: pool, file: file}, nil
}

func prepareFile(path string, make bool) error {
	info, err := os.Stat(path)
	switch {
	case errors.Is(err, fs.ErrNotExist) && make:
	case errors.Is(err, fs.ErrNotExist):
		return fmt.Errorf("%w: %s", ErrNoStore, path)
	case err != nil:
		return fmt.Errorf("opening the folder keys: %w", err)
	case info.Mode().Perm()&0o077 != 0:
		return fmt.Errorf("the folder keys %s can be read or written by others (mode %04o): chmod 600 it: %w", path,
			info.Mode().Perm(), fs.ErrPermission)
	default:
		return nil
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return fmt.Errorf("making the store of folder keys: %w", err)
	}
	file, err := os.OpenFile(path, os.O_CREATE|os.O_RDWR|syscall.O_NOFOLLOW, 0o600)
	if err != nil {
		return fmt.Errorf("making the store of folder keys: %w", err)
	}
	return file.Close()
}

// make makes the tables where there are none. Of processes that begin at once one gives the store its id; PostgreSQL
// refuses the second that makes a table at the same moment, which then finds it.
func (s *table) make(ctx context.Context, id string) error {
	_, err := s.pool.ExecContext(ctx, schema)
	for range 3 {
		if err == nil {
			break
		}
		_, err = s.pool.ExecContext(ctx, schema)
	}
	if err != nil {
		return fmt.Errorf("making the store of folder keys: %w", err)
	}
	_, err = s.pool.ExecContext(ctx,
		"INSERT INTO folder_key_store (one, id) VALUES (1, $1) ON CONFLICT (one) DO NOTHING", id)
	if err != nil {
		return fmt.Errorf("making the store of folder keys: %w", err)
	}
	return nil
}

// begin learns which store this is.
func (s *table) begin(ctx context.Context) error {
	err := s.pool.QueryRowContext(ctx, "SELECT id FROM folder_key_store WHERE one = 1").Scan(&s.id)
	switch {
	case err == nil:
		return nil
	case errors.Is(err, sql.ErrNoRows), strings.Contains(err.Error(), "folder_key_store"): // no row, or no such table
		return ErrNoStore
	}
	return fmt.Errorf("reading the store of folder keys: %w", err)
}

func (s *table) ID() string { return s.id }

func (s *table) Close() error {
	err := s.pool.Close()
	if s.file != nil {
		err = errors.Join(err, s.file.Close())
	}
	return err
}

func (s *table) Get(ctx context.Context, folder string) (Wrapped, error) {
	w := Wrapped{Folder: folder}
	err := s.pool.QueryRowContext(ctx, "SELECT wrapped_by, wrapped, made_at FROM folder_key WHERE folder_id = $1",
		folder).Scan(&w.By, &w.Key, &w.Made)
	if errors.Is(err, sql.ErrNoRows) {
		return Wrapped{}, ErrNoKey
	}
	return w, err
}

func (s *table) Add(ctx context.Context, keys ...Wrapped) error {
	tx, err := s.pool.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	defer tx.Rollback()
	for _, w := range keys {
		_, err := tx.ExecContext(ctx, "INSERT INTO folder_key (folder_id, wrapped_by, wrapped, made_at) "+
			"VALUES ($1, $2, $3, $4) ON CONFLICT (folder_id) DO NOTHING", w.Folder, w.By, w.Key, w.Made)
		if err != nil {
			return err
		}
	}
	return tx.Commit()
}

func (s *table) Replace(ctx context.Context, before, after Wrapped) error {
	_, err := s.pool.ExecContext(ctx, "UPDATE folder_key SET wrapped_by = $1, wrapped = $2 "+
		"WHERE folder_id = $3 AND wrapped = $4", after.By, after.Key, before.Folder, before.Key)
	return err
}

func (s *table) Remove(ctx context.Context, folder string) error {
	gone, err := s.Get(ctx, folder)
	if err != nil && !errors.Is(err, ErrNoKey) {
		return err
	}
	if _, err := s.pool.ExecContext(ctx, "DELETE FROM folder_key WHERE folder_id = $1", folder); err != nil {
		return err
	}
	return s.scrub(ctx, gone)
}

// scrub sees to it that nothing of a key that is removed stands in the file. SQLite overwrites what is deleted
// (secure_delete), but when it divides a page among two it leaves what it moved where it stood, in the gap between the
// cells: then the file is written anew. Of PostgreSQL's pages the server disposes.
func (s *table) scrub(ctx context.Context, gone Wrapped) error {
	if s.file == nil {
		return nil
	}
	stands, err := contains(s.file, []byte(gone.Folder), gone.Key)
	if err != nil || !stands {
		return err
	}
	if _, err := s.pool.ExecContext(ctx, "VACUUM"); err != nil {
		return fmt.Errorf("writing the folder keys anew: %w", err)
	}
	if stands, err = contains(s.file, []byte(gone.Folder), gone.Key); err == nil && stands {
		err = errors.New("a folder key that was destroyed still stands in the file")
	}
	return err
}

// contains tells whether one of these stands in a file.
func contains(file io.ReaderAt, these ...[]byte) (bool, error) {
	const piece, overlap = 1 << 20, 4096 // no key is as long
	buffer := make([]byte, piece+overlap)
	for at := int64(0); ; at += piece {
		n, err := file.ReadAt(buffer, at)
		for _, one := range these {
			if len(one) > 0 && bytes.Contains(buffer[:n], one) {
				return true, nil
			}
		}
		if errors.Is(err, io.EOF) {
			return false, nil
		}
		if err != nil {
			return false, fmt.Errorf("reading the folder keys: %w", err)
		}
	}
}

func (s *table) Lacks(ctx context.Context, folders []string) (lacks []string, err error) {
	if len(folders) == 0 {
		return nil, nil
	}
	args, places := make([]any, len(folders)), make([]string, len(folders))
	for i, folder := range folders {
		args[i], places[i] = folder, fmt.Sprintf("$%d", i+1)
	}
	rows, err := s.pool.QueryContext(ctx, "SELECT folder_id FROM folder_key WHERE folder_id IN ("+
		strings.Join(places, ", ")+")", args...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	has := map[string]bool{}
	for rows.Next() {
		var folder string
		if err := rows.Scan(&folder); err != nil {
			return nil, err
		}
		has[folder] = true
	}
	for _, folder := range folders {
		if !has[folder] {
			lacks = append(lacks, folder)
		}
	}
	return lacks, rows.Err()
}

func (s *table) Following(ctx context.Context, after string, size int) ([]Wrapped, error) {
	return s.list(ctx, "SELECT folder_id, wrapped_by, wrapped, made_at FROM folder_key WHERE folder_id > $1 "+
		"ORDER BY folder_id LIMIT $2", after, size)
}

func (s *table) NotBy(ctx context.Context, by string, size int) ([]Wrapped, error) {
	return s.list(ctx, "SELECT folder_id, wrapped_by, wrapped, made_at FROM folder_key "+
		"WHERE wrapped_by < $1 OR wrapped_by > $1 LIMIT $2", by, size)
}

func (s *table) list(ctx context.Context, statement string, args ...any) ([]Wrapped, error) {
	rows, err := s.pool.QueryContext(ctx, statement, args...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var found []Wrapped
	for rows.Next() {
		var w Wrapped
		if err := rows.Scan(&w.Folder, &w.By, &w.Key, &w.Made); err != nil {
			return nil, err
		}
		found = append(found, w)
	}
	return found, rows.Err()
}
