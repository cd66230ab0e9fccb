package proof

import (
	"errors"
	"strings"
	"testing"
)

const good = "madoguchi-challenge-v1\norigin: https://portal.example.jp\npurpose: login\nnonce: ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnop_\nexpires: 1795388400000\n"

func TestCheckChallenge(t *testing.T) {
	if err := checkChallenge([]byte(good), "https://portal.example.jp", "login"); err != nil {
		t.Fatal(err)
	}
	for name, bad := range map[string]string{
		"empty":                 "",
		"another version":       strings.Replace(good, "v1", "v2", 1),
		"another origin":        strings.Replace(good, "portal.", "evil.", 1),
		"a longer origin":       strings.Replace(good, "example.jp\n", "example.jp.evil\n", 1),
		"a port":                strings.Replace(good, "example.jp\n", "example.jp:8443\n", 1),
		"another purpose":       strings.Replace(good, "login", "account.close", 1),
		"two purposes":          strings.Replace(good, "purpose: login\n", "purpose: login\npurpose: account.close\n", 1),
		"a short nonce":         strings.Replace(good, "ABC", "", 1),
		"a nonce with padding":  strings.Replace(good, "p_\n", "p=\n", 1),
		"no nonce":              strings.Replace(good, "nonce: ", "once: ", 1),
		"an end that is no end": strings.Replace(good, "1795388400000", "tomorrow", 1),
		"a negative end":        strings.Replace(good, "1795388400000", "-1", 1),
		"no last newline":       strings.TrimSuffix(good, "\n"),
		"more after it":         good + "x",
		"carriage returns":      strings.ReplaceAll(good, "\n", "\r\n"),
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
