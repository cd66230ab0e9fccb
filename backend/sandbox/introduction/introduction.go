// Package introduction seals what J-LIS tells one office about one resident: the resident's record number, readable by
// that office and by nobody on the way. The portal carries it and learns nothing.
package introduction

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/rand"
	"errors"
	"fmt"
	"io/fs"
	"os"

	"madoguchi/backend/sandbox/file"
)

// KeySize is the size of an office's key in bytes (AES-256).
const KeySize = 32

// ErrUnreadable says that a sealed introduction was not made for this office, or was changed on the way.
var ErrUnreadable = errors.New("the introduction cannot be opened by this office")

// Seal encrypts a record number for one office. Two seals of one record differ, so that they cannot be compared.
func Seal(key []byte, officeID, record string) ([]byte, error) {
	aead, err := newAEAD(key)
	if err != nil {
		return nil, err
	}
	return aead.Seal(nil, nil, []byte(record), []byte(officeID)), nil
}

// Open reads a sealed record number; any failure is [ErrUnreadable].
func Open(key []byte, officeID string, sealed []byte) (string, error) {
	aead, err := newAEAD(key)
	if err != nil {
		return "", err
	}
	record, err := aead.Open(nil, nil, sealed, []byte(officeID))
	if err != nil {
		return "", ErrUnreadable
	}
	return string(record), nil
}

func newAEAD(key []byte) (cipher.AEAD, error) {
	block, err := aes.NewCipher(key)
	if err != nil {
		return nil, fmt.Errorf("using an office's key: %w", err)
	}
	return cipher.NewGCMWithRandomNonce(block)
}

// Key reads an office's key from a file, or makes it there.
func Key(path string) ([]byte, error) {
	key, err := os.ReadFile(path)
	if err == nil && len(key) == KeySize {
		return key, nil
	}
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("reading an office's key: %w", err)
	}
	key = make([]byte, KeySize)
	if _, err := rand.Read(key); err != nil {
		return nil, fmt.Errorf("making an office's key: %w", err)
	}
	return key, file.Replace(path, key, 0o600)
}
