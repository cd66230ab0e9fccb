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
	keys, err := newKeys(ctx, secret, use)
	if err != nil {
		return key{}, err
	}
	return keys[0], nil
}

// newKeys makes a key for each use.
func newKeys(ctx context.Context, secret []byte, uses ...string) ([]key, error) {
	subtle := subtle()
	if !subtle.Truthy() {
		return nil, errors.New("this browser encrypts nothing here") // not over https
	}
	bytes := browser.Bytes(secret)
	defer bytes.Call("fill", 0)
	material, err := browser.Await(ctx, subtle.Call("importKey", "raw", bytes, "HKDF", false, []any{"deriveKey"}))
	if err != nil {
		return nil, fmt.Errorf("taking a key: %w", err)
	}
	promises := make([]any, len(uses))
	for i, use := range uses {
		kind, may := map[string]any{"name": "AES-GCM", "length": 256}, []any{"encrypt", "decrypt"}
		if use == useNames || use == useOwn {
			kind, may = map[string]any{"name": "HMAC", "hash": "SHA-256", "length": 256}, []any{"sign"}
		}
		how := map[string]any{
			"name": "HKDF", "hash": "SHA-256", "salt": browser.Bytes(nil), "info": browser.Bytes([]byte(use)),
		}
		promises[i] = subtle.Call("deriveKey", how, material, kind, false, may)
	}
	made, err := browser.Await(ctx, js.Global().Get("Promise").Call("all", promises))
	if err != nil {
		return nil, fmt.Errorf("deriving a key: %w", err)
	}
	keys := make([]key, len(uses))
	for i := range keys {
		keys[i] = key{made.Index(i)}
	}
	return keys, nil
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
	plain, err := browser.Await(ctx, newOpener(k).open(sealed, of))
	if ctx.Err() != nil {
		return js.Undefined(), ctx.Err()
	}
	if err != nil {
		return js.Undefined(), ErrNotOurs
	}
	return js.Global().Get("Uint8Array").New(plain), nil
}

// opener opens many with one key.
type opener struct{ subtle, key, how js.Value }

func newOpener(k key) opener {
	how := js.Global().Get("Object").New()
	how.Set("name", "AES-GCM")
	return opener{subtle(), k.Value, how}
}

// open begins to open what was sealed. What is not there, or damaged, does not open.
func (o opener) open(sealed blob, of string) (promise js.Value) {
	defer func() {
		if recover() != nil {
			promise = js.Global().Get("Promise").Call("reject")
		}
	}()
	o.how.Set("iv", sealed.Call("subarray", 0, nonceSize)) // it is copied with the call
	o.how.Set("additionalData", browser.Bytes([]byte(of)))
	return o.subtle.Call("decrypt", o.how, o.key, sealed.Call("subarray", nonceSize))
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
