package main

import (
	"bytes"
	"context"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"madoguchi/backend/store/db"
	"madoguchi/backend/store/keys"
)

func TestPortalBackupAndRestore(t *testing.T) {
	ctx := context.Background()
	folder := t.TempDir()
	path, copied := filepath.Join(folder, "portal.sqlite"), filepath.Join(folder, "copy")
	store, err := db.Own(ctx, path)
	if err != nil {
		t.Fatal(err)
	}
	defer store.Close()
	do := func(
		command func(context.Context, []string, func(string) string, io.Writer) error, database string, args ...string,
	) (string, error) {
		var out bytes.Buffer
		err := command(ctx, args, func(variable string) string {
			if variable == "PORTAL_DATABASE" {
				return database
			}
			return ""
		}, &out)
		return out.String(), err
	}
	file, err := openKeys(ctx, "", path, store)
	if err != nil {
		t.Fatal(err)
	}
	if out, err := do(backUp, path, copied); err != nil || !strings.Contains(out, copied) ||
		!strings.Contains(out, "key file") {
		t.Errorf("%q, %v", out, err)
	}
	if _, err := do(backUp, path, copied); err == nil || !strings.Contains(err.Error(), copied) {
		t.Errorf("twice: %v", err)
	}
	if _, err := do(restore, path, copied); err == nil || !strings.Contains(err.Error(), "end it first") {
		t.Errorf("under a portal: %v", err)
	}
	if err := store.Close(); err != nil {
		t.Fatal(err)
	}
	// With another key file, or without one, nothing is restored; after a rotation of the right one it is, and what was
	// sealed for cards before counts no more.
	right, err := os.ReadFile(file.Path())
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Remove(file.Path()); err != nil {
		t.Fatal(err)
	}
	if _, err := do(restore, path, copied); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("without a key file: %v", err)
	}
	if _, err := keys.Make(file.Path(), time.Now); err != nil {
		t.Fatal(err)
	}
	if _, err := do(restore, path, copied); !errors.Is(err, keys.ErrForeign) {
		t.Errorf("with another key file: %v", err)
	}
	if err := os.WriteFile(file.Path(), right, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := file.Rotate(keys.Cookie); err != nil {
		t.Fatal(err)
	}
	sealed := file.Ring(keys.Challenge).Sum([]byte("challenge"))
	out, err := do(restore, path, "--database", path, copied)
	if err != nil || !strings.Contains(out, "log in again") || !strings.Contains(out, path+".2") {
		t.Errorf("%q, %v", out, err)
	}
	if _, err := os.Stat(copied); err != nil {
		t.Errorf("the copy is used up: %v", err)
	}
	again, err := openKeys(ctx, "", path, open(t, path))
	if err != nil || again.Ring(keys.Challenge).Verify(sealed, []byte("challenge")) {
		t.Errorf("the keys after it: %v; what was sealed before still counts, or the database does not know its keys",
			err)
	}
	if _, err := do(backUp, "postgres://portal:hidden@db/portal", copied); err == nil ||
		!strings.Contains(err.Error(), "pg_dump") ||
		strings.Contains(err.Error(), "hidden") {
		t.Errorf("PostgreSQL: %v", err)
	}
	if _, err := do(restore, "postgres://portal:hidden@db/portal", copied); err == nil ||
		!strings.Contains(err.Error(), "pg_restore") {
		t.Errorf("PostgreSQL: %v", err)
	}
	if _, err := do(backUp, path); err == nil || !strings.Contains(err.Error(), "portal backup FILE") {
		t.Errorf("no file: %v", err)
	}
}
