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
	"ku", "shi", "cho", "machi", "mura", "son", "to", "fu", "ken", "gun", "city", "ward", "town", "village", "prefecture", "pref", "metropolis", "japan",
}

// romajiWords are the words of a text in Latin letters, without marks and what only says the kind of place; nil for a text in anything else.
func romajiWords(typed string) []string {
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
	var words []string
	for word := range strings.FieldsSeq(plain.String()) {
		if base, kind, ok := strings.Cut(word, "-"); ok && slices.Contains(kindWords, kind) {
			word = base
		}
		word = strings.NewReplacer("-", "", "mb", "nb", "mp", "np", "mm", "nm").Replace(word)
		if word != "" && (len(words) == 0 || !slices.Contains(kindWords, word)) {
			words = append(words, word)
		}
	}
	return words
}

// spoken makes alike the readings that romaji does not tell apart: long vowels are short, ぢ is じ. とうきょう, とーきょー and ときょ are one.
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
func (f *finder) romaji(words []string) {
	if len(words) > mostWords {
		return
	}
	type fit struct {
		place *place
		match Match
	}
	fits := make([][]fit, len(words))
	for w, word := range words {
		kana, whole := syllablesOf(word)
		if kana == "" {
			return
		}
		for i, forms := range spokenForms() {
			switch {
			case whole && slices.Contains(forms, kana):
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
				lies = lies && (other == name || slices.ContainsFunc(fits[other], func(around fit) bool { return around.place.area.contains(candidate.place.area) }))
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
func (f *finder) romajiTowns(words []string) {
	if len(words) == 1 {
		f.spokenTowns(words[0], area{0, len(All())})
		return
	}
	last := len(words) - 1
	for _, way := range []struct {
		town   string
		places []string
	}{{words[0], words[1:]}, {words[last], words[:last]}} {
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
