package ledger

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io/fs"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"

	"golang.org/x/mod/sumdb/tlog"

	"madoguchi/proto/ledger"
)

// Tiles are of 256 hashes (C2SP tlog-tiles).
const (
	tileHeight = 8
	tileWidth  = 1 << tileHeight
	entries    = -1 // the level of the bundles with the entries themselves
)

// tileName is where a tile stands: tile/0/x001/234, and while it has fewer than 256 hashes …/234.p/17.
func tileName(level int, n uint64, width int) string {
	name := "tile/" + strconv.Itoa(level) + "/"
	if level == entries {
		name = "tile/entries/"
	}
	digits := fmt.Sprintf("%03d", n%1000)
	for n /= 1000; n > 0; n /= 1000 {
		digits = fmt.Sprintf("x%03d/%s", n%1000, digits)
	}
	if name += digits; width < tileWidth {
		name += fmt.Sprintf(".p/%d", width)
	}
	return name
}

// bundle writes entries as they stand in a tile of them.
func bundle(list [][]byte) []byte {
	var b []byte
	for _, entry := range list {
		b = binary.BigEndian.AppendUint16(b, uint16(len(entry)))
		b = append(b, entry...)
	}
	return b
}

var errBundle = errors.New("a bundle of entries is malformed")

func unbundle(b []byte) (list [][]byte, err error) {
	for len(b) > 0 {
		if len(b) < 2 {
			return nil, errBundle
		}
		size := int(binary.BigEndian.Uint16(b))
		if b = b[2:]; len(b) < size {
			return nil, errBundle
		}
		list, b = append(list, b[:size]), b[size:]
	}
	return list, nil
}

func joined(hashes []ledger.Hash) []byte {
	b := make([]byte, 0, len(hashes)*tlog.HashSize)
	for _, h := range hashes {
		b = append(b, h[:]...)
	}
	return b
}

// edge is all of a tree that is needed to let it grow: of each level the hashes of the tile that is not full, and the
// entries of the lowest.
type edge struct {
	size    uint64
	levels  [][]ledger.Hash
	entries [][]byte
}

// tile is one to be written.
type tile struct {
	level int
	n     uint64
	width int
	data  []byte
	paths []byte // of a full one: the ways up through it
}

func (t tile) name() string { return tileName(t.level, t.n, t.width) }

// write writes one, with the ways up through it.
func (t *tiles) write(ctx context.Context, made tile) error {
	err := t.place.Write(ctx, made.name(), made.data)
	if err == nil && made.paths != nil {
		err = t.writePaths(ctx, made.level, made.n, made.paths)
	}
	return err
}

// grown is the edge after entries were added, with the tiles that are new.
func (e edge) grown(list [][]byte) (next edge, tiles []tile) {
	next = edge{size: e.size, entries: append([][]byte(nil), e.entries...)}
	for _, level := range e.levels {
		next.levels = append(next.levels, append([]ledger.Hash(nil), level...))
	}
	touched := 0 // levels from here on are as they were
	for _, entry := range list {
		next.entries = append(next.entries, entry)
		hash := tlog.RecordHash(entry)
		next.size++
		for level := 0; ; level++ {
			if level == len(next.levels) {
				next.levels = append(next.levels, nil)
			}
			next.levels[level] = append(next.levels[level], hash)
			touched = max(touched, level+1)
			if len(next.levels[level]) < tileWidth {
				break
			}
			n := next.size>>(tileHeight*(level+1)) - 1
			if level == 0 {
				tiles = append(tiles, tile{level: entries, n: n, width: tileWidth, data: bundle(next.entries)})
				next.entries = nil
			}
			made := tile{level: level, n: n, width: tileWidth, data: joined(next.levels[level])}
			above := nodesAbove(next.levels[level])
			made.paths = packPaths(next.levels[level], above)
			tiles = append(tiles, made)
			hash = tlog.NodeHash(above[tileHeight-2][0], above[tileHeight-2][1])
			next.levels[level] = nil
		}
	}
	for level := range touched {
		if hashes := next.levels[level]; len(hashes) > 0 {
			n := next.size >> (tileHeight * (level + 1))
			if level == 0 {
				tiles = append(tiles, tile{level: entries, n: n, width: len(hashes), data: bundle(next.entries)})
			}
			tiles = append(tiles, tile{level: level, n: n, width: len(hashes), data: joined(hashes)})
		}
	}
	return next, tiles
}

// root is the hash of the whole tree.
func (e edge) root() ledger.Hash {
	if e.size == 0 {
		hash, _ := tlog.TreeHash(0, nil)
		return hash
	}
	var right []ledger.Hash // what the levels below come to: none or one
	for _, level := range e.levels {
		if all := append(append([]ledger.Hash(nil), level...), right...); len(all) > 0 {
			right = []ledger.Hash{subtree(all)}
		}
	}
	return right[0]
}

