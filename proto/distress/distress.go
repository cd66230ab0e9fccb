// Package distress recognises, in what somebody types into a search field, words of suicide, violence, abuse,
// emergency and hardship, and says who helps by telephone at once. Page and portal share it, so that the words are
// understood where they are typed and need not be sent to anybody.
//
// It errs on the side of showing help; ordinary searches that merely sound alike (死亡届, 暴力団排除) are known by name
// (ordinary). It is not the search, keeps nothing, and logs nothing.
package distress

import (
	"slices"
	"strings"
)

// Kind is what somebody seems to need help with.
type Kind int

// Kinds in the order of urgency, in which their helplines stand.
const (
	Emergency Kind = iota + 1
	Suicide
	Violence
	Abuse
	Hardship
)

// maxQuery is how much of a text is looked at: a search field takes 200 characters.
const maxQuery = 1000

// Find names the kinds of distress that a text speaks of, most urgent first; nil for an ordinary one.
func Find(text string) []Kind {
	if runes := []rune(text); len(runes) > maxQuery {
		text = string(runes[:maxQuery])
	}
	folded, latin := fold(text)
	if folded == "" {
		return nil
	}
	for _, phrase := range ordinary {
		folded = strings.ReplaceAll(folded, phrase, "|")
	}
	var found []Kind
	for _, rule := range rules {
		if rule.fits(folded, latin) && !slices.Contains(found, rule.kind) {
			found = append(found, rule.kind)
		}
	}
	slices.Sort(found)
	return found
}

// rule says what words a kind is known by: alone when they are all that was typed, within when they stand anywhere,
// together when all of one group do (separated by +), latin as whole words one after another.
type rule struct {
	kind     Kind
	alone    []string
	within   []string
	together []string
	latin    []string
}

func (r rule) fits(folded string, latin []string) bool {
	if slices.Contains(r.alone, folded) {
		return true
	}
	for _, word := range r.within {
		if strings.Contains(folded, word) {
			return true
		}
	}
	for _, group := range r.together {
		all := true
		for part := range strings.SplitSeq(group, "+") {
			all = all && strings.Contains(folded, part)
		}
		if all {
			return true
		}
	}
	for _, phrase := range r.latin {
		if hasPhrase(latin, strings.Fields(phrase)) {
			return true
		}
	}
	return false
}

// hasPhrase finds words one after another; those in slippery may have one slip of a finger.
func hasPhrase(words, phrase []string) bool {
	for i := 0; i+len(phrase) <= len(words); i++ {
		all := true
		for j, want := range phrase {
			all = all && same(words[i+j], want)
		}
		if all {
			return true
		}
	}
	return false
}

// slippery are words that are still themselves with a slip in them, for no other word is so near.
var slippery = []string{"suicide", "suicidal", "domestic", "violence", "ambulance", "emergency", "myself", "overdose", "homeless"}

func same(typed, want string) bool {
	return typed == want || slices.Contains(slippery, want) && oneSlip(typed, want)
}

// oneSlip says whether two words differ by one letter added, left out or wrong, or by two that changed places.
func oneSlip(a, b string) bool {
	if len(a) > len(b) {
		a, b = b, a
	}
	if len(b)-len(a) > 1 {
		return false
	}
	i := 0
	for i < len(a) && a[i] == b[i] {
		i++
	}
	if len(a) < len(b) {
		return a[i:] == b[i+1:]
	}
	if i >= len(a)-1 || a[i+1:] == b[i+1:] {
		return true
	}
	return a[i] == b[i+1] && a[i+1] == b[i] && a[i+2:] == b[i+2:]
}
