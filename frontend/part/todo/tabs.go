package todo

import (
	"sync"

	"github.com/maxence-charriere/go-app/v10/pkg/app"
)

// tabs is the way to the other tabs, which hold lists of their own; nil before listen, and in a browser that has none.
var tabs struct {
	sync.Mutex
	channel app.Value
}

// listen hears when another tab changed the list of this device, or the folder's; and asks for the folder's again when somebody comes back
// to this one, for another device may have changed it meanwhile. It is called once, at start: whatever page is open may change the list.
func listen() {
	if app.IsServer {
		return
	}
	app.Window().Call("addEventListener", "storage", app.FuncOf(func(_ app.Value, args []app.Value) any {
		// Without a key, everything was taken away.
		if changed := args[0].Get("key"); !changed.Truthy() || changed.String() == key {
			go tell()
		}
		return nil
	}))
	document := app.Window().Get("document")
	document.Call("addEventListener", "visibilitychange", app.FuncOf(func(app.Value, []app.Value) any {
		if document.Get("visibilityState").String() == "visible" {
			go reload()
		}
		return nil
	}))
	kind := app.Window().Get("BroadcastChannel")
	if !kind.Truthy() {
		return
	}
	channel := kind.New("madoguchi-todo")
	channel.Set("onmessage", app.FuncOf(func(app.Value, []app.Value) any {
		go reload()
		return nil
	}))
	tabs.Lock()
	tabs.channel = channel
	tabs.Unlock()
}

// changed tells the other tabs that the folder's list is another now; not how.
func changed() {
	tabs.Lock()
	defer tabs.Unlock()
	if tabs.channel != nil {
		tabs.channel.Call("postMessage", "changed")
	}
}

// reload asks for the list again where it was known. Where it does not come, what was known stays.
func reload() {
	if _, known := Known(); known && InFolder() {
		_ = load()
	}
}
