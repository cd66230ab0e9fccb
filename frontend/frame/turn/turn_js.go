// Package turn pauses in the midst of what is initialised before main, so that the browser can answer meanwhile.
// Packages are initialised in the order of their paths as soon as those that they import are: this one imports next to
// nothing, and so comes after the runtime and before most of what the page is made of. frontend/pack/slim has the
// pauses that follow.
package turn

import "syscall/js"

// A sleep would not do: where its time is over by the time that the runtime looks, the browser gets no turn.
func init() {
	turned := make(chan struct{})
	turn := js.FuncOf(func(js.Value, []js.Value) any {
		close(turned)
		return nil
	})
	defer turn.Release()
	js.Global().Call("madoguchiTurn", turn)
	<-turned
}
