package application

import (
	"archive/zip"
	"bytes"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"connectrpc.com/connect"

	"madoguchi/backend/door/access"
	"madoguchi/backend/door/paper"
	"madoguchi/backend/store/db"
	"madoguchi/backend/store/jobs"
	"madoguchi/proto/form"
	officev1 "madoguchi/proto/gen/office/v1"
	portalv1 "madoguchi/proto/gen/portal/v1"
)

// list is what an office is told once the transactions so far have ended, those of other databases of the server too.
func (w *world) list(office, token string) ([]*officev1.ApplicationLine, string) {
	w.t.Helper()
	var place, settled int64
	err := w.db.Tx(w.t.Context(), func(q *db.Queries) (err error) {
		place, err = q.Place(w.t.Context())
		return err
	})
	for err == nil && settled <= place {
		settled, err = w.db.Settled(w.t.Context())
	}
	if err != nil {
		w.t.Fatal(err)
	}
	answer, err := w.offices.ListApplications(w.from(office), &officev1.ListApplicationsRequest{PageToken: token})
	if err != nil {
		w.t.Fatal(err)
	}
	return answer.GetApplications(), answer.GetNextPageToken()
}

func (w *world) returns(id, reference string, fields ...string) error {
	return second(w.offices.ReturnApplication(w.from(meguro), &officev1.ReturnApplicationRequest{
		Id: id, Reference: reference, Reasons: []*portalv1.ReturnReason{{Code: "R11", Fields: fields, Text: "数が違います"}},
	}))
}

func (w *world) decides(id, reference string, outcome portalv1.ApplicationState) error {
	return second(w.offices.DecideApplication(w.from(meguro), &officev1.DecideApplicationRequest{
		Id: id, Reference: reference, Outcome: outcome, Ground: "理由", Objection: "3か月以内に審査請求ができます",
	}))
}

