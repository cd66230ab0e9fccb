//go:build !js

package e2e_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/chromedp"
)

// handheld is a device by what it tells of itself.
type handheld struct {
	name, agent, platform string
	mobile                bool
	size                  size
}

var handhelds = []handheld{
	{
		"android", "Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 " +
			"Mobile Safari/537.36",
		"Linux armv81", true, phone,
	},
	{
		"iphone", "Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) " +
			"Version/18.5 Mobile/15E148 Safari/604.1",
		"iPhone", false, phone,
	},
	{
		// It says that it is a Mac.
		"ipad", "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) " +
			"Version/18.5 Safari/605.1.15",
		"MacIntel", false, size{820, 1180},
	},
}

// become has the browser be such a device: its name, its fingers, its size.
func (b *browser) become(h handheld) {
	b.t.Helper()
	agent := emulation.SetUserAgentOverrideParams{UserAgent: h.agent, Platform: h.platform}
	if h.mobile {
		agent.UserAgentMetadata = &emulation.UserAgentMetadata{Platform: "Android", Mobile: true}
	}
	call(b, emulation.SetUserAgentOverride, agent)
	points := int64(5)
	call(b, emulation.SetTouchEmulationEnabled, emulation.SetTouchEmulationEnabledParams{
		Enabled: true, MaxTouchPoints: points,
	})
	call(b, emulation.SetDeviceMetricsOverride, emulation.SetDeviceMetricsOverrideParams{
		Width: h.size.width, Height: h.size.height, DeviceScaleFactor: 1, Mobile: true,
	})
}

// atWork waits until the program has taken the page over.
func (b *browser) atWork() {
	b.t.Helper()
	b.until("the page at work", "document.documentElement?.dataset.ready")
}

// terminal are words that belong on no phone: commands, and a permission that nobody asked for.
var terminal = []string{"--origins", "make build", "ターミナル", "カードブリッジが見つかりません", "許可されています", "許可しています", "QR"}

// There is no bridge for a phone, and no page ends there: each says what can be done here, and how one logs in. No
// browser is made to ask for a permission.
func TestAPhoneHasNoDeadEnd(t *testing.T) {
	shared := ownWorld(t, "yamada-hanako")
	shared.lay(t, "yamada-hanako") // a bridge that answers, to see that nobody asks it
	for _, h := range handhelds {
		t.Run(h.name, func(t *testing.T) {
			b := newBrowser(t, h.size, "ja")
			b.become(h)
			knocks := b.knocks()
			for _, page := range []string{"/", "/login", "/prepare", "/help", "/environment"} {
				b.open(page)
				b.atWork()
				b.inspect(page)
				b.screenshot("phone-" + h.name + strings.ReplaceAll(page, "/", "_"))
				for _, words := range terminal {
					b.seesNot(words)
				}
			}
			b.open("/login")
			b.sees("かざしたカードを読めません", "カードリーダーをつないだパソコン", "窓口などに置かれた端末")
			b.until("no place for a PIN", "!document.getElementById('pin')")
			// A link that needs a login leads on, and the computer's address leads to the same page.
			for _, wanted := range []string{"/notice", "/account"} {
				b.open(wanted)
				b.sees("ログインが必要です")
				b.press("ログイン")
				b.at("/login")
				b.sees("見ようとしていたページへ進みます", shared.origin+wanted)
			}
			b.screenshot("phone-" + h.name + "-from-link")
			b.open("/login")
			b.atWork()
			for _, way := range []struct{ name, path string }{
				{"手続をさがす", "/procedures"}, {"できごとからさがす", "/guide"}, {"やること", "/todo"}, {"使い方を見る", "/help"},
				{"まどぐちをアプリとして入れる", "/prepare"},
			} {
				b.press(way.name)
				b.at(way.path)
				b.until("a heading", "document.querySelector('main h1')")
				b.back()
				b.at("/login")
			}
			b.forward()
			b.sees("ホーム画面やデスクトップから1回で開ける")
			b.follow("/todo")
			b.seesNot("ログインが必要です")
			if n := eval[int](b, knocks); n != 0 {
				t.Errorf("a bridge was asked for %d times", n)
			}
		})
	}
}

