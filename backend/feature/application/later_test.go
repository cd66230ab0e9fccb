package application

import (
	"errors"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"testing"

	"google.golang.org/protobuf/encoding/protojson"

	"madoguchi/bridge/softcard"
	"madoguchi/bridge/softcard/softcardtest"
	"madoguchi/proto/form"
	officev1 "madoguchi/proto/gen/office/v1"
	portalv1 "madoguchi/proto/gen/portal/v1"
)

// What becomes of an application, and what passes between the first person and the office, the second person does not
// learn by the link, whatever happens to it after they signed.
func TestTheSecondPersonIsNotToldWhatBecameOfIt(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		id, token := w.asks("山田太郎", "1988-02-03")
		if err := w.cosigns(token); err != nil {
			t.Fatal(err)
		}
		told := func() string {
			t.Helper()
			shown, err := w.people.GetCosign(w.as("taro"), &portalv1.GetCosignRequest{Token: token})
			if err != nil {
				t.Fatal(err)
			}
			if len(shown.GetSigned()) == 0 || shown.GetApplication().GetCosign().GetSignedAt() == 0 {
				t.Errorf("they do not see what they signed: %v", shown)
			}
			return strings.Join(strings.Fields(protojson.Format(shown)), " ")
		}
		before := told()
		number := w.get("hanako", id).GetNumber()
		if err := w.returns(id, "1", "name"); err != nil {
			t.Fatal(err)
		}
		if _, err := w.offices.WriteToApplicant(w.from(meguro), &officev1.WriteToApplicantRequest{
			Id: id, Reference: "2", Text: "お電話ください",
		}); err != nil {
			t.Fatal(err)
		}
		for what, after := range map[string]string{
			"returned": told(),
			"withdrawn": func() string {
				if _, err := w.people.WithdrawApplication(w.as("hanako"), &portalv1.WithdrawApplicationRequest{
					Id: id, Reason: "別れました",
				}); err != nil {
					t.Fatal(err)
				}
				return told()
			}(),
		} {
			if after != before {
				t.Errorf("%s: it is told otherwise:\n%s\n%s", what, before, after)
			}
			if strings.Contains(after, number) || strings.Contains(after, "電話") || strings.Contains(after, "別れ") {
				t.Errorf("%s: %s", what, after)
			}
		}
	})
}

// That J-LIS cannot be asked is no error of the person's: nobody is locked out by an outage. And a certificate that was
// stopped after the proof signs nothing.
func TestAnOutageLocksNobodyOut(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		_, token := w.asks("山田太郎", "1988-02-03")
		begun, err := w.people.BeginCosign(w.as("taro"), &portalv1.BeginCosignRequest{Token: token})
		if err != nil {
			t.Fatal(err)
		}
		proof := w.sign("yamada-taro", begun.GetChallenge(), origin)
		w.noJLIS.Store(true)
		unknown := portalv1.Reason_REASON_REVOCATION_UNKNOWN
		for range errsAtOnce + 2 {
			wantReason(t, "proving meanwhile", second(w.prove(w.as("taro"), token, proof)), unknown)
		}
		w.noJLIS.Store(false)
		if _, err := w.prove(w.as("taro"), token, proof); err != nil {
			t.Fatal("after it:", err)
		}
		shown, err := w.people.GetCosign(w.as("taro"), &portalv1.GetCosignRequest{Token: token})
		if err != nil {
			t.Fatal(err)
		}
		signature := w.sign("yamada-taro", shown.GetSigned(), origin)
		signs := func() error {
			return second(w.people.SignCosign(w.as("taro"), &portalv1.SignCosignRequest{
				Token: token, Signature: signature,
			}))
		}
		w.noJLIS.Store(true)
		for range errsAtOnce + 2 {
			wantReason(t, "signing meanwhile", signs(), unknown)
		}
		w.noJLIS.Store(false)
		certificate := softcardtest.Person(t, "yamada-taro").SignCertificate(w.now())
		w.stopped.Store(softcard.SerialHex(certificate.SerialNumber))
		wantReason(t, "stopped after the proof", signs(), portalv1.Reason_REASON_CERTIFICATE_REVOKED)
		w.stopped.Store("")
		if err := signs(); err != nil {
			t.Error(err)
		}
	})
}

