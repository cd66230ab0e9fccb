package index

import (
	"cmp"
	"maps"
	"math"
	"slices"
	"strings"

	"madoguchi/backend/japan/catalog"
	"madoguchi/backend/japan/japanese"
	"madoguchi/backend/japan/municipality"
)

// Query is what a person looks for.
type Query struct {
	// Place is a municipality, a ward or a prefecture; "" is the whole country.
	Place string
	// Text as typed; only the first MaxQuery characters are read.
	Text       string
	Categories []string
	OnlineOnly bool
	// After is where the page before ended; zero for the first.
	After Mark
	Limit int
}

// Hit is a line of the result.
type Hit struct {
	// Place is where it is registered. In the whole country and in a prefecture a definition stands for all its
	// entries: then it is "", and Places says how many there are.
	Place        string
	Number       string
	Definition   string
	Title        string
	Category     string
	Online       bool
	Signature    catalog.Signature
	Deadline     string
	Places       int
	Unregistered bool
	Close        bool

	score float64
	group string // the title that makes entries of many places one hit; "" when it is one
}

// Count is how many hits a category has.
type Count struct {
	Category string
	Count    int
}

// Result is the answer.
type Result struct {
	Hits []Hit
	// Total counts what fits: neither what is close nor what the place has not registered.
	Total      int
	Categories []Count
	// Next is where these end; zero when there are no hits after them.
	Next Mark
	// Changed says that what stands before Query.After is not what stood there when that mark was made. There are no
	// hits then.
	Changed bool
	// Corrected is what was looked for instead of a slip of typing.
	Corrected string
	// Elsewhere counts what fits in the rest of the prefecture when nothing fits here.
	Elsewhere int
}

const (
	maxUnregistered = 10
	maxClose        = 20
	// With so many hits nobody needs what is merely close.
	enough = 5
	// maxCandidates bounds how many texts of a country are held against the words one by one.
	maxCandidates = 1500
)

// Search answers. Nothing in the text is an error: what cannot be found is not found.
func (x *Index) Search(q Query) Result {
	words := parts(Shorten(q.Text))
	x.mu.RLock()
	defer x.mu.RUnlock()
	r := x.search(q, words)
	if (r.Total > 0 || q.After.Count > 0) && !r.Changed || len(words) == 0 {
		return r
	}
	if corrected, ok := x.correct(words); ok && !r.fits() {
		if c := x.search(q, corrected); c.fits() || len(r.Hits) == 0 && len(c.Hits) > 0 {
			c.Corrected = strings.Join(corrected, " ")
			r = c
		}
	}
	if _, local := municipality.ByCode(q.Place); local && r.Total == 0 {
		wider := q
		wider.Place, wider.After, wider.Limit = Prefecture(q.Place), Mark{}, 1
		r.Elsewhere = x.search(wider, words).Total
	}
	return r
}

// fits says whether something fits all words, be it registered or not.
func (r *Result) fits() bool { return len(r.Hits) > 0 && !r.Hits[0].Close }

// Shorten is what is read of a query: its first MaxQuery characters.
func Shorten(text string) string {
	n := 0
	for i := range text {
		if n == MaxQuery {
			return text[:i]
		}
		n++
	}
	return text
}

// correct puts the nearest known term for each word that is none; and reads Latin letters as romaji.
func (x *Index) correct(words []string) ([]string, bool) {
	corrected, changed := slices.Clone(words), false
	for i, w := range words {
		if _, known := x.vocabulary.words[w]; known {
			continue
		}
		if kana, ok := japanese.Kana(w); ok && kana != w {
			corrected[i], changed = kana, true
			continue
		}
		if term, ok := x.vocabulary.nearest(w); ok {
			corrected[i], changed = term, true
		}
	}
	return corrected, changed
}

// finding is one search under way.
type finding struct {
	x           *Index
	q           Query
	words       []word
	definitions []judged // by number of the definition
	candidates  map[int32]judged
}

// judged is how well something fits all words.
type judged struct {
	score  float64
	strict bool
}

