package login_test

import (
	"context"
	"crypto/rand"
	"encoding/base64"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/netip"
	"net/url"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"madoguchi/backend/door/access"
	"madoguchi/backend/door/session"
	"madoguchi/backend/feature/login"
	"madoguchi/backend/store/card/cardtest"
	"madoguchi/backend/store/db"
	"madoguchi/backend/store/db/dbtest"
	portalv1 "madoguchi/proto/gen/portal/v1"
	"madoguchi/proto/gen/portal/v1/portalv1connect"
)

const (
	shown    = portalv1.QrState_QR_STATE_SHOWN
	opened   = portalv1.QrState_QR_STATE_OPENED
	allowed  = portalv1.QrState_QR_STATE_ALLOWED
	refused  = portalv1.QrState_QR_STATE_REFUSED
	mistyped = portalv1.QrState_QR_STATE_MISTYPED
	used     = portalv1.QrState_QR_STATE_USED
	expired  = portalv1.QrState_QR_STATE_EXPIRED

	fromHeader = "X-Test-From"
	home       = "198.51.100.7"
)

// countries are those of the tests' networks.
func countries(address netip.Addr) string {
	switch {
	case strings.HasPrefix(address.String(), "198.51.100."):
		return "JP"
	case strings.HasPrefix(address.String(), "203.0.113."):
		return "XK"
	}
	return ""
}

// cameFrom has requests come from where they say.
func cameFrom(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if from := r.Header.Get(fromHeader); from != "" {
			r.RemoteAddr = netip.AddrPortFrom(netip.MustParseAddr(from), 4711).String()
		}
		next.ServeHTTP(w, r)
	})
}

// visitor is a browser somewhere, with its cookies.
type visitor struct {
	login portalv1connect.LoginServiceClient
	qr    portalv1connect.QrServiceClient
	acts  portalv1connect.AccountServiceClient
	jar   http.CookieJar
}

type somewhere struct {
	http.RoundTripper
	from, agent string
}

func (s somewhere) RoundTrip(r *http.Request) (*http.Response, error) {
	r = r.Clone(r.Context())
	r.Header.Set(fromHeader, s.from)
	r.Header.Set("User-Agent", s.agent)
	return s.RoundTripper.RoundTrip(r)
}

const firefox = "Mozilla/5.0 (X11; Linux x86_64; rv:145.0) Gecko/20100101 Firefox/145.0"

func (w *world) visitor(from string) visitor { return w.visitorOf(w.server, from) }

func (w *world) visitorOf(server *httptest.Server, from string) visitor {
	jar, _ := cookiejar.New(nil)
	client := *w.server.Client()
	client.Jar, client.Transport = jar, somewhere{server.Client().Transport, from, firefox}
	return visitor{
		portalv1connect.NewLoginServiceClient(&client, server.URL),
		portalv1connect.NewQrServiceClient(&client, server.URL),
		portalv1connect.NewAccountServiceClient(&client, server.URL), jar,
	}
}

// phone is somebody's, logged in, whose folder is open.
func (w *world) phone(person, from string) visitor {
	w.t.Helper()
	_, err := w.db.Read().FolderOfCard(context.Background(), db.FolderOfCardParams(cardtest.Of(w.t, person)))
	if err != nil {
		w.openFolder("folder-"+person, person)
	}
	v := w.visitor(from)
	if _, err := w.logIn(v.login, person); err != nil {
		w.t.Fatal(err)
	}
	return v
}

func (v visitor) begin(t testing.TB) string {
	t.Helper()
	begun, err := v.qr.BeginQr(context.Background(), &portalv1.BeginQrRequest{})
	if err != nil {
		t.Fatal(err)
	}
	return begun.GetToken()
}

func (v visitor) state(t testing.TB, token string) portalv1.QrState {
	t.Helper()
	seen, err := v.qr.WatchQr(context.Background(), &portalv1.WatchQrRequest{Token: token})
	if err != nil {
		t.Fatal(err)
	}
	return seen.GetState()
}

func (v visitor) open(token string) (*portalv1.OpenQrResponse, error) {
	return v.qr.OpenQr(context.Background(), &portalv1.OpenQrRequest{Token: token})
}

