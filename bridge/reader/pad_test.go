package reader

import (
	"bytes"
	"context"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"testing"

	"madoguchi/bridge/softcard"
	"madoguchi/bridge/softcard/softcardtest"
)

func TestFeatures(t *testing.T) {
	for name, c := range map[string]struct {
		answer         string
		verify, modify uint32
		bad            bool
	}{
		"none":                {"", 0, 0, false},
		"both, among others":  {"0604423300060704423300070A0442330012", 0x42330006, 0x42330007, false},
		"verify alone":        {"060442330006", 0x42330006, 0, false},
		"cut":                 {"06044233", 0, 0, true},
		"a length that lies":  {"060342330006", 0, 0, true},
		"a byte left over":    {"06044233000607", 0, 0, true},
		"a tag and no length": {"06", 0, 0, true},
	} {
		b, err := hex.DecodeString(c.answer)
		if err != nil {
			t.Fatal(err)
		}
		f, err := parseFeatures(b)
		if (err != nil) != c.bad || f.verify != c.verify || f.modify != c.modify {
			t.Errorf("%s: %+v, %v", name, f, err)
		}
	}
}

func FuzzParseFeatures(f *testing.F) {
	f.Add([]byte("\x06\x04\x42\x33\x00\x06\x07\x04\x42\x33\x00\x07"))
	f.Fuzz(func(t *testing.T, b []byte) {
		if _, err := parseFeatures(b); err == nil && len(b)%6 != 0 {
			t.Errorf("took %X", b)
		}
	})
}

var (
	verifyCommand = []byte("\x00\x20\x00\x80\x04\xFF\xFF\xFF\xFF")
	changeCommand = []byte("\x00\x24\x01\x80\x04\xFF\xFF\xFF\xFF")
)

// keypad is a reader with keys, as far as its side of part 10 goes: it reads the structure that it is given, puts the
// digits in, and sends the command to a card.
type keypad struct {
	t     *testing.T
	card  *softcard.Card
	typed []string
}

const codeVerify, codeModify = 0x42330006, 0x42330007

func (k *keypad) Control(code uint32, in []byte) ([]byte, error) {
	k.t.Helper()
	// Where the two structures keep things (2.5.1.1 and 2.6.1.1 of part 10).
	sizes, messages, length := 5, 8, 15
	if code == codeModify {
		sizes, messages, length = 7, 11, 20
		if in[5] != 0 || in[6] != 0 || in[9] != 1 {
			k.t.Errorf("the new PIN goes to %d, confirmed %d", in[6], in[9])
		}
	} else if code != codeVerify {
		k.t.Fatalf("control code %X", code)
	}
	command := in[length+4:]
	if n := binary.LittleEndian.Uint32(in[length:]); int(n) != len(command) {
		k.t.Fatalf("%d bytes announced, %d there", n, len(command))
	}
	// ASCII, left-justified, from the first byte of the data, four bytes; four digits at least and at most; ended by
	// the key.
	if in[2] != 0x82 || in[3] != 4 || in[4] != 0 || in[sizes] != 4 || in[sizes+1] != 4 || in[0] == 0 {
		k.t.Errorf("the format is % X", in)
	}
	if want := map[uint32]byte{codeVerify: 1, codeModify: 2}[code]; in[messages] != want {
		k.t.Errorf("%d messages", in[messages])
	}
	digits := k.typed[0]
	k.typed = k.typed[1:]
	if digits == "" {
		return []byte{0x64, 0x01}, nil
	}
	return k.card.Transmit(context.Background(), append(bytes.Clone(command[:5]), digits...))
}

func TestEntriesOnAKeypad(t *testing.T) {
	card := softcardtest.Card(t, "yamada-hanako")
	for _, c := range []string{
		"\x00\xA4\x04\x0C\x0A\xD3\x92\xF0\x00\x26\x01\x00\x00\x00\x01", "\x00\xA4\x02\x0C\x02\x00\x18",
	} {
		if _, err := card.Transmit(t.Context(), []byte(c)); err != nil {
			t.Fatal(err)
		}
	}
	k := &keypad{t: t, card: card, typed: []string{"9999", "", "1234", "4321", "1234", "4321"}}
	f := padFeatures{verify: codeVerify, modify: codeModify}
	for i, c := range []struct {
		command []byte
		want    string
	}{
		{verifyCommand, "63C2"}, {verifyCommand, "6401"}, {verifyCommand, "9000"}, {changeCommand, "9000"},
		{verifyCommand, "63C2"}, {verifyCommand, "9000"},
	} {
		code, structure, err := f.entry(c.command)
		if err != nil {
			t.Fatal(err)
		}
		answer, err := k.Control(code, structure)
		if got := fmt.Sprintf("%X", answer); err != nil || got != c.want {
			t.Errorf("entry %d: %s, %v; want %s", i, got, err, c.want)
		}
	}
}

func TestEntriesThatCannotBe(t *testing.T) {
	both := padFeatures{verify: codeVerify, modify: codeModify}
	for name, c := range map[string]struct {
		f       padFeatures
		command []byte
		want    error
	}{
		"no keys":            {padFeatures{}, verifyCommand, ErrNoPad},
		"no change":          {padFeatures{verify: codeVerify}, changeCommand, ErrNoPad},
		"a command to sign":  {both, []byte("\x80\x2A\x00\x80\x04\xFF\xFF\xFF\xFF"), ErrNoPad},
		"no room":            {both, []byte("\x00\x20\x00\x80"), nil},
		"a length that lies": {both, []byte("\x00\x20\x00\x80\x05\xFF\xFF\xFF\xFF"), nil},
		"too much room":      {both, append([]byte("\x00\x20\x00\x80\x10"), make([]byte, 16)...), nil},
	} {
		if _, _, err := c.f.entry(c.command); err == nil || c.want != nil && !errors.Is(err, c.want) {
			t.Errorf("%s: %v", name, err)
		}
	}
}
