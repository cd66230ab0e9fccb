//go:build !js

package e2e_test

import (
	"strings"
	"testing"

	"github.com/chromedp/chromedp"
)

func (b *browser) back()    { eval[chromedp.Void](b, "history.back()") }
func (b *browser) forward() { eval[chromedp.Void](b, "history.forward()") }
func (b *browser) reload() {
	b.t.Helper()
	b.do(chromedp.Reload())
	b.until("the program", "document.documentElement?.dataset.ready")
}

// step waits for a step of the opening, by its address and by what it says.
func (b *browser) step(name, says string) {
	b.t.Helper()
	b.until("the step "+name, "new URLSearchParams(location.search).get('step') === "+quote(name))
	b.sees(says)
}

// holdsValue waits until the field called so holds a text.
func (b *browser) holdsValue(field, text string) {
	b.t.Helper()
	b.until(field+" to hold "+text, find(field)+"?.value === "+quote(text))
}

const agreed = "document.getElementById('agree')?.checked"

func TestTheStepsOfTheOpeningStandInTheHistory(t *testing.T) {
	shared := ownWorld(t, "yamada-minato")
	const person = "yamada-minato"
	shared.renew(t, person)
	shared.lay(t, person)
	for name, s := range map[string]size{"phone": phone, "desktop": desktop} {
		t.Run(name, func(t *testing.T) {
			address := "minato-" + name + "@example.jp"
			b := newBrowser(t, s, "ja")
			b.logIn("1234")
			b.step("terms", "利用規約に同意します")
			b.inspect("the terms")
			b.screenshot("open-1-terms-" + name)

			// Nobody comes to a later step past an earlier one.
			b.open("/account/open?step=check")
			b.step("terms", "「確認」へ進むには、先に「規約」を終えてください")
			b.screenshot("open-why-" + name)
			b.press("次へ（登録）")
			b.sees("利用規約への同意が必要です")
			b.press("利用規約に同意")
			b.sees("この端末")
			b.reload()
			b.until("the consent after a reload", agreed)
			b.press("次へ（登録）")
			b.step("form", "表示する名前")
			b.fill("表示する名前", "みなと")
			b.fill("メールアドレス", "minato@")
			b.press("次へ（確認）")
			b.sees("メールアドレスの @ の後ろ")
			b.open("/account/open?step=check")
			b.step("form", "先に「登録」を終えてください")
			b.holdsValue("メールアドレス", "minato@") // as it was typed
			b.press("もどる")                     // though no step of this visit came before
			b.step("terms", "利用規約に同意します")
			b.press("次へ（登録）")
			b.step("form", "表示する名前")
			b.fill("メールアドレス", address)
			b.fill("お住まいの市区町村", "目黒区")
			b.press("目黒区")
			b.press("ログインのたびに")
			b.inspect("the form")
			b.screenshot("open-2-form-" + name)
			b.press("次へ（確認）")
			b.step("check", "この内容で開設します")
			b.sees("みなと", address, "目黒区")
			b.inspect("the review")
			b.screenshot("open-3-check-" + name)

			// Back, forward and reload lose nothing, and もどる does not lead round in circles.
			b.back()
			b.step("form", "表示する名前")
			b.holdsValue("メールアドレス", address)
			b.sees("目黒区")
			b.until("the box", find("ログインのたびに")+"?.checked")
			b.reload()
			b.step("form", "表示する名前")
			b.holdsValue("表示する名前", "みなと")
			b.forward()
			b.step("check", "この内容で開設します")
			depth := eval[int](b, "history.length")
			b.press("もどる")
			b.step("form", "表示する名前")
			b.holdsValue("表示する名前", "みなと") // drawn: the review says that name, too
			b.press("もどる")
			b.step("terms", "利用規約に同意します")
			b.until("the consent", agreed)
			b.forward()
			b.step("form", "表示する名前")
			b.forward()
			b.step("check", "この内容で開設します")
			if now := eval[int](b, "history.length"); now != depth {
				t.Errorf("もどる made %d entries more", now-depth)
			}
			b.reload()
			b.step("check", "この内容で開設します")

			// Another tab has its own.
			other := b.tab()
			other.open("/account/open")
			other.step("terms", "利用規約に同意します")
			if other.holds(agreed) {
				t.Error("the consent of one tab is in another")
			}
			other.press("利用規約に同意")
			other.press("次へ（登録）")
			other.fill("表示する名前", "もうひとつ")
			b.reload()
			b.sees("みなと")
			b.seesNot("もうひとつ")

			b.press("開設する")
			b.step("done", "利用者フォルダを開設しました")
			b.sees(address + " に確認メール")
			b.inspect("the end")
			b.screenshot("open-4-done-" + name)
			if kept := eval[string](b, "JSON.stringify(sessionStorage)"); strings.Contains(kept, "minato") ||
				strings.Contains(kept, "みなと") {
				t.Errorf("the tab keeps %s", kept)
			}
			other.sees("すでに開設されています", "今回入力した内容は登録していません")
			b.reload()
			b.step("done", "利用者フォルダを開設しました")
			b.sees("登録したメールアドレス に確認メール")
			b.back()
			b.sees("前の段階にはもどれません", "利用者フォルダを開設しました")
			b.press("ホームへ")
			b.at("/home")
			b.open("/account/open")
			b.sees("すでに開設されています")
			b.seesNot("今回入力した内容")

			b.open("/account/closed") // by its address alone nothing was done
			b.sees("ここで閉鎖した利用者フォルダはありません")
			b.closeFolder()
		})
	}
}

