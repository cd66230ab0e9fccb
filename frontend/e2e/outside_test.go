//go:build !js

package e2e_test

import (
	"testing"
)

// turn sets the switch of a part of the outside world (well, slow, wrong, dead) until the test is over.
func (w *world) turn(t *testing.T, part, is string) {
	t.Helper()
	w.post(t, w.sandbox+"/parts/"+part, form("is", is))
	if is != "well" {
		t.Cleanup(func() { w.turn(t, part, "well") })
	}
}

// While J-LIS is away nobody new is let in, and is told that it is not the card; when it is back the same card opens
// the door.
func TestJLISGoesAndComesBack(t *testing.T) {
	w := ownWorld(t, "yamada-taro")
	w.turn(t, "jlis", "dead")
	w.lay(t, "yamada-taro")
	b := newBrowser(t, phone, "ja")
	b.logIn("1234")
	b.sees("電子証明書が有効かどうかを確かめられません", "カードに問題はありません")
	b.at("/login")
	b.screenshot("jlis-dead")
	w.turn(t, "jlis", "well")
	w.take(t)
	b.sees("カードを置いてください")
	w.lay(t, "yamada-taro")
	b.sees("あと3回")
	b.typePIN("1234")
	b.press("ログイン")
	b.at("/account/open")
}

// While the mail server is away what a person saves is saved, and its mail comes when the server is back.
func TestTheMailServerGoesAndComesBack(t *testing.T) {
	w := ownWorld(t, "suzuki-umeko")
	const address = "umeko@example.jp"
	w.turn(t, "mail", "dead")
	w.lay(t, "suzuki-umeko")
	b := newBrowser(t, phone, "ja")
	b.logIn("1234")
	b.at("/account/open")
	b.openFolder("梅子", address, "目黒区")
	if got := w.mails(t, address); len(got) > 0 {
		t.Errorf("a dead mail server took %+v", got)
	}
	w.turn(t, "mail", "well")
	confirm := newBrowser(t, desktop, "ja")
	confirm.open(mailedLink(t, address, "/account/confirm"))
	confirm.sees("確認しました")
}
