package vault

import (
	"cmp"
	"context"
	"encoding/binary"
	"errors"
	"slices"
	"sort"
	"strings"
	"unicode/utf16"

	"github.com/maxence-charriere/go-app/v10/pkg/app"

	"madoguchi/frontend/reach/chance"
	"madoguchi/proto/edition"
	"madoguchi/proto/order"
)

// What can be searched in a vault lies there a second time, as words: in a few large sealed parts that are opened once,
// when somebody searches first, since opening thousands of records would take seconds. What is noted anew lies beside
// them, one by one, until it is put into a part. Whoever merges parts in two tabs at once has some twice, never lost.

// Entry is what is found of a record.
type Entry struct {
	ID string
	// At orders what is found: the latest first.
	At int64
	// Head is what a line of a list needs.
	Head []byte
	// Text is where words are looked for; what is found does not have it.
	Text string

	noted int64 // when, which counts for how long it is found
}

const (
	findEnding = "/find"
	partName   = "part-"
	newName    = "new-"
	// mostNew is how many lie one by one, mostInPart how many in a part.
	mostNew    = 64
	mostInPart = 1024
	lineSize   = 8 + 8 + 8 + 4 + 4 // of an entry in the table of a part
)

// part is one, opened. Its entries are ordered, the latest first.
type part struct {
	row   row
	lines []line
	data  blob
	heads int // where they begin in data
	words text
}

type line struct {
	id            uint64
	at, noted     int64
	head, wordEnd int // where they end; the words in UTF-16
}

// index is the parts of a kind in the vault that is open.
type index struct {
	parts []*part
	noted map[uint64]uint64 // what was noted by this page: id and content
}

func kindOfFind(kind Kind) string { return string(kind) + findEnding }

// Note has a record be found, in an era (PutIn).
func Note(ctx context.Context, era int, kind Kind, e Entry) error {
	e.Text, e.noted = normal(e.Text), clock().UnixMilli()
	one := pack([]Entry{e})
	id, content := number(e.ID), number(string(e.Head)+e.Text)
	lock.Lock()
	o := lock.open
	over := lock.era != era
	if o == nil && !over && len(lock.late) < mostLate {
		lock.late = append(lock.late, late{kind: kind, entry: &e})
	}
	lock.Unlock()
	if over || o == nil {
		return nil
	}
	o.mu.Lock()
	defer o.mu.Unlock()
	x := o.index(kind)
	if x.noted[id] == content {
		return nil
	}
	r := row{
		vault: o.vault, kind: kindOfFind(kind), name: newName + chance.Text(), at: clock().UnixMilli(),
		version: edition.Now, size: len(one),
	}
	var err error
	if r.data, err = o.seal.seal(ctx, one, r.bound()); err != nil {
		return err
	}
	if err := putRows(ctx, []row{r}, nil); err != nil {
		return refused(err)
	}
	x.noted[id] = content
	if x.parts == nil {
		return nil // nobody has searched: it is opened with the others
	}
	p, err := partOf(r, toBlob(one))
	if err != nil {
		return err
	}
	x.parts = append(x.parts, p)
	k, _ := declared(kind)
	return o.merge(ctx, k, x)
}

func (o *opening) index(kind Kind) *index {
	if o.indexes == nil {
		o.indexes = map[Kind]*index{}
	}
	if o.indexes[kind] == nil {
		o.indexes[kind] = &index{noted: map[uint64]uint64{}}
	}
	return o.indexes[kind]
}

