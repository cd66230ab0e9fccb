package jlis

import (
	"bytes"
	"context"
	"crypto/sha256"
	"crypto/x509"
	"encoding/asn1"
	"errors"
	"fmt"
	"log/slog"
	"math/big"
	"net/http"
	"slices"
	"time"

	"madoguchi/backend/store/db"
)

// maxNumber is what the number of a list may be: 20 bytes, RFC 5280, 5.2.3.
var maxNumber = new(big.Int).Lsh(big.NewInt(1), 159)

var (
	oidDeltaCRL     = asn1.ObjectIdentifier{2, 5, 29, 27}
	oidDistribution = asn1.ObjectIdentifier{2, 5, 29, 28}
	oidPoints       = asn1.ObjectIdentifier{2, 5, 29, 31}
)

// list is a revocation list whose signature has been checked.
type list struct {
	number                 *big.Int
	points                 [][]byte            // the distribution points that it is for; none: its whole authority
	revoked                map[string]struct{} // serial numbers, big-endian bytes
	thisUpdate, nextUpdate time.Time
	fetchedAt              time.Time
	sum                    [sha256.Size]byte // of the whole list, as it came
}

// has tells whether a certificate is on the list, of which the distribution points are given as far as they are known.
func (l *list) has(serial *big.Int, points [][]byte) (bool, error) {
	named := func(point []byte) bool {
		return slices.ContainsFunc(points, func(p []byte) bool { return bytes.Equal(p, point) })
	}
	if len(l.points) > 0 && !slices.ContainsFunc(l.points, named) {
		return false, errors.New("the list is for other certificates")
	}
	_, ok := l.revoked[string(serial.Bytes())]
	return ok, nil
}

// name names the list to whoever looks for it years later.
func (l *list) name() string {
	return fmt.Sprintf("number %v of %s, sha256 %x", l.number, l.thisUpdate.UTC().Format(time.RFC3339), l.sum)
}

// refreshEvery is how often a list is fetched anew: often enough that the one at hand lasts for most of its time when
// J-LIS goes.
func (c *Client) refreshEvery() time.Duration { return c.maxAge / 6 }

// atHand is the authority's last list, while it counts.
func (c *Client) atHand(a *authority) *list {
	last := a.last.Load()
	if last == nil || checkAge(last.thisUpdate, last.nextUpdate, c.now(), c.maxAge) != nil {
		return nil
	}
	return last
}

// revocationList gives the list of an authority: the one at hand while it is young, else a new one, else the one at
// hand for as long as it counts.
func (c *Client) revocationList(ctx context.Context, a *authority) (*list, error) {
	last := c.atHand(a)
	if last != nil && c.now().Sub(last.fetchedAt) < c.refreshEvery() {
		return last, nil
	}
	err := c.refreshList(ctx, a)
	if last = c.atHand(a); last != nil {
		return last, nil
	}
	if err == nil {
		err = errors.New("the list went out of date")
	}
	return nil, err
}

func (c *Client) refreshList(ctx context.Context, a *authority) error {
	_, err := c.once(ctx, &a.list, "list "+a.issuer, listPatience, func(ctx context.Context) (any, error) {
		body, err := c.fetch(ctx, http.MethodGet, "/crl/"+a.issuer+".crl", "", nil, maxList)
		if err != nil {
			return nil, err
		}
		found, err := parseList(body, a.Certificate, c.now(), c.maxAge)
		if err != nil {
			return nil, err
		}
		return nil, c.replace(ctx, a, found)
	})
	return err
}

// replace puts a new list in the place of the last, unless it is older than any that was seen, here or by another
// instance: who brings an old list back would bring revoked cards back.
func (c *Client) replace(ctx context.Context, a *authority, found *list) error {
	a.replacing.Lock()
	defer a.replacing.Unlock()
	last := a.last.Load()
	if last != nil && found.number.Cmp(last.number) == 0 && found.thisUpdate.Before(last.thisUpdate) {
		return fmt.Errorf("the list has the number %v of one that was made later", found.number)
	}
	err := c.db.Tx(db.Alone(ctx), func(q *db.Queries) error { // seen is seen, whoever's login brought it up
		text, err := q.RevocationListNumber(ctx, a.issuer)
		if err != nil && !errors.Is(err, db.ErrNotFound) {
			return err
		}
		if err == nil {
			highest, ok := new(big.Int).SetString(text, 10)
			if !ok {
				return errors.New("the highest number seen is damaged")
			}
			switch found.number.Cmp(highest) {
			case 0:
				return nil
			case -1:
				return fmt.Errorf("the list is older (number %v) than one seen before (%v; table "+
					"revocation_list, issuer %s)",
					found.number, highest, a.issuer)
			}
		}
		return q.RevocationListSeen(ctx, db.RevocationListSeenParams{Issuer: a.issuer, Number: found.number.String()})
	})
	if err != nil {
		return fmt.Errorf("comparing the list with those before: %w", err)
	}
	a.last.Store(found)
	return nil
}