// knocks counts in every page from here on how often it asks for a bridge; the script it returns gives the sum for the
// pages of this tab.
func (b *browser) knocks() string {
	b.t.Helper()
	call(b, page.AddScriptToEvaluateOnNewDocument, page.AddScriptToEvaluateOnNewDocumentParams{Source: `{
		const fetching = window.fetch
		window.fetch = (to, ...rest) => {
			if (String(to.url ?? to).includes(` + quote(b.world.bridge) +
		`)) sessionStorage.setItem('knocks', 1 + Number(sessionStorage.getItem('knocks')))
			return fetching(to, ...rest)
		}
	}`})
	return "Number(sessionStorage.getItem('knocks'))"
}

// twiceAsLarge is what a person sets for the text of this page.
func (b *browser) twiceAsLarge() {
	b.t.Helper()
	eval[string](b, "document.documentElement.style.fontSize = '200%'")
}

// In every language and in the dark, before the program runs and after.
func TestAPhoneInEveryLanguage(t *testing.T) {
	ownWorld(t)
	b := newBrowser(t, phone, "ja")
	b.become(handhelds[0])
	for _, dark := range []bool{false, true} {
		if dark {
			b.dark()
		}
		for n, page := range []string{"/login", "/prepare"} {
			for i := range languages {
				language := languages[(n+i)%len(languages)]
				if i == 0 {
					b.openIn(language, page)
				} else {
					b.speak(language)
				}
				b.inspect(page + " in " + language)
				b.screenshot(fmt.Sprintf("phone-%s-%v%s", language, dark, strings.ReplaceAll(page, "/", "_")))
				if !dark {
					b.twiceAsLarge()
					b.inspect(page + " with large text in " + language)
					b.screenshot(fmt.Sprintf("phone-%s-large%s", language, strings.ReplaceAll(page, "/", "_")))
					eval[string](b, "document.documentElement.style.fontSize = ''")
				}
			}
		}
	}
	// Without the program: the page as it was written shows a phone the same.
	call(b, emulation.SetScriptExecutionDisabled, emulation.SetScriptExecutionDisabledParams{Value: true})
	b.open("/login?lang=ja")
	call(b, emulation.SetScriptExecutionDisabled, emulation.SetScriptExecutionDisabledParams{Value: false})
	const shown = "(e => !!e && e.checkVisibility())"
	b.until("the way for a computer, where nothing is known",
		shown+"(document.querySelector('.pad')) && !"+shown+"(document.querySelector('.without-card'))")
	eval[string](b, "document.documentElement.dataset.handheld = 'other'")
	b.until("the way for a phone",
		"!"+shown+"(document.querySelector('.pad')) && "+shown+"(document.querySelector('.without-card'))")
}

// A computer without a bridge sees how to get one first; the line for a terminal is folded away, and no permission is
// told.
func TestAComputerWithoutABridge(t *testing.T) {
	shared := ownWorld(t)
	bridge := shared.processes["bridge"]
	bridge.stop()
	t.Cleanup(func() {
		if err := bridge.start(); err != nil {
			t.Error(err)
		}
	})
	b := newBrowser(t, desktop, "ja")
	knocks := b.knocks()
	for _, s := range []struct {
		name string
		size size
	}{{"wide", desktop}, {"narrow", phone}} {
		b.resize(s.size)
		b.open("/login")
		b.sees("カードブリッジが見つかりません")
		b.until("a bridge to be asked for", knocks)
		b.hasNoPad()
		b.inspect("login without a bridge")
		b.screenshot("no-bridge-login-" + s.name)
		b.press("準備の案内を見る")
		b.at("/prepare")
		b.sees("カードブリッジの入れ方と起動のしかた", "まだ尋ねられていません")
		b.seesNot("許可しています")
		b.seesNot("許可を求められずに")
		b.until("the steps before the list", `(() => {
			const top = e => e.getBoundingClientRect().top
			return top(document.getElementById('prepare-bridge')) < top(document.querySelector('.check-list'))
		})()`)
		b.until("the line out of sight", "(e => e && !e.checkVisibility())(document.querySelector('.command'))")
		b.inspect("preparing without a bridge")
		b.screenshot("no-bridge-prepare-" + s.name)
		b.press("ターミナルで起動するときの1行")
		b.until("the line in sight", "document.querySelector('.command').checkVisibility()")
	}
}