// closeFolder closes the folder of whose card lies on the reader.
func (b *browser) closeFolder() {
	b.t.Helper()
	b.follow("/account/close")
	b.sees("あと3回")
	b.typePIN("1234")
	b.press("閉鎖する")
	b.at("/account/closed")
	b.sees("利用者フォルダを閉鎖しました")
}

// What one person typed is never seen by another, in whichever tab they log in.
func TestADraftIsSeenByNobodyElse(t *testing.T) {
	shared := ownWorld(t, "yamada-minato", "suzuki-umeko")
	for _, person := range []string{"yamada-minato", "suzuki-umeko"} {
		shared.renew(t, person)
	}
	shared.lay(t, "yamada-minato")
	b := newBrowser(t, phone, "ja")
	b.logIn("1234")
	b.step("terms", "利用規約に同意します")
	b.press("利用規約に同意")
	b.press("次へ（登録）")
	b.fill("表示する名前", "ひみつ")

	// The same person, in another tab: what was typed stays.
	other := b.tab()
	other.logIn("1234")
	other.step("terms", "利用規約に同意します")
	b.holdsValue("表示する名前", "ひみつ")
	b.reload()
	b.holdsValue("表示する名前", "ひみつ")

	// Somebody else, in that tab.
	shared.take(t)
	shared.lay(t, "suzuki-umeko")
	other.logIn("1234")
	other.step("terms", "利用規約に同意します")
	b.step("terms", "利用規約に同意します") // by itself: the page began anew
	if b.holds(agreed) {
		t.Error("the other person's consent is there")
	}
	b.press("利用規約に同意")
	b.press("次へ（登録）")
	b.until("an empty field", find("表示する名前")+"?.value === ''")
	if kept := eval[string](b, "JSON.stringify(sessionStorage)"); strings.Contains(kept, "ひみつ") {
		t.Errorf("the tab keeps %s", kept)
	}

	// And nothing is left after a logout.
	b.fill("表示する名前", "うめこ")
	b.press("メニュー")
	b.press("ログアウト")
	b.sees("ログアウトしました")
	for _, tab := range []*browser{b, other} {
		tab.until("nothing kept",
			"!JSON.stringify(sessionStorage).includes('うめこ') && !Object.keys(sessionStorage).some(k => "+
				"k.startsWith('draft/'))")
	}
}

// A change of the registration, and the guide's questions on a phone, stand in the history, too.
func TestOtherPagesWithStepsStandInTheHistory(t *testing.T) {
	shared := ownWorld(t, "yamada-minato")
	shared.renew(t, "yamada-minato")
	b := newBrowser(t, phone, "ja")
	b.arrive("yamada-minato", "1234", "みなと", "目黒区")
	b.follow("/account")
	b.press("変更する")
	b.step("edit", "保存する")
	b.fill("表示する名前", "みなとさま")
	b.back()
	b.sees("保存していない変更があります", "変更する")
	b.forward()
	b.step("edit", "保存する")
	b.holdsValue("表示する名前", "みなとさま")
	b.reload()
	b.step("edit", "続きから直せます")
	b.holdsValue("表示する名前", "みなとさま")
	b.open("/account?step=card")
	b.step("edit", "先に、変える内容を入力してください")
	b.holdsValue("表示する名前", "みなとさま")
	b.press("変更をやめる")
	b.sees("変更する")
	b.seesNot("保存していない変更があります")
	b.closeFolder()

	b.open("/guide/birth")
	b.press("赤ちゃんが生まれた")
	b.sees("質問 1 / 4")
	b.press("次の質問へ")
	b.sees("質問 2 / 4")
	b.setDay("guide-q-birthday", "2026-11-20")
	b.press("次の質問へ")
	b.sees("質問 3 / 4")
	if strings.Contains(b.path(), "birth=") || strings.Contains(b.path(), "2026") {
		t.Errorf("an answer stands in the address: %s", b.path())
	}
	b.back()
	b.sees("質問 2 / 4")
	b.until("the day", "document.getElementById('guide-q-birthday-calendar')?.value === '2026-11-20'")
	b.forward()
	b.sees("質問 3 / 4")
	b.reload()
	b.sees("質問 3 / 4")
	b.press("前の質問へ")
	b.sees("質問 2 / 4")
	b.until("the day", "document.getElementById('guide-q-birthday-calendar')?.value === '2026-11-20'")
	b.press("前の質問へ")
	b.sees("質問 1 / 4")
	b.forward()
	b.sees("質問 2 / 4")
}

