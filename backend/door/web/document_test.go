package web_test

import (
	"bytes"
	"compress/gzip"
	"context"
	"io"
	"net/http"
	"net/netip"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/andybalholm/brotli"

	"madoguchi/backend/door/document"
	"madoguchi/backend/door/limit"
	"madoguchi/backend/door/web"
	portalv1 "madoguchi/proto/gen/portal/v1"
)

// withDocuments adds to the built page a route into which the portal writes, and robots.txt.
func withDocuments(t *testing.T, c *web.Config) {
	t.Helper()
	write := func(name, text string) {
		if err := os.WriteFile(filepath.Join(c.Dirs[0], name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	write(
		"routes.json",
		`{"routes":[{"path":"/","page":"top"},{"path":"/find","page":"top","document":"found"},{"pattern":"^/thing/.+$","page":"shell","document":"thing"}],"languages":["ja","en","easy"],"not_found":"notfound"}`,
	)
	write("robots.txt", "User-agent: *\n")
	for _, l := range []string{"ja", "en", "easy"} {
		for _, name := range []string{"found", "thing"} {
			write("pages/doc-"+name+"."+l+".html",
				"<title>{{title}}</title><meta content=\"{{description}}\"></head><a href=\"?lang=en\">English</a>"+
					"<main>{{body}}</main>"+l)
		}
	}
	c.Addresses = []string{"/find?a=1&b=2"}
	c.Documents = map[string]document.Func{
		"thing": func(r *http.Request, language string) (document.Page, bool) {
			if r.URL.Path == "/thing/soon" {
				return document.Page{Title: "soon", Status: http.StatusServiceUnavailable}, true
			}
			return document.Page{
				Title: "<b>&", Description: `"quoted"`, Body: []byte("<h1>" + language + "</h1>"),
				Status: http.StatusNotFound,
			}, true
		},
		"found": func(r *http.Request, _ string) (document.Page, bool) {
			q := r.URL.Query().Get("q")
			return document.Page{
				Title: "found", Status: http.StatusOK, Question: &portalv1.SearchProceduresRequest{Query: q},
				Answer: &portalv1.SearchProceduresResponse{Total: 7},
			}, q != ""
		},
	}
}

// A form is sent before the program runs. What it said is in no address that follows, unless the document says so.
func TestAForm(t *testing.T) {
	server := start(t, func(c *web.Config) {
		withDocuments(t, c)
		c.Forms = map[string]document.Func{"found": func(r *http.Request, language string) (document.Page, bool) {
			if said := r.PostForm.Get("q"); said != "plain" {
				return document.Page{
					Title: "kept", Status: http.StatusOK, Body: []byte("<h1>" + language + "</h1>"),
				}, true
			}
			return document.Page{To: "/find?q=plain"}, true
		}}
	})
	client := &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	send := func(path, said, site string) *http.Response {
		t.Helper()
		request, err := http.NewRequest(http.MethodPost, server.URL+path,
			strings.NewReader(url.Values{"q": {said}}.Encode()))
		if err != nil {
			t.Fatal(err)
		}
		request.Host = "portal.example.jp"
		request.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		request.Header.Set("Sec-Fetch-Site", site)
		response, err := client.Do(request)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { response.Body.Close() })
		return response
	}
	r := send("/find", "plain", "same-origin")
	if r.StatusCode != http.StatusSeeOther || r.Header.Get("Location") != "/find?q=plain" {
		t.Errorf("an ordinary one: %s to %q", r.Status, r.Header.Get("Location"))
	}
	quiet := send("/find", "hidden", "same-origin")
	body, err := io.ReadAll(quiet.Body)
	if err != nil || quiet.StatusCode != http.StatusOK || quiet.Header.Get("Cache-Control") != "no-store" ||
		quiet.Header.Get("Location") != "" || !strings.Contains(string(body), "<h1>ja</h1>") {
		t.Errorf("one that is answered at once: %s, %v\n%s", quiet.Status, quiet.Header, body)
	}
	for path, want := range map[string]int{
		"/": http.StatusMethodNotAllowed, "/thing/1": http.StatusMethodNotAllowed,
		"/nowhere": http.StatusMethodNotAllowed,
	} {
		if r := send(path, "plain", "same-origin"); r.StatusCode != want {
			t.Errorf("%s takes a form: %s", path, r.Status)
		}
	}
	if r := send("/find", "plain", "cross-site"); r.StatusCode != http.StatusForbidden {
		t.Errorf("from another site: %s", r.Status)
	}
	if r := send("/find", strings.Repeat("x", 20<<10), "same-origin"); r.StatusCode != http.StatusBadRequest {
		t.Errorf("too much: %s", r.Status)
	}
}

func TestDocumentsAreWrittenIntoTheirPages(t *testing.T) {
	server := start(t, func(c *web.Config) { withDocuments(t, c) })
	response, body := get(t, "GET", server.URL+"/thing/1?lang=en")
	if response.StatusCode != http.StatusNotFound || !strings.Contains(body, "<title>&lt;b&gt;&amp;</title>") ||
		!strings.Contains(body, `content="&#34;quoted&#34;"`) || !strings.Contains(body, "<main><h1>en</h1></main>") {
		t.Errorf("%s\n%s", response.Status, body)
	}
	if response.Header.Get("ETag") == "" || response.Header.Get("Content-Language") != "en" {
		t.Errorf("headers %v", response.Header)
	}
	if response, _ := get(t, "GET", server.URL+"/thing/soon"); response.StatusCode != http.StatusServiceUnavailable ||
		response.Header.Get("Retry-After") != "2" {
		t.Errorf("in a moment: %s, %v", response.Status, response.Header)
	}
	if response, body := get(t, "GET", server.URL+"/find"); response.StatusCode != http.StatusOK ||
		!strings.Contains(body, "top in ja") {
		t.Errorf("with nothing to write: %s\n%s", response.Status, body)
	}
}

func TestWhatGoesAlongWithADocument(t *testing.T) {
	server := start(t, func(c *web.Config) { withDocuments(t, c) })
	_, body := get(t, "GET", server.URL+"/find?q=%22%3E%3Cscript%3E&lang=en")
	for _, want := range []string{
		`<template id="sent" data-kind="portal.v1.SearchProceduresResponse" data-question="Eg`, /* 2: the query */
		` data-answer="EAc="></template></head>`,
		`<link rel="canonical" href="https://portal.example.jp/find?q=%22%3E%3Cscript%3E">`,
		`<a href="?lang=en&amp;q=%22%3E%3Cscript%3E">English</a>`,
		`<link rel="alternate" hreflang="en" href="https://portal.example.jp/find?lang=en&amp;q=%22%3E%3Cscript%3E">`,
	} {
		if !strings.Contains(body, want) {
			t.Errorf("%s is not in\n%s", want, body)
		}
	}
	if strings.Contains(body, "<script>") {
		t.Error(body)
	}
	if _, body := get(t, "GET", server.URL+"/"); !strings.Contains(body, `<link href="https://portal.example.jp/x">`) {
		t.Errorf("a built page does not know where it is:\n%s", body)
	}
	if _, body := get(t, "GET", server.URL+"/thing/1"); strings.Contains(body, "canonical") ||
		strings.Contains(body, "template") {
		t.Errorf("of what is not there:\n%s", body)
	}
}

// A document goes out in the form that was asked for; of what is not sent, nothing is made.
func TestDocumentsAreCompressedAsAsked(t *testing.T) {
	written := 0
	server := start(t, func(c *web.Config) {
		withDocuments(t, c)
		c.Documents["found"] = func(*http.Request, string) (document.Page, bool) {
			written++
			return document.Page{
				Title: "found", Body: bytes.Repeat([]byte("<p>保育園</p>"), 1000), Status: http.StatusOK,
			}, true
		}
	})
	_, plain := get(t, "GET", server.URL+"/find?q=x")
	for range 3 { // the packers are used again
		for encoding, open := range map[string]func(io.Reader) (io.Reader, error){
			"br":   func(r io.Reader) (io.Reader, error) { return brotli.NewReader(r), nil },
			"gzip": func(r io.Reader) (io.Reader, error) { return gzip.NewReader(r) },
		} {
			response, packed := get(t, "GET", server.URL+"/find?q=x", "Accept-Encoding", encoding)
			reader, err := open(strings.NewReader(packed))
			if err != nil || response.Header.Get("Content-Encoding") != encoding || len(packed) > len(plain)/5 {
				t.Fatalf("%s: %d bytes, %v, %v", encoding, len(packed), response.Header, err)
			}
			if text, err := io.ReadAll(reader); err != nil || string(text) != plain {
				t.Errorf("%s: %d bytes of %d, %v", encoding, len(text), len(plain), err)
			}
			tag := response.Header.Get("ETag")
			again, body := get(t, "GET", server.URL+"/find?q=x", "Accept-Encoding", encoding, "If-None-Match", tag)
			if again.StatusCode != http.StatusNotModified || body != "" {
				t.Errorf("%s, asked again: %d", encoding, again.StatusCode)
			}
			head, _ := get(t, "HEAD", server.URL+"/find?q=x", "Accept-Encoding", encoding)
			if head.StatusCode != http.StatusOK || head.Header.Get("ETag") != tag || head.ContentLength > 0 {
				t.Errorf("%s, HEAD: %d, %v", encoding, head.StatusCode, head.Header)
			}
		}
	}
	if written != 1+3*2*3 {
		t.Errorf("written %d times", written)
	}
}

// Who asks for more documents than a whole town hall does is told when to come back, in words; others, files and pages
// are not concerned.
func TestDocumentsHaveABudget(t *testing.T) {
	budget := limit.NewBuckets("test", 0.01, 2*web.DocumentCost) // hardly fills again while this runs
	server := start(t, func(c *web.Config) {
		withDocuments(t, c)
		c.Anonymous = budget
		c.Proxies = []netip.Prefix{netip.MustParsePrefix("127.0.0.1/32")}
	})
	for range 2 {
		response, _ := get(t, "GET", server.URL+"/find?q=x", "X-Forwarded-For", "203.0.113.9")
		if response.StatusCode != http.StatusOK {
			t.Fatalf("within the budget: %d", response.StatusCode)
		}
	}
	for language, want := range map[string]string{"ja": "混み合っています", "en": "Very busy right now", "easy": "<rt>こ</rt>"} {
		response, body := get(t, "GET", server.URL+"/find?q=x&lang="+language, "X-Forwarded-For", "203.0.113.9")
		if response.StatusCode != http.StatusTooManyRequests || response.Header.Get("Retry-After") == "" ||
			!strings.Contains(body, want) {
			t.Errorf("%s: %d %v %s", language, response.StatusCode, response.Header, body)
		}
	}
	for _, c := range [][2]string{
		{"/find?q=x", "203.0.113.10"}, {"/", "203.0.113.9"}, {"/assets/app.abc.css", "203.0.113.9"},
	} {
		response, _ := get(t, "GET", server.URL+c[0], "X-Forwarded-For", c[1])
		if response.StatusCode != http.StatusOK {
			t.Errorf("%s from %s: %d", c[0], c[1], response.StatusCode)
		}
	}
}

// A page with a script of its own is written anew for each who asks, with keys that are read for it; and what this
// release does not have is looked for in the folders of others. An address has a budget for both.
func TestWhatIsMadeForWhoAsksHasABudget(t *testing.T) {
	releases, read := t.TempDir(), 0
	const there = "/assets/text-en.00000000000000aa.txt"
	put(t, filepath.Join(releases, "before"), map[string]string{there: "texts of before"})
	budget := limit.NewBuckets("test", 0.01, 2*web.DocumentCost) // hardly fills again while this runs
	server := start(t, func(c *web.Config) {
		put(t, c.Dirs[0], map[string]string{
			"routes.json": `{"routes":[{"path":"/","page":"top"},{"path":"/check","page":"shell","alone":true}],` +
				`"languages":["ja","en","easy"],"not_found":"notfound"}`,
		})
		c.Releases, c.Anonymous = releases, budget
		c.Proxies = []netip.Prefix{netip.MustParsePrefix("127.0.0.1/32")}
		c.Pinned = func(context.Context) ([]byte, error) { read++; return []byte("{}"), nil }
	})
	const from = "203.0.113.9"
	ask := func(path, from string) (int, string) {
		response, _ := get(t, "GET", server.URL+path, "X-Forwarded-For", from)
		return response.StatusCode, response.Header.Get("Retry-After")
	}
	for _, path := range []string{there, "/check"} {
		if status, _ := ask(path, from); status != http.StatusOK {
			t.Fatalf("within the budget: %s: %d", path, status)
		}
	}
	for budget.Take(from, 1, time.Now()) == 0 {
	}
	for _, path := range []string{"/check", "/assets/text-en.00000000000000bb.txt"} {
		before := read
		if status, after := ask(path, from); status != http.StatusTooManyRequests || after == "" || read != before {
			t.Errorf("%s: %d, Retry-After %q; the keys were read %d times more", path, status, after, read-before)
		}
		if status, _ := ask(path, "203.0.113.10"); status == http.StatusTooManyRequests {
			t.Errorf("%s: another address pays for it", path)
		}
	}
	// What was found once, and pages that are built whole, cost nothing.
	for _, path := range []string{there, "/", "/assets/app.abc.css"} {
		if status, _ := ask(path, from); status != http.StatusOK {
			t.Errorf("%s: %d", path, status)
		}
	}
}

func TestSearchEnginesFindThePublicPages(t *testing.T) {
	server := start(t, func(c *web.Config) { withDocuments(t, c) })
	_, robots := get(t, "GET", server.URL+"/robots.txt")
	_, sitemap := get(t, "GET", server.URL+"/sitemap.xml")
	if !strings.Contains(robots, "/sitemap.xml") || !strings.Contains(sitemap, "/find?a=1&amp;b=2</loc>") ||
		strings.Contains(sitemap, "/thing") {
		t.Errorf("%s\n%s", robots, sitemap)
	}
}
