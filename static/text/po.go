package text

import (
	"bytes"
	"errors"
	"fmt"
	"strconv"
	"strings"
)

// File is one file of texts: PO, as gettext and every tool for translators reads it.
type File struct {
	// Path is where it lies under static/text: todo/en.po.
	Path string
	// Head are the comments at its top, Header the lines of its header: Language: en.
	Head   []string
	Header []Field
	// Entries are its texts, in order.
	Entries []Entry
}

// Field is a line of a header.
type Field struct{ Name, Value string }

// Entry is a text. In a template (ja.pot) the Japanese is ID and nothing is translated.
type Entry struct {
	Line int
	// Key is the name under which Go knows it (msgctxt); ID the Japanese; Plural is set where other languages have a
	// form for one and another for many.
	Key, ID, Plural string
	// Strings are the translation's forms: one, or as many as the language has plurals.
	Strings []string
	// Notes are for translators, written by who wrote the text (#.); Comments are the translators' own (# ).
	Notes, Comments []string
	// Flags are gettext's: fuzzy for what has to be looked at again, python-brace-format for what holds values in
	// braces.
	Flags []string
	// Before is the Japanese that a fuzzy translation was made of (#|).
	Before string
}

// Get finds a line of the header; empty when there is none.
func (f *File) Get(name string) string {
	for _, h := range f.Header {
		if strings.EqualFold(h.Name, name) {
			return h.Value
		}
	}
	return ""
}

// Parse reads a file.
func Parse(path string, content []byte) (*File, error) {
	p := parser{file: &File{Path: path}}
	for i, line := range strings.Split(string(content), "\n") {
		if err := p.line(i+1, strings.TrimSpace(strings.TrimSuffix(line, "\r"))); err != nil {
			return nil, fmt.Errorf("%s:%d: %w", path, i+1, err)
		}
	}
	if err := p.end(); err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return p.file, nil
}

// parser reads line by line; entries are parted by whatever begins the next one.
type parser struct {
	file  *File
	entry Entry
	// begun tells that a keyword of the entry was read; field is the one that a line of "…" alone goes on.
	begun bool
	field *string
	// before tells that lines of "…" alone go on with what a fuzzy translation was made of.
	before bool
}

func (p *parser) line(at int, line string) error {
	switch {
	case line == "":
		return nil
	case strings.HasPrefix(line, "#~"):
		return errors.New("an obsolete text: delete it")
	case line[0] == '#':
		defer p.comment(line)
		if p.begun {
			return p.end()
		}
		return nil
	}
	word, rest, found := strings.Cut(line, " ")
	if line[0] == '"' {
		word, rest, found = "", line, true
	}
	quoted, err := strconv.Unquote(strings.TrimSpace(rest))
	if !found || err != nil {
		return fmt.Errorf("not a line of PO: %s", line)
	}
	return p.keyword(at, word, quoted)
}

func (p *parser) comment(line string) {
	kind, rest := line[:min(2, len(line))], strings.TrimSpace(line[min(2, len(line)):])
	switch kind {
	case "#.":
		p.entry.Notes = append(p.entry.Notes, rest)
	case "#,":
		for flag := range strings.SplitSeq(rest, ",") {
			p.entry.Flags = append(p.entry.Flags, strings.TrimSpace(flag))
		}
	case "#|":
		quoted, begins := strings.CutPrefix(rest, "msgid ")
		p.before = begins || p.before && strings.HasPrefix(rest, `"`)
		if unquoted, err := strconv.Unquote(quoted); err == nil && p.before {
			p.entry.Before += unquoted
		}
	case "#:":
	default:
		p.entry.Comments = append(p.entry.Comments, strings.TrimSpace(line[1:]))
	}
}

