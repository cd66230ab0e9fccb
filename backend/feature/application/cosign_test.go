package application

import (
	"testing"

	"madoguchi/proto/form"
	officev1 "madoguchi/proto/gen/office/v1"
	portalv1 "madoguchi/proto/gen/portal/v1"
)

// What two have signed and an office has sent back is signed by both again: the first link is good for nothing, and
// nothing of the correction reaches the office before the second signature.
func TestTwoSignACorrectionAgain(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		answers := w.filled(form.Answers{
			"shared": form.BoolOf(true), "owner_name": form.TextOf("山田太郎"), "owner_birth": form.TextOf("1988-02-03"),
		})
		second := func(token string) (*portalv1.SignCosignResponse, error) {
			shown, err := w.people.GetCosign(w.as("taro"), &portalv1.GetCosignRequest{Token: token})
			if err != nil {
				return nil, err
			}
			return w.people.SignCosign(w.as("taro"), &portalv1.SignCosignRequest{
				Token: token, Signature: w.sign("yamada-taro", shown.GetSigned(), origin),
			})
		}
		a := w.send("hanako", w.signed("yamada-hanako", answers, nil))
		first := a.GetCosign().GetToken()
		if _, err := second(first); err != nil {
			t.Fatal(err)
		}
		_, err := w.offices.ReturnApplication(w.from(meguro), &officev1.ReturnApplicationRequest{
			Id: a.GetId(), Reference: "1", Reasons: []*portalv1.ReturnReason{{Code: "R11", Fields: []string{"name"}}},
		})
		if err != nil {
			t.Fatal(err)
		}
		a = w.get("hanako", a.GetId())
		answers["name"] = form.TextOf("シロ")
		a = w.send("hanako", w.signed("yamada-hanako", answers, a))
		if a.GetState() != cosigning || a.GetCosign().GetToken() == "" || a.GetCosign().GetToken() == first {
			t.Fatalf("%v", a)
		}
		// By the first link the second person sees what they signed; to sign it again changes nothing.
		if _, err := second(first); err != nil || w.get("hanako", a.GetId()).GetState() != cosigning {
			t.Errorf("by the first link: %v, %v", err, w.get("hanako", a.GetId()).GetState())
		}
		fetched, err := w.offices.FetchApplication(w.from(meguro), &officev1.FetchApplicationRequest{Id: a.GetId()})
		if err == nil && string(fetched.GetAnswers()) == string(answers.Canonical()) {
			t.Error("the office has what only one signed")
		}
		if _, err := second(a.GetCosign().GetToken()); err != nil {
			t.Fatal(err)
		}
		if a = w.get("hanako", a.GetId()); a.GetState() != resent || a.GetCosign().GetSignedAt() == 0 {
			t.Errorf("%v", a)
		}
	})
}
