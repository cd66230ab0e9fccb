package main

import (
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/binary"
	"encoding/json"
	"encoding/pem"
	"fmt"
	"io"
	"maps"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"google.golang.org/protobuf/reflect/protodesc"
	"google.golang.org/protobuf/reflect/protoregistry"
	"google.golang.org/protobuf/types/descriptorpb"

	"madoguchi/backend/door/access"
	"madoguchi/backend/door/access/accesstest"
	"madoguchi/backend/door/mount"
	"madoguchi/backend/door/office"
	"madoguchi/backend/door/office/officetest"
	"madoguchi/backend/door/session"
	"madoguchi/backend/door/session/sessiontest"
	"madoguchi/backend/store/card"
	"madoguchi/backend/store/card/cardtest"
	"madoguchi/backend/store/db"
	"madoguchi/backend/store/db/dbtest"
	"madoguchi/backend/store/folder/foldertest"
	portalv1 "madoguchi/proto/gen/portal/v1"
)

// world is the real portal on free ports, with a real SQLite file and offices with real certificates.
type world struct {
	*portal
	t            testing.TB
	front, back  string
	certificates map[string]tls.Certificate
}

// prepare makes what a portal needs to start, with the settings that name it.
func prepare(t testing.TB) (_ *world, c config, front, back net.Listener) {
	t.Helper()
	dir := t.TempDir()
	w := &world{t: t, certificates: map[string]tls.Certificate{}}
	file := func(name string, data []byte) string {
		path := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, data, 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	file("web/routes.json", []byte(`{"routes":[{"path":"/","page":"top"}],"languages":["ja"],"not_found":"top"}`))
	file("web/pages/top.ja.html", []byte("<h1>まどぐち</h1>"))

	var registry []office.Registration
	for _, o := range []office.Registration{
		{
			ID: "131105", Name: "目黒区", MunicipalityCode: "131105",
			Duties: []string{"notice", "person", "myinfo", "myinfo-13", "support-measures", "exchange", "inquiry"},
		},
		{ID: "nenkin", Name: "日本年金機構", Duties: []string{"notice", "notice-nation", "person"}},
		{
			ID: "011002", Name: "札幌市",
			Duties:           []string{"notice", "person", "procedure", "myinfo", "exchange", "inquiry", "application"},
			MunicipalityCode: "011002",
		},
		{ID: "mute", Name: "名簿だけの機関", Duties: []string{"person"}},
		{ID: "expired", Name: "期限切れの機関", Duties: []string{"notice", "person"}},
	} {
		until := time.Now().Add(time.Hour)
		if o.ID == "expired" {
			until = time.Now().Add(-time.Minute)
		}
		w.certificates[o.ID] = officetest.Certificate(t, o.ID, until)
		o.CertificateHash = officetest.HashOf(w.certificates[o.ID].Certificate[0])
		registry = append(registry, o)
	}
	w.certificates["stranger"] = officetest.Certificate(t, "nenkin", time.Now().Add(time.Hour)) // a name proves nothing
	offices, err := json.Marshal(registry)
	if err != nil {
		t.Fatal(err)
	}
	gateway := officetest.Certificate(t, "gateway", time.Now().Add(time.Hour))
	key, err := x509.MarshalPKCS8PrivateKey(gateway.PrivateKey)
	if err != nil {
		t.Fatal(err)
	}
	front, back = listener(t), listener(t)
	w.front, w.back = "http://"+front.Addr().String(), "https://"+back.Addr().String()
	ca := officetest.Certificate(t, "test CA", time.Now().Add(time.Hour))
	c, err = parseConfig([]string{
		"--database", filepath.Join(dir, "portal.sqlite"), "--web", filepath.Join(dir, "web"), "--origin", w.front,
		"--jpki-ca", file("ca.pem", pemOf("CERTIFICATE", ca.Certificate[0])), "--jlis", "http://127.0.0.1:1/jlis",
		"--smtp", "127.0.0.1:1",
		"--gateway-certificate", file("gateway.pem", pemOf("CERTIFICATE", gateway.Certificate[0])), "--gateway-key",
		file("gateway.key", pemOf("PRIVATE KEY", key)),
		"--offices", file("offices.json", offices),
	}, func(string) string { return "" }, io.Discard)
	if err != nil {
		t.Fatal(err)
	}
	return w, c, front, back
}

func startWorld(t testing.TB) *world { return startWorldWith(t, nil) }

// startWorldWith lets the settings be changed, and what they name be filled, before the portal is built.
func startWorldWith(t testing.TB, change func(*config)) *world {
	t.Helper()
	w, c, front, back := prepare(t)
	if change != nil {
		change(&c)
	}
	if !db.IsPostgres(c.database) {
		dbtest.FileAt(t, c.database)
	}
	ctx, stop := context.WithCancel(context.Background())
	var err error
	if w.portal, err = build(ctx, c); err != nil {
		stop()
		t.Fatal(err)
	}
	done := make(chan error, 1)
	go func() { done <- w.serve(ctx, front, back) }()
	t.Cleanup(func() {
		stop()
		if err := <-done; err != nil {
			t.Error(err)
		}
		w.db.Close()
	})
	return w
}

func listener(t testing.TB) net.Listener {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	return l
}

func pemOf(kind string, der []byte) []byte {
	return pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: der})
}

