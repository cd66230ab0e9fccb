package softcard_test

import (
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"madoguchi/bridge/apdu"
	"madoguchi/bridge/jpki"
	"madoguchi/bridge/softcard"
	"madoguchi/bridge/softcard/softcardtest"
)

func TestStateLasts(t *testing.T) {
	path := filepath.Join(t.TempDir(), "cards", "yamada-hanako.json")
	hanako := softcardtest.Person(t, "yamada-hanako")
	with := func(use func(*jpki.Card, *softcard.Card)) {
		t.Helper()
		state, err := softcard.OpenState(path)
		if err != nil {
			t.Fatal(err)
		}
		defer state.Close()
		card, err := softcard.NewCard(hanako, state, time.Now)
		if err != nil {
			t.Fatal(err)
		}
		use(jpki.Attach(card), card)
	}
	with(func(c *jpki.Card, _ *softcard.Card) {
		if err := c.ChangePIN(t.Context(), jpki.SignPIN, []byte(hanako.SignPIN), []byte("CHANGED1")); err != nil {
			t.Fatal(err)
		}
		if err := c.Verify(t.Context(), jpki.AuthPIN, []byte("0000")); !errors.Is(err, jpki.ErrWrongPIN) {
			t.Fatal(err)
		}
	})
	with(func(c *jpki.Card, _ *softcard.Card) {
		if left, err := c.TriesLeft(t.Context(), jpki.AuthPIN); err != nil || left != 2 {
			t.Errorf("%d tries left after opening again, %v", left, err)
		}
		if err := c.Verify(t.Context(), jpki.SignPIN, []byte("CHANGED1")); err != nil {
			t.Errorf("the changed PIN: %v", err)
		}
		for range 2 {
			if err := c.Verify(t.Context(), jpki.AuthPIN, []byte("0000")); err == nil {
				t.Fatal("a wrong PIN was right")
			}
		}
	})
	with(func(c *jpki.Card, card *softcard.Card) {
		var e *jpki.Error
		err := c.Verify(t.Context(), jpki.AuthPIN, []byte(hanako.AuthPIN))
		if !errors.As(err, &e) || e.Status != apdu.StatusReferenceUnusable {
			t.Errorf("a locked card, opened again: %v", err)
		}
		if err := card.Renew(); err != nil {
			t.Fatal(err)
		}
	})
	with(func(c *jpki.Card, _ *softcard.Card) {
		if err := c.Verify(t.Context(), jpki.AuthPIN, []byte(hanako.AuthPIN)); err != nil {
			t.Errorf("a renewed card: %v", err)
		}
		if err := c.Verify(t.Context(), jpki.SignPIN, []byte(hanako.SignPIN)); err != nil {
			t.Errorf("a renewed card: %v", err)
		}
	})
}

func TestStateBelongsToOne(t *testing.T) {
	path := filepath.Join(t.TempDir(), "card.json")
	first, err := softcard.OpenState(path)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := softcard.OpenState(path); !errors.Is(err, softcard.ErrStateHeld) {
		t.Errorf("opened twice in one process: %v", err)
	}
	// Another process: flock(1) takes the same kind of lock.
	if err := exec.Command("flock", "--nonblock", path+".lock", "true").Run(); err == nil {
		t.Error("another process could take the lock")
	}
	if err := first.Close(); err != nil {
		t.Fatal(err)
	}
	second, err := softcard.OpenState(path)
	if err != nil {
		t.Fatalf("after closing: %v", err)
	}
	second.Close()
}

func TestStateThatCannotBe(t *testing.T) {
	for name, content := range map[string]string{
		"empty":            "",
		"cut short":        `{"version":1,"person":"yamada-hanako","pins":{"au`,
		"another version":  `{"version":2,"person":"yamada-hanako","pins":{}}`,
		"somebody else's":  `{"version":1,"person":"yamada-taro","pins":{}}`,
		"without PINs":     `{"version":1,"person":"yamada-hanako","pins":{}}`,
		"with a null":      `{"version":1,"person":"yamada-hanako","pins":{"auth":null}}`,
		"with too many":    `{"version":1,"person":"yamada-hanako","pins":{"auth":{"value":"1234","tries":4}}}`,
		"with less than 0": `{"version":1,"person":"yamada-hanako","pins":{"auth":{"value":"1234","tries":-1}}}`,
	} {
		t.Run(name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "card.json")
			write(t, path, []byte(content))
			state, err := softcard.OpenState(path)
			if err != nil {
				t.Fatal(err)
			}
			defer state.Close()
			if _, err := softcard.NewCard(softcardtest.Person(t, "yamada-hanako"), state, time.Now); err == nil {
				t.Error("the card took it")
			}
			if b, err := os.ReadFile(path); err != nil || string(b) != content {
				t.Errorf("the file was changed to %q, %v", b, err)
			}
		})
	}
}

// A card that cannot write what it counted does not say that a PIN is right, and has lost the try.
func TestStateThatCannotBeWritten(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "cards")
	path := filepath.Join(dir, "card.json")
	state, err := softcard.OpenState(path)
	if err != nil {
		t.Fatal(err)
	}
	defer state.Close()
	card, err := softcard.NewCard(softcardtest.Person(t, "yamada-hanako"), state, time.Now)
	if err != nil {
		t.Fatal(err)
	}
	transmit(t, card, selectJPKI)
	transmit(t, card, authPIN)
	if err := os.RemoveAll(dir); err != nil {
		t.Fatal(err)
	}
	if _, status := transmit(t, card, wrong); status != 0x6581 {
		t.Errorf("status %s, want 6581", status)
	}
	if _, status := transmit(t, card, right); status != 0x6581 {
		t.Errorf("the right one: status %s, want 6581", status)
	}
	if _, status := transmit(t, card, ask); status != apdu.StatusTries(1) {
		t.Errorf("status %s, want 63C1", status)
	}
	transmit(t, card, authKey)
	if _, status := transmit(t, card, signAB); status != apdu.StatusNotVerified {
		t.Errorf("signing: status %s, want 6982", status)
	}
}
