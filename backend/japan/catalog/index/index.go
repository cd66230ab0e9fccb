// Package index finds procedures by the words people type: a memory of every entry in force and of the nation's
// definitions, with bigrams made here, so that one index serves on either database. It holds what a line of a result
// shows and what one may look for, nothing more; the store has the rest. It is filled and kept current from outside
// (Replace), and knows neither store nor RPC.
package index

import (
	"slices"
	"strings"
	"sync"
	"unicode/utf8"

	"madoguchi/backend/japan/catalog"
	"madoguchi/backend/japan/japanese"
	"madoguchi/backend/japan/municipality"
	portalv1 "madoguchi/proto/gen/portal/v1"
	"madoguchi/proto/rule"
)

// Entry is a procedure registered for a place and in force.
type Entry struct {
	Place      string // six digits; catalog.Nation for what national offices offer everywhere
	Number     string
	Definition string // "" when it is the place's own
	Title      string
	Category   string
	Keywords   []string
	Summary    string
	Deadline   string
	Online     bool
	Signature  catalog.Signature
}

// withoutPlace leaves out the name of the place with which many offices begin their titles: 松島町おむつ券の支給 is おむつ券の支給
// there.
func withoutPlace(place, title string) string {
	m, ok := municipality.ByCode(place)
	if !ok {
		return title
	}
	names := []string{m.Name, m.Prefecture}
	if _, short, found := strings.Cut(m.Name, "郡"); found {
		names = append(names, short)
	}
	if city, found := municipality.ByCode(m.City); found {
		names = append(names, strings.TrimPrefix(m.Name, city.Name), city.Name)
	}
	for _, name := range names {
		rest, found := strings.CutPrefix(title, name)
		rest = strings.TrimLeft(rest, " 　・")
		if found && name != "" && utf8.RuneCountInString(rest) > 2 && !strings.HasPrefix(rest, "役") &&
			!strings.HasPrefix(rest, "立") && !strings.HasPrefix(rest, "民") && !strings.HasPrefix(rest, "の") {
			return rest
		}
	}
	return title
}

// EntryOf is what the index holds of what an office registered; what is left empty comes from the definition.
func EntryOf(place string, c *portalv1.ProcedureContent) Entry {
	e := Entry{
		Place: place, Number: c.GetNumber(), Definition: c.GetDefinition(), Title: withoutPlace(place, c.GetTitle()),
		Category: c.GetCategory(), Keywords: c.GetKeywords(),
		Summary: c.GetSummary(), Deadline: c.GetDeadline(), Online: c.GetOnline(),
		Signature: catalog.SignatureOf(c.GetSignature()),
	}
	d, ok := catalog.ByNumber(e.Definition)
	if !ok {
		return e
	}
	e.Category = d.Category
	if e.Title == "" {
		e.Title = d.Name.Ja
	}
	if e.Deadline == "" {
		e.Deadline = d.Deadline.Text
	}
	if c.GetSignature() == portalv1.Signature_SIGNATURE_UNSPECIFIED {
		e.Signature = d.Signature
	}
	return e
}

// own marks an entry without a definition.
const own = -1

// entry is an Entry with its texts replaced by their numbers: 522,000 of them are held.
type entry struct {
	text       int32
	summary    int32
	deadline   int32
	definition int16
	category   uint8
	signature  uint8
	online     bool
	number     string
}

// text is what is searched of entries: the title with the keywords. Most titles stand in many places, and are held
// once.
type text struct {
	matter
	title      string
	uses       int32  // entries that have it; 0 when none has any more
	definition int16  // of the entry that brought it last
	place      string // one of those that have it
}

// Index is safe for use by many at once.
type Index struct {
	mu          sync.RWMutex
	definitions []definition
	byNumber    map[string]int16
	categories  []string
	vocabulary  *vocabulary
	known       map[japanese.Gram]int // in how many definitions a pair stands

	places map[string][]entry

	texts   []text
	byText  map[string]int32
	posts   map[japanese.Gram][]int32 // texts by pair of characters, rising
	strings interned
	total   int

	scratch sync.Pool
}

