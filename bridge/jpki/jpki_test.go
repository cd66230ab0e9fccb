package jpki_test

import (
	"bytes"
	"context"
	"crypto"
	"crypto/rsa"
	"crypto/sha256"
	"errors"
	"testing"
	"time"

	"madoguchi/bridge/apdu"
	"madoguchi/bridge/jpki"
	"madoguchi/bridge/softcard"
	"madoguchi/bridge/softcard/softcardtest"
)

// recorder counts and keeps what goes to a card, and may answer in its place.
type recorder struct {
	card     apdu.Transmitter
	commands []apdu.Command
	raw      [][]byte
	instead  func(apdu.Command) ([]byte, error)
}

func (r *recorder) Transmit(ctx context.Context, b []byte) ([]byte, error) {
	c, err := apdu.ParseCommand(b)
	if err != nil {
		return nil, err
	}
	r.commands = append(r.commands, c)
	r.raw = append(r.raw, b)
	if r.instead != nil {
		if answer, err := r.instead(c); answer != nil || err != nil {
			return answer, err
		}
	}
	return r.card.Transmit(ctx, b)
}

func insert(t testing.TB, id string) (*recorder, softcard.Person) {
	t.Helper()
	return &recorder{card: softcardtest.Card(t, id)}, softcardtest.Person(t, id)
}

func TestSignDigestIsFiveCommands(t *testing.T) {
	for _, c := range []struct {
		key jpki.Key
		pin func(softcard.Person) string
	}{
		{jpki.AuthKey, func(p softcard.Person) string { return p.AuthPIN }},
		{jpki.SignKey, func(p softcard.Person) string { return p.SignPIN }},
	} {
		t.Run(c.key.String(), func(t *testing.T) {
			r, p := insert(t, "yamada-hanako")
			digest := sha256.Sum256([]byte("challenge"))
			signature, err := jpki.Attach(r).SignDigest(t.Context(), c.key, []byte(c.pin(p)), digest)
			if err != nil {
				t.Fatal(err)
			}
			if len(r.commands) != 5 {
				t.Errorf("%d commands, want 5", len(r.commands))
			}
			certificate := p.AuthCertificate(time.Now())
			if c.key == jpki.SignKey {
				certificate = p.SignCertificate(time.Now())
			}
			if err := rsa.VerifyPKCS1v15(certificate.PublicKey.(*rsa.PublicKey), crypto.SHA256, digest[:],
				signature); err != nil {
				t.Error(err)
			}
			for i, raw := range r.raw {
				if !bytes.Equal(raw, make([]byte, len(raw))) {
					t.Errorf("command %d is still in memory", i)
				}
			}
		})
	}
}

func TestOpenTellsTheKind(t *testing.T) {
	for _, c := range []struct {
		person string
		want   error
	}{
		{"yamada-hanako", nil}, {"nakamura-nocert", nil}, {"old-juki", jpki.ErrOldCard},
		{"transit", jpki.ErrNotMyNumberCard},
	} {
		t.Run(c.person, func(t *testing.T) {
			r, _ := insert(t, c.person)
			card, err := jpki.Open(t.Context(), r)
			if !errors.Is(err, c.want) {
				t.Fatalf("error %v, want %v", err, c.want)
			}
			if err == nil && card.Kind() != jpki.MyNumberCard {
				t.Errorf("kind %s", card.Kind())
			}
		})
	}
}

func TestOpenGoesByTheLabel(t *testing.T) {
	for label, want := range map[string]jpki.Kind{
		"JPKIAPICCTOKEN2                 ":      jpki.MyNumberCard,
		"JPKIAPGPSETOKEN                 ":      jpki.AndroidPhone,
		"JPKIAPIOSTOKEN\x00\x00\x00\x00":        jpki.IPhone,
		"JPKIAPICCTOKEN                  ":      jpki.OldResidentCard,
		"JPKIAPICCTOKEN3                 ":      jpki.UnknownCard,
		"":                                      jpki.UnknownCard,
		"JPKIAPICCTOKEN2 and what follows more": jpki.UnknownCard,
	} {
		r := &recorder{instead: func(c apdu.Command) ([]byte, error) {
			if c.INS == 0xB0 {
				return append([]byte(label)[:min(len(label), 32)], 0x90, 0), nil
			}
			return []byte{0x90, 0}, nil
		}}
		card, err := jpki.Open(t.Context(), r)
		switch want {
		case jpki.UnknownCard:
			if !errors.Is(err, jpki.ErrNotMyNumberCard) {
				t.Errorf("%q: %v", label, err)
			}
		case jpki.OldResidentCard:
			if !errors.Is(err, jpki.ErrOldCard) {
				t.Errorf("%q: %v", label, err)
			}
		default:
			if err != nil || card.Kind() != want {
				t.Errorf("%q: %v, %v", label, card, err)
			}
		}
	}
}

