package relay

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"sync"
	"time"

	"madoguchi/bridge/reader"
	bridgev2 "madoguchi/proto/gen/bridge/v2"

	"github.com/gorilla/websocket"
	"golang.org/x/time/rate"
	"google.golang.org/protobuf/proto"
)

const (
	// writeTimeout is for a page that does not read what it is sent.
	writeTimeout = 10 * time.Second
	// patience is how many frames too many are answered before the connection is closed.
	patience = 1000
)

// connection is one page.
type connection struct {
	server  *Server
	origin  string
	purpose string // written once, before the connection can hold anything
	log     *slog.Logger
	socket  *websocket.Conn
	frames  *rate.Limiter
	tooMany int
	// frame is what the page's frames are read into, so that nothing of a PIN is left elsewhere.
	frame [maxFrame]byte
	ctx   context.Context
	end   context.CancelFunc

	writing sync.Mutex
	acts    sync.WaitGroup

	mu      sync.Mutex
	current uint32 // id of the request under way; 0: none
	cancel  context.CancelFunc
}

// serve runs until the page or the bridge has enough. The card is powered down when it returns.
func (c *connection) serve() {
	var helpers sync.WaitGroup
	defer func() {
		c.end()
		c.socket.Close()
		helpers.Wait()
		c.acts.Wait() // one under way ends with c.ctx, and powers its card down
		c.log.Info("page left")
	}()
	c.log.Info("page connected")
	defer context.AfterFunc(c.ctx, func() { c.socket.Close() })()
	last, ok := c.greet()
	if !ok {
		return
	}
	helpers.Add(2)
	go func() { defer helpers.Done(); c.watch() }()
	go func() { defer helpers.Done(); c.ping() }()
	for {
		request, ok := c.read()
		if !ok {
			return
		}
		if request == nil {
			continue
		}
		if request.GetId() <= last && request.GetCancel() == nil || request.GetHello() != nil {
			wipe(request)
			const why = "an id that does not rise, or a second Hello"
			c.fail(request.GetId(), bridgev2.ErrorCode_ERROR_CODE_BAD_FRAME, why)
			continue
		}
		last = max(last, request.GetId())
		c.dispatch(request)
	}
}

// greet waits for Hello and gives its id.
func (c *connection) greet() (uint32, bool) {
	c.socket.SetReadLimit(maxFrame)
	_ = c.socket.SetReadDeadline(time.Now().Add(c.server.HelloTimeout))
	request, ok := c.read()
	if !ok {
		return 0, false
	}
	hello := request.GetHello()
	if hello == nil {
		wipe(request)
		c.fail(request.GetId(), bridgev2.ErrorCode_ERROR_CODE_BAD_FRAME, "the first frame must be Hello")
		c.close(websocket.ClosePolicyViolation, "Hello is missing")
		return 0, false
	}
	c.purpose = hello.GetPurpose()
	c.extend()
	c.socket.SetPongHandler(func(string) error { c.extend(); return nil })
	c.send(&bridgev2.Reply{Id: request.GetId(), Body: &bridgev2.Reply_Welcome{
		Welcome: &bridgev2.Welcome{
			Version: c.server.Version, Virtual: c.server.Virtual,
			ConfirmsDocuments: c.server.Ask.Documents(), ConfirmsAll: c.server.Ask.All(),
		},
	}})
	return request.GetId(), true
}

func (c *connection) extend() {
	_ = c.socket.SetReadDeadline(time.Now().Add(2*c.server.PingEvery + c.server.PingEvery/2))
}

// read gives the next request; nil when there was one that has been answered already. It is false when the connection
// is over.
func (c *connection) read() (*bridgev2.Request, bool) {
	kind, frame, err := c.next()
	defer clear(frame) // it may hold a PIN
	if err != nil {
		if errors.Is(err, websocket.ErrReadLimit) {
			c.log.Warn("closed: a frame is too long")
		}
		return nil, false
	}
	if kind != websocket.BinaryMessage {
		c.close(websocket.CloseUnsupportedData, "binary frames only")
		return nil, false
	}
	request, err := parse(frame)
	if err != nil && request == nil {
		c.fail(0, bridgev2.ErrorCode_ERROR_CODE_BAD_FRAME, err.Error())
		c.close(websocket.CloseProtocolError, "bad frame")
		return nil, false
	}
	if !c.frames.Allow() {
		wipe(request)
		if c.tooMany++; c.tooMany > patience {
			c.close(websocket.ClosePolicyViolation, "too many frames")
			return nil, false
		}
		c.fail(request.GetId(), bridgev2.ErrorCode_ERROR_CODE_TOO_FAST, "too many frames a second")
		return nil, true
	}
	if err != nil {
		wipe(request)
		c.fail(request.GetId(), bridgev2.ErrorCode_ERROR_CODE_BAD_FRAME, err.Error())
		return nil, true
	}
	return request, true
}

