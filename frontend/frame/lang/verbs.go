package lang

import (
	"fmt"

	"madoguchi/proto/reading"
)

// F fills the verbs of fmt in a text that stands in no file yet.
func (t Text) F(args ...any) Text {
	if t.Of != nil {
		return t.Fill(args...)
	}
	if t.more == nil {
		return t
	}
	filled := *t.more
	filled.values = args
	return Text{more: &filled}
}

func (t Text) verbs(c Code, words string) string {
	if len(t.more.values) == 0 {
		return words
	}
	marked := t.marked(c)
	out := make([]any, len(t.more.values))
	for i, a := range t.more.values {
		out[i] = a
		switch a := a.(type) {
		case Text:
			if out[i] = a.In(c); marked && a.marked(c) {
				out[i] = a.raw(c)
			} else if marked {
				out[i] = reading.Aside(a.In(c))
			}
		case string:
			if marked {
				out[i] = reading.Aside(a)
			}
		case fmt.Stringer:
			if out[i] = a.String(); marked {
				out[i] = reading.Aside(a.String())
			}
		}
	}
	return fmt.Sprintf(words, out...)
}
