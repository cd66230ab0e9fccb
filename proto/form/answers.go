package form

import (
	"strconv"
	"strings"

	"madoguchi/proto/order"
)

// Kind is what an answer is.
type Kind int

// Kinds of answers.
const (
	TextAnswer  Kind = iota + 1 // texts, days, times, an option
	IntAnswer                   // numbers, amounts
	BoolAnswer                  // yes, agree
	TextsAnswer                 // options
	FilesAnswer
	RowsAnswer
)

// Value is one answer; what is not of its kind is empty.
type Value struct {
	Kind  Kind
	Text  string
	Int   int64
	Bool  bool
	Texts []string
	Files []File
	Rows  []Answers
}

// File is what an application says of an attachment; the bytes lie elsewhere.
type File struct {
	Name   string
	Type   string // pdf, jpg, png
	Size   int64
	Digest string // SHA-256, 64 small hexadecimal digits
}

// Answers are what was filled in, by the ids of fields.
type Answers map[string]Value

// TextOf is the answer of a text, a day or an option.
func TextOf(s string) Value { return Value{Kind: TextAnswer, Text: s} }

// IntOf is the answer of a number.
func IntOf(n int64) Value { return Value{Kind: IntAnswer, Int: n} }

// BoolOf is yes or no.
func BoolOf(b bool) Value { return Value{Kind: BoolAnswer, Bool: b} }

// TextsOf is the answer of several options.
func TextsOf(options ...string) Value { return Value{Kind: TextsAnswer, Texts: options} }

// FilesOf is the answer of attachments.
func FilesOf(files ...File) Value { return Value{Kind: FilesAnswer, Files: files} }

// RowsOf is the answer of rows.
func RowsOf(rows ...Answers) Value { return Value{Kind: RowsAnswer, Rows: rows} }

// kindOf is the kind of a type's answers.
var kindOf = [...]Kind{
	textType: TextAnswer, intType: IntAnswer, dayType: TextAnswer, boolType: BoolAnswer, textsType: TextsAnswer,
	filesType: FilesAnswer, rowsType: RowsAnswer,
}

// ReadAnswers reads answers from JSON. What a member means, the form decides: a list may be of options, files or rows.
// It refuses what cannot be read; what is read and does not fit, Evaluate says at its field. Members of no field are
// kept as texts, so that it says those too.
func (f *Form) ReadAnswers(data []byte) (Answers, error) {
	n, err := ParseJSON(data)
	if err != nil {
		return nil, err
	}
	return f.AnswersOf(n)
}

// AnswersOf reads answers from a document that was taken apart.
func (f *Form) AnswersOf(n Node) (Answers, error) { return f.answers(n, nil, "") }

func (f *Form) answers(n Node, rows *question, path string) (Answers, error) {
	if n.Kind != ObjectNode {
		return nil, Problem{n.Line, path, "{…} の形（オブジェクト）で書いてください。"}
	}
	answers := Answers{}
	for i, key := range n.Keys {
		q := f.byID[key.Name]
		if q != nil && q.rows != rows {
			q = nil
		}
		v, err := f.answer(n.Items[i], q, join(path, Shown(key.Name)))
		if err != nil {
			return nil, err
		}
		if v.Kind != 0 {
			answers[key.Name] = v
		}
	}
	return answers, nil
}

func (f *Form) answer(n Node, q *question, path string) (Value, error) {
	switch n.Kind {
	case NullNode:
		return Value{}, nil
	case TextNode:
		return TextOf(n.Text), nil
	case BoolNode:
		return BoolOf(n.Text == "true"), nil
	case NumberNode:
		v, err := strconv.ParseInt(n.Text, 10, 64)
		if err != nil || v > maxLiteral || v < -maxLiteral {
			return Value{}, Problem{n.Line, path, "数が大きすぎます。"}
		}
		return IntOf(v), nil
	case ObjectNode:
		return Value{}, Problem{n.Line, path, "ここに {…} は書けません。"}
	}
	if q == nil || q.Type != Rows && q.Type != Files {
		return textsFrom(n, path)
	}
	v := Value{Kind: kindOf[q.typ]}
	for i, item := range n.Items {
		at := path + "[" + strconv.Itoa(i+1) + "]"
		if q.Type == Files {
			file, err := fileFrom(item, at)
			if err != nil {
				return v, err
			}
			v.Files = append(v.Files, file)
			continue
		}
		row, err := f.answers(item, q, at)
		if err != nil {
			return v, err
		}
		v.Rows = append(v.Rows, row)
	}
	return v, nil
}

