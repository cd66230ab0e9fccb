//go:build !js

package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

// What a person does to a field stands in the document at once, and its event reaches the page a moment later: it
// waits in go-app's queue, or is not even fired yet while an earlier one of the same press (keydown, focus, click) is
// told. A frame drawn in between writes what the page knew before over what was typed or chosen: on a slow machine the
// last letter or the last arrow key is lost. go-app draws whenever its ticker has run out, also in the midst of an
// event, because every call from the browser wakes all of the program. The copy draws in turns of the browser's own
// that belong to no event, after the browser has drawn what there was before, and empties the queue before. It draws
// only when there is something to draw: most keys change nothing but the field in which the browser shows them, and a
// frame for each, by which nothing is drawn, takes as long as what the key does.
const frame = `package app

import "time"

// inTurn bounds what one frame waits for: who dispatches for ever still sees frames.
const inTurn = 4096

// catchUp does all that was dispatched before a frame, and what that dispatches.
func (e *engineX) catchUp() {
	for range inTurn {
		select {
		case dispatch := <-e.dispatches:
			dispatch()
		default:
			return
		}
	}
}

// hasToDraw says whether what was dispatched so far asks for a frame. Where it does not, it is over as after a frame.
func (e *engineX) hasToDraw() bool {
	if len(e.defers) > 0 {
		return true
	}
	for _, updates := range e.updates.pending {
		for _, wanted := range updates {
			if wanted > 0 {
				return true
			}
		}
	}
	for _, updates := range e.updates.pending {
		clear(updates)
	}
	return false
}

// frameTicker is a time.Ticker that ticks once after each Reset, and never within an event.
type frameTicker struct {
	C      chan struct{}
	tick   Func
	timer  Value
	resets int
}

func newFrameTicker(d time.Duration) *frameTicker {
	t := &frameTicker{C: make(chan struct{}, 1)}
	t.tick = FuncOf(func(Value, []Value) any {
		t.ticked()
		return nil
	})
	t.Reset(d)
	return t
}

func (t *frameTicker) Reset(d time.Duration) {
	t.clear()
	switch now := t.resets; {
	case d >= time.Minute: // go-app's word for never
	case starting:
		t.timer = Window().Call("setTimeout", t.tick, d.Milliseconds())
	default:
		afterPaint(func() {
			if now == t.resets {
				t.ticked()
			}
		})
	}
}

func (t *frameTicker) ticked() {
	select {
	case t.C <- struct{}{}:
	default:
	}
}

func (t *frameTicker) Stop() {
	t.clear()
	t.tick.Release()
}

func (t *frameTicker) clear() {
	t.resets++
	if t.timer != nil {
		Window().Call("clearTimeout", t.timer)
		t.timer = nil
	}
}
`

// between are the places of go-app's engine.go that say when it draws.
var between = [][2]string{
	{`	frames := time.NewTicker(currentFrameDuration)
`, `	frames := newFrameTicker(currentFrameDuration)
`},
	{`			if currentFrameDuration != activeFrameDuration {
				frames.Reset(activeFrameDuration)
				currentFrameDuration = activeFrameDuration
			}
			dispatch()
`, `			dispatch()
			if !e.hasToDraw() {
				answered()
			} else if currentFrameDuration != activeFrameDuration {
				frames.Reset(activeFrameDuration)
				currentFrameDuration = activeFrameDuration
			}
`},
	{`		case <-frames.C:
			e.processFrame()
`, `		case <-frames.C:
			e.catchUp()
			e.processFrame()
`},
}

// settings are read from JSON at each step; this page has none.
var settings = [][2]string{
	{`	"encoding/json"
`, ``},
	{`	if e.internalURLs == nil {
		json.Unmarshal([]byte(Getenv("GOAPP_INTERNAL_URLS")), &e.internalURLs)
	}

`, ``},
}

// drawBetween writes this into the copy of go-app.
func drawBetween(out string) error {
	if err := change(filepath.Join(out, "pkg/app/engine.go"), append(between, settings...)); err != nil {
		return err
	}
	if err := os.WriteFile(filepath.Join(out, "pkg/app/frame.go"), []byte(frame), 0o644); err != nil {
		return fmt.Errorf("changing go-app: %w", err)
	}
	return nil
}

// change puts other text in places of a file, each of which must stand in it once.
func change(path string, places [][2]string) error {
	b, err := os.ReadFile(path)
	if err != nil {
		return fmt.Errorf("reading go-app: %w", err)
	}
	text := string(b)
	for _, place := range places {
		if strings.Count(text, place[0]) != 1 {
			name := filepath.Base(path)
			return fmt.Errorf("go-app's %s is not as it was when this was written: it lacks\n%s", name, place[0])
		}
		text = strings.Replace(text, place[0], place[1], 1)
	}
	if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
		return fmt.Errorf("changing go-app: %w", err)
	}
	return nil
}
