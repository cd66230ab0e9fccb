package login_test

import (
	"bytes"
	"context"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"errors"
	"log/slog"
	"math/big"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"madoguchi/backend/door/session"
	"madoguchi/backend/door/session/sessiontest"
	"madoguchi/backend/feature/login"
	"madoguchi/backend/store/card"
	"madoguchi/backend/store/card/cardtest"
	"madoguchi/backend/store/db"
	"madoguchi/backend/store/db/dbtest"
	"madoguchi/bridge/softcard"
	"madoguchi/bridge/softcard/softcardtest"
	portalv1 "madoguchi/proto/gen/portal/v1"
	"madoguchi/proto/gen/portal/v1/portalv1connect"
)

// namesake is an authority that has the name of bridge/softcard's, and another key: the next one of the same house.
func namesake(t *testing.T) authority {
	t.Helper()
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	first, _ := softcard.AuthCA(time.Now())
	return authority{softcardtest.Authority(t, first.RawSubject, key, time.Now()), key}
}

// logInAs has a person answer with a certificate that the other authority gave for the person's key.
func (w *world) logInAs(
	b portalv1connect.LoginServiceClient, id string, certificate []byte,
) (*portalv1.Session, error) {
	proof := w.card(id).answer(w.challenge(b, "login"))
	proof.Certificate = certificate
	response, err := b.LogIn(context.Background(), &portalv1.LogInRequest{Proof: proof})
	return response.GetSession(), err
}

// by has an authority give a person's key a certificate with the serial number of another.
func (w *world) by(a authority, person string, serial *big.Int) []byte {
	return w.forge(person, func(c, parent *x509.Certificate) {
		c.SerialNumber, c.AuthorityKeyId = serial, a.cert.SubjectKeyId
		*parent = *a.cert
	}, a.key)
}

// Two authorities gave the same serial number to two people: they are two, and what happens to one is not done to the
// other.
func TestTwoAuthoritiesOneSerialTwoPeople(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		other := namesake(t)
		w := newWorld(t, d, other)
		hanako, taro := cardtest.Of(w.t, "yamada-hanako"), card.ID{
			Issuer: card.Issuer(other.cert), Serial: cardtest.Of(w.t, "yamada-hanako").Serial,
		}
		certificate := w.by(other, "yamada-taro", taro.Number())
		w.openFolder("hanako", "yamada-hanako")
		mine, theirs := w.browser(), w.browser()
		if got, err := w.logIn(mine, "yamada-hanako"); err != nil || got.GetKind() != citizen {
			t.Fatalf("%v, %v", got, err)
		}
		if got, err := w.logInAs(theirs, "yamada-taro", certificate); err != nil || got.GetKind() != newcomer {
			t.Fatalf("the same serial number of another authority is %v, %v", got, err)
		}
		// Nor is it the same holder when a card is asked for again.
		proof := w.card("yamada-taro").answer(w.challenge(mine, "account.close"))
		proof.Certificate = certificate
		_, err := mine.ShowCard(t.Context(), &portalv1.ShowCardRequest{Proof: proof})
		if reasonOf(t, err) != portalv1.Reason_REASON_OTHER_CARD {
			t.Errorf("shown as another's card: %v", err)
		}
		w.openFolderOf("taro", taro)
		if got, err := w.logInAs(theirs, "yamada-taro", certificate); err != nil || got.GetKind() != citizen {
			t.Fatalf("%v, %v", got, err)
		}
		folders := map[card.ID]string{}
		for _, id := range []card.ID{hanako, taro} {
			folder, err := d.Read().FolderOfCard(t.Context(), db.FolderOfCardParams(id))
			if err != nil {
				t.Fatal(err)
			}
			folders[id] = folder
		}
		if folders[hanako] != "hanako" || folders[taro] != "taro" {
			t.Errorf("the folders are %v", folders)
		}

		w.stopped.Store(taro, true)
		w.advance(10 * time.Minute)
		look(t, w)
		if w.session(theirs) != nil {
			t.Error("the session of the stopped card goes on")
		}
		if w.session(mine).GetKind() != citizen {
			t.Error("the other's session ended")
		}
		if _, err := w.logInAs(theirs, "yamada-taro",
			certificate); reasonOf(t, err) != portalv1.Reason_REASON_CERTIFICATE_REVOKED {
			t.Errorf("in with a stopped card: %v", err)
		}
		if _, err := w.logIn(mine, "yamada-hanako"); err != nil {
			t.Errorf("the other is stopped too: %v", err)
		}
	})
}

