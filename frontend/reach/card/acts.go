package card

import (
	"context"
	"errors"
	"fmt"
	"sync/atomic"

	bridgev2 "madoguchi/proto/gen/bridge/v2"
)

// Secret is how a PIN gets to the card: the bytes of the page's field, or, with Pad, typed on the reader's own keys.
type Secret struct {
	PIN []byte
	Pad bool
}

func (s Secret) message() *bridgev2.Secret {
	if s.Pad {
		return &bridgev2.Secret{How: &bridgev2.Secret_Pad{Pad: true}}
	}
	return &bridgev2.Secret{How: &bridgev2.Secret_Pin{Pin: s.PIN}} // the same bytes: cleared together
}

// Act is where an act is to happen and with which PIN. One PIN is good for one act.
type Act struct {
	At Place
	// Secret's PIN is cleared when the act returns, also when it failed.
	Secret Secret
	// Told is called with each step of the bridge; may be nil. It must not block.
	Told func(*bridgev2.Progress)
}

func (a Act) place() *bridgev2.Place {
	return &bridgev2.Place{Reader: a.At.Reader, Insertion: a.At.Insertion}
}

// Sign has the user-authentication key sign a challenge of the portal.
func (b *Bridge) Sign(ctx context.Context, act Act, challenge []byte) (*bridgev2.Signature, error) {
	body := &bridgev2.Sign{Place: act.place(), Secret: act.Secret.message(), Challenge: challenge}
	reply, err := b.do(ctx, act, &bridgev2.Request{Body: &bridgev2.Request_Sign{Sign: body}})
	return answer(reply.GetSignature(), err, "signing a challenge")
}

// SignDocuments has the signing key sign up to 20 documents. expect, when not nil, is whose card it must be.
func (b *Bridge) SignDocuments(
	ctx context.Context, act Act, documents []*bridgev2.Document, expect *bridgev2.Expect,
) (*bridgev2.SignedDocuments, error) {
	body := &bridgev2.SignDocument{
		Place: act.place(), Secret: act.Secret.message(), Documents: documents, Expect: expect,
	}
	reply, err := b.do(ctx, act, &bridgev2.Request{Body: &bridgev2.Request_SignDocument{SignDocument: body}})
	return answer(reply.GetSignedDocuments(), err, "signing documents")
}

// VerifyAttributes reads the four attributes of the card's face.
func (b *Bridge) VerifyAttributes(ctx context.Context, act Act) (*bridgev2.Attributes, error) {
	body := &bridgev2.VerifyAttributes{Place: act.place(), Secret: act.Secret.message()}
	reply, err := b.do(ctx, act, &bridgev2.Request{Body: &bridgev2.Request_VerifyAttributes{VerifyAttributes: body}})
	return answer(reply.GetAttributes(), err, "reading the attributes")
}

// ChangePIN changes a PIN; act holds the old one. The new one is cleared too, and is empty when it is typed on the
// reader.
func (b *Bridge) ChangePIN(ctx context.Context, act Act, kind bridgev2.PINKind, fresh []byte) error {
	defer clear(fresh)
	body := &bridgev2.ChangePIN{Place: act.place(), Kind: kind, Old: act.Secret.message(), New: fresh}
	reply, err := b.do(ctx, act, &bridgev2.Request{Body: &bridgev2.Request_ChangePin{ChangePin: body}})
	_, err = answer(reply.GetPinChanged(), err, "changing a PIN")
	return err
}

// DeriveKey gives the 32 bytes that this card alone gives for this origin and a salt of 16 to 64 bytes.
func (b *Bridge) DeriveKey(ctx context.Context, act Act, salt []byte) ([]byte, error) {
	body := &bridgev2.DeriveKey{Place: act.place(), Secret: act.Secret.message(), Salt: salt}
	reply, err := b.do(ctx, act, &bridgev2.Request{Body: &bridgev2.Request_DeriveKey{DeriveKey: body}})
	derived, err := answer(reply.GetDerivedKey(), err, "deriving a key")
	return derived.GetKey(), err
}

// answer is what an act brought, if it is what was asked for.
func answer[T any](body *T, err error, doing string) (*T, error) {
	if err == nil && body == nil {
		err = errors.New("the bridge answered with something else")
	}
	if err != nil {
		return nil, fmt.Errorf("%s: %w", doing, err)
	}
	return body, nil
}

// do asks for an act and waits for what became of it; when ctx ends first, the bridge is told to give it up. Another
// page's turn is over in a moment, as a rule: it is waited for before it is an error.
func (b *Bridge) do(ctx context.Context, act Act, request *bridgev2.Request) (*bridgev2.Reply, error) {
	defer clear(act.Secret.PIN)
	b.mu.Lock()
	b.acts++
	b.mu.Unlock()
	for tried := 1; ; tried++ {
		reply, err := b.once(ctx, act, request)
		if !errors.Is(err, ErrHeld) || tried == heldTries || !wait(ctx, b.heldPause) {
			b.learn(act.At, err)
			return reply, err
		}
	}
}

func (b *Bridge) once(ctx context.Context, act Act, request *bridgev2.Request) (*bridgev2.Reply, error) {
	b.mu.Lock()
	connection := b.connection
	b.mu.Unlock()
	if connection == nil {
		return nil, ErrBridgeGone
	}
	var typing atomic.Bool // the reader asked for the PIN
	reply, err := connection.ask(ctx, request, func(p *bridgev2.Progress) {
		typing.Store(p.GetStep() == bridgev2.Progress_STEP_PAD)
		if act.Told != nil {
			act.Told(p)
		}
	})
	if typing.Load() && (errors.Is(err, ErrDeclined) || errors.Is(err, ErrPINForm)) {
		err = fmt.Errorf("%w: %w", ErrNotTyped, err)
	}
	return reply, err
}