// next reads one frame into c.frame. One that is longer is broken off by the read limit.
func (c *connection) next() (int, []byte, error) {
	kind, from, err := c.socket.NextReader()
	if err != nil {
		return 0, nil, err
	}
	n, err := io.ReadFull(from, c.frame[:])
	if err == nil { // full to the last byte
		_, err = io.ReadFull(from, make([]byte, 1))
	}
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		err = nil
	}
	return kind, c.frame[:n], err
}

// dispatch starts a request, if none is under way, or cancels the one that is.
func (c *connection) dispatch(request *bridgev2.Request) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if cancel := request.GetCancel(); cancel != nil {
		if c.current != 0 && c.current == cancel.GetRequest() {
			c.cancel()
		}
		return
	}
	if c.current != 0 {
		wipe(request)
		c.fail(request.GetId(), bridgev2.ErrorCode_ERROR_CODE_TOO_FAST, "the request before is still under way")
		return
	}
	ctx, cancel := context.WithTimeout(c.ctx, c.server.ActTimeout)
	c.current, c.cancel = request.GetId(), cancel
	c.acts.Go(func() { c.answer(ctx, request) })
}

// answer does one request and replies.
func (c *connection) answer(ctx context.Context, request *bridgev2.Request) {
	reply := c.reply(ctx, request)
	c.mu.Lock()
	c.cancel()
	c.current = 0
	c.mu.Unlock()
	c.send(reply)
	clear(reply.GetDerivedKey().GetKey())
}

// reply does one request. Nothing of its PINs is left then.
func (c *connection) reply(ctx context.Context, request *bridgev2.Request) *bridgev2.Reply {
	defer wipe(request)
	reply, err := c.do(ctx, request)
	if err != nil {
		reply = failure(err)
	}
	reply.Id = request.GetId()
	return reply
}

// watch sends the picture whenever it changes.
func (c *connection) watch() {
	var sent *bridgev2.State
	for {
		state, changed := c.server.Source.State()
		holders, told := c.server.held()
		if next := c.picture(state, holders); !proto.Equal(sent, next) {
			c.send(&bridgev2.Reply{Body: &bridgev2.Reply_State{State: next}})
			sent = next
		}
		select {
		case <-changed:
		case <-told:
		case <-c.ctx.Done():
			return
		}
	}
}

func (c *connection) picture(state reader.State, holders map[string]*connection) *bridgev2.State {
	presence := map[reader.CardState]bridgev2.Presence{
		reader.Empty: bridgev2.Presence_PRESENCE_EMPTY, reader.Present: bridgev2.Presence_PRESENCE_CARD,
		reader.Mute: bridgev2.Presence_PRESENCE_MUTE, reader.Busy: bridgev2.Presence_PRESENCE_BUSY,
	}
	out := &bridgev2.State{ServiceAvailable: state.Available}
	for _, r := range state.Readers {
		shown := &bridgev2.Reader{Name: r.Name, Presence: presence[r.Card], Insertion: r.Insertion, PinPad: r.Pad}
		if holder := holders[r.Name]; holder == c {
			shown.HeldByYou = true
		} else if holder != nil {
			shown.HolderOrigin, shown.HolderPurpose = holder.origin, holder.purpose
		}
		out.Readers = append(out.Readers, shown)
	}
	return out
}

func (c *connection) ping() {
	ticker := time.NewTicker(c.server.PingEvery)
	defer ticker.Stop()
	for {
		select {
		case <-ticker.C:
			if c.socket.WriteControl(websocket.PingMessage, nil, time.Now().Add(writeTimeout)) != nil {
				c.end()
				return
			}
		case <-c.ctx.Done():
			return
		}
	}
}

// send writes one reply. A page that cannot be written to is dropped.
func (c *connection) send(reply *bridgev2.Reply) {
	frame, err := proto.Marshal(reply)
	if err != nil || len(frame) > maxReply {
		c.log.Error("a reply that is no frame", "bytes", len(frame), "error", err)
		c.end()
		return
	}
	defer clear(frame)
	c.writing.Lock()
	defer c.writing.Unlock()
	_ = c.socket.SetWriteDeadline(time.Now().Add(writeTimeout))
	if err := c.socket.WriteMessage(websocket.BinaryMessage, frame); err != nil {
		c.end()
	}
}

func (c *connection) fail(id uint32, code bridgev2.ErrorCode, detail string) {
	c.log.Warn("refused a frame", "code", code, "why", detail)
	c.send(&bridgev2.Reply{Id: id, Body: &bridgev2.Reply_Error{Error: &bridgev2.Error{Code: code, Detail: detail}}})
}

func (c *connection) close(code int, why string) {
	c.log.Warn("closed", "why", why)
	_ = c.socket.WriteControl(websocket.CloseMessage, websocket.FormatCloseMessage(code, why),
		time.Now().Add(time.Second))
}
