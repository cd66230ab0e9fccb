package login_test

import (
	"context"
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"
	"time"

	"connectrpc.com/connect"

	"madoguchi/backend/feature/login"
	"madoguchi/backend/outside/mail"
	"madoguchi/backend/store/card/cardtest"
	"madoguchi/backend/store/db"
	"madoguchi/backend/store/db/dbtest"
	portalv1 "madoguchi/proto/gen/portal/v1"
)

// history are the acts of a folder, the oldest first.
func (w *world) history(folder string) (acts []string) {
	w.t.Helper()
	rows, err := w.db.Read().ActLines(context.Background(), db.ActLinesParams{
		FolderID: folder, Before: math.MaxInt64, Size: 100,
	})
	if err != nil {
		w.t.Fatal(err)
	}
	for _, row := range slices.Backward(rows) {
		acts = append(acts, row.Act)
	}
	return acts
}

// letters are the mails that wait.
func (w *world) letters() (kinds []string) {
	w.t.Helper()
	err := w.db.Tx(context.Background(), func(q *db.Queries) error {
		kinds = nil
		for {
			job, err := q.JobLease(context.Background(), db.JobLeaseParams{
				Now: w.now().Add(time.Hour).UnixMilli(), Until: w.now().Add(1000 * time.Hour).UnixMilli(),
			})
			if errors.Is(err, db.ErrNotFound) {
				return nil
			}
			if err != nil {
				return err
			}
			for _, kind := range []mail.Kind{mail.PasskeyAdded, mail.PasskeyCopied, mail.LoggedInByPasskey} {
				if strings.Contains(job.Payload, `"`+string(kind)+`"`) {
					kinds = append(kinds, string(kind))
				}
			}
		}
	})
	if err != nil {
		w.t.Fatal(err)
	}
	return kinds
}

func (w *world) confirmMail(folder string) {
	w.t.Helper()
	err := w.db.Tx(context.Background(), func(q *db.Queries) error {
		_, err := q.FolderSetMail(context.Background(), db.FolderSetMailParams{
			ID: folder, MailAddress: "a@example.jp", MailConfirmedAt: 1,
		})
		return err
	})
	if err != nil {
		w.t.Fatal(err)
	}
}

// A new passkey is news to its person wherever they log in: for two weeks, and until the second login after it.
func TestANewPasskeyIsNews(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d)
		w.openFolder("f", "yamada-hanako")
		w.openFolder("other", "yamada-taro")
		news := func(person string) int64 {
			t.Helper()
			in, err := w.logIn(w.browser(), person)
			if err != nil {
				t.Fatal(err)
			}
			return in.GetPasskeyAddedAt()
		}
		news("yamada-hanako")
		desk := w.desk("yamada-hanako")
		if got := w.session(desk).GetPasskeyAddedAt(); got != 0 {
			t.Errorf("news of none: %d", got)
		}
		w.advance(time.Minute)
		added := w.give(desk, "yamada-hanako", newDevice(t)).GetAddedAt()
		if got := w.session(desk).GetPasskeyAddedAt(); got != added {
			t.Errorf("where it was added: %d, want %d", got, added)
		}
		for range 3 {
			w.advance(time.Hour)
			if got := news("yamada-hanako"); got != added {
				t.Errorf("in the first days: %d, want %d", got, added)
			}
		}
		if got := news("yamada-taro"); got != 0 {
			t.Errorf("somebody else's passkey is news: %d", got)
		}
		w.advance(15 * 24 * time.Hour)
		if got := news("yamada-hanako"); got != 0 {
			t.Errorf("after two weeks, and logins: %d", got)
		}
		// Who did not come for long hears of it all the same, once.
		w.advance(time.Minute)
		later := w.give(w.desk("yamada-hanako"), "yamada-hanako", newDevice(t)).GetAddedAt()
		w.advance(100 * 24 * time.Hour)
		if got := news("yamada-hanako"); got != later {
			t.Errorf("after a long time: %d, want %d", got, later)
		}
		w.advance(time.Minute)
		if got := news("yamada-hanako"); got != 0 {
			t.Errorf("once more: %d", got)
		}
	})
}

