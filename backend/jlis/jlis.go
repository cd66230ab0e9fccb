// Package jlis is the portal's client of J-LIS, the agency behind the certificates of the My Number Card. It says whether a certificate
// is revoked (OCSP, revocation list when that cannot be had), which other certificates its holder had and has, and gets people introduced to
// offices. It does not judge certificates otherwise: chain, validity and profile are backend/login's.
//
// Whatever comes from there is hostile until its signature is checked, and J-LIS being slow or gone never holds a login up for longer
// than two seconds.
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
	"net/netip"
	"net/url"
	"slices"
	"strings"
	"time"

	"golang.org/x/sync/singleflight"
)

var (
	// ErrRevoked: the certificate has been revoked.
	ErrRevoked = errors.New("the certificate is revoked")
	// ErrUnknown: whether it is revoked cannot be known now, or J-LIS does not know the certificate.
	ErrUnknown = errors.New("whether the certificate is revoked cannot be known")
	// ErrUnknownSerial: J-LIS has given no such certificate.
	ErrUnknownSerial = errors.New("J-LIS knows no such serial number")
)

const (
	patience      = 2 * time.Second // of a person who waits
	ocspPatience  = time.Second     // of these, what OCSP may take
	listPatience  = time.Minute     // a revocation list is large and is fetched behind people's backs
	maxOCSP       = 64 << 10
	maxList       = 128 << 20
	maxJSON       = 4 << 20
	maxSerialSize = 40 // hex digits: 20 bytes, RFC 5280
)

// Config says where J-LIS is and whose word counts.
type Config struct {
	// Base is the address of the protocol, https unless loopback.
	Base string
	// CAs issued the certificates that are asked about.
	CAs []*x509.Certificate
	// Now is the clock; nil is time.Now.
	Now func() time.Time
}

// Client talks to J-LIS. It is safe for concurrent use.
type Client struct {
	base    string
	cas     []*x509.Certificate
	now     func() time.Time
	http    *http.Client
	flights singleflight.Group
	answers answers
	lists   lists
	ocsp    circuit
	list    circuit
}

// New makes a client; nothing is asked yet.
func New(c Config) (*Client, error) {
	base, err := url.Parse(c.Base)
	if err != nil || base.Host == "" {
		return nil, fmt.Errorf("the address of J-LIS must look like https://jlis.example.jp/portal, not %q", c.Base)
	}
	if base.Scheme != "https" && (base.Scheme != "http" || !isLoopback(base.Hostname())) {
		return nil, fmt.Errorf("the address of J-LIS must be https: %q", c.Base)
	}
	if len(c.CAs) == 0 {
		return nil, errors.New("no certificate authority is given")
	}
	if c.Now == nil {
		c.Now = time.Now
	}
	return &Client{
		base: strings.TrimSuffix(c.Base, "/"),
		cas:  c.CAs,
		now:  c.Now,
		http: &http.Client{
			Transport: &http.Transport{
				DialContext:            (&net.Dialer{Timeout: patience}).DialContext,
				TLSHandshakeTimeout:    patience,
				MaxIdleConnsPerHost:    32,
				MaxConnsPerHost:        64,
				IdleConnTimeout:        time.Minute,
				MaxResponseHeaderBytes: 16 << 10,
				ForceAttemptHTTP2:      true,
			},
			CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		},
	}, nil
}

// Lineage is the other certificates of one certificate's holder, by serial number in lower-case hex: those that they had before, newest
// first, and those that they have got since, oldest first.
type Lineage struct {
	Predecessors, Successors []string
}

// Lineage says which certificates the holder of this one had before and has got since. ErrUnknownSerial when J-LIS does not know it.
func (c *Client) Lineage(ctx context.Context, serial string) (Lineage, error) {
	if !isSerial(serial) {
		return Lineage{}, ErrUnknownSerial
	}
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	body, err := c.fetch(ctx, http.MethodGet, "/lineage/"+serial, "", nil, maxJSON)
	if err != nil {
		return Lineage{}, fmt.Errorf("asking for a holder's other certificates: %w", err)
	}
	return parseLineage(body, serial)
}

