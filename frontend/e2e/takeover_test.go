//go:build !js

package e2e_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"regexp"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
	"github.com/google/go-cmp/cmp"
)

// asDrawn has each node of what the program draws on a line of its own, with all that it is.
const asDrawn = `(() => {
  const lines = [];
  const walk = (node, depth) => {
    if (node.nodeType === Node.TEXT_NODE) return lines.push(' '.repeat(depth) + JSON.stringify(node.data));
    const attributes = [...node.attributes].map(a => a.name + '=' + a.value).filter(a => a !== 'data-pressed=').sort();
    if (node.localName === 'input') attributes.push('value: ' + node.value, 'checked: ' + node.checked);
    lines.push(' '.repeat(depth) + '<' + [node.localName, ...attributes].join(' ') + '> ' + node.namespaceURI);
    node.childNodes.forEach(child => walk(child, depth + 1));
  };
  walk(document.querySelector('.shell'), 0);
  return lines.join('\n');
})()`

// documents are what the program may find when it comes.
var documents = map[string]string{
	"as it was sent": `
		window.sent = [...shell.querySelectorAll(':not(input, input *, dialog, dialog *)')];`,
	"empty": `
		shell.replaceChildren();`,
	"changed by others": `
		const foreign = (where, at) => document.querySelector(where)?.[at](document.createElement('div'));
		foreign('body', 'prepend');
		foreign('.header-line', 'prepend');
		foreign('main', 'before');
		foreign('main', 'append');
		document.querySelector('.nav li')?.remove();
		document.querySelector('.nav li')?.before(document.querySelector('.nav li:last-child'));
		document.querySelector('.nav a')?.setAttribute('class', 'nav-link other');
		document.querySelector('.brand')?.setAttribute('title', 'other');
		document.querySelector('h1')?.setAttribute('lang', 'xx');
		document.querySelector('svg path')?.remove();
		document.querySelector('footer')?.remove();
		const walker = document.createTreeWalker(shell, NodeFilter.SHOW_TEXT), texts = [];
		while (walker.nextNode()) texts.push(walker.currentNode);
		texts.forEach((text, i) => {
			if (i % 3 === 0) {
				const font = document.createElement('font');
				font.textContent = 'translated';
				text.replaceWith(font);
			}
			if (i % 3 === 1) text.splitText(text.data.length >> 1);
		});`,
}

// What the program draws is the same whatever stood there before, and where the document showed the same, its nodes
// stay: nothing is laid out twice, and who reads, marks or points at something keeps it.
func TestTheProgramTakesTheNodesOfTheDocument(t *testing.T) {
	ownWorld(t)
	tabs := map[string]*browser{}
	for name, change := range documents {
		b := newBrowser(t, desktop, "ja")
		b.early(`document.addEventListener('DOMContentLoaded', () => {
			const shell = document.querySelector('.shell');` + change + `
		}, { once: true })`)
		tabs[name] = b
	}
	// Of a page that the portal writes in its own words only the frame is the same; of one that shows something else
	// on a phone, one of the two.
	const wholly, inPart = 0.8, 0.3
	for address, least := range map[string]float64{
		"/": wholly, "/help": wholly, "/places": wholly, "/terms": wholly, "/login": inPart,
		"/procedures/131105/P0012": inPart, "/guide/move": inPart, "/procedures?q=年金": inPart,
	} {
		for _, b := range tabs {
			b.open(address)
		}
		drawn := map[string]string{}
		for name, b := range tabs {
			b.atWork()
			b.until(address+" to rest", rests)
			drawn[name] = eval[string](b, asDrawn)
		}
		for name, got := range drawn {
			if diff := cmp.Diff(strings.Split(drawn["empty"], "\n"), strings.Split(got, "\n")); diff != "" {
				t.Errorf("%s is drawn otherwise over a document %s (-empty +this): %s", address, name, diff)
			}
		}
		b := tabs["as it was sent"]
		sent, stay := eval[int](b, "sent.length"), eval[int](b, "sent.filter(node => node.isConnected).length")
		t.Logf("%s: of %d elements of the document %d stay", address, sent, stay)
		if float64(stay) < least*float64(sent) {
			gone := eval[[]string](b, "sent.filter(node => !node.isConnected && !node.parentElement).map(node => node.outerHTML.slice(0, 120))")
			t.Errorf("%s: of %d elements only %d stay, not %s", address, sent, stay, strings.Join(gone, "\n"))
		}
	}
}