// From the offer to the end: born under the card, used, listed, named, ended.
func TestALifeOfAPasskey(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w, ctx := newWorld(t, d), t.Context()
		w.openFolder("f", "yamada-hanako")
		w.confirmMail("f")
		desk, phone := w.desk("yamada-hanako"), newDevice(t)
		phone.flags |= eligible | backedUp
		begun := w.now().UnixMilli()
		w.advance(time.Minute)
		added := w.give(desk, "yamada-hanako", phone)
		if added.GetName() != "わたしのスマホ" || !added.GetSynced() || !added.GetBackedUp() || added.GetUsedAt() != 0 ||
			added.GetAddedAt() != w.now().UnixMilli() || added.GetEndsAt() <= added.GetAddedAt() {
			t.Errorf("added as %v", added)
		}
		state, err := desk.GetPasskeyOffer(ctx, &portalv1.GetPasskeyOfferRequest{})
		if err != nil || state.GetState() != portalv1.GetPasskeyOfferResponse_STATE_ADDED {
			t.Errorf("the offer is %v, %v", state, err)
		}
		if got := w.letters(); !slices.Equal(got, []string{"passkey-added"}) {
			t.Errorf("told by %v", got)
		}

		w.advance(time.Minute)
		pocket := w.place()
		in, err := w.enter(pocket, phone)
		if err != nil || in.GetKind() != citizen || in.GetMeans() != portalv1.Means_MEANS_PASSKEY ||
			in.GetLastLoginAt() != begun || in.GetOwner() != w.session(desk).GetOwner() {
			t.Fatalf("in as %v, %v", in, err)
		}
		if got := w.session(desk).GetMeans(); got != portalv1.Means_MEANS_CARD {
			t.Errorf("the desk is in by %v", got)
		}
		list := w.passkeys(pocket)
		if len(list) != 1 || !list[0].GetHere() || list[0].GetUsedAt() != w.now().UnixMilli() ||
			w.passkeys(desk)[0].GetHere() {
			t.Errorf("listed as %v", list)
		}
		_, err = pocket.RenamePasskey(ctx, &portalv1.RenamePasskeyRequest{Id: added.GetId(), Name: "青い電話"})
		if err != nil || w.passkeys(desk)[0].GetName() != "青い電話" {
			t.Errorf("renamed: %v", err)
		}
		// What asks for the card asks for it.
		_, err = pocket.AddPasskey(ctx, &portalv1.AddPasskeyRequest{Code: "000000", Name: "x"})
		if got := reasonOf(t, err); got != portalv1.Reason_REASON_CARD_AGAIN {
			t.Errorf("a passkey more without the card: %v", got)
		}

		for range 2 { // the second time there is none to end
			if _, err := desk.EndPasskey(ctx, &portalv1.EndPasskeyRequest{Id: added.GetId()}); err != nil {
				t.Fatal(err)
			}
		}
		if w.session(pocket) != nil {
			t.Error("the session of an ended passkey goes on")
		}
		_, err = w.enter(pocket, phone)
		if got := reasonOf(t, err); got != portalv1.Reason_REASON_PASSKEY_UNKNOWN {
			t.Errorf("an ended passkey: %v", got)
		}
		// Losing every phone costs one login with the card.
		if w.session(w.desk("yamada-hanako")).GetKind() != citizen || w.session(desk) == nil {
			t.Error("the card does not get in any more")
		}
		want := []string{ // those of a moment are in no order
			"login.begin", "login.begin", "login.passkey", "login.passkey_add", "login.passkey_end",
			"login.passkey_end",
			"login.passkey_name",
		}
		if got := slices.Sorted(slices.Values(w.history("f"))); !slices.Equal(got, want) {
			t.Errorf("the history tells of %v", got)
		}
	})
}

