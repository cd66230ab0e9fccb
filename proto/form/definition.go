package form

import (
	"slices"
	"strconv"
	"strings"

	"madoguchi/proto/plaintext"
	"madoguchi/proto/rule"
)

// Format is the version of the format that this engine reads.
const Format = 1

// Limits of definitions.
const (
	maxSections = 50
	maxFields   = 500
	maxOptions  = 200
	maxRows     = 100
	maxFiles    = 20
	maxChecks   = 200
	maxWords    = 1000 // characters of a text for people
	maxAnswer   = 4000 // characters of an answer
)

// Text is a text in the three languages. Easy is やさしい日本語 with readings, 漢字《かんじ》.
type Text struct{ Ja, En, Easy string }

// In is the text in a language: ja, en or easy.
func (t Text) In(language string) string {
	switch {
	case language == "en":
		return t.En
	case language == "easy" && t.Easy != "":
		return t.Easy
	}
	return t.Ja
}

// Definition is a form as its file says; doc.go says what each member means.
type Definition struct {
	ID, Version, Procedure string
	ValidFrom, ValidUntil  string
	Laws                   []string
	Sign                   Sign
	Applicant              []string
	Cosign                 *Cosign
	Deadline               *Deadline
	RetentionYears         int
	StandardDays           int
	Sections               []Section
	Checks                 []Check
	Outcomes               []string
	Texts                  map[string]Text

	line int
}

// Sign is how an application is signed.
type Sign string

// Ways of signing.
const (
	SignCard  Sign = "card"
	SignLogin Sign = "login"
	SignNone  Sign = "none"
)

// Cosign names the fields that say who else signs, and when.
type Cosign struct {
	Name, Birth, ShowIf string
	line                int
}

// Deadline is counted from the day after that of a field.
type Deadline struct {
	From string
	Days int
	line int
}

// Section is a group of questions, a step of its own on a phone.
type Section struct {
	ID, ShowIf string
	Fields     []Field
	line       int
}

// Field is a question, a calculation, a file to attach, rows of questions, or a note.
type Field struct {
	ID       string
	Type     FieldType
	ShowIf   string
	Required string // "", "true" or a condition
	// Min and Max are an expression of the field's type for numbers and days; Max is characters of texts; both are how
	// many of rows, files and choices.
	Min, Max string
	Length   int // digits
	Pad      bool
	Register string // what the digits are the code of: "bank", or "branch" of the bank in the field before it
	Options  []string
	Calc     string
	Prefill  []string
	Link     bool // may be filled by a link from outside
	// Accept are the endings of files that are taken: pdf, jpg, png.
	Accept         []string
	KeepMetadata   bool
	OriginalByPost bool
	Fields         []Field
	line           int
}

// BankOf is the id of the field that has the bank of a branch: pay_bank of pay_branch. Empty for other fields.
func (f *Field) BankOf() string {
	before, is := strings.CutSuffix(f.ID, Branch)
	if f.Register != Branch || !is {
		return ""
	}
	return before + Bank
}

// What the digits of a field may be the code of.
const (
	Bank   = "bank"   // 金融機関
	Branch = "branch" // 支店
)

// FieldType is what a field holds.
type FieldType string

// Types of fields.
const (
	Line    FieldType = "line"    // one line
	Lines   FieldType = "lines"   // several
	Name    FieldType = "name"    // a person's name: characters that registers have
	Kana    FieldType = "kana"    // full-width katakana
	Digits  FieldType = "digits"  // as many as length says; pad fills up with zeros on the left
	Int     FieldType = "int"     // a whole number
	Yen     FieldType = "yen"     // an amount
	Day     FieldType = "day"     // 2026-11-26
	Month   FieldType = "month"   // 2026-11; its first day in expressions
	Clock   FieldType = "time"    // 09:30
	Tel     FieldType = "tel"     // a telephone number
	Mail    FieldType = "mail"    // a mail address
	Postal  FieldType = "postal"  // seven digits
	Place   FieldType = "place"   // the code of a municipality
	Holder  FieldType = "holder"  // 口座名義
	Insurer FieldType = "insurer" // 保険者番号
	Choice  FieldType = "choice"  // one of options
	Choices FieldType = "choices" // some of options
	Yes     FieldType = "yes"     // yes or no
	Agree   FieldType = "agree"   // a consent, never filled in for anybody
	Files   FieldType = "file"    // attachments
	Rows    FieldType = "rows"    // fields again and again
	Note    FieldType = "note"    // nothing to answer
)

