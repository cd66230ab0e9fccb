package index_test

import (
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"

	"madoguchi/backend/catalog"
	"madoguchi/backend/catalog/index"
)

// Queries as people would type them, with procedures that must be among the first five. testdata/queries.tsv: the query, a tab, numbers separated by
// blanks; all of them must be there; P0034|P0033 asks for either.
func TestPeopleFindWhatTheyMean(t *testing.T) {
	data, err := os.ReadFile("testdata/queries.tsv")
	if err != nil {
		t.Fatal(err)
	}
	x := index.New(catalog.Definitions(), catalog.Categories())
	queries, missed := 0, 0
	for line := range strings.Lines(string(data)) {
		line = strings.TrimSuffix(line, "\n")
		if line == "" || line[0] == '#' {
			continue
		}
		query, wanted, _ := strings.Cut(line, "\t")
		queries++
		found := x.Search(index.Query{Text: query, Limit: 5})
		var numbers, shown []string
		for _, h := range found.Hits {
			numbers = append(numbers, h.Number)
			shown = append(shown, fmt.Sprintf("%s %s", h.Number, h.Title))
		}
		for want := range strings.FieldsSeq(wanted) {
			if !slices.ContainsFunc(strings.Split(want, "|"), func(n string) bool { return slices.Contains(numbers, n) }) {
				missed++
				t.Errorf("%q misses %s; found %s (corrected %q)", query, want, strings.Join(shown, ", "), found.Corrected)
				break
			}
		}
	}
	if queries < 100 {
		t.Errorf("only %d queries", queries)
	}
	t.Logf("%d of %d queries find what they mean", queries-missed, queries)
}
