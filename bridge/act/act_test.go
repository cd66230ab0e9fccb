package act_test

import (
	"bytes"
	"context"
	"crypto"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"encoding/asn1"
	"encoding/base64"
	"errors"
	"strings"
	"testing"
	"time"

	"madoguchi/bridge/act"
	"madoguchi/bridge/apdu"
	"madoguchi/bridge/jpki"
	"madoguchi/bridge/softcard"
	"madoguchi/bridge/softcard/softcardtest"
)

const origin = "https://portal.example"

// wire counts what goes to a card, and may lose an answer or give another one.
type wire struct {
	card     *softcard.Card
	commands []apdu.Command
	// around is called for each command; send has the card do it.
	around func(c apdu.Command, send func() []byte) ([]byte, error)
}

func (w *wire) Transmit(ctx context.Context, b []byte) ([]byte, error) {
	c, err := apdu.ParseCommand(b)
	if err != nil {
		return nil, err
	}
	w.commands = append(w.commands, c)
	if w.around == nil {
		return w.card.Transmit(ctx, b)
	}
	return w.around(c, func() []byte {
		answer, err := w.card.Transmit(context.WithoutCancel(ctx), b)
		if err != nil {
			panic(err)
		}
		return answer
	})
}

func (w *wire) count(instruction byte) (n int) {
	for _, c := range w.commands {
		if c.INS == instruction && len(c.Data) > 0 {
			n++
		}
	}
	return n
}

func insert(t testing.TB, id string) (*wire, softcard.Person) {
	t.Helper()
	return &wire{card: softcardtest.Card(t, id)}, softcardtest.Person(t, id)
}

func pin(s string) act.Secret { return act.Secret{PIN: []byte(s)} }

func text(origin, purpose string) string {
	return "madoguchi-challenge-v1\norigin: " + origin + "\npurpose: " + purpose + "\nnonce: " +
		base64.RawURLEncoding.EncodeToString(bytes.Repeat([]byte{0xA5}, 32)) + "\nexpires: 1795000000000\n"
}

func TestSignIsFiveCommandsAndOneVerify(t *testing.T) {
	w, p := insert(t, "yamada-hanako")
	challenge, err := act.ParseChallenge([]byte(text(origin, "login")), origin)
	if err != nil {
		t.Fatal(err)
	}
	certificate := p.AuthCertificate(time.Now())
	signature, err := act.Sign(t.Context(), w, pin("1234"), challenge, certificate.Raw)
	if err != nil {
		t.Fatal(err)
	}
	if len(w.commands) != 5 || w.count(0x20) != 1 {
		t.Errorf("%d commands, %d VERIFY", len(w.commands), w.count(0x20))
	}
	digest := sha256.Sum256([]byte(text(origin, "login")))
	if err := rsa.VerifyPKCS1v15(certificate.PublicKey.(*rsa.PublicKey), crypto.SHA256, digest[:],
		signature); err != nil {
		t.Error(err)
	}
	// Another card's certificate: whoever was swapped in does not pass for the one before.
	other := softcardtest.Person(t, "yamada-taro")
	if s, err := act.Sign(t.Context(), w, pin("1234"), challenge, other.AuthCertificate(time.Now()).Raw); !errors.Is(
		err, jpki.ErrMalformed,
	) || s != nil {
		t.Errorf("a signature of another card: %v", err)
	}
	if _, err := act.Sign(t.Context(), w, pin("1234"), act.Challenge{}, certificate.Raw); !errors.Is(err,
		act.ErrNotAChallenge) {
		t.Errorf("nothing was signed as a challenge: %v", err)
	}
}

