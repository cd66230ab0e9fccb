//go:build !js

package e2e_test

import (
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/input"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/chromedp"
)

// presser presses everything twice, as fast as it goes, and knows what of it reached the portal: what this browser
// sent, and what the portal says that it answered.
type presser struct {
	*browser
	mouse bool              // else the keyboard
	hard  func(name string) // presses twice
	mu    sync.Mutex
	sent  map[string]int
}

func newPresser(t *testing.T, how string) *presser {
	p := &presser{browser: newBrowser(t, desktop, "ja"), sent: map[string]int{}, mouse: how == "double click"}
	p.hard = map[string]func(string){"double click": p.doubleClick, "Enter twice": p.enterTwice}[how]
	p.heard = func(event any) {
		if e, ok := event.(*network.EventRequestWillBeSent); ok {
			if _, call, is := strings.Cut(e.Request.URL, "/portal.v1."); is {
				p.mu.Lock()
				p.sent[call]++
				p.mu.Unlock()
			}
		}
	}
	call(p.browser, network.Enable, network.EnableParams{})
	return p
}

// where waits until the thing to press is in sight and moves no more, and says where its middle is.
func (p *presser) where(name string) (x, y float64) {
	p.t.Helper()
	p.until(fmt.Sprintf("something to press called %q", name), find(name))
	eval[chromedp.Void](p.browser, find(name)+".scrollIntoView({block: 'center'})")
	middle := "(() => { const r = " + find(name) +
		"?.getBoundingClientRect(); return r ? [r.x + r.width / 2, r.y + r.height / 2] : [] })()"
	before := eval[[]float64](p.browser, middle)
	deadline := time.Now().Add(patience)
	for {
		time.Sleep(50 * time.Millisecond)
		now := eval[[]float64](p.browser, middle)
		if len(now) == 2 && len(before) == 2 && now[0] == before[0] && now[1] == before[1] {
			return now[0], now[1]
		}
		if time.Now().After(deadline) {
			p.t.Fatalf("%q does not come to rest", name)
		}
		before = now
	}
}

// doubleClick is what a mouse does: pressed, let go, pressed, let go.
func (p *presser) doubleClick(name string) {
	p.t.Helper()
	x, y := p.where(name)
	for count := range int64(2) {
		for _, kind := range []input.DispatchMouseEventType{
			input.DispatchMouseEventTypeMousePressed, input.DispatchMouseEventTypeMouseReleased,
		} {
			call(p.browser, input.DispatchMouseEvent, input.DispatchMouseEventParams{
				Type: kind, X: x, Y: y, Button: input.MouseButtonLeft, ClickCount: count + 1,
			})
		}
	}
}

func (p *presser) enterTwice(name string) {
	p.t.Helper()
	p.focus(name)
	p.twice("Enter", "\r", 13)
}

func (p *presser) focus(name string) {
	p.t.Helper()
	p.where(name)
	eval[chromedp.Void](p.browser, find(name)+".focus()")
}

// twice presses a key twice within a tenth of a second by the clock of the keys, however slow the machine is. The page
// has drawn what the first did before the second comes, and no answer has come yet.
func (p *presser) twice(key, text string, code int64) {
	p.t.Helper()
	at := float64(time.Now().UnixNano()) / 1e9
	p.answersAfter(500 * time.Millisecond)
	defer p.answersAfter(0)
	for i, kind := range []input.DispatchKeyEventType{
		input.DispatchKeyEventTypeKeyDown, input.DispatchKeyEventTypeKeyUp, input.DispatchKeyEventTypeKeyDown,
		input.DispatchKeyEventTypeKeyUp,
	} {
		params := input.DispatchKeyEventParams{
			Type: kind, Key: key, Code: map[string]string{"\r": "Enter", " ": "Space"}[text],
			WindowsVirtualKeyCode: code,
			Timestamp:             input.TimeSinceEpoch(at + float64(i)*0.03),
		}
		if kind == input.DispatchKeyEventTypeKeyDown {
			params.Text = text
		}
		call(p.browser, input.DispatchKeyEvent, params)
		if i == 1 {
			eval[chromedp.Void](p.browser,
				"new Promise(drawn => requestAnimationFrame(() => requestAnimationFrame(() => drawn())))")
		}
	}
}

