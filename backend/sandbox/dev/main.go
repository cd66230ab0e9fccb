// Command dev is what `make dev` runs: it builds everything, fills the catalogue of procedures,
// starts sandbox, portal and bridge, shows where to go and whose card to
// take, builds again what changed in the source, and ends all of them together.
//
// It is for a developer's machine alone; nothing else starts or stops the programs this way.
package main

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io/fs"
	"net/http"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"time"
)

const usage = `dev builds and runs the portal with all that it needs on this machine. Run it through: make dev

Environment: CARD=pcsc uses a real card reader instead of the virtual one. Any PORTAL_…, BRIDGE_… or
SANDBOX_… setting of the programs is passed on, for example PORTAL_ADDRESS=127.0.0.1:9000. LOG=debug writes a line for
each request, LOG=warn little at all. OPEN=no opens no browser. NO_COLOR=1 prints without colours.
`

func main() {
	if len(os.Args) > 1 {
		fmt.Print(usage)
		return
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM, syscall.SIGHUP)
	defer stop()
	root, err := moduleRoot()
	if err == nil {
		h := &house{
			root: root, settings: settingsFrom(os.Getenv, root), out: newConsole(os.Stdout),
			opener: opener(os.Getenv, exec.LookPath),
		}
		err = h.run(ctx)
	}
	if err != nil && ctx.Err() == nil {
		fmt.Fprintf(os.Stderr, "\nmake dev: %v\n", err)
		os.Exit(1)
	}
}

// run works until the context ends; then everything that it started has ended.
func (h *house) run(ctx context.Context) error {
	for _, warning := range refusedByBrowsers(h.settings.listeners()) {
		h.out.say("dev", h.out.bold(warning))
	}
	if err := checkPorts(h.settings.listeners()); err != nil {
		return err
	}
	w, err := watch(h.root, "backend", "bridge", "frontend", "proto/gen", "static", "go.mod")
	if err != nil {
		return err
	}
	defer w.Close()
	h.built = map[string][sha256.Size]byte{}
	if _, err := os.Stat(filepath.Join(h.root, "build", "portal")); errors.Is(err, fs.ErrNotExist) {
		h.out.say(
			"dev", "the first start builds everything, which takes some minutes; later ones build what "+
				"changed, in seconds",
		)
	}
	for _, step := range []struct {
		what string
		do   func(context.Context) error
	}{
		{"building the programs and the page", h.build},
		{"making what is missing of certificates and keys", h.prepare},
		{"filling the catalogue of procedures", h.fill},
	} {
		if err := h.step(ctx, step.what, step.do); err != nil {
			return err
		}
	}
	h.changed() // what stands now is the beginning
	var running sync.WaitGroup
	defer running.Wait()
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	h.start(ctx, &running)
	switch err := h.step(ctx, "starting sandbox, portal and bridge", h.awaitHealth); {
	case err == nil:
		h.out.print(h.welcome(ctx))
		h.open()
	case ctx.Err() == nil:
		h.out.say("dev", err.Error()+"; its words above say why. Mend it and save, or press Ctrl-C.")
	}
	for {
		select {
		case <-ctx.Done():
			h.out.say("dev", "ending")
			return nil
		case err := <-w.failed:
			return fmt.Errorf("watching the source: %w", err)
		case <-w.changes:
			h.rebuild(ctx)
		}
	}
}

// stillAfter is how long a step may be silent about itself. A variable for tests.
var stillAfter = 15 * time.Second

// step does one of the first start's, and says what it is, that it goes on, and how long it took.
func (h *house) step(ctx context.Context, what string, do func(context.Context) error) error {
	h.out.say("dev", what)
	started := time.Now()
	seconds := func() float64 { return time.Since(started).Seconds() }
	done := make(chan error, 1)
	go func() { done <- do(ctx) }()
	tick := time.NewTicker(stillAfter)
	defer tick.Stop()
	for {
		select {
		case err := <-done:
			if err == nil {
				h.out.say("dev", fmt.Sprintf("%s: done in %.1f s", what, seconds()))
			}
			return err
		case <-tick.C:
			h.out.say("dev", fmt.Sprintf("%s: %.0f s so far", what, seconds()))
		}
	}
}

// moduleRoot looks upwards from the working directory.
func moduleRoot() (string, error) {
	dir, err := os.Getwd()
	if err != nil {
		return "", err
	}
	for {
		if _, err := os.Stat(filepath.Join(dir, "go.mod")); err == nil {
			return dir, nil
		}
		parent := filepath.Dir(dir)
		if parent == dir {
			return "", errors.New("run it inside the project: no go.mod here or above")
		}
		dir = parent
	}
}

// house is the programs as they stand: what they were built to, and what runs.
type house struct {
	root      string
	settings  settings
	out       *console
	opener    string // what opens the browser; none when empty
	built     map[string][sha256.Size]byte
	processes map[string]*process
}

func (h *house) build(ctx context.Context) error {
	if err := h.command(ctx, "build", "make", "--no-print-directory", "--jobs=2", "dev-build"); err != nil {
		return fmt.Errorf("the build failed: %w", err)
	}
	return nil
}

// prepare makes certificates and the registry of offices.
func (h *house) prepare(ctx context.Context) error {
	if err := h.command(ctx, "sandbox", "build/sandbox", "init", "--out", h.settings["SANDBOX_STATE"]); err != nil {
		return fmt.Errorf("preparing the sandbox: %w", err)
	}
	return nil
}

