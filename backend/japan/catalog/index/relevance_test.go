package index_test

import (
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"

	"madoguchi/backend/japan/catalog"
	"madoguchi/backend/japan/catalog/expand"
	"madoguchi/backend/japan/catalog/index"
	"madoguchi/backend/japan/municipality"
)

// Queries as people would type them, with procedures that must be among the first five. testdata/queries.tsv: the
// query, a tab, numbers separated by blanks; all of them must be there; P0034|P0033 asks for either, P0111! for that
// one before all others.
func TestPeopleFindWhatTheyMean(t *testing.T) {
	data, err := os.ReadFile("testdata/queries.tsv")
	if err != nil {
		t.Fatal(err)
	}
	nation := index.New(catalog.Definitions(), catalog.Categories())
	for _, code := range []string{"131105", "131130", "141003", "141178", "012033"} {
		m, _ := municipality.ByCode(code)
		var entries []index.Entry
		for _, c := range expand.Municipality(1, expand.Real, m) {
			entries = append(entries, index.EntryOf(code, c))
		}
		nation.Replace(code, entries)
	}
	bare := index.New(catalog.Definitions(), catalog.Categories())
	queries := 0
	missed := map[string]int{}
	for line := range strings.Lines(string(data)) {
		line = strings.TrimSuffix(line, "\n")
		if line == "" || line[0] == '#' {
			continue
		}
		query, wanted, _ := strings.Cut(line, "\t")
		queries++
		// In the whole country, there too when nobody has registered anything, in a prefecture, a ward, and a small
		// city.
		for where, q := range map[string]index.Query{
			"the nation, bare": {}, "the nation": {}, "Tokyo": {Place: "130001"}, "Meguro": {Place: "131105"},
			"Aoba in Yokohama": {Place: "141178"}, "Otaru": {Place: "012033"},
		} {
			x := nation
			if where == "the nation, bare" {
				x = bare
			}
			q.Text, q.Limit = query, 5
			found := x.Search(q)
			var numbers, shown []string
			for _, h := range found.Hits {
				numbers = append(numbers, h.Definition)
				shown = append(shown, fmt.Sprintf("%s %s", h.Number, h.Title))
			}
			for want := range strings.FieldsSeq(wanted) {
				want, first := strings.CutSuffix(want, "!")
				among := numbers
				if first {
					among = numbers[:min(1, len(numbers))]
				}
				if !slices.ContainsFunc(strings.Split(want, "|"), func(n string) bool {
					return slices.Contains(among, n)
				}) {
					missed[where]++
					t.Errorf("%q misses %s in %s; found %s (corrected %q)", query, want, where,
						strings.Join(shown, ", "), found.Corrected)
					break
				}
			}
		}
	}
	if queries < 100 {
		t.Errorf("only %d queries", queries)
	}
	t.Logf("%d queries, of which miss what they mean: %v", queries, missed)
}
