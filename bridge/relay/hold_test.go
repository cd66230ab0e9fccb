package relay

import (
	"encoding/hex"
	"strings"
	"testing"
	"time"

	bridgev1 "madoguchi/proto/gen/bridge/v1"

	"github.com/gorilla/websocket"
)

func hexOf(b []byte) string { return hex.EncodeToString(b) }
func hello() *bridgev1.Request {
	return &bridgev1.Request{Body: &bridgev1.Request_Hello{Hello: &bridgev1.Hello{}}}
}

func TestDenialsReachNoCard(t *testing.T) {
	h := open(t, func(c *Config) { c.FramesPerSecond, c.FramesAtOnce = 1e6, 1e6 })
	lay(t, h, 0, "yamada-hanako")
	p := h.connect(t)
	for name, c := range deny {
		p.acquire()
		for _, before := range strings.Split(c[0], ",") {
			if before != "" {
				if s := p.status(before, false); s != "9000" {
					t.Fatalf("%s: %s answered %s", name, before, s)
				}
			}
		}
		p.refused(transmitFrame(t, c[1], true), bridgev1.ErrorCode_ERROR_CODE_NOT_ALLOWED)
	}
}

func TestLastTry(t *testing.T) {
	h := open(t, nil)
	lay(t, h, 0, "yamada-hanako")
	p := h.connect(t)
	p.acquire()
	p.status(selectJPKI, false)
	p.status("00A4020C020018", false)
	wrong := "002000800439393939"
	for _, want := range []string{"63C2", "63C1"} {
		if s := p.status(wrong, false); s != want {
			t.Fatalf("%s, want %s", s, want)
		}
	}
	p.refused(transmitFrame(t, wrong, false), bridgev1.ErrorCode_ERROR_CODE_LAST_TRY)
	p.refused(transmitFrame(t, "002401800431323334", false), bridgev1.ErrorCode_ERROR_CODE_LAST_TRY)
	if s := p.status("00200080", false); s != "63C1" {
		t.Errorf("the refused try was spent: %s", s)
	}
	if s := p.status(wrong, true); s != "63C0" {
		t.Errorf("the warned try: %s", s)
	}
	if s := p.status(wrong, false); s != "6984" {
		t.Errorf("a locked PIN: %s", s)
	}
}

func TestOnePageHolds(t *testing.T) {
	h := open(t, nil)
	lay(t, h, 0, "yamada-hanako")
	first, second := h.connect(t), h.connect(t)
	first.acquire()
	second.until(func(r *bridgev1.Reader) bool {
		return r.GetHolderOrigin() == testOrigin && r.GetHolderPurpose() == "ログイン" && !r.GetHeldByYou()
	})
	first.until(func(r *bridgev1.Reader) bool { return r.GetHeldByYou() && r.GetHolderOrigin() == "" })
	if e := second.refused(acquireFrame(""), bridgev1.ErrorCode_ERROR_CODE_HELD); e.GetHolderOrigin() != testOrigin || e.GetHolderPurpose() != "ログイン" {
		t.Errorf("the holder is told as %v", e)
	}
	second.refused(transmitFrame(t, selectJPKI, false), bridgev1.ErrorCode_ERROR_CODE_NOT_ACQUIRED)
	second.refused(releaseFrame(), bridgev1.ErrorCode_ERROR_CODE_NOT_ACQUIRED)
	verifyText(first)
	first.socket.Close() // without a word
	second.until(func(r *bridgev1.Reader) bool { return r.GetHolderOrigin() == "" })
	second.acquire()
	second.status(selectText, false)
	second.status("00A4020C020002", false)
	if s := second.status("00B0000004", false); s != "6982" {
		t.Errorf("the PIN of the page before is still verified: %s", s)
	}
}

func verifyText(p *page) {
	p.t.Helper()
	p.status(selectText, false)
	p.status("00A4020C020011", false)
	if s := p.status("002000800435363738", false); s != "9000" {
		p.t.Fatal(s)
	}
}

