package draft

import (
	"cmp"
	"context"
	"errors"
	"slices"

	"github.com/maxence-charriere/go-app/v10/pkg/app"

	"madoguchi/frontend/frame/lang"
	"madoguchi/frontend/frame/shell"
	"madoguchi/frontend/part/form"
	"madoguchi/frontend/reach/browser"
	"madoguchi/frontend/reach/vault"
	portalv1 "madoguchi/proto/gen/portal/v1"
)

// What is attached lies on the device, too, until the folder has it: its content sealed in the vault, under its id;
// what it is and where it stands, with the draft. So it outlives a crash, the tab and days without a network, and
// goes on to the folder whenever that can be reached. It is gone from the device once the folder has it, when it is
// taken out, and with its draft. On a device that others use, too, no vault is open and nothing of it is kept; that
// is said before.

// attaching is the kind of record: the content of a file, under its id.
const attaching vault.Kind = "attaching"

// stowed is a file that the folder has not whole.
type stowed struct {
	ID, Field, Name, Digest string
	Size                    int64
	// Row is in which row it stands, from 0, of a question in rows.
	Row int
	// There: the folder has it by now; the page that is to know where it stands was not open.
	There bool `json:",omitempty"`
}

// shelf says how it stands with the content of a file on the device.
type shelf int

const (
	tabOnly shelf = iota // nothing is kept, or not yet
	sealing              // it is being kept
	lies                 // it is
	noRoom               // the device is full
)

// request begins an upload, or goes on with one.
func (s stowed) request(draft string) *portalv1.StartAttachmentRequest {
	return &portalv1.StartAttachmentRequest{
		Id: s.ID, Draft: draft, Field: s.Field, Name: s.Name, Size: s.Size, Digest: s.Digest,
	}
}

// stow has the device keep a file until the folder has it.
func (a *apply) stow(f *file) {
	if f.content == nil || f.shelf == sealing || f.shelf == lies || !vault.Now().IsOpen() {
		return
	}
	f.shelf = sealing
	era, content := vault.Era(), f.content
	a.visit.Page.Async(func() {
		err := vault.PutIn(context.Background(), era, attaching, f.id, content)
		a.visit.Page.Dispatch(func(app.Context) {
			switch {
			case errors.Is(err, browser.ErrFull):
				f.shelf = noRoom
			case err != nil || !vault.Now().IsOpen():
				f.shelf = tabOnly
				app.Log("keeping a file on the device: ", err)
			default:
				f.shelf = lies
				a.noteFile(f)
			}
			a.sheet.Redraw(f.element)
		})
	})
}

// noteFile has the draft know what the device keeps, or has it go where that is over meanwhile.
func (a *apply) noteFile(f *file) {
	if f.over() {
		a.unstow(f.id)
		return
	}
	if !a.stows(f.id) {
		a.kept.Files = append(a.kept.Files, stowed{
			ID: f.id, Field: f.field, Name: f.name, Digest: f.digest, Size: f.size, Row: a.rowOf(f),
		})
	}
	a.keep()
}

// over says that nothing more is to be sent of a file.
func (f *file) over() bool { return f.gone || f.there != nil || f.content == nil }

// unstow has the device keep nothing of a file.
func (a *apply) unstow(id string) {
	if a.left == nil {
		a.left = map[string]bool{}
	}
	a.left[id] = true
	before := len(a.kept.Files)
	a.kept.Files = slices.DeleteFunc(slices.Clone(a.kept.Files), func(s stowed) bool { return s.ID == id })
	if len(a.kept.Files) != before {
		a.keep()
	}
	a.visit.Page.Async(func() { dropFiles(context.Background(), []stowed{{ID: id}}) })
}

// dropFiles has the device keep nothing of some files.
func dropFiles(ctx context.Context, files []stowed) {
	for _, s := range files {
		if err := vault.Delete(ctx, attaching, s.ID); err != nil && vault.Now().IsOpen() {
			app.Log("forgetting a file on the device: ", err)
		}
	}
}

// rowOf is in which row a file stands.
func (a *apply) rowOf(f *file) int {
	places := a.sheet.Attached(f.field)
	return max(0, slices.IndexFunc(places, func(p form.Attached) bool { return p.Element == f.element }))
}

// placeFiles notes in which rows the files stand now.
func (a *apply) placeFiles() {
	for i, s := range a.kept.Files {
		if f := a.fileOf(s.ID); f != nil {
			a.kept.Files[i].Row = a.rowOf(f)
		}
	}
}

// stows says whether the device keeps a file, as far as the draft knows.
func (a *apply) stows(id string) bool {
	return slices.ContainsFunc(a.kept.Files, func(s stowed) bool { return s.ID == id })
}

func (a *apply) fileOf(id string) *file {
	for _, all := range a.files {
		for _, f := range all {
			if f.id == id {
				return f
			}
		}
	}
	return nil
}