// hasNoPad waits until nothing green and no place for digits is in sight.
func (b *browser) hasNoPad() {
	b.t.Helper()
	b.until("neither green nor a place for digits", `!document.querySelector('.picture-success, .status-success') &&
		![...document.querySelectorAll('#pin, .pad-key, #pad-go')].some(e => e.checkVisibility())`)
}

// A certificate that has ended is told before a PIN, and no PIN is asked for; a card that may be used may be laid at
// once.
func TestAnExpiredCertificateIsToldBeforeThePIN(t *testing.T) {
	shared := ownWorld(t, "kato-expired", "yamada-taro")
	shared.lay(t, "kato-expired")
	b := newBrowser(t, phone, "ja")
	for _, s := range []struct {
		name string
		size size
	}{{"narrow", phone}, {"wide", desktop}} {
		b.resize(s.size)
		for i, language := range languages {
			if i == 0 {
				b.openIn(language, "/login")
			} else {
				b.speak(language)
			}
			b.until("the end of the certificate", "document.querySelector('.status-failure')")
			b.hasNoPad()
			b.inspect("expired, " + language)
			b.screenshot("expired-" + s.name + "-" + language)
		}
		b.open("/prepare?lang=ja")
		b.sees("有効期限が切れています")
		b.seesNot("準備ができました")
		b.hasNoPad()
		b.screenshot("expired-prepare-" + s.name)
	}
	b.open("/login")
	b.sees("有効期限が切れています", "市区町村の窓口で、電子証明書を更新してください", "残り回数は減っていません")
	shared.take(t)
	b.sees("カードを置いてください")
	shared.renew(t, "yamada-taro")
	shared.lay(t, "yamada-taro")
	b.sees("マイナンバーカードを読めます", "あと3回")
}

// What the portal refuses is told in its own words, beside neither green nor a place for digits, until the card is
// lifted.
func TestAfterARefusalThereIsNoPad(t *testing.T) {
	shared := ownWorld(t, "ito-revoked", "kato-expired")
	for _, c := range []struct {
		name, person string
		late         time.Duration // how far behind this device's clock is
		sees         []string
	}{
		{"revoked", "ito-revoked", 0, []string{"電子証明書が失効しています", "市区町村の窓口"}},
		// This device takes it for good.
		{"expired", "kato-expired", 3 * 365 * 24 * time.Hour, []string{"電子証明書の有効期限が切れています", "市区町村の窓口"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			shared.renew(t, c.person)
			shared.lay(t, c.person)
			b := newBrowser(t, phone, "ja")
			if c.late > 0 {
				b.runLate(c.late)
			}
			b.logIn("1234")
			b.sees(c.sees...)
			b.hasNoPad()
			b.inspect("refused")
			b.until("the focus at the reason", "document.activeElement.id === 'pad-status'")
			b.screenshot("refused-" + c.name)
			b.resize(desktop)
			b.screenshot("refused-wide-" + c.name)
			b.resize(phone)
			// The other page of this tab knows it, too.
			b.press("困ったとき")
			b.press("準備")
			b.at("/prepare")
			b.sees(c.sees...)
			b.seesNot("準備ができました")
			b.hasNoPad()
			b.press("ログイン")
			b.at("/login")
			b.sees(c.sees...)
			b.hasNoPad()
			shared.take(t)
			b.sees("カードを置いてください")
			b.until("the reason gone with the card", "!"+visibleText+".includes("+quote(c.sees[0])+")")
			shared.lay(t, c.person)
			b.sees("あと3回")
			b.until("a place for digits", "document.getElementById('pin').checkVisibility()")
		})
	}
}

