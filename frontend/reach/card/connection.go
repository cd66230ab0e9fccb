package card

import (
	"context"
	"errors"
	"fmt"
	"sync"

	bridgev2 "madoguchi/proto/gen/bridge/v2"
	"madoguchi/proto/wire"
)

// maxRequest and maxReply are the largest frames that the protocol knows, in bytes.
const (
	maxRequest = 16384
	maxReply   = 32768
)

// Socket is an open WebSocket of whole binary messages. Send and Receive may run at the same time; each for one
// goroutine.
type Socket interface {
	// Send does not keep the frame: the caller clears it.
	Send(frame []byte) error
	// Receive waits for the next frame; any error means that the socket is finished.
	Receive() ([]byte, error)
	Close()
}

// connection is one conversation with a bridge, from Hello to the end of its socket.
type connection struct {
	socket  Socket
	state   func(*bridgev2.State)
	done    chan struct{}
	welcome *bridgev2.Welcome
	// turn is taken by the request that is under way: the bridge does one at a time for a page.
	turn chan struct{}

	mu      sync.Mutex
	lastID  uint32
	current question
}

// question is a request that waits for its reply.
type question struct {
	id     uint32
	answer chan *bridgev2.Reply
	told   func(*bridgev2.Progress)
}

// greet says Hello and waits for the Welcome. After that, state is called with each State, in order, until the socket
// ends.
func greet(ctx context.Context, socket Socket, purpose string, state func(*bridgev2.State)) (*connection, error) {
	c := &connection{socket: socket, state: state, done: make(chan struct{}), turn: make(chan struct{}, 1)}
	go c.listen()
	hello := &bridgev2.Request_Hello{Hello: &bridgev2.Hello{Purpose: purpose}}
	reply, err := c.ask(ctx, &bridgev2.Request{Body: hello}, nil)
	if err != nil {
		socket.Close()
		return nil, fmt.Errorf("greeting the bridge: %w", err)
	}
	if c.welcome = reply.GetWelcome(); c.welcome == nil {
		socket.Close()
		return nil, errors.New("greeting the bridge: it did not say welcome")
	}
	return c, nil
}

func (c *connection) listen() {
	defer close(c.done)
	defer c.socket.Close()
	for {
		frame, err := c.socket.Receive()
		if err != nil {
			return
		}
		reply := &bridgev2.Reply{}
		if len(frame) > maxReply || wire.Unmarshal(frame, reply) != nil {
			return // not our protocol: whoever it is, the conversation is over
		}
		clear(frame) // it may carry a derived key
		c.hear(reply)
	}
}

func (c *connection) hear(reply *bridgev2.Reply) {
	if state := reply.GetState(); state != nil {
		c.state(state)
		return
	}
	c.mu.Lock()
	asked := c.current
	progress := reply.GetProgress()
	answered := asked.id != 0 && reply.GetId() == asked.id && progress == nil
	if answered {
		c.current = question{}
	}
	c.mu.Unlock()
	switch {
	case answered:
		asked.answer <- reply
	case progress != nil && asked.told != nil && progress.GetRequest() == asked.id:
		asked.told(progress)
	}
}

// ask sends a request when its turn has come, and waits for its reply. When ctx ends first the bridge is told to give
// the request up, and the turn ends with its answer.
func (c *connection) ask(
	ctx context.Context, request *bridgev2.Request, told func(*bridgev2.Progress),
) (*bridgev2.Reply, error) {
	select {
	case c.turn <- struct{}{}:
	case <-c.done:
		return nil, ErrBridgeGone
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	answer := make(chan *bridgev2.Reply, 1)
	id, err := c.begin(request, question{answer: answer, told: told})
	if err != nil {
		<-c.turn
		return nil, err
	}
	select {
	case reply := <-answer:
		<-c.turn
		return accept(reply)
	case <-c.done:
		<-c.turn
		return nil, ErrBridgeGone
	case <-ctx.Done():
		go c.giveUp(id, answer)
		return nil, ctx.Err()
	}
}

func (c *connection) begin(request *bridgev2.Request, q question) (uint32, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	q.id = c.nextID()
	request.Id = q.id
	c.current = q
	if err := c.send(request); err != nil {
		c.current = question{}
		return 0, err
	}
	return q.id, nil
}

// nextID is called with the lock held.
func (c *connection) nextID() uint32 {
	c.lastID++
	return c.lastID
}

func (c *connection) giveUp(id uint32, answer <-chan *bridgev2.Reply) {
	defer func() { <-c.turn }()
	c.mu.Lock()
	c.current.told = nil
	err := c.send(&bridgev2.Request{
		Id: c.nextID(), Body: &bridgev2.Request_Cancel{Cancel: &bridgev2.Cancel{Request: id}},
	})
	c.mu.Unlock()
	if err != nil {
		return
	}
	select {
	case <-answer:
	case <-c.done:
	}
}

// send is called with the lock held, so that ids go out in order.
func (c *connection) send(request *bridgev2.Request) error {
	frame, err := wire.Marshal(request)
	if err != nil {
		return fmt.Errorf("writing a frame: %w", err)
	}
	defer clear(frame) // it may carry a PIN
	if len(frame) > maxRequest {
		return fmt.Errorf("writing a frame: %d bytes are too many", len(frame))
	}
	if err := c.socket.Send(frame); err != nil {
		return ErrBridgeGone
	}
	return nil
}

func accept(reply *bridgev2.Reply) (*bridgev2.Reply, error) {
	if failure := reply.GetError(); failure != nil {
		return nil, refusalOf(failure)
	}
	return reply, nil
}