func (v visitor) allow(t testing.TB, token string) string {
	t.Helper()
	response, err := v.qr.AllowQr(context.Background(), &portalv1.AllowQrRequest{Token: token})
	if err != nil {
		t.Fatal(err)
	}
	return response.GetNumber()
}

func (v visitor) refuse(token string, report bool) (*portalv1.RefuseQrResponse, error) {
	return v.qr.RefuseQr(context.Background(), &portalv1.RefuseQrRequest{Token: token, Report: report})
}

func (v visitor) enter(token, number string) error {
	_, err := v.qr.EnterQr(context.Background(), &portalv1.EnterQrRequest{Token: token, Number: number})
	return err
}

func (v visitor) computers(t testing.TB) []*portalv1.QrSession {
	t.Helper()
	list, err := v.qr.ListQrSessions(context.Background(), &portalv1.ListQrSessionsRequest{})
	if err != nil {
		t.Fatal(err)
	}
	return list.GetSessions()
}

// other is a number that is not that one.
func other(number string) string {
	if number == "000000" {
		return "000001"
	}
	return "000000"
}

func wantReason(t testing.TB, err error, want portalv1.Reason) {
	t.Helper()
	if got := reasonOf(t, err); got != want {
		t.Errorf("%v, want %v", got, want)
	}
}

// The whole way: the computer shows, the phone sees who asks, the number is typed, the session is marked, listed,
// written down, and ended from the phone.
func TestByAPhone(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d)
		phone, pc := w.phone("yamada-hanako", home), w.visitor(home)
		begun, err := pc.qr.BeginQr(t.Context(), &portalv1.BeginQrRequest{})
		if err != nil || !strings.HasPrefix(begun.GetPath(), "M4 4h7v1h-7z") || begun.GetLeftMs() != 60_000 {
			t.Fatal(begun, err)
		}
		token := begun.GetToken()
		if pc.state(t, token) != shown {
			t.Error("it is not shown")
		}
		w.advance(20 * time.Second)
		asks, err := phone.open(token)
		if err != nil || asks.GetName() != "Firefox, Linux" || asks.GetPlace() != portalv1.QrPlace_QR_PLACE_JAPAN ||
			asks.GetNetwork() != portalv1.QrNetwork_QR_NETWORK_SAME || asks.GetAgeMs() != 20_000 ||
			asks.GetLeftMs() != 60_000 {
			t.Fatal(asks, err)
		}
		if pc.state(t, token) != opened {
			t.Error("the computer does not hear that it was opened")
		}
		number := phone.allow(t, token)
		if pc.state(t, token) != allowed || len(number) != 6 {
			t.Errorf("%v, %q", pc.state(t, token), number)
		}
		if w.session(pc.login) != nil {
			t.Fatal("in before the number was typed")
		}
		wantReason(t, pc.enter(token, "12 456"), portalv1.Reason_REASON_INVALID_FIELD) // no try
		wantReason(t, pc.enter(token, "１２３４５６"), portalv1.Reason_REASON_INVALID_FIELD)
		if err := pc.enter(token, number); err != nil {
			t.Fatal(err)
		}
		got := w.session(pc.login)
		if got.GetKind() != citizen || got.GetMeans() != portalv1.Means_MEANS_PHONE || !got.GetSharedDevice() ||
			got.GetDisplayName() != "はなこ" ||
			got.GetOwner() != w.session(phone.login).GetOwner() ||
			w.session(phone.login).GetMeans() != portalv1.Means_MEANS_CARD {
			t.Errorf("%v", got)
		}
		seen, err := phone.qr.WatchQr(t.Context(), &portalv1.WatchQrRequest{Token: token})
		if err != nil || seen.GetState() != used {
			t.Fatal(seen, err)
		}
		here, there := phone.computers(t), pc.computers(t)
		if len(here) != 1 || here[0].GetId() != seen.GetSession() || here[0].GetName() != "Firefox, Linux" ||
			here[0].GetHere() || len(there) != 1 || !there[0].GetHere() {
			t.Fatal(here, there)
		}
		wantActs(t, w, "folder-yamada-hanako", "login.begin", "login.allow_computer", "login.begin_by_phone")
		end := &portalv1.EndQrSessionRequest{Id: seen.GetSession()}
		if _, err := phone.qr.EndQrSession(t.Context(), end); err != nil {
			t.Fatal(err)
		}
		if w.session(pc.login) != nil || len(phone.computers(t)) != 0 || w.session(phone.login) == nil {
			t.Error("not that session ended")
		}
		wantActs(t, w, "folder-yamada-hanako", "login.begin", "login.allow_computer", "login.begin_by_phone",
			"login.end_computer")
	})
}

