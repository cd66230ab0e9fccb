package card

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"madoguchi/bridge/jpki"
	bridgev1 "madoguchi/proto/gen/bridge/v1"
)

const (
	releaseTimeout = 3 * time.Second
	dialTimeout    = 5 * time.Second
	greetTimeout   = 5 * time.Second
	// lookTimeout bounds looking at a card that just came: a dozen commands.
	lookTimeout = 20 * time.Second
	// linger keeps the connection while the person goes from one page to the next.
	linger = 3 * time.Second
)

// Waits between attempts to find the bridge, and to look at a card again.
const (
	firstRetry = 400 * time.Millisecond
	lastRetry  = 2 * time.Second
)

// Health is what a first knock at a bridge's address brought.
type Health int

const (
	// Silent: nothing answers, or the browser does not let the page ask.
	Silent Health = iota
	// Foreign: something answers, but not to this site.
	Foreign
	// Alive: a bridge answers.
	Alive
)

// Permission is what the browser says about pages reaching programs on this computer.
type Permission int

const (
	// PermissionUnknown: this browser does not tell, or has no such rule for this page.
	PermissionUnknown Permission = iota
	PermissionGranted
	PermissionPrompt
	PermissionDeniedByPerson
)

// Surroundings is what the bridge needs of the browser; tests bring their own.
type Surroundings interface {
	// Addresses where a bridge may listen, host:port, in the order to try.
	Addresses() []string
	Permission(ctx context.Context) Permission
	// Knock asks http://address/health as this site. It may wait for a prompt of the browser.
	Knock(ctx context.Context, address string) Health
	Dial(ctx context.Context, address string) (Socket, error)
	// Blocks names the browser when it is one known to block such connections; empty otherwise.
	Blocks() string
}

// Bridge keeps the one connection of this page. It connects while somebody watches.
type Bridge struct {
	around      Surroundings
	retry       time.Duration // the first pause between attempts, and
	retryAtMost time.Duration // the longest

	mu         sync.Mutex
	status     Status
	watchers   map[int]func(Status)
	lastWatch  int
	purpose    string
	stop       context.CancelFunc
	leaving    *time.Timer
	connection *connection
	looked     uint64 // the insertion that status.Card was read from
	lookedAt   string // and its reader
	found      Status // what looking at it brought
	looking    bool
	working    bool
	state      *bridgev1.State
}

// NewBridge makes a bridge that nobody watches yet.
func NewBridge(around Surroundings) *Bridge {
	return &Bridge{around: around, retry: firstRetry, retryAtMost: lastRetry, watchers: map[int]func(Status){}}
}

// Watch calls told with the status now and at each change, one call at a time, on any goroutine, until the returned function is
// called. told must not block. purpose is told to other pages while this one holds a card; the first watcher's counts.
func (b *Bridge) Watch(purpose string, told func(Status)) (stop func()) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.lastWatch++
	id := b.lastWatch
	b.watchers[id] = told
	told(b.status)
	if b.leaving != nil {
		b.leaving.Stop()
		b.leaving = nil
	}
	if b.stop == nil {
		b.purpose = purpose
		ctx, cancel := context.WithCancel(context.Background())
		b.stop = cancel
		go b.run(ctx)
	}
	return func() { b.unwatch(id) }
}

func (b *Bridge) unwatch(id int) {
	b.mu.Lock()
	defer b.mu.Unlock()
	delete(b.watchers, id)
	if len(b.watchers) > 0 || b.leaving != nil {
		return
	}
	b.leaving = time.AfterFunc(linger, func() {
		b.mu.Lock()
		defer b.mu.Unlock()
		if len(b.watchers) > 0 || b.stop == nil {
			return
		}
		b.stop()
		b.stop, b.leaving = nil, nil
		b.forget()
		b.status = Status{}
	})
}

// Status is the status now.
func (b *Bridge) Status() Status {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.status
}

// Work lends the card of that insertion to work, and takes it back, powered down, when work ends. What work learnt about the tries
// left it tells with SetTries.
func (b *Bridge) Work(ctx context.Context, reader string, insertion uint64, work func(*Session) error) error {
	b.mu.Lock()
	connection := b.connection
	b.working = true
	b.mu.Unlock()
	defer func() {
		b.mu.Lock()
		b.working = false
		b.mu.Unlock()
		b.refresh()
	}()
	if connection == nil {
		return ErrBridgeGone
	}
	session, err := connection.acquire(ctx, reader, insertion)
	if err != nil {
		return err
	}
	defer session.Release()
	return work(session)
}

