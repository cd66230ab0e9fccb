//go:build !js

package e2e_test

import (
	"slices"
	"strings"
	"testing"
	"time"
)

// mailed waits for a mail to an address that says something, and gives the newest.
func mailed(t testing.TB, address, says string) mail {
	t.Helper()
	w := worldOf(t)
	deadline := time.Now().Add(patience)
	for {
		for _, m := range slices.Backward(w.mails(t, address)) {
			if strings.Contains(m.Subject+"\n"+m.Text, says) {
				return m
			}
		}
		if time.Now().After(deadline) {
			t.Fatalf("no mail to %s says %q among %+v", address, says, w.mails(t, address))
		}
		time.Sleep(100 * time.Millisecond)
	}
}

// mailedLink waits for a mail to an address with a link to a page of the portal, and gives the newest such link as a
// path.
func mailedLink(t testing.TB, address, page string) string {
	t.Helper()
	start := worldOf(t).origin + page + "#token="
	_, rest, _ := strings.Cut(mailed(t, address, start).Text, start)
	return page + "#token=" + strings.Fields(rest)[0]
}

func TestAConfirmedAddressChangesWithTheCardAndComesBack(t *testing.T) {
	ownWorld(t, "watanabe-gaiji")
	const old, other = "watanabe@example.jp", "somebody@example.jp"
	b := newBrowser(t, phone, "ja")
	b.arrive("watanabe-gaiji", "1234", "渡邉", "目黒区")
	change := func(address string) {
		t.Helper()
		b.open("/account")
		b.press("変更する")
		b.fill("メールアドレス", address)
	}

	// As long as no address is confirmed, the card is not asked for.
	change(old)
	b.seesNot("カードと暗証番号での確認が必要です")
	b.press("ログインのたびに")
	b.press("保存する")
	b.sees("保存しました", old+" に確認メールを送ります")
	elsewhere := newBrowser(t, desktop, "ja")
	elsewhere.open(mailedLink(t, old, "/account/confirm"))
	elsewhere.sees("確認しました")

	// Then it is, with a way back that keeps what was typed.
	change(other)
	b.sees("カードと暗証番号での確認が必要です")
	b.press("保存する")
	b.sees("カードで確かめます", "まだ何も変わっていません", old+" から "+other)
	b.inspect("the card for a change")
	b.screenshot("account-card")
	b.press("入力にもどる")
	b.until("what was typed", "document.getElementById('mail-address')?.value === "+quote(other))
	b.press("保存する")
	b.sees("カードで確かめます", "あと3回")
	b.typePIN("0000")
	b.press("保存する")
	b.sees("暗証番号が違います", "カードで確かめます")
	b.typePIN("1234")
	b.press("保存する")
	b.sees("保存しました", other+" に確認メールを送ります", old+" に、変更を知らせるメールを送ります")
	b.screenshot("account-changed")

	// The old address puts it back without a login; nothing happens before the button is pressed.
	link := mailedLink(t, old, "/account/undo")
	elsewhere.open(link)
	elsewhere.sees("登録内容の変更を元に戻す", "すべての端末からログアウトします")
	if !elsewhere.holds("location.hash === '' && location.search === ''") {
		t.Error("the token stays in the address bar")
	}
	elsewhere.inspect("undoing a change")
	elsewhere.screenshot("account-undo")
	elsewhere.press("元に戻す")
	elsewhere.sees("元に戻しました", "0120-95-0178")
	elsewhere.screenshot("account-undone")
	b.open("/account")
	b.sees("ログインが必要です")
	elsewhere.open("/help")
	elsewhere.open(link)
	elsewhere.press("元に戻す")
	elsewhere.sees("すでに元に戻しています")
	elsewhere.open("/account/undo#token=nonsense") // in the same tab: the page stays and hears of it
	elsewhere.until("the token taken", "location.hash === ''")
	elsewhere.press("元に戻す")
	elsewhere.sees("このリンクは使えません", "72時間が過ぎたか")
	for _, language := range []string{"en", "easy"} {
		elsewhere.open("/account/undo?lang=" + language)
		elsewhere.until("the page at work",
			"document.documentElement?.dataset.ready && document.querySelector('#undo-do')")
		elsewhere.inspect("undoing a change in " + language)
	}

	b.logIn("1234")
	b.at("/home")
	b.open("/account")
	b.sees(old, "確認済み")
	b.seesNot(other)
	mailed(t, old, "元に戻しました")
}
