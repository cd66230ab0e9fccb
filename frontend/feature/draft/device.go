package draft

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/maxence-charriere/go-app/v10/pkg/app"

	"madoguchi/frontend/frame/shell"
	"madoguchi/frontend/reach/rpc"
	"madoguchi/frontend/reach/vault"
	engine "madoguchi/proto/form"
	portalv1 "madoguchi/proto/gen/portal/v1"
)

// What is typed lies in this tab at once, and a moment later in the device's vault, sealed: there it outlives a crash,
// the tab, the session and days without a network. On a device that others use, too, no vault is open, and the tab is
// all. What the folder has not yet goes there when the portal can be reached again, field by field.

// device is the kind of record: a draft, under its id.
const device vault.Kind = "filling"

// deviceFor is how long, as the folder keeps a draft.
const deviceFor = 30 * 24 * time.Hour

// lying is a draft as it lies on the device.
type lying struct {
	Place, Form string
	Kept        kept
}

func (l lying) unsaved() bool { return len(l.Kept.Dirty) > 0 || l.unsent() }

// unsent says whether the device has files of it that the folder has not.
func (l lying) unsent() bool {
	return slices.ContainsFunc(l.Kept.Files, func(s stowed) bool { return !s.There })
}

// inHand is the draft that a page of this tab has open: that page brings it to the folder.
var inHand struct {
	sync.Mutex
	draft string
}

func hold(draft string) {
	inHand.Lock()
	defer inHand.Unlock()
	inHand.draft = draft
}

func held(draft string) bool {
	inHand.Lock()
	defer inHand.Unlock()
	return inHand.draft == draft
}

func declareKinds() {
	vault.Declare(
		vault.Sort{Kind: device, Sealed: true, For: deviceFor, Most: 50, Unsent: true},
		vault.Sort{Kind: attaching, Sealed: true, For: deviceFor, Unsent: true},
	)
}

// begin has what lies on the device go to the folder whenever it can.
func begin(ctx app.Context) {
	declare()
	declareKinds()
	if app.IsServer {
		return
	}
	remember(ctx)
	vault.OnChange(func(s vault.State) {
		if s.By == vault.BySession {
			go bring(context.Background())
		}
	})
}

// bring has the folder keep what it has not of the drafts that no page has open.
func bring(ctx context.Context) {
	era := vault.Era()
	ctx = rpc.As(ctx, shell.CurrentSession().Owner)
	all, err := vault.List(ctx, device)
	if err != nil && len(all) == 0 {
		return
	}
	for _, r := range all {
		if vault.Era() != era {
			return // whose these are has gone
		}
		var l lying
		if json.Unmarshal(r.Data, &l) != nil || !l.unsaved() || held(l.Kept.Draft) || !shell.Online() {
			continue
		}
		err := l.save(ctx)
		if err == nil && l.unsent() {
			if err := l.bringFiles(ctx, era); err != nil {
				app.Log("sending what is attached to a draft: ", err) // the rest another time
			}
		}
		switch {
		case vault.Era() != era:
			return
		case rpc.Reason(err) == portalv1.Reason_REASON_ALREADY_DONE: // it was sent
			dropFiles(ctx, l.Kept.Files)
			if err := vault.Delete(ctx, device, l.Kept.Draft); err != nil {
				app.Log("forgetting a draft on the device: ", err)
			}
		case err == nil && !held(l.Kept.Draft):
			if data, err := json.Marshal(l); err == nil {
				put(ctx, era, l.Kept.Draft, data)
			}
		}
	}
}

// save has the folder keep what it has not of a draft; what another device changed, too, waits for the person.
func (l *lying) save(ctx context.Context) error {
	request := &portalv1.SaveDraftRequest{
		Id: l.Kept.Draft, Place: l.Place, Form: l.Form, Version: l.Kept.Version, Application: l.Kept.Application,
	}
	values := map[string]json.RawMessage{}
	if err := json.Unmarshal(l.Kept.Answers, &values); err != nil {
		return fmt.Errorf("reading a draft: %w", err)
	}
	for field := range l.Kept.Dirty {
		request.Fields = append(request.Fields, &portalv1.DraftField{
			Field: field, Value: values[field], Seen: l.Kept.Seen[field],
		})
	}
	got, err := drafts().SaveDraft(ctx, request)
	if err != nil {
		return err
	}
	refused := map[string]bool{}
	for _, c := range got.GetConflicts() {
		refused[c.GetField()] = true
	}
	for _, f := range request.GetFields() {
		if !refused[f.GetField()] {
			delete(l.Kept.Dirty, f.GetField())
			l.Kept.Seen[f.GetField()] = got.GetRevision()
		}
	}
	return nil
}