// Who has marked a sentence, to copy it or to have it read aloud, has it marked when the program is there.
func TestAMarkedTextStaysMarked(t *testing.T) {
	ownWorld(t)
	b := newBrowser(t, phone, "ja")
	b.patient()
	g := b.hold()
	b.open("/help")
	marked := eval[string](b, `(() => {
		getSelection().selectAllChildren(document.querySelector('main p'));
		return getSelection().toString();
	})()`)
	if marked == "" {
		t.Fatal("there is nothing to mark")
	}
	eval[chromedp.Void](b, "document.dispatchEvent(new KeyboardEvent('keydown', { key: 'Shift' }))")
	b.wait("a start at the first key", g.wanted)
	g.lift()
	b.atWork()
	if now := eval[string](b, "getSelection().toString()"); now != marked {
		t.Errorf("marked was %q, now is %q", marked, now)
	}
}

// What the program draws is told to the browser in words between zeros: a zero that comes from outside parts none.
func TestAZeroInATextMakesNoElement(t *testing.T) {
	ownWorld(t)
	b := newBrowser(t, phone, "ja")
	b.open("/procedures?q=" + "%E5%B9%B4%00%3Ch1%00id%00planted%00%3E")
	b.atWork()
	b.until("the page to rest", rests)
	if b.holds("document.getElementById('planted') || document.querySelectorAll('h1').length !== 1") {
		t.Errorf("an address made an element: %s", eval[string](b, "document.querySelector('main').outerHTML"))
	}
	b.until("the words in a text", `document.querySelector('main').textContent.includes('<h1')
		|| [...document.querySelectorAll('input')].some(field => field.value.includes('<h1'))`)
}

// A page that comes slowly is drawn when all of it is there: half of a header would move when the other half comes.
func TestAPageThatComesSlowlyIsDrawnWhole(t *testing.T) {
	ownWorld(t)
	document, err := os.ReadFile(built("web/pages/help.ja.html"))
	if err != nil {
		t.Fatal(err)
	}
	filled := regexp.MustCompile(`\{\{[a-z-]+\}\}`).ReplaceAllString(string(document), "")
	first, second, ok := strings.Cut(filled, `<div class="header-tools">`)
	if !ok {
		t.Fatal("the page has no tools in its header")
	}
	var files atomic.Int32
	mux := http.NewServeMux()
	assets := http.FileServer(http.Dir(built("web")))
	mux.HandleFunc("/assets/", func(w http.ResponseWriter, r *http.Request) {
		assets.ServeHTTP(w, r)
		files.Add(1)
	})
	mux.HandleFunc("/help", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		fmt.Fprint(w, first, `<div class="header-tools">`)
		if err := http.NewResponseController(w).Flush(); err != nil {
			t.Error(err)
		}
		time.Sleep(time.Second) // so slow is the line
		fmt.Fprint(w, second)
	})
	server := httptest.NewServer(mux)
	t.Cleanup(server.Close)

	b := newBrowser(t, desktop, "ja")
	b.patient()
	b.early(`new MutationObserver(() => {
		if (document.getElementById('boot')) window.wholeAt ??= performance.now();
	}).observe(document, { childList: true, subtree: true })`)
	b.open(server.URL + "/help")
	b.until("the first paint", "performance.getEntriesByName('first-paint').length")
	if b.holds("!(performance.getEntriesByName('first-paint')[0].startTime >= window.wholeAt)") {
		t.Error("half of the page was drawn")
	}
	if n := files.Load(); n < 2 { // its style and boot.js
		t.Errorf("the page asked for %d files", n)
	}
}
