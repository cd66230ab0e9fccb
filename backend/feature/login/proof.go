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

func (s *Service) check(ctx context.Context, p *portalv1.CardProof, purposes []string) (proof, error) {
	shown, refused := s.judge(ctx, p, purposes)
	if refused != nil {
		return proof{}, refuse(ctx, *refused)
	}
	return shown, nil
}

// judge goes from cheap to dear: the seal, the certificate, the signature, and only for who really holds the card the
// question to J-LIS.
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
	if refused != nil {
		return proof{}, refused
	}

	id := card.Of(cert, issuer)
	if wait := s.cards.Take(id.String(), 1, s.Now()); wait > 0 {
		return proof{}, tooMany(access.TooMany(ctx, wait, errors.New("one card logs in too often")))
	}
	switch err := s.JLIS.Revocation(ctx, cert, issuer); {
	case errors.Is(err, jlis.ErrRevoked):
		s.revoked(ctx, id)
		return proof{}, &refusal{connect.CodePermissionDenied, portalv1.Reason_REASON_CERTIFICATE_REVOKED, err, nil}
	case err != nil:
		return proof{}, &refusal{connect.CodeUnavailable, portalv1.Reason_REASON_REVOCATION_UNKNOWN, err, nil}
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

// checkCard checks what can be checked without asking anybody.
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
	if issuer, refused = s.checkChain(cert); refused != nil {
		return nil, nil, refused
	}
	if err := checkSignature(cert, p.GetChallenge(), p.GetSignature()); err != nil {
		return nil, nil, &refusal{connect.CodeInvalidArgument, portalv1.Reason_REASON_SIGNATURE_INVALID, err, nil}
	}
	return cert, issuer, nil
}

// checkChain finds the authority by its signature, and checks the days. Out of its own days a certificate is looked at
// as of their border, to tell "expired" from "not one of ours". There is nobody between an authority that is configured
// and a card.
func (s *Service) checkChain(cert *x509.Certificate) (issuer *x509.Certificate, refused *refusal) {
	now := s.Now()
	at := now
	if at.After(cert.NotAfter) {
		at = cert.NotAfter
	}
	if at.Before(cert.NotBefore) {
		at = cert.NotBefore
	}
	chains, err := cert.Verify(x509.VerifyOptions{
		Roots: s.pool, CurrentTime: at, KeyUsages: []x509.ExtKeyUsage{x509.ExtKeyUsageAny},
	})
	if err == nil && len(chains[0]) != 2 {
		err = fmt.Errorf("%d certificates are in it", len(chains[0]))
	}
	switch {
	case err != nil:
		err = fmt.Errorf("the chain does not hold: %w", err)
		return nil, &refusal{connect.CodeInvalidArgument, portalv1.Reason_REASON_CERTIFICATE_INVALID, err, nil}
	case now.After(at):
		return nil, &refusal{connect.CodePermissionDenied, portalv1.Reason_REASON_CERTIFICATE_EXPIRED, nil, nil}
	case now.Before(at):
		return nil, &refusal{connect.CodePermissionDenied, portalv1.Reason_REASON_CERTIFICATE_NOT_YET_VALID, nil, nil}
	}
	return chains[0][1], nil
}

func checkSignature(cert *x509.Certificate, text, signature []byte) error {
	key, ok := cert.PublicKey.(*rsa.PublicKey)
	if !ok || len(signature) != signatureSize {
		return fmt.Errorf("a signature of %d bytes is expected", signatureSize)
	}
	digest := sha256.Sum256(text)
	return rsa.VerifyPKCS1v15(key, crypto.SHA256, digest[:], signature)
}