// SetTries corrects the tries left after a PIN was tried on the card of that insertion.
func (b *Bridge) SetTries(reader string, insertion uint64, tries int) {
	b.mu.Lock()
	if b.looked == insertion && b.lookedAt == reader && b.found.HasCard() {
		b.found.Card.TriesLeft = tries
		b.found.Phase = Ready
		if tries == 0 {
			b.found.Phase = Locked
		}
	}
	b.mu.Unlock()
	b.refresh()
}

// run finds the bridge and stays with it, again and again.
func (b *Bridge) run(ctx context.Context) {
	pause := b.retry
	for ctx.Err() == nil {
		if b.visit(ctx) {
			pause = b.retry
		}
		if !wait(ctx, pause) {
			return
		}
		pause = min(pause*2, b.retryAtMost)
	}
}

// visit tries each address once and stays with the first bridge that answers, until it is gone. It says whether there was one.
func (b *Bridge) visit(ctx context.Context) bool {
	permission := b.around.Permission(ctx)
	if permission == PermissionPrompt {
		b.set(ctx, Status{Phase: AwaitingPermission})
	}
	outcome := Silent
	for _, address := range b.around.Addresses() {
		health := b.around.Knock(ctx, address)
		if health == Alive {
			if b.stay(ctx, address) {
				return true
			}
			continue
		}
		outcome = max(outcome, health)
	}
	b.set(ctx, b.absence(ctx, outcome))
	return false
}

// absence explains why there is no bridge.
func (b *Bridge) absence(ctx context.Context, outcome Health) Status {
	if b.around.Permission(ctx) == PermissionDeniedByPerson {
		return Status{Phase: PermissionDenied}
	}
	if outcome == Foreign {
		return Status{Phase: Refused}
	}
	if browser := b.around.Blocks(); browser != "" {
		return Status{Phase: Blocked, Browser: browser}
	}
	return Status{Phase: NotRunning}
}

// stay talks with the bridge at address until the connection ends.
func (b *Bridge) stay(ctx context.Context, address string) bool {
	dialling, cancel := context.WithTimeout(ctx, dialTimeout)
	socket, err := b.around.Dial(dialling, address)
	cancel()
	if err != nil {
		return false
	}
	greeting, cancel := context.WithTimeout(ctx, greetTimeout)
	connection, err := greet(greeting, socket, b.purpose, func(s *bridgev1.State) { b.hear(ctx, s) })
	cancel()
	if err != nil {
		return false
	}
	b.mu.Lock()
	b.connection = connection
	b.mu.Unlock()
	b.refreshIn(ctx)
	select {
	case <-connection.done:
	case <-ctx.Done():
		socket.Close()
	}
	b.mu.Lock()
	b.forget()
	b.mu.Unlock()
	b.set(ctx, Status{Phase: Searching})
	return true
}

// forget drops what only this connection knew. The caller holds the lock.
func (b *Bridge) forget() {
	b.connection, b.state, b.looked, b.lookedAt, b.found = nil, nil, 0, "", Status{}
}

func (b *Bridge) hear(ctx context.Context, state *bridgev1.State) {
	b.mu.Lock()
	b.state = state
	b.mu.Unlock()
	b.refreshIn(ctx)
}

func (b *Bridge) refresh() { b.refreshIn(context.Background()) }

// refreshIn works out the status from the last State and what was read, and has a card looked at that nobody looked at yet.
func (b *Bridge) refreshIn(ctx context.Context) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.connection == nil || b.state == nil {
		return
	}
	next := pick(b.state)
	next.Version, next.Virtual = b.connection.welcome.GetVersion(), b.connection.welcome.GetVirtual()
	if next.Phase == Reading && b.looked == next.Insertion && b.lookedAt == next.Reader {
		next.Phase, next.Card, next.Err = b.found.Phase, b.found.Card, b.found.Err
	}
	b.publish(next)
	if next.Phase == Reading && !b.looking && !b.working {
		b.looking = true
		go b.look(ctx, b.connection, next)
	}
}

