//go:build !js

package e2e_test

import (
	"strings"
	"testing"
)

// Who logs out in the middle of a form leaves nothing of it: not in this tab, nor in another one with the form, nor for
// whoever logs in next on the same device.
func TestALogoutLeavesNothingOfAForm(t *testing.T) {
	w := ownWorld(t, "yamada-hanako", "yamada-taro")
	b := newBrowser(t, desktop, "ja")
	b.arrive("yamada-hanako", "1234", "花子", "目黒区")
	const form, key = "/apply/131105/jido-teate-gaku", "draft/apply-131105-jido-teate-gaku"
	fills := func(b *browser) {
		b.follow(form)
		b.press("白紙から始める")
		b.answer("kind", "up")
		b.until("the tab to keep it", `sessionStorage.getItem("`+key+`")`)
	}
	fills(b)
	other := b.tab()
	other.open("/home")
	other.until("who is in", "document.getElementById('person-button')")
	other.follow(form)
	other.sees("下書きの続きから始める")
	other.press("白紙から始める")
	other.answer("kind", "down")
	other.until("the tab to keep it", `sessionStorage.getItem("`+key+`")`)
	b.press("花子さん")
	b.press("ログアウト")
	for what, b := range map[string]*browser{"this tab": b, "the other tab": other} {
		b.sees("ログアウトしました")
		b.until("the form to be gone", "!document.getElementById('f-kind')")
		if kept := eval[string](b, "JSON.stringify(sessionStorage)"); strings.Contains(kept, "apply-") {
			t.Errorf("%s keeps %s", what, kept)
		}
	}
	w.take(t)
	b.arrive("yamada-taro", "1234", "太郎", "目黒区")
	b.follow(form)
	b.sees("白紙から始める")
	b.seesNot("この端末だけに残っている下書きがあります")
	if kept := eval[string](b, "JSON.stringify(sessionStorage)"); strings.Contains(kept, "apply-") {
		t.Errorf("the next person's tab has %s", kept)
	}
}
