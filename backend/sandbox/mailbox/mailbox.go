// Package mailbox is the sandbox's mail server: it takes every mail over SMTP, delivers none, and keeps the last ones
// in memory and on disk so that a developer or a test can read them.
//
// It is no mail client: it decodes what a person would read and leaves the rest in the raw file.
package mailbox

import (
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"sync"
	"time"
)

const (
	// MaxMails is how many mails are kept; the oldest goes first.
	MaxMails = 500
	// MaxMailBytes is the size of the largest mail taken.
	MaxMailBytes = 2 << 20
	// maxTotalBytes bounds what is kept in memory, raw mails included.
	maxTotalBytes = 64 << 20
)

// Box keeps mails. Its methods may be called at any time from anywhere.
type Box struct {
	dir string
	now func() time.Time

	mu    sync.Mutex
	mails []Mail // oldest first
	bytes int
}

// Open reads the mails kept in a directory, which is made when it is missing. A file that cannot be read is passed over
// and logged.
func Open(dir string) (*Box, error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, fmt.Errorf("making the directory for mails: %w", err)
	}
	entries, err := os.ReadDir(dir)
	if err != nil {
		return nil, fmt.Errorf("reading the directory of mails: %w", err)
	}
	box := &Box{dir: dir, now: time.Now}
	for _, entry := range entries {
		id, received, ok := parseFileName(entry.Name())
		if !ok {
			continue
		}
		raw, err := os.ReadFile(filepath.Join(dir, entry.Name()))
		if err != nil || len(raw) > MaxMailBytes {
			slog.Warn("passing over a kept mail", "file", entry.Name(), "err", err)
			continue
		}
		box.keep(Parse(raw, Envelope{}), id, received)
	}
	return box, nil
}

// Add keeps a mail as it came over SMTP.
func (b *Box) Add(raw []byte, envelope Envelope) (Mail, error) {
	var random [4]byte
	if _, err := rand.Read(random[:]); err != nil {
		return Mail{}, fmt.Errorf("naming a mail: %w", err)
	}
	received := b.now()
	id := received.UTC().Format(idTime) + "-" + hex.EncodeToString(random[:])
	if err := os.WriteFile(filepath.Join(b.dir, id+".eml"), raw, 0o600); err != nil {
		return Mail{}, fmt.Errorf("keeping a mail: %w", err)
	}
	return b.keep(Parse(raw, envelope), id, received), nil
}

func (b *Box) keep(mail Mail, id string, received time.Time) Mail {
	mail.ID, mail.ReceivedAt = id, received
	b.mu.Lock()
	defer b.mu.Unlock()
	b.mails = append(b.mails, mail)
	b.bytes += len(mail.Raw)
	for len(b.mails) > MaxMails || b.bytes > maxTotalBytes {
		oldest := b.mails[0]
		b.mails = slices.Delete(b.mails, 0, 1)
		b.bytes -= len(oldest.Raw)
		if err := os.Remove(filepath.Join(b.dir, oldest.ID+".eml")); err != nil && !errors.Is(err, fs.ErrNotExist) {
			slog.Warn("removing an old mail", "id", oldest.ID, "err", err)
		}
	}
	return mail
}

// All gives the mails kept, newest last.
func (b *Box) All() []Mail {
	b.mu.Lock()
	defer b.mu.Unlock()
	return slices.Clone(b.mails)
}

// Get finds a mail.
func (b *Box) Get(id string) (Mail, bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	i := slices.IndexFunc(b.mails, func(m Mail) bool { return m.ID == id })
	if i < 0 {
		return Mail{}, false
	}
	return b.mails[i], true
}

// idTime makes identifiers, and so file names, sort by arrival.
const idTime = "20060102T150405.000000"

var fileName = regexp.MustCompile(`^((\d{8}T\d{6}\.\d{6})-[0-9a-f]{8})\.eml$`)

func parseFileName(name string) (id string, received time.Time, ok bool) {
	match := fileName.FindStringSubmatch(name)
	if match == nil {
		return "", time.Time{}, false
	}
	received, err := time.Parse(idTime, match[2])
	return match[1], received, err == nil
}
