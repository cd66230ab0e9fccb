package login

import (
	"strconv"
	"strings"
	"testing"
	"time"

	"golang.org/x/time/rate"
)

func TestABucketIsItsOwn(t *testing.T) {
	l := newLimiter(rate.Limit(1), 3)
	now := time.Now()
	for range 3 {
		if wait := l.take("a", now); wait != 0 {
			t.Fatalf("wait %v", wait)
		}
	}
	if wait := l.take("a", now); wait <= 0 || wait > time.Second || !l.empty("a", now) {
		t.Errorf("wait %v", wait)
	}
	if wait := l.take("b", now); wait != 0 || l.empty("b", now) || l.empty("c", now) {
		t.Error("one empties another's")
	}
	if wait := l.take("a", now.Add(time.Second)); wait != 0 {
		t.Errorf("it does not fill again: %v", wait)
	}
}

func TestBucketsAreBounded(t *testing.T) {
	l := newLimiter(rate.Limit(1), 3)
	now := time.Now()
	for i := range maxKeys + 1000 {
		l.take(strconv.Itoa(i), now)
	}
	if len(l.buckets) > maxKeys {
		t.Errorf("%d buckets", len(l.buckets))
	}
}

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
