package ledger

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"sync"
	"syscall"
)

// folder is a Place in files, for the portals of one machine. Each is written beside its name and then named, so that
// nobody ever reads half of one.
type folder struct {
	root string

	lock sync.RWMutex
	open map[string]*os.File // of which parts are read and written
}

// NewFolder gives the place at a path, and makes the folder when it is not there.
func NewFolder(path string) (Place, error) {
	if err := os.MkdirAll(path, 0o700); err != nil {
		return nil, fmt.Errorf("making the folder of the log: %w", err)
	}
	return &folder{root: path, open: map[string]*os.File{}}, nil
}

func (f *folder) path(name string) string { return filepath.Join(f.root, filepath.FromSlash(name)) }

func versionOf(data []byte) string {
	sum := sha256.Sum256(data)
	return hex.EncodeToString(sum[:])
}

func (f *folder) Read(ctx context.Context, name string) ([]byte, string, error) {
	data, err := f.Get(ctx, name)
	if err != nil {
		return nil, "", err
	}
	return data, versionOf(data), nil
}

func (f *folder) Get(_ context.Context, name string) ([]byte, error) {
	data, err := os.ReadFile(f.path(name))
	return data, said(name, err)
}

func (f *folder) ReadPart(_ context.Context, name string, part []byte, from int64) error {
	file, err := f.opened(name, os.O_RDWR)
	if err == nil {
		_, err = file.ReadAt(part, from)
	}
	return said(name, err)
}

func (f *folder) WritePart(_ context.Context, name string, part []byte, from int64) error {
	file, err := f.opened(name, os.O_RDWR|os.O_CREATE)
	if err == nil {
		_, err = file.WriteAt(part, from)
	}
	if err != nil {
		return fmt.Errorf("writing %s of the log: %w", name, err)
	}
	return nil
}

// opened gives a file that was opened once.
func (f *folder) opened(name string, how int) (*os.File, error) {
	f.lock.RLock()
	file := f.open[name]
	f.lock.RUnlock()
	if file != nil {
		return file, nil
	}
	f.lock.Lock()
	defer f.lock.Unlock()
	if file = f.open[name]; file != nil {
		return file, nil
	}
	if how&os.O_CREATE != 0 {
		if err := f.makeFolder(filepath.Dir(f.path(name))); err != nil {
			return nil, err
		}
	}
	file, err := os.OpenFile(f.path(name), how, 0o600)
	if err == nil {
		f.open[name] = file
	}
	return file, err
}

// said says what was read. What is a folder, or lies below a file, is no object.
func said(name string, err error) error {
	if err == nil {
		return nil
	}
	if errors.Is(err, syscall.ENOTDIR) || errors.Is(err, syscall.EISDIR) {
		err = fs.ErrNotExist
	}
	return fmt.Errorf("reading %s of the log: %w", name, err)
}

func (f *folder) Write(_ context.Context, name string, data []byte) error {
	if err := f.write(name, data); err != nil {
		return fmt.Errorf("writing %s of the log: %w", name, err)
	}
	return nil
}

func (f *folder) write(name string, data []byte) (err error) {
	path := f.path(name)
	dir := filepath.Dir(path)
	if err := f.makeFolder(dir); err != nil {
		return err
	}
	aside, err := os.CreateTemp(dir, ".part-*") // with mode 0600
	if err != nil {
		return err
	}
	defer func() {
		if err != nil {
			_ = os.Remove(aside.Name())
		}
	}()
	_, err = aside.Write(data)
	if err = errors.Join(err, aside.Sync(), aside.Close()); err != nil {
		return err
	}
	if err := os.Rename(aside.Name(), path); err != nil {
		return err
	}
	return syncFolder(dir)
}

// makeFolder makes a folder that is still there when the machine has failed.
func (f *folder) makeFolder(dir string) error {
	if _, err := os.Stat(dir); err == nil {
		return nil
	}
	above := filepath.Dir(dir)
	if dir != f.root {
		if err := f.makeFolder(above); err != nil {
			return err
		}
	}
	if err := os.Mkdir(dir, 0o700); err != nil && !errors.Is(err, fs.ErrExist) {
		return err
	}
	return syncFolder(above)
}

func syncFolder(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}

// Swap holds a lock of the machine between looking and writing. The kernel gives it back when the process ends.
func (f *folder) Swap(ctx context.Context, name string, data []byte, version string) (string, error) {
	lock, err := os.OpenFile(f.path("lock"), os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return "", fmt.Errorf("locking the log: %w", err)
	}
	defer lock.Close()
	if err := syscall.Flock(int(lock.Fd()), syscall.LOCK_EX); err != nil {
		return "", fmt.Errorf("locking the log: %w", err)
	}
	_, there, err := f.Read(ctx, name)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return "", err
	}
	if there != version {
		return "", fmt.Errorf("writing %s of the log: %w", name, ErrSwapped)
	}
	return versionOf(data), f.Write(ctx, name, data)
}

func (f *folder) Remove(_ context.Context, name string) error {
	if err := os.RemoveAll(f.path(name)); err != nil {
		return fmt.Errorf("removing %s of the log: %w", name, err)
	}
	return nil
}
