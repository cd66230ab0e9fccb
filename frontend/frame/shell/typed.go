package shell

import (
	"strings"
	"time"

	"github.com/maxence-charriere/go-app/v10/pkg/app"

	"madoguchi/frontend/frame/kit"
)

// typedFields are those into which somebody typed (static/boot.js marks them) and whose page does not keep it at once.
// Boxes and buttons are chosen, not typed: where a choice belongs to a form, its draft holds the update.
const typedFields = "[data-typed]:not([data-" + kit.KeptMark + "]):not([type=checkbox]):not([type=radio])"

// halfFilled tells whether loading the page anew would lose something: what a page says that it holds, or what stands
// typed in a field and nowhere else.
func halfFilled() bool {
	if Held() {
		return true
	}
	if app.IsServer {
		return false
	}
	fields := app.Window().Get("document").Call("querySelectorAll", typedFields)
	for i := range fields.Length() {
		if !again(fields.Index(i)) {
			return true
		}
	}
	return false
}

// again tells whether a field will be as it is when the page is loaded anew: it is empty, or the address says what is
// in it, as that of a search does.
func again(field app.Value) bool {
	text := strings.TrimSpace(field.Get("value").String())
	if text == "" {
		return true
	}
	query := app.Window().URL().Query()
	name := field.Get("name").String()
	return name != "" && strings.TrimSpace(query.Get(name)) == text
}

// typingInterval is how soon the bar follows, while an update waits.
const typingInterval = time.Second

// watchTyping has the bar offer the update when there is nothing half filled in, and no longer when there is.
func (f *frame) watchTyping() {
	ticker := time.NewTicker(typingInterval)
	f.stop = append(f.stop, ticker.Stop)
	go func() {
		for range ticker.C {
			half := halfFilled()
			store.Lock()
			same := store.half == half
			store.Unlock()
			if !same {
				change(func() { store.half = half })
			}
		}
	}()
}
