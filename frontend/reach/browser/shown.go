package browser

import "sync"

var (
	shown    = make(chan struct{})
	nowShown = sync.OnceFunc(func() { close(shown) })
)

// Shown is closed when the first page is drawn and can be used. What is not seen on it waits until then: what runs
// before, the person waits for.
func Shown() <-chan struct{} { return shown }

// NowShown closes Shown. The shell says so, once or again.
func NowShown() { nowShown() }
