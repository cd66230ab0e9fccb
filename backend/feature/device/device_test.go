package device_test

import (
	"bytes"
	"encoding/json"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"connectrpc.com/connect"

	"madoguchi/backend/door/access"
	"madoguchi/backend/feature/device"
	"madoguchi/backend/store/card"
	"madoguchi/backend/store/db"
	"madoguchi/backend/store/db/dbtest"
	"madoguchi/backend/store/keys"
	portalv1 "madoguchi/proto/gen/portal/v1"
	"madoguchi/proto/gen/portal/v1/portalv1connect"
)

const firefox = "Mozilla/5.0 (X11; Linux x86_64; rv:145.0) Gecko/20100101 Firefox/145.0"

// world is a portal with nothing but devices; caller is who calls.
type world struct {
	t      *testing.T
	db     *db.DB
	keys   *keys.File
	now    time.Time
	caller access.Caller
	server *httptest.Server
}

func newWorld(t *testing.T, d *db.DB) *world {
	t.Helper()
	w := &world{t: t, db: d, now: time.Date(2026, 11, 26, 9, 0, 0, 0, time.UTC)}
	var err error
	w.keys, err = keys.Make(filepath.Join(t.TempDir(), "keys.json"), time.Now)
	if err != nil {
		t.Fatal(err)
	}
	mux := http.NewServeMux()
	mux.Handle(portalv1connect.NewDeviceServiceHandler(
		device.New(d, w.keys.Ring(keys.Device), func() time.Time { return w.now }),
	))
	w.server = httptest.NewTLSServer(http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		mux.ServeHTTP(rw, r.WithContext(access.WithCaller(r.Context(), w.caller)))
	}))
	t.Cleanup(w.server.Close)
	for _, folder := range []string{"hanako", "taro"} {
		err := d.Tx(t.Context(), func(q *db.Queries) error {
			return q.FolderCreate(t.Context(), db.FolderCreateParams{ID: folder, DisplayName: folder, Language: "ja"})
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	w.be("hanako")
	return w
}

// be has somebody call from now on, with their own card.
func (w *world) be(folder string) {
	w.caller = access.Caller{
		Kind: access.Citizen, FolderID: folder, Card: card.ID{Issuer: strings.Repeat("a1", 32), Serial: folder},
	}
}

// browser is one more.
func (w *world) browser(agent string) portalv1connect.DeviceServiceClient {
	w.t.Helper()
	jar, err := cookiejar.New(nil)
	if err != nil {
		w.t.Fatal(err)
	}
	client := w.server.Client()
	own := &http.Client{Transport: saying{client.Transport, agent}, Jar: jar}
	return portalv1connect.NewDeviceServiceClient(own, w.server.URL)
}

type saying struct {
	http.RoundTripper
	agent string
}

func (s saying) RoundTrip(r *http.Request) (*http.Response, error) {
	r = r.Clone(r.Context())
	r.Header.Set("User-Agent", s.agent)
	return s.RoundTripper.RoundTrip(r)
}

func (w *world) open(browser portalv1connect.DeviceServiceClient) *portalv1.OpenVaultResponse {
	w.t.Helper()
	opened, err := browser.OpenVault(w.t.Context(), &portalv1.OpenVaultRequest{})
	if err != nil {
		w.t.Fatal(err)
	}
	if len(opened.GetSecret()) != 32 || opened.GetVault() == "" {
		w.t.Fatalf("%v", opened)
	}
	return opened
}

func (w *world) devices(browser portalv1connect.DeviceServiceClient) []*portalv1.Device {
	w.t.Helper()
	list, err := browser.ListDevices(w.t.Context(), &portalv1.ListDevicesRequest{})
	if err != nil {
		w.t.Fatal(err)
	}
	return list.GetDevices()
}

// The secret is of a folder and a device: whoever else comes, or wherever else, gets another, and only who logs in
// there again gets the same, with a renewed card, too.
func TestASecretIsOfAFolderAndADevice(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d)
		home, work := w.browser(firefox), w.browser("Mozilla/5.0 (Windows NT 10.0) Chrome/140 Safari/537 Edg/140")
		first := w.open(home)
		if first.GetKnown() {
			t.Error("known before it came")
		}
		w.caller.Card.Serial = "renewed"
		if again := w.open(home); !again.GetKnown() || again.GetVault() != first.GetVault() ||
			!bytes.Equal(again.GetSecret(), first.GetSecret()) {
			t.Error("another secret for the same folder on the same device")
		}
		elsewhere := w.open(work)
		w.be("taro")
		others := w.open(home)
		seen := map[string]bool{}
		for _, o := range []*portalv1.OpenVaultResponse{first, elsewhere, others} {
			seen[o.GetVault()], seen[string(o.GetSecret())] = true, true
		}
		if len(seen) != 6 {
			t.Error("two have something in common")
		}
		w.be("hanako")
		w.now = w.now.Add(time.Hour)
		w.open(home)
		list := w.devices(home)
		if len(list) != 2 || !list[0].GetHere() || list[0].GetName() != "Firefox, Linux" || list[1].GetHere() ||
			list[1].GetName() != "Edge, Windows" ||
			list[0].GetLastAt()-list[0].GetFirstAt() != time.Hour.Milliseconds() {
			t.Errorf("%v", list)
		}
	})
}

