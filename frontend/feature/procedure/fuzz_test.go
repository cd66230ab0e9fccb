package procedure

import (
	"net/url"
	"testing"

	"madoguchi/frontend/part/catalog"
)

// FuzzAddress reads any address as one of a procedure: what is understood leads to the same procedure.
func FuzzAddress(f *testing.F) {
	f.Add("/procedures/131105/P0001", "version=2&day=2026-11-02&place=131130")
	f.Add("/procedures/nation/P0001", "place=131105")
	f.Add("/procedures/compare", "place=131105&place=131130")
	f.Fuzz(func(t *testing.T, path, query string) {
		read, ok := parse(&url.URL{Path: path, RawQuery: query})
		if !ok {
			return
		}
		again, err := url.Parse(catalog.Path(read.place, read.number))
		if err != nil {
			t.Fatalf("%q: %v", path, err)
		}
		if same, ok := parse(again); !ok || same.place != read.place || same.number != read.number {
			t.Errorf("%q, %q: %+v, then %+v", path, query, read, same)
		}
	})
}
