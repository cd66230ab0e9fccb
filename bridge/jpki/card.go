package jpki

import (
	"context"
	"errors"
	"fmt"

	"madoguchi/bridge/apdu"
)

// Card is a card in the field of some Transmitter. Its methods are not for use by several goroutines at once: the card
// itself has one current file.
type Card struct {
	t    apdu.Transmitter
	kind Kind
}

// Open finds out what lies there. An error Is ErrNotMyNumberCard when it is something else, ErrOldCard when it is a 住基
// card.
func Open(ctx context.Context, t apdu.Transmitter) (*Card, error) {
	const op = "recognising the card"
	c := &Card{t: t}
	if err := c.selectApplication(ctx, op, ApplicationJPKI); err != nil {
		return nil, err
	}
	r, err := c.read(ctx, op, FileTokenInfo, labelBytes)
	if err != nil {
		var e *Error
		if errors.As(err, &e) && e.Status != 0 { // another card that takes every SELECT
			e.Cause, e.TriesLeft = NotMyNumberCard, -1
		}
		return nil, err
	}
	switch c.kind = kindOf(r); c.kind {
	case UnknownCard:
		return nil, failed(op, NotMyNumberCard, errors.New("unknown token label"))
	case OldResidentCard:
		return nil, failed(op, OldCard, nil)
	}
	return c, nil
}

// Attach takes the card for a My Number Card and sends nothing: for those who know already, or find out by the first
// failure.
func Attach(t apdu.Transmitter) *Card {
	return &Card{t: t}
}

// Kind is what Open found; UnknownCard after Attach.
func (c *Card) Kind() Kind {
	return c.kind
}

// TriesLeft asks how many wrong tries a PIN still allows; 0 is locked. It costs no try.
func (c *Card) TriesLeft(ctx context.Context, p PIN) (int, error) {
	op := fmt.Sprintf("asking for the tries left of the %s", p)
	if err := c.selectPIN(ctx, op, p); err != nil {
		return 0, err
	}
	r, err := c.send(ctx, op, apdu.Command{INS: 0x20, P2: 0x80})
	if err != nil {
		return 0, err
	}
	if tries, ok := r.Status.TriesLeft(); ok {
		return tries, nil
	}
	switch r.Status {
	case apdu.StatusOK: // ISO 7816-4 lets a card say so when the PIN is verified.
		return p.MaxTries(), nil
	case apdu.StatusReferenceUnusable, apdu.StatusBlocked:
		return 0, nil
	}
	return 0, statusFailed(op, r.Status)
}

// Verify gives a PIN to the card. A wrong one costs a try: the error Is ErrWrongPIN, or ErrLocked when that was the
// last. The caller clears the PIN; no copy of it is left here.
func (c *Card) Verify(ctx context.Context, p PIN, pin []byte) error {
	if err := p.Check(pin); err != nil {
		return failed(verifying(p), PINForm, err)
	}
	return c.VerifyBy(ctx, p, func(ctx context.Context) (apdu.Response, error) {
		return apdu.Send(ctx, c.t, apdu.Command{INS: 0x20, P2: 0x80, Data: pin})
	})
}

// Entry gets a PIN to the card, with the PIN's file selected, and gives the card's answer: it sends a command, or has
// the person type on the reader.
type Entry func(ctx context.Context) (apdu.Response, error)

// VerifyBy is Verify with a PIN that enter gets to the card.
func (c *Card) VerifyBy(ctx context.Context, p PIN, enter Entry) error {
	op := verifying(p)
	if err := c.selectPIN(ctx, op, p); err != nil {
		return err
	}
	return entered(ctx, op, enter)
}

func verifying(p PIN) string {
	return fmt.Sprintf("verifying the %s", p)
}

// digestInfoSHA256 precedes a SHA-256 digest in a PKCS #1 v1.5 signature (RFC 8017, 9.2, note 1).
const digestInfoSHA256 = "\x30\x31\x30\x0D\x06\x09\x60\x86\x48\x01\x65\x03\x04\x02\x01\x05\x00\x04\x20"

const signatureBytes = 256 // RSA-2048

