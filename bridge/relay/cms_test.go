package relay

import (
	"bytes"
	"crypto/sha256"
	"crypto/x509"
	"encoding/asn1"
	"encoding/pem"
	"math/big"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"madoguchi/bridge/softcard"
	bridgev2 "madoguchi/proto/gen/bridge/v2"
)

// The ASN.1 of a detached CMS (RFC 5652, 5.1 and 5.3), as a page assembles it.
type (
	contentInfo struct {
		Type    asn1.ObjectIdentifier
		Content asn1.RawValue // [0] EXPLICIT
	}
	signedData struct {
		Version     int
		Digests     []algorithm `asn1:"set"`
		Content     struct{ Type asn1.ObjectIdentifier }
		Certificate asn1.RawValue // [0] IMPLICIT
		Signers     []signerInfo  `asn1:"set"`
	}
	algorithm struct {
		Algorithm asn1.ObjectIdentifier
	}
	signerInfo struct {
		Version int
		ID      struct {
			Issuer asn1.RawValue
			Serial *big.Int
		}
		Digest     algorithm
		Attributes asn1.RawValue // [0] IMPLICIT
		Signature  algorithm
		Value      []byte
	}
)

func assemble(t *testing.T, certificate []byte, d *bridgev2.SignedDocument) []byte {
	t.Helper()
	parsed, err := x509.ParseCertificate(certificate)
	if err != nil {
		t.Fatal(err)
	}
	sha256OID := algorithm{asn1.ObjectIdentifier{2, 16, 840, 1, 101, 3, 4, 2, 1}}
	signer := signerInfo{
		Version: 1, Digest: sha256OID, Value: d.GetSignature(),
		Signature:  algorithm{asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 1, 1}},
		Attributes: asn1.RawValue{FullBytes: append([]byte{0xA0}, d.GetSignedAttributes()[1:]...)},
	}
	signer.ID.Issuer, signer.ID.Serial = asn1.RawValue{FullBytes: parsed.RawIssuer}, parsed.SerialNumber
	data := signedData{
		Version: 1, Digests: []algorithm{sha256OID}, Signers: []signerInfo{signer},
		Certificate: asn1.RawValue{Class: asn1.ClassContextSpecific, Tag: 0, IsCompound: true, Bytes: certificate},
	}
	data.Content.Type = asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 7, 1}
	inner, err := asn1.Marshal(data)
	if err != nil {
		t.Fatal(err)
	}
	b, err := asn1.Marshal(contentInfo{
		Type:    asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 7, 2},
		Content: asn1.RawValue{Class: asn1.ClassContextSpecific, Tag: 0, IsCompound: true, Bytes: inner},
	})
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// opensslTakes has openssl, which nobody here wrote, judge what a page assembles of the bridge's answer; one byte
// changed, it must refuse.
func opensslTakes(t *testing.T, p *page, slot int, pin string) {
	t.Helper()
	dir := t.TempDir()
	file := func(name string, b []byte) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, b, 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	content := []byte("%PDF-1.7 申請書\n")
	digest := sha256.Sum256(content)
	r := documentsFrame(p.h.place(slot), secret(pin), 2)
	for i, d := range r.GetSignDocument().GetDocuments() {
		d.Digest, d.Pades = digest[:], i == 1
	}
	signed := p.ask(r).GetSignedDocuments()
	if len(signed.GetDocuments()) != 2 {
		t.Fatal("not signed")
	}
	authority, _ := softcard.SignCA(time.Now())
	ca := file("ca.pem", pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: authority.Raw}))
	whole, other := file("content", content), file("other", bytes.Replace(content, []byte("1.7"), []byte("1.6"), 1))
	verify := func(message []byte, content string, more ...string) ([]byte, error) {
		arguments := append([]string{
			"cms", "-verify", "-binary", "-inform", "DER", "-in", file("message", message), "-content", content,
			"-CAfile", ca, "-purpose", "any", "-out", os.DevNull,
		}, more...)
		return exec.Command("openssl", arguments...).CombinedOutput()
	}
	for i, d := range signed.GetDocuments() {
		message := assemble(t, signed.GetCertificate(), d)
		for _, more := range [][]string{nil, {"-cades"}} {
			if out, err := verify(message, whole, more...); err != nil {
				t.Errorf("document %d, openssl %v: %v\n%s", i, more, err, out)
			}
			if out, err := verify(message, other, more...); err == nil {
				t.Errorf("document %d: another content is taken\n%s", i, out)
			}
		}
		for what, b := range map[string][]byte{"attributes": d.GetSignedAttributes(), "signature": d.GetSignature()} {
			at := bytes.Index(message, b[10:]) + len(b)/2
			message[at] ^= 1
			if out, err := verify(message, whole); err == nil {
				t.Errorf("document %d: a byte of the %s changed, and it is taken\n%s", i, what, out)
			}
			message[at] ^= 1
		}
	}
	// The reference to the certificate is what CAdES is about: with another certificate in it openssl refuses.
	message := assemble(t, signed.GetCertificate(), signed.GetDocuments()[0])
	hash := sha256.Sum256(signed.GetCertificate())
	message[bytes.Index(message, hash[:])] ^= 1
	if out, err := verify(message, whole, "-cades"); err == nil {
		t.Errorf("a reference to another certificate is taken\n%s", out)
	}
	// A challenge, with the other key.
	signature := p.ask(signFrame(p.h.place(slot), secret("1234"), challenge(p.origin))).GetSignature()
	parsed, err := x509.ParseCertificate(signature.GetCertificate())
	if err != nil {
		t.Fatal(err)
	}
	key, err := x509.MarshalPKIXPublicKey(parsed.PublicKey)
	if err != nil {
		t.Fatal(err)
	}
	public := file("key.pem", pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: key}))
	check := func(text []byte) error {
		return exec.Command("openssl", "dgst", "-sha256", "-verify", public, "-signature",
			file("signature", signature.GetSignature()), file("text", text)).Run()
	}
	if err := check(challenge(p.origin)); err != nil {
		t.Errorf("openssl does not take the signature of the challenge: %v", err)
	}
	if check(append(challenge(p.origin), ' ')) == nil {
		t.Error("openssl takes it for another text")
	}
}

func TestOpenSSLTakesWhatAPageAssembles(t *testing.T) {
	h := open(t, nil)
	lay(t, h, 0, "yamada-hanako")
	opensslTakes(t, h.connect(t), 0, "ABC123")
}
