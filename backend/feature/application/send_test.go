package application

import (
	"bytes"
	"math/rand/v2"
	"sync"
	"testing"
	"time"

	"connectrpc.com/connect"

	"madoguchi/proto/clock"
	"madoguchi/proto/form"
	portalv1 "madoguchi/proto/gen/portal/v1"
)

func TestAnApplicationArrives(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		r := w.signed("yamada-hanako", w.filled(nil), nil)
		a := w.send("hanako", r)
		if a.GetState() != arrived || !ValidNumber(a.GetNumber()) || a.GetArrivedAt() != w.now().UnixMilli() ||
			a.GetOfficeName() != "目黒区" ||
			a.GetSigning().GetSigner() != "山田　花子" && a.GetSigning().GetSigner() != "山田 花子" ||
			a.GetSigning().GetSignerBirth() != "1990-04-15" || a.GetLate() || !a.GetMayWithdraw() {
			t.Errorf("%v", a)
		}
		if !bytes.Equal(a.GetAnswers(), r.GetAnswers()) || len(a.GetSteps()) != 1 || a.GetLine() == nil ||
			w.filed.Load() != 1 {
			t.Errorf("%v", a)
		}
		list, err := w.people.ListApplications(w.as("hanako"), &portalv1.ListApplicationsRequest{})
		if err != nil || len(list.GetApplications()) != 1 || list.GetApplications()[0].GetAnswers() != nil {
			t.Errorf("%v, %v", list, err)
		}
		// It is nobody else's.
		_, err = w.people.GetApplication(w.as("taro"), &portalv1.GetApplicationRequest{Id: a.GetId()})
		if connect.CodeOf(err) != connect.CodeNotFound {
			t.Errorf("somebody else reads it: %v", err)
		}
		if again := w.send("hanako", r); again.GetNumber() != a.GetNumber() {
			t.Errorf("sent again it is another: %s, %s", again.GetNumber(), a.GetNumber())
		}
	})
}

func TestOthersSignaturesAreRefused(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		taro := form.Answers{
			"me_name": form.TextOf("山田 太郎"), "me_kana": form.TextOf("ヤマダ　タロウ"), "me_birth": form.TextOf("1988-02-03"),
		}
		_, other := w.request(w.filled(nil), nil)
		for name, c := range map[string]struct {
			folder string
			make   func() *portalv1.SendApplicationRequest
			want   portalv1.Reason
		}{
			"the husband's card": {"hanako", func() *portalv1.SendApplicationRequest {
				return w.signed("yamada-taro", w.filled(nil), nil)
			}, portalv1.Reason_REASON_OTHER_PERSON},
			"the husband signs for himself in her folder": {"hanako", func() *portalv1.SendApplicationRequest {
				return w.signed("yamada-taro", w.filled(taro), nil)
			}, portalv1.Reason_REASON_OTHER_PERSON},
			"something else was signed": {"hanako", func() *portalv1.SendApplicationRequest {
				r, _ := w.request(w.filled(nil), nil)
				r.Signature = w.sign("yamada-hanako", other, origin)
				return r
			}, portalv1.Reason_REASON_SIGNATURE_INVALID},
			"for another portal's page": {"hanako", func() *portalv1.SendApplicationRequest {
				r, document := w.request(w.filled(nil), nil)
				r.Signature = w.sign("yamada-hanako", document, "https://portal.example.com")
				return r
			}, portalv1.Reason_REASON_SIGNATURE_INVALID},
			"no signature": {"hanako", func() *portalv1.SendApplicationRequest {
				r, _ := w.request(w.filled(nil), nil)
				return r
			}, portalv1.Reason_REASON_SIGNATURE_INVALID},
			"revoked": {"revoked", func() *portalv1.SendApplicationRequest {
				return w.signed("ito-revoked", w.filled(form.Answers{
					"me_name": form.TextOf("伊藤 美咲"), "me_birth": form.TextOf("1995-10-03"),
				}), nil)
			}, portalv1.Reason_REASON_CERTIFICATE_REVOKED},
			"expired": {"expired", func() *portalv1.SendApplicationRequest {
				return w.signed("kato-expired", w.filled(form.Answers{
					"me_name": form.TextOf("加藤 昇"), "me_birth": form.TextOf("1961-08-14"),
				}), nil)
			}, portalv1.Reason_REASON_CERTIFICATE_EXPIRED},
		} {
			r := c.make()
			_, err := w.people.SendApplication(w.as(c.folder), r)
			if reason(err) != c.want {
				t.Errorf("%s: %v, want %v", name, err, c.want)
			}
		}
		w.noJLIS.Store(true)
		_, err := w.people.SendApplication(w.as("hanako"), w.signed("yamada-hanako", w.filled(nil), nil))
		if reason(err) != portalv1.Reason_REASON_REVOCATION_UNKNOWN {
			t.Errorf("J-LIS is gone: %v", err)
		}
		list, err := w.people.ListApplications(w.as("hanako"), &portalv1.ListApplicationsRequest{})
		if err != nil || len(list.GetApplications()) != 0 {
			t.Errorf("something was kept: %v, %v", list, err)
		}
	})
}

