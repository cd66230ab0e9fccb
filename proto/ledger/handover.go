package ledger

import (
	"errors"
	"strconv"
	"strings"
	"time"

	"golang.org/x/mod/sumdb/note"
)

// Handover says that a log goes on under another key: the one before is known to somebody (Stolen), or gone (LostKey),
// and the tree goes on as it is; or the tree is lost (Lost), and a log of another name begins with the lines that are
// there. Both keys sign it where both are at hand. It is no excuse: a page still tells of the new key, and what has
// happened.
type Handover struct {
	// Before and Now are the keys, as at /log/vkey.
	Before, Now string
	Why         Why
	At          time.Time
	// Last is the log as it was then, as far as it is known: without a root where that went with the tree.
	Last Checkpoint
}

// Why is why a log has another key.
type Why string

// Why a log has another key.
const (
	Stolen  Why = "stolen"
	LostKey Why = "lost-key"
	Lost    Why = "lost"
)

const (
	handoverHeader = "madoguchi log handover 1"
	noRoot         = "-"
	maxHandover    = 4 << 10
)

// ErrHandover: it is no handover, or nobody's.
var ErrHandover = errors.New("ledger: this is no handover of a log")

// SignHandover writes it, signed by the new key, and by the one before where it is there.
func SignHandover(h Handover, now *Signer, before *Signer) (string, error) {
	root := noRoot
	if h.Last.Root != (Hash{}) {
		root = h.Last.Root.String()
	}
	text := strings.Join([]string{
		handoverHeader, "before " + h.Before, "now " + h.Now, "why " + string(h.Why),
		"at " + strconv.FormatInt(h.At.Unix(), 10), "size " + strconv.FormatUint(h.Last.Size, 10), "root " + root, "",
	}, "\n")
	signers := []note.Signer{now}
	if before != nil {
		signers = append(signers, before)
	}
	signed, err := note.Sign(&note.Note{Text: text}, signers...)
	return string(signed), err
}

// OpenHandover reads one, of which the new key's signature is good. both tells whether the key before has signed, too.
func OpenHandover(signed string) (h Handover, both bool, err error) {
	if len(signed) > maxHandover {
		return h, false, ErrHandover
	}
	lines := strings.SplitN(signed, "\n", 8)
	if len(lines) != 8 || lines[0] != handoverHeader {
		return h, false, ErrHandover
	}
	var value [6]string
	for i, name := range []string{"before ", "now ", "why ", "at ", "size ", "root "} {
		rest, ok := strings.CutPrefix(lines[i+1], name)
		if !ok {
			return h, false, ErrHandover
		}
		value[i] = rest
	}
	before, err1 := note.NewVerifier(value[0])
	now, err2 := note.NewVerifier(value[1])
	at, err3 := strconv.ParseInt(value[3], 10, 64)
	size, err4 := strconv.ParseUint(value[4], 10, 62)
	if errors.Join(err1, err2, err3, err4) != nil || value[0] == value[1] {
		return h, false, ErrHandover
	}
	h = Handover{
		Before: value[0], Now: value[1], Why: Why(value[2]), At: time.Unix(at, 0),
		Last: Checkpoint{Origin: before.Name(), Size: size},
	}
	if value[5] != noRoot {
		if h.Last.Root, err = decodeHash(value[5]); err != nil {
			return h, false, ErrHandover
		}
	}
	known := h.Why == Stolen || h.Why == LostKey || h.Why == Lost
	if !known || (h.Why == Lost) == (before.Name() == now.Name()) {
		return h, false, ErrHandover
	}
	opened, err := note.Open([]byte(signed), note.VerifierList(before, now))
	if err != nil {
		return h, false, ErrHandover
	}
	byNow := false
	for _, sig := range opened.Sigs {
		byNow = byNow || sig.Name == now.Name() && sig.Hash == now.KeyHash()
		both = both || sig.Name == before.Name() && sig.Hash == before.KeyHash()
	}
	if !byNow {
		return h, false, ErrHandover
	}
	return h, both, nil
}

// Handed finds how one key came to be followed by another: the handovers on the way from it, none when there is no way.
// both tells whether each key on the way signed that it was followed.
func Handed(all []string, from, to string) (way []Handover, both bool) {
	both = true
	for _, signed := range all {
		h, signedByBoth, err := OpenHandover(signed)
		if err != nil || h.Before != from {
			continue
		}
		way, from, both = append(way, h), h.Now, both && signedByBoth
		if from == to {
			return way, both
		}
	}
	return nil, false
}
