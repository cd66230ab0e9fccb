package keys_test

import (
	"os"
	"strings"
	"testing"
	"time"

	"madoguchi/backend/store/keys"
)

// A file from before there was a purpose gets a key for it, once; the others stay.
func TestAFileFromBeforeGetsTheKeyThatCameLater(t *testing.T) {
	f := makeFile(t, newClock())
	whole, err := os.ReadFile(f.Path())
	if err != nil {
		t.Fatal(err)
	}
	// The last key of the file is that of the purpose that came last.
	text, last := string(whole), keys.Purposes[len(keys.Purposes)-1].Purpose
	begins := strings.LastIndex(text, ",\n    {")
	if begins < 0 || !strings.Contains(text[begins:], `"`+string(last)+`"`) {
		t.Fatal("the file has another form")
	}
	before := text[:begins] + "\n  ]\n}\n"
	if err := os.WriteFile(f.Path(), []byte(before), 0o600); err != nil {
		t.Fatal(err)
	}
	opened, err := keys.Open(f.Path(), time.Now)
	if err != nil {
		t.Fatal(err)
	}
	sealed := opened.Ring(last).Sum([]byte("x"))
	if f.Ring(last).Verify(sealed, []byte("x")) {
		t.Error("the key is the one that was taken out")
	}
	again, err := keys.Open(f.Path(), time.Now)
	if err != nil || !again.Ring(last).Verify(sealed, []byte("x")) ||
		!again.Ring(keys.Cookie).Verify(f.Ring(keys.Cookie).Sum([]byte("y")), []byte("y")) {
		t.Errorf("the keys changed again: %v", err)
	}
}
