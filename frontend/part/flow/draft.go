package flow

import (
	"time"

	"madoguchi/frontend/frame/shell"
	"madoguchi/frontend/reach/vault"
)

// Draft is what was typed and chosen, as it stands, before it is sent. This tab keeps it: over a reload, an error,
// the end of a session. It is gone when it is dropped, when the person logs out, when somebody else logs in, and
// when the tab is closed. No PIN belongs in it.
type Draft struct {
	Name string // it is kept under
	Of   any    // points to what is kept, as JSON
	hold func()
	kept time.Time // when; zero when the device has not taken it
	turn *int64    // of the tab (vault.Turn), when it was begun
}

// Over says that all that this tab kept was dropped since the draft was begun: the person has logged out, or another
// one logged in. Its page may still be there for a moment.
func (d *Draft) Over() bool {
	now := vault.Turn()
	if d.turn == nil {
		d.turn = &now
	}
	return *d.turn != now
}

// Touched keeps a change at once, and has updates of the page wait.
func (d *Draft) Touched() {
	if d.Over() {
		return
	}
	if d.hold == nil {
		d.hold = shell.HoldUpdates()
	}
	d.kept = time.Time{}
	if vault.Save(d.Name, d.Of) {
		d.kept = time.Now()
	}
}

// Load fills in what was kept, and says whether there was something.
func (d *Draft) Load() bool {
	if d.Over() {
		return false
	}
	return vault.Load(d.Name, d.Of)
}

// LetGo lets updates of the page through again; what is kept stays.
func (d *Draft) LetGo() {
	if d.hold != nil {
		d.hold()
		d.hold = nil
	}
}

// Drop forgets what is kept.
func (d *Draft) Drop() {
	vault.Drop(d.Name)
	d.kept = time.Time{}
	d.LetGo()
}
