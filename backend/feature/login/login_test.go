package login_test

import (
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"connectrpc.com/connect"
	"google.golang.org/protobuf/proto"

	"madoguchi/backend/door/session"
	"madoguchi/backend/door/session/sessiontest"
	"madoguchi/backend/feature/login"
	"madoguchi/backend/outside/tell"
	"madoguchi/backend/store/card/cardtest"
	"madoguchi/backend/store/db"
	"madoguchi/backend/store/db/dbtest"
	"madoguchi/backend/store/folder"
	"madoguchi/bridge/softcard"
	"madoguchi/bridge/softcard/softcardtest"
	portalv1 "madoguchi/proto/gen/portal/v1"
	"madoguchi/proto/gen/portal/v1/portalv1connect"
)

const (
	newcomer = portalv1.SessionKind_SESSION_KIND_NEWCOMER
	citizen  = portalv1.SessionKind_SESSION_KIND_CITIZEN
)

func TestFirstAndSecondLogin(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d)
		b := w.browser()
		if got := w.session(b); got != nil {
			t.Fatalf("in without a card: %v", got)
		}
		got, err := w.logIn(b, "yamada-hanako")
		if err != nil || got.GetKind() != newcomer || got.GetDisplayName() != "" ||
			got.GetIdleLeftMs() != session.Idle.Milliseconds() {
			t.Fatalf("%v, %v", got, err)
		}
		if got := w.session(b); got.GetKind() != newcomer {
			t.Fatalf("the cookie is worth %v", got)
		}
		w.openFolder("f", "yamada-hanako")
		w.advance(time.Minute)
		first := w.now()
		if got, err = w.logIn(b, "yamada-hanako"); err != nil || got.GetKind() != citizen ||
			got.GetDisplayName() != "はなこ" || got.GetLastLoginAt() != 1 {
			t.Fatalf("%v, %v", got, err)
		}
		w.advance(time.Minute)
		owner := got.GetOwner()
		if got, err = w.logIn(b, "yamada-hanako"); err != nil || got.GetLastLoginAt() != first.UnixMilli() {
			t.Fatalf("%v, %v", got, err)
		}
		other, err := w.logIn(w.browser(), "yamada-taro")
		if err != nil || owner == "" || got.GetOwner() != owner || w.session(b).GetOwner() != owner ||
			other.GetOwner() == owner {
			t.Errorf("the card is told as %q, then %q; another as %q, %v", owner, got.GetOwner(), other.GetOwner(), err)
		}
		if w.mails() != 0 {
			t.Error("mail without being asked for")
		}
	})
}

// That a device is shared is said at the login, and holds for the session, whoever asks.
func TestASharedDeviceStaysShared(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d)
		w.openFolder("f", "yamada-hanako")
		b, own := w.browser(), w.browser()
		response, err := b.LogIn(t.Context(), &portalv1.LogInRequest{
			Proof: w.card("yamada-hanako").answer(w.challenge(b, "login")), SharedDevice: true,
		})
		if err != nil || !response.GetSession().GetSharedDevice() || !w.session(b).GetSharedDevice() {
			t.Errorf("%v, %v", response, err)
		}
		if got, err := w.logIn(own, "yamada-hanako"); err != nil || got.GetSharedDevice() ||
			w.session(own).GetSharedDevice() {
			t.Errorf("%v, %v", got, err)
		}
	})
}

func TestMailOnLoginOnlyToAConfirmedAddress(t *testing.T) {
	d := dbtest.SQLite(t)
	w := newWorld(t, d)
	w.openFolder("f", "yamada-hanako")
	for i, want := range []struct {
		confirmed int64
		on        bool
		mails     int
	}{{0, true, 0}, {1, true, 1}, {1, false, 0}} {
		err := d.Tx(t.Context(), func(q *db.Queries) error {
			_, err := q.FolderUpdate(t.Context(),
				db.FolderUpdateParams{ID: "f", DisplayName: "はなこ", MailAddress: "a@example.jp",
					MailConfirmedAt: want.confirmed, MunicipalityCode: "131105", Language: "ja"})
			if err != nil {
				return err
			}
			return folder.Prefer(t.Context(), q, "f", map[folder.Preference]bool{
				tell.Mail.Preference(tell.Login): want.on,
			})
		})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := w.logIn(w.browser(), "yamada-hanako"); err != nil {
			t.Fatal(err)
		}
		if got := w.mails(); got != want.mails {
			t.Errorf("%d: %d mails, want %d", i, got, want.mails)
		}
	}
}

