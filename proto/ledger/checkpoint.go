package ledger

import (
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"errors"
	"math"
	"strconv"
	"strings"
	"time"

	"golang.org/x/mod/sumdb/note"
)

// Checkpoint is the log at a size, as it was signed.
type Checkpoint struct {
	// Origin names the log.
	Origin string
	Size   uint64
	Root   Hash
	// Cosigned is who of the witnesses that were asked for has signed it, too.
	Cosigned []Cosigned
}

// Cosigned is a witness's word that it saw the log so, and never otherwise.
type Cosigned struct {
	Witness string
	At      time.Time
}

// Confirmed gives the witnesses that cosigned within a time before now.
func (c Checkpoint) Confirmed(now time.Time, within time.Duration) (witnesses []string) {
	const clocksDiffer = 10 * time.Minute
	for _, by := range c.Cosigned {
		if age := now.Sub(by.At); age <= within && age >= -clocksDiffer {
			witnesses = append(witnesses, by.Witness)
		}
	}
	return witnesses
}

// ErrCheckpoint: it is no checkpoint.
var ErrCheckpoint = errors.New("ledger: this is no checkpoint")

// FormatCheckpoint writes the text that is signed.
func FormatCheckpoint(c Checkpoint) string {
	return c.Origin + "\n" + strconv.FormatUint(c.Size, 10) + "\n" + base64.StdEncoding.EncodeToString(c.Root[:]) + "\n"
}

// ParseCheckpoint reads the text that is signed; its signatures are OpenCheckpoint's matter.
func ParseCheckpoint(text string) (c Checkpoint, err error) {
	origin, rest, ok := strings.Cut(text, "\n")
	size, rest, ok2 := strings.Cut(rest, "\n")
	root, _, ok3 := strings.Cut(rest, "\n")
	if !ok || !ok2 || !ok3 || origin == "" {
		return c, ErrCheckpoint
	}
	n, err := strconv.ParseUint(size, 10, 64)
	if err != nil || strconv.FormatUint(n, 10) != size || n > math.MaxInt64/4 {
		return c, ErrCheckpoint
	}
	if c.Root, err = decodeHash(root); err != nil {
		return c, ErrCheckpoint
	}
	c.Origin, c.Size = origin, n
	return c, nil
}

func decodeHash(text string) (h Hash, err error) {
	b, err := base64.StdEncoding.Strict().DecodeString(text)
	if err != nil || len(b) != len(h) {
		return h, errors.New("ledger: this is no hash")
	}
	return Hash(b), nil
}

// OpenCheckpoint opens a signed checkpoint. The log must have signed it, under its own name as the origin; of the
// witnesses those count that have, and a signature in a witness's name that is not theirs is an error.
func OpenCheckpoint(signed string, log note.Verifier, witnesses []*Witness) (c Checkpoint, err error) {
	known := make([]note.Verifier, 0, 1+len(witnesses))
	known = append(known, log)
	for _, w := range witnesses {
		known = append(known, w)
	}
	opened, err := note.Open([]byte(signed), note.VerifierList(known...))
	if err != nil {
		return c, err
	}
	if c, err = ParseCheckpoint(opened.Text); err != nil {
		return c, err
	}
	if c.Origin != log.Name() {
		return c, errors.New("ledger: the checkpoint is of another log")
	}
	bySelf := false
	for _, sig := range opened.Sigs {
		if sig.Name == log.Name() && sig.Hash == log.KeyHash() {
			bySelf = true
			continue
		}
		raw, err := base64.StdEncoding.DecodeString(sig.Base64)
		if err != nil || len(raw) != 4+cosignatureSize {
			return c, ErrCheckpoint // it was verified, so this cannot be
		}
		at := time.Unix(int64(binary.BigEndian.Uint64(raw[4:])), 0)
		c.Cosigned = append(c.Cosigned, Cosigned{Witness: sig.Name, At: at})
	}
	if !bySelf {
		return c, errors.New("ledger: the log has not signed the checkpoint")
	}
	return c, nil
}

// NewLog reads the log's key, the line at /log/vkey.
func NewLog(vkey string) (note.Verifier, error) { return note.NewVerifier(strings.TrimSpace(vkey)) }