// Whose name the certificate writes with other characters is known all the same, and only where it says so.
func TestSubstitutedCharacters(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		named := func(name string) form.Answers {
			return w.filled(form.Answers{"me_name": form.TextOf(name), "me_birth": form.TextOf("1955-12-31")})
		}
		w.send("gaiji", w.signed("watanabe-gaiji", named("渡邉 𠮷江"), nil))
		w.send("gaiji", w.signed("watanabe-gaiji", named("渡辺吉江"), nil))
		for _, name := range []string{"渡邉 𠮷枝", "度邉 𠮷江", "渡邉 𠮷江子", "渡邉"} {
			_, err := w.people.SendApplication(w.as("gaiji"), w.signed("watanabe-gaiji", named(name), nil))
			if reason(err) != portalv1.Reason_REASON_OTHER_PERSON {
				t.Errorf("%s: %v", name, err)
			}
		}
		if w.asked.Load() != 1 {
			t.Errorf("J-LIS was asked %d times who holds the certificate", w.asked.Load())
		}
	})
}

func TestAnAgentSigns(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		a := w.filled(form.Answers{
			"filer_who":      form.TextOf("chosen"),
			"filer_name":     form.TextOf("山田 太郎"),
			"filer_kana":     form.TextOf("ヤマダ　タロウ"),
			"filer_birth":    form.TextOf("1988-02-03"),
			"filer_address":  form.TextOf("目黒区"),
			"filer_tel":      form.TextOf("03-1234-5678"),
			"filer_relation": form.TextOf("夫"),
			"filer_paper":    form.FilesOf(form.File{Name: "委任状.pdf", Type: "pdf", Size: 3, Digest: digestOf([]byte("pdf"))}),
		})
		r := w.signed("yamada-taro", a, nil)
		w.drafts.files[r.GetDraft()] = []*portalv1.Attachment{{
			Id: hexID("paper"), Field: "filer_paper", Name: "委任状.pdf", Type: "pdf", Size: 3,
			Digest: digestOf([]byte("pdf")), Finished: true,
		}}
		got := w.send("taro", r)
		if len(got.GetAttachments()) != 1 {
			t.Errorf("%v", got.GetAttachments())
		}
		// The person whom it is for does not sign in the agent's place.
		other := w.signed("yamada-hanako", a, nil)
		w.drafts.files[other.GetDraft()] = w.drafts.files[r.GetDraft()]
		_, err := w.people.SendApplication(w.as("hanako"), other)
		if reason(err) != portalv1.Reason_REASON_OTHER_PERSON {
			t.Errorf("%v", err)
		}
	})
}