// Each way in which a proof can be bad has its own reason, and none of them lets anybody in.
func TestBadProofs(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d)
		stranger, err := rsa.GenerateKey(rand.Reader, 2048)
		if err != nil {
			t.Fatal(err)
		}
		otherKey := func(id string) []byte { p := softcardtest.Person(w.t, id); return p.AuthCertificate(w.now()).Raw }
		for name, c := range map[string]struct {
			person string
			change func(p *portalv1.CardProof)
			want   portalv1.Reason
		}{
			"revoked": {"ito-revoked", nil, portalv1.Reason_REASON_CERTIFICATE_REVOKED},
			"expired": {"kato-expired", nil, portalv1.Reason_REASON_CERTIFICATE_EXPIRED},
			"no proof": {"yamada-taro", func(p *portalv1.CardProof) { proto.Reset(p) },
				portalv1.Reason_REASON_CHALLENGE_INVALID},
			"seal changed": {
				"yamada-taro", func(p *portalv1.CardProof) { p.Seal[0] ^= 1 }, portalv1.Reason_REASON_CHALLENGE_INVALID,
			},
			"seal cut": {
				"yamada-taro", func(p *portalv1.CardProof) { p.Seal = p.Seal[:16] },
				portalv1.Reason_REASON_CHALLENGE_INVALID,
			},
			"challenge changed": {
				"yamada-taro", func(p *portalv1.CardProof) { p.Challenge[70] ^= 1 },
				portalv1.Reason_REASON_CHALLENGE_INVALID,
			},
			"challenge longer": {
				"yamada-taro", func(p *portalv1.CardProof) { p.Challenge = append(p.Challenge, '\n') },
				portalv1.Reason_REASON_CHALLENGE_INVALID,
			},
			"signature changed": {
				"yamada-taro", func(p *portalv1.CardProof) { p.Signature[100] ^= 1 },
				portalv1.Reason_REASON_SIGNATURE_INVALID,
			},
			"signature cut": {
				"yamada-taro", func(p *portalv1.CardProof) { p.Signature = p.Signature[1:] },
				portalv1.Reason_REASON_SIGNATURE_INVALID,
			},
			"no signature": {
				"yamada-taro", func(p *portalv1.CardProof) { p.Signature = nil },
				portalv1.Reason_REASON_SIGNATURE_INVALID,
			},
			"another's certificate": {"yamada-taro",
				func(p *portalv1.CardProof) { p.Certificate = otherKey("yamada-hanako") },
				portalv1.Reason_REASON_SIGNATURE_INVALID},
			"no certificate": {
				"yamada-taro", func(p *portalv1.CardProof) { p.Certificate = nil },
				portalv1.Reason_REASON_CERTIFICATE_INVALID,
			},
			"padded certificate": {
				"yamada-taro", func(p *portalv1.CardProof) { p.Certificate = append(p.Certificate, 0xff) },
				portalv1.Reason_REASON_CERTIFICATE_INVALID,
			},
			"garbage certificate": {"yamada-taro",
				func(p *portalv1.CardProof) { p.Certificate = []byte(strings.Repeat("x", 1500)) },
				portalv1.Reason_REASON_CERTIFICATE_INVALID},
			"huge certificate": {
				"yamada-taro", func(p *portalv1.CardProof) { p.Certificate = make([]byte, 100_000) },
				portalv1.Reason_REASON_CERTIFICATE_INVALID,
			},
			"certificate changed": {"yamada-taro",
				func(p *portalv1.CardProof) { p.Certificate[len(p.Certificate)-1] ^= 1 },
				portalv1.Reason_REASON_CERTIFICATE_INVALID},
			"signing certificate": {"yamada-taro", func(p *portalv1.CardProof) {
				person := softcardtest.Person(w.t, "yamada-taro")
				p.Certificate = person.SignCertificate(w.now()).Raw
			}, portalv1.Reason_REASON_CERTIFICATE_INVALID},
			"the authority's own": {"yamada-taro", func(p *portalv1.CardProof) {
				ca, _ := softcard.AuthCA(w.now())
				p.Certificate = ca.Raw
			}, portalv1.Reason_REASON_CERTIFICATE_INVALID},
			"same names, another authority's key": {"yamada-taro", func(p *portalv1.CardProof) {
				p.Certificate = w.forge("yamada-taro",
					func(_, parent *x509.Certificate) { parent.PublicKey = &stranger.PublicKey }, stranger)
			}, portalv1.Reason_REASON_CERTIFICATE_INVALID},
			"not yet valid": {"yamada-taro", func(p *portalv1.CardProof) {
				p.Certificate = w.forge("yamada-taro",
					func(c, _ *x509.Certificate) { c.NotBefore = w.now().Add(time.Hour) }, nil)
			}, portalv1.Reason_REASON_CERTIFICATE_NOT_YET_VALID},
			"just expired": {"yamada-taro", func(p *portalv1.CardProof) {
				p.Certificate = w.forge("yamada-taro",
					func(c, _ *x509.Certificate) { c.NotAfter = w.now().Add(-time.Second) }, nil)
			}, portalv1.Reason_REASON_CERTIFICATE_EXPIRED},
			"another policy": {"yamada-taro", func(p *portalv1.CardProof) {
				p.Certificate = w.forge("yamada-taro",
					func(c, _ *x509.Certificate) { c.Policies = []x509.OID{mustOID("1.2.392.200149.8.5.1.1.20")} }, nil)
			}, portalv1.Reason_REASON_CERTIFICATE_INVALID},
			"another key usage": {"yamada-taro", func(p *portalv1.CardProof) {
				p.Certificate = w.forge("yamada-taro",
					func(c, _ *x509.Certificate) { c.KeyUsage = x509.KeyUsageKeyEncipherment }, nil)
			}, portalv1.Reason_REASON_CERTIFICATE_INVALID},
			// The counter-check: what forge makes is good as long as nothing is changed.
			"nothing changed": {"yamada-taro", func(p *portalv1.CardProof) {
				p.Certificate = w.forge("yamada-taro", func(*x509.Certificate, *x509.Certificate) {}, nil)
			}, portalv1.Reason_REASON_UNSPECIFIED},
		} {
			t.Run(name, func(t *testing.T) {
				b := w.browser()
				proof := w.card(c.person).answer(w.challenge(b, "login"))
				if c.change != nil {
					c.change(proof)
				}
				_, err := b.LogIn(t.Context(), &portalv1.LogInRequest{Proof: proof})
				if got := reasonOf(t, err); got != c.want {
					t.Errorf("got %v: %v", got, err)
				}
				if in := w.session(b) != nil; in != (c.want == portalv1.Reason_REASON_UNSPECIFIED) {
					t.Errorf("in: %v", in)
				}
			})
		}
	})
}

