//go:build !js

package explained

import (
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"testing"
	"time"

	"madoguchi/frontend/reach/ledger/ledgertest"
	"madoguchi/proto/ledger"
)

// Whoever types what the page says becomes a witness: their program cosigns the log, and refuses one that was bent.
func TestWhoTypesWhatThePageSaysBecomesAWitness(t *testing.T) {
	auditors, err := filepath.Abs("../../../../build/auditors")
	if err == nil {
		_, err = os.Stat(filepath.Join(auditors, "litewitness"))
	}
	if err != nil {
		t.Fatalf("%v: build it with `make build/auditors/litewitness`", err)
	}
	log := ledgertest.New("portal.example.jp/log", 0)
	log.Fill(ledger.Exchanges, 3)
	portal := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/log/vkey" {
			_, _ = io.WriteString(w, log.Signer.Key()+"\n")
		}
	}))
	defer portal.Close()
	free, err := net.Listen("tcp", "localhost:0")
	if err != nil {
		t.Fatal(err)
	}
	address := free.Addr().String()
	free.Close()
	install, script, _ := strings.Cut(becoming, "\n")
	if !strings.HasPrefix(install, "go install filippo.io/torchwood/cmd/litewitness@v") {
		t.Fatal("what is installed first:", install)
	}
	script = strings.NewReplacer("https://PORTAL", portal.URL, "localhost:7380", address,
		"\nlitewitness ", "\nexec litewitness ").Replace(script)

	dir, err := os.MkdirTemp("", "w") // a socket's path is short
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	said, err := os.Create(filepath.Join(dir, "said"))
	if err != nil {
		t.Fatal(err)
	}
	defer said.Close()
	out := func() string {
		all, _ := os.ReadFile(said.Name())
		return string(all)
	}
	command := exec.Command("sh", "-e", "-c", script)
	command.Dir, command.Stdout, command.Stderr = dir, said, said
	command.Env = append(os.Environ(), "PATH="+auditors+":"+os.Getenv("PATH"))
	command.SysProcAttr = &syscall.SysProcAttr{Setpgid: true} // with the agent, which goes on in the background
	if err := command.Start(); err != nil {
		t.Fatal(err)
	}
	ended := make(chan struct{})
	go func() { _ = command.Wait(); close(ended) }()
	t.Cleanup(func() {
		_ = syscall.Kill(-command.Process.Pid, syscall.SIGKILL)
		<-ended
		if agent := regexp.MustCompile(`SSH_AGENT_PID=(\d+)`).FindStringSubmatch(out()); agent != nil {
			_ = exec.Command("kill", agent[1]).Run()
		}
	})
	var page string // where it tells its key, as the page says
	for page == "" {
		if answer, err := http.Get("http://" + address + "/"); err == nil {
			all, _ := io.ReadAll(answer.Body)
			answer.Body.Close()
			page = string(all)
			break
		}
		select {
		case <-ended:
			t.Fatalf("it has ended: %s", out())
		case <-time.After(20 * time.Millisecond):
		}
	}
	key := regexp.MustCompile(`witness\.example\.jp/w1\+[0-9a-f]{8}\+[A-Za-z0-9+/=]+`).FindString(
		strings.NewReplacer("&#43;", "+", "&#x2B;", "+").Replace(page))
	witness, err := ledger.NewWitness(key)
	if err != nil {
		t.Fatalf("%v: %q of %s", err, key, page)
	}
	shown := func(signed string) (int, string) {
		body := "old 0\n\n" + signed
		answer, err := http.Post("http://"+address+"/add-checkpoint", "text/plain", strings.NewReader(body))
		if err != nil {
			t.Fatal(err)
		}
		defer answer.Body.Close()
		all, _ := io.ReadAll(answer.Body)
		return answer.StatusCode, string(all)
	}
	stranger := ledgertest.New("other.example/log", 0)
	stranger.Fill(ledger.Exchanges, 1)
	if status, _ := shown(stranger.Checkpoint(0)); status == http.StatusOK {
		t.Error("it cosigns a log that it was not told of")
	}
	signed := log.Checkpoint(0)
	status, lines := shown(signed)
	if status != http.StatusOK {
		t.Fatal(status, lines, out())
	}
	c, err := ledger.OpenCheckpoint(signed+lines, log.Signer, []*ledger.Witness{witness})
	if err != nil || len(c.Cosigned) != 1 {
		t.Error(c, err)
	}
	bent := ledgertest.New("portal.example.jp/log", 0)
	bent.Fill(ledger.Exchanges, 4)
	if status, lines := shown(bent.Checkpoint(0)); status == http.StatusOK {
		t.Error("it cosigns another history:", lines)
	}
}
