package relay

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"madoguchi/bridge/reader"
	bridgev1 "madoguchi/proto/gen/bridge/v1"

	"github.com/gorilla/websocket"
	"golang.org/x/time/rate"
	"google.golang.org/protobuf/proto"
)

const (
	// writeTimeout is for a page that does not read what it is sent.
	writeTimeout = 10 * time.Second
	// releaseTimeout is how long a release waits for a command under way; the card is powered down in any case, if need be later.
	releaseTimeout = 3 * time.Second
	// recheck is the pause before a card is looked after again that was in use just now.
	recheck = 50 * time.Millisecond
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
	ctx     context.Context
	end     context.CancelFunc

	writing sync.Mutex

	// turn is taken by whoever uses what stands below: one request at a time, the idle timer, the watcher.
	turn   chan struct{}
	card   reader.Card
	reader string
	policy policy
	idle   *time.Timer
	used   time.Time // when the last command ended
	// lost is what became of the card that this page held last, when it went without the page's doing.
	lost error

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
		c.turn <- struct{}{} // a request under way ends with c.ctx
		c.release("the page is gone")
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
			c.fail(request.GetId(), bridgev1.ErrorCode_ERROR_CODE_BAD_FRAME, "an id that does not rise, or a second Hello")
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
		c.fail(request.GetId(), bridgev1.ErrorCode_ERROR_CODE_BAD_FRAME, "the first frame must be Hello")
		c.close(websocket.ClosePolicyViolation, "Hello is missing")
		return 0, false
	}
	c.purpose = hello.GetPurpose()
	c.extend()
	c.socket.SetPongHandler(func(string) error { c.extend(); return nil })
	c.send(&bridgev1.Reply{Id: request.GetId(), Body: &bridgev1.Reply_Welcome{
		Welcome: &bridgev1.Welcome{Version: c.server.Version, Virtual: c.server.Virtual},
	}})
	return request.GetId(), true
}

func (c *connection) extend() {
	_ = c.socket.SetReadDeadline(time.Now().Add(2*c.server.PingEvery + c.server.PingEvery/2))
}

// read gives the next request; nil when there was one that has been answered already. It is false when the connection is over.
func (c *connection) read() (*bridgev1.Request, bool) {
	kind, frame, err := c.socket.ReadMessage()
	if err != nil {
		if errors.Is(err, websocket.ErrReadLimit) {
			c.log.Warn("closed: a frame is too long")
		}
		return nil, false
	}
	defer clear(frame) // it may hold a PIN
	if kind != websocket.BinaryMessage {
		c.close(websocket.CloseUnsupportedData, "binary frames only")
		return nil, false
	}
	request, err := parse(frame)
	if err != nil && request == nil {
		c.fail(0, bridgev1.ErrorCode_ERROR_CODE_BAD_FRAME, err.Error())
		c.close(websocket.CloseProtocolError, "bad frame")
		return nil, false
	}
	if !c.frames.Allow() {
		if c.tooMany++; c.tooMany > patience {
			c.close(websocket.ClosePolicyViolation, "too many frames")
			return nil, false
		}
		c.fail(request.GetId(), bridgev1.ErrorCode_ERROR_CODE_TOO_FAST, "too many frames a second")
		return nil, true
	}
	if err != nil {
		c.fail(request.GetId(), bridgev1.ErrorCode_ERROR_CODE_BAD_FRAME, err.Error())
		return nil, true
	}
	return request, true
}

// dispatch starts a request, if none is under way, or cancels the one that is.
func (c *connection) dispatch(request *bridgev1.Request) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if cancel := request.GetCancel(); cancel != nil {
		if c.current != 0 && c.current == cancel.GetRequest() {
			c.cancel()
		}
		return
	}
	if c.current != 0 {
		c.fail(request.GetId(), bridgev1.ErrorCode_ERROR_CODE_TOO_FAST, "the request before is still under way")
		return
	}
	ctx, cancel := context.WithTimeout(c.ctx, c.server.CommandTimeout)
	c.current, c.cancel = request.GetId(), cancel
	go c.answer(ctx, request)
}

// answer does one request and replies.
func (c *connection) answer(ctx context.Context, request *bridgev1.Request) {
	reply, err := c.do(ctx, request)
	if err != nil {
		reply = failure(err)
	}
	reply.Id = request.GetId()
	c.mu.Lock()
	c.cancel()
	c.current = 0
	c.mu.Unlock()
	c.send(reply)
}

func (c *connection) do(ctx context.Context, request *bridgev1.Request) (*bridgev1.Reply, error) {
	select {
	case c.turn <- struct{}{}:
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	defer func() {
		c.checkLost()
		<-c.turn
	}()
	switch body := request.GetBody().(type) {
	case *bridgev1.Request_Acquire:
		return c.acquire(ctx, body.Acquire.GetReader())
	case *bridgev1.Request_Transmit:
		return c.transmit(ctx, body.Transmit)
	case *bridgev1.Request_Release:
		if c.card == nil {
			return nil, c.notAcquired()
		}
		c.release("the page is done")
		return &bridgev1.Reply{Body: &bridgev1.Reply_Released{Released: &bridgev1.Released{}}}, nil
	}
	return nil, &refusal{code: bridgev1.ErrorCode_ERROR_CODE_BAD_FRAME, detail: fmt.Sprintf("a %T", request.GetBody())}
}

// watch sends the picture whenever it changes, and gives up a card that is gone.
func (c *connection) watch() {
	var sent *bridgev1.State
	for {
		state, changed := c.server.Source.State()
		holders, told := c.server.held()
		if next := c.picture(state, holders); !proto.Equal(sent, next) {
			c.send(&bridgev1.Reply{Body: &bridgev1.Reply_State{State: next}})
			sent = next
		}
		var again <-chan time.Time
		select {
		case c.turn <- struct{}{}:
			c.checkLost()
			<-c.turn
		default: // a request is under way; it may have looked before this change
			again = time.After(recheck)
		}
		select {
		case <-again:
		case <-changed:
		case <-told:
		case <-c.ctx.Done():
			return
		}
	}
}

func (c *connection) picture(state reader.State, holders map[string]*connection) *bridgev1.State {
	cards := map[reader.CardState]bridgev1.CardState{
		reader.Empty: bridgev1.CardState_CARD_STATE_EMPTY, reader.Present: bridgev1.CardState_CARD_STATE_PRESENT,
		reader.Mute: bridgev1.CardState_CARD_STATE_MUTE, reader.Busy: bridgev1.CardState_CARD_STATE_BUSY,
	}
	out := &bridgev1.State{ServiceAvailable: state.Available}
	for _, r := range state.Readers {
		shown := &bridgev1.Reader{Name: r.Name, Card: cards[r.Card], Atr: r.ATR, Insertion: r.Insertion}
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
func (c *connection) send(reply *bridgev1.Reply) {
	frame, err := proto.Marshal(reply)
	if err != nil || len(frame) > maxFrame {
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

func (c *connection) fail(id uint32, code bridgev1.ErrorCode, detail string) {
	c.log.Warn("refused a frame", "code", code, "why", detail)
	c.send(&bridgev1.Reply{Id: id, Body: &bridgev1.Reply_Error{Error: &bridgev1.Error{Code: code, Detail: detail}}})
}

func (c *connection) close(code int, why string) {
	c.log.Warn("closed", "why", why)
	_ = c.socket.WriteControl(websocket.CloseMessage, websocket.FormatCloseMessage(code, why), time.Now().Add(time.Second))
}
