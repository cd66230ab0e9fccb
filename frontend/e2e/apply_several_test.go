//go:build !js

package e2e_test

import (
	"fmt"
	"testing"

	"github.com/chromedp/cdproto/emulation"
)

// tick ticks an option of a question with several.
func (b *browser) tick(id, option string) {
	b.t.Helper()
	b.until("the option "+option+" of "+id, fmt.Sprintf(`(() => {
  const e = document.getElementById("f-%[1]s-%[2]s")
  if (!e) return false
  if (!e.checked) e.click()
  return e.checked
})()`, id, option))
}

// municipality answers a question for a municipality. What was chosen before may still take the focus.
func (b *browser) municipality(id, name string) {
	b.t.Helper()
	b.until("the municipality of "+id, fmt.Sprintf(`(() => {
  if (document.getElementById("f-%[1]s-chosen")) return true
  const e = document.getElementById("f-%[1]s"), option = document.querySelector("#f-%[1]s-list [role=option]")
  if (option?.innerText.includes("%[2]s")) { option.click(); return false }
  if (!e) return false
  if (document.activeElement !== e || e.value !== "%[2]s") {
    e.focus()
    e.value = "%[2]s"
    e.dispatchEvent(new Event("input", {bubbles: true}))
  }
  return false
})()`, id, name))
}

// fourWays holds a scene against what is held of pages: on a phone, in the dark, twice as large and on paper.
func (b *browser) fourWays(scene string) {
	b.t.Helper()
	b.resize(phone)
	b.inspect(scene + " on a phone")
	b.screenshot(scene + "-phone")
	b.dark()
	b.inspect(scene + " in the dark")
	b.screenshot(scene + "-dark")
	b.light()
	b.resize(desktop)
	b.twiceAsLarge()
	b.inspect(scene + " twice as large")
	b.screenshot(scene + "-large")
	eval[string](b, "document.documentElement.style.fontSize = ''")
	call(b, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{Media: "print"})
	b.screenshot(scene + "-paper")
	call(b, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{Media: "screen"})
}

// A parent ticks 児童手当 and 保育 in the guide and files both in one go: what they share is asked once, the card signs both
// with the password typed once, and each has a number of its own.
func TestAParentFilesTheAllowanceAndDayCareTogether(t *testing.T) {
	ownWorld(t, "yamada-hanako")
	b := newBrowser(t, desktop, "ja")
	b.arrive("yamada-hanako", "1234", "花子", "目黒区")
	b.follow("/procedures?place=131105&q=児童手当")
	b.until("the box of a procedure that can be filed here", `document.getElementById("pick-P0001")`)
	b.until("two that are ticked", `(() => {
  for (const id of ["pick-P0001", "pick-P0002"]) {
    const e = document.getElementById(id)
    if (!e) return false
    if (!e.checked) e.click()
  }
  return document.getElementById("procedure-apply")
})()`)
	b.sees("選んだ手続をまとめて申請する（2件）")
	b.inspect("results that are ticked")
	b.screenshot("apply-ticked-desktop")

	b.follow("/apply/131105/jido-teate-nintei,hoiku-riyo")
	b.sees("2つの申請を続けて出します", "児童手当の認定請求", "保育施設などの利用申込")
	b.inspect("the beginning of two applications")
	b.screenshot("apply-together-start-desktop")
	b.press("白紙から始める")
	b.press("1ページにすべて出す")
	today := eval[string](b, `new Date(Date.now() + 9 * 3600e3).toISOString().slice(0, 10)`)
	year, month, day := today[:4], today[5:7], today[8:]
	b.answer("reason", "birth")
	b.day("event_date", year, month, day)
	b.answer("claimant_name", "山田 花子")
	b.answer("claimant_kana", "ヤマダ　ハナコ")
	b.day("claimant_birth", "1990", "4", "15")
	b.municipality("claimant_place", "目黒区")
	b.answer("claimant_town", "上目黒9-999-1")
	b.answer("claimant_tel", "03-1234-5678")
	b.answer("job", "none")
	b.answer("pension", "national")
	b.answer("jan1", "here")
	b.answer("spouse", "no")
	b.answer("child_name-0", "山田 湊")
	b.answer("child_kana-0", "ヤマダ　ミナト")
	b.day("child_birth-0", year, month, day)
	b.answer("child_relation-0", "child")
	b.answer("child_living-0", "together")
	b.answer("child_care-0", "yes")
	b.answer("child_means-0", "same")
	b.answer("bank_account", "public")
	b.answer("tax", "true")
	b.answer("truth", "true")
	b.press("次へ")
	b.sees("まだ送られていません")
	b.press("次の申請へ")

	// The second knows the applicant and the child already.
	b.until("what was answered before", `document.getElementById("f-guardian_name")?.value === "山田 花子" &&
		document.getElementById("f-guardian_town").value === "上目黒9-999-1"`)
	b.sees("一緒に出す申請から写しました")
	b.screenshot("apply-together-second-desktop")
	b.press("1ページにすべて出す")
	b.until("the child", `document.getElementById("f-child_name")?.value === "山田 湊"`)
	b.answer("start", "2027年4月")
	b.answer("child_relation", "child")
	b.answer("child_order", "1")
	b.tick("health", "none")
	b.answer("handbook", "none")
	b.answer("wish", "care0")
	b.answer("amount", "standard")
	b.tick("days", "tue")
	b.answer("time_from", "08:00")
	b.answer("time_to", "18:00")
	b.answer("pref_name-0", "中目黒保育園")
	b.answer("first_name", "山田 花子")
	b.answer("first_kana", "ヤマダ　ハナコ")
	b.day("first_birth", "1990", "4", "15")
	b.answer("first_relation", "mother")
	b.answer("first_living", "together")
	b.answer("first_tel", "03-1234-5678")
	b.municipality("first_jan1", "目黒区")
	b.municipality("first_jan1_last", "目黒区")
	b.answer("first_need", "seeking")
	b.day("first_seek_from", "2026", "11", "1")
	b.answer("first_seek_how", "ハローワーク")
	b.answer("two", "no")
	b.answer("now", "home")
	b.answer("single", "yes")
	b.answer("welfare", "no")
	b.answer("share", "true")
	b.answer("tax", "true")
	b.answer("revoke", "true")
	b.press("次へ")
	b.sees("まだ送られていません")
	b.fourWays("apply-together-review")
	b.press("署名に進む")
	b.sees("児童手当の認定請求", "保育施設などの利用申込", "署名する人: 山田 花子")
	b.inspect("signing two applications")
	b.screenshot("apply-together-sign-desktop")
	b.fourWays("apply-together-sign")
	b.sign("ABC123")
	b.sees("2つの申請を送りました", "受付番号")
	b.inspect("two receipts")
	b.screenshot("apply-together-receipts-desktop")
	b.fourWays("apply-together-receipts")
	if n := eval[int](b, `new Set([...document.querySelectorAll(".apply-number")].map(e => e.innerText)).size`); n != 2 {
		t.Errorf("%d numbers", n)
	}
	b.until("one of them", `(e => { e?.click(); return !!e })(document.querySelector("#apply-done a.entry"))`)
	b.sees("これまでの流れ", "到達", "署名した内容のハッシュ")
	b.fourWays("application-detail")
	b.follow("/applications")
	b.sees("児童手当の認定請求", "保育施設などの利用申込")
	b.speak("en")
	b.sees("First claim of the child allowance")
	b.screenshot("applications-en-phone")
}
