// Package jlis is the portal's side of J-LIS, the issuer of the cards: is a certificate revoked (OCSP, and the revocation list where
// OCSP does not answer), which certificates came before a renewed one, and the sealed introductions by which offices come to know a
// person. What cannot be known is an error, never a guess.
//
// It does not check chains, validity or profiles: that is backend/login's.
package jlis

import (
	"bytes"
	"context"
	"crypto/x509"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"sync"
	"time"

	"golang.org/x/crypto/ocsp"
)

var (
	// ErrRevoked: the certificate was revoked.
	ErrRevoked = errors.New("the certificate is revoked")
	// ErrUnknown: neither OCSP nor a current revocation list tells.
	ErrUnknown = errors.New("whether the certificate is revoked cannot be known")
)

const (
	// A good answer is used again for at most this long, whatever it says of itself.
	maxCache = 5 * time.Minute
	// A login does not wait longer than this for each of OCSP and the list.
	patience = 2 * time.Second
	// After a failure nobody asks again for this long, so that a dead J-LIS costs one login two seconds, not all of them.
	rest = 5 * time.Second
	// Clocks differ.
	skew = 5 * time.Minute

	maxAnswer    = 1 << 20
	maxList      = 64 << 20
	maxRemembers = 100_000
)

// Client asks J-LIS. It is safe for concurrent use.
type Client struct {
	base string
	http *http.Client
	now  func() time.Time

	mu       sync.Mutex
	answers  map[string]answer // by issuer and serial
	list     *list
	fetching chan struct{} // closed when the list that is on its way has come
	ocspRest time.Time     // nobody asks before this
	listRest time.Time
}

type answer struct {
	err   error // nil: good
	until time.Time
}

type list struct {
	issuer  string
	revoked map[string]bool
	until   time.Time
}

// New makes a client of the J-LIS at an address, https unless it is on this machine.
func New(address string, now func() time.Time) (*Client, error) {
	u, err := url.Parse(address)
	if err != nil || u.Host == "" {
		return nil, fmt.Errorf("the address of J-LIS, %q, is not a URL", address)
	}
	if u.Scheme != "https" && !(u.Scheme == "http" && isLoopback(u.Hostname())) {
		return nil, fmt.Errorf("the address of J-LIS, %s, must begin with https://", u.Redacted())
	}
	return &Client{
		base:    u.String(),
		http:    &http.Client{Timeout: 5 * time.Second, Transport: &http.Transport{MaxIdleConnsPerHost: 32, IdleConnTimeout: time.Minute}},
		now:     now,
		answers: map[string]answer{},
	}, nil
}

func isLoopback(host string) bool {
	ip := net.ParseIP(host)
	return host == "localhost" || ip != nil && ip.IsLoopback()
}

// Revocation returns nil for a certificate that is good, ErrRevoked, or ErrUnknown (wrapping why).
func (c *Client) Revocation(ctx context.Context, certificate, issuer *x509.Certificate) error {
	key := issuerKey(issuer) + certificate.SerialNumber.Text(16)
	if known, ok := c.remembered(key); ok {
		return known
	}
	answered, ocspErr := c.askOCSP(ctx, certificate, issuer)
	if ocspErr == nil {
		c.remember(key, answered)
		return answered.err
	}
	revoked, listErr := c.onList(ctx, certificate, issuer)
	if listErr != nil {
		return fmt.Errorf("%w: OCSP: %w; revocation list: %w", ErrUnknown, ocspErr, listErr)
	}
	if revoked {
		return ErrRevoked
	}
	return nil
}

func (c *Client) remembered(key string) (error, bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	a, ok := c.answers[key]
	if !ok || !c.now().Before(a.until) {
		return nil, false
	}
	return a.err, true
}

func (c *Client) remember(key string, a answer) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if len(c.answers) >= maxRemembers {
		clear(c.answers)
	}
	c.answers[key] = a
}

