//go:build !js

package e2e_test

import (
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/chromedp/cdproto/emulation"
)

// The page of all components and pictures is in the page of `make dev`, whole before the program runs, and in nobody
// else's.
func TestTheKit(t *testing.T) {
	if _, err := os.Stat(built("dev-web/pages/kit.ja.html")); err != nil {
		t.Fatalf("%v (run `make dev-build` first)", err)
	}
	for _, r := range routes(t, func(route) bool { return true }) {
		if r.Path == "/kit" {
			t.Error("the page for people has the one for development")
		}
	}
	w := ownWorld(t)
	w.startBrief(t, "PORTAL_WEB="+built("dev-web"))
	b := newBrowser(t, phone, "ja")
	b.openIn("ja", w.brief+"/kit")
	for _, l := range []look{{size: phone, dark: true}, {size: phone}, {size: desktop}, {size: desktop, dark: true}} {
		b.appear(l)
		b.until("the width", fmt.Sprintf("innerWidth === %d", l.size.width))
		b.screenshot("kit-" + strings.ReplaceAll(l.String(), " ", "-"))
		if l.dark == (l.size == desktop) { // each width and each set of colours once: there is much to inspect
			b.inspect("kit " + l.String())
		}
	}
	call(b, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{
		Features: []*emulation.MediaFeature{{Name: "forced-colors", Value: "active"}},
	})
	b.until("the person's own colours", "matchMedia('(forced-colors: active)').matches")
	b.screenshot("kit-forced")
	b.light()

	b.press("問いを開く")
	b.until("the question", "document.querySelector('#dialog').open")
	for _, violation := range b.axe() {
		t.Errorf("with a question open: %s", violation)
	}
	b.press("やめる")
	b.until("no question", "!document.querySelector('#dialog').open")
	b.press("横から開く")
	b.until("the drawer", "document.querySelector('#drawer').open")
	b.press("やめる")
	b.until("no drawer", "!document.querySelector('#drawer').open")
	b.press("完了")
	b.sees("選ばれている見方：second")
	says := eval[string](b, "document.querySelector('.scene-told').getAttribute('aria-label')")
	if !strings.Contains(says, "カード") {
		t.Errorf("a picture that stands alone says %q", says)
	}
}
