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
	}, strings.ToLower(compatible(s)))
}

// enough is the share of the pairs of letters of what was typed that a text must have to be an answer.
const enough = 0.6

// In says how well a text answers what was typed, from 0 (not at all) to 2: it holds all of the words, or most of their
// pairs of letters, as a sentence does that says the same in other forms.
func In(text, typed string) float64 {
	text, typed = Fold(text), strings.TrimSpace(Fold(typed))
	if typed == "" {
		return 0
	}
	whole := true
	for word := range strings.FieldsSeq(typed) {
		whole = whole && strings.Contains(text, word)
	}
	if whole {
		return 2
	}
	letters := []rune(strings.Join(strings.Fields(typed), ""))
	if len(letters) < 4 {
		return 0 // a pair or two says nothing
	}
	found := 0
	for i := range len(letters) - 1 {
		if strings.Contains(text, string(letters[i:i+2])) {
			found++
		}
	}
	if share := float64(found) / float64(len(letters)-1); share >= enough {
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
