//go:build !js

package e2e_test

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/accessibility"
	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/performance"
	"github.com/chromedp/chromedp"
)

// every is a form with a question of each kind.
const every = `schema: 1
id: subete
version: "2026.1"
procedure: P0002
valid_from: 2026-04-01
laws: [行政手続法第7条]
sign: card
applicant: [self]
retention_years: 3
title: すべての問《と》い | Every kind of question
lead: ためしの申請書です | A form to try
decision: {outcomes: [accept, reject]}
sections:
- id: who
  label: 申請者《しんせいしゃ》 | Applicant
  fields:
  - {use: person, id: me}
  - {id: tel, type: tel, required: true, label: 電話番号《でんわばんごう》 | Telephone number}
- id: what
  label: 内容《ないよう》 | Matter
  fields:
  - id: why
    type: choice
    required: true
    label: 理由《りゆう》 | Reason
    options:
    - birth: 出生《しゅっしょう》 | Birth
    - other: その他《た》 | Other
  - {id: detail, type: lines, max: 100, show_if: "why == 'other'", required: true, label: くわしい内容《ないよう》 | Details}
  - id: child
    type: rows
    min: 1
    max: 3
    label: お子《こ》さん | Children
    row: お子《こ》さん | Child
    fields:
    - {id: child_name, type: name, required: true, max: 40, label: お子《こ》さんの氏名《しめい》 | Name of the child}
    - {id: child_birth, type: day, required: true, max: today, label: お子《こ》さんの生年月日《せいねんがっぴ》 | Birth of the child}
  - {id: how_many, type: int, calc: count(child), label: 人数《にんずう》 | How many}
  - {id: paper, type: file, min: 1, max: 2, accept: [pdf, jpg, png], required: true, label: 書類《しょるい》 | Document}
  - {use: truth}
`

// usable are the roles of what is typed into, chosen and pressed.
var usable = []string{
	"textbox", "combobox", "radio", "checkbox", "button", "spinbutton", "link", "group", "progressbar", "radiogroup",
}

// spoken is what a screen reader says of all that can be used, by "role name": its description and whether it is
// invalid.
func (b *browser) spoken() map[string]string {
	b.t.Helper()
	all := map[string]string{}
	text := func(v *accessibility.Value) (s string) {
		if v != nil && json.Unmarshal([]byte(v.Value), &s) != nil {
			return string(v.Value)
		}
		return s
	}
	b.do(func(ctx context.Context, target *chromedp.Target) (chromedp.Void, error) {
		tree, err := cdp.Call(ctx, target, accessibility.GetFullAXTree, accessibility.GetFullAXTreeParams{})
		for _, node := range tree.Nodes {
			if node.Ignored || node.Role == nil || !slices.Contains(usable, text(node.Role)) {
				continue
			}
			state := text(node.Description)
			for _, p := range node.Properties {
				if string(p.Name) == "invalid" {
					state += " invalid=" + text(p.Value)
				}
			}
			all[text(node.Role)+" "+text(node.Name)] = state
		}
		return chromedp.Void{}, err
	})
	return all
}

// keyTo presses Tab until an element has the focus.
func (b *browser) keyTo(id string) {
	b.t.Helper()
	b.until("the element "+id, "document.getElementById("+quote(id)+")")
	for range 80 {
		if b.holds("document.activeElement.id === " + quote(id)) {
			return
		}
		b.keys("\t")
	}
	b.t.Fatalf("80 times Tab do not lead to %q but to %s", id, eval[string](b, "document.activeElement.outerHTML"))
}

// typeTo types into an element that the Tab key leads to.
func (b *browser) typeTo(id, text string) {
	b.t.Helper()
	b.keyTo(id)
	b.keys(text)
}