func TestWhatIsAtFaultIsNotSent(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		photo := form.FilesOf(form.File{Name: "犬.jpg", Type: "jpg", Size: 3, Digest: digestOf([]byte("jpg"))})
		for name, c := range map[string]struct {
			answers form.Answers
			field   string
			code    form.Code
		}{
			"missing":        {form.Answers{"name": {}}, "name", form.CodeRequired},
			"not yet":        {form.Answers{"since": form.TextOf(clock.Day(w.now().AddDate(0, 0, 2)))}, "since", form.CodeLate},
			"never uploaded": {form.Answers{"photo": photo}, "photo", form.CodeFileBroke},
		} {
			answer, err := w.people.SendApplication(w.as("hanako"), w.signed("yamada-hanako", w.filled(c.answers), nil))
			if err != nil || len(answer.GetFaults()) != 1 || answer.GetFaults()[0].GetField() != c.field ||
				answer.GetFaults()[0].GetCode() != string(c.code) || answer.GetApplication() != nil {
				t.Errorf("%s: %v, %v", name, answer, err)
			}
		}
		hidden := w.signed("yamada-hanako", w.filled(nil), nil)
		hidden.Answers = w.filled(form.Answers{"owner_name": form.TextOf("山田 太郎")}).Canonical()
		old := w.signed("yamada-hanako", w.filled(nil), nil)
		old.Envelope.Day = clock.Day(w.now().AddDate(0, 0, -40))
		used := w.signed("yamada-hanako", w.filled(nil), nil)
		w.send("hanako", used)
		used.Id = hexID("another")
		for name, r := range map[string]*portalv1.SendApplicationRequest{
			"a hidden answer": hidden, "signed long ago": old, "the nonce of another": used,
		} {
			if _, err := w.people.SendApplication(w.as("hanako"), r); err == nil {
				t.Errorf("%s is taken", name)
			}
		}
		if _, err := w.people.SendApplication(w.as("taro"), w.sentAgain("hanako")); reason(err) !=
			portalv1.Reason_REASON_KEY_REUSED {
			t.Errorf("under somebody else's id: %v", err)
		}
	})
}

// sentAgain is a request of which the id is taken.
func (w *world) sentAgain(folder string) *portalv1.SendApplicationRequest {
	w.t.Helper()
	r := w.signed("yamada-hanako", w.filled(nil), nil)
	w.send(folder, r)
	return r
}

// The day of arrival counts, whenever it was signed; and what comes after its deadline is taken, and said to be late.
func TestTheDayOfArrivalCounts(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		w.people.Now = w.now
		r := w.signed("yamada-hanako", w.filled(form.Answers{
			"since": form.TextOf(clock.Day(w.now().AddDate(0, 0, -29))),
		}), nil)
		w.advance(3 * 24 * time.Hour) // without a network
		a := w.send("hanako", r)
		if !a.GetLate() || a.GetArrivedAt() != w.now().UnixMilli() {
			t.Errorf("%v", a)
		}
	})
}

// However often and at once it is sent, and whatever was lost on the way, it is one application.
func TestItIsSentOnce(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		random := rand.New(rand.NewPCG(1, 2))
		for range 5 {
			r := w.signed("yamada-hanako", w.filled(nil), nil)
			numbers := make([]string, 2+random.IntN(4))
			var all sync.WaitGroup
			for i := range numbers {
				all.Go(func() {
					answer, err := w.people.SendApplication(w.as("hanako"), r)
					if err != nil || len(answer.GetFaults()) > 0 {
						t.Error(answer.GetFaults(), err)
						return
					}
					numbers[i] = answer.GetApplication().GetNumber()
				})
			}
			all.Wait()
			for _, number := range numbers {
				if number != numbers[0] || number == "" {
					t.Errorf("%v", numbers)
				}
			}
		}
		list, err := w.people.ListApplications(w.as("hanako"), &portalv1.ListApplicationsRequest{})
		if err != nil || len(list.GetApplications()) != 5 {
			t.Errorf("%d, %v", len(list.GetApplications()), err)
		}
		if w.filed.Load() < 5 {
			t.Error("not all were told")
		}
	})
}

func TestNumbersHaveCheckDigits(t *testing.T) {
	number, err := newNumber(time.Now())
	if err != nil || !ValidNumber(number) {
		t.Fatal(number, err)
	}
	digits := []byte(number)
	for i := range digits {
		if digits[i] == '-' {
			continue
		}
		wrong := bytes.Clone(digits)
		wrong[i] = '0' + (wrong[i]-'0'+1)%10
		if ValidNumber(string(wrong)) {
			t.Errorf("a digit is wrong in %s", wrong)
		}
		if i+1 < len(digits) && digits[i+1] != '-' && digits[i] != digits[i+1] {
			swapped := bytes.Clone(digits)
			swapped[i], swapped[i+1] = swapped[i+1], swapped[i]
			if ValidNumber(string(swapped)) {
				t.Errorf("two digits changed places in %s", swapped)
			}
		}
	}
}