func mustOID(s string) x509.OID {
	oid, err := x509.ParseOID(s)
	if err != nil {
		panic(err)
	}
	return oid
}

func TestAChallengeIsForOneAnswerSoon(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d)
		b := w.browser()
		taro := w.card("yamada-taro")
		logIn := func(p *portalv1.CardProof) portalv1.Reason {
			_, err := b.LogIn(t.Context(), &portalv1.LogInRequest{Proof: p})
			return reasonOf(t, err)
		}
		proof := taro.answer(w.challenge(b, "login"))
		if got := logIn(proof); got != 0 {
			t.Fatal(got)
		}
		if got := logIn(proof); got != portalv1.Reason_REASON_CHALLENGE_EXPIRED {
			t.Errorf("again: %v", got)
		}
		// Another card's answer to it comes too late as well.
		spent := w.challenge(b, "login")
		if got := logIn(taro.answer(spent)); got != 0 {
			t.Fatal(got)
		}
		if got := logIn(w.card("yamada-hanako").answer(spent)); got != portalv1.Reason_REASON_CHALLENGE_EXPIRED {
			t.Errorf("another card's: %v", got)
		}
		late := taro.answer(w.challenge(b, "login"))
		w.advance(2*time.Minute - time.Millisecond)
		inTime := late
		if got := logIn(inTime); got != 0 {
			t.Errorf("in time: %v", got)
		}
		late = taro.answer(w.challenge(b, "login"))
		w.advance(2 * time.Minute)
		if got := logIn(late); got != portalv1.Reason_REASON_CHALLENGE_EXPIRED {
			t.Errorf("late: %v", got)
		}
		// The seal is good (one key file), the origin is not.
		w.service.SetOrigin("https://portal.example.com")
		other := w.challenge(b, "login")
		w.service.SetOrigin(origin)
		if got := logIn(taro.answer(other)); got != portalv1.Reason_REASON_CHALLENGE_INVALID {
			t.Errorf("another origin: %v", got)
		}
		if got := logIn(taro.answer(w.challenge(b, "account.close"))); got != portalv1.Reason_REASON_CHALLENGE_INVALID {
			t.Errorf("another purpose: %v", got)
		}
		_, err := b.CreateChallenge(t.Context(), &portalv1.CreateChallengeRequest{Purpose: "anything"})
		if got := reasonOf(t, err); got != portalv1.Reason_REASON_INVALID_FIELD {
			t.Errorf("unknown purpose: %v", got)
		}
	})
}

