package certificate

import (
	"crypto"
	"crypto/rand"
	"crypto/rsa"
	sum "crypto/sha256"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"math/big"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"
)

// signed are a certificate, signed attributes over a document, and the signature over them, as the bridge gives them.
func signed(t *testing.T, document []byte) (cert, attributes, signature []byte) {
	t.Helper()
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	now := time.Now()
	template := &x509.Certificate{
		SerialNumber: big.NewInt(12345678), Subject: pkix.Name{CommonName: "山田花子"},
		NotBefore: now.Add(-time.Hour), NotAfter: now.Add(time.Hour), KeyUsage: x509.KeyUsageDigitalSignature,
	}
	if cert, err = x509.CreateCertificate(rand.Reader, template, template, key.Public(), key); err != nil {
		t.Fatal(err)
	}
	type attribute struct {
		Type   asn1.ObjectIdentifier
		Values []any `asn1:"set"`
	}
	digest := sum.Sum256(document)
	list := []attribute{
		{asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 9, 3}, []any{asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 7, 1}}},
		{asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 9, 4}, []any{digest[:]}},
	}
	if attributes, err = asn1.MarshalWithParams(list, "set"); err != nil {
		t.Fatal(err)
	}
	over := sum.Sum256(attributes)
	if signature, err = rsa.SignPKCS1v15(rand.Reader, key, crypto.SHA256, over[:]); err != nil {
		t.Fatal(err)
	}
	return cert, attributes, signature
}

func TestOpensslTakesTheSignature(t *testing.T) {
	document := []byte(`{"answers":{}}`)
	made, err := CMS(signed(t, document))
	if err != nil {
		t.Fatal(err)
	}
	verify := func(content []byte) ([]byte, error) {
		dir := t.TempDir()
		for name, data := range map[string][]byte{"cms": made, "content": content} {
			if err := os.WriteFile(filepath.Join(dir, name), data, 0o600); err != nil {
				t.Fatal(err)
			}
		}
		command := exec.CommandContext(t.Context(), "openssl", "cms", "-verify", "-binary", "-noverify", "-inform",
			"DER", "-in", "cms", "-content", "content")
		command.Dir = dir
		return command.CombinedOutput()
	}
	if said, err := verify(document); err != nil {
		t.Errorf("refused: %v\n%s", err, said)
	}
	if said, err := verify([]byte(`{"answers":[]}`)); err == nil {
		t.Errorf("another document is taken: %s", said)
	}
}

func TestWhatIsNoSignatureIsRefused(t *testing.T) {
	cert, attributes, signature := signed(t, []byte("x"))
	for name, parts := range map[string][2][]byte{
		"half a certificate": {cert[:len(cert)/2], attributes}, "no attributes": {cert, nil},
		"a sequence": {cert, cert}, "nothing": {nil, nil},
	} {
		if _, err := CMS(parts[0], parts[1], signature); err == nil {
			t.Errorf("%s: is taken", name)
		}
	}
}
