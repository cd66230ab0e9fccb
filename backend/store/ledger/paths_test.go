package ledger_test

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"golang.org/x/mod/sumdb/tlog"

	"madoguchi/backend/store/db/dbtest"
	store "madoguchi/backend/store/ledger"
	"madoguchi/proto/ledger"
)

// The library proves the same, of trees whose levels end in every way, and with as good as nothing at hand.
func TestProofsAreTheLibrarys(t *testing.T) {
	const most = 65536 + 700
	var stored []tlog.Hash
	reader := tlog.HashReaderFunc(func(indexes []int64) ([]tlog.Hash, error) {
		list := make([]tlog.Hash, len(indexes))
		for i, index := range indexes {
			list[i] = stored[index]
		}
		return list, nil
	})
	leaf := func(n uint64) []byte {
		return ledger.Leaf{At: 1, Commitment: sha256.Sum256(binary.AppendUvarint(nil, n))}.Bytes()
	}
	for n := range int64(most) {
		hashes, err := tlog.StoredHashes(n, leaf(uint64(n)), reader)
		if err != nil {
			t.Fatal(err)
		}
		stored = append(stored, hashes...)
	}
	for _, size := range []uint64{
		1, 2, 3, 7, 8, 255, 256, 257, 300, 511, 512, 513, 65535, 65536, most,
	} {
		d, dir := dbtest.SQLite(t), t.TempDir()
		if err := store.Fill(t.Context(), dir, open(t, d, inFolder(t, dir)), size, leaf); err != nil {
			t.Fatal(err)
		}
		l, few := open(t, d, inFolder(t, dir)), open(t, d, inFolder(t, dir))
		few.KeepAtHand(1)
		step := uint64(1)
		if size > 1000 {
			step = 251
		}
		for i := uint64(0); i < size; i += step {
			for _, index := range []uint64{i, size - 1 - i} {
				wanted, err := tlog.ProveRecord(int64(size), int64(index), reader)
				if err != nil {
					t.Fatal(err)
				}
				for _, l := range []*store.Log{l, few} {
					got, c, err := l.Prove(t.Context(), index)
					if err != nil || c.Size != size || !slices.Equal(got, wanted) {
						t.Fatalf("%d of %d: %d hashes, %v; by the library %d", index, size, len(got), err, len(wanted))
					}
				}
			}
		}
		if _, _, err := l.Prove(t.Context(), size); err == nil {
			t.Errorf("a leaf %d of %d is proven", size, size)
		}
	}
}

// Every leaf of a log with full tiles, and one that is not, is proven by what was written down of the ways up through
// them; and as well where that is missing, damaged, or of another log: then it is made anew of the tiles, and written
// down as it was.
func TestLeavesAreProvenByTheirWays(t *testing.T) {
	d, dir := dbtest.SQLite(t), t.TempDir()
	const leaves, ofATile = 2*256 + 77, 16 * 34 * 32
	err := store.Fill(t.Context(), dir, open(t, d, inFolder(t, dir)), leaves, func(n uint64) []byte {
		return ledger.Leaf{At: int64(n), Commitment: sha256.Sum256([]byte{byte(n), byte(n >> 8)})}.Bytes()
	})
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(dir, "paths", "0")
	whole, err := os.ReadFile(path)
	if err != nil || len(whole) != 2*ofATile {
		t.Fatal(len(whole), err) // none of the tile that is not full
	}
	bent := func(at int) []byte {
		data := slices.Clone(whole)
		data[at] ^= 1
		return data
	}
	tile := filepath.Join(dir, "tile", "0", "000")
	ofLog, err := os.ReadFile(tile)
	if err != nil {
		t.Fatal(err)
	}
	for name, data := range map[string][]byte{
		"whole": whole, "missing": nil, "cut": whole[:1000], "empty": make([]byte, len(whole)),
		"a leaf bent": bent(40), "what is beside bent": bent(ofATile + 33*32),
		"in another order": append(slices.Clone(whole[ofATile:]), whole[:ofATile]...),
	} {
		t.Run(name, func(t *testing.T) {
			if err := os.Remove(path); err != nil {
				t.Fatal(err)
			}
			if data != nil {
				if err := os.WriteFile(path, data, 0o600); err != nil {
					t.Fatal(err)
				}
			}
			if name == "whole" { // then no tile is asked for
				if err := os.Remove(tile); err != nil {
					t.Fatal(err)
				}
				defer os.WriteFile(tile, ofLog, 0o600)
			}
			place := inFolder(t, dir)
			for index := range uint64(leaves) {
				// With nothing at hand.
				l, err := store.Open(t.Context(), store.Config{DB: d, Place: place, Signer: signer(t), Now: time.Now})
				if err == nil {
					_, _, err = l.Prove(t.Context(), index)
				}
				if err != nil {
					t.Fatal(index, err)
				}
			}
			if now, err := os.ReadFile(path); err != nil || !bytes.Equal(now, whole) {
				t.Error("it is not as it was", len(now), err)
			}
		})
	}
	// Where the ways and the tile are both gone there is no proof, and none is made up.
	if err := errors.Join(os.Remove(path), os.Remove(tile)); err != nil {
		t.Fatal(err)
	}
	l := open(t, d, inFolder(t, dir))
	if _, _, err := l.Prove(t.Context(), 7); !errors.Is(err, fs.ErrNotExist) {
		t.Error(err)
	}
	if _, _, err := l.Prove(t.Context(), 300); err != nil {
		t.Error("the other tile:", err)
	}
}
