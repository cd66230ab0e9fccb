//go:build !js

package e2e_test

import (
	"strings"
	"testing"
)

// logIn goes the way from the login page with a card on the reader to wherever the person arrives.
func (b *browser) logIn(pin string) {
	b.t.Helper()
	b.open("/login")
	b.sees("あと3回")
	b.typePIN(pin)
	b.press("ログイン")
}

// typePIN types digits as a person does after a click into the field.
func (b *browser) typePIN(pin string) {
	b.t.Helper()
	b.fill("暗証番号", pin)
}

// arrive logs a person in and opens the folder if it is the first time.
func (b *browser) arrive(person, pin, name, municipality string) {
	b.t.Helper()
	b.world.lay(b.t, person)
	b.logIn(pin)
	b.until("the folder or the top page", "['/account/open', '/home'].includes(location.pathname)")
	if strings.HasPrefix(b.path(), "/account/open") {
		b.openFolder(name, "", municipality)
		b.press("ホームへ")
	}
	b.at("/home")
	b.sees(name + "さん")
}

// openFolder fills the steps of the first login.
func (b *browser) openFolder(name, mail, municipality string) {
	b.t.Helper()
	b.press("利用規約に同意")
	b.press("次へ")
	b.fill("表示する名前", name)
	if mail != "" {
		b.fill("メールアドレス", mail)
	}
	b.fill("お住まいの市区町村", municipality)
	b.press(municipality)
	b.press("次へ")
	b.sees(name, municipality)
	b.press("開設する")
	b.sees("開設しました")
}

func TestWholeWayFromFirstPageToNotices(t *testing.T) {
	w := ownWorld(t, "yamada-hanako")
	b := newBrowser(t, desktop, "ja")
	b.open("/")
	b.sees("まどぐち")
	b.screenshot("top-desktop")
	b.press("ログイン")
	b.at("/login")
	b.sees("カード")
	b.screenshot("login-no-card")
	w.lay(t, "yamada-hanako")
	b.sees("あと3回")
	b.typePIN("1234")
	b.screenshot("login-ready")
	b.press("ログイン")
	b.at("/account/open")
	b.screenshot("open-folder")
	b.openFolder("花子", "hanako@example.jp", "目黒区")
	b.press("ホームへ")
	b.at("/home")
	b.sees("こんにちは、花子さん", "目黒区")
	b.screenshot("home-desktop")

	// The offices hear of the new folder and write; what they ask for comes without a reload.
	b.sees("指定医療機関を予約して接種を受ける")
	b.press("お知らせ")
	b.at("/notice")
	b.sees("目黒区", "予防接種")
	b.screenshot("notices-desktop")
	b.press("予防接種")
	b.until("one notice", "location.pathname.startsWith('/notice/')")
	b.sees("目黒区", "予防接種")
	b.screenshot("notice-desktop")

	// The mail address is confirmed by the link of the mail, in any browser.
	elsewhere := newBrowser(t, phone, "ja")
	elsewhere.open(mailedLink(t, "hanako@example.jp", "/account/confirm"))
	elsewhere.sees("確認しました")
	if !elsewhere.holds("location.pathname === '/account/confirm' && location.search === '' && location.hash === ''") {
		t.Errorf("the token stays in the address bar: %s", elsewhere.path())
	}

	// A second login finds the folder.
	b.press("花子さん")
	b.press("ログアウト")
	b.sees("ログアウトしました")
	b.logIn("1234")
	b.at("/home")
	b.sees("こんにちは、花子さん")
}

func TestWrongPINTwiceThenRight(t *testing.T) {
	w := ownWorld(t, "kobayashi-ren")
	w.lay(t, "kobayashi-ren")
	b := newBrowser(t, phone, "ja")
	b.touched(true)
	b.open("/login")
	b.sees("あと3回")
	// By the keys on the page; and full-width digits, as some keyboards give them.
	holds := func(pin string) {
		b.until("the field to hold "+pin, "document.getElementById('pin').value === "+quote(pin))
	}
	for _, key := range []string{"0", "9", "1文字消す", "7"} {
		b.press(key)
	}
	holds("07")
	b.paste("pin", "０x０00９")
	holds("0000")
	b.press("ログイン")
	b.sees("暗証番号が違います", "あと2回")
	holds("")
	b.screenshot("wrong-pin")
	// The next try waits a moment.
	b.typePIN("0000")
	b.press("ログイン")
	b.sees("あと1回")
	// The last one wants the card laid again, and the page goes on by itself.
	b.sees("カードを一度はなして、置きなおしてください")
	b.screenshot("lay-again")
	w.take(t)
	b.sees("カードを置いてください")
	w.lay(t, "kobayashi-ren")
	b.typePIN("1234")
	b.press("ログイン")
	// It asks first, too.
	b.sees("最後の1回")
	b.screenshot("last-try")
	b.press("もどる")
	b.until("the dialog gone and the focus back",
		"!document.querySelector('dialog[open]') && document.activeElement !== document.body")
	b.typePIN("1234")
	b.press("ログイン")
	b.sees("最後の1回")
	b.press("この暗証番号で")
	b.until("the folder", "location.pathname !== '/login'")
	if p := b.path(); !strings.HasPrefix(p, "/account/open") && p != "/home" {
		t.Errorf("arrived at %s", p)
	}
}

