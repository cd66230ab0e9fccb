// Package signing signs what the portal gives out: a detached CMS signature with the certificate of the portal's export
// key in it, and a time stamp of somebody else where one can be had. The key is made of the key file's secret; its
// certificates stay in the database for ever, so that what was signed can be checked when the key is long gone.
package signing

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/hkdf"
	"crypto/rand"
	"crypto/sha256"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"encoding/pem"
	"errors"
	"fmt"
	"log/slog"
	"math/big"
	"time"

	"github.com/smallstep/pkcs7"

	"madoguchi/backend/store/db"
	"madoguchi/backend/store/keys"
)

const (
	// A certificate lives for five years, and the next one of the same key begins a year before its end.
	certificateLife = 5 * 365 * 24 * time.Hour
	certificateTurn = 4 * 365 * 24 * time.Hour
)

// Signer signs with a purpose's key.
type Signer struct {
	DB   *db.DB
	Keys keys.Ring
	// Name is what certificates are made out to: the portal's host.
	Name string
	// Stamp has somebody else say when a signature was there (RFC 3161), and gives their token; nil where nobody is
	// asked.
	Stamp func(ctx context.Context, signature []byte) (token []byte, err error)
	Now   func() time.Time
}

// Signature is what a file was signed with.
type Signature struct {
	// DER is the CMS signature, for a file that ends in .p7s.
	DER []byte
	// Stamped: a time stamp is in it.
	Stamped bool
}

// oidStampToken is the attribute of a signature's time stamp (RFC 3161, appendix A).
var oidStampToken = asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 9, 16, 2, 14}

// Sign signs content. Where the time stamp cannot be had the signature is made without it, and says so.
func (s *Signer) Sign(ctx context.Context, content []byte) (Signature, error) {
	key, certificate, err := s.current(ctx)
	if err != nil {
		return Signature{}, err
	}
	signed, err := pkcs7.NewSignedData(content)
	if err != nil {
		return Signature{}, fmt.Errorf("signing: %w", err)
	}
	signed.SetDigestAlgorithm(pkcs7.OIDDigestAlgorithmSHA256)
	if err := signed.AddSigner(certificate, key, pkcs7.SignerInfoConfig{}); err != nil {
		return Signature{}, fmt.Errorf("signing: %w", err)
	}
	signed.Detach()
	stamped := false
	if s.Stamp != nil {
		signer := &signed.GetSignedData().SignerInfos[0]
		token, err := s.Stamp(ctx, signer.EncryptedDigest)
		if err != nil {
			slog.WarnContext(ctx, "no time stamp could be had; the signature is without", "cause", err)
		} else {
			stamped = true
			attribute := pkcs7.Attribute{Type: oidStampToken, Value: asn1.RawValue{FullBytes: token}}
			if err := signer.SetUnauthenticatedAttributes([]pkcs7.Attribute{attribute}); err != nil {
				return Signature{}, fmt.Errorf("putting a time stamp into a signature: %w", err)
			}
		}
	}
	der, err := signed.Finish()
	if err != nil {
		return Signature{}, fmt.Errorf("signing: %w", err)
	}
	return Signature{DER: der, Stamped: stamped}, nil
}

// current is the key that signs now with its certificate, which is made when there is none yet.
func (s *Signer) current(ctx context.Context) (*ecdsa.PrivateKey, *x509.Certificate, error) {
	secret := s.Keys.Current()
	key, err := keyOf(secret.Secret)
	if err != nil {
		return nil, nil, err
	}
	number := max(0, int64(s.Now().Sub(secret.Made)/certificateTurn))
	row, err := s.DB.Read().SigningGet(ctx, db.SigningGetParams{KeyID: secret.ID, Number: number})
	if errors.Is(err, db.ErrNotFound) { // of several portals the first makes it
		row, err = s.make(ctx, secret, key, number)
	}
	if err != nil {
		return nil, nil, fmt.Errorf("reading the certificate of the export key: %w", err)
	}
	certificate, err := x509.ParseCertificate(row.Certificate)
	if err != nil {
		return nil, nil, fmt.Errorf("reading the certificate of the export key: %w", err)
	}
	return key, certificate, nil
}

func (s *Signer) make(
	ctx context.Context, secret keys.Key, key *ecdsa.PrivateKey, number int64,
) (row db.SigningCertificate, err error) {
	begins := secret.Made.Add(time.Duration(number) * certificateTurn)
	sum := sha256.Sum256(fmt.Appendf(nil, "%s %d", secret.ID, number))
	template := &x509.Certificate{
		SerialNumber: new(big.Int).SetBytes(append([]byte{1}, sum[:15]...)),
		Subject: pkix.Name{
			CommonName: s.Name, Organization: []string{"まどぐち"}, OrganizationalUnit: []string{"export"},
		},
		NotBefore: begins.Add(-time.Hour), NotAfter: begins.Add(certificateLife),
		KeyUsage:              x509.KeyUsageDigitalSignature | x509.KeyUsageContentCommitment,
		BasicConstraintsValid: true,
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		return row, err
	}
	put := db.SigningPutParams{KeyID: secret.ID, Number: number, Certificate: der, MadeAt: s.Now().UnixMilli()}
	err = s.DB.Tx(ctx, func(q *db.Queries) error {
		if err := q.SigningPut(ctx, put); err != nil {
			return err
		}
		row, err = q.SigningGet(ctx, db.SigningGetParams{KeyID: secret.ID, Number: number})
		return err
	})
	return row, err
}

// keyOf makes a key for signatures of a secret, the same each time.
func keyOf(secret []byte) (*ecdsa.PrivateKey, error) {
	for try := range 8 { // of a secret in 2^32 the first is no such key
		raw, err := hkdf.Key(sha256.New, secret, nil, fmt.Sprintf("madoguchi export key %d", try), 32)
		if err != nil {
			return nil, fmt.Errorf("making the export key: %w", err)
		}
		if key, err := ecdsa.ParseRawPrivateKey(elliptic.P256(), raw); err == nil {
			return key, nil
		}
	}
	return nil, errors.New("making the export key: no key came of the secret")
}

// Certificate is one of all that ever signed.
type Certificate struct {
	DER []byte
	// Withdrawn is when somebody else came to know the key; zero while nobody does.
	Withdrawn time.Time
}

// Certificates are all that ever signed, that of now among them, the oldest first.
func (s *Signer) Certificates(ctx context.Context) ([]Certificate, error) {
	if _, _, err := s.current(ctx); err != nil {
		return nil, err
	}
	rows, err := s.DB.Read().SigningAll(ctx)
	if err != nil {
		return nil, fmt.Errorf("reading the certificates of export keys: %w", err)
	}
	list := make([]Certificate, len(rows))
	for i, row := range rows {
		list[i].DER = row.Certificate
		if row.WithdrawnAt > 0 {
			list[i].Withdrawn = time.UnixMilli(row.WithdrawnAt)
		}
	}
	return list, nil
}

// PEM writes certificates as openssl's -CAfile reads them.
func PEM(list []Certificate) []byte {
	var all []byte
	for _, c := range list {
		all = append(all, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: c.DER})...)
	}
	return all
}

// Withdraw notes, within a transaction, that somebody else knows the key: what it signed counts only with a time stamp
// from before.
func Withdraw(ctx context.Context, q *db.Queries, at time.Time) error {
	if _, err := q.SigningWithdraw(ctx, at.UnixMilli()); err != nil {
		return fmt.Errorf("withdrawing the certificates of the export key: %w", err)
	}
	return nil
}
