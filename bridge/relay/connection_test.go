package relay

import (
	"bytes"
	"encoding/hex"
	"strings"
	"testing"
	"time"

	bridgev2 "madoguchi/proto/gen/bridge/v2"

	"github.com/gorilla/websocket"
	"google.golang.org/protobuf/proto"
)

func TestBadFrames(t *testing.T) {
	for name, c := range map[string]struct {
		kind  int
		frame []byte
		hello bool
		code  int // of the close; 0: the connection stays
	}{
		"not protobuf": {websocket.BinaryMessage, []byte{0xFF, 0xFF}, true, websocket.CloseProtocolError},
		"no id":        {websocket.BinaryMessage, nil, true, websocket.CloseProtocolError},
		"text":         {websocket.TextMessage, []byte("hello"), true, websocket.CloseUnsupportedData},
		"too long": {
			websocket.BinaryMessage, make([]byte, maxFrame+1), true, websocket.CloseMessageTooBig,
		},
		"full, and no protobuf": {websocket.BinaryMessage, make([]byte, maxFrame), true, websocket.CloseProtocolError},
		"no Hello": {
			websocket.BinaryMessage, []byte{0x08, 1, 0x1A, 0}, false, websocket.ClosePolicyViolation,
		},
		"a misleading Hello": {
			websocket.BinaryMessage, []byte("\x08\x01\x12\x05\x0A\x03\xE2\x80\xAE"), false,
			websocket.ClosePolicyViolation,
		},
		"no body":              {websocket.BinaryMessage, []byte{0x08, 9}, true, 0},
		"a body of version 1":  {websocket.BinaryMessage, []byte{0x08, 9, 0xAA, 0x01, 0}, true, 0},
		"an id for the second": {websocket.BinaryMessage, []byte{0x08, 1, 0x1A, 0}, true, 0},
		"Hello again":          {websocket.BinaryMessage, []byte{0x08, 9, 0x12, 0}, true, 0},
	} {
		t.Run(name, func(t *testing.T) {
			h := open(t, nil)
			p := h.dial(t, testOrigin)
			if c.hello {
				p.ask(hello(""))
			}
			if err := p.socket.WriteMessage(c.kind, c.frame); err != nil {
				t.Fatal(err)
			}
			_ = p.socket.SetReadDeadline(time.Now().Add(time.Minute))
			if c.code == 0 {
				for r := p.receive(); ; r = p.receive() {
					if r.GetState() == nil {
						if r.GetError().GetCode() != bridgev2.ErrorCode_ERROR_CODE_BAD_FRAME {
							t.Errorf("%v", r)
						}
						break
					}
				}
				p.id = 20
				p.refused(lookFrame(h.place(0)), bridgev2.ErrorCode_ERROR_CODE_CARD_REMOVED)
				return
			}
			for {
				if _, _, err := p.socket.ReadMessage(); err != nil {
					if !websocket.IsCloseError(err, c.code) {
						t.Errorf("%v, want %d", err, c.code)
					}
					return
				}
			}
		})
	}
}

// Ids that stand still or fall, and frames out of order: none of them begins an act.
func TestFramesOutOfOrder(t *testing.T) {
	h := open(t, nil)
	lay(t, h, 0, "yamada-hanako")
	p := h.connect(t)
	p.id = 99
	if p.signIn("1234").GetSignature() == nil {
		t.Fatal("an id that leaps")
	}
	h.tap.since()
	for _, id := range []uint32{100, 50, 1} {
		p.id = id - 1
		p.refused(signFrame(h.place(0), secret("1234"), challenge(testOrigin)), bridgev2.ErrorCode_ERROR_CODE_BAD_FRAME)
	}
	if n := len(h.tap.since()); n != 0 {
		t.Errorf("%d commands", n)
	}
}

func TestRateAndConnections(t *testing.T) {
	h := open(t, func(c *Config) {
		c.FramesPerSecond, c.FramesAtOnce = 0.001, 3
		c.Connections, c.ConnectionsPerOrigin, c.HelloTimeout = 3, 2, 200*time.Millisecond
	})
	lay(t, h, 0, "yamada-hanako")
	p := h.connect(t)
	p.ask(lookFrame(h.place(0)))
	p.ask(lookFrame(h.place(0)))
	h.tap.since()
	p.refused(signFrame(h.place(0), secret("1234"), challenge(testOrigin)), bridgev2.ErrorCode_ERROR_CODE_TOO_FAST)
	if n := len(h.tap.since()); n != 0 {
		t.Errorf("%d commands of a frame too many", n)
	}
	h.connect(t)
	d := websocket.Dialer{Subprotocols: []string{Subprotocol}}
	dial := func(origin string) int {
		socket, r, err := d.Dial("ws://"+h.address+"/v2", map[string][]string{"Origin": {origin}})
		if err == nil {
			t.Cleanup(func() { socket.Close() })
		}
		if r == nil {
			t.Fatal(err)
		}
		return r.StatusCode
	}
	if s := dial(testOrigin); s != 429 {
		t.Errorf("a third of one origin: %d", s)
	}
	if s := dial("https://portal.example"); s != 101 {
		t.Errorf("the first of another origin: %d", s)
	}
	if s := dial("https://portal.example"); s != 429 {
		t.Errorf("a fourth: %d", s)
	}
	// The one that did not say Hello is dropped and makes room.
	for deadline := time.Now().Add(
		time.Minute,
	); dial("https://portal.example") != 101; time.Sleep(20 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatal("a silent connection stays")
		}
	}
}

