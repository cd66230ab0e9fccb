package relay

import (
	"sync"
	"time"

	"madoguchi/bridge/act"
	"madoguchi/bridge/jpki"
	"madoguchi/bridge/reader"
)

// records are what the bridge remembers of the cards that lie in readers, for all pages together: what looking at them
// brought, and the wrong PINs. A page that connects anew, or another one, finds them as they are; a card laid anew
// begins anew.
type records struct {
	pauses []time.Duration
	now    func() time.Time

	mu sync.Mutex
	// by reader: one card lies there at a time.
	of map[string]*record
}

type record struct {
	insertion uint64
	card      *act.Card // nil: nobody has looked yet
	pins      map[jpki.PIN]*pinRecord
}

type pinRecord struct {
	// left is what the card said last; -1: it was not asked yet.
	left int
	// wrong counts the wrong ones since the card was laid, or since a right one.
	wrong int
	until time.Time // before that no try is taken
}

// tries is how it stands with a PIN.
type tries struct {
	pin      jpki.PIN
	left     int
	pause    time.Duration
	layAgain bool
}

// record gives the one of a card, a new one when another card lay there before. mu is taken.
func (r *records) record(name string, insertion uint64) *record {
	k := r.of[name]
	if k == nil || k.insertion != insertion {
		k = &record{insertion: insertion, pins: map[jpki.PIN]*pinRecord{}}
		r.of[name] = k
	}
	return k
}

func (k *record) pin(p jpki.PIN) *pinRecord {
	if k.pins[p] == nil {
		k.pins[p] = &pinRecord{left: -1}
	}
	return k.pins[p]
}

// looked is what is known of a card, if somebody has looked.
func (r *records) looked(name string, insertion uint64) (act.Card, bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	k := r.of[name]
	if k == nil || k.insertion != insertion || k.card == nil {
		return act.Card{}, false
	}
	return *k.card, true
}

func (r *records) look(name string, insertion uint64, card act.Card) {
	r.mu.Lock()
	defer r.mu.Unlock()
	k := r.record(name, insertion)
	k.card = &card
	for p, left := range card.Tries {
		k.pin(p).left = left
	}
}

// tries is how it stands with a PIN of a card.
func (r *records) tries(name string, insertion uint64, p jpki.PIN) tries {
	r.mu.Lock()
	defer r.mu.Unlock()
	k := r.record(name, insertion).pin(p)
	return tries{
		pin: p, left: max(k.left, 0), pause: max(k.until.Sub(r.now()), 0).Round(time.Millisecond),
		layAgain: k.left == 1 && k.wrong > 0,
	}
}

// counted keeps what the card says of its tries.
func (r *records) counted(name string, insertion uint64, p jpki.PIN, left int) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.record(name, insertion).pin(p).left = left
}

// spend counts a try as a wrong one before it is made: an answer that never comes gives none back. The returned
// function takes that back, for a try that was not made, or was right.
func (r *records) spend(name string, insertion uint64, p jpki.PIN) (takeBack func()) {
	r.mu.Lock()
	defer r.mu.Unlock()
	k := r.record(name, insertion).pin(p)
	before := *k
	k.wrong++
	k.left--
	k.until = r.now().Add(r.pauses[min(k.wrong, len(r.pauses))-1])
	return func() {
		r.mu.Lock()
		defer r.mu.Unlock()
		*k = before
	}
}

// right forgets the wrong ones.
func (r *records) right(name string, insertion uint64, p jpki.PIN) {
	r.mu.Lock()
	defer r.mu.Unlock()
	*r.record(name, insertion).pin(p) = pinRecord{left: p.MaxTries()}
}

// forget drops what was read from cards that are gone. The count of wrong PINs stays until another card lies there: a
// reader that is away for a moment gives no try back.
func (r *records) forget(s reader.State) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for name, k := range r.of {
		if s.Lost(name, k.insertion) != nil {
			k.card = nil
		}
	}
}