// Find looks for words, all of which must be there, and gives the latest; more says that there are others.
func Find(ctx context.Context, kind Kind, words string, most int) (found []Entry, more bool, err error) {
	k, ok := declared(kind)
	if !ok {
		return nil, false, ErrUndeclared
	}
	o := opened()
	if o == nil {
		return nil, false, ErrLocked
	}
	wanted := strings.Fields(normal(words))
	if len(wanted) == 0 {
		return nil, false, nil
	}
	order.By(wanted, func(a, b string) int { return cmp.Compare(len(b), len(a)) }) // what is rare first
	o.mu.Lock()
	defer o.mu.Unlock()
	x := o.index(kind)
	if x.parts == nil {
		if x.parts, err = o.load(ctx, kind); err != nil {
			return nil, false, err
		}
		if err := o.merge(ctx, k, x); err != nil {
			app.Log("putting together what can be searched: ", err)
		}
	}
	type hit struct {
		in *part
		at int
	}
	var hits []hit
	// The parts with the latest first: once enough is found that is later than all that follows, the rest is of no use.
	order.By(x.parts, func(a, b *part) int { return cmp.Compare(b.latest(), a.latest()) })
	for _, p := range x.parts {
		later := 0
		for _, h := range hits {
			if h.in.lines[h.at].at > p.latest() {
				later++
			}
		}
		if later > most {
			break
		}
		for _, at := range p.find(wanted, most+1) {
			hits = append(hits, hit{p, at})
		}
	}
	// Of what was noted twice, the one that was noted last counts.
	order.By(hits, func(a, b hit) int {
		return cmp.Or(cmp.Compare(b.in.lines[b.at].at, a.in.lines[a.at].at), cmp.Compare(b.in.row.at, a.in.row.at))
	})
	seen := map[uint64]bool{}
	for _, h := range hits {
		l := h.in.lines[h.at]
		if seen[l.id] || k.over(row{at: l.noted}) {
			continue
		}
		seen[l.id] = true
		if len(found) == most {
			return found, true, nil
		}
		e, err := h.in.entry(h.at)
		if err != nil {
			return nil, false, err
		}
		found = append(found, e)
	}
	return found, false, nil
}

// load opens what can be searched. A part that is not what was kept is left out: it is written anew as records are
// read.
func (o *opening) load(ctx context.Context, kind Kind) ([]*part, error) {
	rows, err := rowsUnder(ctx, o.vault, kindOfFind(kind))
	if err != nil {
		return nil, err
	}
	parts := make([]*part, 0, len(rows))
	for i, plain := range o.seal.openAll(ctx, rows) {
		if plain == nil {
			continue
		}
		p, err := partOf(rows[i], *plain)
		if err != nil {
			continue
		}
		parts = append(parts, p)
	}
	return parts, ctx.Err()
}

// merge puts what lies one by one into a part, once it is much.
func (o *opening) merge(ctx context.Context, k Sort, x *index) error {
	var old []*part
	var smallest *part
	for _, p := range x.parts {
		switch {
		case strings.HasPrefix(p.row.name, newName):
			old = append(old, p)
		case len(p.lines) < mostInPart && (smallest == nil || len(p.lines) < len(smallest.lines)):
			smallest = p
		}
	}
	if len(old) < mostNew {
		return nil
	}
	if smallest != nil {
		old = append(old, smallest)
	}
	order.By(old, func(a, b *part) int { return cmp.Compare(b.row.at, a.row.at) })
	var all []Entry
	seen := map[uint64]bool{}
	gone := make([]row, 0, len(old))
	for _, p := range old {
		for i, l := range p.lines {
			if seen[l.id] || k.over(row{at: l.noted}) {
				continue
			}
			seen[l.id] = true
			e, err := p.entry(i)
			if err != nil {
				return err
			}
			e.Text = p.wordsOf(i)
			all = append(all, e)
		}
		gone = append(gone, p.row)
	}
	whole := pack(all)
	r := row{
		vault: o.vault, kind: kindOfFind(k.Kind), name: partName + chance.Text(), at: clock().UnixMilli(),
		version: edition.Now, size: len(whole),
	}
	var err error
	if r.data, err = o.seal.seal(ctx, whole, r.bound()); err != nil {
		return err
	}
	if err := putRows(ctx, []row{r}, gone); err != nil {
		return refused(err)
	}
	merged, err := partOf(r, toBlob(whole))
	if err != nil {
		return err
	}
	x.parts = append(slices.DeleteFunc(x.parts, func(p *part) bool { return slices.Contains(old, p) }), merged)
	return nil
}

