package login

import (
	"strings"
	"testing"
	"time"
)

func FuzzChallenge(f *testing.F) {
	c := challenges{origin: "https://portal.example.jp", key: make([]byte, 32)}
	text, seal, _ := c.make("login", time.Now())
	f.Add(text, seal)
	f.Add([]byte(strings.Replace(string(text), "login", "other", 1)), seal)
	f.Add([]byte(firstLine), []byte{})
	f.Fuzz(func(t *testing.T, text, seal []byte) {
		// With the right seal, so that the parser is reached; what it takes is written the one way there is.
		found, err := parseChallenge(string(text))
		if err == nil && found.String() != string(text) {
			t.Errorf("%q is taken for %q", text, found)
		}
		if _, err := c.open(text, seal, []string{"login"}, time.Now()); err == nil && string(c.seal(text)) != string(seal) {
			t.Error("opened without the seal")
		}
	})
}
