package softcard_test

import (
	"bytes"
	"context"
	"encoding/binary"
	"io"
	"net"
	"strings"
	"testing"
	"time"

	"madoguchi/bridge/softcard"
	"madoguchi/bridge/softcard/softcardtest"
)

// reader is vpcd's side of the wire.
type reader struct {
	t    *testing.T
	conn net.Conn
	// served is what ServeVPCD returned.
	served chan error
	cancel context.CancelFunc
}

func newReader(t *testing.T, card *softcard.Card) *reader {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	ctx, cancel := context.WithCancel(t.Context())
	r := &reader{t: t, served: make(chan error, 1), cancel: cancel}
	go func() { r.served <- softcard.ServeVPCD(ctx, listener.Addr().String(), card) }()
	if r.conn, err = listener.Accept(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { cancel(); r.conn.Close() })
	if err := r.conn.SetDeadline(time.Now().Add(time.Minute)); err != nil {
		t.Fatal(err)
	}
	return r
}

func (r *reader) send(payload ...byte) {
	r.t.Helper()
	// In two writes, as vpcd does.
	if _, err := r.conn.Write(binary.BigEndian.AppendUint16(nil, uint16(len(payload)))); err != nil {
		r.t.Fatal(err)
	}
	if _, err := r.conn.Write(payload); err != nil {
		r.t.Fatal(err)
	}
}

func (r *reader) receive() []byte {
	r.t.Helper()
	var length [2]byte
	if _, err := io.ReadFull(r.conn, length[:]); err != nil {
		r.t.Fatal(err)
	}
	b := make([]byte, binary.BigEndian.Uint16(length[:]))
	if _, err := io.ReadFull(r.conn, b); err != nil {
		r.t.Fatal(err)
	}
	return b
}

func (r *reader) end(want string) {
	r.t.Helper()
	select {
	case err := <-r.served:
		if want == "" && err != nil || want != "" && (err == nil || !strings.Contains(err.Error(), want)) {
			r.t.Errorf("ended with %v, want %q", err, want)
		}
	case <-time.After(time.Minute):
		r.t.Fatal("the card did not leave")
	}
}

func TestVPCDWire(t *testing.T) {
	card := softcardtest.Card(t, "yamada-hanako")
	r := newReader(t, card)
	r.send(1)
	r.send(4)
	if atr := r.receive(); !bytes.Equal(atr, card.ATR()) {
		t.Errorf("ATR %X", atr)
	}
	r.send([]byte("\x00\xA4\x04\x0C\x0A\xD3\x92\xF0\x00\x26\x01\x00\x00\x00\x01")...)
	if answer := r.receive(); !bytes.Equal(answer, []byte{0x90, 0}) {
		t.Errorf("SELECT was answered with %X", answer)
	}
	r.send(2)
	r.send() // nothing is nothing
	r.send(0x00, 0xB0, 0, 0, 0)
	if answer := r.receive(); !bytes.Equal(answer, []byte{0x69, 0x86}) {
		t.Errorf("after a reset READ BINARY was answered with %X", answer)
	}
	r.send(0)
	r.send(4)
	r.receive()
	if card.Powered() {
		t.Error("the card has power")
	}
	r.cancel()
	r.end("")
}

func TestVPCDEnds(t *testing.T) {
	card := softcardtest.Card(t, "yamada-hanako")
	t.Run("it hangs up", func(t *testing.T) {
		r := newReader(t, card)
		r.conn.Close()
		r.end("hung up")
	})
	t.Run("in the middle of a message", func(t *testing.T) {
		r := newReader(t, card)
		if _, err := r.conn.Write([]byte{0, 5, 0, 0xA4}); err != nil {
			t.Fatal(err)
		}
		r.conn.Close()
		r.end("speaking to vpcd")
	})
	t.Run("an unknown control message", func(t *testing.T) {
		r := newReader(t, card)
		r.send(9)
		r.end("09")
	})
	t.Run("nobody listens", func(t *testing.T) {
		err := softcard.ServeVPCD(t.Context(), "127.0.0.1:1", card)
		if err == nil || !strings.Contains(err.Error(), "127.0.0.1:1") {
			t.Error(err)
		}
	})
}
