package municipality

import (
	"cmp"
	"slices"
	"strings"
	"sync"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"

	"madoguchi/backend/japan/japanese"
	"madoguchi/proto/rule"
)

// Found is a place that fits what was typed.
type Found struct {
	Code     string // of a municipality, a ward or a prefecture
	Kind     Kind   // of that place
	Town     string // 町域 when that is what was typed
	TownKana string
	Why      Match
	Was      Was // what was typed, when that is no more
}

// Match says why a place was found. The list of places is in this order.
type Match int

// Ways to fit what was typed.
const (
	Whole      Match = iota // the name or reading, perhaps without its 市区町村; or the postal code
	Member                  // in the prefecture that was typed
	Former                  // what was typed is no more; this is what it is part of today
	Begun                   // the name or reading begins so; or the postal code
	Within                  // they stand in the name or reading
	WholeTown               // the name or reading of a 町域
	BegunTown               // it begins so
	AlmostName              // one slip of typing away from a name
	AlmostTown              // one slip away from the name of a 町域
	Front                   // what was typed begins with it, and of what follows nothing is known
)

// Query says how what was typed was read.
type Query int

// Readings of what was typed.
const (
	Name        Query = iota // a name or its reading
	PostalCode               // a postal code, whole or begun; whole ones mean all the places found
	UnknownCode              // digits that no postal code begins with
)

const (
	// Postal codes are looked up from so many digits on.
	leastDigits = 3
	// A slip is looked for in texts of at least this many characters; almost every name is one slip away from shorter
	// ones.
	leastSlip = 3
)

// Find returns places that fit what a person has typed so far, best first, at most `limit`: by postal code in any way
// of writing, by the name or reading of a prefecture, municipality, ward or town, whole or begun, with or without 市区町村,
// and after the names of the places it lies in or, with a blank between, before them; in romaji too. Names of
// municipalities that are no more find today's. With nothing else to offer, names one slip of typing away, and the
// place in front of what is not known. Anything may be typed; what is no place finds nothing. A whole postal code finds
// every municipality it stands for, whatever the limit; of one that is not known, as new ones of large offices are, the
// first digits lead.
func Find(typed string, limit int) ([]Found, Query) {
	if limit <= 0 || len(typed) > 4*rule.MaxPlaceTyped || utf8.RuneCountInString(typed) > rule.MaxPlaceTyped {
		return nil, Name
	}
	typed = visible(typed)
	if digits, ok := postalDigits(typed); ok {
		return findPostal(digits, limit)
	}
	if digits, rest, ok := postalAndName(typed); ok {
		return findBoth(digits, rest, limit)
	}
	f := finder{limit: limit}
	if words := romajiWords(typed); words != nil {
		if f.romaji(words); len(f.list) == 0 {
			f.romajiTowns(words)
		}
		if len(f.list) > 0 {
			return f.best(), Name
		}
		var all strings.Builder
		for _, word := range words {
			all.WriteString(word.word)
		}
		kana, ok := japanese.Kana(all.String())
		if !ok {
			return nil, Name
		}
		typed = kana
	}
	text := fold(typed)
	if text == "" {
		return nil, Name
	}
	texts := []string{text}
	if words := strings.Fields(japanese.Fold(typed)); len(words) > 1 {
		slices.Reverse(words)
		texts = append(texts, fold(strings.Join(words, "")))
	}
	for _, way := range []func(string, area){f.names, f.addresses, f.unmarked, f.slips} {
		for _, text := range texts {
			f.everywhere(text, way)
		}
		if len(f.list) > 0 {
			break
		}
	}
	if !slices.ContainsFunc(f.list, func(found Found) bool { return found.Why < AlmostName }) {
		f.front(text)
	}
	return f.best(), Name
}

// SameName counts the places at the head of what Find found that have the very name that was typed, such as 府中市 or
// 北区: which one is meant is a question. 0 when there is but one.
func SameName(found []Found) int {
	first := ""
	for i, f := range found {
		m, ok := ByCode(f.Code)
		switch name := m.short(); {
		case !ok || f.Why != Whole || f.Town != "" || i > 0 && name != first:
			return sameName(i)
		default:
			first = name
		}
	}
	return sameName(len(found))
}

func sameName(n int) int {
	if n < 2 {
		return 0
	}
	return n
}

// visible is a text without what cannot be seen in it.
func visible(typed string) string {
	return strings.Map(func(r rune) rune {
		if unicode.Is(unicode.Cf, r) {
			return -1
		}
		return r
	}, typed)
}

