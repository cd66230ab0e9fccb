package web_test

import (
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/andybalholm/brotli"

	"madoguchi/backend/door/web"
)

const origin = "https://portal.example.jp"

// ours are requests as a proxy passes them on: they come to an address, and name the portal.
var ours = &http.Client{
	Transport:     named{http.DefaultTransport},
	CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
}

type named struct{ http.RoundTripper }

func (n named) RoundTrip(r *http.Request) (*http.Response, error) {
	if r.Host == r.URL.Host {
		r = r.Clone(r.Context())
		r.Host = "portal.example.jp"
	}
	return n.RoundTripper.RoundTrip(r)
}

const wasm = "\x00asm the program"

func buildPage(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	files := map[string]string{
		"routes.json":            `{"routes":[{"path":"/","page":"top"},{"pattern":"^/notice/[^/]+$","page":"shell"}],"languages":["ja","en","easy"],"not_found":"notfound"}`,
		"assets/app.abc.wasm":    wasm,
		"assets/app.abc.css":     strings.Repeat("body { margin: 0 }\n", 100),
		"app-worker.js":          "// worker",
		"manifest.webmanifest":   "{}",
		"assets/app.abc.wasm.br": compress(t, func(w io.Writer) io.WriteCloser { return brotli.NewWriter(w) }),
		"assets/app.abc.wasm.gz": compress(t, func(w io.Writer) io.WriteCloser { return gzip.NewWriter(w) }),
	}
	for _, page := range []string{"top", "shell", "notfound"} {
		for _, l := range []string{"ja", "en", "easy"} {
			files["pages/"+page+"."+l+".html"] = fmt.Sprintf(
				`<html><meta name="bridge" content="{{bridge}}"><link href="https://origin.invalid/x"><h1>%s in %s</h1>`, page, l,
			)
		}
	}
	for name, text := range files {
		file := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

func compress(t *testing.T, with func(io.Writer) io.WriteCloser) string {
	t.Helper()
	var b bytes.Buffer
	w := with(&b)
	if _, err := io.WriteString(w, wasm); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func start(t *testing.T, change func(*web.Config)) *httptest.Server {
	t.Helper()
	c := web.Config{
		Dirs: []string{buildPage(t)}, Origin: origin, Bridges: []string{"127.0.0.1:41729"},
		RPCPaths: []string{"/portal.v1.Echo/"},
		RPC:      http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { _, _ = io.Copy(w, r.Body) }),
	}
	if change != nil {
		change(&c)
	}
	handler, err := web.New(c)
	if err != nil {
		t.Fatal(err)
	}
	server := httptest.NewUnstartedServer(nil)
	server.Config = web.Server(handler)
	server.Start()
	t.Cleanup(server.Close)
	return server
}

func get(t *testing.T, method, address string, header ...string) (*http.Response, string) {
	t.Helper()
	request, err := http.NewRequest(method, address, nil)
	if err != nil {
		t.Fatal(err)
	}
	request.Header.Set("Accept-Encoding", "identity")
	for i := 0; i < len(header); i += 2 {
		request.Header.Set(header[i], header[i+1])
	}
	response, err := ours.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	return response, string(body)
}

func TestPages(t *testing.T) {
	server := start(t, nil)
	for _, c := range []struct {
		path, accept, cookie string
		status               int
		want                 string
	}{
		{"/", "", "", 200, "top in ja"},
		{"/?lang=en", "ja", "lang=easy", 200, "top in en"},
		{"/", "en", "lang=easy", 200, "top in easy"},
		{"/", "en-GB,en;q=0.8", "", 200, "top in en"},
		{"/", "fr,ja;q=0.5,en;q=0.1", "", 200, "top in ja"},
		{"/", "fr", "", 200, "top in ja"},
		{"/?lang=../../etc/passwd", "", "lang=%00", 200, "top in ja"},
		{"/", "\t;;;q=,,,*", "", 200, "top in ja"},
		{"/notice/n123", "", "", 200, "shell in ja"},
		{"/notice/n123/more", "", "", 404, "notfound in ja"},
		{"/routes.json", "", "", 404, "notfound"},
		{"/pages/top.ja.html", "", "", 404, "notfound"},
		{"/assets/app.abc.wasm.br", "", "", 404, "notfound"},
		{"/..%2f..%2fetc/passwd", "", "", 404, "notfound"},
		{"/%ff%fe", "", "", 404, "notfound"},
	} {
		response, body := get(t, "GET", server.URL+c.path, "Accept-Language", c.accept, "Cookie", c.cookie)
		if response.StatusCode != c.status || !strings.Contains(body, c.want) {
			t.Errorf("%s (%q, %q): %d %q, want %d %q", c.path, c.accept, c.cookie, response.StatusCode, body,
				c.status, c.want)
		}
		if !strings.Contains(body, `content="127.0.0.1:41729"`) {
			t.Errorf("%s does not tell the bridge's address: %s", c.path, body)
		}
		if v := response.Header.Get("Vary"); !strings.Contains(v, "Cookie") || !strings.Contains(v, "Accept-Language") {
			t.Errorf("%s varies by %q", c.path, v)
		}
	}
	response, _ := get(t, "GET", server.URL+"/?lang=easy")
	if l := response.Header.Get("Content-Language"); l != "ja" {
		t.Errorf("easy Japanese is announced as %q", l)
	}
}

func TestCompression(t *testing.T) {
	server := start(t, nil)
	for accept, want := range map[string]string{
		"br, gzip": "br", "gzip": "gzip", "gzip;q=1, br;q=0": "gzip", "*": "br", "identity": "",
		"br;q=0, gzip;q=0, *": "", "deflate": "", "BR": "br",
	} {
		response, body := get(t, "GET", server.URL+"/assets/app.abc.wasm", "Accept-Encoding", accept)
		if got := response.Header.Get("Content-Encoding"); got != want {
			t.Errorf("%q gives %q, want %q", accept, got, want)
		}
		var reader io.Reader = strings.NewReader(body)
		switch want {
		case "br":
			reader = brotli.NewReader(reader)
		case "gzip":
			reader, _ = gzip.NewReader(reader)
		}
		if plain, err := io.ReadAll(reader); err != nil || string(plain) != wasm {
			t.Errorf("%q: %q, %v", accept, plain, err)
		}
		if h := response.Header; h.Get("Content-Type") != "application/wasm" || h.Get("Vary") != "Accept-Encoding" ||
			!strings.Contains(h.Get("Cache-Control"), "immutable") {
			t.Errorf("%q: %v", accept, h)
		}
	}
	// What the build did not compress is compressed at the start.
	response, body := get(t, "GET", server.URL+"/assets/app.abc.css", "Accept-Encoding", "br")
	if response.Header.Get("Content-Encoding") != "br" || len(body) > 100 {
		t.Errorf("the style sheet goes out as %q with %d bytes", response.Header.Get("Content-Encoding"), len(body))
	}
}

func TestTagsAreAskedAgain(t *testing.T) {
	server := start(t, nil)
	for _, path := range []string{"/", "/app-worker.js"} {
		response, _ := get(t, "GET", server.URL+path)
		tag := response.Header.Get("ETag")
		if tag == "" || response.Header.Get("Cache-Control") != "no-cache" {
			t.Fatalf("%s: tag %q, caching %q", path, tag, response.Header.Get("Cache-Control"))
		}
		again, body := get(t, "GET", server.URL+path, "If-None-Match", `"other", W/`+tag)
		if again.StatusCode != 304 || body != "" {
			t.Errorf("%s asked again: %d %q", path, again.StatusCode, body)
		}
	}
	english, _ := get(t, "GET", server.URL+"/?lang=en")
	japanese, _ := get(t, "GET", server.URL+"/?lang=ja")
	if english.Header.Get("ETag") == japanese.Header.Get("ETag") {
		t.Error("two languages have one tag")
	}
	if response, body := get(t, "HEAD", server.URL+"/"); response.StatusCode != 200 || body != "" ||
		response.ContentLength <= 0 {
		t.Errorf("HEAD: %d, %d bytes", response.StatusCode, response.ContentLength)
	}
	if response, _ := get(t, "DELETE", server.URL+"/"); response.StatusCode != http.StatusMethodNotAllowed {
		t.Errorf("DELETE: %d", response.StatusCode)
	}
	if response, _ := get(t, "POST", server.URL+"/shared"); response.StatusCode != http.StatusSeeOther ||
		response.Header.Get("Location") != "/" {
		t.Errorf("shared without a worker: %d to %q", response.StatusCode, response.Header.Get("Location"))
	}
}

func TestSecurityHeaders(t *testing.T) {
	server := start(t, nil)
	for _, path := range []string{"/", "/nowhere", "/assets/app.abc.css", "/healthz"} {
		response, _ := get(t, "GET", server.URL+path)
		for name, want := range map[string]string{
			"Content-Security-Policy":    "connect-src 'self' ws://127.0.0.1:41729 http://127.0.0.1:41729;",
			"X-Content-Type-Options":     "nosniff",
			"Referrer-Policy":            "no-referrer",
			"Cross-Origin-Opener-Policy": "same-origin",
			"Permissions-Policy":         "camera=(self), display-capture=(), geolocation=(), microphone=()",
			"Strict-Transport-Security":  "max-age=",
		} {
			if got := response.Header.Get(name); !strings.Contains(got, want) {
				t.Errorf("%s: %s is %q", path, name, got)
			}
		}
	}
	response, _ := get(t, "GET", server.URL+"/")
	csp := response.Header.Get("Content-Security-Policy")
	for _, want := range []string{"; require-trusted-types-for 'script'", "; trusted-types madoguchi"} {
		if !strings.Contains(csp, want) || strings.Contains(csp, "allow-duplicates") {
			t.Errorf("CSP %q lacks %q, or lets the policy be made twice", csp, want)
		}
	}
	if response, _ := getAs(t, start(t, func(c *web.Config) { c.Origin = "http://localhost:8080" }).URL,
		"localhost:8080"); response.Header.Get("Strict-Transport-Security") != "" {
		t.Error("HSTS over plain http")
	}
}

func TestRPCDoor(t *testing.T) {
	server := start(t, nil)
	post := func(body io.Reader, header ...string) *http.Response {
		t.Helper()
		request, err := http.NewRequest("POST", server.URL+"/portal.v1.Echo/Say", body)
		if err != nil {
			t.Fatal(err)
		}
		for i := 0; i < len(header); i += 2 {
			request.Header.Set(header[i], header[i+1])
		}
		response, err := ours.Do(request)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { response.Body.Close() })
		return response
	}
	r := post(strings.NewReader("hello"), "Sec-Fetch-Site", "same-origin")
	if r.StatusCode != 200 || r.Header.Get("Cache-Control") != "no-store" {
		t.Errorf("own page: %s, %q", r.Status, r.Header.Get("Cache-Control"))
	}
	if r := post(nil, "Sec-Fetch-Site", "cross-site"); r.StatusCode != 403 {
		t.Errorf("another site: %s", r.Status)
	}
	if r := post(nil, "Origin", "https://evil.example.com"); r.StatusCode != 403 {
		t.Errorf("another origin: %s", r.Status)
	}
	if r := post(nil, "Sec-Fetch-Site", "same-site", "Origin", "https://portal.example.jp"); r.StatusCode != 200 {
		t.Errorf("our origin through a proxy: %s", r.Status)
	}
	if r := post(strings.NewReader(strings.Repeat("x", 2<<20))); r.StatusCode != http.StatusRequestEntityTooLarge {
		t.Errorf("two megabytes: %s", r.Status)
	}
}

func TestBrowserComesByTheOrigin(t *testing.T) {
	var port string
	server := start(t, func(c *web.Config) {
		l, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		_, port, _ = net.SplitHostPort(l.Addr().String())
		l.Close()
		c.Origin = "http://localhost:" + port
	})
	response, _ := getAs(t, server.URL+"/login?lang=en", "127.0.0.1:"+port)
	if want := "http://localhost:" + port + "/login?lang=en"; response.StatusCode != 307 ||
		response.Header.Get("Location") != want {
		t.Errorf("%d to %q, want %q", response.StatusCode, response.Header.Get("Location"), want)
	}
	if response, _ := getAs(t, server.URL+"/", "localhost:"+port); response.StatusCode != 200 {
		t.Errorf("by the origin: %d", response.StatusCode)
	}
}

// Under another name neither a page nor an RPC is to be had; a supervisor may ask by an address.
func TestForeignHosts(t *testing.T) {
	local := func(c *web.Config) { c.Origin = "http://localhost:8080" }
	for _, c := range []struct {
		change     func(*web.Config)
		host, path string
		want       int
	}{
		{nil, "portal.example.jp", "/", 200},
		{nil, "portal.example.jp:443", "/", 200},
		{nil, "PORTAL.example.jp", "/portal.v1.Echo/Say", 200},
		{nil, "portal.example.jp:8080", "/", 421},
		{nil, "evil.example.com", "/", 421},
		{nil, "evil.example.com", "/portal.v1.Echo/Say", 421},
		{nil, "evil.example.com", "/assets/app.abc.css", 421},
		{nil, "portal.example.jp.evil.example.com", "/portal.v1.Echo/Say", 421},
		{nil, "127.0.0.1:443", "/", 421},
		{nil, "localhost", "/portal.v1.Echo/Say", 421},
		{nil, "evil.example.com", "/healthz", 421},
		{nil, "10.1.2.3:8080", "/healthz", 200},
		{nil, "[2001:db8::1]:8080", "/readyz", 200},
		{nil, "localhost:8080", "/readyz", 200},
		{local, "localhost:8080", "/portal.v1.Echo/Say", 200},
		{local, "127.0.0.1:8080", "/portal.v1.Echo/Say", 200},
		{local, "[::1]:8080", "/portal.v1.Echo/Say", 200},
		{local, "127.0.0.1:1", "/", 421},
		{local, "evil.example.com:8080", "/", 421},
		{local, "evil.example.com:8080", "/portal.v1.Echo/Say", 421},
		{local, "192.168.1.9:8080", "/portal.v1.Echo/Say", 421},
	} {
		if response, body := getAs(t, start(t, c.change).URL+c.path, c.host); response.StatusCode != c.want {
			t.Errorf("%s at %s: %d %q, want %d", c.path, c.host, response.StatusCode, body, c.want)
		}
	}
}

func getAs(t *testing.T, address, host string) (*http.Response, string) {
	t.Helper()
	request, err := http.NewRequest("GET", address, nil)
	if err != nil {
		t.Fatal(err)
	}
	request.Host = host
	response, err := ours.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	body, _ := io.ReadAll(response.Body)
	return response, string(body)
}

func TestReadiness(t *testing.T) {
	var down error
	server := start(t, func(c *web.Config) { c.Ready = func(context.Context) error { return down } })
	if r, _ := get(t, "GET", server.URL+"/readyz"); r.StatusCode != 200 {
		t.Errorf("ready: %s", r.Status)
	}
	down = errors.New("secret detail")
	if r, body := get(t, "GET", server.URL+"/readyz"); r.StatusCode != 503 || strings.Contains(body, "secret") {
		t.Errorf("not ready: %s %q", r.Status, body)
	}
	if r, _ := get(t, "GET", server.URL+"/healthz"); r.StatusCode != 200 {
		t.Errorf("healthy: %s", r.Status)
	}
}

func TestRequestsAreLoggedForDebuggingWithoutTheirQueries(t *testing.T) {
	before := slog.Default()
	defer slog.SetDefault(before)
	for _, level := range []slog.Level{slog.LevelInfo, slog.LevelDebug} {
		var log bytes.Buffer
		slog.SetDefault(slog.New(slog.NewTextHandler(&log, &slog.HandlerOptions{Level: level})))
		server := start(t, nil)
		get(t, "GET", server.URL+"/notice/n1?token=hidden", "Cookie", "__Host-session=alsohidden")
		server.Close()
		if text := log.String(); strings.Contains(text, "path=/notice/n1") != (level == slog.LevelDebug) ||
			strings.Contains(text, "hidden") {
			t.Errorf("at %v the log says %s", level, text)
		}
	}
}

func TestStreamsAreFlushed(t *testing.T) {
	next := make(chan struct{})
	server := start(t, func(c *web.Config) {
		c.RPC = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			for range 2 {
				_, _ = io.WriteString(w, "x")
				w.(http.Flusher).Flush()
				<-next
			}
		})
	})
	response, err := ours.Post(server.URL+"/portal.v1.Echo/Watch", "text/plain", strings.NewReader("begin"))
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	arrived := make(chan byte)
	go func() {
		one := make([]byte, 1)
		for {
			if _, err := io.ReadFull(response.Body, one); err != nil {
				close(arrived)
				return
			}
			arrived <- one[0]
		}
	}()
	for range 2 {
		select {
		case <-arrived:
		case <-time.After(time.Minute):
			t.Fatal("the stream is held back")
		}
		next <- struct{}{}
	}
}

