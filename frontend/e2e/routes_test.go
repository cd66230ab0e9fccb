//go:build !js

package e2e_test

import (
	"encoding/json"
	"fmt"
	"os"
	"regexp"
	"strings"
	"testing"
)

// route is a page of the portal as the built page itself names it, so that no page is forgotten.
type route struct {
	Path, Pattern, Page, Document, For string
	Alone                              bool
}

// examples are addresses of the pages that have many, and further ones of those that show more with a question in the
// address.
var examples = map[string][]string{
	"/procedures": {"/procedures", "/procedures?place=131105", "/procedures?q=年金"},
	"/procedures/compare": {
		"/procedures/compare", "/procedures/compare?definition=P0034&place=131105&place=131130",
	},
	"^/procedures/(nation|[0-9]{6})/[^/]+$": {
		"/procedures/131105/P0012", "/procedures/nation/P0001", "/procedures/131105/P0001?day=2026-11-02",
	},
	"^/guide/[a-z]+$":                      {"/guide/death"},
	"^/places/(0[1-9]|[1-3][0-9]|4[0-7])$": {"/places/14"},
	"^/notice/[^/]+$":                      {"/notice/01ABC"},
	"^/myinfo/answers/[^/]+$":              {"/myinfo/answers/01ABC"},
	"^/exchange/of/[^/]+$":                 {"/exchange/of/01ABC"},
	"^/exchange/of/[^/]+/claim$":           {"/exchange/of/01ABC/claim"},
	"^/usage/[0-9]+-[A-Za-z0-9]+$":         {"/usage/1764000000000-01ABC"},
	"^/usage/notice/[^/]+$":                {"/usage/notice/n01abc"},
	"^/inquiry/[A-Z0-9]+$":                 {"/inquiry/01ABC"},
	"^/apply/[0-9]{6}/[^/]+$":              {"/apply/131105/P0001"},
	"^/applications/[0-9a-f]{32}$":         {"/applications/0123456789abcdef0123456789abcdef"},
	"^/myinfo/answers/[^/]+/correct$":      {"/myinfo/answers/01ABC/correct?record=1&item=13.tax_total"},
}

const noSuchPage = "/no-such-page"

// routes are those of build/web/routes.json that are wanted.
func routes(t *testing.T, wanted func(route) bool) []route {
	t.Helper()
	data, err := os.ReadFile(built("web/routes.json"))
	if err != nil {
		t.Fatalf("%v (run `make build` first)", err)
	}
	var table struct{ Routes []route }
	if err := json.Unmarshal(data, &table); err != nil {
		t.Fatal(err)
	}
	var found []route
	for _, r := range table.Routes {
		if wanted(r) {
			found = append(found, r)
		}
	}
	if len(found) == 0 {
		t.Fatal("routes.json has no such page")
	}
	return found
}

// addresses are where to look at pages: a path as it is, or its examples.
func addresses(t *testing.T, wanted func(route) bool) []string {
	t.Helper()
	var found []string
	for _, r := range routes(t, wanted) {
		of := examples[r.Path+r.Pattern]
		if r.Pattern == "" && of == nil {
			of = []string{r.Path}
		}
		if of == nil {
			t.Errorf("the pages %s have no example: name one in examples", r.Pattern)
		}
		for _, address := range of {
			path, _, _ := strings.Cut(address, "?")
			if r.Pattern != "" && !regexp.MustCompile(r.Pattern).MatchString(path) {
				t.Errorf("%s is no example of %s", address, r.Pattern)
			}
		}
		found = append(found, of...)
	}
	return found
}

func (r route) isFor(who string) bool { return r.For == who }

// isOfProcedures tells the pages that help to find what to do from those of the portal itself.
func (r route) isOfProcedures() bool {
	for _, start := range []string{"/procedures", "/places", "/guide", "/todo"} {
		if strings.HasPrefix(strings.TrimPrefix(r.Path+r.Pattern, "^"), start) {
			return true
		}
	}
	return false
}

// isWritten tells a page that is whole in HTML before any program runs.
func (r route) isWritten() bool { return r.Path != "" && r.isFor("") && r.Page != "shell" }

// look is how a page is looked at.
type look struct {
	size size
	dark bool
}

// looksAt are the looks of each language, with more for the Japanese; one visit serves all of a language.
func looksAt(more ...look) map[string][]look {
	return map[string][]look{
		"ja":   append([]look{{size: phone}}, more...),
		"en":   {{size: desktop, dark: true}},
		"easy": {{size: size{320, 640}}},
	}
}

func (l look) String() string {
	if l.dark {
		return fmt.Sprintf("%d px dark", l.size.width)
	}
	return fmt.Sprintf("%d px", l.size.width)
}

// appear has the browser show pages so.
func (b *browser) appear(l look) {
	b.t.Helper()
	b.resize(l.size)
	b.light()
	if l.dark {
		b.dark()
	}
}

// inspectAll inspects pages in every language and look, in one tab. Each page is opened once, in one language after
// another from page to page, and comes to the others by the links in its header, as a person does: what a load costs is
// many times what a look costs.
func (b *browser) inspectAll(addresses []string, looks map[string][]look) {
	b.t.Helper()
	for n, address := range addresses {
		for i := range languages {
			language := languages[(n+i)%len(languages)]
			if i == 0 {
				b.appear(looks[language][0])
				b.openIn(language, address)
			} else {
				b.speak(language)
			}
			for _, l := range looks[language] {
				b.appear(l)
				b.until("the width", fmt.Sprintf("innerWidth === %d", l.size.width))
				name := l.String() + " " + language + " " + address
				b.inspect(name)
				b.screenshot(strings.NewReplacer("/", "_", "?", "_", " ", "-").Replace("page-" + name))
			}
		}
		b.until("an icon that is drawn",
			"[...document.querySelectorAll('svg.icon > *')].some(e => e.getBBox && e.getBBox().width > 0)")
		b.refusesStrings(address)
	}
}

// openIn opens a page in a language and waits until it shows what it has to show.
func (b *browser) openIn(language, address string) {
	b.t.Helper()
	join := "?"
	if strings.Contains(address, "?") {
		join = "&"
	}
	b.open(address + join + "lang=" + language)
	b.until("the page at work", "document.documentElement?.dataset.ready")
	b.until("no waiting", "!document.querySelector('.skeleton')")
}

// speak chooses another language in the header and waits until all the page speaks it: header, what is below, the
// page's own part, which says nothing the way the language before did.
func (b *browser) speak(language string) {
	b.t.Helper()
	before := eval[string](b, mainText)
	b.until("the link to "+language,
		"(e => { if (e) e.click(); return !!e })(document.getElementById("+quote("language-"+language)+"))")
	b.until("the page in "+language, `document.documentElement?.dataset.lang === `+quote(language)+`
		&& document.getElementById(`+quote("language-"+language)+`)?.getAttribute('aria-current') === 'true'
		&& `+mainText+` !== `+quote(before)+`
		&& !document.querySelector('.skeleton')
		&& new Promise(drawn => requestAnimationFrame(() => requestAnimationFrame(() => drawn(true))))`)
}

// chooseLanguage opens the menu of languages as a person does, and takes one.
func (b *browser) chooseLanguage(name string) {
	b.t.Helper()
	b.until("the menu of languages", `(e => { if (e && !e.open) e.querySelector('summary').click(); return e?.open })(
		document.querySelector('details.languages'))`)
	b.press(name)
}

const mainText = "document.querySelector('main').textContent"
