package paper

import (
	"bytes"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"regexp"
	"slices"
	"strings"

	"github.com/carlos7ags/folio/core"
	"github.com/carlos7ags/folio/document"
	"github.com/carlos7ags/folio/reader"
)

// What PDF/UA-1 (ISO 14289-1) asks of a file and folio does not bear is put in once folio has written it: whether a
// head cell is of its column or its row; that what has only parts (a table, a row) has no content of its own; that a
// page's content is counted from its own beginning, as its structure has it (folio goes on counting from the page
// before); that the foot of a page is no content; and the metadata that say what the file is. The numbers of objects
// stay as they are.

// accessible writes what folio wrote as a file that keeps PDF/UA-1.
func accessible(to io.Writer, written []byte, d Document) error {
	from, err := reader.Parse(written)
	if err != nil {
		return fmt.Errorf("reading a document just written: %w", err)
	}
	f := &file{}
	last := from.MaxObjectNumber()
	for n := 1; n <= last; n++ {
		object, err := from.ResolveObject(core.NewPdfIndirectReference(n, 0))
		if err != nil {
			return fmt.Errorf("reading object %d of a document just written: %w", n, err)
		}
		f.objects = append(f.objects, anew(object))
	}
	f.mend()
	catalog, known := f.dictionary(from.Trailer().Get("Root"))
	if !known {
		return errors.New("a document just written has no catalog")
	}
	metadata, err := metadataOf(d)
	if err != nil {
		return err
	}
	w := document.NewWriter("1.7")
	for _, object := range f.objects {
		w.AddObject(object)
	}
	catalog.Set("Metadata", w.AddObject(metadata))
	w.SetRoot(from.Trailer().Get("Root").(*core.PdfIndirectReference))
	if info, is := from.Trailer().Get("Info").(*core.PdfIndirectReference); is {
		w.SetInfo(info)
	}
	_, err = w.WriteTo(to)
	return err
}

// file is the objects of a document, in the order of their numbers.
type file struct{ objects []core.PdfObject }

func (f *file) at(o core.PdfObject) core.PdfObject {
	if ref, is := o.(*core.PdfIndirectReference); is && ref.Num() > 0 && ref.Num() <= len(f.objects) {
		return f.objects[ref.Num()-1]
	}
	return o
}

func (f *file) dictionary(o core.PdfObject) (*core.PdfDictionary, bool) {
	d, is := f.at(o).(*core.PdfDictionary)
	return d, is
}

// anew is an object to be written: what the reader has unpacked is packed again.
func anew(o core.PdfObject) core.PdfObject {
	stream, is := o.(*core.PdfStream)
	if !is || stream.Dict.Get("Filter") != nil {
		return o
	}
	packed := core.NewPdfStreamCompressed(stream.Data)
	for key, value := range stream.Dict.All() {
		if key != "Length" {
			packed.Dict.Set(key, value)
		}
	}
	return packed
}

// mend puts the structure and the pages in order.
func (f *file) mend() {
	for _, o := range f.objects {
		d, is := o.(*core.PdfDictionary)
		if !is {
			continue
		}
		switch name(d, "Type") {
		case "StructElem":
			f.structure(d)
		case "StructTreeRoot":
			f.parents(d)
		case "Page":
			f.page(d)
		}
	}
}

func name(d *core.PdfDictionary, key string) string {
	if n, is := d.Get(key).(*core.PdfName); is {
		return n.Value
	}
	return ""
}

// hasParts tells whether a structure is made of other structures alone.
func hasParts(tag string) bool { return tag == tagTable || tag == tagRow }

func (f *file) structure(d *core.PdfDictionary) {
	switch tag := name(d, "S"); {
	case hasParts(tag):
		parts := core.NewPdfArray()
		for _, kid := range list(d.Get("K")) {
			if _, is := kid.(*core.PdfIndirectReference); is { // else it is marked content
				parts.Add(kid)
			}
		}
		d.Set("K", parts)
		d.Remove("Pg")
	case tag == tagHead:
		scope := core.NewPdfDictionary()
		scope.Set("O", core.NewPdfName(tagTable))
		scope.Set("Scope", core.NewPdfName(f.scope(d)))
		d.Set("A", scope)
	}
}

// scope is of what a head cell is the head: of a column in a row of heads, of its row beside data.
func (f *file) scope(head *core.PdfDictionary) string {
	row, _ := f.dictionary(head.Get("P"))
	if row == nil {
		return "Column"
	}
	for _, kid := range list(row.Get("K")) {
		if cell, is := f.dictionary(kid); is && name(cell, "S") == tagData {
			return "Row"
		}
	}
	return "Column"
}

