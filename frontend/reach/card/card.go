// Package card is the page's side of the bridge: it finds the bridge, keeps the connection, tells live what lies on the
// readers, and asks the bridge for acts (a signature, the four attributes, a new PIN), each of them whole. It sends no
// command to a card. What an act is for is not its business, nor is any text.
//
// A PIN comes in as bytes and is cleared before the act returns, whatever became of it.
package card

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"sync"
	"time"

	"madoguchi/frontend/reach/certificate"
	bridgev2 "madoguchi/proto/gen/bridge/v2"
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
	// Handheld: a phone or a tablet, for which there is no bridge. Nothing is looked for, so that no browser asks the
	// person to permit it.
	Handheld
	// NotRunning: no bridge answers.
	NotRunning
	// Refused: a bridge answers, but not to this site.
	Refused
	// OldBridge: the bridge speaks only what pages no longer speak.
	OldBridge
	// OldPage: the bridge speaks only what this page does not speak yet.
	OldPage
	// ServiceDown: the computer's smart card service cannot be reached.
	ServiceDown
	NoReader
	NoCard
	// MuteCard: there is a card but it does not answer.
	MuteCard
	// BusyCard: another program of this computer holds the card, and has for a while.
	BusyCard
	// HeldCard: another page works with the card, and has for a while; Status.Holder… say which and why.
	HeldCard
	// Reading: the card that just came is being looked at.
	Reading
	// SeveralCards: more than one card could be meant, and the person has not said which; see Status.Cards and Choose.
	SeveralCards
	// Ready: a My Number Card with a user certificate and at least one try.
	Ready
	// LayAgain: as Ready, but the last try is taken only after the card was taken off and laid again.
	LayAgain
	// Locked: no try is left for the user-authentication PIN.
	Locked
	// Expired: by this device's clock the certificate has ended.
	Expired
	// Rejected: the portal refused what this card proved; Status.Err says why. It ends when the card is lifted.
	Rejected
	// NotMyNumber: a card of some other kind.
	NotMyNumber
	// OldCard: a Basic Resident Register card (住基カード).
	OldCard
	// NoCertificate: a My Number Card without a user-authentication certificate.
	NoCertificate
	// Unreadable: looking at the card failed in a way that says nothing about its kind; Status.Err says how.
	Unreadable
)

// Place is one insertion of a card in one reader: what an act means, so that a swapped card is not touched.
type Place struct {
	Reader    string
	Insertion uint64
}

// Lying is a card that lies somewhere, and how it stands with it.
type Lying struct {
	Place
	Phase Phase
	// Contents is what was read from the card (Ready, LayAgain, Locked, Expired, Rejected).
	Contents Contents
	// PINPad says whether the reader has keys of its own.
	PINPad bool
	// HolderOrigin and HolderPurpose say who works with the card (HeldCard).
	HolderOrigin, HolderPurpose string
	// Err is the technical side of Unreadable, and why the portal refused (Rejected).
	Err error
}

// PhaseOf is how it stands with a PIN of this card, where Phase says it of the user-authentication PIN: Ready,
// LayAgain, Locked, or NoCertificate when the card has no such PIN. What stands in the way of any PIN is as in Phase.
func (l Lying) PhaseOf(kind bridgev2.PINKind) Phase {
	switch l.Phase {
	case Ready, LayAgain, Locked, Expired, Rejected, NoCertificate:
	default:
		return l.Phase
	}
	tries, there := l.Contents.tries[kind]
	switch {
	case !there:
		return NoCertificate
	case tries.Left == 0:
		return Locked
	case tries.LayAgain:
		return LayAgain
	}
	return Ready
}

// Status is the whole picture at one moment.
type Status struct {
	// Lying is the card that is meant, and Phase how it stands altogether; without a card only Phase and perhaps Reader
	// say something.
	Lying
	// Cards are all that could be meant, when there are several: with SeveralCards none is chosen, else Lying is. One
	// alone is what was left when the chosen one was lifted: it may be somebody else's, so it wants to be chosen, too.
	Cards []Lying
	// Browser names the browser that blocks loopback: "brave", "safari".
	Browser string
	// Permission is what the browser said last.
	Permission Permission
	// Version of the bridge, and whether its readers are virtual.
	Version string
	Virtual bool
}

// Contents is what a card tells without a PIN.
type Contents struct {
	Kind bridgev2.CardKind
	// Certificate for user authentication; AuthCA and SignCA of the authorities that issue. DER.
	Certificate, AuthCA, SignCA []byte

	tries map[bridgev2.PINKind]Tries
}

