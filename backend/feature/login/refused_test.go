package login_test

import (
	"crypto/x509"
	"math"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"madoguchi/backend/feature/login"
	"madoguchi/backend/store/act"
	"madoguchi/backend/store/card/cardtest"
	"madoguchi/backend/store/db"
	"madoguchi/backend/store/db/dbtest"
	"madoguchi/bridge/softcard/softcardtest"
	portalv1 "madoguchi/proto/gen/portal/v1"
)

// tries are the refused tries in a folder's history, the oldest first: what, why and by what.
func (w *world) tries(folder string) (list []string) {
	w.t.Helper()
	lines, err := act.Read(w.t.Context(), w.db.Read(), folder, act.Position{At: math.MaxInt64}, 0, 100)
	if err != nil {
		w.t.Fatal(err)
	}
	for _, one := range slices.Backward(lines) {
		if one.Line.GetResult() == portalv1.UsageResult_USAGE_RESULT_REFUSED {
			list = append(list, one.Line.GetAct()+" "+one.Line.GetWhy()+" "+one.Line.GetMeans().String())
		}
	}
	return list
}

// Whoever tries to come into a folder, and is refused, stands in its history as soon as it is known whose it is; of a
// proof that proves nothing about anybody there is no line anywhere.
func TestRefusedTriesStandInTheHistory(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w, ctx := newWorld(t, d), t.Context()
		w.openFolder("f", "yamada-hanako")
		w.openFolder("taro", "yamada-taro")
		tried := func(what string, folder string, want ...string) {
			t.Helper()
			w.advance(time.Millisecond) // the next one is later
			if got := w.tries(folder); !slices.Equal(got, want) {
				t.Errorf("%s: %q, want %q", what, got, want)
			}
		}
		show := func(change func(*portalv1.CardProof)) error {
			b := w.browser()
			proof := w.card("yamada-hanako").answer(w.challenge(b, "login"))
			change(proof)
			_, err := b.LogIn(ctx, &portalv1.LogInRequest{Proof: proof})
			return err
		}
		expired := func(p *portalv1.CardProof) {
			p.Certificate = w.forge("yamada-hanako",
				func(c, _ *x509.Certificate) { c.NotAfter = w.now().Add(-time.Second) }, nil)
		}
		for what, change := range map[string]func(*portalv1.CardProof){
			"a signature that is none": func(p *portalv1.CardProof) { p.Signature[100] ^= 1 },
			"a copied certificate": func(p *portalv1.CardProof) {
				other := softcardtest.Person(t, "yamada-taro")
				p.Certificate = other.AuthCertificate(w.now()).Raw
			},
			"an expired certificate, without its card": func(p *portalv1.CardProof) {
				expired(p)
				p.Signature[100] ^= 1
			},
		} {
			if show(change) == nil {
				t.Errorf("%s gets in", what)
			}
			tried(what, "f")
			tried(what, "taro")
		}
		wantReason(t, show(expired), portalv1.Reason_REASON_CERTIFICATE_EXPIRED)
		tried("an expired certificate", "f", "login.begin certificate MEANS_CARD")

		// Within a session: another's card.
		b := w.browser()
		if _, err := w.logIn(b, "yamada-hanako"); err != nil {
			t.Fatal(err)
		}
		_, err := b.ShowCard(ctx, &portalv1.ShowCardRequest{
			Proof: w.card("yamada-taro").answer(w.challenge(b, "account.close")),
		})
		wantReason(t, err, portalv1.Reason_REASON_OTHER_CARD)
		before := []string{"login.begin certificate MEANS_CARD", "login.show_card other_card MEANS_CARD"}
		tried("another's card", "f", before...)
		tried("another's card", "taro")

		// By passkeys.
		desk, good := w.desk("yamada-hanako"), newDevice(t)
		w.give(desk, "yamada-hanako", good)
		for _, c := range []struct {
			lie func(*device)
			why string
		}{
			{func(d *device) { d.flags &^= verified }, "unverified"},
			{func(d *device) { d.key = newDevice(t).key }, "wrong_passkey"},
			{func(d *device) { d.origin = "https://portal.example.jp.evil.example" }, "wrong_passkey"},
		} {
			liar := *good
			c.lie(&liar)
			if _, err := w.enter(w.place(), &liar); err == nil {
				t.Errorf("%s gets in", c.why)
			}
			before = append(before, "login.passkey "+c.why+" MEANS_PASSKEY")
			tried(c.why, "f", before...)
		}
		unknown := *good
		unknown.id = []byte("0123456789abcdef")
		if _, err := w.enter(w.place(), &unknown); err == nil {
			t.Error("a passkey that was never made gets in")
		}
		tried("a passkey that was never made", "f", before...)
		w.advance(2 * time.Minute) // J-LIS' last answer is over
		w.jlisDown.Store(true)
		if _, err := w.enter(w.place(), good); err == nil {
			t.Error("whose card nobody knows of gets in")
		}
		w.jlisDown.Store(false)
		before = append(before, "login.passkey unknown MEANS_PASSKEY")
		tried("nobody can say", "f", before...)

		// The card was stopped.
		w.stop(cardtest.Of(t, "yamada-hanako"))
		w.advance(2 * time.Minute)
		if _, err := w.logIn(w.browser(), "yamada-hanako"); err == nil {
			t.Error("a stopped card gets in")
		}
		tried("a stopped card", "f", append(before, "login.begin revoked MEANS_CARD")...)
		tried("after all", "taro")
	})
}

