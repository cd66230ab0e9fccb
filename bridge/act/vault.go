package act

import (
	"context"
	"crypto/hkdf"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"

	"madoguchi/bridge/apdu"
)

const (
	minSalt = 16
	maxSalt = 64
	// KeyBytes is the length of a derived key.
	KeyBytes = 32
	// The first line of what is signed for a key: it cannot be that of a challenge.
	vaultLine = "madoguchi-vault-v1"
	vaultInfo = "madoguchi-vault-v1 key"
)

// ErrSalt: a salt of another length.
var ErrSalt = errors.New("a salt has 16 to 64 bytes")

// Vault is what a key is derived for. Only NewVault makes one.
type Vault struct {
	text, salt []byte
}

// NewVault writes the text that the card signs for a key of this origin and salt.
func NewVault(origin string, salt []byte) (Vault, error) {
	if len(salt) < minSalt || len(salt) > maxSalt {
		return Vault{}, fmt.Errorf("%w, not %d", ErrSalt, len(salt))
	}
	text := vaultLine + "\n" + origin + "\n" + base64.RawURLEncoding.EncodeToString(salt) + "\n"
	return Vault{text: []byte(text), salt: salt}, nil
}

// Text is what the card signs.
func (v Vault) Text() []byte {
	return v.text
}

// DeriveKey makes the key that this card alone gives for the vault: PKCS #1 v1.5 has nothing random in it, so that the
// signature is the same each time, and HKDF-SHA-256 makes the key of it. The signature is cleared.
func DeriveKey(ctx context.Context, t apdu.Transmitter, s Secret, v Vault, certificate []byte) ([]byte, error) {
	if len(v.text) == 0 {
		return nil, ErrSalt
	}
	signed, err := signature(ctx, t, s, v.text, certificate)
	if err != nil {
		return nil, err
	}
	defer clear(signed)
	key, err := hkdf.Key(sha256.New, signed, v.salt, vaultInfo, KeyBytes)
	if err != nil {
		return nil, fmt.Errorf("deriving a key: %w", err)
	}
	return key, nil
}