func wantActs(t *testing.T, w *world, folder string, want ...string) {
	t.Helper()
	rows, err := w.db.Read().ActsOfFolder(t.Context(), folder)
	if err != nil {
		t.Fatal(err)
	}
	found := map[string]int{}
	for _, row := range rows {
		found[row.Act]++
	}
	for _, act := range want {
		if found[act] != 1 {
			t.Errorf("%s stands %d times in the history: %v", act, found[act], found)
		}
	}
	if len(rows) != len(want) {
		t.Errorf("%d lines in the history, want %d", len(rows), len(want))
	}
}

// The stranger shows the code of his own PC to somebody who opens it and allows it; he does not learn the number, and
// has one try, however fast and many he is.
func TestAStrangerAtHisOwnComputerStaysOut(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d)
		victim, stranger := w.phone("yamada-hanako", home), w.visitor("203.0.113.66")
		token := stranger.begin(t)
		asks, err := victim.open(token)
		if err != nil || asks.GetPlace() != portalv1.QrPlace_QR_PLACE_ABROAD ||
			asks.GetNetwork() != portalv1.QrNetwork_QR_NETWORK_OTHER {
			t.Fatal(asks, err)
		}
		wantReason(t, stranger.enter(token, "123456"), portalv1.Reason_REASON_QR_EXPIRED) // nobody has allowed it
		number := victim.allow(t, token)
		if seen, err := stranger.qr.WatchQr(t.Context(), &portalv1.WatchQrRequest{Token: token}); err != nil ||
			seen.GetState() != allowed || strings.Contains(seen.String(), number) {
			t.Error(seen, err)
		}
		var tries sync.WaitGroup
		var wrong, over atomic.Int64
		for i := range 16 {
			tries.Go(func() {
				guess := fmt.Sprintf("%06d", i)
				if guess == number {
					guess = other(number)
				}
				switch reasonOf(t, stranger.enter(token, guess)) {
				case portalv1.Reason_REASON_QR_MISTYPED:
					wrong.Add(1)
				case portalv1.Reason_REASON_QR_EXPIRED:
					over.Add(1)
				}
			})
		}
		tries.Wait()
		if wrong.Load() != 1 || over.Load() != 15 {
			t.Errorf("%d tries, %d that were none", wrong.Load(), over.Load())
		}
		wantReason(t, stranger.enter(token, number), portalv1.Reason_REASON_QR_EXPIRED) // read out too late
		if w.session(stranger.login) != nil || victim.state(t, token) != mistyped || len(victim.computers(t)) != 0 {
			t.Error("the stranger is in, or the phone does not hear of it")
		}
	})
}

// An onlooker sees the code, and even the number: from another browser it is worth nothing, and who opens the code
// first does not take it from the person.
func TestAnOnlookerHasNothing(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d)
		phone, pc := w.phone("yamada-hanako", home), w.visitor(home)
		onlooker := w.phone("yamada-taro", home)
		token := pc.begin(t)
		if _, err := onlooker.open(token); err != nil {
			t.Fatal(err)
		}
		if _, err := phone.open(token); err != nil {
			t.Fatal(err)
		}
		number := phone.allow(t, token)
		wantReason(t, onlooker.enter(token, number), portalv1.Reason_REASON_QR_EXPIRED)
		wantReason(t, w.visitor(home).enter(token, number), portalv1.Reason_REASON_QR_EXPIRED)
		if onlooker.state(t, token) != expired || w.visitor(home).state(t, token) != expired {
			t.Error("a stranger is told how it goes")
		}
		_, err := onlooker.open(token)
		wantReason(t, err, portalv1.Reason_REASON_QR_USED)
		_, err = onlooker.refuse(token, true)
		wantReason(t, err, portalv1.Reason_REASON_QR_USED)
		_, err = onlooker.qr.AllowQr(t.Context(), &portalv1.AllowQrRequest{Token: token})
		wantReason(t, err, portalv1.Reason_REASON_QR_USED)
		if err := pc.enter(token, number); err != nil {
			t.Fatal("the onlooker kept the person out: ", err)
		}
	})
}

