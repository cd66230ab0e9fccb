package notice

import (
	"bytes"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"unicode"

	"github.com/yuin/goldmark"
	"github.com/yuin/goldmark/ast"
	"github.com/yuin/goldmark/text"
	"github.com/yuin/goldmark/util"

	"madoguchi/backend/door/access"
	portalv1 "madoguchi/proto/gen/portal/v1"
	"madoguchi/proto/link"
	"madoguchi/proto/plaintext"
)

// What a marked text may have (officev1.TextForm says it to offices): a page draws each block, and nobody reads lists
// that stand four deep in one another.
const (
	mostBlocks   = 400
	mostLinks    = 50
	deepestList  = 3
	deepestTitle = 3
)

// marks reads CommonMark whole, so that what is not among ours is known for what it is, and refused.
var marks = goldmark.DefaultParser()

// tree reads a marked text. The error says what cannot stand there, and in which line; it quotes nothing, as it is also
// written to the log.
func tree(body string) ([]*portalv1.MarkedBlock, error) {
	source := []byte(body)
	r := &markReader{source: source, line: 1}
	blocks, err := r.blocks(marks.Parse(text.NewReader(source)), 0)
	if err == nil && len(blocks) == 0 {
		err = errors.New("there is nothing to be seen")
	}
	if err != nil {
		return nil, &access.Told{Cause: fmt.Errorf("line %d: %w", r.line, err)}
	}
	return blocks, nil
}

// markReader makes the tree of what the parser found.
type markReader struct {
	source []byte
	line   int // where it is
	level  int // of the heading before
	count  int // of blocks
	links  int
}

// at notes the line of a place in the source; a node that knows none has -1.
func (r *markReader) at(place int) {
	if place >= 0 {
		r.line = 1 + bytes.Count(r.source[:min(place, len(r.source))], []byte("\n"))
	}
}

func (r *markReader) blocks(parent ast.Node, lists int) ([]*portalv1.MarkedBlock, error) {
	var blocks []*portalv1.MarkedBlock
	for n := parent.FirstChild(); n != nil; n = n.NextSibling() {
		r.at(n.Pos())
		if r.count++; r.count > mostBlocks {
			return nil, fmt.Errorf("a notice has at most %d headings, paragraphs and lists", mostBlocks)
		}
		block, err := r.block(n, lists)
		if err != nil {
			return nil, err
		}
		if block != nil {
			blocks = append(blocks, block)
		}
	}
	return blocks, nil
}

func (r *markReader) block(n ast.Node, lists int) (*portalv1.MarkedBlock, error) {
	switch n := n.(type) {
	case *ast.Heading:
		return r.heading(n, lists)
	case *ast.Paragraph, *ast.TextBlock:
		return r.words(n, portalv1.MarkedKind_MARKED_KIND_PARAGRAPH)
	case *ast.List:
		return r.list(n, lists)
	case *ast.LinkReferenceDefinition: // it is told where it is used
		return nil, nil
	}
	return nil, fmt.Errorf("%s cannot stand in a notice", nameOf(n))
}

func (r *markReader) heading(n *ast.Heading, lists int) (*portalv1.MarkedBlock, error) {
	switch {
	case lists > 0:
		return nil, errors.New("a heading cannot stand in a list")
	case n.Level > deepestTitle:
		return nil, fmt.Errorf("headings go down to %s", strings.Repeat("#", deepestTitle))
	}
	block, err := r.words(n, portalv1.MarkedKind_MARKED_KIND_HEADING)
	if err != nil {
		return nil, err
	}
	r.level = min(n.Level, r.level+1)
	block.Level = int32(r.level)
	return block, nil
}