func TestChallenges(t *testing.T) {
	good := text(origin, "login")
	nonce := good[strings.Index(good, "nonce: ")+7 : strings.Index(good, "\nexpires")]
	for name, c := range map[string]struct {
		text string
		want error
	}{
		"good":                     {good, nil},
		"an act":                   {text(origin, "account.close"), nil},
		"the longest purpose":      {text(origin, strings.Repeat("a", 64)), nil},
		"empty":                    {"", act.ErrNotAChallenge},
		"without the last newline": {strings.TrimSuffix(good, "\n"), act.ErrNotAChallenge},
		"a newline more":           {good + "\n", act.ErrNotAChallenge},
		"something after it":       {good + "x", act.ErrNotAChallenge},
		"something before it":      {"\n" + good, act.ErrNotAChallenge},
		"CRLF":                     {strings.ReplaceAll(good, "\n", "\r\n"), act.ErrNotAChallenge},
		"version 2":                {strings.Replace(good, "-v1", "-v2", 1), act.ErrNotAChallenge},
		"a vault's first line": {
			strings.Replace(good, "madoguchi-challenge-v1", "madoguchi-vault-v1", 1), act.ErrNotAChallenge,
		},
		"two origins": {
			strings.Replace(good, "purpose: login", "origin: "+origin, 1), act.ErrNotAChallenge,
		},
		"another order": {
			strings.Replace(strings.Replace(good, "origin: ", "x: ", 1), "purpose: ", "origin: ", 1),
			act.ErrNotAChallenge,
		},
		"no blank":                  {strings.Replace(good, "origin: ", "origin:", 1), act.ErrNotAChallenge},
		"two blanks":                {strings.Replace(good, "origin: ", "origin:  ", 1), act.ErrForeignOrigin},
		"another origin":            {text("https://evil.example", "login"), act.ErrForeignOrigin},
		"the origin's beginning":    {text(origin+".evil.example", "login"), act.ErrForeignOrigin},
		"the origin in capitals":    {text(strings.ToUpper(origin), "login"), act.ErrForeignOrigin},
		"a path":                    {text(origin+"/", "login"), act.ErrForeignOrigin},
		"no origin":                 {text("", "login"), act.ErrForeignOrigin},
		"no purpose":                {text(origin, ""), act.ErrNotAChallenge},
		"a purpose in capitals":     {text(origin, "Login"), act.ErrNotAChallenge},
		"a purpose of two words":    {text(origin, "log in"), act.ErrNotAChallenge},
		"a purpose in Japanese":     {text(origin, "ログイン"), act.ErrNotAChallenge},
		"a long purpose":            {text(origin, strings.Repeat("a", 65)), act.ErrNotAChallenge},
		"a purpose with a NUL":      {text(origin, "login\x00"), act.ErrNotAChallenge},
		"nonce padded":              {strings.Replace(good, nonce, nonce+"=", 1), act.ErrNotAChallenge},
		"nonce of 31 bytes":         {strings.Replace(good, nonce, nonce[:42], 1), act.ErrNotAChallenge},
		"nonce of 33 bytes":         {strings.Replace(good, nonce, nonce+"A", 1), act.ErrNotAChallenge},
		"nonce in another base64":   {strings.Replace(good, nonce, strings.Repeat("+", 43), 1), act.ErrNotAChallenge},
		"nonce with bits left over": {strings.Replace(good, nonce, nonce[:42]+"V", 1), act.ErrNotAChallenge},
		"nonce with a return in it": {strings.Replace(good, nonce, nonce[:42]+"\r", 1), act.ErrNotAChallenge},
		"end with a zero before":    {strings.Replace(good, "expires: ", "expires: 0", 1), act.ErrNotAChallenge},
		"end with a plus":           {strings.Replace(good, "expires: ", "expires: +", 1), act.ErrNotAChallenge},
		"end below zero":            {strings.Replace(good, "expires: ", "expires: -", 1), act.ErrNotAChallenge},
		"end with a fraction": {
			strings.Replace(good, "1795000000000", "1795000000000.5", 1), act.ErrNotAChallenge,
		},
		"end beyond 63 bits": {
			strings.Replace(good, "1795000000000", "99999999999999999999", 1), act.ErrNotAChallenge,
		},
		"no end":          {strings.Replace(good, "1795000000000", "", 1), act.ErrNotAChallenge},
		"longer than any": {text(origin+"/"+strings.Repeat("a", 1024), "login"), act.ErrNotAChallenge},
	} {
		if _, err := act.ParseChallenge([]byte(c.text), origin); !errors.Is(err, c.want) ||
			(err == nil) != (c.want == nil) {
			t.Errorf("%s: %v, want %v", name, err, c.want)
		}
	}
}

// The text may be changed by whoever gave it: what was checked is what is signed.
func TestChallengeIsACopy(t *testing.T) {
	w, p := insert(t, "yamada-hanako")
	given := []byte(text(origin, "login"))
	challenge, err := act.ParseChallenge(given, origin)
	if err != nil {
		t.Fatal(err)
	}
	copy(given, "something quite different")
	certificate := p.AuthCertificate(time.Now())
	signature, err := act.Sign(t.Context(), w, pin("1234"), challenge, certificate.Raw)
	if err != nil {
		t.Fatal(err)
	}
	digest := sha256.Sum256([]byte(text(origin, "login")))
	if err := rsa.VerifyPKCS1v15(certificate.PublicKey.(*rsa.PublicKey), crypto.SHA256, digest[:],
		signature); err != nil {
		t.Error(err)
	}
}

