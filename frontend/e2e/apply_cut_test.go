//go:build !js

package e2e_test

import (
	"syscall"
	"testing"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/chromedp"
)

// ends has a person's signing certificate end.
func (w *world) ends(t *testing.T, person string) {
	t.Helper()
	w.post(t, w.sandbox+"/certificates", form("person", person, "is", "ended"))
	t.Cleanup(func() { w.post(t, w.sandbox+"/certificates", form("person", person, "is", "good")) })
}

// The network is cut: the card signs all the same, and the application is sent when the network is back, once, and the
// page says so. A certificate that ended meanwhile is said, nothing that was filled in is lost, and it is signed anew.
func TestSigningWithoutANetwork(t *testing.T) {
	w := ownWorld(t, "yamada-hanako")
	b := newBrowser(t, phone, "ja")
	b.arrive("yamada-hanako", "1234", "花子", "目黒区")
	const at, form = "131105", "tenshutsu"
	b.resumes(at, form, b.begun(at, form, moving()), "review")
	b.sees("まだ送られていません")
	b.cutOff("オフライン")
	b.press("署名に進む")
	b.atStep("sign")
	b.sign("ABC123")
	b.sees("署名しました。まだ送られていません。", "ネットワークにつながると、自動で送られます", oneWaits)
	b.inspect("signed without a network")
	b.bothSizes("cut-signed")
	b.offline(false)
	b.sees("送りました。受付番号は")
	b.noneWaits()
	if n := w.calls("ApplicationService/SendApplication"); n != 1 {
		t.Errorf("sent %d times", n)
	}
	b.bothSizes("cut-sent")
	b.press("申請を見る")
	b.sees("受付の控え", "到達")

	// The same again; the certificate ends in between.
	draft := b.begun(at, form, moving().but(answers{"new_building": "606号室"}))
	b.resumes(at, form, draft, "review")
	b.cutOff("オフライン")
	b.press("署名に進む")
	b.sign("ABC123")
	b.sees("署名しました。まだ送られていません。")
	w.ends(t, "yamada-hanako")
	b.offline(false)
	b.sees("送れませんでした。どうするか決めてください")
	b.press("送信待ちを見る")
	b.at("/outbox")
	b.sees("署名に使った電子証明書が、届くまでのあいだに使えなくなりました")
	b.inspect("what was refused")
	b.bothSizes("cut-refused")
	w.post(t, w.sandbox+"/certificates", formOf("yamada-hanako"))
	b.press("直して、署名しなおす")
	b.at("/apply/" + at + "/" + form)
	b.atReview()
	b.follow("/apply/" + at + "/" + form + "?draft=" + draft + "&step=review")
	b.sees("606号室")
	b.press("署名に進む")
	b.sign("ABC123")
	b.sees("受付番号は", "606号室")
	b.noneWaits()
}

func formOf(person string) map[string][]string { return form("person", person, "is", "good") }

// In the middle of it all: the session ends while somebody types, two tabs have one draft, the browser's keys lead back
// and forth, the page is loaded again, the button is pressed twice, the portal is killed while it is sent. Nothing is
// lost, and nothing is there twice.
func TestNothingIsLostAndNothingSentTwice(t *testing.T) {
	w := ownWorld(t, "yamada-hanako")
	w.byHand(t, "131105")
	b := newBrowser(t, desktop, "ja")
	b.arrive("yamada-hanako", "1234", "花子", "目黒区")
	const at, form = "131105", "risai-shomei"
	draft := b.begun(at, form, damaged().but(answers{"repaired": false, "disaster": nil}))
	b.resumes(at, form, draft, "disaster_section")
	b.answer("disaster", "台風")

	// The session ends; what is typed then is there after the next login, in this tab.
	b.sees("下書きを保存しました")
	call(b, network.ClearBrowserCookies, cdp.Empty{})
	b.answer("disaster", "台風第10号")
	b.sees("ログアウトしました")
	b.bothSizes("lost-session")
	b.logIn("1234")
	b.at("/home")
	b.follow("/apply/" + at + "/" + form)
	b.until("what was typed", "document.getElementById('f-disaster')?.value === '台風第10号'")
	b.sees("下書きを保存しました")

	// Two tabs: what differs is shown on both sides, and the person decides.
	other := b.tab()
	other.open("/apply/" + at + "/" + form + "?draft=" + draft + "&step=disaster_section")
	other.until("the same draft", "document.getElementById('f-disaster')?.value === '台風第10号'")
	other.answer("disaster", "大雨")
	other.sees("下書きを保存しました")
	other.until("it is saved", "document.getElementById('apply-kept').innerText.includes('下書きを保存しました')")
	b.answer("disaster", "洪水")
	b.sees("違う内容が1つあります", "洪水", "大雨")
	b.inspect("two sides of an answer")
	b.bothSizes("lost-conflict")
	b.press("この画面の内容にする")
	b.until("no two sides", "!document.getElementById('apply-conflict')")

	// Back, forward and a reload.
	b.press("次へ")
	b.atStep("who_section")
	b.back()
	b.atStep("disaster_section")
	b.until("what was typed", "document.getElementById('f-disaster')?.value === '洪水'")
	b.forward()
	b.atStep("who_section")
	b.reload()
	b.atStep("who_section")
	b.until("an answer", "document.getElementById('f-head')?.value")
	b.sees("下書きを保存しました")

	// Pressed twice, while the portal is killed: one application.
	b.follow("/apply/" + at + "/" + form + "?draft=" + draft + "&step=photos")
	path := photo(t)
	for i, of := range []string{"front", "back", "left", "right"} {
		id := "photo_file-" + string(rune('0'+i))
		b.upload(id, path)
		b.answer("photo_of-"+string(rune('0'+i)), of)
	}
	b.press("次へ")
	b.atStep("survey_section")
	b.press("次へ")
	b.atStep("review")
	b.sees("まだ送られていません")
	portal := w.processes["portal"]
	if err := portal.command.Process.Signal(syscall.SIGSTOP); err != nil { // so that it has the call when it is killed
		t.Fatal(err)
	}
	eval[chromedp.Void](b, "(e => { e.click(); e.click() })(document.getElementById('apply-send'))")
	b.until("it is under way", "document.querySelector('#apply-send[aria-busy=true], #apply-send.button-busy')")
	if err := portal.command.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	<-portal.done
	if err := portal.start(); err != nil {
		t.Fatal(err)
	}
	b.until("it was sent", "location.pathname.startsWith('/applications/') || "+
		"document.getElementById('apply-waits')?.innerText.includes('受付番号は')")
	b.noneWaits()
	b.follow("/applications")
	b.until("one application", "document.querySelectorAll('.usage-entry').length === 1")
	b.bothSizes("lost-list")
}