// look has the cards that are due asked for, once.
func look(t *testing.T, w *world) {
	t.Helper()
	for {
		found, err := w.service.Look(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if found == 0 {
			return
		}
	}
}

// keepIn makes calls as a person does who stays, so that the idle time does not end the session.
func (w *world) keepIn(b portalv1connect.LoginServiceClient) bool {
	_, err := b.KeepSession(context.Background(), &portalv1.KeepSessionRequest{})
	return err == nil
}

func TestAStoppedCardEndsARunningSession(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d)
		w.openFolder("f", "yamada-hanako")
		hanako, alsoHanako, taro := w.browser(), w.browser(), w.browser()
		for b, person := range map[portalv1connect.LoginServiceClient]string{
			hanako: "yamada-hanako", alsoHanako: "yamada-hanako", taro: "yamada-taro",
		} {
			if _, err := w.logIn(b, person); err != nil {
				t.Fatal(err)
			}
		}
		asked := w.asked.Load()
		look(t, w)
		if w.asked.Load() != asked {
			t.Error("asked at once after the login")
		}
		w.advance(10 * time.Minute)
		look(t, w)
		if n := w.asked.Load() - asked; n != 2 {
			t.Errorf("asked %d times about two cards", n)
		}
		w.stopped.Store(cardtest.Of(w.t, "yamada-hanako"), true)
		kept := record(t)
		for range 15 { // minutes, as the loop passes them
			w.advance(time.Minute)
			look(t, w)
			w.keepIn(taro)
		}
		if w.session(hanako) != nil || w.session(alsoHanako) != nil {
			t.Error("a quarter of an hour after the card was stopped its sessions go on")
		}
		if w.session(taro) == nil {
			t.Error("another's session ended")
		}
		if _, told := w.ended.Load(cardtest.Of(w.t, "yamada-hanako")); !told {
			t.Error("what else the card opens has not ended")
		}
		if _, told := w.ended.Load(cardtest.Of(w.t, "yamada-taro")); told {
			t.Error("what another's card opens has ended")
		}
		if line := kept.line("session_ended"); !strings.Contains(line, "why=revoked") ||
			!strings.Contains(line, "sessions=2") || !strings.Contains(line, "folder=f") {
			t.Errorf("the security log says %q", line)
		}
	})
}

// While J-LIS is gone sessions go on for an hour; then nobody vouches for the cards any more.
func TestWithoutJLISSessionsEndAfterAnHour(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d)
		b := w.browser()
		if _, err := w.logIn(b, "yamada-taro"); err != nil {
			t.Fatal(err)
		}
		w.jlisDown.Store(true)
		kept := record(t)
		for minute := range 59 {
			w.advance(time.Minute)
			look(t, w)
			if !w.keepIn(b) {
				t.Fatalf("put out after %d minutes", minute+1)
			}
		}
		w.advance(time.Minute)
		if w.keepIn(b) || w.session(b) != nil {
			t.Error("goes on")
		}
		w.advance(time.Millisecond)
		look(t, w)
		line := kept.line("session_ended")
		if !strings.Contains(line, "why=unknown") || !strings.Contains(line, "sessions=1") {
			t.Errorf("the security log says %q", line)
		}
		// J-LIS comes back in time.
		w.jlisDown.Store(false)
		w.advance(time.Minute)
		if _, err := w.logIn(b, "yamada-taro"); err != nil {
			t.Fatal(err)
		}
		for minute := range 120 {
			w.jlisDown.Store(minute%50 != 0)
			w.advance(time.Minute)
			look(t, w)
			if !w.keepIn(b) {
				t.Fatalf("put out after %d minutes", minute+1)
			}
		}
	})
}

// The loop goes on after errors, and ends with its context.
func TestTheWatchSurvives(t *testing.T) {
	d := dbtest.SQLite(t)
	w := newWorld(t, d)
	b := w.browser()
	if _, err := w.logIn(b, "yamada-taro"); err != nil {
		t.Fatal(err)
	}
	w.advance(10 * time.Minute)
	faulty := &faultyAuthority{Authority: w.service.JLIS}
	w.service.JLIS = faulty
	ctx, stop := context.WithCancel(t.Context())
	done := make(chan struct{})
	go func() {
		defer close(done)
		w.service.Watch(ctx)
	}()
	deadline := time.After(time.Minute)
	for faulty.asked.Load() == 0 {
		select {
		case <-deadline:
			t.Fatal("nobody was asked")
		case <-time.After(time.Millisecond):
		}
	}
	stop()
	<-done
	if w.session(b) == nil {
		t.Error("an answer that nobody understands ended a session")
	}
}

