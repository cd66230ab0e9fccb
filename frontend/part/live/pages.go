package live

import (
	"context"
	"sync"

	"github.com/maxence-charriere/go-app/v10/pkg/app"

	portalv1 "madoguchi/proto/gen/portal/v1"
)

// Pages are the open pages of a feature, which look again when something of its kinds changed. The zero value has none.
type Pages struct {
	mu    sync.Mutex
	heard map[int]func()
	last  int
}

// Begin listens for some kinds from the start of the page on.
func (p *Pages) Begin(kinds ...portalv1.ChangeKind) {
	if !app.IsServer {
		On(func(context.Context, News) error {
			p.mu.Lock()
			defer p.mu.Unlock()
			for _, heard := range p.heard {
				heard()
			}
			return nil
		}, kinds...)
	}
}

// Listen has heard called when something changed; it must not block.
func (p *Pages) Listen(heard func()) (stop func()) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.heard == nil {
		p.heard = map[int]func(){}
	}
	p.last++
	id := p.last
	p.heard[id] = heard
	return func() {
		p.mu.Lock()
		defer p.mu.Unlock()
		delete(p.heard, id)
	}
}
