package ledger_test

import (
	"bytes"
	"crypto/sha256"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"testing"
	"time"

	"madoguchi/backend/store/db/dbtest"
	store "madoguchi/backend/store/ledger"
	"madoguchi/proto/ledger"
)

// Every leaf of a log with full tiles, and one that is not, is proven by what was written down above the tiles; and
// as well where that is missing, damaged, or of another tile, which `portal log rebuild` mends.
func TestLeavesAreProvenByWhatStandsAbove(t *testing.T) {
	d, dir := dbtest.SQLite(t), t.TempDir()
	place := inFolder(t, dir)
	const leaves = 2*256 + 77
	err := store.Fill(t.Context(), dir, open(t, d, place), leaves, func(n uint64) []byte {
		return ledger.Leaf{At: int64(n), Commitment: sha256.Sum256([]byte{byte(n), byte(n >> 8)})}.Bytes()
	})
	if err != nil {
		t.Fatal(err)
	}
	anew := func() *store.Log { // with nothing at hand
		l, err := store.Open(t.Context(), store.Config{DB: d, Place: place, Signer: signer(t), Now: time.Now})
		if err != nil {
			t.Fatal(err)
		}
		return l
	}
	path := func(name string) string { return filepath.Join(dir, "inner", name) }
	first, err := os.ReadFile(path("000"))
	if err != nil {
		t.Fatal(err)
	}
	second, err := os.ReadFile(path("001"))
	if err != nil || bytes.Equal(first, second) {
		t.Fatal(err)
	}
	if _, err := os.Stat(path("002")); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("above a tile that is not full: %v", err)
	}
	for name, spoil := range map[string]func() error{
		"whole":     func() error { return nil },
		"missing":   func() error { return os.Remove(path("000")) },
		"cut":       func() error { return os.WriteFile(path("000"), first[:1000], 0o600) },
		"another's": func() error { return os.WriteFile(path("000"), second, 0o600) },
	} {
		t.Run(name, func(t *testing.T) {
			if err := spoil(); err != nil {
				t.Fatal(err)
			}
			for index := range uint64(leaves) {
				if err := anew().Prove(t.Context(), index); err != nil {
					t.Fatal(index, err)
				}
			}
			_, err := store.Verify(t.Context(), place, signer(t), false)
			if fits := name == "whole" || name == "missing"; (err == nil) != fits { // of a log from before it is missing
				t.Error("verified:", err)
			}
			v, err := store.Verify(t.Context(), place, signer(t), true)
			if wanted := name != "whole"; err != nil || (len(v.Mended) == 1 && v.Mended[0] == "inner/000") != wanted {
				t.Error("mended:", v.Mended, err)
			}
			if now, err := os.ReadFile(path("000")); err != nil || !bytes.Equal(now, first) {
				t.Error("it is not as it was", err)
			}
		})
	}
}