// postalDigits reads 153-0061, １５３００６１, 〒153 0061, 153, with any dash.
func postalDigits(typed string) (string, bool) {
	digits, rest := leadingDigits(typed)
	return digits, digits != "" && rest == ""
}

// postalAndName reads a postal code with a name behind it, as on a letterhead, or before it.
func postalAndName(typed string) (digits, rest string, ok bool) {
	if digits, rest = leadingDigits(typed); len(digits) == 7 && rest != "" {
		return digits, rest, true
	}
	plain := []rune(norm.NFKC.String(typed))
	for at, r := range plain {
		if r != '〒' && !unicode.IsSpace(r) {
			continue
		}
		if digits, behind := leadingDigits(string(plain[at:])); len(digits) == 7 && behind == "" {
			return digits, string(plain[:at]), true
		}
	}
	return "", "", false
}

// leadingDigits reads the digits that a text begins with, and what follows them. Of more than seven in a row, all are
// read; what is separated from seven by a blank is no part of them.
func leadingDigits(typed string) (digits, rest string) {
	plain := []rune(strings.TrimLeft(strings.TrimPrefix(strings.TrimSpace(norm.NFKC.String(typed)), "郵便番号"), "〒:= "))
	for i, r := range plain {
		switch {
		case r >= '0' && r <= '9' && (len(digits) != 7 || !unicode.IsSpace(plain[i-1])):
			digits += string(r)
		case len(digits) == 3 && (unicode.IsPunct(r) || unicode.IsSymbol(r)):
		case digits != "" && len(digits) < 7 && (japanese.IsDash(r) || r == 'ー' || r == '一' || unicode.IsSpace(r)):
		default:
			return digits, strings.TrimFunc(string(plain[i:]), func(r rune) bool {
				return unicode.IsSpace(r) || unicode.IsPunct(r) || japanese.IsDash(r) || r == 'ー'
			})
		}
	}
	return digits, ""
}

func findPostal(digits string, limit int) ([]Found, Query) {
	if len(digits) < leastDigits {
		return nil, Name // not yet
	}
	if len(digits) > 7 {
		return nil, UnknownCode
	}
	if towns := ByPostalCode(digits); len(towns) > 0 {
		return collect(towns, len(towns)), PostalCode
	}
	// Begun, of a large office, or one that is newer than the table.
	for ; len(digits) >= leastDigits; digits = digits[:len(digits)-1] {
		from, to := codesBeginning(digits)
		list := collect(append(between(from, to), officesBetween(from, to)...), limit)
		for i := range list {
			list[i].Town, list[i].TownKana, list[i].Why = "", "", Begun
			if from == to {
				list[i].Why = Whole
			}
		}
		if len(list) > 0 {
			return list, PostalCode
		}
	}
	return nil, UnknownCode
}

// codesBeginning is the range of the codes that begin with some digits.
func codesBeginning(digits string) (from, to uint32) {
	for i := range 7 {
		from, to = from*10, to*10+9
		if i < len(digits) {
			from, to = from+uint32(digits[i]-'0'), to-9+uint32(digits[i]-'0')
		}
	}
	return from, to
}

// findBoth finds by a postal code and a name. What fits both comes first.
func findBoth(digits, rest string, limit int) ([]Found, Query) {
	byCode, read := findPostal(digits, limit)
	byName, _ := Find(rest, limit)
	if len(byName) == 0 {
		return byCode, read
	}
	has := func(list []Found, code string) bool {
		return slices.ContainsFunc(list, func(f Found) bool { return f.Code == code })
	}
	var list []Found
	for _, f := range byName {
		if has(byCode, f.Code) {
			list = append(list, f)
		}
	}
	for _, f := range slices.Concat(byCode, byName) {
		if !has(list, f.Code) {
			list = append(list, f)
		}
	}
	return list[:min(len(list), limit)], Name
}

// collect makes one place of the towns of a municipality; with its name when there is but one.
func collect(towns []Town, limit int) []Found {
	var list []Found
	for _, t := range towns {
		i := slices.IndexFunc(list, func(f Found) bool { return f.Code == t.Municipality.Code })
		switch {
		case i >= 0 && list[i].Town != t.Name:
			list[i].Town, list[i].TownKana = "", ""
		case i < 0 && len(list) < limit:
			list = append(list, foundTown(t))
		}
	}
	return list
}

func foundTown(t Town) Found {
	return Found{Code: t.Municipality.Code, Kind: t.Municipality.Kind(), Town: t.Name, TownKana: t.Kana}
}

// area is a part of All: the nation, a prefecture, a designated city with its wards, a municipality.
type area struct{ from, to int }

