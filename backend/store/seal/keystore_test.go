package seal_test

import (
	"bytes"
	"crypto/rand"
	"errors"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"madoguchi/backend/store/db/dbtest"
	"madoguchi/backend/store/seal"
	"madoguchi/backend/store/seal/sealtest"
)

// each runs a test on a file and on a PostgreSQL database.
func each(t *testing.T, test func(t *testing.T, address string)) {
	t.Run("sqlite", func(t *testing.T) { test(t, filepath.Join(t.TempDir(), "deep", "portal.folders")) })
	t.Run("postgres", func(t *testing.T) { test(t, dbtest.EmptyPostgresURL(t)) })
}

func TestAStoreIsMadeOnlyWhereItMayBe(t *testing.T) {
	each(t, func(t *testing.T, address string) {
		ctx := t.Context()
		if _, err := seal.OpenStore(ctx, address); !errors.Is(err, seal.ErrNoStore) {
			t.Fatalf("none is there: %v", err)
		}
		made, err := seal.MakeStore(ctx, address, "")
		if err != nil {
			t.Fatal(err)
		}
		defer made.Close()
		again, err := seal.MakeStore(ctx, address, "another")
		if err != nil || again.ID() != made.ID() || made.ID() == "" {
			t.Fatalf("made twice: %v", err)
		}
		defer again.Close()
		opened, err := seal.OpenStore(ctx, address)
		if err != nil || opened.ID() != made.ID() {
			t.Fatalf("opened: %v", err)
		}
		opened.Close()
	})
}

