package jlis

import (
	"bytes"
	"context"
	"crypto"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"errors"
	"fmt"
	"math/big"
	"net/http"
	"slices"
	"time"

	"golang.org/x/crypto/ocsp"

	"madoguchi/backend/store/card"
)

const (
	nonceSize = 32 // RFC 9654, 2.1
	// shortLife is for how long a responder may answer that says nothing of how to learn that it was stopped.
	shortLife = 31 * 24 * time.Hour
)

var (
	oidNonce   = asn1.ObjectIdentifier{1, 3, 6, 1, 5, 5, 7, 48, 1, 2}
	oidNoCheck = asn1.ObjectIdentifier{1, 3, 6, 1, 5, 5, 7, 48, 1, 5}
	oidSHA1    = asn1.ObjectIdentifier{1, 3, 14, 3, 2, 26}
)

// hashes are those by which an answer may name the authority. Nothing rests on their strength: the authority's key has
// signed.
var hashes = []struct {
	id   asn1.ObjectIdentifier
	hash crypto.Hash
}{
	{oidSHA1, crypto.SHA1},
	{asn1.ObjectIdentifier{2, 16, 840, 1, 101, 3, 4, 2, 1}, crypto.SHA256},
	{asn1.ObjectIdentifier{2, 16, 840, 1, 101, 3, 4, 2, 2}, crypto.SHA384},
	{asn1.ObjectIdentifier{2, 16, 840, 1, 101, 3, 4, 2, 3}, crypto.SHA512},
}

// strong tells whether a signature by this scheme proves anything today.
func strong(scheme x509.SignatureAlgorithm) bool {
	switch scheme {
	case x509.SHA256WithRSA, x509.SHA384WithRSA, x509.SHA512WithRSA,
		x509.SHA256WithRSAPSS, x509.SHA384WithRSAPSS, x509.SHA512WithRSAPSS,
		x509.ECDSAWithSHA256, x509.ECDSAWithSHA384, x509.ECDSAWithSHA512, x509.PureEd25519:
		return true
	}
	return false
}

// certID is CertID of RFC 6960, 4.1.1.
type certID struct {
	Hash     pkix.AlgorithmIdentifier
	NameHash []byte
	KeyHash  []byte
	Serial   *big.Int
}

type ocspRequest struct {
	TBS struct {
		Requests   []singleRequest
		Extensions []pkix.Extension `asn1:"explicit,tag:2"`
	}
}

type singleRequest struct {
	Card certID
}

// responseData is what x/crypto/ocsp reads and does not pass on: how the answer names the authority, and the nonce.
type responseData struct {
	Version    int `asn1:"optional,default:0,explicit,tag:0"`
	Responder  asn1.RawValue
	ProducedAt time.Time `asn1:"generalized"`
	Responses  []struct{ Card certID }
	Extensions []pkix.Extension `asn1:"explicit,tag:1,optional"`
}

// newNonce makes the value of a nonce's extension.
func newNonce() ([]byte, error) {
	random := make([]byte, nonceSize)
	rand.Read(random)
	return asn1.Marshal(random)
}

// makeRequest asks about one card of an authority. x/crypto/ocsp knows no nonce.
func makeRequest(of card.ID, issuer *x509.Certificate, nonce []byte) ([]byte, error) {
	name, key, err := issuerHashes(crypto.SHA1, issuer) // RFC 5019 asks for SHA-1
	if err != nil {
		return nil, err
	}
	algorithm := pkix.AlgorithmIdentifier{Algorithm: oidSHA1, Parameters: asn1.NullRawValue}
	var request ocspRequest
	request.TBS.Requests = []singleRequest{{certID{algorithm, name, key, of.Number()}}}
	request.TBS.Extensions = []pkix.Extension{{Id: oidNonce, Value: nonce}}
	return asn1.Marshal(request)
}

func issuerHashes(hash crypto.Hash, issuer *x509.Certificate) (name, key []byte, err error) {
	var info struct {
		Algorithm pkix.AlgorithmIdentifier
		Key       asn1.BitString
	}
	if _, err := asn1.Unmarshal(issuer.RawSubjectPublicKeyInfo, &info); err != nil {
		return nil, nil, fmt.Errorf("reading the authority's key: %w", err)
	}
	digest := func(content []byte) []byte {
		h := hash.New()
		h.Write(content)
		return h.Sum(nil)
	}
	return digest(issuer.RawSubject), digest(info.Key.RightAlign()), nil
}

func (c *Client) fetchOCSP(
	ctx context.Context, of card.ID, issuer *x509.Certificate,
) (body []byte, revoked bool, until time.Time, err error) {
	nonce, err := newNonce()
	if err != nil {
		return nil, false, time.Time{}, fmt.Errorf("making the nonce: %w", err)
	}
	request, err := makeRequest(of, issuer, nonce)
	if err != nil {
		return nil, false, time.Time{}, fmt.Errorf("making the request: %w", err)
	}
	if body, err = c.fetch(ctx, http.MethodPost, "/ocsp", "application/ocsp-request", request, maxOCSP); err != nil {
		return nil, false, time.Time{}, err
	}
	revoked, until, err = parseOCSP(body, of, issuer, nonce, c.now(), c.maxAge)
	return body, revoked, until, err
}