func TestIncompletePageIsRefused(t *testing.T) {
	for name, spoil := range map[string]func(dir string) error{
		"routes.json is missing": func(dir string) error { return os.Remove(filepath.Join(dir, "routes.json")) },
		"lacks pages/top.en.html": func(dir string) error {
			return os.Remove(filepath.Join(dir, "pages", "top.en.html"))
		},
		"reading routes.json": func(dir string) error {
			return os.WriteFile(filepath.Join(dir, "routes.json"), []byte("{"), 0o644)
		},
	} {
		dir := buildPage(t)
		if err := spoil(dir); err != nil {
			t.Fatal(err)
		}
		_, err := web.New(web.Config{Dirs: []string{dir}, Origin: "http://localhost:8080"})
		if err == nil || !strings.Contains(err.Error(), name) {
			t.Errorf("want an error with %q, got %v", name, err)
		}
	}
	if _, err := web.New(web.Config{Dirs: []string{buildPage(t)}, Origin: "localhost:8080"}); err == nil {
		t.Error("an origin without scheme passes")
	}
}

func FuzzRequest(f *testing.F) {
	f.Add("/notice/x", "lang=en", "br;q=0.5, gzip", "ja,en;q=0.3")
	f.Add("/%2e%2e/routes.json", "lang=\"", "*;q=", ";;q=9,-")
	var handler http.Handler
	f.Fuzz(func(t *testing.T, path, cookie, encoding, accept string) {
		if handler == nil {
			var err error
			if handler, err = web.New(web.Config{
				Dirs: []string{buildPage(t)}, Origin: "http://localhost:8080", RPC: http.NotFoundHandler(),
			}); err != nil {
				t.Fatal(err)
			}
		}
		r := httptest.NewRequest("GET", "http://localhost:8080/", nil)
		r.URL.Path = "/" + strings.TrimPrefix(path, "/")
		r.Header = http.Header{"Cookie": {cookie}, "Accept-Encoding": {encoding}, "Accept-Language": {accept}}
		w := httptest.NewRecorder()
		handler.ServeHTTP(w, r)
		if w.Code >= 500 {
			t.Errorf("status %d", w.Code)
		}
	})
}

// Who asked for a language keeps it, also by links that do not name it.
func TestAskedLanguageIsKept(t *testing.T) {
	server := start(t, nil)
	response, _ := get(t, "GET", server.URL+"/?lang=en")
	cookies := response.Cookies()
	if len(cookies) != 1 || cookies[0].Name != "lang" || cookies[0].Value != "en" {
		t.Fatalf("cookies: %v", cookies)
	}
	for _, quiet := range []string{"/", "/?lang=klingon"} {
		if response, _ := get(t, "GET", server.URL+quiet); len(response.Cookies()) != 0 {
			t.Errorf("%s sets %v", quiet, response.Cookies())
		}
	}
	if response, _ := get(t, "GET", server.URL+"/?lang=en", "Cookie", "lang=en"); len(response.Cookies()) != 0 {
		t.Errorf("set again: %v", response.Cookies())
	}
}
