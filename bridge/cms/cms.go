// Package cms reads and checks the signatures that pages make of what the bridge signs (act.SignDocuments): a detached
// CMS SignedData. Whose certificate it is, who issued it and whether it was revoked is for others (bridge/jpki, the
// portal's rooms, an office).
package cms

import (
	"bytes"
	"crypto"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"errors"
	"fmt"
	"math/big"
	"time"

	"madoguchi/bridge/act"
)

// A detached CMS SignedData (RFC 5652) with one signer: nothing else is taken. The libraries that there are do not read
// it: the attribute that names the page's origin has an identifier with an arc of 128 bits.
type (
	contentInfo struct {
		Type    asn1.ObjectIdentifier
		Content asn1.RawValue // [0] EXPLICIT
	}
	signedData struct {
		Version     int
		Digests     []pkix.AlgorithmIdentifier `asn1:"set"`
		Content     struct{ Type asn1.ObjectIdentifier }
		Certificate asn1.RawValue // [0] IMPLICIT
		Signers     []signerInfo  `asn1:"set"`
	}
	signerInfo struct {
		Version int
		ID      struct {
			Issuer asn1.RawValue
			Serial *big.Int
		}
		Digest     pkix.AlgorithmIdentifier
		Attributes asn1.RawValue // [0] IMPLICIT
		Signature  pkix.AlgorithmIdentifier
		Value      []byte
	}
	attribute struct {
		Type   asn1.RawValue
		Values []asn1.RawValue `asn1:"set"`
	}
)

var (
	oidData        = asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 7, 1}
	oidSignedData  = asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 7, 2}
	oidSHA256      = asn1.ObjectIdentifier{2, 16, 840, 1, 101, 3, 4, 2, 1}
	oidRSA         = asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 1, 1}
	oidSHA256RSA   = asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 1, 11}
	oidContentType = "1.2.840.113549.1.9.3"
	oidDigest      = "1.2.840.113549.1.9.4"
	oidSigningTime = "1.2.840.113549.1.9.5"
	oidCertificate = "1.2.840.113549.1.9.16.2.47"
)

// Signature is one that was taken apart.
type Signature struct {
	Certificate *x509.Certificate
	// Origin is the page for which it was signed, and SignedAt when, as the signer's machine said.
	Origin   string
	SignedAt time.Time

	attributes []byte // the SET OF that is signed
	value      []byte
	digest     []byte
}

// ErrForm: it cannot be read, or is something else.
var ErrForm = errors.New("the signature is no CMS of the kind that the bridge makes")

// Keys are of so many bits: a longer one is nobody's, and would cost whoever looks at it.
const leastBits, mostBits = 2048, 4096

// Read takes a signature apart. Whatever is in it that is not understood refuses it: written again it must be the
// same.
func Read(der []byte) (*Signature, error) {
	var info contentInfo
	var data signedData
	if rest, err := asn1.Unmarshal(der, &info); err != nil || len(rest) > 0 || !info.Type.Equal(oidSignedData) {
		return nil, ErrForm
	}
	if rest, err := asn1.Unmarshal(info.Content.Bytes, &data); err != nil || len(rest) > 0 || len(data.Signers) != 1 {
		return nil, ErrForm
	}
	again, err := marshal(data)
	if err != nil || !bytes.Equal(again, der) {
		return nil, ErrForm
	}
	signer := data.Signers[0]
	c := &Signature{value: signer.Value}
	switch {
	case data.Version != 1 || signer.Version != 1 || len(data.Digests) != 1 || !data.Content.Type.Equal(oidData):
		return nil, ErrForm
	case !plain(data.Digests[0], oidSHA256) || !plain(signer.Digest, oidSHA256):
		return nil, fmt.Errorf("%w: not SHA-256", ErrForm)
	case !plain(signer.Signature, oidRSA) && !plain(signer.Signature, oidSHA256RSA):
		return nil, fmt.Errorf("%w: not RSA", ErrForm)
	case !isContext0(data.Certificate) || !isContext0(signer.Attributes):
		return nil, ErrForm
	}
	if c.Certificate, err = x509.ParseCertificate(data.Certificate.Bytes); err != nil {
		return nil, errors.New("the certificate in the signature cannot be read") // the error could quote it
	}
	key, ok := c.Certificate.PublicKey.(*rsa.PublicKey)
	if !ok || key.N.BitLen() < leastBits || key.N.BitLen() > mostBits {
		return nil, fmt.Errorf("%w: the certificate's key", ErrForm)
	}
	if !bytes.Equal(signer.ID.Issuer.FullBytes, c.Certificate.RawIssuer) ||
		signer.ID.Serial.Cmp(c.Certificate.SerialNumber) != 0 {
		return nil, fmt.Errorf("%w: the signer is not the certificate's", ErrForm)
	}
	c.attributes = append([]byte{asn1.TagSet | 0x20}, signer.Attributes.FullBytes[1:]...)
	return c, c.readAttributes()
}

