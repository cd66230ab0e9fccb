// Package jlis is the portal's client of J-LIS, the agency behind the certificates of the My Number Card. It says
// whether a certificate is revoked (OCSP, revocation list when that cannot be had), which other certificates its holder
// had and has, and gets people introduced to offices. It does not judge certificates otherwise: chain, validity and
// profile are backend/feature/login's.
//
// Whatever comes from there is hostile until its signature is checked, and J-LIS being slow or gone never holds a login
// up for longer than two seconds. What is signed still counts only when it is about the very certificate, of the very
// authority, and young by its own date: whoever can only repeat what was once true gains an hour at most. When in doubt
// the answer is ErrUnknown, and nobody is let in.
//
// Below the base address, an authority being named as card.Issuer does:
//
//	POST ocsp                      RFC 6960, with a nonce (RFC 9654)
//	GET  crl/{issuer}.crl          DER, one list an authority
//	GET  lineage/{issuer}/{serial} {"card":{"issuer":"…","serial":"…"},"predecessors":[{…},…],"successors":[{…},…]};
//	                               404 for an unknown card
//	GET  holder/{issuer}/{serial}  {"certificate":{"issuer":"…","serial":"…"},"cards":[{…},…]}: of a signing
//	                               certificate, the user-authentication certificates that its holder had and has;
//	                               404 likewise
//	POST introductions             {"card":{…},"offices":["id",…]} gives
//	                               {"introductions":{"id":"base64",…}}; 404 likewise
package jlis

import (
	"bytes"
	"cmp"
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
	"sync"
	"sync/atomic"
	"time"

	"golang.org/x/sync/singleflight"

	"madoguchi/backend/store/card"
	"madoguchi/backend/store/db"
)

var (
	// ErrRevoked: the certificate has been revoked.
	ErrRevoked = errors.New("the certificate is revoked")
	// ErrUnknown: whether it is revoked cannot be known now, or J-LIS does not know the certificate.
	ErrUnknown = errors.New("whether the certificate is revoked cannot be known")
	// ErrUnknownCard: J-LIS has given no such certificate.
	ErrUnknownCard = errors.New("J-LIS has nothing under that name")
)

const (
	// MaxAge is how old what J-LIS says of revocation may be, unless Config says otherwise.
	MaxAge = time.Hour

	leastAge     = 10 * time.Minute // clocks differ, and a list takes a while to make and fetch
	clockSkew    = 5 * time.Minute
	patience     = 2 * time.Second // of a person who waits
	ocspPatience = time.Second     // of these, what OCSP may take
	listPatience = time.Minute     // a revocation list is large and is fetched behind people's backs
	maxOCSP      = 64 << 10
	maxList      = 128 << 20
	maxJSON      = 4 << 20
)

// Config says where J-LIS is and whose word counts.
type Config struct {
	// Base is the address of the protocol, https unless loopback.
	Base string
	// CAs issued the certificates that are asked about.
	CAs []*x509.Certificate
	// DB keeps the numbers of revocation lists, so that a restart brings no older list back.
	DB *db.DB
	// MaxAge is how old an answer or a list may be by its own date (thisUpdate), however long it says that it counts; 0
	// is MaxAge.
	MaxAge time.Duration
	// Now is the clock; nil is time.Now.
	Now func() time.Time
}

// Client talks to J-LIS. It is safe for concurrent use.
type Client struct {
	base        string
	authorities map[string]*authority // by card.Issuer
	db          *db.DB
	maxAge      time.Duration
	now         func() time.Time
	http        *http.Client
	flights     singleflight.Group
	answers     answers
}

