package act

import (
	"context"
	"crypto/sha256"
	"crypto/x509"
	"encoding/asn1"
	"fmt"
	"math/big"
	"strings"
	"time"

	"madoguchi/bridge/apdu"
	"madoguchi/bridge/jpki"
)

// MaxDocuments is how many one PIN signs.
const MaxDocuments = 20

// Document is one to be signed.
type Document struct {
	// Digest is SHA-256 of the content.
	Digest [sha256.Size]byte
	// PAdES leaves the signing time out of the attributes: it stands in the PDF (ETSI EN 319 142-1, 6.3).
	PAdES bool
}

// SignedDocument is what a CMS SignerInfo is made of.
type SignedDocument struct {
	// Attributes are DER, as the SET OF that is signed (RFC 5652, 5.4).
	Attributes, Signature []byte
}

// Expect is whose card it must be; what is empty is not compared.
type Expect struct {
	Name string
	// BirthDate is YYYYMMDD.
	BirthDate string
}

// SignDocuments signs each document with the signing key, for the page of that origin. The PIN is verified before each
// signature. The certificate can be read only after the first VERIFY: when it is not the expected person's, nothing is
// signed. signed is told after each how many are.
func SignDocuments(
	ctx context.Context, t apdu.Transmitter, s Secret, origin string, documents []Document,
	expect Expect, now time.Time,
	signed func(int),
) (cert []byte, all []SignedDocument, err error) {
	card := jpki.Attach(t)
	for i, d := range documents {
		if err := s.verify(ctx, card, jpki.SignPIN); err != nil {
			return nil, nil, err
		}
		if i == 0 {
			if cert, err = expected(ctx, card, expect); err != nil {
				return nil, nil, err
			}
		}
		attributes, err := signedAttributes(d, cert, origin, now)
		if err != nil {
			return nil, nil, err
		}
		signature, err := signVerified(ctx, card, jpki.SignKey, attributes, cert)
		if err != nil {
			return nil, nil, err
		}
		all = append(all, SignedDocument{Attributes: attributes, Signature: signature})
		signed(i + 1)
	}
	return cert, all, nil
}

func expected(ctx context.Context, card *jpki.Card, expect Expect) ([]byte, error) {
	cert, err := certificate(ctx, card, jpki.SignCertificate)
	if err != nil {
		return nil, err
	}
	return cert, expect.check(cert)
}

// check compares with what the certificate says of the person. Names are compared character by character, after taking
// out blanks, of which offices write one, two or a wide one; nothing else is folded: characters that look alike may be
// two people's. Of the birth date the certificate's era is left out, which follows from the year.
func (e Expect) check(cert []byte) error {
	if e == (Expect{}) {
		return nil
	}
	parsed, err := x509.ParseCertificate(cert)
	if err != nil {
		return fmt.Errorf("%w: the signing certificate cannot be read", jpki.ErrMalformed)
	}
	person, err := jpki.AttributesOf(parsed)
	if err != nil {
		return fmt.Errorf("%w: %w", ErrOtherPerson, err)
	}
	if e.Name != "" && withoutBlanks(e.Name) != withoutBlanks(person.Name) {
		return fmt.Errorf("%w: the name", ErrOtherPerson)
	}
	if e.BirthDate != "" && e.BirthDate != person.BirthDate {
		return fmt.Errorf("%w: the date of birth", ErrOtherPerson)
	}
	return nil
}

func withoutBlanks(s string) string {
	return strings.NewReplacer(" ", "", "\u3000", "").Replace(s)
}

var (
	oidContentType          = asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 9, 3}
	oidMessageDigest        = asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 9, 4}
	oidSigningTime          = asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 9, 5}
	oidSigningCertificateV2 = asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 9, 16, 2, 47}
	oidData                 = asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 7, 1}
)

// OriginOID is the type of the attribute that names the page's origin, a UTF8String: the UUID
// 8b6c5d23-f21f-47a2-b0a5-ebd4383d326c as ITU-T X.667 makes it one.
const OriginOID = "2.25.185325348586837082688406940891043672684"

type attribute struct {
	Type   asn1.RawValue
	Values []asn1.RawValue `asn1:"set"`
}

// signedAttributes builds what is signed for a document. encoding/asn1 sorts a SET OF as DER wants.
func signedAttributes(d Document, cert []byte, origin string, now time.Time) ([]byte, error) {
	reference, err := signingCertificate(cert)
	if err != nil {
		return nil, err
	}
	var list []attribute
	add := func(oid asn1.RawValue, value any, parameters string) {
		if err != nil {
			return
		}
		var b []byte
		if b, err = asn1.MarshalWithParams(value, parameters); err == nil {
			list = append(list, attribute{Type: oid, Values: []asn1.RawValue{{FullBytes: b}}})
		}
	}
	add(identifier(oidContentType), oidData, "")
	add(identifier(oidMessageDigest), d.Digest[:], "")
	if !d.PAdES {
		// UTCTime until 2049, then GeneralizedTime (RFC 5652, 11.3).
		add(identifier(oidSigningTime), now.UTC().Truncate(time.Second), "")
	}
	add(identifier(oidSigningCertificateV2), reference, "")
	add(originIdentifier(), origin, "utf8")
	if err != nil {
		return nil, fmt.Errorf("encoding the attributes: %w", err)
	}
	b, err := asn1.MarshalWithParams(list, "set")
	if err != nil {
		return nil, fmt.Errorf("encoding the attributes: %w", err)
	}
	return b, nil
}

func identifier(oid asn1.ObjectIdentifier) asn1.RawValue {
	b, err := asn1.Marshal(oid)
	if err != nil {
		panic(fmt.Sprintf("act: encoding %s: %v", oid, err))
	}
	return asn1.RawValue{FullBytes: b}
}

// originIdentifier: an arc of 128 bits is too long for asn1.ObjectIdentifier.
func originIdentifier() asn1.RawValue {
	oid, err := x509.ParseOID(OriginOID)
	if err != nil {
		panic(fmt.Sprintf("act: %v", err))
	}
	b, err := oid.MarshalBinary()
	if err != nil {
		panic(fmt.Sprintf("act: %v", err))
	}
	return asn1.RawValue{Tag: asn1.TagOID, Bytes: b}
}

// The ASN.1 of RFC 5035, 3: the hash algorithm is SHA-256, which is the default and therefore left out.
type (
	signingCertificateV2 struct {
		Certs []essCertIDv2
	}
	essCertIDv2 struct {
		CertHash     []byte
		IssuerSerial issuerSerial
	}
	issuerSerial struct {
		Issuer []asn1.RawValue // GeneralNames
		Serial *big.Int
	}
)

func signingCertificate(cert []byte) (signingCertificateV2, error) {
	parsed, err := x509.ParseCertificate(cert)
	if err != nil {
		return signingCertificateV2{}, fmt.Errorf("%w: the signing certificate cannot be read", jpki.ErrMalformed)
	}
	hash := sha256.Sum256(cert)
	// directoryName [4], explicitly tagged because Name is a CHOICE.
	name := asn1.RawValue{Class: asn1.ClassContextSpecific, Tag: 4, IsCompound: true, Bytes: parsed.RawIssuer}
	return signingCertificateV2{Certs: []essCertIDv2{{
		CertHash:     hash[:],
		IssuerSerial: issuerSerial{Issuer: []asn1.RawValue{name}, Serial: parsed.SerialNumber},
	}}}, nil
}