var fieldTypes = []FieldType{
	Line, Lines, Name, Kana, Digits, Int, Yen, Day, Month, Clock, Tel, Mail, Postal, Place, Holder, Insurer, Choice,
	Choices, Yes, Agree, Files, Rows, Note,
}

// Check is at fault when its condition holds. One about rows names a field of them, and is made for each.
type Check struct {
	ID, When string
	At       []string
	Level    Level
	line     int
}

// Level says how much a fault matters.
type Level string

// Levels: with an error nothing is signed; a warning is to be read, and a note said.
const (
	Error Level = "error"
	Warn  Level = "warn"
	Hint  Level = "note"
)

// Problems are all that is wrong with a definition.
type Problems []Problem

func (p Problems) Error() string {
	lines := make([]string, len(p))
	for i, problem := range p {
		lines[i] = problem.Error()
	}
	return strings.Join(lines, "\n")
}

// decoder reads a definition from nodes and notes what is wrong.
type decoder struct {
	problems Problems
	fields   int
}

const maxProblems = 100

func (d *decoder) wrong(line int, path, text string) {
	if len(d.problems) < maxProblems {
		d.problems = append(d.problems, Problem{line, path, text})
	}
}

// object reads the members of an object by their readers; what has none is refused, and so is what is missing of
// needed.
func (d *decoder) object(n Node, path string, readers map[string]func(Node, string), needed ...string) {
	if n.Kind != ObjectNode {
		d.wrong(n.Line, path, "{…} の形（オブジェクト）で書いてください。")
		return
	}
	for i, key := range n.Keys {
		read := readers[key.Name]
		if read == nil {
			d.wrong(key.Line, path, "「"+Shown(key.Name)+"」という項目はありません。つづりを確かめるか、取り除いてください。")
			continue
		}
		read(n.Items[i], join(path, key.Name))
	}
	for _, name := range needed {
		if !slices.ContainsFunc(n.Keys, func(k Key) bool { return k.Name == name }) {
			d.wrong(n.Line, path, "「"+name+"」がありません。書き加えてください。")
		}
	}
}

func join(path, name string) string {
	if path == "" {
		return name
	}
	return path + "." + name
}

func (d *decoder) list(n Node, path string, most int, read func(Node, string)) {
	if n.Kind != ListNode {
		d.wrong(n.Line, path, "[…] の形（リスト）で書いてください。")
		return
	}
	if len(n.Items) > most {
		d.wrong(n.Line, path, "多すぎます。"+strconv.Itoa(most)+"までにしてください。")
		return
	}
	for i, item := range n.Items {
		read(item, path+"["+strconv.Itoa(i+1)+"]")
	}
}

// text puts a text of one line in place.
func (d *decoder) text(to *string) func(Node, string) {
	return func(n Node, path string) {
		if n.Kind != TextNode || n.Text == "" {
			d.wrong(n.Line, path, "文字を書いてください。")
			return
		}
		if !d.readable(n, path, false) {
			return
		}
		*to = n.Text
	}
}

// readable refuses what cannot be seen, what turns the direction of writing, and what is too long.
func (d *decoder) readable(n Node, path string, lines bool) bool {
	if rule.TooLong(n.Text, maxWords) {
		d.wrong(n.Line, path, strconv.Itoa(maxWords)+"文字までにしてください。")
		return false
	}
	if kind := faultOfText(n.Text, lines); kind != 0 {
		d.wrong(n.Line, path, "使えない文字があります（"+kindWords[kind]+"）。取り除いてください: "+Shown(n.Text))
		return false
	}
	return true
}