// A person who sees nothing and has no mouse goes through a whole form: each thing has its name, what is wrong is said
// where it is, and the focus goes there.
func TestAFormByKeysAndByEar(t *testing.T) {
	w := ownWorld(t, "yamada-hanako")
	w.publish(t, "131105", every)
	b := newBrowser(t, desktop, "ja")
	b.arrive("yamada-hanako", "1234", "花子", "目黒区")
	b.follow("/apply/131105/subete")
	b.keyTo("apply-start")
	b.keys("\r")
	b.atStep("who")
	b.keyTo("apply-next")
	b.keys("\r")
	b.sees("答えてください")
	b.until("the focus at the first question", "document.activeElement.id === 'f-me_name'")
	said := b.spoken()
	if name := said["textbox 氏名 必須"]; !strings.Contains(name, "答えてください") || !strings.Contains(name, "invalid=true") {
		t.Errorf("a screen reader says of the name %q; all is %v", name, said)
	}
	b.inspect("questions that are not answered")
	b.bothSizes("keys-faults")
	b.keys("山田 花子")
	b.typeTo("f-me_kana", "ヤマダ　ハナコ")
	b.typeTo("f-me_birth", "1990")
	b.typeTo("f-me_birth-month", "4")
	b.typeTo("f-me_birth-day", "15")
	b.typeTo("f-tel", "03-1234-5678")
	b.keyTo("apply-next")
	b.keys("\r")

	b.atStep("what")
	b.until("the focus at the step", "document.activeElement.id === 'apply-step'")
	b.keyTo("f-why")
	b.keys(" ")
	b.typeTo("f-child_name-0", "山田 湊")
	year, month, day := splitDay(dayFrom(-30))
	b.typeTo("f-child_birth-0", year)
	b.typeTo("f-child_birth-0-month", month)
	b.typeTo("f-child_birth-0-day", day)
	b.keyTo("f-child-add")
	b.keys("\r")
	b.until("the focus at the new row", "document.activeElement.id === 'f-child-row-1'")
	b.keyTo("f-child-row-1-remove")
	b.keys("\r")
	b.until("the focus at the way back", "document.activeElement.id === 'f-child-undo'")
	b.keyTo("f-paper")
	line := b.breaksAfter("PutAttachment", 1)
	b.chooses("paper", files(t, map[string][]byte{"書類.jpg": picture(t, 400_000)})["書類.jpg"])
	b.sees("途中で切れました")
	line.broken.Store(false)
	b.keyTo("f-paper-retry")
	b.keys(" ")
	b.until("the file", "document.querySelector('#f-paper-files .upload-there')")
	b.keyTo("f-truth")
	b.keys(" ")
	for name, state := range b.spoken() {
		role, rest, _ := strings.Cut(name, " ")
		if rest == "" && role != "group" {
			t.Errorf("a %s without a name (%s)", role, state)
		}
	}
	b.inspect("a form with everything")
	b.bothSizes("keys-what")
	b.keyTo("apply-next")
	b.keys("\r")
	b.atStep("review")
	b.keyTo("apply-sign")
	b.keys("\r")
	b.atStep("sign")
	b.until("a card that signs", "document.querySelector('#sign-go:not(:disabled)')")
	b.typeTo("sign-password", "ABC123")
	b.keys("\r")
	b.sees("受付番号は")
}

// leaks are texts in Japanese in what the page is about, but for what somebody wrote, or is called: that stands in bdi,
// or says that it is Japanese.
const leaks = `(() => {
  const walker = document.createTreeWalker(document.querySelector('main'), NodeFilter.SHOW_TEXT), found = []
  while (walker.nextNode()) {
    const node = walker.currentNode, e = node.parentElement
    if (!/[\u3040-\u30ff\u4e00-\u9fff]/.test(node.nodeValue) || !e.checkVisibility()) continue
    if (e.closest('bdi, [lang=ja], textarea, .apply-to, #apply-at')) continue
    found.push(node.nodeValue.trim())
  }
  return found
})()`

// bare are words with characters that have no reading.
const bare = `[...document.querySelectorAll(
  'main label, main legend, main .error-text, main .hint, main button, main h2')].filter(e => {
  const c = e.cloneNode(true)
  c.querySelectorAll('ruby, bdi, select').forEach(x => x.remove())
  return e.checkVisibility() && /[\u4e00-\u9fff]/.test(c.textContent)
}).map(e => e.textContent.trim())`

// The whole way in English, and in easy Japanese: no label, no error, no line of the receipt is in another language.
func TestAFormInEnglishAndInEasyJapanese(t *testing.T) {
	w := ownWorld(t, "yamada-hanako")
	w.byHand(t, "131105")
	b := newBrowser(t, phone, "en")
	b.arriveIn("en", "yamada-hanako")
	const at, form = "131105", "tenshutsu"
	own := []string{"山田", "花子", "目黒区", "渋谷区", "ヤマダ", "番", "号室"} // what people and places are called
	no := func(what string) {
		t.Helper()
		for _, text := range eval[[]string](b, leaks) {
			if !slices.ContainsFunc(own, func(name string) bool { return strings.Contains(text, name) }) {
				t.Errorf("%s says %q", what, text)
			}
		}
	}
	b.follow("/apply/" + at + "/" + form)
	b.sees("Begin with an empty form")
	no("the beginning")
	draft := b.begun(at, form, moving().but(answers{"visit": nil, "truth": nil, "new_town": nil}))
	b.resumes(at, form, draft, "all") // from the first page of the same form
	b.until("the last section", "document.getElementById('f-truth')")
	b.until("the buttons", "document.getElementById('apply-next')?.innerText === 'Next'")
	no("the form")
	b.until("pressed", "(e => { e.click(); return true })(document.getElementById('apply-next'))")
	b.until("the errors", "document.querySelectorAll('#apply-faults li').length === 3")
	no("an error")
	b.screenshot("english-form-phone")
	b.speak("easy")
	if words := eval[[]string](b, bare); len(words) > 0 {
		t.Errorf("without readings: %q", words)
	}
	b.screenshot("easy-form-phone")
	b.speak("en")
	b.answer("new_town", "恵比寿九丁目999番")
	year, month, day := splitDay(dayFrom(20))
	b.day("visit", year, month, day)
	b.answer("truth", "true")
	b.until("pressed", "(e => { e.click(); return true })(document.getElementById('apply-next'))")
	b.atStep("review")
	no("the review")
	b.bothSizes("english-review")
	b.press("Go on to sign")
	b.until("a card that signs", "document.querySelector('#sign-go:not(:disabled)')")
	no("signing")
	b.fill("Password for signing", "ABC123")
	b.press("Sign and send")
	b.sees("Received. Its number is")
	b.until("all of it", "document.getElementById('application-data')")
	no("the receipt")
	b.bothSizes("english-receipt")
	b.follow("/applications")
	b.until("the list", "document.querySelector('.usage-entry')")
	no("the list")
}