// FuzzParseChallenge: whatever is taken is written in one way, for this origin, and is no text of a vault.
func FuzzParseChallenge(f *testing.F) {
	f.Add([]byte(text(origin, "login")), origin)
	f.Add([]byte(text("http://localhost:8080", "account.close")), "http://localhost:8080")
	f.Add([]byte("madoguchi-vault-v1\n"+origin+"\nAAAA\n"), origin)
	f.Fuzz(func(t *testing.T, given []byte, origin string) {
		c, err := act.ParseChallenge(given, origin)
		if err != nil {
			return
		}
		lines := strings.Split(string(given), "\n")
		nonce, err := base64.RawURLEncoding.DecodeString(strings.TrimPrefix(lines[3], "nonce: "))
		if err != nil {
			t.Fatal(err)
		}
		again := "madoguchi-challenge-v1\norigin: " + origin + "\npurpose: " + c.Purpose + "\nnonce: " +
			base64.RawURLEncoding.EncodeToString(nonce) + "\n" + lines[4] + "\n"
		if again != string(given) || len(nonce) != 32 || strings.HasPrefix(string(given), "madoguchi-vault") {
			t.Errorf("took %q", given)
		}
	})
}

// FuzzVault: no origin and no salt make a vault's text a challenge, for any origin, nor two vaults' texts the same.
func FuzzVault(f *testing.F) {
	f.Add(origin, bytes.Repeat([]byte{1}, 16))
	f.Add("x\npurpose: login\nnonce: "+strings.Repeat("A", 43)+"\nexpires: 1", bytes.Repeat([]byte{1}, 32))
	w, p := insert(f, "yamada-hanako")
	certificate := p.AuthCertificate(time.Now()).Raw
	f.Fuzz(func(t *testing.T, origin string, salt []byte) {
		vault, err := act.NewVault(origin, salt)
		if (err == nil) != (len(salt) >= 16 && len(salt) <= 64) {
			t.Fatalf("a salt of %d bytes: %v", len(salt), err)
		}
		if err != nil {
			return
		}
		if !bytes.HasPrefix(vault.Text(), []byte("madoguchi-vault-v1\n")) ||
			!bytes.HasSuffix(vault.Text(), []byte("\n")) {
			t.Fatalf("%q", vault.Text())
		}
		if _, err := act.ParseChallenge(vault.Text(), origin); err == nil {
			t.Fatalf("%q is a challenge", vault.Text())
		}
		if key, err := act.DeriveKey(t.Context(), w, pin("1234"), vault, certificate); err != nil || len(key) != 32 {
			t.Fatalf("%d bytes, %v", len(key), err)
		}
	})
}

func TestDeriveKey(t *testing.T) {
	salt, otherSalt := bytes.Repeat([]byte{1}, 32), bytes.Repeat([]byte{2}, 32)
	derive := func(person, origin string, salt []byte) string {
		t.Helper()
		w, p := insert(t, person)
		vault, err := act.NewVault(origin, salt)
		if err != nil {
			t.Fatal(err)
		}
		want := "madoguchi-vault-v1\n" + origin + "\n" + base64.RawURLEncoding.EncodeToString(salt) + "\n"
		if string(vault.Text()) != want {
			t.Fatalf("signs %q", vault.Text())
		}
		key, err := act.DeriveKey(t.Context(), w, pin("1234"), vault, p.AuthCertificate(time.Now()).Raw)
		if err != nil {
			t.Fatal(err)
		}
		if len(w.commands) != 5 {
			t.Errorf("%d commands", len(w.commands))
		}
		return string(key)
	}
	key := derive("yamada-hanako", origin, salt)
	if derive("yamada-hanako", origin, salt) != key {
		t.Error("another key the second time")
	}
	for name, other := range map[string]string{
		"card":   derive("yamada-taro", origin, salt),
		"origin": derive("yamada-hanako", "https://evil.example", salt),
		"salt":   derive("yamada-hanako", origin, otherSalt),
	} {
		if other == key {
			t.Errorf("the same key for another %s", name)
		}
	}
	if _, err := act.DeriveKey(t.Context(), nil, pin("1234"), act.Vault{}, nil); err == nil {
		t.Error("a key for no vault")
	}
}

