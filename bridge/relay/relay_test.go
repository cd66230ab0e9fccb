package relay

import (
	"bytes"
	"context"
	"errors"
	"io"
	"log/slog"
	"net"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"madoguchi/bridge/jpki"
	"madoguchi/bridge/loopback"
	"madoguchi/bridge/reader"
	"madoguchi/bridge/virtual"
	bridgev1 "madoguchi/proto/gen/bridge/v1"

	"github.com/gorilla/websocket"
	"google.golang.org/protobuf/proto"
)

const testOrigin = "http://localhost:8080"

// house is a bridge with two virtual readers on a real port.
type house struct {
	readers *virtual.Readers
	server  *Server
	address string
	// addresses are all of them: on IPv4 and, where there is that, on IPv6.
	addresses []string
	log       *safeBuffer
}

func open(t testing.TB, change func(*Config)) *house {
	t.Helper()
	h := &house{readers: virtual.New("", 2, time.Now), log: &safeBuffer{}}
	listeners, err := Listen("127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	h.address = listeners[0].Addr().String()
	_, port, _ := net.SplitHostPort(h.address)
	c := Config{
		Source: h.readers, Log: slog.New(slog.NewTextHandler(h.log, nil)), Version: "test", Virtual: true,
		Origins: []string{testOrigin, "https://portal.example"}, Hosts: loopback.HostsOf(port),
	}
	if change != nil {
		change(&c)
	}
	if h.server, err = New(c); err != nil {
		t.Fatal(err)
	}
	web := &http.Server{Handler: h.server, ErrorLog: slog.NewLogLogger(slog.DiscardHandler, slog.LevelError)}
	for _, l := range listeners {
		h.addresses = append(h.addresses, l.Addr().String())
		go web.Serve(l)
	}
	t.Cleanup(func() {
		web.Close()
		h.server.Close()
	})
	return h
}

type safeBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (s *safeBuffer) Write(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.b.Write(p)
}

func (s *safeBuffer) String() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.b.String()
}

// page is a browser's side.
type page struct {
	t      testing.TB
	socket *websocket.Conn
	id     uint32
	states []*bridgev1.State
}

func (h *house) connect(t testing.TB) *page {
	t.Helper()
	p := h.dial(t, testOrigin)
	if w := p.ask(&bridgev1.Request{Body: &bridgev1.Request_Hello{Hello: &bridgev1.Hello{Purpose: "ログイン"}}}).GetWelcome(); w.GetVersion() != "test" || !w.GetVirtual() {
		t.Fatalf("welcomed with %v", w)
	}
	return p
}