// command runs something to its end, its words under a name.
func (h *house) command(ctx context.Context, name, program string, args ...string) error {
	out := h.out.writer(name)
	defer out.Close()
	cmd := exec.CommandContext(ctx, program, args...)
	cmd.Dir, cmd.Env = h.root, h.settings.environment()
	cmd.Stdout, cmd.Stderr = out, out
	cmd.SysProcAttr = ownGroup()
	cmd.Cancel = func() error { kill(cmd.Process.Pid, syscall.SIGTERM); return nil }
	cmd.WaitDelay = patience
	return cmd.Run()
}

// programs in the order of their start: the portal asks the sandbox, the bridge asks nobody.
var programs = []string{"sandbox", "portal", "bridge"}

func (h *house) start(ctx context.Context, running *sync.WaitGroup) {
	h.processes = map[string]*process{}
	for _, name := range programs {
		p := newProcess(name, h.out, func() *exec.Cmd {
			cmd := exec.Command(filepath.Join(h.root, "build", name))
			cmd.Dir, cmd.Env = h.root, h.settings.environment()
			return cmd
		})
		h.processes[name] = p
		running.Go(func() { p.run(ctx) })
	}
}

// rebuild builds after a change and restarts what came out different. After an error the old programs go on.
func (h *house) rebuild(ctx context.Context) {
	if err := h.step(ctx, "building what changed", h.build); err != nil {
		if ctx.Err() == nil {
			h.out.say("dev", h.out.bold(err.Error()+"; what ran before goes on"))
		}
		return
	}
	if err := h.prepare(ctx); err != nil {
		h.out.say("dev", err.Error())
	}
	different := h.changed()
	if len(different) == 0 {
		h.out.say("dev", "nothing came out different")
		return
	}
	for _, name := range different {
		h.out.say("dev", "restarting "+name)
		p := h.processes[name]
		old := p.running()
		p.restart()
		for old != 0 && p.running() == old && ctx.Err() == nil { // else the old one would be asked how it is
			pause(ctx, 10*time.Millisecond)
		}
	}
	switch err := h.awaitHealth(ctx); {
	case err == nil:
		h.out.say("dev", "running again: "+h.settings["PORTAL_ORIGIN"])
	case ctx.Err() == nil:
		h.out.say("dev", err.Error())
	}
}

func pause(ctx context.Context, d time.Duration) {
	select {
	case <-ctx.Done():
	case <-time.After(d):
	}
}

// changed names the programs whose files differ from what they were when it was last asked. The page and the registry
// of offices are the portal's.
func (h *house) changed() []string {
	state := h.settings["SANDBOX_STATE"]
	parts := map[string][]string{
		"sandbox": {"build/sandbox"},
		"portal": {
			"build/portal", "build/dev-web", filepath.Join(state, "offices.json"), filepath.Join(state, "jpki-ca.pem"),
			filepath.Join(state, "gateway.pem"),
		},
		"bridge": {"build/bridge"},
	}
	var different []string
	for _, name := range programs {
		sum := h.digest(parts[name])
		if old, ok := h.built[name]; ok && old != sum {
			different = append(different, name)
		}
		h.built[name] = sum
	}
	return different
}

// digest covers names and contents of files and of all below directories. What cannot be read counts as empty.
func (h *house) digest(paths []string) [sha256.Size]byte {
	sum := sha256.New()
	for _, path := range paths {
		if !filepath.IsAbs(path) {
			path = filepath.Join(h.root, path)
		}
		_ = filepath.WalkDir(path, func(name string, entry fs.DirEntry, err error) error {
			if err != nil || entry.IsDir() || strings.HasPrefix(entry.Name(), ".") {
				return nil //nolint:nilerr // it counts as empty
			}
			content, err := os.ReadFile(name)
			if err != nil {
				return nil //nolint:nilerr // likewise
			}
			one := sha256.Sum256(content)
			fmt.Fprintf(sum, "%s\x00%x\n", name, one)
			return nil
		})
	}
	return [sha256.Size]byte(sum.Sum(nil))
}

// awaitHealth waits until each program answers.
func (h *house) awaitHealth(ctx context.Context) error {
	client := &http.Client{Timeout: 2 * time.Second}
	for _, name := range programs {
		deadline := time.Now().Add(time.Minute)
		origin := "" // the sandbox takes one for another site's
		if name == "bridge" {
			origin = h.settings["PORTAL_ORIGIN"]
		}
		for !healthy(ctx, client, h.settings.health(name), origin) {
			if time.Now().After(deadline) {
				return fmt.Errorf("%s does not answer after a minute", name)
			}
			if pause(ctx, 100*time.Millisecond); ctx.Err() != nil {
				return ctx.Err()
			}
		}
	}
	return nil
}

// healthy asks from a page of an origin, if there is one: the bridge answers the portal's page and nobody else.
func healthy(ctx context.Context, client *http.Client, address, origin string) bool {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	if err != nil {
		return false
	}
	if origin != "" {
		request.Header.Set("Origin", origin)
	}
	response, err := client.Do(request)
	if err != nil {
		return false
	}
	response.Body.Close()
	return response.StatusCode == http.StatusOK
}