func list(o core.PdfObject) []core.PdfObject {
	array, is := o.(*core.PdfArray)
	if !is {
		if o == nil {
			return nil
		}
		return []core.PdfObject{o}
	}
	var all []core.PdfObject
	for _, element := range array.All() {
		all = append(all, element)
	}
	return all
}

// parents drops from the table of who owns a piece of content those that own none.
func (f *file) parents(root *core.PdfDictionary) {
	tree, _ := f.dictionary(root.Get("ParentTree"))
	if tree == nil {
		return
	}
	for _, o := range list(tree.Get("Nums")) {
		owners, is := f.at(o).(*core.PdfArray)
		if !is {
			continue
		}
		for i, owner := range owners.All() {
			if d, is := f.dictionary(owner); is && hasParts(name(d, "S")) {
				owners.Set(i, core.NewPdfNull())
			}
		}
	}
}

func (f *file) page(d *core.PdfDictionary) {
	count := 0
	for _, o := range list(d.Get("Contents")) {
		if stream, is := f.at(o).(*core.PdfStream); is {
			stream.Data = marked(stream.Data, &count)
		}
	}
}

// Folio writes an operator a line.
var (
	begins = regexp.MustCompile(`^/(\w+) <<(/MCID \d+)?.*>> BDC$`)
	paints = regexp.MustCompile(`(^| )(Tj|TJ|f|f\*|S|s|B|b|Do|sh)$`)
)

// marked is a page's content in which every piece belongs to one structure alone, or is an artifact. count is how many
// pieces there have been on the page.
func marked(content []byte, count *int) []byte {
	var out bytes.Buffer
	var loose []string // what belongs to no structure
	var open []bool    // of what was begun: whether it is kept
	kept := 0
	settle := func() {
		text := strings.Join(loose, "\n")
		if slices.ContainsFunc(loose, paints.MatchString) {
			text = "/Artifact BMC\n" + text + "\nEMC"
		}
		if text != "" {
			out.WriteString(text + "\n")
		}
		loose = nil
	}
	for line := range strings.SplitSeq(strings.TrimRight(string(content), "\n"), "\n") {
		begun := begins.FindStringSubmatch(line)
		switch {
		case begun != nil || strings.HasSuffix(line, " BMC"):
			keep := begun == nil || !hasParts(begun[1])
			open = append(open, keep)
			if begun != nil && begun[2] != "" {
				line = strings.Replace(line, begun[2], fmt.Sprintf("/MCID %d", *count), 1)
				*count++
			}
			if !keep {
				continue
			}
			if kept == 0 {
				settle()
			}
			kept++
		case line == "EMC" && len(open) > 0:
			keep := open[len(open)-1]
			open = open[:len(open)-1]
			if !keep {
				continue
			}
			kept--
		case kept == 0:
			loose = append(loose, line)
			continue
		}
		out.WriteString(line + "\n")
	}
	settle()
	return out.Bytes()
}

const metadataTemplate = `<?xpacket begin="` + "\ufeff" + `" id="W5M0MpCehiHzreSzNTczkc9d"?>
<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">
<rdf:Description rdf:about="" xmlns:dc="http://purl.org/dc/elements/1.1/"
 xmlns:pdfuaid="http://www.aiim.org/pdfua/ns/id/">
<dc:title><rdf:Alt><rdf:li xml:lang="x-default">%s</rdf:li></rdf:Alt></dc:title>
<dc:language><rdf:Bag><rdf:li>%s</rdf:li></rdf:Bag></dc:language>
<pdfuaid:part>1</pdfuaid:part>
</rdf:Description></rdf:RDF></x:xmpmeta>
<?xpacket end="w"?>`

// metadataOf says in XMP what the document is called, and that it keeps PDF/UA-1.
func metadataOf(d Document) (*core.PdfStream, error) {
	var title bytes.Buffer
	if err := xml.EscapeText(&title, []byte(d.Title)); err != nil {
		return nil, fmt.Errorf("writing the title of a document: %w", err)
	}
	s := core.NewPdfStream(fmt.Appendf(nil, metadataTemplate, title.String(), d.tag()))
	s.Dict.Set("Type", core.NewPdfName("Metadata"))
	s.Dict.Set("Subtype", core.NewPdfName("XML"))
	return s, nil
}
