//go:build linux

package e2e_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"testing"

	"madoguchi/bridge/pcscdtest"
)

// The whole way with nothing virtual but the card itself: page, bridge, the real pcscd, a reader's driver, a card that
// dialled in.
func TestLoginThroughPCSC(t *testing.T) {
	w := ownWorld(t, "yamada-sakura")
	pcscdtest.Start(t)
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

	b := newBrowser(t, phone, "ja")
	b.open("/login")
	b.sees("カードを置いてください")
	insert(t, "yamada-sakura")
	b.sees("あと3回")
	b.seesNot("仮想のカードリーダー")
	b.typePIN("0000")
	b.press("ログイン")
	b.sees("暗証番号が違います", "あと2回")
	b.typePIN("1234")
	b.press("ログイン")
	b.until("the folder or its opening", "['/account/open', '/home'].includes(location.pathname)")
}

// insert puts a card into the first reader of vpcd with the bridge's own command, until the test ends.
func insert(t *testing.T, person string) {
	t.Helper()
	card := exec.Command(built("bridge"), "card", "--vpcd", pcscdtest.Slots[0], "--person", person, "--state",
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
