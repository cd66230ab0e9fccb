package text

import (
	"bytes"
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// headed begins the line that names a feature, parted stands between the forms of a text.
const (
	headed = "="
	parted = "\x1f"
)

// Page writes the texts of the page's features in one language as the page loads them (frontend/frame/lang reads them).
// First the code of the language, then a line for each that there is; then a line for each feature, and under it its
// texts, a line each, in the order of the template.
//
//	en
//	ja	日本語	ja	ja		0000000…
//	en	English	en	en		1011111…    code, name, lang, language of data, "r" for readings, plurals
//	=todo
//	Back
//	{0} unread                               values by their place among Go's arguments
func (t *Texts) Page(code string) ([]byte, error) {
	return t.write(code, func(f Feature) bool { return f.Room() == "" })
}

// Build is Page with what only the building of the page says besides: in manifests, in the heads of pages.
func (t *Texts) Build(code string) ([]byte, error) {
	return t.write(code, func(f Feature) bool { return !f.Portal() })
}

func (t *Texts) write(code string, wanted func(Feature) bool) ([]byte, error) {
	var b bytes.Buffer
	at := slices.IndexFunc(t.Languages, func(l Language) bool { return l.Code == code })
	if at < 0 {
		return nil, fmt.Errorf("no language %q", code)
	}
	own := t.Languages[at]
	b.WriteString(code + "\n")
	for _, l := range t.Languages {
		l.describe(&b)
	}
	for _, f := range t.Features {
		if !wanted(f) {
			continue
		}
		b.WriteString(headed + f.Name + "\n")
		for _, e := range f.Source.Entries {
			values, err := e.Values()
			if err != nil {
				return nil, fmt.Errorf("%s:%d: %s: %w", f.Source.Path, e.Line, e.Key, err)
			}
			forms := f.Forms(e, own)
			if len(forms) == 0 || forms[0] == "" {
				forms = []string{e.ID} // not translated yet: Check says so, and the page can be looked at meanwhile
			}
			b.WriteString(numbered(strings.Join(forms, parted), values) + "\n")
		}
	}
	return b.Bytes(), nil
}

func (l Language) describe(b *bytes.Buffer) {
	readings := ""
	if l.Readings {
		readings = "r"
	}
	b.WriteString(strings.Join([]string{l.Code, l.Name, l.HTML, l.Data, readings, l.plural.table}, "\t") + "\n")
}

// numbered writes values by their place: {count} becomes {0}.
func numbered(s string, values []Value) string {
	for i, v := range values {
		s = strings.ReplaceAll(s, "{"+v.Name+"}", "{"+strconv.Itoa(i)+"}")
	}
	return s
}
