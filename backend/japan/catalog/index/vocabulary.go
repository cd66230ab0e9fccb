package index

import (
	"slices"
	"unicode/utf8"

	"madoguchi/backend/japan/japanese"
)

// vocabulary finds the word that was meant by one with a slip of typing: a character too many, too few, another, or two
// in each other's place. It looks words up by what is left of them without one character (SymSpell), so that its size
// does not matter.
type vocabulary struct {
	words   map[string]int32    // a term and how many definitions know it
	without map[string][]string // a term without one of its characters: the terms
}

const (
	shortestTerm = 3
	longestTerm  = 24
)

func newVocabulary() *vocabulary { return &vocabulary{words: map[string]int32{}} }

func (v *vocabulary) add(term string) {
	if n := utf8.RuneCountInString(term); n >= shortestTerm && n <= longestTerm {
		v.words[term]++
	}
}

func (v *vocabulary) finish() {
	v.without = make(map[string][]string, 8*len(v.words))
	for term := range v.words {
		for _, shorter := range shortened(term) {
			v.without[shorter] = append(v.without[shorter], term)
		}
	}
}

// shortened gives the word without each of its characters.
func shortened(word string) []string {
	runes := []rune(word)
	list := make([]string, 0, len(runes))
	for i := range runes {
		list = append(list, string(runes[:i])+string(runes[i+1:]))
	}
	slices.Sort(list)
	return slices.Compact(list)
}

// nearest returns the term one slip away that most definitions know; the first in order of code points among equals.
func (v *vocabulary) nearest(word string) (string, bool) {
	if n := utf8.RuneCountInString(word); n < shortestTerm || n > longestTerm {
		return "", false
	}
	best, count := "", int32(0)
	consider := func(term string) {
		if term == word || !japanese.OneSlip([]rune(term), []rune(word)) {
			return
		}
		if n := v.words[term]; n > count || n == count && term < best {
			best, count = term, n
		}
	}
	for _, term := range v.without[word] { // one too few
		consider(term)
	}
	for _, shorter := range shortened(word) {
		if _, known := v.words[shorter]; known { // one too many
			consider(shorter)
		}
		for _, term := range v.without[shorter] { // another one, or two exchanged
			consider(term)
		}
	}
	return best, count > 0
}
