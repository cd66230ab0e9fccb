package application

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"connectrpc.com/connect"

	"madoguchi/backend/japan/forms"
	"madoguchi/backend/japan/forms/formstest"
	"madoguchi/proto/clock"
	"madoguchi/proto/form"
	officev1 "madoguchi/proto/gen/office/v1"
	portalv1 "madoguchi/proto/gen/portal/v1"
)

// attach lays the files that answers name under a draft.
func (w *world) attach(draft string, f *form.Form, answers form.Answers) {
	var all []*portalv1.Attachment
	look := func(field string, files []form.File) {
		for _, file := range files {
			id := hexID(draft + file.Digest)
			all = append(all, &portalv1.Attachment{
				Id: id, Field: field, Name: file.Name, Type: file.Type, Size: file.Size, Digest: file.Digest,
				Come: file.Size, Finished: true,
			})
			w.drafts.data[id] = []byte(file.Name)
		}
	}
	for _, section := range f.Sections {
		for _, field := range section.Fields {
			look(field.ID, answers[field.ID].Files)
			for _, row := range answers[field.ID].Rows {
				for _, inner := range field.Fields {
					look(inner.ID, row[inner.ID].Files)
				}
			}
		}
	}
	w.drafts.files[draft] = all
}

// Each form of the country is filled in by the robot, from its definition alone, and sent; its office reads what was
// signed by the definition that comes with it, and decides.
func TestARobotSendsEachForm(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		sent := 0
		for _, f := range forms.All() {
			w.drafts.forms = append(w.drafts.forms, f)
			w.form = f
			at := form.Moment{Today: clock.Day(w.now()), Office: meguro}
			folder, person := "hanako", "yamada-hanako"
			answers, done := formstest.Fill(f, at, formstest.Young, 1)
			if !done {
				folder, person = "gaiji", "watanabe-gaiji"
				if answers, done = formstest.Fill(f, at, formstest.Old, 1); !done {
					t.Errorf("%s: the robot finds no way", f.ID)
					continue
				}
			}
			r, document := w.request(answers, nil)
			if f.Sign == form.SignCard {
				r.Signature = w.sign(person, document, origin)
			}
			w.attach(r.GetDraft(), f, answers)
			a := w.send(folder, r)
			got, err := w.offices.FetchApplication(w.from(meguro), &officev1.FetchApplicationRequest{Id: a.GetId()})
			if err != nil {
				t.Fatal(err)
			}
			read, err := form.Read(got.GetDefinition())
			if err != nil || read.Hash() != f.Hash() {
				t.Fatalf("%s: the office gets another form: %v", f.ID, err)
			}
			var signed struct{ Answers json.RawMessage }
			err = json.Unmarshal(got.GetSigned(), &signed)
			if err != nil || !bytes.Equal(signed.Answers, got.GetAnswers()) {
				t.Errorf("%s: the office reads what was not signed: %v", f.ID, err)
			}
			if len(got.GetAttachments()) != len(w.drafts.files[r.GetDraft()]) {
				t.Errorf("%s: %d attachments", f.ID, len(got.GetAttachments()))
			}
			if err := w.decides(a.GetId(), "d", approved); err != nil {
				t.Errorf("%s: %v", f.ID, err)
			}
			sent++
		}
		if sent != 6 {
			t.Errorf("%d of six forms", sent)
		}
	})
}

// A token of one office's list is none of another's; a file of one application is not had through another one, of the
// same office's too.
func TestNothingIsReachedByDetours(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		picture := form.File{Name: "ポチ.png", Type: "png", Size: 9, Digest: digestOf([]byte("a"))}
		r := w.signed("yamada-hanako", w.filled(form.Answers{"photo": form.FilesOf(picture)}), nil)
		w.attach(r.GetDraft(), w.form, w.filled(form.Answers{"photo": form.FilesOf(picture)}))
		a := w.send("hanako", r)
		b := w.send("hanako", w.signed("yamada-hanako", w.filled(nil), nil))
		_, token := w.list(meguro, "")
		_, err := w.offices.ListApplications(w.from("202029"), &officev1.ListApplicationsRequest{PageToken: token})
		if connect.CodeOf(err) != connect.CodeInvalidArgument {
			t.Errorf("another office goes on from there: %v", err)
		}
		file := w.drafts.files[r.GetDraft()][0].GetId()
		fetch := func(id, attachment string, offset int64) ([]byte, error) {
			got, err := w.offices.FetchAttachment(w.from(meguro), &officev1.FetchAttachmentRequest{
				Id: id, Attachment: attachment, Offset: offset,
			})
			return got.GetPart(), err
		}
		if part, err := fetch(a.GetId(), file, 0); err != nil || string(part) != picture.Name {
			t.Errorf("%q, %v", part, err)
		}
		for _, offset := range []int64{int64(len(picture.Name)), 1 << 40, 1<<63 - 1} {
			if part, err := fetch(a.GetId(), file, offset); err != nil || len(part) != 0 {
				t.Errorf("behind the end: %q, %v", part, err)
			}
		}
		if _, err := fetch(b.GetId(), file, 0); connect.CodeOf(err) != connect.CodeNotFound {
			t.Errorf("through another application: %v", err)
		}
		for _, revision := range []int32{2, 1 << 30} {
			_, err := w.offices.FetchApplication(w.from(meguro), &officev1.FetchApplicationRequest{
				Id: a.GetId(), Revision: revision,
			})
			if connect.CodeOf(err) != connect.CodeNotFound {
				t.Errorf("a revision that there is not: %v", err)
			}
		}
	})
}