// authority is one that gave certificates, with what is known from it. One that fails is left alone without the others
// being so.
type authority struct {
	*x509.Certificate
	issuer     string
	ocsp, list circuit
	last       atomic.Pointer[list] // the newest good one
	replacing  sync.Mutex
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
	if c.DB == nil {
		return nil, errors.New("jlis: DB is needed")
	}
	if c.MaxAge = cmp.Or(c.MaxAge, MaxAge); c.MaxAge < leastAge {
		return nil, fmt.Errorf("what J-LIS says counts for at least %v, not %v", leastAge, c.MaxAge)
	}
	if c.Now == nil {
		c.Now = time.Now
	}
	authorities, err := authoritiesOf(c.CAs)
	if err != nil {
		return nil, err
	}
	return &Client{
		base:        strings.TrimSuffix(c.Base, "/"),
		authorities: authorities,
		db:          c.DB,
		maxAge:      c.MaxAge,
		now:         c.Now,
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

func authoritiesOf(cas []*x509.Certificate) (map[string]*authority, error) {
	if len(cas) == 0 {
		return nil, errors.New("no certificate authority is given")
	}
	authorities := map[string]*authority{}
	for _, ca := range cas {
		issuer := card.Issuer(ca)
		if known := authorities[issuer]; known != nil && !bytes.Equal(known.RawSubject, ca.RawSubject) {
			return nil, fmt.Errorf("two certificate authorities have the same key: %s and %s",
				known.Subject, ca.Subject)
		}
		authorities[issuer] = &authority{Certificate: ca, issuer: issuer}
	}
	return authorities, nil
}

// Lineage is the other cards of one card's holder: those that they had before, newest first, and those that they have
// got since, oldest first. They may be of authorities that the portal does not know.
type Lineage struct {
	Predecessors, Successors []card.ID
}

// Lineage says which cards the holder of this one had before and has got since. ErrUnknownCard when J-LIS does not know
// it.
func (c *Client) Lineage(ctx context.Context, of card.ID) (Lineage, error) {
	if !of.Valid() {
		return Lineage{}, ErrUnknownCard
	}
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	body, err := c.fetch(ctx, http.MethodGet, "/lineage/"+of.Issuer+"/"+of.Serial, "", nil, maxJSON)
	if err != nil {
		return Lineage{}, fmt.Errorf("asking for a holder's other cards: %w", err)
	}
	return parseLineage(body, of)
}

func parseLineage(body []byte, of card.ID) (Lineage, error) {
	var answer struct {
		Card         card.ID   `json:"card"`
		Predecessors []card.ID `json:"predecessors"`
		Successors   []card.ID `json:"successors"`
	}
	if err := json.Unmarshal(body, &answer); err != nil {
		// the error could quote it
		return Lineage{}, errors.New("reading a holder's other cards: the answer is malformed")
	}
	if answer.Card != of {
		return Lineage{}, errors.New("reading a holder's other cards: the answer is about another card")
	}
	seen := map[card.ID]bool{of: true}
	for _, other := range slices.Concat(answer.Predecessors, answer.Successors) {
		if !other.Valid() || seen[other] {
			return Lineage{}, errors.New("reading a holder's other cards: the answer contradicts itself")
		}
		seen[other] = true
	}
	return Lineage{answer.Predecessors, answer.Successors}, nil
}

// Introductions has J-LIS seal, for each office, what introduces the holder of a card to it. An office that knows no
// such resident is left out.
func (c *Client) Introductions(ctx context.Context, of card.ID, offices []string) (map[string][]byte, error) {
	if !of.Valid() {
		return nil, ErrUnknownCard
	}
	if len(offices) == 0 {
		return map[string][]byte{}, nil
	}
	ctx, cancel := context.WithTimeout(ctx, 10*time.Second)
	defer cancel()
	request, err := json.Marshal(map[string]any{"card": of, "offices": offices})
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
		return nil, errors.New("reading introductions: the answer is malformed") // the error could quote it
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
func (c *Client) fetch(
	ctx context.Context, method, path, contentType string, body []byte, limit int64,
) ([]byte, error) {
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
		return nil, ErrUnknownCard
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

func isLoopback(host string) bool {
	if host == "localhost" {
		return true
	}
	address, err := netip.ParseAddr(host)
	return err == nil && address.IsLoopback()
}
