package form

import (
	"errors"
	"strconv"
	"unicode/utf16"
	"unicode/utf8"
)

// Node is a part of a document as it was written, with its place: a definition or answers before it is known what they
// mean.
type Node struct {
	Kind NodeKind
	// Text is that of a text, and of a number as it was written; of a bool, true or false.
	Text string
	// Items are those of a list, and the values of an object, whose names are in Keys.
	Items []Node
	Keys  []Key
	Line  int
}

// Key is the name of a member, with its place.
type Key struct {
	Name string
	Line int
}

// NodeKind is what a Node is.
type NodeKind int

// Kinds of nodes.
const (
	NullNode NodeKind = iota
	BoolNode
	NumberNode
	TextNode
	ListNode
	ObjectNode
)

// Limits of documents. A definition of 500 fields in three languages has some 200 KB.
const (
	MaxBytes = 1 << 20
	maxDepth = 16
	maxNodes = 100_000
)

// Problem is what is wrong with a document, where, and what to do, for who wrote it.
type Problem struct {
	Line int
	Path string // sections.what.fields.kind.show_if
	Text string
}

// Error begins with the line, as editors and compilers have it.
func (p Problem) Error() string {
	s := strconv.Itoa(p.Line) + "行目"
	if p.Path != "" {
		s += " " + p.Path
	}
	return s + ": " + p.Text
}

// ParseJSON reads a document strictly: UTF-8, no name twice in an object, whole numbers, nothing after the end.
func ParseJSON(data []byte) (Node, error) {
	p := parser{data: data, line: 1}
	if len(data) > MaxBytes {
		return Node{}, Problem{Line: 1, Text: "1 MBを超えています。小さく分けてください。"}
	}
	if !utf8.Valid(data) {
		return Node{}, Problem{Line: 1, Text: "UTF-8ではありません。UTF-8で保存してください。"}
	}
	n, err := p.value(0)
	if err == nil {
		if p.blank(); p.at < len(data) {
			err = errors.New("終わりの後ろに何か書かれています。取り除いてください。")
		}
	}
	if err != nil {
		return Node{}, Problem{Line: p.line, Text: err.Error()}
	}
	return n, nil
}

type parser struct {
	data  []byte
	at    int
	line  int
	nodes int
}

var errJSON = errors.New("JSONの形ではありません。かっこ、コンマ、引用符を確かめてください。")

func (p *parser) blank() {
	for p.at < len(p.data) {
		switch p.data[p.at] {
		case '\n':
			p.line++
		case ' ', '\t', '\r':
		default:
			return
		}
		p.at++
	}
}

func (p *parser) next(c byte) bool {
	if p.blank(); p.at < len(p.data) && p.data[p.at] == c {
		p.at++
		return true
	}
	return false
}

func (p *parser) word(w string) bool {
	if len(p.data)-p.at < len(w) || string(p.data[p.at:p.at+len(w)]) != w {
		return false
	}
	p.at += len(w)
	return true
}

func (p *parser) value(depth int) (Node, error) {
	p.blank()
	if p.nodes++; p.nodes > maxNodes {
		return Node{}, errors.New("項目が多すぎます。")
	}
	if depth > maxDepth {
		return Node{}, errors.New("入れ子が深すぎます。")
	}
	if p.at == len(p.data) {
		return Node{}, errJSON
	}
	n := Node{Line: p.line}
	switch c := p.data[p.at]; {
	case c == '{':
		return p.object(depth)
	case c == '[':
		return p.list(depth)
	case c == '"':
		text, err := p.text()
		n.Kind, n.Text = TextNode, text
		return n, err
	case p.word("null"):
		return n, nil
	case p.word("true"):
		n.Kind, n.Text = BoolNode, "true"
		return n, nil
	case p.word("false"):
		n.Kind, n.Text = BoolNode, "false"
		return n, nil
	}
	from := p.at
	p.word("-")
	digits := p.at
	for p.at < len(p.data) && p.data[p.at] >= '0' && p.data[p.at] <= '9' {
		p.at++
	}
	n.Kind, n.Text = NumberNode, string(p.data[from:p.at])
	leading := p.at-digits > 1 && p.data[digits] == '0'
	if p.at == digits || leading || n.Text == "-0" {
		return n, errJSON
	}
	if p.at < len(p.data) && (p.data[p.at] == '.' || p.data[p.at]|0x20 == 'e') {
		return n, errors.New("小数や指数の数は使えません。整数にしてください。")
	}
	return n, nil
}

