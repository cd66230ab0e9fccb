// Package seal seals what a user folder holds: names, addresses, texts and answers lie in the database as ciphertexts
// under a key of the folder. The keys of folders lie in a store of their own (Store), each wrapped by a key of the key
// file (backend/store/keys, purpose "folder"), and when a folder is closed its key is destroyed: what older copies of
// the database hold of it opens no more.
//
// Each value is sealed by itself (AES-256-GCM, by Tink) and bound to its Place: put into another row, column, table or
// folder it does not open. Before that it is filled up to a multiple of 32 bytes, so that "on" and "off" look alike.
// What is empty stays empty: whether there is something at all is not hidden, and SQL may ask for it.
//
// What is sealed, and what of a folder's rows stays clear and why, is listed in Tables, and nowhere else. The database
// (backend/store/db) seals and opens by that list: its callers write and read plain values.
//
// Nothing sealed is searched here: a person searches in their vault, on their device. An index by keyed bigrams was
// measured instead (BenchmarkKeyedBigrams) and decided against: a text of 300 characters has 293 of them, each a row of
// some hundred bytes with its folder and its index, which is 30 times the sealed text, and 1 ms of a processor at each
// write; and who has a copy of the database would see which texts share which pairs, of a notice to many people
// whole.
//
// The order of the two stores: a key is on disk before the first row that is sealed under it, and is destroyed after
// the last such row was erased. A process that ends in between leaves a key of nothing, never a row without a key.
package seal

import (
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"errors"
	"fmt"
	"strings"

	"github.com/tink-crypto/tink-go/v2/aead"
	"github.com/tink-crypto/tink-go/v2/insecurecleartextkeyset"
	"github.com/tink-crypto/tink-go/v2/keyset"
	"github.com/tink-crypto/tink-go/v2/tink"
)

var (
	// ErrNoKey: the folder has no key, or has none any more.
	ErrNoKey = errors.New("the folder has no key")
	// ErrBroken: a sealed value does not open in this place: it was sealed elsewhere, or changed.
	ErrBroken = errors.New("a sealed value does not open here")
)

// Place is where a sealed value stands: nowhere else it opens.
type Place struct {
	Folder, Table, Column string
	// Row tells the row among those of the folder.
	Row []string
}

// frame writes parts so that no two lists of parts give the same bytes.
func frame(purpose string, parts ...string) []byte {
	framed := append(make([]byte, 0, 128), purpose...)
	for _, part := range parts {
		framed = binary.BigEndian.AppendUint32(framed, uint32(len(part)))
		framed = append(framed, part...)
	}
	return framed
}

func (p Place) bound() []byte {
	parts := append(make([]string, 0, 8), p.Folder, p.Table, p.Column)
	return frame("madoguchi seal 1\x00", append(parts, p.Row...)...)
}

// Key is the key of one folder.
type Key struct {
	aead tink.AEAD
	sums []byte
}

const sumsSize = 32

// newKey makes a key and its bytes, which are to be wrapped.
func newKey() (*Key, []byte, error) {
	handle, err := keyset.NewHandle(aead.AES256GCMKeyTemplate())
	if err != nil {
		return nil, nil, fmt.Errorf("making the key of a folder: %w", err)
	}
	// Wrapped as a whole, with what makes sums; Tink's own way would wrap the keyset alone.
	plain := &strings.Builder{}
	if err := insecurecleartextkeyset.Write(handle, keyset.NewBinaryWriter(plain)); err != nil {
		return nil, nil, fmt.Errorf("writing the key of a folder: %w", err)
	}
	sums := make([]byte, sumsSize)
	_, _ = rand.Read(sums)
	whole := append(sums, plain.String()...)
	key, err := readKey(whole)
	return key, whole, err
}

var errKeyDamaged = errors.New("the key of a folder is damaged")

func readKey(whole []byte) (*Key, error) {
	if len(whole) <= sumsSize {
		return nil, errKeyDamaged
	}
	handle, err := insecurecleartextkeyset.Read(keyset.NewBinaryReader(strings.NewReader(string(whole[sumsSize:]))))
	if err != nil {
		return nil, errKeyDamaged // its error may tell of the key
	}
	primitive, err := aead.New(handle)
	if err != nil {
		return nil, errKeyDamaged
	}
	return &Key{aead: primitive, sums: whole[:sumsSize:sumsSize]}, nil
}

// Sealed values begin with a byte that no plain value begins with: control characters stand in no text that the portal
// takes, and no message of Protocol Buffers begins with a zero.
const (
	textMark  = "\x01"
	bytesMark = 0x00
	sumMark   = "\x02"
	fill      = 32
)

// Seal seals bytes for a place. None stay none.
func (k *Key) Seal(p Place, plain []byte) ([]byte, error) {
	if len(plain) == 0 {
		return plain, nil
	}
	sealed, err := k.seal(p, plain)
	if err != nil {
		return nil, err
	}
	return append([]byte{bytesMark}, sealed...), nil
}

