package relay

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"madoguchi/bridge/apdu"
	"madoguchi/bridge/loopback"
	"madoguchi/bridge/reader"
	"madoguchi/bridge/virtual"
	bridgev2 "madoguchi/proto/gen/bridge/v2"

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
	tap       *tap
}

func open(t testing.TB, change func(*Config)) *house {
	t.Helper()
	return openIn(t, "", change)
}

// openIn is open with cards that keep their state in a directory; without one they forget it when they are taken off.
func openIn(t testing.TB, dir string, change func(*Config)) *house {
	t.Helper()
	h := &house{readers: virtual.New(dir, 2, time.Now), log: &safeBuffer{}}
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
	h.tap = &tap{Source: c.Source}
	c.Source = h.tap
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

// tap records what goes to the cards of a Source.
type tap struct {
	reader.Source
	mu       sync.Mutex
	commands []apdu.Command
	released int
	// before is called before a card is taken; nil: nothing is.
	before func()
	// around is called for each command; send has the card do it.
	around func(ctx context.Context, c apdu.Command, send func(context.Context) ([]byte, error)) ([]byte, error)
}

func (t *tap) Acquire(ctx context.Context, name string) (reader.Card, error) {
	t.mu.Lock()
	before := t.before
	t.mu.Unlock()
	if before != nil {
		before()
	}
	card, err := t.Source.Acquire(ctx, name)
	if err != nil {
		return nil, err
	}
	if pad, ok := card.(reader.Pad); ok {
		return &tappedPad{tappedCard{card, t}, pad}, nil
	}
	return &tappedCard{card, t}, nil
}

type tappedPad struct {
	tappedCard
	pad reader.Pad
}

func (c *tappedPad) HasPad() bool { return c.pad.HasPad() }

func (c *tappedPad) EnterPIN(ctx context.Context, command []byte) ([]byte, error) {
	return c.pad.EnterPIN(ctx, command)
}

type tappedCard struct {
	reader.Card
	tap *tap
}

func (c *tappedCard) Transmit(ctx context.Context, command []byte) ([]byte, error) {
	parsed, err := apdu.ParseCommand(command)
	if err != nil {
		return nil, err
	}
	c.tap.mu.Lock()
	c.tap.commands = append(c.tap.commands, parsed)
	around := c.tap.around
	c.tap.mu.Unlock()
	send := func(ctx context.Context) ([]byte, error) { return c.Card.Transmit(ctx, command) }
	if around != nil {
		return around(ctx, parsed, send)
	}
	return send(ctx)
}

func (c *tappedCard) Release(ctx context.Context) {
	c.Card.Release(ctx)
	c.tap.mu.Lock()
	defer c.tap.mu.Unlock()
	c.tap.released++
}

func (t *tap) do(around func(context.Context, apdu.Command, func(context.Context) ([]byte, error)) ([]byte, error)) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.around = around
}

// since gives the commands since the last call.
func (t *tap) since() []apdu.Command {
	t.mu.Lock()
	defer t.mu.Unlock()
	commands := t.commands
	t.commands = nil
	return commands
}

func isPIN(c apdu.Command) bool { return c.INS == 0x20 && len(c.Data) > 0 }

func isQuestion(c apdu.Command) bool { return c.INS == 0x20 && len(c.Data) == 0 }

func countOf(commands []apdu.Command, is func(apdu.Command) bool) (n int) {
	for _, c := range commands {
		if is(c) {
			n++
		}
	}
	return n
}

// reached waits until an act has come to some point.
func reached(t testing.TB, point <-chan struct{}) {
	t.Helper()
	select {
	case <-point:
	case <-time.After(time.Minute):
		t.Fatal("the act has not come that far")
	}
}

// page is a browser's side.
type page struct {
	t      testing.TB
	h      *house
	origin string
	socket *websocket.Conn
	id     uint32
	frames int
	states []*bridgev2.State
	steps  []*bridgev2.Progress
	heard  []byte // all that came
}

