package main

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"
)

// nginx runs a real one with what its http block says, until the test ends. Its logs lie in the directory that it
// returns.
func nginx(t *testing.T, address string, block func(dir string) string) (dir string) {
	t.Helper()
	program := "../build/nginx/usr/sbin/nginx" // where .ci/setup lays it
	for _, installed := range []string{"nginx", "/usr/sbin/nginx"} {
		if path, err := exec.LookPath(installed); err == nil {
			program = path
		}
	}
	dir = t.TempDir()
	var own strings.Builder
	for _, kind := range []string{"client_body", "proxy", "fastcgi", "uwsgi", "scgi"} {
		fmt.Fprintf(&own, "%s_temp_path %s/%s;\n", kind, dir, kind)
	}
	settings := fmt.Sprintf("daemon off; master_process off; pid %[1]s/pid; error_log %[1]s/start.log;\nevents {}\n"+
		"http {\naccess_log %[1]s/access.log;\n%[2]s%[3]s\n}\n",
		dir, own.String(), block(dir))
	file := filepath.Join(dir, "nginx.conf")
	if err := os.WriteFile(file, []byte(settings), 0o600); err != nil {
		t.Fatal(err)
	}
	var said strings.Builder
	command := exec.Command(program, "-c", file, "-p", dir, "-e", filepath.Join(dir, "start.log"))
	command.Stderr = &said
	if err := command.Start(); err != nil {
		t.Fatalf("%v: make setup brings nginx", err)
	}
	ended := make(chan struct{})
	go func() { _ = command.Wait(); close(ended) }()
	t.Cleanup(func() { _ = command.Process.Kill(); <-ended })
	for range 100 {
		if response, err := http.Get("http://" + address + "/healthz"); err == nil {
			response.Body.Close()
			return dir
		}
		select {
		case <-ended:
			t.Fatalf("nginx ended: %s", said.String())
		case <-time.After(50 * time.Millisecond):
		}
	}
	t.Fatal("nginx does not answer")
	return ""
}

func vacant(t *testing.T) string {
	t.Helper()
	l := listener(t)
	defer l.Close()
	return l.Addr().String()
}

// ofReadme is the http block that the README tells operators of, for other addresses than its own and without TLS.
func ofReadme(t *testing.T, address, portal string) func(dir string) string {
	t.Helper()
	readme, err := os.ReadFile("../README.md")
	if err != nil {
		t.Fatal(err)
	}
	_, block, found := strings.Cut(string(readme), "```nginx\n")
	if !found {
		t.Fatal("the README has no settings for nginx")
	}
	block, _, _ = strings.Cut(block, "```")
	block = regexp.MustCompile(`(?m)^ *(http2|ssl_certificate|ssl_certificate_key) .*\n`).ReplaceAllString(block, "")
	for old, new := range map[string]string{
		"listen 443 ssl;": "listen " + address + ";", "http://127.0.0.1:8080": portal,
	} {
		if !strings.Contains(block, old) {
			t.Fatalf("the README's settings for nginx lack %q", old)
		}
		block = strings.Replace(block, old, new, 1)
	}
	return func(dir string) string { return strings.ReplaceAll(block, "/var/log/nginx", dir) }
}

func TestStreamsPassThroughNginx(t *testing.T) {
	for name, start := range map[string]func(t *testing.T) (w *world, address string){
		"as it comes": func(t *testing.T) (*world, string) {
			w, address := startWorld(t), vacant(t)
			nginx(t, address, func(string) string {
				return "server { listen " + address + "; location / { proxy_pass " + w.front + "; } }"
			})
			return w, address
		},
		"as the README has it": func(t *testing.T) (*world, string) {
			address := vacant(t)
			w := startWorldWith(t, func(c *config) { c.origin, c.trustedProxies = "http://"+address, "127.0.0.1/32" })
			nginx(t, address, ofReadme(t, address, w.front))
			return w, address
		},
	} {
		t.Run(name, func(t *testing.T) {
			w, address := start(t)
			w.folder("F1")
			w.front = "http://" + address
			messages, _ := w.watch(t, w.begin("F1", ""))
			if m := next(t, messages); m.GetUnreadCount() != 0 {
				t.Errorf("at the beginning: %v", m)
			}
			broadcast(t, w.db, "全国")
			if m := next(t, messages); m.GetUnreadCount() != 1 || m.GetArrived().GetTitle() != "全国" {
				t.Errorf("at the arrival: %v", m)
			}
		})
	}
}

func TestTheReadmesNginxPassesWhoAsksAndLogsNoWords(t *testing.T) {
	address := vacant(t)
	var asked http.Header
	host := ""
	portal := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		asked, host = r.Header, r.Host
		if r.URL.Path == "/broken" {
			panic(http.ErrAbortHandler) // nginx writes of it what it writes of all that goes wrong
		}
	}))
	defer portal.Close()
	dir := nginx(t, address, ofReadme(t, address, portal.URL))
	for _, path := range []string{"/search?q=himitsu", "/broken?q=himitsu", "/end"} {
		request, err := http.NewRequest(http.MethodGet, "http://"+address+path, nil)
		if err != nil {
			t.Fatal(err)
		}
		request.Header.Set("X-Forwarded-For", "192.0.2.7")
		request.Header.Set("Referer", "http://"+address+"/search?q=himitsu")
		response, err := http.DefaultClient.Do(request)
		if err != nil {
			t.Fatal(err)
		}
		_, _ = io.Copy(io.Discard, response.Body)
		response.Body.Close()
	}
	if got := asked.Get("X-Forwarded-For"); got != "127.0.0.1" || host != address {
		t.Errorf("the portal hears from %q, of host %q", got, host)
	}
	logs := func() string {
		var all strings.Builder
		for _, name := range []string{"portal.log", "portal-error.log", "start.log", "access.log"} {
			content, err := os.ReadFile(filepath.Join(dir, name))
			if err != nil {
				t.Fatal(err)
			}
			all.Write(content)
		}
		return all.String()
	}
	for deadline := time.Now().Add(time.Minute); !strings.Contains(logs(), "/end"); time.Sleep(10 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatal("nothing is logged")
		}
	}
	if all := logs(); strings.Contains(all, "himitsu") || !strings.Contains(all, "GET /search 200") {
		t.Errorf("logged is:\n%s", all)
	}
}
