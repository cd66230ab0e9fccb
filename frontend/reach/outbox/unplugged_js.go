package outbox

import "syscall/js"

// unplugged says that the device knows that it has no network.
func unplugged() bool { return !js.Global().Get("navigator").Get("onLine").Bool() }