func (h *house) connect(t testing.TB) *page {
	t.Helper()
	return h.connectAs(t, testOrigin, "ログイン")
}

func (h *house) connectAs(t testing.TB, origin, purpose string) *page {
	t.Helper()
	p := h.dial(t, origin)
	if w := p.ask(hello(purpose)).GetWelcome(); w.GetVersion() != "test" || !w.GetVirtual() {
		t.Fatalf("welcomed with %v", w)
	}
	return p
}

func hello(purpose string) *bridgev2.Request {
	return &bridgev2.Request{Body: &bridgev2.Request_Hello{Hello: &bridgev2.Hello{Purpose: purpose}}}
}

func (h *house) dial(t testing.TB, origin string) *page {
	t.Helper()
	d := websocket.Dialer{Subprotocols: []string{Subprotocol}}
	socket, _, err := d.Dial("ws://"+h.address+"/v2", http.Header{"Origin": {origin}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { socket.Close() })
	return &page{t: t, h: h, origin: origin, socket: socket}
}

func (p *page) send(r *bridgev2.Request) uint32 {
	p.t.Helper()
	p.id++
	p.frames++
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

func (p *page) receive() *bridgev2.Reply {
	p.t.Helper()
	_ = p.socket.SetReadDeadline(time.Now().Add(time.Minute))
	_, b, err := p.socket.ReadMessage()
	if err != nil {
		p.t.Fatal(err)
	}
	p.heard = append(p.heard, b...)
	r := &bridgev2.Reply{}
	if err := proto.Unmarshal(b, r); err != nil {
		p.t.Fatal(err)
	}
	return r
}

func (p *page) answer(id uint32) *bridgev2.Reply {
	p.t.Helper()
	for {
		r := p.receive()
		switch {
		case r.GetId() == id:
			return r
		case r.GetState() != nil:
			p.states = append(p.states, r.GetState())
		case r.GetProgress() != nil:
			p.steps = append(p.steps, r.GetProgress())
		}
	}
}

func (p *page) ask(r *bridgev2.Request) *bridgev2.Reply {
	p.t.Helper()
	return p.answer(p.send(r))
}

// until waits for a State event.
func (p *page) until(done func(*bridgev2.Reader) bool) {
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

func (p *page) refused(r *bridgev2.Request, want bridgev2.ErrorCode) *bridgev2.Error {
	p.t.Helper()
	reply := p.ask(r)
	if reply.GetError().GetCode() != want {
		p.t.Errorf("%v, want %v", reply, want)
	}
	return reply.GetError()
}

// place is what lies in a reader now.
func (h *house) place(slot int) *bridgev2.Place {
	state, _ := h.server.Source.State()
	return &bridgev2.Place{Reader: state.Readers[slot].Name, Insertion: state.Readers[slot].Insertion}
}

func secret(pin string) *bridgev2.Secret {
	return &bridgev2.Secret{How: &bridgev2.Secret_Pin{Pin: []byte(pin)}}
}

func onPad() *bridgev2.Secret {
	return &bridgev2.Secret{How: &bridgev2.Secret_Pad{Pad: true}}
}

func challenge(origin string) []byte {
	return []byte("madoguchi-challenge-v1\norigin: " + origin + "\npurpose: login\nnonce: " +
		base64.RawURLEncoding.EncodeToString(bytes.Repeat([]byte{0x5A}, 32)) + "\nexpires: 1795000000000\n")
}

func lookFrame(at *bridgev2.Place) *bridgev2.Request {
	return &bridgev2.Request{Body: &bridgev2.Request_Look{Look: &bridgev2.Look{Place: at}}}
}

func signFrame(at *bridgev2.Place, s *bridgev2.Secret, challenge []byte) *bridgev2.Request {
	return &bridgev2.Request{
		Body: &bridgev2.Request_Sign{Sign: &bridgev2.Sign{Place: at, Secret: s, Challenge: challenge}},
	}
}

func attributesFrame(at *bridgev2.Place, s *bridgev2.Secret) *bridgev2.Request {
	return &bridgev2.Request{
		Body: &bridgev2.Request_VerifyAttributes{VerifyAttributes: &bridgev2.VerifyAttributes{Place: at, Secret: s}},
	}
}

func changeFrame(at *bridgev2.Place, kind bridgev2.PINKind, old *bridgev2.Secret, next string) *bridgev2.Request {
	return &bridgev2.Request{
		Body: &bridgev2.Request_ChangePin{
			ChangePin: &bridgev2.ChangePIN{Place: at, Kind: kind, Old: old, New: []byte(next)},
		},
	}
}

func keyFrame(at *bridgev2.Place, s *bridgev2.Secret, salt []byte) *bridgev2.Request {
	return &bridgev2.Request{
		Body: &bridgev2.Request_DeriveKey{DeriveKey: &bridgev2.DeriveKey{Place: at, Secret: s, Salt: salt}},
	}
}

func documentsFrame(at *bridgev2.Place, s *bridgev2.Secret, n int) *bridgev2.Request {
	body := &bridgev2.SignDocument{Place: at, Secret: s}
	for i := range n {
		digest := sha256.Sum256([]byte{byte(i)})
		body.Documents = append(body.Documents, &bridgev2.Document{
			Title: fmt.Sprintf("申請書 %d", i+1), MediaType: "application/pdf", Digest: digest[:], Size: 12345,
		})
	}
	return &bridgev2.Request{Body: &bridgev2.Request_SignDocument{SignDocument: body}}
}

func cancelFrame(id uint32) *bridgev2.Request {
	return &bridgev2.Request{Body: &bridgev2.Request_Cancel{Cancel: &bridgev2.Cancel{Request: id}}}
}

// signIn signs a challenge of the page's own origin with what lies in the first reader.
func (p *page) signIn(pin string) *bridgev2.Reply {
	p.t.Helper()
	return p.ask(signFrame(p.h.place(0), secret(pin), challenge(p.origin)))
}

// wantError checks an answer's code.
func wantError(t testing.TB, r *bridgev2.Reply, want bridgev2.ErrorCode) *bridgev2.Error {
	t.Helper()
	if r.GetError().GetCode() != want {
		t.Errorf("%v, want %v", r, want)
	}
	return r.GetError()
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
	upgrade := []string{
		"Connection", "Upgrade", "Upgrade", "websocket", "Sec-WebSocket-Version", "13", "Sec-WebSocket-Key",
		"dGhlIHNhbXBsZSBub25jZQ==",
	}
	ours := []string{"Origin", testOrigin, "Sec-WebSocket-Protocol", Subprotocol}
	for name, c := range map[string]struct {
		path   string
		header []string
		want   int
	}{
		"good":                   {"/v2", ours, 101},
		"by name":                {"/v2", append([]string{"Host", "localhost:" + port}, ours...), 101},
		"by its number":          {"/v2", append([]string{"Host", "[::1]:" + port}, ours...), 101},
		"a longer number":        {"/v2", append([]string{"Host", "[0:0:0:0:0:0:0:1]:" + port}, ours...), silent},
		"no Host's port":         {"/v2", append([]string{"Host", "[::1]"}, ours...), silent},
		"no Origin":              {"/v2", ours[2:], silent},
		"wrong Origin":           {"/v2", []string{"Origin", "https://evil.example", ours[2], ours[3]}, silent},
		"null Origin":            {"/v2", []string{"Origin", "null", ours[2], ours[3]}, silent},
		"Origin of another port": {"/v2", []string{"Origin", "http://localhost:8081", ours[2], ours[3]}, silent},
		"Origin's beginning":     {"/v2", []string{"Origin", testOrigin + ".evil.example", ours[2], ours[3]}, silent},
		"two Origins":            {"/v2", append([]string{"Origin", "https://evil.example"}, ours...), silent},
		"rebound name":           {"/v2", append([]string{"Host", "evil.example:" + port}, ours...), silent},
		"another port in Host":   {"/v2", append([]string{"Host", "localhost:1"}, ours...), silent},
		"no subprotocol":         {"/v2", ours[:2], 400},
		"the old subprotocol": {
			"/v2", []string{"Origin", testOrigin, "Sec-WebSocket-Protocol", "madoguchi.bridge.v1"}, 400,
		},
		"an old page": {
			"/v1", []string{"Origin", testOrigin, "Sec-WebSocket-Protocol", "madoguchi.bridge.v1"}, 410,
		},
		"an old page elsewhere":  {"/v1", []string{"Origin", "https://evil.example"}, silent},
		"another path":           {"/v3", ours, 404},
		"the root":               {"/", ours, 404},
		"below":                  {"/v2/", ours, 404},
		"health of another site": {"/health", []string{"Origin", "https://evil.example"}, silent},
		"health without Origin":  {"/health", nil, silent},
		"health as an image":     {"/health", []string{"Sec-Fetch-Site", "cross-site"}, silent},
		"health by no name":      {"/health", []string{"Host", "evil.example"}, silent},
		"health, rebound":        {"/health", []string{"Origin", testOrigin, "Host", "evil.example"}, silent},
		"another path, foreign":  {"/v3", nil, silent},
		"the icon": {
			"/favicon.ico", []string{"Sec-Fetch-Site", "cross-site", "Sec-Fetch-Mode", "no-cors"}, silent,
		},
		"health, unasked": {
			"/health", []string{"Origin", testOrigin, "Sec-Fetch-Site", "cross-site", "Sec-Fetch-Mode", "no-cors"},
			silent,
		},
		"health, by a link": {
			"/health", []string{"Origin", testOrigin, "Sec-Fetch-Site", "cross-site", "Sec-Fetch-Mode", "navigate"},
			silent,
		},
	} {
		for _, address := range h.addresses {
			t.Run(name+" at "+address, func(t *testing.T) {
				r := get(t, "GET", "http://"+address+c.path, append(append([]string(nil), c.header...), upgrade...))
				if r.StatusCode != c.want {
					t.Errorf("%d, want %d", r.StatusCode, c.want)
				}
			})
		}
	}
	if r := get(t, "GET", "http://"+h.address+"/v2", ours); r.StatusCode != http.StatusBadRequest {
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
	if r.StatusCode != 200 || r.Header.Get("Access-Control-Allow-Origin") != testOrigin ||
		r.Header.Get("Vary") != "Origin" ||
		string(body) != `{"status":"ok","version":"test","virtual":true,"protocols":["madoguchi.bridge.v2"]}`+"\n" {
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
			"Origin", testOrigin, "Access-Control-Request-Method", "GET",
			"Access-Control-Request-" + network + "-Network", "true",
		})
		if r.StatusCode != 204 || r.Header.Get("Access-Control-Allow-"+network+"-Network") != "true" ||
			r.Header.Get("Access-Control-Allow-Methods") != "GET" {
			t.Errorf("%s: %d %v", network, r.StatusCode, r.Header)
		}
	}
	if r = get(t, "POST", "http://"+h.address+"/health", []string{"Origin", testOrigin}); r.StatusCode != 405 {
		t.Errorf("POST: %d", r.StatusCode)
	}
}

func TestListensOnLoopbackOnly(t *testing.T) {
	for _, address := range []string{
		"0.0.0.0:0", ":0", "192.168.1.1:0", "[::]:0", "example.jp:0", "127.0.0.1", "127.0.0.1:70000", "127.0.0.1:http",
	} {
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
	for _, origins := range [][]string{
		nil, {"*"}, {"null"}, {"localhost:8080"}, {"http://localhost:8080/"}, {"file:///x"},
		{"https://" + strings.Repeat("a", 300)},
	} {
		if _, err := New(Config{Origins: origins}); err == nil {
			t.Errorf("took %q", origins)
		}
	}
}

var _ reader.Source = (*virtual.Readers)(nil)
