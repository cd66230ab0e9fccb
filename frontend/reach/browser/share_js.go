package browser

import (
	"context"
	"strings"
	"syscall/js"
)

// Share opens the device's sheet for sharing an address. Where there is none, the address goes into the clipboard;
// where that is refused, too, it is to be shown, so that it can be copied by hand. Giving up in the sheet is no failure.
func Share(title, address string) Shared {
	navigator := js.Global().Get("navigator")
	if navigator.Get("share").Truthy() {
		_, err := Await(context.Background(),
			navigator.Call("share", map[string]any{"title": title, "url": address}))
		if err == nil || strings.HasPrefix(err.Error(), "AbortError") {
			return Shared{}
		}
	}
	clipboard := navigator.Get("clipboard")
	if clipboard.Truthy() {
		if _, err := Await(context.Background(), clipboard.Call("writeText", address)); err == nil {
			return Shared{Copied: true, Address: address}
		}
	}
	return Shared{Address: address}
}
