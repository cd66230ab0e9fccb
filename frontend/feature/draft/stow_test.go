package draft

import (
	"bytes"
	"context"
	"errors"
	"sync"
	"testing"

	"github.com/maxence-charriere/go-app/v10/pkg/app"

	"madoguchi/frontend/frame/pagetest"
	"madoguchi/frontend/frame/shell"
	"madoguchi/frontend/reach/rpc"
	"madoguchi/frontend/reach/vault"
	portalv1 "madoguchi/proto/gen/portal/v1"
	"madoguchi/proto/gen/portal/v1/portalv1web"
)

// store is a portal that takes attachments, in parts of at most four bytes.
type store struct {
	portal
	mu       sync.Mutex // several files come at once
	come     map[string][]byte
	of       map[string]*portalv1.StartAttachmentRequest
	fault    portalv1.AttachmentFault
	breaks   error // of the parts
	removed  []string
	putBy    []string // in whose name parts came
	finished int
}

func (s *store) StartAttachment(
	_ context.Context, r *portalv1.StartAttachmentRequest,
) (*portalv1.StartAttachmentResponse, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.err != nil {
		return nil, s.err
	}
	if s.come == nil {
		s.come, s.of = map[string][]byte{}, map[string]*portalv1.StartAttachmentRequest{}
	}
	s.of[r.GetId()] = r
	return &portalv1.StartAttachmentResponse{
		Attachment: &portalv1.Attachment{Id: r.GetId(), Come: int64(len(s.come[r.GetId()]))},
	}, nil
}

func (s *store) PutAttachment(
	ctx context.Context, r *portalv1.PutAttachmentRequest,
) (*portalv1.PutAttachmentResponse, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.putBy = append(s.putBy, rpc.Owner(ctx))
	if r.GetOffset() != int64(len(s.come[r.GetId()])) {
		return nil, errors.New("not where it was broken off")
	}
	s.come[r.GetId()] = append(s.come[r.GetId()], r.GetPart()[:min(4, len(r.GetPart()))]...)
	return &portalv1.PutAttachmentResponse{Come: int64(len(s.come[r.GetId()]))}, s.breaks
}

func (s *store) FinishAttachment(
	_ context.Context, r *portalv1.FinishAttachmentRequest,
) (*portalv1.FinishAttachmentResponse, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.fault != 0 {
		return &portalv1.FinishAttachmentResponse{Fault: s.fault}, nil
	}
	s.finished++
	return &portalv1.FinishAttachmentResponse{Attachment: &portalv1.Attachment{
		Id: r.GetId(), Field: s.of[r.GetId()].GetField(), Name: s.of[r.GetId()].GetName(), Type: "jpg",
		Size: int64(len(s.come[r.GetId()])), Digest: sum(s.come[r.GetId()]), Finished: true,
	}}, nil
}

func (s *store) RemoveAttachment(
	_ context.Context, r *portalv1.RemoveAttachmentRequest,
) (*portalv1.RemoveAttachmentResponse, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.removed = append(s.removed, r.GetId())
	return &portalv1.RemoveAttachmentResponse{}, nil
}

const picture = "a picture of a house"

// chooses is what the browser's reading of a chosen file leads to.
func chooses(a *apply, name string) *file {
	f := &file{
		id: newID(), field: "photo", element: "f-photo", name: name, size: int64(len(picture)),
		content: []byte(picture), digest: sum([]byte(picture)),
	}
	a.files[f.element] = append(a.files[f.element], f)
	a.stow(f)
	a.upload(f)
	return f
}

// chosenOffline chooses two files while the portal is out of reach, and has the browser end.
func chosenOffline(t *testing.T) (draft string, files [2]string) {
	t.Helper()
	p := &store{}
	a, ctx, engine := openOn(t, p, here)
	openVault(t)
	engine.ConsumeAll()
	a.start(ctx, false)
	p.err = unreachable()
	for i, name := range []string{"正面.jpg", "裏.jpg"} {
		files[i] = chooses(a, name).id
	}
	engine.ConsumeAll()
	draft = a.kept.Draft
	pagetest.Has(t, html(t, a), draftWord(a)) // the page stands
	for _, f := range a.files["f-photo"] {
		pagetest.Has(t, f.said().String(), "途中で切れました", "鍵をかけて残っています")
	}
	a.OnDismount()
	vault.DropAll()
	return draft, files
}

func draftWord(a *apply) string { return a.form.Texts["section.who"].Ja }

func lyingFiles(t *testing.T) int {
	t.Helper()
	all, err := vault.List(t.Context(), attaching)
	if err != nil {
		t.Fatal(err)
	}
	return len(all)
}

// What was chosen without a network is there after the browser ended, goes to the folder when that can be reached, and
// then from the device.
func TestWhatIsChosenOfflineSurvivesTheBrowser(t *testing.T) {
	draft, files := chosenOffline(t)
	p := &store{portal: portal{err: unreachable()}}
	a, _, engine := openOn(t, p, here+"?draft="+draft)
	engine.ConsumeAll()
	if len(a.files["f-photo"]) != 2 || a.files["f-photo"][0].id != files[0] {
		t.Fatalf("%d files are there", len(a.files["f-photo"]))
	}
	for _, f := range a.files["f-photo"] {
		if string(f.content) != picture {
			t.Errorf("%s has other content: %q", f.name, f.content)
		}
		pagetest.Has(t, f.said().String(), "鍵をかけて残っています")
	}
	if a.ready() {
		t.Error("it is signed without them")
	}
	p.err = nil
	a.sendOn()
	engine.ConsumeAll()
	if p.finished != 2 || !bytes.Equal(p.come[files[1]], []byte(picture)) {
		t.Errorf("%d arrived: %q", p.finished, p.come)
	}
	if n := lyingFiles(t); n != 0 || len(a.kept.Files) != 0 {
		t.Errorf("the device keeps %d of them, %v", n, a.kept.Files)
	}
	if n := len(a.sheet.Answers["photo"].Files); n != 2 {
		t.Errorf("the answer names %d", n)
	}
}