// The one that photographs the picture and is faster has a passkey that is worth nothing, and cannot make it worth
// anything; slower, none at all.
func TestAnOnlookerGainsNothing(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w, ctx := newWorld(t, d), t.Context()
		w.openFolder("f", "yamada-hanako")
		w.openFolder("g", "yamada-taro")
		desk, own, onlooker := w.desk("yamada-hanako"), newDevice(t), newDevice(t)
		othersDesk := w.desk("yamada-taro")
		nothing := func(what string) {
			t.Helper()
			_, err := w.enter(w.place(), onlooker)
			if got := reasonOf(t, err); got != portalv1.Reason_REASON_PASSKEY_UNKNOWN || len(w.passkeys(desk)) != 0 ||
				len(w.passkeys(othersDesk)) != 0 {
				t.Errorf("%s: the onlooker is %v", what, got)
			}
		}
		refused := func(what string, err error, want portalv1.Reason) {
			t.Helper()
			if got := reasonOf(t, err); got != want {
				t.Errorf("%s: %v, want %v", what, got, want)
			}
		}

		// Faster.
		token := w.offer(desk)
		code, err := w.make(w.place(), token, onlooker)
		if err != nil {
			t.Fatal(err)
		}
		nothing("made and not signed for")
		_, err = w.make(w.place(), token, own)
		refused("the person's own phone after that", err, portalv1.Reason_REASON_PASSKEY_OFFER_TAKEN)
		// He knows his code, and the card of another cannot sign for it: the offer is of the desk's session.
		_, err = othersDesk.CheckPasskeyCode(ctx, &portalv1.CheckPasskeyCodeRequest{Code: code})
		refused("his code at his own desk", err, portalv1.Reason_REASON_PASSKEY_OFFER_GONE)
		elsewhere := w.desk("yamada-hanako")
		_, err = elsewhere.CheckPasskeyCode(ctx, &portalv1.CheckPasskeyCodeRequest{Code: code})
		refused("his code in another session of the person's", err, portalv1.Reason_REASON_PASSKEY_OFFER_GONE)
		wrong := "000000"
		if code == wrong {
			wrong = "111111"
		}
		for i, want := range []portalv1.Reason{
			portalv1.Reason_REASON_PASSKEY_CODE_WRONG, portalv1.Reason_REASON_PASSKEY_CODE_WRONG,
			portalv1.Reason_REASON_PASSKEY_OFFER_GONE, portalv1.Reason_REASON_PASSKEY_OFFER_GONE,
		} {
			_, err = desk.CheckPasskeyCode(ctx, &portalv1.CheckPasskeyCodeRequest{Code: wrong})
			refused(fmt.Sprintf("guess %d", i+1), err, want)
		}
		_, err = desk.CheckPasskeyCode(ctx, &portalv1.CheckPasskeyCodeRequest{Code: code})
		refused("the right code after three guesses", err, portalv1.Reason_REASON_PASSKEY_OFFER_GONE)
		nothing("after the guesses")

		// Slower.
		token = w.offer(desk)
		code, err = w.make(w.place(), token, own)
		if err != nil {
			t.Fatal(err)
		}
		_, err = w.make(w.place(), token, onlooker)
		refused("slower", err, portalv1.Reason_REASON_PASSKEY_OFFER_TAKEN)
		checked, err := desk.CheckPasskeyCode(ctx, &portalv1.CheckPasskeyCodeRequest{Code: code})
		if err != nil {
			t.Fatal(err)
		}
		// The card signed for the person's passkey, and for no other request than that.
		request := &portalv1.AddPasskeyRequest{Digest: checked.GetDigest(), Code: code, Name: "電話"}
		_, err = desk.AddPasskey(ctx, request)
		refused("without the card", err, portalv1.Reason_REASON_CARD_AGAIN)
		w.sign(desk, "yamada-hanako", request)
		_, err = desk.AddPasskey(ctx, &portalv1.AddPasskeyRequest{
			Digest: make([]byte, 32), Code: code, Name: "電話",
		})
		refused("another passkey than the card signed for", err, portalv1.Reason_REASON_CARD_AGAIN)
		// The offer is another phone's meanwhile: what the card signed for is not what lies there.
		token = w.offer(desk)
		if code, err = w.make(w.place(), token, onlooker); err != nil {
			t.Fatal(err)
		}
		request.Code = code
		w.sign(desk, "yamada-hanako", request)
		_, err = desk.AddPasskey(ctx, request)
		refused("the card signed for what lies there no longer", err, portalv1.Reason_REASON_INVALID_FIELD)
		nothing("at the end")
	})
}