// put has the device keep a draft, and says whether it did.
func put(ctx context.Context, era int, draft string, data []byte) bool {
	if err := vault.PutIn(ctx, era, device, draft, data); err != nil {
		app.Log("keeping a draft on the device: ", err)
		return false
	}
	return vault.Now().IsOpen()
}

// seal has the device keep what this tab keeps, once it is known what lies there: nothing is written over unseen. One
// write at a time: the last counts.
func (a *apply) seal() {
	if a.sealed = false; !a.looked {
		return
	}
	if a.sealing {
		a.sealAgain = true
		return
	}
	data, err := json.Marshal(lying{a.place, a.form.ID, a.kept})
	if err != nil {
		app.Log("keeping a draft on the device: ", err)
		return
	}
	a.sealing, a.sealAgain = true, false
	era, draft := vault.Era(), a.kept.Draft
	a.visit.Page.Async(func() {
		took := put(context.Background(), era, draft, data)
		a.visit.Page.Dispatch(func(app.Context) {
			a.sealing, a.sealed = false, took && !a.sealAgain
			if a.gone[draft] { // while it was written
				a.forget(kept{Draft: draft})
			}
			if a.sealAgain && a.kept.Draft != "" {
				a.seal()
			}
		})
	})
}

// forget has the device keep nothing of a draft that was sent, or is no more.
func (a *apply) forget(k kept) {
	draft := k.Draft
	hold("")
	a.sealAgain = false
	if a.gone == nil {
		a.gone = map[string]bool{}
	}
	a.gone[draft] = true
	a.visit.Page.Async(func() {
		dropFiles(context.Background(), k.Files)
		if err := vault.Delete(context.Background(), device, draft); err != nil && vault.Now().IsOpen() {
			app.Log("forgetting a draft on the device: ", err)
		}
	})
}

// recall looks what the device keeps of this form: to go on with it, or to offer it.
func (a *apply) recall() {
	place, id := a.place, a.form.ID
	a.recalling = true
	a.visit.Page.Async(func() {
		all, err := vault.List(context.Background(), device)
		var found []lying
		for _, r := range all {
			var l lying
			if json.Unmarshal(r.Data, &l) == nil && l.Place == place && l.Form == id && l.Kept.Draft == r.ID {
				found = append(found, l)
			}
		}
		a.visit.Page.Dispatch(func(ctx app.Context) {
			if a.place == place && a.form != nil && a.form.ID == id {
				a.looked = !errors.Is(err, vault.ErrLocked)
				a.recalled(ctx, found)
				if a.sheet != nil {
					a.takeOut()
					a.stowAll()
				}
				a.keep()
			}
		})
	})
}

func (a *apply) recalled(ctx app.Context, found []lying) {
	a.lying, a.recalling = nil, false
	for _, l := range found {
		switch {
		case a.sheet != nil && l.Kept.Draft == a.kept.Draft:
			a.meet(l.Kept)
		case a.sheet == nil && l.Kept.Draft == a.wantedDraft(ctx):
			a.resume(ctx, l.Kept)
		case l.unsaved():
			a.lying = append(a.lying, l)
		}
	}
	a.startWanted(ctx)
}

// resume goes on with a draft that lies on the device, under the version that it began with.
func (a *apply) resume(ctx app.Context, k kept) {
	if k.Version != a.form.Version && !a.expired {
		a.after = &k
		a.load(k.Version)
		return
	}
	answers, err := a.form.ReadAnswers(k.Answers)
	if err != nil {
		app.Log("reading a draft: ", err)
	}
	a.kept = k
	a.open(ctx, answers)
	a.fetch(k.Draft, true)
}

// meet takes what lay on the device into the draft that is open: of what was changed on both sides, both are shown.
func (a *apply) meet(k kept) {
	for _, s := range k.Files {
		if !a.stows(s.ID) && a.fileOf(s.ID) == nil && !a.left[s.ID] {
			a.kept.Files = append(a.kept.Files, s)
		}
	}
	answers, err := a.form.ReadAnswers(k.Answers)
	if err != nil {
		app.Log("reading a draft: ", err)
		return
	}
	news := engine.Answers{}
	for field := range k.Dirty {
		theirs, mine := a.sheet.Answers[field], answers[field]
		switch {
		case string(alone(theirs)) == string(alone(mine)), a.kept.Dirty[field]: // what was typed since, stays
		case a.kept.Seen[field] > k.Seen[field]:
			a.kept.Dirty[field] = true
			a.conflict(conflict{field, mine, theirs, a.kept.Seen[field]})
			news[field] = mine
		default:
			a.kept.Dirty[field] = true
			news[field] = mine
		}
	}
	if len(news) > 0 {
		a.sheet.Put(news)
		a.changed(a.visit.Page, "")
	}
}
