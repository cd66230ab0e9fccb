package municipality

import (
	"cmp"
	"slices"
	"strings"
	"sync"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"

	"madoguchi/backend/japanese"
)

// Found is a place that fits what was typed.
type Found struct {
	Code string // of a municipality, a ward or a prefecture
	Town string // 町域 when that is what was typed
}

// Query says how what was typed was read.
type Query int

// Readings of what was typed.
const (
	Name        Query = iota // a name or its reading
	PostalCode               // a postal code, whole or begun; whole ones mean all the places found
	UnknownCode              // a postal code that does not exist
)

const (
	// maxTyped is how much is read; no name of a place with its town is longer.
	maxTyped = 100
	// Postal codes are looked up from so many digits on.
	leastDigits = 3
)

// Find returns places that fit what a person has typed so far, best first, at most `limit`: by postal code in any way of writing, by the name or reading
// of a prefecture, municipality, ward or town, whole or begun, with or without 市区町村, the prefecture in front or not. With nothing else to offer,
// names one slip of typing away. Anything may be typed; what is no place finds nothing.
func Find(typed string, limit int) ([]Found, Query) {
	if len(typed) > 4*maxTyped || utf8.RuneCountInString(typed) > maxTyped {
		return nil, Name
	}
	if digits, ok := postalDigits(typed); ok {
		return findPostal(digits, limit)
	}
	folded := strings.ReplaceAll(japanese.Fold(typed), " ", "")
	if folded == "" || strings.Trim(folded, "0123456789") == "" {
		return nil, Name
	}
	prefecture, rest := cutPrefecture(folded)
	list := findNames(folded, "", limit)
	if prefecture != "" && rest != "" {
		list = append(list, findNames(rest, prefecture, limit)...)
	}
	if len(list) < limit && utf8.RuneCountInString(folded) >= 2 {
		list = append(list, findTowns(folded, "", limit-len(list))...)
		if prefecture != "" && utf8.RuneCountInString(rest) >= 2 {
			list = append(list, findTowns(rest, prefecture, limit-len(list))...)
		}
	}
	if len(list) == 0 && utf8.RuneCountInString(folded) >= 3 {
		list = findSlips(folded, limit)
	}
	return unique(list, limit), Name
}

func unique(list []Found, limit int) []Found {
	var kept []Found
	for _, f := range list {
		if len(kept) < limit && !slices.Contains(kept, f) {
			kept = append(kept, f)
		}
	}
	return kept
}

// postalDigits reads 153-0061, １５３００６１, 〒153 0061, 153.
func postalDigits(typed string) (string, bool) {
	s := strings.TrimSpace(strings.TrimPrefix(strings.TrimSpace(norm.NFKC.String(typed)), "〒"))
	s = strings.Map(func(r rune) rune {
		if strings.ContainsRune("-‐‑‒–—―−ー ", r) {
			return -1
		}
		return r
	}, s)
	return s, len(s) >= leastDigits && strings.Trim(s, "0123456789") == ""
}

func findPostal(digits string, limit int) ([]Found, Query) {
	if len(digits) > 7 {
		return nil, UnknownCode
	}
	if len(digits) == 7 {
		list := collect(ByPostalCode(digits), 1000)
		if len(list) == 0 {
			return nil, UnknownCode
		}
		return list, PostalCode
	}
	var from, to uint32
	for i := range 7 {
		from, to = from*10, to*10+9
		if i < len(digits) {
			from, to = from+uint32(digits[i]-'0'), to-9+uint32(digits[i]-'0')
		}
	}
	list := collect(between(from, to), limit)
	if len(list) == 0 {
		return nil, UnknownCode
	}
	for i := range list {
		list[i].Town = ""
	}
	return list, PostalCode
}

// collect makes one place of the towns of a municipality; with its name when there is but one.
func collect(towns []Town, limit int) []Found {
	var list []Found
	for _, t := range towns {
		i := slices.IndexFunc(list, func(f Found) bool { return f.Code == t.Municipality.Code })
		switch {
		case i >= 0 && list[i].Town != t.Name:
			list[i].Town = ""
		case i < 0 && len(list) < limit:
			list = append(list, Found{t.Municipality.Code, t.Name})
		}
	}
	return list
}

// name is a way to call a place, folded.
type name struct {
	folded     string
	code       string
	prefecture string
	order      int // among places that fit alike: prefectures, cities, wards, towns, villages
}

