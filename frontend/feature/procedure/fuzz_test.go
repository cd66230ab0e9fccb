package procedure

import (
	"net/url"
	"testing"
)

// FuzzAddress reads any address as one of a search, a procedure or a comparison: what is understood is written as an address that says the same.
func FuzzAddress(f *testing.F) {
	f.Add("/procedures/131105/P0001", "version=2&day=2026-11-02&place=131130")
	f.Add("/procedures/nation/P0001", "place=131105")
	f.Add("/procedures/compare", "place=131105&place=131130&definition=P0001&diff=1&event=birth")
	f.Add("/procedures", "q=保育園&place=x&category=子育て&online=1")
	f.Fuzz(func(t *testing.T, path, query string) {
		u := &url.URL{Path: path, RawQuery: query}
		pageParse(u)
		again := func(address string) url.Values {
			parsed, err := url.Parse(address)
			if err != nil {
				t.Fatalf("%q: %v", address, err)
			}
			return parsed.Query()
		}
		search := parseSearch(u.Query())
		if s := parseSearch(again(search.address())); s.address() != search.address() {
			t.Errorf("%q: %s, then %s", query, search.address(), s.address())
		}
		compared := compareParse(u.Query())
		if c := compareParse(again(compared.address())); c.address() != compared.address() {
			t.Errorf("%q: %s, then %s", query, compared.address(), c.address())
		}
	})
}
