package vault

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"strings"
	"sync"

	"github.com/maxence-charriere/go-app/v10/pkg/app"

	"madoguchi/frontend/reach/chance"
	"madoguchi/proto/edition"
	"madoguchi/proto/order"
)

// What can be searched in a vault lies there a second time, as words. What is noted anew lies one by one (loose), until
// it is put into blocks of a few entries each. For every two characters that follow one another an index says in which
// blocks they do: who searches opens the few pieces of the index that the words need, and the blocks that they lead to.
// All of it is derived: what is lost of it is there again once the record is read.

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
	findEnding  = "/find"
	blockEnding = findEnding + "/blocks"
	indexEnding = findEnding + "/index"
	// mostNew is how many lie loose, mostInBlock how many in a block.
	mostNew     = 24
	mostInBlock = 16
	// fewBlocks are opened at a time, at least, and first where the words seem to be everywhere.
	fewBlocks = 8
	// FirstFound is how many are found almost at once: who shows what is found asks for these before the rest.
	FirstFound = 10
	// findTries is how often is searched anew, because another tab put blocks together meanwhile.
	findTries = 3
)

func kindOfFind(kind Kind) string { return string(kind) + findEnding }

// index is what this page knows of what can be searched of a kind, in the vault that is open.
type index struct {
	noted map[uint64]uint64 // by this page: id and content
	loose int               // how many of them, since they were put into blocks
}