// touched has the page take the screen for one that is touched, or not.
func (b *browser) touched(on bool) {
	b.t.Helper()
	call(b, emulation.SetTouchEmulationEnabled, emulation.SetTouchEmulationEnabledParams{
		Enabled: on, MaxTouchPoints: 5,
	})
}

// runLate sets the clock of the pages behind.
func (b *browser) runLate(by time.Duration) {
	b.t.Helper()
	call(b, page.AddScriptToEvaluateOnNewDocument, page.AddScriptToEvaluateOnNewDocumentParams{Source: fmt.Sprintf(`{
		const Real = Date, late = %d
		globalThis.Date = class extends Real {
			constructor(...a) { if (a.length) { super(...a) } else { super(Real.now() - late) } }
			static now() { return Real.now() - late }
		}
	}`, by.Milliseconds())})
}

// The third wrong PIN locks: it is said once, with the way out, and nothing is left to type into.
func TestALockIsToldWithTheWayOut(t *testing.T) {
	shared := ownWorld(t, "kobayashi-ren")
	shared.renew(t, "kobayashi-ren")
	t.Cleanup(func() { shared.renew(t, "kobayashi-ren") })
	shared.lay(t, "kobayashi-ren")
	b := newBrowser(t, phone, "ja")
	b.open("/login")
	for _, left := range []string{"あと3回", "あと2回"} {
		b.sees(left)
		b.typePIN("0000")
		b.press("ログイン")
		b.sees("暗証番号が違います")
	}
	b.sees("カードを一度はなして、置きなおしてください")
	shared.take(t)
	b.sees("カードを置いてください")
	shared.lay(t, "kobayashi-ren")
	b.typePIN("0000")
	b.press("ログイン")
	b.press("この暗証番号で")
	b.sees("利用者証明用の暗証番号がロックされています", "市区町村の窓口")
	b.hasNoPad()
	b.until(
		"it said once", "[...document.querySelectorAll('main p')].filter(e => e.checkVisibility() && "+
			"e.textContent.includes('暗証番号がロックされています')).length === 1",
	)
	b.inspect("locked")
	b.screenshot("locked")

	// It leads to where it is reset; another PIN of the card is none the worse for it.
	b.press("再設定のしかたと窓口を見る")
	b.at("/pin")
	b.sees("ロックされています", "あと5回", "一部のコンビニ")
	b.press("署名用の暗証番号を変える")
	b.sees("マイナンバーカードを読めます", "あと5回")
	b.press("もどる")
	b.press("利用者証明用の暗証番号を変える")
	b.sees("利用者証明用の暗証番号がロックされています", "窓口の場所と電話")
	b.until("no form", "!document.getElementById('pin-form').checkVisibility()")

	// Where the device knows the municipality its own counter is there, with telephone and hours.
	b.open("/procedures?place=131105")
	b.sees("目黒区")
	b.until("the place to be remembered", "JSON.stringify({ ...localStorage }).includes('131105')")
	b.open("/pin/auth")
	b.sees("目黒区の窓口", "電話", "受付時間")
	b.until("a telephone", "!!document.querySelector('#pin-counter a[href^=\"tel:0\"]')")
	b.inspect("the counter of one's own municipality")
	b.screenshot("locked-counter")
	b.press("この窓口での再設定のしかたを見る")
	b.sees("暗証番号の再設定")
}

