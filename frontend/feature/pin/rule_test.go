package pin

import (
	"bytes"
	"testing"
)

func TestWhatIsTypedIsNarrowed(t *testing.T) {
	for _, c := range []struct {
		of          pin
		typed, want string
	}{
		{auth, "12a3４x5", "1234"}, {auth, "１２３４", "1234"}, {text, "", ""}, {sign, "ａbC１2-3 あ", "ABC123"},
		{sign, "abcdefghijklmnopqrst", "ABCDEFGHIJKLMNOP"}, {auth, "12\xff34", "1234"},
	} {
		typed := []byte(c.typed)
		if got := c.of.narrow(typed); string(got) != c.want {
			t.Errorf("%q: %q, want %q", c.typed, got, c.want)
		}
		if rest := typed[len(c.want):]; len(bytes.Trim(rest, "\x00")) > 0 {
			t.Errorf("%q leaves %q behind", c.typed, rest)
		}
	}
}

func TestWhatEverybodyTriesFirst(t *testing.T) {
	for _, s := range []string{
		"1234", "0123", "7890", "8901", "4321", "0987", "3210", "0000", "9999", "1212", "9090", "111111",
	} {
		if !easy([]byte(s)) {
			t.Errorf("%s passes", s)
		}
	}
	for _, s := range []string{"5713", "1235", "2580", "1243", "1221", "ABC123", "A1A1A1", ""} {
		if easy([]byte(s)) {
			t.Errorf("%s is refused", s)
		}
	}
}

func TestDaysAreOnlyAdvisedAgainst(t *testing.T) {
	for _, s := range []string{"0101", "1231", "0229", "1985", "2004"} {
		if !likeDay([]byte(s)) {
			t.Errorf("%s is no day", s)
		}
	}
	for _, s := range []string{"0000", "1332", "5713", "0132", "1300", "198", "19850"} {
		if likeDay([]byte(s)) {
			t.Errorf("%s is a day", s)
		}
	}
}

func TestLettersAndDigits(t *testing.T) {
	for s, want := range map[string]bool{"ABC123": true, "ABCDEF": false, "123456": false, "": false} {
		if mixed([]byte(s)) != want {
			t.Errorf("%s: %t", s, !want)
		}
	}
	for s, want := range map[string]bool{"AB123": false, "ABC123": true, "ABCDEFGH12345678": true} {
		if sign.complete([]byte(s)) != want {
			t.Errorf("%s: %t", s, !want)
		}
	}
}