// Note has a record be found, in an era (PutIn).
func Note(ctx context.Context, era int, kind Kind, e Entry) error {
	e.Text, e.noted = normal(e.Text), clock().UnixMilli()
	one := pack([]Entry{e})
	id, content := number(e.ID), number(string(e.Head)+e.Text)
	lock.Lock()
	o := lock.open
	over := lock.era != era
	if o == nil && !over && len(lock.late) < mostLate {
		lock.late = append(lock.late, late{kind: kind, entry: &e, of: lock.last})
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
	r := o.findRow(kind, findEnding, chance.Text(), len(one))
	nothing, err := r, error(nil) // lies there yet
	if r.data, err = o.seal.seal(ctx, one, r.bound()); err != nil {
		return err
	}
	if err := o.putRowsIf(ctx, false, nothing, []row{r}, nil); err != nil {
		return refused(err)
	}
	x.noted[id] = content
	if x.loose++; x.loose < mostNew {
		return nil
	}
	x.loose = 0
	k, _ := declared(kind)
	return o.gather(ctx, k)
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

func (o *opening) findRow(kind Kind, ending, name string, size int) row {
	return row{
		vault: o.vault, kind: string(kind) + ending, name: name, at: clock().UnixMilli(), version: edition.Now,
		size: size,
	}
}

// sought is a search on its way.
type sought struct {
	o     *opening
	k     Sort
	words []string // what is long first: it is rare
	most  int
	hits  []hit
}

type hit struct {
	in *part
	at int
}

func (h hit) line() line { return h.in.lines[h.at] }

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
	s := &sought{o: o, k: k, words: strings.Fields(normal(words)), most: most}
	if len(s.words) == 0 {
		return nil, false, nil
	}
	order.By(s.words, func(a, b string) int { return cmp.Compare(len(b), len(a)) })
	for range findTries {
		s.hits = nil
		whole, err := s.look(ctx)
		if err != nil {
			return nil, false, err
		}
		if whole {
			break
		}
	}
	return s.found()
}

// look gathers the hits; false when blocks went meanwhile.
func (s *sought) look(ctx context.Context) (whole bool, err error) {
	grams := gramsOf(s.words)
	rows := []row{s.o.findRow(s.k.Kind, indexEnding, indexName, 0)}
	for _, g := range grams {
		r := s.o.findRow(s.k.Kind, indexEnding, g.shelf(), 0)
		if !slices.ContainsFunc(rows, func(o row) bool { return o.name == r.name }) {
			rows = append(rows, r)
		}
	}
	there, loose, err := readRows(ctx, rows, s.o.vault, kindOfFind(s.k.Kind))
	if err != nil {
		return false, err
	}
	loose = slices.DeleteFunc(loose, func(r row) bool {
		p := s.o.parts.get(r)
		if p != nil {
			s.search(p)
		}
		return p != nil
	})
	all := s.o.seal.openAll(ctx, append(there, loose...))
	if err := ctx.Err(); err != nil {
		return false, err
	}
	for i, plain := range all[len(there):] {
		if plain == nil {
			continue
		}
		if p, err := partOf(loose[i], fromBlob(*plain)); err == nil {
			s.o.parts.keep(p)
			s.search(p)
		}
	}
	var blocks []block
	pieces := map[string][]byte{}
	for i, plain := range all[:len(there)] {
		switch {
		case plain == nil:
		case i == 0:
			_, blocks = blocksOf(fromBlob(*plain))
		default:
			pieces[there[i].name] = fromBlob(*plain)
		}
	}
	return s.inBlocks(ctx, blocks, withAll(blocks, grams, pieces))
}

// inBlocks searches in blocks, those with the latest first: once enough is found that is later than all that follows,
// the rest is of no use.
func (s *sought) inBlocks(ctx context.Context, all, blocks []block) (whole bool, err error) {
	order.By(blocks, func(a, b block) int { return cmp.Compare(b.latest, a.latest) })
	for len(blocks) > 0 {
		enough := s.most + 1 - s.later(blocks[0].latest)
		if enough <= 0 {
			break
		}
		enough *= len(s.words) // a block may have them in different entries
		if len(blocks) > len(all)/2 {
			enough = fewBlocks
		}
		enough = max(enough, fewBlocks)
		now := blocks[:min(enough, len(blocks))]
		blocks = blocks[len(now):]
		parts, err := s.o.openBlocks(ctx, s.k.Kind, now)
		if err != nil {
			return false, err
		}
		for _, p := range parts {
			if p == nil {
				return false, nil
			}
			s.search(p)
		}
	}
	return true, nil
}

// later counts what is found that is later than a time.
func (s *sought) later(than int64) (n int) {
	for _, h := range s.hits {
		if h.line().at > than {
			n++
		}
	}
	return n
}

func (s *sought) search(p *part) {
	for at := range p.lines {
		if !s.k.over(row{at: p.lines[at].noted}) && containsAll(p.wordsOf(at), s.words) {
			s.hits = append(s.hits, hit{p, at})
		}
	}
}

// found is the latest of the hits. Of what was noted twice, the one that was noted last counts.
func (s *sought) found() (found []Entry, more bool, err error) {
	order.By(s.hits, func(a, b hit) int {
		return cmp.Or(cmp.Compare(b.line().at, a.line().at), cmp.Compare(b.line().noted, a.line().noted))
	})
	seen := map[uint64]bool{}
	for _, h := range s.hits {
		if seen[h.line().id] {
			continue
		}
		seen[h.line().id] = true
		if len(found) == s.most {
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

// openBlocks opens blocks; nil for one that is not there, or not what was kept.
func (o *opening) openBlocks(ctx context.Context, kind Kind, blocks []block) ([]*part, error) {
	parts := make([]*part, len(blocks))
	var rows []row
	var closed []int // which of the blocks are not open yet
	for i, b := range blocks {
		r := o.findRow(kind, blockEnding, b.name(), 0)
		if parts[i] = o.parts.get(r); parts[i] == nil {
			rows, closed = append(rows, r), append(closed, i)
		}
	}
	if len(rows) == 0 {
		return parts, nil
	}
	there, _, err := readRows(ctx, rows)
	if err != nil {
		return nil, err
	}
	for i, plain := range o.seal.openAll(ctx, there) {
		if plain == nil {
			continue
		}
		if p, err := partOf(there[i], fromBlob(*plain)); err == nil {
			parts[closed[i]] = p
			o.parts.keep(p)
		}
	}
	return parts, ctx.Err()
}

// mostOpen is how many parts stay open for the next search: a megabyte or two.
const mostOpen = 128

// parts are those that were opened last. None is ever written anew under its name, so that what lies there still is
// what was opened.
type parts struct {
	mu    sync.Mutex
	of    map[string]*part
	names []string // in the order in which they came
}

func (ps *parts) get(r row) *part {
	ps.mu.Lock()
	defer ps.mu.Unlock()
	return ps.of[r.kind+" "+r.name]
}

func (ps *parts) keep(p *part) {
	ps.mu.Lock()
	defer ps.mu.Unlock()
	name := p.row.kind + " " + p.row.name
	if ps.of == nil {
		ps.of = map[string]*part{}
	}
	if ps.of[name] == nil {
		ps.names = append(ps.names, name)
	}
	ps.of[name] = p
	if len(ps.names) > mostOpen {
		delete(ps.of, ps.names[0])
		ps.names = ps.names[1:]
	}
}

// gather puts what lies loose into blocks, once it is much, with the blocks that it supersedes something of and those
// that are not full. When another tab does it at the same time, one of the two has done nothing.
func (o *opening) gather(ctx context.Context, k Sort) error {
	loose, err := rowsUnder(ctx, o.vault, kindOfFind(k.Kind))
	if err != nil || len(loose) < mostNew {
		return err
	}
	rows := []row{o.findRow(k.Kind, indexEnding, indexName, 0), o.findRow(k.Kind, indexEnding, idsName, 0)}
	for s := range shelves {
		rows = append(rows, o.findRow(k.Kind, indexEnding, shelfName(s), 0))
	}
	there, loose, err := readRows(ctx, rows, o.vault, kindOfFind(k.Kind))
	if err != nil {
		return err
	}
	plain := make([][]byte, len(there))
	for i, one := range o.seal.openAll(ctx, there) {
		if one != nil {
			plain[i] = fromBlob(*one)
		}
	}
	g := gathering{o: o, k: k, seen: map[uint64]bool{}}
	g.next, g.blocks = blocksOf(plain[0])
	if !g.knowIDs(plain[1]) {
		g.blocks = nil // what they hold is found again once it is read
	}
	if err := g.takeLoose(ctx, loose); err != nil {
		return err
	}
	if err := g.takeBlocks(ctx); err != nil {
		return err
	}
	put, err := g.written(ctx, plain[2:])
	if err != nil {
		return err
	}
	err = o.putRowsIf(ctx, false, there[0], put, append(g.gone, loose...))
	if errors.Is(err, errMoved) {
		return nil
	}
	return refused(err)
}

// gathering is what is put into blocks.
type gathering struct {
	o      *opening
	k      Sort
	next   uint32  // number of a block
	blocks []block // that stay
	gone   []row
	all    []Entry
	seen   map[uint64]bool
}

// knowIDs tells the blocks what is in them; false when the two do not go together.
func (g *gathering) knowIDs(b []byte) bool {
	at := 0
	for i := range g.blocks {
		end := at + 8*g.blocks[i].count
		if end > len(b) {
			return false
		}
		g.blocks[i].ids = b[at:end]
		at = end
	}
	return at == len(b)
}

func (g *gathering) takeLoose(ctx context.Context, loose []row) error {
	var parts []*part
	for i, plain := range g.o.seal.openAll(ctx, loose) {
		if plain == nil {
			continue
		}
		if p, err := partOf(loose[i], fromBlob(*plain)); err == nil {
			parts = append(parts, p)
		}
	}
	order.By(parts, func(a, b *part) int { return cmp.Compare(b.row.at, a.row.at) }) // what was noted last counts
	for _, p := range parts {
		if err := g.take(p); err != nil {
			return err
		}
	}
	return ctx.Err()
}

func (g *gathering) take(p *part) error {
	for i, l := range p.lines {
		if g.seen[l.id] || g.k.over(row{at: l.noted}) {
			continue
		}
		g.seen[l.id] = true
		e, err := p.entry(i)
		if err != nil {
			return err
		}
		e.Text = p.wordsOf(i)
		g.all = append(g.all, e)
	}
	return nil
}

// takeBlocks takes the blocks apart of which something is superseded or too old, and the first that is not full.
func (g *gathering) takeBlocks(ctx context.Context) error {
	var apart, stay []block
	filled := false
	for _, b := range g.blocks {
		fill := !filled && b.count < mostInBlock
		filled = filled || fill
		if fill || g.k.over(row{at: b.noted}) || b.hasAny(g.seen) {
			apart = append(apart, b)
			continue
		}
		stay = append(stay, b)
	}
	parts, err := g.o.openBlocks(ctx, g.k.Kind, apart)
	if err != nil {
		return err
	}
	g.blocks = stay
	for i, p := range parts {
		g.gone = append(g.gone, g.o.findRow(g.k.Kind, blockEnding, apart[i].name(), 0))
		if p == nil {
			continue
		}
		if err := g.take(p); err != nil {
			return err
		}
	}
	return nil
}

// written is all that is to be kept: the new blocks, and the index of all.
func (g *gathering) written(ctx context.Context, before [][]byte) (put []row, err error) {
	keep := func(ending, name string, plain []byte) {
		r := g.o.findRow(g.k.Kind, ending, name, len(plain))
		if err == nil {
			r.data, err = g.o.seal.seal(ctx, plain, r.bound())
		}
		put = append(put, r)
	}
	order.By(g.all, func(a, b Entry) int { return cmp.Compare(b.At, a.At) })
	added := make([]map[gram]bool, shelves) // what each shelf gets
	news := map[gram][]uint32{}
	stay := make(map[uint32]bool, len(g.blocks))
	for _, b := range g.blocks {
		stay[b.number] = true
	}
	for entries := range slices.Chunk(g.all, mostInBlock) {
		b := blockOf(entries, g.next)
		g.next++ // no number is given twice: it would lead to words of another block
		stay[b.number] = true
		g.blocks = append(g.blocks, b)
		keep(blockEnding, b.name(), pack(entries))
		for _, e := range entries {
			eachGram(e.Text, func(c gram) {
				if at := news[c]; len(at) == 0 || at[len(at)-1] != b.number {
					news[c] = append(at, b.number)
				}
				if added[c.on()] == nil {
					added[c.on()] = map[gram]bool{}
				}
				added[c.on()][c] = true
			})
		}
	}
	for i := range shelves {
		keep(indexEnding, shelfName(i), shelfWith(before[i], stay, added[i], news))
	}
	index, ids := packBlocks(g.next, g.blocks)
	keep(indexEnding, indexName, index)
	keep(indexEnding, idsName, ids)
	return put, err
}

// gatherAll does it for all kinds of the vault that is open.
func gatherAll(ctx context.Context) {
	o := opened()
	if o == nil {
		return
	}
	o.mu.Lock()
	defer o.mu.Unlock()
	for _, k := range Declared() {
		if !k.Sealed {
			continue
		}
		if err := o.gather(ctx, k); err != nil {
			app.Log("putting together what can be searched: ", err)
		}
	}
}

func containsAll(text string, words []string) bool {
	for _, w := range words {
		if !strings.Contains(text, w) {
			return false
		}
	}
	return true
}