func TestVerifyCountsAndLocks(t *testing.T) {
	r, p := insert(t, "yamada-hanako")
	card := jpki.Attach(r)
	for left := 2; left >= 0; left-- {
		err := card.Verify(t.Context(), jpki.AuthPIN, []byte("0000"))
		var e *jpki.Error
		if !errors.As(err, &e) || e.TriesLeft != left || e.Status != apdu.StatusTries(left) {
			t.Fatalf("with %d left: %v", left, err)
		}
		if want := map[bool]error{true: jpki.ErrWrongPIN, false: jpki.ErrLocked}[left > 0]; !errors.Is(err, want) {
			t.Errorf("with %d left: %v", left, err)
		}
		if tries, err := card.TriesLeft(t.Context(), jpki.AuthPIN); err != nil || tries != left {
			t.Errorf("%d tries left, %v; want %d", tries, err, left)
		}
	}
	err := card.Verify(t.Context(), jpki.AuthPIN, []byte(p.AuthPIN))
	var e *jpki.Error
	if !errors.As(err, &e) || e.Cause != jpki.Locked || e.Status != 0x6984 || e.TriesLeft != 0 {
		t.Errorf("the right PIN on a locked card: %v", err)
	}
}

func TestBadFormNeverReachesTheCard(t *testing.T) {
	r, _ := insert(t, "yamada-hanako")
	card := jpki.Attach(r)
	for _, c := range []struct {
		pin jpki.PIN
		bad string
	}{
		{jpki.AuthPIN, ""}, {jpki.AuthPIN, "123"}, {jpki.AuthPIN, "12345"}, {jpki.AuthPIN, "12a4"},
		{jpki.AuthPIN, "１２"}, {jpki.TextPIN, "ABCD"},
		{jpki.SignPIN, "ABC12"}, {jpki.SignPIN, "ABCDEFGHIJKLMNOPQ"}, {jpki.SignPIN, "abc123"},
		{jpki.SignPIN, "ABC 123"},
	} {
		if err := card.Verify(t.Context(), c.pin, []byte(c.bad)); !errors.Is(err, jpki.ErrPINForm) {
			t.Errorf("%s %q: %v", c.pin, c.bad, err)
		}
		if err := card.ChangePIN(t.Context(), c.pin, []byte("1234"), []byte(c.bad)); !errors.Is(err, jpki.ErrPINForm) {
			t.Errorf("change to %s %q: %v", c.pin, c.bad, err)
		}
	}
	if len(r.commands) > 0 {
		t.Errorf("%d commands were sent", len(r.commands))
	}
}

func TestReadCertificate(t *testing.T) {
	now := time.Now()
	_, hanako := insert(t, "yamada-hanako")
	authCA, _ := softcard.AuthCA(now)
	signCA, _ := softcard.SignCA(now)
	for file, want := range map[jpki.CertificateFile][]byte{
		jpki.AuthCertificate: hanako.AuthCertificate(now).Raw, jpki.AuthCACertificate: authCA.Raw,
		jpki.SignCertificate: hanako.SignCertificate(now).Raw, jpki.SignCACertificate: signCA.Raw,
	} {
		for name, shortOnly := range map[string]bool{"extended": false, "256-byte steps": true} {
			t.Run(file.String()+", "+name, func(t *testing.T) {
				r, _ := insert(t, "yamada-hanako")
				if shortOnly {
					r.instead = func(c apdu.Command) ([]byte, error) {
						if c.Le > 256 {
							return []byte{0x67, 0x00}, nil
						}
						return nil, nil
					}
				}
				card := jpki.Attach(r)
				if file == jpki.SignCertificate {
					if _, err := card.ReadCertificate(t.Context(), file); !errors.Is(err, jpki.ErrNotVerified) {
						t.Errorf("without the PIN: %v", err)
					}
					if err := card.Verify(t.Context(), jpki.SignPIN, []byte(hanako.SignPIN)); err != nil {
						t.Fatal(err)
					}
				}
				r.commands = nil
				got, err := card.ReadCertificate(t.Context(), file)
				if err != nil {
					t.Fatal(err)
				}
				if !bytes.Equal(got, want) {
					t.Errorf("%d bytes differ from the certificate of %d", len(got), len(want))
				}
				if !shortOnly && len(r.commands) != 3 {
					t.Errorf("%d commands, want 3", len(r.commands))
				}
			})
		}
	}
}

