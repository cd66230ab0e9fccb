// Package lang shows the texts of the page in the language that the person reads. The texts stand in static/text, a
// folder a feature; text_gen.go in each feature gives them names. The page loads those of one language; tools and tests
// have all of them. Dates and numbers are written here too. It does not translate what offices send: that is shown as
// it came, through Plain.
package lang

import (
	"strings"

	"github.com/maxence-charriere/go-app/v10/pkg/app"

	portalv1 "madoguchi/proto/gen/portal/v1"
	"madoguchi/proto/reading"
)

// Code names a language; it is the value of ?lang, of the cookie `lang`, and the ending of a prerendered file.
type Code string

// The languages that code speaks of by name: those of data that come in all three. There may be more (All).
const (
	Japanese Code = "ja"
	English  Code = "en"
	Easy     Code = "easy"
)

// Text is one text. The zero Text is empty.
type Text struct {
	// Of and N say where it stands among the texts of a feature; only text_gen.go sets them.
	Of *Texts
	N  int

	more *more
}

// more is what only some texts have: values, or words of their own, as data has them that stand in no file.
type more struct {
	ja, en, easy string
	plain        bool
	values       []any
	// otherwise is shown to who does not read Japanese.
	otherwise *Text
}

// New makes a text of data that come in three languages. Words of the page itself stand in static/text instead. In
// `easy`, readings follow their characters: 漢字《かんじ》.
func New(ja, en, easy string) Text { return Text{more: &more{ja: ja, en: en, easy: easy}} }

// Plain is a text that is the same in every language: a name, a number, what an office wrote. 《》 have no meaning in it.
func Plain(s string) Text { return Text{more: &more{ja: s, en: s, easy: s, plain: true}} }

// Original is what somebody wrote in Japanese, and what says the same to who reads another language.
func Original(ja string, otherwise Text) Text {
	return Text{more: &more{ja: ja, plain: true, otherwise: &otherwise}}
}

// Local is a text that the portal sends in the languages of the page.
func Local(t *portalv1.LocalText) Text { return New(t.GetJa(), t.GetEn(), t.GetEasy()) }

// Empty tells whether there is nothing to show.
func (t Text) Empty() bool {
	return t.Of == nil && (t.more == nil || t.more.ja == "" && t.more.en == "" && t.more.easy == "")
}

// String is the text in the current language without readings: for titles, attributes, announcements.
func (t Text) String() string { return t.In(Current()) }

// In is String in a given language. The page itself has no other than the current one.
func (t Text) In(c Code) string {
	if !t.marked(c) {
		return t.raw(c)
	}
	return reading.Plain(t.raw(c))
}

// UI renders the text in the current language: as plain text, or with its readings as ruby in a span.
func (t Text) UI() app.UI {
	parts := t.parts(Current())
	if len(parts) == 0 {
		return app.Span()
	}
	if len(parts) == 1 && parts[0].Reading == "" {
		words := app.Span()
		if t.foreign(parts[0].Base) {
			return words.Lang("ja").Text(parts[0].Base)
		}
		if Current() != English {
			return words.Text(parts[0].Base)
		}
		var body []app.UI
		for run, japanese := range reading.Runs(parts[0].Base) {
			one := app.Text(run)
			if japanese {
				one = app.Span().Lang("ja").Text(run)
			}
			body = append(body, one)
		}
		return words.Body(body...)
	}
	body := make([]app.UI, 0, len(parts))
	for _, p := range parts {
		if p.Reading == "" {
			body = append(body, app.Text(p.Base))
			continue
		}
		body = append(body, app.Ruby().Body(
			app.Text(p.Base),
			app.Rp().Text("("),
			app.Rt().Text(p.Reading),
			app.Rp().Text(")"),
		))
	}
	return app.Span().Body(body...)
}

// foreign tells that words are Japanese in a page that is not: a voice, and who translates the page, are told so.
func (t Text) foreign(words string) bool {
	return t.more != nil && t.more.plain && describe(Current()).Data == English &&
		strings.ContainsFunc(words, func(r rune) bool { return r > '〿' && r <= '鿿' })
}

// P is a paragraph of the text; class may be empty. It and its like are one call in the many places that have such an
// element: the page's program is lighter for it.
func (t Text) P(class string) app.UI { return app.P().Class(class).Body(t.UI()) }

// Span is a span of the text.
func (t Text) Span(class string) app.UI { return app.Span().Class(class).Body(t.UI()) }

// Li is an entry in a list.
func (t Text) Li(class string) app.UI { return app.Li().Class(class).Body(t.UI()) }

// H2 is a heading below that of the page.
func (t Text) H2(class string) app.UI { return app.H2().Class(class).Body(t.UI()) }

// H3 is a heading below an H2.
func (t Text) H3(class string) app.UI { return app.H3().Class(class).Body(t.UI()) }

// Dt is the name of a fact.
func (t Text) Dt(class string) app.UI { return app.Dt().Class(class).Body(t.UI()) }

func (t Text) parts(c Code) []reading.Part {
	raw := t.raw(c)
	if raw == "" {
		return nil
	}
	if !t.marked(c) {
		return []reading.Part{{Base: raw}}
	}
	return reading.Split(raw)
}

// marked tells whether 《》 are markup in the text.
func (t Text) marked(c Code) bool {
	switch {
	case t.Of != nil:
		return describe(c).Readings
	case t.translated(c):
		return t.more.otherwise.marked(c)
	case t.more != nil:
		return !t.more.plain && describe(c).Data == Easy
	}
	return false
}

func (t Text) translated(c Code) bool {
	return t.more != nil && t.more.otherwise != nil && c != Japanese
}

// raw is the text as it is written, with its values.
func (t Text) raw(c Code) string {
	switch {
	case t.Of != nil && t.more != nil:
		return fill(t.Of.form(c, t.N, t.more.values), t.values(c))
	case t.Of != nil:
		return t.Of.form(c, t.N, nil)
	case t.more == nil:
		return ""
	case t.translated(c):
		return t.more.otherwise.raw(c)
	}
	words := t.more.ja
	switch describe(c).Data {
	case English:
		words = t.more.en
	case Easy:
		words = t.more.easy
	}
	return words
}

// fill puts values for {0}, {1}, …. What stands in a value is never filled again.
func fill(s string, values []string) string {
	var b strings.Builder
	for {
		before, after, found := strings.Cut(s, "{")
		b.WriteString(before)
		if !found {
			return b.String()
		}
		if len(after) < 2 || after[1] != '}' || int(after[0]-'0') >= len(values) {
			b.WriteByte('{')
			s = after
			continue
		}
		b.WriteString(values[after[0]-'0'])
		s = after[2:]
	}
}
