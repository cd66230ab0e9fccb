package chance

import (
	"syscall/js"

	"madoguchi/frontend/reach/browser"
)

// letters are those of base 32, as crypto/rand has them: each of 32 is as likely as the others.
const letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"

// Text is a text of 26 letters and digits that was never there before, with 130 bits of chance.
func Text() string {
	random := js.Global().Get("Uint8Array").New(26)
	js.Global().Get("crypto").Call("getRandomValues", random)
	text := browser.FromBytes(random)
	for i, b := range text {
		text[i] = letters[b%32]
	}
	return string(text)
}
