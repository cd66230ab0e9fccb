package introduction_test

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"testing"

	"madoguchi/backend/sandbox/introduction"
)

func TestOnlyTheOfficeMeantCanOpen(t *testing.T) {
	dir := t.TempDir()
	mine, err := introduction.Key(filepath.Join(dir, "mine"))
	if err != nil {
		t.Fatal(err)
	}
	again, err := introduction.Key(filepath.Join(dir, "mine"))
	if err != nil || !bytes.Equal(mine, again) {
		t.Fatalf("the key did not stay: %v", err)
	}
	if info, err := os.Stat(filepath.Join(dir, "mine")); err != nil || info.Mode().Perm() != 0o600 {
		t.Fatalf("the key's file: %v %v", info, err)
	}
	theirs, err := introduction.Key(filepath.Join(dir, "theirs"))
	if err != nil {
		t.Fatal(err)
	}
	sealed, err := introduction.Seal(mine, "131105", "record-1")
	if err != nil {
		t.Fatal(err)
	}
	other, err := introduction.Seal(mine, "131105", "record-1")
	if err != nil || bytes.Equal(sealed, other) {
		t.Fatalf("two seals of one record are alike (%v)", err)
	}
	if got, err := introduction.Open(mine, "131105", sealed); err != nil || got != "record-1" {
		t.Fatalf("got %q, %v", got, err)
	}
	changed := bytes.Clone(sealed)
	changed[len(changed)-1] ^= 1
	for name, open := range map[string]func() (string, error){
		"another key":    func() (string, error) { return introduction.Open(theirs, "131105", sealed) },
		"another office": func() (string, error) { return introduction.Open(mine, "nenkin", sealed) },
		"changed":        func() (string, error) { return introduction.Open(mine, "131105", changed) },
		"cut":            func() (string, error) { return introduction.Open(mine, "131105", sealed[:5]) },
		"nothing":        func() (string, error) { return introduction.Open(mine, "131105", nil) },
	} {
		if got, err := open(); !errors.Is(err, introduction.ErrUnreadable) || got != "" {
			t.Errorf("%s: got %q, %v", name, got, err)
		}
	}
}
