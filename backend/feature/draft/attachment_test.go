package draft_test

import (
	"bytes"
	"context"
	"errors"
	"image"
	"image/color"
	"image/jpeg"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"connectrpc.com/connect"

	"madoguchi/backend/door/access"
	"madoguchi/backend/door/access/accesstest"
	"madoguchi/backend/door/rule/ruletest"
	"madoguchi/backend/feature/draft"
	"madoguchi/backend/store/db"
	"madoguchi/backend/store/db/dbtest"
	"madoguchi/proto/form"
	portalv1 "madoguchi/proto/gen/portal/v1"
)

const document = "%PDF-1.7\n1 0 obj\n<< /Type /Catalog >>\nendobj\nxref\n0 1\n0000000000 65535 f \ntrailer\n" +
	"<< /Root 1 0 R >>\nstartxref\n48\n%%EOF\n"

// long is a document of several parts.
func long(bytes int) []byte {
	return []byte("%PDF-1.7\n%" + strings.Repeat("x", bytes) + "\nstartxref\n0\n%%EOF\n")
}

// photo is a JPEG with a comment of the camera.
func photo(t testing.TB) []byte {
	t.Helper()
	picture := image.NewGray(image.Rect(0, 0, 300, 200))
	for i := range picture.Pix {
		picture.Pix[i] = uint8(i / 5 % 2 * 200)
	}
	picture.SetGray(0, 0, color.Gray{Y: 1})
	var b bytes.Buffer
	if err := jpeg.Encode(&b, picture, nil); err != nil {
		t.Fatal(err)
	}
	plain := b.Bytes()
	return slices.Concat(plain[:2], []byte("\xff\xe1\x00\x12Exif\x00\x00SecretGPS\x00"), plain[2:])
}

func TestAFileComesInParts(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		hanako := w.as("hanako")
		w.mustSave(hanako, id(1), nintei, field("job", "none", 0))
		data := long(600 << 10)
		start := &portalv1.StartAttachmentRequest{
			Id: id(9), Draft: id(1), Field: "pension_paper", Name: "か\u3099くせい証.pdf", Size: int64(len(data)),
			Digest: digest(data),
		}
		begun, err := ruletest.Call(hanako, w.s.StartAttachment, start)
		if err != nil || begun.GetAttachment().GetCome() != 0 || begun.GetAttachment().GetDigest() != "" {
			t.Fatalf("%v, %v", begun, err)
		}
		put := func(offset int, part []byte) int64 {
			t.Helper()
			got, err := ruletest.Call(hanako, w.s.PutAttachment, &portalv1.PutAttachmentRequest{
				Id: id(9), Offset: int64(offset), Part: part,
			})
			if err != nil {
				t.Fatal(err)
			}
			return got.GetCome()
		}
		const part = 256 << 10
		if come := put(0, data[:part]); come != part {
			t.Fatalf("%d have come", come)
		}
		// Sent twice, or out of turn, nothing is taken, and the answer says what has come.
		if put(0, data[:part]) != part || put(part+5, data[part+5:2*part]) != part {
			t.Error("something was taken out of turn")
		}
		_, err = w.s.FinishAttachment(hanako, &portalv1.FinishAttachmentRequest{Id: id(9)})
		accesstest.WantReason(t, err, portalv1.Reason_REASON_INVALID_FIELD, "id")
		// The page went away; the same id goes on, in another session and another portal.
		other := draft.New(w.db, draft.Needs{}, func() {}, func() time.Time { return w.clock })
		again, err := other.StartAttachment(w.on("hanako", "later"), start)
		if err != nil || again.GetAttachment().GetCome() != part {
			t.Fatalf("%v, %v", again, err)
		}
		put(part, data[part:2*part])
		put(2*part, data[2*part:])
		// The portal was killed between the last part and the end: nothing is finished, and it is finished then.
		if got := w.get(hanako, id(1)).GetAttachments(); len(got) != 1 || got[0].GetFinished() {
			t.Fatalf("%v", got)
		}
		for range 2 {
			finished, err := other.FinishAttachment(hanako, &portalv1.FinishAttachmentRequest{Id: id(9)})
			if a := finished.GetAttachment(); err != nil || !a.GetFinished() || a.GetType() != "pdf" ||
				a.GetDigest() != digest(data) || a.GetSize() != int64(len(data)) || a.GetName() != start.GetName() {
				t.Fatalf("%v, %v", finished, err)
			}
		}
		if put(0, data[:part]) != int64(len(data)) {
			t.Error("a finished file takes more")
		}
		if got := w.read("hanako", id(9)); !bytes.Equal(got, data) {
			t.Errorf("%d bytes are kept", len(got))
		}
	})
}

