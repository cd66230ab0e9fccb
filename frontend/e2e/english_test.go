//go:build !js

package e2e_test

import (
	"strings"
	"testing"
)

// bothNames asks whether an element says a place in English, and beside that in Japanese, marked as such.
func bothNames(where, english, japanese string) string {
	return `[...document.querySelectorAll(` + quote(where) + `)].some(e => e.textContent.includes(` + quote(english) + `)
		&& [...e.querySelectorAll('[lang=ja]')].some(name => name.textContent === ` + quote(japanese) + `))`
}

// Who reads no kanji finds a place by Latin letters, and sees everywhere which one it is.
func TestPlacesInEnglish(t *testing.T) {
	ownWorld(t)
	for name, s := range map[string]size{"phone": phone, "desktop": desktop} {
		t.Run(name, func(t *testing.T) {
			b := newBrowser(t, s, "en")
			fits := func() {
				t.Helper()
				if b.holds("document.documentElement.scrollWidth > innerWidth") {
					t.Errorf("%s is wider than the window", b.path())
				}
			}
			b.open("/procedures")
			b.atWork()
			b.fill("Your municipality", "kitahiroshima")
			b.until("which one it is", bothNames(".combobox-option", "Kitahiroshima-cho, Yamagata-gun", "山県郡北広島町"))
			b.screenshot("english-match-" + name)
			fits()
			b.fill("Your municipality", "meguro")
			b.until("the match", bothNames("#procedure-place-option-0", "Meguro-ku", "目黒区"))
			b.keys("\r")
			b.until("the place chosen", bothNames("#procedure-place-chosen", "Meguro-ku, Tokyo", "東京都目黒区"))
			b.until("the count with the place", bothNames(".results-count", "Procedures in Meguro-ku", "目黒区"))
			b.screenshot("english-search-" + name)
			fits()
			b.open("/procedures?place=343692")
			b.until("a long name", bothNames(".results-count", "Kitahiroshima-cho, Yamagata-gun", "山県郡北広島町"))
			b.screenshot("english-search-long-" + name)
			fits()

			b.open("/places/13")
			b.until("the list", bothNames(".place-results .place-name", "Meguro-ku", "目黒区"))
			b.until("the heading", bothNames("h1", "Tokyo", "東京都"))
			b.screenshot("english-tokyo-" + name)
			fits()
			b.fill("Narrow down by name", "hachioji")
			b.until("the one that fits", "document.querySelectorAll('.place-results .place-name').length === 1")
			if !b.holds(bothNames(".place-results .place-name", "Hachioji-shi", "八王子市")) {
				t.Errorf("what fits is %s", b.text())
			}
			b.open("/places/34")
			b.until("the wards and towns", bothNames(".place-results .place-name", "Kitahiroshima-cho", "山県郡北広島町"))
			b.press("Hiroshima-shi 広島市 (8 wards)")
			b.until("a ward without its city", bothNames(".place-results .place-name", "Naka-ku", "中区"))
			b.screenshot("english-hiroshima-" + name)
			fits()
			b.open("/places")
			b.screenshot("english-places-" + name)
			fits()

			b.open("/guide/move?place=343692")
			b.until("the place of the guide", bothNames("main",
				"Kitahiroshima-cho, Yamagata-gun, Hiroshima", "広島県山県郡北広島町"))
			b.screenshot("english-guide-" + name)
			fits()

			b.open("/procedures/compare?definition=P0012&place=131105&place=343692")
			b.until("the places compared", bothNames("main",
				"Kitahiroshima-cho, Yamagata-gun, Hiroshima", "広島県山県郡北広島町"))
			b.screenshot("english-compare-" + name)
			fits()

			for _, language := range []string{"ja", "easy"} {
				b.open("/places/13?lang=" + language)
				b.until("the list", "document.querySelector('.place-results .place-name')")
				words := eval[string](b, "document.querySelector('main').textContent")
				if strings.Contains(words, "Meguro") {
					t.Errorf("in %s it says %s", language, words)
				}
			}
		})
	}
}
