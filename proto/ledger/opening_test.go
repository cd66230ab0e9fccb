package ledger

import (
	"bytes"
	"crypto/sha256"
	"testing"
)

func FuzzOpening(f *testing.F) {
	line := Line{Kind: Exchange, Chain: Exchanges, Number: 7, Previous: Hash{1}, RecordedAt: 1_795_000_000_000}
	line.Salt[3], line.Content = 9, []byte("who asked whom")
	f.Add(line.Opening())
	f.Add(Line{Kind: Usage, Chain: Usages, Number: 1}.Opening())
	f.Add([]byte(lineDomain))
	f.Fuzz(func(t *testing.T, b []byte) {
		got, err := ParseOpening(b)
		if err != nil {
			return
		}
		if !bytes.Equal(got.Opening(), b) || got.Commitment() != sha256.Sum256(b) {
			t.Errorf("%x opens as %+v", b, got)
		}
	})
}

// A proof file says the same after it was read, and its line can be had of it.
func FuzzProofWithOpening(f *testing.F) {
	line := Line{Kind: Exchange, Chain: Exchanges, Number: 1, Content: []byte("x")}
	whole := Proof{Index: 3, Inclusion: []Hash{{1}, {2}}, Checkpoint: "a\n4\nAA==\n\n— a AAAA\n", Extra: line.Opening()}
	f.Add(whole.Text())
	f.Add(whole.Plain())
	f.Fuzz(func(t *testing.T, text string) {
		p, err := ParseProof(text)
		if err != nil {
			return
		}
		again, err := ParseProof(p.Text())
		if err != nil || again.Plain() != p.Plain() || !bytes.Equal(again.Extra, p.Extra) {
			t.Errorf("%q is read as %+v, and that as %+v: %v", text, p, again, err)
		}
	})
}