func (h *house) dial(t testing.TB, origin string) *page {
	t.Helper()
	d := websocket.Dialer{Subprotocols: []string{Subprotocol}}
	socket, _, err := d.Dial("ws://"+h.address+"/v1", http.Header{"Origin": {origin}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { socket.Close() })
	return &page{t: t, socket: socket}
}

func (p *page) send(r *bridgev1.Request) uint32 {
	p.t.Helper()
	p.id++
	r.Id = p.id
	b, err := proto.Marshal(r)
	if err != nil {
		p.t.Fatal(err)
	}
	if err := p.socket.WriteMessage(websocket.BinaryMessage, b); err != nil {
		p.t.Fatal(err)
	}
	return p.id
}

func (p *page) receive() *bridgev1.Reply {
	p.t.Helper()
	_ = p.socket.SetReadDeadline(time.Now().Add(10 * time.Second))
	_, b, err := p.socket.ReadMessage()
	if err != nil {
		p.t.Fatal(err)
	}
	r := &bridgev1.Reply{}
	if err := proto.Unmarshal(b, r); err != nil {
		p.t.Fatal(err)
	}
	return r
}

func (p *page) answer(id uint32) *bridgev1.Reply {
	p.t.Helper()
	for {
		r := p.receive()
		if r.GetId() == id {
			return r
		}
		if s := r.GetState(); s != nil {
			p.states = append(p.states, s)
		}
	}
}

func (p *page) ask(r *bridgev1.Request) *bridgev1.Reply {
	p.t.Helper()
	return p.answer(p.send(r))
}

// until waits for a State event.
func (p *page) until(done func(*bridgev1.Reader) bool) {
	p.t.Helper()
	for {
		for _, s := range p.states {
			if len(s.GetReaders()) > 0 && done(s.GetReaders()[0]) {
				p.states = nil
				return
			}
		}
		p.states = nil
		if s := p.receive().GetState(); s != nil {
			p.states = append(p.states, s)
		}
	}
}

func acquireFrame(name string) *bridgev1.Request {
	return &bridgev1.Request{Body: &bridgev1.Request_Acquire{Acquire: &bridgev1.Acquire{Reader: name}}}
}

func releaseFrame() *bridgev1.Request {
	return &bridgev1.Request{Body: &bridgev1.Request_Release{Release: &bridgev1.Release{}}}
}

func transmitFrame(t testing.TB, command string, warned bool) *bridgev1.Request {
	return &bridgev1.Request{Body: &bridgev1.Request_Transmit{Transmit: &bridgev1.Transmit{Command: unhex(t, command), LastTryWarned: warned}}}
}

func (p *page) acquire() {
	p.t.Helper()
	if r := p.ask(acquireFrame("")); r.GetAcquired() == nil {
		p.t.Fatalf("acquire: %v", r)
	}
}

// status sends a command that must be answered, and gives the status word.
func (p *page) status(command string, warned bool) string {
	p.t.Helper()
	r := p.ask(transmitFrame(p.t, command, warned))
	b := r.GetResponse().GetResponse()
	if len(b) < 2 {
		p.t.Fatalf("%s: %v", command, r)
	}
	return strings.ToUpper(hexOf(b[len(b)-2:]))
}

func (p *page) refused(r *bridgev1.Request, want bridgev1.ErrorCode) *bridgev1.Error {
	p.t.Helper()
	reply := p.ask(r)
	if reply.GetError().GetCode() != want {
		p.t.Errorf("%v, want %v", reply, want)
	}
	return reply.GetError()
}

// Transmit makes the page an apdu.Transmitter.
func (p *page) Transmit(_ context.Context, command []byte) ([]byte, error) {
	r := p.ask(&bridgev1.Request{Body: &bridgev1.Request_Transmit{Transmit: &bridgev1.Transmit{Command: command}}})
	if r.GetResponse() == nil {
		p.t.Fatalf("%v", r)
	}
	return r.GetResponse().GetResponse(), nil
}

func TestLoginThroughTheRelay(t *testing.T) {
	h := open(t, nil)
	lay(t, h, 0, "yamada-hanako")
	p := h.connect(t)
	p.acquire()
	card, err := jpki.Open(t.Context(), p)
	if err != nil {
		t.Fatal(err)
	}
	if s, err := card.SignDigest(t.Context(), jpki.AuthKey, "1234", [32]byte{7}); err != nil || len(s) != 256 {
		t.Fatalf("%d bytes, %v", len(s), err)
	}
	if _, err := card.ReadCertificate(t.Context(), jpki.AuthCertificate); err != nil {
		t.Error(err)
	}
	if a, err := card.ReadAttributes(t.Context(), "5678"); err != nil || a.Name != "山田 花子" {
		t.Errorf("%v, %v", a, err)
	}
	if r := p.ask(releaseFrame()); r.GetReleased() == nil {
		t.Errorf("release: %v", r)
	}
	if !strings.Contains(h.log.String(), "name=VERIFY") || !strings.Contains(h.log.String(), "status=9000") {
		t.Errorf("the log does not say what happened:\n%s", h.log)
	}
}

func lay(t testing.TB, h *house, slot int, person string) {
	t.Helper()
	if err := h.readers.Lay(slot, person); err != nil {
		t.Fatal(err)
	}
}

// silent is that a connection is closed without an answer.
const silent = 0

func TestDoor(t *testing.T) {
	h := open(t, nil)
	_, port, _ := net.SplitHostPort(h.address)
	upgrade := []string{"Connection", "Upgrade", "Upgrade", "websocket", "Sec-WebSocket-Version", "13", "Sec-WebSocket-Key", "dGhlIHNhbXBsZSBub25jZQ=="}
	ours := []string{"Origin", testOrigin, "Sec-WebSocket-Protocol", Subprotocol}
	for name, c := range map[string]struct {
		path   string
		header []string
		want   int
	}{
		"good":                   {"/v1", ours, 101},
		"by name":                {"/v1", append([]string{"Host", "localhost:" + port}, ours...), 101},
		"by its number":          {"/v1", append([]string{"Host", "[::1]:" + port}, ours...), 101},
		"a longer number":        {"/v1", append([]string{"Host", "[0:0:0:0:0:0:0:1]:" + port}, ours...), silent},
		"no Host's port":         {"/v1", append([]string{"Host", "[::1]"}, ours...), silent},
		"no Origin":              {"/v1", ours[2:], silent},
		"wrong Origin":           {"/v1", []string{"Origin", "https://evil.example", ours[2], ours[3]}, silent},
		"null Origin":            {"/v1", []string{"Origin", "null", ours[2], ours[3]}, silent},
		"Origin of another port": {"/v1", []string{"Origin", "http://localhost:8081", ours[2], ours[3]}, silent},
		"Origin's beginning":     {"/v1", []string{"Origin", testOrigin + ".evil.example", ours[2], ours[3]}, silent},
		"two Origins":            {"/v1", append([]string{"Origin", "https://evil.example"}, ours...), silent},
		"rebound name":           {"/v1", append([]string{"Host", "evil.example:" + port}, ours...), silent},
		"another port in Host":   {"/v1", append([]string{"Host", "localhost:1"}, ours...), silent},
		"no subprotocol":         {"/v1", ours[:2], 400},
		"a newer subprotocol":    {"/v1", []string{"Origin", testOrigin, "Sec-WebSocket-Protocol", "madoguchi.bridge.v2"}, 400},
		"another path":           {"/v2", ours, 404},
		"the root":               {"/", ours, 404},
		"below":                  {"/v1/", ours, 404},
		"another path, foreign":  {"/v2", nil, silent},
		"the icon":               {"/favicon.ico", []string{"Sec-Fetch-Site", "cross-site", "Sec-Fetch-Mode", "no-cors"}, silent},
		"health, unasked":        {"/health", []string{"Origin", testOrigin, "Sec-Fetch-Site", "cross-site", "Sec-Fetch-Mode", "no-cors"}, silent},
		"health, by a link":      {"/health", []string{"Origin", testOrigin, "Sec-Fetch-Site", "cross-site", "Sec-Fetch-Mode", "navigate"}, silent},
		"health of another site": {"/health", []string{"Origin", "https://evil.example"}, silent},
		"health without Origin":  {"/health", nil, silent},
		"health as an image":     {"/health", []string{"Sec-Fetch-Site", "cross-site"}, silent},
		"health by no name":      {"/health", []string{"Host", "evil.example"}, silent},
		"health, rebound":        {"/health", []string{"Origin", testOrigin, "Host", "evil.example"}, silent},
	} {
		for _, address := range h.addresses {
			t.Run(name+" at "+address, func(t *testing.T) {
				if r := get(t, "GET", "http://"+address+c.path, append(append([]string(nil), c.header...), upgrade...)); r.StatusCode != c.want {
					t.Errorf("%d, want %d", r.StatusCode, c.want)
				}
			})
		}
	}
	if r := get(t, "GET", "http://"+h.address+"/v1", ours); r.StatusCode != http.StatusBadRequest {
		t.Errorf("no upgrade: %d", r.StatusCode)
	}
}

func get(t *testing.T, method, address string, header []string) *http.Response {
	t.Helper()
	q, err := http.NewRequest(method, address, nil)
	if err != nil {
		t.Fatal(err)
	}
	for i := 0; i < len(header); i += 2 {
		if header[i] == "Host" {
			q.Host = header[i+1]
			continue
		}
		q.Header.Add(header[i], header[i+1])
	}
	r, err := http.DefaultTransport.RoundTrip(q)
	if errors.Is(err, io.EOF) {
		return &http.Response{StatusCode: silent, Header: http.Header{}}
	}
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { r.Body.Close() })
	return r
}

