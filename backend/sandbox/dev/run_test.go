package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"net/http"
	"os"
	"os/signal"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"
)

// TestMain makes this test's own binary play the programs when it is started under their names.
func TestMain(m *testing.M) {
	switch name := filepath.Base(os.Args[0]); name {
	case "sandbox", "portal", "bridge", "expand":
		os.Exit(tiny(name))
	}
	os.Exit(m.Run())
}

// tiny listens where the program of that name would, and says so.
func tiny(name string) int {
	if len(os.Args) > 1 && os.Args[1] == "init" {
		if err := os.MkdirAll(os.Args[len(os.Args)-1], 0o700); err != nil {
			fmt.Println(err)
			return 1
		}
		fmt.Println("made what was missing")
		return 0
	}
	if name == "expand" || len(os.Args) > 1 && os.Args[1] == "procedures" {
		if err := tinyCatalogue(name, os.Args); err != nil {
			fmt.Println(err)
			return 1
		}
		return 0
	}
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM)
	defer stop()
	server := &http.Server{Addr: os.Getenv(strings.ToUpper(name) + "_ADDRESS"),
		Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if name == "bridge" && r.Header.Get("Origin") != os.Getenv("PORTAL_ORIGIN") {
				w.WriteHeader(http.StatusForbidden)
			}
			if name == "sandbox" && r.Header.Get("Origin") != "" {
				w.WriteHeader(http.StatusForbidden)
				return
			}
			if name == "sandbox" && r.URL.Path == "/parts.json" {
				fmt.Fprint(w, `[{"id":"jlis","name":"J-LIS","what":"証明書の確認先","is":"dead","now":"止まっています"}]`)
			}
		})}
	go func() {
		<-ctx.Done()
		server.Close()
	}()
	fmt.Printf("%s runs as process %d\n", name, os.Getpid())
	if err := server.ListenAndServe(); ctx.Err() == nil {
		fmt.Println(err)
		return 1
	}
	return 0
}

// tinyCatalogue plays the generator, whose entries are the last line of its own file, and the portal's import and
// export, whose database is the file that was imported.
func tinyCatalogue(name string, args []string) error {
	database, to := os.Getenv("PORTAL_DATABASE"), args[len(args)-1]
	if name == "expand" {
		self, err := os.ReadFile(args[0])
		if err != nil {
			return err
		}
		lines := strings.Split(strings.TrimSpace(string(self[len(self)-200:])), "\n")
		return os.WriteFile(to, []byte("headings\n"+lines[len(lines)-1]+"\n"), 0o600)
	}
	if slices.Contains(args, "export") {
		content, err := os.ReadFile(database)
		if errors.Is(err, fs.ErrNotExist) {
			content, err = []byte("headings\n"), nil
		}
		return errors.Join(err, os.WriteFile(to, content, 0o600))
	}
	content, err := os.ReadFile(to)
	if err != nil {
		return err
	}
	if strings.Contains(string(content), "wrong") {
		return errors.New("a line is wrong")
	}
	fmt.Printf("imported %q\n", content)
	return os.WriteFile(database, content, 0o600)
}

