//go:build cgo && !nopcsc

package reader

import (
	"context"
	"errors"
	"log/slog"
	"maps"
	"slices"
	"sync"
	"time"

	"github.com/ebfe/scard"
)

const (
	// pnp is the name under which PC/SC tells of readers that come and go.
	pnp = `\\?PnP?\Notification`
	// look is how often everything is looked at anew: PC/SC tells of readers and cards, but not when another program
	// takes a card.
	look = time.Second
	// again is the pause before pcscd is tried once more.
	again = 500 * time.Millisecond
	// settle is how long pcscd may take to notice that a card which broke off a command is gone.
	settle = 600 * time.Millisecond
)

// pcsc are the readers of PC/SC. Each concern has a context of its own there: the watching, and every card taken.
type pcsc struct {
	Board
	log *slog.Logger

	mu sync.Mutex
	// seen remembers readers for good, so that insertions are counted on when one comes back.
	seen map[string]*seen
}

type seen struct {
	insertion uint64
	present   bool
	// event is pcscd's count of insertions and removals, of 16 bits; it begins anew with pcscd.
	event uint32
	// vague is since when PC/SC does not say how it stands with the reader (isVague).
	vague time.Time
	// taken through this process: its card counts as present, not busy.
	taken bool
	// let is when this process let go of it: for a moment PC/SC may still say that it is in use.
	let time.Time
	// features are known since the reader was asked.
	features padFeatures
	asked    bool
}

// NewPCSC gives the readers of PC/SC. pcscd need not run yet.
func NewPCSC(log *slog.Logger) (Source, error) {
	return &pcsc{log: log, seen: map[string]*seen{}}, nil
}

// Run watches until ctx ends.
func (p *pcsc) Run(ctx context.Context) {
	told := false
	for ctx.Err() == nil {
		err := p.watch(ctx)
		p.lose()
		if ctx.Err() != nil {
			return
		}
		if !told || !serviceDown(err) {
			p.log.Warn("the smart card service cannot be reached", "error", err)
			told = true
		}
		select {
		case <-ctx.Done():
		case <-time.After(again):
		}
		if state, _ := p.State(); state.Available {
			told = false
		}
	}
}

// watch runs with one context until it breaks.
func (p *pcsc) watch(ctx context.Context) error {
	sc, err := scard.EstablishContext()
	if err != nil {
		return err
	}
	defer func() { _ = sc.Release() }() // pcscd may have gone; there is nothing more to let go of
	defer cancelWhenDone(ctx, sc)()
	p.log.Info("watching the readers of PC/SC")
	known := map[string]scard.StateFlag{}
	for ctx.Err() == nil {
		names, err := sc.ListReaders()
		if err != nil && !errors.Is(err, scard.ErrNoReadersAvailable) {
			return err
		}
		slices.Sort(names)
		if !slices.Equal(slices.Sorted(maps.Keys(known)), names) {
			clear(known) // with no state known PC/SC answers at once
		}
		if len(names) == 0 {
			p.Publish(State{Available: true})
		}
		states := []scard.ReaderState{{Reader: pnp}}
		for _, name := range names {
			states = append(states, scard.ReaderState{Reader: name, CurrentState: known[name]})
		}
		switch err := sc.GetStatusChange(states, look); {
		case errors.Is(err, scard.ErrTimeout), errors.Is(err, scard.ErrUnknownReader),
			errors.Is(err, scard.ErrCancelled):
			clear(known)
			continue
		case err != nil:
			return err
		}
		clear(known)
		picture := State{Available: true}
		for _, s := range states[1:] {
			if isVague(s.EventState) {
				if last, ok := p.vague(s.Reader); ok {
					picture.Readers = append(picture.Readers, last)
				}
				continue
			}
			known[s.Reader] = s.EventState &^ scard.StateChanged
			picture.Readers = append(picture.Readers, p.note(s))
		}
		p.Publish(picture)
	}
	return ctx.Err()
}

