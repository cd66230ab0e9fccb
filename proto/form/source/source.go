// Package source reads definitions of forms as authors write them: YAML in which words stand where they belong and
// shared parts (申請者, 振込先 …) are named. What comes out is a definition of package form, which is what is published.
//
// Words are one line in up to three languages, with readings: the first is Japanese, from which やさしい日本語 is made as it
// stands, or it is the third.
//
//	label: 請求《せいきゅう》の理由《りゆう》 | Reason for the claim
//	help:  当てはまるものが二つあるときは、日付が早いほうを選びます | If two apply, choose the earlier
//	options:
//	- birth: 出生《しゅっしょう》 | Birth | 赤《あか》ちゃんが うまれた
//
// A form, a section and a field have label and help (a form title, lead, document; rows also row: how one of them is
// called), a check has text. A field may be a shared part instead: its fields get the id before theirs.
//
//   - {use: person, id: claimant, without: [sex]}
//   - {use: person, id: father, of: 父《ちち》 | Father}     父の氏名, Father: Full name
//   - {use: bank, id: bank, show_if: "kind == 'up'"}
//
// Shared parts are in parts.yaml; in their expressions @name is the field name of the same part.
package source

import (
	_ "embed" // the shared parts
	"errors"
	"io"
	"slices"
	"strconv"
	"strings"
	"sync"
	"unicode"

	"go.yaml.in/yaml/v3"

	"madoguchi/proto/form"
	"madoguchi/proto/reading"
)

// Read reads a form as its author wrote it. An error is form.Problems with the lines of the file.
func Read(data []byte) (*form.Form, error) {
	n, err := parse(data)
	if err != nil {
		return nil, err
	}
	b := &builder{texts: map[string]bool{}}
	n = b.form(n)
	if len(b.problems) > 0 {
		return nil, b.problems
	}
	return form.Compile(n)
}

// Limits of files.
const maxDepth = 12

func parse(data []byte) (form.Node, error) {
	if len(data) > form.MaxBytes {
		return form.Node{}, form.Problem{Line: 1, Text: "1 MBを超えています。小さく分けてください。"}
	}
	var document yaml.Node
	switch err := yaml.Unmarshal(data, &document); {
	case errors.Is(err, io.EOF), err == nil && len(document.Content) == 0:
		return form.Node{}, form.Problem{Line: 1, Text: "ファイルが空です。"}
	case err != nil:
		return form.Node{}, form.Problem{
			Line: lineOf(err.Error()), Text: "YAMLとして読めません（" + form.Shown(err.Error()) + "）。字下げと引用符を確かめてください。",
		}
	}
	return nodeOf(document.Content[0], 0)
}

// lineOf finds the line in what the library says: yaml: line 3: …
func lineOf(said string) int {
	_, after, _ := strings.Cut(said, "line ")
	digits, _, _ := strings.Cut(after, ":")
	line, err := strconv.Atoi(digits)
	if err != nil {
		return 1
	}
	return line
}

func nodeOf(y *yaml.Node, depth int) (form.Node, error) {
	n := form.Node{Line: y.Line}
	wrong := func(text string) (form.Node, error) { return n, form.Problem{Line: y.Line, Text: text} }
	switch {
	case depth > maxDepth:
		return wrong("入れ子が深すぎます。")
	case y.Anchor != "" || y.Kind == yaml.AliasNode:
		return wrong("& と * による参照は使えません。そのまま書いてください。")
	}
	switch y.Kind {
	case yaml.ScalarNode:
		n.Kind, n.Text = form.TextNode, y.Value
		switch y.ShortTag() {
		case "!!null":
			n.Kind = form.NullNode
		case "!!bool":
			n.Kind = form.BoolNode
		case "!!int":
			n.Kind = form.NumberNode
		}
		return n, nil
	case yaml.SequenceNode:
		n.Kind = form.ListNode
		for _, item := range y.Content {
			inner, err := nodeOf(item, depth+1)
			if err != nil {
				return n, err
			}
			n.Items = append(n.Items, inner)
		}
		return n, nil
	}
	n.Kind = form.ObjectNode
	for i := 0; i+1 < len(y.Content); i += 2 {
		key := y.Content[i]
		if key.Kind != yaml.ScalarNode || key.Anchor != "" || key.ShortTag() == "!!merge" {
			return wrong("項目の名前は、ふつうの文字で書いてください。")
		}
		if slices.ContainsFunc(n.Keys, func(k form.Key) bool { return k.Name == key.Value }) {
			return n, form.Problem{Line: key.Line, Text: "「" + form.Shown(key.Value) + "」が二度書かれています。一つにしてください。"}
		}
		inner, err := nodeOf(y.Content[i+1], depth+1)
		if err != nil {
			return n, err
		}
		n.Keys, n.Items = append(n.Keys, form.Key{Name: key.Value, Line: key.Line}), append(n.Items, inner)
	}
	return n, nil
}