func TestReturnedCorrectedAndGranted(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		_, begin := w.list(meguro, "")
		a := w.send("hanako", w.signed("yamada-hanako", w.filled(nil), nil))
		lines, next := w.list(meguro, begin)
		if len(lines) != 1 || lines[0].GetNumber() != a.GetNumber() || lines[0].GetPerson() == "" {
			t.Fatalf("%v", lines)
		}
		if more, _ := w.list(meguro, next); len(more) != 0 {
			t.Errorf("it is told again: %v", more)
		}
		fetched, err := w.offices.FetchApplication(w.from(meguro), &officev1.FetchApplicationRequest{Id: a.GetId()})
		if err != nil || !bytes.Equal(fetched.GetAnswers(), a.GetAnswers()) || len(fetched.GetSignatures()) != 1 ||
			digestOf(fetched.GetSigned()) != a.GetSigning().GetDigest() {
			t.Fatalf("%v, %v", fetched, err)
		}
		if _, err := form.Read(fetched.GetDefinition()); err != nil {
			t.Error(err)
		}
		if err := w.returns(a.GetId(), "1", "legs"); err != nil {
			t.Fatal(err)
		}
		if err := w.returns(a.GetId(), "1", "legs"); err != nil {
			t.Errorf("said twice under one reference: %v", err)
		}
		if err := w.returns(a.GetId(), "1", "name"); connect.CodeOf(err) != connect.CodeAlreadyExists {
			t.Errorf("something else under that reference: %v", err)
		}
		if err := w.returns(a.GetId(), "2", "legs"); connect.CodeOf(err) != connect.CodeFailedPrecondition {
			t.Errorf("returned while it is returned: %v", err)
		}
		a = w.get("hanako", a.GetId())
		if a.GetState() != returned || a.GetDueAt() == 0 || len(a.GetSteps()) != 2 ||
			a.GetSteps()[1].GetReasons()[0].GetCode() != "R11" {
			t.Fatalf("%v", a)
		}
		draft, err := w.people.CorrectApplication(w.as("hanako"), &portalv1.CorrectApplicationRequest{Id: a.GetId()})
		if err != nil || !slices.Equal(draft.GetFields(), []string{"legs"}) ||
			!bytes.Equal(w.drafts.begun[a.GetId()].Canonical(), a.GetAnswers()) {
			t.Fatalf("%v, %v", draft, err)
		}
		// What was not returned stays as it was; a new signature is needed, over a number and the hash before.
		more := w.filled(form.Answers{"legs": form.IntOf(3), "name": form.TextOf("シロ")})
		if _, err := w.people.SendApplication(w.as("hanako"), w.signed("yamada-hanako", more, a)); reason(err) !=
			portalv1.Reason_REASON_LOCKED {
			t.Errorf("a locked field is changed: %v", err)
		}
		unbound := w.signed("yamada-hanako", w.filled(form.Answers{"legs": form.IntOf(3)}), nil)
		unbound.Application = a.GetId()
		if _, err := w.people.SendApplication(w.as("hanako"), unbound); reason(err) !=
			portalv1.Reason_REASON_SIGNATURE_INVALID {
			t.Errorf("a correction signed without its number: %v", err)
		}
		stranger := w.signed("yamada-taro", w.filled(form.Answers{"legs": form.IntOf(3)}), a)
		if _, err := w.people.SendApplication(w.as("taro"), stranger); connect.CodeOf(err) != connect.CodeNotFound {
			t.Errorf("somebody else corrects it: %v", err)
		}
		first := a.GetArrivedAt()
		mended := w.filled(form.Answers{"legs": form.IntOf(3)})
		w.advance(time.Hour) // into another day perhaps, by which no answer changes
		r := w.signed("yamada-hanako", mended, a)
		a = w.send("hanako", r)
		if a.GetState() != resent || a.GetArrivedAt() != first || a.GetDueAt() != 0 ||
			a.GetNumber() != w.send("hanako", r).GetNumber() ||
			!bytes.Contains(a.GetAnswers(), []byte(`"twice":6`)) ||
			!bytes.Contains(a.GetBefore(), []byte(`"twice":8`)) {
			t.Fatalf("%v", a)
		}
		lines, _ = w.list(meguro, next)
		if len(lines) != 1 || lines[0].GetRevision() != 2 || lines[0].GetState() != resent {
			t.Errorf("%v", lines)
		}
		w.advance(47 * time.Hour)
		for _, to := range []portalv1.ApplicationState{checking, review} {
			_, err := w.offices.SetApplicationState(w.from(meguro), &officev1.SetApplicationStateRequest{
				Id: a.GetId(), Reference: to.String(), State: to,
			})
			if err != nil {
				t.Error(err)
			}
		}
		if err := w.decides(a.GetId(), "d", approved); err != nil {
			t.Fatal(err)
		}
		if err := w.decides(a.GetId(), "e", rejected); connect.CodeOf(err) != connect.CodeFailedPrecondition {
			t.Errorf("decided twice: %v", err)
		}
		a = w.get("hanako", a.GetId())
		if a.GetState() != approved || a.GetMayWithdraw() || a.GetGoneAt() == 0 ||
			a.GetSteps()[len(a.GetSteps())-1].GetObjection() == "" {
			t.Errorf("%v", a)
		}
		_, err = w.people.WithdrawApplication(w.as("hanako"), &portalv1.WithdrawApplicationRequest{Id: a.GetId()})
		if reason(err) != portalv1.Reason_REASON_TOO_LATE {
			t.Errorf("taken back after the decision: %v", err)
		}
		b := w.send("hanako", w.signed("yamada-hanako", w.filled(nil), nil))
		c := w.send("hanako", w.signed("yamada-hanako", w.filled(nil), nil))
		if b.GetUsualDays() != 2 || b.GetUsualOf() != 1 || b.GetTwin() != "" || c.GetTwin() != b.GetId() {
			t.Errorf("usually %d days of %d; twins %q, %q", b.GetUsualDays(), b.GetUsualOf(), b.GetTwin(), c.GetTwin())
		}
	})
}

