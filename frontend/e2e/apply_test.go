//go:build !js

package e2e_test

import (
	"bytes"
	"fmt"
	"image"
	"image/color"
	"image/jpeg"
	"os"
	"path/filepath"
	"testing"

	"github.com/chromedp/chromedp"
)

// answer answers a question of a form, by its id, as a person's hand would.
func (b *browser) answer(id, value string) {
	b.t.Helper()
	b.until("the question "+id, fmt.Sprintf(`(() => {
  const id = %q, value = %q, e = document.getElementById("f-" + id)
  if (!e || e.disabled) return false
  if (e.type === "radio") {
    const one = document.querySelector('input[name="f-' + id + '"][value="' + value + '"]')
    if (!one) return false
    one.click()
    return true
  }
  if (e.type === "checkbox") {
    if (e.checked !== (value === "true")) e.click()
    return true
  }
  e.focus()
  e.value = value
  for (const kind of e.tagName === "SELECT" ? ["change"] : ["input"]) e.dispatchEvent(new Event(kind, {bubbles: true}))
  e.blur()
  return true
})()`, id, value))
}

// day answers a question for a day.
func (b *browser) day(id, year, month, day string) {
	b.t.Helper()
	b.answer(id, year)
	b.answer(id+"-month", month)
	b.answer(id+"-day", day)
}