// An onlooker who allows it first makes the computer ask for a number that the person does not see: nobody gets in, and
// surely not into the onlooker's folder.
func TestWhoAllowsFirstGivesTheNumber(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d)
		phone, onlooker, pc := w.phone("yamada-hanako", home), w.phone("yamada-taro", home), w.visitor(home)
		token := pc.begin(t)
		number := onlooker.allow(t, token)
		_, err := phone.qr.AllowQr(t.Context(), &portalv1.AllowQrRequest{Token: token})
		wantReason(t, err, portalv1.Reason_REASON_QR_USED)
		if phone.state(t, token) != expired || len(phone.computers(t)) != 0 {
			t.Error("told to somebody else")
		}
		wantReason(t, pc.enter(token, other(number)), portalv1.Reason_REASON_QR_MISTYPED)
		if w.session(pc.login) != nil {
			t.Error("in")
		}
	})
}

// A photo of the code opens nothing after the login, nor after the time.
func TestAReplayedPhoto(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d)
		phone, pc := w.phone("yamada-hanako", home), w.visitor(home)
		token := pc.begin(t)
		number := phone.allow(t, token)
		if err := pc.enter(token, number); err != nil {
			t.Fatal(err)
		}
		_, err := phone.open(token)
		wantReason(t, err, portalv1.Reason_REASON_QR_USED)
		wantReason(t, pc.enter(token, number), portalv1.Reason_REASON_QR_EXPIRED)

		w.advance(2 * time.Minute)
		again := pc.begin(t)
		w.advance(time.Minute)
		_, err = phone.open(again)
		wantReason(t, err, portalv1.Reason_REASON_QR_EXPIRED)
		if pc.state(t, again) != expired {
			t.Error("it lives on")
		}
		late := pc.begin(t)
		number = phone.allow(t, late)
		w.advance(time.Minute)
		wantReason(t, pc.enter(late, number), portalv1.Reason_REASON_QR_EXPIRED)

		first := pc.begin(t)
		second := pc.begin(t) // the browser shows a new one: the one before is over
		_, err = phone.open(first)
		wantReason(t, err, portalv1.Reason_REASON_QR_EXPIRED)
		if _, err := phone.open(second); err != nil {
			t.Error(err)
		}
		for _, token := range []string{
			"", "?", strings.Repeat("A", 22), base64.RawURLEncoding.EncodeToString(make([]byte, 15)),
		} {
			_, err = phone.open(token)
			wantReason(t, err, portalv1.Reason_REASON_QR_EXPIRED)
		}
	})
}

// A refusal ends it; one that is reported locks the person's other requests, and the browser, for ten minutes; and
// nobody else's.
func TestARefusal(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d)
		phone, neighbour := w.phone("yamada-hanako", home), w.phone("yamada-taro", home)
		pc, stranger := w.visitor(home), w.visitor("203.0.113.66")
		token := pc.begin(t)
		if said, err := phone.refuse(token, false); err != nil || said.GetLockedMs() != 0 {
			t.Fatal(said, err)
		}
		if pc.state(t, token) != refused || phone.state(t, token) != refused {
			t.Error("not told to both")
		}
		_, err := phone.qr.AllowQr(t.Context(), &portalv1.AllowQrRequest{Token: token})
		wantReason(t, err, portalv1.Reason_REASON_QR_USED)
		if _, err := phone.open(pc.begin(t)); err != nil {
			t.Error("a refusal alone locks: ", err)
		}

		token = stranger.begin(t)
		if _, err := phone.refuse(token, false); err != nil {
			t.Fatal(err)
		}
		_, err = neighbour.refuse(token, true) // it is nobody else's to report
		wantReason(t, err, portalv1.Reason_REASON_QR_USED)
		if said, err := phone.refuse(token, true); err != nil || said.GetLockedMs() != 600_000 { // after it was refused
			t.Fatal(said, err)
		}
		_, err = stranger.qr.BeginQr(t.Context(), &portalv1.BeginQrRequest{})
		wantReason(t, err, portalv1.Reason_REASON_QR_LOCKED)
		token = pc.begin(t)
		_, err = phone.open(token)
		wantReason(t, err, portalv1.Reason_REASON_QR_LOCKED)
		_, err = phone.qr.AllowQr(t.Context(), &portalv1.AllowQrRequest{Token: token})
		wantReason(t, err, portalv1.Reason_REASON_QR_LOCKED)
		if _, err := neighbour.open(token); err != nil {
			t.Error("a neighbour is locked, too: ", err)
		}
		w.advance(10*time.Minute + time.Second)
		if _, err := stranger.qr.BeginQr(t.Context(), &portalv1.BeginQrRequest{}); err != nil {
			t.Error(err)
		}
		if _, err := phone.open(pc.begin(t)); err != nil {
			t.Error("it stays locked: ", err)
		}
		wantActs(t, w, "folder-yamada-taro", "login.begin")
	})
}