// A page from before, which cannot say what the card signs for, gets no passkey by it.
func TestTheCardSignsForThisPasskeyAndNoOther(t *testing.T) {
	w, ctx := newWorld(t, dbtest.SQLite(t)), t.Context()
	w.openFolder("f", "yamada-hanako")
	desk := w.desk("yamada-hanako")
	code, err := w.make(w.place(), w.offer(desk), newDevice(t))
	if err != nil {
		t.Fatal(err)
	}
	checked, err := desk.CheckPasskeyCode(ctx, &portalv1.CheckPasskeyCodeRequest{Code: code})
	if err != nil {
		t.Fatal(err)
	}
	proof := w.card("yamada-hanako").answer(w.challenge(desk, "login.passkey"))
	if _, err := desk.ShowCard(ctx, &portalv1.ShowCardRequest{Proof: proof}); err != nil {
		t.Fatal(err)
	}
	_, err = desk.AddPasskey(ctx, &portalv1.AddPasskeyRequest{Digest: checked.GetDigest(), Code: code, Name: "x"})
	if got := reasonOf(t, err); got != portalv1.Reason_REASON_CARD_AGAIN {
		t.Errorf("%v", got)
	}
}

// An answer that was lost is given again to the phone that asked, and the offer ends in time.
func TestAnOfferIsForOnePhoneAndAWhile(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w, ctx := newWorld(t, d), t.Context()
		w.openFolder("f", "yamada-hanako")
		desk, phone, own := w.desk("yamada-hanako"), w.place(), newDevice(t)
		token := w.offer(desk)
		open, err := phone.OpenPasskeyOffer(ctx, &portalv1.OpenPasskeyOfferRequest{Token: token})
		if err != nil {
			t.Fatal(err)
		}
		request := &portalv1.MakePasskeyRequest{Token: token, Response: own.make(t, open.GetOptions())}
		first, err := phone.MakePasskey(ctx, request)
		if err != nil || len(first.GetCode()) != 6 {
			t.Fatal(first, err)
		}
		again, err := phone.MakePasskey(ctx, request)
		if err != nil || again.GetCode() != first.GetCode() {
			t.Errorf("again it is %v, %v", again, err)
		}
		watched, err := phone.WatchPasskeyOffer(ctx, &portalv1.WatchPasskeyOfferRequest{Token: token})
		if err != nil || watched.GetAdded() {
			t.Errorf("%v, %v", watched, err)
		}
		w.advance(login.OfferLife)
		_, err = phone.WatchPasskeyOffer(ctx, &portalv1.WatchPasskeyOfferRequest{Token: token})
		if got := reasonOf(t, err); got != portalv1.Reason_REASON_PASSKEY_OFFER_GONE {
			t.Errorf("in the end: %v", got)
		}
		for what, token := range map[string]string{
			"over": token, "foreign": strings.Repeat("A", 22), "none": "", "garbage": "!",
			"long": strings.Repeat("A", 60),
		} {
			_, err := phone.OpenPasskeyOffer(ctx, &portalv1.OpenPasskeyOfferRequest{Token: token})
			if got := reasonOf(t, err); got != portalv1.Reason_REASON_PASSKEY_OFFER_GONE {
				t.Errorf("%s: %v", what, got)
			}
		}
		// What was offered before is withdrawn by what is offered anew.
		before := w.offer(desk)
		w.offer(desk)
		if _, err := w.make(phone, before, newDevice(t)); reasonOf(t, err) !=
			portalv1.Reason_REASON_PASSKEY_OFFER_GONE {
			t.Errorf("withdrawn: %v", err)
		}
	})
}

func TestFivePasskeysAtMost(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w, ctx := newWorld(t, d), t.Context()
		w.openFolder("f", "yamada-hanako")
		desk := w.desk("yamada-hanako")
		var last *portalv1.Passkey
		for range login.MostPasskeys {
			last = w.give(desk, "yamada-hanako", newDevice(t))
		}
		_, err := desk.OfferPasskey(ctx, &portalv1.OfferPasskeyRequest{})
		if got := reasonOf(t, err); got != portalv1.Reason_REASON_TOO_MANY {
			t.Errorf("one more: %v", got)
		}
		if _, err := desk.EndPasskey(ctx, &portalv1.EndPasskeyRequest{Id: last.GetId()}); err != nil {
			t.Fatal(err)
		}
		w.give(desk, "yamada-hanako", newDevice(t))
		if got := len(w.passkeys(desk)); got != login.MostPasskeys {
			t.Errorf("%d of them", got)
		}
	})
}

