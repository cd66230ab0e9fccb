package ledger

import (
	"encoding/binary"
	"errors"
	"slices"
	"strings"

	"golang.org/x/mod/sumdb/tlog"
)

// Opening is what a line's commitment is the SHA-256 of: all of the line. Who has it and a proof can check both without
// anybody.
func (l Line) Opening() []byte {
	b := make([]byte, 0, openingSize+len(l.Content))
	b = append(b, lineDomain...)
	b = append(b, byte(l.Kind), byte(l.Chain))
	b = binary.BigEndian.AppendUint64(b, l.Number)
	b = append(b, l.Previous[:]...)
	b = append(b, l.Salt[:]...)
	b = binary.BigEndian.AppendUint64(b, uint64(l.RecordedAt))
	b = binary.BigEndian.AppendUint64(b, uint64(len(l.Content)))
	return append(b, l.Content...)
}

// openingSize is that of an opening without content.
const openingSize = len(lineDomain) + 2 + 8 + tlog.HashSize + SaltSize + 8 + 8

// ErrOpening: it is no opening of a line.
var ErrOpening = errors.New("ledger: this opens no line")

// ParseOpening reads what Opening wrote, and nothing else.
func ParseOpening(b []byte) (l Line, err error) {
	rest, ok := strings.CutPrefix(string(b), lineDomain)
	if !ok || len(b) < openingSize {
		return l, ErrOpening
	}
	fixed := []byte(rest)
	l.Kind, l.Chain, fixed = Kind(fixed[0]), Chain(fixed[1]), fixed[2:]
	l.Number, fixed = binary.BigEndian.Uint64(fixed), fixed[8:]
	l.Previous, fixed = Hash(fixed), fixed[tlog.HashSize:]
	l.Salt, fixed = [SaltSize]byte(fixed), fixed[SaltSize:]
	l.RecordedAt, fixed = int64(binary.BigEndian.Uint64(fixed)), fixed[8:]
	if binary.BigEndian.Uint64(fixed) != uint64(len(fixed)-8) {
		return l, ErrOpening
	}
	l.Content = slices.Clone(fixed[8:])
	return l, nil
}