// Three live a network, whichever browsers; the fourth is told for how long to wait, another network is not concerned,
// and what is over makes room.
func TestThreeLiveAtANetwork(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d)
		phone := w.phone("yamada-hanako", home)
		var got, crowded atomic.Int64
		var asking sync.WaitGroup
		for range 12 {
			v := w.visitor(home)
			asking.Go(func() {
				_, err := v.qr.BeginQr(context.Background(), &portalv1.BeginQrRequest{})
				switch reasonOf(t, err) {
				case portalv1.Reason_REASON_UNSPECIFIED:
					got.Add(1)
				case portalv1.Reason_REASON_QR_CROWDED:
					crowded.Add(1)
				}
			})
		}
		asking.Wait()
		if got.Load() != 3 || crowded.Load() != 9 {
			t.Fatalf("%d live, %d are told that there is no room", got.Load(), crowded.Load())
		}
		w.visitor("198.51.100.8").begin(t)
		w.visitor("2001:db8::1").begin(t)
		w.advance(time.Minute)
		one, two, three := w.visitor(home), w.visitor(home), w.visitor(home)
		for _, v := range []visitor{one, two, three} {
			v.begin(t)
			v.begin(t) // instead of its own
		}
		token := three.begin(t)
		if _, err := phone.refuse(token, false); err != nil {
			t.Fatal(err)
		}
		w.visitor(home).begin(t)
	})
}

// A browser that asks for codes without end is told to wait, before anything is drawn or written: the code that it has
// lives on, another network is not concerned, and after a moment there are codes again.
func TestWhoAsksForCodesWithoutEndIsSlowed(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d)
		pc := w.visitor(home)
		var token string
		for range login.CodesAtOnce {
			token = pc.begin(t)
		}
		begin := func(v visitor) error {
			_, err := v.qr.BeginQr(context.Background(), &portalv1.BeginQrRequest{})
			return err
		}
		for _, v := range []visitor{pc, w.visitor(home)} {
			wantReason(t, begin(v), portalv1.Reason_REASON_TOO_MANY_REQUESTS)
		}
		if state := pc.state(t, token); state != portalv1.QrState_QR_STATE_SHOWN {
			t.Errorf("the code before is %v", state)
		}
		w.visitor("198.51.100.8").begin(t)
		w.advance(time.Second)
		pc.begin(t)
		pc.begin(t)
		wantReason(t, begin(pc), portalv1.Reason_REASON_TOO_MANY_REQUESTS)
	})
}

// 100,000 guesses: at the codes, at the number, at a session's id.
func TestGuessesFindNothing(t *testing.T) {
	w := newWorld(t, dbtest.SQLite(t))
	phone, pc := w.phone("yamada-hanako", home), w.visitor(home)
	token := pc.begin(t)
	number := phone.allow(t, token)
	wantReason(t, pc.enter(token, other(number)), portalv1.Reason_REASON_QR_MISTYPED)
	guesser := access.WithCaller(t.Context(), access.Caller{Kind: access.Citizen, FolderID: "folder-yamada-hanako"})
	random := make([]byte, 16)
	for i := range 100_000 {
		_, _ = rand.Read(random)
		seen, err := w.service.WatchQr(guesser, &portalv1.WatchQrRequest{
			Token: base64.RawURLEncoding.EncodeToString(random),
		})
		if err != nil || seen.GetState() != expired {
			t.Fatal(seen, err)
		}
		if i%10 > 0 {
			continue
		}
		if err := pc.enter(token, fmt.Sprintf("%06d", i)); reasonOf(t, err) != portalv1.Reason_REASON_QR_EXPIRED {
			t.Fatal(err)
		}
	}
	if w.session(pc.login) != nil {
		t.Error("in")
	}
	// Whoever opens codes without end is slowed.
	slowed := false
	for range 100 {
		if _, err := phone.open("guess"); reasonOf(t, err) == portalv1.Reason_REASON_TOO_MANY_REQUESTS {
			slowed = true
		}
	}
	w.advance(time.Minute)
	if _, err := phone.open(w.visitor(home).begin(t)); err != nil || !slowed {
		t.Error("slowed: ", slowed, err)
	}
}