func TestTroubleAtTheReader(t *testing.T) {
	w := ownWorld(t, "sato-locked", "old-juki", "transit", "nakamura-nocert", "ito-revoked", "kato-expired")
	first := newBrowser(t, phone, "ja")
	for _, c := range []struct {
		name, person string
		pin          string
		sees         []string
	}{
		{"locked card", "sato-locked", "", []string{"ロックされています", "市区町村の窓口"}},
		{"old 住基 card", "old-juki", "", []string{"住民基本台帳カード"}},
		{"not a My Number Card", "transit", "", []string{"マイナンバーカードではありません"}},
		{"no certificate", "nakamura-nocert", "", []string{"電子証明書"}},
		{"revoked certificate", "ito-revoked", "1234", []string{"失効"}},
		{"expired certificate", "kato-expired", "", []string{"有効期限"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			w.lay(t, c.person)
			b := first.tabFor(t)
			b.open("/login")
			if c.pin != "" {
				b.sees("あと3回")
				b.typePIN(c.pin)
				b.press("ログイン")
			}
			b.sees(c.sees...)
			b.hasNoPad()
			b.screenshot("trouble-" + c.person)
			if !strings.HasPrefix(b.path(), "/login") {
				t.Errorf("at %s", b.path())
			}
		})
	}
}

func TestNoReaderThenReader(t *testing.T) {
	w := ownWorld(t, "suzuki-umeko")
	for _, reader := range []string{"0", "1"} {
		w.post(t, w.reader+"/unplug", form("reader", reader))
	}
	plug := func() {
		for _, reader := range []string{"0", "1"} {
			w.post(t, w.reader+"/plug", form("reader", reader))
		}
	}
	t.Cleanup(plug)
	b := newBrowser(t, phone, "ja")
	b.open("/login")
	b.sees("カードリーダーが見つかりません")
	b.screenshot("no-reader")
	plug()
	b.sees("カードを置いてください")
	w.lay(t, "suzuki-umeko")
	b.sees("あと3回")
}

func TestNoBridgeThenBridge(t *testing.T) {
	w := ownWorld(t)
	bridge := w.processes["bridge"]
	bridge.stop()
	restarted := false
	restart := func() {
		if restarted {
			return
		}
		restarted = true
		if err := bridge.start(); err != nil {
			t.Error(err)
		}
	}
	t.Cleanup(restart)
	b := newBrowser(t, phone, "ja")
	b.open("/login")
	b.sees("カードブリッジ", "起動")
	b.screenshot("no-bridge")
	restart()
	b.sees("カードを置いてください")
}

func TestCardPulledOutDuringLogin(t *testing.T) {
	w := ownWorld(t, "takahashi-shacho")
	w.lay(t, "takahashi-shacho")
	b := newBrowser(t, phone, "ja")
	b.open("/login")
	b.sees("あと3回")
	// A slow card gives time to pull it out between two commands.
	w.post(t, w.reader+"/slow", form("milliseconds", "700"))
	t.Cleanup(func() { w.post(t, w.reader+"/slow", form("milliseconds", "0")) })
	b.typePIN("1234")
	b.press("ログイン")
	b.sees("読み取")
	w.take(t)
	b.sees("カードが外れ")
	b.screenshot("card-pulled")
	w.post(t, w.reader+"/slow", form("milliseconds", "0"))
	w.lay(t, "takahashi-shacho")
	b.sees("あと3回")
	b.typePIN("1234")
	b.press("ログイン")
	b.until("the folder", "location.pathname !== '/login'")
}

// A link into the portal leads there, also when a login and the first registration come in between.
func TestDeepLinkSurvivesTheFirstLogin(t *testing.T) {
	w := ownWorld(t, "yamada-sakura")
	w.lay(t, "yamada-sakura")
	b := newBrowser(t, phone, "ja")
	b.open("/notice")
	b.sees("ログインが必要です")
	b.press("ログイン")
	b.at("/login")
	b.sees("あと3回")
	b.typePIN("1234")
	b.press("ログイン")
	b.at("/account/open")
	b.openFolder("さくら", "", "目黒区")
	b.press("見ようとしていたページへ")
	b.at("/notice")
	b.sees("目黒区")
}
