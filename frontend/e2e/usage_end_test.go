//go:build !js

package e2e_test

import (
	"fmt"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
	"google.golang.org/protobuf/proto"

	portalv1 "madoguchi/proto/gen/portal/v1"
)

// nobodyHere holds on a page whose session has ended: nobody is offered to leave, and nothing of the person is there.
const nobodyHere = "![...document.querySelectorAll('button')].some(e => e.textContent.includes('ログアウト')) && " +
	"!document.body.textContent.includes('花子') && document.body.textContent.includes('ログイン')"

// A session that is ended from elsewhere is over in every tab that it was open in, on each kind of page, within a
// moment; what was typed stays for the next login, and the worker has nothing of the person.
func TestAnEndedSessionIsOverInEveryTab(t *testing.T) {
	w := ownWorld(t, "yamada-hanako")
	theirs := newBrowser(t, phone, "ja")
	theirs.arrive("yamada-hanako", "1234", "花子", "目黒区")
	tabs := map[string]*browser{"/home": theirs}
	// to be read, forms, anybody's
	for _, path := range []string{"/usage/devices", "/account", "/inquiry/new", "/todo"} {
		tab := theirs.tab()
		tab.open(path)
		tab.until("somebody to be logged in", "[...document.querySelectorAll('button')].some(e => "+
			"e.textContent.includes('ログアウト'))")
		tabs[path] = tab
	}
	tabs["/inquiry/new"].typeInto("inquiry-subject", "書きかけの件名")
	tabs["/account"].sees("花子")

	mine := newBrowser(t, desktop, "ja")
	w.lay(t, "yamada-hanako")
	mine.logIn("1234")
	mine.at("/home")
	mine.open("/usage/devices")
	mine.sees("いまのログイン", "（この端末）")
	mine.onceFound("the other login", "終わらせる", "e.click()")
	mine.sees("ログインを終わらせました")
	for path, tab := range tabs {
		tab.until("the end of the session at "+path, nobodyHere)
	}
	kept := eval[string](theirs, `caches.keys().then(names => Promise.all(names.map(async name => {
  const cache = await caches.open(name)
  const texts = await Promise.all((await cache.keys()).map(async k => (await cache.match(k)).text()))
  return texts.some(t => t.includes('花子さん'))
}))).then(found => String(found.some(f => f)))`)
	if kept != "false" {
		t.Error("the worker's caches have the person's name")
	}
	w.lay(t, "yamada-hanako")
	again := tabs["/inquiry/new"]
	again.logIn("1234")
	again.until("whoever is back", "location.pathname !== '/login'")
	again.open("/inquiry/new")
	again.until("what was typed", "document.getElementById('inquiry-subject')?.value === '書きかけの件名'")
	again.screenshot("usage-typed-before-the-end")
}

func usages(change func(*portalv1.ListUsageResponse)) func([]byte) []byte {
	return rewritten(func() *portalv1.ListUsageResponse { return &portalv1.ListUsageResponse{} }, change)
}