func (w *world) read(folder, attachment string) []byte {
	w.t.Helper()
	file, err := w.s.Open(w.t.Context(), w.db.Read(), folder, attachment)
	if err != nil {
		w.t.Fatal(err)
	}
	defer file.Close()
	data, err := io.ReadAll(file)
	if err != nil {
		w.t.Fatal(err)
	}
	return data
}

// Two that finish at once come to one file.
func TestFinishedTwiceAtOnce(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		hanako := w.as("hanako")
		w.mustSave(hanako, id(1), nintei)
		data := long(300 << 10)
		start := &portalv1.StartAttachmentRequest{
			Id: id(9), Draft: id(1), Field: "pension_paper", Name: "a.pdf", Size: int64(len(data)),
			Digest: digest(data),
		}
		if _, err := w.s.StartAttachment(hanako, start); err != nil {
			t.Fatal(err)
		}
		for at := 0; at < len(data); at += 256 << 10 {
			part := data[at:min(at+256<<10, len(data))]
			_, err := w.s.PutAttachment(hanako, &portalv1.PutAttachmentRequest{
				Id: id(9), Offset: int64(at), Part: part,
			})
			if err != nil {
				t.Fatal(err)
			}
		}
		var all sync.WaitGroup
		for range 3 {
			all.Go(func() {
				got, err := w.s.FinishAttachment(hanako, &portalv1.FinishAttachmentRequest{Id: id(9)})
				if err != nil || got.GetAttachment().GetDigest() != digest(data) {
					t.Errorf("%v, %v", got, err)
				}
			})
		}
		all.Wait()
		if got := w.read("hanako", id(9)); !bytes.Equal(got, data) {
			t.Errorf("%d bytes are kept", len(got))
		}
	})
}

func TestAPhotoIsClearedUnlessItsPlaceIsWanted(t *testing.T) {
	w := newWorld(t, dbtest.SQLite(t))
	hanako, from := w.as("hanako"), photo(t)
	w.mustSave(hanako, id(1), nintei)
	w.mustSave(hanako, id(2), risai)
	cleared := w.mustUpload(hanako, id(1), id(8), "pension_paper", "a.png", from)
	kept := w.mustUpload(hanako, id(2), id(9), "photo_file", "b.jpg", from)
	if cleared.GetType() != "jpg" || cleared.GetDigest() == digest(from) ||
		bytes.Contains(w.read("hanako", id(8)), []byte("SecretGPS")) ||
		digest(w.read("hanako", id(8))) != cleared.GetDigest() {
		t.Errorf("%v", cleared)
	}
	if kept.GetDigest() != digest(from) || !bytes.Equal(w.read("hanako", id(9)), from) {
		t.Errorf("%v", kept)
	}
}

