package apdu

import (
	"bytes"
	"context"
	"encoding/hex"
	"errors"
	"strings"
	"testing"
)

func TestCommandBothWays(t *testing.T) {
	long := bytes.Repeat([]byte{0xAB}, 256)
	for _, c := range []struct {
		name    string
		command Command
		bytes   string
	}{
		{"case 1", Command{INS: 0x20, P2: 0x80}, "00200080"},
		{"case 2 short", Command{INS: 0xB0, Le: 4}, "00B0000004"},
		{"case 2 short, 256", Command{INS: 0xB0, Le: 256}, "00B0000000"},
		{"case 2 extended", Command{INS: 0xB0, Le: 257}, "00B00000000101"},
		{"case 2 extended, 65536", Command{INS: 0xB0, Le: 65536}, "00B00000000000"},
		{"case 3 short", Command{INS: 0x20, P2: 0x80, Data: []byte("1234")}, "002000800431323334"},
		{"case 3 extended", Command{INS: 0xD6, Data: long}, "00D60000000100" + strings.Repeat("AB", 256)},
		{"case 4 short", Command{CLA: 0x80, INS: 0x2A, P2: 0x80, Data: []byte{1, 2}, Le: 256}, "802A008002010200"},
		{
			"case 4 extended by data", Command{INS: 0x2A, Data: long, Le: 1},
			"002A0000000100" + strings.Repeat("AB", 256) + "0001",
		},
		{"case 4 extended by Le", Command{INS: 0x2A, Data: []byte{7}, Le: 65536}, "002A0000000001070000"},
	} {
		t.Run(c.name, func(t *testing.T) {
			b, err := c.command.Bytes()
			if err != nil || !strings.EqualFold(hex.EncodeToString(b), c.bytes) {
				t.Fatalf("encoded as %X, %v; want %s", b, err, c.bytes)
			}
			parsed, err := ParseCommand(b)
			if err != nil || !equal(parsed, c.command) {
				t.Errorf("parsed as %+v, %v", parsed, err)
			}
		})
	}
}

func TestParseCommandRefuses(t *testing.T) {
	for in, want := range map[string]error{
		"":                   ErrLength,
		"00A404":             ErrLength,
		"00A4040C0A":         nil, // case 2: ten bytes expected
		"00A4040C0AD3":       ErrLength,
		"00A4040C02D392FF01": ErrLength, // two bytes after the data
		"00A4040C0000":       ErrLength, // an extended length that ends early
		"00A4040C00000000":   ErrLength, // extended, no data but more bytes
		"00A4040C000001AA00": ErrLength, // an extended Le of one byte
		"00A4040C000002AA":   ErrLength,
		"FFCA000000":         ErrClass,
		"0061000000":         ErrInstruction,
		"009F000000":         ErrInstruction,
	} {
		b, err := hex.DecodeString(in)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := ParseCommand(b); !errors.Is(err, want) {
			t.Errorf("%s: %v, want %v", in, err, want)
		}
	}
	for _, c := range []Command{
		{CLA: 0xFF}, {INS: 0x60}, {INS: 0x91}, {Le: -1}, {Le: 65537}, {Data: make([]byte, 65536)},
	} {
		if _, err := c.Bytes(); err == nil {
			t.Errorf("%+v was encoded", Command{CLA: c.CLA, INS: c.INS, Le: c.Le})
		}
	}
}

func TestParseResponse(t *testing.T) {
	r, err := ParseResponse([]byte{1, 2, 0x90, 0})
	if err != nil || r.Status != StatusOK || !bytes.Equal(r.Data, []byte{1, 2}) ||
		!bytes.Equal(r.Bytes(), []byte{1, 2, 0x90, 0}) {
		t.Errorf("%+v, %v", r, err)
	}
	for _, bad := range [][]byte{nil, {0x90}, {0x12, 0x34}, make([]byte, MaxResponseBytes+1)} {
		if _, err := ParseResponse(bad); err == nil {
			t.Errorf("%d bytes were taken for a response", len(bad))
		}
	}
}

func TestStatusTries(t *testing.T) {
	for n := range 16 {
		if got, ok := StatusTries(n).TriesLeft(); !ok || got != n {
			t.Errorf("%s: %d, %v", StatusTries(n), got, ok)
		}
	}
	for _, s := range []Status{StatusOK, StatusVerifyFailed, 0x6283, 0x63B1, 0x63D0, StatusReferenceUnusable} {
		if n, ok := s.TriesLeft(); ok {
			t.Errorf("%s: %d tries", s, n)
		}
	}
}

type transmitterFunc func([]byte) ([]byte, error)

func (f transmitterFunc) Transmit(_ context.Context, b []byte) ([]byte, error) { return f(b) }

func TestSendLeavesNothingBehind(t *testing.T) {
	var kept []byte
	_, err := Send(t.Context(), transmitterFunc(func(b []byte) ([]byte, error) {
		kept = b
		if !bytes.HasSuffix(b, []byte("1234")) {
			t.Errorf("%X was sent", b)
		}
		return []byte{0x90, 0}, nil
	}), Command{INS: 0x20, P2: 0x80, Data: []byte("1234")})
	if err != nil || bytes.Contains(kept, []byte("1234")) {
		t.Errorf("%v, and %X is still in memory", err, kept)
	}
	if _, err := Send(t.Context(), transmitterFunc(func([]byte) ([]byte, error) { return []byte{0x90}, nil }),
		Command{}); !errors.Is(err, ErrLength) {
		t.Errorf("half a status word: %v", err)
	}
}

func FuzzParseCommand(f *testing.F) {
	for _, seed := range []string{
		"00200080", "00B0000000", "00B00000000000", "002000800431323334", "802A008002010200",
		"002A0000000001070000", "00A4040C0000",
	} {
		b, err := hex.DecodeString(seed)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(b)
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		c, err := ParseCommand(b)
		if err != nil {
			return
		}
		encoded, err := c.Bytes()
		if err != nil {
			t.Fatalf("%X parses as %+v but cannot be encoded: %v", b, c, err)
		}
		if len(encoded) > len(b) {
			t.Fatalf("%X became longer: %X", b, encoded)
		}
		again, err := ParseCommand(encoded)
		if err != nil || !equal(again, c) {
			t.Fatalf("%+v became %+v, %v", c, again, err)
		}
	})
}

func FuzzParseResponse(f *testing.F) {
	f.Add([]byte{0x90, 0})
	f.Add([]byte{1, 2, 3, 0x63, 0xC2})
	f.Fuzz(func(t *testing.T, b []byte) {
		if r, err := ParseResponse(b); err == nil && !bytes.Equal(r.Bytes(), b) {
			t.Fatalf("%X became %X", b, r.Bytes())
		}
	})
}

func equal(a, b Command) bool {
	return a.CLA == b.CLA && a.INS == b.INS && a.P1 == b.P1 && a.P2 == b.P2 && a.Le == b.Le &&
		bytes.Equal(a.Data, b.Data)
}