// isMunicipality: and not a prefecture or the nation.
func (a area) isMunicipality() bool {
	return a.to-a.from == 1 || All()[a.to-1].City == All()[a.from].Code
}

// place is a prefecture or municipality with the ways to call it.
type place struct {
	code   string
	kind   Kind
	area   area
	whole  []string // 虻田郡真狩村, 真狩村, their readings, prefectures and cities without 県 or 市 last
	bare   int      // whole[bare:] are those without 市区町村
	inside []string // 真狩村, まっかりむら
}

// islands are what the municipalities that are one island are called as often.
var islands = map[string][]string{"133817": {"三宅島", "ミヤケジマ"}, "134015": {"八丈島", "ハチジョウジマ"}}

// places are sorted by kind and code, as they are listed.
var places = sync.OnceValue(func() []place {
	var list []place
	start := 0
	for _, p := range Prefectures() {
		end := start + len(InPrefecture(p.Code))
		list = append(list, newPlace(p.Code, KindPrefecture, area{start, end}, p.Name, p.Kana, p.Name, p.Kana))
		start = end
	}
	for i, m := range All() {
		name, kana := m.short(), m.Kana
		if city, ok := ByCode(m.City); ok {
			kana = strings.TrimPrefix(kana, city.Kana)
		} else if name != m.Name {
			_, kana, _ = strings.Cut(kana, "グン")
		}
		list = append(list, newPlace(m.Code, m.Kind(), area{i, i + 1 + len(Wards(m.Code))}, name, kana, m.Name, m.Kana))
	}
	slices.SortStableFunc(list, func(a, b place) int { return cmp.Compare(a.kind, b.kind) })
	return list
})

// short is the name without the city or 郡 in front.
func (m Municipality) short() string {
	if city, ok := ByCode(m.City); ok {
		return strings.TrimPrefix(m.Name, city.Name)
	}
	if _, after, ok := strings.Cut(m.Name, "郡"); ok && (m.Kind() == KindTown || m.Kind() == KindVillage) {
		return after
	}
	return m.Name
}

// suffixes are what people leave out, and their readings.
var suffixes = map[string][]string{
	"都": {"ト"}, "府": {"フ"}, "県": {"ケン"}, "市": {"シ"}, "区": {"ク"}, "町": {"マチ", "チョウ"}, "村": {"ムラ", "ソン"},
}

func newPlace(code string, kind Kind, in area, name, kana, fullName, fullKana string) place {
	p := place{code: code, kind: kind, area: in, inside: []string{fold(name), fold(kana)}}
	add := func(form string) {
		if form = fold(form); form != "" && !slices.Contains(p.whole, form) {
			p.whole = append(p.whole, form)
		}
	}
	for _, form := range append([]string{name, kana, fullName, fullKana}, islands[code]...) {
		add(form)
	}
	size := len("市")
	p.bare = len(p.whole)
	short, suffix := name[:len(name)-size], name[len(name)-size:]
	for _, reading := range suffixes[suffix] {
		if bare, ok := strings.CutSuffix(kana, reading); ok {
			add(bare + suffix) // めぐろ区
			p.bare = len(p.whole)
			add(short)
			add(bare)
		}
	}
	return p
}

// fits tells how a text fits the names of a place, if it does.
func (p *place) fits(text string) (Match, bool) {
	begun := false
	for _, form := range p.whole {
		if strings.HasPrefix(form, text) {
			if len(form) == len(text) {
				return Whole, true
			}
			begun = true
		}
	}
	switch {
	case begun:
		return Begun, true
	case utf8.RuneCountInString(text) >= 2 &&
		(strings.Contains(p.inside[0], text) || strings.Contains(p.inside[1], text)):
		return Within, true
	}
	return 0, false
}

// finder gathers what is found.
type finder struct {
	limit int
	list  []Found
}

// everywhere tries a way to search on the whole text in the nation, and on what follows the name of a place, in that
// place: 府中 in 東京 for 東京府中.
func (f *finder) everywhere(text string, way func(string, area)) {
	f.within(text, area{0, len(All())}, way)
}

func (f *finder) within(text string, in area, way func(string, area)) {
	way(text, in)
	for i := range places() {
		p := &places()[i]
		if !in.contains(p.area) {
			continue
		}
		longest := 0
		for i, form := range p.whole {
			rest, ok := strings.CutPrefix(text, form)
			if !ok || rest == "" || len(form) <= longest || i >= p.bare && !followsBare(form, rest) {
				continue
			}
			longest = len(form)
		}
		if longest > 0 {
			f.within(withoutSection(text[longest:]), p.area, way)
		}
	}
	behindFormer(text, in, func(rest string, in area, was Was) {
		before := len(f.list)
		f.within(withoutSection(rest), in, way)
		f.wasCalled(was, before)
	})
}

