package procedure

import (
	"bytes"
	"net/http/httptest"
	"strings"
	"testing"

	"golang.org/x/net/html"

	"madoguchi/backend/catalog"
	"madoguchi/backend/db/dbtest"
	"madoguchi/backend/document"
	portalv1 "madoguchi/proto/gen/portal/v1"
)

// FuzzDocument asks for pages of procedures, searches and places under any address: each is a page, of which the address makes no element.
func FuzzDocument(f *testing.F) {
	c := NewCatalog(catalog.NewStore(dbtest.SQLite(f), at(noon)), at(noon), "")
	if err := c.Fill(f.Context()); err != nil {
		f.Fatal(err)
	}
	s, p := New(c, func(string) []*portalv1.EventHint { return nil }), NewPlaces(c)
	f.Add("/procedures/nation/P0001", "day=2026-11-02&version=1", "ja")
	f.Add("/procedures/131105/P0001", "version=99999999999", "en")
	f.Add("/procedures", "q=目黒区の<script>&place=131105&category=x&online=1", "easy")
	f.Add("/places/13", "", "ja")
	f.Fuzz(func(t *testing.T, path, query, language string) {
		r := httptest.NewRequest("GET", "/", nil)
		r.URL.Path, r.URL.RawQuery = path, query
		for _, write := range []document.Func{s.Document, s.SearchDocument, p.Document} {
			page, ok := write(r, language)
			if !ok {
				continue
			}
			if page.Status < 200 || page.Status >= 500 || len(page.Body) == 0 {
				t.Errorf("%s?%s: %d with %d octets", path, query, page.Status, len(page.Body))
			}
			tree, err := html.Parse(bytes.NewReader(page.Body))
			if err != nil {
				t.Fatal(err)
			}
			for n := range tree.Descendants() {
				if n.Data == "script" || n.Data == "iframe" || n.Data == "img" {
					t.Errorf("%s?%s: %s", path, query, n.Data)
				}
				for _, a := range n.Attr {
					if strings.HasPrefix(a.Key, "on") || a.Key == "href" && strings.HasPrefix(strings.ToLower(strings.TrimSpace(a.Val)), "javascript:") {
						t.Errorf("%s?%s: %s=%q", path, query, a.Key, a.Val)
					}
				}
			}
		}
	})
}
