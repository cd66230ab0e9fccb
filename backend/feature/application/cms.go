package application

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

// A detached CMS SignedData (RFC 5652) with one signer, as a page puts it together of what the bridge signed: nothing
// else is taken. The libraries that there are do not read it: the attribute that names the page's origin has an
// identifier with an arc of 128 bits.
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

// cms is a signature that was taken apart.
type cms struct {
	certificate *x509.Certificate
	attributes  []byte // the SET OF that is signed
	value       []byte
	// What the attributes say.
	digest   []byte
	origin   string
	signedAt time.Time
}

var errCMS = errors.New("the signature is no CMS of the kind that the bridge makes")

// readCMS takes a signature apart. Whatever is in it that is not understood refuses it: written again it must be the
// same.
func readCMS(der []byte) (*cms, error) {
	var info contentInfo
	var data signedData
	if rest, err := asn1.Unmarshal(der, &info); err != nil || len(rest) > 0 || !info.Type.Equal(oidSignedData) {
		return nil, errCMS
	}
	if rest, err := asn1.Unmarshal(info.Content.Bytes, &data); err != nil || len(rest) > 0 || len(data.Signers) != 1 {
		return nil, errCMS
	}
	again, err := writeCMS(data)
	if err != nil || !bytes.Equal(again, der) {
		return nil, errCMS
	}
	signer := data.Signers[0]
	c := &cms{value: signer.Value}
	switch {
	case data.Version != 1 || signer.Version != 1 || len(data.Digests) != 1 || !data.Content.Type.Equal(oidData):
		return nil, errCMS
	case !plain(data.Digests[0], oidSHA256) || !plain(signer.Digest, oidSHA256):
		return nil, fmt.Errorf("%w: not SHA-256", errCMS)
	case !plain(signer.Signature, oidRSA) && !plain(signer.Signature, oidSHA256RSA):
		return nil, fmt.Errorf("%w: not RSA", errCMS)
	case !isContext0(data.Certificate) || !isContext0(signer.Attributes):
		return nil, errCMS
	}
	if c.certificate, err = x509.ParseCertificate(data.Certificate.Bytes); err != nil {
		return nil, errors.New("the certificate in the signature cannot be read") // the error could quote it
	}
	if !bytes.Equal(signer.ID.Issuer.FullBytes, c.certificate.RawIssuer) ||
		signer.ID.Serial.Cmp(c.certificate.SerialNumber) != 0 {
		return nil, fmt.Errorf("%w: the signer is not the certificate's", errCMS)
	}
	c.attributes = append([]byte{asn1.TagSet | 0x20}, signer.Attributes.FullBytes[1:]...)
	return c, c.readAttributes()
}

func writeCMS(data signedData) ([]byte, error) {
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
func (c *cms) readAttributes() error {
	var list []attribute
	rest, err := asn1.UnmarshalWithParams(c.attributes, &list, "set")
	if err != nil || len(rest) > 0 {
		return errCMS
	}
	seen := map[string][]byte{}
	for _, a := range list {
		var oid x509.OID
		if a.Type.Class != asn1.ClassUniversal || a.Type.Tag != asn1.TagOID || len(a.Values) != 1 ||
			oid.UnmarshalBinary(a.Type.Bytes) != nil || seen[oid.String()] != nil {
			return errCMS
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
		oidContentType: &kind, oidDigest: &c.digest, oidCertificate: &reference, act.OriginOID: &c.origin,
		oidSigningTime: &c.signedAt,
	} {
		rest, err := asn1.Unmarshal(seen[oid], into)
		if err != nil || len(rest) > 0 {
			return fmt.Errorf("%w: the attribute %s", errCMS, oid)
		}
	}
	sum := sha256.Sum256(c.certificate.Raw)
	if !kind.Equal(oidData) || len(reference.Certs) != 1 || !bytes.Equal(reference.Certs[0].Hash, sum[:]) {
		return fmt.Errorf("%w: what is signed is of something else", errCMS)
	}
	return nil
}

// verify says whether the certificate's key has signed exactly this, for a page of this portal.
func (c *cms) verify(document []byte, origin string) error {
	key, ok := c.certificate.PublicKey.(*rsa.PublicKey)
	if !ok {
		return errors.New("the certificate has no RSA key")
	}
	if sum := sha256.Sum256(document); !bytes.Equal(sum[:], c.digest) {
		return errors.New("something else was signed")
	}
	if c.origin != origin {
		return errors.New("it was signed for the page of another portal")
	}
	sum := sha256.Sum256(c.attributes)
	if err := rsa.VerifyPKCS1v15(key, crypto.SHA256, sum[:], c.value); err != nil {
		return fmt.Errorf("the signature is not the certificate's: %w", err)
	}
	return nil
}
