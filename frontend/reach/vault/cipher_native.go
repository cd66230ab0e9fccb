//go:build !js

package vault

import (
	"context"
	"crypto/aes"
	"crypto/cipher"
	"crypto/hkdf"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
)

// key stands in for one of the browser's: the same bytes come of the same secrets.
type key struct{ secret []byte }

func newKey(_ context.Context, secret []byte, use string) (key, error) {
	derived, err := hkdf.Key(sha256.New, secret, nil, use, rootSize)
	return key{derived}, err
}

func newKeys(ctx context.Context, secret []byte, uses ...string) (keys []key, err error) {
	for _, use := range uses {
		k, err := newKey(ctx, secret, use)
		if err != nil {
			return nil, err
		}
		keys = append(keys, k)
	}
	return keys, nil
}

func (k key) aead() (cipher.AEAD, error) {
	block, err := aes.NewCipher(k.secret)
	if err != nil {
		return nil, err
	}
	return cipher.NewGCM(block)
}

func (k key) seal(_ context.Context, plain []byte, of string) (blob, error) {
	aead, err := k.aead()
	if err != nil {
		return nil, err
	}
	nonce := make([]byte, nonceSize)
	_, _ = rand.Read(nonce)
	return aead.Seal(nonce, nonce, plain, []byte(of)), nil
}

func (k key) open(_ context.Context, sealed blob, of string) (blob, error) {
	aead, err := k.aead()
	if err != nil || len(sealed) < nonceSize {
		return nil, ErrNotOurs
	}
	plain, err := aead.Open(nil, sealed[:nonceSize], sealed[nonceSize:], []byte(of))
	if err != nil {
		return nil, ErrNotOurs
	}
	return plain, nil
}

func (k key) mac(_ context.Context, text string) ([]byte, error) {
	h := hmac.New(sha256.New, k.secret)
	h.Write([]byte(text))
	return h.Sum(nil), nil
}
