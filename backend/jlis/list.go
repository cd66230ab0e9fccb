package jlis

import (
	"context"
	"crypto/x509"
	"encoding/asn1"
	"errors"
	"fmt"
	"log/slog"
	"math/big"
	"net/http"
	"sync"
	"time"
)

const (
	listFor      = 10 * time.Minute // a list is fetched anew after this
	refreshEvery = 30 * time.Minute // and kept warm at this pace, for the day on which J-LIS is gone
)

var (
	oidDeltaCRL     = asn1.ObjectIdentifier{2, 5, 29, 27}
	oidDistribution = asn1.ObjectIdentifier{2, 5, 29, 28}
)

// list is a revocation list whose signature has been checked.
type list struct {
	issuer     *x509.Certificate
	revoked    map[string]struct{} // serial numbers, big-endian bytes
	nextUpdate time.Time
	fetchedAt  time.Time
}

func (l *list) has(serial *big.Int) bool {
	_, ok := l.revoked[string(serial.Bytes())]
	return ok
}

// lists holds the last good list of each authority.
type lists struct {
	mu   sync.Mutex
	last map[*x509.Certificate]*list
}

func (l *lists) get(issuer *x509.Certificate, now time.Time) *list {
	l.mu.Lock()
	defer l.mu.Unlock()
	if found := l.last[issuer]; found != nil && now.Before(found.nextUpdate) {
		return found
	}
	return nil
}

func (l *lists) put(found *list) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.last == nil {
		l.last = map[*x509.Certificate]*list{}
	}
	l.last[found.issuer] = found
}

// revocationList gives the list of an authority: the one at hand while it is young, else a new one, else the one at hand for as long as
// it says that it counts.
func (c *Client) revocationList(ctx context.Context, issuer *x509.Certificate) (*list, error) {
	atHand := c.lists.get(issuer, c.now())
	if atHand != nil && c.now().Sub(atHand.fetchedAt) < listFor {
		return atHand, nil
	}
	err := c.refreshList(ctx)
	if fresh := c.lists.get(issuer, c.now()); fresh != nil {
		return fresh, nil
	}
	if err == nil {
		err = errors.New("the list is another authority's")
	}
	return nil, err
}

// refreshList fetches once for all who wait, and goes on when they give up.
func (c *Client) refreshList(ctx context.Context) error {
	if !c.list.allow(c.now()) {
		return errors.New("it could not be had lately")
	}
	flight := c.flights.DoChan("list", func() (any, error) {
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), listPatience)
		defer cancel()
		found, err := c.fetchList(ctx)
		c.list.note(err == nil, c.now())
		if err == nil {
			c.lists.put(found)
		}
		return nil, err
	})
	select {
	case <-ctx.Done():
		return ctx.Err()
	case result := <-flight:
		return result.Err
	}
}

func (c *Client) fetchList(ctx context.Context) (*list, error) {
	body, err := c.fetch(ctx, http.MethodGet, "/crl/auth.crl", "", nil, maxList)
	if err != nil {
		return nil, err
	}
	return parseList(body, c.cas, c.now())
}

func parseList(body []byte, cas []*x509.Certificate, now time.Time) (*list, error) {
	parsed, err := x509.ParseRevocationList(body)
	if err != nil {
		return nil, fmt.Errorf("the list is malformed: %w", err)
	}
	issuer := signer(parsed, cas)
	if issuer == nil {
		return nil, errors.New("the list is not signed by an authority that we trust")
	}
	if parsed.ThisUpdate.After(now.Add(clockSkew)) || !now.Before(parsed.NextUpdate) {
		return nil, errors.New("the list is out of date")
	}
	if err := checkScope(parsed); err != nil {
		return nil, err
	}
	l := &list{issuer: issuer, revoked: make(map[string]struct{}, len(parsed.RevokedCertificateEntries)), nextUpdate: parsed.NextUpdate, fetchedAt: now}
	for _, entry := range parsed.RevokedCertificateEntries {
		for _, extension := range entry.Extensions {
			if extension.Critical {
				return nil, errors.New("the list has an entry with a critical extension")
			}
		}
		l.revoked[string(entry.SerialNumber.Bytes())] = struct{}{}
	}
	return l, nil
}

func signer(parsed *x509.RevocationList, cas []*x509.Certificate) *x509.Certificate {
	for _, ca := range cas {
		if string(parsed.RawIssuer) == string(ca.RawSubject) && parsed.CheckSignatureFrom(ca) == nil {
			return ca
		}
	}
	return nil
}

// checkScope refuses lists that say less than "these are all": deltas, lists for some reasons or some kinds of certificates, lists of
// several authorities (RFC 5280, 5.2.5).
func checkScope(parsed *x509.RevocationList) error {
	for _, extension := range parsed.Extensions {
		switch {
		case extension.Id.Equal(oidDeltaCRL):
			return errors.New("the list is a delta")
		case extension.Id.Equal(oidDistribution):
			var point struct {
				Name          asn1.RawValue  `asn1:"optional,tag:0"`
				OnlyUsers     bool           `asn1:"optional,tag:1"`
				OnlyCAs       bool           `asn1:"optional,tag:2"`
				SomeReasons   asn1.BitString `asn1:"optional,tag:3"`
				Indirect      bool           `asn1:"optional,tag:4"`
				OnlyAttribute bool           `asn1:"optional,tag:5"`
			}
			if rest, err := asn1.Unmarshal(extension.Value, &point); err != nil || len(rest) > 0 {
				return errors.New("the list's distribution point is malformed")
			}
			if point.OnlyCAs || point.Indirect || point.OnlyAttribute || point.SomeReasons.BitLength > 0 {
				return errors.New("the list does not cover what is asked")
			}
		case extension.Critical:
			return fmt.Errorf("the list has an unknown critical extension %s", extension.Id)
		}
	}
	return nil
}

// Run keeps the revocation list warm until ctx ends.
func (c *Client) Run(ctx context.Context) {
	for {
		if err := c.refreshList(ctx); err != nil && ctx.Err() == nil {
			slog.WarnContext(ctx, "fetching the revocation list", "cause", err)
		}
		select {
		case <-ctx.Done():
			return
		case <-time.After(refreshEvery):
		}
	}
}