func TestLook(t *testing.T) {
	for _, p := range softcard.People() {
		w, _ := insert(t, p.ID)
		card, err := act.Look(t.Context(), w)
		if err != nil {
			t.Errorf("%s: %v", p.ID, err)
			continue
		}
		switch p.ID {
		case "old-juki":
			if card.Kind != jpki.OldResidentCard || card.Tries != nil {
				t.Errorf("%+v", card)
			}
			continue
		case "transit":
			if card.Kind != jpki.UnknownCard || card.Certificate != nil {
				t.Errorf("%+v", card)
			}
			continue
		}
		want := p.AuthCertificate(time.Now())
		if card.Kind != jpki.MyNumberCard || (want == nil) != (card.Certificate == nil) ||
			want != nil && !bytes.Equal(want.Raw, card.Certificate) {
			t.Errorf("%s: kind %s, certificate of %d bytes", p.ID, card.Kind, len(card.Certificate))
		}
		if len(card.AuthCA) == 0 || len(card.SignCA) == 0 || len(card.Tries) != 3 || card.Tries[jpki.TextPIN] != 3 {
			t.Errorf("%s: %d tries, CAs of %d and %d bytes", p.ID, len(card.Tries), len(card.AuthCA), len(card.SignCA))
		}
		if w.count(0x20) != 0 {
			t.Errorf("%s: a PIN was given", p.ID)
		}
	}
}

func TestSignDocuments(t *testing.T) {
	w, p := insert(t, "yamada-hanako")
	now := time.Date(2026, 11, 25, 12, 34, 56, 789, time.FixedZone("", 9*3600))
	documents := make([]act.Document, act.MaxDocuments)
	for i := range documents {
		documents[i] = act.Document{Digest: sha256.Sum256([]byte{byte(i)}), PAdES: i%2 == 1}
	}
	var told []int
	cert, signed, err := act.SignDocuments(t.Context(), w, pin(p.SignPIN), origin, documents, act.Expect{}, now,
		func(n int) { told = append(told, n) })
	if err != nil {
		t.Fatal(err)
	}
	if len(signed) != len(documents) || len(told) != len(documents) || told[len(told)-1] != len(documents) {
		t.Fatalf("%d signed, told %v", len(signed), told)
	}
	verifies, signatures := w.count(0x20), w.count(0x2A)
	if verifies != len(documents) || signatures != len(documents) {
		t.Errorf("%d VERIFY and %d signatures for %d documents", verifies, signatures, len(documents))
	}
	// One VERIFY before each signature.
	verified := false
	for _, c := range w.commands {
		if c.INS == 0x20 {
			verified = true
		}
		if c.INS == 0x2A {
			if !verified {
				t.Fatal("two signatures by one VERIFY")
			}
			verified = false
		}
	}
	parsed := p.SignCertificate(time.Now())
	if !bytes.Equal(cert, parsed.Raw) {
		t.Error("another certificate")
	}
	for i, d := range signed {
		digest := sha256.Sum256(d.Attributes)
		err := rsa.VerifyPKCS1v15(parsed.PublicKey.(*rsa.PublicKey), crypto.SHA256, digest[:], d.Signature)
		if err != nil {
			t.Error(err)
		}
		checkAttributes(t, d.Attributes, documents[i], parsed, now)
	}
}