// Whatever a portal that lies alters in 利用履歴 or leaves out of it, the person's browser sees it and says so.
func TestABrowserSeesWhatIsBentOfTheHistoryOfUse(t *testing.T) {
	ownWorld(t, "yamada-hanako")
	b := newBrowser(t, phone, "ja")
	b.arrive("yamada-hanako", "1234", "花子", "目黒区")
	by := b.bent("ListUsage", "GetLedgerState", "ListLedgerLines")
	look := func() *portalv1.ListUsageResponse {
		t.Helper()
		b.open("/usage")
		b.until("the lines to be checked", goodPanel+"||"+badPanel)
		said := &portalv1.ListUsageResponse{}
		whole := by.said("ListUsage")
		rewritten(func() *portalv1.ListUsageResponse { return said }, func(*portalv1.ListUsageResponse) {})(whole)
		return said
	}
	// What was written down within the last minute stands in no leaf yet.
	standing := func() int { return len(look().GetLedgerLines()) }
	for began := time.Now(); standing() == 0; time.Sleep(5 * time.Second) {
		if time.Since(began) > 4*patience {
			t.Fatal("nothing stands in the ledger after minutes")
		}
	}
	b.until("all to be good", goodPanel)
	b.seesNot("この一覧は、台帳と合いません")
	b.screenshot("usage-good")

	proven := func(m *portalv1.ListUsageResponse) int { // the first line that stands in a leaf
		for i, leaf := range m.GetLeaves() {
			if leaf > 0 {
				return i
			}
		}
		return 0
	}
	for _, c := range []struct {
		name string
		how  func(*portalv1.ListUsageResponse)
		list bool // it is seen in the list, otherwise in the ledger
	}{
		{"a line altered", func(m *portalv1.ListUsageResponse) { m.Lines[proven(m)].Act = "todo.remove" }, true},
		{"a line dated back", func(m *portalv1.ListUsageResponse) { m.Lines[proven(m)].At -= 86_400_000 }, true},
		{"a line withheld from the list", func(m *portalv1.ListUsageResponse) {
			at := proven(m)
			m.Lines = append(m.Lines[:at:at], m.Lines[at+1:]...)
			m.Leaves = append(m.Leaves[:at:at], m.Leaves[at+1:]...)
		}, true},
		{"its proof withheld", func(m *portalv1.ListUsageResponse) { m.LedgerLines = nil }, true},
		{"line and leaf altered alike", func(m *portalv1.ListUsageResponse) {
			all := &portalv1.UsageLines{}
			if proto.Unmarshal(m.LedgerLines[0].GetContent(), all) != nil {
				return
			}
			for _, l := range append(all.GetLines(), m.GetLines()...) {
				l.Browser = "Safari, iPhone"
			}
			m.LedgerLines[0].Content, _ = proto.MarshalOptions{Deterministic: true}.Marshal(all)
		}, false},
	} {
		by.way("ListUsage", usages(c.how))
		b.open("/usage")
		if c.list {
			b.sees("この一覧は、台帳と合いません")
		} else {
			b.until("the ledger not to fit: "+c.name, badPanel)
		}
		by.way("ListUsage", nil)
	}
	b.open("/usage")
	b.sees("利用者フォルダの開設")
	b.seesNot("この一覧は、台帳と合いません")
	by.way("ListUsage", usages(func(m *portalv1.ListUsageResponse) {
		at := proven(m)
		m.Lines = append(m.Lines[:at:at], m.Lines[at+1:]...)
		m.Leaves = append(m.Leaves[:at:at], m.Leaves[at+1:]...)
	}))
	eval[chromedp.Void](b, "(() => { const s = document.getElementById('usage-year'); s.selectedIndex = 1; "+
		"s.dispatchEvent(new Event('change', {bubbles: true})) })()")
	b.sees("抜けている行がないかは、すべて表示したときに確かめます", "この一覧は、台帳と合いません")
	by.way("ListUsage", nil)
	b.inspect("a history that is bent")
	b.screenshot("usage-bent")
	look()
	b.until("all to be good again", goodPanel)
	b.seesNot("この一覧は、台帳と合いません")

	// The newest is withheld altogether, wherever the page asks: this device has seen it.
	cut := func(state *portalv1.LedgerState) {
		for _, head := range state.GetHeads() {
			if head.GetChain() == 3 {
				head.Count--
			}
		}
	}
	by.way("ListUsage", usages(func(m *portalv1.ListUsageResponse) {
		m.Lines, m.Leaves, m.LedgerLines = nil, nil, nil
		cut(m.Ledger)
	}))
	by.way("GetLedgerState", rewritten(func() *portalv1.GetLedgerStateResponse {
		return &portalv1.GetLedgerStateResponse{}
	}, func(m *portalv1.GetLedgerStateResponse) { cut(m.State) }))
	b.open("/usage")
	b.until("the newest to be missed", badPanel)
}

