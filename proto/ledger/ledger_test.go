package ledger_test

import (
	"bytes"
	"encoding/hex"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"

	"madoguchi/proto/ledger"
)

// chain makes lines that follow one another.
func chain(contents ...string) (lines []ledger.Line, head ledger.Head) {
	for i, content := range contents {
		line := ledger.Line{
			Kind: ledger.Exchange, Chain: ledger.Exchanges, Number: uint64(i) + 1, Previous: head.Last,
			RecordedAt: int64(1000 + i), Content: []byte(content), Salt: [ledger.SaltSize]byte{byte(i)},
		}
		lines, head = append(lines, line), ledger.Head{Count: line.Number, Last: line.Commitment()}
	}
	return lines, head
}

// What was committed to once is committed to for ever.
func TestTheCommitmentStays(t *testing.T) {
	lines, _ := chain("a", "b")
	const wanted = "01" + "00000000000003e9" + "9507cf9a3fb9cefc2263d5b60d1a9a9835503e2bdf080385c434c4269a457004"
	if got := hex.EncodeToString(lines[1].Leaf()); got != wanted {
		t.Errorf("the leaf is now %s", got)
	}
}

// Nothing of a line can be another without another commitment.
func TestTheCommitmentIsToAllOfALine(t *testing.T) {
	lines, _ := chain("a", "b")
	whole := lines[1]
	for name, change := range map[string]func(*ledger.Line){
		"kind":     func(l *ledger.Line) { l.Kind = ledger.Usage },
		"chain":    func(l *ledger.Line) { l.Chain = ledger.Undisclosed },
		"number":   func(l *ledger.Line) { l.Number++ },
		"previous": func(l *ledger.Line) { l.Previous[31] ^= 1 },
		"salt":     func(l *ledger.Line) { l.Salt[31] ^= 1 },
		"time":     func(l *ledger.Line) { l.RecordedAt-- },
		"content":  func(l *ledger.Line) { l.Content = []byte("b\x00") },
	} {
		bent := whole
		change(&bent)
		if bent.Commitment() == whole.Commitment() {
			t.Errorf("another %s, the same commitment", name)
		}
	}
}

