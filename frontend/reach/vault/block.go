package vault

import (
	"cmp"
	"encoding/binary"
	"errors"
	"slices"
	"strconv"
	"strings"

	"madoguchi/proto/order"
)

// part is some entries, opened: a block, or what lies loose. They are ordered, the latest first.
type part struct {
	row          row
	lines        []line
	data         []byte
	heads, words int // where they begin in data
}

type line struct {
	id            uint64
	at, noted     int64
	head, wordEnd int // where they end
}

const lineSize = 8 + 8 + 8 + 4 + 4 // of an entry in the table of a part

// pack writes a part: how many there are, a line for each, the heads with their ids, the words.
func pack(all []Entry) []byte {
	order.By(all, func(a, b Entry) int { return cmp.Compare(b.At, a.At) })
	whole := binary.BigEndian.AppendUint32(nil, uint32(len(all)))
	var heads []byte
	var words strings.Builder
	for _, e := range all {
		heads = append(append(binary.BigEndian.AppendUint16(heads, uint16(len(e.ID))), e.ID...), e.Head...)
		words.WriteString(e.Text + "\n")
		whole = binary.BigEndian.AppendUint64(whole, number(e.ID))
		whole = binary.BigEndian.AppendUint64(whole, uint64(e.At))
		whole = binary.BigEndian.AppendUint64(whole, uint64(e.noted))
		whole = binary.BigEndian.AppendUint32(whole, uint32(len(heads)))
		whole = binary.BigEndian.AppendUint32(whole, uint32(words.Len()))
	}
	return append(append(whole, heads...), words.String()...)
}

var errPart = errors.New("a part is not whole")

func partOf(r row, data []byte) (*part, error) {
	if len(data) < 4 {
		return nil, errPart
	}
	count := int(binary.BigEndian.Uint32(data))
	heads := 4 + count*lineSize
	if count > len(data)/lineSize || heads > len(data) {
		return nil, errPart
	}
	p := &part{row: r, data: data, heads: heads, lines: make([]line, count)}
	head, word := 0, 0
	for i := range p.lines {
		b := data[4+i*lineSize:]
		p.lines[i] = line{
			id: binary.BigEndian.Uint64(b), at: int64(binary.BigEndian.Uint64(b[8:])),
			noted: int64(binary.BigEndian.Uint64(b[16:])), head: int(binary.BigEndian.Uint32(b[24:])),
			wordEnd: int(binary.BigEndian.Uint32(b[28:])),
		}
		if p.lines[i].head < head || p.lines[i].wordEnd <= word {
			return nil, errPart
		}
		head, word = p.lines[i].head, p.lines[i].wordEnd
	}
	if p.words = heads + head; p.words+word > len(data) {
		return nil, errPart
	}
	return p, nil
}

func (p *part) entry(at int) (Entry, error) {
	from := 0
	if at > 0 {
		from = p.lines[at-1].head
	}
	id, head, err := unpack(p.data[p.heads+from : p.heads+p.lines[at].head])
	return Entry{ID: id, At: p.lines[at].at, Head: head, noted: p.lines[at].noted}, err
}

func (p *part) wordsOf(at int) string {
	from := 0
	if at > 0 {
		from = p.lines[at-1].wordEnd
	}
	return strings.TrimSuffix(string(p.data[p.words+from:p.words+p.lines[at].wordEnd]), "\n")
}

// number is FNV-1a: it tells ids apart, and proves nothing.
func number(s string) uint64 {
	h := uint64(14695981039346656037)
	for i := range len(s) {
		h = (h ^ uint64(s[i])) * 1099511628211
	}
	return h
}

// block is what the index knows of one.
type block struct {
	number        uint32
	count         int
	latest, noted int64  // of its entries: the latest, and the one that was noted first
	ids           []byte // eight bytes each
}

func blockOf(entries []Entry, as uint32) block {
	b := block{number: as, count: len(entries), latest: entries[0].At, noted: entries[0].noted}
	for _, e := range entries {
		b.noted = min(b.noted, e.noted)
		b.ids = binary.BigEndian.AppendUint64(b.ids, number(e.ID))
	}
	return b
}

func (b block) name() string { return strconv.Itoa(int(b.number)) }

func (b block) hasAny(ids map[uint64]bool) bool {
	for id := range slices.Chunk(b.ids, 8) {
		if ids[binary.BigEndian.Uint64(id)] {
			return true
		}
	}
	return false
}

const (
	indexName = "index"
	idsName   = "ids"
	blockSize = 4 + 4 + 8 + 8 // in the index
)

// packBlocks writes the index of the blocks, in the order of their numbers, and apart from it their ids, which nobody
// needs who searches.
func packBlocks(next uint32, blocks []block) (index, ids []byte) {
	order.By(blocks, func(a, b block) int { return cmp.Compare(a.number, b.number) })
	index = binary.BigEndian.AppendUint32(nil, next)
	for _, b := range blocks {
		index = binary.BigEndian.AppendUint32(index, b.number)
		index = binary.BigEndian.AppendUint32(index, uint32(b.count))
		index = binary.BigEndian.AppendUint64(index, uint64(b.latest))
		index = binary.BigEndian.AppendUint64(index, uint64(b.noted))
		ids = append(ids, b.ids...)
	}
	return index, ids
}

func blocksOf(index []byte) (next uint32, blocks []block) {
	if len(index) < 4 {
		return 0, nil
	}
	next = binary.BigEndian.Uint32(index)
	for b := range slices.Chunk(index[4:], blockSize) {
		if len(b) == blockSize {
			blocks = append(blocks, block{
				number: binary.BigEndian.Uint32(b), count: int(binary.BigEndian.Uint32(b[4:])),
				latest: int64(binary.BigEndian.Uint64(b[8:])), noted: int64(binary.BigEndian.Uint64(b[16:])),
			})
		}
	}
	return next, blocks
}
