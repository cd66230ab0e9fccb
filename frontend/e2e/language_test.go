//go:build !js

package e2e_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"madoguchi/static/text"
)

// textsLoaded are the languages whose texts the page asked for since it was opened.
const textsLoaded = `performance.getEntriesByType('resource').map(e => /assets\/text-([^.]+)\./.exec(e.name)?.[1]).filter(Boolean)`

func TestOnlyTheReadersLanguageIsLoaded(t *testing.T) {
	w := ownWorld(t)
	b := newBrowser(t, phone, "ja")
	b.open("/")
	b.sees("ログイン")
	b.until("the service worker in charge", "!!navigator.serviceWorker.controller")
	if got := eval[[]string](b, textsLoaded); !slices.Equal(got, []string{"ja"}) {
		t.Errorf("texts were loaded in %v", got)
	}
	b.chooseLanguage("English")
	b.sees("Log in")
	got := eval[string](
		b, "document.documentElement.dataset.lang + ' ' + document.documentElement.lang + ' ' + document.cookie",
	)
	if !strings.HasPrefix(got, "en en ") || !strings.Contains(got, "lang=en") {
		t.Errorf("the language is said to be %s", got)
	}
	b.open("/")
	b.until("the program", "!!document.documentElement?.dataset.ready")
	b.sees("Log in")
	if got := eval[[]string](b, textsLoaded); !slices.Equal(got, []string{"en"}) {
		t.Errorf("texts were loaded in %v", got)
	}

	portal := w.processes["portal"]
	portal.stop()
	b.chooseLanguage("やさしい")
	b.sees("The language you chose could not be loaded", "Log in")
	b.screenshot("language-away")
	b.chooseLanguage("日本語") // was read on this device
	b.sees("ログイン")
	b.seesNot("選んだ言語を読み込めませんでした")
	b.open("/?lang=easy")
	b.sees("選んだ言語を読み込めませんでした")
	if err := portal.start(); err != nil {
		t.Fatal(err)
	}
	b.chooseLanguage("やさしい")
	b.until("furigana", "document.querySelector('main ruby rt')")
	b.until("the bar to go", "!document.getElementById('language-away')")
}

// plainTexts are those of the page that no file of texts has brought: the pseudo-language puts its own in brackets.
const plainTexts = `(() => {
  const plain = [], walker = document.createTreeWalker(document.querySelector('main'), NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const { nodeValue, parentElement } = walker.currentNode;
    if (!parentElement.closest('code, pre') && /[A-Za-z]{2}/.test(nodeValue) && !/[[\]]/.test(nodeValue))
      plain.push(nodeValue);
  }
  return plain;
})()`

// A fourth language is one file a feature. The page is packed with those of the pseudo-language beside the others;
// nothing else changes.
func TestAFourthLanguage(t *testing.T) {
	w := ownWorld(t)
	checkBuilt(t)
	texts, err := text.Read(text.Embedded)
	if err != nil {
		t.Fatal(err)
	}
	dir, web := t.TempDir(), filepath.Join(t.TempDir(), "web")
	if err := texts.WritePseudo(dir); err != nil {
		t.Fatal(err)
	}
	pack := exec.Command(built("pack-web"), "--wasm", built("app.wasm"), "--out", web, "--programs", "/",
		"--static", "../../static", "--text", dir, "--fast")
	pack.Env = os.Environ()
	if out, err := pack.CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	w.startBrief(t, "PORTAL_WEB="+web)
	b := newBrowser(t, phone, "ja")
	b.open(w.brief + "/")
	b.chooseLanguage("Pseudo")
	b.sees("[Lóg íñ~")
	for _, path := range []string{"/", "/help", "/login", "/guide/birth", "/prepare"} {
		b.open(w.brief + path)
		b.until("a page in the pseudo-language",
			"document.documentElement.dataset.lang === 'en-XA' && document.querySelector('main "+
				"h1')?.textContent.includes('[')")
		if plain := eval[[]string](b, plainTexts); len(plain) > 0 && path != "/guide/birth" {
			t.Errorf("%s has texts that stand in no file: %q", path, plain)
		}
		b.screenshot("pseudo" + strings.ReplaceAll(path, "/", "_"))
	}
}
