// Package procedure is ぴったりサービス: it keeps the index of the catalogue current, answers searches, shows a procedure, lays places side by
// side, and takes in what offices register. What a procedure is, how it is stored and when it is due is the catalogue's (backend/catalog).
package procedure

import (
	"context"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"madoguchi/backend/calendar"
	"madoguchi/backend/catalog"
	"madoguchi/backend/catalog/index"
)

// pollEvery is how soon an instance learns what another one took in.
const pollEvery = 2 * time.Second

// Catalog is the index with what keeps it current.
type Catalog struct {
	store *catalog.Store
	index *index.Index
	now   func() time.Time

	mu       sync.Mutex // one refresh at a time
	revision int64
	day      string
	wake     chan struct{}
}

// NewCatalog loads everything that is in force today.
func NewCatalog(ctx context.Context, store *catalog.Store, now func() time.Time) (*Catalog, error) {
	c := &Catalog{store: store, index: index.New(catalog.Definitions(), catalog.Categories()), now: now, wake: make(chan struct{}, 1)}
	c.mu.Lock()
	defer c.mu.Unlock()
	revision, err := store.Revision(ctx) // before the scan: what comes meanwhile is read again
	if err != nil {
		return nil, err
	}
	day := c.today()
	err = store.Scan(ctx, day, func(place string, versions []catalog.Version) { c.index.Replace(place, entries(place, versions)) })
	if err != nil {
		return nil, err
	}
	c.revision, c.day = revision, day
	return c, nil
}

func (c *Catalog) today() string { return calendar.Today(c.now()).Format(time.DateOnly) }

// Refresh takes over what has changed since the last time, and what a new day brought into force.
func (c *Catalog) Refresh(ctx context.Context) error {
	c.mu.Lock()
	defer c.mu.Unlock()
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

// Run keeps the index current until ctx ends.
func (c *Catalog) Run(ctx context.Context) {
	ticker := time.NewTicker(pollEvery)
	defer ticker.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
		case <-c.wake:
		}
		if err := c.Refresh(ctx); err != nil && ctx.Err() == nil {
			slog.ErrorContext(ctx, "the catalogue's index could not be brought up to date", "error", err)
		}
	}
}

// changed has the index look at once.
func (c *Catalog) changed() {
	select {
	case c.wake <- struct{}{}:
	default:
	}
}

func entries(place string, versions []catalog.Version) []index.Entry {
	list := make([]index.Entry, len(versions))
	for i, v := range versions {
		list[i] = index.EntryOf(place, v.Content)
	}
	return list
}

// Registered tells where, and under which number, the definitions that hold in a place are registered.
func (c *Catalog) Registered(place string, definitions []string) map[string]index.Hit {
	return c.index.Registered(place, definitions)
}