func (x *Index) search(q Query, parts []string) Result {
	f := &finding{x: x, q: q, words: x.words(parts)}
	_, local := municipality.ByCode(q.Place)
	if len(f.words) > 0 {
		f.judge(local)
	}
	var hits []Hit
	if local || q.Place == catalog.Nation {
		hits = f.inPlace()
	} else {
		hits = f.inCountry()
	}
	return f.result(hits)
}

// judge holds the definitions, and the texts of the places in question, against the words.
func (f *finding) judge(local bool) {
	x := f.x
	byWord := make([][]float64, len(f.words))
	for i := range f.words {
		w := &f.words[i]
		byWord[i] = make([]float64, len(x.definitions))
		best := 0.0
		for j := range x.definitions {
			byWord[i][j] = x.definitions[j].score(w)
			best = max(best, byWord[i][j])
		}
		w.known = best >= firm
	}
	var texts map[int32][]float64
	if local {
		texts = f.textsOf(Chain(f.q.Place))
	} else {
		texts = f.textsOfCountry()
	}
	for _, scores := range texts {
		for i, s := range scores {
			f.words[i].known = f.words[i].known || s >= firm
		}
	}
	for i := range f.words {
		w := &f.words[i]
		switch {
		case w.generic:
			w.weight = wordGeneric
		case !w.known:
			w.weight = wordUnknown
		default:
			w.weight = wordBase + min(float64(w.length), wordLengthFull)/wordLengthPart
		}
	}
	f.definitions = make([]judged, len(x.definitions))
	scores := make([]float64, len(f.words))
	for j := range x.definitions {
		for i := range f.words {
			scores[i] = byWord[i][j]
		}
		f.definitions[j] = f.all(scores)
		switch x.definitions[j].Standing {
		case catalog.Common:
			f.definitions[j].score += commonBonus
		case catalog.Rare:
			f.definitions[j].score -= rareLoss
		}
	}
	f.candidates = make(map[int32]judged, len(texts))
	for n, s := range texts {
		f.candidates[n] = f.all(s)
	}
}

// all puts the scores of the single words together.
func (f *finding) all(scores []float64) judged {
	sum, weights := 0.0, 0.0
	strict, known := true, false
	for i := range f.words {
		w := &f.words[i]
		sum += w.weight * scores[i]
		weights += w.weight
		switch {
		case w.generic:
		case w.known:
			known = true
			strict = strict && scores[i] >= loose
		case w.noun():
			strict = false // what it says is to be found nowhere here
		}
	}
	j := judged{score: sum / weights}
	j.strict = strict && known && j.score >= firm
	return j
}

// textsOf scores the texts of the entries that hold in a place.
func (f *finding) textsOf(places []string) map[int32][]float64 {
	found := map[int32][]float64{}
	for _, p := range places {
		for _, e := range f.x.places[p] {
			if _, known := found[e.text]; !known {
				found[e.text] = f.scores(e.text)
			}
		}
	}
	return found
}

func (f *finding) scores(text int32) []float64 {
	scores := make([]float64, len(f.words))
	for i := range f.words {
		scores[i] = f.x.texts[text].score(&f.words[i])
	}
	return scores
}