// A passkey is its person's: nobody else names, ends or uses it.
func TestAPasskeyIsItsPersons(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w, ctx := newWorld(t, d), t.Context()
		w.openFolder("f", "yamada-hanako")
		w.openFolder("g", "yamada-taro")
		desk, others, phone := w.desk("yamada-hanako"), w.desk("yamada-taro"), newDevice(t)
		passkey := w.give(desk, "yamada-hanako", phone)
		if len(w.passkeys(others)) != 0 {
			t.Error("another's list has it")
		}
		_, err := others.RenamePasskey(ctx, &portalv1.RenamePasskeyRequest{Id: passkey.GetId(), Name: "x"})
		if got := reasonOf(t, err); got != portalv1.Reason_REASON_NOT_FOUND {
			t.Errorf("another names it: %v", got)
		}
		if _, err := others.EndPasskey(ctx, &portalv1.EndPasskeyRequest{Id: passkey.GetId()}); err != nil {
			t.Error(err)
		}
		if list := w.passkeys(desk); len(list) != 1 || list[0].GetName() == "x" {
			t.Errorf("another did away with it: %v", list)
		}
		// The same passkey does not become another's, too.
		code, err := w.make(w.place(), w.offer(others), phone)
		if err != nil {
			t.Fatal(err)
		}
		checked, err := others.CheckPasskeyCode(ctx, &portalv1.CheckPasskeyCodeRequest{Code: code})
		if err != nil {
			t.Fatal(err)
		}
		request := &portalv1.AddPasskeyRequest{Digest: checked.GetDigest(), Code: code, Name: "x"}
		w.sign(others, "yamada-taro", request)
		_, err = others.AddPasskey(ctx, request)
		if got := reasonOf(t, err); got != portalv1.Reason_REASON_PASSKEY_OFFER_TAKEN || len(w.passkeys(others)) != 0 {
			t.Errorf("another has the same: %v", got)
		}
		if slices.Contains(w.history("g"), "login.passkey_add") {
			t.Error("the history tells of what was refused")
		}
		for name, call := range map[string]func(*place) error{
			"list": func(p *place) error {
				_, err := p.ListPasskeys(ctx, &portalv1.ListPasskeysRequest{})
				return err
			},
			"offer": func(p *place) error {
				_, err := p.OfferPasskey(ctx, &portalv1.OfferPasskeyRequest{})
				return err
			},
			"end": func(p *place) error {
				_, err := p.EndPasskey(ctx, &portalv1.EndPasskeyRequest{Id: passkey.GetId()})
				return err
			},
		} {
			if got := reasonOf(t, call(w.place())); got != portalv1.Reason_REASON_NOT_LOGGED_IN {
				t.Errorf("%s without a session: %v", name, got)
			}
		}
	})
}

