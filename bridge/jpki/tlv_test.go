package jpki

import (
	"bytes"
	"encoding/hex"
	"errors"
	"testing"
)

func TestReadTLV(t *testing.T) {
	for in, want := range map[string]struct {
		tag   uint16
		value string
		rest  string
	}{
		"DF2203E5B1B1":      {tag: 0xDF22, value: "E5B1B1"},
		"300101FF":          {tag: 0x30, value: "01", rest: "FF"},
		"FF1000FFFF":        {tag: 0xFF10, rest: "FFFF"},
		"3000":              {tag: 0x30},
		"30817F":            {tag: 0},
		"30820080":          {tag: 0},
		"308000":            {tag: 0},
		"3083010000":        {tag: 0},
		"30":                {tag: 0},
		"":                  {tag: 0},
		"FF":                {tag: 0},
		"FF20":              {tag: 0},
		"DF81220100":        {tag: 0}, // a tag of three bytes
		"DF2204E5B1B1":      {tag: 0}, // ends early
		"DF228102E5B1":      {tag: 0}, // length not minimal
		"30820100" + "00":   {tag: 0},
		"30FF" + "FFFFFFFF": {tag: 0},
	} {
		b, err := hex.DecodeString(in)
		if err != nil {
			t.Fatal(err)
		}
		got, rest, err := readTLV(b)
		if want.tag == 0 {
			if !errors.Is(err, errTLV) {
				t.Errorf("%s: %X, %v", in, got, err)
			}
			continue
		}
		if err != nil || got.tag != want.tag || hexUpper(got.value) != want.value || hexUpper(rest) != want.rest {
			t.Errorf("%s: tag %X, value %X, rest %X, %v", in, got.tag, got.value, rest, err)
		}
	}
}

func TestParseAttributesRefuses(t *testing.T) {
	good := []byte("\xFF\x20\x1E\xDF\x22\x03abc\xDF\x23\x03def\xDF\x24\x0819900415\xDF\x25\x012")
	good[2] = byte(len(good) - 3)
	if _, err := parseAttributes(good); err != nil {
		t.Fatal(err)
	}
	for name, change := range map[string]func([]byte) []byte{
		"something after it":  func(b []byte) []byte { return append(b, 0) },
		"another tag":         func(b []byte) []byte { b[1] = 0x10; return b },
		"an unknown tag":      func(b []byte) []byte { b[4] = 0x26; return b },
		"a name twice":        func(b []byte) []byte { b[10] = 0x22; return b },
		"no UTF-8":            func(b []byte) []byte { b[6] = 0xFF; return b },
		"a date that is none": func(b []byte) []byte { return bytes.Replace(b, []byte("0415"), []byte("1315"), 1) },
		"letters in the date": func(b []byte) []byte { return bytes.Replace(b, []byte("1990"), []byte("199O"), 1) },
		"an unknown sex":      func(b []byte) []byte { b[len(b)-1] = 'x'; return b },
		"an object cut short": func(b []byte) []byte { b[5] = 0x7F; return b },
	} {
		if a, err := parseAttributes(change(bytes.Clone(good))); err == nil {
			t.Errorf("%s: taken for %+v", name, a)
		}
	}
}

func FuzzReadTLV(f *testing.F) {
	f.Add([]byte("\xFF\x20\x06\xDF\x22\x03abc"))
	f.Add([]byte{0x30, 0x82, 1, 0, 0})
	f.Add([]byte{0xDF, 0x81, 0x22, 1, 0})
	f.Fuzz(func(t *testing.T, b []byte) {
		object, rest, err := readTLV(b)
		if err != nil {
			return
		}
		if len(object.value)+len(rest) >= len(b) {
			t.Fatalf("%d bytes of value and %d after it in %d", len(object.value), len(rest), len(b))
		}
		// Lengths are minimal and tags short, so there is one encoding.
		if again := encode(object); !bytes.Equal(append(again, rest...), b) {
			t.Fatalf("%X is not %X and %X", b, again, rest)
		}
	})
}

func FuzzParseAttributes(f *testing.F) {
	f.Add([]byte("\xFF\x20\x1A\xDF\x22\x03abc\xDF\x23\x03def\xDF\x24\x0819900415\xDF\x25\x012"))
	f.Fuzz(func(t *testing.T, b []byte) {
		a, err := parseAttributes(b)
		if err == nil && (a.Name == "" || a.Address == "" || len(a.BirthDate) != 8 || len(a.Sex) != 1) {
			t.Fatalf("%+v", a)
		}
	})
}

func encode(o tlv) []byte {
	var b []byte
	if o.tag > 0xFF {
		b = append(b, byte(o.tag>>8))
	}
	b = append(b, byte(o.tag))
	switch n := len(o.value); {
	case n < 0x80:
		b = append(b, byte(n))
	case n < 0x100:
		b = append(b, 0x81, byte(n))
	default:
		b = append(b, 0x82, byte(n>>8), byte(n))
	}
	return append(b, o.value...)
}

func hexUpper(b []byte) string {
	return string(bytes.ToUpper([]byte(hex.EncodeToString(b))))
}
