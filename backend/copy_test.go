package main

import (
	"bytes"
	"context"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"madoguchi/backend/db"
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
	do := func(command func(context.Context, []string, func(string) string, io.Writer) error, database string, args ...string) (string, error) {
		var out bytes.Buffer
		err := command(ctx, args, func(string) string { return database }, &out)
		return out.String(), err
	}
	if out, err := do(backUp, path, copied); err != nil || !strings.Contains(out, copied) || !strings.Contains(out, "key file") {
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
	out, err := do(restore, path, "--database", path, copied)
	if err != nil || !strings.Contains(out, "log in again") || !strings.Contains(out, path+".2") {
		t.Errorf("%q, %v", out, err)
	}
	if _, err := os.Stat(copied); err != nil {
		t.Errorf("the copy is used up: %v", err)
	}
	if _, err := do(backUp, "postgres://portal:hidden@db/portal", copied); err == nil || !strings.Contains(err.Error(), "pg_dump") ||
		strings.Contains(err.Error(), "hidden") {
		t.Errorf("PostgreSQL: %v", err)
	}
	if _, err := do(restore, "postgres://portal:hidden@db/portal", copied); err == nil || !strings.Contains(err.Error(), "pg_restore") {
		t.Errorf("PostgreSQL: %v", err)
	}
	if _, err := do(backUp, path); err == nil || !strings.Contains(err.Error(), "portal backup FILE") {
		t.Errorf("no file: %v", err)
	}
}
