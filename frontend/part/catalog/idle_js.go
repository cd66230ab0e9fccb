package catalog

import (
	"context"
	"syscall/js"

	"madoguchi/frontend/reach/browser"
)

// sparing says that the person asked the browser to transfer as little as possible.
func sparing() bool {
	connection := js.Global().Get("navigator").Get("connection")
	return connection.Truthy() && connection.Get("saveData").Truthy()
}

// awaitIdle waits until the browser has nothing else to do, some seconds at most. A browser that cannot tell does not
// wait.
func awaitIdle(ctx context.Context) {
	if !js.Global().Get("requestIdleCallback").Truthy() {
		return
	}
	executor := js.FuncOf(func(_ js.Value, args []js.Value) any {
		js.Global().Call("requestIdleCallback", args[0], map[string]any{"timeout": 4000})
		return nil
	})
	defer executor.Release()
	if _, err := browser.Await(ctx, js.Global().Get("Promise").New(executor)); err != nil {
		return // given up
	}
}