// An office has its own applications, and no other's.
func TestOtherOfficesAreRefused(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		a := w.send("hanako", w.signed("yamada-hanako", w.filled(nil), nil))
		other := w.from("202029")
		if lines, _ := w.list("202029", ""); len(lines) != 0 {
			t.Errorf("%v", lines)
		}
		for what, err := range map[string]error{
			"fetch":      second(w.offices.FetchApplication(other, &officev1.FetchApplicationRequest{Id: a.GetId()})),
			"attachment": second(w.offices.FetchAttachment(other, &officev1.FetchAttachmentRequest{Id: a.GetId()})),
			"state": second(w.offices.SetApplicationState(other, &officev1.SetApplicationStateRequest{
				Id: a.GetId(), Reference: "1", State: checking,
			})),
			"return": second(w.offices.ReturnApplication(other, &officev1.ReturnApplicationRequest{
				Id: a.GetId(), Reference: "1", Reasons: []*portalv1.ReturnReason{{Code: "R01"}},
			})),
			"decide": second(w.offices.DecideApplication(other, &officev1.DecideApplicationRequest{
				Id: a.GetId(), Reference: "1", Outcome: approved,
			})),
			"write": second(w.offices.WriteToApplicant(other, &officev1.WriteToApplicantRequest{
				Id: a.GetId(), Reference: "1", Text: "x",
			})),
			"nobody's": second(w.people.WithdrawApplication(w.as("taro"), &portalv1.WithdrawApplicationRequest{
				Id: a.GetId(),
			})),
			"write as taro": second(w.people.WriteApplication(w.as("taro"), &portalv1.WriteApplicationRequest{
				Id: a.GetId(), Text: "x",
			})),
			"correct as taro": second(w.people.CorrectApplication(w.as("taro"), &portalv1.CorrectApplicationRequest{
				Id: a.GetId(),
			})),
			"file as taro": second(w.people.OpenApplicationFile(w.as("taro"), &portalv1.OpenApplicationFileRequest{
				Id: a.GetId(), File: 1,
			})),
		} {
			if connect.CodeOf(err) != connect.CodeNotFound {
				t.Errorf("%s: %v", what, err)
			}
		}
		forms := second(w.offices.PublishForm(other, &officev1.PublishFormRequest{
			PlaceCode: meguro, Definition: w.form.Canonical(),
		}))
		if connect.CodeOf(forms) != connect.CodePermissionDenied {
			t.Errorf("a form of another place: %v", forms)
		}
		for name, r := range map[string]*officev1.ReturnApplicationRequest{
			"no such code":  {Reasons: []*portalv1.ReturnReason{{Code: "R13"}}},
			"no such field": {Reasons: []*portalv1.ReturnReason{{Code: "R01", Fields: []string{"wings"}}}},
			"in the past":   {Reasons: []*portalv1.ReturnReason{{Code: "R01"}}, DueAt: w.now().UnixMilli()},
		} {
			r.Id, r.Reference = a.GetId(), name
			_, err := w.offices.ReturnApplication(w.from(meguro), r)
			if connect.CodeOf(err) != connect.CodeInvalidArgument {
				t.Errorf("%s: %v", name, err)
			}
		}
		_, err := w.offices.DecideApplication(w.from(meguro), &officev1.DecideApplicationRequest{
			Id: a.GetId(), Reference: "1", Outcome: rejected,
		})
		if connect.CodeOf(err) != connect.CodeInvalidArgument {
			t.Errorf("rejected without a ground: %v", err)
		}
	})
}

func TestFormsArePublished(t *testing.T) {
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
		if r := publish(w.form.Canonical()); !r.GetRegistered() || len(r.GetErrors()) > 0 {
			t.Errorf("%v", r)
		}
		if r := publish(w.form.Canonical()); r.GetRegistered() || len(r.GetErrors()) > 0 {
			t.Errorf("again: %v", r)
		}
		changed := bytes.Replace(w.form.Canonical(), []byte("狂犬病予防法第4条"), []byte("狂犬病予防法第5条"), 1)
		if r := publish(changed); len(r.GetErrors()) != 1 || r.GetErrors()[0].GetPath() != "version" {
			t.Errorf("another one of the same version: %v", r)
		}
		if r := publish([]byte("{\"id\": 3}")); len(r.GetErrors()) < 2 || r.GetErrors()[0].GetLine() != 1 {
			t.Errorf("%v", r)
		}
	})
}

