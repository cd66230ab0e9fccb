package paper_test

import (
	"bytes"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/carlos7ags/folio/core"
	"github.com/carlos7ags/folio/document"
	"github.com/carlos7ags/folio/font"
	"github.com/carlos7ags/folio/layout"
	"github.com/carlos7ags/folio/reader"

	"madoguchi/backend/door/paper"
)

// What a program can find of PDF/UA-1 in files such as ours (the Matterhorn Protocol 1.1 by its numbers; what there is
// none of here, as annotations, forms, lists and embedded files, must not be there).
func TestPDFKeepsPDFUA(t *testing.T) {
	long := sample()
	for i := range 200 {
		long.Sections[1].Tables[0].Rows = append(long.Sections[1].Tables[0].Rows, []paper.Cell{fmt.Sprint(i), "題", nil})
	}
	wide := sample()
	columns := make([]paper.Column, 9)
	for i := range columns {
		columns[i] = paper.Column{Name: fmt.Sprint("c", i), Label: fmt.Sprint("列", i)}
	}
	wide.Sections[1].Tables[0] = paper.Table{Columns: columns, Rows: [][]paper.Cell{make([]paper.Cell, 9), {
		"a", "b", nil, int64(1), true, "", "c", "d", "e",
	}}}
	unseen := sample()
	unseen.Title, unseen.Language = "<笑顔> & 🫠", "en"
	for name, d := range map[string]paper.Document{"usual": sample(), "long": long, "wide": wide, "unseen": unseen} {
		var b bytes.Buffer
		if err := paper.PDF(&b, d, fonts(t)); err != nil {
			t.Fatal(err)
		}
		if faults := faultsOf(t, b.Bytes()); len(faults) > 0 {
			t.Errorf("%s: %s", name, strings.Join(faults[:min(len(faults), 20)], "\n"))
		}
	}
}

// The check finds faults: folio's own pages have these.
func TestTheCheckOfPDFUAFindsFaults(t *testing.T) {
	d := document.NewDocument(document.PageSizeA4)
	d.SetTagged(true)
	d.Add(layout.NewParagraph("a", font.Helvetica, 10))
	var b bytes.Buffer
	if _, err := d.WriteTo(&b); err != nil {
		t.Fatal(err)
	}
	faults := strings.Join(faultsOf(t, b.Bytes()), "\n")
	for _, number := range []string{"06-", "07-", "11-", "14-", "31-"} {
		if !strings.Contains(faults, number) {
			t.Errorf("no %s is found:\n%s", number, faults)
		}
	}
}

// checked is a file under check.
type checked struct {
	t      *testing.T
	from   *reader.PdfReader
	faults []string
	// owners are by page and number of marked content; last is the level of the last heading.
	owners map[string]string
	last   int
}

func faultsOf(t *testing.T, file []byte) []string {
	t.Helper()
	from, err := reader.Parse(file)
	if err != nil {
		t.Fatal(err)
	}
	c := &checked{t: t, from: from, owners: map[string]string{}}
	catalog := from.Catalog()
	c.metadata(catalog)
	if mark := c.dict(catalog.Get("MarkInfo")); mark == nil || c.text(mark.Get("Marked")) != "true" {
		c.fault("06-001 the file is not marked as tagged")
	}
	if lang, is := catalog.Get("Lang").(*core.PdfString); !is || lang.Text() == "" {
		c.fault("11-006 no language")
	}
	prefs := c.dict(catalog.Get("ViewerPreferences"))
	if prefs == nil || c.text(prefs.Get("DisplayDocTitle")) != "true" {
		c.fault("07-001 the title is not shown")
	}
	for _, key := range []string{"AcroForm", "Names", "AF"} {
		if catalog.Get(key) != nil {
			c.fault("the file has %s", key)
		}
	}
	root := c.dict(catalog.Get("StructTreeRoot"))
	if root == nil {
		c.fault("01-000 no structure")
		return c.faults
	}
	c.structure(root, "")
	c.pages(root)
	return c.faults
}

func (c *checked) fault(format string, args ...any) {
	c.faults = append(c.faults, fmt.Sprintf(format, args...))
}

func (c *checked) at(o core.PdfObject) core.PdfObject {
	object, err := c.from.ResolveObject(o)
	if err != nil {
		c.t.Fatal(err)
	}
	return object
}

func (c *checked) dict(o core.PdfObject) *core.PdfDictionary {
	if o == nil {
		return nil
	}
	d, _ := c.at(o).(*core.PdfDictionary)
	return d
}

func (c *checked) text(o core.PdfObject) string {
	if o == nil {
		return ""
	}
	var b bytes.Buffer
	if _, err := c.at(o).WriteTo(&b); err != nil {
		c.t.Fatal(err)
	}
	return strings.TrimPrefix(b.String(), "/")
}

