// Package draft is where a person fills in an application (電子申請), signs and sends it. What is filled in lies on the
// device first, then sealed in the folder; what was sent is feature application's.
package draft

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"slices"
	"strings"
	"time"

	"github.com/maxence-charriere/go-app/v10/pkg/app"

	"madoguchi/frontend/frame/kit"
	"madoguchi/frontend/frame/lang"
	"madoguchi/frontend/frame/shell"
	"madoguchi/frontend/part/ask"
	"madoguchi/frontend/part/flow"
	"madoguchi/frontend/part/form"
	"madoguchi/frontend/part/trouble"
	"madoguchi/frontend/reach/chance"
	"madoguchi/frontend/reach/rpc"
	"madoguchi/frontend/reach/vault"
	"madoguchi/proto/clock"
	engine "madoguchi/proto/form"
	portalv1 "madoguchi/proto/gen/portal/v1"
	"madoguchi/proto/gen/portal/v1/portalv1web"
)

const prefix = "/apply/"

// Feature hangs the pages into the house.
var Feature = shell.Feature{
	Pages: []shell.Page{{
		Pattern: "^/apply/[0-9]{6}/[^/]+$", Title: textTitle, For: shell.Citizen,
		New: func() app.Composer { return &apply{} },
	}},
	Start: begin,
}

// drafts and sending answer; tests have ones of their own.
var (
	drafts  = func() portalv1web.DraftService { return rpc.To(portalv1web.NewDraftService) }
	sending = func() portalv1web.ApplicationService { return rpc.To(portalv1web.NewApplicationService) }
)

// Steps that are no section of the form.
const (
	stepAll    = "all"
	stepReview = "review"
	stepSign   = "sign"
)

// kept is what this tab keeps of a draft, at each key.
type kept struct {
	Draft, Version string
	Answers        json.RawMessage
	// Seen is the revision at which each field was seen last, Dirty those that the portal has not yet.
	Seen  map[string]int64
	Dirty map[string]bool
	// Send is the id under which it is sent, so that it is sent once.
	Send string
	// Linked: fields were filled in by a link from outside.
	Linked bool
	// Mended: it was signed and refused, and is put right.
	Mended bool `json:",omitempty"`
	// From is where answers came from that nobody typed here.
	From map[string]from
	// Known: what is known was to be filled in; Shares: what the forms before it in the same go were answered.
	Known, Shares bool
	// Application is the one that is corrected.
	Application string
	// Files are those that the folder has not yet, and the device keeps.
	Files []stowed `json:",omitempty"`
}

// apply is the page of a form.
type apply struct {
	app.Compo
	visit                                       ask.Visit
	asked, listed, told, opened, saved, dropped ask.Question

	place, name string // as the address has them
	got         *portalv1.GetFormResponse
	form        *engine.Form
	others      []*portalv1.Draft // of the same form
	known       []*portalv1.Prefill
	wanted      bool // to begin was pressed before it was known what there is
	failure     trouble.Message

	sheet     *form.Sheet
	kept      kept
	tab       flow.Draft
	owner     string // who fills it in, once that is known
	savedAt   time.Time
	viewed    view
	toKeep    rest
	toSave    rest
	unkept    bool // the tab has not kept the last change yet
	faults    []kit.FieldError
	conflicts []conflict
	files     map[string][]*file
	left      map[string]bool // files that the device is to keep no more
	returned  *returned
	tell      bool
	waits     string // the id of what was signed, and is sent once there is a network
	said      bool   // that it was
	went      bool   // the draft that was to be opened was sent before
	outgoing  []*portalv1.SendApplicationRequest
	going     []written // what they are made of
	signed    []int     // those of them that are signed
	came      []sentBy
	done      []sentBy // several, in one go
	refused   map[string][]*portalv1.FormFault
	differing []differing // from the certificate, which the person has not looked at yet

	names   []string // of all forms of the go
	parts   map[string]*part
	outside outside
	placed  ask.Question
	did     lang.Text // what was filled in last from elsewhere
	copying string    // the section into which the card is being copied

	recalling, looked  bool    // what the device keeps is being looked for, and was
	sought             string  // the draft that the address named last
	lying              []lying // drafts that the folder has not whole
	after              *kept   // goes on under another version
	sealing, sealAgain bool
	sealed             bool            // the device has it, under lock
	gone               map[string]bool // drafts that were sent

	renewed  ask.Question
	newer    *engine.Form
	newerGot *portalv1.GetFormResponse
	expired  bool // the version that it began with is taken no more
	moved    bool // to another version
	moving   bool // and the folder has not heard of it
	losses   []lost
}

