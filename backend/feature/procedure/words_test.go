package procedure

import (
	"net/http/httptest"
	"os"
	"regexp"
	"strings"
	"testing"

	"madoguchi/backend/door/document"
	"madoguchi/backend/feature/procedure/entry"
	"madoguchi/backend/store/db/dbtest"
	"madoguchi/static/text"
	"madoguchi/static/text/say/saytest"
)

// Every label that document.html names is there, and it names every one.
func TestLabelsOfDocuments(t *testing.T) {
	source, err := os.ReadFile("document.html")
	if err != nil {
		t.Fatal(err)
	}
	named := map[string]bool{}
	for _, match := range regexp.MustCompile(`\.W "([^"]*)"`).FindAllSubmatch(source, -1) {
		named[string(match[1])] = true
		if _, ok := words[string(match[1])]; !ok {
			t.Errorf("document.html names %s, which is no label", match[1])
		}
	}
	for name := range words {
		if !named[name] {
			t.Errorf("document.html has no use for %s", name)
		}
	}
}

// A language more needs its file and nothing else: the labels are in it, and data in the language that it names.
func TestDocumentsInALanguageMore(t *testing.T) {
	saytest.Pseudo(t)
	c := NewCatalog(entry.NewStore(dbtest.SQLite(t), at(noon)), at(noon), "")
	if err := c.Fill(t.Context()); err != nil {
		t.Fatal(err)
	}
	s, p := New(c, Needs{}), NewPlaces(c)
	for address, want := range map[string]struct {
		write    document.Func
		title    string
		contains string
	}{
		"/procedures/nation/P0001": {
			s.Document, "Apply for child allowance（[Ñátíóñwídé", "<dt class=\"facts-name\">[Fór whóm",
		},
		"/procedures/nation/P9999": {s.Document, "[Thís próçédúré wás ñót fóúñd", "[Thé ñúmbér máý bé wróñg"},
		"/places/13":               {p.Document, "[東京都: múñíçípálítíés", "[Óthér préféçtúrés"},
	} {
		page, ok := want.write(httptest.NewRequest("GET", address, nil), text.Pseudo)
		if !ok || !strings.HasPrefix(page.Title, want.title) || !strings.Contains(string(page.Body), want.contains) {
			t.Errorf("%s: %v %s\n%s", address, ok, page.Title, page.Body)
		}
	}
}