// A process that ended while it made the file left one without tables: it counts for none.
func TestAFileWithoutTablesIsNoStore(t *testing.T) {
	path := filepath.Join(t.TempDir(), "portal.folders")
	if err := os.WriteFile(path, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := seal.OpenStore(t.Context(), path); !errors.Is(err, seal.ErrNoStore) {
		t.Errorf("got %v", err)
	}
	made, err := seal.MakeStore(t.Context(), path, "")
	if err != nil {
		t.Fatal(err)
	}
	made.Close()
}

func TestAStoreIsItsOwners(t *testing.T) {
	path := filepath.Join(t.TempDir(), "portal.folders")
	made, err := seal.MakeStore(t.Context(), path, "")
	if err != nil {
		t.Fatal(err)
	}
	made.Close()
	if info, err := os.Stat(path); err != nil || info.Mode().Perm() != 0o600 {
		t.Fatalf("%v, %v", info, err)
	}
	if err := os.Chmod(path, 0o640); err != nil {
		t.Fatal(err)
	}
	if _, err := seal.OpenStore(t.Context(), path); !errors.Is(err, fs.ErrPermission) {
		t.Errorf("others may read it: %v", err)
	}
}

func TestTheKeysDoNotLieInTheDatabase(t *testing.T) {
	address := dbtest.PostgresURL(t)
	dbtest.Open(t, address)
	if _, err := seal.MakeStore(t.Context(), address, ""); !errors.Is(err, seal.ErrSameDatabase) {
		t.Errorf("got %v", err)
	}
}

// A destroyed key stands in no byte of the file, nor beside it, once Destroy has returned.
func TestADestroyedKeyIsInNoByte(t *testing.T) {
	ctx, path := t.Context(), filepath.Join(t.TempDir(), "portal.folders")
	kept, err := seal.MakeStore(ctx, path, "")
	if err != nil {
		t.Fatal(err)
	}
	defer kept.Close()
	folders := seal.New(kept, sealtest.NewWrapping(), time.Now)
	wrapped := map[string]seal.Wrapped{}
	for range 5 {
		var ids []string
		for range 200 {
			ids = append(ids, rand.Text())
		}
		if err := folders.MakeAll(ctx, ids); err != nil {
			t.Fatal(err)
		}
		for i, id := range ids {
			w, err := kept.Get(ctx, id)
			if err != nil {
				t.Fatal(err)
			}
			wrapped[id] = w
			if i%2 == 0 {
				if err := folders.Destroy(ctx, id); err != nil {
					t.Fatal(err)
				}
			}
		}
		// Read by another process: this one would drop SQLite's locks when it closes a file.
		files, err := filepath.Glob(path + "*")
		if err != nil {
			t.Fatal(err)
		}
		content, err := exec.Command("cat", files...).Output()
		if err != nil {
			t.Fatal(err)
		}
		for id, w := range wrapped {
			_, err := kept.Get(ctx, id)
			if there := bytes.Contains(content, w.Key) || bytes.Contains(content, []byte(id)); there != (err == nil) {
				t.Fatalf("in the file: %v, in the store: %v", there, err)
			}
		}
	}
}

// SQLite leaves what it moves to another page in the gap of the one where it stood; a key that is destroyed is not
// there either, and the others are as they were.
func TestADestroyedKeyIsInNoGap(t *testing.T) {
	ctx, path := t.Context(), filepath.Join(t.TempDir(), "portal.folders")
	kept, err := seal.MakeStore(ctx, path, "")
	if err != nil {
		t.Fatal(err)
	}
	folders := seal.New(kept, sealtest.NewWrapping(), time.Now)
	if err := folders.MakeAll(ctx, []string{"FOLDER-GONE", "FOLDER-KEPT"}); err != nil {
		t.Fatal(err)
	}
	gone, err := kept.Get(ctx, "FOLDER-GONE")
	if err != nil {
		t.Fatal(err)
	}
	if err := kept.Close(); err != nil {
		t.Fatal(err)
	}
	content, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	gap := bytes.Index(content, make([]byte, 512))
	if gap < 0 {
		t.Fatal("no page has a gap")
	}
	copy(content[gap+100:], append([]byte(gone.Folder), gone.Key...))
	if err := os.WriteFile(path, content, 0o600); err != nil {
		t.Fatal(err)
	}

	if kept, err = seal.OpenStore(ctx, path); err != nil {
		t.Fatal(err)
	}
	defer kept.Close()
	if err := seal.New(kept, sealtest.NewWrapping(), time.Now).Destroy(ctx, gone.Folder); err != nil {
		t.Fatal(err)
	}
	if content, err = exec.Command("cat", path).Output(); err != nil {
		t.Fatal(err)
	}
	if bytes.Contains(content, []byte(gone.Folder)) || bytes.Contains(content, gone.Key) {
		t.Error("the destroyed key stands in the file")
	}
	if _, err := kept.Get(ctx, "FOLDER-KEPT"); err != nil {
		t.Errorf("the other key: %v", err)
	}
}

func TestCopiesAreMadeAndPruned(t *testing.T) {
	stores(t, func(t *testing.T, open func() seal.Store) {
		ctx, dir, kept := t.Context(), filepath.Join(t.TempDir(), "copies"), open()
		folders := seal.New(kept, sealtest.NewWrapping(), time.Now)
		if err := folders.MakeAll(ctx, []string{"F1", "F2", "F3"}); err != nil {
			t.Fatal(err)
		}
		begin := time.Date(2026, 11, 1, 3, 0, 0, 0, time.UTC)
		var first string
		for day := range 45 {
			path, _, err := seal.Copy(ctx, kept, dir, begin.AddDate(0, 0, day))
			if err != nil {
				t.Fatal(err)
			}
			if day == 0 {
				first = path
			}
			entries, err := os.ReadDir(dir)
			if err != nil || len(entries) != min(day+1, 31) {
				t.Fatalf("day %d: %d copies, %v", day, len(entries), err)
			}
			_, err = os.Stat(first)
			if there := err == nil; there != (day <= 30) {
				t.Fatalf("day %d: the first is there: %v", day, there)
			}
			if info, err := os.Stat(path); err != nil || info.Mode().Perm() != 0o600 {
				t.Fatalf("%v, %v", info, err)
			}
			var found []string
			of, err := seal.ReadCopy(path, func(w seal.Wrapped) error {
				found = append(found, w.Folder)
				return nil
			})
			if err != nil || of != kept.ID() || strings.Join(found, " ") != "F1 F2 F3" {
				t.Fatalf("%s of %s: %v", found, of, err)
			}
		}
	})
}

func TestWhatIsNoCopyIsRefused(t *testing.T) {
	path := filepath.Join(t.TempDir(), "copy")
	for name, text := range map[string]string{
		"empty": "", "another": `{"format":"madoguchi keys 1"}`,
		"cut off": "{\"format\":\"madoguchi folder keys 1\",\"store\":\"s\"}\n{\"folder\":\"F1\",\"by\":\"k\",\"ke",
	} {
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err := seal.ReadCopy(path, func(seal.Wrapped) error { return nil }); err == nil {
			t.Errorf("%s: read", name)
		}
	}
}
