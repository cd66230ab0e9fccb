package limit

import (
	"container/list"
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
	loose     map[string]*list.List // of *Place that may be taken away, the oldest first, by key
	teller    teller
}

// NewPlaces makes places; name is the limit's in the security log.
func NewPlaces(name string, all, each int) *Places {
	return &Places{
		all: all, each: each, byKey: map[string]int{}, loose: map[string]*list.List{}, teller: teller{limit: name},
	}
}

// Place is one that Enter gave.
type Place struct {
	places *Places
	key    string
	evict  func()
	loose  *list.Element // nil when it cannot be taken away any more
	left   bool
}

// Enter takes a place for a key; nil when there is none. When all are taken, whoever holds fewer goes before whoever
// holds more: the key with the most loses its oldest place, and evict is called for it, which must be quick, ends what
// is under way, and is never called after Leave or Keep.
func (p *Places) Enter(key string, evict func()) *Place {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.taken >= p.all && p.byKey[key] < p.each {
		p.makeRoom(key)
	}
	if p.taken >= p.all || p.byKey[key] >= p.each {
		p.teller.tell(key, time.Now())
		return nil
	}
	p.taken++
	p.byKey[key]++
	place := &Place{places: p, key: key, evict: evict}
	if p.loose[key] == nil {
		p.loose[key] = list.New()
	}
	place.loose = p.loose[key].PushBack(place)
	return place
}

func (p *Places) makeRoom(key string) {
	most := p.byKey[key] + 1
	var oldest *Place
	for other, places := range p.loose {
		if places.Len() > most && other != key {
			most, oldest = places.Len(), places.Front().Value.(*Place)
		}
	}
	if oldest == nil {
		return
	}
	p.teller.tell(oldest.key, time.Now())
	oldest.evict()
	oldest.leave()
}

// Leave gives the place back; once is enough.
func (p *Place) Leave() {
	p.places.mu.Lock()
	defer p.places.mu.Unlock()
	p.leave()
}

func (p *Place) leave() {
	if p.left {
		return
	}
	p.left = true
	p.tighten()
	p.places.give(p.key, 1)
}

// Keep makes a place one that is not taken away; false when it has been.
func (p *Place) Keep() bool {
	p.places.mu.Lock()
	defer p.places.mu.Unlock()
	p.tighten()
	return !p.left
}

func (p *Place) tighten() {
	if p.loose == nil {
		return
	}
	same := p.places.loose[p.key]
	same.Remove(p.loose)
	if p.loose = nil; same.Len() == 0 {
		delete(p.places.loose, p.key)
	}
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
	p.give(key, n)
}

func (p *Places) give(key string, n int) {
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

// Listener closes connections that find no place, at once; the others hold theirs until they are closed. Those for whom
// many come (a proxy that is known) are counted in all only: exempt says who.
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
