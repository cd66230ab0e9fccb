package ledger

import (
	"context"
	"errors"
	"log/slog"
	"strconv"

	"golang.org/x/mod/sumdb/tlog"

	"madoguchi/proto/ledger"
)

// Of each full tile the ways up through it are written down in an object of its level, which is no part of the log:
// whoever proves an old leaf reads some 1,100 bytes at a place that is known, of a file that is open, and need not
// open, read and hash a tile. So an old leaf of a large log is proven as quickly as one of a small log, and nothing
// need be kept in memory for it. It is made of the tiles alone: what is missing or damaged of it is no loss, and is
// written anew by who finds it so.
//
// Sixteen hashes of a tile share a part of it: they, those above them up to the two at height 3, and then, of each
// height from 4 to 7, the one beside their way.
const (
	pathHeight = tileHeight / 2
	pathWidth  = 1 << pathHeight
	pathInside = 2*pathWidth - 2 // hashes of the heights 0 to 3
	pathSize   = (pathInside + tileHeight - pathHeight) * tlog.HashSize
	pathsSize  = tileWidth / pathWidth * pathSize // of a tile
)

func pathsObject(level int) string { return "paths/" + strconv.Itoa(level) }

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

// packPaths makes what is written down of a tile of these hashes.
func packPaths(hashes []ledger.Hash, above [][]ledger.Hash) []byte {
	data := make([]byte, 0, pathsSize)
	for group := range tileWidth / pathWidth {
		for height := range tileHeight {
			level := hashes
			if height > 0 {
				level = above[height-1]
			}
			if height < pathHeight {
				width := pathWidth >> height
				data = append(data, joined(level[group*width:(group+1)*width])...)
				continue
			}
			beside := level[group>>(height-pathHeight)^1]
			data = append(data, beside[:]...)
		}
	}
	return data
}

// path is the way up from a hash through its tile.
type path struct {
	own    ledger.Hash
	beside [tileHeight]ledger.Hash
	top    ledger.Hash // what the tile comes to
}

// readPath reads that of the n-th hash of a level; its tile is a full one.
func (t *tiles) readPath(ctx context.Context, level int, n uint64) (*path, error) {
	var data [pathSize]byte
	err := t.place.ReadPart(ctx, pathsObject(level), data[:], int64(n/pathWidth)*pathSize)
	if err != nil {
		return nil, err
	}
	at := func(i int) ledger.Hash { return ledger.Hash(data[i*tlog.HashSize:]) }
	p := &path{own: at(int(n % pathWidth))}
	p.top = p.own
	for height := range tileHeight {
		i := pathInside + height - pathHeight
		if height < pathHeight {
			width := pathWidth >> height
			i = 2*(pathWidth-width) + int(n>>height^1)%width
		}
		p.beside[height] = at(i)
		if n>>height&1 == 0 {
			p.top = tlog.NodeHash(p.top, p.beside[height])
		} else {
			p.top = tlog.NodeHash(p.beside[height], p.top)
		}
	}
	return p, nil
}

// writePaths writes down the ways up through a full tile, where the place lets parts of an object be written.
func (t *tiles) writePaths(ctx context.Context, level int, n uint64, data []byte) error {
	err := t.place.WritePart(ctx, pathsObject(level), data, int64(n)*pathsSize)
	if errors.Is(err, errors.ErrUnsupported) {
		return nil
	}
	return err
}

// mendPaths writes down anew the ways up through a tile, which were missing or damaged.
func (t *tiles) mendPaths(ctx context.Context, level int, n uint64, h *held) {
	if err := t.writePaths(ctx, level, n, packPaths(hashesOf(h.data), h.nodes())); err != nil {
		slog.WarnContext(ctx, "leaves of the log are proven slowly", "cause", err)
	}
}