// arriveIn logs a person in whose folder is opened in Japanese, and has the page speak another language.
func (b *browser) arriveIn(language, person string) {
	b.t.Helper()
	b.open("/?lang=ja")
	b.arrive(person, "1234", "花子", "目黒区")
	b.open(fmt.Sprintf("/applications?lang=%s", language))
	b.atWork()
	b.until("the language", "document.documentElement.dataset.lang === "+quote(language))
}

// While somebody types the page is not drawn, and yet all that they see is so: what is put right when they leave a
// field, though it was put right to the same before; how many characters there are; what is taken back; and what the
// answer shows and hides.
func TestWhatIsTypedAndWhatIsDrawnAgree(t *testing.T) {
	w := ownWorld(t, "yamada-hanako")
	w.publish(t, "131105", every)
	b := newBrowser(t, phone, "ja")
	b.arrive("yamada-hanako", "1234", "花子", "目黒区")
	b.resumes("131105", "subete", b.begun("131105", "subete", answers{"why": "other"}), "all")
	b.until("the form", "document.getElementById('f-detail')")
	whole := func(id string) {
		eval[chromedp.Void](b, "document.getElementById("+quote(id)+").select()")
	}
	for range 2 {
		whole("f-me_kana")
		b.keys("やまだ")
		b.until("what is typed", "document.getElementById('f-me_kana').value === 'やまだ'")
		b.keys("\t")
		b.until("kana put right", "document.getElementById('f-me_kana').value === 'ヤマダ'")
	}
	counts := func(n int) {
		t.Helper()
		b.until("the count", fmt.Sprintf("document.getElementById('f-detail-count').innerText.startsWith('%d/')", n))
	}
	whole("f-detail")
	for i := range 5 {
		b.keys("x")
		counts(i + 1)
	}
	eval[chromedp.Void](b, "void document.execCommand('undo')")
	b.until("the count of what is left", "document.getElementById('f-detail-count').innerText.startsWith("+
		"document.getElementById('f-detail').value.length + '/')")
	whole("f-detail")
	b.keys(strings.Repeat("y", 101))
	b.until("that it is too much", "document.getElementById('f-detail-count').classList.contains('counter-over')")
	b.keys("\b")
	counts(100)
	b.until("that it is not", "!document.getElementById('f-detail-count').classList.contains('counter-over')")
	b.keys("\b")
	counts(99)
	b.open("/apply/131105/subete?step=all")
	b.until("what was typed", "document.getElementById('f-detail')?.value === 'y'.repeat(99)")
	counts(99)
}

// wide is a form of 200 fields and 100 rows.
func wide() string {
	var f strings.Builder
	f.WriteString(`schema: 1
id: hiroi
version: "2026.1"
procedure: P0003
valid_from: 2026-04-01
laws: [行政手続法第7条]
sign: none
applicant: [self]
retention_years: 3
title: 広《ひろ》い申請書《しんせいしょ》 | A wide form
decision: {outcomes: [accept]}
sections:
- id: questions
  label: 問《と》い | Questions
  fields:
`)
	for i := range 200 {
		fmt.Fprintf(&f, "  - {id: q%d, type: line, max: 40, label: 問《と》い%d | Question %d}\n", i, i, i)
	}
	f.WriteString(`  - id: row
    type: rows
    max: 100
    label: 行《ぎょう》 | Rows
    row: 行《ぎょう》 | Row
    fields:
`)
	for i := range 3 {
		fmt.Fprintf(&f,
			"    - {id: r%d, type: line, max: 40, show_if: answered(q1), label: 列《れつ》%d | Column %d}\n", i, i, i)
	}
	return f.String()
}