// What waits for a second signature is nothing that an office knows of, by whatever call; nor is what was taken back
// before.
func TestAnOfficeKnowsNothingOfWhatHasNotArrived(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		answers := w.filled(form.Answers{
			"shared": form.BoolOf(true), "owner_name": form.TextOf("山田太郎"), "owner_birth": form.TextOf("1988-02-03"),
		})
		a := w.send("hanako", w.signed("yamada-hanako", answers, nil))
		refused := func(when string) {
			t.Helper()
			for what, err := range map[string]error{
				"fetch": second(w.offices.FetchApplication(w.from(meguro), &officev1.FetchApplicationRequest{
					Id: a.GetId(),
				})),
				"decide": w.decides(a.GetId(), "1", approved),
				"return": w.returns(a.GetId(), "1", "legs"),
				"write": second(w.offices.WriteToApplicant(w.from(meguro), &officev1.WriteToApplicantRequest{
					Id: a.GetId(), Reference: "1", Text: "x",
				})),
			} {
				if connect.CodeOf(err) != connect.CodeNotFound {
					t.Errorf("%s, %s: %v", when, what, err)
				}
			}
			if lines, _ := w.list(meguro, ""); len(lines) != 0 {
				t.Errorf("%s: it is listed: %v", when, lines)
			}
		}
		refused("waiting")
		for what, err := range map[string]error{
			"write": second(w.people.WriteApplication(w.as("hanako"), &portalv1.WriteApplicationRequest{
				Id: a.GetId(), Text: "x",
			})),
			"receipt": second(w.people.OpenApplicationFile(w.as("hanako"), &portalv1.OpenApplicationFileRequest{
				Id: a.GetId(), File: portalv1.ApplicationFile_APPLICATION_FILE_PDF,
			})),
		} {
			if reason(err) != portalv1.Reason_REASON_TOO_LATE {
				t.Errorf("%s of what has not arrived: %v", what, err)
			}
		}
		if _, err := w.people.WithdrawApplication(w.as("hanako"), &portalv1.WithdrawApplicationRequest{
			Id: a.GetId(),
		}); err != nil {
			t.Fatal(err)
		}
		refused("taken back")
	})
}

// Two clerks act on one application at once: one of them is first, and the other is told.
func TestTwoClerksAtOnce(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		a := w.send("hanako", w.signed("yamada-hanako", w.filled(nil), nil))
		done := make(chan error)
		for _, outcome := range []portalv1.ApplicationState{approved, rejected} {
			for n := range 4 {
				go func() { done <- w.decides(a.GetId(), fmt.Sprint(outcome, n%2), outcome) }()
			}
		}
		fine := 0
		for range 8 {
			switch err := <-done; {
			case err == nil:
				fine++ // the first, and the one that says the same under the same reference
			case connect.CodeOf(err) != connect.CodeFailedPrecondition:
				t.Error(err)
			}
		}
		decisions := slices.DeleteFunc(w.get("hanako", a.GetId()).GetSteps(), func(s *portalv1.ApplicationStep) bool {
			return s.GetState() != approved && s.GetState() != rejected
		})
		if fine != 2 || len(decisions) != 1 {
			t.Errorf("%d were told that it is done, %d decisions", fine, len(decisions))
		}
	})
}

