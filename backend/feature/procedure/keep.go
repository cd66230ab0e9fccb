package procedure

import (
	"bufio"
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"hash"
	"io"
	"os"
	"path/filepath"
	"time"

	"madoguchi/backend/japan/catalog"
	"madoguchi/backend/japan/catalog/index"
)

// The file in which an index is kept between two runs:
//
//	"madoguchi index\n" · fingerprint of definitions and rules (32) · revision of the catalogue (8, big-endian) ·
//	mark of its history (32) · day (10) · what index.Write wrote · SHA-256 of all before (32)
//
// It holds nothing that is not public. One that is damaged, of another program's or another database's is as good as
// none.
const magic = "madoguchi index\n"

// label is what a kept index is of.
type label struct {
	Fingerprint [sha256.Size]byte
	Revision    int64
	Mark        [sha256.Size]byte
	Day         [10]byte
}

var errDamaged = errors.New("it is damaged")

// writeKept replaces the file by another, whole.
func writeKept(path string, l label, x *index.Index) (err error) {
	var body bytes.Buffer
	if err := x.Write(&body); err != nil { // into memory: a slow disk would hold searches up
		return fmt.Errorf("writing the index: %w", err)
	}
	file, err := os.CreateTemp(filepath.Dir(path), filepath.Base(path)+".*") // 0600
	if err != nil {
		return err
	}
	defer func() {
		if err != nil {
			_ = file.Close()
			_ = os.Remove(file.Name())
		}
	}()
	sum := sha256.New()
	w := bufio.NewWriter(file)
	both := io.MultiWriter(w, sum)
	_, _ = io.WriteString(both, magic) // w keeps its error for the flush
	_ = binary.Write(both, binary.BigEndian, l)
	_, _ = body.WriteTo(both)
	_, _ = w.Write(sum.Sum(nil))
	if err := errors.Join(w.Flush(), file.Sync(), file.Close()); err != nil {
		return err
	}
	return os.Rename(file.Name(), path)
}

// readKept reads a file whose label is as wanted. The file is read twice, first for its sum, so that nothing is
// believed before, and never whole in memory.
func readKept(file io.ReadSeeker, wanted func(label) error) (*index.Index, label, error) {
	var l label
	size, err := file.Seek(0, io.SeekEnd)
	if err != nil {
		return nil, l, err
	}
	whole := size - sha256.Size
	if whole < int64(len(magic)+binary.Size(l)) {
		return nil, l, errDamaged
	}
	content, err := readLabel(file, whole, sha256.New(), &l)
	if err != nil {
		return nil, l, err
	}
	if err := wanted(l); err != nil {
		return nil, l, err
	}
	x, err := index.Read(content, catalog.Definitions(), catalog.Categories())
	if err != nil {
		return nil, l, fmt.Errorf("%w: %w", errDamaged, err)
	}
	return x, l, nil
}

// readLabel checks the sum and gives what follows the label.
func readLabel(file io.ReadSeeker, whole int64, sum hash.Hash, l *label) (io.Reader, error) {
	begin := make([]byte, len(magic))
	if _, err := file.Seek(0, io.SeekStart); err != nil {
		return nil, err
	}
	if _, err := io.ReadFull(file, begin); err != nil {
		return nil, err
	}
	if string(begin) != magic {
		return nil, errors.New("it is no index of this form")
	}
	sum.Write(begin)
	if _, err := io.CopyN(sum, file, whole-int64(len(magic))); err != nil {
		return nil, err
	}
	said := make([]byte, sha256.Size)
	if _, err := io.ReadFull(file, said); err != nil {
		return nil, err
	}
	if !bytes.Equal(said, sum.Sum(nil)) {
		return nil, errDamaged
	}
	if _, err := file.Seek(int64(len(magic)), io.SeekStart); err != nil {
		return nil, err
	}
	content := io.LimitReader(file, whole-int64(len(magic)))
	return content, binary.Read(content, binary.BigEndian, l)
}

// kept reads the index of the last run; nil when there is none that this database and this program can use.
func (c *Catalog) kept(ctx context.Context, fingerprint [sha256.Size]byte) (*index.Index, label, error) {
	file, err := os.Open(c.file)
	if errors.Is(err, os.ErrNotExist) {
		return nil, label{}, nil
	}
	if err != nil {
		return nil, label{}, err
	}
	defer file.Close()
	return readKept(file, func(l label) error {
		if l.Fingerprint != fingerprint {
			return errors.New("it was made by other rules, of another version of this program")
		}
		revision, err := c.store.Revision(ctx)
		if err != nil {
			return err
		}
		mark, err := c.store.Mark(ctx, l.Revision)
		if err != nil {
			return err
		}
		if l.Revision > revision || mark != l.Mark {
			return errors.New("it is of another database, or of one that was put back")
		}
		if day, err := time.Parse(time.DateOnly, string(l.Day[:])); err != nil ||
			day.Format(time.DateOnly) > c.today() {
			return errors.New("it is of a day to come")
		}
		return nil
	})
}

// keep writes the index down, if there is a file for it and something has changed since. c.mu is held.
func (c *Catalog) keep(ctx context.Context) error {
	if c.file == "" || c.revision == c.keptRevision && c.day == c.keptDay {
		return nil
	}
	l := label{Revision: c.revision}
	var err error
	if l.Fingerprint, err = index.Fingerprint(catalog.Definitions(), catalog.Categories()); err != nil {
		return err
	}
	if l.Mark, err = c.store.Mark(ctx, c.revision); err != nil {
		return err
	}
	copy(l.Day[:], c.day)
	if err := writeKept(c.file, l, c.index); err != nil {
		return fmt.Errorf("keeping the catalogue's index in %s: %w", c.file, err)
	}
	c.keptRevision, c.keptDay, c.keptAt = c.revision, c.day, c.now()
	return nil
}