// A store that does not answer is written down, and asked again later.
func TestTheWatchSurvivesItsStore(t *testing.T) {
	w := newWorld(t, dbtest.SQLite(t))
	gone, err := db.Open(t.Context(), filepath.Join(t.TempDir(), "gone.sqlite"))
	if err != nil {
		t.Fatal(err)
	}
	if err := gone.Close(); err != nil {
		t.Fatal(err)
	}
	w.service.Sessions = session.New(gone, session.Limits{}, w.now)
	kept := record(t)
	ctx, stop := context.WithCancel(t.Context())
	done := make(chan struct{})
	go func() {
		defer close(done)
		w.service.Watch(ctx)
	}()
	deadline := time.After(time.Minute)
	for !kept.holds("asking again about the cards") {
		select {
		case <-done:
			t.Fatal("the loop has ended")
		case <-deadline:
			t.Fatal("nothing is written down")
		case <-time.After(time.Millisecond):
		}
	}
	stop()
	<-done
}

type faultyAuthority struct {
	login.Authority
	asked atomic.Int64
}

func (f *faultyAuthority) State(context.Context, card.ID) error {
	f.asked.Add(1)
	return errors.New("something else altogether")
}

func TestCardsFromBeforeAreGivenTheirAuthority(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		other := namesake(t)
		w := newWorld(t, d)
		old := cardtest.Of(w.t, "yamada-hanako")
		if err := login.NameIssuers(t.Context(), d, []*x509.Certificate{
			w.authorities[0].cert, other.cert,
		}); err != nil {
			t.Fatalf("an empty database: %v", err)
		}
		w.openFolderOf("f", card.ID{Serial: old.Serial})
		w.openFolderOf("g", card.ID{Issuer: card.Issuer(other.cert), Serial: old.Serial})
		sessiontest.Begin(t, d, w.sessions, "f", card.ID{Serial: old.Serial}, w.now().Add(time.Hour))
		several := []*x509.Certificate{w.authorities[0].cert, other.cert}
		if err := login.NameIssuers(t.Context(), d, several); err == nil ||
			!strings.Contains(err.Error(), "start the portal once with the one alone") {
			t.Errorf("with several: %v", err)
		}
		renewed, _ := softcard.AuthCA(w.now().AddDate(2, 0, 0))
		for range 2 {
			err := login.NameIssuers(t.Context(), d, []*x509.Certificate{w.authorities[0].cert, renewed})
			if err != nil {
				t.Fatal(err)
			}
		}
		if err := login.NameIssuers(t.Context(), d, several); err != nil {
			t.Errorf("with several, afterwards: %v", err)
		}
		if folder, err := d.Read().FolderOfCard(t.Context(), db.FolderOfCardParams(old)); err != nil || folder != "f" {
			t.Errorf("the card leads to %q, %v", folder, err)
		}
		if n, err := w.sessions.EndCard(t.Context(), old, nil); err != nil || n != 1 {
			t.Errorf("%d sessions of it, %v", n, err)
		}
		if got, err := w.logIn(w.browser(), "yamada-hanako"); err != nil || got.GetKind() != citizen {
			t.Errorf("%v, %v", got, err)
		}
	})
}

