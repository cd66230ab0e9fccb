//go:build !js

package card

import (
	"bytes"
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/gorilla/websocket"

	bridgev2 "madoguchi/proto/gen/bridge/v2"
	"madoguchi/proto/wire"
)

const (
	authPIN = bridgev2.PINKind_PIN_KIND_AUTH
	signPIN = bridgev2.PINKind_PIN_KIND_SIGN
)

// fakeCard is what the fake bridge says of a card. Every PIN is "1234".
type fakeCard struct {
	kind        bridgev2.CardKind
	certificate []byte
	left        uint32
	pause       uint32 // told after a wrong PIN, in milliseconds
}

func goodCard() *fakeCard {
	return &fakeCard{kind: bridgev2.CardKind_CARD_KIND_MY_NUMBER, certificate: []byte("a certificate"), left: 3}
}

// tries are those of the authentication PIN: with one left after a wrong one, the card must be laid again.
func (c *fakeCard) tries(wrong bool) *bridgev2.Tries {
	t := &bridgev2.Tries{Kind: authPIN, Left: c.left}
	if wrong {
		t.PauseMs, t.LayAgain = c.pause, c.left == 1
	}
	return t
}

// fakeBridge speaks the frames over a real WebSocket. It judges nothing that the page does: that is the relay's.
type fakeBridge struct {
	t      *testing.T
	server *httptest.Server

	mu     sync.Mutex
	conns  []*websocket.Conn
	state  *bridgev2.State
	cards  map[string]*fakeCard // by reader
	refuse map[string]refused   // by kind of request
	slow   map[string]chan struct{}
	seen   []*bridgev2.Request
}

// refused is an error for so many requests; for all that come when times is 0.
type refused struct {
	code  bridgev2.ErrorCode
	step  bridgev2.Progress_Step // told before it
	tries *bridgev2.Tries
	times int
}

func newFake(t *testing.T) *fakeBridge {
	f := &fakeBridge{
		t: t, state: &bridgev2.State{ServiceAvailable: true},
		cards: map[string]*fakeCard{}, refuse: map[string]refused{}, slow: map[string]chan struct{}{},
	}
	upgrader := websocket.Upgrader{Subprotocols: []string{subprotocol}}
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
	given := map[uint32]chan struct{}{}
	for {
		_, frame, err := conn.ReadMessage()
		if err != nil {
			return
		}
		request := &bridgev2.Request{}
		if err := wire.Unmarshal(frame, request); err != nil {
			f.t.Error(err)
			return
		}
		f.mu.Lock()
		f.seen = append(f.seen, request)
		f.mu.Unlock()
		if cancel := request.GetCancel(); cancel != nil {
			close(given[cancel.GetRequest()])
			continue
		}
		given[request.GetId()] = make(chan struct{})
		go f.answer(conn, request, given[request.GetId()])
	}
}

func kindOf(request *bridgev2.Request) string {
	return strings.TrimPrefix(fmt.Sprintf("%T", request.GetBody()), "*bridgev2.Request_")
}

func (f *fakeBridge) answer(conn *websocket.Conn, request *bridgev2.Request, cancelled <-chan struct{}) {
	kind := kindOf(request)
	reply := &bridgev2.Reply{Id: request.GetId()}
	f.mu.Lock()
	slow := f.slow[kind]
	f.mu.Unlock()
	if slow != nil {
		f.send(conn, &bridgev2.Reply{Body: &bridgev2.Reply_Progress{Progress: &bridgev2.Progress{
			Request: request.GetId(), Step: bridgev2.Progress_STEP_CARD,
		}}})
		select {
		case <-slow:
		case <-cancelled:
			f.send(conn, failed(reply, &bridgev2.Error{Code: bridgev2.ErrorCode_ERROR_CODE_CANCELLED}))
			return
		}
	}
	if hello := request.GetHello(); hello != nil {
		reply.Body = &bridgev2.Reply_Welcome{Welcome: &bridgev2.Welcome{Version: "test", Virtual: true}}
		f.send(conn, reply)
		f.mu.Lock()
		f.conns = append(f.conns, conn)
		reply = &bridgev2.Reply{Body: &bridgev2.Reply_State{State: f.state}}
		f.mu.Unlock()
		f.send(conn, reply)
		return
	}
	f.mu.Lock()
	step := f.refuse[kind].step
	f.mu.Unlock()
	if step != 0 {
		f.send(conn, &bridgev2.Reply{Body: &bridgev2.Reply_Progress{Progress: &bridgev2.Progress{
			Request: request.GetId(), Step: step,
		}}})
	}
	f.mu.Lock()
	f.act(reply, kind, request)
	f.mu.Unlock()
	f.send(conn, reply)
}

