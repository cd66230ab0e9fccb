package prepare

import (
	"madoguchi/frontend/frame/lang"
	"madoguchi/frontend/part/proof"
	"madoguchi/frontend/part/trouble"
	"madoguchi/frontend/reach/card"
	bridgev2 "madoguchi/proto/gen/bridge/v2"
)

// state is how it stands with one thing on the way to the card.
type state int

const (
	// later: what comes before it must be mended first.
	later state = iota
	// waiting: it is being looked at, or the person is to do something ordinary.
	waiting
	wrong
	fine
)

// check is one thing on the way to the card.
type check struct {
	name    lang.Text
	state   state
	message trouble.Message // what is the case; for fine only its What
}

// rung is how far down the list a phase has its obstacle.
func rung(phase card.Phase) int {
	switch phase {
	case card.Blocked, card.Handheld:
		return 0
	case card.AwaitingPermission, card.PermissionDenied:
		return 1
	case card.Searching, card.NotRunning, card.Refused, card.OldBridge, card.OldPage, card.ServiceDown:
		return 2
	case card.NoReader:
		return 3
	case card.NoCard, card.MuteCard, card.BusyCard, card.HeldCard, card.SeveralCards:
		return 4
	case card.Ready:
		return 6
	}
	return 5
}

// checks says how it stands with each thing, from the browser to the kind of card.
func checks(s card.Status) []check {
	good := []check{
		{name: nameBrowser, message: trouble.Message{What: browserFine}},
		{name: namePermission, message: trouble.Message{What: permission(s)}},
		{name: nameBridge, message: trouble.Message{What: bridgeFine.F(s.Version)}},
		{name: nameReader, message: trouble.Message{What: readerFine.F(s.Reader)}},
		{name: nameCard, message: trouble.Message{What: cardFine}},
		{
			name: nameKind, message: trouble.Message{
				What: kindFine.F(s.Contents.Tries(bridgev2.PINKind_PIN_KIND_AUTH).Left),
			},
		},
	}
	at := rung(s.Phase)
	for i := range good {
		switch {
		case i < at:
			good[i].state = fine
			if i == 1 && !permitted(s) {
				good[i].state = later
			}
		case i > at:
			good[i].state, good[i].message = later, trouble.Message{What: afterwards}
		default:
			good[i].state, good[i].message = wrong, proof.Standing(s)
			switch s.Phase {
			case card.NotRunning:
				good[i].message.Do = howToIsAbove
			case card.OldBridge:
				good[i].message.Do = renewIsAbove
			}
			if good[i].message.Code == "" {
				good[i].state = waiting
			}
		}
	}
	return good
}

// permitted tells whether the way to the bridge is known to be open: the person said so, or it was gone.
func permitted(s card.Status) bool {
	return s.Permission == card.PermissionGranted || reached(s.Phase)
}

// reached tells whether something answered where the bridge is.
func reached(phase card.Phase) bool {
	return phase == card.Refused || phase == card.OldBridge || phase == card.OldPage || phase >= card.ServiceDown
}

// permission says what is known of it, and no more.
func permission(s card.Status) lang.Text {
	switch {
	case s.Permission == card.PermissionGranted:
		return permissionGiven
	case reached(s.Phase):
		return permissionFree
	}
	return permissionOpen
}
