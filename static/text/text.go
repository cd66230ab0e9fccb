// Package text holds what people read, apart from the code that shows it: a folder a feature, and in it the Japanese
// (ja.pot) and one file for each other language (en.po, easy.po). The files are gettext's, so that Weblate, Poedit and
// their like read them as they are:
//
//	#. How many notices wait. {count} number: notices
//	#, python-brace-format
//	msgctxt "textBell"                     the name of the text in Go
//	msgid "お知らせ 未読{count}件"           the Japanese
//	msgid_plural "お知らせ 未読{count}件"    only where a language may tell one from many
//	msgstr[0] "One unread notice"
//	msgstr[1] "{count} unread notices"
//
// What stands in braces is a value. Its kind is said once, in a note of the template, a line each, in the order in
// which Go passes them: number, text (a name, what somebody typed: it is the same in every language) or phrase (a text
// of these files). `make text` writes the typed names of a feature's texts (text_gen.go) into the feature's room and
// brings each language's files up to date with the Japanese: what is new is there to be translated, what has changed is
// marked fuzzy until somebody has looked at it. `make check` refuses what is missing, fuzzy, ill-formed or used by
// nobody.
//
// A language is one file a feature. What it is called, and how it is read, stands in the header of lang/<code>.po:
// X-Name and X-Order in the selector, X-HTML for the lang attribute (else the code), X-Readings: yes where 漢字《かんじ》 is
// markup, X-Data for the language in which it shows data that come in Japanese, English and やさしい日本語 alone. To begin
// one, copy lang/ja.pot, and run `make text`.
//
// Whose texts are not the page's has X-Room in the header of its template: the folder of the code that says them. Those
// of the portal (mails, documents) stand in portal-<room>, since a feature of the page may have the same name; their
// type is that of static/text/say, and a text of theirs may have several lines, as a letter has.
//
// This package is for tools, tests and the portal. The page gets what Page makes of it, in the reader's language alone.
package text

import (
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"path"
	"slices"
	"strconv"
	"strings"
)

// Embedded are the files.
//
//go:embed */*.pot */*.po
var Embedded embed.FS

const (
	template    = "ja.pot"
	japanese    = "ja"
	ending      = ".po"
	aboutItself = "lang"    // the feature whose headers describe the languages
	ofPortal    = "portal-" // how the names of the portal's features begin
)

// Language is one that the page speaks.
type Language struct {
	Code string
	// Name is what it calls itself, HTML the value of the lang attribute.
	Name, HTML string
	// Data is the language of data that it shows where they are not translated into it: ja, en or easy.
	Data string
	// Readings tells that 漢字《かんじ》 is markup.
	Readings bool
	order    int
	plural   plural
}

// Feature is what a feature says.
type Feature struct {
	Name string
	// Source is the Japanese, Translations the others by the code of their language.
	Source       *File
	Translations map[string]*File
}

// Room is the folder of the code that says the texts, where it is not the page's.
func (f *Feature) Room() string { return f.Source.Get("X-Room") }

// Portal tells whether the portal says them.
func (f *Feature) Portal() bool { return strings.HasPrefix(f.Room(), "backend/") }

// Texts are all of them.
type Texts struct {
	Languages []Language
	Features  []Feature
}

// Read reads the files. It says what cannot be read; Check what is wrong with what is said.
func Read(files fs.FS) (*Texts, error) {
	folders, err := fs.ReadDir(files, ".")
	if err != nil {
		return nil, fmt.Errorf("reading the texts: %w", err)
	}
	t := &Texts{}
	for _, folder := range folders {
		if !folder.IsDir() {
			continue
		}
		feature, err := readFeature(files, folder.Name())
		if err != nil {
			return nil, err
		}
		if feature.Source != nil {
			t.Features = append(t.Features, feature)
		}
	}
	return t, t.languages()
}

func readFeature(files fs.FS, name string) (Feature, error) {
	feature := Feature{Name: name, Translations: map[string]*File{}}
	entries, err := fs.ReadDir(files, name)
	if err != nil {
		return feature, fmt.Errorf("reading the texts of %s: %w", name, err)
	}
	for _, entry := range entries {
		code, isPO := strings.CutSuffix(entry.Name(), ending)
		if !isPO && entry.Name() != template {
			continue
		}
		content, err := fs.ReadFile(files, path.Join(name, entry.Name()))
		if err != nil {
			return feature, fmt.Errorf("reading the texts of %s: %w", name, err)
		}
		file, err := Parse(path.Join(name, entry.Name()), content)
		if err != nil {
			return feature, err
		}
		if entry.Name() == template {
			feature.Source = file
			continue
		}
		feature.Translations[code] = file
	}
	if feature.Source == nil && len(feature.Translations) > 0 {
		return feature, fmt.Errorf("%s has no %s", name, template)
	}
	return feature, nil
}

// languages reads the headers of lang/.
func (t *Texts) languages() error {
	about := t.Feature(aboutItself)
	if about == nil {
		return errors.New("no " + aboutItself + "/" + template + ", which says what the languages are called")
	}
	files := map[string]*File{japanese: about.Source}
	maps.Copy(files, about.Translations)
	for code, file := range files {
		rule, err := readPlural(file.Get("Plural-Forms"))
		if err != nil {
			return fmt.Errorf("%s: %w", file.Path, err)
		}
		order, err := strconv.Atoi(file.Get("X-Order"))
		if err != nil || file.Get("X-Name") == "" {
			return fmt.Errorf(
				"%s: the header wants X-Name: what the language calls itself, and X-Order: its place, a number",
				file.Path,
			)
		}
		l := Language{
			Code: code, Name: file.Get("X-Name"), HTML: file.Get("X-HTML"), Data: file.Get("X-Data"),
			Readings: file.Get("X-Readings") == "yes", order: order, plural: rule,
		}
		if l.HTML == "" {
			l.HTML = code
		}
		if l.Data == "" {
			l.Data = code
		}
		t.Languages = append(t.Languages, l)
	}
	slices.SortFunc(t.Languages, func(a, b Language) int { return a.order - b.order })
	return nil
}

// Feature finds one; nil when there is none of that name.
func (t *Texts) Feature(name string) *Feature {
	for i := range t.Features {
		if t.Features[i].Name == name {
			return &t.Features[i]
		}
	}
	return nil
}

// Forms are the forms of a text in a language: one, or one for each plural. Nil where it is missing.
func (f *Feature) Forms(e Entry, l Language) []string {
	if l.Code == japanese {
		return []string{e.ID}
	}
	file := f.Translations[l.Code]
	if file == nil {
		return nil
	}
	for _, translated := range file.Entries {
		if translated.Key == e.Key {
			return translated.Strings
		}
	}
	return nil
}
