package proof

import (
	"errors"
	"strings"
	"testing"

	"madoguchi/frontend/reach/card"
)

const good = "madoguchi-challenge-v1\norigin: https://portal.example.jp\npurpose: login\n" +
	"nonce: ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnop_\nexpires: 1795388400000\n"

func TestCheckChallenge(t *testing.T) {
	if err := checkChallenge([]byte(good), "https://portal.example.jp", "login"); err != nil {
		t.Fatal(err)
	}
	for name, bad := range map[string]string{
		"empty":            "",
		"another version":  strings.Replace(good, "v1", "v2", 1),
		"another origin":   strings.Replace(good, "portal.", "evil.", 1),
		"a longer origin":  strings.Replace(good, "example.jp\n", "example.jp.evil\n", 1),
		"a port":           strings.Replace(good, "example.jp\n", "example.jp:8443\n", 1),
		"another purpose":  strings.Replace(good, "login", "account.close", 1),
		"two purposes":     strings.Replace(good, "purpose: login\n", "purpose: login\npurpose: account.close\n", 1),
		"no nonce":         strings.Replace(good, "nonce: ", "once: ", 1),
		"no last newline":  strings.TrimSuffix(good, "\n"),
		"a line more":      good + "agent: yes\n",
		"carriage returns": strings.ReplaceAll(good, "\n", "\r\n"),
	} {
		if err := checkChallenge([]byte(bad), "https://portal.example.jp", "login"); !errors.Is(err, ErrChallenge) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func FuzzCheckChallenge(f *testing.F) {
	f.Add([]byte(good))
	f.Fuzz(func(t *testing.T, challenge []byte) {
		if checkChallenge(challenge, "https://portal.example.jp", "login") != nil {
			return
		}
		if !strings.Contains(string(challenge), "\norigin: https://portal.example.jp\npurpose: login\nnonce: ") {
			t.Errorf("accepted %q", challenge)
		}
	})
}

func TestThePINIsClearedWhenThereIsNoChallenge(t *testing.T) {
	pin := []byte("1234")
	secret := card.Secret{PIN: pin}
	_, err := Make(t.Context(), nil, card.Place{}, "https://portal.example.jp", Aim{Purpose: PurposeLogin},
		secret, func(Step) {})
	if err == nil || string(pin) != "\x00\x00\x00\x00" {
		t.Errorf("%v, the PIN is %q", err, pin)
	}
}