func TestFilesThatAreRefused(t *testing.T) {
	w := newWorld(t, dbtest.SQLite(t))
	hanako := w.as("hanako")
	w.mustSave(hanako, id(1), nintei)
	w.mustSave(hanako, id(2), risai)
	heic := append([]byte("\x00\x00\x00\x18ftypheic\x00\x00\x00\x00mif1heic"), make([]byte, 100)...)
	for what, c := range map[string]struct {
		draft, field string
		data         []byte
		want         portalv1.AttachmentFault
	}{
		"text":     {id(1), "pension_paper", []byte("text"), portalv1.AttachmentFault_ATTACHMENT_FAULT_TYPE},
		"HEIC":     {id(1), "pension_paper", heic, portalv1.AttachmentFault_ATTACHMENT_FAULT_HEIC},
		"broken":   {id(1), "pension_paper", photo(t)[:400], portalv1.AttachmentFault_ATTACHMENT_FAULT_BROKEN},
		"no photo": {id(2), "photo_file", []byte(document), portalv1.AttachmentFault_ATTACHMENT_FAULT_TYPE},
	} {
		got, err := w.upload(hanako, c.draft, id(9), c.field, "a.pdf", c.data)
		if err != nil || got.GetFault() != c.want || got.GetAttachment() != nil {
			t.Errorf("%s: %v, %v", what, got, err)
		}
	}
	// Another than announced.
	start := &portalv1.StartAttachmentRequest{
		Id: id(9), Draft: id(1), Field: "pension_paper", Name: "a", Size: int64(len(document)), Digest: digest(nil),
	}
	if _, err := w.s.StartAttachment(hanako, start); err != nil {
		t.Fatal(err)
	}
	_, err := w.s.PutAttachment(hanako, &portalv1.PutAttachmentRequest{Id: id(9), Part: []byte(document)})
	if err != nil {
		t.Fatal(err)
	}
	got, err := w.s.FinishAttachment(hanako, &portalv1.FinishAttachmentRequest{Id: id(9)})
	if err != nil || got.GetFault() != portalv1.AttachmentFault_ATTACHMENT_FAULT_DIGEST {
		t.Errorf("%v, %v", got, err)
	}
	// Nothing of all that is left.
	parts, err := w.db.Read().PartsOfFolder(t.Context(), "hanako")
	if err != nil || len(parts) != 0 || len(w.get(hanako, id(1)).GetAttachments()) != 0 {
		t.Errorf("left: %v, %v", parts, err)
	}
	for what, c := range map[string]struct {
		change func(*portalv1.StartAttachmentRequest)
		reason portalv1.Reason
		field  string
	}{
		"no draft": {func(r *portalv1.StartAttachmentRequest) { r.Draft = id(77) },
			portalv1.Reason_REASON_NOT_FOUND, "draft"},
		"no field": {func(r *portalv1.StartAttachmentRequest) { r.Field = "paper" },
			portalv1.Reason_REASON_NOT_FOUND, "field"},
		"a field that takes no files": {func(r *portalv1.StartAttachmentRequest) { r.Field = "job" },
			portalv1.Reason_REASON_NOT_FOUND, "field"},
	} {
		r := &portalv1.StartAttachmentRequest{
			Id: id(10), Draft: id(1), Field: "pension_paper", Name: "a", Size: 5, Digest: digest(nil),
		}
		c.change(r)
		_, err := ruletest.Call(hanako, w.s.StartAttachment, r)
		if info := accesstest.InfoOf(err); info.GetReason() != c.reason || info.GetField() != c.field {
			t.Errorf("%s: %v", what, err)
		}
	}
}

func TestPartsAreBounded(t *testing.T) {
	w := newWorld(t, dbtest.SQLite(t))
	hanako := w.as("hanako")
	w.mustSave(hanako, id(1), nintei)
	start := &portalv1.StartAttachmentRequest{
		Id: id(9), Draft: id(1), Field: "pension_paper", Name: "a", Size: 10_000, Digest: digest(nil),
	}
	if _, err := w.s.StartAttachment(hanako, start); err != nil {
		t.Fatal(err)
	}
	for _, size := range []int{1, 10_001} {
		_, err := w.s.PutAttachment(hanako, &portalv1.PutAttachmentRequest{Id: id(9), Part: make([]byte, size)})
		accesstest.WantReason(t, err, portalv1.Reason_REASON_INVALID_FIELD, "part")
	}
	start.Field = "apart_paper"
	_, err := w.s.StartAttachment(hanako, start)
	accesstest.WantReason(t, err, portalv1.Reason_REASON_INVALID_FIELD, "id")
}

