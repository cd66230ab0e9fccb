package jlis

import (
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"encoding/hex"
	"math/big"
	"time"

	"madoguchi/bridge/softcard"
)

// authority is one of the two of bridge/softcard.
type authority struct {
	issuer, short string
	cert          *x509.Certificate
	key           *rsa.PrivateKey
	certificate   func(softcard.Person, time.Time) *x509.Certificate
	list          func(time.Time) []byte
}

func authorities(now time.Time) []authority {
	auth, authKey := softcard.AuthCA(now)
	sign, signKey := softcard.SignCA(now)
	return []authority{
		{issuerOf(auth), "auth", auth, authKey, softcard.Person.AuthCertificate, softcard.CRL},
		{issuerOf(sign), "sign", sign, signKey, softcard.Person.SignCertificate, softcard.SignCRL},
	}
}

// other is the one of the two that this is not.
func (a authority) other(now time.Time) authority {
	both := authorities(now)
	if both[0].issuer == a.issuer {
		return both[1]
	}
	return both[0]
}

func issuerOf(cert *x509.Certificate) string {
	sum := sha256.Sum256(cert.RawSubjectPublicKeyInfo)
	return hex.EncodeToString(sum[:])
}

// holder finds to whom the authority has given a serial number.
func (a authority) holder(serial *big.Int, now time.Time) (softcard.Person, bool) {
	for _, p := range softcard.People() {
		if cert := a.certificate(p, now); cert != nil && cert.SerialNumber.Cmp(serial) == 0 {
			return p, true
		}
	}
	return softcard.Person{}, false
}

// cardID names a certificate.
type cardID struct {
	Issuer string `json:"issuer"`
	Serial string `json:"serial"`
}

func (c cardID) holder(now time.Time) (softcard.Person, bool) {
	serial, ok := new(big.Int).SetString(c.Serial, 16)
	if !ok || softcard.SerialHex(serial) != c.Serial {
		return softcard.Person{}, false
	}
	for _, a := range authorities(now) {
		if a.issuer == c.Issuer {
			return a.holder(serial, now)
		}
	}
	return softcard.Person{}, false
}

// others are the holder's other certificates of the same authority, never null in JSON.
func (c cardID) others(of func(serial string) []string) []cardID {
	list := []cardID{}
	for _, serial := range of(c.Serial) {
		list = append(list, cardID{c.Issuer, serial})
	}
	return list
}
