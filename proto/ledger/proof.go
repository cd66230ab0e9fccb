package ledger

import (
	"encoding/base64"
	"errors"
	"strconv"
	"strings"

	"golang.org/x/mod/sumdb/tlog"
)

var (
	// ErrNotIncluded: the leaf is not in the log.
	ErrNotIncluded = errors.New("ledger: the line is not in the log")
	// ErrRewritten: the log is not a continuation of what it was before.
	ErrRewritten = errors.New("ledger: the log was rewritten")
	// ErrRolledBack: the log is shorter than it was before.
	ErrRolledBack = errors.New("ledger: the log is shorter than it was")
)

// maxProof is the longest proof that a log of any size has, with some room.
const maxProof = 130

// CheckInclusion checks that a leaf stands in the log at an index.
func CheckInclusion(c Checkpoint, index uint64, leaf []byte, proof []Hash) error {
	if index >= c.Size || len(proof) > maxProof {
		return ErrNotIncluded
	}
	err := tlog.CheckRecord(proof, int64(c.Size), c.Root, int64(index), tlog.RecordHash(leaf))
	if err != nil {
		return ErrNotIncluded
	}
	return nil
}

// CheckConsistency checks that a log has only grown since an earlier checkpoint of it was seen.
func CheckConsistency(before, now Checkpoint, proof []Hash) error {
	switch {
	case before.Size > now.Size:
		return ErrRolledBack
	case len(proof) > maxProof:
		return ErrRewritten
	case before.Size == 0:
		return nil
	case before.Size == now.Size && before.Root == now.Root:
		return nil
	case before.Size == now.Size:
		return ErrRewritten
	}
	err := tlog.CheckTree(proof, int64(now.Size), now.Root, int64(before.Size), before.Root)
	if err != nil {
		return ErrRewritten
	}
	return nil
}

// Hashes reads a proof of a message.
func Hashes(list [][]byte) ([]Hash, error) {
	if len(list) > maxProof {
		return nil, errors.New("ledger: a proof is too long")
	}
	hashes := make([]Hash, len(list))
	for i, b := range list {
		if len(b) != tlog.HashSize {
			return nil, errors.New("ledger: a hash is of the wrong size")
		}
		hashes[i] = Hash(b)
	}
	return hashes, nil
}

// Proof is what proves, by itself and offline, that a leaf stands in the log (C2SP tlog-proof).
type Proof struct {
	Index      uint64
	Inclusion  []Hash
	Checkpoint string // with its signatures
	// Extra is for who knows what it is: here the opening of the line. Nothing vouches for it but the leaf.
	Extra []byte
}

const (
	proofHeader = "c2sp.org/tlog-proof@v1\n"
	proofExtra  = "extra "
)

// maxProofFile bounds what is read as one.
const maxProofFile = 256 << 10

// Text writes the file as the standard says.
func (p Proof) Text() string {
	if len(p.Extra) == 0 {
		return proofHeader + p.Plain()
	}
	return proofHeader + proofExtra + base64.StdEncoding.EncodeToString(p.Extra) + "\n" + p.Plain()
}

// Plain writes it without the first line and what is extra, as programs from before those read it.
func (p Proof) Plain() string {
	var b strings.Builder
	b.WriteString("index ")
	b.WriteString(strconv.FormatUint(p.Index, 10))
	b.WriteByte('\n')
	for _, h := range p.Inclusion {
		b.WriteString(base64.StdEncoding.EncodeToString(h[:]))
		b.WriteByte('\n')
	}
	b.WriteByte('\n')
	b.WriteString(p.Checkpoint)
	return b.String()
}

// ErrProof: it is no proof file.
var ErrProof = errors.New("ledger: this is no proof")

// ParseProof reads a proof file in either form. What it says is not checked: see Check.
func ParseProof(text string) (p Proof, err error) {
	if len(text) > maxProofFile {
		return p, ErrProof
	}
	text, _ = strings.CutPrefix(text, proofHeader)
	if rest, has := strings.CutPrefix(text, proofExtra); has {
		var extra string
		extra, text, _ = strings.Cut(rest, "\n")
		if p.Extra, err = base64.StdEncoding.Strict().DecodeString(extra); err != nil {
			return p, ErrProof
		}
	}
	text, ok := strings.CutPrefix(text, "index ")
	number, text, ok2 := strings.Cut(text, "\n")
	if !ok || !ok2 {
		return p, ErrProof
	}
	if p.Index, err = strconv.ParseUint(number, 10, 64); err != nil || strconv.FormatUint(p.Index, 10) != number {
		return p, ErrProof
	}
	for {
		line, rest, ok := strings.Cut(text, "\n")
		if !ok || len(p.Inclusion) > maxProof {
			return p, ErrProof
		}
		text = rest
		if line == "" {
			break
		}
		h, err := decodeHash(line)
		if err != nil {
			return p, ErrProof
		}
		p.Inclusion = append(p.Inclusion, h)
	}
	if p.Checkpoint = text; text == "" {
		return p, ErrProof
	}
	return p, nil
}