func TestHealth(t *testing.T) {
	h := open(t, nil)
	r := get(t, "GET", "http://"+h.address+"/health", []string{"Origin", testOrigin})
	body, _ := io.ReadAll(r.Body)
	if r.StatusCode != 200 || r.Header.Get("Access-Control-Allow-Origin") != testOrigin || r.Header.Get("Vary") != "Origin" ||
		string(body) != `{"status":"ok","version":"test","virtual":true}`+"\n" {
		t.Errorf("%d %v %s", r.StatusCode, r.Header, body)
	}
	if r = get(t, "GET", "http://"+h.address+"/health", nil); r.StatusCode != silent {
		t.Errorf("for nobody: %d %v", r.StatusCode, r.Header)
	}
	if r = get(t, "OPTIONS", "http://"+h.address+"/health", nil); r.StatusCode != silent {
		t.Errorf("a preflight without Origin: %d", r.StatusCode)
	}
	for _, network := range []string{"Private", "Local"} {
		r = get(t, "OPTIONS", "http://"+h.address+"/health", []string{
			"Origin", testOrigin, "Access-Control-Request-Method", "GET", "Access-Control-Request-" + network + "-Network", "true",
		})
		if r.StatusCode != 204 || r.Header.Get("Access-Control-Allow-"+network+"-Network") != "true" || r.Header.Get("Access-Control-Allow-Methods") != "GET" {
			t.Errorf("%s: %d %v", network, r.StatusCode, r.Header)
		}
	}
	if r = get(t, "POST", "http://"+h.address+"/health", []string{"Origin", testOrigin}); r.StatusCode != 405 {
		t.Errorf("POST: %d", r.StatusCode)
	}
}

