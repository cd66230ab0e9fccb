package text

import (
	"slices"
)

// Updated is a language's file of a feature as the Japanese wants it now: the texts in its order, with its notes. What
// is new waits to be translated; where the Japanese is another than what was translated, the translation is fuzzy until
// somebody has looked at it.
func (f *Feature) Updated(l Language) *File {
	old := f.Translations[l.Code]
	file := &File{Path: f.Name + "/" + l.Code + ending, Header: header(l)}
	if old != nil {
		file.Head, file.Header = old.Head, old.Header
	}
	for _, source := range f.Source.Entries {
		e := Entry{Key: source.Key}
		if old != nil {
			if i := slices.IndexFunc(old.Entries, func(e Entry) bool { return e.Key == source.Key }); i >= 0 {
				e = old.Entries[i]
			}
		}
		file.Entries = append(file.Entries, e.updated(source, l))
	}
	return file
}

func (e Entry) updated(source Entry, l Language) Entry {
	forms := 1
	if source.Plural != "" {
		forms = l.plural.forms
	}
	translated := len(e.Strings) > 0 && e.Strings[0] != ""
	if translated && (e.ID != source.ID || len(e.Strings) != forms) {
		if e.ID != source.ID {
			e.Before = e.ID
		}
		e.flag("fuzzy")
	}
	if !slices.Contains(e.Flags, "fuzzy") {
		e.Before = ""
	}
	for len(e.Strings) < forms {
		e.Strings = append(e.Strings, "")
	}
	e.Strings = e.Strings[:forms]
	e.ID, e.Plural, e.Notes = source.ID, source.Plural, source.Notes
	if len(valuesIn(source.ID)) > 0 {
		e.flag(braces)
	}
	return e
}

// braces is what tools check values by: each that the Japanese has is in the translation.
const braces = "python-brace-format"

// UpdatedSource is the template with the flags that its texts want.
func (f *Feature) UpdatedSource() *File {
	file := *f.Source
	file.Entries = slices.Clone(file.Entries)
	for i := range file.Entries {
		e := &file.Entries[i]
		if len(valuesIn(e.ID)) > 0 {
			e.flag(braces)
		}
		e.Strings = []string{""}
		if e.Plural != "" {
			e.Strings = []string{"", ""}
		}
	}
	return &file
}

func (e *Entry) flag(name string) {
	if !slices.Contains(e.Flags, name) {
		e.Flags = append(slices.Clone(e.Flags), name)
	}
}

// header is that of a new file. Only those in lang/ describe the language.
func header(l Language) []Field {
	return []Field{
		{"Language", l.Code}, {"MIME-Version", "1.0"}, {"Content-Type", "text/plain; charset=UTF-8"},
		{"Content-Transfer-Encoding", "8bit"},
		{"Plural-Forms", l.plural.line},
	}
}