func TestNoCertificate(t *testing.T) {
	r, p := insert(t, "nakamura-nocert")
	card := jpki.Attach(r)
	if _, err := card.ReadCertificate(t.Context(), jpki.AuthCertificate); !errors.Is(err, jpki.ErrNoCertificate) {
		t.Errorf("an empty file: %v", err)
	}
	_, err := card.SignDigest(t.Context(), jpki.AuthKey, []byte(p.AuthPIN), [32]byte{})
	if !errors.Is(err, jpki.ErrNoCertificate) {
		t.Errorf("a missing key: %v", err)
	}
	r.instead = func(c apdu.Command) ([]byte, error) {
		if c.P1 == 2 {
			return []byte{0x6A, 0x82}, nil
		}
		return nil, nil
	}
	if _, err := card.ReadCertificate(t.Context(), jpki.AuthCertificate); !errors.Is(err, jpki.ErrNoCertificate) {
		t.Errorf("a missing file: %v", err)
	}
}

func TestHostileFiles(t *testing.T) {
	for name, content := range map[string][]byte{
		"length not minimal":  {0x30, 0x82, 0x00, 0x10, 0, 0, 0, 0},
		"longer than a file":  {0x30, 0x82, 0xFF, 0xFF, 0, 0, 0, 0},
		"ends early":          {0x30, 0x82, 0x04, 0x00, 0, 0, 0, 0},
		"indefinite length":   {0x30, 0x80, 0x04, 0x00, 0, 0, 0, 0},
		"length of 126 bytes": {0x30, 0xFE, 0x04, 0x00, 0, 0, 0, 0},
	} {
		t.Run(name, func(t *testing.T) {
			r := &recorder{instead: func(c apdu.Command) ([]byte, error) {
				if c.INS != 0xB0 {
					return []byte{0x90, 0}, nil
				}
				offset := int(c.P1)<<8 | int(c.P2)
				if name != "longer than a file" && offset >= len(content) {
					return []byte{0x90, 0}, nil
				}
				answer := make([]byte, min(c.Le, 256))
				if offset < len(content) {
					answer = content[offset:]
				}
				return append(append([]byte(nil), answer...), 0x90, 0), nil
			}}
			_, err := jpki.Attach(r).ReadCertificate(t.Context(), jpki.AuthCertificate)
			if !errors.Is(err, jpki.ErrMalformed) {
				t.Errorf("%v, want malformed", err)
			}
			if len(r.commands) > 200 {
				t.Errorf("%d commands", len(r.commands))
			}
		})
	}
}

func TestRemoval(t *testing.T) {
	digest := sha256.Sum256(nil)
	for at := range 5 {
		r, p := insert(t, "yamada-hanako")
		r.instead = func(apdu.Command) ([]byte, error) {
			if len(r.commands) > at {
				return nil, apdu.ErrCardRemoved
			}
			return nil, nil
		}
		_, err := jpki.Attach(r).SignDigest(t.Context(), jpki.AuthKey, []byte(p.AuthPIN), digest)
		var e *jpki.Error
		if !errors.Is(err, jpki.ErrCardRemoved) || !errors.As(err, &e) || e.Cause != jpki.CardRemoved {
			t.Errorf("removed before command %d: %v", at+1, err)
		}
	}
}