func failed(reply *bridgev2.Reply, e *bridgev2.Error) *bridgev2.Reply {
	reply.Body = &bridgev2.Reply_Error{Error: e}
	return reply
}

// act does what is asked with the card of its place. The lock is held.
func (f *fakeBridge) act(reply *bridgev2.Reply, kind string, request *bridgev2.Request) {
	if r, is := f.refuse[kind]; is {
		if r.times == 1 {
			delete(f.refuse, kind)
		} else if r.times > 1 {
			r.times--
			f.refuse[kind] = r
		}
		failed(reply, &bridgev2.Error{
			Code: r.code, Detail: "as told", HolderOrigin: "https://other.example", Tries: r.tries,
		})
		return
	}
	at, secret := meant(request)
	i := slices.IndexFunc(f.state.GetReaders(), func(r *bridgev2.Reader) bool { return r.GetName() == at.GetReader() })
	if i < 0 || f.state.GetReaders()[i].GetInsertion() != at.GetInsertion() {
		failed(reply, &bridgev2.Error{Code: bridgev2.ErrorCode_ERROR_CODE_CARD_CHANGED})
		return
	}
	card := f.cards[at.GetReader()]
	if card == nil {
		failed(reply, &bridgev2.Error{Code: bridgev2.ErrorCode_ERROR_CODE_NO_CARD})
		return
	}
	if kind != "Look" && !secret.GetPad() && !bytes.Equal(secret.GetPin(), []byte("1234")) {
		card.left--
		code := bridgev2.ErrorCode_ERROR_CODE_WRONG_PIN
		if card.left == 0 {
			code = bridgev2.ErrorCode_ERROR_CODE_LOCKED
		}
		failed(reply, &bridgev2.Error{Code: code, Tries: card.tries(true)})
		return
	}
	switch body := request.GetBody().(type) {
	case *bridgev2.Request_Look:
		reply.Body = &bridgev2.Reply_Card{Card: &bridgev2.Card{
			Place: at, Kind: card.kind, Certificate: card.certificate, AuthCa: []byte("auth CA"),
			SignCa: []byte("sign CA"),
			Tries:  []*bridgev2.Tries{card.tries(false), {Kind: signPIN, Left: 5}},
		}}
		return
	case *bridgev2.Request_Sign:
		reply.Body = &bridgev2.Reply_Signature{Signature: &bridgev2.Signature{
			Signature: append([]byte("signed "), body.Sign.GetChallenge()...), Certificate: card.certificate,
		}}
	case *bridgev2.Request_SignDocument:
		documents := make([]*bridgev2.SignedDocument, len(body.SignDocument.GetDocuments()))
		for i, d := range body.SignDocument.GetDocuments() {
			documents[i] = &bridgev2.SignedDocument{SignedAttributes: d.GetDigest(), Signature: []byte("signed")}
		}
		reply.Body = &bridgev2.Reply_SignedDocuments{SignedDocuments: &bridgev2.SignedDocuments{
			Certificate: []byte(body.SignDocument.GetExpect().GetName()), Documents: documents,
		}}
	case *bridgev2.Request_VerifyAttributes:
		reply.Body = &bridgev2.Reply_Attributes{Attributes: &bridgev2.Attributes{Name: "山田花子"}}
	case *bridgev2.Request_ChangePin:
		reply.Body = &bridgev2.Reply_PinChanged{PinChanged: &bridgev2.PINChanged{}}
	case *bridgev2.Request_DeriveKey:
		reply.Body = &bridgev2.Reply_DerivedKey{DerivedKey: &bridgev2.DerivedKey{Key: body.DeriveKey.GetSalt()}}
	}
	card.left = 3
}

