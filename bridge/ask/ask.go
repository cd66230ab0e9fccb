// Package ask asks the person at this machine before the card does what a page wants: in a window of the desktop
// (zenity or kdialog), or on the terminal. The page has no part in the window but the texts that it is given, and those
// go through CheckText. It knows no card; where it cannot ask, the answer is never yes.
package ask

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strings"
	"time"
)

// Mode is what is asked about.
type Mode int

const (
	// Auto asks as Documents where there is a desktop with a dialog program, and as Never else.
	Auto Mode = iota
	// Documents asks before documents are signed.
	Documents
	// All asks before anything that a PIN is needed for.
	All
	// Never asks nobody.
	Never
)

// ParseMode reads auto, documents, all or never.
func ParseMode(s string) (Mode, error) {
	for i, name := range []string{"auto", "documents", "all", "never"} {
		if s == name {
			return Mode(i), nil
		}
	}
	return 0, fmt.Errorf("%q is none of auto, documents, all, never", s)
}

// Errors of Ask.
var (
	// ErrDeclined: the person said no, or nothing.
	ErrDeclined = errors.New("the person at this machine said no, or nothing")
	// ErrCannot: there is neither a desktop with zenity or kdialog nor a terminal.
	ErrCannot = errors.New("nobody can be asked: there is neither a desktop with zenity or kdialog nor a terminal")
)

// Question is what the person is asked.
type Question struct {
	// Origin of the page.
	Origin string
	// What is to be done, one line a language.
	What []string
	// Items are the documents, one line each.
	Items []string
}

// Config of an Asker.
type Config struct {
	Mode Mode
	// Patience is how long a question stands; 0 is a minute.
	Patience time.Duration
	// Terminal is where to ask without a desktop; nil: there is none.
	Terminal io.ReadWriter
	// Look finds a program, and Variable an environment variable; nil: exec.LookPath and os.Getenv.
	Look     func(program string) (string, error)
	Variable func(name string) string
}

// Asker asks, one question at a time.
type Asker struct {
	mode     Mode
	patience time.Duration
	ask      func(ctx context.Context, q Question) error
	turn     chan struct{}
}

// New finds out how the person can be asked.
func New(c Config) *Asker {
	if c.Patience == 0 {
		c.Patience = time.Minute
	}
	if c.Look == nil {
		c.Look = exec.LookPath
	}
	if c.Variable == nil {
		c.Variable = os.Getenv
	}
	a := &Asker{mode: c.Mode, patience: c.Patience, turn: make(chan struct{}, 1)}
	dialog := c.dialog()
	switch {
	case dialog != nil:
		a.ask = dialog
	case c.Terminal != nil && c.Mode != Auto:
		a.ask = newTerminal(c.Terminal).ask
	default:
		a.ask = func(context.Context, Question) error { return ErrCannot }
	}
	if c.Mode == Auto {
		a.mode = Never
		if dialog != nil {
			a.mode = Documents
		}
	}
	return a
}

// Documents tells whether the person is asked before documents are signed.
func (a *Asker) Documents() bool {
	return a != nil && (a.mode == Documents || a.mode == All)
}

// All tells whether the person is asked before anything else.
func (a *Asker) All() bool {
	return a != nil && a.mode == All
}

// Ask returns nil when the person says yes.
func (a *Asker) Ask(ctx context.Context, q Question) error {
	ctx, cancel := context.WithTimeoutCause(ctx, a.patience, ErrDeclined)
	defer cancel()
	select {
	case a.turn <- struct{}{}:
	case <-ctx.Done():
		return context.Cause(ctx)
	}
	defer func() { <-a.turn }()
	err := a.ask(ctx, q)
	if ctx.Err() != nil {
		return context.Cause(ctx) // a window that was closed by force has given no answer
	}
	return err
}

// text is the question, whose first line is ours: no program takes it for markup or for an option.
func (q Question) text() string {
	lines := append([]string{"まどぐち カードブリッジ", ""}, q.Origin)
	lines = append(lines, q.What...)
	if len(q.Items) > 0 {
		lines = append(lines, "")
	}
	for i, item := range q.Items {
		lines = append(lines, fmt.Sprintf("%d. %s", i+1, item))
	}
	return strings.Join(lines, "\n")
}
