package card

import (
	"context"
	"errors"
	"slices"
	"sync"
	"time"

	bridgev2 "madoguchi/proto/gen/bridge/v2"
)

const (
	dialTimeout  = 5 * time.Second
	greetTimeout = 5 * time.Second
	// lookTimeout bounds looking at a card that just came.
	lookTimeout = 20 * time.Second
	// linger keeps the connection while the person goes from one page to the next.
	linger = 3 * time.Second
)

// Waits between attempts to find the bridge, and to look at a card again.
const (
	firstRetry = 400 * time.Millisecond
	lastRetry  = 2 * time.Second
)

// Another's turn with the card is over in a moment, as a rule: an act is asked for so often, with so long a pause, and
// a State that names another page or program is no news before so long.
const (
	heldTries = 8
	heldPause = 300 * time.Millisecond
	heldNews  = 2 * time.Second
)

// promptNews is for how long a first knock goes unanswered until it is taken that the browser asks the person. It asks
// only when something listens, so before that nothing is known of a question.
const promptNews = 700 * time.Millisecond

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
	// Handheld tells whether this is a phone or a tablet.
	Handheld() bool
}

// Bridge keeps the one connection of this page. It connects while somebody watches.
type Bridge struct {
	around      Surroundings
	retry       time.Duration // the first pause between attempts, and
	retryAtMost time.Duration // the longest
	heldPause   time.Duration
	heldNews    time.Duration
	promptNews  time.Duration
	now         func() time.Time
	after       <-chan struct{} // what comes first; nil: nothing

	mu         sync.Mutex
	status     Status
	watchers   map[int]func(Status)
	lastWatch  int
	purpose    string
	stop       context.CancelFunc
	leaving    *time.Timer
	connection *connection
	state      *bridgev2.State
	permission Permission
	found      map[Place]Lying     // what looking at a card brought
	stale      map[Place]bool      // to be looked at again: its tries may be others now
	held       map[Place]time.Time // since when another page or program works with it
	rejected   map[Place]error     // what the portal said of it
	chosen     Place
	left       map[Place]bool // there when the chosen one was lifted
	looking    bool
	acts       int // under way
}

// NewBridge makes a bridge that nobody watches yet.
func NewBridge(around Surroundings) *Bridge {
	b := &Bridge{
		around: around, retry: firstRetry, retryAtMost: lastRetry, heldPause: heldPause, heldNews: heldNews,
		promptNews: promptNews, now: time.Now, watchers: map[int]func(Status){},
	}
	b.forget()
	b.status = b.beginning()
	return b
}

// beginning is the status of which nothing is known yet.
func (b *Bridge) beginning() Status {
	if b.around.Handheld() {
		return alone(Handheld)
	}
	return alone(Searching)
}

// Watch calls told with the status now and at each change, one call at a time, on any goroutine, until the returned
// function is called. told must not block. purpose is told to other pages while this one holds a card; the first
// watcher's counts.
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
	if b.stop == nil && b.status.Phase != Handheld {
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
		b.status = b.beginning()
	})
}

// Status is the status now.
func (b *Bridge) Status() Status {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.status
}

// Choose says which of several cards is meant. The choice holds for that reader and insertion.
func (b *Bridge) Choose(card Place) {
	b.mu.Lock()
	b.chosen = card
	delete(b.left, card)
	b.mu.Unlock()
	b.refresh()
}

// Reject notes that the portal refused what the card at a place proved: it is Rejected until it is lifted, or until
// withdraw is called.
func (b *Bridge) Reject(at Place, why error) (withdraw func()) {
	set := func(change func()) {
		b.mu.Lock()
		change()
		b.mu.Unlock()
		b.refresh()
	}
	set(func() { b.rejected[at] = why })
	return func() {
		set(func() { delete(b.rejected, at) })
	}
}