// While the card is at work, and when the digits were wrong, nothing on the page moves.
func TestWrongDigitsMoveNothing(t *testing.T) {
	shared := ownWorld(t, "kobayashi-ren")
	const places = `JSON.stringify(['h1', '.pad', '#pad-status', '#pin', '.pad-keys', '#pin-tries', '#pin-wait',
		'#pad-go', '#login-help'].map(s => {
		const e = document.querySelector(s), r = e.getBoundingClientRect()
		if (!e.checkVisibility()) return s
		return [s, Math.round(r.left + scrollX), Math.round(r.top + scrollY),
			Math.round(r.width), Math.round(r.height)].join(' ')
	}))`
	b := newBrowser(t, phone, "ja")
	for _, s := range []struct {
		name string
		size size
	}{{"narrow", phone}, {"wide", desktop}} {
		for _, language := range languages {
			shared.renew(t, "kobayashi-ren")
			shared.lay(t, "kobayashi-ren")
			b.resize(s.size)
			b.touched(s.size == phone)
			b.open("/login?lang=" + language)
			b.until("a field for digits", "(e => e && !e.disabled)(document.getElementById('pin'))")
			// A slow card gives time to look at the page while it is at work.
			shared.post(t, shared.reader+"/slow", form("milliseconds", "300"))
			t.Cleanup(func() { shared.post(t, shared.reader+"/slow", form("milliseconds", "0")) })
			if keys := b.holds("document.querySelector('.pad-keys').checkVisibility()"); keys != (s.size == phone) {
				t.Errorf("%s: keys are shown: %v", s.name, keys)
			}
			before := eval[string](b, places)
			eval[chromedp.Void](b, "document.getElementById('pin').focus()")
			b.keys("0000")
			eval[chromedp.Void](b, "document.getElementById('pad-go').click()")
			b.until("the card at work", "document.getElementById('pad-progress')?.checkVisibility()")
			during := eval[string](b, places)
			b.screenshot("at-work-" + s.name + "-" + language)
			b.until("the fault", "document.getElementById('pin-error').textContent !== ''")
			b.until("the tries that are left", "document.getElementById('pin-tries').textContent.includes('2')")
			after := eval[string](b, places)
			if before != during || before != after {
				t.Errorf("%s, %s: it moves\n%s\n%s\n%s", s.name, language, before, during, after)
			}
			b.until("the focus where one types again", "document.activeElement.id === 'pin'")
			b.inspect("wrong digits, " + language)
			b.screenshot("wrong-" + s.name + "-" + language)
			if s.size == phone {
				b.twiceAsLarge()
				b.inspect("wrong digits in large text, " + language)
				b.screenshot("wrong-large-" + language)
			}
			shared.post(t, shared.reader+"/slow", form("milliseconds", "0"))
			shared.take(t)
			b.until("the fault gone with the card", "document.getElementById('pin-error').textContent === ''")
		}
	}
}

// When the chosen card is lifted nobody takes the other one for it: the digits are gone, and it is asked anew, also by
// keyboard.
func TestTheChoiceIsAskedAnew(t *testing.T) {
	shared := ownWorld(t, "suzuki-umeko", "yamada-sakura")
	for _, person := range []string{"suzuki-umeko", "yamada-sakura"} {
		shared.renew(t, person)
	}
	shared.lay(t, "suzuki-umeko")
	shared.post(t, shared.reader+"/lay", form("reader", "1", "person", "yamada-sakura"))
	t.Cleanup(func() { shared.post(t, shared.reader+"/take", form("reader", "1")) })
	b := newBrowser(t, phone, "ja")
	b.open("/login")
	b.sees("使うカードを選んでください", "仮想カードリーダー 1", "仮想カードリーダー 2", "マイナンバーカードを読めます（あと3回）")
	b.until("no place to type yet", "document.getElementById('pin').disabled")
	b.press("仮想カードリーダー 1")
	b.sees("カードリーダー: 仮想カードリーダー 1")
	b.typePIN("12")
	shared.take(t)
	b.sees("選んだカードが外れました", "仮想カードリーダー 2")
	b.until("no digits", "(e => e.disabled && e.value === '')(document.getElementById('pin'))")
	b.inspect("one card left")
	b.screenshot("one-card-left")
	b.resize(desktop)
	b.screenshot("one-card-left-wide")
	b.tabTo("仮想カードリーダー 2")
	b.keys(" ")
	b.sees("カードリーダー: 仮想カードリーダー 2")
	b.until("a place to type", "!document.getElementById('pin').disabled")
	b.typePIN("1234")
	b.press("ログイン")
	b.until("the folder", "location.pathname !== '/login'")
}

