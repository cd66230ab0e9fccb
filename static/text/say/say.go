// Package say is how the portal says its own texts, those of static/text whose template has X-Room, in the language of
// who reads them: in a document, in a mail. The page has frontend/frame/lang, which holds one language; the portal has
// all of them. text_gen.go of each room gives its texts names.
package say

import (
	"strings"

	"madoguchi/proto/reading"
)

// Text is one text. The zero Text is empty.
type Text struct {
	// Feature and Key say where it stands in static/text; only text_gen.go sets them.
	Feature, Key string

	values []any
	// data are words that stand in no file of texts, joined lines a text each.
	data   *data
	joined []Text
}

type data struct{ ja, en, easy string }

// New makes a text of data that come in three languages. Words of the portal itself stand in static/text instead. In
// `easy`, readings follow their characters: 漢字《かんじ》. What is missing in a language is said in Japanese.
func New(ja, en, easy string) Text { return Text{data: &data{ja, en, easy}} }

// Lines are texts one below the other.
func Lines(texts ...Text) Text { return Text{joined: texts} }

// In is the text in a language, without readings: for titles. A language that there is not is Japanese.
func (t Text) In(language string) string { return reading.Plain(t.markup(current(), language)) }

// InBrackets is the text in a language for who reads plain text, with the readings in brackets: 漢字(かんじ).
func (t Text) InBrackets(language string) string {
	var b strings.Builder
	for _, p := range t.Parts(language) {
		b.WriteString(p.Base)
		if p.Reading != "" {
			b.WriteString("(" + p.Reading + ")")
		}
	}
	return b.String()
}

// Local is the text in the three languages of data, with readings as markup, for a page that chooses among them.
func (t Text) Local() (ja, en, easy string) {
	return t.In(japanese), t.In(english), t.markup(current(), easyJapanese)
}

// Parts are the text in a language and its readings.
func (t Text) Parts(language string) []reading.Part {
	return reading.Split(t.markup(current(), language))
}

// markup is the text with its values, to be split. Brackets of a language without readings, and of what comes from
// outside, are put aside.
func (t Text) markup(all *book, language string) string {
	switch {
	case t.data != nil:
		return t.data.markup(all.language(language).Data)
	case t.joined != nil:
		lines := make([]string, len(t.joined))
		for i, line := range t.joined {
			lines[i] = line.markup(all, language)
		}
		return strings.Join(lines, "\n")
	}
	form, names := all.form(t, language)
	var values []string // at once, so that what stands in a value is never filled again
	for i, name := range names {
		if i < len(t.values) {
			values = append(values, "{"+name+"}", valueIn(all, t.values[i], language))
		}
	}
	return strings.NewReplacer(values...).Replace(form)
}

func (d *data) markup(language string) string {
	switch {
	case language == english && d.en != "":
		return reading.Aside(d.en)
	case language == easyJapanese && d.easy != "":
		return d.easy
	}
	return reading.Aside(d.ja)
}
