package application

import (
	"bytes"
	"net/http"
	"testing"
	"time"

	"connectrpc.com/connect"

	"madoguchi/backend/outside/tell"
	"madoguchi/backend/store/db"
	"madoguchi/backend/store/folder"
	"madoguchi/proto/form"
	portalv1 "madoguchi/proto/gen/portal/v1"
)

// What is to be deleted is told a month and a week before, and one tap keeps it; a portal that stood still for long
// tells first, and gives the time that it tells.
func TestWhatHasEndedIsKeptOrGoes(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		tend := func() {
			t.Helper()
			if err := w.people.Tend(t.Context()); err != nil {
				t.Fatal(err)
			}
		}
		keep := func(who, id string, keep bool) (*portalv1.Application, error) {
			answer, err := w.people.KeepApplication(w.as(who), &portalv1.KeepApplicationRequest{Id: id, Keep: keep})
			return answer.GetApplication(), err
		}
		there := func(id string) bool {
			t.Helper()
			_, err := w.people.GetApplication(w.as("hanako"), &portalv1.GetApplicationRequest{Id: id})
			if err != nil && connect.CodeOf(err) != connect.CodeNotFound {
				t.Fatal(err)
			}
			return err == nil
		}
		a := w.send("hanako", w.signed("yamada-hanako", w.filled(nil), nil))
		b := w.send("hanako", w.signed("yamada-hanako", w.filled(nil), nil))
		if _, err := keep("hanako", a.GetId(), true); reason(err) != portalv1.Reason_REASON_TOO_LATE {
			t.Errorf("one that is open is kept: %v", err)
		}
		for _, one := range []*portalv1.Application{a, b} {
			if err := w.decides(one.GetId(), "1", approved); err != nil {
				t.Fatal(err)
			}
		}
		if _, err := keep("taro", a.GetId(), true); connect.CodeOf(err) != connect.CodeNotFound {
			t.Errorf("somebody else keeps it: %v", err)
		}
		for range 2 {
			kept, err := keep("hanako", a.GetId(), true)
			if err != nil || !kept.GetKept() || kept.GetGoneAt() != 0 {
				t.Fatalf("%v, %v", kept, err)
			}
		}
		// The portal stands still until long after.
		w.advance(4 * 366 * 24 * time.Hour)
		tend()
		if got := w.get("hanako", b.GetId()); got.GetGoneAt() < w.now().AddDate(0, 0, 29).UnixMilli() {
			t.Errorf("told late, it goes at %v", time.UnixMilli(got.GetGoneAt()))
		}
		w.advance(24 * 24 * time.Hour)
		tend()
		if !there(b.GetId()) {
			t.Error("it went before it was said twice")
		}
		w.advance(8 * 24 * time.Hour)
		tend()
		if there(b.GetId()) || !there(a.GetId()) {
			t.Errorf("there is the one that goes: %v, that is kept: %v", there(b.GetId()), there(a.GetId()))
		}
		// Let go, it goes no sooner than after a month, and is told as others are.
		free, err := keep("hanako", a.GetId(), false)
		if err != nil || free.GetKept() || free.GetGoneAt() < w.now().AddDate(0, 0, 30).UnixMilli() {
			t.Fatalf("%v, %v", free, err)
		}
		w.advance(31 * 24 * time.Hour)
		tend()
		if !there(a.GetId()) {
			t.Error("it went untold")
		}
	})
}

// Who has not chosen is told as of notices; the switch of applications is its own.
func TestApplicationsHaveASwitchOfTheirOwn(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		get := func() *portalv1.ApplicationSettings {
			t.Helper()
			answer, err := w.people.GetApplicationSettings(w.as("hanako"), &portalv1.GetApplicationSettingsRequest{})
			if err != nil {
				t.Fatal(err)
			}
			return answer.GetSettings()
		}
		notices := func(on bool) {
			t.Helper()
			err := w.db.Tx(t.Context(), func(q *db.Queries) error {
				return folder.Prefer(t.Context(), q, "hanako", map[folder.Preference]bool{
					tell.Mail.Preference(tell.Notice): on,
				})
			})
			if err != nil {
				t.Fatal(err)
			}
		}
		if get().GetMail() {
			t.Error("who was never asked is told by mail")
		}
		notices(true)
		if !get().GetMail() {
			t.Error("it does not follow that of notices")
		}
		for _, on := range []bool{false, true} {
			answer, err := w.people.UpdateApplicationSettings(w.as("hanako"),
				&portalv1.UpdateApplicationSettingsRequest{Mail: on})
			if err != nil || answer.GetSettings().GetMail() != on {
				t.Errorf("%v, %v", answer, err)
			}
			notices(!on)
			if get().GetMail() != on {
				t.Error("that of notices decides")
			}
		}
	})
}

