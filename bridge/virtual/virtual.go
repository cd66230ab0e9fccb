// Package virtual is card readers in this process, with the cards of package softcard on them, and a small page to lay
// the cards on and take them off. It is for development, tests and kiosks under test; it proves nothing about real
// readers.
package virtual

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"sync"
	"time"

	"madoguchi/bridge/reader"
	"madoguchi/bridge/softcard"
)

// UpsideDown is laid like a person's card, and does not answer.
const UpsideDown = "upside-down"

// Errors of laying and taking.
var (
	ErrNoPerson = errors.New("nobody has such a card")
	ErrNoReader = errors.New("there is no such virtual reader")
	// ErrUnplugged: a card cannot be laid on a reader that is pulled out.
	ErrUnplugged = errors.New("the reader is not plugged in")
)

// Readers are virtual readers. They are a reader.Source; the other methods are the hands of the person at them.
type Readers struct {
	reader.Board
	dir string
	now func() time.Time

	mu    sync.Mutex
	slots []*slot
}

type slot struct {
	name      string
	plugged   bool
	insertion uint64
	latency   time.Duration
	person    string // empty: no card
	card      *softcard.Card
	state     *softcard.State
	// taken is the session of whoever holds the card.
	taken *session
}

// New makes n readers without cards. The cards' PINs and counters are kept in dir; when it is empty they are forgotten
// as soon as a card is taken off.
func New(dir string, n int, now func() time.Time) *Readers {
	r := &Readers{dir: dir, now: now}
	for i := range n {
		r.slots = append(r.slots, &slot{name: fmt.Sprintf("仮想カードリーダー %d", i+1), plugged: true})
	}
	r.publish()
	return r
}

// Run waits for ctx to end and takes all cards off.
func (r *Readers) Run(ctx context.Context) {
	<-ctx.Done()
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, s := range r.slots {
		r.take(s, reader.ErrCardRemoved)
	}
	r.publish()
}

// SetLatency makes each command take at least that long, as with a real card, in all readers and for cards taken from
// then on.
func (r *Readers) SetLatency(d time.Duration) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, s := range r.slots {
		s.latency = d
	}
}

// SetLatencyOf is SetLatency for one reader.
func (r *Readers) SetLatencyOf(number int, d time.Duration) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	s, err := r.slot(number)
	if err != nil {
		return err
	}
	s.latency = d
	return nil
}

// Lay puts a person's card (or UpsideDown) on a reader. A card that lies there goes; the same person's card leaves the
// other reader.
func (r *Readers) Lay(number int, person string) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	s, err := r.slot(number)
	if err != nil {
		return err
	}
	if !s.plugged {
		return fmt.Errorf("%w: %s", ErrUnplugged, s.name)
	}
	p, ok := softcard.PersonByID(person)
	if !ok && person != UpsideDown {
		return fmt.Errorf("%w: %q", ErrNoPerson, person)
	}
	defer r.publish()
	r.take(s, reader.ErrCardRemoved)
	if person == UpsideDown {
		s.person, s.insertion = person, s.insertion+1
		return nil
	}
	for _, other := range r.slots {
		if other.person == person {
			r.take(other, reader.ErrCardRemoved)
		}
	}
	card, state, err := r.open(p)
	if err != nil {
		return fmt.Errorf("laying the card of %s: %w", person, err)
	}
	card.PowerOn()
	s.person, s.card, s.state, s.insertion = person, card, state, s.insertion+1
	return nil
}

// Take takes off what lies on the reader; nothing is no error.
func (r *Readers) Take(number int) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	s, err := r.slot(number)
	if err != nil {
		return err
	}
	r.take(s, reader.ErrCardRemoved)
	r.publish()
	return nil
}

// Plug connects the reader, or pulls it out together with its card.
func (r *Readers) Plug(number int, plugged bool) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	s, err := r.slot(number)
	if err != nil {
		return err
	}
	if !plugged {
		r.take(s, reader.ErrReaderGone)
	}
	s.plugged = plugged
	r.publish()
	return nil
}

