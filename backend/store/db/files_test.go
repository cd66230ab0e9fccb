package db_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"madoguchi/backend/store/db"
)

// logged keeps what is written to the log until the test ends.
func logged(t *testing.T) *bytes.Buffer {
	t.Helper()
	var kept bytes.Buffer
	before := slog.Default()
	slog.SetDefault(slog.New(slog.NewTextHandler(&kept, nil)))
	t.Cleanup(func() { slog.SetDefault(before) })
	return &kept
}

func mode(t *testing.T, name string) fs.FileMode {
	t.Helper()
	info, err := os.Stat(name)
	if err != nil {
		t.Fatal(err)
	}
	return info.Mode().Perm()
}

// Whatever the process was started with, the files are their owner's alone.
func TestFilesAreTheirOwnersAlone(t *testing.T) {
	defer syscall.Umask(syscall.Umask(0))
	folder := filepath.Join(t.TempDir(), "a", "b")
	path := filepath.Join(folder, "portal.sqlite")
	d, err := db.Own(t.Context(), path)
	if err != nil {
		t.Fatal(err)
	}
	defer d.Close()
	if err := d.Tx(t.Context(), func(q *db.Queries) error { return put(t.Context(), q, "a", "x") }); err != nil {
		t.Fatal(err)
	}
	for _, suffix := range []string{"", "-wal", "-shm", ".lock"} {
		if got := mode(t, path+suffix); got != 0o600 {
			t.Errorf("portal.sqlite%s is %v", suffix, got)
		}
	}
	for _, name := range []string{folder, filepath.Dir(folder)} {
		if got := mode(t, name); got != 0o700 {
			t.Errorf("%s is %v", name, got)
		}
	}
	target := filepath.Join(folder, "copy")
	if err := db.Backup(t.Context(), path, target, nil); err != nil {
		t.Fatal(err)
	}
	if err := d.Close(); err != nil {
		t.Fatal(err)
	}
	aside, err := db.Restore(t.Context(), path, target, nil)
	if err != nil {
		t.Fatal(err)
	}
	entries, err := os.ReadDir(folder)
	if err != nil || len(entries) != 4 { // the store, its lock, the copy, what was put aside
		t.Errorf("%v, %v", entries, err)
	}
	for _, name := range []string{path, target, aside} {
		if got := mode(t, name); got != 0o600 {
			t.Errorf("%s is %v", name, got)
		}
	}
}

