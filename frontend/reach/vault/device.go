package vault

import (
	"encoding/json"
	"time"

	"github.com/maxence-charriere/go-app/v10/pkg/app"
)

// What follows outlives the tab and whoever is logged in: the place one lives in, a to-do list made without a login. It
// is not secret, and everybody who uses the device finds it.

// Keep keeps a text on the device, and says whether the device took it.
func Keep(key, text string) bool { return !isOfMany() && lasting().set(key, text) }

// Kept is what the device keeps; empty when it is nothing.
func Kept(key string) string { return lasting().get(key) }

// Forget has the device keep nothing under a key.
func Forget(key string) { lasting().remove(key) }

// KeepValue keeps a value as JSON. A device that refuses keeps nothing.
func KeepValue(key string, value any) {
	text, err := json.Marshal(value)
	if err != nil {
		app.Log("keeping ", key, ": ", err)
		return
	}
	Keep(key, string(text))
}

// KeptValue reads a value; its zero when there is none, or what is there is not one.
func KeptValue[T any](key string) (value T) {
	if text := Kept(key); text != "" {
		if err := json.Unmarshal([]byte(text), &value); err != nil {
			app.Log("reading ", key, ": ", err)
			var none T
			return none
		}
	}
	return value
}

// PlaceHead says of which place the procedures are kept, and since when. Nothing of them is of a person, but they tell
// where one has looked.
type PlaceHead struct {
	Code string
	Name string
	At   time.Time
}

var (
	shelf   storage = &memory{values: map[string]string{}}
	refuses bool
)

// Refuse has the device outside a browser take nothing more, for tests; the answer takes it back.
func Refuse() (restore func()) {
	refuses = true
	return func() { refuses = false }
}

// Clear empties the device outside a browser, for tests.
func Clear() {
	Lock()
	clearTable()
	shelf, elsewhere = &memory{values: map[string]string{}}, &memory{values: map[string]string{}}
}

func lasting() storage {
	if app.IsServer {
		return shelf
	}
	return drawer("localStorage")
}