// withoutSection drops the 大字 or 字 that registers put before the name of a town; postal codes leave them out.
func withoutSection(text string) string {
	for _, section := range []string{"大字", "字"} {
		if rest, ok := strings.CutPrefix(text, section); ok && rest != "" {
			return rest
		}
	}
	return text
}

// contains says whether an area is a smaller one of this.
func (a area) contains(b area) bool { return b.from >= a.from && b.to <= a.to && b != a }

// followsBare says whether a name without its 市区町村 may stand in front of this: 東京 in front of 府中 or 北 is the
// prefecture, but つ in front of くば is not 津市, めぐろ in front of く is more of the same name, and so is 横浜 in front of 市.
func followsBare(bare, rest string) bool {
	if utf8.RuneCountInString(bare) < 2 {
		return false
	}
	first, size := utf8.DecodeRuneInString(rest)
	return size < len(rest) || japanese.IsKanji(first) && suffixes[rest] == nil
}

// names finds the places in an area whose name or reading fits a text, and the towns.
func (f *finder) names(text string, in area) {
	var member area
	for i := range places() {
		p := &places()[i]
		if !in.contains(p.area) {
			continue
		}
		match, ok := p.fits(text)
		if !ok {
			continue
		}
		f.list = append(f.list, Found{Code: p.code, Kind: p.kind, Why: match})
		if match == Whole && p.kind == KindPrefecture {
			member = p.area
		}
	}
	f.members(member)
	f.former(text, in)
	if utf8.RuneCountInString(text) < 2 && !in.isMunicipality() {
		return
	}
	t := postal()
	from, to, whole := t.formsBeginning(text)
	if whole {
		f.towns(t, from, from+1, in, WholeTown)
		from++
	}
	f.towns(t, from, to, in, BegunTown)
}

// members are the municipalities of a prefecture.
func (f *finder) members(of area) {
	for _, m := range All()[of.from:of.to] {
		if m.City == "" {
			f.list = append(f.list, Found{Code: m.Code, Kind: m.Kind(), Why: Member})
		}
	}
}

// towns takes the best of a range of the index of towns: those of wards, cities, towns and villages, each in the order
// of the postal codes.
func (f *finder) towns(t *towns, from, to int, in area, why Match) {
	if from >= to {
		return
	}
	var best []uint64
	for _, row := range t.rows[t.first[from]:t.first[to]] {
		place := int(t.municipality[row])
		if place < in.from || place >= in.to {
			continue
		}
		key := uint64(importance()[place])<<32 | uint64(row)
		if len(best) == f.limit && key >= best[len(best)-1] {
			continue
		}
		at, known := slices.BinarySearch(best, key)
		if known {
			continue
		}
		best = slices.Insert(best, at, key)
		best = best[:min(len(best), f.limit)]
	}
	for _, key := range best {
		town := t.town(int(key & 0xffffffff))
		found := foundTown(town)
		found.Why = why
		f.list = append(f.list, found)
	}
}

// importance orders towns of the same name: those where most people live first.
var importance = sync.OnceValue(func() []int {
	order := []Kind{KindSpecialWard, KindWard, KindDesignatedCity, KindCity, KindTown, KindVillage}
	list := make([]int, len(All()))
	for i, m := range All() {
		list[i] = slices.Index(order, m.Kind())
	}
	return list
})

// addresses finds the longest name of a town that a text begins with when a figure follows: 中目黒一丁目, 中目黒二の一.
func (f *finder) addresses(text string, in area) {
	t := postal()
	for end := len(text); end > 0; end-- {
		if !utf8.RuneStart(text[end-1]) {
			continue
		}
		town, rest := text[:end-1], text[end-1:]
		if utf8.RuneCountInString(town) < 2 || !strings.ContainsRune("一二三四五六七八九十0123456789", []rune(rest)[0]) {
			continue
		}
		if from, _, whole := t.formsBeginning(town); whole {
			before := len(f.list)
			f.towns(t, from, from+1, in, WholeTown)
			if len(f.list) > before {
				return
			}
		}
	}
}

// head is a place in front of what is not known.
type head struct {
	code string
	kind Kind
	area area
	rest string // what is not known
	was  Was
}