func TestQuotas(t *testing.T) {
	w := newWorld(t, dbtest.SQLite(t))
	hanako := w.as("hanako")
	begin := func(draftID, attachment string) error {
		_, err := ruletest.Call(hanako, w.s.StartAttachment, &portalv1.StartAttachmentRequest{
			Id: attachment, Draft: draftID, Field: "pension_paper", Name: "a", Size: 5 << 20, Digest: digest(nil),
		})
		return err
	}
	for n := range 2 {
		w.mustSave(hanako, id(n), nintei)
		for i := range 30 {
			err := begin(id(n), id(1000+100*n+i))
			if n == 1 && i >= 10 { // 40 times 5 MiB
				accesstest.WantReason(t, err, portalv1.Reason_REASON_TOO_MANY, "")
			} else if err != nil {
				t.Fatal(n, i, err)
			}
		}
	}
	accesstest.WantReason(t, begin(id(0), id(2000)), portalv1.Reason_REASON_TOO_MANY, "")
	if err := begin(id(0), id(1000)); err != nil {
		t.Errorf("one that is there: %v", err)
	}
	for range 2 {
		if _, err := w.s.RemoveAttachment(hanako, &portalv1.RemoveAttachmentRequest{Id: id(1000)}); err != nil {
			t.Fatal(err)
		}
	}
	if err := begin(id(0), id(2000)); err != nil {
		t.Errorf("with room: %v", err)
	}
	// Uploads that were left are gone after a week.
	w.tend(8)
	if got := w.get(hanako, id(0)).GetAttachments(); len(got) != 0 {
		t.Errorf("%d are left", len(got))
	}
}

func TestMalwareIsRefused(t *testing.T) {
	found, err := "", error(nil)
	w := worldWith(t, dbtest.SQLite(t), draft.Needs{
		Scan: func(context.Context, []byte) (string, error) { return found, err },
	})
	hanako := w.as("hanako")
	w.mustSave(hanako, id(1), nintei)
	err = errors.New("nobody there")
	_, failed := w.upload(hanako, id(1), id(9), "pension_paper", "a.pdf", []byte(document))
	accesstest.WantReason(t, failed, portalv1.Reason_REASON_UNREACHABLE, "")
	if connect.CodeOf(failed) != connect.CodeUnavailable {
		t.Errorf("%v", failed)
	}
	// What waited is not lost, and looked through when somebody is there again.
	err, found = nil, "Eicar"
	got, failed := w.s.FinishAttachment(hanako, &portalv1.FinishAttachmentRequest{Id: id(9)})
	if failed != nil || got.GetFault() != portalv1.AttachmentFault_ATTACHMENT_FAULT_MALWARE {
		t.Errorf("%v, %v", got, failed)
	}
	found = ""
	w.mustUpload(hanako, id(1), id(9), "pension_paper", "a.pdf", []byte(document))
}

// ask posts a ticket as a session of a person.
func (w *world) ask(caller context.Context, method, ticket string) *httptest.ResponseRecorder {
	body := strings.NewReader(url.Values{"ticket": {ticket}}.Encode())
	request := httptest.NewRequest(method, "/draft/attachment", body).WithContext(caller)
	request.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	response := httptest.NewRecorder()
	w.s.Download(response, request)
	return response
}

