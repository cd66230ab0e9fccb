package text

import (
	"errors"
	"fmt"
	"go/token"
	"path"
	"slices"
	"strings"
	"unicode"

	"madoguchi/proto/reading"
)

// Check says what is wrong with the texts, a line each: with file, line, name and what to do.
func (t *Texts) Check() error {
	terms, err := Glossary()
	if err != nil {
		return err
	}
	var wrong []error
	for _, f := range t.Features {
		wrong = append(wrong, t.checkSource(f)...)
		wrong = append(wrong, checkWords(f, terms)...)
		for code := range f.Translations {
			if !slices.ContainsFunc(t.Languages, func(l Language) bool { return l.Code == code }) {
				wrong = append(wrong, fmt.Errorf(
					"%s/%s.po: no language of that name has a file in %s", f.Name, code, aboutItself,
				))
			}
		}
		for _, l := range t.Languages {
			if l.Code != japanese {
				wrong = append(wrong, checkTranslation(f, l)...)
			}
		}
	}
	return errors.Join(wrong...)
}

func (t *Texts) checkSource(f Feature) []error {
	var wrong []error
	seen := map[string]bool{}
	named := strings.HasPrefix(f.Name, ofPortal)
	if named != f.Portal() || named && f.Name != ofPortal+path.Base(f.Room()) {
		wrong = append(wrong, fmt.Errorf(
			"%s: the texts of backend/…/room stand in %sroom, with X-Room in the header", f.Source.Path, ofPortal,
		))
	}
	say := func(e Entry, format string, args ...any) {
		wrong = append(wrong, fmt.Errorf("%s:%d: %s: %s", f.Source.Path, e.Line, e.Key, fmt.Sprintf(format, args...)))
	}
	for _, e := range f.Source.Entries {
		if !token.IsIdentifier(e.Key) {
			say(e, "msgctxt is to be a name for Go")
		}
		if seen[e.Key] {
			say(e, "a second text of this name")
		}
		seen[e.Key] = true
		if strings.Join(e.Strings, "") != "" {
			say(e, "a template has no translation: the Japanese is its msgid")
		}
		if err := checkForm(e.ID, f.Portal(), false); err != nil {
			say(e, "%v", err)
		}
		values, err := e.Values()
		if err != nil {
			say(e, "%v", err)
		}
		if len(values) > 4 {
			say(e, "more than four values: split the text")
		}
		if _, counts := counted(values); e.Plural != "" && (!counts || e.Plural != e.ID) {
			say(e, "msgid_plural stands beside a value that is a number, and is the msgid again")
		}
	}
	return wrong
}

func checkWords(f Feature, terms []Term) []error {
	var wrong []error
	for _, e := range f.Source.Entries {
		for _, term := range terms {
			if err := term.check(e.ID); err != nil {
				wrong = append(wrong, fmt.Errorf("%s:%d: %s: %w", f.Source.Path, e.Line, e.Key, err))
			}
		}
	}
	return wrong
}

func checkTranslation(f Feature, l Language) []error {
	file := f.Translations[l.Code]
	if file == nil {
		return []error{fmt.Errorf("%s/%s%s is missing: 'make text' writes it", f.Name, l.Code, ending)}
	}
	var wrong []error
	say := func(line int, key, format string, args ...any) {
		wrong = append(wrong, fmt.Errorf("%s:%d: %s: %s", file.Path, line, key, fmt.Sprintf(format, args...)))
	}
	translated := map[string]Entry{}
	for _, e := range file.Entries {
		if _, twice := translated[e.Key]; twice {
			say(e.Line, e.Key, "a second text of this name")
		}
		translated[e.Key] = e
		if !slices.ContainsFunc(f.Source.Entries, func(s Entry) bool { return s.Key == e.Key }) {
			say(e.Line, e.Key, "%s has no such text: 'make text' takes it away", f.Source.Path)
		}
	}
	for _, source := range f.Source.Entries {
		e, there := translated[source.Key]
		if !there {
			say(0, source.Key, "missing: 'make text' writes it, to be translated")
			continue
		}
		for _, err := range f.checkEntry(source, e, l) {
			say(e.Line, e.Key, "%v", err)
		}
	}
	return wrong
}

func (f *Feature) checkEntry(source, e Entry, l Language) []error {
	var wrong []error
	if e.ID != source.ID || e.Plural != source.Plural {
		wrong = append(wrong, errors.New("the Japanese is another: 'make text' brings it here"))
	}
	if slices.Contains(e.Flags, "fuzzy") {
		wrong = append(wrong, errors.New(
			"the Japanese has changed: see whether this still says it, then take the word fuzzy away",
		))
	}
	forms := 1
	if source.Plural != "" {
		forms = l.plural.forms
	}
	if len(e.Strings) != forms {
		return append(wrong, fmt.Errorf("%d forms, %s has %d", len(e.Strings), l.Code, forms))
	}
	values, err := source.Values()
	if err != nil {
		return wrong // said of the Japanese
	}
	number, _ := counted(values)
	for _, form := range e.Strings {
		if err := checkForm(form, f.Portal(), l.Readings); err != nil {
			wrong = append(wrong, err)
		}
		named := valuesIn(form)
		for _, v := range values {
			// "one notice" needs no number.
			if !slices.Contains(named, v.Name) && (forms == 1 || v != number) {
				wrong = append(wrong, fmt.Errorf("{%s} is missing", v.Name))
			}
		}
		for _, name := range named {
			if !slices.ContainsFunc(values, func(v Value) bool { return v.Name == name }) {
				wrong = append(wrong, fmt.Errorf("the Japanese has no {%s}", name))
			}
		}
	}
	return wrong
}

// checkForm looks at a text by itself.
func checkForm(s string, lines, readings bool) error {
	outside := inBraces.ReplaceAllString(s, "")
	switch {
	case strings.TrimSpace(s) == "":
		return errors.New("there is no text")
	case strings.ContainsAny(outside, "{}"):
		return errors.New("a brace by itself: they stand around values")
	case strings.ContainsFunc(s, func(r rune) bool { return unicode.IsControl(r) && (r != '\n' || !lines) }):
		return errors.New("a text is one line")
	case strings.HasPrefix(s, headed):
		return errors.New("no text begins with " + headed)
	case readings:
		return reading.Check(s)
	}
	return nil
}
