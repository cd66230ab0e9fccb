package login

import (
	"context"
	"crypto"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"errors"
	"fmt"
	"time"

	"connectrpc.com/connect"

	"madoguchi/backend/access"
	"madoguchi/backend/jlis"
	"madoguchi/bridge/jpki"
	portalv1 "madoguchi/proto/gen/portal/v1"
)

const (
	maxCertificate = 8 << 10
	signatureSize  = 256
)

// proof is a card's answer that has been found good.
type proof struct {
	challenge challenge
	serial    string // lower-case hex
	expires   time.Time
}

// refusal is why a proof is not good.
type refusal struct {
	code   connect.Code
	reason portalv1.Reason
	cause  error
}

// check goes from cheap to dear: the seal, the certificate, the signature, and only for who really holds the card the question to J-LIS.
func (s *Service) check(ctx context.Context, p *portalv1.CardProof, purposes []string) (proof, error) {
	found, err := s.challenges.open(p.GetChallenge(), p.GetSeal(), purposes, s.Now())
	if errors.Is(err, errExpired) {
		return proof{}, access.Error(ctx, connect.CodeFailedPrecondition, portalv1.Reason_REASON_CHALLENGE_EXPIRED, "", err)
	}
	if err != nil {
		return proof{}, access.Error(ctx, connect.CodeInvalidArgument, portalv1.Reason_REASON_CHALLENGE_INVALID, "", err)
	}
	cert, err := s.checkInTurn(ctx, p)
	if err != nil {
		return proof{}, err
	}

	serial := cert.SerialNumber.Text(16)
	if wait := s.serials.Take(serial, 1, time.Now()); wait > 0 {
		return proof{}, access.TooMany(ctx, wait, errors.New("one card logs in too often"))
	}
	switch err := s.JLIS.Revocation(ctx, cert); {
	case errors.Is(err, jlis.ErrRevoked):
		s.revoked(ctx, serial)
		return proof{}, access.Error(ctx, connect.CodePermissionDenied, portalv1.Reason_REASON_CERTIFICATE_REVOKED, "", err)
	case err != nil:
		return proof{}, access.Error(ctx, connect.CodeUnavailable, portalv1.Reason_REASON_REVOCATION_UNKNOWN, "", err)
	}
	return proof{challenge: found, serial: serial, expires: cert.NotAfter}, nil
}

func (s *Service) checkInTurn(ctx context.Context, p *portalv1.CardProof) (*x509.Certificate, error) {
	leave, err := s.enter(ctx)
	if err != nil {
		return nil, err
	}
	bad := true
	defer func() { leave(bad) }()
	cert, refused := s.checkCard(p)
	if refused != nil {
		return nil, access.Error(ctx, refused.code, refused.reason, "", refused.cause)
	}
	bad = false
	return cert, nil
}

// checkCard checks what can be checked without asking anybody.
func (s *Service) checkCard(p *portalv1.CardProof) (*x509.Certificate, *refusal) {
	invalid := func(err error) (*x509.Certificate, *refusal) {
		return nil, &refusal{connect.CodeInvalidArgument, portalv1.Reason_REASON_CERTIFICATE_INVALID, err}
	}
	if len(p.GetCertificate()) > maxCertificate {
		return invalid(errors.New("the certificate is too large"))
	}
	cert, err := x509.ParseCertificate(p.GetCertificate())
	if err != nil {
		return invalid(errors.New("the certificate cannot be read")) // the error could quote it
	}
	if err := jpki.CheckAuthCertificate(cert); err != nil {
		return invalid(err)
	}
	if refused := s.checkChain(cert); refused != nil {
		return nil, refused
	}
	if err := checkSignature(cert, p.GetChallenge(), p.GetSignature()); err != nil {
		return nil, &refusal{connect.CodeInvalidArgument, portalv1.Reason_REASON_SIGNATURE_INVALID, err}
	}
	return cert, nil
}

// checkChain checks the authority's signature and the days. Out of its own days a certificate is looked at as of their border, to tell
// "expired" from "not one of ours".
func (s *Service) checkChain(cert *x509.Certificate) *refusal {
	now := s.Now()
	at := now
	if at.After(cert.NotAfter) {
		at = cert.NotAfter
	}
	if at.Before(cert.NotBefore) {
		at = cert.NotBefore
	}
	_, err := cert.Verify(x509.VerifyOptions{Roots: s.pool, CurrentTime: at, KeyUsages: []x509.ExtKeyUsage{x509.ExtKeyUsageAny}})
	switch {
	case err != nil:
		return &refusal{connect.CodeInvalidArgument, portalv1.Reason_REASON_CERTIFICATE_INVALID, fmt.Errorf("the chain does not hold: %w", err)}
	case now.After(at):
		return &refusal{connect.CodePermissionDenied, portalv1.Reason_REASON_CERTIFICATE_EXPIRED, nil}
	case now.Before(at):
		return &refusal{connect.CodePermissionDenied, portalv1.Reason_REASON_CERTIFICATE_NOT_YET_VALID, nil}
	}
	return nil
}

func checkSignature(cert *x509.Certificate, text, signature []byte) error {
	key, ok := cert.PublicKey.(*rsa.PublicKey)
	if !ok || len(signature) != signatureSize {
		return fmt.Errorf("a signature of %d bytes is expected", signatureSize)
	}
	digest := sha256.Sum256(text)
	return rsa.VerifyPKCS1v15(key, crypto.SHA256, digest[:], signature)
}
