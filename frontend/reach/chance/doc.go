// Package chance makes texts and keys that nobody can guess, of the browser's own randomness: Go's crypto/rand would
// bring a cipher, its tests of itself and three hashes into the page.
package chance
