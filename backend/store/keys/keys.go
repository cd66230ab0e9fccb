// Package keys keeps the portal's own keys: a file apart from the data, so that who has a copy of the database has
// nothing that opens or forges anything. Each key has one purpose, and each purpose its rule (Purposes): some keys
// change places while the portal runs and end soon after, others stay.
//
// It knows nothing of what is sealed under a key. The database holds fingerprints of the keys (Check), so that a portal
// never runs with the keys of another one, or with an old copy of its own.
package keys

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"sync/atomic"
	"syscall"
	"time"

	"github.com/tink-crypto/tink-go/v2/aead/subtle"
)

// Purpose is what a key is for. A key is never used for two.
type Purpose string

const (
	// Anchor is no key for anything: it makes one key file different from all others, and stays for ever.
	Anchor Purpose = "anchor"
	// Challenge seals what a card is to sign.
	Challenge Purpose = "challenge"
	// Cookie seals the cookie by which a browser is known before the login.
	Cookie Purpose = "cookie"
	// Count hides what is counted (mails to an address) behind a MAC.
	Count Purpose = "count"
	// Device makes what opens the vault on a device of what the database holds.
	Device Purpose = "device"
	// Folder wraps the keys of folders (backend/store/seal).
	Folder Purpose = "folder"
	// Export signs what people take along; its certificates stand in the database (backend/store/signing).
	Export Purpose = "export"
	// Log signs how far the log has come that proves people's histories (backend/store/ledger).
	Log Purpose = "log"
)

// Rule says how a purpose's key is followed by the next.
type Rule struct {
	Purpose Purpose
	// Rotates: `portal keys rotate` makes a new one without being asked for this purpose.
	Rotates bool
	// Lives is for how long the key before is still accepted after a new one is used.
	Lives time.Duration
	// Later: it came after files were made; a file that has none yet gets one when it is opened.
	Later bool
	// What is what people are told of it.
	What string
}

// Purposes lists every purpose with its rule. The certificates of a key that signs outlive it: they stay published for
// ever.
var Purposes = []Rule{
	{Anchor, false, 0, false, "tells this key file from all others; stays"},
	{Challenge, true, 15 * time.Minute, false, "seals challenges for cards, which live two minutes"},
	{Cookie, true, 3 * time.Hour, false, "seals the cookie of a browser before the login, which lives an hour"},
	{Count, false, 0, false, "hides what is counted; with a new one all counts begin anew"},
	{Device, false, 0, true, "opens what devices keep; with a new one only the card opens it"},
	// For as long as copies of the folders' keys may be kept: an older one opens until then, and never after.
	{Folder, false, 31 * 24 * time.Hour, true, "wraps the keys of folders, which are wrapped anew under the next"},
	{Export, false, time.Minute, true, "signs what people take along; what the one before signed stays good"},
	{Log, false, 0, true, "signs the log; `portal log renew` gives it another, and tells everybody"},
}

const (
	format     = "madoguchi keys 1"
	secretSize = 32
	maxFile    = 1 << 20
	// A new key seals only when every instance has read it: they look every few seconds, and their clocks differ a
	// little.
	usedAfter = time.Minute
)

// Key is one key of the file.
type Key struct {
	ID      string    `json:"id"`
	Purpose Purpose   `json:"purpose"`
	Secret  []byte    `json:"secret"`
	Made    time.Time `json:"made"`
	From    time.Time `json:"from"`          // seals from here on
	Ends    time.Time `json:"ends,omitzero"` // is accepted no longer; zero while it has no end
}

// Fingerprint names a key without telling it.
func (k Key) Fingerprint() string {
	sum := sha256.Sum256(slices.Concat([]byte("madoguchi fingerprint of a key\x00"+k.Purpose+"\x00"), k.Secret))
	return hex.EncodeToString(sum[:16])
}

func (k Key) ended(now time.Time) bool { return !k.Ends.IsZero() && !now.Before(k.Ends) }

func newKey(purpose Purpose, made, from time.Time) Key {
	secret := make([]byte, secretSize)
	_, _ = rand.Read(secret)
	return Key{ID: rand.Text()[:12], Purpose: purpose, Secret: secret, Made: made, From: from}
}

// File is a key file, read into memory. It is safe for concurrent use.
type File struct {
	path string
	now  func() time.Time
	keys atomic.Pointer[[]Key]
	read stamp // of the file when it was opened
}

// Make writes a new key file, readable by its owner alone. It never writes over one: fs.ErrExist.
func Make(path string, now func() time.Time) (*File, error) {
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return nil, fmt.Errorf("making the key file: %w", err)
	}
	at := now().UTC().Truncate(time.Second)
	var made []Key
	for _, rule := range Purposes {
		made = append(made, newKey(rule.Purpose, at, at))
	}
	// Written aside and linked into place: whoever sees the file sees it whole, and of two that make it one wins.
	aside, err := writeAside(path, made)
	if err != nil {
		return nil, err
	}
	defer os.Remove(aside)
	if err := os.Link(aside, path); err != nil {
		return nil, fmt.Errorf("making the key file: %w", err)
	}
	if err := syncDir(path); err != nil {
		return nil, err
	}
	return Open(path, now)
}