func textsFrom(n Node, path string) (Value, error) {
	v := Value{Kind: TextsAnswer}
	for _, item := range n.Items {
		if item.Kind != TextNode {
			return v, Problem{item.Line, path, "文字のリストにしてください。"}
		}
		v.Texts = append(v.Texts, item.Text)
	}
	return v, nil
}

func fileFrom(n Node, path string) (File, error) {
	var file File
	d := decoder{}
	text := func(to *string) func(Node, string) {
		return func(n Node, path string) {
			if *to = n.Text; n.Kind != TextNode {
				d.wrong(n.Line, path, "文字を書いてください。")
			}
		}
	}
	d.object(n, path, map[string]func(Node, string){
		"name": text(&file.Name), "type": text(&file.Type), "sha256": text(&file.Digest),
		"size": func(n Node, path string) {
			size, err := strconv.ParseInt(n.Text, 10, 64)
			if file.Size = size; err != nil || n.Kind != NumberNode || size < 0 || size > maxLiteral {
				d.wrong(n.Line, path, "0以上の整数にしてください。")
			}
		},
	}, "name", "type", "sha256", "size")
	if len(d.problems) > 0 {
		return file, d.problems[0]
	}
	return file, nil
}

// Canonical is the answers as JSON by RFC 8785, byte for byte the same for the same answers. Package schema holds it
// against a library in tests.
func (a Answers) Canonical() []byte { return a.append(nil) }

func (a Answers) append(to []byte) []byte {
	keys := make([]string, 0, len(a))
	for key := range a {
		keys = append(keys, key)
	}
	order.By(keys, compareUTF16)
	to = append(to, '{')
	for i, key := range keys {
		if i > 0 {
			to = append(to, ',')
		}
		to = append(appendText(to, key), ':')
		to = a[key].append(to)
	}
	return append(to, '}')
}

func (v Value) append(to []byte) []byte {
	switch v.Kind {
	case TextAnswer:
		return appendText(to, v.Text)
	case IntAnswer:
		return strconv.AppendInt(to, v.Int, 10)
	case BoolAnswer:
		return strconv.AppendBool(to, v.Bool)
	case TextsAnswer:
		return appendList(to, v.Texts, appendText)
	case FilesAnswer:
		return appendList(to, v.Files, appendFile)
	case RowsAnswer:
		return appendList(to, v.Rows, func(to []byte, row Answers) []byte { return row.append(to) })
	}
	return append(to, "null"...)
}

func appendList[E any](to []byte, list []E, one func([]byte, E) []byte) []byte {
	to = append(to, '[')
	for i, e := range list {
		if i > 0 {
			to = append(to, ',')
		}
		to = one(to, e)
	}
	return append(to, ']')
}

func appendFile(to []byte, f File) []byte {
	to = appendText(append(to, `{"name":`...), f.Name)
	to = appendText(append(to, `,"sha256":`...), f.Digest)
	to = strconv.AppendInt(append(to, `,"size":`...), f.Size, 10)
	return append(appendText(append(to, `,"type":`...), f.Type), '}')
}

// compareUTF16 is the order of RFC 8785: by units of UTF-16, in which what is above U+FFFF comes before U+E000.
func compareUTF16(a, b string) int {
	x, y := []rune(a), []rune(b)
	for i := range min(len(x), len(y)) {
		p, q := x[i], y[i]
		if p == q {
			continue
		}
		if (p > 0xffff) != (q > 0xffff) {
			if p > 0xffff {
				p = 0xd800
			} else {
				q = 0xd800
			}
		}
		return int(p) - int(q)
	}
	return len(x) - len(y)
}

// isEmpty says whether nothing was answered.
func (v Value) isEmpty() bool {
	switch v.Kind {
	case 0:
		return true
	case TextAnswer:
		return strings.TrimSpace(v.Text) == ""
	case TextsAnswer:
		return len(v.Texts) == 0
	case FilesAnswer:
		return len(v.Files) == 0
	case RowsAnswer:
		return len(v.Rows) == 0
	}
	return false
}