// textsOfCountry finds, by pairs of characters, the texts that may fit, and scores the best of them.
func (f *finding) textsOfCountry() map[int32][]float64 {
	x := f.x
	cover, _ := x.scratch.Get().(*[]float32)
	if cover == nil || len(*cover) < len(x.texts) {
		made := make([]float32, len(x.texts)+len(x.texts)/8+64)
		cover = &made
	}
	covered := *cover
	var touched []int32
	share := float32(1) / float32(len(f.words))
	mark := func(pairs []japanese.Gram, weights []float64) {
		for i, g := range pairs {
			add := share * float32(weights[i])
			for _, n := range x.posts[g] {
				if covered[n] == 0 {
					touched = append(touched, n)
				}
				covered[n] += add
			}
		}
	}
	for i := range f.words {
		w := &f.words[i]
		if len(w.barePairs) > 0 {
			mark(w.barePairs, w.bareWeights)
			continue
		}
		mark(w.pairs, w.weights)
	}
	// Only what covers enough of the words is looked at; the bound rises until few are left.
	bound := float32(coverLeast)
	if len(touched) > maxCandidates {
		var histogram [101]int
		for _, n := range touched {
			histogram[min(int(covered[n]*100), 100)]++
		}
		above := 0
		for i := 100; i >= coverLeastCent; i-- {
			if above += histogram[i]; above > maxCandidates {
				bound = max(bound, float32(i)/100)
				break
			}
		}
	}
	found := make(map[int32][]float64, min(len(touched), 2*maxCandidates))
	looked := 0
	for _, n := range touched {
		c := covered[n]
		covered[n] = 0
		if c < bound-coverSlack || x.texts[n].uses == 0 {
			continue
		}
		if looked < 2*maxCandidates {
			found[n] = f.scores(n)
			looked++
			continue
		}
		scores := make([]float64, len(f.words)) // one of very many alike: what it covers must do
		for i := range scores {
			scores[i] = coverShare * float64(c)
		}
		found[n] = scores
	}
	x.scratch.Put(cover)
	return found
}

// judgeEntry is how well an entry fits: by its own text and summary, or by its definition.
func (f *finding) judgeEntry(e *entry) judged {
	if len(f.words) == 0 {
		return judged{score: 1, strict: true}
	}
	best := f.candidates[e.text]
	if e.definition != own {
		best = f.definitions[e.definition].less(definitionLoss).orBetter(best)
	}
	if best.strict {
		return best
	}
	scores := make([]float64, len(f.words))
	summary := f.x.strings.all[e.summary]
	text := f.x.texts[e.text]
	for i := range f.words {
		w := &f.words[i]
		scores[i] = inSummary(summary, w)
	}
	if slices.Max(scores) == 0 {
		return best
	}
	for i := range f.words {
		scores[i] = max(scores[i], text.score(&f.words[i]))
		if e.definition != own {
			scores[i] = max(scores[i], f.x.definitions[e.definition].score(&f.words[i]))
		}
	}
	in := f.all(scores)
	in.strict = in.strict || slices.Min(scores) >= inEntryStrict
	return in.orBetter(best)
}

// less is the same, that much further down.
func (j judged) less(loss float64) judged { return judged{j.score - loss, j.strict} }

// orBetter is the other one unless this one is better.
func (j judged) orBetter(other judged) judged {
	if j.strict && !other.strict || j.strict == other.strict && j.score > other.score {
		return j
	}
	return other
}

// inPlace lists the entries that hold in a place, its own before those of the prefecture and the nation, and the
// definitions that it has not registered.
func (f *finding) inPlace() []Hit {
	x := f.x
	var hits []Hit
	registered := make([]int, len(x.definitions))
	for distance, p := range Chain(f.q.Place) {
		list := x.places[p]
		for i := range list {
			e := &list[i]
			if e.definition != own {
				registered[e.definition]++
			}
			j := f.judgeEntry(e)
			if j.score < faint {
				continue
			}
			h := x.hit(p, e)
			h.Close, h.score = !j.strict, j.score-distanceLoss*float64(distance)
			if e.definition != own && registered[e.definition] > 1 {
				h.score -= repeatedLoss * float64(min(registered[e.definition]-1, repeatedMost))
			}
			hits = append(hits, h)
		}
	}
	for i := range x.definitions {
		d := &x.definitions[i]
		if registered[i] > 0 || len(f.words) == 0 || f.definitions[i].score < faint {
			continue
		}
		h := d.hit()
		h.Unregistered, h.Places, h.Close, h.score = true, 0, !f.definitions[i].strict,
			f.definitions[i].score-unregisteredLoss
		hits = append(hits, h)
	}
	return hits
}