type definition struct {
	catalog.Definition
	matter
	category uint8
	places   int // entries that refer to it
	online   int // those of them that one can apply for online
}

func (d *definition) count(online bool, n int) {
	d.places += n
	if online {
		d.online += n
	}
}

type interned struct {
	all  []string
	nums map[string]int32
}

func (t *interned) number(s string) int32 {
	if n, ok := t.nums[s]; ok {
		return n
	}
	n := int32(len(t.all))
	t.all = append(t.all, s)
	t.nums[s] = n
	return n
}

// New makes an index that knows the definitions and no entry yet.
func New(definitions []catalog.Definition, categories []string) *Index {
	x := &Index{
		byNumber: map[string]int16{}, categories: categories, places: map[string][]entry{}, byText: map[string]int32{},
		posts: map[japanese.Gram][]int32{}, strings: interned{nums: map[string]int32{}},
	}
	x.vocabulary, x.known = newVocabulary(), map[japanese.Gram]int{}
	for i, d := range definitions {
		terms := append([]string{d.Name.Ja, d.Official, d.Kana, d.System, d.Name.En}, d.Keywords...)
		for _, law := range d.Laws {
			name, _, _ := strings.Cut(law, "第") // 児童手当法第7条
			terms = append(terms, name)
		}
		m := newMatter(d.Name.Ja, terms)
		m.summary = japanese.Fold(d.Summary.Ja)
		x.definitions = append(x.definitions, definition{Definition: d, matter: m, category: x.category(d.Category)})
		x.byNumber[d.Number] = int16(i)
		for _, g := range m.grams {
			x.known[g]++
		}
		for _, term := range m.terms {
			x.vocabulary.add(term.folded)
		}
	}
	x.vocabulary.finish()
	return x
}

func (x *Index) category(name string) uint8 {
	i := slices.Index(x.categories, name)
	if i < 0 {
		return 255
	}
	return uint8(i)
}

// Replace makes `entries` all that is in force in a place.
func (x *Index) Replace(place string, entries []Entry) {
	made := x.missing(entries) // folding is the long part: before the lock
	x.mu.Lock()
	defer x.mu.Unlock()
	for _, e := range x.places[place] {
		x.texts[e.text].uses--
		if e.definition != own {
			x.definitions[e.definition].count(e.online, -1)
		}
	}
	x.total += len(entries) - len(x.places[place])
	list := make([]entry, len(entries))
	for i, e := range entries {
		key := textKey(e.Title, e.Keywords)
		n, ok := x.byText[key]
		if !ok {
			n = x.add(key, made[key])
		}
		list[i] = entry{
			text: n, summary: x.strings.number(japanese.Fold(e.Summary)), deadline: x.strings.number(e.Deadline),
			definition: own, category: x.category(e.Category), signature: signatureNumber(e.Signature),
			online: e.Online,
			number: x.strings.all[x.strings.number(e.Number)],
		}
		if d, ok := x.byNumber[e.Definition]; ok {
			list[i].definition = d
		}
		x.count(place, &list[i])
	}
	slices.SortFunc(list, func(a, b entry) int {
		if a.category != b.category {
			return int(a.category) - int(b.category)
		}
		return strings.Compare(a.number, b.number)
	})
	if len(list) == 0 {
		delete(x.places, place)
		return
	}
	x.places[place] = list
}

// missing makes the texts that are not held yet. Texts are never taken away: what is held stays.
func (x *Index) missing(entries []Entry) map[string]text {
	made := map[string]text{}
	x.mu.RLock()
	for _, e := range entries {
		key := textKey(e.Title, e.Keywords)
		if _, held := x.byText[key]; !held {
			made[key] = text{}
		}
	}
	x.mu.RUnlock()
	for _, e := range entries {
		key := textKey(e.Title, e.Keywords)
		if t, wanted := made[key]; wanted && t.title == "" {
			made[key] = newText(e.Title, e.Keywords)
		}
	}
	return made
}