func faultOfText(s string, lines bool) plaintext.Kind {
	if lines {
		return plaintext.FaultOfBody(s)
	}
	return plaintext.FaultOfTitle(s)
}

var kindWords = map[plaintext.Kind]string{
	plaintext.Control: "制御文字か改行", plaintext.Direction: "文字の向きを変える文字", plaintext.Invisible: "見えない文字",
	plaintext.Unassigned: "文字ではないもの", plaintext.Private: "外字", plaintext.Broken: "壊れた文字",
	plaintext.Alone: "付く相手のない記号", plaintext.Heaped: "重なりすぎた記号", plaintext.Empty: "何も見えない",
}

// word puts one of some words in place.
func word[S ~string](d *decoder, to *S, words ...S) func(Node, string) {
	return func(n Node, path string) {
		if n.Kind == TextNode && slices.Contains(words, S(n.Text)) {
			*to = S(n.Text)
			return
		}
		names := make([]string, len(words))
		for i, w := range words {
			names[i] = string(w)
		}
		d.wrong(n.Line, path, strings.Join(names, "、")+" のどれかにしてください。")
	}
}

func (d *decoder) number(to *int, least, most int) func(Node, string) {
	return func(n Node, path string) {
		v, err := strconv.Atoi(n.Text)
		if n.Kind != NumberNode || err != nil || v < least || v > most {
			d.wrong(n.Line, path, strconv.Itoa(least)+"から"+strconv.Itoa(most)+"までの整数にしてください。")
			return
		}
		*to = v
	}
}

func (d *decoder) flag(to *bool) func(Node, string) {
	return func(n Node, path string) {
		if n.Kind != BoolNode {
			d.wrong(n.Line, path, "true か false にしてください。")
		}
		*to = n.Text == "true"
	}
}

// expression takes a text, and numbers and yes or no as they are written.
func (d *decoder) expression(to *string) func(Node, string) {
	return func(n Node, path string) {
		switch {
		case n.Kind == ListNode, n.Kind == ObjectNode, n.Kind == NullNode, n.Text == "":
			d.wrong(n.Line, path, "式を書いてください。")
		case len(n.Text) > maxExpression:
			d.wrong(n.Line, path, "式が長すぎます。"+strconv.Itoa(maxExpression)+"バイトまでにして、calcの項目に分けてください。")
		default:
			*to = n.Text
		}
	}
}

func (d *decoder) day(to *string) func(Node, string) {
	return func(n Node, path string) {
		if _, ok := rule.Day(n.Text); n.Kind != TextNode || !ok {
			d.wrong(n.Line, path, "2027-04-01 の形の日付にしてください。")
			return
		}
		*to = n.Text
	}
}

func (d *decoder) words(to *[]string, most int, of ...string) func(Node, string) {
	return func(n Node, path string) {
		d.list(n, path, most, func(n Node, path string) {
			var s string
			if of == nil {
				d.text(&s)(n, path)
			} else {
				word(d, &s, of...)(n, path)
			}
			if slices.Contains(*to, s) && s != "" {
				d.wrong(n.Line, path, "「"+s+"」が二度書かれています。")
			}
			*to = append(*to, s)
		})
	}
}

// id puts a name in place that expressions may use.
func (d *decoder) id(to *string) func(Node, string) {
	return func(n Node, path string) {
		if n.Kind != TextNode || !isID(n.Text) {
			d.wrong(n.Line, path, "「"+Shown(n.Text)+
				"」は名前に使えません。英小文字で始め、英小文字・数字・_ で40文字までにしてください（today、if などの式の言葉は使えません）。")
			return
		}
		*to = n.Text
	}
}

const maxID = 40

func isID(s string) bool { return isName(s) && !reserved(s) }

