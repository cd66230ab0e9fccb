//go:build !js

package e2e_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"

	"madoguchi/proto/clock"
)

// rows are the titles of what is to be done, in the order of the list.
func (b *browser) rows() []string {
	b.t.Helper()
	return eval[[]string](b, "[...document.querySelectorAll('.todo-open .todo-title')].map(e => e.textContent)")
}

// tickRow clicks the box of a row, so many times at once.
func (b *browser) tickRow(title string, times int) {
	b.t.Helper()
	label := "[...document.querySelectorAll('.todo-title')].find(e => e.textContent === " + quote(title) + ")"
	b.until("the row "+title, label)
	eval[chromedp.Void](b, fmt.Sprintf("for (let i = 0; i < %d; i++) %s.control.click()", times, label))
}

// What a notice asks for and what was remembered are one list, on every device: with the deadline's words, and the day
// that they count from given right there.
func TestOneListOfWhatWaits(t *testing.T) {
	shared := ownWorld(t, "yamada-taro")
	const (
		asked, ends = "現況届を出してください", "窓口の予約"
		remembered  = "転入届・転居届の来庁予約"
		last        = "2030年1月21日(月)まで" // 14 days after the 7th
	)
	b := newBrowser(t, desktop, "ja")
	b.open("/procedures/131105/P0033")
	b.sees("14日以内")
	b.press("覚えておく")
	b.sees("やることリストに入っています")
	b.follow("/todo")
	b.sees("日にちが決まっていない（1件）", remembered, "目黒区", "引っ越した日から14日以内", "引越しをした日を入れる")
	b.screenshot("todo-waits-for-a-day")

	// On the device the day is given, changed and taken back, and outlives a reload.
	b.press("引越しをした日を入れる: ")
	b.press("この日にする")
	b.sees("日付を入力してください")
	b.setDay("todo-day", "2030-01-07")
	b.screenshot("todo-day")
	b.press("この日にする")
	b.sees(last, "引越しをした日: 2030年1月7日(月)", "引っ越した日から14日以内")
	b.press("元に戻す")
	b.sees("元に戻しました", "引越しをした日を入れる")
	b.press("引越しをした日を入れる: ")
	b.setDay("todo-day", "2030-01-07")
	b.press("この日にする")
	b.sees(last)
	b.open("/todo")
	b.sees(last, "引越しをした日を変える")

	// With a login it moves into the folder, beside what notices ask for.
	shared.renew(t, "yamada-taro")
	b.arrive("yamada-taro", "1234", "太郎", "目黒区")
	soon := time.Now().In(clock.Japan).AddDate(0, 0, 1)
	for _, notice := range []struct{ title, action, due string }{
		{"図書館だより", "", ""}, {"児童手当のご案内", asked, soon.Format(time.DateOnly)}, {"マイナンバーカードのご案内", ends, ""},
	} {
		shared.sendNotice(t, form("office", "131105", "person", "yamada-taro", "title", notice.title,
			"body", "お読みください。",
			"action", notice.action, "due", notice.due))
	}
	b.follow("/todo")
	b.press("フォルダに移す")
	b.sees("利用者フォルダに移しました", asked, "目黒区「児童手当のご案内」", ends, last)
	b.seesNot("図書館だより")
	order := b.rows()
	at := func(title string) int { return slices.Index(order, title) }
	if at(asked) > at(remembered) || at(remembered) > at(ends) || at(asked) < 0 {
		t.Errorf("the order is %q", order)
	}
	b.screenshot("todo-folder")

	// Another device says the same, and ticks off.
	other := newBrowser(t, phone, "ja")
	other.arrive("yamada-taro", "1234", "太郎", "目黒区")
	other.sees(asked, "やることリストを見る")
	other.screenshot("todo-home-phone")
	other.follow("/todo")
	other.sees(last, "引越しをした日: 2030年1月7日(月)", "14日以内", asked)
	// Both hear of what offices go on sending.
	other.wait("the rows of the first device", func() bool { return slices.Equal(other.rows(), b.rows()) })
	other.screenshot("todo-phone")
	other.tickRow(asked, 2) // a double click is one
	other.sees("「"+asked+"」を終わりにしました", "終わった（1件）")
	other.press("元に戻す")
	other.sees("元に戻しました", asked)
	other.tickRow(asked, 1)
	other.sees("「"+asked+"」を終わりにしました", "終わった（1件）")
	other.until("the box of what is done ticked", "document.querySelector('.todo-item-done input').checked")

	// The first device hears of it as it is, its other tab too; so does the page of the notice, where it is put back.
	b.sees("終わった（1件）")
	if there := b.rows(); slices.Contains(there, asked) {
		t.Errorf("it is still to be done: %q", there)
	}
	tab := b.tab()
	tab.open("/todo")
	tab.sees("終わった（1件）")
	b.follow("/notice")
	b.press(`児童手当のご案内`)
	b.sees("に終わりにしました")
	b.screenshot("todo-notice-done")
	b.press("やることに戻す")
	b.sees("終わりにする")
	tab.until("the row in the other tab",
		"[...document.querySelectorAll('.todo-open .todo-title')].some(e => e.textContent === "+quote(asked)+")")

	// A day of one's own stands beside the deadline, and the deadline's day goes when it is taken back.
	b.follow("/todo")
	b.sees(last)
	b.press("自分の日を決める: " + remembered)
	b.setDay("todo-day", "2030-01-10")
	b.press("この日にする")
	b.sees("の日を決めました") // the row may say so before, by what the page hears of its own change
	b.sees("2030年1月10日(木)まで", "自分で決めた日です", "期限は2030年1月21日(月)まで")
	b.press("自分の日を変える: " + remembered)
	b.press("日を消す")
	b.sees("の日を消しました", last)
	b.press("引越しをした日を変える: " + remembered)
	b.press("日を消す")
	b.until("no day any more", "!"+visibleText+".includes("+quote(last)+")")
	b.sees("引越しをした日を入れる", "引っ越した日から14日以内")

	for _, page := range []string{"/todo", "/home"} {
		for i, language := range languages {
			if i == 0 {
				b.openIn(language, page)
			} else {
				b.speak(language)
			}
			b.until("the list", "document.querySelector('.todo-list, .home-row')")
			for name, s := range map[string]size{"phone": phone, "desktop": desktop} {
				b.resize(s)
				b.until("the width", fmt.Sprintf("innerWidth === %d", s.width))
				b.inspect(page + " " + language + " " + name)
				b.screenshot(strings.ReplaceAll("todo-"+name+"-"+language+page, "/", "-"))
			}
		}
	}
}

// A row that another tab removed says so, and nothing else is changed by it.
func TestTwoTabsOfOneList(t *testing.T) {
	ownWorld(t)
	b := newBrowser(t, desktop, "ja")
	b.open("/procedures/131105/P0033")
	b.press("覚えておく")
	b.sees("やることリストに入っています")
	b.follow("/todo")
	b.sees("日にちが決まっていない（1件）")
	other := b.tab()
	other.open("/todo")
	other.press("削除: ")
	other.sees("を削除しました")
	b.sees("やることはまだありません")
	other.press("元に戻す")
	other.sees("元に戻しました", "引越しをした日を入れる")
	b.sees("日にちが決まっていない（1件）", "引越しをした日を入れる")
}
