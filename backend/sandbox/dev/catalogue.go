package main

import (
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"madoguchi/backend/sandbox/file"
)

// nation is the place that tells whether the catalogue holds anything: the generator always begins with it.
const nation = "000000"

// fill gives the portal's database the invented catalogue of procedures (手続), before the portal starts. It does so
// once: again only when the database has none, or when the generator writes something else than last time. What an
// office changed since then counts as overtaken.
func (h *house) fill(ctx context.Context) error {
	generator, err := fileSum(filepath.Join(h.root, "build", "expand"))
	if err != nil {
		return fmt.Errorf("filling the catalogue: %w", err)
	}
	old, err := h.readStamp()
	if err != nil {
		return err
	}
	empty := true
	if old != (stamp{}) {
		if empty, err = h.catalogueIsEmpty(ctx); err != nil {
			return err
		}
	}
	if old.generator == generator && !empty {
		return nil
	}
	h.out.say(
		"catalog", "inventing the entries of the catalogue (手続); only when there are none yet or the generator "+
			"has changed",
	)
	entries := filepath.Join(h.settings["SANDBOX_STATE"], "procedures.csv")
	if err := h.command(ctx, "catalog", filepath.Join(h.root, "build", "expand"), "--seed", "1", "--out",
		entries); err != nil {
		return fmt.Errorf("inventing the catalogue's entries: %w", err)
	}
	now := stamp{generator: generator}
	if now.entries, err = fileSum(entries); err != nil {
		return fmt.Errorf("reading the catalogue's entries: %w", err)
	}
	if now.entries != old.entries || empty {
		h.out.say("catalog", "registering them")
		err := h.command(ctx, "catalog", filepath.Join(h.root, "build", "portal"), "procedures", "import", entries)
		if err != nil {
			return fmt.Errorf("registering the catalogue's entries: %w", err)
		}
	}
	if err := file.Replace(h.stampPath(), []byte(now.generator+" "+now.entries+"\n"), 0o600); err != nil {
		return err
	}
	return nil
}

// catalogueIsEmpty asks the database itself: it may have been removed or begun anew, whichever kind it is.
func (h *house) catalogueIsEmpty(ctx context.Context) (bool, error) {
	database := h.settings["PORTAL_DATABASE"]
	_, err := os.Stat(strings.TrimPrefix(database, "sqlite:"))
	if errors.Is(err, fs.ErrNotExist) && !strings.Contains(database, "://") {
		return true, nil // removed
	}
	answer := filepath.Join(h.settings["SANDBOX_STATE"], "procedures-there.csv")
	defer os.Remove(answer)
	if err := h.command(ctx, "catalog", filepath.Join(h.root, "build", "portal"), "procedures", "--place", nation,
		"export", answer); err != nil {
		return false, fmt.Errorf("reading the catalogue: %w", err)
	}
	content, err := os.ReadFile(answer)
	if err != nil {
		return false, fmt.Errorf("reading the catalogue: %w", err)
	}
	return bytes.Count(content, []byte("\n")) < 2, nil // nothing below the headings
}

// stamp says what a database was filled with: hashes of the generator and of what it wrote. It is zero while nothing
// was finished.
type stamp struct{ generator, entries string }

// stampPath is another for each database.
func (h *house) stampPath() string {
	sum := sha256.Sum256([]byte(h.settings["PORTAL_DATABASE"]))
	return filepath.Join(h.settings["SANDBOX_STATE"], fmt.Sprintf("procedures-%x.registered", sum[:4]))
}

func (h *house) readStamp() (stamp, error) {
	content, err := os.ReadFile(h.stampPath())
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return stamp{}, fmt.Errorf("reading what the catalogue was filled with: %w", err)
	}
	generator, entries, ok := strings.Cut(strings.TrimSpace(string(content)), " ")
	if !ok {
		return stamp{}, nil
	}
	return stamp{generator, entries}, nil
}

func fileSum(path string) (string, error) {
	f, err := os.Open(path)
	if err != nil {
		return "", err
	}
	defer f.Close()
	sum := sha256.New()
	if _, err := io.Copy(sum, f); err != nil {
		return "", err
	}
	return fmt.Sprintf("%x", sum.Sum(nil)), nil
}