// folder opens a folder without a card, which two of the offices know; begin gives it (or, for "", a newcomer) a
// session and returns the cookie.
func (w *world) folder(id string) {
	w.t.Helper()
	opened := foldertest.Of(id)
	opened.OpenedAt = time.Now().UnixMilli()
	foldertest.Create(w.t, w.db, opened)
	officetest.Introduce(w.t, w.db, id, "131105", "nenkin")
}

// shown is the card that begin has shown.
var shown = cardtest.ID("a")

func (w *world) begin(folder, purpose string) *http.Cookie {
	w.t.Helper()
	return w.beginWith(shown, folder, purpose)
}

func (w *world) beginWith(of card.ID, folder, purpose string) *http.Cookie {
	w.t.Helper()
	token := sessiontest.Begin(w.t, w.db, w.sessions, folder, of, time.Now().Add(time.Hour))
	if purpose != "" {
		sessiontest.ShowCard(w.t, w.db, w.sessions, token, purpose)
	}
	return sessiontest.Cookie(token)
}

func (w *world) office(name string) *http.Client {
	// the test knows whom it talks to
	transport := &http.Transport{ForceAttemptHTTP2: true, TLSClientConfig: &tls.Config{InsecureSkipVerify: true}}
	if name != "" {
		transport.TLSClientConfig.Certificates = []tls.Certificate{w.certificates[name]}
	}
	w.t.Cleanup(transport.CloseIdleConnections)
	return &http.Client{Transport: transport, Timeout: 10 * time.Second}
}

