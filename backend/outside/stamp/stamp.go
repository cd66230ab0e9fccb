// Package stamp asks a time stamping authority (RFC 3161) to say when something was there. What it answers is believed
// only under the authorities that the operator names.
package stamp

import (
	"bytes"
	"context"
	"crypto"
	"crypto/rand"
	"crypto/sha256"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"math/big"
	"net/http"
	"time"

	"github.com/digitorus/timestamp"
	"github.com/smallstep/pkcs7"
)

const (
	patience  = 5 * time.Second
	maxAnswer = 64 << 10
	// Clocks differ; an authority's by no more than this from ours.
	clockSkew = 5 * time.Minute
)

// Authority is who is asked.
type Authority struct {
	// URL is where questions go, Roots whom answers must come from.
	URL   string
	Roots []*x509.Certificate
	Now   func() time.Time
}

// Stamp has the authority say that content was there, and gives its token (DER).
func (a *Authority) Stamp(ctx context.Context, content []byte) (token []byte, err error) {
	sum := sha256.Sum256(content)
	nonce, err := rand.Int(rand.Reader, new(big.Int).Lsh(big.NewInt(1), 64))
	if err != nil {
		return nil, fmt.Errorf("asking for a time stamp: %w", err)
	}
	question, err := (&timestamp.Request{
		HashAlgorithm: crypto.SHA256, HashedMessage: sum[:], Certificates: true, Nonce: nonce,
	}).Marshal()
	if err != nil {
		return nil, fmt.Errorf("asking for a time stamp: %w", err)
	}
	answer, err := a.ask(ctx, question)
	if err != nil {
		return nil, fmt.Errorf("asking for a time stamp: %w", err)
	}
	token, err = a.read(answer, sum[:], nonce)
	if err != nil {
		return nil, fmt.Errorf("reading a time stamp: %w", err)
	}
	return token, nil
}

func (a *Authority) ask(ctx context.Context, question []byte) ([]byte, error) {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, a.URL, bytes.NewReader(question))
	if err != nil {
		return nil, err
	}
	request.Header.Set("Content-Type", "application/timestamp-query")
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return nil, err
	}
	defer response.Body.Close()
	if response.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("the authority answered %d", response.StatusCode)
	}
	return io.ReadAll(io.LimitReader(response.Body, maxAnswer))
}

// read makes sure that the answer is to this question, of now, and signed by one whom the roots let stamp.
func (a *Authority) read(answer, sum []byte, nonce *big.Int) (token []byte, err error) {
	defer func() {
		if p := recover(); p != nil { // the answer comes from outside, and two libraries read it
			err = fmt.Errorf("it cannot be read: %v", p)
		}
	}()
	stamp, err := timestamp.ParseResponse(answer)
	if err != nil {
		return nil, err
	}
	now := a.Now()
	switch {
	case stamp.HashAlgorithm != crypto.SHA256 || !bytes.Equal(stamp.HashedMessage, sum):
		return nil, errors.New("it is for something else")
	case stamp.Nonce == nil || stamp.Nonce.Cmp(nonce) != 0:
		return nil, errors.New("it answers another question")
	case stamp.Time.Before(now.Add(-clockSkew)) || stamp.Time.After(now.Add(clockSkew)):
		return nil, fmt.Errorf("the authority's clock stands at %s", stamp.Time.UTC().Format(time.RFC3339))
	}
	signed, err := pkcs7.Parse(stamp.RawToken)
	if err != nil {
		return nil, err
	}
	if err := signed.Verify(); err != nil {
		return nil, err
	}
	signer := signed.GetOnlySigner()
	if signer == nil {
		return nil, errors.New("not one has signed it, but several, or nobody")
	}
	options := x509.VerifyOptions{
		Roots: x509.NewCertPool(), Intermediates: x509.NewCertPool(), CurrentTime: now,
		KeyUsages: []x509.ExtKeyUsage{x509.ExtKeyUsageTimeStamping},
	}
	for _, root := range a.Roots {
		options.Roots.AddCert(root)
	}
	for _, c := range signed.Certificates {
		options.Intermediates.AddCert(c)
	}
	if _, err := signer.Verify(options); err != nil {
		return nil, err
	}
	return stamp.RawToken, nil
}
