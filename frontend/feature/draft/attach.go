package draft

import (
	"cmp"
	"context"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/maxence-charriere/go-app/v10/pkg/app"

	"madoguchi/frontend/frame/kit"
	"madoguchi/frontend/frame/lang"
	"madoguchi/frontend/frame/shell"
	"madoguchi/frontend/part/form"
	"madoguchi/frontend/part/trouble"
	"madoguchi/frontend/reach/rpc"
	engine "madoguchi/proto/form"
	portalv1 "madoguchi/proto/gen/portal/v1"
)

// part is how much of a file is sent at a time; patience how long a part may take.
const (
	partSize = 192 << 10
	patience = 2 * time.Minute
	// mostFiles is how many a question takes that says nothing else.
	mostFiles = 20
)

// file is an attachment, on its way or there.
type file struct {
	id, field, name string
	element         string // of the question, where it stands
	size, come      int64
	digest          string // of the file as it lies here
	there           *portalv1.Attachment
	fault           lang.Text
	content         []byte // until it is there
	shelf           shelf
	sends, reads    bool // on its way; being read from the device
	broken          bool // it did not come through, and may yet
	gone            bool
}

// drawFiles is what stands at a question for attachments.
func (a *apply) drawFiles(q form.Question) app.UI {
	var list []kit.UploadedFile
	doubtful := app.Div()
	for _, f := range a.files[q.Element] {
		line := kit.UploadedFile{ID: f.id, Name: f.name, Size: f.size, Done: min(f.come, f.size-1)}
		if f.broken && f.shelf == lies {
			line.Waits = f.said()
		} else {
			line.Error = f.said()
		}
		if f.there != nil {
			line.Done = f.size
			if f.there.GetDoubtful() {
				doubtful = doubtful.Body(kit.NotificationBanner{Tone: kit.Warning, Title: textDoubtful.F(f.name)}.UI())
			}
		}
		list = append(list, line)
	}
	accept := "." + strings.Join(q.Field.Accept, ",.")
	most, spreads := mostOf(q), a.sheet.InRows(q.ID)
	hint := textFileHint.F(strings.ToUpper(strings.Join(q.Field.Accept, ", ")), most)
	if !q.Help.Empty() {
		hint = textHelpAnd.F(q.Help, hint)
	}
	if q.Field.KeepMetadata {
		hint = textTwo.F(hint, textKeepsMetadata)
	}
	if spreads {
		hint = textTwo.F(hint, textSpreads)
	}
	if words := whereFilesLie(); !words.Empty() {
		hint = textTwo.F(hint, words)
	}
	return app.Div().Body(
		kit.FileUpload{
			ID: q.Element, Label: q.Label, Hint: hint, Error: q.Told, Required: q.Required,
			Accept: accept, Several: most != 1 || spreads, Camera: strings.Contains(accept, "jpg"), Files: list,
			OnChoose: func(ctx app.Context, files []app.Value) { a.choose(q, files) },
			OnRemove: func(ctx app.Context, id string) { a.remove(ctx, q.Element, id) },
		}.UI(),
		doubtful,
		app.Div().Body(a.retry(q)...),
	)
}

// mostOf is how many files a question takes.
func mostOf(q form.Question) int {
	if most, err := strconv.Atoi(q.Field.Max); err == nil {
		return most
	}
	return mostFiles
}

// spread says where n files go that are chosen at one place: in rows, those that it has no room for go to the next rows
// that have none, and to new ones. Empty where there is no room.
func (a *apply) spread(q form.Question, n int) []string {
	if !a.sheet.InRows(q.ID) {
		return slices.Repeat([]string{q.Element}, n)
	}
	most := mostOf(q)
	to := slices.Repeat([]string{q.Element}, min(n, max(0, most-a.taken(q.Element))))
	after := false
	for _, p := range a.sheet.Attached(q.ID) {
		if after && len(to) < n && len(a.files[p.Element])+len(p.Files) == 0 {
			to = append(to, slices.Repeat([]string{p.Element}, min(most, n-len(to)))...)
		}
		after = after || p.Element == q.Element
	}
	for len(to) < n {
		element := a.sheet.AddRow(a.visit.Page, q.ID)
		to = append(to, slices.Repeat([]string{element}, min(most, n-len(to)))...)
	}
	return to
}

// taken is how many files stand at a place; one that was broken off and is chosen again goes on where it stands.
func (a *apply) taken(element string) (n int) {
	for _, f := range a.files[element] {
		if f.there != nil || f.content != nil || f.sends || f.reads {
			n++
		}
	}
	return n
}

