package ledger

import (
	"context"
	"errors"
	"fmt"

	"golang.org/x/mod/sumdb/tlog"

	"madoguchi/proto/ledger"
)

var errDamaged = errors.New("the tiles of the log do not come to its root: they are damaged")

// inclusion proves that a leaf stands at an index. All of it was held against the root that was signed, what is at hand
// once, the rest now: what the disk spoilt is not given out as if it were a proof.
func (t *tiles) inclusion(ctx context.Context, c ledger.Checkpoint, index uint64) ([]ledger.Hash, error) {
	proof, err := t.prove(ctx, c, index)
	if err != nil { // what is at hand may be what was damaged, and mended since
		t.forget()
		proof, err = t.prove(ctx, c, index)
	}
	if err != nil {
		t.forget()
		return nil, fmt.Errorf("proving the leaf %d: %w", index, err)
	}
	return proof, nil
}

// prove goes up from a leaf (RFC 6962, 2.1.1). Beside its way stand full subtrees, and once perhaps the rest at the
// right edge; from where the way meets that of the last leaf nothing stands on its right. tlog.ProveRecord gives the
// same; it asks for each hash by itself, and makes all of the right edge anew.
func (t *tiles) prove(ctx context.Context, c ledger.Checkpoint, index uint64) ([]ledger.Hash, error) {
	if index >= c.Size {
		return nil, ErrNoSuchSize
	}
	r, err := t.rimOf(ctx, c)
	if err != nil {
		return nil, err
	}
	ways, err := t.waysUp(ctx, r, index)
	if err != nil {
		return nil, err
	}
	last := c.Size - 1
	proof := make([]ledger.Hash, 0, len(r.rest))
	for height := 0; last>>height > 0; height++ {
		switch beside := index>>height ^ 1; {
		case beside > last>>height:
		case beside == c.Size>>height:
			proof = append(proof, r.rest[height])
		default:
			hash, err := ways[height/tileHeight].beside(height%tileHeight, index>>(height-height%tileHeight))
			if err != nil {
				return nil, err
			}
			proof = append(proof, hash)
		}
	}
	return proof, nil
}

// way leads up through a tile: it is known by itself, or the whole tile is at hand. All of it stands in the root.
type way struct {
	*path
	tile *held
}

// hash gives one of a height within the tile of the n-th hash of the level.
func (w way) hash(height int, n uint64) (ledger.Hash, error) {
	if w.tile == nil {
		return ledger.Hash{}, errDamaged
	}
	hash, ok := w.tile.hash(height, int(n%(tileWidth>>height)))
	if !ok {
		return hash, errDamaged
	}
	return hash, nil
}

// beside gives what stands beside the way of the n-th hash of the level.
func (w way) beside(height int, n uint64) (ledger.Hash, error) {
	if w.path != nil {
		return w.path.beside[height], nil
	}
	return w.hash(height, n>>height^1)
}

// itself gives the n-th hash of the level.
func (w way) itself(n uint64) (ledger.Hash, error) {
	if w.path != nil {
		return w.own, nil
	}
	return w.hash(0, n)
}

// waysUp finds the way of a leaf through the tile of each level, from the highest down: each is held against what is
// known of the one above.
func (t *tiles) waysUp(ctx context.Context, r *rim, index uint64) ([]way, error) {
	ways := make([]way, len(r.partial))
	for level := len(ways) - 1; level >= 0; level-- {
		n := index >> (tileHeight * level)
		if widthOf(level, n/tileWidth, r.size) < tileWidth {
			ways[level].tile = r.partial[level] // nil, when it has no hash yet
			continue
		}
		top, err := ways[level+1].itself(n / tileWidth)
		if err != nil {
			return nil, err
		}
		if ways[level], err = t.through(ctx, r.size, level, n, top); err != nil {
			return nil, err
		}
	}
	return ways, nil
}

// through finds the way of a hash through a full tile, which comes to top.
func (t *tiles) through(ctx context.Context, size uint64, level int, n uint64, top ledger.Hash) (way, error) {
	// The tiles of a level that has few of them are at hand soon.
	alone := level == 0 || size>>(tileHeight*(level+1)) > uint64(t.room)
	missing := false
	if alone {
		p, err := t.readPath(ctx, level, n)
		if err == nil && p.top == top {
			return way{path: p}, nil
		}
		missing = !errors.Is(err, errors.ErrUnsupported)
	}
	h, _, err := t.hold(ctx, level, n/tileWidth, size)
	if err != nil {
		return way{}, err
	}
	if !h.proven.Load() {
		above := h.nodes()
		if tlog.NodeHash(above[tileHeight-2][0], above[tileHeight-2][1]) != top {
			return way{}, errDamaged
		}
		h.proven.Store(true)
	}
	if missing {
		t.mendPaths(ctx, level, n/tileWidth, h)
	}
	return way{tile: h}, nil
}

// rim is the right edge of a tree: of each level the tile that is not full, and of each height what stands right of
// the last full subtree. It was held against the root.
type rim struct {
	size    uint64
	whole   ledger.Hash
	partial []*held
	rest    []ledger.Hash
}

// rimOf gives that of a tree; of the one that was asked for last it is at hand.
func (t *tiles) rimOf(ctx context.Context, c ledger.Checkpoint) (*rim, error) {
	if r := t.rim.Load(); r != nil && r.size == c.Size && r.whole == c.Root {
		return r, nil
	}
	r := &rim{size: c.Size, whole: c.Root}
	for level := 0; c.Size>>(tileHeight*level) > 0; level++ {
		var h *held
		if all := c.Size >> (tileHeight * level); all%tileWidth > 0 {
			var err error
			if h, _, err = t.hold(ctx, level, all/tileWidth, c.Size); err != nil {
				return nil, err
			}
		}
		r.partial = append(r.partial, h)
	}
	var rest ledger.Hash
	for height := 0; c.Size>>height > 0; height++ {
		r.rest = append(r.rest, rest)
		if c.Size>>height&1 == 0 {
			continue
		}
		last := way{tile: r.partial[height/tileHeight]}
		hash, err := last.hash(height%tileHeight, c.Size>>height-1)
		if err != nil {
			return nil, err
		}
		if c.Size&(1<<height-1) > 0 {
			hash = tlog.NodeHash(hash, rest)
		}
		rest = hash
	}
	if rest != c.Root {
		return nil, errDamaged
	}
	t.rim.Store(r)
	return r, nil
}