// Each way in which an answer can be bad has its own reason, and none lets anybody in.
func TestBadPasskeys(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w, ctx := newWorld(t, d), t.Context()
		w.openFolder("f", "yamada-hanako")
		desk, good := w.desk("yamada-hanako"), newDevice(t)
		w.give(desk, "yamada-hanako", good)
		response := func(answer map[string]any) map[string]any {
			r, _ := answer["response"].(map[string]any)
			return r
		}
		malformed, signature := portalv1.Reason_REASON_PASSKEY_MALFORMED, portalv1.Reason_REASON_PASSKEY_SIGNATURE
		for name, c := range map[string]struct {
			lie  func(d *device)
			want portalv1.Reason
		}{
			"another origin": {func(d *device) { d.origin = "https://portal.example.jp.evil.example" },
				portalv1.Reason_REASON_PASSKEY_ORIGIN},
			"another port": {func(d *device) { d.origin = origin + ":8443" }, portalv1.Reason_REASON_PASSKEY_ORIGIN},
			"without TLS":  {func(d *device) { d.origin = "http://" + host }, portalv1.Reason_REASON_PASSKEY_ORIGIN},
			"within another": {func(d *device) { d.client = func(c map[string]any) { c["crossOrigin"] = true } },
				portalv1.Reason_REASON_PASSKEY_ORIGIN},
			"another RP ID": {
				func(d *device) { d.site = "example.jp" }, portalv1.Reason_REASON_PASSKEY_SITE,
			},
			"nobody made sure": {
				func(d *device) { d.flags &^= verified }, portalv1.Reason_REASON_PASSKEY_UNVERIFIED,
			},
			"nobody there": {
				func(d *device) { d.flags &^= present }, portalv1.Reason_REASON_PASSKEY_UNVERIFIED,
			},
			"another key":                   {func(d *device) { d.key = newDevice(t).key }, signature},
			"another person":                {func(d *device) { d.handle = []byte("somebody else's") }, signature},
			"no person":                     {func(d *device) { d.handle = nil }, signature},
			"synced by a lie":               {func(d *device) { d.flags |= eligible | backedUp }, signature},
			"kept elsewhere, and cannot be": {func(d *device) { d.flags |= backedUp }, signature},
			"never made": {
				func(d *device) { d.id = []byte("0123456789abcdef") }, portalv1.Reason_REASON_PASSKEY_UNKNOWN,
			},
			"an answer to another question": {func(d *device) {
				d.client = func(c map[string]any) { c["type"] = "webauthn.create" }
			}, malformed},
			"another challenge": {func(d *device) {
				d.client = func(c map[string]any) { c["challenge"] = b64([]byte("0123456789abcdef")) }
			}, portalv1.Reason_REASON_CHALLENGE_INVALID},
			"no challenge": {func(d *device) {
				d.client = func(c map[string]any) { c["challenge"] = "*" }
			}, malformed},
			"no JSON": {func(d *device) {
				d.change = func(a map[string]any) { clear(a) }
			}, malformed},
			"half the device's data": {func(d *device) {
				d.change = func(a map[string]any) { response(a)["authenticatorData"] = b64(make([]byte, 20)) }
			}, malformed},
			"data that goes on in no CBOR": {func(d *device) {
				d.change = func(a map[string]any) {
					data := d.authData(0x80)
					response(a)["authenticatorData"] = b64(append(data, 0xbf, 0xff, 0xff))
				}
			}, malformed},
			"what opens the vault": {func(d *device) {
				d.change = func(a map[string]any) {
					a["clientExtensionResults"] = map[string]any{
						"prf": map[string]any{"results": map[string]any{"first": b64(make([]byte, 32))}},
					}
				}
			}, signature},
		} {
			liar := *good
			c.lie(&liar)
			_, err := w.enter(w.place(), &liar)
			if got := reasonOf(t, err); got != c.want {
				t.Errorf("%s: %v, want %v", name, got, c.want)
			}
		}

		// Of a challenge.
		begin := func(p *place) *portalv1.BeginPasskeyLoginResponse {
			begun, err := p.BeginPasskeyLogin(ctx, &portalv1.BeginPasskeyLoginRequest{})
			if err != nil {
				t.Fatal(err)
			}
			return begun
		}
		enter := func(p *place, begun *portalv1.BeginPasskeyLoginResponse, want portalv1.Reason) {
			t.Helper()
			_, err := p.LogInByPasskey(ctx, &portalv1.LogInByPasskeyRequest{
				Response: good.answer(t, begun.GetOptions()), Seal: begun.GetSeal(),
			})
			if got := reasonOf(t, err); got != want {
				t.Errorf("%v, want %v", got, want)
			}
		}
		here, there := w.place(), w.place()
		begun := begin(here)
		begin(there)
		enter(there, begun, portalv1.Reason_REASON_CHALLENGE_INVALID) // of another browser
		enter(here, begun, portalv1.Reason_REASON_UNSPECIFIED)
		enter(here, begun, portalv1.Reason_REASON_CHALLENGE_EXPIRED) // again
		late := begin(here)
		w.advance(login.Lifetime)
		enter(here, late, portalv1.Reason_REASON_CHALLENGE_EXPIRED)
		// A challenge for the card is none for a passkey, nor the other way round.
		forCard := w.challenge(here, "login")
		enter(here, &portalv1.BeginPasskeyLoginResponse{
			Options: fmt.Appendf(nil, `{"challenge":%q}`, b64(forCard.GetChallenge())), Seal: forCard.GetSeal(),
		}, portalv1.Reason_REASON_CHALLENGE_INVALID)
		forPasskey := begin(here)
		_, err := here.LogIn(ctx, &portalv1.LogInRequest{Proof: w.card("yamada-hanako").answer(
			&portalv1.CreateChallengeResponse{
				Challenge: unb64(t, options(t, forPasskey.GetOptions())["challenge"]), Seal: forPasskey.GetSeal(),
			})})
		if got := reasonOf(t, err); got != portalv1.Reason_REASON_CHALLENGE_INVALID {
			t.Errorf("a passkey's challenge signed by the card: %v", got)
		}
	})
}