// BenchmarkKeystroke tells what a key costs in a form of 200 fields and 100 rows of three, in a field and in a row, on
// a phone with a quarter of this machine's speed: how long it takes from the key to the frame that shows it, the first
// key, the median and the worst, for which the browser slows the page's thread down; and how much of the processor's
// time that thread takes for a key, which depends least on who else uses this machine. That is measured at full speed
// and multiplied: what slows a thread down takes the processor's time itself, also while the thread has nothing to do.
// Beside them stands what a key costs the browser in a page that has nothing but a field.
func BenchmarkKeystroke(b *testing.B) {
	p := newProfile(b, phone, "ja")
	p.world.publish(b, "131105", wide())
	p.arrive("yamada-hanako", "1234", "花子", "目黒区")
	filled := answers{"q1": "x"}
	var rows []answers
	for i := range 100 {
		rows = append(rows, answers{"r0": fmt.Sprint(i), "r1": "b", "r2": "c"})
	}
	filled["row"] = rows
	p.resumes("131105", "hiroi", p.begun("131105", "hiroi", filled), "all")
	p.until("all of it", "document.getElementById('f-r2-99')")
	var kinds = map[string]string{"field": "f-q7", "row": "f-r1-50"}
	for b.Loop() {
		for kind, id := range kinds {
			took := p.keystrokes(id, "abcdefghijklmnopqrst")
			b.ReportMetric(took[0], "ms-"+kind+"-first")
			b.ReportMetric(poorCPU*p.typingTime(id), "cpu-ms-"+kind)
			slices.Sort(took)
			b.ReportMetric(took[len(took)/2], "ms-"+kind+"-median")
			b.ReportMetric(took[len(took)-1], "ms-"+kind+"-worst")
		}
	}
	p.do(chromedp.Navigate("data:text/html,<input id=field>"))
	p.typingTime("field")
	b.ReportMetric(poorCPU*p.typingTime("field"), "cpu-ms-bare")
	b.ReportMetric(0, "ns/op")
}

// typingTime is what a key costs the page's own thread, of the processor's time, in milliseconds: that of a person who
// types eight letters a second, with what the page does between them.
func (b *browser) typingTime(id string) float64 {
	b.t.Helper()
	const letters = "abcdefghijklmnopqrstabcdefghijklmnopqrst"
	eval[chromedp.Void](b, "document.getElementById("+quote(id)+").select()")
	tick := time.NewTicker(time.Second / 8)
	defer tick.Stop()
	before := b.threadTime()
	for _, letter := range letters {
		b.keys(string(letter))
		<-tick.C
	}
	return (b.threadTime() - before) / float64(len(letters))
}

// threadTime is what the page's own thread had of the processor until now, in milliseconds.
func (b *browser) threadTime() (ms float64) {
	b.t.Helper()
	b.do(func(ctx context.Context, target *chromedp.Target) (chromedp.Void, error) {
		params := performance.EnableParams{TimeDomain: performance.EnableTimeDomainThreadTicks}
		if _, err := cdp.Call(ctx, target, performance.Enable, params); err != nil {
			return chromedp.Void{}, err
		}
		got, err := cdp.Call(ctx, target, performance.GetMetrics, cdp.Empty{})
		for _, m := range got.Metrics {
			if m.Name == "ThreadTime" {
				ms = 1000 * m.Value
			}
		}
		return chromedp.Void{}, err
	})
	return ms
}

// keystrokes types letters into a field, and tells of each how long the page's own thread was at work with it: between
// the event and the next task, which is when a frame can be made.
func (b *browser) keystrokes(id, letters string) []float64 {
	b.t.Helper()
	eval[chromedp.Void](b, "document.getElementById("+quote(id)+").select()") // what is there is typed over
	b.slowly(poorCPU)
	defer b.slowly(1)
	eval[chromedp.Void](b, `void (window.heard?.abort(), window.heard = new AbortController(), window.took = [],
addEventListener('beforeinput', () => {
  const from = performance.now()
  requestAnimationFrame(() => {
    const shown = new MessageChannel()
    shown.port1.onmessage = () => took.push(performance.now() - from)
    shown.port2.postMessage(0)
  })
}, {signal: heard.signal}))`)
	for i, letter := range letters {
		b.keys(string(letter))
		b.until("the frame", fmt.Sprintf("took.length === %d", i+1))
	}
	if dir := os.Getenv("E2E_SCREENSHOTS"); dir != "" {
		b.screenshot("wide-form")
	}
	return eval[[]float64](b, "took")
}