// An unusual login is news on the home page until somebody has looked at its line, and never in its own session.
func TestAnUnusualLoginIsNews(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d)
		w.openFolder("f", "yamada-hanako")
		own := w.browser()
		if got, err := w.logIn(own, "yamada-hanako"); err != nil || got.GetUnusualLine() != "" {
			t.Fatalf("as ever: %v, %v", got, err)
		}
		phone, pc := w.phone("yamada-taro", home), w.visitor("203.0.113.7")
		if got := w.session(phone.login).GetUnusualLine(); got != "" {
			t.Errorf("before: %q", got)
		}
		token := pc.begin(t)
		if _, err := phone.open(token); err != nil {
			t.Fatal(err)
		}
		if err := pc.enter(token, phone.allow(t, token)); err != nil {
			t.Fatal(err)
		}
		if got := w.session(pc.login).GetUnusualLine(); got != "" {
			t.Errorf("its own session is told of it: %q", got)
		}
		line := w.session(phone.login).GetUnusualLine()
		at, id, _ := strings.Cut(line, "-")
		moment, err := strconv.ParseInt(at, 10, 64)
		if err != nil {
			t.Fatalf("%q: %v", line, err)
		}
		found, err := act.Get(t.Context(), d.Read(), "folder-yamada-taro", act.Position{At: moment, ID: id})
		if err != nil || found.Line.GetAct() != "login.begin_by_phone" {
			t.Errorf("%q, and the line is %v, %v", line, found, err)
		}
		if got := w.session(own).GetUnusualLine(); got != "" {
			t.Errorf("another person is told of it: %q", got)
		}
		w.advance(14 * 24 * time.Hour)
		late := w.browser()
		if got, err := w.logIn(late, "yamada-taro"); err != nil || got.GetUnusualLine() != "" {
			t.Errorf("after two weeks: %v, %v", got, err)
		}
	})
}

// One proof sent twice gets in once, and the second stands there as refused; a number that was mistyped, too.
func TestSpentAndMistypedTriesStandInTheHistory(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w, ctx := newWorld(t, d), t.Context()
		w.openFolder("f", "yamada-taro")
		b := w.browser()
		proof := w.card("yamada-taro").answer(w.challenge(b, "login"))
		if _, err := b.LogIn(ctx, &portalv1.LogInRequest{Proof: proof}); err != nil {
			t.Fatal(err)
		}
		_, err := b.LogIn(ctx, &portalv1.LogInRequest{Proof: proof})
		wantReason(t, err, portalv1.Reason_REASON_CHALLENGE_EXPIRED)
		if got := w.tries("f"); !slices.Equal(got, []string{"login.begin expired MEANS_CARD"}) {
			t.Errorf("%q", got)
		}
		w.advance(login.Lifetime)
		late := w.browser()
		proof = w.card("yamada-taro").answer(w.challenge(late, "login"))
		w.advance(login.Lifetime)
		if _, err := late.LogIn(ctx, &portalv1.LogInRequest{Proof: proof}); err == nil {
			t.Error("an answer that is late gets in")
		}
		if got := w.tries("f"); len(got) != 1 {
			t.Errorf("of an answer that is late nobody looked whose it is: %q", got)
		}

		phone, pc := w.phone("yamada-hanako", home), w.visitor(home)
		token := pc.begin(t)
		if _, err := phone.open(token); err != nil {
			t.Fatal(err)
		}
		wrong := other(phone.allow(t, token))
		wantReason(t, pc.enter(token, wrong), portalv1.Reason_REASON_QR_MISTYPED)
		want := []string{"login.begin_by_phone mistyped MEANS_PHONE"}
		if got := w.tries("folder-yamada-hanako"); !slices.Equal(got, want) {
			t.Errorf("%q", got)
		}
	})
}
