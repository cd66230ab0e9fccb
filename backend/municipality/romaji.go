package municipality

import (
	"slices"
	"strings"
	"sync"
	"unicode"

	"golang.org/x/text/unicode/norm"

	"madoguchi/backend/japanese"
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
		case r == ' ' || r == ',' || r == '.':
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
