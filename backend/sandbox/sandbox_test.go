package main

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"net"
	"net/http"
	"net/smtp"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"madoguchi/backend/sandbox/office"
	"madoguchi/backend/sandbox/page"
	"madoguchi/backend/sandbox/part"
	"madoguchi/backend/sandbox/resident"
	"madoguchi/backend/sandbox/room"
)

func freeAddress(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return l.Addr().String()
}

// start runs the sandbox as it is run from the command line, with no portal to talk to.
func start(t *testing.T) (base, mails string) {
	t.Helper()
	base, mails, _ = startIn(t, filepath.Join(t.TempDir(), "state"))
	return base, mails
}

func startIn(t *testing.T, dir string) (base, mails string, stop func()) {
	t.Helper()
	address, smtpAddress := freeAddress(t), freeAddress(t)
	t.Setenv("SANDBOX_ADDRESS", "127.0.0.1:1") // the flag wins
	t.Setenv("SANDBOX_SMTP_ADDRESS", smtpAddress)
	t.Setenv("SANDBOX_GATEWAY", "https://"+freeAddress(t))
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- run(ctx, []string{"--address", address, "--state", dir}) }()
	stop = sync.OnceFunc(func() {
		cancel()
		if err := <-done; err != nil {
			t.Errorf("the sandbox ended with %v", err)
		}
	})
	t.Cleanup(stop)
	base = "http://" + address
	deadline := time.Now().Add(time.Minute)
	for {
		response, err := http.Get(base + "/healthz")
		if err == nil {
			response.Body.Close()
			return base, smtpAddress, stop
		}
		select {
		case err := <-done:
			done <- err
			t.Fatalf("the sandbox ended with %v", err)
		default:
		}
		if time.Now().After(deadline) {
			t.Fatalf("the sandbox does not answer: %v", err)
		}
		time.Sleep(10 * time.Millisecond)
	}
}

// A room that nobody in this program knows by name.
func init() {
	room.Register(room.Room{
		Name:     "zoo",
		Settings: []room.Setting{{Name: "zoo-has", Variable: "SANDBOX_ZOO_HAS", Fallback: "lions", Check: animals}},
		Prepare: func(dir string, _ time.Time) error {
			return os.WriteFile(filepath.Join(dir, "zoo"), []byte("open"), 0o600)
		},
		Open: func(ground room.Ground) (room.Work, error) {
			p, err := ground.World.Add("zoo", "動物園", "動物を見せます")
			if err != nil {
				return room.Work{}, err
			}
			show := func(w http.ResponseWriter, _ *http.Request) {
				w.Write([]byte(*ground.Settings["zoo-has"] + " at " + ground.Portal))
			}
			feed := part.Handler(p, http.HandlerFunc(show), part.WrongAnswers())
			return room.Work{
				Run:      func(ctx context.Context) error { <-ctx.Done(); return nil },
				Served:   map[string]http.Handler{"/feed": feed},
				Pages:    map[string]http.HandlerFunc{"GET /zoo": show},
				Programs: []string{"/feed"},
				Tasks:    func() []page.Link { return []page.Link{{Path: "/zoo", Title: "動物園を見る"}} },
				Knowing:  func(resident.Resident) []string { return []string{"飼育員"} },
			}, nil
		},
	})
}

func animals(value string) error {
	if value == "dragons" {
		return errors.New("there are no dragons")
	}
	return nil
}

// What a room says of itself is there without a word about it elsewhere.
func TestARoomJoinsByItself(t *testing.T) {
	t.Setenv("SANDBOX_ZOO_HAS", "pandas")
	dir := filepath.Join(t.TempDir(), "state")
	base, _, _ := startIn(t, dir)
	if made, err := os.ReadFile(filepath.Join(dir, "zoo")); err != nil || string(made) != "open" {
		t.Errorf("what it prepares: %q, %v", made, err)
	}
	for path, want := range map[string]string{
		"/zoo": "pandas at http://localhost:8080", "/feed": "pandas", "/": `<a href="/zoo">動物園を見る</a>`,
		"/parts.json": "動物を見せます",
	} {
		if status, body := fetch(t, "GET", base+path, nil); status != http.StatusOK || !strings.Contains(body, want) {
			t.Errorf("%s (%d) lacks %q:\n%s", path, status, want, body)
		}
	}
	if _, home := fetch(t, "GET", base+"/", nil); !strings.Contains(home, "飼育員") {
		t.Errorf("who knows people:\n%s", home)
	}
	link := []string{"Sec-Fetch-Site", "cross-site", "Sec-Fetch-Mode", "navigate", "Sec-Fetch-Dest", "document"}
	if status, _ := fetch(t, "GET", base+"/feed", nil, link...); status != 0 {
		t.Errorf("a link of another site to what is for programs: %d", status)
	}
	fetch(t, "POST", base+"/parts/zoo?is=dead", nil)
	if status, _ := fetch(t, "GET", base+"/feed", nil); status != 0 {
		t.Errorf("dead, and it answers %d", status)
	}
}

