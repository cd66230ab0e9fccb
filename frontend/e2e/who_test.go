//go:build !js

package e2e_test

import (
	"testing"
)

// Everybody reads how one knows who has seen their information, and tries it: whoever bends a record sees its
// fingerprint, and those after it, fit no more.
func TestWhoHasSeenMyInformation(t *testing.T) {
	w := ownWorld(t)
	b := newBrowser(t, phone, "ja")
	b.open(w.origin + "/who")
	ready := "document.documentElement?.dataset.ready === 'true'"
	b.until("the page", ready)
	b.sees("だれが私の情報を見たか", "これでは分からないこと", "10分で第三者になる")
	if b.holds("!!document.querySelector('script[data-wasm]')") {
		t.Error("the program is loaded into the page")
	}
	state := func(want string) {
		t.Helper()
		b.until("the fingerprints "+want,
			"JSON.stringify([...document.querySelectorAll('.who-row')].map(r => r.dataset.fits)) === "+quote(want))
	}
	state(`["true","true","true"]`)
	b.inspect("who")
	b.screenshot("who-phone")
	eval[bool](b, `(() => {
  const field = document.getElementById('who-2')
  field.value += '。'
  return field.dispatchEvent(new Event('input', {bubbles: true}))
})()`)
	state(`["true","false","false"]`)
	b.sees("帳面と合いません")
	b.screenshot("who-bent-phone")
	b.press("元に戻す")
	state(`["true","true","true"]`)
	for _, language := range []string{"en", "easy"} {
		b.openIn(language, w.origin+"/who")
		b.until("the page", ready)
		b.inspect("who " + language)
		b.screenshot("who-" + language)
	}
	b.appear(look{size: desktop})
	b.openIn("ja", w.origin+"/who")
	b.until("the page", ready)
	b.screenshot("who-desktop")
}
