//go:build !js

package e2e_test

import (
	"testing"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp"
)

// wish asks for what is found by words, from the page of わたしの情報 on, and goes to the list of answers.
func (b *browser) wish(words, detail string) {
	b.t.Helper()
	b.follow("/myinfo")
	b.sees("何を知りたいですか")
	b.fill("知りたいことから探す", words)
	b.press(detail)
	b.at("/myinfo/ask")
	b.sees("選んだ情報 1件")
	b.press("次へ")
	b.step("when", "ふつうの期間を選んであります")
	b.press("次へ")
	b.step("check", "に請求します")
	if b.holds("document.querySelector('[id^=info-notes-]')") {
		b.press("注意事項を確認しました")
	}
	b.press("この内容で請求する")
	b.sees("請求しました。回答待ちです。")
	b.press("回答一覧へ")
	b.at("/myinfo/answers")
}

func TestMyInfoIsAskedForWaitedForReadAndCorrected(t *testing.T) {
	ownWorld(t, "yamada-hanako")
	b := newBrowser(t, desktop, "ja")
	b.arrive("yamada-hanako", "1234", "花子", "目黒区")
	b.press("わたしの情報")
	b.at("/myinfo")
	b.sees("何を知りたいですか", "健康・医療", "世帯", "まだ何も請求していません")
	b.inspect("what can be asked for")
	b.screenshot("myinfo-desktop")
	b.resize(phone)
	b.inspect("what can be asked for, on a phone")
	b.screenshot("myinfo-phone")

	// Found by what people call it; a second thing is chosen beside it, and both are asked for at once.
	b.fill("知りたいことから探す", "お薬手帳")
	b.sees("診療・薬剤：薬剤")
	b.press("診療・薬剤：薬剤")
	b.at("/myinfo/ask")
	b.sees("選んだ情報 1件")
	b.fill("知りたいことから探す", "保険証の番号")
	b.press("健康保険証：資格の情報")
	b.sees("選んだ情報 2件")
	b.inspect("choosing")
	b.screenshot("myinfo-choose-phone")
	b.press("次へ")
	b.step("when", "ふつうの期間を選んであります")
	b.press("検索条件を表示")
	b.inspect("of when")
	b.screenshot("myinfo-when-phone")
	b.reload()
	b.step("when", "ふつうの期間を選んであります")
	b.press("次へ")
	b.step("check", "に請求します")
	b.sees("まだ何も送っていません", "注意事項")
	b.inspect("whom is asked for what")
	b.screenshot("myinfo-check-phone")
	b.press("この内容で請求する")
	b.sees("注意事項を確認してください")
	for b.holds("document.querySelector('[id^=info-notes-]:not(:checked)[type=checkbox]')") {
		eval[string](b, "document.querySelector('[id^=info-notes-]:not(:checked)[type=checkbox]').click(); ''")
	}
	b.press("この内容で請求する")
	b.sees("請求しました。回答待ちです。", "このページを閉じても")
	b.inspect("asked")
	b.screenshot("myinfo-asked-phone")

	// The answers come without a reload.
	b.press("回答一覧へ")
	b.at("/myinfo/answers")
	b.until("both answers", "document.querySelectorAll('.info-request .chip-success').length === 2")
	b.inspect("the answers")
	b.screenshot("myinfo-answers-phone")
	b.press("診療・薬剤：薬剤")
	b.sees("記録は3件です", "見本薬局 目黒店")
	b.seesNot("フェロミア錠50mg") // not for others' eyes, until the person wants to see it
	b.press("隠している項目を表示する")
	b.sees("フェロミア錠50mg")
	b.inspect("medicines")
	b.screenshot("myinfo-medicines-phone")
	b.back()
	b.at("/myinfo/answers")
	b.press("健康保険証：資格の情報")
	b.sees("01130012", "全国健康保険協会")
	b.inspect("a card")
	b.screenshot("myinfo-card-phone")
	b.resize(desktop)
	b.screenshot("myinfo-card-desktop")

	// What is wrong is told to the office that holds it, which puts it right.
	b.press("「保険者名称」について")
	b.press("「保険者名称」の間違いを知らせる")
	b.until("the form", "document.getElementById('info-should-be')")
	b.press("次へ")
	b.sees("どう違うかを選んでください")
	b.press("値が間違っている")
	b.fill("正しい内容", "見本健康保険組合")
	b.inspect("a correction")
	b.screenshot("myinfo-correct-desktop")
	b.press("次へ")
	b.sees("まだ送っていません", "見本健康保険組合")
	b.press("この内容で送る")
	b.sees("までに、機関が直すかどうかを答えます")
	b.press("訂正の請求")
	b.at("/myinfo/corrections")
	b.sees("直りました", "確認し、訂正しました")
	b.inspect("the corrections")
	b.screenshot("myinfo-corrections-desktop")

	// Asked for again, it is another value, and the two answers are laid beside each other.
	b.follow("/myinfo/answers")
	// Two that were asked for at once stand in either order.
	b.until("the card's button", `(e => { if (e) e.click(); return !!e })([...document.querySelectorAll('.info-request')]
		.find(r => r.textContent.includes('健康保険証'))?.querySelector('[id^=info-again-]'))`)
	b.until("three answers", "document.querySelectorAll('.info-request .chip-success').length === 3")
	b.press("健康保険証：資格の情報")
	b.sees("見本健康保険組合", "前の回答")
	b.press("この回答と比べる")
	b.sees("と比べています", "変わりました", "全国健康保険協会 東京支部（見本）")
	b.screenshot("myinfo-beside-desktop")
	b.reload()
	b.sees("と比べています")

	// The home page tells of what was not read, and not of what it is.
	b.follow("/myinfo/settings")
	b.sees("回答を残す期間")
	b.inspect("keeping")
	b.screenshot("myinfo-settings-desktop")
	b.press("1年")
	b.press("保存する")
	b.sees("保存しました")
	b.press("わたしの情報をすべて消す")
	b.until("the question", "document.querySelector('dialog[open]')")
	b.press("消す")
	b.sees("件を消しました")
	b.follow("/myinfo/answers")
	b.sees("まだ何も請求していません")
}