// Witness verifies the cosignatures of one (C2SP tlog-cosignature, cosignature/v1).
type Witness struct {
	name string
	hash uint32
	key  ed25519.PublicKey
}

const (
	algCosignature  = 4
	cosignatureSize = 8 + ed25519.SignatureSize
)

// NewWitness reads a witness's key, such as "witness.example+1a2b3c4d+BA…".
func NewWitness(vkey string) (*Witness, error) {
	bad := errors.New("ledger: this is no witness's key")
	name, rest, ok := strings.Cut(strings.TrimSpace(vkey), "+")
	sum, encoded, ok2 := strings.Cut(rest, "+")
	if !ok || !ok2 || name == "" || len(sum) != 8 || strings.ContainsAny(name, " \n\t") {
		return nil, bad
	}
	hash, err := strconv.ParseUint(sum, 16, 32)
	if err != nil {
		return nil, bad
	}
	key, err := base64.StdEncoding.DecodeString(encoded)
	if err != nil || len(key) != 1+ed25519.PublicKeySize || key[0] != algCosignature {
		return nil, bad
	}
	w := newWitness(name, ed25519.PublicKey(key[1:]))
	if w.hash != uint32(hash) {
		return nil, bad
	}
	return w, nil
}

func newWitness(name string, key ed25519.PublicKey) *Witness {
	sum := sha256.Sum256(append([]byte(name+"\n\x04"), key...))
	return &Witness{name: name, hash: binary.BigEndian.Uint32(sum[:]), key: key}
}

// Name is the witness's.
func (w *Witness) Name() string { return w.name }

// KeyHash tells its key from others of the name.
func (w *Witness) KeyHash() uint32 { return w.hash }

// Key is the line by which others know the witness.
func (w *Witness) Key() string {
	sum := strconv.FormatUint(uint64(w.hash), 16)
	return w.name + "+" + strings.Repeat("0", 8-len(sum)) + sum + "+" +
		base64.StdEncoding.EncodeToString(append([]byte{algCosignature}, w.key...))
}

// Verify is a note.Verifier's.
func (w *Witness) Verify(text, sig []byte) bool {
	if len(sig) != cosignatureSize {
		return false
	}
	at := binary.BigEndian.Uint64(sig)
	if at > math.MaxInt32*2 {
		return false
	}
	return ed25519.Verify(w.key, cosigned(at, text), sig[8:])
}

func cosigned(at uint64, text []byte) []byte {
	return append([]byte("cosignature/v1\ntime "+strconv.FormatUint(at, 10)+"\n"), text...)
}

// Cosigner signs as a witness.
type Cosigner struct {
	*Witness
	key ed25519.PrivateKey
	now func() time.Time
}

// NewCosigner makes one of a name and the seed of its key.
func NewCosigner(name string, seed []byte, now func() time.Time) *Cosigner {
	key := ed25519.NewKeyFromSeed(seed)
	return &Cosigner{newWitness(name, key.Public().(ed25519.PublicKey)), key, now}
}

// Sign is a note.Signer's.
func (c *Cosigner) Sign(text []byte) ([]byte, error) {
	at := uint64(c.now().Unix())
	sig := ed25519.Sign(c.key, cosigned(at, text))
	return append(binary.BigEndian.AppendUint64(nil, at), sig...), nil
}

// Signer signs as a log.
type Signer struct {
	note.Verifier
	key  ed25519.PrivateKey
	vkey string
}

// NewSigner makes the signer of a log of a name (its origin) and the seed of its key.
func NewSigner(name string, seed []byte) (*Signer, error) {
	key := ed25519.NewKeyFromSeed(seed)
	vkey, err := note.NewEd25519VerifierKey(name, key.Public().(ed25519.PublicKey))
	if err != nil {
		return nil, err
	}
	verifier, err := note.NewVerifier(vkey)
	if err != nil {
		return nil, err
	}
	return &Signer{verifier, key, vkey}, nil
}

// Key is the line by which others know the log.
func (s *Signer) Key() string { return s.vkey }

// Sign is a note.Signer's.
func (s *Signer) Sign(text []byte) ([]byte, error) { return ed25519.Sign(s.key, text), nil }
