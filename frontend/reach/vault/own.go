package vault

import (
	"context"
	"errors"
	"slices"
)

// What a person's devices hand one another goes through the portal, which is to be able neither to read it nor to write
// it. So it is sealed by keys that come of what opens the vault and that the portal has not: one of the card, the same
// wherever the card was laid, and one of each passkey whose device makes secrets. They lie in the vault, wrapped with
// its root. A vault that no card and no passkey was ever offered to has none: then nothing is handed on.

const (
	useOwn     = "madoguchi vault 1 own"      // makes the key of what the card or the passkey made
	useOwnWrap = "madoguchi vault 1 own wrap" // seals the key in the vault
	useOwnSeal = "madoguchi vault 1 own seal" // is the key that seals what is handed on
	// mostOwn is how many keys are kept: one of the card, some of passkeys. The oldest goes.
	mostOwn = 6
)

// ErrNoOwn: this device has no key that the person's other devices have, too, or what came was not sealed by one.
var ErrNoOwn = errors.New("no key that the person's other devices have")

// ownSecret is the key for the person's devices that comes of what the card or a passkey made; it tells nothing of
// that.
func ownSecret(ctx context.Context, made []byte) ([]byte, error) {
	k, err := newKey(ctx, made, useOwn)
	if err != nil {
		return nil, err
	}
	return k.mac(ctx, useOwn)
}

// keepOwn keeps the key of an offer in the vault.
func (h head) keepOwn(ctx context.Context, root []byte, o *offer) (head, error) {
	wrapping, err := newKey(ctx, root, useOwnWrap)
	if err != nil {
		return h, err
	}
	h, err = h.with(ctx, wrapping, wrap{sort: wrapOwn, mark: o.wrap.mark}, slices.Clone(o.own))
	if err != nil {
		return h, err
	}
	extra := -mostOwn
	for _, w := range h.wraps {
		if w.sort == wrapOwn {
			extra++
		}
	}
	h.wraps = slices.DeleteFunc(h.wraps, func(w wrap) bool {
		drop := extra > 0 && w.sort == wrapOwn
		if drop {
			extra--
		}
		return drop
	})
	return h, nil
}

// ownKeys are the keys that the vault has for what is handed on, the latest first.
func (h head) ownKeys(ctx context.Context, wrapping key) (keys []key, err error) {
	for _, w := range slices.Backward(h.wraps) {
		if w.sort != wrapOwn {
			continue
		}
		secret, err := h.unwrap(ctx, wrapping, w.sort, w.mark)
		if errors.Is(err, ErrNotOurs) {
			continue // who looks after the heads can do without
		}
		if err != nil {
			return nil, err
		}
		own, err := newKey(ctx, secret, useOwnSeal)
		clear(secret)
		if err != nil {
			return nil, err
		}
		keys = append(keys, own)
	}
	return keys, nil
}

// HasOwn tells whether the open vault has a key that the person's other devices have, too.
func HasOwn() bool {
	_, err := own()
	return err == nil
}

// SealForOwn seals what the person's other devices are to read, once for each key that they may have; of names what it
// is. ErrLocked, ErrNoOwn.
func SealForOwn(ctx context.Context, plain []byte, of string) (sealed [][]byte, err error) {
	keys, err := own()
	if err != nil {
		return nil, err
	}
	for _, k := range keys {
		one, err := k.seal(ctx, slices.Clone(plain), of)
		if err != nil {
			return nil, err
		}
		sealed = append(sealed, fromBlob(one))
	}
	return sealed, nil
}

// OpenFromOwn opens what another device of the person sealed. ErrLocked; ErrNoOwn for what is not of one, or not of
// this kind.
func OpenFromOwn(ctx context.Context, sealed []byte, of string) ([]byte, error) {
	keys, err := own()
	if err != nil {
		return nil, err
	}
	for _, k := range keys {
		plain, err := k.open(ctx, toBlob(sealed), of)
		if err == nil {
			return fromBlob(plain), nil
		}
		if !errors.Is(err, ErrNotOurs) {
			return nil, err
		}
	}
	return nil, ErrNoOwn
}

func own() ([]key, error) {
	o := opened()
	if o == nil {
		return nil, ErrLocked
	}
	if len(o.own) == 0 {
		return nil, ErrNoOwn
	}
	return o.own, nil
}