// retry sends again what could not be.
func (a *apply) retry(q form.Question) []app.UI {
	for _, f := range a.files[q.Element] {
		if !f.fault.Empty() && f.content != nil && !f.sends {
			return []app.UI{kit.Button{ID: q.Element + "-retry", Label: textSendAgain, OnPress: func(app.Context) {
				for _, one := range a.files[q.Element] {
					if one.content != nil && one.there == nil && !one.sends {
						a.upload(one)
					}
				}
			}}.UI()}
		}
	}
	return nil
}

// choose takes files that were chosen or dropped.
func (a *apply) choose(q form.Question, chosen []app.Value) {
	to := a.spread(q, len(chosen))
	for i, of := range chosen {
		f := &file{
			id: newID(), field: q.ID, element: cmp.Or(to[i], q.Element),
			name: of.Get("name").String(), size: int64(of.Get("size").Int()),
		}
		a.files[f.element] = append(a.files[f.element], f)
		switch {
		case to[i] == "":
			f.fault = textNoPlace
			continue
		case f.size > engine.MaxFile:
			f.fault = textTooLarge
			continue
		case f.size == 0:
			f.fault = textEmptyFile
			continue
		}
		f.sends = true
		read(of, func(content []byte) {
			a.visit.Page.Dispatch(func(app.Context) {
				if f.sends = false; content == nil {
					f.fault = textUnreadable
					a.sheet.Redraw(f.element)
					return
				}
				f.content, f.digest = content, sum(content)
				a.takeUp(f)
				a.stow(f)
				a.upload(f)
			})
		})
	}
	for _, element := range append(to, q.Element) {
		a.sheet.Redraw(element)
	}
}

// read reads a file of the browser's; done gets nil where that fails.
func read(of app.Value, done func(content []byte)) {
	var came, failed app.Func
	end := func(content []byte) any {
		came.Release()
		failed.Release()
		done(content)
		return nil
	}
	came = app.FuncOf(func(_ app.Value, args []app.Value) any {
		array := app.Window().Get("Uint8Array").New(args[0])
		content := make([]byte, array.Length())
		app.CopyBytesToGo(content, array)
		return end(content)
	})
	failed = app.FuncOf(func(app.Value, []app.Value) any { return end(nil) })
	of.Call("arrayBuffer").Call("then", came, failed)
}

// takeUp goes on with an upload of the same file that was broken off before.
func (a *apply) takeUp(f *file) {
	for i, was := range a.files[f.element] {
		if was != f && was.there == nil && was.content == nil && was.name == f.name && was.size == f.size {
			f.id = was.id
			a.unstow(was.id)
			a.files[f.element] = append(a.files[f.element][:i:i], a.files[f.element][i+1:]...)
			return
		}
	}
}

// upload sends a file in parts, going on where it was broken off.
func (a *apply) upload(f *file) {
	f.sends, f.broken, f.fault = true, false, lang.Text{}
	a.save()
	request := stowed{ID: f.id, Field: f.field, Name: f.name, Digest: f.digest, Size: f.size}.request(a.kept.Draft)
	first := &portalv1.SaveDraftRequest{Id: a.kept.Draft, Place: a.place, Form: a.form.ID, Version: a.form.Version}
	a.sheet.Redraw(f.element)
	ctx := rpc.As(context.Background(), a.whose())
	a.visit.Page.Async(func() {
		there, fault, err := f.send(ctx, first, request, func(come int64) {
			a.visit.Page.Dispatch(func(app.Context) {
				f.come = come
				a.sheet.Redraw(f.element)
			})
		})
		a.visit.Page.Dispatch(func(ctx app.Context) {
			f.sends = false
			switch {
			case f.gone:
				return
			case err != nil:
				f.fault = textNotSent
				f.broken = rpc.Reason(err) == portalv1.Reason_REASON_UNREACHABLE
				if !f.broken {
					message := trouble.Words(err)
					f.fault = textTwo.F(message.What, message.Do)
				}
			case fault != 0:
				f.fault, f.content = faults[fault], nil
				a.unstow(f.id)
			default:
				f.there, f.content = there, nil
				kit.Announce(ctx, textArrived.F(f.name))
			}
			a.answerFiles(ctx, f.field, f.element)
			if f.there != nil {
				a.unstow(f.id) // now that the answer names it
			}
		})
	})
}

