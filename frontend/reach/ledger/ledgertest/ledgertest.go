// Package ledgertest is a log for tests, in memory, with a signer, witnesses and chains: honest, unless a test bends
// what it says.
package ledgertest

import (
	"bytes"
	"crypto/sha256"
	"slices"
	"time"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"

	"madoguchi/proto/ledger"
)

// Log is one of leaves.
type Log struct {
	Signer    *ledger.Signer
	Witnesses []*ledger.Cosigner
	// Now is what the witnesses' clocks say.
	Now time.Time

	leaves int64
	hashes []tlog.Hash
	chains map[ledger.Chain][]Entry
}

// Entry is a line and where it stands.
type Entry struct {
	ledger.Line
	Index uint64
}

// New makes a log with a name, and so many witnesses.
func New(name string, witnesses int) *Log {
	l := &Log{Now: time.UnixMilli(1_795_000_000_000), chains: map[ledger.Chain][]Entry{}}
	signer, err := ledger.NewSigner(name, seed("log "+name))
	if err != nil {
		panic(err)
	}
	l.Signer = signer
	for i := range witnesses {
		of := "witness" + string(rune('1'+i)) + ".example"
		l.Witnesses = append(l.Witnesses, ledger.NewCosigner(of, seed(of), func() time.Time { return l.Now }))
	}
	return l
}

func seed(of string) []byte {
	sum := sha256.Sum256([]byte(of))
	return sum[:]
}

// ReadHashes is a tlog.HashReader's.
func (l *Log) ReadHashes(indexes []int64) ([]tlog.Hash, error) {
	list := make([]tlog.Hash, len(indexes))
	for i, at := range indexes {
		list[i] = l.hashes[at]
	}
	return list, nil
}

// Put puts a leaf into the log.
func (l *Log) Put(leaf []byte) (index uint64) {
	hashes, err := tlog.StoredHashes(l.leaves, leaf, l)
	if err != nil {
		panic(err)
	}
	l.hashes = append(l.hashes, hashes...)
	l.leaves++
	return uint64(l.leaves - 1)
}

// Append puts a line at the end of a chain, at a time.
func (l *Log) Append(chain ledger.Chain, at time.Time, content string) Entry {
	line := ledger.Line{
		Kind: ledger.Exchange, Chain: chain, Number: uint64(len(l.chains[chain]) + 1), RecordedAt: at.UnixMilli(),
		Previous: l.Head(chain).Last, Content: []byte(content),
	}
	copy(line.Salt[:], seed(content))
	e := Entry{line, l.Put(line.Leaf())}
	l.chains[chain] = append(l.chains[chain], e)
	return e
}

// Again puts a line of another log at the end of its chain, as it is.
func (l *Log) Again(line ledger.Line) {
	l.chains[line.Chain] = append(l.chains[line.Chain], Entry{line, l.Put(line.Leaf())})
}

// Cut takes the last lines of a chain away.
func (l *Log) Cut(chain ledger.Chain, lines int) {
	l.chains[chain] = l.chains[chain][:len(l.chains[chain])-lines]
}

// Fill appends so many lines, a minute apart, with a leaf of somebody else's between them. The clock goes on.
func (l *Log) Fill(chain ledger.Chain, lines int) {
	for i := range lines {
		l.Now = l.Now.Add(time.Minute)
		l.Append(chain, l.Now, "line "+string(rune('A'+i%26)))
		l.Put(ledger.Leaf{At: l.Now.UnixMilli(), Commitment: seedHash("somebody", i)}.Bytes())
	}
}

func seedHash(of string, i int) ledger.Hash {
	return sha256.Sum256(append([]byte(of), byte(i>>8), byte(i)))
}

// Lines are those of a chain.
func (l *Log) Lines(chain ledger.Chain) []Entry { return slices.Clone(l.chains[chain]) }

// Head is that of a chain.
func (l *Log) Head(chain ledger.Chain) ledger.Head {
	lines := l.chains[chain]
	if len(lines) == 0 {
		return ledger.Head{}
	}
	return ledger.Head{Count: uint64(len(lines)), Last: lines[len(lines)-1].Commitment()}
}

// Size is how many leaves there are.
func (l *Log) Size() uint64 { return uint64(l.leaves) }

// Root is that of the log at a size.
func (l *Log) Root(size uint64) ledger.Hash {
	root, err := tlog.TreeHash(int64(size), l)
	if err != nil {
		panic(err)
	}
	return root
}

// Checkpoint is the log as it stands now, signed, and cosigned by the first witnesses.
func (l *Log) Checkpoint(cosigned int) string {
	signers := []note.Signer{l.Signer}
	for _, w := range l.Witnesses[:cosigned] {
		signers = append(signers, w)
	}
	text := ledger.FormatCheckpoint(ledger.Checkpoint{Origin: l.Signer.Name(), Size: l.Size(), Root: l.Root(l.Size())})
	signed, err := note.Sign(&note.Note{Text: text}, signers...)
	if err != nil {
		panic(err)
	}
	return string(signed)
}

// Inclusion proves where a leaf stands.
func (l *Log) Inclusion(index uint64) []ledger.Hash {
	proof, err := tlog.ProveRecord(l.leaves, int64(index), l)
	if err != nil {
		panic(err)
	}
	return proof
}

// Consistency proves that the log of one size goes on from the one of another.
func (l *Log) Consistency(from, to uint64) []ledger.Hash {
	if from == 0 || from == to {
		return nil
	}
	proof, err := tlog.ProveTree(int64(to), int64(from), l)
	if err != nil {
		panic(err)
	}
	return proof
}

// WitnessKeys are those of all witnesses.
func (l *Log) WitnessKeys() (keys []string) {
	for _, w := range l.Witnesses {
		keys = append(keys, w.Key())
	}
	return keys
}

// Clone is another log that goes on from here, by itself: a fork.
func (l *Log) Clone() *Log {
	c := *l
	c.hashes = slices.Clone(l.hashes)
	c.chains = map[ledger.Chain][]Entry{}
	for chain, lines := range l.chains {
		c.chains[chain] = slices.Clone(lines)
	}
	return &c
}

// Restored has the chains be those of an earlier clone, while the log goes on, and says in the log itself that what was
// recorded since is lost; it gives that leaf, and its index.
func (l *Log) Restored(earlier *Log) (lost ledger.Leaf, index uint64) {
	lost = ledger.Leaf{At: l.Now.UnixMilli(), Lost: &ledger.Loss{From: earlier.Size(), To: l.Size()}}
	l.chains = earlier.Clone().chains
	return lost, l.Put(lost.Bytes())
}

// Bent is a copy of bytes with one bit turned.
func Bent(b []byte, at int) []byte {
	c := bytes.Clone(b)
	c[at] ^= 1
	return c
}
