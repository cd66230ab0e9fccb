package main

import (
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func TestABusyPortSaysWhoAndWhatToDo(t *testing.T) {
	held, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer held.Close()
	_, port, err := net.SplitHostPort(held.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	for address, want := range map[string]string{
		held.Addr().String(): "port " + port + " is in use by dev.test (process ",
		"127.0.0.1":          "PORTAL_ADDRESS=127.0.0.1 is not an address like",
		"192.0.2.1:0":        "cannot listen on 192.0.2.1:0",
	} {
		err := checkPorts([]listener{{"127.0.0.1:0", "FREE"}, {address, "PORTAL_ADDRESS"}})
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v", address, err)
		}
	}
	if err := checkPorts([]listener{{"127.0.0.1:0", "FREE"}}); err != nil {
		t.Error(err)
	}
}

func TestTableIsStraightWithWideLetters(t *testing.T) {
	got := table([][]string{{"氏名", "PIN"}, {"山田 花子", "1234"}, {"Ren", "5678"}})
	want := "  氏名       PIN\n  山田 花子  1234\n  Ren        5678\n"
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
}

func TestSettingsFollowEachOther(t *testing.T) {
	given := map[string]string{"PORTAL_ADDRESS": "[::1]:9000", "SANDBOX_ADDRESS": "127.0.0.1:9001", "CARD": "pcsc"}
	s := settingsFrom(func(name string) string { return given[name] }, "/project")
	for name, want := range map[string]string{
		"PORTAL_ORIGIN": "http://localhost:9000", "BRIDGE_ORIGINS": "http://localhost:9000",
		"PORTAL_JLIS":     "http://127.0.0.1:9001/jlis",
		"PORTAL_DATABASE": "/project/build/dev/portal.sqlite", "BRIDGE_VIRTUAL": "false",
		"SANDBOX_GATEWAY": "https://127.0.0.1:8443",
	} {
		if s[name] != want {
			t.Errorf("%s is %s, want %s", name, s[name], want)
		}
	}
	if len(s.listeners()) != 5 {
		t.Errorf("with a real reader the virtual reader's port is not needed: %v", s.listeners())
	}
	t.Setenv("MAKEFLAGS", "j")
	t.Setenv("PORTAL_ADDRESS", "other")
	env := strings.Join(s.environment(), "\n")
	if strings.Contains(env, "MAKEFLAGS") || strings.Contains(env, "PORTAL_ADDRESS=other") ||
		!strings.Contains(env, "PORTAL_ADDRESS=[::1]:9000") {
		t.Error("the environment is not what was set")
	}
}

func TestWatchSeesWhatMatters(t *testing.T) {
	root := t.TempDir()
	write := func(name string) {
		t.Helper()
		path := filepath.Join(root, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(time.Now().String()), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	write("backend/main.go")
	write("go.mod")
	w, err := watch(root, "backend", "go.mod", "not/there")
	if err != nil {
		t.Fatal(err)
	}
	defer w.Close()
	seen := func(patience time.Duration) bool {
		select {
		case <-w.changes:
			return true
		case <-time.After(patience):
			return false
		}
	}
	for _, name := range []string{
		"backend/main.go", "go.mod", "backend/new/room.go", "backend/new/page.html", "backend/new/deeper/x.css",
	} {
		write(name)
		if !seen(10 * time.Second) {
			t.Errorf("%s was not seen", name)
		}
	}
	for _, name := range []string{"backend/main_test.go", "backend/.main.go.swp", "backend/main.go~", "backend/4913"} {
		write(name)
	}
	if seen(3 * quiet) {
		t.Error("a change that does not matter was reported")
	}
}

func TestOnlyWhatCameOutDifferentIsRestarted(t *testing.T) {
	root := t.TempDir()
	h := &house{
		root: root, settings: settingsFrom(func(string) string { return "" }, root), built: map[string][32]byte{},
	}
	write := func(name, content string) {
		t.Helper()
		path := filepath.Join(root, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(content), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	for _, name := range []string{
		"build/sandbox", "build/portal", "build/bridge", "build/dev-web/app.wasm", "build/dev/offices.json",
	} {
		write(name, "first")
	}
	if got := h.changed(); got != nil {
		t.Errorf("at first: %v", got)
	}
	for _, c := range []struct {
		file, content string
		want          []string
	}{
		{"build/portal", "first", nil},
		{"build/dev-web/.done", "second", nil},
		{"build/bridge", "second", []string{"bridge"}},
		{"build/dev-web/app.wasm", "second", []string{"portal"}},
		{"build/dev/offices.json", "second", []string{"portal"}},
		{"build/sandbox", "second", []string{"sandbox"}},
	} {
		write(c.file, c.content)
		if diff := cmp.Diff(c.want, h.changed()); diff != "" {
			t.Errorf("%s (-want +got)\n%s", c.file, diff)
		}
	}
}
