package lang

import (
	"maps"
	"strings"
	"sync/atomic"
)

// Texts are those of a feature, as static/text/<Name> has them.
type Texts struct{ Name string }

// Language is one that the page speaks, as the header of its file in static/text/lang describes it.
type Language struct {
	Code Code
	// Name is what it calls itself.
	Name string
	// HTML is the value of the lang attribute: やさしい日本語 is Japanese to a screen reader.
	HTML string
	// Data is the language in which it shows data that come in Japanese, English and やさしい日本語 alone.
	Data Code
	// Readings tells that 漢字《かんじ》 is markup in its texts.
	Readings bool
	plurals  string
}

// All lists the languages in the order of the selector.
var All []Code

// loaded are the languages that were described, and of those whose texts are there the texts. It is replaced, never
// changed.
var loaded atomic.Pointer[catalogue]

type catalogue struct {
	languages map[Code]Language
	texts     map[Code]map[string][]string
}

// load takes the texts of a language, as static/text/page.go writes them.
func load(file string) Code {
	all := catalogue{languages: map[Code]Language{}, texts: map[Code]map[string][]string{}}
	if before := loaded.Load(); before != nil {
		all.texts = maps.Clone(before.texts)
	}
	lines := strings.Split(strings.TrimSuffix(file, "\n"), "\n")
	own, lines := Code(lines[0]), lines[1:]
	All = nil
	for len(lines) > 0 && !strings.HasPrefix(lines[0], "=") {
		l := readLanguage(lines[0])
		all.languages[l.Code] = l
		All = append(All, l.Code)
		lines = lines[1:]
	}
	texts := map[string][]string{}
	begin, name := 0, ""
	for i, line := range lines {
		if heading, ok := strings.CutPrefix(line, "="); ok {
			texts[name] = lines[begin:i]
			begin, name = i+1, heading
		}
	}
	texts[name] = lines[begin:]
	all.texts[own] = texts
	loaded.Store(&all)
	return own
}

func readLanguage(line string) Language {
	var f [6]string
	copy(f[:], strings.Split(line, "\t"))
	return Language{Code: Code(f[0]), Name: f[1], HTML: f[2], Data: Code(f[3]), Readings: f[4] != "", plurals: f[5]}
}

// Describe is what is known of a language.
func Describe(c Code) Language { return describe(c) }

func describe(c Code) Language {
	if all := loaded.Load(); all != nil {
		return all.languages[c]
	}
	return Language{}
}

// Has tells whether the texts of a language are there.
func Has(c Code) bool {
	all := loaded.Load()
	return all != nil && all.texts[c] != nil
}

// form is the text's form for its values.
func (t *Texts) form(c Code, n int, values []any) string {
	all := loaded.Load()
	if all == nil {
		return ""
	}
	lines := all.texts[c][t.Name]
	if n >= len(lines) {
		return ""
	}
	one, rest, plural := strings.Cut(lines[n], parted)
	if !plural {
		return one
	}
	forms := append([]string{one}, strings.Split(rest, parted)...)
	return forms[min(len(forms)-1, all.languages[c].pluralOf(values))]
}

const parted = "\x1f"

// pluralOf is the number of the form that the first number among the values wants. The table has one for each number
// below 200; a number above is looked up by its last two digits.
func (l Language) pluralOf(values []any) int {
	for _, v := range values {
		if n, ok := v.(int); ok {
			n = max(n, -n)
			if n >= len(l.plurals) && n >= 100 {
				n = 100 + n%100
			}
			if n < len(l.plurals) {
				return int(l.plurals[n] - '0')
			}
		}
	}
	return 0
}
