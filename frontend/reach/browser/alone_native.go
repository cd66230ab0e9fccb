//go:build !js

package browser

import (
	"context"
	"sync"
)

var names sync.Map // of mutexes

// Alone is one at a time of that name: outside a browser there is one tab.
func Alone(_ context.Context, name string, wait bool, do func() error) error {
	own, _ := names.LoadOrStore(name, new(sync.Mutex))
	mutex, _ := own.(*sync.Mutex)
	if !wait && !mutex.TryLock() {
		return nil
	}
	if wait {
		mutex.Lock()
	}
	defer mutex.Unlock()
	return do()
}