// parseOCSP reads an answer about a card and says until when it may be used.
func parseOCSP(
	body []byte, of card.ID, issuer *x509.Certificate, nonce []byte, now time.Time, maxAge time.Duration,
) (revoked bool, until time.Time, err error) {
	// Checks that there is one answer and that it is signed by the issuer or by a certificate of the issuer's.
	answer, err := ocsp.ParseResponse(body, issuer)
	if err != nil {
		return false, time.Time{}, fmt.Errorf("the answer is not good: %w", err)
	}
	if !strong(answer.SignatureAlgorithm) {
		return false, time.Time{},
			fmt.Errorf("the answer is signed by %v, which proves nothing", answer.SignatureAlgorithm)
	}
	if err := checkResponder(answer.Certificate, issuer, now); err != nil {
		return false, time.Time{}, err
	}
	if err := checkSubject(answer.TBSResponseData, of, issuer, nonce); err != nil {
		return false, time.Time{}, err
	}
	if answer.NextUpdate.IsZero() && now.Sub(answer.ThisUpdate) > clockSkew {
		return false, time.Time{}, errors.New("the answer was for the moment, which is over")
	}
	if err := checkAge(answer.ThisUpdate, answer.NextUpdate, now, maxAge); err != nil {
		return false, time.Time{}, fmt.Errorf("the answer is not of now: %w", err)
	}
	until = now.Add(answerFor)
	if !answer.NextUpdate.IsZero() && answer.NextUpdate.Before(until) {
		until = answer.NextUpdate
	}
	switch answer.Status {
	case ocsp.Good:
		return false, until, nil
	case ocsp.Revoked:
		return true, until, nil
	default:
		return false, time.Time{}, errNotKnownThere
	}
}

// checkSubject finds in the signed part that the answer is about this card of this authority, and, where it carries a
// nonce, that it answers this question. A responder that signs its answers ahead carries none: for those the age must
// do.
func checkSubject(signed []byte, of card.ID, issuer *x509.Certificate, nonce []byte) error {
	var data responseData
	if rest, err := asn1.Unmarshal(signed, &data); err != nil || len(rest) > 0 || len(data.Responses) != 1 {
		return errors.New("the answer is malformed")
	}
	about := data.Responses[0].Card
	for _, h := range hashes {
		if !about.Hash.Algorithm.Equal(h.id) {
			continue
		}
		name, key, err := issuerHashes(h.hash, issuer)
		if err != nil {
			return err
		}
		if !bytes.Equal(name, about.NameHash) || !bytes.Equal(key, about.KeyHash) ||
			about.Serial.Cmp(of.Number()) != 0 {
			return errors.New("the answer is about another certificate")
		}
		return checkExtensions(data.Extensions, nonce)
	}
	return errors.New("the answer names its authority by an unknown hash")
}

func checkExtensions(extensions []pkix.Extension, nonce []byte) error {
	for _, extension := range extensions {
		switch {
		case extension.Id.Equal(oidNonce) && !bytes.Equal(extension.Value, nonce):
			return errors.New("the answer is to another question")
		case extension.Critical && !extension.Id.Equal(oidNonce):
			return fmt.Errorf("the answer has an unknown critical extension %s", extension.Id)
		}
	}
	return nil
}

// checkResponder keeps any holder of a certificate of the same authority from answering for it: whom the authority has
// delegated carries the extended key usage OCSPSigning (RFC 6960, 4.2.2.2). Whether the delegate was stopped is not
// asked, so the authority must have said that it need not be, or have given it a short life (4.2.2.2.1).
func checkResponder(responder, issuer *x509.Certificate, now time.Time) error {
	if responder == nil || responder.Equal(issuer) {
		return nil
	}
	if !slices.Contains(responder.ExtKeyUsage, x509.ExtKeyUsageOCSPSigning) || responder.IsCA ||
		responder.KeyUsage != 0 && responder.KeyUsage&x509.KeyUsageDigitalSignature == 0 {
		return errors.New("the answer is signed by somebody who may not answer")
	}
	if !strong(responder.SignatureAlgorithm) || !bytes.Equal(responder.RawIssuer, issuer.RawSubject) {
		return errors.New("the responder's certificate is not the authority's")
	}
	if err := responder.CheckSignatureFrom(issuer); err != nil {
		return fmt.Errorf("the responder's certificate is not the authority's: %w", err)
	}
	if now.Before(responder.NotBefore) || now.After(responder.NotAfter) {
		return errors.New("the responder's certificate is out of date")
	}
	if len(responder.UnhandledCriticalExtensions) > 0 {
		return fmt.Errorf("the responder's certificate has an unknown critical extension %s",
			responder.UnhandledCriticalExtensions[0])
	}
	noCheck := func(e pkix.Extension) bool { return e.Id.Equal(oidNoCheck) }
	if !slices.ContainsFunc(responder.Extensions, noCheck) && responder.NotAfter.Sub(responder.NotBefore) > shortLife {
		return errors.New("whether the responder was stopped cannot be known")
	}
	return nil
}
