//go:build !cgo || nopcsc

package reader

import (
	"errors"
	"log/slog"
)

// NewPCSC fails: this bridge was built without cgo, which PC/SC needs, or with the tag nopcsc.
func NewPCSC(*slog.Logger) (Source, error) {
	return nil, errors.New(
		"this bridge was built without PC/SC; only --virtual works (build it with cgo and libpcsclite-dev)",
	)
}
