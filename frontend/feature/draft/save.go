package draft

import (
	"bytes"
	"context"
	"strings"
	"sync"
	"time"

	"github.com/maxence-charriere/go-app/v10/pkg/app"

	"madoguchi/frontend/frame/kit"
	"madoguchi/frontend/frame/lang"
	"madoguchi/frontend/frame/shell"
	"madoguchi/frontend/part/ask"
	"madoguchi/frontend/part/form"
	"madoguchi/frontend/reach/rpc"
	engine "madoguchi/proto/form"
	portalv1 "madoguchi/proto/gen/portal/v1"
)

// A change lies in this tab a moment after the key, and in the folder when nothing was typed for a while.
const (
	tabPause    = 250 * time.Millisecond
	folderPause = 2 * time.Second
)

// conflict is a field that two devices answered differently.
type conflict struct {
	field        string
	mine, theirs engine.Value
	seen         int64
}

// changed keeps an answer.
func (a *apply) changed(_ app.Context, field string) {
	if field != "" && !a.isFiles(field) {
		a.kept.Dirty[field] = true
	}
	if _, from := a.kept.From[field]; from && !a.sheet.Sourced(field) {
		delete(a.kept.From, field)
	}
	a.unkept = true
	now := time.Now()
	a.toKeep.after(a.visit.Page, now.Add(tabPause), func(ctx app.Context) {
		a.keep()
		if a.sheet != nil && a.view() == a.viewed {
			ctx.PreventUpdate() // what else looks otherwise are questions, and those draw themselves
		}
	})
	a.toSave.after(a.visit.Page, now.Add(folderPause), func(app.Context) { a.save() })
}

// view is what of the page, beside its questions, depends on what is answered.
type view struct {
	owned
	agent, steps, stand string
}

func (a *apply) view() view {
	result := a.sheet.Result
	return view{
		ownedIn(a.form, result), byAgent(a.form, result, a.sheet.Answers), strings.Join(a.steps(), ";"),
		a.stand().String(),
	}
}

// rest has something done when nothing was typed for a while: once, and not once for each key.
type rest struct {
	mu    sync.Mutex
	due   time.Time
	waits bool
}

func (r *rest) after(ctx app.Context, due time.Time, do func(app.Context)) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.due = due
	if r.waits {
		return
	}
	r.waits = true
	ctx.Async(func() {
		for left := r.left(); left > 0; left = r.left() {
			time.Sleep(left)
		}
		ctx.Dispatch(do)
	})
}

// left is how long it is still, and 0 when it is over.
func (r *rest) left() time.Duration {
	r.mu.Lock()
	defer r.mu.Unlock()
	left := max(time.Until(r.due), 0)
	r.waits = left > 0
	return left
}

func (a *apply) isFiles(field string) bool {
	for _, s := range a.form.Sections {
		for _, f := range s.Fields {
			if f.ID == field {
				return f.Type == engine.Files
			}
		}
	}
	return false
}

// keep has the tab keep what was typed.
func (a *apply) keep() {
	if a.sheet == nil || a.kept.Draft == "" || a.tab.Over() {
		return
	}
	a.unkept = false
	a.kept.Answers = a.sheet.Answers.Canonical()
	a.placeFiles()
	a.tab.Touched()
	a.seal()
}

// whenLeft has something done when the browser leaves the page, for a reload or another one.
func whenLeft(do func()) (stop func()) {
	if app.IsServer {
		return func() {}
	}
	left := app.FuncOf(func(app.Value, []app.Value) any {
		do()
		return nil
	})
	app.Window().Call("addEventListener", "pagehide", left)
	return func() {
		app.Window().Call("removeEventListener", "pagehide", left)
		left.Release()
	}
}

// alone is an answer as it is sent by itself.
func alone(v engine.Value) []byte {
	if v.Kind == 0 {
		return nil
	}
	return bytes.TrimSuffix(bytes.TrimPrefix(engine.Answers{"": v}.Canonical(), []byte(`{"":`)), []byte("}"))
}

// answer reads such an answer.
func (a *apply) answer(f *portalv1.DraftField) engine.Value {
	if len(f.GetValue()) == 0 {
		return engine.Value{}
	}
	read, err := a.form.ReadAnswers([]byte(`{"` + f.GetField() + `":` + string(f.GetValue()) + `}`))
	if err != nil {
		app.Log("reading an answer: ", err)
	}
	return read[f.GetField()]
}

// save has the folder keep what it has not yet.
func (a *apply) save() {
	a.keep()
	if a.sheet == nil || a.kept.Draft == "" || len(a.kept.Dirty) == 0 && !a.moving || a.saved.Busy || a.waits != "" {
		return
	}
	request := &portalv1.SaveDraftRequest{
		Id: a.kept.Draft, Place: a.place, Form: a.form.ID, Version: a.form.Version,
	}
	if a.returned != nil {
		request.Application = a.returned.application.GetId()
	}
	sent := map[string]string{}
	for field := range a.kept.Dirty {
		value := alone(a.sheet.Answers[field])
		sent[field] = string(value)
		request.Fields = append(request.Fields, &portalv1.DraftField{
			Field: field, Value: value, Seen: a.kept.Seen[field],
		})
	}
	owner := a.whose()
	save := func(ctx context.Context, r *portalv1.SaveDraftRequest) (*portalv1.SaveDraftResponse, error) {
		return drafts().SaveDraft(rpc.As(ctx, owner), r)
	}
	ask.Do(&a.visit, &a.saved, save, request,
		func(_ app.Context, got *portalv1.SaveDraftResponse, err error) {
			if err != nil {
				return // it stays in this tab, and is saved with the next change
			}
			if a.kept.Draft != request.GetId() { // another form of the same go was opened meanwhile
				a.save()
				return
			}
			a.savedAt, a.moving = time.UnixMilli(got.GetChangedAt()), false
			a.settled(sent, got.GetConflicts(), got.GetRevision())
			a.merge(got.GetConflicts())
			a.merge(got.GetNews())
			a.keep()
			if len(a.kept.Dirty) > 0 && len(a.conflicts) == 0 {
				a.changed(a.visit.Page, "")
			}
		})
}

