package ledger

import (
	"context"
	"syscall/js"

	"madoguchi/frontend/reach/browser"
)

// pause gives the browser a turn: to draw, and to hear what is pressed.
func pause(ctx context.Context) {
	turn := js.Global().Get("Promise").New(turned)
	_, _ = browser.Await(ctx, turn)
}

// turned is a promise that the browser keeps at its next turn.
var turned = js.FuncOf(func(_ js.Value, args []js.Value) any {
	js.Global().Call("setTimeout", args[0])
	return nil
})
