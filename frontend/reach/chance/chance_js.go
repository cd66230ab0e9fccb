package chance

import (
	"syscall/js"

	"madoguchi/frontend/reach/browser"
)

// letters are those of base 32, as crypto/rand has them: each of 32 is as likely as the others.
const letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"

// Text is a text of 26 letters and digits that was never there before, with 130 bits of chance.
func Text() string {
	text := Bytes(26)
	for i, b := range text {
		text[i] = letters[b%32]
	}
	return string(text)
}

// Bytes are so many that nobody can guess, for a key.
func Bytes(size int) []byte {
	random := js.Global().Get("Uint8Array").New(size)
	defer random.Call("fill", 0)
	js.Global().Get("crypto").Call("getRandomValues", random)
	return browser.FromBytes(random)
}
