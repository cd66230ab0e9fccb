//go:build !js

package e2e_test

import "testing"

// Whoever knows a PIN changes it without logging in; the card takes the new one from then on, and no longer the old.
func TestAPINIsChangedWithoutALogin(t *testing.T) {
	w := ownWorld(t, "kobayashi-ren")
	w.renew(t, "kobayashi-ren")
	t.Cleanup(func() { w.renew(t, "kobayashi-ren") }) // others know the PIN that it was issued with
	w.lay(t, "kobayashi-ren")
	b := newBrowser(t, phone, "ja")
	b.open("/pin")
	b.sees("利用者証明用の暗証番号", "署名用の暗証番号", "券面事項入力補助用の暗証番号", "あと3回", "あと5回")
	b.screenshot("pin-phone")
	b.press("利用者証明用の暗証番号を変える")
	b.at("/pin/auth")
	b.sees("あと3回")

	change := func(old, fresh, again string) {
		b.fill("いまの暗証番号", old)
		b.fill("新しい暗証番号", fresh)
		b.fill("新しい暗証番号をもう一度", again)
		b.press("暗証番号を変える")
	}
	change("1234", "4321", "4321")
	b.sees("上の決まりに合っていません")
	change("1234", "1985", "1986")
	b.sees("2回の入力がちがいます", "誕生日や生まれた年")
	b.screenshot("pin-change-phone")
	change("9999", "5713", "5713")
	b.sees("いまの暗証番号が違います（あと2回）", "暗証番号は変わっていません", "控えの紙")
	b.until("nothing typed is left",
		"['pin-old', 'pin-new', 'pin-again'].every(id => document.getElementById(id).value === '')")
	b.until("the next try is taken", "!document.getElementById('pin-go').disabled")
	change("1234", "５７１３", "5713")
	b.sees("利用者証明用の暗証番号を変えました", "カードで確かめました")
	b.screenshot("pin-done-phone")
	b.inspect("a changed PIN")

	b.resize(desktop)
	b.press("ほかの暗証番号を見る")
	b.at("/pin")
	b.sees("あと3回", "あと5回")
	b.screenshot("pin-desktop")
	b.press("署名用の暗証番号を変える")
	b.at("/pin/sign")
	b.sees("あと5回", "小文字は大文字")
	b.screenshot("pin-sign-desktop")
	b.open("/login")
	b.sees("あと3回")
	b.typePIN("5713")
	b.press("ログイン")
	b.at("/account/open")
}