// Two portals on one database: what one begins the other goes on with, and one try is one try.
func TestTwoPortals(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d)
		rules, err := access.Check(portalv1connect.LoginServiceName, portalv1connect.AccountServiceName,
			portalv1connect.QrServiceName)
		if err != nil {
			t.Fatal(err)
		}
		sessions := session.New(d, session.Limits{}, w.now)
		second := w.serve(sessions, w.newServiceOn(sessions, origin, w.service.JLIS, rules), rules)
		phone, pc := w.phone("yamada-hanako", home), w.visitor(home)
		there := w.visitorOf(second, home)
		token := pc.begin(t)
		move(t, pc.jar, w.server.URL, there.jar, second.URL)
		number := phone.allow(t, token)
		if there.state(t, token) != allowed {
			t.Error("the second portal does not know")
		}
		var in, not atomic.Int64
		var tries sync.WaitGroup
		for i := range 8 {
			v := pc
			if i%2 == 0 {
				v = there
			}
			tries.Go(func() {
				switch reasonOf(t, v.enter(token, number)) {
				case portalv1.Reason_REASON_UNSPECIFIED:
					in.Add(1)
				case portalv1.Reason_REASON_QR_EXPIRED:
					not.Add(1)
				}
			})
		}
		tries.Wait()
		if in.Load() != 1 || not.Load() != 7 || len(phone.computers(t)) != 1 {
			t.Errorf("%d are in, %d not, %d sessions", in.Load(), not.Load(), len(phone.computers(t)))
		}
		ended := phone.computers(t)[0].GetId()
		other := w.visitorOf(second, home)
		move(t, phone.jar, w.server.URL, other.jar, second.URL)
		if _, err := other.qr.EndQrSession(t.Context(), &portalv1.EndQrSessionRequest{Id: ended}); err != nil {
			t.Fatal(err)
		}
		if w.session(pc.login) != nil || w.session(there.login) != nil {
			t.Error("it goes on at one of the two")
		}
	})
}

// move gives one browser's cookies to what stands for it at another portal.
func move(t *testing.T, from http.CookieJar, at string, to http.CookieJar, there string) {
	t.Helper()
	source, err := url.Parse(at)
	if err != nil {
		t.Fatal(err)
	}
	target, err := url.Parse(there)
	if err != nil {
		t.Fatal(err)
	}
	var cookies []*http.Cookie
	for _, c := range from.Cookies(source) {
		cookies = append(cookies, &http.Cookie{Name: c.Name, Value: c.Value, Path: "/", Secure: true})
	}
	to.SetCookies(target, cookies)
}

