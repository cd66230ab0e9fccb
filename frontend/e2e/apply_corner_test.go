//go:build !js

package e2e_test

import (
	"testing"

	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/chromedp"
)

// A step that there is not, a review that is not ready, photos that are chosen together, and a device whose clock is a
// day ahead: nobody is led astray, and the application arrives.
func TestAFormByWaysThatAreNone(t *testing.T) {
	w := ownWorld(t, "yamada-hanako")
	w.byHand(t, "131105")
	b := newBrowser(t, phone, "ja")
	b.arrive("yamada-hanako", "1234", "花子", "目黒区")
	call(b, page.AddScriptToEvaluateOnNewDocument, page.AddScriptToEvaluateOnNewDocumentParams{Source: `
{ const now = Date.now.bind(Date); Date.now = () => now() + 86400000 }`})
	b.reload()
	const at, form = "131105", "risai-shomei"
	filled := damaged().but(answers{"repaired": false, "head": nil, "disaster_date": dayFrom(0)})
	draft := b.begun(at, form, filled)

	b.follow("/apply/" + at + "/" + form + "?draft=" + draft + "&step=nothing")
	b.until("the first step", "document.getElementById('f-disaster')?.value === '大雨'")
	b.press("次へ")
	b.atStep("who_section")

	b.resumes(at, form, draft, "review")
	b.sees("まだ送られていません")
	b.press("この内容で申請する")
	b.sees("「世帯主の氏名」: 答えてください")
	b.inspect("a review that is not ready")
	b.bothSizes("corner-review")
	b.until("the fault", `(e => { e?.click(); return !!e })(document.querySelector("#apply-faults a[href='#review-who_section']"))`)
	b.until("the focus where the way on is", "document.activeElement.id === 'review-who_section'")
	b.keys("\r")
	b.atStep("who_section")
	b.answer("head", "山田 花子")

	b.resumes(at, form, draft, "photos")
	all := files(t, map[string][]byte{
		"正面.jpg": picture(t, 0), "裏.jpg": picture(t, 0), "左.jpg": picture(t, 0), "右.jpg": picture(t, 0),
		"屋根.jpg": picture(t, 0),
	})
	b.chooses("photo_file-0", all["正面.jpg"], all["裏.jpg"], all["左.jpg"], all["右.jpg"], all["屋根.jpg"])
	b.until("a photo in each row", `[0, 1, 2, 3, 4].every(
		row => document.querySelectorAll("#f-photo_file-" + row + "-files .upload-there").length === 1)`)
	for i, of := range []string{"front", "back", "left", "right", "part"} {
		b.answer("photo_of-"+string(rune('0'+i)), of)
	}
	b.inspect("photos chosen together")
	b.bothSizes("corner-photos")
	b.sees("下書きを保存しました")
	b.reload()
	b.until("the photos after a reload", "document.querySelectorAll('.upload-there').length === 5")
	names := eval[[]string](b, "[...document.querySelectorAll('.row')].map(e => e.querySelector('bdi')?.textContent)")
	for i, name := range []string{"正面.jpg", "裏.jpg", "左.jpg", "右.jpg", "屋根.jpg"} {
		if len(names) != 5 || names[i] != name {
			t.Fatalf("the photos stand so: %q", names)
		}
	}
	b.press("次へ")
	b.atStep("survey_section")
	b.press("次へ")
	b.atStep("review")
	b.sees("屋根.jpg")
	if ahead := eval[float64](b, "Date.now() - performance.timeOrigin - performance.now()"); ahead < 80_000_000 {
		t.Fatalf("the clock is ahead by %v ms", ahead)
	}
	b.fourWays("corner-ready")
	eval[chromedp.Void](b, "void scrollTo(0, 0)")
	b.press("この内容で申請する")
	b.sees("受付番号は")
}
