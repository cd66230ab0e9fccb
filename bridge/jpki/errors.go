package jpki

import (
	"errors"
	"fmt"

	"madoguchi/bridge/apdu"
)

// Cause says why an operation on a card failed, as far as the person can do something about it.
type Cause int

const (
	// Other is anything else: an unexpected status word, or a transmission that failed though the card is still there.
	Other Cause = iota
	// WrongPIN: Error.TriesLeft tells how many tries remain, at least 1.
	WrongPIN
	// Locked: no tries are left; the municipality or a terminal must unlock the card.
	Locked
	NotMyNumberCard
	// OldCard: a 住基 card with JPKI of the old kind.
	OldCard
	// NoCertificate: the card is a good one but holds no such certificate (not asked for, or erased).
	NoCertificate
	CardRemoved
	// NotVerified: the file or key wants a PIN that was not verified.
	NotVerified
	// Malformed: the card answered something that no such card answers.
	Malformed
	// PINForm: the PIN cannot be right; the card was not asked and no try is lost.
	PINForm
)

// What errors.Is may ask an error of this package.
var (
	ErrWrongPIN        = errors.New("the PIN is wrong")
	ErrLocked          = errors.New("the PIN is locked")
	ErrNotMyNumberCard = errors.New("this is not a My Number Card")
	ErrOldCard         = errors.New("this is an old resident card")
	ErrNoCertificate   = errors.New("the card holds no such certificate")
	ErrCardRemoved     = apdu.ErrCardRemoved
	ErrNotVerified     = errors.New("the PIN was not verified")
	ErrMalformed       = errors.New("the card's answer is malformed")
	ErrPINForm         = errors.New("the PIN has not the right form")
)

var sentinels = [...]error{
	WrongPIN: ErrWrongPIN, Locked: ErrLocked, NotMyNumberCard: ErrNotMyNumberCard, OldCard: ErrOldCard,
	NoCertificate: ErrNoCertificate,
	CardRemoved:   ErrCardRemoved, NotVerified: ErrNotVerified, Malformed: ErrMalformed, PINForm: ErrPINForm,
}

// Error is every error of this package's operations. It never holds a PIN or data of the card.
type Error struct {
	// Op is what was being done, in English, for the folded-away detail: "verifying the authentication PIN".
	Op    string
	Cause Cause
	// Status is the status word that the card gave; 0 when it gave none.
	Status apdu.Status
	// TriesLeft is known for WrongPIN and Locked; -1 otherwise.
	TriesLeft int
	Err       error
}

func (e *Error) Error() string {
	text := e.Op
	// The underlying error may say the cause itself, and more.
	if e.Cause != Other && !errors.Is(e.Err, sentinels[e.Cause]) {
		text += ": " + sentinels[e.Cause].Error()
	}
	if e.Status != 0 {
		text += fmt.Sprintf(" (status %s)", e.Status)
	}
	if e.Err != nil {
		text += ": " + e.Err.Error()
	}
	return text
}

// Is tells whether target is the sentinel of the cause.
func (e *Error) Is(target error) bool {
	return e.Cause != Other && target == sentinels[e.Cause]
}

func (e *Error) Unwrap() error {
	return e.Err
}

func failed(op string, cause Cause, err error) *Error {
	return &Error{Op: op, Cause: cause, TriesLeft: -1, Err: err}
}

// transmissionFailed wraps what a Transmitter or the APDU layer said.
func transmissionFailed(op string, err error) *Error {
	switch {
	case errors.Is(err, apdu.ErrCardRemoved):
		return failed(op, CardRemoved, err)
	case errors.Is(err, apdu.ErrLength):
		return failed(op, Malformed, err)
	}
	return failed(op, Other, err)
}

// statusFailed tells what a status word means wherever it comes; the operations know better about 6A82.
func statusFailed(op string, status apdu.Status) *Error {
	e := &Error{Op: op, Status: status, TriesLeft: -1}
	if tries, ok := status.TriesLeft(); ok {
		e.TriesLeft, e.Cause = tries, WrongPIN
		if tries == 0 {
			e.Cause = Locked
		}
		return e
	}
	switch status {
	case apdu.StatusReferenceUnusable, apdu.StatusBlocked:
		e.Cause, e.TriesLeft = Locked, 0
	case apdu.StatusNotVerified:
		e.Cause = NotVerified
	}
	return e
}
