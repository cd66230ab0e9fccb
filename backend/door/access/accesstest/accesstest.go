// Package accesstest makes the authorisation tests out of the contract: every RPC × every kind of caller, and what must
// come of it.
//
// What must come of it is read off the option as it stands in the proto, word by word, not asked of access.Judge: a
// mistake there fails the tests.
package accesstest

import (
	"fmt"
	"slices"
	"strings"

	"google.golang.org/protobuf/reflect/protoreflect"

	"madoguchi/backend/door/access"
)

// Case is one RPC called by one kind of caller.
type Case struct {
	Procedure string
	As        string // the caller's name among those given
	Want      access.Verdict
}

// Cases crosses every procedure with every caller. A caller's name says what it is: "nobody", "newcomer", "citizen",
// "agent" (a citizen who acts for another) or "office", then, after a + each, what a person has just shown the card
// for, an agent's mandate, or an office's duties, or what distinguishes it otherwise: "citizen+account.close",
// "agent+notice", "office+notice+person", "nobody+forged".
func Cases(rules access.Rules, callers ...string) []Case {
	var cases []Case
	for _, procedure := range rules.Procedures() {
		words := wordsOf(rules[procedure].ProtoReflect())
		for _, caller := range callers {
			cases = append(cases, Case{Procedure: procedure, As: caller, Want: expect(words, caller)})
		}
	}
	return cases
}

// wordsOf gives the option's fields that are set, text as name=text.
func wordsOf(option protoreflect.Message) []string {
	var words []string
	option.Range(func(field protoreflect.FieldDescriptor, value protoreflect.Value) bool {
		word := string(field.Name())
		if field.Kind() == protoreflect.StringKind {
			word = fmt.Sprintf("%s=%s", word, value)
		}
		words = append(words, word)
		return true
	})
	return words
}

func expect(words []string, caller string) access.Verdict {
	parts := strings.Split(caller, "+")
	kind, has := parts[0], parts[1:]
	asks := func(name string) (string, bool) {
		for _, word := range words {
			if text, ok := strings.CutPrefix(word, name+"="); ok {
				return text, true
			}
		}
		return "", false
	}
	fits := slices.Contains(words, "anyone") ||
		(kind == "newcomer" || kind == "citizen") && slices.Contains(words, kind)
	for ofKind, word := range map[string]string{"office": "office_duty", "agent": "agent"} {
		if needed, ok := asks(word); ok && kind == ofKind {
			fits = fits || slices.Contains(has, needed)
		}
	}
	switch purpose, again := asks("card_purpose"); {
	case !fits && kind == "nobody":
		return access.NotLoggedIn
	case !fits:
		return access.NotAllowed
	case again && !slices.Contains(has, purpose):
		return access.CardAgain
	}
	return access.Allowed
}
