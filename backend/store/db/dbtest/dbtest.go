// Package dbtest gives tests a fresh store on each engine. The PostgreSQL server is the one named by
// PORTAL_TEST_POSTGRES, which `make test` starts.
package dbtest

import (
	"context"
	"crypto/rand"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"madoguchi/backend/store/db"
	"madoguchi/backend/store/db/internal/hook"
	"madoguchi/backend/store/seal/sealtest"
)

// Each runs a test on a fresh SQLite file and on a fresh PostgreSQL database.
func Each(t *testing.T, test func(t *testing.T, d *db.DB)) {
	t.Run("sqlite", func(t *testing.T) { test(t, SQLite(t)) })
	t.Run("postgres", func(t *testing.T) { test(t, Postgres(t)) })
}

// SQLite opens a fresh file.
func SQLite(t testing.TB) *db.DB { return Open(t, File(t)) }

// File makes a fresh file with the schema in it. It is a copy of one that was made once: twenty-odd migrations take
// ten times as long as what most tests do.
func File(t testing.TB) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "portal.sqlite")
	FileAt(t, path)
	return path
}

// FileAt makes it at a path, for a portal that is to be started on it; a file that is there already stays.
func FileAt(t testing.TB, path string) {
	t.Helper()
	made, err := file()
	if err != nil {
		t.Fatal(err)
	}
	f, err := os.OpenFile(path, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if errors.Is(err, fs.ErrExist) {
		return
	}
	if err != nil {
		t.Fatal(err)
	}
	_, err = f.Write(made)
	if err := errors.Join(err, f.Close()); err != nil {
		t.Fatal(err)
	}
}

// file is a SQLite file with the schema and nothing else.
var file = sync.OnceValues(func() ([]byte, error) {
	dir, err := os.MkdirTemp("", "dbtest-")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(dir)
	path := filepath.Join(dir, "portal.sqlite")
	if err := migrated(path); err != nil {
		return nil, err
	}
	return os.ReadFile(path) // its log was emptied into it and is gone
})

// migrated brings the schema at an address up to date.
func migrated(address string) error {
	d, err := db.Open(context.Background(), address)
	if err != nil {
		return err
	}
	return d.Close()
}

// Postgres opens a fresh database on the test server and drops it at the end.
func Postgres(t testing.TB) *db.DB {
	t.Helper()
	address := PostgresURL(t)
	d := Open(t, address)
	servers.Store(d, address)
	t.Cleanup(func() { servers.Delete(d) })
	return d
}

// servers knows the address of each store that Postgres gave.
var servers sync.Map

// Break takes from a store the means to write, as a full disk or a server turned to read only would, until mend is
// called.
func Break(t testing.TB, d *db.DB) (mend func()) {
	t.Helper()
	address, ok := servers.Load(d)
	if !ok {
		exec := func(statement string) {
			t.Helper()
			if err := hook.Exec(context.Background(), d, statement); err != nil {
				t.Fatal(err)
			}
		}
		exec("PRAGMA query_only = 1")
		return func() { exec("PRAGMA query_only = 0") }
	}
	parsed, err := url.Parse(address.(string))
	if err != nil {
		t.Fatal(err)
	}
	set := func(setting string) {
		t.Helper()
		name := strings.TrimPrefix(parsed.Path, "/")
		server := os.Getenv("PORTAL_TEST_POSTGRES")
		// Sessions that run keep their settings: they are ended.
		admin(t, server, "ALTER DATABASE "+name+" "+setting)
		admin(t, server, "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '"+name+"'")
	}
	set("SET default_transaction_read_only = on")
	return func() { set("RESET default_transaction_read_only") }
}

// Exec runs a statement of the test's own, to fill a store with more than could be written one by one.
func Exec(t testing.TB, d *db.DB, statement string) {
	t.Helper()
	if err := hook.Exec(context.Background(), d, statement); err != nil {
		t.Fatal(err)
	}
}

// PostgresURL makes a fresh database with the schema on the test server, and drops it at the end.
func PostgresURL(t testing.TB) string {
	t.Helper()
	if err := template(server(t)); err != nil {
		t.Fatal(err)
	}
	return database(t, "TEMPLATE "+templateName())
}

// EmptyPostgresURL makes a fresh database in which nothing is, and drops it at the end.
func EmptyPostgresURL(t testing.TB) string {
	t.Helper()
	return database(t, "")
}

func server(t testing.TB) string {
	t.Helper()
	address := os.Getenv("PORTAL_TEST_POSTGRES")
	if address == "" {
		t.Fatal("PORTAL_TEST_POSTGRES is not set: run the tests with `make test`, or `.ci/with-postgres go test ./...`")
	}
	return address
}

func database(t testing.TB, like string) string {
	t.Helper()
	on, name := server(t), "test_"+strings.ToLower(rand.Text())
	admin(t, on, "CREATE DATABASE "+name+" "+like)
	t.Cleanup(func() { admin(t, on, "DROP DATABASE "+name+" WITH (FORCE)") })
	address, err := named(on, name)
	if err != nil {
		t.Fatal(err)
	}
	return address
}

// named is the address of a database on a server.
func named(server, name string) (string, error) {
	address, err := url.Parse(server)
	if err != nil {
		return "", err
	}
	address.Path = "/" + name
	return address.String(), nil
}

func templateName() string { return "schema_" + hook.Schema() }

// templates are the servers that have a database with the schema, to be copied.
var templates struct {
	sync.Mutex
	on map[string]bool
}

// template sees to it that the server has one. Of programs that ask at once one makes it, and the others wait.
func template(server string) error {
	templates.Lock()
	defer templates.Unlock()
	if templates.on[server] {
		return nil
	}
	pool, err := sql.Open("pgx", server)
	if err != nil {
		return err
	}
	defer pool.Close()
	ctx := context.Background()
	one, err := pool.Conn(ctx)
	if err != nil {
		return err
	}
	defer one.Close()
	if _, err := one.ExecContext(ctx, "SELECT pg_advisory_lock(hashtext($1))", templateName()); err != nil {
		return err
	}
	defer func() { _, _ = one.ExecContext(ctx, "SELECT pg_advisory_unlock(hashtext($1))", templateName()) }()
	whole := false
	const is = "SELECT count(*) > 0 FROM pg_database WHERE datname = $1 AND datistemplate"
	if err := one.QueryRowContext(ctx, is, templateName()).Scan(&whole); err != nil {
		return err
	}
	if !whole {
		if err := makeTemplate(ctx, one, server); err != nil {
			return fmt.Errorf("making a database to be copied: %w", err)
		}
	}
	if templates.on == nil {
		templates.on = map[string]bool{}
	}
	templates.on[server] = true
	return nil
}

func makeTemplate(ctx context.Context, one *sql.Conn, server string) error {
	name := templateName()
	address, err := named(server, name)
	if err != nil {
		return err
	}
	for _, statement := range []string{"DROP DATABASE IF EXISTS " + name, "CREATE DATABASE " + name} {
		if _, err := one.ExecContext(ctx, statement); err != nil {
			return err
		}
	}
	if err := migrated(address); err != nil {
		return err
	}
	_, err = one.ExecContext(ctx, "ALTER DATABASE "+name+" IS_TEMPLATE true")
	return err
}

func admin(t testing.TB, server, statement string) {
	t.Helper()
	pool, err := sql.Open("pgx", server)
	if err != nil {
		t.Fatal(err)
	}
	defer pool.Close()
	if _, err := pool.Exec(statement); err != nil {
		t.Fatalf("%s: %v", statement, err)
	}
}

// Open opens the store at an address, with keys of folders that live as long as the test.
func Open(t testing.TB, address string) *db.DB {
	t.Helper()
	d, err := db.Open(context.Background(), address)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := d.Close(); err != nil {
			t.Errorf("closing the database: %v", err)
		}
	})
	Seal(t, d)
	return d
}

// Seal gives stores on the same database keys of folders that live as long as the test.
func Seal(t testing.TB, stores ...*db.DB) {
	t.Helper()
	folders := sealtest.Folders()
	for _, d := range stores {
		if err := d.SealWith(context.Background(), folders); err != nil {
			t.Fatal(err)
		}
	}
}
