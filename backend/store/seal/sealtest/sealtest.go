// Package sealtest gives tests keys of folders that live in memory.
package sealtest

import (
	"bytes"
	"context"
	"crypto/rand"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/tink-crypto/tink-go/v2/aead/subtle"

	"madoguchi/backend/store/seal"
)

// Folders gives keys that are kept nowhere.
func Folders() *seal.Folders { return seal.New(NewStore(), NewWrapping(), time.Now) }

// Store keeps wrapped keys in memory.
type Store struct {
	id   string
	mu   sync.Mutex
	keys map[string]seal.Wrapped
}

// NewStore makes an empty one.
func NewStore() *Store { return &Store{id: rand.Text(), keys: map[string]seal.Wrapped{}} }

// ID implements seal.Store.
func (s *Store) ID() string { return s.id }

// Close implements seal.Store.
func (s *Store) Close() error { return nil }

// Get implements seal.Store.
func (s *Store) Get(_ context.Context, folder string) (seal.Wrapped, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	w, ok := s.keys[folder]
	if !ok {
		return w, seal.ErrNoKey
	}
	return w, nil
}

// Add implements seal.Store.
func (s *Store) Add(_ context.Context, keys ...seal.Wrapped) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, w := range keys {
		if _, ok := s.keys[w.Folder]; !ok {
			s.keys[w.Folder] = w
		}
	}
	return nil
}

// Replace implements seal.Store.
func (s *Store) Replace(_ context.Context, before, after seal.Wrapped) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if bytes.Equal(s.keys[before.Folder].Key, before.Key) {
		s.keys[before.Folder] = after
	}
	return nil
}

// Remove implements seal.Store.
func (s *Store) Remove(_ context.Context, folder string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.keys, folder)
	return nil
}

// Lacks implements seal.Store.
func (s *Store) Lacks(_ context.Context, folders []string) (lacks []string, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, folder := range folders {
		if _, ok := s.keys[folder]; !ok {
			lacks = append(lacks, folder)
		}
	}
	return lacks, nil
}

// Following implements seal.Store.
func (s *Store) Following(_ context.Context, after string, size int) ([]seal.Wrapped, error) {
	return s.list(size, func(w seal.Wrapped) bool { return w.Folder > after }), nil
}

// NotBy implements seal.Store.
func (s *Store) NotBy(_ context.Context, by string, size int) ([]seal.Wrapped, error) {
	return s.list(size, func(w seal.Wrapped) bool { return w.By != by }), nil
}

func (s *Store) list(size int, fits func(seal.Wrapped) bool) (found []seal.Wrapped) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, w := range s.keys {
		if fits(w) {
			found = append(found, w)
		}
	}
	slices.SortFunc(found, func(a, b seal.Wrapped) int { return strings.Compare(a.Folder, b.Folder) })
	return found[:min(size, len(found))]
}

// Wrapping wraps by keys that live as long as it does.
type Wrapping struct {
	mu   sync.Mutex
	keys map[string]*subtle.AESGCM
	now  string
}

// NewWrapping makes one with one key.
func NewWrapping() *Wrapping {
	w := &Wrapping{keys: map[string]*subtle.AESGCM{}}
	w.Rotate()
	return w
}

// Rotate has it wrap by a new key; those before still unwrap.
func (w *Wrapping) Rotate() {
	secret := make([]byte, 32)
	_, _ = rand.Read(secret)
	key, err := subtle.NewAESGCM(secret)
	if err != nil {
		panic(err)
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	w.now = rand.Text()
	w.keys[w.now] = key
}

// Wraps implements seal.Wrapping.
func (w *Wrapping) Wraps() string {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.now
}

// Wrap implements seal.Wrapping.
func (w *Wrapping) Wrap(plain, bound []byte) (string, []byte, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	wrapped, err := w.keys[w.now].Encrypt(plain, bound)
	return w.now, wrapped, err
}

// Unwrap implements seal.Wrapping.
func (w *Wrapping) Unwrap(by string, wrapped, bound []byte) ([]byte, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	key, ok := w.keys[by]
	if !ok {
		return nil, seal.ErrNoKey
	}
	return key.Decrypt(wrapped, bound)
}
