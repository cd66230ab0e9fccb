package limit

import (
	"net"
	"sync"
	"time"
)

// Places are held while something is under way: so many in all, and of those so many by one key.
type Places struct {
	mu        sync.Mutex
	all, each int
	taken     int
	byKey     map[string]int
	teller    teller
}

// NewPlaces makes places; name is the limit's in the security log.
func NewPlaces(name string, all, each int) *Places {
	return &Places{all: all, each: each, byKey: map[string]int{}, teller: teller{limit: name}}
}

// Take takes n places for a key; false when there are not so many left, and then it takes none.
func (p *Places) Take(key string, n int) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.taken+n > p.all || p.byKey[key]+n > p.each {
		p.teller.tell(key, time.Now())
		return false
	}
	p.taken += n
	p.byKey[key] += n
	return true
}

// Give gives back what was taken.
func (p *Places) Give(key string, n int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.taken -= n
	if p.byKey[key] -= n; p.byKey[key] <= 0 {
		delete(p.byKey, key)
	}
}

// Taken is how many places are held now.
func (p *Places) Taken() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.taken
}

// Listener closes connections that find no place, at once; the others hold theirs until they are closed. Those for whom many come (a
// proxy that is known) are counted in all only: exempt says who.
func Listener(l net.Listener, places *Places, exempt func(address string) bool) net.Listener {
	return &listener{l, places, exempt}
}

type listener struct {
	net.Listener
	places *Places
	exempt func(string) bool
}

func (l *listener) Accept() (net.Conn, error) {
	for {
		c, err := l.Listener.Accept()
		if err != nil {
			return nil, err
		}
		key := Address(c.RemoteAddr().String())
		if l.exempt(c.RemoteAddr().String()) {
			key = c.RemoteAddr().String() // one with its port is met once
		}
		if l.places.Take(key, 1) {
			return &connection{Conn: c, give: sync.OnceFunc(func() { l.places.Give(key, 1) })}, nil
		}
		_ = c.Close() // whoever it was hears nothing more
	}
}

type connection struct {
	net.Conn
	give func()
}

func (c *connection) Close() error {
	defer c.give()
	return c.Conn.Close()
}