// checkAttributes reads the attributes with nothing of the package that wrote them.
func checkAttributes(t *testing.T, b []byte, d act.Document, certificate *x509.Certificate, now time.Time) {
	t.Helper()
	var outer asn1.RawValue
	if rest, err := asn1.Unmarshal(b, &outer); err != nil || len(rest) > 0 || outer.Tag != asn1.TagSet ||
		!outer.IsCompound {
		t.Fatalf("no SET: %v", err)
	}
	var before []byte
	values := map[string][]byte{}
	for rest := outer.Bytes; len(rest) > 0; {
		var one asn1.RawValue
		var err error
		if rest, err = asn1.Unmarshal(rest, &one); err != nil {
			t.Fatal(err)
		}
		if bytes.Compare(before, one.FullBytes) >= 0 {
			t.Error("the SET OF is not sorted")
		}
		before = one.FullBytes
		var oid, set, value asn1.RawValue
		after, err := asn1.Unmarshal(one.Bytes, &oid)
		if err != nil {
			t.Fatal(err)
		}
		if after, err = asn1.Unmarshal(after, &set); err != nil || len(after) > 0 {
			t.Fatal(err)
		}
		if after, err = asn1.Unmarshal(set.Bytes, &value); err != nil || len(after) > 0 {
			t.Fatal(err)
		}
		var parsed x509.OID
		if err := parsed.UnmarshalBinary(oid.Bytes); err != nil {
			t.Fatal(err)
		}
		values[parsed.String()] = value.FullBytes
	}
	var kind asn1.ObjectIdentifier
	var digest []byte
	var named string
	get := func(oid string, into any) {
		t.Helper()
		if rest, err := asn1.Unmarshal(values[oid], into); err != nil || len(rest) > 0 {
			t.Errorf("%s: %v", oid, err)
		}
	}
	get("1.2.840.113549.1.9.3", &kind)
	get("1.2.840.113549.1.9.4", &digest)
	get(act.OriginOID, &named)
	if kind.String() != "1.2.840.113549.1.7.1" || !bytes.Equal(digest, d.Digest[:]) || named != origin ||
		values[act.OriginOID][0] != asn1.TagUTF8String {
		t.Errorf("type %s, digest %X, origin %q", kind, digest, named)
	}
	var reference struct {
		Certs []struct {
			Hash         []byte
			IssuerSerial struct {
				Names  []asn1.RawValue
				Serial asn1.RawValue
			}
		}
	}
	get("1.2.840.113549.1.9.16.2.47", &reference)
	hash := sha256.Sum256(certificate.Raw)
	if len(reference.Certs) != 1 || !bytes.Equal(reference.Certs[0].Hash, hash[:]) ||
		!bytes.Equal(reference.Certs[0].IssuerSerial.Names[0].Bytes, certificate.RawIssuer) {
		t.Errorf("the certificate is told as %+v", reference)
	}
	want := 5
	if d.PAdES {
		want = 4
		if values["1.2.840.113549.1.9.5"] != nil {
			t.Error("a signing time within a PDF")
		}
	} else {
		var at time.Time
		get("1.2.840.113549.1.9.5", &at)
		if !at.Equal(now.Truncate(time.Second)) {
			t.Errorf("signed at %s", at)
		}
		tag := byte(asn1.TagUTCTime)
		if now.Year() >= 2050 {
			tag = asn1.TagGeneralizedTime
		}
		if values["1.2.840.113549.1.9.5"][0] != tag {
			t.Errorf("the time has tag %d", values["1.2.840.113549.1.9.5"][0])
		}
	}
	if len(values) != want {
		t.Errorf("%d attributes, want %d", len(values), want)
	}
}

func TestSigningTimeAfter2049(t *testing.T) {
	w, p := insert(t, "yamada-hanako")
	for _, year := range []int{2049, 2050} {
		now := time.Date(year, 6, 1, 0, 0, 0, 0, time.UTC)
		_, signed, err := act.SignDocuments(t.Context(), w, pin(p.SignPIN), origin, make([]act.Document, 1),
			act.Expect{}, now, func(int) {})
		if err != nil {
			t.Fatal(err)
		}
		checkAttributes(t, signed[0].Attributes, act.Document{}, p.SignCertificate(time.Now()), now)
	}
}

func TestExpectedPerson(t *testing.T) {
	for name, c := range map[string]struct {
		person string
		expect act.Expect
		want   error
	}{
		"nobody in particular": {"yamada-hanako", act.Expect{}, nil},
		"both":                 {"yamada-hanako", act.Expect{Name: "山田 花子", BirthDate: "19900415"}, nil},
		"a wide blank":         {"yamada-hanako", act.Expect{Name: "山田\u3000花子"}, nil},
		"no blank":             {"yamada-hanako", act.Expect{Name: "山田花子"}, nil},
		"another name": {
			"yamada-hanako", act.Expect{Name: "山田 太郎", BirthDate: "19900415"}, act.ErrOtherPerson,
		},
		"another day": {
			"yamada-hanako", act.Expect{Name: "山田 花子", BirthDate: "19900416"}, act.ErrOtherPerson,
		},
		"a part of the name":     {"yamada-hanako", act.Expect{Name: "山田"}, act.ErrOtherPerson},
		"as the certificate has": {"watanabe-gaiji", act.Expect{Name: "渡辺 吉江"}, nil},
		"as the card's face has": {"watanabe-gaiji", act.Expect{Name: "渡邉 𠮷江"}, act.ErrOtherPerson},
		"a character not seen":   {"watanabe-gaiji", act.Expect{Name: "渡辺 吉\u2060江"}, act.ErrOtherPerson},
		"only a blank":           {"yamada-hanako", act.Expect{Name: " "}, act.ErrOtherPerson},
	} {
		w, p := insert(t, c.person)
		_, signed, err := act.SignDocuments(t.Context(), w, pin(p.SignPIN), origin, make([]act.Document, 2), c.expect,
			time.Now(), func(int) {})
		if !errors.Is(err, c.want) || (err == nil) != (c.want == nil) {
			t.Errorf("%s: %v, want %v", name, err, c.want)
		}
		if c.want != nil && (w.count(0x2A) != 0 || signed != nil) {
			t.Errorf("%s: %d signatures", name, w.count(0x2A))
		}
	}
}