// returned is the application that is corrected.
type returned struct {
	application *portalv1.Application
	fields      []string
	before      engine.Answers
}

// OnMount begins with what the address names.
func (a *apply) OnMount(ctx app.Context) {
	a.visit.Begin(ctx)
	a.asked.Keeps, a.listed.Keeps, a.opened.Keeps, a.renewed.Keeps = true, true, true, true
	a.tell, a.refused = true, map[string][]*portalv1.FormFault{}
	a.visit.Until(vault.OnChange(func(s vault.State) {
		if s.IsOpen() {
			ctx.Dispatch(func(app.Context) {
				if a.form != nil {
					a.recall()
				}
			})
		}
	}))
	a.visit.Until(whenLeft(func() {
		if a.unkept {
			a.keep()
		}
	}))
	online := shell.Online()
	shell.Watch(ctx, func(app.Context) {
		if now := shell.Online(); now != online {
			online = now
			a.save()
			if now {
				a.sendOn()
			}
		}
	})
	a.follow(ctx)
	a.OnNav(ctx)
}

// OnDismount keeps what was typed.
func (a *apply) OnDismount() {
	a.keep()
	hold("")
	a.tab.LetGo()
	a.visit.End()
}

// OnNav opens the form of the address; of one that is open, another step.
func (a *apply) OnNav(ctx app.Context) {
	at := strings.Split(strings.TrimPrefix(ctx.Page().URL().Path, prefix), "/")
	if len(at) != 2 {
		return
	}
	names, name := namesIn(at[1], ctx.Page().URL())
	wanted := a.wantedDraft(ctx)
	another := wanted != "" && wanted != a.sought && wanted != a.kept.Draft
	a.sought = wanted
	if at[0] == a.place && slices.Equal(names, a.names) && name == a.name && !another {
		a.arrive(ctx)
		return
	}
	a.keep()
	a.tab.LetGo()
	if at[0] != a.place || !slices.Equal(names, a.names) {
		a.parts, a.done = map[string]*part{}, nil
	}
	a.place, a.names, a.name, a.got, a.form, a.sheet, a.waits = at[0], names, name, nil, nil, nil, ""
	a.kept, a.others, a.known, a.lying, a.after, a.returned = kept{}, nil, nil, nil, nil, nil
	a.newer, a.expired, a.moved, a.moving, a.losses = nil, false, false, false, nil
	a.differing, a.did, a.went = nil, lang.Text{}, false
	a.conflicts, a.copying, a.savedAt, a.sealed, a.looked = nil, "", time.Time{}, false, false
	for _, q := range []*ask.Question{&a.listed, &a.told, &a.opened, &a.renewed, &a.placed} {
		q.Drop()
	}
	a.cameFrom(ctx)
	a.load("")
}

// wantedDraft is the draft that the address names.
func (a *apply) wantedDraft(ctx app.Context) string { return ctx.Page().URL().Query().Get("draft") }

