package card

import (
	"context"
	"errors"
	"fmt"
	"sync"

	bridgev1 "madoguchi/proto/gen/bridge/v1"

	"google.golang.org/protobuf/proto"
)

// maxFrame is the largest frame the protocol knows, in bytes.
const maxFrame = 4096

// Socket is an open WebSocket of whole binary messages. Send and Receive may run at the same time; each for one goroutine.
type Socket interface {
	Send(frame []byte) error
	// Receive waits for the next frame; any error means that the socket is finished.
	Receive() ([]byte, error)
	Close()
}

// connection is one conversation with a bridge, from Hello to the end of its socket.
type connection struct {
	socket  Socket
	state   func(*bridgev1.State)
	done    chan struct{}
	welcome *bridgev1.Welcome

	mu      sync.Mutex
	lastID  uint32
	waiting map[uint32]chan *bridgev1.Reply
}

// greet says Hello and waits for the Welcome. After that, state is called with each State, in order, until the socket ends.
func greet(ctx context.Context, socket Socket, purpose string, state func(*bridgev1.State)) (*connection, error) {
	c := &connection{socket: socket, state: state, done: make(chan struct{}), waiting: map[uint32]chan *bridgev1.Reply{}}
	go c.listen()
	reply, err := c.ask(ctx, &bridgev1.Request{Body: &bridgev1.Request_Hello{Hello: &bridgev1.Hello{Purpose: purpose}}})
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
		reply := &bridgev1.Reply{}
		if len(frame) > maxFrame || proto.Unmarshal(frame, reply) != nil {
			return // not our protocol: whoever it is, the conversation is over
		}
		if reply.GetId() == 0 {
			if state := reply.GetState(); state != nil {
				c.state(state)
			}
			continue
		}
		c.mu.Lock()
		answer := c.waiting[reply.GetId()]
		delete(c.waiting, reply.GetId())
		c.mu.Unlock()
		if answer != nil {
			answer <- reply
		}
	}
}

// ask sends a request and waits for its reply. When ctx ends first the bridge is told to give the request up.
func (c *connection) ask(ctx context.Context, request *bridgev1.Request) (*bridgev1.Reply, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	answer := make(chan *bridgev1.Reply, 1)
	c.mu.Lock()
	c.lastID++
	id := c.lastID
	c.waiting[id] = answer
	request.Id = id
	err := c.send(request)
	c.mu.Unlock()
	if err != nil {
		return nil, err
	}
	select {
	case reply := <-answer:
		return accept(reply)
	case <-c.done:
		return nil, ErrBridgeGone
	case <-ctx.Done():
		c.mu.Lock()
		defer c.mu.Unlock()
		c.lastID++
		_ = c.send(&bridgev1.Request{Id: c.lastID, Body: &bridgev1.Request_Cancel{Cancel: &bridgev1.Cancel{Request: id}}})
		return nil, ctx.Err()
	}
}

func (c *connection) send(request *bridgev1.Request) error {
	frame, err := proto.Marshal(request)
	if err != nil {
		return fmt.Errorf("writing a frame: %w", err)
	}
	defer clear(frame) // it may carry a PIN
	if len(frame) > maxFrame {
		return fmt.Errorf("writing a frame: %d bytes are too many", len(frame))
	}
	if err := c.socket.Send(frame); err != nil {
		return ErrBridgeGone
	}
	return nil
}

func accept(reply *bridgev1.Reply) (*bridgev1.Reply, error) {
	if failure := reply.GetError(); failure != nil {
		return nil, &Refusal{
			Code: failure.GetCode(), Detail: failure.GetDetail(),
			HolderOrigin: failure.GetHolderOrigin(), HolderPurpose: failure.GetHolderPurpose(),
		}
	}
	return reply, nil
}

// Session is a card lent to this page alone. It is an apdu.Transmitter.
type Session struct {
	connection *connection
	// Warned says that the person knows of the last try; the bridge refuses a PIN with one try left otherwise.
	Warned bool
}

// acquire takes the card of that insertion.
func (c *connection) acquire(ctx context.Context, reader string, insertion uint64) (*Session, error) {
	reply, err := c.ask(ctx, &bridgev1.Request{Body: &bridgev1.Request_Acquire{Acquire: &bridgev1.Acquire{Reader: reader}}})
	if err != nil {
		return nil, fmt.Errorf("taking the card: %w", err)
	}
	session := &Session{connection: c}
	if got := reply.GetAcquired().GetInsertion(); got != insertion {
		session.Release()
		return nil, fmt.Errorf("taking the card: %w", ErrCardChanged)
	}
	return session, nil
}

// Transmit sends one command APDU and returns the response APDU.
func (s *Session) Transmit(ctx context.Context, command []byte) ([]byte, error) {
	reply, err := s.connection.ask(ctx, &bridgev1.Request{Body: &bridgev1.Request_Transmit{
		Transmit: &bridgev1.Transmit{Command: command, LastTryWarned: s.Warned},
	}})
	if err != nil {
		return nil, err
	}
	if reply.GetResponse() == nil {
		return nil, errors.New("the bridge answered a command with something else")
	}
	return reply.GetResponse().GetResponse(), nil
}

// Release gives the card back, powered down. It does not fail: a bridge that is gone has let go of the card.
func (s *Session) Release() {
	ctx, cancel := context.WithTimeout(context.Background(), releaseTimeout)
	defer cancel()
	_, _ = s.connection.ask(ctx, &bridgev1.Request{Body: &bridgev1.Request_Release{Release: &bridgev1.Release{}}})
}
