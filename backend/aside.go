package main

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
)

// writeAside has a file written under another name beside it and puts it in place when it is whole and on disk. Until
// then, and when anything fails, the file that was there stays as it was. What is no file but a device or a pipe is
// written to as it is.
func writeAside(path string, write func(io.Writer) error) (err error) {
	mode := fs.FileMode(0o644)
	switch before, err := os.Stat(path); {
	case errors.Is(err, fs.ErrNotExist):
	case err != nil:
		return err
	case before.IsDir():
		return fmt.Errorf("%s is a directory; name a file in it", path)
	case !before.Mode().IsRegular():
		return writeTo(path, write)
	default:
		mode = before.Mode().Perm()
	}
	if real, err := filepath.EvalSymlinks(path); err == nil {
		path = real // the link stays a link
	}
	aside, err := os.CreateTemp(filepath.Dir(path), "."+filepath.Base(path)+".*")
	if err != nil {
		return err
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, os.Remove(aside.Name()))
		}
	}()
	err = write(aside)
	if err == nil {
		err = errors.Join(aside.Chmod(mode), aside.Sync())
	}
	if err = errors.Join(err, aside.Close()); err != nil {
		return err
	}
	if err := os.Rename(aside.Name(), path); err != nil {
		return err
	}
	dir, err := os.Open(filepath.Dir(path))
	if err != nil {
		return nil // the file is in place
	}
	defer dir.Close()
	_ = dir.Sync() // not every file system can
	return nil
}

func writeTo(path string, write func(io.Writer) error) error {
	to, err := os.OpenFile(path, os.O_WRONLY, 0)
	if err != nil {
		return err
	}
	return errors.Join(write(to), to.Close())
}