// load asks for the form, in a version or the one that holds.
func (a *apply) load(version string) {
	ask.For(&a.visit, &a.asked, drafts().GetForm,
		&portalv1.GetFormRequest{Place: a.place, Form: a.name, Version: version},
		func(ctx app.Context, got *portalv1.GetFormResponse, err error) {
			if version != "" && rpc.Reason(err) == portalv1.Reason_REASON_NOT_FOUND {
				a.expired = true // it goes on under the version that holds
				a.load("")
				return
			}
			if err != nil {
				return
			}
			read, err := engine.ReadChecked(got.GetDefinition())
			if err != nil {
				a.asked.Failure = trouble.Words(err)
				return
			}
			a.got, a.form = got, read
			shell.SetTitle(form.Of(read, "title"))
			a.learnParts()
			a.begin(ctx, version)
		})
}

// begin goes on with the draft of this tab, the one of the address, or offers those that there are.
func (a *apply) begin(ctx app.Context, version string) {
	a.tab = flow.Draft{Name: draftName(a.place, a.form.ID), Of: &a.kept}
	wanted := a.wantedDraft(ctx)
	a.kept = kept{}
	if !a.tab.Load() || !a.kept.Mended { // what is put right may be refused in the outbox for a moment yet
		a.waits = signed(wanted)
	}
	switch {
	case a.waits != "": // it is signed: nothing is changed in it any more
		a.kept = kept{}
	case a.after != nil:
		k := *a.after
		a.after = nil
		a.resume(ctx, k)
	case a.tab.Load() && a.kept.Draft != "" && (wanted == "" || wanted == a.kept.Draft):
		if a.kept.Version != a.form.Version && version == "" && !a.expired {
			a.load(a.kept.Version)
			return
		}
		answers, err := a.form.ReadAnswers(a.kept.Answers)
		if err != nil {
			app.Log("reading a draft: ", err)
		}
		a.open(ctx, answers)
		a.mended(answers)
		a.link()
		a.recall()
		a.fetch(a.kept.Draft, true)
	case wanted != "":
		a.kept = kept{}
		a.recall()
		a.fetch(wanted, false)
	default:
		a.kept = kept{}
		a.recall()
		a.look()
	}
}

// look asks for the drafts of this form, and for what may be filled in.
func (a *apply) look() {
	ask.For(&a.visit, &a.listed, drafts().ListDrafts, &portalv1.ListDraftsRequest{},
		func(ctx app.Context, got *portalv1.ListDraftsResponse, err error) {
			if err != nil {
				a.wanted = false
				return
			}
			a.others = nil
			for _, d := range got.GetDrafts() {
				if d.GetPlace() == a.place && d.GetForm() == a.form.ID &&
					d.GetState() == portalv1.DraftState_DRAFT_STATE_OPEN {
					a.others = append(a.others, d)
				}
			}
			a.startWanted(ctx)
		})
	ask.For(&a.visit, &a.told, drafts().ListPrefills,
		&portalv1.ListPrefillsRequest{Place: a.place, Form: a.form.ID, Version: a.form.Version},
		func(ctx app.Context, got *portalv1.ListPrefillsResponse, err error) {
			if err == nil {
				a.known = got.GetPrefills()
			}
			a.startWanted(ctx)
		})
}

// startBlank begins at once, or as soon as it is known what there is: a press counts. Who has a draft before their eyes
// knows enough.
func (a *apply) startBlank(ctx app.Context) {
	a.wanted = len(a.others)+len(a.lying) == 0 && (a.listed.Busy || a.told.Busy || a.recalling)
	if !a.wanted {
		a.start(ctx, false)
	}
}

// follows says that the form comes after another one of the same go, and is begun at once, as that was. known says
// whether what is known is to be filled in.
func (a *apply) follows() (known, is bool) {
	if a.index() <= 0 || len(a.others)+len(a.lying) > 0 {
		return false, false
	}
	before, begun := a.written(a.names[a.index()-1])
	return before.kept.Known, begun
}

// startWanted begins what was pressed before it was known what there is, unless there is a draft: that is offered
// first.
func (a *apply) startWanted(ctx app.Context) {
	if a.listed.Busy || a.told.Busy || a.recalling || a.sheet != nil {
		return
	}
	if known, is := a.follows(); is {
		a.start(ctx, known)
		return
	}
	if !a.wanted {
		return
	}
	a.wanted = false
	if len(a.others)+len(a.lying) == 0 {
		a.start(ctx, false)
	}
}

