package relay

import (
	"strings"
	"testing"
	"time"

	bridgev1 "madoguchi/proto/gen/bridge/v1"

	"github.com/gorilla/websocket"
	"google.golang.org/protobuf/proto"
)

// Who was too fast is heard again after a pause.
func TestWhoWasTooFastIsHeardAgain(t *testing.T) {
	h := open(t, func(c *Config) { c.FramesPerSecond, c.FramesAtOnce = 20, 3 })
	p := h.connect(t)
	tooFast, heard := 0, 0
	for heard < 5 || tooFast == 0 {
		switch code := p.ask(releaseFrame()).GetError().GetCode(); code {
		case bridgev1.ErrorCode_ERROR_CODE_TOO_FAST:
			tooFast++
			heard = 0
			time.Sleep(time.Millisecond) // patience is counted
		case bridgev1.ErrorCode_ERROR_CODE_NOT_ACQUIRED:
			heard++
			if tooFast == 0 {
				continue
			}
			time.Sleep(100 * time.Millisecond) // slower than the limit, so that it stays open
		default:
			t.Fatal(code)
		}
	}
}

// Who goes on and on is shut out, and the card they held is free; whoever comes next is served.
func TestWhoNeverSlowsDownIsShutOut(t *testing.T) {
	h := open(t, func(c *Config) { c.FramesPerSecond, c.FramesAtOnce, c.ConnectionsPerOrigin = 0.001, 2, 1 }) // Hello and the card
	lay(t, h, 0, "yamada-hanako")
	p := h.connect(t)
	p.acquire()
	go func() {
		frame, err := proto.Marshal(&bridgev1.Request{Id: 1 << 20, Body: releaseFrame().GetBody()})
		if err != nil {
			t.Error(err)
		}
		for p.socket.WriteMessage(websocket.BinaryMessage, frame) == nil {
		}
	}()
	answers := 0
	for {
		_ = p.socket.SetReadDeadline(time.Now().Add(10 * time.Second))
		if _, _, err := p.socket.ReadMessage(); err != nil {
			break // with or without the reason: what was still under way when the bridge closed may undo it
		}
		if answers++; answers > 2*patience {
			t.Fatal("it is answered for ever")
		}
	}
	if !strings.Contains(h.log.String(), `why="too many frames"`) {
		t.Error("shut out for another reason")
	}
	for deadline := time.Now().Add(10 * time.Second); ; time.Sleep(10 * time.Millisecond) {
		if holders, _ := h.server.held(); len(holders) == 0 {
			break
		}
		if time.Now().After(deadline) {
			t.Fatal("the card is not free")
		}
	}
	for { // the one place of this origin is free as soon as the connection is gone
		socket, _, err := websocket.DefaultDialer.Dial("ws://"+h.address+"/v1", map[string][]string{"Origin": {testOrigin}, "Sec-Websocket-Protocol": {Subprotocol}})
		if err == nil {
			socket.Close()
			break
		}
		if t.Context().Err() != nil {
			t.Fatal(err)
		}
		time.Sleep(10 * time.Millisecond)
	}
}