func newText(title string, keywords []string) text {
	return text{matter: newMatter(title, append([]string{title}, keywords...)), title: title}
}

func textKey(title string, keywords []string) string {
	if len(keywords) == 0 {
		return title
	}
	return title + "\x00" + strings.Join(keywords, "\x00")
}

// add holds a text that was not held.
func (x *Index) add(key string, t text) int32 {
	n := int32(len(x.texts))
	x.texts = append(x.texts, t)
	x.byText[key] = n
	for _, g := range t.grams {
		x.posts[g] = append(x.posts[g], n)
	}
	return n
}

// count notes that an entry of a place uses its text and its definition.
func (x *Index) count(place string, e *entry) {
	t := &x.texts[e.text]
	t.uses++
	t.definition, t.place = e.definition, place
	if e.definition != own {
		x.definitions[e.definition].count(e.online, 1)
	}
}

var signatures = []catalog.Signature{catalog.SignatureNone, catalog.SignatureLogin, catalog.SignatureSign}

func signatureNumber(s catalog.Signature) uint8 {
	return uint8(max(slices.Index(signatures, s), 0))
}

// Chain lists the places whose entries hold in a place: its own first, the nation's last.
func Chain(place string) []string {
	m, ok := municipality.ByCode(place)
	if !ok {
		return []string{place, catalog.Nation}
	}
	list := []string{place}
	if m.City != "" {
		list = append(list, m.City)
	}
	return append(list, Prefecture(place), catalog.Nation)
}

// Prefecture returns the code of the prefecture that a place lies in.
func Prefecture(place string) string {
	five := place[:2] + "000"
	return five + string(rule.CheckDigit(five))
}

// Size says how much there is.
type Size struct {
	Entries, Places, Texts, Postings int
	// Bytes is an estimate of what the lists and texts of the index take.
	Bytes int
}

// Size counts.
func (x *Index) Size() Size {
	x.mu.RLock()
	defer x.mu.RUnlock()
	s := Size{Entries: x.total, Places: len(x.places), Texts: len(x.texts)}
	for _, list := range x.posts {
		s.Postings += len(list)
		s.Bytes += 4*cap(list) + 40
	}
	for i := range x.texts {
		s.Bytes += len(x.texts[i].title) + 32 + x.texts[i].bytes()
	}
	for _, list := range x.places {
		s.Bytes += 40 * cap(list)
	}
	for _, t := range x.strings.all {
		s.Bytes += len(t) + 40
	}
	return s
}

// Count says how many entries hold in a place.
func (x *Index) Count(place string) int {
	x.mu.RLock()
	defer x.mu.RUnlock()
	n := 0
	for _, p := range Chain(place) {
		n += len(x.places[p])
	}
	return n
}

// DefinitionPlaces says how many places have registered a definition.
func (x *Index) DefinitionPlaces(number string) int {
	x.mu.RLock()
	defer x.mu.RUnlock()
	if i, ok := x.byNumber[number]; ok {
		return x.definitions[i].places
	}
	return 0
}

// Registered returns, for the definitions that hold in a place, where they are registered and under which number.
func (x *Index) Registered(place string, definitions []string) map[string]Hit {
	x.mu.RLock()
	defer x.mu.RUnlock()
	found := map[string]Hit{}
	for _, p := range Chain(place) {
		for i := range x.places[p] {
			e := &x.places[p][i]
			if e.definition == own {
				continue
			}
			number := x.definitions[e.definition].Number
			if _, known := found[number]; !known && slices.Contains(definitions, number) {
				found[number] = x.hit(p, e)
			}
		}
	}
	return found
}
