package softcard

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
)

// ErrStateHeld is the error of OpenState when another process, or another card of this one, has the same state open.
var ErrStateHeld = errors.New("another card holds this state")

// State is what one card keeps without power: PINs and counters. It belongs to one card at a time.
type State struct {
	path string // empty: in memory
	lock *os.File
	pins map[pinName]*pinState
}

type pinName string

const (
	authPIN pinName = "auth"
	signPIN pinName = "sign"
	textPIN pinName = "text"
	codeA   pinName = "code-a" // 照合番号A: the individual number
	codeB   pinName = "code-b" // 照合番号B: date of birth, year of expiry, security code
	birth   pinName = "birth"
	juki    pinName = "juki"
)

// pinState is one PIN as it is now.
type pinState struct {
	Value string `json:"value"`
	// Tries is how many are left.
	Tries int `json:"tries"`
}

type stateFile struct {
	Version int                   `json:"version"`
	Person  string                `json:"person"`
	PINs    map[pinName]*pinState `json:"pins"`
}

const stateVersion = 1

// MemoryState forgets everything with the process.
func MemoryState() *State {
	return &State{}
}

// OpenState keeps one card's state in a file, by custom DIR/<person's id>.json; it makes file and directory when they
// are missing. As long as it is open no other process can open it (ErrStateHeld). The file holds test PINs of invented
// people in clear.
func OpenState(path string) (*State, error) {
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return nil, fmt.Errorf("making the directory of the card's state: %w", err)
	}
	lock, err := lockFile(path + ".lock")
	if err != nil {
		return nil, fmt.Errorf("locking the card's state %s: %w", path, err)
	}
	return &State{path: path, lock: lock}, nil
}

// Close lets others open the state. The card must not be used any more.
func (s *State) Close() error {
	if s.lock == nil {
		return nil
	}
	lock := s.lock
	s.lock = nil
	return lock.Close()
}

// load reads what the file has for the person, or takes factory when there is no file yet.
func (s *State) load(person string, factory map[pinName]*pinState) error {
	s.pins = factory
	if s.path == "" {
		return nil
	}
	b, err := os.ReadFile(s.path)
	if errors.Is(err, os.ErrNotExist) {
		return s.save(person)
	}
	if err != nil {
		return fmt.Errorf("reading the card's state: %w", err)
	}
	var f stateFile
	if err := json.Unmarshal(b, &f); err != nil {
		return fmt.Errorf("reading the card's state %s: %w", s.path, err)
	}
	if f.Version != stateVersion || f.Person != person {
		return fmt.Errorf("the card's state %s is of version %d for %q, not of version %d for %q", s.path, f.Version,
			f.Person, stateVersion, person)
	}
	for name, pin := range factory {
		kept, ok := f.PINs[name]
		if !ok || kept == nil || kept.Tries < 0 || kept.Tries > maxTries(name) {
			return fmt.Errorf("the card's state %s lacks a good %q", s.path, name)
		}
		*pin = *kept
	}
	return nil
}

// save writes the state so that a crash leaves the old or the new one, whole, and returns when the disk has it.
func (s *State) save(person string) error {
	if s.path == "" {
		return nil
	}
	b, err := json.MarshalIndent(stateFile{Version: stateVersion, Person: person, PINs: s.pins}, "", "\t")
	if err != nil {
		return fmt.Errorf("encoding the card's state: %w", err)
	}
	if err := writeFile(s.path, append(b, '\n')); err != nil {
		return fmt.Errorf("writing the card's state: %w", err)
	}
	return nil
}

func writeFile(path string, b []byte) error {
	next := path + ".new"
	f, err := os.OpenFile(next, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o600)
	if err != nil {
		return err
	}
	defer f.Close()
	if _, err := f.Write(b); err != nil {
		return err
	}
	if err := f.Sync(); err != nil {
		return err
	}
	if err := f.Close(); err != nil {
		return err
	}
	if err := os.Rename(next, path); err != nil {
		return err
	}
	return syncDirectory(filepath.Dir(path))
}

// maxTries is how many wrong tries in a row lock a PIN.
func maxTries(name pinName) int {
	switch name {
	case signPIN:
		return 5
	case codeA, codeB, birth:
		return 10
	}
	return 3
}
