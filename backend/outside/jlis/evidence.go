package jlis

import (
	"context"
	"crypto/x509"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"time"

	"madoguchi/backend/store/card"
)

// Evidence is by what a certificate was found not to be revoked, to be kept with what it signed.
type Evidence struct {
	// At is when that was.
	At time.Time
	// OCSP is J-LIS's answer (DER); empty where a revocation list had to do.
	OCSP []byte
	// List names the revocation list, which is too large to be kept with each: by number, its own date and SHA-256.
	List string
}

// Evidence is Revocation with what it rests on. It asks anew: an answer that was used before is not of now.
func (c *Client) Evidence(ctx context.Context, certificate, issuer *x509.Certificate) (Evidence, error) {
	of := card.Of(certificate, issuer)
	a := c.authorities[of.Issuer]
	points, err := pointsOf(certificate)
	if err == nil && (a == nil || !of.Valid()) {
		err = errors.New("it is of no authority that we trust")
	}
	if err != nil {
		return Evidence{}, fmt.Errorf("%w: %w", ErrUnknown, err)
	}
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	type answer struct {
		body    []byte
		revoked bool
	}
	said, err := c.once(ctx, &a.ocsp, "evidence "+of.String(), ocspPatience, func(ctx context.Context) (any, error) {
		body, revoked, until, err := c.fetchOCSP(ctx, of, a.Certificate)
		if err == nil {
			c.answers.put(of, revoked, until, c.now())
		}
		return answer{body, revoked}, err
	})
	if errors.Is(err, errNotKnownThere) {
		return Evidence{}, fmt.Errorf("%w: %w", ErrUnknown, err)
	}
	if found, ok := said.(answer); err == nil && ok {
		return Evidence{At: c.now(), OCSP: found.body}, verdict(found.revoked)
	}
	list, listErr := c.revocationList(ctx, a)
	if listErr != nil {
		return Evidence{}, fmt.Errorf("%w: OCSP: %w; revocation list: %w", ErrUnknown, err, listErr)
	}
	revoked, err := list.has(of.Number(), points)
	if err != nil {
		return Evidence{}, fmt.Errorf("%w: revocation list: %w", ErrUnknown, err)
	}
	return Evidence{At: c.now(), List: list.name()}, verdict(revoked)
}

// Holder says which cards, had and held, are of the holder of a signing certificate. ErrUnknownCard when J-LIS does not
// know it.
func (c *Client) Holder(ctx context.Context, of card.ID) ([]card.ID, error) {
	if !of.Valid() {
		return nil, ErrUnknownCard
	}
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	body, err := c.fetch(ctx, http.MethodGet, "/holder/"+of.Issuer+"/"+of.Serial, "", nil, maxJSON)
	if err != nil {
		return nil, fmt.Errorf("asking who holds a signing certificate: %w", err)
	}
	var answer struct {
		Certificate card.ID   `json:"certificate"`
		Cards       []card.ID `json:"cards"`
	}
	if err := json.Unmarshal(body, &answer); err != nil {
		return nil, errors.New("reading who holds a signing certificate: the answer is malformed") // it could be quoted
	}
	if answer.Certificate != of {
		return nil, errors.New("reading who holds a signing certificate: the answer is about another one")
	}
	for _, other := range answer.Cards {
		if !other.Valid() {
			return nil, errors.New("reading who holds a signing certificate: the answer names no card")
		}
	}
	return answer.Cards, nil
}
