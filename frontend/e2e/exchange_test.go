//go:build !js

package e2e_test

import (
	"bytes"
	"testing"
)

// reports waits until the offices have reported about the person, and the page shows it.
func (b *browser) reports(words ...string) {
	b.t.Helper()
	b.follow("/exchange")
	b.sees("どの役所が、どの役所に")
	b.sees(words...)
}

// The whole way of a mother: what was asked about her, what one line says, asking offices for more, and telling one
// that something is wrong.
func TestExchangesAreReadUnderstoodAndDoubted(t *testing.T) {
	w := ownWorld(t, "yamada-hanako")
	b := newBrowser(t, phone, "ja")
	b.arrive("yamada-hanako", "1234", "花子", "目黒区")
	b.reports("目黒区長が", "該当なし", "回答待ち", "はじめて見る役所", "たずねた役所だけの記録です")
	b.until("the lines to be checked", "document.querySelector('.evidence[data-state=good]')")
	b.inspect("the history")
	b.screenshot("exchange-phone")
	b.resize(desktop)
	b.screenshot("exchange-desktop")

	// What was for one application stands together; narrowed, less is there, and the address keeps it.
	b.sees("児童手当（認定請求の審査）のため（2件）")
	b.press("しぼりこむ")
	b.onceFound("the years", "年", "e.value = '2020'; e.dispatchEvent(new Event('change', {bubbles: true}))")
	b.until("the other years to be gone", "!document.body.innerText.includes('2026年11月20日')")
	b.sees("2020年4月6日")
	b.until("the year in the address", "location.search === '?year=2020'")
	b.inspect("narrowed to a year")
	b.screenshot("exchange-narrowed-desktop")

	// One line, of before the law changed: whole, in words, with what the offices are and what to do.
	b.press("目黒区長が、児童手当（認定請求の審査）のために、札幌市長に、あなたの「所得や住民税の情報」をたずねました。")
	b.sees("番号法第19条第8号・別表第二の74の項", "ご家族（配偶者）の申請の審査のため", "総所得金額等",
		"項目の名前だけで", "これは何？", "個人情報保護委員会")
	b.press("「札幌市長」とは")
	b.sees("市役所のことです")
	b.until("the line to be checked", "document.querySelector('.evidence[data-state=good]')")
	b.inspect("one exchange")
	b.screenshot("exchange-one-desktop")
	b.resize(phone)
	b.screenshot("exchange-one-phone")

	// Told to the office, which answers.
	b.press("間違いを知らせる")
	b.sees("どの役所に知らせますか")
	b.press("次へ")
	b.sees("どこがおかしいかを選んでください")
	b.press("たずねた役所（目黒区長）")
	b.press("心当たりがない")
	b.fill("くわしく", "申請していないと思います。")
	b.inspect("a claim")
	b.screenshot("exchange-claim-phone")
	b.press("次へ")
	b.sees("まだ送っていません", "申請していないと思います。")
	b.press("この内容で送る")
	b.sees("目黒区に送りました", "までに、役所が答えます")
	b.inspect("sent")
	b.press("このやりとりへ戻る")
	b.sees("知らせたこと", "説明がありました", "くわしくは窓口でご説明します")
	b.screenshot("exchange-claimed-phone")

	// What is missing is asked for, and it is seen how far it is.
	b.follow("/exchange/ask")
	b.sees("いつからの記録ですか", "まだ取り寄せていません")
	b.inspect("asking")
	b.press("全期間（7年）")
	b.press("この期間の記録を求める")
	b.sees("受け付けました", "目黒区：")
	b.sees("目黒区：報告しました")
	b.inspect("asked")
	b.screenshot("exchange-ask-phone")

	// What happens now comes without a reload.
	b.follow("/exchange")
	b.sees("件の記録があります")
	before := eval[string](b, "document.querySelector('.exchange-count').innerText")
	w.post(t, w.sandbox+"/exchanges", form("person", "yamada-hanako"))
	b.until("one more", "document.querySelector('.exchange-count').innerText !== "+quote(before))

	b.follow("/exchange/rules")
	b.sees("決まりにより", "7月1日")
	b.inspect("transfers of many")
	b.screenshot("exchange-rules-phone")
}

// An old woman's, in the other languages, and without a network.
func TestExchangesInOtherLanguagesAndOffline(t *testing.T) {
	ownWorld(t, "suzuki-umeko")
	b := newBrowser(t, phone, "ja")
	b.arrive("suzuki-umeko", "1234", "梅子", "金沢市")
	b.reports("後期高齢者医療", "金沢市長")
	b.until("the lines to be checked", "document.querySelector('.evidence[data-state=good]')")
	b.open("/exchange?lang=en")
	b.sees("asked", "Exchange history")
	b.inspect("in English")
	b.screenshot("exchange-en-phone")
	b.open("/exchange?lang=easy")
	b.sees("を 聞きました")
	b.inspect("in easy Japanese")
	b.screenshot("exchange-easy-phone")
}

// On a tablet, from the home page on: the files of what is listed come, also the signed one; and without a network what
// was read stays to be read, sealed, and says of when it is.
func TestExchangesOnATabletAsFilesAndWithoutANetwork(t *testing.T) {
	w := ownWorld(t, "suzuki-umeko")
	b := newBrowser(t, size{768, 1024}, "ja")
	b.arrive("suzuki-umeko", "1234", "梅子", "金沢市")
	b.until("a way in by the card", "("+vaultRows("vaults")+").then(s => s.includes('"+hexOf("card")+"'))")
	b.reports("後期高齢者医療", "金沢市長")
	b.until("the lines to be checked", "document.querySelector('.evidence[data-state=good]')")
	b.inspect("the history on a tablet")
	b.screenshot("exchange-768")
	b.press("ファイルにする")
	for _, c := range []struct{ button, ending, begins string }{
		{"CSV（表計算用）", "csv", "\ufeff"}, {"JSON（証明つき）", "json", "{"}, {"PDF（印刷用）", "pdf", "%PDF-"},
		{"署名つき（PDF・CSV・JSONをまとめて）", "zip", "PK\x03\x04"},
	} {
		dir := b.downloads()
		b.press(c.button)
		got := b.downloadedAs(dir, "exchange-*."+c.ending)
		if !bytes.HasPrefix(got, []byte(c.begins)) || len(got) < 1000 {
			t.Errorf("%s: %d bytes, %.20q", c.button, len(got), got)
		}
	}

	b.openVaultAt("/exchange")
	b.sees("金沢市長")
	b.until("the list in the vault", "("+vaultRows("records")+
		").then(s => JSON.parse(s || '[]').some(r => r.kind === 'exchange'))")
	back := offPortal(t, w)
	defer back()
	b.open("/exchange")
	b.sees("鍵をかけてあります")
	b.seesNot("金沢市長")
	b.press("カードで開く")
	b.sees("あと3回")
	b.typePIN("1234")
	b.press("カードで開く")
	b.sees("この端末に残したもの", "金沢市長")
	b.until("what is kept to be checked", "document.querySelector('.evidence[data-state=good]')")
	b.sees("この端末に残した記録です")
	b.screenshot("exchange-offline-768")
}
