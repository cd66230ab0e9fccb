package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"madoguchi/backend/store/db"
	"madoguchi/backend/store/db/dbtest"
	"madoguchi/backend/store/folder/foldertest"
	"madoguchi/backend/store/keys"
	"madoguchi/backend/store/seal"
	portalv1 "madoguchi/proto/gen/portal/v1"
	"madoguchi/proto/gen/portal/v1/portalv1connect"
)

// started is what a portal opens of a database, which is to be closed before it starts again.
func started(t *testing.T, database string) (*db.DB, *keys.File, error) {
	t.Helper()
	store, err := db.Open(t.Context(), database)
	if err != nil {
		t.Fatal(err)
	}
	file, err := openKeys(t.Context(), "", database, store)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := openFolderKeys(t.Context(), "", file, store); err != nil {
		store.Close()
		return nil, file, err
	}
	return store, file, nil
}

func mustStart(t *testing.T, database string) *db.DB {
	t.Helper()
	store, _, err := started(t, database)
	if err != nil {
		t.Fatal(err)
	}
	return store
}

func copyFile(t *testing.T, from, to string) {
	t.Helper()
	content, err := os.ReadFile(from)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(to, content, 0o600); err != nil {
		t.Fatal(err)
	}
}

// A portal whose folder keys are gone, older than its database or another's does not start, says what to do, and makes
// none; what it says helps.
func TestAPortalWithoutItsFolderKeysDoesNotStart(t *testing.T) {
	dir := t.TempDir()
	database := filepath.Join(dir, "portal.sqlite")
	folders := database + ".keys.folders"
	store := mustStart(t, database)
	foldertest.Open(t, store, "F1", "F2")
	out, err := say(t, database, "", "copy", filepath.Join(dir, "copies"))
	if err != nil {
		t.Fatal(out, err)
	}
	copies, err := filepath.Glob(filepath.Join(dir, "copies", "folder-keys-*.json"))
	if err != nil || len(copies) != 1 || !strings.Contains(out, copies[0]) {
		t.Fatal(copies, out, err)
	}
	copyFile(t, folders, folders+".old")
	foldertest.Open(t, store, "F3")
	store.Close()

	refused := func(what string, kind error, words ...string) {
		t.Helper()
		_, _, err := started(t, database)
		if !errors.Is(err, kind) {
			t.Fatalf("%s: %v", what, err)
		}
		for _, word := range append(words, "利用者フォルダの鍵", "PORTAL_FOLDER_KEYS") {
			if !strings.Contains(err.Error(), word) && !strings.Contains(err.Error(), "鍵のない利用者フォルダ") {
				t.Errorf("%s: it does not say %s: %v", what, word, err)
			}
		}
	}
	present := folders + ".present"
	if err := os.Rename(folders, present); err != nil {
		t.Fatal(err)
	}
	refused("gone", seal.ErrNoStore, "put-back", folders)
	if _, err := os.Stat(folders); err == nil {
		t.Error("a store was made in silence")
	}
	other, err := seal.MakeStore(t.Context(), folders, "")
	if err != nil {
		t.Fatal(err)
	}
	other.Close()
	refused("another's", db.ErrOtherKeys, "別のデータベース")
	copyFile(t, folders+".old", folders)
	refused("older", seal.ErrNoKey, "1件", "put-back", "close-keyless")

	// From the copy come the keys that are in it; F3's is in none.
	if err := os.Remove(folders); err != nil {
		t.Fatal(err)
	}
	if out, err := say(t, database, "", "put-back", copies[0]); err != nil || !strings.Contains(out, "put back: 2") ||
		!strings.Contains(out, "none: 1") {
		t.Errorf("%s, %v", out, err)
	}
	refused("put back in part", seal.ErrNoKey, "1件")
	if out, err := say(t, database, "", "close-keyless"); err != nil || !strings.Contains(out, "closed: 1") {
		t.Errorf("%s, %v", out, err)
	}
	store = mustStart(t, database)
	for id, there := range map[string]bool{"F1": true, "F2": true, "F3": false} {
		f, err := store.Read().FolderGet(t.Context(), id)
		if there && (err != nil || f.DisplayName != id) || !there && !errors.Is(err, db.ErrNotFound) {
			t.Errorf("%s: %q, %v", id, f.DisplayName, err)
		}
	}
	// A copy revives no key that was destroyed.
	err = store.Erase(t.Context(), func(q *db.Queries) error {
		_, err := q.FolderDelete(t.Context(), "F2")
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	if err := store.DestroyKey(t.Context(), []byte(`{"folder_id":"F2"}`)); err != nil {
		t.Fatal(err)
	}
	if err := store.DestroyKey(t.Context(), []byte(`{"folder_id":"F1"}`)); err != nil { // it is open
		t.Fatal(err)
	}
	store.Close()
	if out, err := say(t, database, "", "put-back", copies[0]); err != nil || !strings.Contains(out, "put back: 0") {
		t.Errorf("%s, %v", out, err)
	}
	kept, err := seal.OpenStore(t.Context(), folders)
	if err != nil {
		t.Fatal(err)
	}
	defer kept.Close()
	if _, err := kept.Get(t.Context(), "F2"); !errors.Is(err, seal.ErrNoKey) {
		t.Errorf("a destroyed key is back: %v", err)
	}
	if _, err := kept.Get(t.Context(), "F1"); err != nil {
		t.Errorf("the key of an open folder: %v", err)
	}
	mustStart(t, database).Close()
}

// With a key file that does not unwrap the folders' keys, nothing starts.
func TestAPortalWithAnotherKeyFileDoesNotStart(t *testing.T) {
	database := filepath.Join(t.TempDir(), "portal.sqlite")
	store := mustStart(t, database)
	foldertest.Open(t, store, "F1")
	store.Close()
	if err := os.Remove(database + ".keys"); err != nil {
		t.Fatal(err)
	}
	for _, command := range []string{"make", "adopt"} {
		if out, err := say(t, database, "", command); err != nil {
			t.Fatal(out, err)
		}
	}
	_, _, err := started(t, database)
	if !errors.Is(err, keys.ErrNotInFile) || !strings.Contains(err.Error(), "鍵ファイル") {
		t.Errorf("got %v", err)
	}
}

// The key that wraps is followed by the next while two portals on one database serve people, and nobody notices; what
// was wrapped before hangs on the old key no more.
func TestTheFolderKeyRotatesUnderTwoPortals(t *testing.T) {
	database, path := dbtest.PostgresURL(t), filepath.Join(t.TempDir(), "portal.keys")
	if _, err := keys.Make(path, time.Now); err != nil {
		t.Fatal(err)
	}
	same := func(c *config) { c.database, c.keys, c.logOrigin = database, path, "portal.example.jp/log" }
	one := startWorldWith(t, same)
	two := startWorldWith(t, same)
	const people = 12
	for n := range people {
		one.folder(many(n))
	}
	ctx, stop := context.WithCancel(t.Context())
	var going sync.WaitGroup
	defer going.Wait()
	defer stop()
	for at, w := range []*world{one, two} {
		going.Go(func() {
			for round := 0; ctx.Err() == nil; round++ {
				id := many((round + at) % people)
				client := portalv1connect.NewAccountServiceClient(withCookie{w.begin(id, "")}, w.front)
				name := fmt.Sprint("名前", at, round)
				_, err := client.UpdateAccount(ctx, &portalv1.UpdateAccountRequest{
					DisplayName: name, MunicipalityCode: "131105", Language: "ja",
				})
				if err == nil {
					_, err = client.GetAccount(ctx, &portalv1.GetAccountRequest{})
				}
				if err == nil { // as if nothing were held open
					_, err = seal.New(w.folders.Store(), w.keys.Ring(keys.Folder), time.Now).Key(ctx, id)
				}
				if err != nil && ctx.Err() == nil {
					t.Errorf("%s: %v", id, err)
					return
				}
			}
		})
	}
	before := one.keys.Ring(keys.Folder).Wraps()
	if out, err := say(t, database, path, "rotate", "folder"); err != nil || !strings.Contains(out, "new keys: 1") {
		t.Fatal(out, err)
	}
	wait := func(what string, holds func() bool) {
		t.Helper()
		for deadline := time.Now().Add(3 * time.Minute); !holds(); time.Sleep(50 * time.Millisecond) {
			if time.Now().After(deadline) {
				t.Fatalf("not after three minutes: %s", what)
			}
		}
	}
	count := len(keys.Purposes) + 1
	wait("both have read the new key", func() bool {
		return len(one.keys.Keys()) == count && len(two.keys.Keys()) == count
	})
	if one.keys.Ring(keys.Folder).Wraps() != before {
		t.Error("the new key wraps before its time")
	}
	minuteLater(t, path)
	wait("all is wrapped anew", func() bool {
		left, err := one.folders.Store().NotBy(t.Context(), two.keys.Ring(keys.Folder).Wraps(), 1)
		return err == nil && len(left) == 0 && two.keys.Ring(keys.Folder).Wraps() != before
	})
	stop()
	going.Wait()
	for n := range people {
		fresh := seal.New(two.folders.Store(), two.keys.Ring(keys.Folder), time.Now)
		if _, err := fresh.Key(t.Context(), many(n)); err != nil {
			t.Errorf("%s: %v", many(n), err)
		}
	}
	// A third that was never told where the keys lie has none, and makes none.
	_, c, _, _ := prepare(t)
	same(&c)
	c.folderKeys = filepath.Join(t.TempDir(), "elsewhere")
	if _, err := build(t.Context(), c); !errors.Is(err, seal.ErrNoStore) {
		t.Errorf("a portal with folder keys of its own: %v", err)
	}
	c.folderKeys = database
	if _, err := build(t.Context(), c); !errors.Is(err, seal.ErrSameDatabase) {
		t.Errorf("keys in the database itself: %v", err)
	}
}

func many(n int) string { return fmt.Sprintf("F%02d", n) }

// minuteLater has the keys of a file count as if they had been made a minute earlier.
func minuteLater(t *testing.T, path string) {
	t.Helper()
	content, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	var lines []string
	for line := range strings.SplitSeq(string(content), "\n") {
		if before, at, found := strings.Cut(line, `"from": "`); found {
			from, err := time.Parse(time.RFC3339, at[:strings.IndexByte(at, '"')])
			if err != nil {
				t.Fatal(err)
			}
			line = before + `"from": "` + from.Add(-2*time.Minute).Format(time.RFC3339) +
				at[strings.IndexByte(at, '"'):]
		}
		lines = append(lines, line)
	}
	if err := os.WriteFile(path, []byte(strings.Join(lines, "\n")), 0o600); err != nil {
		t.Fatal(err)
	}
}
