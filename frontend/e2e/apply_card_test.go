//go:build !js

package e2e_test

import "testing"

// Name, address and birth come from the card's face by its own PIN; what was typed before is not overwritten: both are
// shown. The form was opened by a link from outside, before the login, and says so.
func TestTheCardFillsInAForm(t *testing.T) {
	ownWorld(t, "yamada-hanako")
	b := newBrowser(t, desktop, "ja")
	b.arrive("yamada-hanako", "1234", "花子", "目黒区")
	b.press("花子さん")
	b.press("ログアウト")
	b.sees("ログアウトしました")
	b.open("/apply/131105/jido-teate-nintei#reason=moved_in&claimant_name=x&claimant_tel=0312345678")
	b.until("the way over the login", `(e => { e?.click(); return !!e })(document.querySelector("main a[href^='/login?next=']"))`)
	b.typePIN("1234")
	b.press("ログイン")
	b.at("/apply/131105/jido-teate-nintei")
	b.sees("外からのリンクで開かれました")
	b.screenshot("apply-outside-desktop")
	b.press("白紙から始める")
	b.sees("外からのリンクで入力されました")
	b.until("what the link may answer", `document.querySelector('input[name="f-reason"][value="moved_in"]')?.checked`)
	if b.holds(`location.hash !== ""`) {
		t.Error("what the link gave stands in the address still")
	}
	b.day("event_date", "2026", "11", "20")
	b.press("次へ")
	b.until("that neither name nor telephone came by the link",
		`document.getElementById("f-claimant_name")?.value === "" && document.getElementById("f-claimant_tel").value === ""`)
	b.answer("claimant_name", "山田 ハナコ")
	b.press("カードから写す")
	b.until("the pad", `document.getElementById("face-go") && !document.getElementById("face-go").disabled`)
	b.inspect("the pad for the card's face")
	b.screenshot("apply-card-desktop")
	b.fill("券面事項入力補助用の暗証番号", "1111")
	b.press("写す")
	b.sees("あと2回まちがえるとロックされます")
	b.until("another try", `!document.getElementById("face-go").disabled`)
	b.fill("券面事項入力補助用の暗証番号", "5678")
	b.press("写す")
	b.sees("カードから入力しました", "違う内容が1つあります", "山田 花子")
	b.until("town and birth of the card", `document.getElementById("f-claimant_town").value === "上目黒九丁目999番1号" &&
		document.getElementById("f-claimant_birth").value === "1990"`)
	b.until("what was typed is there still", `document.getElementById("f-claimant_name").value.includes("ハナコ")`)
	b.sees("目黒区")
	b.inspect("both answers")
	b.screenshot("apply-both-desktop")
	b.resize(phone)
	b.screenshot("apply-both-phone")
	b.press("この内容にする")
	b.until("the card's name", `document.getElementById("f-claimant_name").value.includes("花子")`)
	b.seesNot("今の内容のままにする")
	b.sees("下書きを保存しました")
	b.reload()
	b.sees("カードから入力しました")
}