func (c *Client) askOCSP(ctx context.Context, certificate, issuer *x509.Certificate) (answer, error) {
	if err := c.resting(&c.ocspRest); err != nil {
		return answer{}, err
	}
	request, err := ocsp.CreateRequest(certificate, issuer, nil)
	if err != nil {
		return answer{}, fmt.Errorf("making a request: %w", err)
	}
	body, err := c.call(ctx, "POST", "/ocsp", "application/ocsp-request", request, maxAnswer)
	if err != nil {
		c.failed(ctx, &c.ocspRest)
		return answer{}, err
	}
	return readOCSP(body, certificate, issuer, c.now())
}

// readOCSP checks an OCSP answer: signed by the issuer or by whom it delegated, about this certificate, of now.
func readOCSP(body []byte, certificate, issuer *x509.Certificate, now time.Time) (answer, error) {
	response, err := ocsp.ParseResponseForCert(body, certificate, issuer)
	if err != nil {
		return answer{}, fmt.Errorf("reading the answer: %w", err)
	}
	if d := response.Certificate; d != nil {
		if now.Before(d.NotBefore) || now.After(d.NotAfter) || !mayAnswer(d) {
			return answer{}, errors.New("the answer is signed by a certificate that may not sign answers")
		}
	}
	if response.ThisUpdate.After(now.Add(skew)) {
		return answer{}, errors.New("the answer is of the future")
	}
	until := now.Add(maxCache)
	if response.NextUpdate.IsZero() {
		if now.Sub(response.ThisUpdate) > maxCache+skew {
			return answer{}, errors.New("the answer is old")
		}
	} else {
		if now.After(response.NextUpdate) {
			return answer{}, errors.New("the answer is out of date")
		}
		if response.NextUpdate.Before(until) {
			until = response.NextUpdate
		}
	}
	switch response.Status {
	case ocsp.Good:
		return answer{until: until}, nil
	case ocsp.Revoked:
		return answer{err: ErrRevoked, until: until}, nil
	default:
		// The issuer does not know a certificate that bears its signature: not good.
		return answer{}, errors.New("the responder does not know the certificate")
	}
}

func mayAnswer(delegate *x509.Certificate) bool {
	for _, usage := range delegate.ExtKeyUsage {
		if usage == x509.ExtKeyUsageOCSPSigning {
			return true
		}
	}
	return false
}

func (c *Client) onList(ctx context.Context, certificate, issuer *x509.Certificate) (bool, error) {
	current, err := c.currentList(ctx, issuer)
	if err != nil {
		return false, err
	}
	return current.revoked[certificate.SerialNumber.Text(16)], nil
}

// currentList gives the revocation list, fetching it once for all who wait for it.
func (c *Client) currentList(ctx context.Context, issuer *x509.Certificate) (*list, error) {
	for {
		c.mu.Lock()
		if c.list != nil && c.list.issuer == issuerKey(issuer) && c.now().Before(c.list.until) {
			defer c.mu.Unlock()
			return c.list, nil
		}
		if waiting := c.fetching; waiting != nil {
			c.mu.Unlock()
			select {
			case <-waiting:
			case <-ctx.Done():
				return nil, ctx.Err()
			}
			if err := c.resting(&c.listRest); err != nil {
				return nil, err
			}
			continue
		}
		c.fetching = make(chan struct{})
		c.mu.Unlock()
		fetched, err := c.fetchList(ctx, issuer)
		c.mu.Lock()
		if err == nil {
			c.list = fetched
		}
		close(c.fetching)
		c.fetching = nil
		c.mu.Unlock()
		return fetched, err
	}
}

func (c *Client) fetchList(ctx context.Context, issuer *x509.Certificate) (*list, error) {
	if err := c.resting(&c.listRest); err != nil {
		return nil, err
	}
	body, err := c.call(ctx, "GET", "/crl/auth.crl", "", nil, maxList)
	if err != nil {
		c.failed(ctx, &c.listRest)
		return nil, err
	}
	fetched, err := readList(body, issuer, c.now())
	if err != nil {
		c.failed(ctx, &c.listRest)
		return nil, err
	}
	return fetched, nil
}