// pack writes a part: how many there are, a line for each, the heads with their ids, the words.
func pack(all []Entry) []byte {
	order.By(all, func(a, b Entry) int { return cmp.Compare(b.At, a.At) })
	whole := binary.BigEndian.AppendUint32(nil, uint32(len(all)))
	var heads []byte
	var words strings.Builder
	end := 0
	for _, e := range all {
		heads = append(append(binary.BigEndian.AppendUint16(heads, uint16(len(e.ID))), e.ID...), e.Head...)
		words.WriteString(e.Text + "\n")
		end += utf16Length(e.Text) + 1
		whole = binary.BigEndian.AppendUint64(whole, number(e.ID))
		whole = binary.BigEndian.AppendUint64(whole, uint64(e.At))
		whole = binary.BigEndian.AppendUint64(whole, uint64(e.noted))
		whole = binary.BigEndian.AppendUint32(whole, uint32(len(heads)))
		whole = binary.BigEndian.AppendUint32(whole, uint32(end))
	}
	return append(append(whole, heads...), words.String()...)
}

func utf16Length(s string) (n int) {
	for _, r := range s {
		n += max(1, utf16.RuneLen(r))
	}
	return n
}

var errPart = errors.New("a part is not whole")

func partOf(r row, data blob) (*part, error) {
	size := blobSize(data)
	if size < 4 {
		return nil, errPart
	}
	count := int(binary.BigEndian.Uint32(blobSlice(data, 0, 4)))
	heads := 4 + count*lineSize
	if count > size/lineSize || heads > size {
		return nil, errPart
	}
	table := blobSlice(data, 4, heads)
	p := &part{row: r, data: data, heads: heads, lines: make([]line, count)}
	end := 0
	for i := range p.lines {
		b := table[i*lineSize:]
		p.lines[i] = line{
			id: binary.BigEndian.Uint64(b), at: int64(binary.BigEndian.Uint64(b[8:])),
			noted: int64(binary.BigEndian.Uint64(b[16:])), head: int(binary.BigEndian.Uint32(b[24:])),
			wordEnd: int(binary.BigEndian.Uint32(b[28:])),
		}
		if p.lines[i].head < end {
			return nil, errPart
		}
		end = p.lines[i].head
	}
	if heads+end > size {
		return nil, errPart
	}
	p.words = textOf(data, heads+end, size)
	return p, nil
}

func (p *part) entry(at int) (Entry, error) {
	from := 0
	if at > 0 {
		from = p.lines[at-1].head
	}
	id, head, err := unpack(blobSlice(p.data, p.heads+from, p.heads+p.lines[at].head))
	return Entry{ID: id, At: p.lines[at].at, Head: head, noted: p.lines[at].noted}, err
}

// latest is when the latest of its entries was.
func (p *part) latest() int64 {
	if len(p.lines) == 0 {
		return 0
	}
	return p.lines[0].at
}

// begins is where the words of an entry begin.
func (p *part) begins(at int) int {
	if at == 0 {
		return 0
	}
	return p.lines[at-1].wordEnd
}

func (p *part) wordsOf(at int) string {
	return p.words.slice(p.begins(at), p.lines[at].wordEnd-1)
}

// find gives the first entries that have all the words.
func (p *part) find(words []string, most int) (found []int) {
	for from := 0; len(found) < most; {
		at := p.words.index(words[0], from)
		if at < 0 {
			break
		}
		which := sort.Search(len(p.lines), func(i int) bool { return p.lines[i].wordEnd > at })
		if which == len(p.lines) {
			break
		}
		from = p.lines[which].wordEnd
		if len(words) == 1 || containsAll(p.wordsOf(which), words[1:]) {
			found = append(found, which)
		}
	}
	return found
}

func containsAll(text string, words []string) bool {
	for _, w := range words {
		if !strings.Contains(text, w) {
			return false
		}
	}
	return true
}

// number is FNV-1a: it tells ids apart, and proves nothing.
func number(s string) uint64 {
	h := uint64(14695981039346656037)
	for i := range len(s) {
		h = (h ^ uint64(s[i])) * 1099511628211
	}
	return h
}
