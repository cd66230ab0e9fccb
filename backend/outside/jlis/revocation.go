package jlis

import (
	"context"
	"crypto/x509"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"madoguchi/backend/store/card"
)

const (
	answerFor  = 5 * time.Minute // an answer is used again for as long at most
	maxAnswers = 100_000
)

var (
	errNotKnownThere = errors.New("J-LIS does not know the certificate")
	errLately        = errors.New("it could not be had lately")
)

// Revocation says whether a certificate is revoked: nil (it is not), ErrRevoked or ErrUnknown. The caller has found its
// issuer, by the signature. It takes two seconds at most.
func (c *Client) Revocation(ctx context.Context, certificate, issuer *x509.Certificate) error {
	of := card.Of(certificate, issuer)
	if revoked, ok := c.answers.get(of, c.now()); ok {
		return verdict(revoked)
	}
	points, err := pointsOf(certificate)
	if err != nil {
		return fmt.Errorf("%w: %w", ErrUnknown, err)
	}
	return c.ask(ctx, of, points)
}

// State says the same of a card whose certificate is not at hand, and asks anew each time. Without the certificate, a
// revocation list must be for all that the authority gave.
func (c *Client) State(ctx context.Context, of card.ID) error {
	return c.ask(ctx, of, nil)
}

func (c *Client) ask(ctx context.Context, of card.ID, points [][]byte) error {
	a := c.authorities[of.Issuer]
	if a == nil || !of.Valid() {
		return fmt.Errorf("%w: it is of no authority that we trust", ErrUnknown)
	}
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	revoked, err := c.askOCSP(ctx, a, of)
	if err == nil {
		return verdict(revoked)
	}
	if errors.Is(err, errNotKnownThere) {
		return fmt.Errorf("%w: %w", ErrUnknown, err)
	}
	list, listErr := c.revocationList(ctx, a)
	if listErr == nil {
		revoked, listErr = list.has(of.Number(), points)
	}
	if listErr != nil {
		return fmt.Errorf("%w: OCSP: %w; revocation list: %w", ErrUnknown, err, listErr)
	}
	return verdict(revoked)
}

func verdict(revoked bool) error {
	if revoked {
		return ErrRevoked
	}
	return nil
}

func (c *Client) askOCSP(ctx context.Context, a *authority, of card.ID) (revoked bool, err error) {
	answer, err := c.once(ctx, &a.ocsp, "ocsp "+of.String(), ocspPatience, func(ctx context.Context) (any, error) {
		_, revoked, until, err := c.fetchOCSP(ctx, of, a.Certificate)
		if err == nil {
			c.answers.put(of, revoked, until, c.now())
		}
		return revoked, err
	})
	if err != nil {
		return false, err
	}
	revoked, ok := answer.(bool)
	if !ok {
		return false, errors.New("nothing was found out")
	}
	return revoked, nil
}

// once does work once for all who wait for the same, unless it has failed lately. The work goes on when its callers
// give up, for those who come after. A panic in it is an error like any other: x/sync/singleflight would end the
// process.
func (c *Client) once(
	ctx context.Context, circuit *circuit, key string, limit time.Duration, work func(context.Context) (any, error),
) (any, error) {
	if !circuit.allow(c.now()) {
		return nil, errLately
	}
	flight := c.flights.DoChan(key, func() (result any, err error) {
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), limit)
		defer cancel()
		defer func() {
			if p := recover(); p != nil {
				slog.ErrorContext(ctx, "a panic while J-LIS was asked", "panic", fmt.Sprint(p))
				result, err = nil, errors.New("a panic while J-LIS was asked")
			}
			circuit.note(err == nil || errors.Is(err, errNotKnownThere), c.now())
		}()
		return work(ctx)
	})
	select {
	case <-ctx.Done():
		return nil, ctx.Err()
	case result := <-flight:
		return result.Val, result.Err
	}
}

// checkAge refuses what is from the future, over, or older than maxAge by its own date, whatever it says of how long it
// counts. No end given is none.
func checkAge(thisUpdate, nextUpdate, now time.Time, maxAge time.Duration) error {
	switch {
	case thisUpdate.After(now.Add(clockSkew)):
		return errors.New("it is from the future")
	case !nextUpdate.IsZero() && !now.Before(nextUpdate):
		return errors.New("its time is over")
	case now.Sub(thisUpdate) > maxAge:
		return fmt.Errorf("it is older than %v", maxAge)
	}
	return nil
}

// answers remembers what OCSP said.
type answers struct {
	mu   sync.Mutex
	kept map[card.ID]kept
}

type kept struct {
	revoked bool
	until   time.Time
}

func (a *answers) get(of card.ID, now time.Time) (revoked, ok bool) {
	a.mu.Lock()
	defer a.mu.Unlock()
	k, ok := a.kept[of]
	return k.revoked, ok && now.Before(k.until)
}

func (a *answers) put(of card.ID, revoked bool, until, now time.Time) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.kept == nil {
		a.kept = map[card.ID]kept{}
	}
	if len(a.kept) >= maxAnswers {
		a.makeRoom(now)
	}
	a.kept[of] = kept{revoked, until}
}

// makeRoom drops what is over and, when that is little, any: it is asked again. A tenth at once, so that it is seldom
// done.
func (a *answers) makeRoom(now time.Time) {
	for of, k := range a.kept {
		if !now.Before(k.until) {
			delete(a.kept, of)
		}
	}
	for of := range a.kept {
		if len(a.kept) <= maxAnswers*9/10 {
			return
		}
		delete(a.kept, of)
	}
}

// circuit keeps people from waiting for what has failed three times in a row: it is left alone for some seconds, then
// one tries.
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
