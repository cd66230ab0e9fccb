package ask

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"strings"
	"sync"
)

// terminal asks where the bridge was started. One goroutine reads all lines for good, since a read cannot be given up;
// what was typed before a question is no answer to it.
type terminal struct {
	out io.Writer

	mu     sync.Mutex
	answer chan string // of the question that stands
	ended  chan struct{}
}

func newTerminal(rw io.ReadWriter) *terminal {
	t := &terminal{out: rw, ended: make(chan struct{})}
	go func() {
		defer close(t.ended)
		for lines := bufio.NewScanner(rw); lines.Scan(); {
			t.mu.Lock()
			if t.answer != nil {
				t.answer <- lines.Text()
				t.answer = nil
			}
			t.mu.Unlock()
		}
	}()
	return t
}

func (t *terminal) await(answer chan string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.answer = answer
}

func (t *terminal) ask(ctx context.Context, q Question) error {
	answer := make(chan string, 1)
	defer t.await(nil)
	t.await(answer)
	if _, err := fmt.Fprintf(t.out, "\n%s\n\nはい / yes? [y/N] ", q.text()); err != nil {
		return fmt.Errorf("%w: %w", ErrCannot, err)
	}
	select {
	case line := <-answer:
		switch strings.ToLower(strings.TrimSpace(line)) {
		case "y", "yes", "はい":
			return nil
		}
		return ErrDeclined
	case <-t.ended:
		return fmt.Errorf("%w: the terminal is closed", ErrCannot)
	case <-ctx.Done():
		fmt.Fprintln(t.out)
		return ctx.Err()
	}
}