// Tries is how it stands with a PIN. Of a PIN that the card does not have it is zero.
type Tries struct {
	// Left are the wrong tries that are left; 0 is locked.
	Left int
	// Until is when the next try is taken: after a wrong one the bridge pauses.
	Until time.Time
	// LayAgain: the last try is taken only after the card was taken off and laid again.
	LayAgain bool
}

// Tries of a PIN.
func (c Contents) Tries(kind bridgev2.PINKind) Tries { return c.tries[kind] }

// with gives Contents that differ in one PIN. Those before stay as they were told.
func (c Contents) with(kind bridgev2.PINKind, tries Tries) Contents {
	all := map[bridgev2.PINKind]Tries{}
	maps.Copy(all, c.tries)
	all[kind] = tries
	c.tries = all
	return c
}

func triesOf(t *bridgev2.Tries) Tries {
	pause := time.Duration(t.GetPauseMs()) * time.Millisecond
	return Tries{Left: int(t.GetLeft()), Until: time.Now().Add(pause), LayAgain: t.GetLayAgain()}
}

func contentsOf(card *bridgev2.Card) Contents {
	c := Contents{
		Kind: card.GetKind(), Certificate: card.GetCertificate(), AuthCA: card.GetAuthCa(), SignCA: card.GetSignCa(),
		tries: map[bridgev2.PINKind]Tries{},
	}
	for _, t := range card.GetTries() {
		c.tries[t.GetKind()] = triesOf(t)
	}
	return c
}

// phase says what can be done at a moment with a card that tells this.
func (c Contents) phase(now time.Time) Phase {
	switch c.Kind {
	case bridgev2.CardKind_CARD_KIND_OLD_RESIDENT:
		return OldCard
	case bridgev2.CardKind_CARD_KIND_MY_NUMBER, bridgev2.CardKind_CARD_KIND_PHONE:
	default:
		return NotMyNumber
	}
	tries := c.Tries(bridgev2.PINKind_PIN_KIND_AUTH)
	ends, known := certificate.Ends(c.Certificate)
	switch {
	case len(c.Certificate) == 0:
		return NoCertificate
	case known && now.After(ends):
		return Expired
	case tries.Left == 0:
		return Locked
	case tries.LayAgain:
		return LayAgain
	}
	return Ready
}

var (
	// ErrBridgeGone: the connection to the bridge broke.
	ErrBridgeGone = errors.New("the bridge is gone")
	// ErrCardRemoved: the card was taken away.
	ErrCardRemoved = errors.New("the card was removed")
	// ErrCardChanged: there is another card now than the one meant.
	ErrCardChanged = errors.New("another card lies on the reader")
	// ErrHeld: another page works with the card.
	ErrHeld = errors.New("another page works with the card")
	// ErrBusy: another program holds the card.
	ErrBusy = errors.New("another program holds the card")
	// ErrMute: the card does not answer.
	ErrMute = errors.New("the card does not answer")
	// ErrMalformed: the card answers what no such card answers.
	ErrMalformed = errors.New("the card's answer is malformed")
	// ErrServiceDown: the smart card service cannot be reached.
	ErrServiceDown = errors.New("the smart card service is down")
	// ErrTimeout: reader or card took too long.
	ErrTimeout = errors.New("the card took too long")
	// ErrNoReader: the reader is gone.
	ErrNoReader = errors.New("there is no reader")
	// ErrNotMyNumberCard, ErrOldCard, ErrNoCertificate: this card cannot do it.
	ErrNotMyNumberCard = errors.New("this is not a My Number Card")
	ErrOldCard         = errors.New("this is an old resident card")
	ErrNoCertificate   = errors.New("the card holds no such certificate")
	// ErrPINForm: the PIN cannot be right; no try is lost.
	ErrPINForm = errors.New("the PIN has not the right form")
	// ErrWrongPIN: Refusal.Tries says how many are left, at least one.
	ErrWrongPIN = errors.New("the PIN is wrong")
	// ErrLocked: no tries are left.
	ErrLocked = errors.New("the PIN is locked")
	// ErrPause: a wrong PIN was given a moment ago; Refusal.Tries says until when to wait. No try is lost.
	ErrPause = errors.New("the next try is not taken yet")
	// ErrLayAgain: the last try wants the card laid again. No try is lost.
	ErrLayAgain = errors.New("the card must be laid again before the last try")
	// ErrNotAChallenge, ErrForeignOrigin: the bridge does not sign this for this page.
	ErrNotAChallenge = errors.New("the bridge finds no challenge to sign")
	ErrForeignOrigin = errors.New("the challenge is for another origin")
	// ErrOtherPerson: the signing certificate is somebody else's than expected; nothing was signed.
	ErrOtherPerson = errors.New("the card is another person's")
	// ErrDeclined: the person said no, on this machine or on the reader's keys.
	ErrDeclined = errors.New("the person said no")
	// ErrNotTyped: no PIN came from the reader's keys: cancelled there, too late, or not of the right form. No try is
	// lost.
	ErrNotTyped = errors.New("no PIN was typed on the reader")
	// ErrNotSupported: the reader has no keys, or the bridge cannot ask on this machine.
	ErrNotSupported = errors.New("reader or machine cannot do this")
	// ErrChangeUnknown: whether the PIN has changed is not known.
	ErrChangeUnknown = errors.New("whether the PIN has changed is not known")
)

