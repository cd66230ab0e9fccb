package vault

import (
	"context"
	"errors"
	"fmt"
	"syscall/js"

	"madoguchi/frontend/reach/browser"
	"madoguchi/frontend/reach/chance"
)

// key is one of the browser's (CryptoKey), which nobody can read out again: not even this page.
type key struct{ js.Value }

func subtle() js.Value { return browser.Global("crypto").Get("subtle") }

// newKey makes a key of 32 random bytes or more, for one use.
func newKey(ctx context.Context, secret []byte, use string) (key, error) {
	if !subtle().Truthy() {
		return key{}, errors.New("this browser encrypts nothing here") // not over https
	}
	bytes := browser.Bytes(secret)
	defer bytes.Call("fill", 0)
	material, err := browser.Await(ctx, subtle().Call("importKey", "raw", bytes, "HKDF", false, []any{"deriveKey"}))
	if err != nil {
		return key{}, fmt.Errorf("taking a key: %w", err)
	}
	kind, uses := map[string]any{"name": "AES-GCM", "length": 256}, []any{"encrypt", "decrypt"}
	if use == useNames || use == useOwn {
		kind, uses = map[string]any{"name": "HMAC", "hash": "SHA-256", "length": 256}, []any{"sign"}
	}
	how := map[string]any{
		"name": "HKDF", "hash": "SHA-256", "salt": browser.Bytes(nil), "info": browser.Bytes([]byte(use)),
	}
	made, err := browser.Await(ctx, subtle().Call("deriveKey", how, material, kind, false, uses))
	if err != nil {
		return key{}, fmt.Errorf("deriving a key: %w", err)
	}
	return key{made}, nil
}

// seal encrypts, bound to what it is of.
func (k key) seal(ctx context.Context, plain []byte, of string) (blob, error) {
	nonce := browser.Bytes(chance.Bytes(nonceSize))
	bytes := browser.Bytes(plain)
	defer bytes.Call("fill", 0)
	sealed, err := browser.Await(ctx, subtle().Call("encrypt", gcm(nonce, of), k.Value, bytes))
	if err != nil {
		return js.Undefined(), fmt.Errorf("sealing: %w", err)
	}
	whole := js.Global().Get("Uint8Array").New(nonceSize + sealed.Get("byteLength").Int())
	whole.Call("set", nonce)
	whole.Call("set", js.Global().Get("Uint8Array").New(sealed), nonceSize)
	return whole, nil
}

// open undoes seal, for what it is of alone. What comes stays in the browser.
func (k key) open(ctx context.Context, sealed blob, of string) (blob, error) {
	if sealed.Get("length").Int() < nonceSize {
		return js.Undefined(), ErrNotOurs
	}
	nonce, rest := sealed.Call("subarray", 0, nonceSize), sealed.Call("subarray", nonceSize)
	plain, err := browser.Await(ctx, subtle().Call("decrypt", gcm(nonce, of), k.Value, rest))
	if ctx.Err() != nil {
		return js.Undefined(), ctx.Err()
	}
	if err != nil {
		return js.Undefined(), ErrNotOurs
	}
	return js.Global().Get("Uint8Array").New(plain), nil
}

// mac gives the same short bytes for the same text, which tell nobody else anything.
func (k key) mac(ctx context.Context, text string) ([]byte, error) {
	sum, err := browser.Await(ctx, subtle().Call("sign", "HMAC", k.Value, browser.Bytes([]byte(text))))
	if err != nil {
		return nil, fmt.Errorf("naming a record: %w", err)
	}
	return browser.FromBytes(js.Global().Get("Uint8Array").New(sum)), nil
}

func gcm(nonce js.Value, of string) map[string]any {
	return map[string]any{"name": "AES-GCM", "iv": nonce, "additionalData": browser.Bytes([]byte(of))}
}
