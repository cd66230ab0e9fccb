package login

import (
	"context"
	"crypto"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"connectrpc.com/connect"

	"madoguchi/backend/door/access"
	"madoguchi/backend/outside/jlis"
	"madoguchi/backend/store/audit"
	"madoguchi/backend/store/card"
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
	card      card.ID
	expires   time.Time
}

// refusal is why a proof is not good. An error made already is the answer as it is.
type refusal struct {
	code   connect.Code
	reason portalv1.Reason
	cause  error
	made   error
}

// refuse writes a refused proof into the security log and makes the answer.
func refuse(ctx context.Context, r refusal) error {
	audit.Log(ctx, audit.LoginRefused, slog.String("reason", r.reason.String()))
	if r.made != nil {
		return r.made
	}
	return access.Error(ctx, r.code, r.reason, "", r.cause)
}

// judge goes from cheap to dear: the seal, the certificate, the signature, and only for who really holds the card the
// question to J-LIS. Of a proof that is refused the card is known once it has signed.
func (s *Service) judge(ctx context.Context, p *portalv1.CardProof, purposes []string) (proof, *refusal) {
	browser, _ := s.browserOf(ctx)
	to := func(purpose string) []byte { return bound(ctx, purpose, browser) }
	found, err := s.challenges.open(p.GetChallenge(), p.GetSeal(), to, purposes, s.Now())
	if errors.Is(err, errExpired) {
		return proof{}, &refusal{connect.CodeFailedPrecondition, portalv1.Reason_REASON_CHALLENGE_EXPIRED, err, nil}
	}
	if err != nil {
		return proof{}, &refusal{connect.CodeInvalidArgument, portalv1.Reason_REASON_CHALLENGE_INVALID, err, nil}
	}
	cert, issuer, refused := s.checkInTurn(ctx, p)
	if cert == nil {
		return proof{}, refused
	}

	id := card.Of(cert, issuer)
	known := proof{card: id}
	if refused != nil {
		return known, refused
	}
	if wait := s.cards.Take(id.String(), 1, s.Now()); wait > 0 {
		return known, tooMany(access.TooMany(ctx, wait, errors.New("one card logs in too often")))
	}
	switch err := s.JLIS.Revocation(ctx, cert, issuer); {
	case errors.Is(err, jlis.ErrRevoked):
		s.revoked(ctx, id)
		return known, &refusal{connect.CodePermissionDenied, portalv1.Reason_REASON_CERTIFICATE_REVOKED, err, nil}
	case err != nil:
		return known, &refusal{connect.CodeUnavailable, portalv1.Reason_REASON_REVOCATION_UNKNOWN, err, nil}
	}
	return proof{challenge: found, card: id, expires: cert.NotAfter}, nil
}

func tooMany(made error) *refusal {
	return &refusal{reason: portalv1.Reason_REASON_TOO_MANY_REQUESTS, made: made}
}

func (s *Service) checkInTurn(
	ctx context.Context, p *portalv1.CardProof,
) (cert, issuer *x509.Certificate, refused *refusal) {
	leave, err := s.enter(ctx)
	if err != nil {
		return nil, nil, tooMany(err)
	}
	bad := true
	defer func() { leave(bad) }()
	cert, issuer, refused = s.checkCard(p)
	bad = refused != nil
	return cert, issuer, refused
}

// checkCard checks what can be checked without asking anybody. Of a card that has signed, and is refused for its days,
// it tells which it is.
func (s *Service) checkCard(p *portalv1.CardProof) (cert, issuer *x509.Certificate, refused *refusal) {
	invalid := func(err error) *refusal {
		return &refusal{connect.CodeInvalidArgument, portalv1.Reason_REASON_CERTIFICATE_INVALID, err, nil}
	}
	if len(p.GetCertificate()) > maxCertificate {
		return nil, nil, invalid(errors.New("the certificate is too large"))
	}
	cert, err := x509.ParseCertificate(p.GetCertificate())
	if err != nil {
		return nil, nil, invalid(errors.New("the certificate cannot be read")) // the error could quote it
	}
	if err := jpki.CheckAuthCertificate(cert); err != nil {
		return nil, nil, invalid(err)
	}
	if issuer, refused = s.checkChain(cert); issuer == nil {
		return nil, nil, refused
	}
	if err := checkSignature(cert, p.GetChallenge(), p.GetSignature()); err != nil {
		if refused == nil {
			refused = &refusal{connect.CodeInvalidArgument, portalv1.Reason_REASON_SIGNATURE_INVALID, err, nil}
		}
		return nil, nil, refused
	}
	return cert, issuer, refused
}

// checkChain finds the authority, and tells "expired", whose issuer is told, from "not one of ours".
func (s *Service) checkChain(cert *x509.Certificate) (issuer *x509.Certificate, refused *refusal) {
	issuer, err := card.Chain(s.pool, cert, s.Now())
	switch {
	case errors.Is(err, card.ErrExpired):
		refused = &refusal{connect.CodePermissionDenied, portalv1.Reason_REASON_CERTIFICATE_EXPIRED, nil, nil}
	case errors.Is(err, card.ErrNotYet):
		refused = &refusal{connect.CodePermissionDenied, portalv1.Reason_REASON_CERTIFICATE_NOT_YET_VALID, nil, nil}
	case err != nil:
		return nil, &refusal{connect.CodeInvalidArgument, portalv1.Reason_REASON_CERTIFICATE_INVALID, err, nil}
	}
	return issuer, refused
}

func checkSignature(cert *x509.Certificate, text, signature []byte) error {
	key, ok := cert.PublicKey.(*rsa.PublicKey)
	if !ok || len(signature) != signatureSize {
		return fmt.Errorf("a signature of %d bytes is expected", signatureSize)
	}
	digest := sha256.Sum256(text)
	return rsa.VerifyPKCS1v15(key, crypto.SHA256, digest[:], signature)
}