// call makes an empty call over the Connect protocol and returns the reason of its error, or UNSPECIFIED.
func call(t *testing.T, client *http.Client, base, procedure string, cookie *http.Cookie) portalv1.Reason {
	t.Helper()
	contentType, body := "application/json", []byte("{}")
	if strings.HasSuffix(procedure, "/WatchNotices") || strings.HasSuffix(procedure, "/Watch") ||
		strings.HasSuffix(procedure, "/WatchRequests") {
		contentType, body = "application/connect+json", append([]byte{0, 0, 0, 0, 2}, "{}"...)
	}
	request, err := http.NewRequest("POST", base+procedure, bytes.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	request.Header.Set("Content-Type", contentType)
	if cookie != nil {
		request.AddCookie(cookie)
	}
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	response, err := client.Do(request.WithContext(ctx))
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	var said io.Reader = response.Body
	if contentType != "application/json" && response.StatusCode == http.StatusOK {
		// A stream begins with a message, or with its end, where the refusal is; who was let in would listen for ever.
		var start [5]byte
		if _, err := io.ReadFull(said, start[:]); err != nil {
			t.Fatal(err)
		}
		said = io.LimitReader(said, int64(binary.BigEndian.Uint32(start[1:])))
	}
	answer, err := io.ReadAll(said)
	if err != nil {
		t.Fatal(err)
	}
	for name, value := range portalv1.Reason_value {
		if value != 0 && bytes.Contains(answer, []byte(`"message":"`+name+`"`)) {
			return portalv1.Reason(value)
		}
	}
	return portalv1.Reason_REASON_UNSPECIFIED
}

// Every RPC × every kind of caller, as the contract says.
func TestWhoMayCallWhat(t *testing.T) {
	w := startWorld(t)
	rules := maps.Clone(w.house.Rules(mount.People))
	maps.Copy(rules, w.house.Rules(mount.Offices))
	certificates := map[string]string{
		"office+notice+notice-nation+person": "nenkin", "office+person": "mute", "nobody+stranger": "stranger",
		"nobody+expired": "expired",
	}
	callers := []string{"nobody", "nobody+forged", "newcomer", "citizen", "citizen+account.close", "citizen+login"}
	verdicts := map[portalv1.Reason]access.Verdict{
		portalv1.Reason_REASON_NOT_LOGGED_IN: access.NotLoggedIn, portalv1.Reason_REASON_NOT_ALLOWED: access.NotAllowed,
		portalv1.Reason_REASON_CARD_AGAIN: access.CardAgain,
	}
	for i, c := range accesstest.Cases(rules, append(callers, slices.Collect(maps.Keys(certificates))...)...) {
		name, isOffice := certificates[c.As]
		if isOffice != strings.HasPrefix(c.Procedure, "/office.") {
			continue // not at this door: see the next test
		}
		t.Run(strings.Trim(c.Procedure, "/")+" by "+c.As, func(t *testing.T) {
			w.t = t
			client, base := http.DefaultClient, w.front
			var cookie *http.Cookie
			folder := fmt.Sprintf("F%d", i)
			switch {
			case isOffice:
				client, base = w.office(name), w.back
			case c.As == "nobody+forged":
				cookie = &http.Cookie{Name: session.CookieName, Value: strings.Repeat("A", 43)}
			case c.As == "newcomer":
				cookie = w.begin("", "")
			case c.As != "nobody":
				_, purpose, _ := strings.Cut(c.As, "+")
				w.folder(folder)
				cookie = w.begin(folder, purpose)
			}
			if got := verdicts[call(t, client, base, c.Procedure, cookie)]; got != c.Want {
				t.Errorf("verdict %d, want %d", got, c.Want)
			}
		})
	}
}

func TestNoDoorLeadsToTheOther(t *testing.T) {
	w := startWorld(t)
	w.folder("F1")
	for _, path := range []string{"/office.v1.NoticeService/SendNotice", "/office.v1.PersonService/ListPersons"} {
		response, err := post(http.DefaultClient, w.front+path, "{}", w.begin("F1", ""))
		if err != nil || response.StatusCode == http.StatusOK {
			t.Errorf("%s at the people's door: %v, %v", path, response, err)
		}
	}
	response, err := post(w.office("nenkin"), w.back+"/portal.v1.AccountService/GetAccount", "{}", w.begin("F1", ""))
	if err != nil || response.StatusCode != http.StatusNotFound {
		t.Errorf("a person's call at the offices' door: %v, %v", response, err)
	}
	if _, err := post(w.office(""), w.back+"/office.v1.PersonService/ListPersons", "{}", nil); err == nil {
		t.Error("without a certificate the gateway speaks")
	}
}

func post(client *http.Client, address, body string, cookie *http.Cookie) (*http.Response, error) {
	request, err := http.NewRequest("POST", address, strings.NewReader(body))
	if err != nil {
		return nil, err
	}
	request.Header.Set("Content-Type", "application/json")
	if cookie != nil {
		request.AddCookie(cookie)
	}
	response, err := client.Do(request)
	if err != nil {
		return nil, err
	}
	_, _ = io.Copy(io.Discard, response.Body)
	response.Body.Close()
	return response, nil
}

func TestServerWithAnUnmarkedRPCDoesNotStart(t *testing.T) {
	text := func(s string) *string { return &s }
	file, err := protodesc.NewFile(&descriptorpb.FileDescriptorProto{
		Name: text("test/unmarked.proto"), Package: text("test"), Syntax: text("proto3"),
		MessageType: []*descriptorpb.DescriptorProto{{Name: text("Nothing")}},
		Service: []*descriptorpb.ServiceDescriptorProto{{Name: text("Unmarked"),
			Method: []*descriptorpb.MethodDescriptorProto{
				{Name: text("Do"), InputType: text(".test.Nothing"), OutputType: text(".test.Nothing")},
			}}},
	}, protoregistry.GlobalFiles)
	if err != nil {
		t.Fatal(err)
	}
	if err := protoregistry.GlobalFiles.RegisterFile(file); err != nil {
		t.Fatal(err)
	}
	w := opened(t, nil)
	unmarked := mount.Feature{Name: "test", Services: []mount.Service{{Name: "test.Unmarked"}}}
	if err := w.house.Mount(unmarked); err == nil || !strings.Contains(err.Error(), "who may call it") {
		t.Errorf("got %v", err)
	}
}

func TestMalformedRequests(t *testing.T) {
	w := startWorld(t)
	w.folder("F1")
	good := w.begin("F1", "").Value
	for _, c := range []struct {
		name, path, contentType, body, cookie string
	}{
		{
			"cookie of rubbish", "/portal.v1.AccountService/GetAccount", "application/json", "{}",
			session.CookieName + "=\x01\"';=,",
		},
		{
			"cookie too long", "/portal.v1.AccountService/GetAccount", "application/json", "{}",
			session.CookieName + "=" + strings.Repeat("A", 8000),
		},
		{
			"two cookies", "/portal.v1.AccountService/GetAccount", "application/json", "{}",
			session.CookieName + "=x; " + session.CookieName + "=y",
		},
		{"no JSON", "/portal.v1.LoginService/LogIn", "application/json", "{", ""},
		{
			"wrong types", "/portal.v1.NoticeService/ListNotices", "application/json", `{"pageSize":"many"}`,
			session.CookieName + "=" + good,
		},
		{"no protobuf", "/portal.v1.LoginService/LogIn", "application/proto", "\xff\xff\xff", ""},
		{
			"a frame that lies", "/portal.v1.LoginService/LogIn", "application/grpc-web+proto",
			"\x00\xff\xff\xff\xff", "",
		},
		{
			"a bomb", "/portal.v1.LoginService/LogIn", "application/json",
			`{"proof":{"challenge":"` + strings.Repeat("A", 100<<10) + `"}}`, "",
		},
		{"unknown type", "/portal.v1.LoginService/LogIn", "text/html", "<p>", ""},
		{"unknown method", "/portal.v1.LoginService/Nothing", "application/json", "{}", ""},
		{
			"page token", "/portal.v1.NoticeService/ListNotices", "application/json", `{"pageToken":"../../"}`,
			session.CookieName + "=" + good,
		},
		{
			"notice id", "/portal.v1.NoticeService/GetNotice", "application/json", `{"id":"n' OR 1=1 --"}`,
			session.CookieName + "=" + good,
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			request, err := http.NewRequest("POST", w.front+c.path, strings.NewReader(c.body))
			if err != nil {
				t.Fatal(err)
			}
			request.Header["Cookie"] = []string{c.cookie}
			request.Header.Set("Content-Type", c.contentType)
			connection, err := net.Dial("tcp", strings.TrimPrefix(w.front, "http://"))
			if err != nil {
				t.Fatal(err)
			}
			defer connection.Close()
			// By hand: the standard client would mend the cookie.
			fmt.Fprintf(connection, "POST %s HTTP/1.1\r\nHost: %s\r\nContent-Type: %s\r\nCookie: %s\r\n"+
				"Content-Length: %d\r\nConnection: close\r\n\r\n%s",
				c.path, strings.TrimPrefix(w.front, "http://"), c.contentType, c.cookie, len(c.body), c.body)
			answer, err := io.ReadAll(connection)
			if err != nil {
				t.Fatal(err)
			}
			status, _, _ := strings.Cut(string(answer), "\r\n")
			grpcFailed := strings.Contains(strings.ToLower(string(answer)), "grpc-status") &&
				!strings.Contains(strings.ToLower(string(answer)), "grpc-status: 0")
			if !strings.HasPrefix(status, "HTTP/1.1 4") && !grpcFailed {
				t.Errorf("%s\n%.400s", status, answer)
			}
			if strings.Contains(string(answer), "panic") || strings.Contains(string(answer), "goroutine") ||
				strings.Contains(string(answer), "SQL") {
				t.Errorf("the answer tells too much: %.400s", answer)
			}
		})
	}
	if r, err := http.Get(w.front + "/healthz"); err != nil || r.StatusCode != 200 {
		t.Errorf("afterwards: %v, %v", r, err)
	}
}