// subtree is the hash of the tree of which these are the leaves.
func subtree(hashes []ledger.Hash) ledger.Hash {
	if len(hashes) == 1 {
		return hashes[0]
	}
	left := 1
	for left*2 < len(hashes) {
		left *= 2
	}
	return tlog.NodeHash(subtree(hashes[:left]), subtree(hashes[left:]))
}

// tiles reads those of a place. Full ones never change, and stay at hand.
type tiles struct {
	place Place
	room  int // for so many, of each generation

	lock     sync.Mutex
	now, old map[spot]*held // two generations

	rim atomic.Pointer[rim] // the newest
}

func newTiles(place Place) *tiles { return &tiles{place: place, room: tilesAtHand} }

// spot is where a tile stands.
type spot struct {
	level int
	n     uint64
	width int
}

const tilesAtHand = 1024 // of each generation; up to 16 KiB each, so 32 MiB in all

// held is a tile at hand, with the hashes above its own once one of them was asked for: proofs need them again and
// again.
type held struct {
	data  []byte
	once  sync.Once
	above [][]ledger.Hash
	// proven: it is a full one, and stands in a root that was signed.
	proven atomic.Bool
}

// nodes are those above its own.
func (h *held) nodes() [][]ledger.Hash {
	h.once.Do(func() { h.above = nodesAbove(hashesOf(h.data)) })
	return h.above
}

// hash gives one of a level within the tile; false when the tile is not as wide.
func (h *held) hash(level, n int) (hash ledger.Hash, ok bool) {
	if n >= len(h.data)/tlog.HashSize>>level {
		return hash, false
	}
	if level == 0 {
		return ledger.Hash(h.data[n*tlog.HashSize:]), true
	}
	return h.nodes()[level-1][n], true
}

func (t *tiles) at(s spot) (*held, bool) {
	t.lock.Lock()
	defer t.lock.Unlock()
	h, ok := t.now[s]
	if !ok {
		if h, ok = t.old[s]; ok {
			t.keepLocked(s, h)
		}
	}
	return h, ok
}

func (t *tiles) keep(s spot, data []byte) *held {
	t.lock.Lock()
	defer t.lock.Unlock()
	h := &held{data: data}
	t.keepLocked(s, h)
	return h
}

func (t *tiles) keepLocked(s spot, h *held) {
	if t.now == nil || len(t.now) >= t.room {
		t.now, t.old = map[spot]*held{}, t.now
	}
	t.now[s] = h
}

func (t *tiles) forget() {
	t.lock.Lock()
	defer t.lock.Unlock()
	t.now, t.old = nil, nil
	t.rim.Store(nil)
}

// widthOf is how wide a tile is in a tree of a size.
func widthOf(level int, n, size uint64) int {
	all := size >> (tileHeight * max(level, 0))
	return int(min(tileWidth, all-n*tileWidth))
}

// read gives a tile as it is in a tree of a size. One that has been filled since is cut to what it was.
func (t *tiles) read(ctx context.Context, level int, n, size uint64) (data []byte, width int, err error) {
	h, width, err := t.hold(ctx, level, n, size)
	if err != nil {
		return nil, 0, err
	}
	return h.data, width, nil
}

func (t *tiles) hold(ctx context.Context, level int, n, size uint64) (h *held, width int, err error) {
	width = widthOf(level, n, size)
	if h, ok := t.at(spot{level, n, width}); ok {
		return h, width, nil
	}
	name := tileName(level, n, width)
	data, err := t.place.Get(ctx, name)
	if errors.Is(err, fs.ErrNotExist) && width < tileWidth {
		if data, err = t.place.Get(ctx, tileName(level, n, tileWidth)); err == nil {
			data, err = cutTile(level, data, width)
		}
	}
	if err != nil {
		return nil, 0, err
	}
	if level != entries && len(data) != width*tlog.HashSize {
		return nil, 0, fmt.Errorf("%s of the log is of %d bytes", name, len(data))
	}
	return t.keep(spot{level, n, width}, data), width, nil
}

// Files is how many tiles the log has, bundles of entries among them: what is asked for by whoever reads all of it.
func (l *Log) Files(ctx context.Context) (uint64, error) {
	v, err := l.current(ctx)
	if err != nil {
		return 0, err
	}
	return files(v.Size), nil
}

func files(size uint64) uint64 {
	n := (size + tileWidth - 1) / tileWidth // of entries
	for level := n; ; level = (level + tileWidth - 1) / tileWidth {
		if n += level; level <= 1 {
			return n
		}
	}
}

