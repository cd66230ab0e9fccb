package procedure_test

import (
	"os"
	"slices"
	"strings"
	"testing"

	"madoguchi/backend/store/db/dbtest"
	portalv1 "madoguchi/proto/gen/portal/v1"
)

func TestPeopleFindWhatTheyMean(t *testing.T) {
	data, err := os.ReadFile("testdata/queries.tsv")
	if err != nil {
		t.Fatal(err)
	}
	w := newWorld(t, dbtest.SQLite(t))
	queries := 0
	for line := range strings.Lines(string(data)) {
		query, wanted, ok := strings.Cut(strings.TrimSpace(line), "\t")
		if !ok {
			continue // a comment
		}
		queries++
		for where, place := range map[string]string{"the nation": "", "Meguro": meguro, "Aoba in Yokohama": aoba} {
			var first []string
			for _, h := range w.search(t, &portalv1.SearchProceduresRequest{
				Query: query, PlaceCode: place, PageSize: 5,
			}).GetHits() {
				first = append(first, h.GetDefinition())
			}
			if !slices.ContainsFunc(strings.Fields(wanted), func(n string) bool { return slices.Contains(first, n) }) {
				t.Errorf("%q finds none of %s in %s, but %v", query, wanted, where, first)
			}
		}
	}
	if queries < 400 {
		t.Errorf("only %d queries", queries)
	}
}
