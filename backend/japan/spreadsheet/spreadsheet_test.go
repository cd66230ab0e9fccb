package spreadsheet_test

import (
	"testing"

	"madoguchi/backend/japan/spreadsheet"
)

func TestAnApostropheIsAMarkOnlyWhereItIsNeeded(t *testing.T) {
	for cell, want := range map[string]string{
		"'=1+1": "=1+1", "'0012": "0012", "'24年度の分": "'24年度の分", "'": "'", "''": "''", "''=1": "'=1", "' 空き": " 空き",
		"窓口": "窓口",
	} {
		if got, _ := spreadsheet.Unmarked(cell); got != want {
			t.Errorf("%q is read as %q, want %q", cell, got, want)
		}
	}
	for _, cell := range []string{
		"03-0000-1111", "090-0000-1111", "300", "0", "手数料300円", "P0001", "A-1", "無料", "2027年度", "15d",
		"06-01..06-30", "不可",
	} {
		if got := spreadsheet.Marked(cell); got != cell {
			t.Errorf("%q is written as %q", cell, got)
		}
	}
}