// What another app shares comes to what it is for, and goes by nobody: an address of the portal with what stands behind
// it, words to be looked for.
func TestAPhoneSharesToThePortal(t *testing.T) {
	w := ownWorld(t)
	b := newBrowser(t, phone, "ja")
	b.become(handhelds[0])
	b.open("/")
	b.until("the service worker in charge", workerInCharge)
	b.open("/")
	b.atWork()
	ways := eval[string](b, "fetch('/manifest.webmanifest').then(r => r.json()).then(m => "+
		"m.shortcuts.map(s => s.url).join() + ' ' + m.share_target.action)")
	if ways != "/notice,/qr,/account,/prepare /shared" {
		t.Errorf("the app's ways in are %s", ways)
	}
	share := func(parts string) {
		b.t.Helper()
		eval[bool](b, `(() => {
			const form = document.createElement('form');
			Object.assign(form, { method: 'POST', action: '/shared', enctype: 'multipart/form-data' });
			for (const [name, value] of Object.entries(`+parts+`)) {
				form.append(Object.assign(document.createElement('input'), { name, value }));
			}
			document.body.append(form);
			setTimeout(() => form.submit());
			return true;
		})()`)
	}
	share(`{ title: '児童手当のこと', text: '児童手当 https://www.example.jp/x', url: '' }`)
	b.at("/procedures")
	b.until("the words in the address", "new URLSearchParams(location.search).get('q') === '児童手当'")
	b.sees("児童手当")
	const token = "AbCdEfGhIjKlMnOpQrSt_w"
	share(`{ text: 'コードです ` + w.origin + `/qr#` + token + `' }`)
	b.at("/qr")
	b.until("the token to be out of the address bar", "location.hash === ''")
	b.sees("コードを読み取りました。このスマホでログインすると、続きに進みます")
	if strings.Contains(w.processes["portal"].output.String(), token) {
		t.Error("the portal heard of what was shared")
	}
	share(`{ text: '` + strings.Replace(w.origin, "://", "://x@", 1) + `/home', url: 'https://www.example.jp/y' }`)
	b.at("/")
}

// The app's sign on the home screen has the number of the bell, and none when nobody is in.
func TestTheAppsSignCountsWhatIsUnread(t *testing.T) {
	w := ownWorld(t, "kobayashi-ren")
	b := newBrowser(t, phone, "ja")
	b.arrive("kobayashi-ren", "1234", "蓮", "目黒区")
	call(b, page.AddScriptToEvaluateOnNewDocument, page.AddScriptToEvaluateOnNewDocumentParams{
		Source: "navigator.setAppBadge = async n => { window.sign = n; throw new DOMException('no', 'NotAllowedError') }",
	})
	b.open("/home")
	b.until("a number that is the bell's", "window.sign > 0")
	w.sendNotice(t, form(
		"office", "131105", "person", "kobayashi-ren", "title", "図書館の予約資料が届きました", "body", "七日以内においでください。",
	))
	b.sees("図書館の予約資料が届きました")
	b.until("the number of all that is unread", "document.body.innerText.includes(`（未読${sign}件）`)")
	b.press("メニュー")
	b.press("ログアウト")
	b.sees("ログアウトしました")
	b.until("none", "sign === 0")
}

// narrowTargets are what fingers press and is smaller than 44 px (CSS) in either way; 24 px for the links of a
// line that leads back, and for the map, beside which the same stands as a list. Links within a text are as
// high as the text.
const narrowTargets = `[...document.querySelectorAll('button, .button, select, textarea, summary, input, nav a, ' +
		'[role=button], [role=tab]')]
	.filter(e => e.checkVisibility({ visibilityProperty: true, opacityProperty: true }) && !e.closest('[inert]'))
	.map(e => {
		const label = e.matches('input[type=checkbox], input[type=radio]') && e.labels[0] || e
		const { width, height } = label.getBoundingClientRect()
		const way = e.tagName.toLowerCase() + '#' + e.id + '.' + e.className + ' “' +
			e.textContent.trim().slice(0, 20) + '” ' + Math.round(width) + '×' + Math.round(height)
		return { least: e.closest('nav') && e.matches('a') ? 24 : 43.5, width, height, way }
	})
	.filter(({ width, height, least }) => Math.min(width, height) > 1 && Math.min(width, height) < least) // 1 px: unseen
	.map(({ way }) => way)`

