package say

import (
	"fmt"
	"io/fs"
	"sync"
	"sync/atomic"

	"madoguchi/proto/reading"
	"madoguchi/static/text"
)

// book is what there is to say. It is replaced, never changed.
type book struct {
	languages map[string]text.Language
	entries   map[name]entry
}

type name struct{ feature, key string }

type entry struct {
	values []string
	// forms are those of a text by language: one, or one for each plural.
	forms map[string][]string
}

// The languages in which all data come.
const (
	japanese     = "ja"
	english      = "en"
	easyJapanese = "easy"
)

var (
	other    atomic.Pointer[book]
	embedded = sync.OnceValue(func() *book {
		own, err := read(text.Embedded)
		if err != nil {
			panic(err) // they are part of the program, and tested
		}
		return own
	})
)

func current() *book {
	if b := other.Load(); b != nil {
		return b
	}
	return embedded()
}

// Use takes the texts from elsewhere until they are put back: so a test has a language more.
func Use(files fs.FS) (putBack func(), err error) {
	b, err := read(files)
	if err != nil {
		return nil, err
	}
	before := other.Swap(b)
	return func() { other.Store(before) }, nil
}

func read(files fs.FS) (*book, error) {
	texts, err := text.Read(files)
	if err != nil {
		return nil, err
	}
	b := &book{languages: map[string]text.Language{}, entries: map[name]entry{}}
	for _, l := range texts.Languages {
		b.languages[l.Code] = l
	}
	for i := range texts.Features {
		f := &texts.Features[i]
		if !f.Portal() {
			continue // the page's
		}
		for _, e := range f.Source.Entries {
			values, err := e.Values()
			if err != nil {
				return nil, fmt.Errorf("%s:%d: %s: %w", f.Source.Path, e.Line, e.Key, err)
			}
			said := entry{forms: map[string][]string{}}
			for _, v := range values {
				said.values = append(said.values, v.Name)
			}
			for _, l := range texts.Languages {
				said.forms[l.Code] = f.Forms(e, l)
			}
			b.entries[name{f.Name, e.Key}] = said
		}
	}
	return b, nil
}

// language finds one; Japanese when there is none of that code.
func (b *book) language(code string) text.Language {
	if l, ok := b.languages[code]; ok {
		return l
	}
	return b.languages[japanese]
}

// form is a text's form for its values, as markup, and the names of the values.
func (b *book) form(t Text, language string) (form string, values []string) {
	l := b.language(language)
	said := b.entries[name{t.Feature, t.Key}]
	forms := said.forms[l.Code]
	if len(forms) == 0 || forms[0] == "" { // not translated yet
		l = b.languages[japanese]
		forms = said.forms[japanese]
	}
	if len(forms) == 0 {
		return "", nil
	}
	form = forms[min(len(forms)-1, l.Form(number(t.values)))]
	if !l.Readings {
		form = reading.Aside(form)
	}
	return form, said.values
}

// number is the first among the values, which chooses the plural.
func number(values []any) int {
	for _, v := range values {
		if n, ok := v.(int); ok {
			return n
		}
	}
	return 0
}
