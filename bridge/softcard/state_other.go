//go:build !unix

package softcard

import "os"

// lockFile locks nothing here: cards in software are for development and tests on Unix.
func lockFile(path string) (*os.File, error) {
	return os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o600)
}

func syncDirectory(string) error {
	return nil
}