func TestMessagesBothWays(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		a := w.send("hanako", w.signed("yamada-hanako", w.filled(nil), nil))
		_, next := w.list(meguro, "")
		write := func() error {
			return second(w.people.WriteApplication(w.as("hanako"), &portalv1.WriteApplicationRequest{
				Id: a.GetId(), Text: "写真はいりますか",
			}))
		}
		if err := write(); err != nil {
			t.Fatal(err)
		}
		if lines, _ := w.list(meguro, next); len(lines) != 1 {
			t.Errorf("the office is not told: %v", lines)
		}
		w.advance(time.Minute)
		for _, text := range []string{"いりません", "いりません"} {
			_, err := w.offices.WriteToApplicant(w.from(meguro), &officev1.WriteToApplicantRequest{
				Id: a.GetId(), Reference: "m1", Text: text,
			})
			if err != nil {
				t.Error(err)
			}
		}
		_, err := w.offices.WriteToApplicant(w.from(meguro), &officev1.WriteToApplicantRequest{
			Id: a.GetId(), Reference: "m1", Text: "いります",
		})
		if connect.CodeOf(err) != connect.CodeAlreadyExists {
			t.Errorf("%v", err)
		}
		got := w.get("hanako", a.GetId()).GetMessages()
		if len(got) != 2 || got[0].GetByOffice() || !got[1].GetByOffice() {
			t.Errorf("%v", got)
		}
		for range mostADay - 1 {
			if err := write(); err != nil {
				t.Fatal(err)
			}
		}
		if err := write(); reason(err) != portalv1.Reason_REASON_TOO_MANY_REQUESTS {
			t.Errorf("the 31st of a day: %v", err)
		}
		w.advance(25 * time.Hour)
		if err := write(); err != nil {
			t.Error(err)
		}
	})
}

func TestTwoSignTogether(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		answers := w.filled(form.Answers{
			"shared": form.BoolOf(true), "owner_name": form.TextOf("山田太郎"), "owner_birth": form.TextOf("1988-02-03"),
		})
		a := w.send("hanako", w.signed("yamada-hanako", answers, nil))
		token := a.GetCosign().GetToken()
		if a.GetState() != cosigning || a.GetNumber() != "" || a.GetArrivedAt() != 0 || token == "" ||
			a.GetLine() != nil {
			t.Fatalf("%v", a)
		}
		if lines, _ := w.list(meguro, ""); len(lines) != 0 {
			t.Errorf("the office has it: %v", lines)
		}
		sign := func(folder, person, token string) (*portalv1.SignCosignResponse, error) {
			if err := w.proves(folder, person, token); err != nil {
				return nil, err
			}
			shown, err := w.people.GetCosign(w.as(folder), &portalv1.GetCosignRequest{Token: token})
			if err != nil {
				return nil, err
			}
			if shown.GetApplication().GetCosign().GetToken() != "" || len(shown.GetApplication().GetMessages()) > 0 {
				t.Errorf("%v", shown)
			}
			return w.people.SignCosign(w.as(folder), &portalv1.SignCosignRequest{
				Token: token, Signature: w.sign(person, shown.GetSigned(), origin),
			})
		}
		for name, err := range map[string]error{
			"not one's own":     second(sign("hanako", "yamada-hanako", token)),
			"no such":           second(sign("taro", "yamada-taro", "x")),
			"not who is named":  second(sign("gaiji", "watanabe-gaiji", token)),
			"in another's name": second(sign("gaiji", "yamada-taro", token)),
		} {
			if err == nil {
				t.Errorf("%s: signed", name)
			}
		}
		if err := w.proves("taro", "yamada-taro", token); err != nil {
			t.Fatal(err)
		}
		shown, err := w.people.GetCosign(w.as("taro"), &portalv1.GetCosignRequest{Token: token})
		if err != nil {
			t.Fatal(err)
		}
		signature := w.sign("yamada-taro", shown.GetSigned(), origin)
		for range 2 { // the first answer was lost
			got, err := w.people.SignCosign(w.as("taro"), &portalv1.SignCosignRequest{
				Token: token, Signature: signature,
			})
			if err != nil || got.GetApplication().GetState() != arrived ||
				got.GetApplication().GetCosign().GetSigner() == "" {
				t.Fatalf("%v, %v", got, err)
			}
		}
		a = w.get("hanako", a.GetId())
		if a.GetState() != arrived || !ValidNumber(a.GetNumber()) || a.GetCosign().GetSignedAt() == 0 ||
			a.GetCosign().GetToken() != "" {
			t.Errorf("%v", a)
		}
		fetched, err := w.offices.FetchApplication(w.from(meguro), &officev1.FetchApplicationRequest{Id: a.GetId()})
		if err != nil || len(fetched.GetSignatures()) != 2 {
			t.Errorf("%v, %v", fetched, err)
		}

		// Who does not sign in time lets it lapse; what is taken back is signed by nobody.
		b := w.send("hanako", w.signed("yamada-hanako", answers, nil))
		w.advance(cosignFor + time.Hour)
		_, err = sign("taro", "yamada-taro", b.GetCosign().GetToken())
		if connect.CodeOf(err) != connect.CodeNotFound {
			t.Errorf("too late: %v", err)
		}
		if err := w.people.Tend(t.Context()); err != nil {
			t.Fatal(err)
		}
		if b = w.get("hanako", b.GetId()); b.GetState() != lapsed {
			t.Errorf("%v", b)
		}
	})
}