func TestVerifyAttributes(t *testing.T) {
	w, p := insert(t, "yamada-hanako")
	a, err := act.VerifyAttributes(t.Context(), w, pin(p.TextPIN))
	if err != nil || a.Name != p.Name || a.Address != p.Address || a.BirthDate != p.BirthDate || a.Sex != p.Sex {
		t.Errorf("%+v, %v", a, err)
	}
	for _, c := range w.commands {
		if c.INS == 0xA4 && c.P1 == 2 && (bytes.Equal(c.Data, []byte{0, 1}) || bytes.Equal(c.Data, []byte{0, 3})) {
			t.Error("the number, or its digest, was selected")
		}
	}
}

// The card's answer is lost at each step of a change, before the card did what it was told or after.
func TestChangeWithLostAnswers(t *testing.T) {
	lost := errors.New("the answer was lost")
	for name, c := range map[string]struct {
		instruction byte
		done        bool // the card did it before the answer was lost
		gone        bool // and is gone then
		left        int  // tries left afterwards; 0: as they are
		want        error
		pin         string // of the card afterwards
	}{
		"VERIFY, not done":            {instruction: 0x20, want: lost, pin: "1234"},
		"VERIFY, done":                {instruction: 0x20, done: true, want: lost, pin: "1234"},
		"change, not done":            {instruction: 0x24, want: lost, pin: "1234"},
		"change, done":                {instruction: 0x24, done: true, pin: "9876"},
		"change, not done, card gone": {instruction: 0x24, gone: true, want: act.ErrChangeUnknown, pin: "1234"},
		"change, done, card gone": {
			instruction: 0x24, done: true, gone: true, want: act.ErrChangeUnknown, pin: "9876",
		},
		"change, done, one try left": {
			instruction: 0x24, done: true, left: 1, want: act.ErrChangeUnknown, pin: "9876",
		},
	} {
		t.Run(name, func(t *testing.T) {
			w, _ := insert(t, "yamada-hanako")
			w.around = func(command apdu.Command, send func() []byte) ([]byte, error) {
				if command.INS != c.instruction || len(command.Data) == 0 {
					return send(), nil
				}
				if c.done {
					send()
				}
				return nil, lost
			}
			probes := 0
			again := func(context.Context) (apdu.Transmitter, error) {
				if c.gone {
					return nil, apdu.ErrCardRemoved
				}
				w.card.PowerOff()
				return &wire{card: w.card, around: func(command apdu.Command, send func() []byte) ([]byte, error) {
					if command.INS == 0x20 && len(command.Data) > 0 {
						probes++
					}
					if c.left > 0 && command.INS == 0x20 && len(command.Data) == 0 {
						return apdu.Response{Status: apdu.StatusTries(c.left)}.Bytes(), nil
					}
					return send(), nil
				}}, nil
			}
			err := act.ChangePIN(t.Context(), w, jpki.AuthPIN, pin("1234"), []byte("9876"), again)
			if !errors.Is(err, c.want) || (err == nil) != (c.want == nil) {
				t.Errorf("%v, want %v", err, c.want)
			}
			if errors.Is(err, jpki.ErrWrongPIN) {
				t.Error("the bridge's own guess is told as a wrong PIN")
			}
			wantProbes := map[bool]int{true: 1}[c.instruction == 0x24 && !c.gone && c.left == 0]
			if probes != wantProbes {
				t.Errorf("%d PINs tried to find out, want %d", probes, wantProbes)
			}
			w.around = nil
			w.card.PowerOff()
			if err := jpki.Attach(w).Verify(t.Context(), jpki.AuthPIN, []byte(c.pin)); err != nil {
				t.Errorf("the PIN is not %s: %v", c.pin, err)
			}
		})
	}
}

