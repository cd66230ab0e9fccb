package db_test

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"madoguchi/backend/store/db"
	"madoguchi/backend/store/folder/foldertest"
	"madoguchi/backend/store/seal/sealtest"
)

// folderKeys are those of the folders of tests that open a store more than once.
var folderKeys = sealtest.Folders()

func keyed(t *testing.T, d *db.DB) {
	t.Helper()
	if err := d.SealWith(context.Background(), folderKeys); err != nil {
		t.Fatal(err)
	}
}

func edit(t *testing.T, path string, statements ...string) {
	t.Helper()
	pool, err := sql.Open("sqlite", path+"?_pragma=busy_timeout(10000)")
	if err != nil {
		t.Fatal(err)
	}
	defer pool.Close()
	for _, s := range statements {
		if _, err := pool.Exec(s); err != nil {
			t.Fatalf("%s: %v", s, err)
		}
	}
}

// A copy taken while a portal writes as fast as it can holds everything that was acknowledged before it began, is
// whole, and lives.
func TestACopyTakenUnderLoadLives(t *testing.T) {
	folder := t.TempDir()
	path, copied := filepath.Join(folder, "portal.sqlite"), filepath.Join(folder, "copy")
	d, err := db.Own(t.Context(), path)
	if err != nil {
		t.Fatal(err)
	}
	keyed(t, d)
	defer d.Close()
	ctx, stop := context.WithCancel(t.Context())
	var writing sync.WaitGroup
	var acknowledged [8]atomic.Int64
	for w := range acknowledged {
		writing.Go(func() {
			for i := 0; ctx.Err() == nil; i++ {
				id := fmt.Sprintf("%d-%d", w, i)
				err := d.Tx(context.Background(), func(q *db.Queries) error {
					if err := q.FolderCreate(context.Background(), foldertest.Of(id)); err != nil {
						return err
					}
					return put(context.Background(), q, id, strings.Repeat("x", 2000))
				})
				if err != nil {
					t.Error(err)
					return
				}
				acknowledged[w].Store(int64(i))
			}
		})
	}
	until(t, "it is under load", func() bool { return acknowledged[0].Load() > 100 })
	var before [8]int64
	for w := range before {
		before[w] = acknowledged[w].Load()
	}
	if err := db.Backup(t.Context(), path, copied, nil); err != nil {
		t.Fatal(err)
	}
	if _, err := db.Restore(t.Context(), path, copied, nil); !errors.Is(err, db.ErrOwned) {
		t.Errorf("restored under a portal: %v", err)
	}
	stop()
	writing.Wait()
	last := acknowledged[0].Load()
	if err := d.Close(); err != nil {
		t.Fatal(err)
	}
	aside, err := db.Restore(t.Context(), path, copied, nil)
	if err != nil {
		t.Fatal(err)
	}
	if d, err = db.Own(t.Context(), path); err != nil {
		t.Fatal(err)
	}
	keyed(t, d)
	defer d.Close()
	for w, n := range before {
		for i := range n + 1 {
			id := fmt.Sprintf("%d-%d", w, i)
			if _, err := d.Read().FolderGet(t.Context(), id); err != nil || !has(t, d, id) {
				t.Fatalf("%s was acknowledged before the copy began and is not in it: %v", id, err)
			}
		}
	}
	if err := d.Tx(t.Context(), func(q *db.Queries) error { return put(t.Context(), q, "new", "x") }); err != nil {
		t.Errorf("the restored store does not take anything in: %v", err)
	}
	// What was there before is aside, whole.
	old, err := db.Open(t.Context(), aside)
	if err != nil {
		t.Fatal(err)
	}
	keyed(t, old)
	defer old.Close()
	if !has(t, old, fmt.Sprintf("0-%d", last)) {
		t.Error("the store of before is not whole")
	}
}

func seeded(t *testing.T, path string) {
	t.Helper()
	d, err := db.Own(t.Context(), path)
	if err != nil {
		t.Fatal(err)
	}
	keyed(t, d)
	ctx := t.Context()
	foldertest.Open(t, d, "f")
	err = d.Tx(ctx, func(q *db.Queries) error {
		if _, err := q.ChallengeUse(ctx, db.ChallengeUseParams{Nonce: "nonce", ExpiresAt: 1}); err != nil {
			return err
		}
		return q.SessionBegin(ctx, db.SessionBeginParams{TokenHash: "token", FolderID: "f"})
	})
	if err != nil {
		t.Fatal(err)
	}
	if err := d.Close(); err != nil {
		t.Fatal(err)
	}
}

