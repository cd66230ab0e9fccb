package softcard_test

import (
	"encoding/binary"
	"encoding/hex"
	"testing"

	"pgregory.net/rapid"

	"madoguchi/bridge/apdu"
	"madoguchi/bridge/jpki"
	"madoguchi/bridge/softcard/softcardtest"
)

// Whatever comes, the card answers at least a status word, and a locked PIN opens nothing.
func FuzzCard(f *testing.F) {
	add := func(commands ...string) {
		var b []byte
		for _, c := range commands {
			raw, err := hex.DecodeString(c)
			if err != nil {
				f.Fatal(err)
			}
			b = append(binary.BigEndian.AppendUint16(b, uint16(len(raw))), raw...)
		}
		f.Add(b)
	}
	add(selectJPKI, authPIN, wrong, right, authKey, signAB)
	add(selectJPKI, authPIN, wrong, wrong, wrong, right, authKey, signAB)
	add(selectText, "00A4020C020011", "002000800435363738", "00A4020C020002", "00B00000000000")
	add(selectJPKI, "00B08A0000", "00B0850000", "802A009704DEADBEEF00", "00240180", "002401980431323334")
	hanako := softcardtest.Person(f, "yamada-hanako")
	f.Fuzz(func(t *testing.T, b []byte) {
		card := softcardtest.Card(t, hanako.ID)
		locked := false
		for len(b) >= 2 {
			n := min(int(binary.BigEndian.Uint16(b)), len(b)-2)
			command := b[2 : 2+n]
			b = b[2+n:]
			answer, err := card.Transmit(t.Context(), command)
			if err != nil {
				t.Fatal(err)
			}
			if _, err := apdu.ParseResponse(answer); err != nil {
				t.Fatalf("%X was answered with %X: %v", command, answer, err)
			}
			if n == 1 && command[0] < 3 { // as vpcd's control messages
				card.Reset()
			}
		}
		if left, err := jpki.Attach(card).TriesLeft(t.Context(), jpki.AuthPIN); err != nil {
			t.Fatal(err)
		} else {
			locked = left == 0
		}
		if !locked {
			return
		}
		card.PowerOff()
		_, err := jpki.Attach(card).SignDigest(t.Context(), jpki.AuthKey, []byte(hanako.AuthPIN), [32]byte{})
		if err == nil {
			t.Fatal("a locked card signed")
		}
	})
}

// The counters of two PINs against the simplest model of them.
func TestCountersAreTheModel(t *testing.T) {
	hanako := softcardtest.Person(t, "yamada-hanako")
	rapid.Check(t, func(r *rapid.T) {
		card := softcardtest.Card(t, hanako.ID)
		c := jpki.Attach(card)
		pins := map[jpki.PIN]string{
			jpki.AuthPIN: hanako.AuthPIN, jpki.SignPIN: hanako.SignPIN, jpki.TextPIN: hanako.TextPIN,
		}
		left := map[jpki.PIN]int{}
		for p := range pins {
			left[p] = p.MaxTries()
		}
		verified := map[jpki.PIN]bool{}
		which := rapid.SampledFrom([]jpki.PIN{jpki.AuthPIN, jpki.SignPIN, jpki.TextPIN})
		r.Repeat(map[string]func(*rapid.T){
			"right": func(r *rapid.T) {
				p := which.Draw(r, "PIN")
				err := c.Verify(t.Context(), p, []byte(pins[p]))
				if (err == nil) != (left[p] > 0) {
					r.Fatalf("%s with %d left: %v", p, left[p], err)
				}
				if err == nil {
					left[p], verified[p] = p.MaxTries(), true
				}
			},
			"wrong": func(r *rapid.T) {
				p := which.Draw(r, "PIN")
				bad := map[bool]string{true: "WRONGPIN0", false: "0000"}[p == jpki.SignPIN]
				if c.Verify(t.Context(), p, []byte(bad)) == nil {
					r.Fatalf("%s: a wrong one is right", p)
				}
				if left[p] > 0 {
					left[p]--
					verified[p] = false
				}
			},
			"change": func(r *rapid.T) {
				p := which.Draw(r, "PIN")
				next := map[bool]string{
					true:  "NEXTPIN" + rapid.StringMatching(`[0-9]`).Draw(r, "n"),
					false: rapid.StringMatching(`[1-9]{4}`).Draw(r, "digits"),
				}[p == jpki.SignPIN]
				err := c.ChangePIN(t.Context(), p, []byte(pins[p]), []byte(next))
				if (err == nil) != (left[p] > 0) {
					r.Fatalf("%s with %d left: %v", p, left[p], err)
				}
				if err == nil {
					left[p], verified[p], pins[p] = p.MaxTries(), true, next
				}
			},
			"warm reset": func(*rapid.T) { card.Reset() },
			"power off":  func(*rapid.T) { card.PowerOff(); clear(verified) },
			"": func(r *rapid.T) {
				for p, want := range left {
					if got, err := c.TriesLeft(t.Context(), p); err != nil || got != want {
						r.Fatalf("%s: %d tries, %v; want %d", p, got, err, want)
					}
				}
				_, err := c.ReadCertificate(t.Context(), jpki.SignCertificate)
				if (err == nil) != verified[jpki.SignPIN] {
					r.Fatalf("signing certificate with verified=%v: %v", verified[jpki.SignPIN], err)
				}
			},
		})
	})
}