func readList(body []byte, issuer *x509.Certificate, now time.Time) (*list, error) {
	parsed, err := x509.ParseRevocationList(body)
	if err != nil {
		return nil, fmt.Errorf("reading the list: %w", err)
	}
	if !bytes.Equal(parsed.RawIssuer, issuer.RawSubject) {
		return nil, errors.New("the list is another issuer's")
	}
	if err := parsed.CheckSignatureFrom(issuer); err != nil {
		return nil, fmt.Errorf("checking the list's signature: %w", err)
	}
	if parsed.ThisUpdate.After(now.Add(skew)) {
		return nil, errors.New("the list is of the future")
	}
	if parsed.NextUpdate.IsZero() || now.After(parsed.NextUpdate) {
		return nil, errors.New("the list is out of date")
	}
	l := &list{issuer: issuerKey(issuer), revoked: map[string]bool{}, until: now.Add(maxCache)}
	if parsed.NextUpdate.Before(l.until) {
		l.until = parsed.NextUpdate
	}
	const removedFromList = 8 // RFC 5280 5.3.1: back from being on hold
	for _, entry := range parsed.RevokedCertificateEntries {
		if entry.ReasonCode != removedFromList {
			l.revoked[entry.SerialNumber.Text(16)] = true
		}
	}
	return l, nil
}

func issuerKey(issuer *x509.Certificate) string { return string(issuer.RawSubjectPublicKeyInfo) }

func (c *Client) resting(until *time.Time) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.now().Before(*until) {
		return errors.New("J-LIS did not answer a moment ago")
	}
	return nil
}

// failed begins a rest, unless it was the asker who gave up.
func (c *Client) failed(ctx context.Context, until *time.Time) {
	if errors.Is(ctx.Err(), context.Canceled) {
		return
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	*until = c.now().Add(rest)
}

// Predecessors lists the serial numbers (lower-case hex) of the certificates that a person held before this one.
func (c *Client) Predecessors(ctx context.Context, serial string) ([]string, error) {
	body, err := c.call(ctx, "GET", "/predecessors/"+url.PathEscape(serial), "", nil, maxAnswer)
	if err != nil {
		return nil, fmt.Errorf("asking J-LIS for the certificates before this one: %w", err)
	}
	var said struct {
		Serial       string   `json:"serial"`
		Predecessors []string `json:"predecessors"`
	}
	if err := json.Unmarshal(body, &said); err != nil {
		return nil, fmt.Errorf("reading J-LIS's word on the certificates before this one: %w", err)
	}
	if said.Serial != serial {
		return nil, errors.New("J-LIS's word on the certificates before this one is about another")
	}
	return said.Predecessors, nil
}

// Introductions asks J-LIS to introduce the holder of a certificate to offices. It gives a sealed introduction for each office
// that has business with the person, by the office's identifier; the others are left out.
func (c *Client) Introductions(ctx context.Context, serial string, offices []string) (map[string][]byte, error) {
	request, err := json.Marshal(map[string]any{"serial": serial, "offices": offices})
	if err != nil {
		return nil, fmt.Errorf("asking J-LIS for introductions: %w", err)
	}
	body, err := c.call(ctx, "POST", "/introductions", "application/json", request, maxAnswer)
	if err != nil {
		return nil, fmt.Errorf("asking J-LIS for introductions: %w", err)
	}
	var said struct {
		Introductions map[string][]byte `json:"introductions"`
	}
	if err := json.Unmarshal(body, &said); err != nil {
		return nil, fmt.Errorf("reading J-LIS's introductions: %w", err)
	}
	return said.Introductions, nil
}

// call sends a request and reads an answer of at most limit bytes.
func (c *Client) call(ctx context.Context, method, path, contentType string, body []byte, limit int64) ([]byte, error) {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, method, c.base+path, bytes.NewReader(body))
	if err != nil {
		return nil, err
	}
	if contentType != "" {
		request.Header.Set("Content-Type", contentType)
	}
	response, err := c.http.Do(request)
	if err != nil {
		return nil, err
	}
	defer response.Body.Close()
	if response.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("J-LIS answered %s", response.Status)
	}
	answered, err := io.ReadAll(io.LimitReader(response.Body, limit+1))
	if err != nil {
		return nil, err
	}
	if int64(len(answered)) > limit {
		return nil, errors.New("J-LIS's answer is too long")
	}
	return answered, nil
}
