package card

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/gorilla/websocket"
	"google.golang.org/protobuf/proto"

	"madoguchi/bridge/apdu"
	"madoguchi/bridge/softcard"
	bridgev1 "madoguchi/proto/gen/bridge/v1"
)

// fakeBridge speaks the frames over a real WebSocket, with a card in software. It judges nothing that the page does: that is the
// relay's.
type fakeBridge struct {
	t      *testing.T
	server *httptest.Server

	mu     sync.Mutex
	conns  []*websocket.Conn
	state  *bridgev1.State
	card   apdu.Transmitter
	held   bool
	refuse map[string]bridgev1.ErrorCode // by kind of request
	slow   chan struct{}                 // Transmit waits until it is closed
	seen   []string
}

func newFake(t *testing.T) *fakeBridge {
	f := &fakeBridge{t: t, state: &bridgev1.State{ServiceAvailable: true}, refuse: map[string]bridgev1.ErrorCode{}}
	upgrader := websocket.Upgrader{Subprotocols: []string{"madoguchi.bridge.v1"}}
	f.server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		conn, err := upgrader.Upgrade(w, r, nil)
		if err != nil {
			return
		}
		f.serve(conn)
	}))
	t.Cleanup(f.server.Close)
	return f
}

func (f *fakeBridge) address() string { return strings.TrimPrefix(f.server.URL, "http://") }

func (f *fakeBridge) serve(conn *websocket.Conn) {
	defer conn.Close()
	for {
		_, frame, err := conn.ReadMessage()
		if err != nil {
			return
		}
		request := &bridgev1.Request{}
		if err := proto.Unmarshal(frame, request); err != nil {
			f.t.Error(err)
			return
		}
		go f.answer(conn, request)
	}
}

func (f *fakeBridge) answer(conn *websocket.Conn, request *bridgev1.Request) {
	kind := strings.TrimPrefix(fmt.Sprintf("%T", request.GetBody()), "*bridgev1.Request_")
	reply := &bridgev1.Reply{Id: request.GetId()}
	f.mu.Lock()
	f.seen = append(f.seen, kind)
	code, refused := f.refuse[kind]
	card, slow := f.card, f.slow
	f.mu.Unlock()
	if refused {
		reply.Body = &bridgev1.Reply_Error{Error: &bridgev1.Error{Code: code, Detail: "as told", HolderOrigin: "https://other.example"}}
		f.send(conn, reply)
		return
	}
	switch body := request.GetBody().(type) {
	case *bridgev1.Request_Hello:
		reply.Body = &bridgev1.Reply_Welcome{Welcome: &bridgev1.Welcome{Version: "test", Virtual: true}}
		f.send(conn, reply)
		f.mu.Lock()
		f.conns = append(f.conns, conn)
		reply = &bridgev1.Reply{Body: &bridgev1.Reply_State{State: f.state}}
		f.mu.Unlock()
	case *bridgev1.Request_Acquire:
		f.mu.Lock()
		f.held = true
		reply.Body = &bridgev1.Reply_Acquired{Acquired: &bridgev1.Acquired{Reader: body.Acquire.GetReader(), Insertion: f.state.GetReaders()[0].GetInsertion()}}
		f.mu.Unlock()
	case *bridgev1.Request_Transmit:
		if slow != nil {
			<-slow
		}
		answer, err := card.Transmit(context.Background(), body.Transmit.GetCommand())
		if err != nil {
			reply.Body = &bridgev1.Reply_Error{Error: &bridgev1.Error{Code: bridgev1.ErrorCode_ERROR_CODE_CARD_REMOVED}}
			break
		}
		reply.Body = &bridgev1.Reply_Response{Response: &bridgev1.Response{Response: answer}}
	case *bridgev1.Request_Release:
		f.mu.Lock()
		f.held = false

		f.mu.Unlock()
		reply.Body = &bridgev1.Reply_Released{Released: &bridgev1.Released{}}
	case *bridgev1.Request_Cancel:
		return
	}
	f.send(conn, reply)
}

func (f *fakeBridge) send(conn *websocket.Conn, reply *bridgev1.Reply) {
	frame, err := proto.Marshal(reply)
	if err != nil {
		f.t.Error(err)
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	_ = conn.WriteMessage(websocket.BinaryMessage, frame)
}

// become changes the readers and tells every page.
func (f *fakeBridge) become(service bool, readers ...*bridgev1.Reader) {
	f.mu.Lock()
	f.state = &bridgev1.State{ServiceAvailable: service, Readers: readers}
	conns := f.conns
	f.mu.Unlock()
	for _, conn := range conns {
		f.send(conn, &bridgev1.Reply{Body: &bridgev1.Reply_State{State: f.state}})
	}
}

// lay puts a person's card on the reader.
func (f *fakeBridge) lay(person string, insertion uint64) {
	f.t.Helper()
	p, ok := softcard.PersonByID(person)
	if !ok {
		f.t.Fatalf("nobody is called %s", person)
	}
	card, err := softcard.NewCard(p, softcard.MemoryState(), time.Now)
	if err != nil {
		f.t.Fatal(err)
	}
	f.mu.Lock()
	f.card = card
	f.mu.Unlock()
	f.become(true, reader("R", bridgev1.CardState_CARD_STATE_PRESENT, insertion))
}

func reader(name string, card bridgev1.CardState, insertion uint64) *bridgev1.Reader {
	return &bridgev1.Reader{Name: name, Card: card, Insertion: insertion}
}

func (f *fakeBridge) count(kind string) int {
	f.mu.Lock()
	defer f.mu.Unlock()
	n := 0
	for _, s := range f.seen {
		if s == kind {
			n++
		}
	}
	return n
}

// around is a browser's surroundings with a WebSocket client that nobody here wrote.
type around struct {
	mu         sync.Mutex
	address    string
	health     Health
	permission Permission
	blocks     string
}

func (a *around) set(change func()) {
	a.mu.Lock()
	defer a.mu.Unlock()
	change()
}

func (a *around) Addresses() []string { return []string{a.address} }

func (a *around) Permission(context.Context) Permission {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.permission
}

func (a *around) Knock(context.Context, string) Health {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.health
}

func (a *around) Blocks() string {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.blocks
}

func (a *around) Dial(ctx context.Context, address string) (Socket, error) {
	dialer := websocket.Dialer{Subprotocols: []string{"madoguchi.bridge.v1"}}
	conn, response, err := dialer.DialContext(ctx, "ws://"+address+"/v1", nil)
	if err != nil {
		return nil, err
	}
	response.Body.Close()
	return &client{conn: conn}, nil
}

type client struct {
	mu   sync.Mutex
	conn *websocket.Conn
}

func (c *client) Send(frame []byte) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.conn.WriteMessage(websocket.BinaryMessage, frame)
}

func (c *client) Receive() ([]byte, error) {
	_, frame, err := c.conn.ReadMessage()
	return frame, err
}

func (c *client) Close() { c.conn.Close() }
