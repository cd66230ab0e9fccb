package main

import (
	"bytes"
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"madoguchi/backend/store/db"
	"madoguchi/backend/store/db/dbtest"
	"madoguchi/backend/store/keys"
)

// say runs `portal keys …` on a database and gives what it printed.
func say(t *testing.T, database, file string, args ...string) (string, error) {
	t.Helper()
	var out bytes.Buffer
	err := tendKeys(t.Context(), append([]string{"--database", database, "--keys", file}, args...),
		func(string) string { return "" }, &out)
	return out.String(), err
}

func open(t *testing.T, address string) *db.DB {
	t.Helper()
	store, err := db.Open(context.Background(), address)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { store.Close() })
	return store
}

func TestAPortalOnSQLiteMakesItsKeyFileOnce(t *testing.T) {
	database := filepath.Join(t.TempDir(), "portal.sqlite")
	store := open(t, database)
	file, err := openKeys(t.Context(), "", "sqlite:"+database, store)
	if err != nil {
		t.Fatal(err)
	}
	if info, err := os.Stat(database + ".keys"); err != nil || info.Mode().Perm() != 0o600 {
		t.Fatalf("%v, %v", info, err)
	}
	again, err := openKeys(t.Context(), "", database, store)
	if err != nil || again.Keys()[0].Fingerprint() != file.Keys()[0].Fingerprint() {
		t.Fatalf("the second start: %v", err)
	}
	if err := os.Remove(database + ".keys"); err != nil {
		t.Fatal(err)
	}
	if _, err := openKeys(t.Context(), "", database, store); err == nil || !strings.Contains(err.Error(), "is gone") {
		t.Errorf("without its file: %v", err)
	}
	if _, err := os.Stat(database + ".keys"); err == nil {
		t.Error("a new file was made in silence")
	}
	// The way out that the error names.
	if _, err := say(t, database, "", "make"); err != nil {
		t.Fatal(err)
	}
	if _, err := openKeys(t.Context(), "", database, store); !errors.Is(err, keys.ErrForeign) ||
		!strings.Contains(err.Error(), "portal keys adopt") {
		t.Errorf("with a file made anew: %v", err)
	}
	if _, err := say(t, database, "", "rotate"); !errors.Is(err, keys.ErrForeign) {
		t.Errorf("a foreign file is rotated: %v", err)
	}
	if _, err := say(t, database, "", "adopt"); err != nil {
		t.Fatal(err)
	}
	if _, err := openKeys(t.Context(), "", database, store); err != nil {
		t.Errorf("after adopting it: %v", err)
	}
}

func TestAPortalOnPostgreSQLIsToldItsKeyFile(t *testing.T) {
	address := dbtest.PostgresURL(t)
	store := open(t, address)
	_, err := openKeys(t.Context(), "", address, store)
	if err == nil || !strings.Contains(err.Error(), "PORTAL_KEYS is not set") {
		t.Errorf("without: %v", err)
	}
	file := filepath.Join(t.TempDir(), "portal.keys")
	if _, err := openKeys(t.Context(), file, address, store); err == nil ||
		!strings.Contains(err.Error(), "portal keys make") {
		t.Errorf("of a file that is not there: %v", err)
	}
	if _, err := say(t, address, file, "make"); err != nil {
		t.Fatal(err)
	}
	if _, err := openKeys(t.Context(), file, address, store); err != nil {
		t.Fatal(err)
	}
	other := filepath.Join(t.TempDir(), "other.keys")
	if _, err := say(t, address, other, "make"); err != nil {
		t.Fatal(err)
	}
	if _, err := openKeys(t.Context(), other, address, store); !errors.Is(err, keys.ErrForeign) {
		t.Errorf("an instance with keys of its own: %v", err)
	}
}

func TestKeysAreListedAndRotatedWithoutBeingTold(t *testing.T) {
	database := filepath.Join(t.TempDir(), "portal.sqlite")
	file, err := openKeys(t.Context(), "", database, open(t, database))
	if err != nil {
		t.Fatal(err)
	}
	if out, err := say(t, database, "", "rotate"); err != nil || !strings.Contains(out, "new keys: 2") {
		t.Errorf("%s, %v", out, err)
	}
	out, err := say(t, database, "")
	if err != nil || strings.Count(out, "\n") != 1+len(keys.Purposes)+2 {
		t.Errorf("%v:\n%s", err, out)
	}
	content, err := os.ReadFile(file.Path())
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.SplitSeq(string(content), "\n") {
		if _, secret, found := strings.Cut(line, `"secret": "`); found && strings.Contains(out, secret[:20]) {
			t.Errorf("the list tells a key:\n%s", out)
		}
	}
	for _, wrong := range [][]string{{"rotate", "nothing"}, {"rotate", "anchor"}, {"make"}, {"list", "x"}, {"burn"}} {
		if _, err := say(t, database, "", wrong...); err == nil {
			t.Errorf("portal keys %v goes through", wrong)
		}
	}
}