// Refusal is an error frame of the bridge.
type Refusal struct {
	Code                        bridgev2.ErrorCode
	Detail                      string
	HolderOrigin, HolderPurpose string
	// Tries of the PIN meant, where the code is about one; nil otherwise.
	Tries *Tries

	kind bridgev2.PINKind
}

func refusalOf(e *bridgev2.Error) *Refusal {
	r := &Refusal{
		Code: e.GetCode(), Detail: e.GetDetail(), HolderOrigin: e.GetHolderOrigin(),
		HolderPurpose: e.GetHolderPurpose(),
	}
	if e.GetTries() != nil {
		tries := triesOf(e.GetTries())
		r.Tries, r.kind = &tries, e.GetTries().GetKind()
	}
	return r
}

func (r *Refusal) Error() string {
	if r.Detail == "" {
		return r.Code.String()
	}
	return fmt.Sprintf("%s: %s", r.Code, r.Detail)
}

var meanings = sync.OnceValue(func() map[bridgev2.ErrorCode]error {
	return map[bridgev2.ErrorCode]error{
		bridgev2.ErrorCode_ERROR_CODE_HELD:               ErrHeld,
		bridgev2.ErrorCode_ERROR_CODE_NO_READER:          ErrNoReader,
		bridgev2.ErrorCode_ERROR_CODE_NO_CARD:            ErrCardRemoved,
		bridgev2.ErrorCode_ERROR_CODE_CARD_REMOVED:       ErrCardRemoved,
		bridgev2.ErrorCode_ERROR_CODE_CARD_CHANGED:       ErrCardChanged,
		bridgev2.ErrorCode_ERROR_CODE_READER_GONE:        ErrNoReader,
		bridgev2.ErrorCode_ERROR_CODE_SERVICE_DOWN:       ErrServiceDown,
		bridgev2.ErrorCode_ERROR_CODE_TIMEOUT:            ErrTimeout,
		bridgev2.ErrorCode_ERROR_CODE_CANCELLED:          context.Canceled,
		bridgev2.ErrorCode_ERROR_CODE_BUSY:               ErrBusy,
		bridgev2.ErrorCode_ERROR_CODE_MUTE:               ErrMute,
		bridgev2.ErrorCode_ERROR_CODE_NOT_A_CHALLENGE:    ErrNotAChallenge,
		bridgev2.ErrorCode_ERROR_CODE_FOREIGN_ORIGIN:     ErrForeignOrigin,
		bridgev2.ErrorCode_ERROR_CODE_NOT_MY_NUMBER_CARD: ErrNotMyNumberCard,
		bridgev2.ErrorCode_ERROR_CODE_OLD_CARD:           ErrOldCard,
		bridgev2.ErrorCode_ERROR_CODE_NO_CERTIFICATE:     ErrNoCertificate,
		bridgev2.ErrorCode_ERROR_CODE_PIN_FORM:           ErrPINForm,
		bridgev2.ErrorCode_ERROR_CODE_WRONG_PIN:          ErrWrongPIN,
		bridgev2.ErrorCode_ERROR_CODE_LOCKED:             ErrLocked,
		bridgev2.ErrorCode_ERROR_CODE_PAUSE:              ErrPause,
		bridgev2.ErrorCode_ERROR_CODE_LAY_AGAIN:          ErrLayAgain,
		bridgev2.ErrorCode_ERROR_CODE_OTHER_PERSON:       ErrOtherPerson,
		bridgev2.ErrorCode_ERROR_CODE_DECLINED:           ErrDeclined,
		bridgev2.ErrorCode_ERROR_CODE_NOT_SUPPORTED:      ErrNotSupported,
		bridgev2.ErrorCode_ERROR_CODE_CHANGE_UNKNOWN:     ErrChangeUnknown,
		bridgev2.ErrorCode_ERROR_CODE_MALFORMED:          ErrMalformed,
	}
})

// Unwrap gives the error of this package that the code stands for; nil for faults of page or bridge, of which a person
// need not know more than the detail.
func (r *Refusal) Unwrap() error { return meanings()[r.Code] }