// Mails that the person chose come at once, and lead on: an unusual login to its line, where it is not the person's; a
// change of the registration says what was changed, never to what; an inquiry that an office answered at its desk.
func TestMailsAboutUse(t *testing.T) {
	w := ownWorld(t, "yamada-hanako")
	const address = "hanako-usage@example.jp"
	b := newBrowser(t, desktop, "ja")
	b.arrive("yamada-hanako", "1234", "花子", "目黒区")
	b.open("/account")
	b.press("変更する")
	b.fill("メールアドレス", address)
	b.press("ログインのたびに")
	b.press("保存する")
	b.sees("保存しました")
	b.open(mailedLink(t, address, "/account/confirm"))
	b.sees("確認しました")
	b.open("/account")
	b.press("変更する")
	b.fill("表示する名前", "はなこひめ")
	b.press("保存する")
	b.sees("保存しました")
	if told := mailed(t, address, "利用者登録の変更の確認"); strings.Contains(told.Text, "はなこひめ") ||
		!strings.Contains(told.Text, "表示する名前") {
		t.Errorf("of a change: %+v", told)
	}

	// Somebody logs in elsewhere.
	other := newBrowser(t, phone, "ja")
	w.lay(t, "yamada-hanako")
	other.logIn("1234")
	other.at("/home")
	told := mailed(t, address, "いつもと違うログイン")
	link := regexp.MustCompile(regexp.QuoteMeta(w.origin) + `(/usage/[0-9]+-[A-Z0-9a-z]+)`).
		FindStringSubmatch(told.Text)
	if link == nil {
		t.Fatalf("no way to the line: %+v", told)
	}
	b.open("/home")
	b.sees("いつもと違うログインを確かめる")
	b.screenshot("home-unusual")
	b.open(link[1])
	b.sees("カードでログイン", "はじめての端末", "これは私ではない")
	b.press("これは私ではない")
	b.press("終わらせて届け出る")
	b.sees("届け出を受け付けました", "ログインを1件終わらせました")
	other.until("the other one to be out", nobodyHere+" && !document.body.textContent.includes('はなこひめ')")
	b.open("/home")
	b.sees("はなこひめさん")
	b.seesNot("いつもと違うログインを確かめる")

	// A notice of something that was not hers.
	w.sendNotice(t, form(
		"office", "131105", "person", "yamada-hanako", "title", "転出届を受け付けました", "body", "受け付けました。",
	))
	b.open("/notice")
	b.press("転出届を受け付けました")
	b.press("身に覚えがないとき")
	b.sees("身に覚えのないお知らせ", "転出届を受け付けました", "目黒区")
	b.inspect("a notice that was not hers")
	b.screenshot("usage-notice")
	b.press("これは私ではない")
	b.sees("ほかの端末のログインを、すべて終わらせます")
	b.press("終わらせて届け出る")
	b.sees("届け出を受け付けました", "0120-95-0178", "ほかのログインはありませんでした")
	b.press("届け出と回答を見る")
	b.sees("これは私ではない", "転出届を受け付けました", "回答待ち")

	// An office answers.
	b.open("/inquiry/new")
	b.press("回答の知らせ方を選ぶ")
	b.press("回答が届いたら、メールで知らせる")
	b.press("保存する")
	b.sees("保存しました")
	b.open("/inquiry/new")
	b.until("the offices", "document.getElementById('inquiry-office')?.options.length > 1")
	office := eval[string](b, "(() => { const s = document.getElementById('inquiry-office'); s.selectedIndex = 1; "+
		"s.dispatchEvent(new Event('change', {bubbles: true})); return s.value })()")
	b.typeInto("inquiry-subject", "転出届のこと")
	b.typeInto("inquiry-text", "出していません。")
	b.press("送る")
	b.sees("転出届のこと", "回答待ち")
	page := w.sandboxPage(t, "/inquiries")
	id := regexp.MustCompile(`name="id" value="([A-Z0-9]+)"`).FindStringSubmatch(page)
	if id == nil || !strings.Contains(page, "転出届のこと") || !strings.Contains(page, "出していません。") {
		t.Fatalf("the office's desk shows %s", page)
	}
	w.post(t, w.sandbox+"/inquiries", form("office", office, "id", id[1], "text", "取り消しました。"))
	b.sees("取り消しました。", "回答あり")
	b.screenshot("inquiry-answered")
	answer := mailed(t, address, "お問い合わせに回答がありました")
	if strings.Contains(answer.Text, "取り消しました。") || strings.Contains(answer.Text, "転出届") ||
		!strings.Contains(answer.Text, w.origin+"/inquiry") {
		t.Errorf("of an answer: %+v", answer)
	}
	if page := w.sandboxPage(t, "/inquiries"); strings.Contains(page, "転出届のこと") {
		t.Error("what was answered waits at the desk")
	}
}

