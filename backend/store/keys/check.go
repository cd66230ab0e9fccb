package keys

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"time"

	"madoguchi/backend/store/audit"
	"madoguchi/backend/store/db"
)

const lookEvery = 3 * time.Second

var (
	// ErrForeign: the database was used with another key file.
	ErrForeign = errors.New("the key file belongs to another database")
	// ErrOld: the database was used with a later state of this key file.
	ErrOld = errors.New("the key file is older than the database")
)

// Used tells whether a database was ever used with a key file.
func Used(ctx context.Context, d *db.DB) (bool, error) {
	rows, err := d.Read().KeyFingerprints(ctx)
	if err != nil {
		return false, fmt.Errorf("reading the fingerprints of the keys: %w", err)
	}
	return len(rows) > 0, nil
}

// Check holds the file against the fingerprints in the database: ErrForeign, ErrOld, or nil, and then the database
// knows the file's keys. A database without fingerprints takes the file for its own.
func (f *File) Check(ctx context.Context, d *db.DB) error {
	return d.Tx(ctx, func(q *db.Queries) error {
		rows, err := q.KeyFingerprints(ctx)
		if err != nil {
			return fmt.Errorf("reading the fingerprints of the keys: %w", err)
		}
		if err := f.fits(rows); err != nil {
			return err
		}
		return f.register(ctx, q)
	})
}

// Adopt makes the file that of the database, whatever it was used with before.
func (f *File) Adopt(ctx context.Context, d *db.DB) error {
	return d.Tx(ctx, func(q *db.Queries) error {
		if err := q.KeyForgetAll(ctx); err != nil {
			return fmt.Errorf("forgetting the keys before: %w", err)
		}
		return f.register(ctx, q)
	})
}

// Restored is Check for a copy of the database, within a transaction on it: it must have been used with this file, at
// whatever time, and knows the file as it is now afterwards. ErrForeign else.
func (f *File) Restored(ctx context.Context, q *db.Queries) error {
	rows, err := q.KeyFingerprints(ctx)
	if err != nil {
		return fmt.Errorf("reading the fingerprints of the keys: %w", err)
	}
	if err := f.ofSameFile(rows); err != nil {
		return err
	}
	if err := q.KeyForgetAll(ctx); err != nil {
		return fmt.Errorf("forgetting the keys of then: %w", err)
	}
	return f.register(ctx, q)
}

func (f *File) ofSameFile(rows []db.KeyFingerprint) error {
	for _, row := range rows {
		if Purpose(row.Purpose) == Anchor && row.Fingerprint != f.anchor().Fingerprint() {
			return fmt.Errorf("%w: %s is not the one that it was used with (fingerprint %s, not %s)",
				ErrForeign, f.path, f.anchor().Fingerprint(), row.Fingerprint)
		}
	}
	return nil
}

func (f *File) fits(rows []db.KeyFingerprint) error {
	ours := map[string]Key{}
	for _, k := range f.Keys() {
		ours[k.ID] = k
	}
	if err := f.ofSameFile(rows); err != nil {
		return err
	}
	now := f.now().UnixMilli()
	for _, row := range rows {
		known, ok := ours[row.ID]
		switch {
		case row.EndsAt > 0 && row.EndsAt <= now:
			continue
		case !ok:
			return fmt.Errorf("%w: %s lacks the key %s (%s) of %s", ErrOld, f.path, row.ID, row.Purpose,
				time.UnixMilli(row.MadeAt).UTC().Format(time.DateTime))
		case known.Fingerprint() != row.Fingerprint:
			return fmt.Errorf("%w: in %s the key %s is another", ErrForeign, f.path, row.ID)
		}
	}
	return nil
}

func (f *File) register(ctx context.Context, q *db.Queries) error {
	for _, k := range f.Keys() {
		put := db.KeyPutParams{
			ID: k.ID, Purpose: string(k.Purpose), Fingerprint: k.Fingerprint(), MadeAt: k.Made.UnixMilli(),
		}
		if !k.Ends.IsZero() {
			put.EndsAt = k.Ends.UnixMilli()
		}
		if err := q.KeyPut(ctx, put); err != nil {
			return fmt.Errorf("noting the keys: %w", err)
		}
	}
	if err := q.KeyForgetEnded(ctx, f.now().UnixMilli()); err != nil {
		return fmt.Errorf("forgetting the keys that have ended: %w", err)
	}
	return nil
}

// Watch takes over what `portal keys rotate` writes, until ctx ends. A file that cannot be read is said once; the keys
// at hand stay.
func (f *File) Watch(ctx context.Context, d *db.DB) {
	ticker := time.NewTicker(lookEvery)
	defer ticker.Stop()
	seen, said := f.read, false
	for {
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
		}
		now := stampOf(f.path)
		if now == seen {
			continue
		}
		if err := f.reload(ctx, d); err != nil {
			if !said && ctx.Err() == nil {
				slog.ErrorContext(ctx, "the key file has changed and is not taken over", "cause", err)
			}
			said = true
			continue
		}
		seen, said = now, false
	}
}

// stamp tells one state of a file from the next.
type stamp struct{ changed, size int64 }

func stampOf(path string) stamp {
	info, err := os.Stat(path)
	if err != nil {
		return stamp{}
	}
	return stamp{info.ModTime().UnixNano(), info.Size()}
}

func (f *File) reload(ctx context.Context, d *db.DB) error {
	found, err := read(f.path)
	if err != nil {
		return err
	}
	before := map[string]bool{}
	for _, k := range f.Keys() {
		before[k.ID] = true
	}
	next := &File{path: f.path, now: f.now}
	next.keys.Store(&found)
	if err := next.Check(ctx, d); err != nil {
		return err
	}
	f.keys.Store(&found)
	for _, k := range found {
		if !before[k.ID] {
			audit.Log(ctx, audit.KeyRotated, slog.String("purpose", string(k.Purpose)), slog.String("key", k.ID))
		}
	}
	return nil
}
