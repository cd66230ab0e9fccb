package jlis

import (
	"bytes"
	"crypto"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"time"

	"golang.org/x/crypto/ocsp"

	"madoguchi/bridge/softcard"
)

const maxNonce = 128 // RFC 9654, 2.1

var oidNonce = asn1.ObjectIdentifier{1, 3, 6, 1, 5, 5, 7, 48, 1, 2}

// Respond answers an OCSP request, DER to DER. It always answers: what is wrong with the request stands in the
// response.
func Respond(request []byte, now time.Time) []byte {
	return respond(request, now, false, softcard.Revoked)
}

// respond answers, when strange, under the signature of the authority that was not asked.
func respond(
	request []byte, now time.Time, strange bool, revokedAt func(serial string) (time.Time, bool),
) []byte {
	asked, err := ocsp.ParseRequest(request)
	if err != nil {
		return ocsp.MalformedRequestErrorResponse
	}
	nonce, err := nonceOf(request)
	if err != nil {
		return ocsp.MalformedRequestErrorResponse
	}
	a, ok := authorityOf(asked, now)
	if !ok {
		return ocsp.UnauthorizedErrorResponse
	}
	answer := ocsp.Response{
		SerialNumber: asked.SerialNumber,
		IssuerHash:   asked.HashAlgorithm,
		Status:       ocsp.Unknown,
		ThisUpdate:   now.UTC().Truncate(time.Second),
		NextUpdate:   now.UTC().Truncate(time.Second).Add(goodFor),
	}
	if _, given := a.holder(asked.SerialNumber, now); given {
		answer.Status = ocsp.Good
		if at, revoked := revokedAt(softcard.SerialHex(asked.SerialNumber)); revoked {
			answer.Status, answer.RevokedAt, answer.RevocationReason = ocsp.Revoked, at, ocsp.AffiliationChanged
		}
	}
	if strange {
		a = a.other(now)
	}
	response, err := ocsp.CreateResponse(a.cert, a.cert, answer, a.key)
	if err == nil && nonce != nil {
		response, err = withNonce(response, *nonce, a.key)
	}
	if err != nil {
		slog.Error("signing an OCSP response", "err", err)
		return ocsp.InternalErrorErrorResponse
	}
	return response
}

// authorityOf finds which of the two authorities is asked, by the hashes of its name and key.
func authorityOf(asked *ocsp.Request, now time.Time) (authority, bool) {
	for _, a := range authorities(now) {
		if issued(asked, a.cert) {
			return a, true
		}
	}
	return authority{}, false
}

func issued(asked *ocsp.Request, authority *x509.Certificate) bool {
	if !asked.HashAlgorithm.Available() {
		return false
	}
	var info struct {
		Algorithm pkix.AlgorithmIdentifier
		Key       asn1.BitString
	}
	if _, err := asn1.Unmarshal(authority.RawSubjectPublicKeyInfo, &info); err != nil {
		return false
	}
	return bytes.Equal(asked.IssuerNameHash, digest(asked.HashAlgorithm, authority.RawSubject)) &&
		bytes.Equal(asked.IssuerKeyHash, digest(asked.HashAlgorithm, info.Key.RightAlign()))
}

func digest(algorithm crypto.Hash, content []byte) []byte {
	h := algorithm.New()
	h.Write(content)
	return h.Sum(nil)
}

// nonceOf finds the nonce of a request, which x/crypto/ocsp passes over; nil when there is none.
func nonceOf(request []byte) (*pkix.Extension, error) {
	var parsed struct {
		TBS struct {
			Version    int           `asn1:"explicit,tag:0,default:0,optional"`
			Requestor  asn1.RawValue `asn1:"explicit,tag:1,optional"`
			Requests   []asn1.RawValue
			Extensions []pkix.Extension `asn1:"explicit,tag:2,optional"`
		}
	}
	if _, err := asn1.Unmarshal(request, &parsed); err != nil {
		return nil, fmt.Errorf("reading the request's extensions: %w", err)
	}
	for _, extension := range parsed.TBS.Extensions {
		if !extension.Id.Equal(oidNonce) {
			continue
		}
		var nonce []byte
		rest, err := asn1.Unmarshal(extension.Value, &nonce)
		if err != nil || len(rest) > 0 || len(nonce) == 0 || len(nonce) > maxNonce {
			return nil, errors.New("the nonce is malformed")
		}
		return &extension, nil
	}
	return nil, nil
}

// withNonce puts the nonce of the request into a response, which x/crypto/ocsp cannot, and signs it anew.
func withNonce(response []byte, nonce pkix.Extension, key *rsa.PrivateKey) ([]byte, error) {
	var outer struct {
		Status asn1.Enumerated
		Answer struct {
			Type    asn1.ObjectIdentifier
			Content []byte
		} `asn1:"explicit,tag:0"`
	}
	if _, err := asn1.Unmarshal(response, &outer); err != nil {
		return nil, err
	}
	var basic struct {
		TBS          asn1.RawValue
		Algorithm    pkix.AlgorithmIdentifier
		Signature    asn1.BitString
		Certificates []asn1.RawValue `asn1:"explicit,tag:0,optional"`
	}
	if _, err := asn1.Unmarshal(outer.Answer.Content, &basic); err != nil {
		return nil, err
	}
	extensions, err := asn1.MarshalWithParams([]pkix.Extension{nonce}, "explicit,tag:1")
	if err != nil {
		return nil, err
	}
	basic.TBS = asn1.RawValue{
		Tag: asn1.TagSequence, IsCompound: true, Bytes: slices.Concat(basic.TBS.Bytes, extensions),
	}
	signed, err := asn1.Marshal(basic.TBS)
	if err != nil {
		return nil, err
	}
	sum := sha256.Sum256(signed) // CreateResponse signs by SHA-256 with RSA, and says so
	if basic.Signature.Bytes, err = rsa.SignPKCS1v15(rand.Reader, key, crypto.SHA256, sum[:]); err != nil {
		return nil, err
	}
	basic.Signature.BitLength = 8 * len(basic.Signature.Bytes)
	if outer.Answer.Content, err = asn1.Marshal(basic); err != nil {
		return nil, err
	}
	return asn1.Marshal(outer)
}
