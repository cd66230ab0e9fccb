package place

import (
	"sync"

	"github.com/maxence-charriere/go-app/v10/pkg/app"
)

// storage is what the device keeps; one that refuses keeps nothing, which does no harm.
type storage interface {
	get(key string) string
	set(key, value string)
	remove(key string)
}

var elsewhere = &memory{values: map[string]string{}}

func device() storage {
	if app.IsServer {
		return elsewhere
	}
	return local{}
}

// local is the browser's localStorage. A browser told to keep nothing throws already when it is named, so it is named by a call: what a
// call throws can be recovered from.
type local struct{}

func (local) store() app.Value {
	return app.Window().Get("Reflect").Call("get", app.Window(), "localStorage")
}

func (l local) get(key string) (value string) {
	defer func() { _ = recover() }()
	if v := l.store().Call("getItem", key); v.Truthy() {
		return v.String()
	}
	return ""
}

func (l local) set(key, value string) {
	defer func() { _ = recover() }()
	l.store().Call("setItem", key, value)
}

func (l local) remove(key string) {
	defer func() { _ = recover() }()
	l.store().Call("removeItem", key)
}

// memory stands in outside a browser.
type memory struct {
	mu     sync.Mutex
	values map[string]string
}

func (m *memory) get(key string) string {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.values[key]
}

func (m *memory) set(key, value string) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.values[key] = value
}

func (m *memory) remove(key string) {
	m.mu.Lock()
	defer m.mu.Unlock()
	delete(m.values, key)
}
