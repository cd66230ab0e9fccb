package ledger

import (
	"encoding/binary"
	"encoding/json"
	"errors"
	"maps"
	"slices"
	"strings"

	"madoguchi/proto/ledger"
)

// Seen is what a device remembers of the log and of a person's chains, so that it finds out when the portal says
// something else later. It lies in the person's vault.
type Seen struct {
	// LogKey and WitnessKeys are those of the first sight.
	LogKey      string   `json:"log"`
	WitnessKeys []string `json:"witnesses"`
	// Size and Root are the log's, as Checkpoint says it: signed, so that it can be shown to others.
	Size       uint64 `json:"size"`
	Root       []byte `json:"root"`
	Checkpoint string `json:"checkpoint"`
	// Cosigned is when the last witness had signed that, in milliseconds; zero for never.
	Cosigned int64 `json:"cosigned"`
	// Heads are those of the chains, by their numbers.
	Heads map[ledger.Chain]End `json:"heads"`
	// Since is when the device saw this first, in milliseconds.
	Since int64 `json:"since"`
	// Slot is under which name the device hands on what it saw.
	Slot []byte `json:"slot"`

	// chain is what is known of the chain that is looked at, others what the person's other devices say.
	chain  Known
	others []Word
}

// End is a head as it is kept.
type End struct {
	Count uint64 `json:"count"`
	Last  []byte `json:"last"`
}

// Empty tells whether nothing was seen yet.
func (s Seen) Empty() bool { return s.LogKey == "" }

func (s Seen) root() (h ledger.Hash) {
	copy(h[:], s.Root)
	return h
}

// origin is the name of the log that was seen.
func (s Seen) origin() string {
	name, _, _ := strings.Cut(s.Checkpoint, "\n")
	return name
}

func (s Seen) heads() map[ledger.Chain]ledger.Head {
	heads := map[ledger.Chain]ledger.Head{}
	for chain, end := range s.Heads {
		if len(end.Last) == hashSize {
			heads[chain] = ledger.Head{Count: end.Count, Last: ledger.Hash(end.Last)}
		}
	}
	return heads
}

// after is what is remembered once an answer was found to fit. What is older than what is remembered changes nothing,
// and what does not fit nothing at all: it would take the place of what shows that.
func (s Seen) after(a Answer, c Checked, now int64) Seen {
	if !c.Report.Good() {
		return s
	}
	if s.Empty() {
		s.LogKey, s.WitnessKeys, s.Since = a.LogKey, slices.Clone(a.WitnessKeys), now
	}
	if c.chain.To() >= s.chain.To() {
		s.chain = c.chain
	}
	heads := map[ledger.Chain]End{}
	maps.Copy(heads, s.Heads)
	for chain, head := range a.Heads {
		if head.Count > heads[chain].Count {
			heads[chain] = End{head.Count, slices.Clone(head.Last[:])}
		}
	}
	s.Heads = heads
	if s.Size > 0 && (c.checkpoint.Size < s.Size || !c.joined) {
		return s
	}
	s.Size, s.Root, s.Checkpoint = c.checkpoint.Size, slices.Clone(c.checkpoint.Root[:]), a.newest()
	if !c.Report.At.IsZero() {
		s.Cosigned = c.Report.At.UnixMilli()
	}
	return s
}

// Known are the commitments of a chain's lines from a number on, without a gap, after that of the line before.
type Known struct {
	From  uint64
	Lines []ledger.Hash // the first is that of the line before From
}

// Empty tells whether nothing is known.
func (k Known) Empty() bool { return len(k.Lines) < 2 }

// To is the number of the last line.
func (k Known) To() uint64 {
	if k.Empty() {
		return 0
	}
	return k.From + uint64(len(k.Lines)) - 2
}

func (k Known) before() ledger.Hash { return k.Lines[0] }

func (k Known) head() ledger.Head { return ledger.Head{Count: k.To(), Last: k.Lines[len(k.Lines)-1]} }

func (k Known) at(number uint64) (h ledger.Hash, known bool) {
	if k.Empty() || number < k.From || number > k.To() {
		return h, false
	}
	return k.Lines[number-k.From+1], true
}

func knownOf(lines []ledger.Line) Known {
	k := Known{From: lines[0].Number, Lines: []ledger.Hash{lines[0].Previous}}
	return k.with(lines)
}

func (k Known) with(lines []ledger.Line) Known {
	k.Lines = slices.Clone(k.Lines)
	for _, line := range lines {
		k.Lines = append(k.Lines, line.Commitment())
	}
	return k
}

// joined puts what comes right after behind it.
func (k Known) joined(after Known) Known {
	k.Lines = append(slices.Clone(k.Lines), after.Lines[1:]...)
	return k
}

func (k Known) packed() []byte {
	b := binary.BigEndian.AppendUint64(nil, k.From)
	for _, h := range k.Lines {
		b = append(b, h[:]...)
	}
	return b
}

func chainOf(b []byte) (k Known) {
	if len(b) < 8+2*hashSize || (len(b)-8)%hashSize != 0 {
		return k
	}
	k.From = binary.BigEndian.Uint64(b)
	for b = b[8:]; len(b) > 0; b = b[hashSize:] {
		k.Lines = append(k.Lines, ledger.Hash(b))
	}
	return k
}

func (s Seen) packed() ([]byte, error) { return json.Marshal(s) }

func seenOf(b []byte) (s Seen, err error) {
	err = json.Unmarshal(b, &s)
	return s, err
}

// Word is what one device of a person tells the others: where the chains ended that it saw, and of what size the log
// was. It is short, so that it can be sealed once for each key that the others may have.
type Word struct {
	Heads map[ledger.Chain]ledger.Head
	Size  uint64 // 0 where the device did not say so
}

const (
	wordForm = 2
	bareForm = 1 // without the size
	hashSize = len(ledger.Hash{})
	headSize = 1 + 8 + hashSize
)

func (w Word) packed() []byte {
	b := binary.BigEndian.AppendUint64([]byte{wordForm}, w.Size)
	for chain, head := range w.Heads {
		b = binary.BigEndian.AppendUint64(append(b, byte(chain)), head.Count)
		b = append(b, head.Last[:]...)
	}
	return b
}

var errWord = errors.New("what another device says is not whole")

func wordOf(b []byte) (w Word, err error) {
	switch {
	case len(b) >= 9 && b[0] == wordForm:
		w.Size, b = binary.BigEndian.Uint64(b[1:]), b[9:]
	case len(b) > 0 && b[0] == bareForm:
		b = b[1:]
	default:
		return w, errWord
	}
	if len(b)%headSize != 0 {
		return w, errWord
	}
	w.Heads = map[ledger.Chain]ledger.Head{}
	for ; len(b) > 0; b = b[headSize:] {
		w.Heads[ledger.Chain(b[0])] = ledger.Head{Count: binary.BigEndian.Uint64(b[1:]), Last: ledger.Hash(b[9:])}
	}
	return w, nil
}

// joinSealed puts what is sealed by each key into one slot; splitSealed takes it out.
func joinSealed(all [][]byte) (b []byte) {
	for _, one := range all {
		b = append(binary.BigEndian.AppendUint16(b, uint16(len(one))), one...)
	}
	return b
}

func splitSealed(b []byte) (all [][]byte) {
	for len(b) >= 2 {
		end := 2 + int(binary.BigEndian.Uint16(b))
		if end > len(b) {
			return all
		}
		all, b = append(all, b[2:end]), b[end:]
	}
	return all
}
