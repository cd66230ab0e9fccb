package office

import (
	"log/slog"
	"slices"
	"sync"
	"time"
)

// maxOutbox is how many entries of the outbox are kept.
const maxOutbox = 200

// Sent is one notice that went out, or that the portal refused.
type Sent struct {
	At     time.Time
	Office string
	// Audience is a name, or 全員 of a municipality or of the nation.
	Audience string
	Title    string
	Action   string
	Due      string
	// Trouble is empty when the portal took it.
	Trouble string
}

// Outbox remembers what all offices sent in this run, and which of them cannot send now.
type Outbox struct {
	mu     sync.Mutex
	sent   []Sent
	cutOff map[string]bool // names of offices
}

// reached logs when the first office loses the gateway and when the last one has it back: they mostly lose it together.
func (b *Outbox) reached(o Office, err error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	switch {
	case err == nil && b.cutOff[o.Name]:
		delete(b.cutOff, o.Name)
		if len(b.cutOff) == 0 {
			slog.Info("the gateway serves all offices")
		}
	case err != nil && len(b.cutOff) == 0:
		slog.Warn("the gateway does not serve; trying again until it does", "office", o.Name, "err", err)
		b.cutOff = map[string]bool{o.Name: true}
	case err != nil:
		b.cutOff[o.Name] = true
	}
}

// All gives the last entries, newest first.
func (b *Outbox) All() []Sent {
	b.mu.Lock()
	defer b.mu.Unlock()
	all := slices.Clone(b.sent)
	slices.Reverse(all)
	return all
}

func (b *Outbox) add(s Sent) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.sent = append(b.sent, s)
	if len(b.sent) > maxOutbox {
		b.sent = slices.Delete(b.sent, 0, len(b.sent)-maxOutbox)
	}
}