// fetch asks for a draft of the folder: to open it, or for what another device changed in the one that is open.
func (a *apply) fetch(id string, open bool) {
	if !open {
		if a.waits = signed(id); a.waits != "" {
			return
		}
	}
	ask.For(&a.visit, &a.opened, drafts().GetDraft, &portalv1.GetDraftRequest{Id: id},
		func(ctx app.Context, got *portalv1.GetDraftResponse, err error) {
			if rpc.Reason(err) == portalv1.Reason_REASON_ALREADY_DONE {
				a.wasSent(id)
				return
			}
			if err != nil {
				there := open || a.sheet != nil // on the device
				if there && (rpc.Reason(err) == portalv1.Reason_REASON_NOT_FOUND || !shell.Online()) {
					a.opened.Failure = trouble.Message{} // never saved there, or not to be asked now
					a.goOnSaving()
				}
				return
			}
			d := got.GetDraft()
			if d.GetVersion() != a.form.Version && a.sheet == nil && !a.expired {
				a.load(d.GetVersion())
				return
			}
			if a.sheet == nil {
				a.kept = kept{Draft: d.GetId(), Version: d.GetVersion(), Application: d.GetApplication()}
				a.open(ctx, nil)
				a.recall()
			}
			a.savedAt = time.UnixMilli(d.GetChangedAt())
			a.merge(d.GetFields())
			if a.expired && !a.moved {
				a.carry(nil)
			}
			a.link()
			a.attached(d.GetAttachments())
			if d.GetApplication() != "" && a.returned == nil {
				a.correct(d.GetApplication())
			}
			a.goOnSaving()
		})
}

// wasSent ends a draft that was sent, of which this device did not hear: from another one, or in a browser that ended
// before the answer came. Nobody signs it a second time.
func (a *apply) wasSent(id string) {
	a.opened.Failure, a.went = trouble.Message{}, true
	if k := a.kept; k.Draft == id {
		a.forget(k)
		a.tab.Drop()
		a.kept, a.sheet = kept{}, nil
	}
	a.look()
}

// goOnSaving saves what was left when a session or a page ended.
func (a *apply) goOnSaving() {
	if len(a.kept.Dirty) > 0 && len(a.conflicts) == 0 {
		a.changed(a.visit.Page, "")
	}
}

// correct learns which fields of a returned application may be changed, and what was sent before.
func (a *apply) correct(application string) {
	ask.For(&a.visit, &a.told, sending().CorrectApplication, &portalv1.CorrectApplicationRequest{Id: application},
		func(_ app.Context, fields *portalv1.CorrectApplicationResponse, err error) {
			if err != nil {
				return
			}
			ask.For(&a.visit, &a.told, sending().GetApplication, &portalv1.GetApplicationRequest{Id: application},
				func(_ app.Context, got *portalv1.GetApplicationResponse, err error) {
					if err != nil {
						return
					}
					before, err := a.form.ReadAnswers(got.GetApplication().GetAnswers())
					if err != nil {
						app.Log("reading what was sent: ", err)
					}
					a.returned = &returned{got.GetApplication(), fields.GetFields(), before}
					a.sheet.Open = func(field string) bool { return slices.Contains(a.returned.fields, field) }
					a.sheet.Put(nil)
					a.sheet.RedrawAll()
				})
		})
}

// today is the day by the portal's clock, or this device's.
func today() string {
	now, ok := rpc.Now()
	if !ok {
		now = time.Now()
	}
	return clock.Day(now)
}