// Each refusal has its line with the reason, each login and each card shown has one.
func TestTheSecurityLogTellsOfCards(t *testing.T) {
	d := dbtest.SQLite(t)
	w := newWorld(t, d)
	w.openFolder("f", "yamada-hanako")
	kept := record(t)
	b := w.browser()
	expect := func(parts ...string) {
		t.Helper()
		line := kept.line(parts[0])
		for _, part := range parts {
			if !strings.Contains(line, part) {
				t.Errorf("%q misses %q", line, part)
			}
		}
		kept.forget()
	}
	logIn := func(change func(*portalv1.CardProof)) {
		proof := w.card("yamada-hanako").answer(w.challenge(b, "login"))
		change(proof)
		_, _ = b.LogIn(t.Context(), &portalv1.LogInRequest{Proof: proof})
	}
	for reason, change := range map[string]func(*portalv1.CardProof){
		"REASON_CHALLENGE_INVALID":   func(p *portalv1.CardProof) { p.Seal[0] ^= 1 },
		"REASON_CERTIFICATE_INVALID": func(p *portalv1.CardProof) { p.Certificate = nil },
		"REASON_SIGNATURE_INVALID":   func(p *portalv1.CardProof) { p.Signature[0] ^= 1 },
		"REASON_CHALLENGE_EXPIRED":   func(*portalv1.CardProof) { w.advance(login.Lifetime) },
	} {
		logIn(change)
		expect("login_refused", "reason="+reason, "from=127.0.0.0/24")
	}
	_, _ = w.logIn(b, "ito-revoked")
	expect("login_refused", "reason=REASON_CERTIFICATE_REVOKED")
	_, _ = w.logIn(b, "kato-expired")
	expect("login_refused", "reason=REASON_CERTIFICATE_EXPIRED")
	w.jlisDown.Store(true)
	_, _ = w.logIn(b, "yamada-taro")
	expect("login_refused", "reason=REASON_REVOCATION_UNKNOWN")
	w.jlisDown.Store(false)

	_, _ = w.logIn(b, "yamada-taro")
	expect("event=login ", "newcomer=true")
	_, _ = w.logIn(b, "yamada-hanako") // over a running session
	line := kept.line("session_ended")
	if !strings.Contains(line, "why=replaced") || !strings.Contains(line, "sessions=1") {
		t.Errorf("the session before: %q", line)
	}
	expect("event=login ", "newcomer=false", "folder=f")
	show := func(person string) {
		_, _ = b.ShowCard(t.Context(), &portalv1.ShowCardRequest{
			Proof: w.card(person).answer(w.challenge(b, "account.close")),
		})
	}
	show("yamada-taro")
	expect("login_refused", "reason=REASON_OTHER_CARD")
	show("yamada-hanako")
	expect("card_shown", "purpose=account.close", "folder=f")
	spent := w.card("yamada-hanako").answer(w.challenge(b, "login"))
	_, _ = b.LogIn(t.Context(), &portalv1.LogInRequest{Proof: spent})
	kept.forget()
	_, _ = b.LogIn(t.Context(), &portalv1.LogInRequest{Proof: spent})
	expect("login_refused", "reason=REASON_CHALLENGE_EXPIRED")
}

// A proof that is refused because one card comes too often is in the log too.
func TestOneCardTooOften(t *testing.T) {
	w := newWorld(t, dbtest.SQLite(t))
	kept := record(t)
	b := w.browser()
	var refused error
	for range 120 {
		if _, refused = w.logIn(b, "yamada-taro"); refused != nil {
			break
		}
	}
	if reasonOf(t, refused) != portalv1.Reason_REASON_TOO_MANY_REQUESTS ||
		!strings.Contains(kept.line("login_refused"), "reason=REASON_TOO_MANY_REQUESTS") {
		t.Errorf("%v; %q", refused, kept.line("login_refused"))
	}
	if _, err := w.logIn(w.browser(), "yamada-hanako"); err != nil {
		t.Errorf("another's card is refused too: %v", err)
	}
}

// kept is what goes into the log during a test.
type kept struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func record(t *testing.T) *kept {
	t.Helper()
	k := &kept{}
	before := slog.Default()
	slog.SetDefault(slog.New(slog.NewTextHandler(k, nil)))
	t.Cleanup(func() { slog.SetDefault(before) })
	return k
}

func (k *kept) Write(b []byte) (int, error) {
	k.mu.Lock()
	defer k.mu.Unlock()
	return k.text.Write(b)
}

func (k *kept) holds(text string) bool {
	k.mu.Lock()
	defer k.mu.Unlock()
	return strings.Contains(k.text.String(), text)
}

func (k *kept) forget() {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.text.Reset()
}

// line is the last security event that holds a text.
func (k *kept) line(holds string) string {
	k.mu.Lock()
	defer k.mu.Unlock()
	last := ""
	for line := range strings.Lines(k.text.String()) {
		if strings.Contains(line, "msg=security") && strings.Contains(line, holds) {
			last = line
		}
	}
	return last
}
