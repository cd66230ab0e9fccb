package browser

import (
	"context"
	"strconv"
	"strings"
	"sync"
	"syscall/js"
	"time"
)

// Alone has do called while no other tab is in something of that name. The browser lets go of the lock of a tab that
// ends, however it does. Without wait, do is left out while another tab is in it.
func Alone(ctx context.Context, name string, wait bool, do func() error) error {
	locks := js.Global().Get("navigator").Get("locks")
	if !locks.Truthy() {
		return leased(name, wait, do)
	}
	var release js.Value
	executor := js.FuncOf(func(_ js.Value, args []js.Value) any {
		release = args[0]
		return nil
	})
	held := js.Global().Get("Promise").New(executor)
	executor.Release()
	granted := make(chan bool, 1)
	callback := js.FuncOf(func(_ js.Value, args []js.Value) any {
		granted <- args[0].Truthy()
		if !args[0].Truthy() {
			return nil
		}
		return held
	})
	locks.Call("request", "madoguchi-"+name, map[string]any{"ifAvailable": !wait}, callback)
	select {
	case ok := <-granted:
		defer callback.Release()
		if !ok {
			return nil
		}
		defer release.Invoke()
		return do()
	case <-ctx.Done():
		release.Invoke() // should it be granted yet
		return ctx.Err()
	}
}

// lease is for how long a tab that ended keeps others from sending, in a browser without locks.
const lease = 30 * time.Second

var mutexes sync.Map // of the mutexes of this tab, by name

// leased is Alone for browsers without locks: one at a time in this tab, and between tabs as good as one can tell by
// what they note. Should two send at once all the same, the key has it done once.
func leased(name string, wait bool, do func() error) error {
	own, _ := mutexes.LoadOrStore(name, new(sync.Mutex))
	mutex, _ := own.(*sync.Mutex)
	if wait {
		mutex.Lock()
		defer mutex.Unlock()
		return do()
	}
	if !mutex.TryLock() {
		return nil
	}
	defer mutex.Unlock()
	note := Offered("localStorage")
	if !note.Truthy() {
		return do() // nothing is kept in such a browser, so no other tab has anything to send
	}
	if noted := note.Call("getItem", name); noted.Type() == js.TypeString {
		until, err := strconv.ParseInt(strings.TrimSpace(noted.String()), 10, 64)
		if left := time.Until(time.UnixMilli(until)); err == nil && left > 0 && left <= lease {
			return nil
		}
	}
	note.Call("setItem", name, strconv.FormatInt(time.Now().Add(lease).UnixMilli(), 10))
	defer note.Call("removeItem", name)
	return do()
}
