// Package dbtest gives tests a fresh store on each engine. The PostgreSQL server is the one named by
// PORTAL_TEST_POSTGRES, which `make test` starts.
package dbtest

import (
	"context"
	"crypto/rand"
	"database/sql"
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
func SQLite(t testing.TB) *db.DB { return Open(t, filepath.Join(t.TempDir(), "portal.sqlite")) }

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

// PostgresURL makes a fresh database on the test server and drops it at the end.
func PostgresURL(t testing.TB) string {
	t.Helper()
	server := os.Getenv("PORTAL_TEST_POSTGRES")
	if server == "" {
		t.Fatal("PORTAL_TEST_POSTGRES is not set: run the tests with `make test`, or `.ci/with-postgres go test ./...`")
	}
	name := "test_" + strings.ToLower(rand.Text())
	admin(t, server, "CREATE DATABASE "+name)
	t.Cleanup(func() { admin(t, server, "DROP DATABASE "+name+" WITH (FORCE)") })
	address, err := url.Parse(server)
	if err != nil {
		t.Fatal(err)
	}
	address.Path = "/" + name
	return address.String()
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