// front finds the places whose whole names reach farthest into a text from its beginning, with the town that follows,
// if one does.
func (f *finder) front(text string) {
	var heads []head
	shortest := len(text)
	var walk func(text string, in area)
	note := func(h head) {
		if len(h.rest) < shortest {
			heads, shortest = nil, len(h.rest)
		}
		if len(h.rest) == shortest {
			heads = append(heads, h)
		}
		walk(h.rest, h.area)
	}
	walk = func(text string, in area) {
		for i := range places() {
			p := &places()[i]
			if !in.contains(p.area) {
				continue
			}
			for i, form := range p.whole {
				rest, ok := strings.CutPrefix(text, form)
				switch {
				case !ok || rest == "":
				case i < p.bare && saysItsKind(form):
					note(head{p.code, p.kind, p.area, withoutSection(rest), Was{}})
				case i >= p.bare && followsBare(form, rest):
					walk(rest, p.area)
				}
			}
		}
		behindFormer(text, in, func(rest string, in area, was Was) {
			m := All()[in.from]
			note(head{m.Code, m.Kind(), in, withoutSection(rest), was})
		})
	}
	walk(text, area{0, len(All())})
	for _, h := range heads {
		before := len(f.list)
		f.head(h)
		f.wasCalled(h.was, before)
	}
}

// head takes the place in front, with the longest name of a town that follows it.
func (f *finder) head(h head) {
	t, before := postal(), len(f.list)
	least := 2
	if h.kind == KindPrefecture {
		least = 3
	}
	rest := behindStreets(h.rest)
	for end := len(rest); end > 0; end-- {
		if end < len(rest) && !utf8.RuneStart(rest[end]) || utf8.RuneCountInString(rest[:end]) < least {
			continue
		}
		if from, _, whole := t.formsBeginning(rest[:end]); whole {
			if f.towns(t, from, from+1, h.area, Front); len(f.list) > before {
				return
			}
		}
	}
	f.list = append(f.list, Found{Code: h.code, Kind: h.kind, Why: Front})
}

// behindStreets is what follows the crossing of streets by which Kyoto tells where a town lies: 寺町通御池上る.
func behindStreets(text string) string {
	for _, way := range []string{"上る", "下る", "東入る", "西入る", "東入", "西入"} {
		if at := strings.LastIndex(text, way); at >= 0 {
			text = text[at+len(way):]
		}
	}
	return text
}

// unmarked finds names typed without the marks of kana: めくろ for めぐろ.
func (f *finder) unmarked(text string, in area) {
	plain := voiceless.Replace(text)
	f.near(text, in, func(form string) bool { return len(form) == len(text) && voiceless.Replace(form) == plain })
}

// slips finds names that differ in one character.
func (f *finder) slips(text string, in area) {
	runes := []rune(text)
	first, last := string(runes[:1]), string(runes[len(runes)-1:])
	f.near(text, in, func(form string) bool {
		difference := len(form) - len(text) // a character has up to four bytes
		if difference < -4 || difference > 4 || !strings.HasPrefix(form, first) && !strings.HasSuffix(form, last) {
			return false
		}
		return japanese.OneSlip([]rune(form), runes)
	})
}

// near finds names, and for texts of more than leastSlip characters towns, that are near enough.
func (f *finder) near(text string, in area, near func(form string) bool) {
	length := utf8.RuneCountInString(text)
	if length < leastSlip {
		return
	}
	for i := range places() {
		if p := &places()[i]; in.contains(p.area) && slices.ContainsFunc(p.whole, near) {
			f.list = append(f.list, Found{Code: p.code, Kind: p.kind, Why: AlmostName})
		}
	}
	if length == leastSlip && !in.isMunicipality() {
		return
	}
	t := postal()
	_, size := utf8.DecodeRuneInString(text)
	from, to, _ := t.formsBeginning(text[:size]) // the first character is rarely the wrong one
	for i := from; i < to; i++ {
		if near(t.formAt(i)) {
			f.towns(t, i, i+1, in, AlmostTown)
		}
	}
}

// best sorts what was found and leaves out what was found twice.
func (f *finder) best() []Found {
	type key struct{ code, town string }
	slices.SortStableFunc(f.list, func(a, b Found) int {
		if a.Why != b.Why || a.Town != "" || a.Why == Member || a.Why == Former { // these are in order
			return cmp.Compare(a.Why, b.Why)
		}
		return cmp.Or(cmp.Compare(a.Kind, b.Kind), strings.Compare(a.Code, b.Code))
	})
	var kept []Found
	known := map[key]bool{}
	for _, found := range f.list {
		if k := (key{found.Code, found.Town}); len(kept) < f.limit && !known[k] {
			known[k] = true
			kept = append(kept, found)
		}
	}
	return kept
}
