//go:build !js

package main

import (
	"fmt"
	"os"
	"path/filepath"
)

// The first press of its kind takes a phone half a second: the browser compiles functions as they are first called, and
// draws nothing meanwhile. The copy answers a press or a key in two steps. What its handler does is done at once; what
// comes of it (the frame, another page, what is asked of the portal) begins only when the browser has drawn what shows
// that the press was heard.
const paint = `package app

// unseen is how long what waits for a drawing waits where the browser draws nothing, in milliseconds.
const unseen = 100

var (
	// answering is set from a press or a key until the browser has drawn.
	answering bool

	afterwards []func() // what waits for a drawing
	drawing    Func     // called by the browser as it draws
	drawn      Func     // called after that
	otherwise  Value    // calls drawn where nothing is drawn
)

// afterPaint does something when the browser has drawn next, in a turn that belongs to no event.
func afterPaint(do func()) {
	afterwards = append(afterwards, do)
	if len(afterwards) > 1 {
		return
	}
	if drawn == nil {
		drawn = FuncOf(func(Value, []Value) any {
			now := afterwards
			afterwards, answering = nil, false
			for _, do := range now {
				do()
			}
			return nil
		})
		drawing = FuncOf(func(Value, []Value) any {
			Window().Call("clearTimeout", otherwise)
			otherwise = Window().Call("setTimeout", drawn)
			return nil
		})
	}
	if Window().Get("document").Get("hidden").Bool() {
		otherwise = Window().Call("setTimeout", drawn)
		return
	}
	otherwise = Window().Call("setTimeout", drawn, unseen)
	Window().Call("requestAnimationFrame", drawing)
}

// answered ends the answer to a press or a key that asks for no frame and has nothing else wait.
func answered() {
	if len(afterwards) == 0 {
		answering = false
	}
}

// afterAnswer does something at once, or if a press is being answered, after that.
func afterAnswer(do func()) {
	if !answering {
		do()
		return
	}
	afterPaint(do)
}
`

// answered are the places of go-app that a press or a key comes by, by file.
var answered = map[string][][2]string{
	"node.go": {{`				trackMousePosition(event)
`, `				answering = true
`}},
	"browser.go": {{`						ctx.Navigate(target.Get("href").String())
`, `						address := href.String()
						afterPaint(func() { ctx.dispatch(func() { ctx.Navigate(address) }) })
`}},
	"engine.go": {{`	go func() {
		v()
		e.goroutines.Done()
	}()
`, `	afterAnswer(func() {
		go func() {
			v()
			e.goroutines.Done()
		}()
	})
`}},
}

// answerFirst writes this into the copy of go-app.
func answerFirst(out string) error {
	if err := os.WriteFile(filepath.Join(out, "pkg/app/paint.go"), []byte(paint), 0o644); err != nil {
		return fmt.Errorf("changing go-app: %w", err)
	}
	for name, places := range answered {
		if err := change(filepath.Join(out, "pkg/app", name), places); err != nil {
			return err
		}
	}
	return nil
}