// project lays out a source tree whose `make dev-build` makes the programs.
func project(t *testing.T) (root string, write func(name, content string)) {
	t.Helper()
	root = t.TempDir()
	write = func(name, content string) {
		t.Helper()
		path := filepath.Join(root, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(content), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	write("go.mod", "module tiny\n")
	write("backend/portal.go", "// first\n")
	write("backend/sandbox.go", "// first\n")
	write("bridge/bridge.go", "// first\n")
	write("backend/expand.go", "// first\n// entries\n")
	write("build/dev-web/index.html", "")
	write("Makefile", `dev-build: build/portal build/sandbox build/bridge build/expand
build/expand: backend/expand.go
build/portal: backend/portal.go
build/sandbox: backend/sandbox.go
build/bridge: bridge/bridge.go
build/%:
	@! grep broken $<
	@rm -f $@; cat `+self+` $< > $@; chmod +x $@
`)
	return root, write
}

func freeAddress(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return l.Addr().String()
}

func TestADayOfWork(t *testing.T) {
	root, write := project(t)
	given := map[string]string{}
	for _, name := range []string{
		"PORTAL_ADDRESS", "PORTAL_GATEWAY_ADDRESS", "BRIDGE_ADDRESS", "BRIDGE_VIRTUAL_ADDRESS", "SANDBOX_ADDRESS",
		"SANDBOX_SMTP_ADDRESS",
	} {
		given[name] = freeAddress(t)
	}
	s := settingsFrom(func(name string) string { return given[name] }, root)
	out := &syncBuffer{}
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	browser := filepath.Join(root, "browser") // writes down what it is to open
	opened := filepath.Join(root, "opened")
	if err := os.WriteFile(browser, []byte("#!/bin/sh\necho $1 > "+opened+"\n"), 0o755); err != nil {
		t.Fatal(err)
	}
	h := &house{root: root, settings: s, out: &console{out: out}, opener: browser}
	go func() { ended <- h.run(ctx) }()
	t.Cleanup(func() {
		cancel()
		if t.Failed() {
			t.Log("\n" + out.String())
		}
	})
	says := func(text string) func() bool {
		from := len(out.String())
		return func() bool { return strings.Contains(out.String()[from:], text) }
	}
	process := func(name string) int {
		all := regexp.MustCompile(name+` runs as process (\d+)`).FindAllStringSubmatch(out.String(), -1)
		if len(all) == 0 {
			return 0
		}
		pid, err := strconv.Atoi(all[len(all)-1][1])
		if err != nil {
			t.Fatal(err)
		}
		return pid
	}

	eventually(t, "the welcome", func() bool { return strings.Contains(out.String(), "動いています。") })
	for _, want := range []string{
		s["PORTAL_ORIGIN"], "/mail", "/notice", "山田 花子", "ABC123", "J-LIS   止まっています  証明書の確認先",
		"sandbox │ made what was missing", "catalog │ imported",
	} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("%q was not said", want)
		}
	}
	for _, step := range []string{
		"building the programs and the page: done in", "filling the catalogue of procedures: done in",
		"the first start builds everything",
	} {
		if !strings.Contains(out.String(), step) {
			t.Errorf("%q was not said", step)
		}
	}
	eventually(t, "the browser", func() bool {
		address, err := os.ReadFile(opened)
		return err == nil && string(address) == s["PORTAL_ORIGIN"]+"\n"
	})
	portal, sandbox := process("portal"), process("sandbox")

	back := says("portal runs as process")
	if err := syscall.Kill(portal, syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
	eventually(t, "the portal's return", back)
	if !strings.Contains(out.String(), "ended (signal: killed); starting again") {
		t.Error("the death was not reported")
	}
	portal = process("portal")

	failed := says("what ran before goes on")
	write("backend/portal.go", "// broken\n")
	eventually(t, "the report of the failed build", failed)
	if !alive(portal) {
		t.Error("the old portal was ended")
	}

	again := says("running again")
	write("backend/portal.go", "// second\n")
	eventually(t, "the new portal", again)
	eventually(t, "the new portal's word", func() bool { return process("portal") != portal })
	if alive(portal) {
		t.Error("the portal was not replaced")
	}
	if process("sandbox") != sandbox {
		t.Error("the sandbox was restarted for nothing")
	}

	cancel()
	select {
	case err := <-ended:
		if err != nil {
			t.Errorf("it ended with %v", err)
		}
	case <-time.After(20 * time.Second):
		t.Fatal("it did not end")
	}
	for _, name := range programs {
		if alive(process(name)) {
			t.Errorf("%s lives on", name)
		}
	}
}

func TestNothingStartsWhileAPortIsTaken(t *testing.T) {
	root, _ := project(t)
	held, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer held.Close()
	given := map[string]string{"PORTAL_ADDRESS": held.Addr().String()}
	h := &house{
		root: root, settings: settingsFrom(func(name string) string { return given[name] }, root),
		out: &console{out: &syncBuffer{}},
	}
	err = h.run(context.Background())
	if err == nil || !strings.Contains(err.Error(), "set PORTAL_ADDRESS or stop it") {
		t.Errorf("got %v", err)
	}
	if _, err := os.Stat(filepath.Join(root, "build", "portal")); err == nil {
		t.Error("something was built")
	}
}

func TestTheCatalogueIsFilledOnce(t *testing.T) {
	root, write := project(t)
	out := &syncBuffer{}
	h := &house{root: root, settings: settingsFrom(func(string) string { return "" }, root), out: &console{out: out}}
	ctx := context.Background()
	if err := os.MkdirAll(h.settings["SANDBOX_STATE"], 0o755); err != nil {
		t.Fatal(err)
	}
	// start gives what is said between building and the start of the portal.
	start := func() (string, error) {
		if err := h.build(ctx); err != nil {
			t.Fatal(err)
		}
		from := len(out.String())
		err := h.fill(ctx)
		return out.String()[from:], err
	}
	const inventing, importing = "inventing the entries", "imported \"headings"
	for _, c := range []struct {
		name               string
		before             func()
		invented, imported bool
		fails              bool
	}{
		{"the first start", func() {}, true, true, false},
		{"the second", func() {}, false, false, false},
		{
			"another generator that writes the same", func() { write("backend/expand.go", "// second\n// entries\n") },
			true, false, false,
		},
		{"the start after it", func() {}, false, false, false},
		{
			"a generator that writes wrong entries", func() { write("backend/expand.go", "// wrong\n") },
			true, false, true,
		},
		{"still wrong", func() {}, true, false, true},
		{"mended", func() { write("backend/expand.go", "// more entries\n") }, true, true, false},
		{"the database removed", func() { os.Remove(h.settings["PORTAL_DATABASE"]) }, true, true, false},
		{"a damaged stamp", func() { write("build/dev/"+filepath.Base(h.stampPath()), "x") }, true, true, false},
		{"another database", func() { h.settings["PORTAL_DATABASE"] += "2" }, true, true, false},
		{
			"the first database again", func() {
				h.settings["PORTAL_DATABASE"] = strings.TrimSuffix(h.settings["PORTAL_DATABASE"], "2")
			}, false, false, false,
		},
	} {
		c.before()
		said, err := start()
		if strings.Contains(said, inventing) != c.invented || strings.Contains(said, importing) != c.imported ||
			(err != nil) != c.fails {
			t.Errorf("%s: %v\n%s", c.name, err, said)
		}
	}
}
