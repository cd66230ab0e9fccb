//go:build !js

package chance

import "crypto/rand"

// Text is a text of 26 letters and digits that was never there before, with 130 bits of chance.
func Text() string { return rand.Text() }

// Bytes are so many that nobody can guess, for a key.
func Bytes(size int) []byte {
	random := make([]byte, size)
	_, _ = rand.Read(random)
	return random
}