func TestChangePIN(t *testing.T) {
	r, p := insert(t, "yamada-hanako")
	card := jpki.Attach(r)
	for _, c := range []struct {
		pin      jpki.PIN
		old, new string
	}{{jpki.AuthPIN, p.AuthPIN, "9876"}, {jpki.SignPIN, p.SignPIN, "NEWPIN2026"}, {jpki.TextPIN, p.TextPIN, "4321"}} {
		if err := card.ChangePIN(t.Context(), c.pin, []byte(c.new), []byte(c.new)); !errors.Is(err, jpki.ErrWrongPIN) {
			t.Errorf("%s with a wrong old one: %v", c.pin, err)
		}
		if err := card.ChangePIN(t.Context(), c.pin, []byte(c.old), []byte(c.new)); err != nil {
			t.Errorf("%s: %v", c.pin, err)
		}
		if err := card.Verify(t.Context(), c.pin, []byte(c.old)); !errors.Is(err, jpki.ErrWrongPIN) {
			t.Errorf("%s, the old one afterwards: %v", c.pin, err)
		}
		if err := card.Verify(t.Context(), c.pin, []byte(c.new)); err != nil {
			t.Errorf("%s, the new one: %v", c.pin, err)
		}
	}
}

// The text is for the folded-away detail: what was done, why it failed, the status word; never a PIN.
func TestErrorTexts(t *testing.T) {
	r, _ := insert(t, "yamada-hanako")
	card := jpki.Attach(r)
	_, notVerified := card.ReadCertificate(t.Context(), jpki.SignCertificate)
	r.instead = func(apdu.Command) ([]byte, error) { return nil, context.DeadlineExceeded }
	_, late := card.TriesLeft(t.Context(), jpki.SignPIN)
	r.instead = func(apdu.Command) ([]byte, error) { return []byte{0x90}, nil }
	half := card.Verify(t.Context(), jpki.AuthPIN, []byte("8642"))
	r.instead = func(c apdu.Command) ([]byte, error) {
		if c.INS == 0x20 {
			return []byte{0x6F, 0x00}, nil
		}
		return nil, nil
	}
	odd := card.Verify(t.Context(), jpki.AuthPIN, []byte("8642"))
	r.instead = nil
	for want, err := range map[string]error{
		"verifying the authentication PIN: the PIN is wrong " +
			"(status 63C2)": card.Verify(t.Context(), jpki.AuthPIN, []byte("8642")),
		"verifying the signing PIN: the PIN has not the right form: 6 to " +
			"16 characters": card.Verify(t.Context(), jpki.SignPIN, []byte("8642")),
		"reading the signing certificate: the PIN was not verified " +
			"(status 6982)": notVerified,
		"asking for the tries left of the signing PIN: context " +
			"deadline exceeded": late,
		"verifying the authentication PIN: the card's answer is malformed: lengths do not agree: a " +
			"response of 1 bytes": half,
		"verifying the authentication PIN " +
			"(status 6F00)": odd,
	} {
		if err == nil || err.Error() != want {
			t.Errorf("%v, want %s", err, want)
		}
	}
	if !errors.Is(late, context.DeadlineExceeded) {
		t.Error("the cause of the delay is lost")
	}
}

func TestReadAttributes(t *testing.T) {
	for _, p := range softcard.People() {
		r, _ := insert(t, p.ID)
		card := jpki.Attach(r)
		if _, err := card.ReadAttributes(t.Context()); err == nil {
			t.Errorf("%s: attributes without a PIN", p.ID)
		}
		err := card.Verify(t.Context(), jpki.TextPIN, []byte(p.TextPIN))
		var got jpki.Attributes
		if err == nil {
			got, err = card.ReadAttributes(t.Context())
		}
		if p.ID == "old-juki" || p.ID == "transit" {
			if err == nil {
				t.Errorf("%s has attributes", p.ID)
			}
			continue
		}
		want := jpki.Attributes{Name: p.Name, Address: p.Address, BirthDate: p.BirthDate, Sex: p.Sex}
		if err != nil || got != want {
			t.Errorf("%s: %+v, %v; want %+v", p.ID, got, err, want)
		}
		for _, c := range r.commands {
			if c.INS == 0xA4 && c.P1 == 2 && bytes.Equal(c.Data, []byte{0, 1}) {
				t.Errorf("%s: the number's file was selected", p.ID)
			}
		}
	}
}

func BenchmarkLogin(b *testing.B) {
	r, p := insert(b, "yamada-hanako")
	card := jpki.Attach(r)
	digest := sha256.Sum256([]byte("challenge"))
	for b.Loop() {
		if _, err := card.SignDigest(b.Context(), jpki.AuthKey, []byte(p.AuthPIN), digest); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(len(r.commands))/float64(b.N), "APDUs/op")
}
