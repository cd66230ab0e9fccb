package certificate

import (
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"math/big"
	"testing"
	"time"

	"madoguchi/frontend/reach/certificate/certificatetest"
)

// signing is a certificate that names its holder as those of the card do.
func signing(t testing.TB, attributes map[int]string) []byte {
	t.Helper()
	type other struct {
		ID    asn1.ObjectIdentifier
		Value asn1.RawValue
	}
	var names []byte
	for arc, text := range attributes {
		utf8, err := asn1.MarshalWithParams(text, "utf8")
		if err != nil {
			t.Fatal(err)
		}
		one, err := asn1.MarshalWithParams(other{
			ID:    asn1.ObjectIdentifier{1, 2, 392, 200149, 8, 5, 5, arc},
			Value: asn1.RawValue{Class: asn1.ClassContextSpecific, IsCompound: true, Bytes: utf8},
		}, "tag:0")
		if err != nil {
			t.Fatal(err)
		}
		names = append(names, one...)
	}
	value, err := asn1.Marshal(asn1.RawValue{Tag: asn1.TagSequence, IsCompound: true, Bytes: names})
	if err != nil {
		t.Fatal(err)
	}
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(7), Subject: pkix.Name{CommonName: "x"}, NotBefore: time.Now(), NotAfter: time.Now(),
		ExtraExtensions: []pkix.Extension{{Id: asn1.ObjectIdentifier{2, 5, 29, 17}, Critical: true, Value: value}},
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		t.Fatal(err)
	}
	return der
}

func TestTheHolderIsRead(t *testing.T) {
	der := signing(t, map[int]string{
		1: "山田花子", 2: "00", 3: "2", 4: "419900415", 5: "東京都目黒区上目黒九丁目999番1号",
	})
	want := Holder{Name: "山田花子", Address: "東京都目黒区上目黒九丁目999番1号", Birth: "1990-04-15", Sex: "2"}
	if got, ok := HolderOf(der); !ok || got != want {
		t.Errorf("%+v, %v", got, ok)
	}
	if got, ok := HolderOf(certificatetest.Until(t, time.Now())); ok {
		t.Errorf("a certificate without a name names %+v", got)
	}
	if got, ok := HolderOf(nil); ok {
		t.Errorf("nothing names %+v", got)
	}
}

// Whatever a card sends does no harm.
func FuzzHolder(f *testing.F) {
	f.Add(signing(f, map[int]string{1: "a", 4: "419900415"}))
	f.Add([]byte{0x30, 0x82, 0xff, 0xff})
	f.Fuzz(func(t *testing.T, der []byte) {
		if h, ok := HolderOf(der); ok && h.Name == "" {
			t.Error("somebody without a name")
		}
	})
}