// whose is who fills this in: nothing of it is sent for somebody who logged in meanwhile, in another tab.
func (a *apply) whose() string {
	if a.owner == "" {
		a.owner = shell.CurrentSession().Owner
	}
	return a.owner
}

// settled notes what the folder took.
func (a *apply) settled(sent map[string]string, conflicts []*portalv1.DraftField, revision int64) {
	refused := map[string]bool{}
	for _, c := range conflicts {
		refused[c.GetField()] = true
	}
	for field, value := range sent {
		if refused[field] {
			continue
		}
		a.kept.Seen[field] = revision
		if string(alone(a.sheet.Answers[field])) == value { // not typed over meanwhile
			delete(a.kept.Dirty, field)
		}
	}
}

// merge takes what another device saved; what this one changed, too, is shown beside it.
func (a *apply) merge(fields []*portalv1.DraftField) {
	news := engine.Answers{}
	for _, f := range fields {
		theirs, mine := a.answer(f), a.sheet.Answers[f.GetField()]
		if f.GetSeen() <= a.kept.Seen[f.GetField()] || a.isFiles(f.GetField()) {
			continue
		}
		same := bytes.Equal(alone(theirs), alone(mine))
		if a.kept.Dirty[f.GetField()] && !same {
			a.conflict(conflict{f.GetField(), mine, theirs, f.GetSeen()})
			continue
		}
		a.kept.Seen[f.GetField()] = f.GetSeen()
		delete(a.kept.Dirty, f.GetField())
		if !same {
			news[f.GetField()] = theirs
		}
	}
	if len(news) > 0 {
		a.sheet.Put(news)
	}
	a.keep()
}

func (a *apply) conflict(c conflict) {
	for i, was := range a.conflicts {
		if was.field == c.field {
			a.conflicts[i] = c
			return
		}
	}
	a.conflicts = append(a.conflicts, c)
}

// decide ends a conflict.
func (a *apply) decide(ctx app.Context, field string, mine bool) {
	for i, c := range a.conflicts {
		if c.field != field {
			continue
		}
		a.conflicts = append(a.conflicts[:i:i], a.conflicts[i+1:]...)
		a.kept.Seen[field] = c.seen
		if !mine {
			delete(a.kept.Dirty, field)
			a.sheet.Put(engine.Answers{field: c.theirs})
		}
		a.save()
		kit.Focus(ctx, "apply-step")
		return
	}
}

// both shows what two devices answered.
func (a *apply) both() app.UI {
	place := app.Div().ID("apply-conflicts").TabIndex(-1)
	if len(a.conflicts) == 0 {
		return place
	}
	body := []app.UI{textConflictLead.P("")}
	for _, c := range a.conflicts {
		one := a.sheet.Field(c.field)
		body = append(body, app.Div().Class("conflict").Body(
			a.sheet.Label(c.field).P("label"),
			kit.Facts(
				kit.Row{Name: textHere, Value: a.value(one, c.mine)},
				kit.Row{Name: textThere, Value: a.value(one, c.theirs)},
			),
			app.Div().Class("actions").Body(
				kit.Button{ID: "mine-" + c.field, Label: textTakeHere, OnPress: func(ctx app.Context) {
					a.decide(ctx, c.field, true)
				}}.UI(),
				kit.Button{ID: "theirs-" + c.field, Label: textTakeThere, OnPress: func(ctx app.Context) {
					a.decide(ctx, c.field, false)
				}}.UI(),
			),
		))
	}
	return place.Body(kit.NotificationBanner{
		ID: "apply-conflict", Tone: kit.Warning, Title: textConflict.F(len(a.conflicts)), Body: body,
	}.UI())
}

// value is an answer; of rows, how many there are and what stands in them.
func (a *apply) value(one *engine.Field, v engine.Value) app.UI { return valueOf(a.form, one, v) }

func valueOf(f *engine.Form, one *engine.Field, v engine.Value) app.UI {
	if one == nil || v.Kind != engine.RowsAnswer {
		if one == nil {
			return app.Span()
		}
		return form.Shown(f, one, v)
	}
	items := make([]app.UI, len(v.Rows))
	for i, row := range v.Rows {
		parts := []app.UI{}
		for j := range one.Fields {
			if inner := &one.Fields[j]; row[inner.ID].Kind != 0 {
				parts = append(parts, form.Shown(f, inner, row[inner.ID]), app.Text("　"))
			}
		}
		items[i] = app.Li().Body(parts...)
	}
	return app.Ul().Class("plain-list").Body(items...)
}

// stand says where what was typed lies.
func (a *apply) stand() lang.Text {
	switch {
	case a.sheet == nil:
		return lang.Text{}
	case a.saved.Busy:
		return textSaving
	case a.saved.Failure.Is() && a.sealed:
		return textOnDevice
	case a.saved.Failure.Is():
		return textInTabFailed
	case len(a.kept.Dirty) > 0, a.savedAt.IsZero():
		return textInTab
	}
	return textSaved.F(lang.Clock(a.savedAt))
}