func TestOfManyAnswersAtOnceOneGetsIn(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d)
		browser := w.browser()
		proof := w.card("yamada-taro").answer(w.challenge(browser, "login"))
		const n = 12
		reasons := make([]portalv1.Reason, n)
		var group sync.WaitGroup
		for i := range n {
			group.Go(func() {
				_, err := browser.LogIn(t.Context(), &portalv1.LogInRequest{Proof: proof})
				reasons[i] = reasonOf(t, err)
			})
		}
		group.Wait()
		in := 0
		for _, reason := range reasons {
			switch reason {
			case portalv1.Reason_REASON_UNSPECIFIED:
				in++
			case portalv1.Reason_REASON_CHALLENGE_EXPIRED:
			default:
				t.Errorf("got %v", reason)
			}
		}
		if in != 1 {
			t.Errorf("%d got in", in)
		}
	})
}

func TestARenewedCardFindsItsFolder(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d)
		w.openFolder("f", "yamada-hanako")
		old, renewed := w.browser(), w.browser()
		if _, err := w.logIn(old, "yamada-hanako"); err != nil {
			t.Fatal(err)
		}
		for range 2 { // the second time without asking J-LIS about the card before
			got, err := w.logIn(renewed, "yamada-hanako-2")
			if err != nil || got.GetKind() != citizen || got.GetDisplayName() != "はなこ" {
				t.Fatalf("%v, %v", got, err)
			}
			if w.session(old) != nil {
				t.Error("the session of the card before goes on")
			}
		}
	})
}

func TestAnOlderCardFindsTheFolderOfItsSuccessor(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d)
		w.openFolder("f", "yamada-hanako-2")
		renewed, old := w.browser(), w.browser()
		if _, err := w.logIn(renewed, "yamada-hanako-2"); err != nil {
			t.Fatal(err)
		}
		for range 2 {
			got, err := w.logIn(old, "yamada-hanako")
			if err != nil || got.GetKind() != citizen || got.GetDisplayName() != "はなこ" {
				t.Fatalf("%v, %v", got, err)
			}
		}
		if w.session(renewed).GetKind() != citizen {
			t.Error("the older card ended the session of the renewed one")
		}
	})
}

// Two cards of one person, both newcomers': whichever came last may open the folder, the other may not open a second.
func TestTwoCardsOfANewcomerHaveOneSession(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d)
		for _, order := range [][2]string{{"yamada-hanako", "yamada-hanako-2"}, {"yamada-hanako-2", "yamada-hanako"}} {
			first, last := w.browser(), w.browser()
			if _, err := w.logIn(first, order[0]); err != nil {
				t.Fatal(err)
			}
			if got, err := w.logIn(last, order[1]); err != nil || got.GetKind() != newcomer {
				t.Fatalf("%v, %v", got, err)
			}
			if w.session(first) != nil {
				t.Errorf("the session of %s goes on beside that of %s", order[0], order[1])
			}
		}
	})
}