// The same of what a device makes.
func TestBadPasskeysAreNotBorn(t *testing.T) {
	w, ctx := newWorld(t, dbtest.SQLite(t)), t.Context()
	w.openFolder("f", "yamada-hanako")
	desk := w.desk("yamada-hanako")
	token := w.offer(desk)
	object := func(change func([]byte) []byte) func(*device) {
		return func(d *device) {
			d.change = func(a map[string]any) {
				r, _ := a["response"].(map[string]any)
				r["attestationObject"] = b64(change(unb64(t, r["attestationObject"])))
			}
		}
	}
	for name, c := range map[string]struct {
		lie  func(d *device)
		want portalv1.Reason
	}{
		"another origin": {
			func(d *device) { d.origin = "https://evil.example" }, portalv1.Reason_REASON_PASSKEY_ORIGIN,
		},
		"another RP ID":    {func(d *device) { d.site = "evil.example" }, portalv1.Reason_REASON_PASSKEY_SITE},
		"nobody made sure": {func(d *device) { d.flags &^= verified }, portalv1.Reason_REASON_PASSKEY_UNVERIFIED},
		"a foreign challenge": {func(d *device) {
			d.client = func(c map[string]any) { c["challenge"] = b64(make([]byte, 32)) }
		}, portalv1.Reason_REASON_CHALLENGE_INVALID},
		"cut off": {object(func(o []byte) []byte { return o[:60] }), portalv1.Reason_REASON_PASSKEY_MALFORMED},
		"no CBOR": {
			object(func([]byte) []byte { return []byte{0xff, 0x00} }), portalv1.Reason_REASON_PASSKEY_MALFORMED,
		},
		"endless nesting": {
			object(func([]byte) []byte { return bytesOf(0x81, 4000) }), portalv1.Reason_REASON_PASSKEY_MALFORMED,
		},
		"a key that is none": {object(func(o []byte) []byte { // the curve's point
			clear(o[len(o)-32:])
			return o
		}), portalv1.Reason_REASON_PASSKEY_MALFORMED},
		"nothing": {func(d *device) { d.change = func(a map[string]any) { clear(a) } },
			portalv1.Reason_REASON_PASSKEY_MALFORMED},
	} {
		liar := newDevice(t)
		c.lie(liar)
		_, err := w.make(w.place(), token, liar)
		if got := reasonOf(t, err); got != c.want {
			t.Errorf("%s: %v, want %v", name, got, c.want)
		}
	}
	// None of them took the offer.
	if _, err := w.make(w.place(), token, newDevice(t)); err != nil {
		t.Error(err)
	}
	huge := make([]byte, 17<<10)
	_, err := w.place().MakePasskey(ctx, &portalv1.MakePasskeyRequest{Token: token, Response: huge})
	if connect.CodeOf(err) != connect.CodeResourceExhausted && reasonOf(t, err) !=
		portalv1.Reason_REASON_PASSKEY_MALFORMED {
		t.Errorf("too large: %v", err)
	}
}

func bytesOf(b byte, n int) []byte { return slices.Repeat([]byte{b}, n) }

// A counter that went back is a copy somewhere: whichever came, nobody comes in by it any more.
func TestACopiedPasskeyEnds(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d)
		w.openFolder("f", "yamada-hanako")
		w.confirmMail("f")
		desk, own := w.desk("yamada-hanako"), newDevice(t)
		own.count = 5
		w.give(desk, "yamada-hanako", own)
		stolen := *own
		own.count = 7
		pocket := w.place()
		if _, err := w.enter(pocket, own); err != nil {
			t.Fatal(err)
		}
		w.letters()
		stolen.count = 6
		_, err := w.enter(w.place(), &stolen)
		if got := reasonOf(t, err); got != portalv1.Reason_REASON_PASSKEY_COPIED {
			t.Errorf("an old counter: %v", got)
		}
		if w.session(pocket) != nil {
			t.Error("what was begun with it goes on")
		}
		for what, d := range map[string]*device{"the copy": &stolen, "the person's": own} {
			d.count = 100
			_, err := w.enter(w.place(), d)
			if got := reasonOf(t, err); got != portalv1.Reason_REASON_PASSKEY_UNKNOWN {
				t.Errorf("%s afterwards: %v", what, got)
			}
		}
		if got := w.letters(); !slices.Equal(got, []string{"passkey-copied"}) {
			t.Errorf("told by %v", got)
		}
		// A device that counts nothing says so each time.
		still := newDevice(t)
		w.give(desk, "yamada-hanako", still)
		for range 3 {
			if _, err := w.enter(w.place(), still); err != nil {
				t.Error(err)
			}
		}
	})
}