func (r *markReader) list(n *ast.List, lists int) (*portalv1.MarkedBlock, error) {
	if lists == deepestList {
		return nil, fmt.Errorf("lists stand at most %d deep in one another", deepestList)
	}
	block := &portalv1.MarkedBlock{Kind: portalv1.MarkedKind_MARKED_KIND_LIST}
	if n.IsOrdered() {
		block.Kind, block.Start = portalv1.MarkedKind_MARKED_KIND_NUMBERED_LIST, int32(n.Start)
	}
	for item := n.FirstChild(); item != nil; item = item.NextSibling() {
		inside, err := r.blocks(item, lists+1)
		if err != nil {
			return nil, err
		}
		if len(inside) == 0 {
			return nil, errors.New("an item of a list has no words")
		}
		block.Items = append(block.Items, &portalv1.MarkedItem{Blocks: inside})
	}
	return block, nil
}

// words are those of a paragraph or heading, in which something must be seen.
func (r *markReader) words(n ast.Node, kind portalv1.MarkedKind) (*portalv1.MarkedBlock, error) {
	spans, err := r.spans(n, false)
	if err != nil {
		return nil, err
	}
	var all strings.Builder
	for _, s := range spans {
		all.WriteString(s.GetText())
	}
	if err := plaintext.Body(all.String()); err != nil {
		return nil, err
	}
	return &portalv1.MarkedBlock{Kind: kind, Spans: spans}, nil
}

func (r *markReader) spans(parent ast.Node, strong bool) ([]*portalv1.MarkedSpan, error) {
	var spans []*portalv1.MarkedSpan
	for n := parent.FirstChild(); n != nil; n = n.NextSibling() {
		inside, err := r.inline(n, strong)
		if err != nil {
			return nil, err
		}
		for _, s := range inside {
			spans = appended(spans, s)
		}
	}
	return spans, nil
}

// appended adds a span, to the one before where both are of a kind.
func appended(spans []*portalv1.MarkedSpan, s *portalv1.MarkedSpan) []*portalv1.MarkedSpan {
	if len(spans) > 0 {
		last := spans[len(spans)-1]
		if last.GetStrong() == s.GetStrong() && last.GetHref() == "" && s.GetHref() == "" {
			last.Text += s.GetText()
			return spans
		}
	}
	return append(spans, s)
}

func (r *markReader) inline(n ast.Node, strong bool) ([]*portalv1.MarkedSpan, error) {
	r.at(n.Pos())
	switch n := n.(type) {
	case *ast.Text:
		words, err := literal(n.Segment.Value(r.source))
		if n.SoftLineBreak() || n.HardLineBreak() {
			words += "\n"
		}
		return []*portalv1.MarkedSpan{{Text: words, Strong: strong}}, err
	case *ast.Emphasis:
		return r.spans(n, true)
	case *ast.Link:
		return r.link(n, strong)
	case *ast.AutoLink:
		address := string(n.URL(r.source))
		return r.linked(address, address, strong)
	}
	return nil, fmt.Errorf("%s cannot stand in a notice", nameOf(n))
}

// literal is a text without its backslashes. Entities are refused: whoever reads a notice as plain text would see them,
// and what they stand for was not looked at by those who check texts.
func literal(raw []byte) (string, error) {
	if resolved := util.ResolveEntityNames(util.ResolveNumericReferences(raw)); !bytes.Equal(resolved, raw) {
		return "", errors.New("write the character itself, or \\& for &, where an entity (&…;) stands")
	}
	return string(util.UnescapePunctuations(raw)), nil
}

func (r *markReader) link(n *ast.Link, strong bool) ([]*portalv1.MarkedSpan, error) {
	inside, err := r.spans(n, strong)
	if err != nil {
		return nil, err
	}
	if len(n.Title) > 0 {
		return nil, errors.New("a link has no title besides its words")
	}
	var words strings.Builder
	for _, s := range inside {
		words.WriteString(s.GetText())
		strong = strong || s.GetStrong()
	}
	address, err := literal(n.Destination)
	if err != nil {
		return nil, fmt.Errorf("a link: %w", err)
	}
	return r.linked(words.String(), address, strong)
}