// Open reads a key file. One that others may read, or anybody else may write, is refused: fs.ErrPermission.
func Open(path string, now func() time.Time) (*File, error) {
	before := stampOf(path) // so that a change while it is read is seen by Watch
	found, err := read(path)
	if err != nil {
		return nil, err
	}
	f := &File{path: path, now: now, read: before}
	f.keys.Store(&found)
	for _, rule := range Purposes {
		if rule.Later && !slices.ContainsFunc(found, func(k Key) bool { return k.Purpose == rule.Purpose }) {
			if err := f.Replace(rule.Purpose); err != nil {
				return nil, fmt.Errorf("adding the key for %q, which came later: %w", rule.Purpose, err)
			}
		}
	}
	return f, nil
}

// Path is where the file lies.
func (f *File) Path() string { return f.path }

// Keys lists the keys, oldest first within a purpose, those that have ended among them until the file is written again.
func (f *File) Keys() []Key { return slices.Clone(*f.keys.Load()) }

func (f *File) anchor() Key {
	for _, k := range *f.keys.Load() {
		if k.Purpose == Anchor {
			return k
		}
	}
	return Key{} // never: read refuses a file without
}

// Rotate makes a new key of each purpose, gives those before their end, and drops those that have come to it. What
// others have changed in the file meanwhile is kept.
func (f *File) Rotate(purposes ...Purpose) error { return f.change(purposes, usedAfter, false) }

// Replace is Rotate at once: the new keys seal now, and those before are accepted no longer. It is for keys that are
// known to somebody, or whose use was forgotten.
func (f *File) Replace(purposes ...Purpose) error { return f.change(purposes, 0, true) }

func (f *File) change(purposes []Purpose, after time.Duration, atOnce bool) error {
	lock, err := os.OpenFile(f.path+".lock", os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return fmt.Errorf("locking the key file: %w", err)
	}
	defer lock.Close()
	if err := syscall.Flock(int(lock.Fd()), syscall.LOCK_EX); err != nil {
		return fmt.Errorf("locking the key file: %w", err)
	}
	all, err := read(f.path)
	if err != nil {
		return err
	}
	now := f.now().UTC().Truncate(time.Second)
	all = slices.DeleteFunc(all, func(k Key) bool { return k.ended(now) })
	for _, purpose := range purposes {
		rule, err := ruleOf(purpose)
		if err != nil {
			return err
		}
		if purpose == Anchor {
			return errors.New("the anchor of a key file stays for ever: make another file instead")
		}
		fresh := newKey(purpose, now, now.Add(after))
		end := fresh.From.Add(rule.Lives)
		if atOnce {
			end = now
		}
		for i, k := range all {
			if k.Purpose == purpose && (k.Ends.IsZero() || k.Ends.After(end)) {
				all[i].Ends = end
			}
		}
		all = append(all, fresh)
	}
	aside, err := writeAside(f.path, all)
	if err != nil {
		return err
	}
	if err := os.Rename(aside, f.path); err != nil {
		os.Remove(aside)
		return fmt.Errorf("writing the key file: %w", err)
	}
	f.keys.Store(&all)
	return syncDir(f.path)
}

func ruleOf(purpose Purpose) (Rule, error) {
	for _, rule := range Purposes {
		if rule.Purpose == purpose {
			return rule, nil
		}
	}
	return Rule{}, fmt.Errorf("there are no keys for %q", purpose)
}

type document struct {
	Format string `json:"format"`
	Keys   []Key  `json:"keys"`
}

func read(path string) ([]Key, error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("reading the key file: %w", err)
	}
	defer file.Close()
	info, err := file.Stat()
	if err != nil {
		return nil, fmt.Errorf("reading the key file: %w", err)
	}
	// A group may read it: so secrets are mounted for a service that is not their owner.
	if info.Mode().Perm()&0o037 != 0 {
		return nil, fmt.Errorf("the key file %s can be read or written by others (mode %04o): chmod 600 it, and "+
			"think of its keys as known if others use this machine: %w", path, info.Mode().Perm(), fs.ErrPermission)
	}
	data, err := io.ReadAll(io.LimitReader(file, maxFile))
	if err != nil {
		return nil, fmt.Errorf("reading the key file: %w", err)
	}
	found, err := parse(data)
	if err != nil {
		return nil, fmt.Errorf("the key file %s is damaged: %w", path, err)
	}
	return found, nil
}