// inCountry lists definitions, and beside them what only some places have, of a prefecture or of the whole country.
func (f *finding) inCountry() []Hit {
	x := f.x
	definitions := slices.Clone(f.definitions)
	if len(f.words) == 0 {
		definitions = slices.Repeat([]judged{{score: 1, strict: true}}, len(x.definitions))
	}
	places, online := make([]int, len(x.definitions)), make([]bool, len(x.definitions))
	groups := map[string]*Hit{}
	group := func(n int32, j judged, place string, count int) {
		t := &x.texts[n]
		if g := groups[t.title]; g != nil {
			g.Places += count
			g.score = max(g.score, j.score)
			g.Close = g.Close && !j.strict
			return
		}
		e := x.find(place, n)
		if e == nil {
			return
		}
		h := x.hit(place, e)
		h.Places, h.Close, h.score, h.group = count, !j.strict, j.score-ofPlacesLoss, t.title
		groups[t.title] = &h
	}
	if f.q.Place == "" {
		for i := range x.definitions {
			places[i], online[i] = x.definitions[i].places, x.definitions[i].online > 0
		}
		// in one order, so that a page goes on where the one before ended
		for _, n := range slices.Sorted(maps.Keys(f.candidates)) {
			t, j := &x.texts[n], f.candidates[n]
			if t.definition != own {
				d := &definitions[t.definition]
				*d = j.less(ofOnePlaceLoss).orBetter(*d)
				continue
			}
			if j.score >= faint {
				group(n, j, t.place, int(t.uses))
			}
		}
	} else {
		for _, p := range x.under(f.q.Place) {
			list := x.places[p]
			for i := range list {
				e := &list[i]
				j := judged{score: 1, strict: true}
				if len(f.words) > 0 {
					j = f.candidates[e.text]
				}
				if e.definition != own {
					places[e.definition]++
					online[e.definition] = online[e.definition] || e.online
					if len(f.words) > 0 {
						d := &definitions[e.definition]
						*d = j.less(ofOnePlaceLoss).orBetter(*d)
					}
					continue
				}
				if j.score >= faint {
					group(e.text, j, p, 1)
				}
			}
		}
	}
	nation := map[int16]*entry{}
	for i := range x.places[catalog.Nation] {
		e := &x.places[catalog.Nation][i]
		nation[e.definition] = e
	}
	var hits []Hit
	for i := range x.definitions {
		if definitions[i].score < faint || f.q.Place != "" && places[i] == 0 && len(f.words) == 0 {
			continue
		}
		h := x.definitions[i].hit()
		h.Places, h.Online = places[i], online[i]
		if e := nation[int16(i)]; e != nil {
			h = x.hit(catalog.Nation, e) // offered everywhere by a national office
		}
		h.Close, h.score = !definitions[i].strict, definitions[i].score
		hits = append(hits, h)
	}
	for _, h := range groups {
		hits = append(hits, *h)
	}
	return hits
}

// under lists the places of a prefecture, its own entries among them.
func (x *Index) under(prefecture string) []string {
	list := []string{prefecture}
	if len(prefecture) != 6 {
		return nil
	}
	for _, m := range municipality.All() {
		if m.Code[:2] == prefecture[:2] {
			list = append(list, m.Code)
		}
	}
	return list
}

// find returns the entry of a place that has a text; nil when there is none.
func (x *Index) find(place string, text int32) *entry {
	list := x.places[place]
	for i := range list {
		if list[i].text == text {
			return &list[i]
		}
	}
	return nil
}

func (x *Index) hit(place string, e *entry) Hit {
	h := Hit{
		Place: place, Number: e.number, Title: x.texts[e.text].title, Online: e.online,
		Signature: signatures[e.signature],
		Deadline:  x.strings.all[e.deadline], Places: 1,
	}
	if int(e.category) < len(x.categories) {
		h.Category = x.categories[e.category]
	}
	if e.definition != own {
		h.Definition = x.definitions[e.definition].Number
	}
	return h
}

func (d *definition) hit() Hit {
	return Hit{
		Number: d.Number, Definition: d.Number, Title: d.Name.Ja, Category: d.Category, Signature: d.Signature,
		Deadline: d.Deadline.Text, Places: d.places,
	}
}

