package paper

import (
	"bytes"
	"fmt"
	"io"
	"strconv"
	"strings"

	"github.com/carlos7ags/folio/document"
	"github.com/carlos7ags/folio/layout"
	"golang.org/x/text/unicode/runenames"
)

// The sizes of text, in points, and the margins of a page.
const (
	sizeTitle, sizeHeading, sizeText, sizeSmall = 18.0, 13.0, 10.0, 8.5
	margin                                      = 48.0
)

// PDF writes a document to read and print: pages with numbers, the language, the headings, the tables with their head
// cells tagged for screen readers (accessible.go). What no font has is shown as a picture of its number, and named at
// the end with how it is read, as far as the document or Unicode tells.
func PDF(to io.Writer, d Document, fonts Fonts) error {
	p, err := newPen(fonts)
	if err != nil {
		return err
	}
	w := &writer{pen: p, doc: document.NewDocument(document.PageSizeA4), language: d.Language}
	w.doc.Info = document.Info{
		Title: d.Title, Author: d.By, Creator: "まどぐち", CreationDate: d.AsOf, Language: d.tag(),
	}
	w.doc.SetTagged(true)
	w.doc.SetViewerPreferences(document.ViewerPreferences{DisplayDocTitle: true})
	w.doc.SetAutoBookmarks(true)
	w.doc.SetMargins(layout.Margins{Top: margin, Right: margin, Bottom: margin, Left: margin})
	w.write(d)
	w.doc.SetFooterElement(func(at document.PageContext) layout.Element {
		page, all := strconv.Itoa(at.PageIndex+1), strconv.Itoa(at.TotalPages)
		return w.paragraph(textNoCertificate.InBrackets(d.Language)+"　　"+textPage.F(page, all).InBrackets(d.Language),
			sizeSmall).SetAlign(layout.AlignCenter)
	})
	if w.err != nil {
		return w.err
	}
	var written bytes.Buffer
	if _, err := w.doc.WriteTo(&written); err != nil {
		return fmt.Errorf("writing a document as PDF: %w", err)
	}
	if w.err != nil {
		return w.err
	}
	if err := accessible(to, written.Bytes(), d); err != nil {
		return fmt.Errorf("writing a document as PDF: %w", err)
	}
	return nil
}

// writer puts the parts of a document on its pages; err is the first that went wrong.
type writer struct {
	pen      *pen
	doc      *document.Document
	language string
	err      error
}

func (w *writer) write(d Document) {
	w.heading(d.Title, layout.H1, sizeTitle)
	w.say(textNoCertificate.InBrackets(d.Language))
	for _, line := range d.head() {
		w.say(line.InBrackets(d.Language))
	}
	for _, note := range d.Notes {
		w.say(note)
	}
	for _, s := range d.Sections {
		w.section(s)
	}
	if len(w.pen.missing) > 0 {
		var list []string
		for _, m := range w.pen.missing {
			list = append(list, w.nameOf(m))
		}
		w.say(textNoGlyph.F(strings.Join(list, ", ")).InBrackets(d.Language))
	}
	if len(w.pen.plain) > 0 {
		w.say(textNoForm.F(strings.Join(w.pen.plain, ", ")).InBrackets(d.Language))
	}
}

// nameOf is a character by its number, with how it is read: by Unicode's name where that is more than of what kind it
// is, else by the kana that stand beside it.
func (w *writer) nameOf(m missing) string {
	number := fmt.Sprintf("U+%04X", m.is)
	if name := runenames.Name(m.is); name != "" && name[0] != '<' {
		return number + " " + name
	}
	if m.kana != "" {
		return textReadIn.F(number, m.kana).InBrackets(w.language)
	}
	return number
}

// read has what is written next be read as kana, where one of the names is that of a reading.
func (w *writer) read(name func(i int) string, text func(i int) string, n int) {
	w.pen.kana = ""
	for i := range n {
		if of := name(i); of == "kana" || strings.HasSuffix(of, "_kana") {
			w.pen.kana = text(i)
			return
		}
	}
}