func TestMyInfoOfADeadOfficeWaitsAndOfAWrongOneIsSaid(t *testing.T) {
	w := ownWorld(t, "suzuki-umeko")
	b := newBrowser(t, phone, "ja")
	b.arrive("suzuki-umeko", "1234", "梅子", "金沢市")
	w.turn(t, "nenkin", "dead")
	b.wish("年金いくら", "年金：")
	b.sees("回答待ち 1件", "ふだんかかる時間は、まだわかりません")
	b.screenshot("myinfo-waiting-phone")
	b.press("請求を取り下げる")
	b.until("the question", "document.querySelector('dialog[open]')")
	b.press("消す")
	b.sees("まだ何も請求していません")

	w.turn(t, "myinfo", "wrong")
	b.wish("介護度", "介護・高齢者福祉：")
	b.sees("遅れています", "機関の回答に誤りがあり", "次に試すとき")
	b.inspect("an office that answers nonsense")
	b.screenshot("myinfo-wrong-phone")
	w.turn(t, "myinfo", "well")
}

func TestMyInfoThatIsProtectedGoesWithoutAHint(t *testing.T) {
	w := ownWorld(t, "yamada-hanako")
	b := newBrowser(t, desktop, "ja")
	b.arrive("yamada-hanako", "1234", "花子", "目黒区")
	b.wish("保険証の番号", "健康保険証：資格の情報")
	b.until("the answer", "document.querySelector('.info-request .chip-success')")
	b.press("健康保険証：資格の情報")
	b.sees("01130012")
	w.post(t, w.sandbox+"/protections",
		form("flag", "PROTECTION_NOT_DISCLOSED", "person", "yamada-hanako", "on", "on"))
	b.until("what was shown to be gone", "!document.body.innerText.includes('01130012')")
	b.sees("回答はまだないか、消されています")
	b.follow("/myinfo/answers")
	b.sees("まだ何も請求していません")
	b.seesNot("不開示")
}

// A request to an office that is out of order outlives the browser and the portal, and is answered when it is back.
func TestMyInfoOfADeadOfficeComesAfterAll(t *testing.T) {
	w := ownWorld(t, "yamada-taro")
	b := newBrowser(t, phone, "ja")
	b.arrive("yamada-taro", "1234", "太郎", "目黒区")
	w.turn(t, "nenkin", "dead")
	b.wish("年金いくら", "年金：")
	b.sees("回答待ち 1件")
	b.do(chromedp.Navigate("about:blank"))
	offPortal(t, w)()
	w.turn(t, "nenkin", "well")
	b.open("/myinfo/answers")
	b.until("the answer", "document.querySelector('.info-request .chip-success, .info-request .chip-neutral')")
	b.seesNot("回答待ち 1件")
	b.open("/home")
	b.sees("わたしの情報")
	b.screenshot("myinfo-after-all-phone")
}