func TestWhatIsNotCorrectedLapsesAndWhatIsOldGoes(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		tend := func() {
			t.Helper()
			if err := w.people.Tend(t.Context()); err != nil {
				t.Fatal(err)
			}
		}
		a := w.send("hanako", w.signed("yamada-hanako", w.filled(nil), nil))
		b := w.send("hanako", w.signed("yamada-hanako", w.filled(nil), nil))
		if err := w.returns(a.GetId(), "1", "legs"); err != nil {
			t.Fatal(err)
		}
		r := w.signed("yamada-hanako", w.filled(form.Answers{"legs": form.IntOf(3)}), w.get("hanako", a.GetId()))
		w.advance(usualReturn - time.Minute)
		tend()
		if got := w.get("hanako", a.GetId()); got.GetState() != returned {
			t.Errorf("it lapsed in time: %v", got)
		}
		w.advance(2 * time.Minute)
		if _, err := w.people.SendApplication(w.as("hanako"), r); reason(err) != portalv1.Reason_REASON_TOO_LATE {
			t.Errorf("corrected too late: %v", err)
		}
		w.advance(graceOfReturn)
		tend()
		got := w.get("hanako", a.GetId())
		if got.GetState() != lapsed || got.GetGoneAt() != w.now().AddDate(3, 0, 0).UnixMilli() {
			t.Errorf("%v", got)
		}
		if _, err := w.people.WithdrawApplication(w.as("hanako"), &portalv1.WithdrawApplicationRequest{
			Id: b.GetId(),
		}); err != nil {
			t.Fatal(err)
		}
		gone := time.UnixMilli(got.GetGoneAt())
		for _, c := range []struct {
			at     time.Time
			warned int64
		}{{gone.AddDate(0, 0, -31), 0}, {gone.AddDate(0, 0, -29), 30}, {gone.AddDate(0, 0, -5), 7}} {
			w.advance(c.at.Sub(w.now()))
			tend()
			row, err := w.db.Read().ApplicationGet(t.Context(), db.ApplicationGetParams{
				FolderID: "hanako", ID: a.GetId(),
			})
			if err != nil || row.Warned != c.warned {
				t.Errorf("at %s: warned %d, %v", c.at, row.Warned, err)
			}
		}
		w.advance(8 * 24 * time.Hour) // seven days after it was said
		tend()
		list, err := w.people.ListApplications(w.as("hanako"), &portalv1.ListApplicationsRequest{})
		if err != nil || len(list.GetApplications()) != 0 {
			t.Errorf("%v, %v", list, err)
		}
	})
}

