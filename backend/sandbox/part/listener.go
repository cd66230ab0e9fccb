package part

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"net"
	"sync/atomic"
)

// Listener stands before what a part serves on connections, one line in turn after another. A slow part lets each of
// its answers wait; a dead one resets whoever comes, and whoever is there.
func Listener(p *Part, good net.Listener, ways Ways[net.Conn]) net.Listener {
	ways.knows(p)
	return &listener{good, p, ways}
}

type listener struct {
	net.Listener
	part *Part
	ways Ways[net.Conn]
}

func (l *listener) Accept() (net.Conn, error) {
	for {
		raw, err := l.Listener.Accept()
		if err != nil {
			return nil, err
		}
		setting := l.part.Setting()
		if setting.Is == Dead {
			reset(raw)
			continue
		}
		ctx, end := context.WithCancel(context.Background())
		c := &conn{Conn: raw, part: l.part, ctx: ctx, end: end}
		c.due.Store(true) // whoever serves speaks first
		go c.dieWith()
		if setting.Is != Wrong {
			return c, nil
		}
		way := l.part.nextWay()
		slog.Info("answering wrongly, as the switch says", "part", l.part.ID, "way", string(way))
		return l.ways[way](c), nil
	}
}

// reset ends a connection so that the other side sees nobody there.
func reset(c net.Conn) {
	if tcp, ok := c.(*net.TCPConn); ok {
		_ = tcp.SetLinger(0) // it may be gone by itself
	}
	c.Close()
}

// conn is a connection that one part has.
type conn struct {
	net.Conn
	part *Part
	ctx  context.Context
	end  context.CancelFunc
	due  atomic.Bool // the next that is written begins an answer
}

// dieWith resets the connection when the part dies.
func (c *conn) dieWith() {
	for {
		setting, changed := c.part.now()
		if setting.Is == Dead {
			reset(c.Conn)
			return
		}
		select {
		case <-changed:
		case <-c.ctx.Done():
			return
		}
	}
}

func (c *conn) Read(into []byte) (int, error) {
	n, err := c.Conn.Read(into)
	if n > 0 {
		c.due.Store(true)
	}
	return n, err
}

// Write is only late here: in what is wrong is settled when a connection comes.
func (c *conn) Write(answer []byte) (int, error) {
	if c.due.Swap(false) && c.part.Setting().Is == Slow {
		if _, err := c.part.meet(c.ctx); err != nil {
			return 0, err
		}
	}
	return c.Conn.Write(answer)
}

func (c *conn) Close() error {
	c.end()
	return c.Conn.Close()
}

var errBrokenOff = errors.New("the connection was broken off, as the switch says")

// Saying makes connections on which this is said, and nothing more.
func Saying(what []byte) func(net.Conn) net.Conn {
	return func(good net.Conn) net.Conn { return &saying{good, what} }
}

type saying struct {
	net.Conn
	what []byte
}

func (s *saying) Write([]byte) (int, error) {
	_, err := s.Conn.Write(s.what)
	s.Close()
	return 0, errors.Join(errBrokenOff, err)
}

// BreakingOffAt makes connections that break off in the middle of the first answer that begins like this.
func BreakingOffAt(beginning []byte) func(net.Conn) net.Conn {
	return func(good net.Conn) net.Conn { return &breaking{good, beginning} }
}

type breaking struct {
	net.Conn
	at []byte
}

func (b *breaking) Write(answer []byte) (int, error) {
	if !bytes.HasPrefix(answer, b.at) {
		return b.Conn.Write(answer)
	}
	_, err := b.Conn.Write(answer[:len(answer)/2])
	b.Close()
	return 0, errors.Join(errBrokenOff, err)
}