// fetch makes a request; headers are names and values in turn.
func fetch(t *testing.T, method, address string, form url.Values, headers ...string) (int, string) {
	t.Helper()
	request, err := http.NewRequest(method, address, strings.NewReader(form.Encode()))
	if err != nil {
		t.Fatal(err)
	}
	if form != nil {
		request.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	for i := 0; i < len(headers); i += 2 {
		request.Header.Set(headers[i], headers[i+1])
		if headers[i] == "Host" {
			request.Host = headers[i+1]
		}
	}
	response, err := http.DefaultClient.Do(request)
	if errors.Is(err, io.EOF) {
		return 0, "" // hung up
	}
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	return response.StatusCode, string(body)
}

func TestPagesOfTheSandbox(t *testing.T) {
	base, mails := start(t)

	status, page := fetch(t, "GET", base+"/", nil)
	_, notice := fetch(t, "GET", base+"/notice", nil)
	for _, want := range []string{"お知らせを送る", "目黒区", "日本年金機構", "山田 花子", "J-LIS", "メールサーバー"} {
		if status != http.StatusOK || !strings.Contains(page, want) {
			t.Errorf("the first page (%d) lacks %q", status, want)
		}
		if !strings.Contains(want, "J-LIS") && !strings.Contains(want, "サーバー") && !strings.Contains(notice, want) {
			t.Errorf("the page of notices lacks %q", want)
		}
	}

	message := "From: portal@example.jp\r\nTo: hanako@example.jp\r\nSubject: <b>hello</b>\r\n\r\n" +
		"<script>alert(1)</script> https://example.jp/?a=1&b=2.\r\n"
	err := smtp.SendMail(mails, nil, "portal@example.jp", []string{"hanako@example.jp"}, []byte(message))
	if err != nil {
		t.Fatal(err)
	}
	_, list := fetch(t, "GET", base+"/mail.json", nil)
	var got []struct{ ID, To, Subject, Text string }
	if err := json.Unmarshal([]byte(list), &got); err != nil || len(got) != 1 || got[0].To != "hanako@example.jp" {
		t.Fatalf("%v in %s", err, list)
	}
	if _, page := fetch(t, "GET", base+"/mail", nil); !strings.Contains(page, "/mail/"+got[0].ID) ||
		!strings.Contains(page, "&lt;b&gt;hello") {
		t.Errorf("the list of mails:\n%s", page)
	}
	_, mail := fetch(t, "GET", base+"/mail/"+got[0].ID, nil)
	if !strings.Contains(mail, "&lt;script&gt;") || strings.Contains(mail, "<script>") ||
		!strings.Contains(mail, `href="https://example.jp/?a=1&amp;b=2"`) {
		t.Errorf("the mail:\n%s", mail)
	}
	if _, raw := fetch(t, "GET", base+"/mail/"+got[0].ID+"/raw", nil); !strings.Contains(raw, "Subject: <b>hello</b>") {
		t.Errorf("as it came:\n%s", raw)
	}
	if status, _ := fetch(t, "GET", base+"/mail/none", nil); status != http.StatusNotFound {
		t.Errorf("a mail that is none: %d", status)
	}
}

func TestSendingByHandSaysWhatIsWrong(t *testing.T) {
	base, _ := start(t)
	for name, c := range map[string]struct {
		form   url.Values
		status int
	}{
		"no office":      {url.Values{"person": {"yamada-taro"}, "title": {"x"}}, http.StatusBadRequest},
		"no person":      {url.Values{"office": {"131105"}, "title": {"x"}}, http.StatusBadRequest},
		"unknown person": {url.Values{"office": {"131105"}, "person": {"nobody"}}, http.StatusBadRequest},
		"the portal is down": {
			url.Values{"office": {"131105"}, "audience": {"all"}, "title": {"x"}, "body": {"y"}}, http.StatusBadGateway,
		},
		"the same, to one": {
			url.Values{"office": {"131105"}, "person": {"yamada-taro"}, "title": {"x"}, "body": {"y"}},
			http.StatusBadGateway,
		},
		"larger than a form?": {url.Values{"office": {strings.Repeat("x", 200<<10)}}, http.StatusBadRequest},
	} {
		t.Run(name, func(t *testing.T) {
			if status, body := fetch(t, "POST", base+"/office/send", c.form); status != c.status {
				t.Errorf("%d, want %d: %s", status, c.status, body)
			}
		})
	}
	form := url.Values{"office": {"131105"}, "title": {"残る題"}, "body": {"y"}}
	_, page := fetch(t, "POST", base+"/office/send", form, "Accept", "text/html")
	if !strings.Contains(page, "送る相手を選んでください") || !strings.Contains(page, "残る題") {
		t.Errorf("in a browser the form comes back with what was typed:\n%s", page)
	}
}

func TestOtherSitesCannotSteerIt(t *testing.T) {
	base, _ := start(t)
	link := []string{"Sec-Fetch-Site", "cross-site", "Sec-Fetch-Mode", "navigate", "Sec-Fetch-Dest", "document"}
	for name, c := range map[string]struct {
		method, path string
		header       []string
	}{
		"a form of another site": {
			"POST", "/parts/jlis?is=dead", []string{"Origin", "https://evil.example", "Sec-Fetch-Site", "cross-site"},
		},
		"a form in a new window": {"POST", "/parts/jlis?is=dead", link},
		"a form, an old browser": {"POST", "/parts/jlis?is=dead", []string{"Origin", "https://evil.example"}},
		"another name":           {"GET", "/mail.json", []string{"Host", "evil.example"}},
		"another name of J-LIS":  {"GET", "/jlis/crl/auth.crl", []string{"Host", "evil.example"}},
		"the mails, by a fetch": {
			"GET", "/mail.json", []string{"Sec-Fetch-Site", "cross-site", "Sec-Fetch-Mode", "no-cors"},
		},
		"the mails, by a link": {"GET", "/mail.json", link},
		"J-LIS, by a fetch": {
			"POST", "/jlis/introductions", []string{"Sec-Fetch-Site", "same-site", "Sec-Fetch-Mode", "no-cors"},
		},
		"the parts, by a link": {"GET", "/parts.json", link},
		"whether anything is up": {
			"GET", "/healthz", []string{"Sec-Fetch-Site", "cross-site", "Sec-Fetch-Mode", "no-cors"},
		},
		"a style sheet is a sign": {
			"GET", "/style.css", []string{
				"Sec-Fetch-Site", "cross-site", "Sec-Fetch-Mode", "no-cors", "Sec-Fetch-Dest", "style",
			},
		},
	} {
		if status, _ := fetch(t, c.method, base+c.path, nil, c.header...); status != 0 {
			t.Errorf("%s is answered with %d", name, status)
		}
	}
	if status, _ := fetch(t, "GET", base+"/mail", nil, link...); status != http.StatusOK {
		t.Errorf("a link of the portal: %d", status)
	}
	if status, _ := fetch(t, "GET", base+"/jlis/crl/auth.crl", nil); status != http.StatusOK {
		t.Errorf("J-LIS was taken down: %d", status)
	}
}

// Whatever meets the portal stands in the table: J-LIS, the mail server, the store of objects, the time stamping
// authority, the witnesses, each office, each duty of an office. What is added and not named here has its switch too.
func TestEveryPartHasItsSwitch(t *testing.T) {
	base, _ := start(t)
	want := []string{"jlis", "mail", "objects", "stamp", "witness1", "witness2", "witness3", "zoo"}
	for _, o := range office.All() {
		want = append(want, o.ID)
	}
	for _, d := range office.Duties() {
		want = append(want, d.Name())
	}
	type one struct {
		ID, Name, What, Is string
		Ways               []string
	}
	var parts []one
	// A part knows how it can be wrong once it serves, which may be a moment after the first page.
	starting := func(p one) bool { return len(p.Ways) == 0 }
	for deadline := time.Now().Add(time.Minute); time.Now().Before(deadline); time.Sleep(10 * time.Millisecond) {
		_, list := fetch(t, "GET", base+"/parts.json", nil)
		if err := json.Unmarshal([]byte(list), &parts); err != nil {
			t.Fatalf("%v in %s", err, list)
		}
		if !slices.ContainsFunc(parts, starting) {
			break
		}
	}
	var got []string
	for _, p := range parts {
		got = append(got, p.ID)
		if p.Name == "" || p.What == "" || p.Is != "well" || len(p.Ways) < 3 {
			t.Errorf("%+v", p)
		}
		for _, is := range []string{"slow", "wrong", "dead", "well"} {
			if status, body := fetch(t, "POST", base+"/parts/"+p.ID+"?is="+is, nil); status != http.StatusOK {
				t.Errorf("%s %s: %d %s", p.ID, is, status, body)
			}
		}
	}
	slices.Sort(want)
	slices.Sort(got)
	if !slices.Equal(want, got) {
		t.Errorf("parts %v, want %v", got, want)
	}
}

// What was switched is so after a restart, and each part's file tells.
func TestTheSwitchOutlivesARestart(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "state")
	base, _, stop := startIn(t, dir)
	fetch(t, "POST", base+"/parts/jlis?is=dead", nil)
	if status, _ := fetch(t, "GET", base+"/jlis/crl/auth.crl", nil); status != 0 {
		t.Errorf("dead, and it answers %d", status)
	}
	stop()
	kept, err := os.ReadFile(filepath.Join(dir, "parts", "jlis.json"))
	if err != nil || !strings.Contains(string(kept), `"dead"`) {
		t.Errorf("%s %v", kept, err)
	}
	base, _, _ = startIn(t, dir)
	if status, _ := fetch(t, "GET", base+"/jlis/crl/auth.crl", nil); status != 0 {
		t.Errorf("dead before the restart, and it answers %d", status)
	}
	fetch(t, "POST", base+"/parts/jlis?is=well", nil)
	if status, _ := fetch(t, "GET", base+"/jlis/crl/auth.crl", nil); status != http.StatusOK {
		t.Errorf("well again: %d", status)
	}
}

