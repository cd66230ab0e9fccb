package web_test

import (
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"madoguchi/backend/door/operator"
	"madoguchi/backend/door/web"
)

const crest = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32"><circle cx="16" cy="16" r="14"/></svg>`

// withPlaces has the pages hold the operator's places, as the built ones do.
func withPlaces(t *testing.T, c *web.Config) {
	t.Helper()
	for _, page := range []string{"top.ja", "top.en", "top.easy"} {
		file := filepath.Join(c.Dirs[0], "pages", page+".html")
		html := `<html><head>{{operator-head}}</head><body><a class="brand">{{operator}}</a><h1>top</h1></body></html>`
		if err := os.WriteFile(file, []byte(html), 0o600); err != nil {
			t.Fatal(err)
		}
	}
}

// Whose portal it is stands in a page before any program runs: the name in the page's language, the crest, which is an
// image alone, and the colour, each a file that is served under the name that the page gives.
func TestPagesSayWhosePortalItIs(t *testing.T) {
	drawing := filepath.Join(t.TempDir(), "crest.svg")
	if err := os.WriteFile(drawing, []byte(crest), 0o600); err != nil {
		t.Fatal(err)
	}
	whose, err := operator.New(operator.Config{
		Name: "目黒区", English: "Meguro City", Easy: "目黒区《めぐろく》", Crest: drawing, Accent: "#7a1f4b",
	})
	if err != nil {
		t.Fatal(err)
	}
	server := start(t, func(c *web.Config) {
		withPlaces(t, c)
		c.Operator = whose
	})
	for language, name := range map[string]string{
		"ja": `<span class="operator-name">目黒区</span>`, "en": `<span class="operator-name">Meguro City</span>`,
		"easy": `<span class="operator-name"><ruby>目黒区<rt>めぐろく</rt></ruby></span>`,
	} {
		response, page := get(t, "GET", server.URL+"/?lang="+language)
		if !strings.Contains(page, name) || strings.Contains(page, "{{") {
			t.Errorf("in %s: %s", language, page)
		}
		for _, file := range whose.Files() {
			if !strings.Contains(page, `"`+file.Path+`"`) {
				t.Errorf("in %s the page does not name %s: %s", language, file.Path, page)
			}
		}
		if csp := response.Header.Get("Content-Security-Policy"); strings.Contains(csp, "unsafe-inline") {
			t.Errorf("the colour wants %q", csp)
		}
	}
	for _, file := range whose.Files() {
		response, content := get(t, "GET", server.URL+file.Path)
		if response.StatusCode != http.StatusOK || content != string(file.Content) ||
			response.Header.Get("Content-Type") != file.MediaType {
			t.Errorf("%s: %s, %s, %q", file.Path, response.Status, response.Header.Get("Content-Type"), content)
		}
	}
}

// Where nobody is configured the places are empty.
func TestPagesOfNoOperator(t *testing.T) {
	server := start(t, func(c *web.Config) { withPlaces(t, c) })
	_, page := get(t, "GET", server.URL+"/?lang=ja")
	want := `<html><head></head><body><a class="brand"></a><h1>top</h1></body></html>`
	if page != want {
		t.Errorf("got %s, want %s", page, want)
	}
}