func TestFloodIsEnded(t *testing.T) {
	h := open(t, func(c *Config) { c.FramesPerSecond, c.FramesAtOnce = 0.001, 1 })
	p := h.connect(t)
	frame, err := proto.Marshal(&bridgev2.Request{Id: 2, Body: &bridgev2.Request_Look{Look: &bridgev2.Look{}}})
	if err != nil {
		t.Fatal(err)
	}
	go func() {
		for p.socket.WriteMessage(websocket.BinaryMessage, frame) == nil {
		}
	}()
	_ = p.socket.SetReadDeadline(time.Now().Add(time.Minute))
	for {
		if _, _, err := p.socket.ReadMessage(); err != nil {
			if strings.Contains(err.Error(), "timeout") {
				t.Error("a page that floods stays")
			}
			return
		}
	}
}

func TestSilentPageIsDropped(t *testing.T) {
	h := open(t, func(c *Config) { c.PingEvery = 40 * time.Millisecond })
	h.connect(t)
	// This side stops reading, so that no pong goes out, as when a computer sleeps.
	for deadline := time.Now().Add(time.Minute); ; time.Sleep(10 * time.Millisecond) {
		h.server.mu.Lock()
		n := len(h.server.connections)
		h.server.mu.Unlock()
		if n == 0 {
			return
		}
		if time.Now().After(deadline) {
			t.Fatal("a page that answers no ping stays")
		}
	}
}

// Close powers down the card of an act under way before it returns.
func TestCloseInAnAct(t *testing.T) {
	h := open(t, nil)
	lay(t, h, 0, "yamada-hanako")
	p := h.connect(t)
	p.ask(lookFrame(h.place(0)))
	underWay, goOn := h.tap.stopAtPIN()
	p.send(attributesFrame(h.place(0), secret("5678")))
	reached(t, underWay)
	closed := make(chan struct{})
	go func() { h.server.Close(); close(closed) }()
	close(goOn)
	<-closed
	h.tap.mu.Lock()
	defer h.tap.mu.Unlock()
	if h.tap.released != 2 {
		t.Errorf("released %d times", h.tap.released)
	}
}

func TestPINsOfAFrameAreCleared(t *testing.T) {
	place := &bridgev2.Place{}
	for _, r := range []*bridgev2.Request{
		signFrame(place, secret("1234"), nil), documentsFrame(place, secret("1234"), 1),
		attributesFrame(place, secret("1234")),
		changeFrame(place, 1, secret("1234"), "1234"), keyFrame(place, secret("1234"), nil),
	} {
		wipe(r)
		b, err := proto.Marshal(r)
		if err != nil {
			t.Fatal(err)
		}
		if bytes.Contains(b, []byte("1234")) || !bytes.Contains(b, make([]byte, 4)) {
			t.Errorf("%T: %q", r.GetBody(), b)
		}
	}
	h := open(t, nil)
	c := &connection{server: h.server, log: h.server.Log, origin: testOrigin}
	r := changeFrame(&bridgev2.Place{Reader: "x"}, 1, secret("1234"), "1234")
	if c.reply(t.Context(), r).GetError() == nil || r.GetChangePin().GetNew()[0] != 0 ||
		r.GetChangePin().GetOld().GetPin()[0] != 0 {
		t.Error("a request that was refused keeps its PINs")
	}
	wipe(nil)
	wipe(&bridgev2.Request{})
}

// FuzzParse: a frame that is taken has an id and a body; its documents, where they are taken, are what the contract
// says.
func FuzzParse(f *testing.F) {
	place := &bridgev2.Place{Reader: "仮想カードリーダー 1", Insertion: 1}
	for i, r := range []*bridgev2.Request{
		hello("ログイン"), lookFrame(place), signFrame(place, secret("1234"), challenge(testOrigin)),
		documentsFrame(place, secret("ABC123"), 2),
		attributesFrame(place, onPad()), changeFrame(place, 1, secret("1234"), "9876"),
		keyFrame(place, secret("1234"), make([]byte, 32)), cancelFrame(7),
	} {
		r.Id = uint32(i + 1)
		b, err := proto.Marshal(r)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(b)
	}
	for _, s := range []string{"", "0801", "08011200", "FFFF", "0A02", "0801120C0A0AE381BEE381A9E38090"} {
		b, err := hex.DecodeString(s)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(b)
	}
	f.Fuzz(func(t *testing.T, frame []byte) {
		r, err := parse(frame)
		if err != nil {
			return
		}
		if r.GetId() == 0 || r.GetBody() == nil || len(frame) > maxFrame {
			t.Errorf("took %X", frame)
		}
		if documents, err := documentsOf(r.GetSignDocument()); err == nil {
			if len(documents) == 0 || len(documents) > 20 {
				t.Errorf("%d documents", len(documents))
			}
			for _, d := range r.GetSignDocument().GetDocuments() {
				if strings.ContainsAny(d.GetTitle()+d.GetMediaType(), "\n\r\x00\u202e\u200b") || d.GetTitle() == "" {
					t.Errorf("took the title %q", d.GetTitle())
				}
			}
		}
		wipe(r)
	})
}
