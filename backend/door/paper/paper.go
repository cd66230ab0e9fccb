// Package paper makes what people take along: a document of sections, values and tables becomes a PDF to read and print
// (PDF), files for spreadsheets (CSV) and data for programs (JSON, by a published schema). It knows no feature, reads
// no store and signs nothing (backend/store/signing does).
package paper

import (
	"strconv"
	"time"

	"madoguchi/proto/clock"
	"madoguchi/static/text/say"
)

// Document is what is taken along, in words for its reader.
type Document struct {
	Title string
	// Language is that of the words: "ja", "en", "easy".
	Language string
	// By is who gave it, AsOf when that was so.
	By   string
	AsOf time.Time
	// Notes stand below the title, a paragraph each.
	Notes    []string
	Sections []Section
}

// Section is a part of a document, under a heading.
type Section struct {
	Heading string
	Notes   []string
	Values  []Value
	Tables  []Table
}

// Value is one thing that has a name.
type Value struct {
	// Name is for programs: small letters and underlines. Label is for people.
	Name, Label string
	Value       Cell
}

// Table is rows of the same columns.
type Table struct {
	Caption string
	Columns []Column
	Rows    [][]Cell
	// Left is how many rows there are besides, for a reader who is not shown all.
	Left int
}

// Column is named as a Value is.
type Column struct{ Name, Label string }

// Cell is a string, a bool, an int64, a time.Time or nil for nothing.
type Cell any

// words is a cell as people read it.
func words(c Cell, language string) string {
	switch v := c.(type) {
	case nil:
		return ""
	case string:
		return v
	case bool:
		if v {
			return textYes.InBrackets(language)
		}
		return textNo.InBrackets(language)
	case int64:
		return strconv.FormatInt(v, 10)
	case time.Time:
		return moment(v)
	}
	panic("paper: a cell holds none of the kinds that it may")
}

// moment is a time in Japan: 2026-11-26 14:05:09.
func moment(t time.Time) string { return t.In(clock.Japan).Format(time.DateTime) }

// head are the lines that stand below a document's title.
func (d Document) head() []say.Text {
	return []say.Text{textBy.F(d.By), textAsOf.F(moment(d.AsOf))}
}

// tag is the language as RFC 5646 has it.
func (d Document) tag() string {
	if d.Language == "en" {
		return "en"
	}
	return "ja"
}