// promote makes what fits best the answer when nothing fits all words, each of which means something here: 母子手帳 紛失.
func (f *finding) promote(hits []Hit) {
	for i := range f.words {
		if w := &f.words[i]; !w.known && !w.generic && w.noun() {
			return
		}
	}
	best := promoted
	for i := range hits {
		if !hits[i].Close {
			return
		}
		best = max(best, hits[i].score)
	}
	for i := range hits {
		hits[i].Close = hits[i].score < max(promoted, promotedShare*best)
	}
}

// standing orders what fits alike: what many come for, the other procedures of the nation, what few need, the place's
// own.
func (x *Index) standing(h *Hit) int {
	i, ok := x.byNumber[h.Definition]
	if !ok {
		return 3
	}
	switch x.definitions[i].Standing {
	case catalog.Common:
		return 0
	case catalog.Rare:
		return 2
	}
	return 1
}

// result sorts, counts and cuts out the page.
func (f *finding) result(hits []Hit) Result {
	var r Result
	f.promote(hits)
	counts := map[string]int{}
	kept := hits[:0]
	for _, h := range hits {
		if f.q.OnlineOnly && !h.Online {
			continue
		}
		if !h.Close && !h.Unregistered {
			counts[h.Category]++
		}
		if len(f.q.Categories) > 0 && !slices.Contains(f.q.Categories, h.Category) {
			continue
		}
		if !h.Close && !h.Unregistered {
			r.Total++
		}
		kept = append(kept, h)
	}
	for _, c := range f.x.categories {
		if counts[c] > 0 {
			r.Categories = append(r.Categories, Count{c, counts[c]})
		}
	}
	rank := func(h *Hit) int {
		if h.Close {
			return 1
		}
		return 0
	}
	slices.SortFunc(kept, func(a, b Hit) int {
		return cmp.Or(
			cmp.Compare(rank(&a), rank(&b)),
			cmp.Compare(math.Round(b.score*100), math.Round(a.score*100)),
			cmp.Compare(f.x.category(a.Category), f.x.category(b.Category)),
			cmp.Compare(f.x.standing(&a), f.x.standing(&b)),
			cmp.Compare(a.group, b.group), // which of its entries stands for it is chance
			cmp.Compare(a.Number, b.Number),
			cmp.Compare(a.Place, b.Place),
			cmp.Compare(a.Title, b.Title),
		)
	})
	end, unregistered, near := 0, 0, 0
	for i := range kept {
		switch h := &kept[i]; {
		case h.Close:
			if near++; near > maxClose || r.Total >= enough {
				continue
			}
		case h.Unregistered:
			if unregistered++; unregistered > maxUnregistered {
				continue
			}
		}
		kept[end] = kept[i]
		end++
	}
	kept = kept[:end]
	return r.cut(kept, f.q.After, f.q.Limit)
}

// cut takes out the page behind a mark.
func (r Result) cut(hits []Hit, after Mark, limit int) Result {
	if after.Count < 0 || after.Count > len(hits) || (Mark{}).Behind(hits[:after.Count]) != after {
		r.Changed = true
		return r
	}
	to := min(after.Count+limit, len(hits))
	r.Hits = hits[after.Count:to]
	if to < len(hits) {
		r.Next = after.Behind(r.Hits)
	}
	return r
}

// Mark is a place in a list of hits: behind so many of them, which it knows again. Lists are made anew for each page,
// and the catalogue may change in between.
type Mark struct {
	Count int
	Sum   uint64 // over what tells those hits apart
}

// Behind moves a mark on over the hits that follow it.
func (m Mark) Behind(hits []Hit) Mark {
	m.Count += len(hits)
	for i := range hits {
		told := cmp.Or(hits[i].group, hits[i].Number+"\x00"+hits[i].Place) // as in the order of hits
		for _, b := range []byte(told + "\x00") {
			m.Sum = (m.Sum ^ uint64(b)) * 1099511628211 // FNV
		}
	}
	return m
}
