package text

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
)

// Value is what Go fills into a text.
type Value struct {
	Name string
	Kind Kind
}

// Kind is what a value can be.
type Kind string

const (
	Number Kind = "number" // an int
	Plain  Kind = "text"   // a string, the same in every language
	Phrase Kind = "phrase" // another text
)

var (
	inBraces = regexp.MustCompile(`\{([^{}]*)\}`)
	noted    = regexp.MustCompile(`^\{([a-zA-Z][a-zA-Z0-9]*)\} (number|text|phrase): \S`)
)

// Values are those of a text in the order in which Go passes them: that of their notes.
func (e Entry) Values() ([]Value, error) {
	var values []Value
	for _, note := range e.Notes {
		match := noted.FindStringSubmatch(note)
		if match == nil {
			continue
		}
		if !strings.Contains(e.ID, "{"+match[1]+"}") {
			return nil, fmt.Errorf("the note on {%s} speaks of a value that is not there", match[1])
		}
		values = append(values, Value{match[1], Kind(match[2])})
	}
	for _, name := range valuesIn(e.ID) {
		if !slices.ContainsFunc(values, func(v Value) bool { return v.Name == name }) {
			return nil, fmt.Errorf("{%s} wants a note: “#. {%s} number: what it is” (or text, or phrase)", name, name)
		}
	}
	return values, nil
}

// counted is the value that chooses the plural: the first number.
func counted(values []Value) (Value, bool) {
	i := slices.IndexFunc(values, func(v Value) bool { return v.Kind == Number })
	if i < 0 {
		return Value{}, false
	}
	return values[i], true
}

// valuesIn are the names in braces, each once.
func valuesIn(s string) []string {
	var names []string
	for _, match := range inBraces.FindAllStringSubmatch(s, -1) {
		if !slices.Contains(names, match[1]) {
			names = append(names, match[1])
		}
	}
	return names
}