// builder makes a definition of what an author wrote.
type builder struct {
	problems form.Problems
	words    form.Node // the texts
	texts    map[string]bool
}

func (b *builder) wrong(line int, path, text string) {
	b.problems = append(b.problems, form.Problem{Line: line, Path: path, Text: text})
}

// take removes a member and gives it.
func take(n *form.Node, name string) (form.Node, bool) {
	i := slices.IndexFunc(n.Keys, func(k form.Key) bool { return k.Name == name })
	if i < 0 || n.Kind != form.ObjectNode {
		return form.Node{}, false
	}
	found := n.Items[i]
	n.Keys, n.Items = slices.Delete(slices.Clone(n.Keys), i, i+1), slices.Delete(slices.Clone(n.Items), i, i+1)
	return found, true
}

func put(n *form.Node, name string, value form.Node) {
	n.Keys, n.Items = append(n.Keys, form.Key{Name: name, Line: value.Line}), append(n.Items, value)
}

func textAt(line int, s string) form.Node { return form.Node{Kind: form.TextNode, Text: s, Line: line} }

func (b *builder) form(n form.Node) form.Node {
	b.words = form.Node{Kind: form.ObjectNode, Line: n.Line}
	b.lift(&n, "title", "title", true, form.Node{})
	b.lift(&n, "lead", "lead", false, form.Node{})
	b.lift(&n, "document", "document", true, form.Node{})
	if sections, ok := take(&n, "sections"); ok {
		for i := range sections.Items {
			sections.Items[i] = b.section(sections.Items[i])
		}
		put(&n, "sections", sections)
	}
	if checks, ok := take(&n, "checks"); ok {
		for i := range checks.Items {
			b.lift(&checks.Items[i], "text", "check."+idOf(checks.Items[i]), true, form.Node{})
		}
		put(&n, "checks", checks)
	}
	put(&n, "texts", b.words)
	return n
}

// idOf is what a node is called, for the keys of its words; "?" when it has no name, which is said later.
func idOf(n form.Node) string {
	copied := n
	if id, ok := take(&copied, "id"); ok && id.Kind == form.TextNode {
		return id.Text
	}
	return "?"
}

// lift takes words from where they stand into the texts.
func (b *builder) lift(n *form.Node, member, key string, label bool, of form.Node) {
	written, ok := take(n, member)
	if !ok || strings.HasSuffix(key, "?") {
		return
	}
	b.put(written, key, label, of)
}

func (b *builder) put(written form.Node, key string, label bool, of form.Node) {
	if b.texts[key] {
		return // the second of a name is refused where it stands
	}
	if written.Kind != form.TextNode {
		b.wrong(written.Line, key, "日本語 | English | やさしい日本語 の形の文字にしてください。")
		return
	}
	b.texts[key] = true
	parts := split(written.Text)
	if of.Kind == form.TextNode {
		parts = owned(split(of.Text), parts)
	}
	if len(parts) < 2 || len(parts) > 3 || slices.Contains(parts, "") {
		b.wrong(written.Line, key, "日本語と英語を | で分けて書いてください。やさしい日本語はその後ろです。")
		return
	}
	easy := parts[len(parts)-1]
	if len(parts) == 2 {
		easy = parts[0]
	}
	if bare := unread(easy); bare != "" {
		if label || len(parts) == 3 {
			b.wrong(written.Line, key, "「"+bare+"」に読みを付けてください。漢字《かんじ》のように書きます。")
			return
		}
		easy = ""
	}
	t := form.Node{Kind: form.ObjectNode, Line: written.Line}
	put(&t, "ja", textAt(written.Line, reading.Plain(parts[0])))
	put(&t, "en", textAt(written.Line, parts[1]))
	if easy != "" {
		put(&t, "easy", textAt(written.Line, easy))
	}
	put(&b.words, key, t)
}

func split(s string) []string {
	parts := strings.Split(s, "|")
	for i := range parts {
		parts[i] = strings.TrimSpace(parts[i])
	}
	return parts
}

// owned says whose something is.
func owned(of, what []string) []string {
	if len(of) != 2 || len(what) < 2 {
		return what
	}
	whole := []string{of[0] + "の" + what[0], of[1] + ": " + what[1]}
	if len(what) == 3 {
		whole = append(whole, of[0]+"の "+what[2])
	}
	return whole
}

// unread is the first run of kanji without a reading.
func unread(easy string) string {
	for _, part := range reading.Split(easy) {
		kanji := strings.ContainsFunc(part.Base, func(r rune) bool { return unicode.Is(unicode.Han, r) })
		if part.Reading == "" && kanji {
			return part.Base
		}
	}
	return ""
}

func (b *builder) section(n form.Node) form.Node {
	id := idOf(n)
	b.lift(&n, "label", "section."+id, true, form.Node{})
	b.lift(&n, "help", "section."+id+".help", false, form.Node{})
	if fields, ok := take(&n, "fields"); ok {
		put(&n, "fields", b.fields(fields, part{}))
	}
	return n
}

