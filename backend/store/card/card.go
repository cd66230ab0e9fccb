// Package card names a card: by the authority that gave its certificate and the certificate's serial number. Two
// authorities may give the same number to two people, so a serial number alone names nobody.
//
// It is for the user-authentication certificate, by which people are known; certificates for signing are named
// likewise. What a certificate must be like is bridge/jpki's, whether it is revoked backend/outside/jlis's.
package card

import (
	"crypto/sha256"
	"crypto/x509"
	"encoding/hex"
	"math/big"
	"strings"
)

const (
	issuerSize    = 2 * sha256.Size
	maxSerialSize = 40 // hex digits: 20 bytes, RFC 5280
)

// ID names one card. It is comparable, and converts to the parameters of the statements that ask by both. The zero ID
// is nobody's.
type ID struct {
	// Issuer is the authority's name here (Issuer).
	Issuer string `json:"issuer"`
	// Serial is the serial number in lower-case hex, without leading zeros.
	Serial string `json:"serial"`
}

// Of names the card of a certificate, whose issuer the caller has found by its signature.
func Of(certificate, issuer *x509.Certificate) ID {
	return ID{Issuer: Issuer(issuer), Serial: certificate.SerialNumber.Text(16)}
}

// Issuer is the name of an authority: hex of the SHA-256 of its public key (SubjectPublicKeyInfo). It stays the same
// when the authority's own certificate is renewed.
func Issuer(authority *x509.Certificate) string {
	sum := sha256.Sum256(authority.RawSubjectPublicKeyInfo)
	return hex.EncodeToString(sum[:])
}

// Valid tells whether both parts are written the one way there is.
func (id ID) Valid() bool {
	return len(id.Issuer) == issuerSize && isHex(id.Issuer) &&
		id.Serial != "" && len(id.Serial) <= maxSerialSize && id.Serial[0] != '0' && isHex(id.Serial)
}

// Number is the serial number as such; nil when it is none.
func (id ID) Number() *big.Int {
	if !id.Valid() {
		return nil
	}
	number, ok := new(big.Int).SetString(id.Serial, 16)
	if !ok {
		return nil
	}
	return number
}

// String joins both, for keys of maps and hashes.
func (id ID) String() string { return id.Issuer + ":" + id.Serial }

// Owner tells cards apart without naming them, for pages: what one keeps of a person is theirs who shows the same card.
func (id ID) Owner() string {
	sum := sha256.Sum256([]byte("drafts\x00" + id.Issuer + "\x00" + id.Serial))
	return hex.EncodeToString(sum[:])
}

func isHex(s string) bool { return strings.Trim(s, "0123456789abcdef") == "" }
