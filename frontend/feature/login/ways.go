package login

import (
	"slices"

	"github.com/maxence-charriere/go-app/v10/pkg/app"

	"madoguchi/frontend/reach/vault"
)

// way is one way to log in. Each is a row of ways, and lies in a file of its own.
type way struct {
	// name is how the device remembers it.
	name string
	// has tells whether this device has it; nil is always. What is drawn before a device is known has all.
	has func(p *page) bool
	// computer and handheld draw it, where a card can come into play and on a phone or a tablet.
	computer, handheld func(p *page) app.UI
}

// ways are all there are, in the order in which a computer shows them that has used none; the card is the first.
var ways = []way{
	{name: wayCard, computer: (*page).withCard, handheld: (*page).withoutCard},
	{
		name: wayPasskey, has: (*page).hasPasskeys,
		computer: (*page).passkeyOnComputer, handheld: (*page).passkeyOnHandheld,
	},
	{name: wayQr, computer: (*page).byQr, handheld: (*page).noQr},
}

const (
	wayCard = "card"
	wayQr   = "qr"
)

// used notes that somebody logged in by a way here: its name, and nothing of who it was. A device that others use, too,
// remembers none, and the card, which comes first by itself, need not be remembered.
func used(name string, shared bool) {
	switch {
	case shared:
	case name == wayCard:
		vault.Forget(vault.LoginWayKey)
	default:
		vault.Keep(vault.LoginWayKey, name)
	}
}

func (p *page) onComputer() app.UI {
	return p.drawn(ways, func(w way) func(*page) app.UI { return w.computer })
}

// onHandheld has the card last: it is no way there.
func (p *page) onHandheld() app.UI {
	return p.drawn(slices.Concat(ways[1:], ways[:1]), func(w way) func(*page) app.UI { return w.handheld })
}

// drawn are the ways that this device has, the one used last first.
func (p *page) drawn(ways []way, draw func(way) func(*page) app.UI) app.UI {
	list := slices.DeleteFunc(slices.Clone(ways), func(w way) bool {
		return !app.IsServer && w.has != nil && !w.has(p)
	})
	if !app.IsServer && p.last == nil {
		// As it was when the page came: what changed places while it is at work would be put up anew, and not go on.
		kept := vault.Kept(vault.LoginWayKey)
		p.last = &kept
	}
	last := ""
	if p.last != nil {
		last = *p.last
	}
	slices.SortStableFunc(list, func(a, b way) int {
		switch {
		case a.name == last && b.name != last:
			return -1
		case b.name == last && a.name != last:
			return 1
		}
		return 0
	})
	body := make([]app.UI, len(list))
	for i, w := range list {
		body[i] = app.Section().ID("way-" + w.name).Class("login-way").Body(draw(w)(p))
	}
	return app.Div().Class("login-ways").Body(body...)
}