// send is the whole upload, off the UI's goroutine.
func (f *file) send(
	ctx context.Context, draft *portalv1.SaveDraftRequest, start *portalv1.StartAttachmentRequest, told func(int64),
) (*portalv1.Attachment, portalv1.AttachmentFault, error) {
	ctx, cancel := context.WithTimeout(ctx, 10*patience)
	defer cancel()
	// The draft must be there before what is attached to it; saving nothing changes nothing in one that is.
	if _, err := drafts().SaveDraft(ctx, draft); err != nil {
		return nil, 0, err
	}
	began, err := drafts().StartAttachment(ctx, start)
	if err != nil {
		return nil, 0, err
	}
	come := began.GetAttachment().GetCome()
	for come < f.size && !f.gone {
		told(come)
		put := &portalv1.PutAttachmentRequest{Id: f.id, Offset: come, Part: f.content[come:min(come+partSize, f.size)]}
		got, err := drafts().PutAttachment(ctx, put)
		if err != nil {
			return nil, 0, err
		}
		come = got.GetCome()
	}
	told(come)
	done, err := drafts().FinishAttachment(ctx, &portalv1.FinishAttachmentRequest{Id: f.id})
	return done.GetAttachment(), done.GetFault(), err
}

var faults = map[portalv1.AttachmentFault]lang.Text{
	portalv1.AttachmentFault_ATTACHMENT_FAULT_TYPE:      textFaultType,
	portalv1.AttachmentFault_ATTACHMENT_FAULT_HEIC:      textFaultHEIC,
	portalv1.AttachmentFault_ATTACHMENT_FAULT_MALWARE:   textFaultMalware,
	portalv1.AttachmentFault_ATTACHMENT_FAULT_BROKEN:    textFaultBroken,
	portalv1.AttachmentFault_ATTACHMENT_FAULT_DIGEST:    textFaultDigest,
	portalv1.AttachmentFault_ATTACHMENT_FAULT_TOO_LARGE: textFaultTooLarge,
}

// answerFiles answers a question with the attachments that are there.
func (a *apply) answerFiles(ctx app.Context, field, element string) {
	var there []engine.File
	for _, f := range a.files[element] {
		if at := f.there; at != nil {
			there = append(there, engine.File{
				Name: at.GetName(), Type: at.GetType(), Size: at.GetSize(), Digest: at.GetDigest(),
			})
		}
	}
	a.sheet.SetFiles(ctx, field, element, there)
}

// attached shows the attachments that the folder has for the draft.
func (a *apply) attached(all []*portalv1.Attachment) {
	for _, at := range all {
		places := a.sheet.Attached(at.GetField())
		f := a.fileOf(at.GetId())
		if len(places) == 0 || f != nil && (f.there != nil || f.sends || !at.GetFinished()) {
			continue
		}
		if f == nil {
			f = &file{
				id: at.GetId(), field: at.GetField(), element: a.placeOf(at, places),
				name: at.GetName(), size: at.GetSize(), come: at.GetCome(),
			}
			a.files[f.element] = append(a.files[f.element], f)
		}
		if at.GetFinished() {
			f.there, f.content, f.broken, f.fault = at, nil, false, lang.Text{}
		} else {
			f.fault = textBrokenOff
		}
		a.answerFiles(a.visit.Page, f.field, f.element)
		if f.there != nil && a.stows(f.id) {
			a.unstow(f.id)
		}
	}
}

// placeOf is the place of an attachment among those of its question: where it was chosen on this device; or where an
// answer names it and no other has taken that place, for the same photo may be in two rows; else the first that is
// empty.
func (a *apply) placeOf(at *portalv1.Attachment, places []form.Attached) string {
	for _, s := range a.kept.Files {
		if chosen := a.elementOf(s); s.ID == at.GetId() && chosen != "" {
			return chosen
		}
	}
	empty := ""
	for _, p := range places {
		named, taken := 0, 0
		for _, one := range p.Files {
			if one.Digest == at.GetDigest() && one.Name == at.GetName() {
				named++
			}
		}
		for _, one := range a.files[p.Element] {
			if one.there.GetDigest() == at.GetDigest() && one.name == at.GetName() {
				taken++
			}
		}
		if taken < named {
			return p.Element
		}
		if empty == "" && len(p.Files) == 0 && len(a.files[p.Element]) == 0 {
			empty = p.Element
		}
	}
	return cmp.Or(empty, places[0].Element)
}

// remove leaves a file out.
func (a *apply) remove(ctx app.Context, element, id string) {
	for i, f := range a.files[element] {
		if f.id != id {
			continue
		}
		f.gone = true
		a.unstow(id)
		a.files[element] = append(a.files[element][:i:i], a.files[element][i+1:]...)
		if f.there != nil || f.come > 0 {
			a.visit.Page.Async(func() {
				request := &portalv1.RemoveAttachmentRequest{Id: id}
				if _, err := drafts().RemoveAttachment(context.Background(), request); err != nil && shell.Online() {
					app.Log("removing an attachment: ", err)
				}
			})
		}
		a.answerFiles(ctx, f.field, element)
		return
	}
}