// Tile gives a tile by the name that everybody knows it by; fs.ErrNotExist when the log has none of that name.
func (l *Log) Tile(ctx context.Context, name string) ([]byte, error) {
	level, n, width, ok := parseTile(name)
	if !ok {
		return nil, fs.ErrNotExist
	}
	v, err := l.current(ctx)
	if err != nil {
		return nil, err
	}
	// The size at which the tile was this wide; the log must have come so far.
	under := tileHeight * max(level, 0)
	size := (n*tileWidth + uint64(width)) << under
	if size > v.Size {
		return nil, fs.ErrNotExist
	}
	data, _, err := l.tiles.read(ctx, level, n, size)
	return data, err
}

// parseTile reads what tileName wrote, and nothing else.
func parseTile(name string) (level int, n uint64, width int, ok bool) {
	const highest = 6 // 256^7 leaves are more than there will be
	level, width = entries, tileWidth
	rest, bundles := strings.CutPrefix(name, "tile/entries/")
	if !bundles {
		digit, path, _ := strings.Cut(strings.TrimPrefix(name, "tile/"), "/")
		number, err := strconv.Atoi(digit)
		if err != nil || number < 0 || number > highest {
			return 0, 0, 0, false
		}
		level, rest = number, path
	}
	rest, partial, isPartial := strings.Cut(rest, ".p/")
	if isPartial {
		number, err := strconv.Atoi(partial)
		if err != nil || number < 1 || number >= tileWidth {
			return 0, 0, 0, false
		}
		width = number
	}
	for part := range strings.SplitSeq(rest, "/") {
		number, err := strconv.ParseUint(strings.TrimPrefix(part, "x"), 10, 16)
		if err != nil || number > 999 || n > 1e12 {
			return 0, 0, 0, false
		}
		n = n*1000 + number
	}
	return level, n, width, tileName(level, n, width) == name
}

func cutTile(level int, data []byte, width int) ([]byte, error) {
	if level != entries {
		return data[:min(len(data), width*tlog.HashSize)], nil
	}
	list, err := unbundle(data)
	if err != nil {
		return nil, err
	}
	return bundle(list[:min(len(list), width)]), nil
}

// entriesFrom gives those of a tree from an index on, to the end of their bundle.
func (t *tiles) entriesFrom(ctx context.Context, index, size uint64) ([][]byte, error) {
	data, width, err := t.read(ctx, entries, index/tileWidth, size)
	if err != nil {
		return nil, err
	}
	list, err := unbundle(data)
	if err != nil || len(list) != width {
		return nil, fmt.Errorf("the bundle %d of the log: %w", index/tileWidth, errBundle)
	}
	return list[index%tileWidth:], nil
}

// edgeOf reads what is needed to let a tree grow, and holds it against its root.
func (t *tiles) edgeOf(ctx context.Context, c ledger.Checkpoint) (e edge, err error) {
	e.size = c.Size
	for level := 0; c.Size>>(tileHeight*level) > 0; level++ {
		var hashes []ledger.Hash
		if all := c.Size >> (tileHeight * level); all%tileWidth > 0 {
			data, width, err := t.read(ctx, level, all/tileWidth, c.Size)
			if err != nil {
				return e, err
			}
			for i := range width {
				hashes = append(hashes, ledger.Hash(data[i*tlog.HashSize:]))
			}
		}
		e.levels = append(e.levels, hashes)
	}
	if c.Size%tileWidth > 0 {
		if e.entries, err = t.entriesFrom(ctx, c.Size/tileWidth*tileWidth, c.Size); err != nil {
			return e, err
		}
	}
	if e.root() != c.Root {
		return e, errors.New("the tiles of the log do not come to its root: they are damaged")
	}
	return e, nil
}

// hashes reads the hashes of a tree of a size, as proofs are made of them.
func (t *tiles) hashes(ctx context.Context, size uint64) tlog.HashReaderFunc {
	return func(indexes []int64) ([]tlog.Hash, error) {
		list := make([]tlog.Hash, len(indexes))
		for i, index := range indexes {
			height, n := tlog.SplitStoredHashIndex(index)
			level, inside := height/tileHeight, height%tileHeight
			tile := uint64(n) << inside >> tileHeight
			h, _, err := t.hold(ctx, level, tile, size)
			if err != nil {
				return nil, err
			}
			var ok bool
			if list[i], ok = h.hash(inside, int(uint64(n)-tile<<tileHeight>>inside)); !ok {
				return nil, fmt.Errorf("the tree of %d leaves has no hash %d", size, index)
			}
		}
		return list, nil
	}
}

// consistency proves that a tree, when it had a size, had grown from a smaller one; whole is what it has now.
func (t *tiles) consistency(ctx context.Context, whole, from, to uint64) ([]ledger.Hash, error) {
	if from == 0 || from >= to {
		return nil, nil
	}
	proof, err := tlog.ProveTree(int64(to), int64(from), t.hashes(ctx, whole))
	if err != nil {
		return nil, fmt.Errorf("proving that the log grew from %d: %w", from, err)
	}
	return proof, nil
}