func TestCommandLineSaysWhatIsWrong(t *testing.T) {
	held, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer held.Close()
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		args []string
		want string
	}{
		{[]string{"--address", held.Addr().String()}, "is in use: set SANDBOX_ADDRESS"},
		{
			[]string{"--address", "127.0.0.1:0", "--smtp-address", held.Addr().String()},
			"is in use: set SANDBOX_SMTP_ADDRESS",
		},
		{[]string{"--address", "0.0.0.0:0"}, "not on this machine alone"},
		{[]string{"--address", "8090"}, "is not an address like"},
		{[]string{"--gateway", "http://127.0.0.1:1"}, "does not begin with https://"},
		{[]string{"--state", file}, "not a directory"},
		{[]string{"--zoo-has", "dragons"}, "no dragons"},
		{[]string{"dance"}, `"dance" is no command`},
	} {
		t.Run(strings.Join(c.args, " "), func(t *testing.T) {
			args := c.args
			if c.args[0] != "--state" {
				args = append([]string{"--state", t.TempDir()}, args...)
			}
			ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
			defer cancel()
			if err := run(ctx, args); err == nil || !strings.Contains(err.Error(), c.want) ||
				strings.Contains(err.Error(), "\n") {
				t.Errorf("got %v", err)
			}
		})
	}
}

// What init makes is what independent software takes for certificates, and twice is once.
func TestInit(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "dev")
	for range 2 {
		if err := run(context.Background(), []string{"init", "--out", dir}); err != nil {
			t.Fatal(err)
		}
	}
	for _, args := range [][]string{
		{"verify", "-CAfile", "gateway-ca.pem", "-purpose", "sslserver", "-verify_ip", "127.0.0.1", "gateway.pem"},
		{"verify", "-CAfile", "gateway-ca.pem", "-purpose", "sslserver", "-verify_ip", "::1", "gateway.pem"},
		{
			"verify", "-CAfile", "gateway-ca.pem", "-purpose", "sslserver", "-verify_hostname",
			"localhost", "gateway.pem",
		},
		{"verify", "-CAfile", "gateway-ca.pem", "-purpose", "sslclient", "offices/131105.pem"},
		{"verify", "-CAfile", "jpki-ca.pem", "jpki-ca.pem"},
	} {
		command := exec.Command("openssl", args...)
		command.Dir = dir
		if out, err := command.CombinedOutput(); err != nil {
			t.Errorf("openssl %s: %v\n%s", strings.Join(args, " "), err, out)
		}
	}
}