// answersAfter has the portal be that far away.
func (p *presser) answersAfter(d time.Duration) {
	p.t.Helper()
	var far []*network.Conditions
	if d > 0 {
		far = []*network.Conditions{{
			Latency: float64(d.Milliseconds()), DownloadThroughput: -1, UploadThroughput: -1,
		}}
	}
	call(p.browser, network.EmulateNetworkConditionsByRule, network.EmulateNetworkConditionsByRuleParams{
		MatchedNetworkConditions: far,
	})
}

// portalAnswered counts the requests that the portal says it answered.
func (p *presser) portalAnswered(rpc string) int {
	return strings.Count(p.world.processes["portal"].output.String(), "path=/portal.v1."+rpc+" ")
}

// once presses something twice, waits for what the page is to say then, and counts: each of calls was made once,
// and no other that changes anything.
func (p *presser) once(name string, calls []string, says ...string) {
	p.t.Helper()
	p.counting(func() { p.hard(name) }, name, calls, says...)
}

func (p *presser) counting(press func(), name string, calls []string, says ...string) {
	p.t.Helper()
	p.mu.Lock()
	p.sent = map[string]int{}
	p.mu.Unlock()
	before := map[string]int{}
	for _, rpc := range writes {
		before[rpc] = p.portalAnswered(rpc)
	}
	press()
	p.sees(says...)
	p.until("a page at rest after "+name, rests)
	for _, rpc := range calls {
		deadline := time.Now().Add(patience)
		for p.portalAnswered(rpc) == before[rpc] && time.Now().Before(deadline) {
			time.Sleep(20 * time.Millisecond) // the portal writes its line after it has answered
		}
	}
	wanted := map[string]int{}
	for _, rpc := range calls {
		wanted[rpc]++
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, rpc := range writes {
		if p.sent[rpc] != wanted[rpc] {
			p.t.Errorf("%q pressed twice: the page called %s %d times, not %d", name, rpc, p.sent[rpc], wanted[rpc])
		}
		if answered := p.portalAnswered(rpc) - before[rpc]; answered != wanted[rpc] {
			p.t.Errorf("%q pressed twice: the portal answered %s %d times, not %d", name, rpc, answered, wanted[rpc])
		}
	}
}

// writes are the calls by which a page changes something.
var writes = []string{
	"LoginService/LogIn", "LoginService/ShowCard", "LoginService/LogOut", "LoginService/LogOutEverywhere",
	"AccountService/OpenAccount", "AccountService/UpdateAccount", "AccountService/SendMailConfirmation",
	"AccountService/ConfirmMailAddress",
	"AccountService/UndoMailChange", "AccountService/CloseAccount",
	"GuideService/AddTasks", "GuideService/UpdateTask", "GuideService/RemoveTask", "NoticeService/MarkNotices",
	"NoticeService/UpdateAction",
}

// security counts the lines of the portal's security log.
func (p *presser) security(event string) int {
	return strings.Count(p.world.processes["portal"].output.String(), "event="+event+" ")
}

// Somebody who presses everything twice does everything once, and is told the truth.
func TestEveryDoubleClickCountsOnce(t *testing.T) {
	ownWorld(t, "takahashi-shacho")
	newPresser(t, "double click").walk("takahashi-shacho")
}

func TestEveryEnterCountsOnce(t *testing.T) {
	ownWorld(t, "kobayashi-ren")
	newPresser(t, "Enter twice").walk("kobayashi-ren")
}

func (p *presser) walk(person string) {
	p.t.Helper()
	p.world.renew(p.t, person)
	p.world.lay(p.t, person)
	address := person + "@example.jp"
	p.theOpening(address)
	p.theRegistration(address)
	p.theList()
	p.theNotices()
	p.theDevice()
	p.thePlaces()
	p.theEnd()
}

func (p *presser) in(says string) {
	p.t.Helper()
	p.open("/login")
	p.sees("あと3回")
	p.typePIN("1234")
	p.once("ログイン", []string{"LoginService/LogIn"}, says)
}

func (p *presser) theOpening(address string) {
	p.t.Helper()
	opened := p.security("folder_opened")
	p.in("利用規約に同意します")
	if left := p.text(); strings.Contains(left, "あと2回") {
		p.t.Error("the PIN was tried twice")
	}
	p.press("利用規約に同意")
	p.once("次へ", nil, "表示する名前")
	p.press("もどる")
	p.sees("利用規約に同意")
	p.once("次へ", nil, "表示する名前")
	p.fill("表示する名前", "二度")
	p.fill("メールアドレス", address)
	p.fill("お住まいの市区町村", "目黒区")
	p.press("目黒区")
	p.once("次へ", nil, "この内容で開設します")
	p.once("もどる", nil, "表示する名前")
	p.once("次へ", nil, "この内容で開設します")
	p.once("開設する", []string{"AccountService/OpenAccount"}, "利用者フォルダを開設しました", address+" に確認メール")
	if n := p.security("folder_opened") - opened; n != 1 {
		p.t.Errorf("%d folders were opened", n)
	}
	mailed(p.t, address, "確認")
	if n := len(p.world.mails(p.t, address)); n != 1 {
		p.t.Errorf("%d mails to confirm the address", n)
	}
	p.once("ホームへ", nil, "二度さん")
	p.at("/home")
}

func (p *presser) theRegistration(address string) {
	p.t.Helper()
	p.follow("/account")
	p.once("確認メールをもう一度送る", []string{"AccountService/SendMailConfirmation"}, "確認メールは、まだ送れません") // one was sent just now
	p.once("変更する", nil, "表示する名前")
	p.fill("表示する名前", "ふたたび")
	p.once("保存する", []string{"AccountService/UpdateAccount"}, "保存しました", "ふたたび")
	p.counting(func() { p.open(mailedLink(p.t, address, "/account/confirm")) }, "the link",
		[]string{"AccountService/ConfirmMailAddress"}, "確認しました")

	p.follow("/account")
	p.sees("確認済み")
	p.once("変更する", nil, "表示する名前")
	p.fill("メールアドレス", "other-"+address)
	p.once("保存する", []string{"AccountService/UpdateAccount"}, "カードで確かめます", "あと3回")
	p.typePIN("1234")
	p.once("保存する", []string{"LoginService/ShowCard", "AccountService/UpdateAccount"}, "保存しました",
		"other-"+address+" に確認メールを送ります")

	p.open(mailedLink(p.t, address, "/account/undo"))
	p.once("元に戻す", []string{"AccountService/UndoMailChange"}, "元に戻しました", "変更の前の登録内容に戻し")
	p.seesNot("今回は何もしていません")
	p.in("さん")
	p.follow("/account")
	p.sees(address, "確認済み")
	p.seesNot("other-" + address)
}

func (p *presser) theList() {
	p.t.Helper()
	items := func(n int) {
		p.t.Helper()
		p.until(fmt.Sprintf("%d things to do", n),
			fmt.Sprintf("document.querySelectorAll('.todo-item').length === %d", n))
	}
	p.follow("/procedures/131105/P0012")
	p.until("the procedure", find("覚えておく"))
	title := eval[string](p.browser, "document.querySelector('h1').textContent.trim()")
	p.once("覚えておく", []string{"GuideService/AddTasks"}, "やることリストに入っています")
	p.follow("/guide/move")
	p.sees("やることリストに入れる（")
	p.once("やることリストに入れる", []string{"GuideService/AddTasks"}, "件をやることリストに入れました")
	p.once("やることリストを見る", nil, "あと")
	p.until("the list", "document.querySelectorAll('.todo-item').length > 1")
	n := eval[int](p.browser, "document.querySelectorAll('.todo-item').length")

	// A box is a thing of its own: the second press is none of the next box.
	p.counting(func() { p.pressBox(title) }, "the box", []string{"GuideService/UpdateTask"},
		"「"+title+"」を終わりにしました", "終わった（1件）")
	p.once("元に戻す", []string{"GuideService/UpdateTask"}, "元に戻しました")
	p.until("nothing done", "document.querySelectorAll('.todo-item-done').length === 0")
	items(n)

	p.once("自分の日を決める: "+title, nil, "いつまでにしますか")
	p.setDay("todo-day", "2027-03-01")
	p.once("この日にする", []string{"GuideService/UpdateTask"}, "の日を決めました")
	p.once("元に戻す", []string{"GuideService/UpdateTask"}, "元に戻しました")
	p.once("自分の日を決める: "+title, nil, "いつまでにしますか")
	p.once("変えない", nil, "あと")
	p.once("削除: "+title, []string{"GuideService/RemoveTask"}, "を削除しました")
	items(n - 1)
	p.once("元に戻す", []string{"GuideService/AddTasks"}, "元に戻しました")
	items(n)
}

// pressBox presses a box twice: with the mouse, or with the key for it.
func (p *presser) pressBox(name string) {
	p.t.Helper()
	if p.mouse {
		p.doubleClick(name)
		return
	}
	p.focus(name)
	p.twice(" ", " ", 32)
}

func (p *presser) theNotices() {
	p.t.Helper()
	p.follow("/notice")
	p.until("notices", "document.querySelector('.entry-title')")
	p.once("表示中のお知らせを既読にする", []string{"NoticeService/MarkNotices"}, "未読 0件")
	title := eval[string](p.browser, "document.querySelector('.entry-title').textContent")
	p.once(title, nil, "未読に戻す")
	p.once("未読に戻す", []string{"NoticeService/MarkNotices"})
	p.until("one unread", "!document.getElementById('notice-unread')")
}

func (p *presser) theDevice() {
	p.t.Helper()
	p.follow("/procedures?place=131105")
	p.sees("目黒区に当てはまる手続")
	p.follow("/device")
	p.sees("目黒区（東京都）")
	p.once("すべて消す", nil, "元に戻せません")
	p.until("the question", "document.getElementById('device-ask').open") // and the second press does not answer it
	if !p.holds("localStorage.getItem('place')") {
		p.t.Error("removed before the question was answered")
	}
	p.once("すべて消す", nil, "すべて消しました", "この端末には何も残っていません")
}

func (p *presser) thePlaces() {
	p.t.Helper()
	places := func(want string) {
		p.t.Helper()
		p.until("the places "+want, "new URLSearchParams(location.search).getAll('place').join() === "+quote(want))
	}
	p.follow("/procedures")
	p.fill("お住まいの市区町村", "目黒区")
	p.counting(func() { p.hardOption("目黒区") }, "a place", nil, "目黒区に当てはまる手続")
	p.follow("/procedures/compare?definition=P0012&place=131105")
	p.sees("2つ目の市区町村")
	p.fill("2つ目の市区町村", "渋谷区")
	p.counting(func() { p.hardOption("渋谷区") }, "a second place", nil, "項目のうち")
	places("131105,131130")
	depth := eval[int](p.browser, "history.length")
	p.once("渋谷区（東京都）をはずす", nil, "もう1つ選ぶと")
	places("131105")
	if now := eval[int](p.browser, "history.length"); now != depth+1 {
		p.t.Errorf("removing a place twice made %d entries of the history", now-depth)
	}
	eval[chromedp.Void](p.browser, "history.back()")
	places("131105,131130")
	p.sees("項目のうち")
}

// hardOption takes one of the options that a field offers: a click each, or Enter in the field.
func (p *presser) hardOption(name string) {
	p.t.Helper()
	// The button for the registered place has the place's name, too, and is there before the options, which then lie
	// over it.
	p.until("the option "+name, "[...document.querySelectorAll('[role=option]')].some(e => e === "+find(name)+")")
	if p.mouse {
		p.doubleClick(name)
		return
	}
	p.twice("Enter", "\r", 13)
}

func (p *presser) theEnd() {
	p.t.Helper()
	p.follow("/home")
	p.sees("ふたたびさん")
	if p.mouse {
		p.once("ふたたびさん", nil) // it opens, and stays so
	} else {
		p.press("ふたたびさん")
	}
	p.once("ログアウト", []string{"LoginService/LogOut"}, "ログアウトしました")
	p.in("さん")
	p.follow("/account")
	p.once("すべての端末からログアウト", []string{"LoginService/LogOutEverywhere"}, "ログアウトしました")
	p.in("さん")
	closed := p.security("folder_closed")
	p.follow("/account/close")
	p.sees("あと3回")
	p.typePIN("1234")
	p.once("閉鎖する", []string{"LoginService/ShowCard", "AccountService/CloseAccount"}, "利用者フォルダを閉鎖しました")
	if n := p.security("folder_closed") - closed; n != 1 {
		p.t.Errorf("%d folders were closed", n)
	}
	p.do(chromedp.Reload())
	p.sees("利用者フォルダを閉鎖しました")
}