func isName(s string) bool {
	if s == "" || len(s) > maxID || s[0] < 'a' || s[0] > 'z' {
		return false
	}
	return strings.Trim(s, "abcdefghijklmnopqrstuvwxyz0123456789_") == ""
}

// formID is a name as addresses have it.
func (d *decoder) formID(to *string) func(Node, string) {
	return func(n Node, path string) {
		if n.Kind != TextNode || !isName(strings.ReplaceAll(n.Text, "-", "_")) || strings.HasSuffix(n.Text, "-") {
			d.wrong(n.Line, path, "英小文字で始め、英小文字・数字・- で40文字までにしてください。")
			return
		}
		*to = n.Text
	}
}

const maxVersion = 20

func (d *decoder) version(to *string) func(Node, string) {
	return func(n Node, path string) {
		bad := strings.Trim(n.Text, "0123456789.") != "" || strings.Trim(n.Text, ".") != n.Text ||
			strings.Contains(n.Text, "..")
		if n.Kind != TextNode || n.Text == "" || len(n.Text) > maxVersion || bad {
			d.wrong(n.Line, path, "\"2026.1\" のように、数字と . で引用符をつけて書いてください。")
			return
		}
		*to = n.Text
	}
}

// Decode reads a definition as it is written; whether it makes sense, Compile says.
func (d *decoder) definition(n Node) Definition {
	def := Definition{Sign: SignCard, Texts: map[string]Text{}, line: n.Line}
	format := 0
	d.object(n, "", map[string]func(Node, string){
		"schema":    d.number(&format, Format, Format),
		"id":        d.formID(&def.ID),
		"version":   d.version(&def.Version),
		"procedure": d.procedure(&def.Procedure), "valid_from": d.day(&def.ValidFrom),
		"valid_until": d.day(&def.ValidUntil), "laws": d.words(&def.Laws, 20),
		"sign":      word(d, &def.Sign, SignCard, SignLogin, SignNone),
		"applicant": d.words(&def.Applicant, 3, "self", "agent", "helper"),
		"cosign": func(n Node, path string) {
			def.Cosign = &Cosign{line: n.Line}
			d.object(n, path, map[string]func(Node, string){
				"name": d.id(&def.Cosign.Name), "birth": d.id(&def.Cosign.Birth),
				"show_if": d.expression(&def.Cosign.ShowIf),
			}, "name", "birth")
		},
		"deadline": func(n Node, path string) {
			def.Deadline = &Deadline{line: n.Line}
			d.object(n, path, map[string]func(Node, string){
				"from": d.id(&def.Deadline.From), "days": d.number(&def.Deadline.Days, 0, 3660),
			}, "from", "days")
		},
		"retention_years": d.number(&def.RetentionYears, 1, 100),
		"standard_days":   d.number(&def.StandardDays, 1, 1000),
		"sections": func(n Node, path string) {
			d.list(n, path, maxSections, func(n Node, path string) {
				def.Sections = append(def.Sections, d.section(n, path))
			})
		},
		"checks": func(n Node, path string) {
			d.list(n, path, maxChecks, func(n Node, path string) {
				c := Check{Level: Error, line: n.Line}
				d.object(n, path, map[string]func(Node, string){
					"id": d.id(&c.ID), "when": d.expression(&c.When), "at": d.words(&c.At, 10),
					"level": word(d, &c.Level, Error, Warn, Hint),
				}, "id", "when", "at")
				def.Checks = append(def.Checks, c)
			})
		},
		"decision": func(n Node, path string) {
			d.object(n, path, map[string]func(Node, string){
				"outcomes": d.words(&def.Outcomes, 5, "accept", "approve", "partial", "reject"),
			}, "outcomes")
		},
		"texts": func(n Node, path string) { d.texts(n, path, def.Texts) },
	}, "schema", "id", "version", "procedure", "valid_from", "laws", "sign", "applicant", "retention_years", "sections",
		"decision", "texts")
	if def.ValidUntil != "" && def.ValidUntil < def.ValidFrom {
		d.wrong(n.Line, "valid_until", "valid_from より前の日です。")
	}
	return def
}

