package jlis

import (
	"bytes"
	"context"
	"crypto"
	"crypto/x509"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"slices"
	"sync"
	"time"

	"golang.org/x/crypto/ocsp"
)

const (
	answerFor  = 5 * time.Minute // an answer is used again for as long at most
	maxAnswers = 100_000
	clockSkew  = 5 * time.Minute
	maxAge     = 24 * time.Hour // an answer older than this is stale whatever it says of itself
)

// Revocation says whether a certificate is revoked: nil (it is not), ErrRevoked or ErrUnknown. The certificate's signature must have been
// checked before. It takes two seconds at most.
func (c *Client) Revocation(ctx context.Context, cert *x509.Certificate) error {
	issuer := c.issuer(cert)
	if issuer == nil {
		return fmt.Errorf("%w: it is of no authority that we trust", ErrUnknown)
	}
	key := string(issuer.RawSubjectPublicKeyInfo) + cert.SerialNumber.Text(16)
	if revoked, ok := c.answers.get(key, c.now()); ok {
		return verdict(revoked)
	}
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()

	revoked, err := c.askOCSP(ctx, key, cert, issuer)
	if err == nil {
		return verdict(revoked)
	}
	if errors.Is(err, errNotKnownThere) {
		return fmt.Errorf("%w: %w", ErrUnknown, err)
	}
	list, listErr := c.revocationList(ctx, issuer)
	if listErr != nil {
		return fmt.Errorf("%w: OCSP: %w; revocation list: %w", ErrUnknown, err, listErr)
	}
	return verdict(list.has(cert.SerialNumber))
}

func verdict(revoked bool) error {
	if revoked {
		return ErrRevoked
	}
	return nil
}

func (c *Client) issuer(cert *x509.Certificate) *x509.Certificate {
	for _, ca := range c.cas {
		if bytes.Equal(ca.RawSubject, cert.RawIssuer) && cert.CheckSignatureFrom(ca) == nil {
			return ca
		}
	}
	return nil
}

var errNotKnownThere = errors.New("J-LIS does not know the certificate")

// askOCSP asks once for all who want to know the same. The asking goes on when this caller gives up, for those who come after.
func (c *Client) askOCSP(ctx context.Context, key string, cert, issuer *x509.Certificate) (revoked bool, err error) {
	if !c.ocsp.allow(c.now()) {
		return false, errors.New("it has not answered lately")
	}
	flight := c.flights.DoChan("ocsp "+key, func() (any, error) {
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), ocspPatience)
		defer cancel()
		revoked, until, err := c.fetchOCSP(ctx, cert, issuer)
		c.ocsp.note(err == nil || errors.Is(err, errNotKnownThere), c.now())
		if err == nil {
			c.answers.put(key, revoked, until, c.now())
		}
		return revoked, err
	})
	select {
	case <-ctx.Done():
		return false, ctx.Err()
	case result := <-flight:
		revoked, _ := result.Val.(bool)
		return revoked, result.Err
	}
}

func (c *Client) fetchOCSP(ctx context.Context, cert, issuer *x509.Certificate) (revoked bool, until time.Time, err error) {
	// SHA-1 only names the issuer here (RFC 5019 asks for it); nothing rests on its strength.
	request, err := ocsp.CreateRequest(cert, issuer, &ocsp.RequestOptions{Hash: crypto.SHA1})
	if err != nil {
		return false, time.Time{}, fmt.Errorf("making the request: %w", err)
	}
	body, err := c.fetch(ctx, http.MethodPost, "/ocsp", "application/ocsp-request", request, maxOCSP)
	if err != nil {
		return false, time.Time{}, err
	}
	return parseOCSP(body, cert, issuer, c.now())
}

// parseOCSP reads an answer about cert and says until when it may be used.
func parseOCSP(body []byte, cert, issuer *x509.Certificate, now time.Time) (revoked bool, until time.Time, err error) {
	// Checks that it is about this serial number and signed by the issuer or by a certificate of the issuer's.
	answer, err := ocsp.ParseResponseForCert(body, cert, issuer)
	if err != nil {
		return false, time.Time{}, fmt.Errorf("the answer is not good: %w", err)
	}
	if err := checkResponder(answer.Certificate, issuer, now); err != nil {
		return false, time.Time{}, err
	}
	switch {
	case answer.ThisUpdate.After(now.Add(clockSkew)):
		return false, time.Time{}, errors.New("the answer is from the future")
	case answer.NextUpdate.IsZero() && now.Sub(answer.ThisUpdate) > clockSkew,
		!answer.NextUpdate.IsZero() && !now.Before(answer.NextUpdate),
		now.Sub(answer.ThisUpdate) > maxAge:
		return false, time.Time{}, errors.New("the answer is stale")
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

// checkResponder keeps any holder of a certificate of the same authority from answering for it: whom the authority has delegated
// carries the extended key usage OCSPSigning (RFC 6960, 4.2.2.2).
func checkResponder(responder, issuer *x509.Certificate, now time.Time) error {
	if responder == nil || responder.Equal(issuer) {
		return nil
	}
	if !slices.Contains(responder.ExtKeyUsage, x509.ExtKeyUsageOCSPSigning) {
		return errors.New("the answer is signed by somebody who may not answer")
	}
	if err := responder.CheckSignatureFrom(issuer); err != nil {
		return fmt.Errorf("the responder's certificate is not the authority's: %w", err)
	}
	if now.Before(responder.NotBefore) || now.After(responder.NotAfter) {
		return errors.New("the responder's certificate is out of date")
	}
	return nil
}

// answers remembers what OCSP said.
type answers struct {
	mu   sync.Mutex
	kept map[string]kept
}

type kept struct {
	revoked bool
	until   time.Time
}

func (a *answers) get(key string, now time.Time) (revoked, ok bool) {
	a.mu.Lock()
	defer a.mu.Unlock()
	k, ok := a.kept[key]
	return k.revoked, ok && now.Before(k.until)
}

func (a *answers) put(key string, revoked bool, until, now time.Time) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.kept == nil {
		a.kept = map[string]kept{}
	}
	if len(a.kept) >= maxAnswers {
		for k, v := range a.kept {
			if !now.Before(v.until) {
				delete(a.kept, k)
			}
		}
	}
	for k := range a.kept { // still full: any will do, it is asked again
		if len(a.kept) < maxAnswers {
			break
		}
		delete(a.kept, k)
	}
	a.kept[key] = kept{revoked, until}
}

// circuit keeps people from waiting for what has failed three times in a row: it is left alone for some seconds, then one tries.
type circuit struct {
	mu       sync.Mutex
	failures int
	until    time.Time
}

const (
	failuresToOpen = 3
	openFor        = 5 * time.Second
)

func (c *circuit) allow(now time.Time) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.failures < failuresToOpen {
		return true
	}
	if now.Before(c.until) {
		return false
	}
	c.until = now.Add(openFor) // the others wait for what this one finds
	return true
}

func (c *circuit) note(ok bool, now time.Time) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if ok {
		c.failures = 0
		return
	}
	c.failures++
	if c.failures >= failuresToOpen {
		c.until = now.Add(openFor)
		if c.failures == failuresToOpen {
			slog.Warn("J-LIS does not answer; it is left alone for a while", "seconds", openFor.Seconds())
		}
	}
}