// Finding out may be lost as well; then it is not known.
func TestChangeWhenFindingOutIsLost(t *testing.T) {
	lost := errors.New("the answer was lost")
	for _, question := range []bool{true, false} {
		w, _ := insert(t, "yamada-hanako")
		w.around = func(command apdu.Command, send func() []byte) ([]byte, error) {
			answer := send()
			if command.INS == 0x24 {
				return nil, lost
			}
			return answer, nil
		}
		probes := 0
		err := act.ChangePIN(t.Context(), w, jpki.AuthPIN, pin("1234"), []byte("9876"),
			func(context.Context) (apdu.Transmitter, error) {
				return &wire{card: w.card, around: func(command apdu.Command, send func() []byte) ([]byte, error) {
					if command.INS == 0x20 && (len(command.Data) == 0) == question {
						probes++
						return nil, lost
					}
					return send(), nil
				}}, nil
			})
		if !errors.Is(err, act.ErrChangeUnknown) || probes != 1 {
			t.Errorf("%v after %d", err, probes)
		}
	}
}

// Nobody is told that a PIN changed on the word of one answer: the card opens by the new one first.
func TestAChangeIsProvenByTheCard(t *testing.T) {
	for _, lies := range []bool{false, true} {
		w, _ := insert(t, "yamada-hanako")
		w.around = func(command apdu.Command, send func() []byte) ([]byte, error) {
			if lies && command.INS == 0x24 {
				return apdu.Response{Status: apdu.StatusOK}.Bytes(), nil
			}
			return send(), nil
		}
		probes := 0
		again := func(context.Context) (apdu.Transmitter, error) {
			w.card.PowerOff()
			return &wire{card: w.card, around: func(command apdu.Command, send func() []byte) ([]byte, error) {
				if command.INS == 0x20 && len(command.Data) > 0 {
					probes++
				}
				return send(), nil
			}}, nil
		}
		err := act.ChangePIN(t.Context(), w, jpki.AuthPIN, pin("1234"), []byte("9876"), again)
		if (err != nil) != lies || errors.Is(err, jpki.ErrWrongPIN) || probes != 1 {
			t.Errorf("a card that lies %t: %v after %d", lies, err, probes)
		}
		w.around = nil
		w.card.PowerOff()
		want := map[bool]string{false: "9876", true: "1234"}[lies]
		if err := jpki.Attach(w).Verify(t.Context(), jpki.AuthPIN, []byte(want)); err != nil {
			t.Errorf("the PIN is not %s: %v", want, err)
		}
	}
}

// Whoever gives up between the two steps has the change neither half made nor unknown.
func TestChangeGivenUp(t *testing.T) {
	for _, instruction := range []byte{0x20, 0x24} {
		w, _ := insert(t, "yamada-hanako")
		ctx, cancel := context.WithCancel(t.Context())
		w.around = func(command apdu.Command, send func() []byte) ([]byte, error) {
			answer := send()
			if command.INS == instruction && len(command.Data) > 0 {
				cancel()
			}
			return answer, nil
		}
		again := func(ctx context.Context) (apdu.Transmitter, error) {
			w.card.PowerOff()
			return w.card, ctx.Err()
		}
		err := act.ChangePIN(ctx, w, jpki.AuthPIN, pin("1234"), []byte("9876"), again)
		want := map[byte]string{0x20: "1234", 0x24: "9876"}[instruction]
		if (err == nil) != (instruction == 0x24) {
			t.Errorf("given up after %02X: %v", instruction, err)
		}
		w.around = nil
		if err := jpki.Attach(w).Verify(t.Context(), jpki.AuthPIN, []byte(want)); err != nil {
			t.Errorf("given up after %02X the PIN is not %s: %v", instruction, want, err)
		}
	}
}

