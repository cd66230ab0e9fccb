package municipality

import (
	"slices"
	"strings"
	"sync"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"

	"madoguchi/backend/japan/japanese"
)

// kindWords follow or stand for 市区町村 in romaji and in English.
var kindWords = []string{
	"ku", "shi", "cho", "machi", "mura", "son", "to", "fu", "ken", "gun", "city", "ward", "town", "village",
	"prefecture", "pref", "metropolis", "japan",
}

// kindNames are what a word behind a name says of its kind.
var kindNames = map[string]string{
	"ku": "区", "ward": "区", "shi": "市", "city": "市区", "cho": "町", "machi": "町", "town": "町", "mura": "村",
	"son": "村", "village": "村",
	"to": "都", "fu": "府", "ken": "県", "pref": "都道府県", "prefecture": "都道府県", "metropolis": "都",
}

// latin is a word in Latin letters, and the kinds of place that it was said to be; "" when it was not.
type latin struct{ word, kinds string }

// is says whether a place is of the kind that was said.
func (l latin) is(p *place) bool {
	last, _ := utf8.DecodeLastRuneInString(p.inside[0])
	return l.kinds == "" || strings.ContainsRune(l.kinds, last)
}

// romajiWords are the words of a text in Latin letters, without marks and what only says the kind of place; nil for a
// text in anything else.
func romajiWords(typed string) []latin {
	var plain strings.Builder
	for _, r := range strings.ToLower(norm.NFKD.String(typed)) {
		switch {
		case unicode.Is(unicode.Mn, r): // ō
		case r >= 'a' && r <= 'z' || r == '\'' || r == '-':
			plain.WriteRune(r)
		case r == ' ' || r == ',' || r == '.' || r >= '0' && r <= '9': // the numbers of a house find nothing
			plain.WriteByte(' ')
		default:
			return nil
		}
	}
	var words []latin
	for word := range strings.FieldsSeq(plain.String()) {
		kinds := ""
		if base, kind, ok := strings.Cut(word, "-"); ok && slices.Contains(kindWords, kind) {
			word, kinds = base, kindNames[kind]
		}
		word = strings.NewReplacer("-", "", "mb", "nb", "mp", "np", "mm", "nm").Replace(word)
		switch last := len(words) - 1; {
		case word == "":
		case last < 0 || !slices.Contains(kindWords, word):
			words = append(words, latin{shortened(word), kinds})
		case words[last].kinds == "":
			words[last].kinds = kindNames[word]
		}
	}
	return words
}

// shortened drops the h by which passports tell a long o: Ohsaka, Ohta.
func shortened(word string) string {
	for i := 0; i+2 < len(word); i++ {
		if word[i:i+2] == "oh" && !strings.ContainsRune("aiueo", rune(word[i+2])) {
			word = word[:i+1] + word[i+2:]
		}
	}
	return word
}

// spoken makes alike the readings that romaji does not tell apart: long vowels are short, ぢ is じ. とうきょう, とーきょー and ときょ
// are one.
func spoken(kana string) string {
	var b strings.Builder
	var last rune
	for _, r := range kana {
		switch {
		case r == 'ー',
			r == 'う' && strings.ContainsRune("おこそとのほもよろごぞどぼぽょうくすつぬふむゆるぐずぶぷゅ", last),
			r == 'お' && strings.ContainsRune("おこそとのほもよろごぞどぼぽょ", last):
			continue
		case r == 'ぢ':
			r = 'じ'
		case r == 'づ':
			r = 'ず'
		}
		b.WriteRune(r)
		last = r
	}
	return b.String()
}

// spokenForms are the readings of each of places(), as spoken makes them.
var spokenForms = sync.OnceValue(func() [][]string {
	forms := make([][]string, len(places()))
	for i := range places() {
		for _, form := range places()[i].whole {
			if !strings.ContainsFunc(form, japanese.IsKanji) {
				forms[i] = append(forms[i], spoken(form))
			}
		}
	}
	return forms
})