func TestNothingIsGivenOnASharedDevice(t *testing.T) {
	d := dbtest.SQLite(t)
	w := newWorld(t, d)
	shared := w.browser(firefox)
	w.caller.SharedDevice = true
	if _, err := shared.OpenVault(t.Context(), &portalv1.OpenVaultRequest{}); connect.CodeOf(err) !=
		connect.CodePermissionDenied {
		t.Error(err)
	}
	w.caller.SharedDevice = false
	if list := w.devices(shared); len(list) != 0 {
		t.Errorf("the device is noted: %v", list)
	}
	// Also where somebody uses the same browser as their own.
	first := w.open(shared)
	w.caller.SharedDevice = true
	if _, err := shared.OpenVault(t.Context(), &portalv1.OpenVaultRequest{}); connect.CodeOf(err) !=
		connect.CodePermissionDenied {
		t.Error(first, err)
	}
}

// A computer that a phone let in gets no secret, whatever else is said of it, and is not noted.
func TestNothingIsGivenWhereAPhoneLetSomebodyIn(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d)
		computer := w.browser(firefox)
		w.caller.Means = access.ByPhone
		given, err := computer.OpenVault(t.Context(), &portalv1.OpenVaultRequest{})
		if connect.CodeOf(err) != connect.CodePermissionDenied || given != nil {
			t.Error(given, err)
		}
		if list := w.devices(computer); len(list) != 0 {
			t.Errorf("the device is noted: %v", list)
		}
	})
}

func TestARemovedDeviceGetsAnotherSecret(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d)
		home := w.browser(firefox)
		before := w.open(home)
		w.be("taro")
		for range 2 { // it is nobody else's to remove
			_, err := home.RemoveDevice(t.Context(), &portalv1.RemoveDeviceRequest{Id: before.GetVault()})
			if err != nil {
				t.Fatal(err)
			}
		}
		w.be("hanako")
		if again := w.open(home); !bytes.Equal(again.GetSecret(), before.GetSecret()) {
			t.Fatal("another person removed the device")
		}
		_, err := home.RemoveDevice(t.Context(), &portalv1.RemoveDeviceRequest{Id: before.GetVault()})
		if err != nil || len(w.devices(home)) != 0 {
			t.Fatal(err, w.devices(home))
		}
		if after := w.open(home); after.GetKnown() || after.GetVault() == before.GetVault() ||
			bytes.Equal(after.GetSecret(), before.GetSecret()) {
			t.Error("what was removed opens still")
		}
	})
}

// A card that was stopped, and a folder that was closed, take with them what opens anything.
func TestWhatEndsADevice(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d)
		home := w.browser(firefox)
		before := w.open(home)
		other := card.ID{Issuer: w.caller.Card.Issuer, Serial: "other"}
		for _, stopped := range []card.ID{other, w.caller.Card} {
			if err := device.CardStopped(d)(t.Context(), stopped); err != nil {
				t.Fatal(err)
			}
			if want := map[bool]int{true: 1, false: 0}[stopped == other]; len(w.devices(home)) != want {
				t.Errorf("after %v: %v", stopped, w.devices(home))
			}
		}
		if after := w.open(home); bytes.Equal(after.GetSecret(), before.GetSecret()) {
			t.Error("the secret outlives the card")
		}
		err := d.Tx(t.Context(), func(q *db.Queries) error {
			_, err := q.FolderDelete(t.Context(), "hanako")
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		if list := w.devices(home); len(list) != 0 {
			t.Errorf("after the folder was closed: %v", list)
		}
		if _, err := home.OpenVault(t.Context(), &portalv1.OpenVaultRequest{}); err == nil {
			t.Error("opened for a folder that is closed")
		}
	})
}

func TestTheDeviceThatWasNotUsedForTheLongestGoes(t *testing.T) {
	w := newWorld(t, dbtest.SQLite(t))
	oldest := w.browser(firefox)
	before := w.open(oldest)
	for range 20 {
		w.now = w.now.Add(time.Minute)
		w.open(w.browser(""))
	}
	list := w.devices(oldest)
	if len(list) != 20 || list[0].GetName() != "" {
		t.Errorf("%d devices: %v", len(list), list[0])
	}
	if after := w.open(oldest); after.GetVault() == before.GetVault() {
		t.Error("the oldest is still known")
	}
}

// The database alone opens nothing, and what a person is told of themselves is no key.
func TestTheSecretIsNotInTheDatabase(t *testing.T) {
	d := dbtest.SQLite(t)
	w := newWorld(t, d)
	home := w.browser(firefox)
	opened := w.open(home)
	rows, err := d.Read().DeviceList(t.Context(), "hanako")
	if err != nil {
		t.Fatal(err)
	}
	told, err := json.Marshal(rows)
	if err != nil || len(rows) != 1 || bytes.Contains(told, []byte("eed")) || bytes.Contains(told, []byte("oken")) {
		t.Errorf("%s, %v", told, err)
	}
	if err := w.keys.Replace(keys.Device); err != nil {
		t.Fatal(err)
	}
	if again := w.open(home); bytes.Equal(again.GetSecret(), opened.GetSecret()) {
		t.Error("the secret comes of the database alone")
	}
}
