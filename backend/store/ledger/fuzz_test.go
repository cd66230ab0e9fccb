package ledger_test

import (
	"bytes"
	"crypto/sha256"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"testing"

	"madoguchi/backend/store/db/dbtest"
	store "madoguchi/backend/store/ledger"
	"madoguchi/proto/ledger"
)

// FuzzTiles damages one of the files that a log lies in, and asks for a tile of any name. No proof is given out that is
// another than before, what is damaged is found, and names lead to nothing but tiles.
func FuzzTiles(f *testing.F) {
	d, dir := dbtest.SQLite(f), f.TempDir()
	place := inFolder(f, dir)
	err := store.Fill(f.Context(), dir, open(f, d, place), 300, func(n uint64) []byte {
		return ledger.Leaf{At: 1, Commitment: sha256.Sum256([]byte{byte(n), byte(n >> 8)})}.Bytes()
	})
	if err != nil {
		f.Fatal(err)
	}
	files := []string{"tile/0/000", "tile/entries/000", "tile/0/001.p/44", "tile/entries/001.p/44", "tile/1/000.p/1",
		"paths/0", "checkpoint"}
	whole := map[string][]byte{}
	for _, name := range files {
		if whole[name], err = os.ReadFile(filepath.Join(dir, filepath.FromSlash(name))); err != nil {
			f.Fatal(err)
		}
	}
	l := open(f, d, place)
	honest := map[uint64][]ledger.Hash{}
	for _, index := range []uint64{0, 7, 255, 256, 299} {
		if honest[index], _, err = l.Prove(f.Context(), index); err != nil {
			f.Fatal(err)
		}
	}
	for n := range files {
		f.Add(byte(n), uint16(33), byte(1), uint16(0), files[n])
	}
	f.Add(byte(0), uint16(0), byte(0), uint16(8160), "tile/0/../newest")
	f.Add(byte(1), uint16(0), byte(255), uint16(1), "tile/0/x001/000.p/0")
	is := regexp.MustCompile(`^tile/([0-6]|entries)/(x\d{3}/)*\d{3}(\.p/[1-9]\d{0,2})?$`)
	f.Fuzz(func(t *testing.T, which byte, at uint16, flip byte, cut uint16, name string) {
		if data, err := l.Tile(t.Context(), name); err == nil && (len(data) == 0 || !is.MatchString(name)) {
			t.Errorf("a tile of the name %q", name)
		}
		file := files[int(which)%len(files)]
		bent := slices.Clone(whole[file])
		bent[int(at)%len(bent)] ^= flip
		bent = bent[:len(bent)-int(cut)%len(bent)]
		path := filepath.Join(dir, filepath.FromSlash(file))
		if err := os.WriteFile(path, bent, 0o600); err != nil {
			t.Fatal(err)
		}
		l.Forget()
		for index, wanted := range honest {
			got, _, err := l.Prove(t.Context(), index)
			if err == nil && !slices.Equal(got, wanted) {
				t.Errorf("with %s damaged, %d is proven by something else", file, index)
			}
			if err != nil && file == "paths/0" {
				t.Errorf("what is made of the tiles is damaged, and %d is not proven: %v", index, err)
			}
		}
		_, err := store.Verify(t.Context(), place, signer(t), false)
		if fits := file == "paths/0" || bytes.Equal(bent, whole[file]); fits && err != nil || !fits && err == nil {
			t.Errorf("with %s damaged (%v): %v", file, !fits, err)
		}
		if errors.Is(err, fs.ErrNotExist) {
			t.Error(err)
		}
		if err := os.WriteFile(path, whole[file], 0o600); err != nil {
			t.Fatal(err)
		}
	})
}
