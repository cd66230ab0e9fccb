//go:build !js

package card

import (
	"errors"
	"testing"
	"time"

	bridgev2 "madoguchi/proto/gen/bridge/v2"
	"madoguchi/proto/wire"
)

// script is a socket that delivers frames and takes none.
type script struct{ frames [][]byte }

func (s *script) Send([]byte) error { return nil }

func (s *script) Receive() ([]byte, error) {
	if len(s.frames) == 0 {
		return nil, errors.New("no more")
	}
	frame := s.frames[0]
	s.frames = s.frames[1:]
	return frame, nil
}

func (s *script) Close() {}

// Whatever a program sends that took the bridge's port: the page ends the conversation or goes on, and says how it
// stands.
func FuzzFramesOfABridge(f *testing.F) {
	for _, reply := range []*bridgev2.Reply{
		{Id: 1, Body: &bridgev2.Reply_Welcome{Welcome: &bridgev2.Welcome{Version: "1"}}},
		{Body: &bridgev2.Reply_State{State: &bridgev2.State{ServiceAvailable: true, Readers: []*bridgev2.Reader{
			reader("A", present, 1), reader("A", present, 1), reader("B", mute, 2),
			{Name: "C", Presence: present, HolderOrigin: "x"},
		}}}},
		{Id: 2, Body: &bridgev2.Reply_Card{Card: &bridgev2.Card{
			Kind: 1, Tries: []*bridgev2.Tries{{Kind: authPIN, Left: 1 << 31, PauseMs: 1 << 31}, {}},
		}}},
		{Id: 2, Body: &bridgev2.Reply_Error{Error: &bridgev2.Error{Code: 99, Tries: &bridgev2.Tries{}}}},
		{Body: &bridgev2.Reply_Progress{Progress: &bridgev2.Progress{Request: 1, Step: 7}}},
	} {
		frame, err := wire.Marshal(reply)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(frame)
	}
	f.Fuzz(func(_ *testing.T, frame []byte) {
		b := NewBridge(&around{})
		c := &connection{
			socket: &script{frames: [][]byte{frame}}, done: make(chan struct{}), turn: make(chan struct{}, 1),
		}
		c.current = question{id: 2, answer: make(chan *bridgev2.Reply, 1), told: func(*bridgev2.Progress) {}}
		answers := c.current.answer
		c.state = func(s *bridgev2.State) {
			b.state = s
			_ = b.pick()
		}
		c.listen()
		select {
		case reply := <-answers:
			if reply, err := accept(reply); err != nil {
				_ = err.Error()
			} else {
				_ = contentsOf(reply.GetCard()).phase(time.Now())
			}
		default:
		}
		_ = healthOf(frame)
	})
}