func (d *decoder) procedure(to *string) func(Node, string) {
	return func(n Node, path string) {
		if n.Kind != TextNode || !rule.ProcedureNumber(n.Text) {
			d.wrong(n.Line, path, "手続の番号ではありません。P0001 のように書いてください。")
			return
		}
		*to = n.Text
	}
}

func (d *decoder) section(n Node, path string) Section {
	s := Section{line: n.Line}
	d.object(n, path, map[string]func(Node, string){
		"id": d.id(&s.ID), "show_if": d.expression(&s.ShowIf),
		"fields": func(n Node, path string) { s.Fields = d.fieldsOf(n, path, true) },
	}, "id", "fields")
	return s
}

func (d *decoder) fieldsOf(n Node, path string, rows bool) []Field {
	var fields []Field
	d.list(n, path, maxFields, func(n Node, path string) {
		if d.fields++; d.fields == maxFields+1 {
			d.wrong(n.Line, path, "項目が多すぎます。一つの申請書に"+strconv.Itoa(maxFields)+"までです。")
		}
		if d.fields > maxFields {
			return
		}
		fields = append(fields, d.field(n, path, rows))
	})
	if n.Kind == ListNode && len(n.Items) == 0 {
		d.wrong(n.Line, path, "項目を一つ以上書いてください。")
	}
	return fields
}

func (d *decoder) field(n Node, path string, rows bool) Field {
	f := Field{line: n.Line}
	d.object(n, path, map[string]func(Node, string){
		"id": d.id(&f.ID), "type": word(d, &f.Type, fieldTypes...), "show_if": d.expression(&f.ShowIf),
		"required": d.expression(&f.Required), "min": d.expression(&f.Min), "max": d.expression(&f.Max),
		"length": d.number(&f.Length, 1, 40), "pad": d.flag(&f.Pad),
		"register": word(d, &f.Register, Bank, Branch), "calc": d.expression(&f.Calc),
		"options": func(n Node, path string) {
			d.list(n, path, maxOptions, func(n Node, path string) {
				if n.Kind != TextNode || !isName(n.Text) {
					d.wrong(n.Line, path, "選択肢の名前は、英小文字で始め、英小文字・数字・_ にしてください。")
					return
				}
				if slices.Contains(f.Options, n.Text) {
					d.wrong(n.Line, path, "「"+n.Text+"」が二度書かれています。")
				}
				f.Options = append(f.Options, n.Text)
			})
		},
		"prefill": d.words(&f.Prefill, 5), "link": d.flag(&f.Link),
		"accept":        d.words(&f.Accept, 3, "pdf", "jpg", "png"),
		"keep_metadata": d.flag(&f.KeepMetadata), "original_by_post": d.flag(&f.OriginalByPost),
		"fields": func(n Node, path string) {
			if !rows {
				d.wrong(n.Line, path, "繰返しの中に繰返しは書けません。外に出してください。")
				return
			}
			f.Fields = d.fieldsOf(n, path, false)
		},
	}, "id", "type")
	return f
}

func (d *decoder) texts(n Node, path string, to map[string]Text) {
	if n.Kind != ObjectNode {
		d.wrong(n.Line, path, "{…} の形（オブジェクト）で書いてください。")
		return
	}
	for i, key := range n.Keys {
		var t Text
		at := join(path, Shown(key.Name))
		text := func(to *string) func(Node, string) {
			return func(n Node, path string) {
				if n.Kind != TextNode || n.Text == "" {
					d.wrong(n.Line, path, "文字を書いてください。")
				} else if d.readable(n, path, true) {
					*to = n.Text
				}
			}
		}
		d.object(n.Items[i], at, map[string]func(Node, string){
			"ja": text(&t.Ja), "en": text(&t.En), "easy": text(&t.Easy),
		}, "ja", "en")
		to[key.Name] = t
	}
}