// part is where fields stand within a shared part.
type part struct {
	prefix string
	of     form.Node
	line   int // of the use, to which all problems point
	showIf string
}

func (b *builder) fields(list form.Node, in part) form.Node {
	out := form.Node{Kind: list.Kind, Line: list.Line}
	for _, n := range list.Items {
		if use, ok := take(&n, "use"); ok {
			out.Items = append(out.Items, b.use(n, use, in)...)
			continue
		}
		out.Items = append(out.Items, b.field(n, in))
	}
	return out
}

func (b *builder) field(n form.Node, in part) form.Node {
	if in.line != 0 {
		n = moved(n, in.line)
	}
	n.Keys, n.Items = slices.Clone(n.Keys), slices.Clone(n.Items)
	for i, key := range n.Keys {
		item := &n.Items[i]
		switch {
		case key.Name == "id":
			item.Text = in.prefix + item.Text
		case in.line != 0 && item.Kind == form.TextNode:
			switch key.Name {
			case "show_if", "required", "calc", "min", "max":
				item.Text = strings.ReplaceAll(item.Text, "@", in.prefix)
			}
		}
	}
	if in.showIf != "" {
		own, ok := take(&n, "show_if")
		condition := in.showIf
		if ok {
			condition = "(" + condition + ") && (" + own.Text + ")"
		}
		put(&n, "show_if", textAt(n.Line, condition))
	}
	id := idOf(n)
	b.lift(&n, "label", id, true, in.of)
	b.lift(&n, "help", id+".help", false, form.Node{})
	b.lift(&n, "row", id+".row", true, form.Node{})
	if options, ok := take(&n, "options"); ok {
		put(&n, "options", b.options(options, id))
	}
	if fields, ok := take(&n, "fields"); ok {
		inner := in
		inner.showIf = ""
		put(&n, "fields", b.fields(fields, inner))
	}
	return n
}

// moved points at another line: that on which a shared part is used.
func moved(n form.Node, line int) form.Node {
	n.Line = line
	n.Items, n.Keys = slices.Clone(n.Items), slices.Clone(n.Keys)
	for i := range n.Items {
		n.Items[i] = moved(n.Items[i], line)
	}
	for i := range n.Keys {
		n.Keys[i].Line = line
	}
	return n
}

func (b *builder) options(list form.Node, id string) form.Node {
	out := form.Node{Kind: list.Kind, Line: list.Line}
	for _, o := range list.Items {
		if o.Kind != form.ObjectNode || len(o.Keys) != 1 {
			b.wrong(o.Line, id+".options", "「birth: 出生 | Birth」のように、名前と文言を書いてください。")
			continue
		}
		b.put(o.Items[0], id+"."+o.Keys[0].Name, true, form.Node{})
		out.Items = append(out.Items, textAt(o.Line, o.Keys[0].Name))
	}
	return out
}

// use puts the fields of a shared part in place.
func (b *builder) use(n, name form.Node, in part) []form.Node {
	shared, known := parts()[name.Text]
	if !known {
		b.wrong(name.Line, "use", "「"+form.Shown(name.Text)+"」という共通の部品はありません。"+
			strings.Join(partNames(), "、")+" のどれかです。")
		return nil
	}
	if in.line != 0 {
		b.wrong(in.line, "use", "部品の中で部品は使えません。")
		return nil
	}
	inside := part{line: n.Line}
	if id, ok := take(&n, "id"); ok {
		inside.prefix = id.Text + "_"
	}
	if of, ok := take(&n, "of"); ok {
		inside.of = of
	}
	if condition, ok := take(&n, "show_if"); ok {
		inside.showIf = condition.Text
	}
	var without []string
	if list, ok := take(&n, "without"); ok {
		for _, item := range list.Items {
			without = append(without, item.Text)
		}
	}
	for _, key := range n.Keys {
		b.wrong(key.Line, "use", "「"+form.Shown(key.Name)+"」は use と一緒に書けません。id、of、show_if、without だけです。")
	}
	list := form.Node{Kind: form.ListNode, Line: inside.line}
	for _, field := range shared.Items {
		if i := slices.Index(without, idOf(field)); i >= 0 {
			without = slices.Delete(without, i, i+1)
			continue
		}
		list.Items = append(list.Items, field)
	}
	if len(without) > 0 {
		b.wrong(inside.line, "use", "「"+form.Shown(without[0])+"」はこの部品にありません。")
	}
	return b.fields(list, inside).Items
}

//go:embed parts.yaml
var partsFile []byte

var parts = sync.OnceValue(func() map[string]form.Node {
	n, err := parse(partsFile)
	if err != nil {
		panic("parts.yaml: " + err.Error()) // written here: tests read it
	}
	all := map[string]form.Node{}
	for i, key := range n.Keys {
		all[key.Name] = n.Items[i]
	}
	return all
})

func partNames() []string {
	names := make([]string, 0, len(parts()))
	for name := range parts() {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}
