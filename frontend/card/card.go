// Package card is the page's side of the bridge: it finds the bridge, keeps the connection, tells live what lies on the reader, and
// lends the card to one piece of work at a time. What the work is (a login, a new PIN) is not its business, nor is any text.
package card

import (
	"errors"
	"fmt"

	"madoguchi/bridge/jpki"
	bridgev1 "madoguchi/proto/gen/bridge/v1"
)

// Phase is where things stand between page and card, from the outside inwards. The first obstacle counts.
type Phase int

const (
	// Searching: nothing is known yet.
	Searching Phase = iota
	// AwaitingPermission: the browser asks the person whether this page may reach programs on this computer.
	AwaitingPermission
	// PermissionDenied: the person, or an administrator, said no.
	PermissionDenied
	// Blocked: this browser never lets a page reach programs on this computer; Status.Browser says which.
	Blocked
	// NotRunning: no bridge answers.
	NotRunning
	// Refused: a bridge answers, but not to this site.
	Refused
	// ServiceDown: the computer's smart card service cannot be reached.
	ServiceDown
	NoReader
	NoCard
	// MuteCard: there is a card but it does not answer.
	MuteCard
	// BusyCard: another program of this computer holds the card.
	BusyCard
	// HeldCard: another page holds the card; Status.Holder… say which and why.
	HeldCard
	// Reading: the card that just came is being looked at.
	Reading
	// Ready: a My Number Card with a user certificate and at least one try.
	Ready
	// Locked: no try is left for the user-authentication PIN.
	Locked
	// NotMyNumber: a card of some other kind.
	NotMyNumber
	// OldCard: a Basic Resident Register card (住基カード).
	OldCard
	// NoCertificate: a My Number Card without a user-authentication certificate.
	NoCertificate
	// Unreadable: looking at the card failed in a way that says nothing about its kind; Status.Err says how.
	Unreadable
)

// Status is the whole picture at one moment.
type Status struct {
	Phase Phase
	// Browser names the browser that blocks loopback: "brave", "safari".
	Browser string
	// Version of the bridge, and whether its readers are virtual.
	Version string
	Virtual bool
	// Reader is the name of the reader meant; Insertion counts its cards.
	Reader    string
	Insertion uint64
	// HolderOrigin and HolderPurpose say who holds the card (HeldCard).
	HolderOrigin, HolderPurpose string
	// Card is what was read from the card (Ready, Locked).
	Card Contents
	// Err is the technical side of Unreadable, NotMyNumber and the like.
	Err error
}

// Contents is what a card tells without a PIN.
type Contents struct {
	Kind jpki.Kind
	// TriesLeft of the user-authentication PIN.
	TriesLeft int
	// Certificate for user authentication, DER.
	Certificate []byte
}

// HasCard says whether a usable card lies there, locked or not.
func (s Status) HasCard() bool { return s.Phase == Ready || s.Phase == Locked }

var (
	// ErrBridgeGone: the connection to the bridge broke.
	ErrBridgeGone = errors.New("the bridge is gone")
	// ErrCardChanged: there is another card now than the one meant.
	ErrCardChanged = errors.New("another card lies on the reader")
	// ErrHeld: another page holds the card.
	ErrHeld = errors.New("another page holds the card")
	// ErrBusy: another program holds the card.
	ErrBusy = errors.New("another program holds the card")
	// ErrMute: the card does not answer.
	ErrMute = errors.New("the card does not answer")
	// ErrServiceDown: the smart card service cannot be reached.
	ErrServiceDown = errors.New("the smart card service is down")
	// ErrLastTry: the bridge wants the person to be warned of the last try.
	ErrLastTry = errors.New("the last try needs a warning")
	// ErrTimeout: reader or card took too long.
	ErrTimeout = errors.New("the card took too long")
	// ErrNoReader: the reader is gone.
	ErrNoReader = errors.New("there is no reader")
)

// Refusal is an error frame of the bridge.
type Refusal struct {
	Code                        bridgev1.ErrorCode
	Detail                      string
	HolderOrigin, HolderPurpose string
}

func (r *Refusal) Error() string {
	if r.Detail == "" {
		return r.Code.String()
	}
	return fmt.Sprintf("%s: %s", r.Code, r.Detail)
}

var meanings = map[bridgev1.ErrorCode]error{
	bridgev1.ErrorCode_ERROR_CODE_CARD_REMOVED: jpki.ErrCardRemoved,
	bridgev1.ErrorCode_ERROR_CODE_NO_CARD:      jpki.ErrCardRemoved,
	bridgev1.ErrorCode_ERROR_CODE_READER_GONE:  ErrNoReader,
	bridgev1.ErrorCode_ERROR_CODE_NO_READER:    ErrNoReader,
	bridgev1.ErrorCode_ERROR_CODE_CARD_CHANGED: ErrCardChanged,
	bridgev1.ErrorCode_ERROR_CODE_HELD:         ErrHeld,
	bridgev1.ErrorCode_ERROR_CODE_BUSY:         ErrBusy,
	bridgev1.ErrorCode_ERROR_CODE_MUTE:         ErrMute,
	bridgev1.ErrorCode_ERROR_CODE_SERVICE_DOWN: ErrServiceDown,
	bridgev1.ErrorCode_ERROR_CODE_LAST_TRY:     ErrLastTry,
	bridgev1.ErrorCode_ERROR_CODE_TIMEOUT:      ErrTimeout,
}

// Unwrap gives the error of this package, or of jpki, that the code stands for.
func (r *Refusal) Unwrap() error { return meanings[r.Code] }
