package card

import (
	"crypto/x509"
	"errors"
	"fmt"
	"time"
)

// A certificate is ours, and counts at another time.
var (
	ErrExpired = errors.New("the certificate has expired")
	ErrNotYet  = errors.New("the certificate does not count yet")
)

// Chain finds the authority of a certificate by its signature, and checks the days. Out of its own days a certificate
// is looked at as of their border, to tell "expired", whose authority is told too, from "not one of ours". There is
// nobody between an authority that is trusted and a card.
func Chain(trusted *x509.CertPool, cert *x509.Certificate, now time.Time) (issuer *x509.Certificate, err error) {
	at := now
	if at.After(cert.NotAfter) {
		at = cert.NotAfter
	}
	if at.Before(cert.NotBefore) {
		at = cert.NotBefore
	}
	chains, err := cert.Verify(x509.VerifyOptions{
		Roots: trusted, CurrentTime: at, KeyUsages: []x509.ExtKeyUsage{x509.ExtKeyUsageAny},
	})
	if err == nil && len(chains[0]) != 2 {
		err = fmt.Errorf("%d certificates are in it", len(chains[0]))
	}
	switch {
	case err != nil:
		return nil, fmt.Errorf("the chain does not hold: %w", err)
	case now.After(at):
		return chains[0][1], ErrExpired
	case now.Before(at):
		return chains[0][1], ErrNotYet
	}
	return chains[0][1], nil
}