func (c *checked) list(o core.PdfObject) (all []core.PdfObject) {
	if o == nil {
		return nil
	}
	array, is := c.at(o).(*core.PdfArray)
	if !is {
		return []core.PdfObject{o}
	}
	for _, element := range array.All() {
		all = append(all, element)
	}
	return all
}

// metadata: 06-001 to 06-004, and 07-002.
func (c *checked) metadata(catalog *core.PdfDictionary) {
	if catalog.Get("Metadata") == nil {
		c.fault("06-001 no metadata")
		return
	}
	stream, is := c.at(catalog.Get("Metadata")).(*core.PdfStream)
	if !is {
		c.fault("06-001 no metadata")
		return
	}
	words := map[string]string{}
	last := ""
	for decoder := xml.NewDecoder(bytes.NewReader(stream.Data)); ; {
		token, err := decoder.Token()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			c.fault("06-001 the metadata are no XML: %v", err)
			return
		}
		switch token := token.(type) {
		case xml.StartElement:
			last = token.Name.Local
		case xml.CharData:
			words[last] += strings.TrimSpace(string(token))
			if last == "li" && words["title"] == "" {
				words["title"] = strings.TrimSpace(string(token))
			}
		}
	}
	title, _, _, _, _ := c.from.Info()
	if words["part"] != "1" || words["title"] == "" || words["title"] != title {
		c.fault("06-002, 06-003 the metadata say %v; the title is %q", words, title)
	}
}

// parents of each kind of structure that there is here.
var parents = map[string][]string{
	"Document": {""}, "H1": {"Document"}, "H2": {"Document"}, "H3": {"Document"}, "P": {"Document"},
	"Table": {"Document"}, "TR": {"Table"}, "TH": {"TR"}, "TD": {"TR"}, "Figure": {"P", "TH", "TD", "H1", "H2", "H3"},
}

// structure: 01-006 (kinds), 09 (nesting), 13-004 (pictures), 14 (headings), 15-003 (head cells).
func (c *checked) structure(d *core.PdfDictionary, parent string) (cells int) {
	tag := c.text(d.Get("S"))
	if parent != "" || d.Get("S") != nil {
		if !slices.Contains(parents[tag], parent) {
			c.fault("01-006, 09-004 %s in %q", tag, parent)
		}
	}
	if level := strings.TrimPrefix(tag, "H"); len(level) == 1 && level[0] >= '1' && level[0] <= '6' {
		now := int(level[0] - '0')
		if now > c.last+1 {
			c.fault("14-003 H%d after H%d", now, c.last)
		}
		c.last = now
	}
	switch tag {
	case "TH":
		if a := c.dict(d.Get("A")); a == nil || c.text(a.Get("O")) != "Table" ||
			!slices.Contains([]string{"Row", "Column"}, c.text(a.Get("Scope"))) {
			c.fault("15-003 a head cell without scope")
		}
	case "Figure":
		if alt, is := d.Get("Alt").(*core.PdfString); !is || alt.TextString() == "" {
			c.fault("13-004 a picture without words")
		}
	}
	width := -1
	for _, kid := range c.list(d.Get("K")) {
		k := c.dict(kid)
		switch {
		case k == nil:
			c.fault("content of %s without a page", tag)
		case c.text(k.Get("Type")) == "MCR":
			if tag == "Table" || tag == "TR" || tag == "Document" {
				c.fault("09-004 %s has content of its own", tag)
			}
			ref := k.Get("Pg").(*core.PdfIndirectReference)
			c.owners[fmt.Sprintf("%d/%s", ref.Num(), c.text(k.Get("MCID")))] = tag
		default:
			n := c.structure(k, tag)
			if tag == "Table" && width >= 0 && n != width {
				c.fault("15-005 rows of %d and %d cells", width, n)
			}
			width = n
			cells++
		}
	}
	if tag == "Document" && c.last == 0 {
		c.fault("14-002 no heading")
	}
	return cells
}

// pages: every piece of content belongs to one structure, by both tables, or is an artifact (01-003 to 01-005); fonts
// are in the file, with what their glyphs mean (10-001, 31-009), and no glyph is the box of what is missing (31-030).
func (c *checked) pages(root *core.PdfDictionary) {
	byPage := map[string][]core.PdfObject{}
	if tree := c.dict(root.Get("ParentTree")); tree != nil {
		nums := c.list(tree.Get("Nums"))
		for i := 0; i+1 < len(nums); i += 2 {
			byPage[c.text(nums[i])] = c.list(nums[i+1])
		}
	}
	seen := map[string]bool{}
	for n := 1; n <= c.from.MaxObjectNumber(); n++ {
		ref := core.NewPdfIndirectReference(n, 0)
		page := c.dict(ref)
		if page == nil || c.text(page.Get("Type")) != "Page" {
			continue
		}
		if page.Get("Annots") != nil {
			c.fault("28 the page has annotations")
		}
		owners := byPage[c.text(page.Get("StructParents"))]
		c.fontsOf(page)
		for _, o := range c.list(page.Get("Contents")) {
			stream, is := c.at(o).(*core.PdfStream)
			if !is {
				c.t.Fatal("no content")
			}
			c.content(stream.Data, func(tag string, mcid string) {
				key := fmt.Sprintf("%d/%s", n, mcid)
				owner := ""
				var i int
				if _, err := fmt.Sscan(mcid, &i); err == nil && i < len(owners) {
					if d := c.dict(owners[i]); d != nil {
						owner = c.text(d.Get("S"))
					}
				}
				if seen[key] || c.owners[key] != tag || owner != tag {
					c.fault("01-005 content %s is marked %s, and is of %q and %q", key, tag, c.owners[key], owner)
				}
				seen[key] = true
			})
		}
	}
	for key := range c.owners {
		if !seen[key] {
			c.fault("a structure has content %s that there is not", key)
		}
	}
}