// Open opens what Seal sealed for the place.
func (k *Key) Open(p Place, sealed []byte) ([]byte, error) {
	if len(sealed) == 0 {
		return sealed, nil
	}
	if !IsSealed(sealed) {
		return nil, fmt.Errorf("%w: %s.%s", ErrBroken, p.Table, p.Column)
	}
	return k.open(p, sealed[1:])
}

// SealText seals a text for a place, as a text. None stays none.
func (k *Key) SealText(p Place, plain string) (string, error) {
	if plain == "" {
		return "", nil
	}
	sealed, err := k.seal(p, []byte(plain))
	if err != nil {
		return "", err
	}
	return textMark + base64.RawStdEncoding.EncodeToString(sealed), nil
}

// OpenText opens what SealText sealed for the place.
func (k *Key) OpenText(p Place, sealed string) (string, error) {
	if sealed == "" {
		return "", nil
	}
	if !IsSealedText(sealed) {
		return "", fmt.Errorf("%w: %s.%s", ErrBroken, p.Table, p.Column)
	}
	decoded, err := base64.RawStdEncoding.DecodeString(sealed[len(textMark):])
	if err != nil {
		return "", fmt.Errorf("%w: %s.%s", ErrBroken, p.Table, p.Column)
	}
	plain, err := k.open(p, decoded)
	return string(plain), err
}

func (k *Key) seal(p Place, plain []byte) ([]byte, error) {
	filled := make([]byte, (len(plain)/fill+1)*fill)
	copy(filled, plain)
	filled[len(plain)] = 0x80
	sealed, err := k.aead.Encrypt(filled, p.bound())
	if err != nil {
		return nil, fmt.Errorf("sealing %s.%s: %w", p.Table, p.Column, err)
	}
	return sealed, nil
}

func (k *Key) open(p Place, sealed []byte) ([]byte, error) {
	filled, err := k.aead.Decrypt(sealed, p.bound())
	if err != nil {
		return nil, fmt.Errorf("%w: %s.%s", ErrBroken, p.Table, p.Column)
	}
	if end := bytes.LastIndexByte(filled, 0x80); end >= 0 {
		return filled[:end], nil
	}
	return nil, fmt.Errorf("%w: %s.%s", ErrBroken, p.Table, p.Column)
}

// Sum stands for a text where SQL has to find it again: the same text in the same column of the same folder has the
// same sum, and nobody makes it without the folder's key.
func (k *Key) Sum(p Place, plain string) string {
	mac := hmac.New(sha256.New, k.sums)
	mac.Write(frame("madoguchi sum 1\x00", p.Folder, p.Table, p.Column, plain))
	return sumMark + base64.RawStdEncoding.EncodeToString(mac.Sum(nil)[:16])
}

// IsSealed tells a sealed value from a plain one.
func IsSealed(value []byte) bool { return len(value) > 0 && value[0] == bytesMark }

// IsSealedText tells a sealed text from a plain one.
func IsSealedText(value string) bool { return strings.HasPrefix(value, textMark) }

// IsSum tells a sum from a plain text.
func IsSum(value string) bool { return strings.HasPrefix(value, sumMark) }

// Wrapping wraps the keys of folders: a key of the key file, or a service that keeps such a key to itself.
type Wrapping interface {
	// Wrap wraps bytes, bound to others, and names the key that it did it with.
	Wrap(plain, bound []byte) (by string, wrapped []byte, err error)
	// Unwrap gives them again.
	Unwrap(by string, wrapped, bound []byte) ([]byte, error)
	// Wraps names the key that Wrap would use now.
	Wraps() string
}

// Wrapped is a folder's key as it is kept.
type Wrapped struct {
	Folder string `json:"folder"`
	By     string `json:"by"` // the key that wraps it
	Key    []byte `json:"key"`
	Made   int64  `json:"made"` // milliseconds since 1970 UTC
}

// Store keeps wrapped keys, apart from the database. What it acknowledges is on disk.
type Store interface {
	// ID tells this store from all others.
	ID() string
	// Get gives the key of a folder, ErrNoKey when there is none.
	Get(ctx context.Context, folder string) (Wrapped, error)
	// Add keeps keys. Of a folder that has one it keeps that.
	Add(ctx context.Context, keys ...Wrapped) error
	// Replace puts a key in the place of what is the same key wrapped otherwise; it does nothing when that is gone.
	Replace(ctx context.Context, before, after Wrapped) error
	// Remove destroys the key of a folder, so that it stands in no byte of the store.
	Remove(ctx context.Context, folder string) error
	// Lacks gives those of some folders that have no key.
	Lacks(ctx context.Context, folders []string) ([]string, error)
	// Following lists keys in the order of the folders, those after one.
	Following(ctx context.Context, after string, size int) ([]Wrapped, error)
	// NotBy lists keys that another key wraps.
	NotBy(ctx context.Context, by string, size int) ([]Wrapped, error)
	Close() error
}