func TestListensOnLoopbackOnly(t *testing.T) {
	for _, address := range []string{"0.0.0.0:0", ":0", "192.168.1.1:0", "[::]:0", "example.jp:0", "127.0.0.1", "127.0.0.1:70000", "127.0.0.1:http"} {
		if l, err := Listen(address); err == nil {
			t.Errorf("listens on %s: %v", address, l[0].Addr())
		}
	}
	l, err := Listen("localhost:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		for _, l := range l {
			l.Close()
		}
	}()
	if _, err := Listen(l[0].Addr().String()); err == nil || !strings.Contains(err.Error(), "in use") {
		t.Errorf("a busy port: %v", err)
	}
}

func TestBadConfiguration(t *testing.T) {
	for _, origins := range [][]string{nil, {"*"}, {"null"}, {"localhost:8080"}, {"http://localhost:8080/"}, {"file:///x"}, {"https://" + strings.Repeat("a", 300)}} {
		if _, err := New(Config{Origins: origins}); err == nil {
			t.Errorf("took %q", origins)
		}
	}
}

func TestRemovedWhileIdle(t *testing.T) {
	h := open(t, nil)
	lay(t, h, 0, "yamada-hanako")
	p := h.connect(t)
	p.acquire()
	if err := h.readers.Take(0); err != nil {
		t.Fatal(err)
	}
	p.until(func(r *bridgev1.Reader) bool {
		return r.GetCard() == bridgev1.CardState_CARD_STATE_EMPTY && !r.GetHeldByYou()
	})
	p.refused(transmitFrame(t, selectJPKI, false), bridgev1.ErrorCode_ERROR_CODE_CARD_REMOVED)
	lay(t, h, 0, "suzuki-umeko")
	p.until(func(r *bridgev1.Reader) bool { return r.GetCard() == bridgev1.CardState_CARD_STATE_PRESENT })
	p.refused(transmitFrame(t, selectJPKI, false), bridgev1.ErrorCode_ERROR_CODE_CARD_CHANGED)
	p.acquire()
	if s := p.status(selectJPKI, false); s != "9000" {
		t.Error(s)
	}
	if err := h.readers.Plug(0, false); err != nil {
		t.Fatal(err)
	}
	p.refused(transmitFrame(t, selectJPKI, false), bridgev1.ErrorCode_ERROR_CODE_READER_GONE)
	p.refused(acquireFrame("仮想カードリーダー 1"), bridgev1.ErrorCode_ERROR_CODE_NO_READER)
	p.refused(acquireFrame(""), bridgev1.ErrorCode_ERROR_CODE_NO_CARD)
}

var _ reader.Source = (*virtual.Readers)(nil)