// Write puts a signature together as a page does: of a certificate, the attributes that were signed (a SET OF), and
// the signature over them.
func Write(certificate, attributes, value []byte) ([]byte, error) {
	parsed, err := x509.ParseCertificate(certificate)
	if err != nil || len(attributes) == 0 {
		return nil, ErrForm
	}
	digest := pkix.AlgorithmIdentifier{Algorithm: oidSHA256}
	signer := signerInfo{
		Version: 1, Digest: digest, Value: value,
		Signature:  pkix.AlgorithmIdentifier{Algorithm: oidSHA256RSA, Parameters: asn1.NullRawValue},
		Attributes: asn1.RawValue{FullBytes: append([]byte{0xA0}, attributes[1:]...)},
	}
	signer.ID.Issuer, signer.ID.Serial = asn1.RawValue{FullBytes: parsed.RawIssuer}, parsed.SerialNumber
	data := signedData{
		Version: 1, Digests: []pkix.AlgorithmIdentifier{digest}, Signers: []signerInfo{signer},
		Certificate: asn1.RawValue{Class: asn1.ClassContextSpecific, Tag: 0, IsCompound: true, Bytes: certificate},
	}
	data.Content.Type = oidData
	return marshal(data)
}

func marshal(data signedData) ([]byte, error) {
	inner, err := asn1.Marshal(data)
	if err != nil {
		return nil, err
	}
	return asn1.Marshal(contentInfo{
		Type:    oidSignedData,
		Content: asn1.RawValue{Class: asn1.ClassContextSpecific, Tag: 0, IsCompound: true, Bytes: inner},
	})
}

// plain: this algorithm, without parameters.
func plain(a pkix.AlgorithmIdentifier, oid asn1.ObjectIdentifier) bool {
	return a.Algorithm.Equal(oid) &&
		(len(a.Parameters.FullBytes) == 0 || bytes.Equal(a.Parameters.FullBytes, asn1.NullBytes))
}

func isContext0(v asn1.RawValue) bool {
	return v.Class == asn1.ClassContextSpecific && v.Tag == 0 && v.IsCompound && len(v.FullBytes) > 0
}

// readAttributes reads what is signed beside the content: each once, and each that there must be.
func (c *Signature) readAttributes() error {
	var list []attribute
	rest, err := asn1.UnmarshalWithParams(c.attributes, &list, "set")
	if err != nil || len(rest) > 0 {
		return ErrForm
	}
	seen := map[string][]byte{}
	for _, a := range list {
		var oid x509.OID
		if a.Type.Class != asn1.ClassUniversal || a.Type.Tag != asn1.TagOID || len(a.Values) != 1 ||
			oid.UnmarshalBinary(a.Type.Bytes) != nil || seen[oid.String()] != nil {
			return ErrForm
		}
		seen[oid.String()] = a.Values[0].FullBytes
	}
	var kind asn1.ObjectIdentifier
	var reference struct {
		Certs []struct {
			Hash   []byte
			Serial asn1.RawValue
		}
	}
	for oid, into := range map[string]any{
		oidContentType: &kind, oidDigest: &c.digest, oidCertificate: &reference, act.OriginOID: &c.Origin,
		oidSigningTime: &c.SignedAt,
	} {
		rest, err := asn1.Unmarshal(seen[oid], into)
		if err != nil || len(rest) > 0 {
			return fmt.Errorf("%w: the attribute %s", ErrForm, oid)
		}
	}
	sum := sha256.Sum256(c.Certificate.Raw)
	if !kind.Equal(oidData) || len(reference.Certs) != 1 || !bytes.Equal(reference.Certs[0].Hash, sum[:]) {
		return fmt.Errorf("%w: what is signed is of something else", ErrForm)
	}
	return nil
}

// Verify says whether the certificate's key has signed exactly this, for a page of a portal.
func (c *Signature) Verify(document []byte, origin string) error {
	key, ok := c.Certificate.PublicKey.(*rsa.PublicKey)
	if !ok {
		return errors.New("the certificate has no RSA key")
	}
	if sum := sha256.Sum256(document); !bytes.Equal(sum[:], c.digest) {
		return errors.New("something else was signed")
	}
	if c.Origin != origin {
		return errors.New("it was signed for the page of another portal")
	}
	sum := sha256.Sum256(c.attributes)
	if err := rsa.VerifyPKCS1v15(key, crypto.SHA256, sum[:], c.value); err != nil {
		return fmt.Errorf("the signature is not the certificate's: %w", err)
	}
	return nil
}
