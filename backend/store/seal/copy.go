package seal

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"time"
)

// CopiesKept is for how long a copy of the folder keys may be kept: as long as it is, keys of folders closed since live
// on in it.
const CopiesKept = 30 * 24 * time.Hour

const (
	copyFormat = "madoguchi folder keys 1"
	copyTime   = "20060102T150405.000Z"
	copySize   = 1000
)

var copyName = regexp.MustCompile(`^folder-keys-(\d{8}T\d{6}\.\d{3}Z)\.json$`)

type copyHead struct {
	Format string `json:"format"`
	Store  string `json:"store"`
}

// Copy writes all keys, wrapped as they are, into a new file of a directory, and removes the copies there that are
// older than CopiesKept.
func Copy(ctx context.Context, store Store, dir string, now time.Time) (path string, removed int, err error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return "", 0, fmt.Errorf("copying the folder keys: %w", err)
	}
	path = filepath.Join(dir, "folder-keys-"+now.UTC().Format(copyTime)+".json")
	if err := writeCopy(ctx, store, path); err != nil {
		return "", 0, fmt.Errorf("copying the folder keys: %w", err)
	}
	removed, err = prune(dir, now)
	if err != nil {
		return path, removed, fmt.Errorf("removing older copies of the folder keys: %w", err)
	}
	return path, removed, nil
}

func writeCopy(ctx context.Context, store Store, path string) (err error) {
	aside, err := os.CreateTemp(filepath.Dir(path), ".folder-keys-*") // with mode 0600
	if err != nil {
		return err
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, os.Remove(aside.Name()))
		}
	}()
	out := bufio.NewWriter(aside)
	to := json.NewEncoder(out)
	err = to.Encode(copyHead{copyFormat, store.ID()})
	for after, more := "", true; more && err == nil; {
		var keys []Wrapped
		if keys, err = store.Following(ctx, after, copySize); err != nil {
			break
		}
		for _, w := range keys {
			err = errors.Join(err, to.Encode(w))
			after = w.Folder
		}
		more = len(keys) == copySize
	}
	if err = errors.Join(err, out.Flush(), aside.Sync(), aside.Close()); err != nil {
		return err
	}
	return os.Rename(aside.Name(), path)
}

func prune(dir string, now time.Time) (removed int, err error) {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return 0, err
	}
	for _, entry := range entries {
		found := copyName.FindStringSubmatch(entry.Name())
		if found == nil {
			continue
		}
		made, err := time.Parse(copyTime, found[1])
		if err != nil || now.Sub(made) <= CopiesKept {
			continue
		}
		if err := os.Remove(filepath.Join(dir, entry.Name())); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return removed, err
		}
		removed++
	}
	return removed, nil
}

// ReadCopy reads a copy: the id of the store that it is of, and its keys one after another.
func ReadCopy(path string, each func(Wrapped) error) (store string, err error) {
	file, err := os.Open(path)
	if err != nil {
		return "", fmt.Errorf("reading a copy of the folder keys: %w", err)
	}
	defer file.Close()
	from := json.NewDecoder(bufio.NewReader(file))
	var head copyHead
	if err := from.Decode(&head); err != nil || head.Format != copyFormat || head.Store == "" {
		return "", fmt.Errorf("%s is no copy of folder keys", path)
	}
	for {
		var w Wrapped
		err := from.Decode(&w)
		if errors.Is(err, io.EOF) {
			return head.Store, nil
		}
		if err != nil || w.Folder == "" || len(w.Key) == 0 {
			return "", fmt.Errorf("%s is damaged", path)
		}
		if err := each(w); err != nil {
			return "", err
		}
	}
}
