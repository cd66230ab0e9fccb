//go:build !js

package e2e_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/chromedp/cdproto/page"
)

// together is a form that two people sign.
const together = `schema: 1
id: futari
version: "2026.1"
procedure: P0001
valid_from: 2026-04-01
laws: [民法第739条]
sign: card
applicant: [self]
cosign: {name: other_name, birth: other_birth}
retention_years: 3
title: 二人《ふたり》の届出《とどけで》 | A notice of two
decision: {outcomes: [accept, reject]}
sections:
- id: both
  label: 二人《ふたり》 | The two
  fields:
  - {use: person, id: me, without: [sex]}
  - {id: other_name, type: name, required: true, max: 40, label: 'もう一人《ひとり》の氏名《しめい》 | Name of the other'}
  - {id: other_birth, type: day, required: true, max: today, label: 'もう一人《ひとり》の生年月日《せいねんがっぴ》 | Birth of the other'}
  - {id: words, type: line, required: true, max: 60, label: 約束《やくそく》 | What is agreed}
`

// A second, named person proves who they are, reads what the first has signed, and signs the same, on another machine.
// Until then nothing is sent. Somebody else with the link gets nothing of it, by whatever call; and when something is
// changed, both sign again.
func TestTwoPeopleSignTheSame(t *testing.T) {
	w := ownWorld(t, "yamada-hanako", "yamada-taro", "kobayashi-ren")
	w.byHand(t, "131105")
	w.publish(t, "131105", together)
	one := newBrowser(t, desktop, "ja")
	one.arrive("yamada-hanako", "1234", "花子", "目黒区")
	const at, form = "131105", "futari"
	draft := one.begun(at, form, answers{
		"me_name": "山田 花子", "me_kana": "ヤマダ　ハナコ", "me_birth": "1990-04-15",
		"other_name": "山田 太郎", "other_birth": "1988-02-03", "words": "家事は半分ずつ",
	})
	one.resumes(at, form, draft, "both")
	one.press("次へ")
	one.press("署名に進む")
	one.sign("ABC123")
	one.sees("もう一人の署名がすむまで、まだ送られていません", "山田 太郎 さんの署名を待っています", "両方の署名が無効になります")
	one.until("no number", "!document.getElementById('application-number')")
	one.until("nothing that the office would have to have",
		"!document.querySelector('#application-more, #application-pdf')")
	one.inspect("waiting for the second signature")
	one.bothSizes("cosign-waits")
	link := func() string {
		one.until("the link", "document.getElementById('application-cosign-link')")
		return eval[string](one, "document.getElementById('application-cosign-link').textContent")
	}
	first := link()

	// Who asks is not whom the link is for.
	one.press("ここで署名してもらう")
	one.sees("あなたが申請した側です")
	one.until("no pad", "!document.getElementById('sign-go')")
	one.bothSizes("cosign-own")
	one.back()
	one.sees("山田 太郎 さんの署名を待っています")

	// The wrong person, with the link and a card of their own: no answer, and no name, comes to that browser.
	w.take(t)
	wrong := newBrowser(t, phone, "ja")
	wrong.notesAnswers()
	wrong.open(first)
	wrong.sees("ログインが必要です")
	wrong.arrive("kobayashi-ren", "1234", "蓮", "目黒区")
	wrong.open(first)
	wrong.sees("二人の届出", "本人であることを示してください", "2回入れます")
	wrong.inspect("a link before the proof")
	wrong.bothSizes("cosign-link")
	wrong.sign2("ABC123")
	wrong.until("what went wrong", "document.getElementById('sign-failure')?.innerText")
	wrong.sees("別の方のカードです")
	wrong.bothSizes("cosign-wrong")
	wrong.seesNot("署名がすみました")
	wrong.open("/cosign#" + strings.Repeat("A", 26))
	wrong.sees("このリンクでは、何も開けません")
	wrong.bothSizes("cosign-gone")
	for what, heard := range wrong.came() {
		for _, secret := range []string{"家事は半分ずつ", "花子", "1990-04-15", "太郎", "1988-02-03"} {
			if strings.Contains(heard, secret) {
				t.Errorf("%q came in the answer to %s", secret, what)
			}
		}
	}

	// The second person, on a machine of their own.
	w.take(t)
	two := newBrowser(t, phone, "ja")
	two.arrive("yamada-taro", "1234", "太郎", "目黒区")
	two.notesAnswers()
	two.open(first)
	two.proves2("TARO2026")
	two.sees("家事は半分ずつ", "山田 花子", "山田 太郎")
	if answers := fmt.Sprint(two.came()); !strings.Contains(answers, "家事は半分ずつ") {
		t.Errorf("what comes to a browser is not noted, so the other one proves nothing: %.1000q", answers)
	}
	two.inspect("what is to be signed")
	two.bothSizes("cosign-read")
	two.sign2("TARO2026")
	two.until("the end", "document.getElementById('cosign-done')?.innerText")
	two.bothSizes("cosign-done")
	one.until("a number", "document.getElementById('application-number')?.innerText")
	one.sees("山田 太郎 さんが")
	one.bothSizes("cosign-both")
	number := eval[string](one, "document.getElementById('application-number').innerText")

	// Something is changed: both sign again, and by another link.
	w.acts(t, at, number, "return", "約束を具体的に書いてください", "code", "R11", "fields", "words")
	one.sees("差戻し（要訂正）")
	one.press("直す")
	one.atReview()
	corrected := eval[string](one, "new URLSearchParams(location.search).get('draft')")
	one.follow("/apply/131105/futari?step=both&draft=" + corrected)
	one.answer("words", "月曜と木曜は太郎")
	one.press("次へ")
	one.press("署名に進む")
	w.take(t)
	w.lay(t, "yamada-hanako")
	one.sign("ABC123")
	one.sees("山田 太郎 さんの署名を待っています")
	if second := link(); second == first {
		t.Error("the first link goes on")
	}
	two.open(first) // what they signed, and nothing to sign
	two.until("the end", "document.getElementById('cosign-done')?.innerText")
	two.until("no pad", "!document.getElementById('sign-go')")
	w.take(t)
	w.lay(t, "yamada-taro")
	two.open(link())
	two.proves2("TARO2026")
	two.sees("月曜と木曜は太郎")
	two.sign2("TARO2026")
	two.until("the end", "document.getElementById('cosign-done')?.innerText")
	one.until("sent again", "document.getElementById('application-state').textContent.includes('再送信')")
	one.sees(number)
	one.follow("/usage")
	one.sees("連署のリンクが開かれた", "連署を頼んだ申請が、もう一人に開かれた")
}