// Reset gives a person's card its factory state back: PINs, counters, unlocked. When it lies on a reader it is laid
// anew.
func (r *Readers) Reset(person string) error {
	p, ok := softcard.PersonByID(person)
	if !ok {
		return fmt.Errorf("%w: %q", ErrNoPerson, person)
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	lying := slices.IndexFunc(r.slots, func(s *slot) bool { return s.person == person })
	if lying >= 0 {
		r.take(r.slots[lying], reader.ErrCardRemoved)
		defer r.publish()
	}
	card, state, err := r.open(p)
	if err != nil {
		return fmt.Errorf("resetting the card of %s: %w", person, err)
	}
	if err := card.Renew(); err != nil {
		return errors.Join(fmt.Errorf("resetting the card of %s: %w", person, err), state.Close())
	}
	if lying < 0 {
		return state.Close()
	}
	s := r.slots[lying]
	card.PowerOn()
	s.person, s.card, s.state, s.insertion = person, card, state, s.insertion+1
	return nil
}

// Acquire is that of reader.Source.
func (r *Readers) Acquire(ctx context.Context, name string) (reader.Card, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	i := slices.IndexFunc(r.slots, func(s *slot) bool { return s.plugged && s.name == name })
	if i < 0 {
		return nil, reader.ErrNoReader
	}
	s := r.slots[i]
	switch {
	case s.person == "":
		return nil, reader.ErrNoCard
	case s.card == nil:
		return nil, reader.ErrMute
	case s.taken != nil:
		return nil, reader.ErrBusy
	}
	s.card.PowerOn()
	s.taken = &session{
		readers: r, slot: s, card: s.card, insertion: s.insertion, latency: s.latency, ended: make(chan struct{}),
	}
	return s.taken, nil
}

func (r *Readers) slot(number int) (*slot, error) {
	if number < 0 || number >= len(r.slots) {
		return nil, fmt.Errorf("%w: number %d of %d", ErrNoReader, number, len(r.slots))
	}
	return r.slots[number], nil
}

func (r *Readers) open(p softcard.Person) (*softcard.Card, *softcard.State, error) {
	state := softcard.MemoryState()
	if r.dir != "" {
		var err error
		if state, err = softcard.OpenState(filepath.Join(r.dir, p.ID+".json")); err != nil {
			return nil, nil, err
		}
	}
	card, err := softcard.NewCard(p, state, r.now)
	if err != nil {
		return nil, nil, errors.Join(err, state.Close())
	}
	return card, state, nil
}

// take empties the slot; whoever holds the card finds out why.
func (r *Readers) take(s *slot, why error) {
	if s.taken != nil {
		s.taken.why = why
		close(s.taken.ended)
		s.taken = nil
	}
	if s.card != nil {
		s.card.PowerOff() // waits for a command that the card is working on
		_ = s.state.Close()
	}
	s.person, s.card, s.state = "", nil, nil
}

func (r *Readers) publish() {
	state := reader.State{Available: true}
	for _, s := range r.slots {
		if !s.plugged {
			continue
		}
		shown := reader.Reader{Name: s.name, Insertion: s.insertion}
		switch {
		case s.card != nil:
			shown.Card, shown.ATR = reader.Present, s.card.ATR()
		case s.person != "":
			shown.Card = reader.Mute
		}
		state.Readers = append(state.Readers, shown)
	}
	r.Publish(state)
}

// session is a card taken.
type session struct {
	readers   *Readers
	slot      *slot
	card      *softcard.Card
	insertion uint64
	latency   time.Duration
	// ended is closed after why was written, both under readers.mu.
	ended chan struct{}
	why   error
}

// Transmit is that of reader.Card.
func (s *session) Transmit(ctx context.Context, command []byte) ([]byte, error) {
	if s.latency > 0 {
		timer := time.NewTimer(s.latency)
		defer timer.Stop()
		select {
		case <-timer.C:
		case <-ctx.Done():
			return nil, ctx.Err()
		case <-s.ended:
		}
	}
	if err := s.lost(); err != nil {
		return nil, err
	}
	response, err := s.card.Transmit(ctx, command)
	if lost := s.lost(); lost != nil {
		return nil, lost
	}
	return response, err
}

// lost is nil while the card is held; a card laid since then makes it a changed one.
func (s *session) lost() error {
	select {
	case <-s.ended:
	default:
		return nil
	}
	if errors.Is(s.why, reader.ErrCardRemoved) {
		s.readers.mu.Lock()
		defer s.readers.mu.Unlock()
		if s.slot.person != "" {
			return reader.ErrCardChanged
		}
	}
	return s.why
}

func (s *session) Insertion() uint64 { return s.insertion }
func (s *session) ATR() []byte       { return s.card.ATR() }

// Release is that of reader.Card.
func (s *session) Release(context.Context) {
	s.readers.mu.Lock()
	defer s.readers.mu.Unlock()
	if s.slot.taken != s {
		return
	}
	s.why = reader.ErrReleased
	close(s.ended)
	s.slot.taken = nil
	s.card.PowerOff()
}
