//go:build linux

package e2e_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"madoguchi/bridge/pcscdtest"
)

// The whole way with nothing virtual but the card itself: page, bridge, the real pcscd, a reader's driver, a card that
// dialled in.
func TestLoginThroughPCSC(t *testing.T) {
	w := ownWorld(t, "yamada-sakura")
	pcscdtest.Start(t)
	w.usePCSC(t)
	b := newBrowser(t, phone, "ja")
	b.open("/login")
	b.sees("カードを置いてください")
	insert(t, pcscdtest.Slots[0], "yamada-sakura")
	b.sees("あと3回")
	b.seesNot("仮想のカードリーダー")
	b.typePIN("0000")
	b.press("ログイン")
	b.sees("暗証番号が違います", "あと2回")
	b.typePIN("1234")
	b.press("ログイン")
	b.until("the folder or its opening", "['/account/open', '/home'].includes(location.pathname)")
}

// A reader with keys of its own: nothing is typed on the page, which says where to type, and what came of it; the PIN
// is changed there, too. The one for signing has letters and is typed on the page.
func TestPINsOnAReaderWithKeysThroughPCSC(t *testing.T) {
	w := ownWorld(t, "yamada-taro")
	keypad := pcscdtest.StartKeypad(t)
	w.usePCSC(t)
	b := newBrowser(t, phone, "ja")
	b.open("/login")
	b.sees("カードを置いてください")
	insert(t, pcscdtest.KeypadSlot, "yamada-taro")
	b.sees("あと3回", "カードリーダー: "+pcscdtest.KeypadReader, "リーダーのキーで入力する", "この画面には入力しません")
	noField := func(id string) {
		t.Helper()
		b.until("no field to type into", "(e => !e || !e.checkVisibility())(document.getElementById('"+id+"'))")
	}
	ready := func(id string) {
		t.Helper()
		b.until("the next try to be taken", "!document.getElementById('"+id+"').disabled")
	}
	noField("pin")
	b.inspect("a reader with keys")

	keypad.Press(pcscdtest.Cancel)
	ready("pad-go")
	b.press("ログイン")
	b.sees("リーダーのキーでの入力が終わりませんでした", "残り回数は減っていません", "あと3回")
	b.screenshot("pcsc-keys-cancelled")
	keypad.Press(pcscdtest.Nothing)
	ready("pad-go")
	b.press("ログイン")
	b.wait("the reader to have asked twice", func() bool { return len(keypad.Shown()) == 2 })
	b.sees("リーダーのキーでの入力が終わりませんでした", "あと3回")
	ready("pad-go")
	keypad.Press("0000")
	b.press("ログイン")
	b.sees("暗証番号が違います", "あと2回")
	noField("pin")
	b.inspect("a wrong PIN on the reader's keys")
	b.screenshot("pcsc-keys-wrong")
	ready("pad-go")
	b.press("ログイン")
	b.sees("カードリーダーのキーで暗証番号を入力してください")
	b.screenshot("pcsc-keys-typing")
	keypad.Press("1234")
	// Once on a device the card makes a key, too, for what is kept here: for that the PIN is typed again.
	b.sees("もう一度リーダーのキーで入力してください")
	b.screenshot("pcsc-keys-again")
	keypad.Press("1234")
	b.until("the folder or its opening", "['/account/open', '/home'].includes(location.pathname)")

	b.open("/pin/auth")
	b.sees("あと3回", "リーダーのキーで入力する", "の順にリーダーのキーで入力します")
	noField("pin-old")
	noField("pin-new")
	keypad.Press("1234", "5713", "5731")
	ready("pin-go")
	b.press("暗証番号を変える")
	b.sees("リーダーのキーでの入力が終わりませんでした", "暗証番号は変わっていません")
	b.screenshot("pcsc-keys-differ")
	keypad.Press("1234", "5713", "5713")
	ready("pin-go")
	b.press("暗証番号を変える")
	b.sees("利用者証明用の暗証番号を変えました", "カードが新しい暗証番号を受け取りました")
	b.open("/pin/auth")
	b.sees("あと3回")
	noField("pin-old")
	keypad.Press("1234")
	ready("pin-go")
	b.press("暗証番号を変える")
	b.sees("いまの暗証番号が違います（あと2回）", "控えの紙")
	b.inspect("a wrong PIN on the reader's keys, to change it")

	b.open("/pin/sign")
	b.sees("リーダーのキーでは入力できません")
	b.until("the fields", "document.getElementById('pin-old').checkVisibility()")
	for _, line := range keypad.Shown() {
		if !strings.Contains(line, "4-4 digits") {
			t.Errorf("the reader showed %q", line)
		}
	}
	if n := len(keypad.Shown()); n != 12 {
		t.Errorf("the reader asked %d times: %q", n, keypad.Shown())
	}
}

// usePCSC has the bridge use the readers of PC/SC until the test ends.
func (w *world) usePCSC(t *testing.T) {
	t.Helper()
	virtual := w.processes["bridge"]
	virtual.stop()
	t.Cleanup(func() {
		if err := virtual.start(); err != nil {
			t.Error(err)
		}
	})
	bridge := &process{
		path: virtual.path, health: virtual.health, origin: virtual.origin,
		environment: append(slices.Clone(virtual.environment), "BRIDGE_VIRTUAL=false"),
	}
	if err := bridge.start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(bridge.stop)
}

// insert puts a card into a reader with the bridge's own command, until the test ends.
func insert(t *testing.T, slot, person string) {
	t.Helper()
	card := exec.Command(built("bridge"), "card", "--vpcd", slot, "--person", person, "--state",
		filepath.Join(t.TempDir(), "cards"))
	card.Stderr = os.Stderr
	if err := card.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = card.Process.Kill()
		_ = card.Wait()
	})
}