// An upload that broke off goes on where it was, in another browser, too.
func TestAnUploadGoesOnWhereItWas(t *testing.T) {
	p := &store{breaks: unreachable()}
	a, ctx, engine := openOn(t, p, here)
	openVault(t)
	engine.ConsumeAll()
	a.start(ctx, false)
	f := chooses(a, "正面.jpg")
	engine.ConsumeAll()
	if came := len(p.come[f.id]); came != 4 || !f.broken {
		t.Fatalf("%d bytes came, %+v", came, f)
	}
	draft := a.kept.Draft
	a.OnDismount()
	vault.DropAll()
	p.breaks = nil
	b, _, engine := openOn(t, p, here+"?draft="+draft)
	engine.ConsumeAll()
	if p.finished != 1 || string(p.come[f.id]) != picture || b.unsent() != nil {
		t.Errorf("%d arrived: %q", p.finished, p.come[f.id])
	}
}

// What is taken out, refused for good, or goes with its draft, is not kept.
func TestTheDeviceKeepsNoFileLonger(t *testing.T) {
	for name, end := range map[string]func(*apply, app.Context, *store){
		"taken out": func(a *apply, ctx app.Context, p *store) { a.remove(ctx, "f-photo", a.files["f-photo"][0].id) },
		"refused": func(a *apply, _ app.Context, p *store) {
			p.err, p.fault = nil, portalv1.AttachmentFault_ATTACHMENT_FAULT_MALWARE
			a.sendOn()
		},
		"with its draft": func(a *apply, _ app.Context, _ *store) { a.over(a.name) },
	} {
		t.Run(name, func(t *testing.T) {
			p := &store{}
			a, ctx, engine := openOn(t, p, here)
			openVault(t)
			engine.ConsumeAll()
			a.start(ctx, false)
			p.err = unreachable()
			chooses(a, "正面.jpg")
			engine.ConsumeAll()
			if n := lyingFiles(t); n != 1 {
				t.Fatalf("%d are kept", n)
			}
			end(a, ctx, p)
			engine.ConsumeAll()
			if n := lyingFiles(t); n != 0 || len(a.kept.Files) != 0 {
				t.Errorf("%d are kept, %v", n, a.kept.Files)
			}
		})
	}
}

// On a device that others use nothing is kept, which is said before and after; nothing is signed meanwhile.
func TestASharedDeviceKeepsNoFile(t *testing.T) {
	p := &store{}
	a, ctx, engine := openOn(t, p, here)
	before := shell.CurrentSession()
	shell.SetSession(shell.Session{State: shell.CitizenState, Owner: "hanako", SharedDevice: true})
	t.Cleanup(func() { shell.SetSession(before) })
	a.start(ctx, false)
	if words := whereFilesLie().String(); words == "" {
		t.Error("nobody is told before")
	}
	p.err = unreachable()
	f := chooses(a, "正面.jpg")
	engine.ConsumeAll()
	pagetest.Has(t, f.said().String(), "この端末には残りません")
	if len(a.kept.Files) != 0 || a.ready() {
		t.Errorf("%v are kept; ready %v", a.kept.Files, a.ready())
	}
	a.toSign(ctx)
	// What cannot be kept before the vault is open is kept then.
	openVault(t)
	engine.ConsumeAll()
	if n := lyingFiles(t); n != 1 {
		t.Errorf("%d are kept once there is a vault", n)
	}
}

// What no page has open goes to the folder as soon as there is a session, and stands where it was chosen.
func TestFilesGoToTheFolderWithoutThePage(t *testing.T) {
	draft, files := chosenOffline(t)
	p := &store{}
	drafts = func() portalv1web.DraftService { return p }
	bring(t.Context())
	if p.finished != 2 || lyingFiles(t) != 0 {
		t.Fatalf("%d arrived, %d lie there", p.finished, lyingFiles(t))
	}
	p.draft = &portalv1.Draft{Id: draft, Place: "131105", Form: "f", Version: "2"}
	for _, id := range files {
		done, err := p.FinishAttachment(t.Context(), &portalv1.FinishAttachmentRequest{Id: id})
		if err != nil {
			t.Fatal(err)
		}
		p.draft.Attachments = append(p.draft.Attachments, done.GetAttachment())
	}
	a, _, engine := openOn(t, p, here+"?draft="+draft)
	engine.ConsumeAll()
	if len(a.files["f-photo"]) != 2 || len(a.kept.Files) != 0 {
		t.Errorf("%d files, %v noted", len(a.files["f-photo"]), a.kept.Files)
	}
	if n := len(a.sheet.Answers["photo"].Files); n != 2 {
		t.Errorf("the answer names %d", n)
	}
}

// Where the device has no room it is said at the file.
func TestAFullDeviceSaysSo(t *testing.T) {
	full := &file{broken: true, shelf: noRoom, content: []byte("x"), fault: textNotSent}
	pagetest.Has(t, full.said().String(), "端末の空きが足りず")
	if f := (&file{fault: textTooLarge}); f.said().String() != textTooLarge.String() {
		t.Error("what is refused is said otherwise")
	}
}
