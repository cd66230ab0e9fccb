package ledger

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"

	"golang.org/x/mod/sumdb/note"

	"madoguchi/proto/ledger"
)

// Verified is what a log was found to be.
type Verified struct {
	ledger.Checkpoint
	Lines  uint64
	Losses []ledger.Loss
	// Mended are the tiles that were missing or damaged, and were written anew.
	Mended []string
}

// Verify makes all of a published log anew of its entries, and holds every tile and the signed root against it. With
// mend the tiles that do not fit are written anew, which nothing but the entries and the root is needed for.
func Verify(ctx context.Context, place Place, key note.Verifier, mend bool) (v Verified, err error) {
	signed, _, err := place.Read(ctx, published)
	if err != nil {
		return v, err
	}
	if v.Checkpoint, err = ledger.OpenCheckpoint(string(signed), key, nil); err != nil {
		return v, fmt.Errorf("the checkpoint: %w", err)
	}
	t := newTiles(place)
	at := edge{}
	var wrong []tile
	for at.size < v.Size {
		list, err := t.entriesFrom(ctx, at.size, v.Size)
		if err != nil {
			return v, err
		}
		for i, entry := range list {
			leaf, err := ledger.ParseLeaf(entry)
			switch {
			case err != nil:
				return v, fmt.Errorf("the entry %d: %w", at.size+uint64(i), err)
			case leaf.Lost != nil:
				v.Losses = append(v.Losses, *leaf.Lost)
			default:
				v.Lines++
			}
		}
		next, made := at.grown(list)
		if wrong, err = t.unfit(ctx, wrong, full(made)); err != nil {
			return v, err
		}
		at = next
	}
	if wrong, err = t.unfit(ctx, wrong, at.open()); err != nil {
		return v, err
	}
	if at.root() != v.Root {
		return v, errors.New("the entries do not come to the root that was signed: an entry is another than it was")
	}
	for _, w := range wrong {
		if !mend {
			return v, fmt.Errorf("%s is missing, or does not fit the entries", w.name())
		}
		if err := t.write(ctx, w); err != nil {
			return v, err
		}
		v.Mended = append(v.Mended, w.name())
	}
	return v, nil
}

func full(made []tile) (list []tile) {
	for _, m := range made {
		if m.width == tileWidth {
			list = append(list, m)
		}
	}
	return list
}

// open are the tiles of a tree that are not full.
func (e edge) open() (list []tile) {
	for level, hashes := range e.levels {
		if len(hashes) > 0 {
			list = append(list, tile{
				level: level, n: e.size >> (tileHeight * (level + 1)), width: len(hashes), data: joined(hashes),
			})
		}
	}
	return list
}

// unfit adds those that do not fit.
func (t *tiles) unfit(ctx context.Context, wrong, made []tile) ([]tile, error) {
	for _, m := range made {
		fits, err := t.fits(ctx, m)
		if err != nil {
			return wrong, err
		}
		if !fits {
			wrong = append(wrong, m)
		}
	}
	return wrong, nil
}

// fits compares a tile that was made of the entries with the one that is there.
func (t *tiles) fits(ctx context.Context, made tile) (bool, error) {
	if made.level == entries {
		return true, nil // it was made of the one that is there
	}
	data, err := t.place.Get(ctx, made.name())
	if errors.Is(err, fs.ErrNotExist) && made.width < tileWidth {
		if data, err = t.place.Get(ctx, tileName(made.level, made.n, tileWidth)); err == nil {
			data, err = cutTile(made.level, data, made.width)
		}
	}
	if errors.Is(err, fs.ErrNotExist) {
		return false, nil
	}
	return bytes.Equal(data, made.data), err
}