// open shows the form with answers.
func (a *apply) open(ctx app.Context, answers engine.Answers) {
	hold(a.kept.Draft)
	a.whose()
	a.sheet = a.sheetOf(answers)
	a.files = map[string][]*file{}
	if a.kept.Seen == nil {
		a.kept.Seen = map[string]int64{}
	}
	if a.kept.Dirty == nil {
		a.kept.Dirty = map[string]bool{}
	}
	if a.kept.Send == "" {
		a.kept.Send = newID()
	}
	if a.expired && len(answers) > 0 {
		a.carry(nil)
	}
	a.kept.Version = a.form.Version
	a.newerVersion()
	a.takeOut()
	if flow.At(ctx) == "" {
		flow.Put(ctx, a.steps()[0])
	}
	a.arrive(ctx)
	if faults := a.refused[a.name]; len(faults) > 0 {
		delete(a.refused, a.name)
		a.refuse(ctx, faults)
	}
}

// sheetOf is a sheet of the form, that says where its answers came from.
func (a *apply) sheetOf(answers engine.Answers) *form.Sheet {
	s := form.New(a.form, engine.Moment{Today: today(), Office: a.place}, answers)
	s.Changed, s.Files, s.Still = a.changed, a.drawFiles, a.visit.Page.PreventUpdate
	for field, f := range a.kept.From {
		s.Credit(form.Spot{Field: field, Row: -1}, f.text())
	}
	return s
}

func newID() string { return hex.EncodeToString(chance.Bytes(16)) }

// start begins a new draft, with what is known or without.
func (a *apply) start(ctx app.Context, fill bool) {
	a.kept = kept{Draft: newID(), Known: fill, Shares: a.index() > 0}
	a.open(ctx, nil)
	a.link()
	a.share()
	if fill {
		a.fillKnown(a.known)
	}
	for _, id := range a.sheet.Filled() {
		a.kept.Dirty[id] = true
	}
	a.changed(ctx, "")
}

// steps are those of the form as it is answered now.
func (a *apply) steps() []string {
	var all []string
	for _, s := range a.form.Sections {
		if a.sheet.Result.SectionShown(s.ID) {
			all = append(all, s.ID)
		}
	}
	return append(all, stepReview, stepSign)
}

// arrive shows the step that the address names, or the first that is not done.
func (a *apply) arrive(ctx app.Context) {
	if a.sheet == nil {
		return
	}
	a.faults = nil
	if at := flow.At(ctx); at == stepSign && !a.ready() {
		flow.Put(ctx, stepReview)
	}
}

// at is the step that is shown.
func (a *apply) at() string {
	if a.sheet == nil || a.visit.Page.Page() == nil {
		return ""
	}
	at := flow.At(a.visit.Page)
	if at == stepAll {
		return at
	}
	if slices.Contains(a.steps(), at) {
		return at
	}
	return a.steps()[0]
}

func (a *apply) lead(ctx app.Context, step string) {
	a.save()
	a.faults, a.did = nil, lang.Text{}
	flow.Go(ctx, step)
	kit.Focus(ctx, "apply-step")
	ctx.Defer(func(app.Context) {
		if !app.IsServer {
			app.Window().Call("scrollTo", 0, 0)
		}
	})
}

// next goes on from a section, or says what is missing.
func (a *apply) next(ctx app.Context) {
	at, section := a.at(), a.at()
	if at == stepAll {
		section = ""
	}
	if a.faults = a.sheet.Check(section); len(a.faults) > 0 {
		kit.Focus(ctx, a.faults[0].Field) // the summary announces itself
		return
	}
	steps := a.steps()
	to := stepReview
	for i, s := range steps {
		if s == at {
			to = steps[i+1]
		}
	}
	a.lead(ctx, to)
}

func (a *apply) back(ctx app.Context) {
	steps := a.steps()
	for i, s := range steps {
		if s == a.at() && i > 0 {
			a.lead(ctx, steps[i-1])
			return
		}
	}
}

// ready says whether it can be signed.
func (a *apply) ready() bool {
	return a.sheet.Result.Fine() && len(a.conflicts) == 0 && a.unsent() == nil
}