// What was asked for and read: in other languages at the width of a tablet, on paper, in a second tab, without a
// network; and on the device nothing, once the person wants nothing kept.
func TestMyInfoOnPaperInTabsAndWithoutANetwork(t *testing.T) {
	w := ownWorld(t, "yamada-hanako")
	b := newBrowser(t, size{768, 1024}, "ja")
	b.arrive("yamada-hanako", "1234", "花子", "目黒区")
	b.until("a way in by the card", "("+vaultRows("vaults")+").then(s => s.includes('"+hexOf("card")+"'))")
	b.wish("保険証の番号", "健康保険証：資格の情報")
	b.until("the answer", "document.querySelector('.info-request .chip-success')")
	b.press("健康保険証：資格の情報")
	b.sees("01130012", "全国健康保険協会")
	answer := b.path()
	for _, language := range []string{"ja", "en", "easy"} {
		for _, address := range []string{"/myinfo", "/myinfo/ask", "/myinfo/answers", answer, "/myinfo/settings"} {
			b.openIn(language, address)
			b.inspect(language + " " + address)
		}
		b.screenshot("myinfo-768-" + language)
	}

	// On paper there is what was read, and nothing to press.
	b.openIn("ja", answer)
	b.sees("01130012")
	call(b, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{Media: "print"})
	b.until("nothing to press", "![...document.querySelectorAll('main button, main .no-print')].some(e => e.checkVisibility())")
	b.sees("01130012", "全国健康保険協会", "証明書ではありません")
	b.inspect("on paper")
	b.screenshot("myinfo-print")
	call(b, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{})

	// As files: the page /check knows them, and not with a byte changed.
	dir := b.downloads()
	b.press("ファイルにする")
	b.sees("madoguchi-1-card.zip を渡しました")
	archive := b.downloaded(dir)
	b.inspect("given as files")
	b.screenshot("myinfo-file")
	check := b.tab()
	check.open("/check")
	check.until("the page", "document.documentElement?.dataset.ready === 'true'")
	check.choose("a.zip", archive, "good")
	check.says([]string{"このまどぐちが渡したままです", "data/answer.csv", "data/answer.json"}, "渡したままではありません")
	archive[len(archive)/2] ^= 1
	check.choose("a.zip", archive, "changed")

	// What is asked for in one tab is in the other.
	other := b.tab()
	other.open("/myinfo/answers")
	other.until("one answer", "document.querySelectorAll('.info-request').length === 1")
	b.follow("/myinfo/answers")
	b.press("もう一度請求する")
	other.until("two answers", "document.querySelectorAll('.info-request .chip-success').length === 2")
	b.until("two answers", "document.querySelectorAll('.info-request .chip-success').length === 2")

	// The network goes: what was read is read on, with the words that it has.
	b.press("健康保険証：資格の情報")
	b.sees("01130012")
	b.back()
	b.at("/myinfo/answers")
	b.until("the answer, the list and the words in the vault", "("+vaultRows("records")+
		").then(s => JSON.parse(s || '[]').filter(r => r.kind === 'myinfo').length >= 4)")
	back := offPortal(t, w)
	b.press("健康保険証：資格の情報")
	b.sees("この端末に残したもの")
	b.open("/myinfo/answers")
	b.sees("鍵をかけてあります")
	b.seesNot("健康保険証")
	b.press("カードで開く")
	b.sees("あと3回")
	b.typePIN("1234")
	b.press("カードで開く")
	b.at("/myinfo/answers")
	b.sees("この端末に残したもの", "健康保険証：資格の情報")
	b.press("健康保険証：資格の情報")
	b.sees("01130012", "この端末に残したもの")
	b.screenshot("myinfo-offline")
	back()

	// Until the logout: on the device nothing is kept, of what there is, either.
	b.open("/myinfo/settings")
	b.press("ログアウトまで")
	b.press("保存する")
	b.sees("保存しました")
	b.follow("/myinfo/answers")
	b.until("answers", "document.querySelectorAll('.info-request .chip-success').length > 0")
	b.press("健康保険証：資格の情報")
	b.sees("01130012")
	b.until("nothing in the vault", "("+vaultRows("records")+
		").then(s => JSON.parse(s || '[]').filter(r => r.kind === 'myinfo').length === 0)")
}
