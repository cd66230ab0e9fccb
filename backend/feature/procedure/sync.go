// Package procedure is ぴったりサービス: it keeps the index of the catalogue current, answers searches, shows a procedure, lays
// places side by side, and takes in what offices register. What a procedure is, how it is stored and when it is due is
// the catalogue's (backend/japan/catalog).
package procedure

import (
	"context"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"madoguchi/backend/door/access"
	"madoguchi/backend/feature/procedure/entry"
	"madoguchi/backend/japan/catalog"
	"madoguchi/backend/japan/catalog/index"
	"madoguchi/proto/clock"
)

const (
	// pollEvery is how soon an instance learns what another one took in.
	pollEvery = 2 * time.Second
	// keepEvery is how often at most the index is written down while the catalogue changes.
	keepEvery = 5 * time.Minute
	// fillAgain is the pause after a store that does not answer.
	fillAgain = time.Second
	// comeBack is when to ask again while the index is being filled.
	comeBack  = 500 * time.Millisecond
	leaveTime = 5 * time.Second
)

// Catalog is the index with what keeps it current. Until it has been filled, whoever asks is told to come back in a
// moment.
type Catalog struct {
	store *entry.Store
	now   func() time.Time
	file  string // in which the index is kept between two runs; "" for nowhere

	filled chan struct{} // closed when index is there
	index  *index.Index  // read after filled alone

	mu           sync.Mutex // one filling or refresh at a time
	revision     int64
	day          string
	keptRevision int64
	keptDay      string
	keptAt       time.Time

	wake      chan struct{}
	every     time.Duration
	fillAgain time.Duration
}

// NewCatalog makes a catalogue that is yet to be filled, by Fill or Run. The file is where the index is kept between
// two runs, so that a restart need not read everything; "" for nowhere.
func NewCatalog(store *entry.Store, now func() time.Time, file string) *Catalog {
	return &Catalog{
		store: store, now: now, file: file, filled: make(chan struct{}), wake: make(chan struct{}, 1), every: pollEvery,
		fillAgain: fillAgain,
	}
}

// Fill takes the index that the last run kept, or reads everything that is in force today.
func (c *Catalog) Fill(ctx context.Context) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.isFilled() {
		return nil
	}
	begin := time.Now()
	x, err := c.take(ctx)
	if err != nil {
		return err
	}
	from := c.file
	if x == nil {
		from = "database"
		if x, err = c.scan(ctx); err != nil {
			return err
		}
	}
	c.index = x
	if err := c.refresh(ctx); err != nil { // what came meanwhile, and what changed since it was kept
		c.index = nil
		return err
	}
	close(c.filled)
	slog.InfoContext(ctx, "the catalogue can be searched", "entries", x.Size().Entries, "from", from, "took",
		time.Since(begin).Round(time.Millisecond))
	if err := c.keep(ctx); err != nil {
		slog.WarnContext(ctx, "the next start will take longer", "error", err)
	}
	return nil
}

// take gives the index that was kept; nil when there is none to be used.
func (c *Catalog) take(ctx context.Context) (*index.Index, error) {
	if c.file == "" {
		return nil, nil
	}
	fingerprint, err := index.Fingerprint(catalog.Definitions(), catalog.Categories())
	if err != nil {
		return nil, err
	}
	x, l, err := c.kept(ctx, fingerprint)
	if ctx.Err() != nil {
		return nil, ctx.Err()
	}
	if err != nil {
		slog.WarnContext(ctx, "the index that was kept is not used, a new one is made", "file", c.file, "reason", err)
		return nil, nil
	}
	if x != nil {
		c.revision, c.day = l.Revision, string(l.Day[:])
		c.keptRevision, c.keptDay, c.keptAt = c.revision, c.day, c.now()
	}
	return x, nil
}