func (p *parser) keyword(at int, word, quoted string) error {
	if word == "" {
		if p.field == nil {
			return errors.New("a string that belongs to nothing")
		}
		*p.field += quoted
		return nil
	}
	if p.begun && (word == "msgctxt" || word == "msgid" && len(p.entry.Strings) > 0) {
		if err := p.end(); err != nil {
			return err
		}
	}
	if !p.begun {
		p.entry.Line = at
	}
	p.begun = true
	switch {
	case word == "msgctxt":
		p.entry.Key, p.field = quoted, &p.entry.Key
	case word == "msgid":
		p.entry.ID, p.field = quoted, &p.entry.ID
	case word == "msgid_plural":
		p.entry.Plural, p.field = quoted, &p.entry.Plural
	case word == "msgstr" || strings.HasPrefix(word, "msgstr["):
		p.entry.Strings = append(p.entry.Strings, quoted)
		p.field = &p.entry.Strings[len(p.entry.Strings)-1]
	default:
		return fmt.Errorf("%s is no word of PO", word)
	}
	return nil
}

// end puts what was read into the file.
func (p *parser) end() error {
	entry, begun := p.entry, p.begun
	p.entry, p.begun, p.field, p.before = Entry{}, false, nil, false
	switch {
	case !begun:
		return nil
	case entry.Key != "":
		p.file.Entries = append(p.file.Entries, entry)
		return nil
	case entry.ID != "":
		return fmt.Errorf("a text without a name (msgctxt): %s", entry.ID)
	}
	p.file.Head = append(p.file.Head, entry.Comments...)
	for _, s := range entry.Strings {
		for line := range strings.SplitSeq(strings.TrimSpace(s), "\n") {
			name, value, _ := strings.Cut(line, ":")
			p.file.Header = append(p.file.Header, Field{name, strings.TrimSpace(value)})
		}
	}
	return nil
}

// Bytes writes the file, a string a line.
func (f *File) Bytes() []byte {
	var b bytes.Buffer
	for _, line := range f.Head {
		fmt.Fprintf(&b, "# %s\n", line)
	}
	b.WriteString("msgid \"\"\nmsgstr \"\"\n")
	for _, h := range f.Header {
		fmt.Fprintf(&b, "%s\n", quote(h.Name+": "+h.Value+"\n"))
	}
	for _, e := range f.Entries {
		b.WriteByte('\n')
		e.write(&b)
	}
	return b.Bytes()
}

func (e *Entry) write(b *bytes.Buffer) {
	for _, c := range e.Comments {
		fmt.Fprintf(b, "# %s\n", c)
	}
	for _, n := range e.Notes {
		fmt.Fprintf(b, "#. %s\n", n)
	}
	if len(e.Flags) > 0 {
		fmt.Fprintf(b, "#, %s\n", strings.Join(e.Flags, ", "))
	}
	if e.Before != "" {
		fmt.Fprintf(b, "#| msgid %s\n", strings.ReplaceAll(quote(e.Before), "\n", "\n#| "))
	}
	fmt.Fprintf(b, "msgctxt %s\nmsgid %s\n", quote(e.Key), quote(e.ID))
	if e.Plural == "" {
		form := ""
		if len(e.Strings) > 0 {
			form = e.Strings[0]
		}
		fmt.Fprintf(b, "msgstr %s\n", quote(form))
		return
	}
	fmt.Fprintf(b, "msgid_plural %s\n", quote(e.Plural))
	for i, form := range e.Strings {
		fmt.Fprintf(b, "msgstr[%d] %s\n", i, quote(form))
	}
}

// quote writes a string as PO does: as C, with characters beyond ASCII as they are, and what has several lines in as
// many strings.
func quote(s string) string {
	if strings.Contains(strings.TrimSuffix(s, "\n"), "\n") {
		lines := []string{`""`}
		for line := range strings.Lines(s) {
			lines = append(lines, quote(line))
		}
		return strings.Join(lines, "\n")
	}
	return `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`, "\n", `\n`, "\t", `\t`).Replace(s) + `"`
}
