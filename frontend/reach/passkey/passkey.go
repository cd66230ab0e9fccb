// Package passkey has the device make and use passkeys (Web Authentication). What it is asked, and what it answers, is
// JSON as the standard has it, made here of what the portal has to know and of nothing else: the secret that a passkey
// makes for the vault (prf) is given apart, and stands in no answer.
package passkey

import "errors"

// Why there is no answer.
var (
	// ErrUnsupported: the browser knows no passkeys.
	ErrUnsupported = errors.New("the browser knows no passkeys")
	// ErrDeclined: the person said no, took too long, or has no passkey here. Browsers do not tell which.
	ErrDeclined = errors.New("the device gave no passkey")
	// ErrKnown: the device has one of the person's passkeys already.
	ErrKnown = errors.New("the device has a passkey already")
	// ErrAddress: there can be none at this address.
	ErrAddress = errors.New("there can be no passkey at this address")
	// ErrUnable: the device cannot make what is asked for: it has no screen lock, say.
	ErrUnable = errors.New("the device cannot make such a passkey")
)

// Answer is what the device answered.
type Answer struct {
	JSON []byte
	// Credential is what the device calls the passkey.
	Credential []byte
	// Secret is what it made for the salt that was given with the question; nil where it cannot.
	Secret []byte
}