// scan reads everything.
func (c *Catalog) scan(ctx context.Context) (*index.Index, error) {
	x := index.New(catalog.Definitions(), catalog.Categories())
	revision, err := c.store.Revision(ctx) // before the scan: what comes meanwhile is read again
	if err != nil {
		return nil, err
	}
	day := c.today()
	err = c.store.Scan(ctx, day, func(place string, versions []entry.Version) {
		x.Replace(place, entries(place, versions))
	})
	if err != nil {
		return nil, err
	}
	c.revision, c.day = revision, day
	return x, nil
}

func (c *Catalog) isFilled() bool {
	select {
	case <-c.filled:
		return true
	default:
		return false
	}
}

// ready is the error for who asks before there is an answer.
func (c *Catalog) ready(ctx context.Context) error {
	if c.isFilled() {
		return nil
	}
	return access.Starting(ctx, comeBack)
}

func (c *Catalog) today() string { return clock.Day(c.now()) }

// Refresh takes over what has changed since the last time, and what a new day brought into force.
func (c *Catalog) Refresh(ctx context.Context) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if !c.isFilled() {
		return nil
	}
	if err := c.refresh(ctx); err != nil {
		return err
	}
	if c.now().Sub(c.keptAt) < keepEvery {
		return nil
	}
	return c.keep(ctx)
}

func (c *Catalog) refresh(ctx context.Context) error {
	revision, err := c.store.Revision(ctx)
	if err != nil {
		return err
	}
	day := c.today()
	var places []string
	if revision > c.revision {
		changed, err := c.store.Changed(ctx, c.revision)
		if err != nil {
			return err
		}
		places = append(places, changed...)
	}
	if day > c.day {
		turned, err := c.store.Turned(ctx, c.day, day)
		if err != nil {
			return err
		}
		places = append(places, turned...)
	}
	for _, place := range places {
		versions, err := c.store.OfPlace(ctx, place, day)
		if err != nil {
			return fmt.Errorf("taking %s over: %w", place, err)
		}
		c.index.Replace(place, entries(place, versions))
	}
	c.revision, c.day = revision, day
	return nil
}

// Run fills the index and keeps it current until ctx ends; then it writes down what changed.
func (c *Catalog) Run(ctx context.Context) {
	for {
		err := c.Fill(ctx)
		if ctx.Err() != nil {
			return
		}
		if err == nil {
			break
		}
		slog.ErrorContext(ctx, "the catalogue cannot be searched yet: it could not be read, and is tried again", "in",
			c.fillAgain, "error", err)
		select {
		case <-ctx.Done():
			return
		case <-time.After(c.fillAgain):
		}
	}
	ticker := time.NewTicker(c.every)
	defer ticker.Stop()
	for {
		select {
		case <-ctx.Done():
			c.leave(ctx)
			return
		case <-ticker.C:
		case <-c.wake:
		}
		if err := c.Refresh(ctx); err != nil && ctx.Err() == nil {
			slog.ErrorContext(ctx, "the catalogue's index could not be brought up to date", "error", err)
		}
	}
}

// leave writes down, at the end of a run, what changed since it was written.
func (c *Catalog) leave(ctx context.Context) {
	limit, cancel := context.WithTimeout(context.WithoutCancel(ctx), leaveTime)
	defer cancel()
	c.mu.Lock()
	defer c.mu.Unlock()
	if err := c.keep(limit); err != nil {
		slog.WarnContext(ctx, "the next start will take longer", "error", err)
	}
}

// changed has the index look at once.
func (c *Catalog) changed() {
	select {
	case c.wake <- struct{}{}:
	default:
	}
}

func entries(place string, versions []entry.Version) []index.Entry {
	list := make([]index.Entry, len(versions))
	for i, v := range versions {
		list[i] = index.EntryOf(place, v.Content)
	}
	return list
}

// Registered tells where, and under which number, the definitions that hold in a place are registered.
func (c *Catalog) Registered(ctx context.Context, place string, definitions []string) (map[string]index.Hit, error) {
	if err := c.ready(ctx); err != nil {
		return nil, err
	}
	return c.index.Registered(place, definitions), nil
}
