//go:build !js

package e2e_test

import (
	"fmt"
	"testing"

	"github.com/chromedp/chromedp"
)

// setDay writes a day into a field for dates, as its picker does.
func (b *browser) setDay(id, day string) {
	b.t.Helper()
	b.until("the field "+id, "document.getElementById("+quote(id)+")")
	eval[chromedp.Void](b, `(([...cells], day) => {
		const parts = cells.length > 1 ? day.split('-').map(Number) : [day]
		cells.forEach((e, i) => {
			e.focus()
			e.value = parts[i]
			e.dispatchEvent(new Event('input', { bubbles: true }))
		})
		cells[0].focus()
	})(document.querySelectorAll(`+quote("#"+id+", #"+id+"-month, #"+id+"-day")+`), `+quote(day)+`)`)
}

func TestAnEventOfLifeBecomesAToDoList(t *testing.T) {
	ownWorld(t, "watanabe-gaiji")
	b := newBrowser(t, desktop, "ja")
	b.open("/guide")
	b.sees("妊娠・出産", "死亡・相続")
	b.press("妊娠・出産")
	b.at("/guide/birth")
	b.sees("当てはまるかもしれない手続")
	b.press("赤ちゃんが生まれた")
	b.sees("赤ちゃんが生まれた日")
	b.setDay("guide-q-birthday", "2026-11-20")
	b.sees("2026年12月3日") // 14 days with the day of birth
	b.press("国民健康保険")
	b.until("still the focus in the day", "document.activeElement.id === 'guide-q-birthday'")
	b.press("ひとりで育てる")
	b.sees("4問のうち4問", "児童扶養手当")
	b.press("どれも当てはまらない")
	b.until("none instead of the others",
		"!document.getElementById('guide-q-special-single').checked && "+
			"document.getElementById('guide-q-special-none').checked")
	b.fill("手続をする市区町村", "目黒")
	b.press("目黒区")
	b.screenshot("event-answered")

	b.press("妊娠中")
	b.sees("母子健康手帳を受け取りましたか")
	b.press("赤ちゃんが生まれた")
	b.until("the answers again",
		"document.getElementById('guide-q-birthday-calendar')?.value === '2026-11-20' && "+
			"document.getElementById('guide-q-insurance').checked")
	b.open("/guide/birth") // a reload loses nothing
	b.until("the draft", "document.getElementById('guide-q-birthday-calendar')?.value === '2026-11-20'")
	b.sees("目黒区")
	b.press("やることリストに入れる")
	b.sees("件をやることリストに入れました", "リストにあります")
	b.press("やることリストを見る")
	b.at("/todo")
	b.sees("この端末だけ", "出生届", "妊娠・出産のため", "目黒区", "子どもが生まれた日: 2026年11月20日(金)")

	b.press("自分の日を決める: ")
	b.setDay("todo-day", "2026-11-01")
	b.press("この日にする")
	b.sees("期限を過ぎています")
	b.press("元に戻す")
	b.sees("元に戻しました")
	b.seesNot("期限を過ぎています")
	b.press("削除: ")
	b.sees("を削除しました")
	b.press("元に戻す")
	b.sees("元に戻しました")
	eval[chromedp.Void](b, "document.querySelector('.todo-item input').click()")
	b.sees("を終わりにしました", "終わった（1件）")
	b.screenshot("todo-device")
	other := b.tab()
	other.open("/todo")
	other.sees("終わった（1件）")
	other.press("削除: ")
	other.sees("を削除しました")
	n := eval[int](other, "document.querySelectorAll('.todo-item').length")
	b.until("the change of the other tab", fmt.Sprintf("document.querySelectorAll('.todo-item').length === %d", n))

	// With a login the list moves into the folder, when the person says so.
	b.arrive("watanabe-gaiji", "1234", "渡邉", "目黒区")
	b.follow("/todo")
	b.sees("この端末に")
	b.press("フォルダに移す")
	b.sees("利用者フォルダに移しました")
	b.follow("/home")
	b.sees("やることリストを見る", "2026年12月")
	b.screenshot("home-todo")
}

// On a phone there is one question at a time.
func TestAnEventOfLifeOnAPhone(t *testing.T) {
	ownWorld(t)
	b := newBrowser(t, phone, "ja")
	b.open("/guide/birth")
	b.sees("質問 1 / 1")
	b.press("赤ちゃんが生まれた")
	b.sees("質問 1 / 4")
	b.press("次の質問へ")
	b.sees("質問 2 / 4")
	b.until("the focus in the question", "document.activeElement.id === 'guide-q-birthday'")
	b.press("次の質問へ")
	b.sees("質問 3 / 4") // a press counts once, until the page has moved on
	b.press("次の質問へ")
	b.sees("質問 4 / 4")
	b.press("結果を見る")
	b.until("the focus on the plan", "document.activeElement.id === 'guide-plan-title'")
	b.screenshot("event-phone")
}

// On a phone the way to the next question lies at the bottom of the screen while its place is out of sight: not before
// anybody has scrolled, and not over the field that has the focus.
func TestTheWayOnCoversNoField(t *testing.T) {
	ownWorld(t)
	b := newBrowser(t, size{360, 640}, "ja")
	b.open("/guide/death?place=131105")
	b.sees("質問 1 / 3", "目黒区")
	covered := func(when, of string) {
		t.Helper()
		if got := eval[string](b, `(() => {
			const bar = document.querySelector('.guide-moves')
			const { top, bottom } = bar.getBoundingClientRect()
			return [...document.querySelectorAll('.guide-form :is(`+of+`)')].filter(e => e.checkVisibility() && !bar.contains(e))
				.filter(e => (r => r.top < Math.min(bottom, innerHeight) && r.bottom > top)(e.getBoundingClientRect())).map(e => e.id).join(' ')
		})()`); got != "" {
			t.Errorf("%s the bar lies over %s", when, got)
		}
	}
	const any = "a, button, input, select"
	covered("At first", any)
	b.press("次の質問へ")
	b.sees("質問 2 / 3")
	b.press("次の質問へ")
	b.sees("質問 3 / 3")
	// Up to the place, and down again as far as the first of many answers: where the bar has its place is not in sight.
	b.until("the bar at the bottom", `(scrollTo(0, 1), new Promise(drawn => requestAnimationFrame(() => requestAnimationFrame(drawn))))
		.then(() => document.querySelector('.guide-moves[data-away]')?.getBoundingClientRect().bottom === innerHeight)`)
	b.onceFound("the place", "変更", "e.focus()")
	boxes := eval[int](b, "document.querySelectorAll('.guide-question-now input').length")
	for range boxes {
		b.keys("\t")
		covered("With the focus on a field", ":focus")
	}
	if !b.holds("document.activeElement.closest('.guide-question-now')") {
		t.Error("the focus is elsewhere")
	}
	b.screenshot("guide-bar")
}
