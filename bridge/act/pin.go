package act

import (
	"context"
	"errors"
	"fmt"

	"madoguchi/bridge/apdu"
	"madoguchi/bridge/jpki"
)

// VerifyAttributes verifies the PIN of the card's face and reads name, address, date of birth and sex.
func VerifyAttributes(ctx context.Context, t apdu.Transmitter, s Secret) (jpki.Attributes, error) {
	card := jpki.Attach(t)
	if err := s.verify(ctx, card, jpki.TextPIN); err != nil {
		return jpki.Attributes{}, err
	}
	return card.ReadAttributes(ctx)
}

// Again takes a card once more, powered anew.
type Again func(ctx context.Context) (apdu.Transmitter, error)

// errUnproven: the card took the new PIN, and did not open by it afterwards.
var errUnproven = errors.New("the card took the new PIN and was not seen to open by it")

// ChangePIN changes a PIN; newPIN is nil when the old one is typed on the reader, and the new one is then, too. again
// takes the card once more, powered anew, and has it say by the new PIN, once and never with fewer than two tries left,
// that it opens by it: also when its answer to the change was lost. One typed on the reader is not proven so, as it
// would have to be typed again. Once the old PIN is verified the change is brought to its end even if ctx ends.
func ChangePIN(ctx context.Context, t apdu.Transmitter, p jpki.PIN, old Secret, newPIN []byte, again Again) error {
	if err := CheckChange(p, old, newPIN); err != nil {
		return err
	}
	card := jpki.Attach(t)
	if err := old.verify(ctx, card, p); err != nil {
		return err
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	ctx = context.WithoutCancel(ctx)
	var err error
	if old.Pad == nil {
		err = card.SetPIN(ctx, p, newPIN)
	} else {
		err = card.SetPINBy(ctx, p, func(ctx context.Context) (apdu.Response, error) {
			return typed(old.Pad.ChangePIN(ctx, p))
		})
	}
	if err == nil && old.Pad == nil {
		return findOut(ctx, p, newPIN, again, errUnproven)
	}
	if err == nil || isAnswer(err) {
		return err
	}
	if old.Pad != nil {
		return fmt.Errorf("%w: %w", ErrChangeUnknown, err)
	}
	return findOut(ctx, p, newPIN, again, err)
}

// CheckChange tells, without the card, whether both PINs can be right.
func CheckChange(p jpki.PIN, old Secret, newPIN []byte) error {
	if err := old.Check(p); err != nil {
		return err
	}
	if old.Pad != nil {
		if len(newPIN) > 0 {
			return fmt.Errorf("%w: the new one is typed on the reader, too", jpki.ErrPINForm)
		}
		return nil
	}
	if err := p.Check(newPIN); err != nil {
		return fmt.Errorf("the new one: %w", err)
	}
	return nil
}

// isAnswer: card or reader have answered, and the PIN is the old one.
func isAnswer(err error) bool {
	var e *jpki.Error
	return errors.As(err, &e) && e.Status != 0 || errors.Is(err, ErrDeclined) || errors.Is(err, jpki.ErrPINForm)
}

func findOut(ctx context.Context, p jpki.PIN, newPIN []byte, again Again, lost error) error {
	unknown := fmt.Errorf("%w: %w", ErrChangeUnknown, lost)
	t, err := again(ctx)
	if err != nil {
		return unknown
	}
	card := jpki.Attach(t)
	left, err := card.TriesLeft(ctx, p)
	if err != nil || left < 2 {
		return unknown
	}
	err = card.Verify(ctx, p, newPIN)
	switch {
	case err == nil:
		return nil
	case errors.Is(err, jpki.ErrWrongPIN):
		return fmt.Errorf("the PIN is the old one still: %w", lost)
	}
	return unknown
}