func TestADownload(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		here, there := w.on("hanako", "here"), w.on("hanako", "there")
		w.mustSave(here, id(1), nintei)
		w.mustUpload(here, id(1), id(9), "pension_paper", `申請 "1"; x.pdf`, []byte(document))
		ticket := func() string {
			t.Helper()
			opened, err := w.s.OpenAttachment(here, &portalv1.OpenAttachmentRequest{Id: id(9)})
			if err != nil || opened.GetGoodForMs() != 60_000 {
				t.Fatal(opened, err)
			}
			return opened.GetTicket()
		}
		good := ticket()
		for what, c := range map[string]struct {
			caller context.Context
			method string
			ticket string
			want   int
		}{
			"by GET":          {here, http.MethodGet, good, http.StatusMethodNotAllowed},
			"without a login": {access.WithCaller(t.Context(), access.Caller{}), http.MethodPost, good, 403},
			"without one":     {here, http.MethodPost, "", http.StatusForbidden},
			"another one":     {here, http.MethodPost, "x" + good, http.StatusGone},
			"another session": {there, http.MethodPost, good, http.StatusGone},
			"another person":  {w.on("taro", "here"), http.MethodPost, good, http.StatusGone},
		} {
			if got := w.ask(c.caller, c.method, c.ticket); got.Code != c.want {
				t.Errorf("%s: %d", what, got.Code)
			}
		}
		got := w.ask(here, http.MethodPost, good)
		head := got.Header()
		const name = `attachment; filename="attachment.pdf"; filename*=UTF-8''%E7%94%B3%E8%AB%8B%20%221%22%3B%20x.pdf`
		if got.Code != http.StatusOK || got.Body.String() != document ||
			head.Get("Content-Type") != "application/pdf" ||
			head.Get("Content-Disposition") != name || head.Get("X-Content-Type-Options") != "nosniff" ||
			!strings.HasPrefix(head.Get("Content-Security-Policy"), "sandbox;") {
			t.Errorf("%d %v", got.Code, head)
		}
		if again := w.ask(here, http.MethodPost, good); again.Code != http.StatusGone {
			t.Errorf("a second time: %d", again.Code)
		}
		late := ticket()
		w.clock = w.clock.Add(61 * time.Second)
		if got := w.ask(here, http.MethodPost, late); got.Code != http.StatusGone {
			t.Errorf("after a minute: %d", got.Code)
		}
	})
}