// What arrived while the authority was out of reach is stamped when it is back.
func TestStampedLater(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		w.noStamp.Store(true)
		a := w.send("hanako", w.signed("yamada-hanako", w.filled(nil), nil))
		payload := fmt.Appendf(nil, `{"Folder":"hanako","Application":%q,"Revision":1}`, a.GetId())
		if err := w.people.receipt(t.Context(), payload); err == nil || jobs.IsPermanent(err) {
			t.Errorf("it is not tried again: %v", err)
		}
		if got := w.get("hanako", a.GetId()).GetSigning(); got.GetStampedAt() != 0 {
			t.Errorf("%v", got)
		}
		w.noStamp.Store(false)
		for range 2 {
			if err := w.people.receipt(t.Context(), payload); err != nil {
				t.Fatal(err)
			}
		}
		if got := w.get("hanako", a.GetId()).GetSigning(); got.GetStampedAt() == 0 || got.GetStampedBy() != "stamps" {
			t.Errorf("%v", got)
		}
	})
}

// download gets a file of a receipt as a browser does.
func (w *world) download(folder, ticket string) *httptest.ResponseRecorder {
	form := strings.NewReader(url.Values{"ticket": {ticket}}.Encode())
	r := httptest.NewRequestWithContext(w.as(folder), http.MethodPost, filePath, form)
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	answer := httptest.NewRecorder()
	w.people.file(answer, r)
	return answer
}

// openssl, which nobody here wrote, accepts the data of a receipt, and refuses it when a byte was changed.
func TestOpenSSLChecksAReceipt(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		answers := w.filled(form.Answers{
			"shared": form.BoolOf(true), "owner_name": form.TextOf("山田太郎"), "owner_birth": form.TextOf("1988-02-03"),
		})
		a := w.send("hanako", w.signed("yamada-hanako", answers, nil))
		if err := w.proves("taro", "yamada-taro", a.GetCosign().GetToken()); err != nil {
			t.Fatal(err)
		}
		shown, err := w.people.GetCosign(w.as("taro"), &portalv1.GetCosignRequest{Token: a.GetCosign().GetToken()})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := w.people.SignCosign(w.as("taro"), &portalv1.SignCosignRequest{
			Token: a.GetCosign().GetToken(), Signature: w.sign("yamada-taro", shown.GetSigned(), origin),
		}); err != nil {
			t.Fatal(err)
		}
		payload := fmt.Appendf(nil, `{"Folder":"hanako","Application":%q,"Revision":1}`, a.GetId())
		if err := w.people.receipt(t.Context(), payload); err != nil {
			t.Fatal(err)
		}
		leave, err := w.people.OpenApplicationFile(w.as("hanako"), &portalv1.OpenApplicationFileRequest{
			Id: a.GetId(), File: portalv1.ApplicationFile_APPLICATION_FILE_DATA,
		})
		if err != nil {
			t.Fatal(err)
		}
		if got := w.download("taro", leave.GetTicket()); got.Code != http.StatusGone {
			t.Errorf("somebody else downloads it: %d", got.Code)
		}
		got := w.download("hanako", leave.GetTicket())
		if got.Code != http.StatusOK {
			t.Fatal(got.Code, got.Body.String())
		}
		if again := w.download("hanako", leave.GetTicket()); again.Code != http.StatusGone {
			t.Errorf("the ticket is good twice: %d", again.Code)
		}
		dir := unpack(t, got.Body.Bytes())
		for _, name := range []string{"application", "cosign"} {
			in := filepath.Join(dir, "1", name+".p7s")
			cms := func() error {
				return openssl("cms", "-verify", "-binary", "-inform", "DER", "-in", in, "-content",
					filepath.Join(dir, "1/application.json"), "-CAfile", filepath.Join(dir, "jpki.pem"),
					"-purpose", "any", "-no_check_time", "-out", os.DevNull)
			}
			ts := func() error {
				return openssl("ts", "-verify", "-token_in", "-in", in+".tst", "-data", in, "-CAfile",
					filepath.Join(dir, "stamps.pem"))
			}
			if err := cms(); err != nil {
				t.Error(err)
			}
			if err := ts(); err != nil {
				t.Error(err)
			}
			for _, file := range []string{filepath.Join(dir, "1/application.json"), in} {
				flip(t, file)
				if cms() == nil {
					t.Errorf("openssl accepts the signature though a byte of %s is another", file)
				}
				if file == in && ts() == nil {
					t.Errorf("openssl accepts the stamp though a byte of %s is another", file)
				}
				flip(t, file)
			}
		}
		if readme, err := os.ReadFile(filepath.Join(dir, "README.txt")); err != nil ||
			!bytes.Contains(readme, []byte("openssl cms -verify")) {
			t.Errorf("%s, %v", readme, err)
		}
	})
}