// photo is a picture that is sharp everywhere.
func photo(t *testing.T) string {
	t.Helper()
	p := image.NewGray(image.Rect(0, 0, 640, 480))
	for y := range 480 {
		for x := range 640 {
			p.SetGray(x, y, color.Gray{Y: uint8((x*x*7 + y*131 + x*y) % 251)})
		}
	}
	var out bytes.Buffer
	if err := jpeg.Encode(&out, p, nil); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "通帳.jpg")
	if err := os.WriteFile(path, out.Bytes(), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func (b *browser) upload(id, path string) {
	b.t.Helper()
	b.until("a field for files "+id, fmt.Sprintf(`document.getElementById("f-%s")`, id))
	b.do(chromedp.SetUploadFiles(chromedp.CSS("#f-"+id), []string{path}))
	b.until("the file to be there", fmt.Sprintf(
		`document.querySelector("#f-%s-files .upload-there, #f-%s-files .error-text svg")`, id, id))
}

// sign signs with the card that lies there.
func (b *browser) sign(password string) {
	b.t.Helper()
	b.until("a card that signs", `(() => { const e = document.getElementById("sign-go"); return e && !e.disabled })()`)
	b.fill("署名用パスワード", password)
	b.press("署名して送る")
}

// postAccount has another account after all, of ゆうちょ銀行, and types it as the passbook has it: with a slip at first,
// which takes back what was there.
func (b *browser) postAccount() {
	b.t.Helper()
	answered := func(branch, kind, number string) {
		b.t.Helper()
		b.until("the account "+branch+" "+kind+" "+number, fmt.Sprintf(`(() => {
  const value = id => document.getElementById("f-bank_" + id)?.value
  const kind = document.querySelector('input[name="f-bank_kind"]:checked')?.value ?? ""
  return value("branch") === %q && kind === %q && value("number") === %q
})()`, branch, kind, number))
	}
	answered("本店", "ordinary", "0012345")
	b.answer("bank_bank", "9900")
	b.until("its branches", `document.getElementById("f-bank_branch-symbol") &&
		document.querySelector("#f-bank_branch[role=combobox]")`)
	answered("", "ordinary", "0012345")
	b.answer("bank_branch-symbol", "１７１９０")
	answered("", "", "")
	b.answer("bank_branch-number", "3933-9341")
	b.sees("記号と番号が合いません")
	b.inspect("an account that is none")
	b.screenshot("apply-post-fault-phone")
	b.answer("bank_branch-number", "3933-9331")
	answered("七一八", "ordinary", "3933933")
	b.sees("普通・店番718・口座番号3933933になります")
	b.seesNot("記号と番号が合いません")
	b.inspect("an account of the bank of the post")
	b.screenshot("apply-post-phone")

	b.answer("bank_kind", "current") // by hand: it is no account of that bank any more
	b.until("no symbol", `document.getElementById("f-bank_branch-symbol").value === ""`)
	b.answer("bank_kind", "ordinary")
	b.until("the symbol again", `document.getElementById("f-bank_branch-symbol").value === "17190"`)
	b.sees("下書きを保存しました")
	b.reload()
	b.until("it in both forms after a reload", `document.getElementById("f-bank_branch-number")?.value === "39339331"`)
	answered("七一八", "ordinary", "3933933")
}

// A parent claims the child allowance: fills in, loads the page again on the way, signs, has the number, is sent back
// once, corrects, and is granted.
func TestAParentAppliesIsReturnedCorrectsAndIsGranted(t *testing.T) {
	ownWorld(t, "yamada-hanako")
	b := newBrowser(t, phone, "ja")
	b.arrive("yamada-hanako", "1234", "花子", "目黒区")
	b.follow("/procedures/131105/P0001")
	b.until("the way to the form", `(e => { e?.click(); return !!e })(document.querySelector("main a[href^='/apply/']"))`)
	b.at("/apply/131105/jido-teate-nintei")
	b.sees("用意するもの", "マイナンバーは聞きません", "署名用パスワード")
	b.screenshot("apply-start-phone")
	b.press("白紙から始める")

	b.sees("請求の理由")
	b.press("次へ")
	b.sees("答えてください")
	b.screenshot("apply-faults-phone")
	b.answer("reason", "birth")
	today := eval[string](b, `new Date(Date.now() + 9 * 3600e3).toISOString().slice(0, 10)`)
	year, month, day := today[:4], today[5:7], today[8:]
	b.day("event_date", year, month, day)
	b.sees("支給が始まる見込みの月")
	b.press("次へ")

	b.answer("claimant_name", "山田 花子")
	b.answer("claimant_kana", "やまだ はなこ")
	b.day("claimant_birth", "1990", "4", "15")
	b.answer("claimant_postal", "１５３－００５１")
	b.until("the postal code to be put right", `document.getElementById("f-claimant_postal").value === "1530051"`)
	b.fill("市区町村", "目黒区")
	b.press("目黒区")
	b.answer("claimant_town", "上目黒九丁目999番1号")
	b.answer("claimant_tel", "03-1234-5678")
	b.sees("下書きを保存しました")
	b.reload()
	b.until("what was typed", `document.getElementById("f-claimant_kana")?.value === "ヤマダ　ハナコ"`)
	b.answer("claimant_hours", "any")
	b.answer("job", "employee")
	b.answer("employer", "株式会社なかのしま試験舎")
	b.answer("pension", "employees")
	b.answer("jan1", "here")
	b.screenshot("apply-claimant-phone")
	b.press("次へ")
	b.answer("spouse", "no")
	b.press("次へ")

	b.until("a row", `document.getElementById("f-child_name-0")`)
	b.answer("child_name-0", "山田 湊")
	b.answer("child_kana-0", "ヤマダ　ミナト")
	b.day("child_birth-0", year, month, day)
	b.answer("child_relation-0", "child")
	b.answer("child_living-0", "together")
	b.answer("child_care-0", "yes")
	b.answer("child_means-0", "same")
	b.press("お子さんを追加")
	b.sees("お子さん 2")
	b.press("お子さん 2を取り除く")
	b.sees("元にもどす")
	b.screenshot("apply-children-phone")
	b.press("次へ")

	b.answer("bank_account", "new")
	b.until("the list of banks", `document.querySelector("#f-bank_bank[role=combobox]")`)
	b.answer("bank_bank", "8888") // of no list, and taken all the same
	b.sees("一覧にない番号です")
	eval[chromedp.Void](b, `document.getElementById("f-bank_bank").select()`)
	b.keys("みずほ銀行")
	b.until("the bank among those that are found",
		`document.querySelector("#f-bank_bank-list [role=option]")?.innerText.includes("みずほ")`)
	b.inspect("a bank that is looked for")
	b.screenshot("apply-bank-found-phone")
	b.keys("\r")
	b.until("the bank", `document.getElementById("f-bank_bank").value === "みずほ"`)
	b.until("its branches", `document.querySelector("#f-bank_branch[role=combobox]")`)
	b.answer("bank_branch", "１００")
	b.until("the branch", `document.getElementById("f-bank_branch").value === "本店"`)
	b.seesNot("一覧にない番号です")
	b.reload()
	b.until("the names after a reload", `document.getElementById("f-bank_bank")?.value === "みずほ" &&
		document.getElementById("f-bank_branch")?.value === "本店"`)
	b.answer("bank_kind", "ordinary")
	b.answer("bank_number", "12345")
	b.postAccount()
	b.answer("bank_holder", "ヤマダ タロウ")
	b.upload("bank_passbook", photo(t))
	b.sees("通帳.jpg")
	b.screenshot("apply-bank-phone")
	b.press("次へ")
	b.answer("tax", "true")
	b.answer("truth", "true")
	b.press("次へ")
	b.sees("まだ送られていません", "山田 花子", "ヤマダ タロウ", "ゆうちょ（9900）", "七一八（718）",
		"3933933", "記号 17190 番号 39339331")
	b.inspect("the review")
	b.screenshot("apply-review-phone")
	b.resize(desktop)
	b.screenshot("apply-review-desktop")
	b.press("署名に進む")
	b.sees("署名する人: 山田 花子")
	b.inspect("signing")
	b.screenshot("apply-sign-desktop")
	b.sign("ABC123")
	b.sees("受付番号は", "二度送る必要はありません")
	b.screenshot("apply-receipt-desktop")
	number := eval[string](b, `document.getElementById("application-number").innerText`)

	// The office sends it back for the account; only that is open.
	b.sees("差戻し（要訂正）", "口座の名義が")
	b.inspect("an application that was sent back")
	b.screenshot("application-returned-desktop")
	b.press("直す")
	b.at("/apply/131105/jido-teate-nintei")
	b.sees("窓口から差し戻されました")
	b.until("the review or a step", `document.getElementById("apply-next") || document.getElementById("apply-sign")`)
	b.press("1ページにすべて出す")
	b.until("the account alone is open",
		`document.getElementById("f-bank_holder")?.value && document.getElementById("f-claimant_name").tagName !== "INPUT"`)
	b.answer("bank_holder", "ヤマダ ハナコ")
	b.press("次へ")
	b.sees("変わったところ", "ヤマダ ハナコ")
	b.screenshot("apply-corrected-desktop")
	b.press("署名に進む")
	b.sign("ABC123")
	b.sees(number, "承認")
	b.screenshot("application-granted-desktop")
	b.follow("/applications")
	b.sees("児童手当の認定請求", number, "承認")
	b.inspect("the list")
	b.resize(phone)
	b.screenshot("applications-phone")
}
