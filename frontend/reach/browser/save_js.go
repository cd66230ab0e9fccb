package browser

import (
	"syscall/js"
	"time"
)

// urlLasts is how long the browser has to take a file over.
const urlLasts = time.Minute

// Save gives the person a file, as a link to one does.
func Save(name, mediaType string, content []byte) {
	window := js.Global()
	blob := window.Get("Blob").New([]any{Bytes(content)}, map[string]any{"type": mediaType})
	address := window.Get("URL").Call("createObjectURL", blob)
	link := window.Get("document").Call("createElement", "a")
	link.Set("href", address)
	link.Set("download", name)
	link.Call("click")
	time.AfterFunc(urlLasts, func() { window.Get("URL").Call("revokeObjectURL", address) })
}
