package paper

import (
	"encoding/csv"
	"fmt"
	"io"
	"strconv"
	"time"

	"madoguchi/backend/japan/spreadsheet"
	"madoguchi/proto/clock"
)

// CSV writes a table for a spreadsheet: UTF-8 behind the mark by which Excel knows it, the columns' labels above. A
// cell that a spreadsheet would change or work out has an apostrophe before it (spreadsheet.Unmarked takes it away
// again): 0012 keeps its zeros, =1+1 is no formula.
func CSV(to io.Writer, t Table, language string) error {
	if _, err := io.WriteString(to, spreadsheet.ByteOrderMark); err != nil {
		return fmt.Errorf("writing a table as CSV: %w", err)
	}
	w := csv.NewWriter(to)
	w.UseCRLF = true
	record := make([]string, len(t.Columns))
	for i, c := range t.Columns {
		record[i] = spreadsheet.Marked(c.Label)
	}
	_ = w.Write(record) // Error tells
	for _, row := range t.Rows {
		for i := range record {
			record[i] = cell(row[i], language)
		}
		_ = w.Write(record)
	}
	w.Flush()
	if err := w.Error(); err != nil {
		return fmt.Errorf("writing a table as CSV: %w", err)
	}
	return nil
}

// cell is what stands in a file for a spreadsheet. Numbers and times may be reckoned with; what is text stays text.
func cell(c Cell, language string) string {
	switch v := c.(type) {
	case int64:
		return strconv.FormatInt(v, 10)
	case time.Time:
		return v.In(clock.Japan).Format(time.DateTime)
	}
	return spreadsheet.Marked(words(c, language))
}