// The pages of use in other languages, on paper, by the keys alone and without a network: what was seen can be read,
// and what cannot be done is refused, said to be nowhere, and not done later by itself.
func TestUsageReadOtherwise(t *testing.T) {
	w := ownWorld(t, "yamada-hanako")
	b := newBrowser(t, phone, "ja")
	b.arrive("yamada-hanako", "1234", "花子", "目黒区")
	for language, says := range map[string]string{"en": "Opened the folder", "easy": "フォルダを"} {
		b.openIn(language, "/usage")
		b.until("the line of the opening in "+language, "[...document.querySelectorAll('.usage-entry')].length > 0")
		if text := b.text(); !strings.Contains(text, says) {
			t.Errorf("%s: %s", language, text)
		}
		for _, path := range []string{"/usage", "/usage/devices", "/inquiry", "/inquiry/new"} {
			b.openIn(language, path)
			for _, wide := range []size{phone, desktop} {
				b.resize(wide)
				b.inspect(fmt.Sprintf("%s in %s, %d wide", path, language, wide.width))
				if b.holds("(n => n.checkVisibility() && n.getBoundingClientRect().left < " +
					"document.querySelector('.brand-name').getBoundingClientRect().right)(document.querySelector('.nav'))") {
					b.t.Errorf("%s in %s: the menu lies on the name", path, language)
				}
				b.screenshot(fmt.Sprintf("usage%s-%s-%d", strings.ReplaceAll(path, "/", "-"), language, wide.width))
			}
			b.resize(phone)
		}
	}

	b.openIn("ja", "/usage")
	b.until("the line of the opening", "document.querySelector('.usage-entry')")
	call(b, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{Media: "print"})
	b.until("the lines alone on paper", "document.querySelector('.usage-entry').checkVisibility() && "+
		"!document.querySelector('.usage-filter').checkVisibility() && "+
		"!document.getElementById('usage-export')?.checkVisibility()")
	call(b, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{})

	// By the keys.
	b.onceFound("the line", "利用者フォルダの開設", "e.click()")
	b.sees("身に覚えがないとき")
	b.tabTo("これは私ではない")
	b.keys("\r")
	b.sees("押すと、すぐに次のことをします")
	b.keys(kb.Escape)
	b.until("the dialog to be gone", "!document.querySelector('dialog[open]')")
	b.until("the focus back on the button", "document.activeElement?.id === 'usage-not-me'")

	// Without a network.
	line := b.path()
	b.until("the history and the line kept on the device", "("+vaultRows("records")+
		").then(s => JSON.parse(s || '[]').filter(r => r.kind === 'usage').length > 2)")
	b.cutOff("オフラインです")
	b.press("これは私ではない")
	b.press("終わらせて届け出る")
	b.sees("まどぐちにつながりません", "インターネットの接続を確かめて", "まだ届け出ていません", "送信待ちになりません",
		"0120-95-0178", "24時間365日")
	b.seesNot("届け出を受け付けました")
	b.inspect("a line without a network")
	b.screenshot("usage-offline-line")
	b.follow("/usage")
	b.sees("利用者フォルダの開設", "この端末に残したものです")
	b.screenshot("usage-offline")
	b.follow("/usage/devices")
	b.sees("まどぐちにつながりません")
	b.follow("/outbox")
	b.sees("送信を待っているものはありません")
	b.offline(false)
	b.open(line)
	b.sees("これは私ではない")
	b.seesNot("届け出を受け付けました")
	if n := w.calls("UsageService/DisownUsage"); n != 0 {
		t.Errorf("it came to the portal %d times", n)
	}
	b.press("これは私ではない")
	b.press("終わらせて届け出る")
	b.sees("届け出を受け付けました", "このログインは、続いています")
}