func parseLineage(body []byte, serial string) (Lineage, error) {
	var answer struct {
		Serial       string   `json:"serial"`
		Predecessors []string `json:"predecessors"`
		Successors   []string `json:"successors"`
	}
	if err := json.Unmarshal(body, &answer); err != nil {
		return Lineage{}, fmt.Errorf("reading a holder's other certificates: %w", err)
	}
	if answer.Serial != serial {
		return Lineage{}, errors.New("reading a holder's other certificates: the answer is about another certificate")
	}
	seen := map[string]bool{serial: true}
	for _, s := range slices.Concat(answer.Predecessors, answer.Successors) {
		if !isSerial(s) || seen[s] {
			return Lineage{}, errors.New("reading a holder's other certificates: the answer contradicts itself")
		}
		seen[s] = true
	}
	return Lineage{answer.Predecessors, answer.Successors}, nil
}

// Introductions has J-LIS seal, for each office, what introduces the holder of a certificate to it. An office that knows no such
// resident is left out.
func (c *Client) Introductions(ctx context.Context, serial string, offices []string) (map[string][]byte, error) {
	if !isSerial(serial) {
		return nil, ErrUnknownSerial
	}
	if len(offices) == 0 {
		return map[string][]byte{}, nil
	}
	ctx, cancel := context.WithTimeout(ctx, 10*time.Second)
	defer cancel()
	request, err := json.Marshal(map[string]any{"serial": serial, "offices": offices})
	if err != nil {
		return nil, err
	}
	body, err := c.fetch(ctx, http.MethodPost, "/introductions", "application/json", request, maxJSON)
	if err != nil {
		return nil, fmt.Errorf("asking for introductions: %w", err)
	}
	return parseIntroductions(body, offices)
}

func parseIntroductions(body []byte, offices []string) (map[string][]byte, error) {
	var answer struct {
		Introductions map[string][]byte `json:"introductions"`
	}
	if err := json.Unmarshal(body, &answer); err != nil {
		return nil, fmt.Errorf("reading introductions: %w", err)
	}
	asked := map[string][]byte{}
	for _, office := range offices {
		if sealed := answer.Introductions[office]; len(sealed) > 0 {
			asked[office] = sealed
		}
	}
	return asked, nil
}

// fetch gets one body. Errors hold no part of it.
func (c *Client) fetch(ctx context.Context, method, path, contentType string, body []byte, limit int64) ([]byte, error) {
	request, err := http.NewRequestWithContext(ctx, method, c.base+path, bytes.NewReader(body))
	if err != nil {
		return nil, err
	}
	if contentType != "" {
		request.Header.Set("Content-Type", contentType)
	}
	response, err := c.http.Do(request)
	if err != nil {
		// The address may name a certificate, which has no place in a log.
		if failed := new(url.Error); errors.As(err, &failed) {
			err = failed.Err
		}
		return nil, err
	}
	defer response.Body.Close()
	if response.StatusCode == http.StatusNotFound {
		return nil, ErrUnknownSerial
	}
	if response.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("J-LIS answered %d", response.StatusCode)
	}
	content, err := io.ReadAll(io.LimitReader(response.Body, limit+1))
	if err != nil {
		return nil, fmt.Errorf("reading the answer: %w", err)
	}
	if int64(len(content)) > limit {
		return nil, fmt.Errorf("the answer is larger than %d bytes", limit)
	}
	return content, nil
}

func isSerial(s string) bool {
	return s != "" && len(s) <= maxSerialSize && strings.Trim(s, "0123456789abcdef") == ""
}

func isLoopback(host string) bool {
	if host == "localhost" {
		return true
	}
	address, err := netip.ParseAddr(host)
	return err == nil && address.IsLoopback()
}
