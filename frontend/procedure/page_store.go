package procedure

import (
	"encoding/json"

	"github.com/maxence-charriere/go-app/v10/pkg/app"
)

// pageStored reads what this device keeps under a key; nothing when there is none, or it cannot be read.
func pageStored[T any](key string) (value T) {
	if app.IsServer {
		return value
	}
	defer func() { _ = recover() }() // a browser told to keep nothing throws
	if text := pageStorage().Call("getItem", key); text.Truthy() {
		if err := json.Unmarshal([]byte(text.String()), &value); err != nil {
			app.Log("reading ", key, ": ", err)
		}
	}
	return value
}

// pageStore keeps a value on this device. Without storage it lasts as long as the page is open.
func pageStore(key string, value any) {
	if app.IsServer {
		return
	}
	defer func() { _ = recover() }() // as above
	text, err := json.Marshal(value)
	if err != nil {
		app.Log("keeping ", key, ": ", err)
		return
	}
	pageStorage().Call("setItem", key, string(text))
}

func pageForget(key string) {
	if app.IsServer {
		return
	}
	defer func() { _ = recover() }() // as above
	pageStorage().Call("removeItem", key)
}

// pageStorage names localStorage by a call, since only what a call throws can be recovered from.
func pageStorage() app.Value {
	return app.Window().Get("Reflect").Call("get", app.Window(), "localStorage")
}
