package index

import (
	"slices"
	"strings"
	"unicode/utf8"

	"madoguchi/backend/japan/japanese"
)

// vocabulary finds the word that was meant by one with a slip of typing: a character too many, too few, another, or two
// in each other's place. It looks words up by what is left of them without one character (SymSpell), so that its size
// does not matter.
type vocabulary struct {
	words   map[string]int32 // a term and how many definitions know it
	without []lack           // sorted: a map of nearly as many keys as terms have characters takes much more room
}

// lack is a term without one of its characters.
type lack struct{ shorter, term string }

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
	characters := 0
	for term := range v.words {
		characters += utf8.RuneCountInString(term)
	}
	v.without = make([]lack, 0, characters)
	for term := range v.words {
		for _, shorter := range shortened(term) {
			v.without = append(v.without, lack{shorter, term})
		}
	}
	slices.SortFunc(v.without, func(a, b lack) int { return strings.Compare(a.shorter, b.shorter) })
}

// lacking are the terms of which this is left without one of their characters.
func (v *vocabulary) lacking(shorter string) []lack {
	from, _ := slices.BinarySearchFunc(v.without, shorter, func(l lack, s string) int {
		return strings.Compare(l.shorter, s)
	})
	to := from
	for to < len(v.without) && v.without[to].shorter == shorter {
		to++
	}
	return v.without[from:to]
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
	for _, l := range v.lacking(word) { // one too few
		consider(l.term)
	}
	for _, shorter := range shortened(word) {
		if _, known := v.words[shorter]; known { // one too many
			consider(shorter)
		}
		for _, l := range v.lacking(shorter) { // another one, or two exchanged
			consider(l.term)
		}
	}
	return best, count > 0
}
