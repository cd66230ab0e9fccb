package lang

import (
	"strconv"

	"madoguchi/proto/reading"
)

// Value is what a text may be filled with: a number, a text that is the same in every language, another text.
type Value interface{ int | string | Text }

// Text1 is a text with a value to fill in. Open is the text before that.
type Text1[A Value] struct{ Open Text }

// F fills it in.
func (t Text1[A]) F(a A) Text { return t.Open.Fill(a) }

// Text2 is a text with two values to fill in.
type Text2[A, B Value] struct{ Open Text }

// F fills them in.
func (t Text2[A, B]) F(a A, b B) Text { return t.Open.Fill(a, b) }

// Text3 is a text with three values to fill in.
type Text3[A, B, C Value] struct{ Open Text }

// F fills them in.
func (t Text3[A, B, C]) F(a A, b B, c C) Text { return t.Open.Fill(a, b, c) }

// Text4 is a text with four values to fill in.
type Text4[A, B, C, D Value] struct{ Open Text }

// F fills them in.
func (t Text4[A, B, C, D]) F(a A, b B, c C, d D) Text { return t.Open.Fill(a, b, c, d) }

// Fill is F for a text that was chosen among several before it is filled; nothing checks the values. Each is an int, a
// string or a Text.
func (t Text) Fill(values ...any) Text {
	return Text{Of: t.Of, N: t.N, more: &more{values: values}}
}

// values are the arguments as they stand in the text. What comes from outside is not read as markup: its brackets are
// put aside.
func (t Text) values(c Code) []string {
	marked := t.marked(c)
	out := make([]string, len(t.more.values))
	for i, a := range t.more.values {
		switch a := a.(type) {
		case int:
			out[i] = strconv.Itoa(a)
			continue
		case Text:
			if marked && a.marked(c) {
				out[i] = a.raw(c)
				continue
			}
			out[i] = a.In(c)
		case string:
			out[i] = a
		default:
			panic("a text is filled with numbers, strings and texts")
		}
		if marked {
			out[i] = reading.Aside(out[i])
		}
	}
	return out
}
