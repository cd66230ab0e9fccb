// Package dbtest gives tests a fresh store on each engine. The PostgreSQL server is the one named by PORTAL_TEST_POSTGRES, which
// `make test` starts.
package dbtest

import (
	"context"
	"crypto/rand"
	"database/sql"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"madoguchi/backend/db"
)

// Each runs a test on a fresh SQLite file and on a fresh PostgreSQL database.
func Each(t *testing.T, test func(t *testing.T, d *db.DB)) {
	t.Run("sqlite", func(t *testing.T) { test(t, SQLite(t)) })
	t.Run("postgres", func(t *testing.T) { test(t, Postgres(t)) })
}

// SQLite opens a fresh file.
func SQLite(t testing.TB) *db.DB { return open(t, filepath.Join(t.TempDir(), "portal.sqlite")) }

// Postgres opens a fresh database on the test server and drops it at the end.
func Postgres(t testing.TB) *db.DB { return open(t, PostgresURL(t)) }

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

func open(t testing.TB, address string) *db.DB {
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
	return d
}
