package procedure

import (
	"bytes"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"golang.org/x/net/html"

	"madoguchi/backend/door/document"
	"madoguchi/backend/feature/procedure/entry"
	"madoguchi/backend/store/db/dbtest"
	"madoguchi/proto/distress"
)

// Words of distress are answered with who helps, on a page whose address does not hold them; all others lead to their
// results.
func TestWhatIsTypedBeforeTheProgramRuns(t *testing.T) {
	c := NewCatalog(entry.NewStore(dbtest.SQLite(t), at(noon)), at(noon), "")
	if err := c.Fill(t.Context()); err != nil {
		t.Fatal(err)
	}
	s := New(c, Needs{})
	send := func(q, language string) document.Page {
		t.Helper()
		r := httptest.NewRequest("POST", "/procedures",
			strings.NewReader(url.Values{"q": {q}, "place": {"131105"}}.Encode()))
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		if err := r.ParseForm(); err != nil {
			t.Fatal(err)
		}
		page, ok := s.SearchForm(r, language)
		if !ok {
			t.Fatal("no answer")
		}
		return page
	}
	results := url.Values{"q": {"児童手当 & 学童"}, "place": {"131105"}}
	if page := send("児童手当 & 学童", "ja"); page.To != "/procedures?"+results.Encode() {
		t.Errorf("an ordinary search goes to %q", page.To)
	}
	for language, calm := range map[string]string{"ja": distress.Calm.Ja, "en": "carry this alone", "easy": "<ruby>"} {
		page := send("もう死にたい", language)
		if body := string(page.Body); page.To != "" || strings.Contains(body+page.Title, "死にたい") ||
			!strings.Contains(body, calm) ||
			!strings.Contains(body, `href="tel:0120279338"`) {
			t.Errorf("%s: to %q, %s\n%s", language, page.To, page.Title, body)
		}
	}
	if body := string(send("救急車", "ja").Body); !strings.Contains(body, `href="tel:%237119"`) {
		t.Errorf("a number with a sign: %s", body)
	}
	// An old link that holds such words: who helps stands above what was found, and nothing goes along for the program.
	page, ok := s.SearchDocument(httptest.NewRequest("GET", "/procedures?q="+url.QueryEscape("もう死にたい"), nil), "ja")
	help, hits := strings.Index(string(page.Body), `class="helpline"`),
		strings.Index(string(page.Body), `role="search"`)
	if !ok || help < 0 || hits < help || page.Question != nil || page.Answer != nil ||
		strings.Contains(page.Title+page.Description, "死") {
		t.Errorf("%v, %q, %v:\n%s", ok, page.Title, page.Answer, page.Body)
	}
}

// In English a place has both its names, and in the other languages the Japanese one alone.
func TestPlacesOfDocuments(t *testing.T) {
	c := NewCatalog(entry.NewStore(dbtest.SQLite(t), at(noon)), at(noon), "")
	if err := c.Fill(t.Context()); err != nil {
		t.Fatal(err)
	}
	s, p := New(c, Needs{}), NewPlaces(c)
	for _, written := range []struct {
		by       document.Func
		address  string
		ja, en   string
		titled   string
		japanese string
	}{
		{
			p.Document, "/places/13", ">目黒区</a>", `>Meguro-ku <span lang="ja">目黒区</span></a>`,
			"Tokyo 東京都: municipalities — まどぐち", "東京都の市区町村 — まどぐち",
		},
		{
			s.SearchDocument, "/procedures?place=131105", "<p>東京都目黒区 ",
			`<p>Meguro-ku, Tokyo <span lang="ja">東京都目黒区</span> `,
			"Meguro-ku, Tokyo 東京都目黒区 — ", "東京都目黒区 — ",
		},
		{
			s.Document, "/procedures/131105/P0012", ">東京都目黒区</a>",
			`>Meguro-ku, Tokyo <span lang="ja">東京都目黒区</span></a>`, "（Meguro-ku, Tokyo 東京都目黒区）", "（東京都目黒区）",
		},
	} {
		for language, want := range map[string][2]string{
			"ja": {written.ja, written.japanese}, "en": {written.en, written.titled}, "easy": {written.ja, ""},
		} {
			page, ok := written.by(httptest.NewRequest("GET", written.address, nil), language)
			if !ok || !strings.Contains(string(page.Body), want[0]) || !strings.Contains(page.Title, want[1]) {
				t.Errorf("%s in %s: %v, %q, %s", written.address, language, ok, page.Title, page.Body)
			}
		}
	}
}

// FuzzDocument asks for pages of procedures, searches and places under any address: each is a page, of which the
// address makes no element.
func FuzzDocument(f *testing.F) {
	c := NewCatalog(entry.NewStore(dbtest.SQLite(f), at(noon)), at(noon), "")
	if err := c.Fill(f.Context()); err != nil {
		f.Fatal(err)
	}
	s, p := New(c, Needs{}), NewPlaces(c)
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
					if strings.HasPrefix(a.Key, "on") ||
						a.Key == "href" && strings.HasPrefix(strings.ToLower(strings.TrimSpace(a.Val)), "javascript:") {
						t.Errorf("%s?%s: %s=%q", path, query, a.Key, a.Val)
					}
				}
			}
		}
	})
}
