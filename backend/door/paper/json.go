package paper

import (
	_ "embed"
	"encoding/json"
	"fmt"
	"io"
	"time"
)

// Schema is the JSON Schema (2020-12) of what JSON writes. The portal serves it at SchemaPath; a later form gets
// another path, and this one stays.
//
//go:embed schema.json
var Schema []byte

// SchemaPath is where the schema is found below the portal's origin.
const SchemaPath = "/takeaway/schema/1.json"

type (
	jsonDocument struct {
		Format      string        `json:"format"`
		Title       string        `json:"title"`
		Language    string        `json:"language"`
		GivenBy     string        `json:"given_by"`
		AsOf        string        `json:"as_of"`
		Certificate bool          `json:"is_certificate"`
		Notes       []string      `json:"notes,omitempty"`
		Sections    []jsonSection `json:"sections"`
	}
	jsonSection struct {
		Heading string      `json:"heading"`
		Notes   []string    `json:"notes,omitempty"`
		Values  []jsonValue `json:"values,omitempty"`
		Tables  []jsonTable `json:"tables,omitempty"`
	}
	jsonValue struct {
		Name  string `json:"name"`
		Label string `json:"label"`
		Value any    `json:"value"`
	}
	jsonTable struct {
		Caption string       `json:"caption"`
		Columns []jsonColumn `json:"columns"`
		Rows    [][]any      `json:"rows"`
	}
	jsonColumn struct {
		Name  string `json:"name"`
		Label string `json:"label"`
	}
)

// jsonFormat tells the form of such a file from others.
const jsonFormat = "madoguchi takeaway 1"

// JSON writes a document for programs.
func JSON(to io.Writer, d Document) error {
	out := jsonDocument{
		Format: jsonFormat, Title: d.Title, Language: d.tag(), GivenBy: d.By, AsOf: stamp(d.AsOf), Notes: d.Notes,
		Sections: []jsonSection{},
	}
	for _, s := range d.Sections {
		section := jsonSection{Heading: s.Heading, Notes: s.Notes}
		for _, v := range s.Values {
			section.Values = append(section.Values, jsonValue{v.Name, v.Label, plain(v.Value)})
		}
		for _, t := range s.Tables {
			section.Tables = append(section.Tables, t.json())
		}
		out.Sections = append(out.Sections, section)
	}
	encoder := json.NewEncoder(to)
	encoder.SetEscapeHTML(false)
	encoder.SetIndent("", " ")
	if err := encoder.Encode(out); err != nil {
		return fmt.Errorf("writing a document as JSON: %w", err)
	}
	return nil
}

func (t Table) json() jsonTable {
	table := jsonTable{Caption: t.Caption, Columns: []jsonColumn{}, Rows: [][]any{}}
	for _, c := range t.Columns {
		table.Columns = append(table.Columns, jsonColumn(c))
	}
	for _, row := range t.Rows {
		cells := make([]any, len(row))
		for i, c := range row {
			cells[i] = plain(c)
		}
		table.Rows = append(table.Rows, cells)
	}
	return table
}

// plain is a cell as JSON has it: a time as RFC 3339.
func plain(c Cell) any {
	if t, ok := c.(time.Time); ok {
		return stamp(t)
	}
	return c
}

func stamp(t time.Time) string { return t.UTC().Format(time.RFC3339) }
