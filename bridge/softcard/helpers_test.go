package softcard_test

import (
	"os"
	"testing"
	"time"

	"madoguchi/bridge/softcard"
)

func person(t testing.TB, id string) softcard.Person {
	t.Helper()
	p, ok := softcard.PersonByID(id)
	if !ok {
		t.Fatalf("no person %q", id)
	}
	return p
}

func newCard(t testing.TB, p softcard.Person) *softcard.Card {
	t.Helper()
	card, err := softcard.NewCard(p, softcard.MemoryState(), time.Now)
	if err != nil {
		t.Fatal(err)
	}
	return card
}

func write(t *testing.T, path string, b []byte) {
	t.Helper()
	if err := os.WriteFile(path, b, 0o600); err != nil {
		t.Fatal(err)
	}
}