// linked is a link. Its words may not be an address that is another.
func (r *markReader) linked(words, address string, strong bool) ([]*portalv1.MarkedSpan, error) {
	if r.links++; r.links > mostLinks {
		return nil, fmt.Errorf("a notice has at most %d links", mostLinks)
	}
	words = strings.ReplaceAll(words, "\n", " ")
	if err := plaintext.Title(words); err != nil {
		return nil, fmt.Errorf("the words of a link: %w", err)
	}
	if err := link.Check(address); err != nil {
		return nil, fmt.Errorf("a link: %w", err)
	}
	for _, host := range addresses(words) {
		if !strings.EqualFold(host, hostOf(address)) {
			return nil, errors.New("the words of a link name another site than it leads to")
		}
	}
	return []*portalv1.MarkedSpan{{Text: words, Strong: strong, Href: address}}, nil
}

// hostOf is the host of an address that link.Check passed.
func hostOf(address string) string {
	_, after, _ := strings.Cut(address, "://")
	host, _, _ := strings.Cut(after, "/")
	host, _, _ = strings.Cut(host, "?")
	host, _, _ = strings.Cut(host, "#")
	return strings.TrimSuffix(host, ":443")
}

// addresses are what people take for the names of sites among some words: www.example.jp, example.jp/x, 例え.jp.
func addresses(words string) []string {
	var hosts []string
	for part := range strings.FieldsFuncSeq(words, func(c rune) bool { return !ofAddress(c) }) {
		part = strings.TrimRight(part, ".-")
		dot := strings.LastIndexByte(part, '.')
		last := part[dot+1:]
		if dot >= 0 && len(last) > 1 && !strings.ContainsFunc(last, unicode.IsDigit) && !isFile[strings.ToLower(last)] {
			hosts = append(hosts, part)
		}
	}
	return hosts
}

// isFile are the ends of files' names, none of them one of sites.
var isFile = map[string]bool{
	"pdf": true, "csv": true, "doc": true, "docx": true, "xls": true, "xlsx": true, "jpeg": true,
}

// ofAddress are the signs of a site's name, but for kana and kanji: the words before them cannot be told apart. Of such
// a name the end is found, which is no site's.
func ofAddress(c rune) bool {
	return c == '.' || c == '-' || c < 0x80 && (unicode.IsLetter(c) || unicode.IsDigit(c))
}

func nameOf(n ast.Node) string {
	switch n := n.(type) {
	case *ast.HTMLBlock, *ast.RawHTML:
		return "HTML"
	case *ast.Image:
		return "a picture"
	case *ast.Blockquote:
		return "a quote (>)"
	case *ast.ThematicBreak:
		return "a rule (---)"
	case *ast.CodeSpan:
		return "code (`)"
	case *ast.CodeBlock:
		return "code (what is indented by four blanks or more)"
	case *ast.FencedCodeBlock:
		return "code (```)"
	case *ast.Heading, *ast.List:
		return "what is in a heading"
	default:
		return n.Kind().String()
	}
}

// flat says a tree as plain text: for pages that know no trees, and for finding words.
func flat(blocks []*portalv1.MarkedBlock) string {
	var parts []string
	for _, b := range blocks {
		parts = append(parts, flatBlock(b))
	}
	return strings.Join(parts, "\n\n")
}

func flatBlock(b *portalv1.MarkedBlock) string {
	var out strings.Builder
	for _, s := range b.GetSpans() {
		out.WriteString(s.GetText())
		if s.GetHref() != "" && s.GetHref() != s.GetText() {
			out.WriteString("（" + s.GetHref() + "）")
		}
	}
	for i, item := range b.GetItems() {
		sign := "・"
		if b.GetKind() == portalv1.MarkedKind_MARKED_KIND_NUMBERED_LIST {
			sign = strconv.Itoa(int(b.GetStart())+i) + ". "
		}
		if i > 0 {
			out.WriteByte('\n')
		}
		inside := make([]string, len(item.GetBlocks()))
		for j, block := range item.GetBlocks() {
			inside[j] = flatBlock(block)
		}
		out.WriteString(sign + strings.ReplaceAll(strings.Join(inside, "\n"), "\n", "\n　"))
	}
	return out.String()
}