// A session that was ended since the copy was made does not live again; a challenge that was answered stays answered.
func TestNoSessionLivesAgain(t *testing.T) {
	folder := t.TempDir()
	path, copied := filepath.Join(folder, "portal.sqlite"), filepath.Join(folder, "copy")
	seeded(t, path)
	if err := db.Backup(t.Context(), path, copied, nil); err != nil {
		t.Fatal(err)
	}
	asked := false
	fits := func(ctx context.Context, q *db.Queries) error {
		asked = true
		if there, err := q.FolderExists(ctx, "f"); err != nil || !there {
			return fmt.Errorf("the folder is there: %v, %w", there, err)
		}
		return nil
	}
	if _, err := db.Restore(t.Context(), filepath.Join(folder, "elsewhere", "portal.sqlite"), copied,
		fits); err != nil || !asked {
		t.Fatalf("%v, asked: %v", err, asked)
	}
	d, err := db.Own(t.Context(), filepath.Join(folder, "elsewhere", "portal.sqlite"))
	if err != nil {
		t.Fatal(err)
	}
	keyed(t, d)
	defer d.Close()
	if _, err := d.Read().SessionByToken(t.Context(), "token"); !errors.Is(err, db.ErrNotFound) {
		t.Errorf("the session lives: %v", err)
	}
	err = d.Tx(t.Context(), func(q *db.Queries) error {
		n, err := q.ChallengeUse(t.Context(), db.ChallengeUseParams{Nonce: "nonce", ExpiresAt: 1})
		if n != 0 {
			t.Error("a challenge can be answered again")
		}
		return err
	})
	if err != nil {
		t.Error(err)
	}
}

// What cannot be restored changes nothing.
func TestWhatIsNotRestored(t *testing.T) {
	folder := t.TempDir()
	path, good := filepath.Join(folder, "portal.sqlite"), filepath.Join(folder, "copy")
	seeded(t, path)
	if err := db.Backup(t.Context(), path, good, nil); err != nil {
		t.Fatal(err)
	}
	content, err := os.ReadFile(good)
	if err != nil {
		t.Fatal(err)
	}
	before, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	write := func(name string, content []byte) string {
		name = filepath.Join(folder, name)
		if err := os.WriteFile(name, content, 0o600); err != nil {
			t.Fatal(err)
		}
		return name
	}
	damaged := append([]byte{}, content...)
	copy(damaged[8192:], strings.Repeat("\xff", 16384))
	newer := write("newer", content)
	edit(t, newer, "INSERT INTO goose_db_version (version_id, is_applied) VALUES (99999, 1)")
	orphan := write("orphan", content)
	edit(t, orphan, "PRAGMA foreign_keys = 0",
		"INSERT INTO card (issuer, serial, folder_id, added_at) VALUES ('', '1', 'nobody', 0)")
	foreign := filepath.Join(folder, "foreign")
	edit(t, foreign, "CREATE TABLE other (id)")
	write("live-wal", []byte("more of it"))
	for name, c := range map[string]struct{ from, says string }{
		"no file":     {filepath.Join(folder, "none"), "no such file"},
		"half":        {write("half", content[:len(content)/2]), "cannot be restored"},
		"damaged":     {write("damaged", damaged), "cannot be restored"},
		"no database": {write("text", []byte("no database at all")), "cannot be restored"},
		"empty":       {write("empty", nil), "not a portal's"},
		"another's":   {foreign, "not a portal's"},
		"newer":       {newer, "newer portal"},
		"an orphan":   {orphan, "damaged"},
		"a live one":  {write("live", content), "-wal"},
		"another key": {good, "the key file does not fit"},
	} {
		t.Run(name, func(t *testing.T) {
			fits := func(context.Context, *db.Queries) error {
				if name == "another key" {
					return errors.New("the key file does not fit")
				}
				return nil
			}
			if _, err := db.Restore(t.Context(), path, c.from, fits); err == nil ||
				!strings.Contains(err.Error(), c.says) {
				t.Errorf("got %v", err)
			}
			after, err := os.ReadFile(path)
			if err != nil || string(after) != string(before) {
				t.Errorf("the store is another: %v", err)
			}
			if left, _ := filepath.Glob(path + ".*"); len(left) != 1 { // the lock
				t.Errorf("left: %v", left)
			}
		})
	}
}

