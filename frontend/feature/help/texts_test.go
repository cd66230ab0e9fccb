package help

import (
	"strings"
	"testing"

	"madoguchi/frontend/frame/lang"
)

// Every word of these pages is there in each language, and no Japanese stands in the English.
func TestEveryTextInEveryLanguage(t *testing.T) {
	check := func(where string, text lang.Text) {
		for _, c := range lang.All {
			s := text.In(c)
			if strings.TrimSpace(s) == "" {
				t.Errorf("%s has no text in %s", where, c)
			}
			if c == lang.English && strings.ContainsAny(s, "のはをにが。、") {
				t.Errorf("%s: Japanese in the English text: %s", where, s)
			}
		}
	}
	for _, page := range []*content{howTo(), terms(), privacy(), environment(), accessibility(), related()} {
		check("title", page.title)
		check("lead", page.lead)
		seen := map[string]bool{}
		for _, c := range page.chapters {
			check(c.id, c.title)
			if c.id == "" || seen[c.id] {
				t.Errorf("%s: the id %q is empty or used twice", page.title, c.id)
			}
			seen[c.id] = true
			for _, b := range c.body {
				for _, text := range append(append(append([]lang.Text{}, b.dots...), b.numbers...), b.answers...) {
					check(c.id, text)
				}
				if b.dots == nil && b.numbers == nil {
					check(c.id, b.text)
				}
			}
		}
	}
}
