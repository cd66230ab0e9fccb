package db

import "sync"

// gathering runs what comes while a group is under way together, as the next group: one group at a time, in the order
// in which they came.
type gathering[T any] struct {
	size int // of a group, at most: the first of it does not wait for long
	run  func(group []T)

	lock    sync.Mutex
	waiting []T
	running bool
}

func (g *gathering[T]) add(one T) {
	g.lock.Lock()
	defer g.lock.Unlock()
	g.waiting = append(g.waiting, one)
	if !g.running {
		g.running = true
		go g.runAll()
	}
}

// runAll runs group after group, until nothing waits.
func (g *gathering[T]) runAll() {
	for {
		g.lock.Lock()
		n := min(g.size, len(g.waiting))
		group := g.waiting[:n:n]
		g.waiting = g.waiting[n:]
		g.running = n > 0
		g.lock.Unlock()
		if n == 0 {
			return
		}
		g.run(group)
	}
}
