package search

import (
	"net/url"
	"testing"
)

// FuzzAddress reads any address as one of a search: what is understood is written as an address that says the same.
func FuzzAddress(f *testing.F) {
	f.Add("q=保育園&place=x&category=子育て&online=1")
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