// Who may not: nobody, a newcomer, a session that began so itself; a stopped card, one of which nothing is known; a
// phone that has logged out meanwhile.
func TestWhoLetsNobodyIn(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d)
		pc := w.visitor(home)
		token := pc.begin(t)
		allow := &portalv1.AllowQrRequest{Token: token}
		_, err := w.visitor(home).qr.AllowQr(t.Context(), allow)
		wantReason(t, err, portalv1.Reason_REASON_NOT_LOGGED_IN)
		_, err = w.visitor(home).open(token)
		wantReason(t, err, portalv1.Reason_REASON_NOT_LOGGED_IN)
		newcomer := w.visitor(home)
		if _, err := w.logIn(newcomer.login, "yamada-taro"); err != nil {
			t.Fatal(err)
		}
		_, err = newcomer.qr.AllowQr(t.Context(), allow)
		wantReason(t, err, portalv1.Reason_REASON_NOT_ALLOWED)

		phone := w.phone("yamada-hanako", home)
		if err := pc.enter(token, phone.allow(t, token)); err != nil {
			t.Fatal(err)
		}
		next := w.visitor(home)
		token = next.begin(t)
		_, err = pc.open(token)
		wantReason(t, err, portalv1.Reason_REASON_QR_BY_PHONE)
		_, err = pc.qr.AllowQr(t.Context(), &portalv1.AllowQrRequest{Token: token})
		wantReason(t, err, portalv1.Reason_REASON_QR_BY_PHONE)

		w.jlisDown.Store(true)
		_, err = phone.qr.AllowQr(t.Context(), &portalv1.AllowQrRequest{Token: token})
		wantReason(t, err, portalv1.Reason_REASON_REVOCATION_UNKNOWN)
		w.jlisDown.Store(false)
		number := phone.allow(t, token)
		if _, err := phone.login.LogOut(t.Context(), &portalv1.LogOutRequest{}); err != nil {
			t.Fatal(err)
		}
		wantReason(t, next.enter(token, number), portalv1.Reason_REASON_QR_EXPIRED)

		phone = w.phone("yamada-hanako", home)
		token = next.begin(t)
		w.stopped.Store(cardtest.Of(t, "yamada-hanako"), true)
		_, err = phone.qr.AllowQr(t.Context(), &portalv1.AllowQrRequest{Token: token})
		wantReason(t, err, portalv1.Reason_REASON_CERTIFICATE_REVOKED)
		if w.session(phone.login) != nil || w.session(pc.login) != nil || w.session(next.login) != nil {
			t.Error("a stopped card's sessions go on, the computer's among them")
		}
	})
}

// What needs the card asks for it in such a session, and the person's card opens it, nobody else's.
func TestTheCardIsAskedForAfterALoginByPhone(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d)
		phone, pc := w.phone("yamada-hanako", home), w.visitor(home)
		token := pc.begin(t)
		if err := pc.enter(token, phone.allow(t, token)); err != nil {
			t.Fatal(err)
		}
		_, err := pc.acts.CloseAccount(t.Context(), &portalv1.CloseAccountRequest{})
		wantReason(t, err, portalv1.Reason_REASON_CARD_AGAIN)
		show := func(person string) error {
			_, err := pc.login.ShowCard(t.Context(), &portalv1.ShowCardRequest{
				Proof: w.card(person).answer(w.challenge(pc.login, "account.close")),
			})
			return err
		}
		wantReason(t, show("yamada-taro"), portalv1.Reason_REASON_OTHER_CARD)
		if err := show("yamada-hanako"); err != nil {
			t.Fatal(err)
		}
		if _, err := pc.acts.CloseAccount(t.Context(), &portalv1.CloseAccountRequest{}); err != nil {
			t.Error(err)
		}
	})
}

// Nothing in the store opens anything, or tells where somebody was.
func TestNothingOfACodeIsReadOffTheStore(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d)
		phone, pc := w.phone("yamada-hanako", home), w.visitor(home)
		token := pc.begin(t)
		number := phone.allow(t, token)
		rows, err := d.Read().QrLoginsOfFolder(t.Context(), "folder-yamada-hanako")
		if err != nil || len(rows) != 1 {
			t.Fatal(rows, err)
		}
		random, _ := base64.RawURLEncoding.DecodeString(token)
		row, err := d.Read().QrGet(t.Context(), login.TokenHash(random))
		if err != nil {
			t.Fatal(err)
		}
		whole := fmt.Sprintf("%+v", row)
		for _, secret := range []string{token, number, home} {
			if strings.Contains(whole, secret) {
				t.Errorf("%q stands in %s", secret, whole)
			}
		}
	})
}