// Leave to read an attachment is of one session, once, within a minute, and ends with the link.
func TestLeaveToReadAnAttachmentEnds(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		picture := form.File{Name: "ポチ.png", Type: "png", Size: 9, Digest: digestOf([]byte("a"))}
		answers := w.together("山田太郎", "1988-02-03")
		answers["photo"] = form.FilesOf(picture)
		r := w.signed("yamada-hanako", answers, nil)
		w.attach(r.GetDraft(), w.form, answers)
		a := w.send("hanako", r)
		token, file := a.GetCosign().GetToken(), w.drafts.files[r.GetDraft()][0].GetId()
		if err := w.proves("taro", "yamada-taro", token); err != nil {
			t.Fatal(err)
		}
		leave := func() string {
			t.Helper()
			got, err := w.people.OpenCosignFile(w.as("taro"), &portalv1.OpenCosignFileRequest{
				Token: token, Attachment: file,
			})
			if err != nil {
				t.Fatal(err)
			}
			return got.GetTicket()
		}
		code := func(what string, got *httptest.ResponseRecorder, want int) {
			t.Helper()
			if got.Code != want || strings.Contains(got.Body.String(), "ポチ") != (want == http.StatusOK) {
				t.Errorf("%s: %d %s", what, got.Code, got.Body)
			}
		}
		ticket := leave()
		elsewhere := httptest.NewRequestWithContext(w.elsewhere("taro"), http.MethodPost, filePath,
			strings.NewReader(url.Values{"ticket": {ticket}}.Encode()))
		elsewhere.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		answer := httptest.NewRecorder()
		w.people.file(answer, elsewhere)
		code("in another session", answer, http.StatusGone)
		code("by who asks", w.download("hanako", ticket), http.StatusGone)
		code("once", w.download("taro", ticket), http.StatusOK)
		code("twice", w.download("taro", ticket), http.StatusGone)
		ticket = leave()
		w.advance(ticketFor + 1)
		code("too late", w.download("taro", ticket), http.StatusGone)
		ticket = leave()
		w.advance(provenFor)
		code("when the proof has ended", w.download("taro", ticket), http.StatusGone)
		if err := w.proves("taro", "yamada-taro", token); err != nil {
			t.Fatal(err)
		}
		ticket = leave()
		if _, err := w.people.WithdrawApplication(w.as("hanako"), &portalv1.WithdrawApplicationRequest{
			Id: a.GetId(),
		}); err != nil {
			t.Fatal(err)
		}
		code("when it was taken back", w.download("taro", ticket), http.StatusGone)
	})
}

// It is taken back while the second person signs: either it has arrived and is taken back, or it never came; what the
// two are told, what the steps say and what the office knows agree.
func TestTakenBackWhileItIsSigned(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		for range 4 {
			id, token := w.asks("山田太郎", "1988-02-03")
			if err := w.proves("taro", "yamada-taro", token); err != nil {
				t.Fatal(err)
			}
			shown, err := w.people.GetCosign(w.as("taro"), &portalv1.GetCosignRequest{Token: token})
			if err != nil {
				t.Fatal(err)
			}
			signature := w.sign("yamada-taro", shown.GetSigned(), origin)
			var signed, taken error
			_ = w.atOnce(2, func(n int) error {
				if n == 0 {
					signed = second(w.people.SignCosign(w.as("taro"), &portalv1.SignCosignRequest{
						Token: token, Signature: signature,
					}))
				} else {
					taken = second(w.people.WithdrawApplication(w.as("hanako"), &portalv1.WithdrawApplicationRequest{
						Id: id,
					}))
				}
				return nil
			})
			w.answered("signing", signed)
			if taken != nil {
				t.Fatal(taken)
			}
			a := w.get("hanako", id)
			came := slices.ContainsFunc(a.GetSteps(), func(s *portalv1.ApplicationStep) bool {
				return s.GetState() == arrived
			})
			_, office := w.offices.FetchApplication(w.from(meguro), &officev1.FetchApplicationRequest{Id: id})
			if a.GetState() != withdrawn || came != (signed == nil) || came != (office == nil) ||
				came != (a.GetNumber() != "") {
				t.Errorf("signed: %v, office: %v, %v", signed, office, a)
			}
		}
		if open, err := w.db.Read().ApplicationOpenCount(t.Context(), "hanako"); err != nil || open != 0 {
			t.Error(errors.Join(err), open, "are open")
		}
	})
}