func openssl(args ...string) error {
	out, err := exec.Command("openssl", args...).CombinedOutput()
	if err != nil {
		return fmt.Errorf("openssl %s: %w: %s", strings.Join(args, " "), err, out)
	}
	return nil
}

// flip changes a byte in the middle of a file; done again, it is as it was.
func flip(t *testing.T, path string) {
	t.Helper()
	content, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	content[len(content)*3/4] ^= 1
	if err := os.WriteFile(path, content, 0o600); err != nil {
		t.Fatal(err)
	}
}

func unpack(t *testing.T, data []byte) (dir string) {
	t.Helper()
	archive, err := zip.NewReader(bytes.NewReader(data), int64(len(data)))
	if err != nil {
		t.Fatal(err)
	}
	dir = t.TempDir()
	for _, file := range archive.File {
		r, err := file.Open()
		if err != nil {
			t.Fatal(err)
		}
		content, err := io.ReadAll(r)
		if err != nil {
			t.Fatal(err)
		}
		path := filepath.Join(dir, file.Name)
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, content, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

func TestNobodyDownloadsWithoutALogin(t *testing.T) {
	w := &world{t: t}
	w.people = &Service{}
	r := httptest.NewRequestWithContext(access.WithCaller(t.Context(), access.Caller{}), http.MethodPost, filePath, nil)
	answer := httptest.NewRecorder()
	w.people.file(answer, r)
	if answer.Code != http.StatusForbidden {
		t.Error(answer.Code)
	}
}

// The receipt as PDF is written by a job, says the number and the hash, and is the same whenever it is made.
func TestAReceiptIsReproducible(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		fonts, err := paper.FindFonts("/usr/share/fonts")
		if err != nil {
			t.Fatal(err)
		}
		w.people.Fonts = &fonts
		a := w.send("hanako", w.signed("yamada-hanako", w.filled(nil), nil))
		payload := fmt.Appendf(nil, `{"Folder":"hanako","Application":%q,"Revision":1}`, a.GetId())
		if err := w.people.receipt(t.Context(), payload); err != nil {
			t.Fatal(err)
		}
		kept, err := w.people.keptPaper(t.Context(), "hanako", a.GetId())
		if err != nil {
			t.Fatal(err)
		}
		w.advance(24 * time.Hour)
		again, err := w.people.paper(t.Context(), w.db.Read(), "hanako", a.GetId(), 1)
		if err != nil || !bytes.Equal(kept, again) {
			t.Errorf("another PDF comes of the same application: %d and %d bytes, %v", len(kept), len(again), err)
		}
		path := filepath.Join(t.TempDir(), "receipt.pdf")
		if err := os.WriteFile(path, kept, 0o600); err != nil {
			t.Fatal(err)
		}
		out, err := exec.Command("pdftotext", "-layout", path, "-").CombinedOutput()
		if err != nil {
			t.Fatal(err, string(out))
		}
		for _, want := range []string{a.GetNumber(), "ポチ", "山田", a.GetSigning().GetDigest()[:20]} {
			if !strings.Contains(string(out), want) {
				t.Errorf("it lacks %q:\n%s", want, out)
			}
		}
	})
}
