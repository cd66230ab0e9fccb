//go:build !js

package e2e_test

import (
	"io"
	"net"
	"sync"
	"testing"
	"time"
)

// line is a telephone line to an address: so many bits a second in each direction, shared by all connections, and so
// long from one end to the other and back. The browser's own slowness leaves the loading of WebAssembly as it is.
type line struct {
	to        string
	roundTrip time.Duration
	down, up  *drip
}

// drip lets bytes through one after the other.
type drip struct {
	mu        sync.Mutex
	perSecond float64
	free      time.Time // when what was let through is through
}

// slowLine listens on a port of its own until the benchmark is over, and returns its address.
func slowLine(b *testing.B, to string, bitsPerSecond float64, roundTrip time.Duration) string {
	b.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { listener.Close() })
	bytes := bitsPerSecond / 8
	l := &line{to: to, roundTrip: roundTrip, down: &drip{perSecond: bytes}, up: &drip{perSecond: bytes}}
	go func() {
		for {
			caller, err := listener.Accept()
			if err != nil {
				return
			}
			go l.carry(caller)
		}
	}()
	return listener.Addr().String()
}

// carry connects a caller, who waits one round trip for that as for everything.
func (l *line) carry(caller net.Conn) {
	defer caller.Close()
	callee, err := net.Dial("tcp", l.to)
	if err != nil {
		return
	}
	defer callee.Close()
	time.Sleep(l.roundTrip)
	var both sync.WaitGroup
	both.Go(func() { l.way(callee, caller, l.up) })
	both.Go(func() { l.way(caller, callee, l.down) })
	both.Wait()
}

type parcel struct {
	bytes  []byte
	arrive time.Time
}

// way carries one direction: what comes in goes out half a round trip after the line had room for it.
func (l *line) way(to, from net.Conn, through *drip) {
	under := make(chan parcel, 64)
	go func() {
		defer close(under)
		for {
			b := make([]byte, 4<<10)
			n, err := from.Read(b)
			if n > 0 {
				under <- parcel{b[:n], through.take(n).Add(l.roundTrip / 2)}
			}
			if err != nil {
				return
			}
		}
	}()
	for p := range under {
		time.Sleep(time.Until(p.arrive))
		if _, err := to.Write(p.bytes); err != nil {
			from.Close()
			io.Copy(io.Discard, from)
			break
		}
	}
	for range under {
	}
	if half, ok := to.(*net.TCPConn); ok {
		half.CloseWrite()
	}
}

// take waits for room, and returns when the last of n bytes has left.
func (d *drip) take(n int) time.Time {
	d.mu.Lock()
	if now := time.Now(); d.free.Before(now) {
		d.free = now
	}
	d.free = d.free.Add(time.Duration(float64(n) / d.perSecond * float64(time.Second)))
	left := d.free
	d.mu.Unlock()
	time.Sleep(time.Until(left))
	return left
}