// parse errors hold no part of the file.
func parse(data []byte) ([]Key, error) {
	var d document
	if json.Unmarshal(data, &d) != nil || d.Format != format {
		return nil, errors.New("it is not of the form " + format)
	}
	anchored, seen := false, map[string]bool{}
	count := map[Purpose]int{}
	for _, k := range d.Keys {
		if k.ID == "" || seen[k.ID] || len(k.Secret) != secretSize || k.Made.IsZero() || k.From.IsZero() {
			return nil, errors.New("a key is incomplete")
		}
		seen[k.ID] = true
		if k.Purpose == Anchor && (anchored || !k.Ends.IsZero()) {
			return nil, errors.New("it has more than one anchor, or one that ends")
		}
		anchored = anchored || k.Purpose == Anchor
		if k.Ends.IsZero() { // so that there is one that seals, whatever the clock says
			count[k.Purpose]++
		}
	}
	for _, rule := range Purposes {
		if count[rule.Purpose] == 0 && !rule.Later {
			return nil, fmt.Errorf("it has no key for the purpose %q", rule.Purpose)
		}
	}
	return d.Keys, nil
}

func writeAside(path string, all []Key) (aside string, err error) {
	data, err := json.MarshalIndent(document{format, all}, "", "  ")
	if err != nil {
		return "", fmt.Errorf("writing the key file: %w", err)
	}
	file, err := os.CreateTemp(filepath.Dir(path), "."+filepath.Base(path)+".*") // with mode 0600
	if err != nil {
		return "", fmt.Errorf("writing the key file: %w", err)
	}
	_, err = file.Write(append(data, '\n'))
	if err = errors.Join(err, file.Sync(), file.Close()); err != nil {
		os.Remove(file.Name())
		return "", fmt.Errorf("writing the key file: %w", err)
	}
	return file.Name(), nil
}

func syncDir(path string) error {
	dir, err := os.Open(filepath.Dir(path))
	if err != nil {
		return fmt.Errorf("writing the key file: %w", err)
	}
	defer dir.Close()
	if err := dir.Sync(); err != nil {
		return fmt.Errorf("writing the key file: %w", err)
	}
	return nil
}

// Ring is the keys of one purpose, as they are now.
type Ring struct {
	file    *File
	purpose Purpose
}

// Ring gives the keys of a purpose.
func (f *File) Ring(purpose Purpose) Ring { return Ring{f, purpose} }

// Sum is the MAC of the parts (HMAC-SHA-256, 32 bytes) under the key that seals now.
func (r Ring) Sum(parts ...[]byte) []byte { return sum(r.sealing(), parts) }

// Verify tells whether a MAC of the parts was made under a key that has not ended.
func (r Ring) Verify(mac []byte, parts ...[]byte) bool {
	now := r.file.now()
	for _, k := range *r.file.keys.Load() {
		if k.Purpose == r.purpose && !k.ended(now) && hmac.Equal(mac, sum(k, parts)) {
			return true
		}
	}
	return false
}

// Current is the key that seals now, for who makes of its secret a key of another kind.
func (r Ring) Current() Key { return r.sealing() }

// sealing is the newest key whose time has come; the oldest when the clock stands before them all.
func (r Ring) sealing() Key {
	now := r.file.now()
	var best Key
	for _, k := range *r.file.keys.Load() {
		if k.Purpose != r.purpose || k.ended(now) {
			continue
		}
		come, bestCome := !k.From.After(now), !best.From.After(now)
		switch {
		case best.ID == "",
			come && (!bestCome || !k.From.Before(best.From)),
			!come && !bestCome && k.From.Before(best.From):
			best = k
		}
	}
	if best.ID == "" {
		// A clock far ahead ends all keys that have an end; the newest has none.
		panic("keys: no key for " + string(r.purpose))
	}
	return best
}

// sum frames each part by its length, so that no two lists of parts give the same bytes.
func sum(k Key, parts [][]byte) []byte {
	mac := hmac.New(sha256.New, k.Secret)
	for _, part := range parts {
		n := len(part)
		mac.Write([]byte{byte(n >> 24), byte(n >> 16), byte(n >> 8), byte(n)})
		mac.Write(part)
	}
	return mac.Sum(nil)
}

// Wraps names the key that wraps now.
func (r Ring) Wraps() string { return r.sealing().ID }

// Wrap seals bytes, bound to others (AES-256-GCM), under the key that seals now, and names it.
func (r Ring) Wrap(plain, bound []byte) (by string, wrapped []byte, err error) {
	k := r.sealing()
	cipher, err := subtle.NewAESGCM(k.Secret)
	if err != nil {
		return "", nil, fmt.Errorf("taking the key %s: %w", k.ID, err)
	}
	wrapped, err = cipher.Encrypt(plain, bound)
	return k.ID, wrapped, err
}

// ErrNotInFile: what was wrapped names a key that the file does not hold.
var ErrNotInFile = errors.New("the key file does not hold the key that it was wrapped with")

// Unwrap opens what was wrapped under a key that is in the file, also one that has ended: it is still there because
// something may not have been wrapped anew.
func (r Ring) Unwrap(by string, wrapped, bound []byte) ([]byte, error) {
	for _, k := range *r.file.keys.Load() {
		if k.Purpose != r.purpose || k.ID != by {
			continue
		}
		cipher, err := subtle.NewAESGCM(k.Secret)
		if err != nil {
			return nil, fmt.Errorf("taking the key %s: %w", k.ID, err)
		}
		return cipher.Decrypt(wrapped, bound)
	}
	return nil, fmt.Errorf("%w (%s)", ErrNotInFile, by)
}
