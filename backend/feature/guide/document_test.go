package guide

import (
	"strings"
	"testing"

	"madoguchi/static/text"
	"madoguchi/static/text/say/saytest"
)

// A language more needs its file and nothing else: the words around an event are in it, and the event in the language
// that it names.
func TestDocumentsInALanguageMore(t *testing.T) {
	saytest.Pseudo(t)
	birth, ok := eventOf("birth")
	if !ok {
		t.Fatal("no such event")
	}
	page := birth.document(text.Pseudo)
	if body := string(page.Body); page.Title != birth.Title.En+" — まどぐち" || !strings.Contains(body, "[Thís lísts") ||
		!strings.Contains(body, "[Óthér") {
		t.Errorf("%s\n%s", page.Title, body)
	}
}
