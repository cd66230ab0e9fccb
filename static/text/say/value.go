package say

import (
	"strconv"

	"madoguchi/proto/reading"
)

// Value is what a text may be filled with: a number, a text that is the same in every language, another text.
type Value interface{ int | string | Text }

// Text1 is a text with a value to fill in. Open is the text before that.
type Text1[A Value] struct{ Open Text }

// F fills it in.
func (t Text1[A]) F(a A) Text { return t.Open.fill(a) }

// Text2 is a text with two values to fill in.
type Text2[A, B Value] struct{ Open Text }

// F fills them in.
func (t Text2[A, B]) F(a A, b B) Text { return t.Open.fill(a, b) }

// Text3 is a text with three values to fill in.
type Text3[A, B, C Value] struct{ Open Text }

// F fills them in.
func (t Text3[A, B, C]) F(a A, b B, c C) Text { return t.Open.fill(a, b, c) }

// Text4 is a text with four values to fill in.
type Text4[A, B, C, D Value] struct{ Open Text }

// F fills them in.
func (t Text4[A, B, C, D]) F(a A, b B, c C, d D) Text { return t.Open.fill(a, b, c, d) }

func (t Text) fill(values ...any) Text {
	t.values = values
	return t
}

func valueIn(all *book, value any, language string) string {
	switch v := value.(type) {
	case int:
		return strconv.Itoa(v)
	case string:
		return reading.Aside(v)
	case Text:
		return v.markup(all, language)
	}
	panic("a text is filled with numbers, strings and texts")
}