func (c *checked) fontsOf(page *core.PdfDictionary) {
	resources := c.dict(page.Get("Resources"))
	if resources == nil || c.dict(resources.Get("Font")) == nil {
		return
	}
	for name, o := range c.dict(resources.Get("Font")).All() {
		font := c.dict(o)
		if font.Get("ToUnicode") == nil {
			c.fault("10-001 the font %s has no Unicode", name)
		}
		inside := false
		for _, d := range c.list(font.Get("DescendantFonts")) {
			if descriptor := c.dict(c.dict(d).Get("FontDescriptor")); descriptor != nil {
				inside = descriptor.Get("FontFile2") != nil || descriptor.Get("FontFile3") != nil
			}
		}
		if !inside {
			c.fault("31-009 the font %s is not in the file", name)
		}
	}
}

// content reads a page's operators, and calls marked for each piece of content that belongs to a structure.
func (c *checked) content(b []byte, marked func(tag, mcid string)) {
	var open []string // the number of what is marked, "artifact", or "" for what is neither
	var operands []string
	holds := func(what string) bool { return slices.Contains(open, what) }
	structured := func() bool {
		return slices.ContainsFunc(open, func(o string) bool { return o != "" && o != "artifact" })
	}
	for _, token := range tokens(b) {
		switch token {
		case "BDC", "BMC":
			tag := strings.TrimPrefix(operands[0], "/")
			mcid := ""
			if at := slices.Index(operands, "/MCID"); at >= 0 {
				mcid = operands[at+1]
			}
			switch {
			case tag == "Artifact":
				if structured() {
					c.fault("01-003 an artifact within content")
				}
				open = append(open, "artifact")
			case mcid != "":
				if len(open) > 0 {
					c.fault("01-004 content %s within other content", mcid)
				}
				marked(tag, mcid)
				open = append(open, mcid)
			default:
				open = append(open, "")
			}
		case "EMC":
			if len(open) == 0 {
				c.fault("an end without a beginning")
				return
			}
			open = open[:len(open)-1]
		case "Tj", "TJ", "f", "f*", "S", "s", "B", "b", "Do", "sh":
			if !structured() && !holds("artifact") {
				c.fault("01-005 %s of nothing", token)
			}
			if token == "Tj" && len(operands) > 0 {
				text := strings.Trim(operands[len(operands)-1], "<>")
				for i := 0; i+4 <= len(text); i += 4 {
					if text[i:i+4] == "0000" {
						c.fault("31-030 a glyph that is none")
					}
				}
			}
		default:
			if !operator.MatchString(token) {
				operands = append(operands, token)
				continue
			}
		}
		operands = nil
	}
	if len(open) > 0 {
		c.fault("%d beginnings without an end", len(open))
	}
}

// ends tells whether what follows a token begins there.
func ends(b []byte) bool {
	return strings.IndexByte(" \n\r\t()[]/", b[0]) >= 0 || bytes.HasPrefix(b, []byte("<<")) ||
		bytes.HasPrefix(b, []byte(">>"))
}

var operator = regexp.MustCompile(`^[A-Za-z][A-Za-z0-9*]*$`)

// tokens are the words of a page's content, without the brackets of arrays and dictionaries.
func tokens(b []byte) (all []string) {
	for i := 0; i < len(b); {
		switch ch := b[i]; {
		case strings.IndexByte(" \n\r\t", ch) >= 0:
			i++
		case ch == '(':
			depth, from := 1, i
			for i++; i < len(b) && depth > 0; i++ {
				switch b[i] {
				case '\\':
					i++
				case '(':
					depth++
				case ')':
					depth--
				}
			}
			all = append(all, string(b[from:min(i, len(b))]))
		case bytes.HasPrefix(b[i:], []byte("<<")), bytes.HasPrefix(b[i:], []byte(">>")):
			i += 2
		case strings.IndexByte("[]", ch) >= 0:
			i++
		default:
			from := i
			for i++; i < len(b) && !ends(b[i:]); i++ {
			}
			all = append(all, string(b[from:i]))
		}
	}
	return all
}