// What applications ask of drafts.
func TestADraftIsSentAndCorrected(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		hanako := w.as("hanako")
		w.mustSave(hanako, id(1), nintei, field("job", "none", 0))
		first := w.mustUpload(hanako, id(1), id(8), "pension_paper", "a.pdf", []byte(document))
		second := w.mustUpload(hanako, id(1), id(9), "apart_paper", "b.jpg", photo(t))
		start := &portalv1.StartAttachmentRequest{
			Id: id(10), Draft: id(1), Field: "apart_paper", Name: "c", Size: 10, Digest: digest(nil),
		}
		if _, err := w.s.StartAttachment(hanako, start); err != nil {
			t.Fatal(err)
		}
		take := func(folder, draftID, application string) (list []*portalv1.Attachment, err error) {
			err = w.db.Tx(t.Context(), func(q *db.Queries) error {
				list, err = w.s.Take(t.Context(), q, folder, draftID, application)
				return err
			})
			return list, err
		}
		if _, err := take("taro", id(1), "A1"); !errors.Is(err, db.ErrNotFound) {
			t.Errorf("another person's: %v", err)
		}
		list, err := take("hanako", id(1), "A1")
		if err != nil || len(list) != 2 || list[0].GetDigest() != first.GetDigest() ||
			list[1].GetDigest() != second.GetDigest() {
			t.Fatalf("%v, %v", list, err)
		}
		if _, err := take("hanako", id(1), "A2"); !errors.Is(err, draft.ErrSent) {
			t.Errorf("a second time: %v", err)
		}
		// It is nobody's to change any more.
		_, saving := w.save(hanako, id(1), nintei, field("job", "other", 1))
		_, dropping := w.s.DropDraft(hanako, &portalv1.DropDraftRequest{Id: id(1)})
		_, removing := w.s.RemoveAttachment(hanako, &portalv1.RemoveAttachmentRequest{Id: id(8)})
		for _, err := range []error{saving, dropping, removing} {
			accesstest.WantReason(t, err, portalv1.Reason_REASON_ALREADY_DONE, "id")
		}
		drafts, err := w.s.ListDrafts(hanako, &portalv1.ListDraftsRequest{})
		if err != nil || len(drafts.GetDrafts()) != 0 {
			t.Errorf("%v, %v", drafts, err)
		}
		// What was attached stays, and can be opened.
		if _, err := w.s.OpenAttachment(hanako, &portalv1.OpenAttachmentRequest{Id: id(8)}); err != nil {
			t.Error(err)
		}
		begin := func() (corrects string) {
			t.Helper()
			w.tx(func(q *db.Queries) error {
				d, err := w.s.Begin(t.Context(), q, "hanako", "A1", meguro, nintei, "2026.1",
					form.Answers{"job": form.TextOf("none"), "spouse": form.BoolOf(false)}, list)
				corrects = d.GetId()
				return err
			})
			return corrects
		}
		corrects := begin()
		if begin() != corrects {
			t.Error("a second one was made")
		}
		d := w.get(hanako, corrects)
		if d.GetApplication() != "A1" || answers(d)["spouse"] != "false" || len(d.GetAttachments()) != 2 {
			t.Errorf("%v", d)
		}
		if _, err := w.s.DropDraft(hanako, &portalv1.DropDraftRequest{Id: corrects}); err != nil {
			t.Fatal(err)
		}
		if begin() != corrects || w.get(hanako, corrects).GetState() != portalv1.DraftState_DRAFT_STATE_OPEN {
			t.Error("the dropped one was not had back")
		}
		// Taken off the correction, a file is still the application's.
		if _, err := w.s.RemoveAttachment(hanako, &portalv1.RemoveAttachmentRequest{Id: id(8)}); err != nil {
			t.Fatal(err)
		}
		if got := w.get(hanako, corrects).GetAttachments(); len(got) != 1 || got[0].GetId() != id(9) {
			t.Errorf("%v", got)
		}
		if got := w.read("hanako", id(8)); string(got) != document {
			t.Errorf("%q", got)
		}
		if _, err := take("hanako", corrects, "A2"); err == nil {
			t.Error("it was sent as another application")
		}
		list, err = take("hanako", corrects, "A1")
		if err != nil || len(list) != 1 || list[0].GetId() != id(9) {
			t.Errorf("%v, %v", list, err)
		}
		of, err := w.s.Attachments(t.Context(), w.db.Read(), "hanako", "A1")
		if err != nil || len(of) != 2 {
			t.Errorf("%v, %v", of, err)
		}
		// The drafts go, the files stay until the application goes.
		w.tend(31)
		if got := w.read("hanako", id(9)); len(got) == 0 {
			t.Error("a file of an application went with its draft")
		}
		w.tx(func(q *db.Queries) error { return w.s.Forget(t.Context(), q, "hanako", "A1") })
		parts, err := w.db.Read().PartsOfFolder(t.Context(), "hanako")
		if err != nil || len(parts) != 0 {
			t.Errorf("%v, %v", parts, err)
		}
	})
}

func TestWhatIsTakenAlong(t *testing.T) {
	w := newWorld(t, dbtest.SQLite(t))
	hanako := w.as("hanako")
	w.mustSave(hanako, id(1), nintei, field("job", "none", 0))
	w.mustUpload(hanako, id(1), id(9), "pension_paper", "a.pdf", []byte(document))
	feature := draft.Feature(w.s)
	for table, tell := range feature.Export {
		rows, err := tell(t.Context(), w.db.Read(), "hanako")
		if err != nil || rows == nil {
			t.Errorf("%s: %v, %v", table, rows, err)
		}
	}
	files := map[string]string{}
	err := feature.Files(t.Context(), w.db.Read(), "hanako", func(name string, content io.Reader) error {
		data, err := io.ReadAll(content)
		files[name] = string(data)
		return err
	})
	if err != nil || len(files) != 1 || files["attachment/"+id(9)+".pdf"] != document {
		t.Errorf("%v, %v", files, err)
	}
}