// A day that cannot be, or is not today's, and answers that are no answers, are refused as what they are.
func TestHostileRequests(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		for name, bend := range map[string]func(*portalv1.SendApplicationRequest){
			"a day of next year":  func(r *portalv1.SendApplicationRequest) { r.Envelope.Day = "2099-01-01" },
			"a day that is none":  func(r *portalv1.SendApplicationRequest) { r.Envelope.Day = "2026-99-99" },
			"deep answers":        func(r *portalv1.SendApplicationRequest) { r.Answers = bytes.Repeat([]byte("["), 500_000) },
			"no answers":          func(r *portalv1.SendApplicationRequest) { r.Answers = nil },
			"answers of a list":   func(r *portalv1.SendApplicationRequest) { r.Answers = []byte("[]") },
			"a field of nobody's": func(r *portalv1.SendApplicationRequest) { r.Answers = []byte(`{"wings":2}`) },
			"half a signature":    func(r *portalv1.SendApplicationRequest) { r.Signature = r.GetSignature()[:100] },
			"no signature":        func(r *portalv1.SendApplicationRequest) { r.Signature = nil },
			"an endless one":      func(r *portalv1.SendApplicationRequest) { r.Signature = []byte{0x30, 0x84, 0xff, 0xff, 0xff, 0xff} },
			"another place":       func(r *portalv1.SendApplicationRequest) { r.Place = "202029" },
			"another version":     func(r *portalv1.SendApplicationRequest) { r.Version = "2" },
			"another form":        func(r *portalv1.SendApplicationRequest) { r.Form = strings.Repeat("x", 64) },
			"of nobody's": func(r *portalv1.SendApplicationRequest) {
				r.Application = "00000000000000000000000000000000"
			},
		} {
			r := w.signed("yamada-hanako", w.filled(nil), nil)
			bend(r)
			answer, err := w.people.SendApplication(w.as("hanako"), r)
			switch code := connect.CodeOf(err); {
			case err == nil && len(answer.GetFaults()) > 0:
			case err == nil:
				t.Errorf("%s: it is sent", name)
			case code != connect.CodeInvalidArgument && code != connect.CodeNotFound &&
				code != connect.CodeFailedPrecondition && code != connect.CodePermissionDenied:
				t.Errorf("%s: %v", name, err)
			}
		}
		if lines, _ := w.list(meguro, ""); len(lines) != 0 {
			t.Errorf("something was sent: %v", lines)
		}
	})
}

// A hostile definition is refused by the gateway with what is wrong, and where; nothing of it is registered. A good one
// holds from its day on, and what was begun before is finished by what held then.
func TestDefinitionsByTheGateway(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		publish := func(definition []byte) *officev1.PublishFormResponse {
			t.Helper()
			answer, err := w.offices.PublishForm(w.from(meguro), &officev1.PublishFormRequest{
				PlaceCode: meguro, Definition: definition,
			})
			if err != nil {
				t.Fatal(err)
			}
			return answer
		}
		good := string(w.form.Canonical())
		deep := strings.Repeat("(", 400) + "legs" + strings.Repeat(")", 400)
		fields := strings.Repeat(`{"id":"a","type":"int"},`, 20_000)
		for name, c := range map[string][2]string{
			"deep":           {strings.Repeat("[", 500_000), "入れ子が深すぎ"},
			"fields":         {strings.Replace(good, `"fields":[`, `"fields":[`+fields, 1), "多すぎ"},
			"a deep formula": {strings.Replace(good, `legs * 2`, deep, 1), "深すぎ"},
			"a long formula": {strings.Replace(good, `legs * 2`, strings.Repeat("legs + ", 2000)+"1", 1), "長すぎ"},
			"a circle":       {strings.Replace(good, `legs * 2`, `twice + 1`, 1), "回っています"},
			"no day":         {strings.Replace(good, `2020-04-01`, `2020-04-31`, 1), "日付"},
		} {
			answer := publish([]byte(c[0]))
			said := fmt.Sprint(answer.GetErrors())
			if answer.GetRegistered() || len(answer.GetErrors()) == 0 || len(answer.GetErrors()) > 100 ||
				!strings.Contains(said, c[1]) || answer.GetErrors()[0].GetLine() == 0 {
				t.Errorf("%s: %.300s", name, said)
			}
		}
		if r := publish([]byte(good)); !r.GetRegistered() {
			t.Fatalf("nothing hostile is registered, and the good one is not either: %v", r)
		}
		second := func(day time.Time) []byte {
			changed := strings.Replace(good, `"version":"1"`, `"version":"2"`, 1)
			return []byte(strings.Replace(changed, "2020-04-01", clock.Day(day), 1))
		}
		if r := publish(second(w.now().AddDate(0, 0, -1))); len(r.GetErrors()) != 1 ||
			r.GetErrors()[0].GetPath() != "version" {
			t.Errorf("it holds since yesterday: %v", r)
		}
		if r := publish(second(w.now().AddDate(0, 0, 7))); !r.GetRegistered() {
			t.Errorf("it holds from next week on: %v", r)
		}
	})
}
