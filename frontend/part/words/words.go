// Package words compares what somebody types with what there is, on the device alone: for the few texts that need no
// index on the portal.
package words

import "strings"

// Fold makes what people take for the same the same: width, case, katakana and hiragana.
func Fold(s string) string {
	return strings.Map(func(r rune) rune {
		if r >= 'ァ' && r <= 'ヶ' {
			return r - 'ァ' + 'ぁ'
		}
		return r
	}, strings.ToLower(usual(s)))
}

// usual is compatible, without asking the browser about what is usual already, as most texts are.
func usual(s string) string {
	if strings.ContainsFunc(s, isUnusual) {
		return compatible(s)
	}
	return s
}

// isUnusual says that NFKC may make something else of a character, or of it and the one before.
func isUnusual(r rune) bool {
	switch {
	case r < 0x80, r >= 'ぁ' && r <= 'ゖ', r >= 'ァ' && r <= 'ヺ', r >= '一' && r <= '鿿':
		return false
	}
	return !strings.ContainsRune("ー・、。「」『』", r)
}

// enough is the share of the pairs of letters of what was typed that a text must have to be an answer.
const enough = 0.6

// In says how well a text answers what was typed, from 0 (not at all) to 2: it holds all of the words, or most of their
// pairs of letters, as a sentence does that says the same in other forms.
func In(text, typed string) float64 { return Of(typed).In(Fold(text)) }

// Typed is what was typed, made ready to be compared with many texts.
type Typed struct{ words, pairs []string }

// Of makes ready what was typed.
func Of(typed string) Typed {
	t := Typed{words: strings.Fields(Fold(typed))}
	letters := []rune(strings.Join(t.words, ""))
	if len(letters) < 4 {
		return t // a pair or two says nothing
	}
	for i := range len(letters) - 1 {
		t.pairs = append(t.pairs, string(letters[i:i+2]))
	}
	return t
}

// In is In of a text that was folded before.
func (t Typed) In(folded string) float64 {
	if len(t.words) == 0 {
		return 0
	}
	whole := true
	for _, word := range t.words {
		whole = whole && strings.Contains(folded, word)
	}
	if whole {
		return 2
	}
	found := 0
	for _, pair := range t.pairs {
		if strings.Contains(folded, pair) {
			found++
		}
	}
	if share := float64(found) / float64(max(1, len(t.pairs))); share >= enough {
		return share
	}
	return 0
}

// Complete is what to search for: while an input method is at work, Latin letters at the end are a syllable that is not
// complete.
func Complete(value string, composing bool) string {
	if !composing {
		return value
	}
	if kana := strings.TrimRightFunc(value, isLatin); kana != "" {
		return kana
	}
	return value
}

func isLatin(r rune) bool {
	return r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= 'ａ' && r <= 'ｚ' || r >= 'Ａ' && r <= 'Ｚ'
}