func parseList(body []byte, issuer *x509.Certificate, now time.Time, maxAge time.Duration) (*list, error) {
	parsed, err := x509.ParseRevocationList(body)
	if err != nil {
		return nil, fmt.Errorf("the list is malformed: %w", err)
	}
	if !bytes.Equal(parsed.RawIssuer, issuer.RawSubject) || !strong(parsed.SignatureAlgorithm) ||
		parsed.CheckSignatureFrom(issuer) != nil {
		return nil, errors.New("the list is not signed by its authority")
	}
	if parsed.NextUpdate.IsZero() {
		return nil, errors.New("the list does not say until when it counts")
	}
	if err := checkAge(parsed.ThisUpdate, parsed.NextUpdate, now, maxAge); err != nil {
		return nil, fmt.Errorf("the list is not of now: %w", err)
	}
	if parsed.Number == nil || parsed.Number.Sign() < 0 || parsed.Number.Cmp(maxNumber) >= 0 {
		return nil, errors.New("the list has no number that one could go by")
	}
	points, err := scopeOf(parsed)
	if err != nil {
		return nil, err
	}
	l := &list{
		number: parsed.Number, points: points,
		revoked:    make(map[string]struct{}, len(parsed.RevokedCertificateEntries)),
		thisUpdate: parsed.ThisUpdate, nextUpdate: parsed.NextUpdate, fetchedAt: now,
		sum: sha256.Sum256(body),
	}
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

// scopeOf refuses lists that say less than "these are all": deltas, lists for some reasons or some kinds of
// certificates, lists of several authorities (RFC 5280, 5.2.5). A list that names distribution points is for the
// certificates that name one of them.
func scopeOf(parsed *x509.RevocationList) (points [][]byte, err error) {
	for _, extension := range parsed.Extensions {
		switch {
		case extension.Id.Equal(oidDeltaCRL):
			return nil, errors.New("the list is a delta")
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
				return nil, errors.New("the list's distribution point is malformed")
			}
			if point.OnlyCAs || point.Indirect || point.OnlyAttribute || point.SomeReasons.BitLength > 0 {
				return nil, errors.New("the list does not cover what is asked")
			}
			if len(point.Name.FullBytes) == 0 {
				continue
			}
			if points, err = fullNames(point.Name.Bytes); err != nil {
				return nil, fmt.Errorf("the list's distribution point: %w", err)
			}
		case extension.Critical:
			return nil, fmt.Errorf("the list has an unknown critical extension %s", extension.Id)
		}
	}
	return points, nil
}

// pointsOf are the names of a certificate's distribution points, in DER, but for those of lists for some reasons or by
// other authorities.
func pointsOf(certificate *x509.Certificate) ([][]byte, error) {
	var names [][]byte
	for _, extension := range certificate.Extensions {
		if !extension.Id.Equal(oidPoints) {
			continue
		}
		var points []struct {
			Name    asn1.RawValue  `asn1:"optional,tag:0"`
			Reasons asn1.BitString `asn1:"optional,tag:1"`
			Issuer  asn1.RawValue  `asn1:"optional,tag:2"`
		}
		if rest, err := asn1.Unmarshal(extension.Value, &points); err != nil || len(rest) > 0 {
			return nil, errors.New("the certificate's distribution points are malformed")
		}
		for _, point := range points {
			if len(point.Name.FullBytes) == 0 || point.Reasons.BitLength > 0 || len(point.Issuer.FullBytes) > 0 {
				continue
			}
			found, err := fullNames(point.Name.Bytes)
			if err != nil {
				return nil, fmt.Errorf("the certificate's distribution points: %w", err)
			}
			names = append(names, found...)
		}
	}
	return names, nil
}

// fullNames reads DistributionPointName, of which JPKI and we know only fullName [0] GeneralNames.
func fullNames(content []byte) ([][]byte, error) {
	var names asn1.RawValue
	rest, err := asn1.Unmarshal(content, &names)
	if err != nil || len(rest) > 0 || names.Class != asn1.ClassContextSpecific || names.Tag != 0 ||
		len(names.Bytes) == 0 {
		return nil, errors.New("a name is malformed, or none that is known here")
	}
	var all [][]byte
	for rest = names.Bytes; len(rest) > 0; {
		var name asn1.RawValue
		if rest, err = asn1.Unmarshal(rest, &name); err != nil {
			return nil, errors.New("a name is malformed")
		}
		all = append(all, name.FullBytes)
	}
	return all, nil
}

// Run keeps the revocation lists warm until ctx ends, for the day on which J-LIS is gone.
func (c *Client) Run(ctx context.Context) {
	for {
		for _, a := range c.authorities {
			if err := c.refreshList(ctx, a); err != nil && ctx.Err() == nil {
				slog.WarnContext(ctx, "fetching a revocation list", "authority", a.Subject.String(), "cause", err)
			}
		}
		select {
		case <-ctx.Done():
			return
		case <-time.After(c.refreshEvery()):
		}
	}
}