// SignDigest verifies the key's PIN and makes an RSASSA-PKCS1-v1_5 signature of a SHA-256 digest, in five APDUs. Its
// error Is ErrNoCertificate when the card has no such key.
func (c *Card) SignDigest(ctx context.Context, k Key, pin []byte, digest [32]byte) ([]byte, error) {
	if err := c.Verify(ctx, k.PIN(), pin); err != nil {
		return nil, err
	}
	return c.Sign(ctx, k, digest)
}

// Sign is SignDigest after Verify, with JPKI selected still.
func (c *Card) Sign(ctx context.Context, k Key, digest [32]byte) ([]byte, error) {
	op := fmt.Sprintf("signing with the %s", k)
	if err := c.selectFile(ctx, op, k.file()); err != nil {
		return nil, noCertificate(err) // a key comes and goes with its certificate
	}
	info := append([]byte(digestInfoSHA256), digest[:]...)
	r, err := c.send(ctx, op, apdu.Command{CLA: 0x80, INS: 0x2A, P2: 0x80, Data: info, Le: 256})
	if err != nil {
		return nil, err
	}
	if r.Status != apdu.StatusOK {
		return nil, statusFailed(op, r.Status)
	}
	if len(r.Data) != signatureBytes {
		return nil, failed(op, Malformed, fmt.Errorf("a signature of %d bytes", len(r.Data)))
	}
	return r.Data, nil
}

// ChangePIN verifies the old PIN and sets a new one. Both are checked for their form before the card is touched.
func (c *Card) ChangePIN(ctx context.Context, p PIN, oldPIN, newPIN []byte) error {
	if err := p.Check(newPIN); err != nil {
		return failed(changing(p), PINForm, err)
	}
	if err := c.Verify(ctx, p, oldPIN); err != nil {
		return err
	}
	return c.SetPIN(ctx, p, newPIN)
}

// SetPIN is ChangePIN after Verify, with the PIN's file selected still.
func (c *Card) SetPIN(ctx context.Context, p PIN, newPIN []byte) error {
	if err := p.Check(newPIN); err != nil {
		return failed(changing(p), PINForm, err)
	}
	return c.SetPINBy(ctx, p, func(ctx context.Context) (apdu.Response, error) {
		return apdu.Send(ctx, c.t, apdu.Command{INS: 0x24, P1: 0x01, P2: 0x80, Data: newPIN})
	})
}

// SetPINBy is SetPIN with a PIN that enter gets to the card.
func (c *Card) SetPINBy(ctx context.Context, p PIN, enter Entry) error {
	return entered(ctx, changing(p), enter)
}

func changing(p PIN) string {
	return fmt.Sprintf("changing the %s", p)
}

func entered(ctx context.Context, op string, enter Entry) error {
	r, err := enter(ctx)
	if err != nil {
		return transmissionFailed(op, err)
	}
	if r.Status != apdu.StatusOK {
		return statusFailed(op, r.Status)
	}
	return nil
}

func (c *Card) send(ctx context.Context, op string, command apdu.Command) (apdu.Response, error) {
	r, err := apdu.Send(ctx, c.t, command)
	if err != nil {
		return apdu.Response{}, transmissionFailed(op, err)
	}
	return r, nil
}

func (c *Card) selectPIN(ctx context.Context, op string, p PIN) error {
	application, file := p.home()
	if err := c.selectApplication(ctx, op, application); err != nil {
		return err
	}
	return c.selectFile(ctx, op, file)
}

// selectApplication fails with ErrNotMyNumberCard when the card has no such application.
func (c *Card) selectApplication(ctx context.Context, op, application string) error {
	r, err := c.send(ctx, op, apdu.Command{INS: 0xA4, P1: 0x04, P2: 0x0C, Data: []byte(application)})
	if err != nil {
		return err
	}
	if r.Status == apdu.StatusOK {
		return nil
	}
	e := statusFailed(op, r.Status)
	// Other cards refuse in many ways; none of them is a PIN's.
	e.Cause, e.TriesLeft = NotMyNumberCard, -1
	return e
}

func (c *Card) selectFile(ctx context.Context, op string, file uint16) error {
	r, err := c.send(ctx, op, apdu.Command{INS: 0xA4, P1: 0x02, P2: 0x0C, Data: []byte{byte(file >> 8), byte(file)}})
	if err != nil {
		return err
	}
	if r.Status != apdu.StatusOK {
		return statusFailed(op, r.Status)
	}
	return nil
}
