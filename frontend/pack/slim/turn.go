//go:build !js

package main

import (
	"fmt"
	"os"
	"path/filepath"
)

// go-app draws the first page in one go, and the browser answers nothing meanwhile: for a second and more on a phone.
// Nothing of it is seen before all of it is there, so that the copy may pause between one element and the next, and
// then between the first things that are dispatched. It does so whenever it has been at work for long, until the first
// frame: later ones are drawn in one go as ever, so that nothing comes in between. The first frame comes as soon as
// what was dispatched is done, and is seen before anything else begins.
const turn = `package app

import "time"

// longestTurn keeps what runs between two pauses below a fifth of a second on a phone with a quarter of the speed of
// this machine; what cannot be divided (the compiling of a function) comes on top.
const longestTurn = 20 * time.Millisecond

var (
	starting = true
	turnFrom time.Time
)

// What was initialised before this is as much as one turn holds.
func init() { pause() }

// rest lets the browser do what waits, when it has waited for long. In a page that nobody sees, timers come once a
// second, and nothing waits.
func rest() {
	if starting && time.Since(turnFrom) >= longestTurn && !Window().Get("document").Get("hidden").Bool() {
		pause()
	}
}

// pause is no sleep: where its time is over by the time that the runtime looks, the browser gets no turn.
func pause() {
	turned := make(chan struct{})
	turn := FuncOf(func(Value, []Value) any {
		close(turned)
		return nil
	})
	Window().Call("madoguchiTurn", turn)
	<-turned
	turn.Release()
	turnFrom = time.Now()
}
`

// resting are the places of go-app where it pauses, by file.
var resting = map[string][][2]string{
	"node.go": {{`func (m nodeManager) Mount(ctx Context, depth uint, v UI) (UI, error) {
`, `func (m nodeManager) Mount(ctx Context, depth uint, v UI) (UI, error) {
	rest()
`}},
	"app.go": {{`	engine.Navigate(window.URL(), false)
`, `	rest()
	engine.Navigate(window.URL(), false)
`}},
	"engine.go": {{`		case <-frames.C:
			e.catchUp()
			e.processFrame()
`, `		case <-frames.C:
			e.catchUp()
			first := starting
			starting = false
			e.processFrame()
			if first {
				pause()
			}
`}, {`			if !e.hasToDraw() {
`, `			rest()
			if starting {
				continue
			}
			if !e.hasToDraw() {
`}},
	"frame.go": {{`			dispatch()
`, `			dispatch()
			rest()
`}},
}

// startInTurns writes this into the copy of go-app.
func startInTurns(out string) error {
	if err := os.WriteFile(filepath.Join(out, "pkg/app/turn.go"), []byte(turn), 0o644); err != nil {
		return fmt.Errorf("changing go-app: %w", err)
	}
	for name, places := range resting {
		if err := change(filepath.Join(out, "pkg/app", name), places); err != nil {
			return err
		}
	}
	return nil
}
