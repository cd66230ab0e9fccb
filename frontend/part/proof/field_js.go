package proof

import (
	"sync"
	"syscall/js"

	"madoguchi/frontend/reach/browser"
)

// pinRoom is more than what fits into a field for a PIN, in UTF-8.
const pinRoom = 64

var (
	encoder = sync.OnceValue(func() js.Value { return js.Global().Get("TextEncoder").New() })
	decoder = sync.OnceValue(func() js.Value { return js.Global().Get("TextDecoder").New() })
)

func field(id string) (js.Value, bool) {
	e := js.Global().Get("document").Call("getElementById", id)
	return e, e.Truthy()
}

// Typed gives what stands in a field as bytes, with room for one more. It never becomes a string of Go. The field's own
// text is a string of JavaScript, which nobody can clear: it is given up as soon as it has been read, and the browser
// forgets it in its time.
func Typed(id string) []byte {
	e, there := field(id)
	if !there {
		return nil
	}
	array := js.Global().Get("Uint8Array").New(pinRoom)
	defer array.Call("fill", 0)
	written := encoder().Call("encodeInto", e.Get("value"), array).Get("written").Int()
	text := make([]byte, pinRoom, pinRoom+1)
	js.CopyBytesToGo(text, array)
	return text[:written]
}

// Retype puts bytes into a field.
func Retype(id string, text []byte) {
	e, there := field(id)
	if !there {
		return
	}
	array := browser.Bytes(text)
	defer array.Call("fill", 0)
	e.Set("value", decoder().Call("decode", array))
}