// Whoever gives up while the answer is lost learns what became of it all the same.
func TestChangeGivenUpAndLost(t *testing.T) {
	w, _ := insert(t, "yamada-hanako")
	ctx, cancel := context.WithCancel(t.Context())
	w.around = func(command apdu.Command, send func() []byte) ([]byte, error) {
		answer := send()
		if command.INS == 0x24 {
			cancel()
			return nil, errors.New("the answer was lost")
		}
		return answer, nil
	}
	again := func(ctx context.Context) (apdu.Transmitter, error) { return w.card, ctx.Err() }
	if err := act.ChangePIN(ctx, w, jpki.AuthPIN, pin("1234"), []byte("9876"), again); err != nil {
		t.Errorf("the PIN was changed: %v", err)
	}
}

func TestFormsAreCheckedBeforeTheCard(t *testing.T) {
	w, _ := insert(t, "yamada-hanako")
	for name, err := range map[string]error{
		"old":  act.ChangePIN(t.Context(), w, jpki.AuthPIN, pin("12345"), []byte("9876"), nil),
		"new":  act.ChangePIN(t.Context(), w, jpki.AuthPIN, pin("1234"), []byte("98"), nil),
		"none": act.ChangePIN(t.Context(), w, jpki.SignPIN, pin("ABC123"), nil, nil),
	} {
		if !errors.Is(err, jpki.ErrPINForm) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if len(w.commands) != 0 {
		t.Errorf("%d commands", len(w.commands))
	}
}

// keys are those of a reader on which a person types.
type keys struct {
	w     *wire
	typed []string // one PIN each time; an empty one is the key to cancel
	asked int
}

func (k *keys) next(ctx context.Context, instruction, p1 byte) (apdu.Response, error) {
	digits := k.typed[k.asked]
	k.asked++
	if digits == "" {
		return apdu.Response{Status: 0x6401}, nil
	}
	return apdu.Send(ctx, k.w, apdu.Command{INS: instruction, P1: p1, P2: 0x80, Data: []byte(digits)})
}

func (k *keys) VerifyPIN(ctx context.Context, _ jpki.PIN) (apdu.Response, error) {
	return k.next(ctx, 0x20, 0)
}

func (k *keys) ChangePIN(ctx context.Context, _ jpki.PIN) (apdu.Response, error) {
	return k.next(ctx, 0x24, 1)
}

func TestPINsTypedOnTheReader(t *testing.T) {
	w, p := insert(t, "yamada-hanako")
	challenge, err := act.ParseChallenge([]byte(text(origin, "login")), origin)
	if err != nil {
		t.Fatal(err)
	}
	certificate := p.AuthCertificate(time.Now()).Raw
	k := &keys{w: w, typed: []string{"1234", "0000", "", "5678", "1234", "4321", "4321", ""}}
	s := act.Secret{Pad: k}
	if _, err := act.Sign(t.Context(), w, s, challenge, certificate); err != nil {
		t.Error(err)
	}
	if _, err := act.Sign(t.Context(), w, s, challenge, certificate); !errors.Is(err, jpki.ErrWrongPIN) {
		t.Errorf("a wrong PIN: %v", err)
	}
	if _, err := act.Sign(t.Context(), w, s, challenge, certificate); !errors.Is(err, act.ErrDeclined) {
		t.Errorf("cancelled: %v", err)
	}
	if a, err := act.VerifyAttributes(t.Context(), w, s); err != nil || a.Name != p.Name {
		t.Errorf("%v, %v", a, err)
	}
	if err := act.ChangePIN(t.Context(), w, jpki.AuthPIN, s, nil, nil); err != nil {
		t.Errorf("changing: %v", err)
	}
	if err := act.ChangePIN(t.Context(), w, jpki.AuthPIN, s, nil, nil); !errors.Is(err, act.ErrDeclined) {
		t.Errorf("cancelled at the new PIN: %v", err)
	}
	if err := act.ChangePIN(t.Context(), w, jpki.AuthPIN, s, []byte("1111"), nil); !errors.Is(err, jpki.ErrPINForm) {
		t.Errorf("a new PIN from the page: %v", err)
	}
	if _, _, err := act.SignDocuments(t.Context(), w, s, origin, make([]act.Document, 1), act.Expect{}, time.Now(),
		func(int) {}); !errors.Is(err, act.ErrNoPad) {
		t.Errorf("a PIN with letters: %v", err)
	}
	if k.asked != len(k.typed) {
		t.Errorf("typed %d times, want %d", k.asked, len(k.typed))
	}
	if err := jpki.Attach(w).Verify(t.Context(), jpki.AuthPIN, []byte("4321")); err != nil {
		t.Errorf("the new PIN: %v", err)
	}
}
