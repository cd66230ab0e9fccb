package login_test

import (
	"bytes"
	"encoding/base64"
	"encoding/hex"
	"log/slog"
	"strings"
	"sync"
	"testing"

	"connectrpc.com/connect"

	"madoguchi/backend/door/session"
	"madoguchi/backend/store/db/dbtest"
	"madoguchi/bridge/softcard"
	"madoguchi/bridge/softcard/softcardtest"
	portalv1 "madoguchi/proto/gen/portal/v1"
	"madoguchi/proto/gen/portal/v1/portalv1connect"
)

// lines collects what is logged, at every level.
type lines struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (l *lines) Write(b []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.Write(b)
}

// Whatever goes well or wrong with a login, the log holds no token, nothing of a proof, no serial number and no name.
func TestTheLogHoldsNoSecrets(t *testing.T) {
	kept := &lines{}
	before := slog.Default()
	slog.SetDefault(slog.New(slog.NewTextHandler(kept, &slog.HandlerOptions{Level: slog.LevelDebug})))
	defer slog.SetDefault(before)

	w := newWorld(t, dbtest.SQLite(t))
	var secrets []string
	hide := func(values ...[]byte) {
		for _, v := range values {
			secrets = append(secrets, string(v), hex.EncodeToString(v), base64.StdEncoding.EncodeToString(v),
				base64.RawURLEncoding.EncodeToString(v))
		}
	}
	for _, person := range []string{"yamada-hanako", "ito-revoked", "kato-expired"} {
		for _, spoil := range []func(*portalv1.CardProof){
			func(*portalv1.CardProof) {},
			func(p *portalv1.CardProof) { p.Signature[7] ^= 1 },
			func(p *portalv1.CardProof) { p.Certificate = p.Certificate[:300] },
			func(p *portalv1.CardProof) { p.Certificate[len(p.Certificate)-1] ^= 1 },
			func(p *portalv1.CardProof) { p.Seal[0] ^= 1 },
		} {
			b := w.browser()
			proof := w.card(person).answer(w.challenge(b, "login"))
			spoil(proof)
			ctx, call := connect.NewClientContext(t.Context())
			_, err := b.LogIn(ctx, &portalv1.LogInRequest{Proof: proof})
			if err == nil {
				_, token, _ := strings.Cut(call.ResponseHeader().Get("Set-Cookie"), session.CookieName+"=")
				token, _, _ = strings.Cut(token, ";")
				if len(token) < 40 {
					t.Fatalf("no token: %q", token)
				}
				secrets = append(secrets, token)
			}
			hide(proof.GetChallenge(), proof.GetSeal(), proof.GetSignature(), proof.GetCertificate())
			_, nonce, _ := strings.Cut(string(proof.GetChallenge()), "nonce: ")
			nonce, _, _ = strings.Cut(nonce, "\n")
			p := softcardtest.Person(w.t, person)
			secrets = append(secrets, nonce, softcard.SerialHex(p.AuthSerial()), p.AuthSerial().String(), p.Name)
		}
	}
	w.jlisDown.Store(true)
	if _, err := w.logIn(w.browser(), "yamada-taro"); err == nil {
		t.Error("in without J-LIS")
	}
	taro := softcardtest.Person(w.t, "yamada-taro")
	secrets = append(secrets, softcard.SerialHex(taro.AuthSerial()))

	kept.mu.Lock()
	defer kept.mu.Unlock()
	text := kept.text.String()
	if !strings.Contains(text, portalv1.Reason_REASON_SIGNATURE_INVALID.String()) ||
		!strings.Contains(text, portalv1connect.LoginServiceLogInProcedure) {
		t.Fatalf("nothing is logged:\n%s", text)
	}
	for _, secret := range secrets {
		if len(secret) > 3 && strings.Contains(text, secret) {
			at := strings.Index(text, secret)
			t.Errorf("the log holds %q:\n%s", secret, text[max(0, at-300):at])
		}
	}
}
