// Package act is what a page may have a card do, each thing as a whole: look at it, sign a challenge, sign documents,
// read the four attributes, change a PIN, derive a key. It is pure: it speaks to a card over any Transmitter, and signs
// only what it has understood (a challenge by its grammar) or written itself (attributes of a document, the text of a
// vault). It does not find readers, hold cards, ask people or count wrong PINs: that is the relay's.
package act

import (
	"context"
	"crypto"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"errors"
	"fmt"

	"madoguchi/bridge/apdu"
	"madoguchi/bridge/jpki"
)

// Errors of the acts, beside those of package jpki and of the Transmitter.
var (
	ErrNotAChallenge = errors.New("not a challenge of the portal")
	ErrForeignOrigin = errors.New("a challenge for another origin")
	ErrOtherPerson   = errors.New("the certificate is not the expected person's")
	// ErrDeclined: the person pressed the key to cancel, or none until the reader's time was over.
	ErrDeclined = errors.New("the person has not entered the PIN on the reader")
	// ErrChangeUnknown: a PIN may have been changed, or not.
	ErrChangeUnknown = errors.New("the card's answer was lost, and whether the PIN has changed is not known")
	// ErrNoPad: the PIN cannot be typed on keys that have digits alone.
	ErrNoPad = errors.New("this PIN cannot be typed on a reader")
)

// Pad are the keys of the reader in which the card lies. Both want the PIN's file selected, and give the card's answer
// or the reader's.
type Pad interface {
	// VerifyPIN has the person type the PIN, and the reader send VERIFY.
	VerifyPIN(ctx context.Context, p jpki.PIN) (apdu.Response, error)
	// ChangePIN has the person type a new one twice, and the reader send CHANGE REFERENCE DATA.
	ChangePIN(ctx context.Context, p jpki.PIN) (apdu.Response, error)
}

// Secret is how a PIN gets to the card: these bytes, or typed on the reader.
type Secret struct {
	PIN []byte
	Pad Pad
}

// Check tells, without the card, whether the secret can be right.
func (s Secret) Check(p jpki.PIN) error {
	if s.Pad == nil {
		return p.Check(s.PIN)
	}
	if p == jpki.SignPIN {
		return fmt.Errorf("%w: it has letters", ErrNoPad)
	}
	return nil
}

func (s Secret) verify(ctx context.Context, card *jpki.Card, p jpki.PIN) error {
	if err := s.Check(p); err != nil {
		return err
	}
	if s.Pad == nil {
		return card.Verify(ctx, p, s.PIN)
	}
	return card.VerifyBy(ctx, p, func(ctx context.Context) (apdu.Response, error) {
		return typed(s.Pad.VerifyPIN(ctx, p))
	})
}

// What a reader with keys answers itself (PC/SC part 10, 2.5.1 and 2.6.1).
const (
	statusTimeout   apdu.Status = 0x6400
	statusCancelled apdu.Status = 0x6401
	statusDiffer    apdu.Status = 0x6402
	statusSize      apdu.Status = 0x6403
)

// NotTyped tells whether the reader says that no PIN went to the card.
func NotTyped(s apdu.Status) bool {
	return s >= statusTimeout && s <= statusSize
}

func typed(r apdu.Response, err error) (apdu.Response, error) {
	if err != nil {
		return r, err
	}
	switch r.Status {
	case statusTimeout, statusCancelled:
		return r, ErrDeclined
	case statusDiffer:
		return r, fmt.Errorf("%w: the new PIN was typed differently the second time", jpki.ErrPINForm)
	case statusSize:
		return r, fmt.Errorf("%w: too few or too many digits were typed", jpki.ErrPINForm)
	}
	return r, nil
}

// signature signs a text with the user-authentication key: one VERIFY, one signature.
func signature(ctx context.Context, t apdu.Transmitter, s Secret, text, certificate []byte) ([]byte, error) {
	card := jpki.Attach(t)
	if err := s.verify(ctx, card, jpki.AuthPIN); err != nil {
		return nil, err
	}
	return signVerified(ctx, card, jpki.AuthKey, text, certificate)
}

// signVerified signs with a key whose PIN has just been verified. The signature is checked against the certificate, so
// that what leaves here is of the very card that the certificate is of.
func signVerified(ctx context.Context, card *jpki.Card, k jpki.Key, text, certificate []byte) ([]byte, error) {
	parsed, err := x509.ParseCertificate(certificate)
	if err != nil {
		return nil, fmt.Errorf("%w: the certificate cannot be read", jpki.ErrMalformed)
	}
	public, ok := parsed.PublicKey.(*rsa.PublicKey)
	if !ok {
		return nil, fmt.Errorf("%w: the certificate is not of an RSA key", jpki.ErrMalformed)
	}
	digest := sha256.Sum256(text)
	signed, err := card.Sign(ctx, k, digest)
	if err != nil {
		return nil, err
	}
	if rsa.VerifyPKCS1v15(public, crypto.SHA256, digest[:], signed) != nil {
		clear(signed)
		return nil, fmt.Errorf("%w: the signature is not of the certificate's key", jpki.ErrMalformed)
	}
	return signed, nil
}

// maxCertificate is more than any of the profile, and lets three of them into one frame.
const maxCertificate = 4096

func certificate(ctx context.Context, card *jpki.Card, f jpki.CertificateFile) ([]byte, error) {
	b, err := card.ReadCertificate(ctx, f)
	if err != nil {
		return nil, err
	}
	if len(b) > maxCertificate {
		return nil, fmt.Errorf("%w: a certificate of %d bytes", jpki.ErrMalformed, len(b))
	}
	return b, nil
}
