package compare

import (
	"net/url"
	"testing"
)

// FuzzAddress reads any address as one of a comparison: what is understood is written as an address that says the same.
func FuzzAddress(f *testing.F) {
	f.Add("place=131105&place=131130&definition=P0001&diff=1&event=birth")
	f.Fuzz(func(t *testing.T, query string) {
		asked, err := url.ParseQuery(query)
		if err != nil {
			return
		}
		read := parse(asked)
		again, err := url.Parse(read.address())
		if err != nil {
			t.Fatalf("%q: %v", read.address(), err)
		}
		if same := parse(again.Query()); same.address() != read.address() {
			t.Errorf("%q: %s, then %s", query, read.address(), same.address())
		}
	})
}
