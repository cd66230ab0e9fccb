//go:build linux

package pcscdtest

import (
	"encoding/binary"
	"io"
	"net"
	"sync"
)

// Answer gives what lies in a slot a word on one message of vpcd: of one byte a control message (4 asks for the ATR,
// the others want no answer), longer a command. nil is silence: the reader waits on.
type Answer func(message []byte) []byte

// InsertRaw lays something into a slot that is no good card, and returns at once. remove takes it out; the end of the
// test does so too.
func (d *Daemon) InsertRaw(slot int, answer Answer) (remove func()) {
	d.t.Helper()
	conn, err := net.Dial("tcp", d.slots[slot])
	if err != nil {
		d.t.Fatalf("inserting into slot %d: %v", slot, err)
	}
	gone := make(chan struct{})
	go func() {
		defer close(gone)
		for {
			var length [2]byte
			if _, err := io.ReadFull(conn, length[:]); err != nil {
				return
			}
			message := make([]byte, binary.BigEndian.Uint16(length[:]))
			if _, err := io.ReadFull(conn, message); err != nil {
				return
			}
			a := answer(message)
			if a == nil {
				continue
			}
			if _, err := conn.Write(append(binary.BigEndian.AppendUint16(nil, uint16(len(a))), a...)); err != nil {
				return
			}
		}
	}()
	remove = sync.OnceFunc(func() {
		_ = conn.Close() // pcscd may have hung up before
		<-gone
	})
	d.t.Cleanup(remove)
	return remove
}