// Files that an older portal left open to others are taken from them, and the log says so.
func TestWiderFilesAreMendedAndSaid(t *testing.T) {
	path := filepath.Join(t.TempDir(), "portal.sqlite")
	d, err := db.Own(t.Context(), path)
	if err != nil {
		t.Fatal(err)
	}
	defer d.Close()
	if err := d.Tx(t.Context(), func(q *db.Queries) error { return put(t.Context(), q, "a", "x") }); err != nil {
		t.Fatal(err)
	}
	names := []string{path, path + "-wal", path + "-shm"}
	for _, name := range names {
		if err := os.Chmod(name, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	kept := logged(t)
	beside, err := db.Open(t.Context(), path)
	if err != nil {
		t.Fatal(err)
	}
	beside.Close()
	for _, name := range names {
		if got := mode(t, name); got != 0o600 || !strings.Contains(kept.String(), "file="+name+" was=-rw-r--r--") {
			t.Errorf("%s is %v; the log:\n%s", name, got, kept)
		}
	}
}

func TestAFolderThatOthersWriteIsSaid(t *testing.T) {
	folder := t.TempDir()
	if err := os.Chmod(folder, 0o777); err != nil { // that is the point
		t.Fatal(err)
	}
	kept := logged(t)
	d, err := db.Own(t.Context(), filepath.Join(folder, "portal.sqlite"))
	if err != nil {
		t.Fatal(err)
	}
	d.Close()
	if !strings.Contains(kept.String(), folder) || mode(t, folder) != 0o777 {
		t.Errorf("mode %v; the log:\n%s", mode(t, folder), kept)
	}
}

// TestMain lets a test run this program once more as another process; see child and restoring.
func TestMain(m *testing.M) {
	if path := os.Getenv("DB_TEST_RESTORE"); path != "" {
		for { // until it is killed
			if _, err := db.Restore(context.Background(), path, os.Getenv("DB_TEST_FROM"), nil); err != nil {
				fmt.Println(err)
				os.Exit(1)
			}
			fmt.Println("done")
		}
	}
	if work := os.Getenv("DB_TEST_SEALER"); work != "" {
		fmt.Println(asSealer(work))
		os.Exit(1)
	}
	if path := os.Getenv("DB_TEST_OWN"); path != "" {
		d, err := db.Own(context.Background(), path)
		if err != nil {
			fmt.Println(err)
			os.Exit(1)
		}
		fmt.Println("open")
		for { // writes until it is killed
			err := d.Tx(context.Background(), func(q *db.Queries) error {
				return q.StoreCount(context.Background(), "probe")
			})
			if err != nil {
				fmt.Println(err)
				os.Exit(1)
			}
		}
	}
	os.Exit(m.Run())
}

// child is a portal of its own on a file, which writes all the time; kill ends it without a word.
func child(t *testing.T, path string) (kill func()) {
	t.Helper()
	program, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	c := exec.Command(program)
	c.Env = append(os.Environ(), "DB_TEST_OWN="+path)
	out, err := c.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	kill = func() { _ = c.Process.Kill(); _ = c.Wait() }
	t.Cleanup(kill)
	first := make([]byte, 4)
	if _, err := out.Read(first); err != nil || string(first) != "open" {
		t.Fatalf("%q, %v", first, err)
	}
	return kill
}

// restoring is a process that puts a copy in place again and again.
func restoring(t *testing.T, path, from string) (kill func()) {
	t.Helper()
	program, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	c := exec.Command(program)
	c.Env = append(os.Environ(), "DB_TEST_RESTORE="+path, "DB_TEST_FROM="+from)
	out, err := c.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	kill = func() { _ = c.Process.Kill(); _ = c.Wait() }
	t.Cleanup(kill)
	first := make([]byte, 4)
	if _, err := out.Read(first); err != nil || string(first) != "done" {
		t.Fatalf("%q, %v", first, err)
	}
	return kill
}

// One portal a file: the second is told who holds what; when the first dies, however, the way is free. Under another
// name of the file it is the same.
func TestOnePortalAFile(t *testing.T) {
	folder := t.TempDir()
	path, other := filepath.Join(folder, "portal.sqlite"), filepath.Join(folder, "other.sqlite")
	kill := child(t, path)
	if err := os.Symlink(path, other); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{path, other} {
		d, err := db.Own(t.Context(), name)
		if !errors.Is(err, db.ErrOwned) {
			if err == nil {
				d.Close()
			}
			t.Errorf("%s: %v", name, err)
		} else if !strings.Contains(err.Error(), path+".lock") || !strings.Contains(err.Error(), "end it first") {
			t.Errorf("it does not say what to do: %v", err)
		}
	}
	// Beside it a tool reads and writes.
	tool, err := db.Open(t.Context(), path)
	if err != nil {
		t.Fatal(err)
	}
	for i := range 20 {
		err := tool.Tx(t.Context(), func(q *db.Queries) error { return put(t.Context(), q, fmt.Sprint(i), "x") })
		if err != nil {
			t.Errorf("%d: %v", i, err)
		}
	}
	if err := tool.Close(); err != nil {
		t.Error(err)
	}
	kill()
	d, err := db.Own(t.Context(), path)
	if err != nil {
		t.Fatalf("after it died: %v", err)
	}
	defer d.Close()
	if !has(t, d, "19") {
		t.Error("what the tool wrote is lost")
	}
}

// A tool brings an older schema up to date, but not under a portal that runs on it.
func TestWhoMayMigrate(t *testing.T) {
	path := filepath.Join(t.TempDir(), "portal.sqlite")
	tool, err := db.Open(t.Context(), path) // the first of all
	if err != nil {
		t.Fatal(err)
	}
	if err := tool.Close(); err != nil {
		t.Fatal(err)
	}
	d, err := db.Own(t.Context(), path)
	if err != nil {
		t.Fatal(err)
	}
	defer d.Close()
	// As if the portal that runs were of an older version.
	edit(t, path, "DELETE FROM goose_db_version WHERE version_id = (SELECT MAX(version_id) FROM goose_db_version)")
	tool, err = db.Open(t.Context(), path)
	if !errors.Is(err, db.ErrOwned) {
		if err == nil {
			tool.Close()
		}
		t.Errorf("it was migrated under a portal: %v", err)
	}
}
