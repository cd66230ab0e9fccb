package office

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"sync"
	"time"

	"connectrpc.com/connect"

	"madoguchi/backend/sandbox/introduction"
	"madoguchi/backend/sandbox/part"
	"madoguchi/backend/sandbox/resident"
	officev1 "madoguchi/proto/gen/office/v1"
	"madoguchi/proto/gen/office/v1/officev1connect"
)

const (
	pollInterval = time.Second
	maxBackoff   = 5 * time.Second
	callTimeout  = 10 * time.Second
	pageSize     = 1000
)

// ErrNotIntroduced says that the portal has not introduced this resident to the office: no user folder yet.
var ErrNotIntroduced = errors.New(
	"the portal has not introduced this person to the office yet: the person logs in first",
)

// Clerk does one office's work at the gateway: learns who was introduced, and does what its duties ask for. It knows
// no duty by name.
type Clerk struct {
	Office  Office
	gateway string
	part    *part.Part
	through map[string]*http.Client // by the name of a duty; "" for what is no duty's
	duties  map[string]*part.Part   // by the name of a duty
	key     []byte
	outbox  *Outbox
	now     func() time.Time
	pace    time.Duration // from one step of an application to the next
	stamps  *x509.CertPool

	turn sync.Mutex // held during a whole sync
	// met are the duties that have done what was due since the gateway was last out of reach; "" stands for the
	// office itself.
	met map[string]bool

	mu    sync.Mutex // never held while the gateway is asked
	state state
}

// state is what an office keeps between runs.
type state struct {
	Cursor string `json:"cursor"`
	// Records maps identifiers (機関別符号) to record numbers of residents.
	Records map[string]string `json:"records"`
}

// Config is what a clerk needs.
type Config struct {
	Gateway string // base URL
	TLS     *tls.Config
	// Stranger is with whose certificate the office calls when it is wrong.
	Stranger tls.Certificate
	// Key opens introductions.
	Key []byte
	// World is where the office and its duties have their switches, and the office what it keeps.
	World  *part.World
	Outbox *Outbox
	// Pace is how long the office takes from one step of an application to the next.
	Pace time.Duration
	// Stamps is whose time stamps it believes; nil where it does not ask by whom they are.
	Stamps *x509.CertPool
}

// NewClerk reads the office's state. The gateway is not called yet and may be down.
func NewClerk(o Office, c Config) (*Clerk, error) {
	duties := map[string]*part.Part{}
	for _, d := range Duties() {
		name, what := d.Title()
		p, err := c.World.Add(d.Name(), name, what)
		if err != nil {
			return nil, err
		}
		duties[d.Name()] = p
	}
	own, err := c.World.Add(o.ID, o.Name, "機関。ポータルの機関用の入口を呼びます")
	if err != nil {
		return nil, err
	}
	clerk := &Clerk{
		Office: o, gateway: c.Gateway, part: own, through: map[string]*http.Client{},
		duties: duties, key: c.Key, outbox: c.Outbox, now: time.Now, pace: c.Pace, stamps: c.Stamps,
		met: map[string]bool{},
	}
	strange := c.TLS.Clone()
	strange.Certificates = []tls.Certificate{c.Stranger}
	wrong := part.WrongCalls(transport(strange))
	through := part.Transport(own, transport(c.TLS), wrong)
	clerk.through[""] = &http.Client{Transport: through, Timeout: callTimeout}
	for name, p := range duties {
		clerk.through[name] = &http.Client{Transport: part.Transport(p, through, wrong), Timeout: callTimeout}
	}
	// A state that is missing or damaged is begun: the gateway tells everything from the beginning, and references
	// keep notices single.
	if !own.Kept(&clerk.state) || clerk.state.Records == nil {
		clerk.state = state{Records: map[string]string{}}
	}
	return clerk, nil
}

func transport(config *tls.Config) *http.Transport {
	return &http.Transport{TLSClientConfig: config, ForceAttemptHTTP2: true, IdleConnTimeout: time.Minute}
}

// dial makes a client of one of the gateway's services, as a duty uses it; no duty for what is the office's own.
func dial[C any](c *Clerk, d Duty, client func(connect.HTTPClient, string, ...connect.ClientOption) C) C {
	return client(c.through[nameOf(d)], c.gateway, connect.WithGRPC())
}

func nameOf(d Duty) string {
	if d == nil {
		return ""
	}
	return d.Name()
}

// dialStream is dial for what stays open.
func dialStream[C any](c *Clerk, d Duty, client func(connect.HTTPClient, string, ...connect.ClientOption) C) C {
	open := &http.Client{Transport: c.through[nameOf(d)].Transport}
	return client(open, c.gateway, connect.WithGRPC())
}

// Run works until the context ends. While the gateway is out of reach it keeps trying.
func (c *Clerk) Run(ctx context.Context) {
	var workers sync.WaitGroup
	defer workers.Wait()
	for _, d := range Duties() {
		if w, ok := d.(Worker); ok && c.Office.Has(d) {
			workers.Go(func() { c.work(ctx, w) })
		}
	}
	wait := pollInterval
	for {
		err := c.Sync(ctx)
		if ctx.Err() != nil {
			return
		}
		if !errors.Is(err, part.ErrBroken) {
			c.outbox.reached(c.Office, err)
		}
		if err != nil {
			wait = min(2*wait, maxBackoff)
		} else {
			wait = pollInterval
		}
		select {
		case <-ctx.Done():
			return
		case <-time.After(wait):
		}
	}
}

