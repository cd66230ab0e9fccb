package rpc

import (
	"bytes"
	"sync"

	"madoguchi/frontend/reach/chance"
)

// acts gives each act of the person that changes something a key (Idempotency-Key), under which the portal does it
// once, however often it is sent. The same request is the same act for as long as nobody knows what became of it: while
// it is under way (a button pressed twice), and when its answer was lost (the person presses again). Something else in
// between makes it another.
type acts struct {
	mu        sync.Mutex
	key       string // of the act that is not settled; "" when none is
	procedure string
	request   []byte
}

func (a *acts) begin(procedure string, request []byte) (key string) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.key == "" || a.procedure != procedure || !bytes.Equal(a.request, request) {
		a.key, a.procedure, a.request = chance.Text(), procedure, request
	}
	return a.key
}

// settle ends the act of a key: the portal has said what became of it.
func (a *acts) settle(key string) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.key == key {
		a.key, a.procedure, a.request = "", "", nil
	}
}