func TestWhichReader(t *testing.T) {
	h := open(t, nil)
	p := h.connect(t)
	p.refused(acquireFrame(""), bridgev1.ErrorCode_ERROR_CODE_NO_CARD)
	p.refused(acquireFrame("x"), bridgev1.ErrorCode_ERROR_CODE_NO_READER)
	lay(t, h, 0, "yamada-hanako")
	lay(t, h, 1, "yamada-taro")
	p.refused(acquireFrame(""), bridgev1.ErrorCode_ERROR_CODE_WHICH_READER)
	if r := p.ask(acquireFrame("仮想カードリーダー 2")); r.GetAcquired().GetReader() != "仮想カードリーダー 2" {
		t.Errorf("%v", r)
	}
	lay(t, h, 0, "upside-down")
	p.refused(acquireFrame("仮想カードリーダー 1"), bridgev1.ErrorCode_ERROR_CODE_MUTE)
}

func TestCancelTimeoutAndDisconnectMidCommand(t *testing.T) {
	h := open(t, func(c *Config) { c.CommandTimeout = 300 * time.Millisecond })
	lay(t, h, 0, "yamada-hanako")
	h.readers.SetLatency(time.Minute)
	p := h.connect(t)
	p.acquire()
	id := p.send(transmitFrame(t, selectJPKI, false))
	p.refused(transmitFrame(t, selectJPKI, false), bridgev1.ErrorCode_ERROR_CODE_TOO_FAST)
	p.send(&bridgev1.Request{Body: &bridgev1.Request_Cancel{Cancel: &bridgev1.Cancel{Request: id}}})
	if e := p.answer(id).GetError(); e.GetCode() != bridgev1.ErrorCode_ERROR_CODE_CANCELLED {
		t.Errorf("cancelled: %v", e)
	}
	p.send(&bridgev1.Request{Body: &bridgev1.Request_Cancel{Cancel: &bridgev1.Cancel{Request: 999}}})
	p.refused(transmitFrame(t, selectJPKI, false), bridgev1.ErrorCode_ERROR_CODE_TIMEOUT)

	p.send(transmitFrame(t, selectJPKI, false))
	p.socket.Close()
	h.readers.SetLatency(0)
	other := h.connect(t)
	other.until(func(r *bridgev1.Reader) bool { return r.GetHolderOrigin() == "" })
	other.acquire()
}

func TestPulledOutMidCommand(t *testing.T) {
	h := open(t, nil)
	lay(t, h, 0, "yamada-hanako")
	h.readers.SetLatency(time.Minute)
	p := h.connect(t)
	p.acquire()
	id := p.send(transmitFrame(t, selectJPKI, false))
	p.refused(releaseFrame(), bridgev1.ErrorCode_ERROR_CODE_TOO_FAST) // the command is under way
	if err := h.readers.Take(0); err != nil {
		t.Fatal(err)
	}
	if e := p.answer(id).GetError(); e.GetCode() != bridgev1.ErrorCode_ERROR_CODE_CARD_REMOVED {
		t.Errorf("%v", e)
	}
}

func TestIdleCardIsReleased(t *testing.T) {
	h := open(t, func(c *Config) { c.IdleRelease = 100 * time.Millisecond })
	lay(t, h, 0, "yamada-hanako")
	p := h.connect(t)
	p.acquire()
	p.until(func(r *bridgev1.Reader) bool { return r.GetHeldByYou() })
	p.until(func(r *bridgev1.Reader) bool { return !r.GetHeldByYou() })
	p.refused(transmitFrame(t, selectJPKI, false), bridgev1.ErrorCode_ERROR_CODE_NOT_ACQUIRED)
}