// syllablesOf reads a word as far as it is typed; whole says that nothing is left over: "megur" is めぐ.
func syllablesOf(word string) (kana string, whole bool) {
	for end := len(word); end > 0 && end >= len(word)-2; end-- {
		if kana, ok := japanese.Kana(word[:end]); ok {
			return spoken(kana), end == len(word)
		}
	}
	return "", false
}

// mostWords is how many words of romaji are read: the names of a place, its city and its prefecture, and one more.
const mostWords = 4

// romaji finds places by words in Latin letters: the name of one, with those of places it lies in before or behind it.
func (f *finder) romaji(words []latin) {
	if len(words) > mostWords {
		return
	}
	type fit struct {
		place *place
		match Match
	}
	fits := make([][]fit, len(words))
	for w, word := range words {
		kana, whole := syllablesOf(word.word)
		if kana == "" {
			return
		}
		for i, forms := range spokenForms() {
			switch {
			case whole && slices.Contains(forms, kana) && word.is(&places()[i]):
				fits[w] = append(fits[w], fit{&places()[i], Whole})
			case slices.ContainsFunc(forms, func(form string) bool { return strings.HasPrefix(form, kana) }):
				fits[w] = append(fits[w], fit{&places()[i], Begun})
			}
		}
	}
	for name := range fits {
		for _, candidate := range fits[name] {
			lies := true
			for other := range fits {
				lies = lies && (other == name ||
					slices.ContainsFunc(fits[other], func(around fit) bool {
						return around.place.area.contains(candidate.place.area)
					}))
			}
			if !lies {
				continue
			}
			p := candidate.place
			f.list = append(f.list, Found{Code: p.code, Kind: p.kind, Why: candidate.match})
			if candidate.match == Whole && p.kind == KindPrefecture {
				f.members(p.area)
			}
		}
	}
}

// romajiTowns finds a town by words in Latin letters: its name, with those of places it lies in behind or before it. Of
// a name that is not known, the place it stands with is found.
func (f *finder) romajiTowns(words []latin) {
	if len(words) == 1 {
		f.spokenTowns(words[0].word, area{0, len(All())})
		return
	}
	last := len(words) - 1
	for _, way := range []struct {
		town   string
		places []latin
	}{{words[0].word, words[1:]}, {words[last].word, words[:last]}} {
		around := finder{limit: f.limit}
		around.romaji(way.places)
		for _, found := range around.list {
			if found.Why != Whole {
				continue
			}
			f.spokenTowns(way.town, areaOf(found.Code))
			f.list = append(f.list, Found{Code: found.Code, Kind: found.Kind, Why: Front})
		}
	}
}

func areaOf(code string) area {
	for i := range places() {
		if places()[i].code == code {
			return places()[i].area
		}
	}
	return area{}
}

// spokenTowns finds towns in an area by a reading in which long vowels may be short.
func (f *finder) spokenTowns(word string, in area) {
	kana, whole := syllablesOf(word)
	if !whole || utf8.RuneCountInString(kana) < 2 {
		return
	}
	t := postal()
	var try func(before string, rest []rune)
	try = func(before string, rest []rune) {
		from, to, isWhole := t.formsBeginning(before)
		if from == to {
			return
		}
		if len(rest) == 0 {
			if isWhole {
				f.towns(t, from, from+1, in, WholeTown)
			}
			for _, long := range []string{"う", "お", "ー"} {
				if from, _, ok := t.formsBeginning(before + long); ok && spoken(before+long) == spoken(before) {
					f.towns(t, from, from+1, in, WholeTown)
				}
			}
			return
		}
		try(before+string(rest[0]), rest[1:])
		if other := twin(rest[0]); other != 0 {
			try(before+string(other), rest[1:])
		}
		for _, long := range "うおー" {
			if before != "" && spoken(before+string(long)) == spoken(before) {
				try(before+string(long), rest)
			}
		}
	}
	try("", []rune(kana))
}

// twin is the other kana of a sound; 0 for none.
func twin(r rune) rune {
	switch r {
	case 'じ':
		return 'ぢ'
	case 'ず':
		return 'づ'
	}
	return 0
}
