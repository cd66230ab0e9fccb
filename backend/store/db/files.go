package db

import (
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
)

// ErrOwned is wrapped by what Own answers while another portal runs on the file.
var ErrOwned = errors.New("another portal runs on it")

// prepare sees to it that the database, and what SQLite keeps beside it, is its owner's alone. It returns the path that
// every name of the file leads to, so that all agree on what lies beside it.
//
// A file that is there is never opened here: closing it again would drop the locks that SQLite holds in this process.
func prepare(path string) (string, error) {
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return "", err
	}
	// SQLite gives -wal and -shm the mode of the database.
	made, err := os.OpenFile(path, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	switch {
	case err == nil:
		made.Close()
	case !errors.Is(err, fs.ErrExist):
		return "", err
	}
	whole, err := filepath.EvalSymlinks(path)
	if err != nil {
		return "", err
	}
	for _, name := range []string{whole, whole + "-wal", whole + "-shm", whole + "-journal", whole + lockSuffix} {
		narrow(name)
	}
	folder := filepath.Dir(whole)
	if info, err := os.Stat(folder); err == nil && info.Mode().Perm()&0o022 != 0 && info.Mode()&fs.ModeSticky == 0 {
		// Not mended: the folder may be there for others, too.
		slog.Warn("others may put files in place of the database: take that from them, or keep it in a "+
			"folder of its own",
			"folder", folder, "mode", info.Mode().Perm().String())
	}
	return whole, nil
}

// narrow takes a file from everybody but its owner, and says so.
func narrow(name string) {
	info, err := os.Stat(name)
	if err != nil || info.Mode().Perm()&0o077 == 0 {
		return
	}
	if err := os.Chmod(name, 0o600); err != nil {
		slog.Warn("a file of the database is open to others, and could not be taken from them", "file", name,
			"mode", info.Mode().Perm().String(), "error", err)
		return
	}
	slog.Warn("a file of the database was open to others; it is the owner's alone now", "file", name,
		"was", info.Mode().Perm().String())
}

const lockSuffix = ".lock"

// lockFile takes the lock that the one portal on a SQLite file holds. The kernel gives it back when the file is closed
// or the process ends, however it ends; the file stays.
func lockFile(path string) (*os.File, error) {
	name := path + lockSuffix
	file, err := os.OpenFile(name, os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, fmt.Errorf("locking the database: %w", err)
	}
	err = syscall.Flock(int(file.Fd()), syscall.LOCK_EX|syscall.LOCK_NB)
	if errors.Is(err, syscall.EWOULDBLOCK) {
		who := make([]byte, 20)
		n, _ := file.ReadAt(who, 0)
		file.Close()
		return nil, fmt.Errorf("%s: %w (process %s holds %s): end it first, or name another file",
			path, ErrOwned, strings.TrimSpace(string(who[:n])), name)
	}
	if err != nil {
		file.Close()
		return nil, fmt.Errorf("locking the database with %s: %w", name, err)
	}
	// Only for the words above: who holds the lock is the kernel's knowledge.
	if err := file.Truncate(0); err == nil {
		_, _ = file.WriteAt([]byte(strconv.Itoa(os.Getpid())+"\n"), 0)
	}
	return file, nil
}
