package search

import (
	"context"
	"sync"

	"github.com/maxence-charriere/go-app/v10/pkg/app"

	"madoguchi/frontend/frame/lang"
	"madoguchi/frontend/frame/shell"
	"madoguchi/frontend/part/catalog"
	portalv1 "madoguchi/proto/gen/portal/v1"
)

// mostFound is how many procedures stand among the answers of all features.
const mostFound = 5

// asking is the search that two finders share: the portal tells of procedures and of events of life in one answer.
var asking struct {
	sync.Mutex
	of   *shell.Asked
	done chan struct{}
	// found and err are there once done is closed.
	found found
	err   error
}

// shared asks once for what is asked twice at the same time.
func shared(ctx context.Context, a shell.Asked) (found, error) {
	asking.Lock()
	if asking.of != nil && *asking.of == a {
		done := asking.done
		asking.Unlock()
		select {
		case <-done:
		case <-ctx.Done():
			return found{}, ctx.Err()
		}
		asking.Lock()
		defer asking.Unlock()
		return asking.found, asking.err
	}
	done := make(chan struct{})
	asking.of, asking.done = &a, done
	asking.Unlock()
	f, err := look(ctx, wanted{state{place: a.Place, query: a.Words}, ""})
	shell.Turn(ctx) // reading the answer was work, and what is made of it is more
	if f.kept != nil {
		err = nil // what the device keeps is an answer
	}
	asking.Lock()
	defer asking.Unlock()
	asking.found, asking.err, asking.of = f, err, nil
	close(done)
	return f, err
}

func findEvents(ctx context.Context, a shell.Asked) ([]shell.Hit, error) {
	f, err := shared(ctx, a)
	if err != nil {
		return nil, nil //nolint:nilerr // the other finder says so
	}
	var hits []shell.Hit
	for _, e := range f.response.GetEvents() {
		hits = append(hits, shell.Hit{
			Title: lang.Local(e.GetTitle()).UI(), Href: eventPath(e, f.response.GetPlace()),
		})
	}
	return hits, nil
}

func findProcedures(ctx context.Context, a shell.Asked) ([]shell.Hit, error) {
	f, err := shared(ctx, a)
	if err != nil {
		return nil, err
	}
	shell.Turn(ctx) // after the other finder
	var r results
	r.take(f.response, f.state, false)
	var hits []shell.Hit
	for _, of := range [][]*portalv1.ProcedureHit{r.fits, r.unregistered, r.near} {
		for _, h := range of {
			if len(hits) == mostFound {
				return hits, nil
			}
			hits = append(hits, shell.Hit{Title: r.title(h), Href: r.address(h),
				Note: app.Span().Class("ask-notes").Body(
					catalog.Category(h.GetCategory()).Span(""), r.where(h), chip(h),
				)})
		}
	}
	return hits, nil
}