func TestBadFrames(t *testing.T) {
	for name, c := range map[string]struct {
		kind  int
		frame []byte
		hello bool
		code  int // of the close; 0: the connection stays
	}{
		"not protobuf":         {websocket.BinaryMessage, []byte{0xFF, 0xFF}, true, websocket.CloseProtocolError},
		"no id":                {websocket.BinaryMessage, nil, true, websocket.CloseProtocolError},
		"text":                 {websocket.TextMessage, []byte("hello"), true, websocket.CloseUnsupportedData},
		"too long":             {websocket.BinaryMessage, make([]byte, 4097), true, websocket.CloseMessageTooBig},
		"no Hello":             {websocket.BinaryMessage, []byte{0x08, 1, 0x2A, 0}, false, websocket.ClosePolicyViolation},
		"no body":              {websocket.BinaryMessage, []byte{0x08, 9}, true, 0},
		"an id for the second": {websocket.BinaryMessage, []byte{0x08, 1, 0x2A, 0}, true, 0},
		"Hello again":          {websocket.BinaryMessage, []byte{0x08, 9, 0x12, 0}, true, 0},
		"an empty command":     {websocket.BinaryMessage, []byte{0x08, 9, 0x22, 0}, true, 0},
	} {
		t.Run(name, func(t *testing.T) {
			h := open(t, nil)
			p := h.dial(t, testOrigin)
			if c.hello {
				p.ask(hello())
			}
			if err := p.socket.WriteMessage(c.kind, c.frame); err != nil {
				t.Fatal(err)
			}
			_ = p.socket.SetReadDeadline(time.Now().Add(5 * time.Second))
			if c.code == 0 {
				for r := p.receive(); ; r = p.receive() {
					if r.GetState() == nil {
						if r.GetError().GetCode() != bridgev1.ErrorCode_ERROR_CODE_BAD_FRAME {
							t.Errorf("%v", r)
						}
						break
					}
				}
				p.id = 20
				p.refused(releaseFrame(), bridgev1.ErrorCode_ERROR_CODE_NOT_ACQUIRED)
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

func TestRateAndConnections(t *testing.T) {
	h := open(t, func(c *Config) {
		c.FramesPerSecond, c.FramesAtOnce = 0.001, 3
		c.Connections, c.ConnectionsPerOrigin, c.HelloTimeout = 3, 2, 200*time.Millisecond
	})
	p := h.connect(t)
	p.ask(releaseFrame())
	p.ask(releaseFrame())
	p.refused(releaseFrame(), bridgev1.ErrorCode_ERROR_CODE_TOO_FAST)
	h.connect(t)
	d := websocket.Dialer{Subprotocols: []string{Subprotocol}}
	dial := func(origin string) int {
		socket, r, err := d.Dial("ws://"+h.address+"/v1", map[string][]string{"Origin": {origin}})
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
	for deadline := time.Now().Add(5 * time.Second); dial("https://portal.example") != 101; time.Sleep(20 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatal("a silent connection stays")
		}
	}
}

func TestSilentPageIsDropped(t *testing.T) {
	h := open(t, func(c *Config) { c.PingEvery = 40 * time.Millisecond })
	lay(t, h, 0, "yamada-hanako")
	p := h.connect(t)
	p.acquire()
	// This side stops reading, so that no pong goes out, as when a computer sleeps.
	for deadline := time.Now().Add(5 * time.Second); ; time.Sleep(10 * time.Millisecond) {
		if holders, _ := h.server.held(); len(holders) == 0 {
			return
		}
		if time.Now().After(deadline) {
			t.Fatal("a page that answers no ping keeps its card")
		}
	}
}

func FuzzParse(f *testing.F) {
	for _, s := range []string{"", "0801", "08011200", "080122060A0400200080", "08012A00", "FFFF", "0801120C0A0AE381BEE381A9E38090", "0A02"} {
		b, err := hex.DecodeString(s)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(b)
	}
	f.Fuzz(func(t *testing.T, frame []byte) {
		r, err := parse(frame)
		if err == nil && (r.GetId() == 0 || r.GetBody() == nil || len(frame) > maxFrame) {
			t.Errorf("took %X", frame)
		}
	})
}