func TestWithoutJLISNobodyIsGuessedIn(t *testing.T) {
	w := newWorld(t, dbtest.SQLite(t))
	w.jlisDown.Store(true)
	b := w.browser()
	start := time.Now()
	if _, err := w.logIn(b, "yamada-taro"); reasonOf(t, err) != portalv1.Reason_REASON_REVOCATION_UNKNOWN {
		t.Errorf("got %v", err)
	}
	if took := time.Since(start); took > 3*time.Second {
		t.Errorf("took %v", took)
	}
	w.jlisDown.Store(false)
	if _, err := w.logIn(b, "yamada-taro"); err != nil {
		t.Errorf("after it came back: %v", err)
	}
}

func TestARevokedCardEndsItsSessions(t *testing.T) {
	d := dbtest.SQLite(t)
	w := newWorld(t, d)
	token := sessiontest.Begin(t, d, w.sessions, "", cardtest.Of(t, "ito-revoked"), w.now().Add(time.Hour))
	if _, err := w.logIn(w.browser(), "ito-revoked"); reasonOf(t, err) != portalv1.Reason_REASON_CERTIFICATE_REVOKED {
		t.Fatal(err)
	}
	if _, err := w.sessions.ByToken(t.Context(), token); err == nil {
		t.Error("the session goes on")
	}
}

func TestShowCard(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d)
		w.openFolder("f", "yamada-hanako")
		b := w.browser()
		show := func(person, purpose string) (*portalv1.ShowCardResponse, portalv1.Reason) {
			response, err := b.ShowCard(t.Context(), &portalv1.ShowCardRequest{
				Proof: w.card(person).answer(w.challenge(b, purpose)),
			})
			return response, reasonOf(t, err)
		}
		_, err := b.CreateChallenge(t.Context(), &portalv1.CreateChallengeRequest{Purpose: "account.close"})
		if got := reasonOf(t, err); got != portalv1.Reason_REASON_NOT_LOGGED_IN {
			t.Fatalf("without a session: %v", got)
		}
		if _, err := w.logIn(b, "yamada-hanako"); err != nil {
			t.Fatal(err)
		}
		if _, got := show("yamada-taro", "account.close"); got != portalv1.Reason_REASON_OTHER_CARD {
			t.Errorf("another's card: %v", got)
		}
		if _, got := show("yamada-hanako", "login"); got != portalv1.Reason_REASON_CHALLENGE_INVALID {
			t.Errorf("a challenge for logging in: %v", got)
		}
		response, got := show("yamada-hanako", "account.close")
		if got != 0 || response.GetValidUntil() != w.now().Add(5*time.Minute).UnixMilli() {
			t.Errorf("%v, %v", response, got)
		}
	})
}

func TestLogOut(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d)
		w.openFolder("f", "yamada-hanako")
		here, there, taro := w.browser(), w.browser(), w.browser()
		for b, person := range map[portalv1connect.LoginServiceClient]string{
			here: "yamada-hanako", there: "yamada-hanako", taro: "yamada-taro",
		} {
			if _, err := w.logIn(b, person); err != nil {
				t.Fatal(err)
			}
		}
		for range 2 { // without a session it succeeds too
			if _, err := here.LogOut(t.Context(), &portalv1.LogOutRequest{}); err != nil {
				t.Fatal(err)
			}
		}
		if w.session(here) != nil || w.session(there) == nil {
			t.Fatal("not this one alone was ended")
		}
		if _, err := w.logIn(here, "yamada-hanako"); err != nil {
			t.Fatal(err)
		}
		response, err := here.LogOutEverywhere(t.Context(), &portalv1.LogOutEverywhereRequest{})
		if err != nil || response.GetEndedSessions() != 2 || w.session(here) != nil || w.session(there) != nil {
			t.Fatalf("%v, %v", response, err)
		}
		if w.session(taro).GetKind() != newcomer {
			t.Error("another person was put out")
		}
	})
}

func TestIdleTimeAndKeepSession(t *testing.T) {
	w := newWorld(t, dbtest.SQLite(t))
	b := w.browser()
	if _, err := w.logIn(b, "yamada-taro"); err != nil {
		t.Fatal(err)
	}
	w.advance(14 * time.Minute)
	if left := w.session(b).GetIdleLeftMs(); left != 60_000 {
		t.Errorf("asking changes what is left: %d", left)
	}
	kept, err := b.KeepSession(t.Context(), &portalv1.KeepSessionRequest{})
	if err != nil || kept.GetSession().GetIdleLeftMs() != session.Idle.Milliseconds() {
		t.Fatalf("%v, %v", kept, err)
	}
	w.advance(15 * time.Minute)
	if _, err := b.KeepSession(t.Context(),
		&portalv1.KeepSessionRequest{}); reasonOf(t, err) != portalv1.Reason_REASON_NOT_LOGGED_IN {
		t.Errorf("got %v", err)
	}
}

