// Package ledger is what page and portal share of the log that proves who asked for what about whom: how a line of a
// person's history becomes a leaf of the public log, which tells a time and a commitment and nothing else, and the
// checks by which a page finds out that a line is missing, altered, moved, dated back or shown to it alone.
//
// The log is one of C2SP (tlog-tiles, tlog-checkpoint, tlog-cosignature, tlog-proof), so that strangers' programs check
// it, too. Nothing here reads or writes but what it is given.
package ledger

import (
	"crypto/sha256"
	"encoding/binary"
	"errors"

	"golang.org/x/mod/sumdb/tlog"
)

// Hash is SHA-256's.
type Hash = tlog.Hash

// Kind is what a line tells of.
type Kind uint8

const (
	// Exchange is of one that was reported: who gave whom what (やりとり履歴).
	Exchange Kind = 1
	// Usage is of what was done in the portal (利用履歴).
	Usage Kind = 2
	// Receipt is of something that was handed in.
	Receipt Kind = 3
)

// Chain is one of the lines of a folder that follow one another.
type Chain uint8

const (
	Exchanges Chain = 1
	// Undisclosed is never shown (不開示); how many lines all those chains got in a month is published.
	Undisclosed Chain = 2
	Usages      Chain = 3
	// Receipts are of what was handed in (電子申請): a line for each time that it arrived.
	Receipts Chain = 4
)

// SaltSize is how much chance stands in each line, so that nobody finds its content by trying.
const SaltSize = 32

// Line is one of a chain.
type Line struct {
	Kind  Kind
	Chain Chain
	// Number counts within the chain; 1 is its first.
	Number uint64
	// Previous is the commitment of the line before, zero for the first.
	Previous Hash
	Salt     [SaltSize]byte
	// RecordedAt is when the portal wrote it down, in milliseconds since 1970 UTC; when something happened stands in
	// the content.
	RecordedAt int64
	// Content is what the feature recorded: a message of its contract, byte for byte as it is stored.
	Content []byte
}

const lineDomain = "madoguchi ledger line 1\x00"

// Commitment binds to all of a line and tells nothing of it.
func (l Line) Commitment() Hash { return sha256.Sum256(l.Opening()) }

// Leaf is what stands of the line in the log.
func (l Line) Leaf() []byte { return Leaf{At: l.RecordedAt, Commitment: l.Commitment()}.Bytes() }

// Leaf is an entry of the log, as everybody may read it: of a line; or where Lost is set, that the portal lost what
// other leaves stand for.
type Leaf struct {
	At         int64
	Commitment Hash
	Lost       *Loss
}

// Loss says that the portal put an older copy of its database in place: the lines behind the leaves from From up to,
// and not including, To are in no folder any more.
type Loss struct{ From, To uint64 }

const (
	lineForm = 1
	lossForm = 2

	lineLeafSize = 1 + 8 + tlog.HashSize
	lossLeafSize = 1 + 8 + 8 + 8
	// MaxLeaf is the size of the largest leaf.
	MaxLeaf = lineLeafSize
)

// Bytes are the leaf as it stands in the log.
func (l Leaf) Bytes() []byte {
	if l.Lost == nil {
		b := binary.BigEndian.AppendUint64([]byte{lineForm}, uint64(l.At))
		return append(b, l.Commitment[:]...)
	}
	b := binary.BigEndian.AppendUint64([]byte{lossForm}, uint64(l.At))
	b = binary.BigEndian.AppendUint64(b, l.Lost.From)
	return binary.BigEndian.AppendUint64(b, l.Lost.To)
}

// ErrLeaf: it is no leaf of this log.
var ErrLeaf = errors.New("ledger: this is no leaf of the log")

// ParseLeaf reads what Bytes wrote, and nothing else.
func ParseLeaf(b []byte) (Leaf, error) {
	switch {
	case len(b) == lineLeafSize && b[0] == lineForm:
		return Leaf{At: int64(binary.BigEndian.Uint64(b[1:])), Commitment: Hash(b[9:])}, nil
	case len(b) == lossLeafSize && b[0] == lossForm:
		lost := Loss{From: binary.BigEndian.Uint64(b[9:]), To: binary.BigEndian.Uint64(b[17:])}
		if lost.From >= lost.To {
			return Leaf{}, ErrLeaf
		}
		return Leaf{At: int64(binary.BigEndian.Uint64(b[1:])), Lost: &lost}, nil
	}
	return Leaf{}, ErrLeaf
}