func TestAChainIsWholeOrSaysWhatIsWrong(t *testing.T) {
	whole, head := chain("a", "b", "c", "d")
	for name, test := range map[string]struct {
		bend func([]ledger.Line) []ledger.Line
		want error
	}{
		"whole":           {func(l []ledger.Line) []ledger.Line { return l }, nil},
		"the last two":    {func(l []ledger.Line) []ledger.Line { return l[2:] }, nil},
		"none":            {func([]ledger.Line) []ledger.Line { return nil }, ledger.ErrGap},
		"one left out":    {func(l []ledger.Line) []ledger.Line { return slices.Delete(l, 1, 2) }, ledger.ErrGap},
		"the last hidden": {func(l []ledger.Line) []ledger.Line { return l[:3] }, ledger.ErrGap},
		"one twice":       {func(l []ledger.Line) []ledger.Line { return slices.Insert(l, 1, l[0]) }, ledger.ErrOrder},
		"one altered":     {func(l []ledger.Line) []ledger.Line { l[1].Content = []byte("x"); return l }, ledger.ErrAltered},
		"the last altered": {
			func(l []ledger.Line) []ledger.Line { l[3].Content = []byte("x"); return l }, ledger.ErrAltered,
		},
		"two changed places": {
			func(l []ledger.Line) []ledger.Line { l[1], l[2] = l[2], l[1]; return l }, ledger.ErrGap,
		},
		"dated back": {func(l []ledger.Line) []ledger.Line { l[3].RecordedAt = 1; return l }, ledger.ErrBackdated},
		"of another chain": {
			func(l []ledger.Line) []ledger.Line { l[1].Chain = ledger.Usages; return l }, ledger.ErrForeign,
		},
		"renumbered": {
			func(l []ledger.Line) []ledger.Line { l[0].Number = 0; return l }, ledger.ErrForeign,
		},
		"something before the first": {
			func(l []ledger.Line) []ledger.Line { l[0].Previous[0] = 1; return l }, ledger.ErrAltered,
		},
	} {
		if err := ledger.CheckChain(test.bend(slices.Clone(whole)), head); !errors.Is(err, test.want) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if err := ledger.CheckChain(whole[:2], whole[2].Before()); err != nil {
		t.Errorf("the older page: %v", err)
	}
	if err := ledger.CheckChain(nil, ledger.Head{}); err != nil {
		t.Errorf("a chain without lines: %v", err)
	}
}

func TestAHeadThatWasSeenIsHeldTo(t *testing.T) {
	whole, now := chain("a", "b", "c")
	_, seen := chain("a", "b")
	other, forked := chain("a", "x", "c")
	cases := map[string]struct {
		seen, now ledger.Head
		line      *ledger.Line
		want      error
	}{
		"never seen":    {ledger.Head{}, now, nil, nil},
		"as it was":     {now, now, nil, nil},
		"grown":         {seen, now, &whole[1], nil},
		"cut off":       {now, seen, nil, ledger.ErrCut},
		"another":       {forked, now, nil, ledger.ErrForked},
		"grown forked":  {seen, forked, &other[1], ledger.ErrForked},
		"the wrong one": {seen, now, &whole[2], ledger.ErrForeign},
	}
	for name, test := range cases {
		if err := ledger.CheckHead(test.seen, test.now, test.line); !errors.Is(err, test.want) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestWhatIsNewIsNotOld(t *testing.T) {
	const hour = 60 * 60 * 1000
	line := ledger.Line{RecordedAt: 5 * hour}
	if err := ledger.CheckRecorded(line, 7, 7, 6*hour+1); !errors.Is(err, ledger.ErrBackdated) {
		t.Error(err)
	}
	for _, index := range []uint64{6, 7} {
		if err := ledger.CheckRecorded(line, index, 7, 5*hour); err != nil {
			t.Error(err)
		}
	}
}

func TestALeafIsReadAsItWasWritten(t *testing.T) {
	lines, _ := chain("a")
	for _, leaf := range []ledger.Leaf{
		{At: 7, Commitment: lines[0].Commitment()}, {At: -1, Lost: &ledger.Loss{From: 3, To: 9}},
	} {
		read, err := ledger.ParseLeaf(leaf.Bytes())
		if err != nil || !bytes.Equal(read.Bytes(), leaf.Bytes()) || (read.Lost == nil) != (leaf.Lost == nil) {
			t.Errorf("%v: %v, %v", leaf, read, err)
		}
	}
	for _, bad := range [][]byte{nil, {1}, make([]byte, 41), ledger.Leaf{Lost: &ledger.Loss{From: 3, To: 3}}.Bytes()} {
		if _, err := ledger.ParseLeaf(bad); err == nil {
			t.Errorf("%x was read", bad)
		}
	}
}

// tree is a log in memory.
type tree struct {
	hashes []tlog.Hash
	size   int64
}

func (t *tree) ReadHashes(indexes []int64) (list []tlog.Hash, err error) {
	for _, i := range indexes {
		list = append(list, t.hashes[i])
	}
	return list, nil
}

func (t *tree) add(leaf []byte) {
	hashes, err := tlog.StoredHashes(t.size, leaf, t)
	if err != nil {
		panic(err)
	}
	t.hashes, t.size = append(t.hashes, hashes...), t.size+1
}

func (t *tree) checkpoint(origin string) ledger.Checkpoint {
	root, err := tlog.TreeHash(t.size, t)
	if err != nil {
		panic(err)
	}
	return ledger.Checkpoint{Origin: origin, Size: uint64(t.size), Root: root}
}

const origin = "portal.example.jp/log"

func signer(t testing.TB, seed byte) *ledger.Signer {
	t.Helper()
	s, err := ledger.NewSigner(origin, bytes.Repeat([]byte{seed}, 32))
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func witness(name string, seed byte, at time.Time) *ledger.Cosigner {
	return ledger.NewCosigner(name, bytes.Repeat([]byte{seed}, 32), func() time.Time { return at })
}

func sign(t testing.TB, c ledger.Checkpoint, signers ...note.Signer) string {
	t.Helper()
	signed, err := note.Sign(&note.Note{Text: ledger.FormatCheckpoint(c)}, signers...)
	if err != nil {
		t.Fatal(err)
	}
	return string(signed)
}

func TestInclusionAndConsistency(t *testing.T) {
	lines, _ := chain(strings.Split("abcdefghijk", "")...)
	log := &tree{}
	var points []ledger.Checkpoint
	for _, line := range lines {
		log.add(line.Leaf())
		points = append(points, log.checkpoint(origin))
	}
	now := points[len(points)-1]
	for i, line := range lines {
		proof, err := tlog.ProveRecord(log.size, int64(i), log)
		if err != nil {
			t.Fatal(err)
		}
		if err := ledger.CheckInclusion(now, uint64(i), line.Leaf(), proof); err != nil {
			t.Error(i, err)
		}
		bent := line
		bent.Content = []byte("bent")
		for name, err := range map[string]error{
			"altered":  ledger.CheckInclusion(now, uint64(i), bent.Leaf(), proof),
			"moved":    ledger.CheckInclusion(now, uint64(i+1), line.Leaf(), proof),
			"unproven": ledger.CheckInclusion(now, uint64(i), line.Leaf(), nil),
			"endless":  ledger.CheckInclusion(now, uint64(i), line.Leaf(), make([]ledger.Hash, 1000)),
		} {
			if !errors.Is(err, ledger.ErrNotIncluded) {
				t.Errorf("%s at %d: %v", name, i, err)
			}
		}
		grown, err := tlog.ProveTree(log.size, int64(i)+1, log)
		if err != nil {
			t.Fatal(err)
		}
		if err := ledger.CheckConsistency(points[i], now, grown); err != nil {
			t.Error(i, err)
		}
		rewritten := points[i]
		rewritten.Root[0] ^= 1
		if err := ledger.CheckConsistency(rewritten, now, grown); !errors.Is(err, ledger.ErrRewritten) {
			t.Error(i, err)
		}
	}
	if err := ledger.CheckConsistency(now, points[3], nil); !errors.Is(err, ledger.ErrRolledBack) {
		t.Error(err)
	}
	if err := ledger.CheckConsistency(ledger.Checkpoint{}, now, nil); err != nil {
		t.Error(err)
	}
}

func TestACheckpointIsOpenedOrRefused(t *testing.T) {
	at := time.Unix(1_790_000_000, 0)
	log, w := signer(t, 1), witness("witness.example", 2, at)
	point := ledger.Checkpoint{Origin: origin, Size: 5, Root: ledger.Hash{7}}
	verifier, err := ledger.NewLog(log.Key() + "\n")
	if err != nil {
		t.Fatal(err)
	}
	known, err := ledger.NewWitness(w.Key())
	if err != nil {
		t.Fatal(err)
	}
	open := func(signed string) (ledger.Checkpoint, error) {
		return ledger.OpenCheckpoint(signed, verifier, []*ledger.Witness{known})
	}

	c, err := open(sign(t, point, log, w))
	if err != nil || c.Size != 5 || c.Root != point.Root || c.Origin != origin {
		t.Fatal(c, err)
	}
	for after, wanted := range map[time.Duration]int{
		-time.Hour: 0, -time.Minute: 1, 59 * time.Minute: 1, 61 * time.Minute: 0,
	} {
		if got := c.Confirmed(at.Add(after), time.Hour); len(got) != wanted {
			t.Errorf("%v later %v have confirmed it", after, got)
		}
	}
	stranger := witness("other.example", 3, at)
	if c, err := open(sign(t, point, log, stranger)); err != nil || len(c.Cosigned) != 0 {
		t.Error("a stranger's signature counts, or spoils it", c, err)
	}

	otherLog, otherName := signer(t, 9), point
	otherName.Origin = "other.example/log"
	whole := sign(t, point, log, w)
	for name, signed := range map[string]string{
		"nothing":                "",
		"by another log's key":   sign(t, point, otherLog, w),
		"by a witness alone":     sign(t, point, w),
		"of another log":         sign(t, otherName, log),
		"with another size":      strings.Replace(whole, "\n5\n", "\n6\n", 1),
		"with a size of letters": sign(t, point, log)[:3] + "x" + sign(t, point, log)[3:],
		"with a false witness":   sign(t, point, log, falsified{w}),
	} {
		if c, err := open(signed); err == nil {
			t.Errorf("%s: %v was opened", name, c)
		}
	}
	for _, bad := range []string{
		"", "a+b+c", "witness.example+00000000+" + strings.Split(w.Key(), "+")[2], log.Key(), w.Key() + "A",
	} {
		if _, err := ledger.NewWitness(bad); err == nil {
			t.Errorf("%q is a witness's key", bad)
		}
	}
}

// falsified signs what nobody wants.
type falsified struct{ *ledger.Cosigner }

func (f falsified) Sign([]byte) ([]byte, error) { return f.Cosigner.Sign([]byte("something else")) }

func TestAProofFileIsReadInBothForms(t *testing.T) {
	proof := ledger.Proof{Index: 3, Inclusion: []ledger.Hash{{1}, {2}}, Checkpoint: "x\n\n— y z\n"}
	for _, text := range []string{
		proof.Text(), proof.Plain(), strings.Replace(proof.Text(), "index", "extra aGk=\nindex", 1),
	} {
		read, err := ledger.ParseProof(text)
		if err != nil || read.Plain() != proof.Plain() {
			t.Errorf("%q: %v", text, err)
		}
	}
	for _, bad := range []string{
		"", "index 3", "index 03\n\nx", "index 3\nAAAA\n\nx", "index 3\n", "index 3\n\n", strings.Repeat("x", 1<<17),
	} {
		if _, err := ledger.ParseProof(bad); err == nil {
			t.Errorf("%.40q was read", bad)
		}
	}
}

func FuzzParseProof(f *testing.F) {
	f.Add(ledger.Proof{Index: 3, Inclusion: []ledger.Hash{{1}}, Checkpoint: "x\n\n— y z\n"}.Text())
	f.Add("index 0\n\nx")
	f.Fuzz(func(t *testing.T, text string) {
		p, err := ledger.ParseProof(text)
		if err != nil {
			return
		}
		if again, err := ledger.ParseProof(p.Text()); err != nil || again.Text() != p.Text() {
			t.Errorf("%q is not read again: %v", p.Text(), err)
		}
	})
}

func FuzzParseLeaf(f *testing.F) {
	f.Add(ledger.Line{Kind: 1, Chain: 1, Number: 1}.Leaf())
	f.Add(ledger.Leaf{Lost: &ledger.Loss{From: 1, To: 2}}.Bytes())
	f.Fuzz(func(t *testing.T, b []byte) {
		if leaf, err := ledger.ParseLeaf(b); err == nil && !bytes.Equal(leaf.Bytes(), b) {
			t.Errorf("%x was read as %x", b, leaf.Bytes())
		}
	})
}

func FuzzOpenCheckpoint(f *testing.F) {
	at := time.Unix(1_790_000_000, 0)
	log, w := signer(f, 1), witness("witness.example", 2, at)
	point := ledger.Checkpoint{Origin: origin, Size: 5, Root: ledger.Hash{7}}
	whole := sign(f, point, log, w)
	f.Add(whole)
	f.Add(ledger.FormatCheckpoint(point))
	f.Fuzz(func(t *testing.T, signed string) {
		c, err := ledger.OpenCheckpoint(signed, log, []*ledger.Witness{w.Witness})
		if err == nil && (c.Size != 5 || c.Root != point.Root) {
			t.Errorf("%q was opened", signed)
		}
		if c, err := ledger.ParseCheckpoint(signed); err == nil {
			if again, err := ledger.ParseCheckpoint(ledger.FormatCheckpoint(c)); err != nil || again.Root != c.Root {
				t.Errorf("%q is not read again: %v", signed, err)
			}
		}
	})
}