// A link of a mail says the same after the page was loaded again, and loses nothing before it was used.
func TestTheLinkOfAMailIsLoadedAgain(t *testing.T) {
	shared := ownWorld(t, "yamada-sakura")
	const address = "sakura-again@example.jp"
	shared.renew(t, "yamada-sakura")
	shared.lay(t, "yamada-sakura")
	b := newBrowser(t, phone, "ja")
	b.arrive("yamada-sakura", "1234", "さくら", "目黒区")
	b.follow("/account")
	b.press("変更する")
	b.fill("メールアドレス", address)
	b.press("保存する")
	b.sees("保存しました")
	b.open(mailedLink(t, address, "/account/confirm"))
	b.sees("確認しました")
	b.reload()
	b.sees("確認しました")
	b.seesNot("このリンクは使えません")

	b.open("/account?step=edit")
	b.fill("メールアドレス", "other-"+address)
	b.press("保存する")
	b.step("card", "カードで確かめます")
	b.reload()
	b.step("card", "カードで確かめます")
	b.sees(address+" から other-"+address, "あと3回")
	b.back()
	b.step("edit", "保存する")
	b.holdsValue("メールアドレス", "other-"+address)
	b.forward()
	b.step("card", "あと3回")
	b.typePIN("1234")
	b.press("保存する")
	b.sees("保存しました")

	b.open(mailedLink(t, address, "/account/undo"))
	b.sees("元に戻す")
	b.reload()
	b.press("元に戻す")
	b.sees("元に戻しました")
	b.reload()
	b.sees("元に戻しました", "すべての端末からログアウトしました")
	kept := eval[string](b, "JSON.stringify(sessionStorage)")
	if strings.Contains(strings.ToLower(kept), `"token":"`) && !strings.Contains(kept, `Token\":\"\"`) {
		t.Errorf("the token stays: %s", kept)
	}
	b.logIn("1234")
	b.at("/home")
	b.closeFolder()
}

// A page that the browser translates goes through all steps, too, and says the truth at each.
func TestATranslatedPageOpensAFolder(t *testing.T) {
	shared := ownWorld(t, "suzuki-umeko")
	shared.renew(t, "suzuki-umeko")
	shared.lay(t, "suzuki-umeko")
	b := newBrowser(t, desktop, "ja")
	b.logIn("1234")
	b.step("terms", "利用規約に同意します")
	eval[chromedp.Void](b, translate)
	b.press("次へ（登録）")
	b.sees("利用規約への同意が必要です")
	b.press("利用規約に同意")
	b.press("次へ（登録）")
	b.step("form", "表示する名前")
	b.seesNot("利用規約への同意が必要です")
	b.fill("表示する名前", "うめこ")
	b.press("次へ（確認）")
	b.sees("1か所", "候補から選んでください")
	eval[chromedp.Void](b, "document.getElementById('municipality').focus()") // what is wrong has the same words
	b.keys("目黒区")
	b.press("目黒区")
	b.press("次へ（確認）")
	b.step("check", "うめこ")
	b.back()
	b.step("form", "表示する名前")
	b.holdsValue("表示する名前", "うめこ")
	b.seesNot("この内容で開設します")
	b.forward()
	b.step("check", "東京都目黒区")
	b.press("もどる")
	b.step("form", "表示する名前")
	b.fill("表示する名前", "うめ")
	b.press("次へ（確認）")
	b.step("check", "うめ")
	b.seesNot("うめこ")
	b.press("開設する")
	b.step("done", "利用者フォルダを開設しました")
	b.seesNot("この内容で開設します")
	b.closeFolder()
}