// Whoever planted a token before the login has nothing after it.
func TestLoggingInChangesTheToken(t *testing.T) {
	w := newWorld(t, dbtest.SQLite(t))
	b := w.browser()
	var tokens []string
	for range 2 {
		ctx, call := connect.NewClientContext(t.Context())
		proof := w.card("yamada-taro").answer(w.challenge(b, "login"))
		if _, err := b.LogIn(ctx, &portalv1.LogInRequest{Proof: proof}); err != nil {
			t.Fatal(err)
		}
		set, err := http.ParseSetCookie(call.ResponseHeader().Get("Set-Cookie"))
		if err != nil || set.Name != session.CookieName || !set.Secure || !set.HttpOnly ||
			set.SameSite != http.SameSiteStrictMode ||
			set.Path != "/" || set.Domain != "" {
			t.Fatalf("%+v, %v", set, err)
		}
		tokens = append(tokens, set.Value)
	}
	if tokens[0] == tokens[1] {
		t.Error("the token stayed")
	}
	if _, err := w.sessions.ByToken(t.Context(), tokens[0]); err == nil {
		t.Error("the token of before is worth something")
	}
	if _, err := w.sessions.ByToken(t.Context(), tokens[1]); err != nil {
		t.Errorf("the token of now is not: %v", err)
	}
}

// From an address that has sent too many bad proofs people still get in, one after another, and the place that they
// take is given back.
func TestBadProofsEndNeitherThePortalNorAnybodysLogin(t *testing.T) {
	w := newWorld(t, dbtest.SQLite(t))
	hostile := w.browser()
	for i := range 130 { // the bucket holds 100
		challenge := w.challenge(hostile, "login")
		proof := &portalv1.CardProof{
			Challenge: challenge.GetChallenge(), Seal: challenge.GetSeal(), Certificate: []byte{0x30, byte(i)},
			Signature: make([]byte, 256),
		}
		_, err := hostile.LogIn(t.Context(), &portalv1.LogInRequest{Proof: proof})
		if reasonOf(t, err) != portalv1.Reason_REASON_CERTIFICATE_INVALID {
			t.Fatalf("proof %d: %v", i, err)
		}
	}
	for range 3 {
		if _, err := w.logIn(w.browser(), "yamada-hanako"); err != nil {
			t.Fatal(err)
		}
	}
}

// What was given to one browser is worth nothing in another, and what was given to one session nothing in the next.
func TestAChallengeIsForTheBrowserThatAskedForIt(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d)
		w.openFolder("f", "yamada-hanako")
		hanako := w.card("yamada-hanako")
		a, b := w.browser(), w.browser()
		fromA := hanako.answer(w.challenge(a, "login"))
		w.challenge(b, "login") // so that it has a cookie of its own
		noCookies := portalv1connect.NewLoginServiceClient(w.server.Client(), w.server.URL)
		for name, other := range map[string]portalv1connect.LoginServiceClient{
			"another": b, "a new": w.browser(), "one without cookies": noCookies,
		} {
			_, err := other.LogIn(t.Context(), &portalv1.LogInRequest{Proof: fromA})
			if reasonOf(t, err) != portalv1.Reason_REASON_CHALLENGE_INVALID || w.session(other) != nil {
				t.Errorf("%s browser: %v", name, err)
			}
		}
		if _, err := a.LogIn(t.Context(), &portalv1.LogInRequest{Proof: fromA}); err != nil {
			t.Fatalf("its own browser: %v", err)
		}
		if _, err := w.logIn(b, "yamada-hanako"); err != nil {
			t.Fatal(err)
		}
		shown := hanako.answer(w.challenge(a, "account.close"))
		_, err := b.ShowCard(t.Context(), &portalv1.ShowCardRequest{Proof: shown})
		if reasonOf(t, err) != portalv1.Reason_REASON_CHALLENGE_INVALID {
			t.Errorf("in another session: %v", err)
		}
		if _, err := a.ShowCard(t.Context(), &portalv1.ShowCardRequest{Proof: shown}); err != nil {
			t.Errorf("in its own: %v", err)
		}
	})
}