// work does what a duty does all the time, until the context ends.
func (c *Clerk) work(ctx context.Context, w Worker) {
	wait := pollInterval
	for ctx.Err() == nil {
		if err := w.Work(ctx, c); err != nil {
			wait = min(2*wait, maxBackoff)
		} else {
			wait = pollInterval / 4
		}
		select {
		case <-ctx.Done():
		case <-time.After(wait):
		}
	}
}

// Sync asks the gateway once for what is new and has the duties do what is due. What one of them cannot do holds up
// no other.
func (c *Clerk) Sync(ctx context.Context) error {
	c.turn.Lock()
	defer c.turn.Unlock()
	if !c.met[""] {
		if err := c.meet(ctx); err != nil {
			return err
		}
	}
	var failed []error
	for _, d := range Duties() {
		if !c.Office.Has(d) || c.met[d.Name()] {
			continue
		}
		if err := d.Meet(ctx, c); err != nil {
			failed = append(failed, err)
			continue
		}
		c.met[d.Name()] = true
	}
	if err := c.listen(ctx); err != nil {
		clear(c.met) // when it answers again it may be another portal
		failed = append(failed, err)
	}
	return errors.Join(failed...)
}

// listen takes in who was introduced or left since the last time.
func (c *Clerk) listen(ctx context.Context) error {
	persons := dial(c, nil, officev1connect.NewPersonServiceClient)
	for {
		cursor := c.cursor()
		page, err := persons.ListPersons(ctx, &officev1.ListPersonsRequest{Cursor: cursor, PageSize: pageSize})
		if connect.CodeOf(err) == connect.CodeInvalidArgument && cursor != "" {
			c.forget() // a cursor of another portal's
			continue
		}
		if err != nil {
			return fmt.Errorf("listing persons: %w", err)
		}
		for _, p := range page.GetPersons() {
			if err := c.take(ctx, p); err != nil {
				return err
			}
		}
		if page.GetCursor() != "" && page.GetCursor() != cursor {
			if err := c.moveOn(page.GetCursor()); err != nil {
				return err
			}
		}
		if len(page.GetPersons()) == 0 {
			return nil
		}
	}
}

// meet looks whom it has before it when the gateway is reached after a silence: it may be a portal that was begun
// anew, to which the kept state means nothing.
func (c *Clerk) meet(ctx context.Context) error {
	persons := dial(c, nil, officev1connect.NewPersonServiceClient)
	first, err := persons.ListPersons(ctx, &officev1.ListPersonsRequest{PageSize: 1})
	if err != nil {
		return fmt.Errorf("listing persons: %w", err)
	}
	known := len(first.GetPersons()) > 0 && c.record(first.GetPersons()[0].GetIdentifier()) != ""
	if !known {
		// Wrongly so when the first one is new or has left since: then all is read again, which does no harm.
		c.forget()
	}
	c.met[""] = true
	return nil
}

// take learns of one person. The duties have done their part before the cursor moves on: after a crash they do it
// again.
func (c *Clerk) take(ctx context.Context, p *officev1.Person) error {
	if p.GetLeft() || len(p.GetIntroduction()) == 0 {
		c.mu.Lock()
		defer c.mu.Unlock()
		delete(c.state.Records, p.GetIdentifier())
		return nil
	}
	record, err := introduction.Open(c.key, c.Office.ID, p.GetIntroduction())
	if err != nil {
		slog.Warn("passing over a person", "office", c.Office.Name, "err", err)
		return nil
	}
	r, ok := resident.ByRecord(record)
	if !ok {
		slog.Warn("passing over a person: the record number is unknown", "office", c.Office.Name)
		return nil
	}
	c.mu.Lock()
	c.state.Records[p.GetIdentifier()] = record
	c.mu.Unlock()
	var failed []error
	for _, d := range Duties() {
		if c.Office.Has(d) {
			failed = append(failed, d.Person(ctx, c, Person{Resident: r, Identifier: p.GetIdentifier()}))
		}
	}
	return errors.Join(failed...)
}

func (c *Clerk) cursor() string {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.state.Cursor
}

func (c *Clerk) record(identifier string) string {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.state.Records[identifier]
}

func (c *Clerk) forget() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.state = state{Records: map[string]string{}}
}

// moveOn keeps what was taken in.
func (c *Clerk) moveOn(cursor string) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.state.Cursor = cursor
	return c.part.Keep(c.state)
}

func (c *Clerk) identifier(record string) (string, bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for identifier, r := range c.state.Records {
		if r == record {
			return identifier, true
		}
	}
	return "", false
}

// Knows tells whether a resident has been introduced.
func (c *Clerk) Knows(r resident.Resident) bool {
	_, ok := c.identifier(r.Record)
	return ok
}

// Refused tells whether the portal refused something for good, rather than being out of reach.
func Refused(err error) bool {
	if err == nil {
		return false
	}
	switch connect.CodeOf(err) {
	case connect.CodeInvalidArgument, connect.CodeNotFound, connect.CodePermissionDenied,
		connect.CodeFailedPrecondition, connect.CodeAlreadyExists:
		return true
	}
	return false
}
