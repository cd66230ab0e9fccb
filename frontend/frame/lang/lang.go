// Package lang holds the texts of the page in its three languages and knows which one the person reads: Japanese, English,
// やさしい日本語 (Japanese in short sentences with readings over the characters). Dates and numbers are written here too.
// It does not translate what offices send: that is shown as it came, through Plain.
package lang

import (
	"fmt"
	"strings"

	"github.com/maxence-charriere/go-app/v10/pkg/app"

	portalv1 "madoguchi/proto/gen/portal/v1"
)

// Code names a language; it is the value of ?lang, of the cookie `lang`, and the ending of a prerendered file.
type Code string

const (
	Japanese Code = "ja"
	English  Code = "en"
	Easy     Code = "easy"
)

// All lists the languages in the order of the selector.
var All = []Code{Japanese, English, Easy}

// HTML is the value for the lang attribute: やさしい日本語 is Japanese to a screen reader.
func (c Code) HTML() string {
	if c == English {
		return "en"
	}
	return "ja"
}

// Parse finds the language that a value of ?lang, the cookie or navigator.language asks for.
func Parse(s string) (Code, bool) {
	s = strings.ToLower(strings.TrimSpace(s))
	switch {
	case s == "easy":
		return Easy, true
	case s == "ja" || strings.HasPrefix(s, "ja-"):
		return Japanese, true
	case s == "en" || strings.HasPrefix(s, "en-"):
		return English, true
	}
	return Japanese, false
}

// Text is one text in all languages. The zero Text is empty.
type Text struct {
	ja, en, easy string
	plain        bool
	args         []any
}

// New makes a text. In `easy`, readings follow their characters: 漢字《かんじ》. Verbs of fmt may stand for what F fills in.
func New(ja, en, easy string) Text { return Text{ja: ja, en: en, easy: easy} }

// Plain is a text that is the same in every language: a name, a number, what an office wrote. 《》 have no meaning in it.
func Plain(s string) Text { return Text{ja: s, en: s, easy: s, plain: true} }

// F fills the verbs of the text. An argument may itself be a Text.
func (t Text) F(args ...any) Text {
	t.args = args
	return t
}

// Empty tells whether there is nothing to show.
func (t Text) Empty() bool { return t.ja == "" && t.en == "" && t.easy == "" }

// String is the text in the current language without readings: for titles, attributes, announcements.
func (t Text) String() string {
	var b strings.Builder
	for _, p := range t.parts(Current()) {
		b.WriteString(p.base)
	}
	return b.String()
}

// In is String in a given language.
func (t Text) In(c Code) string {
	var b strings.Builder
	for _, p := range t.parts(c) {
		b.WriteString(p.base)
	}
	return b.String()
}

// UI renders the text in the current language: as plain text, or with its readings as ruby in a span.
func (t Text) UI() app.UI {
	parts := t.parts(Current())
	if len(parts) == 0 {
		return app.Span()
	}
	if len(parts) == 1 && parts[0].reading == "" {
		return app.Span().Text(parts[0].base)
	}
	body := make([]app.UI, 0, len(parts))
	for _, p := range parts {
		if p.reading == "" {
			body = append(body, app.Text(p.base))
			continue
		}
		body = append(body, app.Ruby().Body(
			app.Text(p.base),
			app.Rp().Text("("),
			app.Rt().Text(p.reading),
			app.Rp().Text(")"),
		))
	}
	return app.Span().Body(body...)
}

func (t Text) parts(c Code) []part {
	raw := t.ja
	switch c {
	case English:
		raw = t.en
	case Easy:
		raw = t.easy
	}
	markup := c == Easy && !t.plain
	if len(t.args) > 0 {
		raw = fmt.Sprintf(raw, t.filled(c, markup)...)
	}
	if raw == "" {
		return nil
	}
	if !markup {
		return []part{{base: raw}}
	}
	return split(raw)
}

// filled makes the arguments ready for a language. What comes from outside must not be read as markup, so its brackets are put
// aside; split puts them back.
func (t Text) filled(c Code, markup bool) []any {
	out := make([]any, len(t.args))
	for i, a := range t.args {
		switch a := a.(type) {
		case Text:
			out[i] = a.raw(c, markup)
		case string:
			out[i] = aside(a, markup)
		case fmt.Stringer:
			out[i] = aside(a.String(), markup)
		default:
			out[i] = a
		}
	}
	return out
}

func (t Text) raw(c Code, markup bool) string {
	if !markup {
		return t.In(c)
	}
	raw := t.easy
	if t.plain {
		raw = aside(raw, true)
	}
	if len(t.args) > 0 {
		raw = fmt.Sprintf(raw, t.filled(c, true)...)
	}
	return raw
}

// Local is a text that the portal sends in the languages of the page.
func Local(t *portalv1.LocalText) Text { return New(t.GetJa(), t.GetEn(), t.GetEasy()) }
