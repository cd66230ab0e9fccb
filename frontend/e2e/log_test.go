//go:build !js

package e2e_test

import (
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// A log lies in a store of objects that portals on several machines share, and to which each shows its token: it is
// begun there, shown from there and verified there; while the store is away the portal says so, and goes on when it is
// back. Without the token a portal does not start, and says which setting.
func TestALogLiesInAStoreThatPortalsShare(t *testing.T) {
	w := ownWorld(t)
	settings := []string{
		"PORTAL_LOG=" + w.sandbox + "/objects/log", "PORTAL_LOG_TOKEN=" + filepath.Join(w.dir, "objects.token"),
		"PORTAL_LOG_ORIGIN=brief.example/log",
		"PORTAL_DATABASE=" + filepath.Join(t.TempDir(), "log.sqlite"), // a database belongs to one log
	}
	w.startBrief(t, settings...)
	shown := func() (int, string) {
		answer, err := http.Get(w.brief + "/log/checkpoint")
		if err != nil {
			return 0, err.Error()
		}
		defer answer.Body.Close()
		all, err := io.ReadAll(answer.Body)
		if err != nil {
			return 0, err.Error()
		}
		return answer.StatusCode, string(all)
	}
	if status, signed := shown(); status != http.StatusOK || !strings.HasPrefix(signed, "brief.example/log\n0\n") {
		t.Fatal(status, signed)
	}
	if _, err := os.Stat(filepath.Join(w.dir, "objects", "log", "newest.object")); err != nil {
		t.Error(err)
	}
	run := func(arguments []string, settings ...string) (string, error) {
		command := exec.Command(built("portal"), arguments...)
		command.Env = append(append(os.Environ(), w.briefPortal.environment...), settings...)
		out, err := command.CombinedOutput()
		return string(out), err
	}
	if out, err := run([]string{"log", "verify"}, settings...); err != nil || !strings.Contains(out, "0 leaves") {
		t.Error(out, err)
	}
	wrong := filepath.Join(t.TempDir(), "token")
	if err := os.WriteFile(wrong, []byte("stranger\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	for name, token := range map[string]string{"a stranger's": wrong, "none": "", "no file": wrong + "x"} {
		out, err := run([]string{"log", "verify"}, append(settings, "PORTAL_LOG_TOKEN="+token)...)
		if err == nil || !strings.Contains(out, "PORTAL_LOG") || strings.Contains(out, "stranger") {
			t.Errorf("%s: %v, %s", name, err, out)
		}
	}
	for _, c := range []struct {
		is   string
		want int
	}{{"dead", http.StatusServiceUnavailable}, {"well", http.StatusOK}} {
		w.turn(t, "objects", c.is)
		for deadline := time.Now().Add(patience); ; time.Sleep(20 * time.Millisecond) {
			status, said := shown()
			if status == c.want {
				break
			}
			if time.Now().After(deadline) {
				t.Fatalf("while it is %s: %d %s", c.is, status, said)
			}
		}
	}
}
