package office

import (
	"bytes"
	"crypto"
	"crypto/sha256"
	"crypto/x509"
	"errors"
	"fmt"
	"time"

	"github.com/digitorus/timestamp"
	"github.com/smallstep/pkcs7"
	"golang.org/x/crypto/ocsp"

	officev1 "madoguchi/proto/gen/office/v1"
)

const (
	// answerCounts is for how long what J-LIS answered of a card counts.
	answerCounts = time.Hour
	// clocks differ by no more than this.
	clocks = 5 * time.Minute
)

// checked finds out whether J-LIS said, when the portal asked, that the certificate counted: an answer (OCSP) of the
// authority that gave it, of that hour. Where the portal looked into a list instead, the office has its name alone.
func checked(s *officev1.ApplicationSignature, of, authority *x509.Certificate, arrived time.Time) error {
	at := time.UnixMilli(s.GetCheckedAt())
	if at.After(arrived.Add(clocks)) {
		return fmt.Errorf("J-LIS was asked at %s, after it arrived", at.UTC().Format(time.RFC3339))
	}
	if len(s.GetOcsp()) == 0 {
		if s.GetRevocationList() == "" {
			return errors.New("nothing says that the certificate was not revoked")
		}
		return nil
	}
	answer, err := ocsp.ParseResponseForCert(s.GetOcsp(), of, authority)
	if err != nil {
		return fmt.Errorf("reading what J-LIS answered: %w", err)
	}
	switch {
	case answer.Status != ocsp.Good:
		return errors.New("J-LIS did not say that the certificate counted")
	case answer.ThisUpdate.After(at.Add(clocks)) || answer.ThisUpdate.Before(at.Add(-answerCounts-clocks)):
		return fmt.Errorf("J-LIS said it at %s, of another time", answer.ThisUpdate.UTC().Format(time.RFC3339))
	}
	return nil
}

// stamped finds out whether a time stamp is of a signature, made by somebody whom the roots let stamp, once it had
// arrived, and while its certificate counted. Without roots, as where a kit plays the portal, by whom is not asked.
func stamped(token, signature []byte, of *x509.Certificate, arrived time.Time, roots *x509.CertPool) error {
	stamp, err := timestamp.Parse(token)
	if err != nil {
		return fmt.Errorf("reading a time stamp: %w", err)
	}
	sum := sha256.Sum256(signature)
	switch {
	case stamp.HashAlgorithm != crypto.SHA256 || !bytes.Equal(stamp.HashedMessage, sum[:]):
		return errors.New("the time stamp is of something else")
	case stamp.Time.Before(arrived.Add(-clocks)):
		return errors.New("the time stamp is of before it arrived")
	case stamp.Time.Before(of.NotBefore) || stamp.Time.After(of.NotAfter):
		return errors.New("the certificate did not count at the time stamp")
	case roots == nil:
		return nil
	}
	signed, err := pkcs7.Parse(token)
	if err == nil {
		err = signed.Verify()
	}
	if err != nil {
		return fmt.Errorf("checking a time stamp: %w", err)
	}
	by := signed.GetOnlySigner()
	if by == nil {
		return errors.New("not one has signed the time stamp, but several, or nobody")
	}
	options := x509.VerifyOptions{
		Roots: roots, Intermediates: x509.NewCertPool(), CurrentTime: stamp.Time,
		KeyUsages: []x509.ExtKeyUsage{x509.ExtKeyUsageTimeStamping},
	}
	for _, c := range signed.Certificates {
		options.Intermediates.AddCert(c)
	}
	if _, err := by.Verify(options); err != nil {
		return fmt.Errorf("the time stamp is not of a known authority: %w", err)
	}
	return nil
}