// meant is the place and the PIN of a request.
func meant(request *bridgev2.Request) (*bridgev2.Place, *bridgev2.Secret) {
	switch body := request.GetBody().(type) {
	case *bridgev2.Request_Look:
		return body.Look.GetPlace(), nil
	case *bridgev2.Request_Sign:
		return body.Sign.GetPlace(), body.Sign.GetSecret()
	case *bridgev2.Request_SignDocument:
		return body.SignDocument.GetPlace(), body.SignDocument.GetSecret()
	case *bridgev2.Request_VerifyAttributes:
		return body.VerifyAttributes.GetPlace(), body.VerifyAttributes.GetSecret()
	case *bridgev2.Request_ChangePin:
		return body.ChangePin.GetPlace(), body.ChangePin.GetOld()
	case *bridgev2.Request_DeriveKey:
		return body.DeriveKey.GetPlace(), body.DeriveKey.GetSecret()
	}
	return nil, nil
}

func (f *fakeBridge) send(conn *websocket.Conn, reply *bridgev2.Reply) {
	frame, err := wire.Marshal(reply)
	if err != nil {
		f.t.Error(err)
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	_ = conn.WriteMessage(websocket.BinaryMessage, frame)
}

// become changes the readers and tells every page.
func (f *fakeBridge) become(service bool, readers ...*bridgev2.Reader) {
	f.mu.Lock()
	f.state = &bridgev2.State{ServiceAvailable: service, Readers: readers}
	conns := f.conns
	f.mu.Unlock()
	for _, conn := range conns {
		f.send(conn, &bridgev2.Reply{Body: &bridgev2.Reply_State{State: f.state}})
	}
}

// lay puts a card on the reader R, the only one.
func (f *fakeBridge) lay(card *fakeCard, insertion uint64) {
	f.set(func() { f.cards["R"] = card })
	f.become(true, reader("R", present, insertion))
}

func (f *fakeBridge) set(change func()) {
	f.mu.Lock()
	defer f.mu.Unlock()
	change()
}

func (f *fakeBridge) answerWith(kind string, r refused) {
	f.set(func() { f.refuse[kind] = r })
}

func reader(name string, presence bridgev2.Presence, insertion uint64) *bridgev2.Reader {
	return &bridgev2.Reader{Name: name, Presence: presence, Insertion: insertion}
}

// requests of a kind that came so far.
func (f *fakeBridge) requests(kind string) []*bridgev2.Request {
	f.mu.Lock()
	defer f.mu.Unlock()
	var of []*bridgev2.Request
	for _, r := range f.seen {
		if kindOf(r) == kind {
			of = append(of, r)
		}
	}
	return of
}

// around is a browser's surroundings with a WebSocket client that nobody here wrote.
type around struct {
	mu         sync.Mutex
	address    string
	health     Health
	permission Permission
	blocks     string
	handheld   bool
	knocks     int
	asking     chan struct{} // the browser asks the person until it is closed
	socket     *client
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

func (a *around) Knock(ctx context.Context, _ string) Health {
	a.mu.Lock()
	asking := a.asking
	a.knocks++
	a.mu.Unlock()
	if asking != nil {
		select {
		case <-asking:
		case <-ctx.Done():
			return Silent
		}
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.health
}

func (a *around) Blocks() string {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.blocks
}

func (a *around) Handheld() bool { return a.handheld }

func (a *around) Dial(ctx context.Context, address string) (Socket, error) {
	dialer := websocket.Dialer{Subprotocols: []string{subprotocol}}
	conn, response, err := dialer.DialContext(ctx, "ws://"+address+path, nil)
	if err != nil {
		return nil, err
	}
	response.Body.Close()
	c := &client{conn: conn}
	a.set(func() { a.socket = c })
	return c, nil
}

// client keeps the very frames that were sent, as one that does not obey would.
type client struct {
	mu   sync.Mutex
	conn *websocket.Conn
	sent [][]byte
}

func (c *client) Send(frame []byte) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.sent = append(c.sent, frame)
	return c.conn.WriteMessage(websocket.BinaryMessage, frame)
}

func (c *client) Receive() ([]byte, error) {
	_, frame, err := c.conn.ReadMessage()
	return frame, err
}

func (c *client) Close() { c.conn.Close() }