// A store that is itself beyond reading can be replaced; its files are kept.
func TestADamagedStoreIsReplaced(t *testing.T) {
	folder := t.TempDir()
	path, good := filepath.Join(folder, "portal.sqlite"), filepath.Join(folder, "copy")
	seeded(t, path)
	if err := db.Backup(t.Context(), path, good, nil); err != nil {
		t.Fatal(err)
	}
	for name, text := range map[string]string{
		path: strings.Repeat("no database any more ", 1000), path + "-wal": "its log",
	} {
		if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	aside, err := db.Restore(t.Context(), path, good, nil)
	if err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]string{aside: "no database any more", aside + "-wal": "its log"} {
		if content, err := os.ReadFile(name); err != nil || !strings.HasPrefix(string(content), want) {
			t.Errorf("%s: %q, %v", name, content, err)
		}
	}
	d, err := db.Own(t.Context(), path)
	if err != nil {
		t.Fatal(err)
	}
	keyed(t, d)
	defer d.Close()
	if _, err := d.Read().FolderGet(t.Context(), "f"); err != nil {
		t.Error(err)
	}
}

// A tool that has the store open stands in the way: what it writes, and its files, would meet the new store.
func TestNothingIsRestoredUnderATool(t *testing.T) {
	folder := t.TempDir()
	path, good := filepath.Join(folder, "portal.sqlite"), filepath.Join(folder, "copy")
	seeded(t, path)
	if err := db.Backup(t.Context(), path, good, nil); err != nil {
		t.Fatal(err)
	}
	tool, err := db.Open(t.Context(), path)
	if err != nil {
		t.Fatal(err)
	}
	keyed(t, tool)
	if _, err := db.Restore(t.Context(), path, good, nil); err == nil ||
		!strings.Contains(err.Error(), "another program") {
		t.Errorf("got %v", err)
	}
	if err := tool.Tx(t.Context(), func(q *db.Queries) error { return put(t.Context(), q, "a", "x") }); err != nil ||
		!has(t, tool, "a") {
		t.Errorf("the tool cannot go on: %v", err)
	}
	if err := tool.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := db.Restore(t.Context(), path, good, nil); err != nil {
		t.Error(err)
	}
}

// Nothing is overwritten, and nothing is left of a copy that was not finished.
func TestABackupOverwritesNothing(t *testing.T) {
	folder := t.TempDir()
	path := filepath.Join(folder, "portal.sqlite")
	seeded(t, path)
	there := filepath.Join(folder, "there")
	if err := os.WriteFile(there, []byte("precious"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := db.Backup(t.Context(), path, there, nil); err == nil || !strings.Contains(err.Error(), "already") {
		t.Errorf("got %v", err)
	}
	if content, err := os.ReadFile(there); err != nil || string(content) != "precious" {
		t.Errorf("%q, %v", content, err)
	}
	ctx, stop := context.WithCancel(t.Context())
	stop()
	if err := db.Backup(ctx, path, filepath.Join(folder, "cut"), nil); err == nil {
		t.Error("it goes on after it was told to stop")
	}
	if left, _ := filepath.Glob(filepath.Join(folder, "cut*")); len(left) != 0 {
		t.Errorf("left: %v", left)
	}
	if err := db.Backup(t.Context(), filepath.Join(folder, "none"), filepath.Join(folder, "x"), nil); err == nil {
		t.Error("a store that is not there was copied")
	}
	// What one that was killed left behind is taken over.
	// that is the point
	if err := os.WriteFile(filepath.Join(folder, "again.partial"), []byte("half"), 0o644); err != nil {
		t.Fatal(err)
	}
	err := db.Backup(t.Context(), path, filepath.Join(folder, "again"), nil)
	if err != nil || mode(t, filepath.Join(folder, "again")) != 0o600 {
		t.Error(err)
	}
}

// Killed at any moment of a restore, either the old store or the new one is in place, and the next portal starts on it.
func TestARestoreThatIsKilled(t *testing.T) {
	folder := t.TempDir()
	path, good := filepath.Join(folder, "portal.sqlite"), filepath.Join(folder, "copy")
	seeded(t, path)
	if err := db.Backup(t.Context(), path, good, nil); err != nil {
		t.Fatal(err)
	}
	edit(t, path, "INSERT INTO key_fingerprint VALUES ('old', '', 'x', 0, 0)")
	for round := range 12 {
		kill := restoring(t, path, good)
		time.Sleep(time.Duration(round) * 5 * time.Millisecond) // another moment each time
		kill()
		d, err := db.Own(t.Context(), path)
		if err != nil {
			t.Fatalf("round %d: %v", round, err)
		}
		keyed(t, d)
		if _, err := d.Read().FolderGet(t.Context(), "f"); err != nil {
			t.Errorf("round %d: neither the old nor the new: %v", round, err)
		}
		if err := d.Close(); err != nil {
			t.Fatal(err)
		}
		if err := db.CheckCopy(t.Context(), path); err != nil {
			t.Errorf("round %d: %v", round, err)
		}
	}
}