// Every page that has an address, as somebody who is in sees it on a phone: nothing to be scrolled sideways,
// nothing too small for a finger.
func TestAPhoneGoesTheWholeWay(t *testing.T) {
	ownWorld(t, "suzuki-umeko")
	b := newBrowser(t, phone, "ja")
	b.arrive("suzuki-umeko", "1234", "梅子", "目黒区")
	b.become(handhelds[0])
	pages := addresses(t, func(r route) bool { return (r.isFor("") || r.isFor("citizen")) && !r.Alone })
	if len(pages) < 30 {
		t.Errorf("%d pages", len(pages))
	}
	for _, address := range pages {
		if address == "/login" || address == "/login/qr" || address == "/account/open" {
			continue // they lead who is in to the home page
		}
		b.openIn("ja", address)
		b.until("a heading", "document.querySelector('main h1')")
		if got := eval[int](b, "document.documentElement.scrollWidth"); got > 360 {
			t.Errorf("%s is %d px wide", address, got)
		}
		if small := eval[[]string](b, narrowTargets); len(small) > 0 { // it may not be drawn whole
			b.until(fmt.Sprintf("%s to be large enough for fingers: %s", address, strings.Join(small, ", ")),
				"!("+narrowTargets+").length")
		}
	}
}

// The one action of a page stands in the text, after what everybody asks first, and covers nothing of the first screen.
// While its place is out of sight it lies at the bottom of the screen, and nothing moves for that.
func TestTheActionOfAPageIsInReach(t *testing.T) {
	ownWorld(t)
	b := newBrowser(t, phone, "ja")
	b.early(`window.moved = []
new PerformanceObserver(list => { for (const e of list.getEntries()) moved.push(e.value + ' at ' + scrollY + ': ' +
  e.sources.map(s => [s.node?.className, s.node?.nodeName, JSON.stringify(s.previousRect), JSON.stringify(s.currentRect)].join(' ')).join(', ')) })
  .observe({ type: 'layout-shift', buffered: true })`)
	b.open("/procedures/131105/P0001")
	b.until("the way to the form", "document.querySelector('.rail-action a[href^=\"/apply/\"]')")
	const (
		action = "document.querySelector('.rail-action')"
		inText = action + ".getBoundingClientRect().top >= " +
			"document.querySelector('.rail-answers').getBoundingClientRect().bottom && " +
			action + ".getBoundingClientRect().bottom <= " +
			"document.querySelector('.detail-body').getBoundingClientRect().top"
	)
	if !b.holds(inText) {
		t.Error("the action does not stand in the text")
	}
	eval[chromedp.Void](b, "moved.length = 0") // how it loads is another test's
	for range 2 {
		for _, at := range []int{900, 1600} {
			eval[chromedp.Void](b, fmt.Sprintf("scrollTo(0, %d)", at))
			b.until("the action at the bottom of the screen",
				"Math.abs("+action+".getBoundingClientRect().bottom - innerHeight) < 2")
		}
		eval[chromedp.Void](b, "scrollTo(0, 0)")
		b.until("the action in the text", inText)
	}
	if moved := eval[[]string](b, "moved"); len(moved) > 0 {
		t.Errorf("the page moved: %s", strings.Join(moved, "\n"))
	}
	// As Lighthouse looks at it: with what is going to change, its link and all, on the first screen.
	b.resize(size{412, 823})
	b.openIn("ja", "/procedures/131105/P0012")
	b.until("what is going to change", "document.querySelector('#procedure-coming a')")
	b.inspect("a procedure's first screen")
}