// The second person sees what is attached before they sign; who has not the link, or comes when somebody else has
// signed, sees nothing.
func TestWhatIsAttachedIsSeenBeforeItIsSignedTogether(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		const id = "00000000000000000000000000000001"
		picture := []byte("a photo")
		file := form.File{Name: "ポチ.png", Type: "png", Size: int64(len(picture)), Digest: digestOf(picture)}
		answers := w.filled(form.Answers{
			"shared": form.BoolOf(true), "owner_name": form.TextOf("山田太郎"), "owner_birth": form.TextOf("1988-02-03"),
			"photo": form.FilesOf(file),
		})
		r := w.signed("yamada-hanako", answers, nil)
		w.drafts.data[id] = picture
		w.drafts.files[r.GetDraft()] = []*portalv1.Attachment{{
			Id: id, Field: "photo", Name: file.Name, Type: "png", Size: file.Size, Digest: file.Digest, Come: file.Size,
			Finished: true,
		}}
		a := w.send("hanako", r)
		token := a.GetCosign().GetToken()
		open := func(who, token, id string) (string, error) {
			answer, err := w.people.OpenCosignFile(w.as(who), &portalv1.OpenCosignFileRequest{
				Token: token, Attachment: id,
			})
			return answer.GetTicket(), err
		}
		for name, c := range map[string]struct {
			err  error
			want portalv1.Reason
		}{
			"who sent it":        {second(open("hanako", token, id)), portalv1.Reason_REASON_NOT_ALLOWED},
			"without the proof":  {second(open("taro", token, id)), portalv1.Reason_REASON_CARD_AGAIN},
			"a stranger":         {second(open("gaiji", token, id)), portalv1.Reason_REASON_CARD_AGAIN},
			"without either one": {second(open("gaiji", "x", id)), portalv1.Reason_REASON_NOT_FOUND},
		} {
			if reason(c.err) != c.want {
				t.Errorf("%s: %v", name, c.err)
			}
		}
		if err := w.proves("taro", "yamada-taro", token); err != nil {
			t.Fatal(err)
		}
		for name, err := range map[string]error{
			"without the link":  second(open("taro", "x", id)),
			"of something else": second(open("taro", token, "00000000000000000000000000000002")),
		} {
			if connect.CodeOf(err) != connect.CodeNotFound {
				t.Errorf("%s: %v", name, err)
			}
		}
		ticket, err := open("taro", token, id)
		if err != nil {
			t.Fatal(err)
		}
		if got := w.download("gaiji", ticket); got.Code != http.StatusGone {
			t.Errorf("somebody else has the ticket: %d", got.Code)
		}
		got := w.download("taro", ticket)
		head := got.Header()
		if got.Code != http.StatusOK || !bytes.Equal(got.Body.Bytes(), picture) ||
			head.Get("Content-Type") != "image/png" || head.Get("X-Content-Type-Options") != "nosniff" ||
			head.Get("Content-Security-Policy") == "" {
			t.Errorf("%d, %v, %q", got.Code, head, got.Body)
		}
		if again := w.download("taro", ticket); again.Code != http.StatusGone {
			t.Errorf("the ticket is good twice: %d", again.Code)
		}
		late, err := open("taro", token, id)
		if err != nil {
			t.Fatal(err)
		}
		w.advance(provenFor + time.Second)
		if got := w.download("taro", late); got.Code != http.StatusGone {
			t.Errorf("a ticket is good after the proof has ended: %d", got.Code)
		}
		if err := w.proves("taro", "yamada-taro", token); err != nil {
			t.Fatal(err)
		}
		shown, err := w.people.GetCosign(w.as("taro"), &portalv1.GetCosignRequest{Token: token})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := w.people.SignCosign(w.as("taro"), &portalv1.SignCosignRequest{
			Token: token, Signature: w.sign("yamada-taro", shown.GetSigned(), origin),
		}); err != nil {
			t.Fatal(err)
		}
		_, err = w.people.GetCosign(w.as("gaiji"), &portalv1.GetCosignRequest{Token: token})
		if connect.CodeOf(err) != connect.CodeNotFound {
			t.Errorf("a stranger sees what was signed: %v", err)
		}
		if err := second(open("gaiji", token, id)); connect.CodeOf(err) != connect.CodeNotFound {
			t.Errorf("a stranger opens what was signed: %v", err)
		}
		if _, err := w.people.GetCosign(w.as("taro"), &portalv1.GetCosignRequest{Token: token}); err != nil {
			t.Errorf("who has signed does not see it any more: %v", err)
		}
	})
}
