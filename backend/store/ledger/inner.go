package ledger

import (
	"context"

	"golang.org/x/mod/sumdb/tlog"

	"madoguchi/proto/ledger"
)

// What stands above the hashes of a full tile of the lowest level is written down beside it, in an object of its own
// that is no part of the log: whoever proves an old leaf reads the eight hashes on its way, and need not read and hash
// the whole tile. It is made of the tile alone, so one that is missing or damaged is no loss.
//
// The hashes lie in blocks of thirty, so that those on the way of a leaf stand in two: first the heights 7 to 4, then, for
// each sixteen leaves, the heights 3 to 0. Within a block the highest come first.
const (
	innerBlock  = 30 * tlog.HashSize
	innerHeight = tileHeight / 2
	innerWidth  = 1 << innerHeight
	innerSize   = (1 + innerWidth) * innerBlock
)

// innerAt is where a hash of a height within the tile lies: its block, and its place in it.
func innerAt(height, n int) (block, at int) {
	if height >= innerHeight {
		height -= innerHeight
	} else {
		block = 1 + n>>(innerHeight-height)
		n &= innerWidth>>height - 1
	}
	return block, innerWidth>>height - 2 + n
}

// nodesAbove makes what stands above the hashes of a tile: the heights 1 to 7.
func nodesAbove(below []ledger.Hash) (above [][]ledger.Hash) {
	for range tileHeight - 1 {
		level := make([]ledger.Hash, len(below)/2)
		for i := range level {
			level[i] = tlog.NodeHash(below[2*i], below[2*i+1])
		}
		above, below = append(above, level), level
	}
	return above
}

func hashesOf(data []byte) []ledger.Hash {
	list := make([]ledger.Hash, len(data)/tlog.HashSize)
	for i := range list {
		list[i] = ledger.Hash(data[i*tlog.HashSize:])
	}
	return list
}

func packInner(leaves []ledger.Hash, above [][]ledger.Hash) []byte {
	data := make([]byte, innerSize)
	for height, level := range append([][]ledger.Hash{leaves}, above...) {
		for n, hash := range level {
			block, at := innerAt(height, n)
			copy(data[block*innerBlock+at*tlog.HashSize:], hash[:])
		}
	}
	return data
}

// innerOf are the two blocks on the way of a leaf.
type innerOf struct {
	asked, known bool
	tile         uint64
	bottom       int // block
	blocks       []byte
}

func (o *innerOf) hash(height, n int) tlog.Hash {
	block, at := innerAt(height, n)
	if block > 0 {
		block = 1
	}
	return tlog.Hash(o.blocks[block*innerBlock+at*tlog.HashSize:])
}

// tellsInner tells whether the hashes of a tile are known without it, and reads them when they were not asked for yet.
// They are those on the way of one leaf: of which is seen by the lowest that is wanted.
func (t *tiles) tellsInner(ctx context.Context, of *innerOf, wanted []int64, tile, size uint64) bool {
	if of.asked {
		return of.known && of.tile == tile
	}
	of.asked, of.tile = true, tile
	if widthOf(0, tile, size) < tileWidth {
		return false
	}
	if _, ok := t.at(spot{0, tile, tileWidth}); ok {
		return false
	}
	for _, index := range wanted {
		height, n := tlog.SplitStoredHashIndex(index)
		if height < innerHeight && uint64(n)<<height>>tileHeight == tile {
			of.bottom, _ = innerAt(height, int(uint64(n)-tile<<tileHeight>>height))
		}
	}
	blocks, err := t.place.Parts(ctx, tileName(inner, tile, tileWidth), innerBlock, 0, of.bottom*innerBlock)
	of.blocks, of.known = blocks, err == nil
	return of.known
}