// note counts insertions from one reader's state.
func (p *pcsc) note(s scard.ReaderState) Reader {
	p.mu.Lock()
	defer p.mu.Unlock()
	k := p.seen[s.Reader]
	if k == nil {
		k = &seen{}
		p.seen[s.Reader] = k
	}
	present := s.EventState&scard.StatePresent != 0
	event := uint32(s.EventState) >> 16
	// For the same reason a card may for a moment have a count of none.
	if present && k.present && event == 0 {
		event = k.event
	}
	// Present twice with another count is a swap that nobody saw.
	if present && (!k.present || k.event != event) {
		k.insertion++
	}
	k.present, k.event, k.vague = present, event, time.Time{}
	r := Reader{Name: s.Reader, Insertion: k.insertion, Pad: k.features.verify != 0 && k.features.modify != 0}
	switch {
	case !present:
		return r
	case s.EventState&scard.StateMute != 0, !plausible(s.Atr):
		r.Card = Mute
		return r
	case s.EventState&(scard.StateExclusive|scard.StateInuse) != 0 && !k.taken && time.Since(k.let) > settle:
		r.Card = Busy
	default:
		r.Card = Present
	}
	r.ATR = slices.Clone(s.Atr)
	return r
}

func (p *pcsc) eventOf(name string) uint32 {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.seen[name].event
}

// isVague tells whether a state says nothing. libpcsclite keeps one table of readers for all contexts of a process:
// while a card is taken or let go in one of them, another may for a moment find a reader missing there.
func isVague(s scard.StateFlag) bool {
	return s&(scard.StateUnknown|scard.StateUnavailable) != 0
}

// vague is a reader as it was, until what PC/SC says of it has been vague for too long.
func (p *pcsc) vague(name string) (Reader, bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	k := p.seen[name]
	if k == nil {
		return Reader{}, false
	}
	if k.vague.IsZero() {
		k.vague = time.Now()
	}
	state, _ := p.State()
	last, ok := state.Find(name)
	return last, ok && time.Since(k.vague) < settle
}

// plausible tells whether an ATR begins as one must (TS of ISO 7816-3, 8.1). pcscd passes on whatever it was answered.
func plausible(atr []byte) bool {
	return len(atr) >= 2 && (atr[0] == 0x3B || atr[0] == 0x3F)
}

// lose forgets what was present: the service is away, and whatever lies there when it is back counts as put in anew.
func (p *pcsc) lose() {
	p.mu.Lock()
	for _, k := range p.seen {
		k.present = false
	}
	p.mu.Unlock()
	p.Publish(State{})
}

func (p *pcsc) take(name string, taken bool) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	k := p.seen[name]
	if k == nil || taken && k.taken {
		return false
	}
	k.taken = taken
	return true
}

func (p *pcsc) letGo(name string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.seen[name].let = time.Now()
}

// featuresOf asks a reader, once, whether it has keys. Most have not, and say so by an error.
func (p *pcsc) featuresOf(name string, card controller) padFeatures {
	p.mu.Lock()
	k := p.seen[name]
	if k == nil || k.asked {
		defer p.mu.Unlock()
		if k == nil {
			return padFeatures{}
		}
		return k.features
	}
	k.asked = true
	p.mu.Unlock()
	b, err := card.Control(scard.CtlCode(featureRequest), nil)
	if err != nil {
		return padFeatures{}
	}
	features, err := parseFeatures(b)
	if err != nil {
		p.log.Info("the keys of a reader are not used", "reader", name, "error", err)
		return padFeatures{}
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	k.features = features
	return features
}

// controller is the part of scard.Card that speaks to the reader itself.
type controller interface {
	Control(code uint32, in []byte) ([]byte, error)
}

// featureRequest is CM_IOCTL_GET_FEATURE_REQUEST.
const featureRequest = 3400

// cancelWhenDone breaks blocking calls of the context off when ctx ends. pcscd forgets a Cancel that comes before the
// call it is meant for, so it is repeated until the returned function is called.
func cancelWhenDone(ctx context.Context, sc *scard.Context) (stop func()) {
	stopped, ended := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(ended)
		select {
		case <-stopped:
			return
		case <-ctx.Done():
		}
		tick := time.NewTicker(20 * time.Millisecond)
		defer tick.Stop()
		for {
			_ = sc.Cancel() // a pcscd that is gone blocks nobody
			select {
			case <-stopped:
				return
			case <-tick.C:
			}
		}
	}()
	return func() {
		close(stopped)
		<-ended
	}
}

func serviceDown(err error) bool {
	for _, e := range []scard.Error{
		scard.ErrNoService, scard.ErrServiceStopped, scard.ErrInvalidHandle, scard.ErrCommError, scard.ErrInternalError,
		scard.ErrShutdown,
	} {
		if errors.Is(err, e) {
			return true
		}
	}
	return false
}