func (w *writer) section(s Section) {
	w.heading(s.Heading, layout.H2, sizeHeading)
	for _, note := range s.Notes {
		w.say(note)
	}
	if len(s.Values) > 0 {
		w.read(func(i int) string { return s.Values[i].Name },
			func(i int) string { return words(s.Values[i].Value, w.language) }, len(s.Values))
		g := &grid{widths: []float64{1, 2}}
		for _, v := range s.Values {
			g.rows = append(g.rows, []gridCell{
				{w.paragraph(v.Label, sizeText), tagHead}, {w.paragraph(words(v.Value, w.language), sizeText), tagData},
			})
		}
		w.doc.Add(g)
		w.pen.kana = ""
	}
	for _, t := range s.Tables {
		w.table(t)
		w.pen.kana = ""
	}
}

func (w *writer) readRow(t Table, row []Cell) {
	w.read(func(i int) string { return t.Columns[i].Name },
		func(i int) string { return words(row[i], w.language) }, len(t.Columns))
}

// A table of so many columns is read across; one of more is written a row below the other, a name and a value a line.
const mostColumns = 6

func (w *writer) table(t Table) {
	if t.Caption != "" {
		w.heading(t.Caption, layout.H3, sizeText+1)
	}
	switch {
	case len(t.Rows) == 0:
		w.say(textNothing.InBrackets(w.language))
	case len(t.Columns) > mostColumns:
		w.upright(t)
	default:
		w.across(t)
	}
	if t.Left > 0 {
		w.say(textLeft.F(t.Left).InBrackets(w.language))
	}
}

func (w *writer) across(t Table) {
	g := &grid{widths: make([]float64, len(t.Columns)), head: make([]gridCell, len(t.Columns))}
	for i, c := range t.Columns {
		g.head[i] = gridCell{w.paragraph(c.Label, sizeSmall), tagHead}
		g.widths[i] = width(c.Label)
	}
	for _, row := range t.Rows {
		w.readRow(t, row)
		cells := make([]gridCell, len(t.Columns))
		for i := range t.Columns {
			text := words(row[i], w.language)
			g.widths[i] = max(g.widths[i], width(text))
			cells[i] = gridCell{w.paragraph(text, sizeSmall), tagData}
		}
		g.rows = append(g.rows, cells)
	}
	w.doc.Add(g)
}

func (w *writer) upright(t Table) {
	for _, row := range t.Rows {
		w.readRow(t, row)
		g := &grid{widths: []float64{1, 3}}
		for i, c := range t.Columns {
			text := words(row[i], w.language)
			if text == "" {
				continue
			}
			g.rows = append(g.rows, []gridCell{
				{w.paragraph(c.Label, sizeSmall), tagHead}, {w.paragraph(text, sizeSmall), tagData},
			})
		}
		w.doc.Add(g)
	}
}

// width is how much room a text would like beside others, within bounds.
func width(text string) float64 { return min(max(float64(len([]rune(text))), 5), 30) }

func (w *writer) heading(text string, level layout.HeadingLevel, size float64) {
	heading := layout.NewHeadingEmbedded(text, level, w.pen.everyday)
	w.doc.Add(heading.SetRuns(w.runs(text, size)))
}

func (w *writer) say(text string) {
	for line := range strings.SplitSeq(text, "\n") {
		if line == "" {
			continue
		}
		w.doc.Add(whole{w.paragraph(line, sizeText).SetSpaceAfter(3)})
	}
}

func (w *writer) paragraph(text string, size float64) *layout.Paragraph {
	return layout.NewStyledParagraph(w.runs(text, size)...).SetLeading(1.4)
}

func (w *writer) runs(text string, size float64) []layout.TextRun {
	stretches, err := w.pen.split(text)
	if err != nil && w.err == nil {
		w.err = err
	}
	var runs []layout.TextRun
	for _, s := range stretches {
		runs = append(runs, layout.NewRunEmbedded(s.text, s.face, size))
	}
	return runs
}
