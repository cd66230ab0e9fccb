package act

import (
	"context"
	"errors"

	"madoguchi/bridge/apdu"
	"madoguchi/bridge/jpki"
)

// Card is what a card tells without a PIN.
type Card struct {
	Kind jpki.Kind
	// Tries left of each PIN that the card has.
	Tries map[jpki.PIN]int
	// DER; nil where the card has none.
	Certificate, AuthCA, SignCA []byte
}

// Look finds out what lies there. A card that is no My Number Card is no error; nothing more is asked of it.
func Look(ctx context.Context, t apdu.Transmitter) (Card, error) {
	card, err := jpki.Open(ctx, t)
	switch {
	case errors.Is(err, jpki.ErrOldCard):
		return Card{Kind: jpki.OldResidentCard}, nil
	case errors.Is(err, jpki.ErrNotMyNumberCard):
		return Card{Kind: jpki.UnknownCard}, nil
	case err != nil:
		return Card{}, err
	}
	found := Card{Kind: card.Kind(), Tries: map[jpki.PIN]int{}}
	for _, p := range []jpki.PIN{jpki.AuthPIN, jpki.SignPIN, jpki.TextPIN} {
		left, err := card.TriesLeft(ctx, p)
		if missing(err) {
			continue
		}
		if err != nil {
			return Card{}, err
		}
		found.Tries[p] = left
	}
	for f, into := range map[jpki.CertificateFile]*[]byte{
		jpki.AuthCertificate: &found.Certificate, jpki.AuthCACertificate: &found.AuthCA,
		jpki.SignCACertificate: &found.SignCA,
	} {
		if *into, err = certificate(ctx, card, f); err != nil && !errors.Is(err, jpki.ErrNoCertificate) {
			return Card{}, err
		}
	}
	return found, nil
}

// missing: a phone has no card's face.
func missing(err error) bool {
	var e *jpki.Error
	return errors.Is(err, jpki.ErrNotMyNumberCard) || errors.As(err, &e) && e.Status == apdu.StatusNotFound
}
