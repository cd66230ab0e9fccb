package vault

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
)

// A passkey gives a secret, too, where the device can (the extension prf): always the same for the same salt, and only
// once the device has made sure who holds it. It opens the vault as the card does, without any network. The salt is one
// for all: which passkey will come is not known before.

// PasskeySalt is what a passkey is to make a secret for.
func PasskeySalt() []byte {
	sum := sha256.Sum256([]byte("madoguchi vault 1 passkey"))
	return sum[:]
}

// Passkeys are the passkeys that open a vault here, as their devices call them.
func Passkeys(ctx context.Context) [][]byte { return salts(ctx, wrapPasskey) }

func passkeyMark(credential []byte) string {
	sum := sha256.Sum256(credential)
	return hex.EncodeToString(sum[:8])
}

// OfferPasskey takes the secret that a passkey made, and clears it. The next vault that a login opens will open by the
// passkey, too.
func OfferPasskey(ctx context.Context, credential, made []byte) error {
	defer clear(made)
	wrapping, err := newKey(ctx, made, useWrap)
	if err != nil {
		return err
	}
	return propose(ctx, wrap{sort: wrapPasskey, mark: passkeyMark(credential), salt: credential}, wrapping, made)
}

// OpenByPasskey opens the vault of a passkey with the secret that it made, and clears that. ErrNone when it has none
// here.
func OpenByPasskey(ctx context.Context, credential, made []byte) error {
	defer clear(made)
	since := turn()
	all, err := heads(ctx)
	if err != nil {
		return refused(err)
	}
	wrapping, err := newKey(ctx, made, useWrap)
	if err != nil {
		return err
	}
	for _, h := range all {
		for _, w := range h.wraps {
			if w.sort != wrapPasskey || !bytes.Equal(w.salt, credential) {
				continue
			}
			root, err := h.unwrap(ctx, wrapping, wrapPasskey, w.mark)
			if err != nil {
				return fmt.Errorf("opening the vault by a passkey: %w", err)
			}
			return take(ctx, since, h, root, State{By: ByPasskey})
		}
	}
	return ErrNone
}
