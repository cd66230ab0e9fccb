//go:build !js

package vault

import (
	"errors"
	"testing"
)

// What one device hands on, every other one reads where the same card was laid or the same passkey used; nobody else
// does, and not a device that neither was shown to.
func TestWhatOwnDevicesHandOneAnother(t *testing.T) {
	begin(t)
	card, made := []byte("certificate"), "by the card"
	offerCard := func() {
		t.Helper()
		salt, err := CardSalt(t.Context(), card)
		if err != nil || salt == nil {
			t.Fatal(salt, err)
		}
		if err := OfferCard(t.Context(), card, salt, secretOf(made)); err != nil {
			t.Fatal(err)
		}
	}
	sealed := func() [][]byte {
		t.Helper()
		all, err := SealForOwn(t.Context(), []byte("heads"), "heads")
		if err != nil {
			t.Fatal(err)
		}
		return all
	}
	reads := func(sealed []byte, of string) string {
		plain, err := OpenFromOwn(t.Context(), sealed, of)
		if err != nil {
			return err.Error()
		}
		return string(plain)
	}

	if _, err := SealForOwn(t.Context(), nil, "heads"); !errors.Is(err, ErrLocked) {
		t.Errorf("handed on by a locked vault: %v", err)
	}
	enter(t, "by session alone", "s0")
	if _, err := SealForOwn(t.Context(), nil, "heads"); !errors.Is(err, ErrNoOwn) {
		t.Errorf("handed on without a key: %v", err)
	}
	Lock()
	offerCard()
	enter(t, "first device", "s1")
	first := sealed()
	if len(first) != 1 || reads(first[0], "heads") != "heads" || reads(first[0], "else") != ErrNoOwn.Error() {
		t.Errorf("%q", first)
	}
	Lock()

	offerCard2 := func() { // another device has no wrap of this card yet, and so asks for the same
		t.Helper()
		Clear()
		offerCard()
	}
	offerCard2()
	enter(t, "second device", "s2")
	if got := reads(first[0], "heads"); got != "heads" {
		t.Errorf("the second device reads %s", got)
	}
	bent := append([]byte(nil), first[0]...)
	bent[len(bent)-1] ^= 1
	if got := reads(bent, "heads"); got != ErrNoOwn.Error() {
		t.Errorf("what somebody bent is read: %s", got)
	}

	// A passkey joins: from then on what is handed on can be read by its phone, too.
	if err := OfferPasskey(t.Context(), []byte("phone"), secretOf("by the phone")); err != nil {
		t.Fatal(err)
	}
	enter(t, "second device", "s2")
	both := sealed()
	if len(both) != 2 {
		t.Fatalf("sealed %d times", len(both))
	}
	Lock()
	Clear()
	if err := OfferPasskey(t.Context(), []byte("phone"), secretOf("by the phone")); err != nil {
		t.Fatal(err)
	}
	enter(t, "phone", "s3")
	if reads(both[0], "heads") != "heads" || reads(both[1], "heads") == "heads" {
		t.Error("the phone reads not what was sealed for it alone")
	}
	Lock()
	if err := OpenByPasskey(t.Context(), []byte("phone"), secretOf("by the phone")); err != nil {
		t.Fatal(err)
	}
	if got := reads(both[0], "heads"); got != "heads" {
		t.Errorf("opened by the passkey alone it reads %s", got)
	}

	// Somebody else's card reads nothing.
	Lock()
	Clear()
	made = "by another card"
	offerCard()
	enter(t, "somebody's", "s4")
	if got := reads(first[0], "heads"); got != ErrNoOwn.Error() {
		t.Errorf("somebody else reads %s", got)
	}
}

// A vault that the card opens by another salt, as they were once, gets the one for all with the next login.
func TestAnOlderVaultGetsTheKeyForOwnDevices(t *testing.T) {
	begin(t)
	card := []byte("certificate")
	if err := OfferCard(t.Context(), card, make([]byte, saltSize), secretOf("by the old salt")); err != nil {
		t.Fatal(err)
	}
	enter(t, "hanako", "s1")
	put(t, letter, "a", "一")
	Lock()
	salt, err := CardSalt(t.Context(), card)
	if err != nil || salt == nil {
		t.Fatalf("the card is not asked again: %v", err)
	}
	if err := OfferCard(t.Context(), card, salt, secretOf("by the new salt")); err != nil {
		t.Fatal(err)
	}
	enter(t, "hanako", "s1")
	Lock()
	if salt, err := CardSalt(t.Context(), card); err != nil || salt != nil {
		t.Errorf("the card is asked for ever: %v, %v", salt, err)
	}
	derive := func([]byte) ([]byte, error) { return secretOf("by the new salt"), nil }
	if err := OpenByCard(t.Context(), card, derive); err != nil || got(t, letter, "a") != "一" {
		t.Error(err)
	}
}

// Of many keys the oldest goes.
func TestKeysForOwnDevicesDoNotPileUp(t *testing.T) {
	begin(t)
	for i := range mostOwn + 3 {
		if err := OfferPasskey(t.Context(), []byte{byte(i)}, secretOf(string(rune('a'+i)))); err != nil {
			t.Fatal(err)
		}
		enter(t, "hanako", "s1")
	}
	sealed, err := SealForOwn(t.Context(), []byte("x"), "heads")
	if err != nil || len(sealed) != mostOwn || len(Passkeys(t.Context())) != mostOwn+3 {
		t.Errorf("%d keys, %d ways in, %v", len(sealed), len(Passkeys(t.Context())), err)
	}
}
