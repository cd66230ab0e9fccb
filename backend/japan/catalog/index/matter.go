package index

import (
	"slices"
	"strings"
	"unicode/utf8"

	"madoguchi/backend/japan/japanese"
)

// matter is what words are held against.
type matter struct {
	title   term
	terms   []term // the title's words, names, readings, keywords
	summary string // folded
	grams   []japanese.Gram
}

// term is a folded text without blanks, as it is and without okurigana.
type term struct {
	folded, bare string
	length       int // of folded, in characters
	bareLength   int
}

func newTerm(folded string) term {
	t := term{folded: strings.ReplaceAll(folded, " ", "")}
	t.bare = japanese.Bare(t.folded)
	if t.bare == t.folded {
		t.bare = t.folded // one string, not two
	}
	t.length, t.bareLength = utf8.RuneCountInString(t.folded), utf8.RuneCountInString(t.bare)
	return t
}

func newMatter(title string, terms []string) matter {
	m := matter{title: newTerm(japanese.Fold(title))}
	for _, s := range terms {
		folded := japanese.Fold(s)
		if folded == "" {
			continue
		}
		m.add(newTerm(folded))
		m.grams = japanese.Grams(m.grams, folded)
		if bare := japanese.Bare(folded); bare != folded {
			m.grams = japanese.Grams(m.grams, bare)
		}
	}
	// 【災害】罹災証明書: each part is a term of its own.
	for part := range strings.FieldsSeq(japanese.Fold(title)) {
		m.add(newTerm(part))
	}
	slices.Sort(m.grams)
	m.grams = slices.Clip(slices.Compact(m.grams))
	m.terms = slices.Clip(m.terms)
	return m
}

func (m *matter) add(t term) {
	if !slices.Contains(m.terms, t) {
		m.terms = append(m.terms, t)
	}
}

func (m *matter) has(g japanese.Gram) bool {
	_, ok := slices.BinarySearch(m.grams, g)
	return ok
}

func (m *matter) bytes() int {
	n := 4*cap(m.grams) + len(m.summary) + 64
	for _, t := range m.terms {
		n += len(t.folded) + 48
		if t.bare != t.folded {
			n += len(t.bare)
		}
	}
	return n
}

// score says how well a word fits the matter, from 0 to 1.
func (m *matter) score(w *word) float64 {
	covered := 0.0
	for i, g := range w.pairs {
		if m.has(g) {
			covered += w.weights[i]
		}
	}
	if w.latin && covered < latinCover {
		covered = 0
	}
	share := w.share
	best := share * covered
	if w.bare != w.folded {
		covered = 0
		for i, g := range w.barePairs {
			if m.has(g) {
				covered += w.bareWeights[i]
			}
		}
		best = max(best, share*covered)
	}
	if best == 0 { // not one pair in common: no term can contain it
		return m.summaryScore(w)
	}
	known := 0
	for i := range m.terms {
		t := &m.terms[i]
		s := fit(t.folded, t.length, w.folded, w.length)
		if w.bareLength > 1 && (t.bare != t.folded || w.bare != w.folded) {
			s = max(s, fit(t.bare, t.bareLength, w.bare, w.bareLength)-bareTermLoss)
		}
		best = max(best, s)
		if s > 0 {
			known++
		}
	}
	spoken := min(termBonusMax, termBonus*float64(known))
	best += spoken + titleBonus*fit(m.title.folded, m.title.length, w.folded, w.length)
	return max(best, m.summaryScore(w))
}

func (m *matter) summaryScore(w *word) float64 { return inSummary(m.summary, w) }

func inSummary(summary string, w *word) float64 {
	if w.length < 2 || summary == "" {
		return 0
	}
	if strings.Contains(summary, w.folded) {
		return summaryContains
	}
	return 0
}

// fit compares one term with one word.
func fit(term string, termLength int, word string, wordLength int) float64 {
	if termLength == 0 || wordLength == 0 {
		return 0
	}
	if termLength >= wordLength {
		ratio := float64(wordLength) / float64(termLength)
		switch at := strings.Index(term, word); {
		case at < 0:
			return 0
		case termLength == wordLength:
			return termIsWord
		case at == 0:
			return termBegins + termRatio*ratio
		case wordLength == 1:
			return termContainsSign
		default:
			return termContains + termRatio*ratio
		}
	}
	if termLength < 2 || !strings.Contains(word, term) {
		return 0
	}
	return wordContains + wordRatio*float64(termLength)/float64(wordLength)
}