func TestSettingsAtFault(t *testing.T) {
	environment := map[string]string{}
	get := func(name string) string { return environment[name] }
	var help bytes.Buffer
	if _, err := parseConfig([]string{"--help"}, get, &help); err == nil ||
		!strings.Contains(help.String(), "PORTAL_JPKI_CA") {
		t.Errorf("help: %v\n%s", err, help.String())
	}
	environment["PORTAL_ADDRESS"] = "127.0.0.1:1"
	environment["PORTAL_ORIGIN"] = "http://localhost:1"
	c, err := parseConfig([]string{"--address", "127.0.0.1:2"}, get, io.Discard)
	if err != nil || c.address != "127.0.0.1:2" || c.origin != "http://localhost:1" || c.smtp != "127.0.0.1:8025" {
		t.Errorf("%+v, %v", c, err)
	}
	if _, err := c.authorities(); err == nil || !strings.Contains(err.Error(), "PORTAL_JPKI_CA") {
		t.Errorf("without CAs: %v", err)
	}
	if _, err := build(context.Background(), c); err == nil || !strings.Contains(err.Error(), "PORTAL_OFFICES") {
		t.Errorf("without offices: %v", err)
	}
	for setting, value := range map[string]string{
		"PORTAL_SESSION_IDLE": "2m", "PORTAL_SESSION_LONGEST": "1m", "PORTAL_TRUSTED_PROXIES": "10.1.2.3/16",
		"PORTAL_SESSION_CARD_UNKNOWN": "14m",
		"PORTAL_INTRODUCE_WITHIN":     "48h",
	} {
		faulty := func(name string) string { return map[string]string{setting: value}[name] }
		c, err := parseConfig(nil, faulty, io.Discard)
		if err == nil {
			_, err = c.proxies()
		}
		if err == nil || !strings.Contains(err.Error(), setting) {
			t.Errorf("%s=%s: %v", setting, value, err)
		}
	}
	environment["PORTAL_SESSION_IDLE"] = "soon"
	if _, err := parseConfig(nil, get, io.Discard); err == nil ||
		!strings.Contains(err.Error(), "PORTAL_SESSION_IDLE") {
		t.Errorf("a duration of words: %v", err)
	}
	environment["PORTAL_SESSION_IDLE"] = "2m5s"
	if c, err := parseConfig([]string{"--trusted-proxies", "127.0.0.1, 2001:db8::/32"}, get, io.Discard); err != nil ||
		c.session.Idle != 125*time.Second {
		t.Errorf("%v, %v", c.session, err)
	} else if proxies, err := c.proxies(); err != nil || len(proxies) != 2 || proxies[0].String() != "127.0.0.1/32" {
		t.Errorf("%v, %v", proxies, err)
	}
	for _, bad := range []string{"8.8.8.8:80", "localhost", "127.0.0.1", "127.0.0.1:1 ; script-src *"} {
		if _, err := (config{bridge: bad}).bridges(); err == nil {
			t.Errorf("the bridge %q passes", bad)
		}
	}
	taken := listener(t)
	defer taken.Close()
	if _, err := listen(taken.Addr().String(), "PORTAL_ADDRESS"); err == nil ||
		!strings.Contains(err.Error(), "set PORTAL_ADDRESS") {
		t.Errorf("a busy port: %v", err)
	}
}