// checkAll says what is wrong anywhere, by the day as it is now: the page may have been open since yesterday. The
// review shows no field, and so each fault leads to the button that does.
func (a *apply) checkAll() (faults []kit.FieldError) {
	if now := today(); now != a.sheet.At.Today {
		a.sheet.At.Today = now
		a.sheet.Put(nil)
	}
	for _, s := range a.form.Sections {
		for _, f := range a.sheet.Check(s.ID) {
			faults = append(faults, kit.FieldError{Field: "review-" + s.ID, Message: f.Message})
		}
	}
	return faults
}

// toSign goes on to the signature, or to what is wrong.
func (a *apply) toSign(ctx app.Context) {
	if a.faults = a.checkAll(); len(a.faults) > 0 {
		kit.Focus(ctx, "apply-faults")
		return
	}
	if !a.whole(ctx) {
		return
	}
	a.lead(ctx, stepSign)
}

// whole says whether nothing is open beside the answers, and leads to what is.
func (a *apply) whole(ctx app.Context) bool {
	if f := a.unsent(); f != nil {
		a.faults = []kit.FieldError{{
			Field:   "review-" + a.sheet.SectionOf(f.field),
			Message: textFaultAt.F(a.sheet.Label(f.field), textFileWaits.F(f.name)),
		}}
		kit.Focus(ctx, "apply-faults")
		return false
	}
	if !a.ready() {
		kit.Focus(ctx, "apply-conflicts")
		return false
	}
	return true
}

// document is what is signed of a form.
func (a *apply) document(w written) []byte {
	e := engine.Envelope{
		Language: string(language()), Origin: origin(), Office: w.got.GetOffice(), Nonce: w.kept.Send,
	}
	if a.returned != nil {
		e.Number = a.returned.application.GetNumber()
		e.Previous = a.returned.application.GetSigning().GetDigest()
	}
	return w.result.Document(e)
}

func origin() string {
	if app.IsServer {
		return ""
	}
	return app.Window().Get("location").Get("origin").String()
}

func language() lang.Code {
	switch now := lang.Current(); now {
	case lang.English, lang.Easy:
		return now
	}
	return lang.Japanese
}

// signer are name and birth of who must sign: the applicant, or who applies for them.
func (w written) signer() (name, birth string) {
	if agent := byAgent(w.form, w.result, w.answers); agent != "" {
		return w.answers[agent+"_name"].Text, w.answers[agent+"_birth"].Text
	}
	o := ownedIn(w.form, w.result)
	return w.answers[o.name].Text, w.answers[o.birth].Text
}

// signer is the name of who must sign what is open.
func (a *apply) signer() string {
	w, _ := a.written(a.name)
	name, _ := w.signer()
	return name
}

// request is what is sent of a form, without its signature.
func (a *apply) request(w written) *portalv1.SendApplicationRequest {
	r := &portalv1.SendApplicationRequest{
		Id: w.kept.Send, Draft: w.kept.Draft, Place: a.place, Form: w.form.ID, Version: w.form.Version,
		Answers: w.result.Answers().Canonical(), Tell: a.tell, Envelope: &portalv1.ApplicationEnvelope{
			Language: string(language()), Nonce: w.kept.Send, Day: w.at.Today,
		},
	}
	if a.returned != nil {
		r.Application = a.returned.application.GetId()
	}
	return r
}

// refuse shows what the portal found wrong.
func (a *apply) refuse(ctx app.Context, faults []*portalv1.FormFault) {
	a.faults = nil
	a.sheet.Check("")
	for _, f := range faults {
		words := form.Words(a.form, engine.Fault{
			Code: engine.Code(f.GetCode()), Limit: f.GetLimit(), Check: f.GetCheck(),
		})
		a.faults = append(a.faults, kit.FieldError{
			Field:   "review-" + a.sheet.SectionOf(f.GetField()),
			Message: textFaultAt.F(a.sheet.Label(f.GetField()), words),
		})
	}
	flow.Put(ctx, stepReview)
	kit.Focus(ctx, "apply-faults")
}

func sum(data []byte) string {
	digest := sha256.Sum256(data)
	return hex.EncodeToString(digest[:])
}