// elementOf is where a file stood when it was kept; empty where that is no more.
func (a *apply) elementOf(s stowed) string {
	places := a.sheet.Attached(s.Field)
	if s.Row >= len(places) {
		return ""
	}
	return places[s.Row].Element
}

// takeOut shows the files that the device keeps for the draft, and has them sent.
func (a *apply) takeOut() {
	for _, s := range a.kept.Files {
		if s.There || !vault.Now().IsOpen() && a.fileOf(s.ID) != nil {
			continue // the folder tells of it; or it waits for the vault
		}
		f := a.fileOf(s.ID)
		if f == nil {
			places := a.sheet.Attached(s.Field)
			if len(places) == 0 {
				continue
			}
			f = &file{
				id: s.ID, field: s.Field, element: cmp.Or(a.elementOf(s), places[0].Element), name: s.Name,
				size: s.Size, digest: s.Digest, broken: true, fault: textNotSent,
			}
			a.files[f.element] = append(a.files[f.element], f)
			a.sheet.Redraw(f.element)
		}
		if f.content == nil && f.there == nil && !f.reads && vault.Now().IsOpen() {
			a.fetchStowed(f)
		}
	}
}

// fetchStowed reads the content of a file that the device keeps, and has it sent.
func (a *apply) fetchStowed(f *file) {
	f.reads = true
	a.visit.Page.Async(func() {
		r, err := vault.Get(context.Background(), attaching, f.id)
		a.visit.Page.Dispatch(func(app.Context) {
			f.reads = false
			switch {
			case f.gone || f.there != nil:
				return
			case errors.Is(err, vault.ErrLocked):
				return // when it is opened
			case err != nil || sum(r.Data) != f.digest:
				f.broken, f.fault = false, textLostHere
				a.unstow(f.id)
			default:
				f.content, f.shelf = r.Data, lies
				if !f.sends && shell.Online() {
					a.upload(f)
				}
			}
			a.sheet.Redraw(f.element)
		})
	})
}

// stowAll has the device keep what could not be kept before the vault was open.
func (a *apply) stowAll() {
	for _, all := range a.files {
		for _, f := range all {
			if !f.over() {
				a.stow(f)
			}
		}
	}
}

// sendOn goes on with what broke off, now that there is a network again.
func (a *apply) sendOn() {
	for _, all := range a.files {
		for _, f := range all {
			if f.broken && !f.over() && !f.sends {
				a.upload(f)
			}
		}
	}
}

// unsent is a file that is not there and may yet be, the first by its question: nothing is signed without it.
func (a *apply) unsent() (first *file) {
	for _, all := range a.files {
		for _, f := range all {
			waits := f.there == nil && (f.broken || f.sends || f.reads || f.content != nil)
			if waits && (first == nil || f.element < first.element) {
				first = f
			}
		}
	}
	return first
}

// said is what is wrong with a file, or where it waits.
func (f *file) said() lang.Text {
	if !f.broken || f.sends {
		return f.fault
	}
	switch f.shelf {
	case lies:
		return textTwo.F(f.fault, textFileSealed)
	case noRoom:
		return textTwo.F(f.fault, textFileNoRoom)
	}
	if f.content == nil {
		return textTwo.F(f.fault, textFileLocked)
	}
	return textTwo.F(f.fault, textFileInTab)
}

// whereFilesLie says before anything is chosen that this device keeps no file; empty where it does.
func whereFilesLie() lang.Text {
	if shell.CurrentSession().SharedDevice || vault.KeepsNothing() {
		return textFilesNotKept
	}
	if errors.Is(vault.Trouble(), browser.ErrFull) {
		return textFilesNoRoom
	}
	return lang.Text{}
}

// bringFiles has the folder take the files of a draft that no page has open. What it took is noted with the draft, so
// that a page knows where it stands.
func (l *lying) bringFiles(ctx context.Context, era int) error {
	draft := &portalv1.SaveDraftRequest{
		Id: l.Kept.Draft, Place: l.Place, Form: l.Form, Version: l.Kept.Version, Application: l.Kept.Application,
	}
	for i, s := range l.Kept.Files {
		if s.There || held(l.Kept.Draft) {
			continue
		}
		r, err := vault.Get(ctx, attaching, s.ID)
		if err != nil {
			return err //nolint:wrapcheck // who calls it does
		}
		f := &file{id: s.ID, size: s.Size, content: r.Data}
		if vault.Era() != era {
			return nil
		}
		there, fault, err := f.send(ctx, draft, s.request(l.Kept.Draft), func(int64) {})
		if err != nil {
			return err
		}
		if there == nil || fault != 0 {
			continue // the page says why, when it is opened
		}
		l.Kept.Files[i].There = true
		dropFiles(ctx, []stowed{s})
	}
	return nil
}
