package procedure

import (
	"context"
	"strings"
	"syscall/js"

	"github.com/maxence-charriere/go-app/v10/pkg/app"

	"madoguchi/frontend/reach/browser"
)

// share opens the device's sheet for sharing. Where there is none, the address goes into the clipboard, and where that
// is refused, it is shown to be copied by hand. Giving up in the sheet is no failure.
func share(ctx app.Context, title, address string, done func(ctx app.Context, shared shared)) {
	ctx.Async(func() {
		shared := handOn(title, address)
		ctx.Dispatch(func(ctx app.Context) { done(ctx, shared) })
	})
}

func handOn(title, address string) shared {
	navigator := js.Global().Get("navigator")
	if navigator.Get("share").Truthy() {
		_, err := browser.Await(context.Background(),
			navigator.Call("share", map[string]any{"title": title, "url": address}))
		if err == nil || strings.HasPrefix(err.Error(), "AbortError") {
			return shared{}
		}
	}
	clipboard := navigator.Get("clipboard")
	if clipboard.Truthy() {
		if _, err := browser.Await(context.Background(), clipboard.Call("writeText", address)); err == nil {
			return shared{copied: true, address: address}
		}
	}
	return shared{address: address}
}