// The cookie of a browser is replaced before it ends, and what its other tabs were given stays good; one that is not
// ours, or from a time when the clock was ahead, counts for nothing.
func TestTheCookieOfABrowser(t *testing.T) {
	w := newWorld(t, dbtest.SQLite(t))
	taro := w.card("yamada-taro")
	logIn := func(b portalv1connect.LoginServiceClient, p *portalv1.CardProof) portalv1.Reason {
		_, err := b.LogIn(t.Context(), &portalv1.LogInRequest{Proof: p})
		return reasonOf(t, err)
	}
	b := w.browser()
	w.challenge(b, "login")
	w.advance(57 * time.Minute)
	tab := taro.answer(w.challenge(b, "login")) // replaces it
	w.challenge(b, "login")
	w.advance(time.Minute + 59*time.Second)
	if got := logIn(b, tab); got != 0 {
		t.Errorf("after the cookie was replaced: %v", got)
	}
	w.advance(2 * time.Hour)
	late := w.browser()
	ahead := taro.answer(w.challenge(late, "login"))
	w.advance(-2 * time.Hour)
	if got := logIn(late, ahead); got == 0 {
		t.Error("a cookie and a challenge from the future let in")
	}

	ctx, call := connect.NewClientContext(t.Context())
	call.RequestHeader().Set("Cookie", login.PreLoginCookie+"=AAAA; "+login.PreLoginCookie+"="+strings.Repeat("A", 75))
	if _, err := w.browser().CreateChallenge(ctx, &portalv1.CreateChallengeRequest{Purpose: "login"}); err != nil {
		t.Fatal(err)
	}
	set, err := http.ParseSetCookie(call.ResponseHeader().Get("Set-Cookie"))
	if err != nil || set.Name != login.PreLoginCookie || !set.Secure || !set.HttpOnly ||
		set.SameSite != http.SameSiteStrictMode || set.Path != "/" || set.Domain != "" {
		t.Errorf("%+v, %v", set, err)
	}
}

// One card cannot keep the portal busy: after a hundred logins it waits, and others do not.
func TestACardThatLogsInTooOftenWaits(t *testing.T) {
	w := newWorld(t, dbtest.SQLite(t))
	b := w.browser()
	taro := w.card("yamada-taro")
	show := func() error {
		_, err := b.LogIn(t.Context(), &portalv1.LogInRequest{Proof: taro.answer(w.challenge(b, "login"))})
		return err
	}
	for i := range 100 {
		if err := show(); err != nil {
			t.Fatalf("login %d: %v", i, err)
		}
	}
	if err := show(); reasonOf(t, err) != portalv1.Reason_REASON_TOO_MANY_REQUESTS {
		t.Fatalf("got %v", err)
	}
	if _, err := w.logIn(w.browser(), "yamada-hanako"); err != nil {
		t.Errorf("another card: %v", err)
	}
	w.advance(time.Second)
	if err := show(); err != nil {
		t.Errorf("a second later: %v", err)
	}
}

// Used challenges outlive a clock that jumps ahead and back.
func TestAnAnsweredChallengeIsNotForgottenEarly(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d)
		b := w.browser()
		proof := w.card("yamada-taro").answer(w.challenge(b, "login"))
		again := func() portalv1.Reason {
			_, err := b.LogIn(t.Context(), &portalv1.LogInRequest{Proof: proof})
			return reasonOf(t, err)
		}
		if got := again(); got != 0 {
			t.Fatal(got)
		}
		var before time.Time
		sweep := func() {
			t.Helper()
			if err := w.service.Sweep(t.Context(), &before); err != nil {
				t.Fatal(err)
			}
		}
		sweep()
		w.advance(30 * 24 * time.Hour)
		sweep()
		w.advance(-30 * 24 * time.Hour)
		if got := again(); got != portalv1.Reason_REASON_CHALLENGE_EXPIRED {
			t.Fatalf("after the clock has come back: %v", got)
		}
		w.advance(25 * time.Hour)
		sweep()
		sweep()
		if fresh := w.service.Fresh(t, proof.GetChallenge()); !fresh {
			t.Error("it is remembered for ever")
		}
	})
}