func (p *parser) list(depth int) (Node, error) {
	n := Node{Kind: ListNode, Line: p.line}
	p.at++
	if p.next(']') {
		return n, nil
	}
	for {
		item, err := p.value(depth + 1)
		if err != nil {
			return n, err
		}
		n.Items = append(n.Items, item)
		if p.next(']') {
			return n, nil
		}
		if !p.next(',') {
			return n, errJSON
		}
	}
}

func (p *parser) object(depth int) (Node, error) {
	n := Node{Kind: ObjectNode, Line: p.line}
	p.at++
	if p.next('}') {
		return n, nil
	}
	seen := map[string]bool{}
	for {
		p.blank()
		line := p.line
		name, err := p.text()
		if err != nil {
			return n, err
		}
		if seen[name] {
			return n, errors.New("「" + Shown(name) + "」が二度書かれています。一つにしてください。")
		}
		seen[name] = true
		if !p.next(':') {
			return n, errJSON
		}
		value, err := p.value(depth + 1)
		if err != nil {
			return n, err
		}
		n.Keys, n.Items = append(n.Keys, Key{name, line}), append(n.Items, value)
		if p.next('}') {
			return n, nil
		}
		if !p.next(',') {
			return n, errJSON
		}
	}
}

func (p *parser) text() (string, error) {
	if p.at == len(p.data) || p.data[p.at] != '"' {
		return "", errJSON
	}
	p.at++
	var out []byte
	for p.at < len(p.data) {
		c := p.data[p.at]
		p.at++
		switch {
		case c == '"':
			return string(out), nil
		case c < ' ':
			return "", errJSON
		case c != '\\':
			out = append(out, c)
		default:
			r, ok := p.escaped()
			if !ok {
				return "", errJSON
			}
			out = utf8.AppendRune(out, r)
		}
	}
	return "", errJSON
}

func (p *parser) escaped() (rune, bool) {
	if p.at == len(p.data) {
		return 0, false
	}
	c := p.data[p.at]
	p.at++
	switch c {
	case '"', '\\', '/':
		return rune(c), true
	case 'b':
		return '\b', true
	case 'f':
		return '\f', true
	case 'n':
		return '\n', true
	case 'r':
		return '\r', true
	case 't':
		return '\t', true
	case 'u':
		r, ok := p.unit()
		if !ok || !utf16.IsSurrogate(r) {
			return r, ok
		}
		if !p.word(`\u`) {
			return 0, false
		}
		low, ok := p.unit()
		r = utf16.DecodeRune(r, low)
		return r, ok && r != utf8.RuneError // half a character is none
	}
	return 0, false
}

func (p *parser) unit() (rune, bool) {
	if len(p.data)-p.at < 4 {
		return 0, false
	}
	n, err := strconv.ParseUint(string(p.data[p.at:p.at+4]), 16, 16)
	p.at += 4
	return rune(n), err == nil
}

// appendText writes a text as RFC 8785 has it.
func appendText(to []byte, s string) []byte {
	const hex = "0123456789abcdef"
	to = append(to, '"')
	for i := range len(s) {
		switch c := s[i]; c {
		case '"', '\\':
			to = append(to, '\\', c)
		case '\b':
			to = append(to, `\b`...)
		case '\f':
			to = append(to, `\f`...)
		case '\n':
			to = append(to, `\n`...)
		case '\r':
			to = append(to, `\r`...)
		case '\t':
			to = append(to, `\t`...)
		default:
			if c < ' ' {
				to = append(to, '\\', 'u', '0', '0', hex[c>>4], hex[c&15])
				continue
			}
			to = append(to, c)
		}
	}
	return append(to, '"')
}

// Shown is a stranger's text as it may stand in a message: short, and nothing in it that cannot be seen.
func Shown(s string) string {
	const most = 40
	out, count := []byte(nil), 0
	for _, r := range s {
		if count++; count > most {
			return string(out) + "…"
		}
		if r < ' ' || r == 0x7f || r == utf8.RuneError || !strconv.IsPrint(r) {
			out = append(out, "U+"...)
			out = strconv.AppendInt(out, int64(r), 16)
			continue
		}
		out = utf8.AppendRune(out, r)
	}
	return string(out)
}
