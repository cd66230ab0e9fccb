// Package reader is what the bridge knows of card readers: which there are, what lies in them, and one card at a time
// taken for exclusive use. Two kinds of readers do as Source says: those of PC/SC (PCSC, here) and those of package
// virtual. It knows nothing of pages, nor of what a command means.
package reader

import (
	"bytes"
	"context"
	"errors"
	"slices"
	"sync"

	"madoguchi/bridge/apdu"
)

// Source gives readers. All methods may be called by several goroutines.
type Source interface {
	// Run watches the readers until ctx ends, and returns then. It outlives whatever happens to readers, cards and
	// pcscd.
	Run(ctx context.Context)
	// State is the picture now, and a channel that is closed when there is a newer one.
	State() (State, <-chan struct{})
	// Acquire powers the card in the reader and takes it for the caller alone. Errors are those of this package, or the
	// context's.
	Acquire(ctx context.Context, reader string) (Card, error)
}

// Card is a card taken. Its methods are for one goroutine at a time.
type Card interface {
	// Transmit sends one command. When ctx ends first the command may still be under way; a later one waits for it.
	// After any other error the card is of no more use than to be released.
	apdu.Transmitter
	// Insertion is the reader's count when the card was taken.
	Insertion() uint64
	ATR() []byte
	// Release takes the power from the card, so that no verified PIN remains, and lets others have it. It waits for a
	// command under way until ctx ends; what is left then happens later by itself. A second call does nothing.
	Release(ctx context.Context)
}

// Pad is a Card whose reader may have keys on which a PIN is typed, so that no program sees it.
type Pad interface {
	Card
	// HasPad tells whether PINs can be verified and changed there.
	HasPad() bool
	// EnterPIN is Transmit of a VERIFY or CHANGE REFERENCE DATA in whose data the reader puts the digits that the
	// person types. The answer is the card's, or the reader's own: 6400 nobody typed, 6401 cancelled, 6402 typed
	// differently the second time, 6403 of another length.
	EnterPIN(ctx context.Context, command []byte) (response []byte, err error)
}

// Errors of Acquire and Transmit.
var (
	ErrNoReader = errors.New("there is no such reader")
	ErrNoCard   = errors.New("there is no card in the reader")
	// ErrCardRemoved is apdu's, so that package jpki understands it.
	ErrCardRemoved = apdu.ErrCardRemoved
	ErrCardChanged = errors.New("there is another card in the reader now")
	ErrReaderGone  = errors.New("the reader was pulled out")
	ErrServiceDown = errors.New("the smart card service does not run")
	ErrBusy        = errors.New("another program holds the card")
	ErrMute        = errors.New("the card does not answer")
	ErrReleased    = errors.New("the card was released already")
	ErrNoPad       = errors.New("the reader has no keys for a PIN")
)

// CardState is what lies in a reader.
type CardState int

const (
	Empty CardState = iota
	Present
	// Mute: a card that does not answer; badly placed, upside down or broken.
	Mute
	// Busy: another program holds the card. A card that was taken through the same Source is Present.
	Busy
)

func (s CardState) String() string {
	return [...]string{"empty", "present", "mute", "busy"}[s]
}

// Reader is one reader.
type Reader struct {
	Name string
	Card CardState
	// ATR of the card; nil when there is none, or a mute one.
	ATR []byte
	// Insertion counts the cards that were put in since the bridge started; it never falls, not even when the reader
	// was away.
	Insertion uint64
	// Pad: PINs can be typed on the reader's own keys, as far as is known; a reader is asked when its card is first
	// taken.
	Pad bool
}

// State is the whole picture.
type State struct {
	// Available is false while the smart card service cannot be reached; there are no readers then.
	Available bool
	Readers   []Reader
}

// Find looks a reader up by its name.
func (s State) Find(name string) (Reader, bool) {
	for _, r := range s.Readers {
		if r.Name == name {
			return r, true
		}
	}
	return Reader{}, false
}

func (s State) equal(o State) bool {
	return s.Available == o.Available && slices.EqualFunc(s.Readers, o.Readers, func(a, b Reader) bool {
		return a.Name == b.Name && a.Card == b.Card && a.Insertion == b.Insertion && a.Pad == b.Pad &&
			bytes.Equal(a.ATR, b.ATR)
	})
}

// Lost tells what became of the card that was taken from the reader at that insertion; nil when it is still there.
func (s State) Lost(name string, insertion uint64) error {
	r, ok := s.Find(name)
	switch {
	case !s.Available:
		return ErrServiceDown
	case !ok:
		return ErrReaderGone
	case r.Card == Empty:
		return ErrCardRemoved
	case r.Insertion != insertion:
		return ErrCardChanged
	}
	return nil
}

// Board holds the State of a Source for those who watch it. The zero value says that no service is available.
type Board struct {
	mu      sync.Mutex
	state   State
	changed chan struct{}
}

// State is that of Source.
func (b *Board) State() (State, <-chan struct{}) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.changed == nil {
		b.changed = make(chan struct{})
	}
	return b.state, b.changed
}

// Publish shows a new picture; one that equals the last changes nothing. The caller must not change it afterwards.
func (b *Board) Publish(s State) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.state.equal(s) {
		return
	}
	b.state = s
	if b.changed != nil {
		close(b.changed)
		b.changed = nil
	}
}