// proves2 proves as the second person that they are whom a link asks.
func (b *browser) proves2(password string) {
	b.t.Helper()
	b.until("the link without the proof", "document.getElementById('cosign-prove')")
	b.sign2(password)
	b.until("what is to be signed", "!document.getElementById('cosign-prove')")
}

// notesAnswers notes from the next page on what comes from the portal.
func (b *browser) notesAnswers() {
	b.t.Helper()
	call(b, page.AddScriptToEvaluateOnNewDocument, page.AddScriptToEvaluateOnNewDocumentParams{Source: `
delete window.DecompressionStream // so that the page asks for answers as they are
window.came = {}
const asks = window.fetch
window.fetch = async function(...args) {
  const answer = await asks.apply(this, args)
  if (!answer.headers.get('content-type')?.startsWith('application/grpc-web')) return answer
  const body = answer.clone().body?.getReader(), words = new TextDecoder()
  const what = answer.url + ' ' + Object.keys(came).length
  came[what] = ''
  const next = part => {
    if (part.done) return
    came[what] += words.decode(part.value, {stream: true})
    return body.read().then(next)
  }
  body?.read().then(next).catch(() => {}) // the page gave it up
  return answer
}`})
}

// came is that, by what it answers.
func (b *browser) came() map[string]string {
	b.t.Helper()
	return eval[map[string]string](b, "came")
}

// sign2 signs as the second person.
func (b *browser) sign2(password string) {
	b.t.Helper()
	b.until("a card that signs", `(() => { const e = document.getElementById("sign-go"); return e && !e.disabled })()`)
	b.fill("署名用パスワード", password)
	b.until("the button", "(e => { e?.click(); return !!e })(document.querySelector('#sign-go:not(:disabled)'))")
}

// atReview waits for a form that is open, at whichever step.
func (b *browser) atReview() {
	b.t.Helper()
	b.until("the form", "document.getElementById('apply-at')")
}