// A passkey lives as long as the card that signed for it: not once the portal knows that this was stopped, nor when
// nobody can say, nor after its certificate.
func TestAPasskeyEndsWithItsCard(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d)
		w.openFolder("f", "yamada-hanako")
		w.openFolder("g", "yamada-taro")
		desk, othersDesk := w.desk("yamada-hanako"), w.desk("yamada-taro")
		phone, tablet, others := newDevice(t), newDevice(t), newDevice(t)
		w.give(desk, "yamada-hanako", phone)
		w.give(desk, "yamada-hanako", tablet)
		w.give(othersDesk, "yamada-taro", others)
		pocket := w.place()
		if _, err := w.enter(pocket, phone); err != nil {
			t.Fatal(err)
		}
		enter := func(what string, d *device, want portalv1.Reason) {
			t.Helper()
			_, err := w.enter(w.place(), d)
			if got := reasonOf(t, err); got != want {
				t.Errorf("%s: %v, want %v", what, got, want)
			}
		}
		w.advance(2 * time.Minute) // J-LIS' last answer is over
		w.jlisDown.Store(true)
		enter("nobody can say", tablet, portalv1.Reason_REASON_REVOCATION_UNKNOWN)
		w.jlisDown.Store(false)
		enter("it is good", tablet, portalv1.Reason_REASON_UNSPECIFIED)

		w.stop(cardtest.Of(t, "yamada-hanako"))
		w.advance(2 * time.Minute)
		stream := pocket.listen()
		// That login is how the portal comes to know; from then on nothing of the card goes on. By the time that it is
		// answered the stream has been told.
		asked := time.Now()
		enter("stopped", tablet, portalv1.Reason_REASON_CERTIFICATE_REVOKED)
		if stream.Err() == nil {
			t.Error("a stream of a stopped card goes on")
		}
		t.Log("from the question to J-LIS to the end of all:", time.Since(asked))
		if w.session(pocket) != nil || w.session(desk) != nil {
			t.Error("a session of a stopped card goes on")
		}
		enter("the other passkey", phone, portalv1.Reason_REASON_PASSKEY_UNKNOWN)
		if rows, err := d.Read().PasskeyList(t.Context(), "f"); err != nil || len(rows) != 0 {
			t.Errorf("%v, %v", rows, err)
		}

		enter("another's card", others, portalv1.Reason_REASON_UNSPECIFIED)
		ends := time.UnixMilli(w.passkeys(othersDesk)[0].GetEndsAt())
		w.advance(ends.Sub(w.now()))
		enter("the certificate is over", others, portalv1.Reason_REASON_CERTIFICATE_EXPIRED)
	})
}

// At an address that is no name there can be none, and the portal says so.
func TestNoPasskeysAtANumber(t *testing.T) {
	w := newWorldAt(t, dbtest.SQLite(t), "http://127.0.0.1:8080")
	w.openFolder("f", "yamada-hanako")
	desk := w.desk("yamada-hanako")
	_, err := desk.OfferPasskey(t.Context(), &portalv1.OfferPasskeyRequest{})
	if got := reasonOf(t, err); got != portalv1.Reason_REASON_PASSKEY_NOT_HERE {
		t.Errorf("%v", got)
	}
	_, err = desk.BeginPasskeyLogin(t.Context(), &portalv1.BeginPasskeyLoginRequest{})
	if got := reasonOf(t, err); got != portalv1.Reason_REASON_PASSKEY_NOT_HERE {
		t.Errorf("%v", got)
	}
}
