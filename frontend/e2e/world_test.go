//go:build !js

package e2e_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

// world is everything a person needs, running on free ports: sandbox, portal, bridge with its virtual readers.
type world struct {
	dir       string
	origin    string // of the portal
	brief     string // origin of a second portal, whose sessions are as short as they can be; startBrief starts it
	bridge    string // host:port of the relay
	reader    string // address of the virtual readers' page
	sandbox   string
	processes map[string]*process
	met       map[string]bool // whose cards have been here

	briefPortal *process
}

func TestMain(m *testing.M) { os.Exit(run(m)) }

func run(m *testing.M) int {
	atOnce()
	dir, err := os.MkdirTemp("", "portal-e2e-")
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	defer os.RemoveAll(dir)
	chromiums.dir = dir
	defer stopChromiums()
	worlds.dir = dir
	defer worlds.stop()
	if shared, err = worlds.create(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	worlds.idle = append(worlds.idle, shared)
	return m.Run()
}

// atOnce has one test more run than there are processors: a browser test waits as much as it works.
func atOnce() {
	flag.Parse()
	given := false
	flag.Visit(func(f *flag.Flag) { given = given || f.Name == "test.parallel" })
	if given {
		return
	}
	if err := flag.Set("test.parallel", strconv.Itoa(runtime.GOMAXPROCS(0)+1)); err != nil {
		panic(err)
	}
}

// newWorld starts a world whose state lies in dir and whose portal knows the procedures of a catalogue.
func newWorld(dir, catalogue string) (*world, error) {
	ports, err := freePorts(8)
	if err != nil {
		return nil, err
	}
	local := func(i int) string { return fmt.Sprintf("127.0.0.1:%d", ports[i]) }
	w := &world{
		dir:       dir,
		origin:    fmt.Sprintf("http://localhost:%d", ports[0]),
		brief:     fmt.Sprintf("http://localhost:%d", ports[6]),
		bridge:    local(1),
		reader:    "http://" + local(2),
		sandbox:   "http://" + local(3),
		processes: map[string]*process{},
		met:       map[string]bool{},
	}
	file := func(name string) string { return filepath.Join(dir, name) }
	environment := []string{
		"PORTAL_ADDRESS=" + local(0),
		"PORTAL_ORIGIN=" + w.origin,
		"PORTAL_DATABASE=" + file("portal.sqlite"),
		"PORTAL_WEB=" + built("web"),
		"PORTAL_JPKI_CA=" + file("jpki-ca.pem"),
		"PORTAL_JLIS=" + w.sandbox + "/jlis",
		"PORTAL_STAMP=" + w.sandbox + "/stamp",
		"PORTAL_STAMP_CA=" + file("stamp-ca.pem"),
		"PORTAL_LOG_WITNESSES=" + file("log-witnesses"),
		"PORTAL_GATEWAY_ADDRESS=" + local(4),
		"PORTAL_GATEWAY_CERTIFICATE=" + file("gateway.pem"),
		"PORTAL_GATEWAY_KEY=" + file("gateway.key"),
		"PORTAL_OFFICES=" + file("offices.json"),
		"PORTAL_INTRODUCE_WITHIN=0s",
		"PORTAL_SMTP=" + local(5),
		"PORTAL_MAIL_FROM=portal@example.jp",
		"PORTAL_BRIDGE=" + w.bridge,
		"LOG=debug", // a line a request: tests count them
		"BRIDGE_ADDRESS=" + w.bridge,
		"BRIDGE_ORIGINS=" + w.origin + "," + w.brief,
		"BRIDGE_VIRTUAL=true",
		"BRIDGE_VIRTUAL_ADDRESS=" + local(2),
		"BRIDGE_STATE=" + file("cards"),
		"SANDBOX_ADDRESS=" + local(3),
		"SANDBOX_SMTP_ADDRESS=" + local(5),
		"SANDBOX_STATE=" + dir,
		"SANDBOX_GATEWAY=https://" + local(4),
		"SANDBOX_PORTAL=" + w.origin,
	}
	setUp := exec.Command(built("sandbox"), "init", "--out", dir)
	setUp.Env = append(os.Environ(), environment...)
	if out, err := setUp.CombinedOutput(); err != nil {
		return w, fmt.Errorf("sandbox init: %w\n%s(run `make build` first)", err, out)
	}
	// The portal's operator takes in what the places registered, as make dev does for the whole nation.
	procedures := exec.Command(built("portal"), "procedures", "import", catalogue)
	procedures.Env = append(os.Environ(), environment...)
	if out, err := procedures.CombinedOutput(); err != nil {
		return w, fmt.Errorf("%s: %w\n%s(run `make build` first)", procedures, err, out)
	}
	for _, p := range []struct{ name, program, health string }{
		{"sandbox", "sandbox", w.sandbox + "/healthz"},
		{"portal", "portal", w.origin + "/healthz"},
		{"bridge", "bridge", "http://" + w.bridge + "/health"},
	} {
		w.processes[p.name] = &process{
			path: built(p.program), environment: environment, health: p.health, origin: w.origin,
		}
		if err := w.processes[p.name].start(); err != nil {
			return w, err
		}
	}
	w.briefPortal = &process{path: built("portal"), health: w.brief + "/healthz",
		environment: append(slices.Clone(environment),
			"PORTAL_ADDRESS="+local(6),
			"PORTAL_ORIGIN="+w.brief,
			"PORTAL_DATABASE="+file("brief.sqlite"),
			"PORTAL_LOG_WITNESSES=", // they know one log each
			"PORTAL_GATEWAY_ADDRESS="+local(7),
			"PORTAL_SESSION_IDLE=2m5s", // the warning comes two minutes before the end
		)}
	return w, nil
}

// startBrief starts the portal with short sessions until the test is over.
func (w *world) startBrief(t testing.TB, settings ...string) *process {
	t.Helper()
	brief := &process{
		path: w.briefPortal.path, health: w.briefPortal.health,
		environment: append(slices.Clone(w.briefPortal.environment), settings...),
	}
	t.Cleanup(brief.stop)
	if err := brief.start(); err != nil {
		t.Fatal(err)
	}
	return brief
}

func (w *world) stop() {
	_ = w.resume() // a program that stands still hears of no end
	for _, p := range w.processes {
		p.stop()
	}
}

// pause has the programs stand still where they are; resume has them go on.
func (w *world) pause() error { return w.signal(syscall.SIGSTOP) }
func (w *world) resume() error {
	http.DefaultClient.CloseIdleConnections() // they have timed out, and end when the programs go on
	return w.signal(syscall.SIGCONT)
}

func (w *world) signal(s os.Signal) error {
	for name, p := range w.processes {
		if p.command == nil || p.command.Process == nil {
			continue
		}
		if err := p.command.Process.Signal(s); err != nil {
			return fmt.Errorf("the %s of an idle world: %w", name, err)
		}
	}
	return nil
}

// lay puts a person's card on the first virtual reader; take removes it; both through the reader's own page.
func (w *world) lay(t testing.TB, person string) {
	t.Helper()
	w.met[person] = true
	w.post(t, w.reader+"/lay", form("reader", "0", "person", person))
	t.Cleanup(func() { w.take(t) })
}

func (w *world) take(t testing.TB) {
	t.Helper()
	w.post(t, w.reader+"/take", form("reader", "0"))
}

// renew gives a card its factory state back: PINs and counters.
func (w *world) renew(t testing.TB, person string) {
	t.Helper()
	w.post(t, w.reader+"/reset", form("person", person))
}

func (w *world) post(t testing.TB, address string, form url.Values) {
	t.Helper()
	if status, answer := w.tryPost(t, address, form); status >= 400 {
		t.Fatalf("POST %s %v: %d\n%s", address, form, status, answer)
	}
}

// sendNotice has an office write to a person, as soon as the portal has introduced them to each other.
func (w *world) sendNotice(t testing.TB, notice url.Values) {
	t.Helper()
	deadline := time.Now().Add(patience)
	for {
		status, answer := w.tryPost(t, w.sandbox+"/office/send", notice)
		if status < 400 {
			return
		}
		if status != http.StatusConflict || time.Now().After(deadline) {
			t.Fatalf("sending %v: %d\n%s", notice, status, answer)
		}
		time.Sleep(50 * time.Millisecond)
	}
}

func (w *world) tryPost(t testing.TB, address string, form url.Values) (status int, answer string) {
	t.Helper()
	client := &http.Client{Timeout: 10 * time.Second}
	request, err := http.NewRequest("POST", address, strings.NewReader(form.Encode()))
	if err != nil {
		t.Fatal(err)
	}
	request.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	response, err := client.Do(request)
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

// form makes form values of names and values in turn.
func form(pairs ...string) url.Values {
	values := url.Values{}
	for i := 0; i < len(pairs); i += 2 {
		values.Set(pairs[i], pairs[i+1])
	}
	return values
}

// sandboxPage is a page of the sandbox.
func (w *world) sandboxPage(t testing.TB, path string) string {
	t.Helper()
	response, err := http.Get(w.sandbox + path)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	page, err := io.ReadAll(response.Body)
	if err != nil || response.StatusCode != http.StatusOK {
		t.Fatalf("%s: %d, %v", path, response.StatusCode, err)
	}
	return string(page)
}

type mail struct {
	To, Subject, Text string
}

// mails returns what the sandbox's mail server received for an address, newest last.
func (w *world) mails(t testing.TB, address string) []mail {
	t.Helper()
	response, err := http.Get(w.sandbox + "/mail.json")
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	var all []mail
	if err := json.NewDecoder(response.Body).Decode(&all); err != nil {
		t.Fatal(err)
	}
	var found []mail
	for _, m := range all {
		if strings.Contains(m.To, address) {
			found = append(found, m)
		}
	}
	return found
}

// process is one of the built programs.
type process struct {
	path, health, origin string
	environment          []string
	own                  []string // its environment as it was before a test deployed something else
	command              *exec.Cmd
	done                 chan error
	output               lockedBuffer
}

func (p *process) start() error {
	p.command = exec.Command(p.path)
	p.command.Env = append(os.Environ(), p.environment...)
	p.command.Stdout, p.command.Stderr = &p.output, &p.output
	p.command.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	if err := p.command.Start(); err != nil {
		return fmt.Errorf("starting %s: %w (run `make build` first)", p.path, err)
	}
	p.done = make(chan error, 1)
	go func() { p.done <- p.command.Wait() }()
	ctx, cancel := context.WithTimeout(context.Background(), 60*time.Second)
	defer cancel()
	for {
		request, err := http.NewRequestWithContext(ctx, "GET", p.health, nil)
		if err != nil {
			return err
		}
		if strings.HasSuffix(p.health, "/health") {
			request.Header.Set("Origin", p.origin)
		}
		if response, err := http.DefaultClient.Do(request); err == nil {
			response.Body.Close()
			if response.StatusCode == http.StatusOK {
				return nil
			}
		}
		select {
		case err := <-p.done:
			return fmt.Errorf("%s ended: %w\n%s", p.path, err, p.output.String())
		case <-ctx.Done():
			return fmt.Errorf("%s is not healthy after a minute\n%s", p.path, p.output.String())
		case <-time.After(50 * time.Millisecond):
		}
	}
}

func (p *process) stop() {
	if p.command == nil || p.command.Process == nil {
		return
	}
	if err := p.command.Process.Signal(os.Interrupt); errors.Is(err, os.ErrProcessDone) {
		return
	}
	select {
	case <-p.done:
	case <-time.After(15 * time.Second):
		_ = p.command.Process.Kill()
		<-p.done
	}
}

type lockedBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (l *lockedBuffer) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(p)
}

func (l *lockedBuffer) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.String()
}

func built(name string) string {
	path, err := filepath.Abs(filepath.Join("..", "..", "build", name))
	if err != nil {
		panic(err)
	}
	return path
}

// freePorts finds ports that nobody uses, below those that the system gives to whoever connects: one of these could be
// taken while the program that listens there is started anew.
func freePorts(n int) ([]int, error) {
	ports.Lock()
	defer ports.Unlock()
	var found []int
	for range 10_000 {
		if len(found) == n {
			return found, nil
		}
		port := 12_000 + rand.IntN(20_000)
		if ports.given[port] {
			continue
		}
		l, err := net.Listen("tcp", fmt.Sprintf("127.0.0.1:%d", port))
		if err != nil {
			continue
		}
		l.Close()
		ports.given[port] = true
		found = append(found, port)
	}
	return nil, errors.New("no free ports")
}

var ports = struct {
	sync.Mutex
	given map[int]bool
}{given: map[int]bool{}}