func TestTheTableOfCountries(t *testing.T) {
	table, err := login.ReadCountries(strings.NewReader(
		"# one of several forms\n1.0.16.0,1.0.31.255,JP\n198.51.100.0/24,jp,Asia\n" +
			"2001:db8::,2001:db8:ffff:ffff:ffff:ffff:ffff:ffff,US\n\"203.0.113.0\",\"203.0.113.255\",\"ZZ\"\n"))
	if err != nil {
		t.Fatal(err)
	}
	for address, want := range map[string]string{
		"1.0.15.255": "", "1.0.16.0": "JP", "1.0.31.255": "JP", "1.0.32.0": "", "198.51.100.255": "JP",
		"2001:db8::1": "US", "2001:db9::1": "", "203.0.113.5": "", "127.0.0.1": "", "::1": "",
	} {
		if got := table(netip.MustParseAddr(address)); got != want {
			t.Errorf("%s is in %q, want %q", address, got, want)
		}
	}
	for _, wrong := range []string{
		"", "1.0.16.0,JP\n", "1.0.16.0,1.0.15.0,JP\n", "1.0.16.0,::1,JP\n", "1.0.16.0,x,JP\n",
		"1.0.16.0,1.0.17.0,JPN\n",
		"1.0.16.0/20,JP\n1.0.17.0,1.0.17.9,US\n", "\"\n",
	} {
		if _, err := login.ReadCountries(strings.NewReader(wrong)); err == nil {
			t.Errorf("%q is taken", wrong)
		}
	}
}

func FuzzReadCountries(f *testing.F) {
	f.Add("1.0.16.0,1.0.31.255,JP\n", "1.0.17.0")
	f.Add("198.51.100.0/24,JP\n::/0,US\n", "::1")
	f.Fuzz(func(t *testing.T, text, where string) {
		table, err := login.ReadCountries(strings.NewReader(text))
		if err != nil {
			return
		}
		if address, err := netip.ParseAddr(where); err == nil {
			if got := table(address); got != "" && len(got) != 2 {
				t.Errorf("%q", got)
			}
		}
	})
}

// What a page sends as a code, a number or an id is taken for nothing else than one.
func FuzzQrTokens(f *testing.F) {
	w := newWorld(f, dbtest.SQLite(f))
	phone, pc := w.phone("yamada-hanako", home), w.visitor(home)
	token := pc.begin(f)
	f.Add(token, "123456")
	f.Add(token+"=", "12345６")
	f.Add(strings.ToUpper(token), "-12345")
	ctx := access.WithCaller(context.Background(), access.Caller{
		Kind: access.Citizen, FolderID: "folder-yamada-hanako",
	})
	_ = phone
	f.Fuzz(func(t *testing.T, sent, number string) {
		seen, err := w.service.WatchQr(ctx, &portalv1.WatchQrRequest{Token: sent})
		if err != nil || seen.GetState() != expired {
			t.Errorf("%q: %v, %v", sent, seen, err)
		}
		if _, err := w.service.EnterQr(ctx, &portalv1.EnterQrRequest{Token: sent, Number: number}); err == nil {
			t.Errorf("%q, %q is let in", sent, number)
		}
		if _, err := w.service.EndQrSession(ctx, &portalv1.EndQrSessionRequest{Id: sent}); err != nil {
			t.Errorf("%q: %v", sent, err)
		}
	})
}

// From the approval on the phone until the computer is in: the two calls, over HTTPS.
func BenchmarkByPhone(b *testing.B) {
	slog.SetLogLoggerLevel(slog.LevelError)
	w := newWorld(b, dbtest.SQLite(b))
	phone, pc := w.phone("yamada-hanako", home), w.visitor(home)
	var approved, entered time.Duration
	before := cpu()
	for i := range b.N {
		if i%60 == 59 { // eight minutes on: before the phone's session is over
			if _, err := w.logIn(phone.login, "yamada-hanako"); err != nil {
				b.Fatal(err)
			}
		}
		w.advance(4 * time.Second) // a person's pace
		token := pc.begin(b)
		if _, err := phone.open(token); err != nil {
			b.Fatal(err)
		}
		w.advance(4 * time.Second)
		start := time.Now()
		number := phone.allow(b, token)
		approved += time.Since(start)
		start = time.Now()
		if err := pc.enter(token, number); err != nil {
			b.Fatal(err)
		}
		entered += time.Since(start)
	}
	b.ReportMetric(float64(approved.Microseconds())/float64(b.N), "µs-allow")
	b.ReportMetric(float64(entered.Microseconds())/float64(b.N), "µs-enter")
	b.ReportMetric(float64((cpu()-before).Microseconds())/float64(b.N), "cpu-µs/login")
}
