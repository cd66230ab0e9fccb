// Package checklist is what is seen of a contract's client as it goes on: what it did of all that it must do, and what
// was wrong. Each feature with a contract for offices has a kit that plays the portal and notes here what it sees; what
// the client has to do says the kit.
package checklist

import "sync"

// Check is something that a client of a contract does.
type Check struct {
	Name string
	Done bool
	// Wrong says what is not as the contract has it; "" when nothing is.
	Wrong string
	// harmless: it is passed by what the client does not do, which is known at the end.
	harmless bool
}

func (c Check) settled() bool { return c.Done || c.Wrong != "" }

// List is the checks of one client, in their order. Several goroutines may use it at once.
type List struct {
	mu      sync.Mutex
	checks  []*Check
	changed chan struct{}
}

// New makes a list of what a client has to do.
func New(names ...string) *List {
	l := &List{changed: make(chan struct{})}
	l.Add(names...)
	return l
}

// Add has the client do more.
func (l *List) Add(names ...string) { l.add(false, names) }

// AddNever adds what a client must not do: it is passed when all else is settled, and nothing was wrong.
func (l *List) AddNever(names ...string) { l.add(true, names) }

func (l *List) add(harmless bool, names []string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, name := range names {
		l.checks = append(l.checks, &Check{Name: name, harmless: harmless})
	}
}

// Note notes that the client does something or, when wrong is not empty, what of it is. What was wrong once stays so.
func (l *List) Note(name, wrong string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, c := range l.checks {
		if c.Name != name || c.Wrong != "" || wrong == "" && c.Done {
			continue
		}
		c.Wrong, c.Done = wrong, wrong == ""
		l.wake()
	}
}

// Settled tells whether the client did something, or did it wrongly; false of what is not on the list.
func (l *List) Settled(name string) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, c := range l.checks {
		if c.Name == name {
			return c.settled()
		}
	}
	return false
}

// Report is how far the client has come; whole when there is nothing left to be seen.
func (l *List) Report() (checks []Check, whole bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	whole = true
	for _, c := range l.checks {
		whole = whole && (c.harmless || c.settled())
	}
	for _, c := range l.checks {
		one := *c
		one.Done = one.Done || whole && one.Wrong == ""
		checks = append(checks, one)
	}
	return checks, whole
}

// Changed is closed when the report becomes another, or Wake is called.
func (l *List) Changed() <-chan struct{} {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.changed
}

// Wake wakes who waits for a change, though no check became another.
func (l *List) Wake() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.wake()
}

func (l *List) wake() {
	close(l.changed)
	l.changed = make(chan struct{})
}