// run finds the bridge and stays with it, again and again.
func (b *Bridge) run(ctx context.Context) {
	if b.after != nil {
		select {
		case <-b.after:
		case <-ctx.Done():
			return
		}
	}
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

// visit tries each address once and stays with the first bridge that answers, until it is gone. It says whether there
// was one.
func (b *Bridge) visit(ctx context.Context) bool {
	outcome := Silent
	for _, address := range b.around.Addresses() {
		health := b.knock(ctx, address)
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

// knock asks whether a bridge is at address, and follows what the browser permits. A browser that asks the person keeps
// the answer back meanwhile.
func (b *Bridge) knock(ctx context.Context, address string) Health {
	if b.permit(ctx) == PermissionPrompt {
		waiting, answered := context.WithCancel(ctx)
		defer answered()
		timer := time.AfterFunc(b.promptNews, func() { b.set(waiting, alone(AwaitingPermission)) })
		defer timer.Stop()
	}
	health := b.around.Knock(ctx, address)
	b.permit(ctx)
	return health
}

// permit notes what the browser permits now.
func (b *Bridge) permit(ctx context.Context) Permission {
	permission := b.around.Permission(ctx)
	b.mu.Lock()
	defer b.mu.Unlock()
	b.permission = permission
	return permission
}

// absence explains why there is no bridge.
func (b *Bridge) absence(ctx context.Context, outcome Health) Status {
	if b.permit(ctx) == PermissionDeniedByPerson {
		return alone(PermissionDenied)
	}
	switch outcome {
	case Foreign:
		return alone(Refused)
	case Older:
		return alone(OldBridge)
	case Newer:
		return alone(OldPage)
	}
	if browser := b.around.Blocks(); browser != "" {
		status := alone(Blocked)
		status.Browser = browser
		return status
	}
	return alone(NotRunning)
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
	connection, err := greet(greeting, socket, b.purpose, func(s *bridgev2.State) { b.hear(ctx, s) })
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
	b.set(ctx, alone(Searching))
	return true
}

// forget drops what only this connection knew. The caller holds the lock.
func (b *Bridge) forget() {
	b.connection, b.state, b.chosen = nil, nil, Place{}
	b.found, b.stale, b.held = map[Place]Lying{}, map[Place]bool{}, map[Place]time.Time{}
	b.rejected, b.left = map[Place]error{}, map[Place]bool{}
}

func (b *Bridge) hear(ctx context.Context, state *bridgev2.State) {
	b.mu.Lock()
	if ctx.Err() != nil { // nobody watches any more
		b.mu.Unlock()
		return
	}
	b.state = state
	before := b.held
	b.held = map[Place]time.Time{}
	found, stale, rejected, left := map[Place]Lying{}, map[Place]bool{}, map[Place]error{}, map[Place]bool{}
	lifted := b.chosen != Place{}
	for _, reader := range state.GetReaders() {
		at := placeOf(reader)
		busy := reader.GetPresence() == bridgev2.Presence_PRESENCE_BUSY
		if lies := busy || reader.GetPresence() == bridgev2.Presence_PRESENCE_CARD; lies {
			if lying, known := b.found[at]; known {
				found[at], stale[at] = lying, b.stale[at]
			}
			if why, is := b.rejected[at]; is {
				rejected[at] = why
			}
			left[at] = b.left[at]
			lifted = lifted && at != b.chosen
		}
		since, was := before[at]
		switch is := busy || reader.GetHolderOrigin() != "" && !reader.GetHeldByYou(); {
		case is && was:
			b.held[at] = since
		case is:
			b.held[at] = time.Now()
			time.AfterFunc(b.heldNews, b.refresh)
		case was:
			stale[at] = true // whoever it was may have tried a PIN
		}
	}
	if lifted {
		b.chosen = Place{}
		for at := range left {
			left[at] = true
		}
	}
	b.found, b.stale, b.rejected, b.left = found, stale, rejected, left
	b.mu.Unlock()
	b.refreshIn(ctx)
}

func (b *Bridge) refresh() { b.refreshIn(context.Background()) }

// refreshIn works out the status from the last State and what was read, and has a card looked at that wants it.
func (b *Bridge) refreshIn(ctx context.Context) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.connection == nil || b.state == nil {
		return
	}
	next := b.pick()
	next.Version, next.Virtual = b.connection.welcome.GetVersion(), b.connection.welcome.GetVirtual()
	b.publish(next)
	if b.looking || b.acts > 0 {
		return
	}
	for _, reader := range b.state.GetReaders() {
		at := placeOf(reader)
		_, known := b.found[at]
		_, held := b.held[at]
		if reader.GetPresence() != bridgev2.Presence_PRESENCE_CARD || held || known && !b.stale[at] {
			continue
		}
		b.looking = true
		delete(b.stale, at)
		go b.look(ctx, b.connection, at)
		return
	}
}

// look reads what the card tells without a PIN.
func (b *Bridge) look(ctx context.Context, connection *connection, at Place) {
	bounded, cancel := context.WithTimeout(ctx, lookTimeout)
	reply, err := connection.ask(bounded, &bridgev2.Request{Body: &bridgev2.Request_Look{
		Look: &bridgev2.Look{Place: &bridgev2.Place{Reader: at.Reader, Insertion: at.Insertion}},
	}}, nil)
	cancel()
	seen, err := answer(reply.GetCard(), err, "looking at the card")
	lying := Lying{Place: at, Phase: phaseOf(err), Err: err}
	if err == nil {
		lying.Contents = contentsOf(seen)
		lying.Phase = lying.Contents.phase(b.now())
	}
	b.mu.Lock()
	b.looking = false
	switch {
	case b.connection != connection:
	case passing(err):
		b.stale[at] = true
	default:
		b.found[at] = lying
	}
	b.mu.Unlock()
	if passing(err) && !wait(ctx, b.retry) {
		return
	}
	b.refreshIn(ctx)
}

// learn keeps what an act told of the tries that are left.
func (b *Bridge) learn(at Place, err error) {
	b.mu.Lock()
	b.acts--
	lying, known := b.found[at]
	var refusal *Refusal
	switch told := errors.As(err, &refusal) && refusal.Tries != nil; {
	case known && told:
		lying.Contents = lying.Contents.with(refusal.kind, *refusal.Tries)
		lying.Phase = lying.Contents.phase(b.now())
		b.found[at] = lying
	case known:
		b.stale[at] = true
	}
	b.mu.Unlock()
	b.refresh()
}

// passing says whether err comes from the moment and not from the card: the State that follows, or another look, tells
// more.
func passing(err error) bool {
	return slices.ContainsFunc([]error{
		ErrCardRemoved, ErrCardChanged, ErrHeld, ErrBusy, ErrBridgeGone, ErrNoReader, ErrServiceDown, context.Canceled,
	}, func(momentary error) bool { return errors.Is(err, momentary) })
}

func (b *Bridge) set(ctx context.Context, status Status) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if ctx.Err() != nil {
		return
	}
	// Searching again and again would flicker: what is wrong stays on the screen until something else is known.
	if status.Phase == Searching && b.status.Phase < ServiceDown {
		return
	}
	b.publish(status)
}

// publish tells the watchers. The caller holds the lock.
func (b *Bridge) publish(status Status) {
	status.Permission = b.permission
	b.status = status
	for _, told := range b.watchers {
		told(status)
	}
}

func alone(phase Phase) Status { return Status{Lying: Lying{Phase: phase}} }

func placeOf(reader *bridgev2.Reader) Place {
	return Place{Reader: reader.GetName(), Insertion: reader.GetInsertion()}
}

// pick chooses the card that matters and says how it stands with it. The caller holds the lock.
func (b *Bridge) pick() Status {
	if !b.state.GetServiceAvailable() {
		return alone(ServiceDown)
	}
	best := alone(NoReader)
	var possible []Lying
	for _, reader := range b.state.GetReaders() {
		lying := b.lying(reader)
		if merit(lying.Phase) > merit(best.Phase) {
			best.Lying = lying
		}
		// The one that was chosen stays so while another program has it.
		if merit(lying.Phase) == merit(Ready) || lying.Phase == BusyCard && lying.Place == b.chosen {
			possible = append(possible, lying)
		}
	}
	if len(possible) == 0 || len(possible) == 1 && !b.left[possible[0].Place] {
		return best
	}
	best.Cards = possible
	if i := slices.IndexFunc(possible, func(l Lying) bool { return l.Place == b.chosen }); i >= 0 {
		best.Lying = possible[i]
		return best
	}
	best.Lying = Lying{Phase: SeveralCards}
	if slices.ContainsFunc(possible, func(l Lying) bool { return l.Phase == Reading }) {
		best.Phase = Reading // it may be a card that nobody means
	}
	return best
}

func (b *Bridge) lying(reader *bridgev2.Reader) Lying {
	place := placeOf(reader)
	lying := Lying{Place: place, Phase: NoCard}
	switch presence := reader.GetPresence(); presence {
	case bridgev2.Presence_PRESENCE_MUTE:
		lying.Phase = MuteCard
	case bridgev2.Presence_PRESENCE_BUSY, bridgev2.Presence_PRESENCE_CARD:
		lying.Phase = Reading
		if found, known := b.found[place]; known {
			lying = found
		}
		if why, is := b.rejected[place]; is {
			lying.Phase, lying.Err = Rejected, why
		}
		since, held := b.held[place]
		switch long := held && time.Since(since) >= b.heldNews; {
		case long && presence == bridgev2.Presence_PRESENCE_BUSY:
			lying.Phase = BusyCard
		case long:
			lying.Phase, lying.HolderOrigin, lying.HolderPurpose = HeldCard, reader.GetHolderOrigin(),
				reader.GetHolderPurpose()
		}
	}
	lying.PINPad = reader.GetPinPad()
	return lying
}

// merit says how likely it is that a person means the card. Those that may be a My Number Card have the highest, all
// the same.
func merit(phase Phase) int {
	switch phase {
	case NoReader:
		return 0
	case NoCard:
		return 1
	case NotMyNumber, OldCard:
		return 2
	case MuteCard:
		return 3
	case BusyCard:
		return 4
	}
	return 5
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

// phaseOf says what is known of a card that could not be looked at.
func phaseOf(err error) Phase {
	switch {
	case errors.Is(err, ErrOldCard):
		return OldCard
	case errors.Is(err, ErrNotMyNumberCard):
		return NotMyNumber
	case errors.Is(err, ErrNoCertificate):
		return NoCertificate
	case errors.Is(err, ErrMute):
		return MuteCard
	}
	return Unreadable
}