// look reads what the card tells without a PIN.
func (b *Bridge) look(ctx context.Context, connection *connection, at Status) {
	bounded, cancel := context.WithTimeout(ctx, lookTimeout)
	contents, err := lookAt(bounded, connection, at)
	cancel()
	found := Status{Phase: phaseOf(contents, err), Card: contents, Err: err}
	b.mu.Lock()
	b.looking = false
	if b.connection == connection && !passing(err) {
		b.looked, b.lookedAt, b.found = at.Insertion, at.Reader, found
	}
	b.mu.Unlock()
	if passing(err) && !wait(ctx, b.retry) {
		return
	}
	b.refreshIn(ctx)
}

// passing says whether err comes from the moment and not from the card: the State that follows, or another look, tells more.
func passing(err error) bool {
	for _, momentary := range []error{jpki.ErrCardRemoved, ErrCardChanged, ErrHeld, ErrBusy, ErrBridgeGone, ErrNoReader, ErrServiceDown, context.Canceled} {
		if errors.Is(err, momentary) {
			return true
		}
	}
	return false
}

func (b *Bridge) set(ctx context.Context, status Status) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if ctx.Err() != nil {
		return
	}
	// Searching again and again would flicker: what is wrong stays on the screen until something else is known.
	if status.Phase == Searching && b.status.Phase <= Refused {
		return
	}
	b.publish(status)
}

// publish tells the watchers. The caller holds the lock.
func (b *Bridge) publish(status Status) {
	b.status = status
	for _, told := range b.watchers {
		told(status)
	}
}

// pick chooses the reader that matters and says how it stands with it. Reading stands for a card that can be used.
func pick(state *bridgev1.State) Status {
	if !state.GetServiceAvailable() {
		return Status{Phase: ServiceDown}
	}
	best := Status{Phase: NoReader}
	rank := -1
	for _, reader := range state.GetReaders() {
		phase, merit := standing(reader)
		if merit <= rank {
			continue
		}
		rank = merit
		best = Status{
			Phase: phase, Reader: reader.GetName(), Insertion: reader.GetInsertion(),
			HolderOrigin: reader.GetHolderOrigin(), HolderPurpose: reader.GetHolderPurpose(),
		}
	}
	return best
}

func standing(reader *bridgev1.Reader) (phase Phase, merit int) {
	switch reader.GetCard() {
	case bridgev1.CardState_CARD_STATE_PRESENT:
		if reader.GetHolderOrigin() != "" && !reader.GetHeldByYou() {
			return HeldCard, 3
		}
		return Reading, 4
	case bridgev1.CardState_CARD_STATE_BUSY:
		return BusyCard, 2
	case bridgev1.CardState_CARD_STATE_MUTE:
		return MuteCard, 1
	}
	return NoCard, 0
}

func wait(ctx context.Context, d time.Duration) bool {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-ctx.Done():
		return false
	}
}

func phaseOf(contents Contents, err error) Phase {
	switch {
	case err == nil && contents.TriesLeft == 0, errors.Is(err, jpki.ErrLocked):
		return Locked
	case err == nil:
		return Ready
	case errors.Is(err, jpki.ErrOldCard):
		return OldCard
	case errors.Is(err, jpki.ErrNotMyNumberCard):
		return NotMyNumber
	case errors.Is(err, jpki.ErrNoCertificate):
		return NoCertificate
	case errors.Is(err, ErrMute):
		return MuteCard
	}
	return Unreadable
}

// lookAt acquires the card, reads kind, tries left and certificate, and gives it back.
func lookAt(ctx context.Context, connection *connection, at Status) (Contents, error) {
	session, err := connection.acquire(ctx, at.Reader, at.Insertion)
	if err != nil {
		return Contents{}, err
	}
	defer session.Release()
	opened, err := jpki.Open(ctx, session)
	if err != nil {
		return Contents{}, fmt.Errorf("opening the card: %w", err)
	}
	contents := Contents{Kind: opened.Kind()}
	if contents.TriesLeft, err = opened.TriesLeft(ctx, jpki.AuthPIN); err != nil && !errors.Is(err, jpki.ErrLocked) {
		return contents, fmt.Errorf("asking for the tries left: %w", err)
	}
	if contents.Certificate, err = opened.ReadCertificate(ctx, jpki.AuthCertificate); err != nil {
		return contents, fmt.Errorf("reading the certificate: %w", err)
	}
	return contents, nil
}