var names = sync.OnceValue(func() []name {
	var list []name
	add := func(code, prefecture string, order int, forms ...string) {
		var known []string
		for _, form := range forms {
			f := strings.ReplaceAll(japanese.Fold(form), " ", "")
			if f != "" && !slices.Contains(known, f) {
				known = append(known, f)
				list = append(list, name{f, code, prefecture, order})
			}
		}
	}
	for _, p := range Prefectures() {
		add(p.Code, p.Name, 0, p.Name, p.Kana, shortPrefecture(p.Name))
	}
	for _, m := range All() {
		short, kana := m.Name, m.Kana
		if _, after, ok := strings.Cut(m.Name, "郡"); ok && m.City == "" && utf8.RuneCountInString(after) > 1 {
			short = after
			if _, k, ok := strings.Cut(m.Kana, "グン"); ok {
				kana = k
			}
		}
		if city, ok := ByCode(m.City); ok {
			short, kana = strings.TrimPrefix(m.Name, city.Name), strings.TrimPrefix(m.Kana, city.Kana)
		}
		order := map[string]int{"市": 1, "区": 2, "町": 3, "村": 4}[short[len(short)-len("市"):]]
		add(m.Code, m.Prefecture, order, m.Name, m.Kana, short, kana)
	}
	return list
})

func shortPrefecture(name string) string {
	if name == "北海道" {
		return name
	}
	return strings.TrimRight(name, "都府県")
}

// Prefecture is one of the 47.
type Prefecture struct {
	Code string // six digits with check digit: 130001
	Name string
	Kana string // full-width katakana
}

var prefectureKana = strings.Fields("ホッカイドウ アオモリケン イワテケン ミヤギケン アキタケン ヤマガタケン フクシマケン イバラキケン トチギケン グンマケン サイタマケン チバケン トウキョウト カナガワケン ニイガタケン トヤマケン イシカワケン フクイケン ヤマナシケン ナガノケン ギフケン シズオカケン アイチケン ミエケン シガケン キョウトフ オオサカフ ヒョウゴケン ナラケン ワカヤマケン トットリケン シマネケン オカヤマケン ヒロシマケン ヤマグチケン トクシマケン カガワケン エヒメケン コウチケン フクオカケン サガケン ナガサキケン クマモトケン オオイタケン ミヤザキケン カゴシマケン オキナワケン")

// Prefectures returns the 47 in the order of their codes. Not to be changed.
var Prefectures = sync.OnceValue(func() []Prefecture {
	var list []Prefecture
	for _, m := range All() {
		if five := m.Code[:2] + "000"; len(list) == 0 || list[len(list)-1].Code[:2] != m.Code[:2] {
			list = append(list, Prefecture{five + string(CheckDigit(five)), m.Prefecture, prefectureKana[len(list)]})
		}
	}
	return list
})

// cutPrefecture takes a prefecture off the front: 東京都目黒区, 東京目黒, とうきょうとめぐろ.
func cutPrefecture(folded string) (prefecture, rest string) {
	for _, p := range Prefectures() {
		for _, form := range []string{p.Name, p.Kana, shortPrefecture(p.Name), strings.TrimRight(p.Kana, "トフケン")} {
			if after, ok := strings.CutPrefix(folded, japanese.Fold(form)); ok && form != "" && len(after) < len(folded) {
				return p.Name, after
			}
		}
	}
	return "", ""
}

// How well a name fits.
const (
	whole = iota
	begun
	within
	unfit
)

func fits(name, typed string) int {
	switch {
	case name == typed:
		return whole
	case strings.HasPrefix(name, typed):
		// めぐろ is all of めぐろく but its suffix.
		if rest := name[len(typed):]; rest == "市" || rest == "区" || rest == "町" || rest == "村" {
			return whole
		}
		return begun
	case utf8.RuneCountInString(typed) >= 2 && strings.Contains(name, typed):
		return within
	}
	return unfit
}

func findNames(typed, prefecture string, limit int) []Found {
	type ranked struct {
		name
		rank int
	}
	best := map[string]ranked{}
	for _, n := range names() {
		if prefecture != "" && (n.prefecture != prefecture || n.order == 0) {
			continue
		}
		rank := fits(n.folded, typed)
		if rank == unfit {
			continue
		}
		if before, known := best[n.code]; !known || rank < before.rank {
			best[n.code] = ranked{n, rank}
		}
	}
	list := make([]ranked, 0, len(best))
	for _, r := range best {
		list = append(list, r)
	}
	slices.SortFunc(list, func(a, b ranked) int { return cmp.Or(a.rank-b.rank, a.order-b.order, strings.Compare(a.code, b.code)) })
	var found []Found
	for _, r := range list[:min(len(list), limit)] {
		found = append(found, Found{Code: r.code})
	}
	return found
}

func findTowns(typed, prefecture string, limit int) []Found {
	var list []Found
	for _, t := range townsBeginning(typed, 50*limit) {
		if len(list) < limit && (prefecture == "" || t.Municipality.Prefecture == prefecture) {
			list = append(list, Found{t.Municipality.Code, t.Name})
		}
	}
	return list
}

func findSlips(typed string, limit int) []Found {
	runes := []rune(typed)
	var list []Found
	for _, n := range names() {
		if difference := len(n.folded) - len(typed); difference < -4 || difference > 4 || len(list) == limit {
			continue
		}
		if japanese.OneSlip([]rune(n.folded), runes) {
			list = append(list, Found{Code: n.code})
		}
	}
	return list
}
