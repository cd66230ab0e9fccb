package main

import (
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/http/cookiejar"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"sync/atomic"
	"syscall"
	"time"
)

// world is the portal under attack and the sandbox that it needs.
type world struct {
	build, dir, origin, address, sandbox string
	environment                          []string
	trust                                *x509.CertPool
	portal, other                        *process
	jlisDown                             atomic.Bool
}

// start starts both; settings of theirs may be added.
func start(ctx context.Context, build, dir string, settings ...string) (*world, error) {
	ports, err := freePorts(4)
	if err != nil {
		return nil, err
	}
	local := func(i int) string { return fmt.Sprintf("127.0.0.1:%d", ports[i]) }
	file := func(name string) string { return filepath.Join(dir, name) }
	w := &world{
		build: build, dir: dir, origin: fmt.Sprintf("https://localhost:%d", ports[0]), address: local(0),
		sandbox: "http://" + local(1),
	}
	w.environment = append(os.Environ(),
		"PORTAL_ADDRESS="+local(0), "PORTAL_ORIGIN="+w.origin, "PORTAL_DATABASE="+file("portal.sqlite"),
		"PORTAL_CERTIFICATE="+file("gateway.pem"), "PORTAL_KEY="+file("gateway.key"),
		"PORTAL_WEB="+filepath.Join(build, "web"), "PORTAL_JPKI_CA="+file("jpki-ca.pem"),
		"PORTAL_JLIS="+w.sandbox+"/jlis",
		"PORTAL_GATEWAY_ADDRESS="+local(2), "PORTAL_GATEWAY_CERTIFICATE="+file("gateway.pem"),
		"PORTAL_GATEWAY_KEY="+file("gateway.key"),
		"PORTAL_MEMORY=400MiB", "PORTAL_OFFICES="+file("offices.json"), "PORTAL_SMTP="+local(3),
		"PORTAL_MAIL_FROM=portal@example.jp",
		"SANDBOX_ADDRESS="+local(1), "SANDBOX_SMTP_ADDRESS="+local(3), "SANDBOX_STATE="+dir,
		"SANDBOX_GATEWAY=https://"+local(2),
		"SANDBOX_PORTAL="+w.origin,
	)
	w.environment = append(w.environment, settings...)
	for _, command := range [][]string{
		{"sandbox", "init", "--out", dir},
		{"expand", "--places", "000000,130001,131105", "--out", file("procedures.csv")},
		{"portal", "procedures", "import", file("procedures.csv")},
	} {
		if err := w.tool(ctx, command[0], command[1:]...); err != nil {
			return nil, err
		}
	}
	certificate, err := os.ReadFile(file("gateway.pem"))
	if err != nil {
		return nil, err
	}
	w.trust = x509.NewCertPool()
	w.trust.AppendCertsFromPEM(certificate)
	if w.other, err = w.begin(ctx, "sandbox", w.sandbox+"/healthz"); err != nil {
		return nil, err
	}
	if w.portal, err = w.begin(ctx, "portal", w.origin+"/healthz"); err != nil {
		w.stop()
		return nil, err
	}
	return w, nil
}

func (w *world) stop() {
	for _, p := range []*process{w.portal, w.other} {
		if p != nil {
			p.stop()
		}
	}
}

// tool runs one of the built programs to its end.
func (w *world) tool(ctx context.Context, name string, args ...string) error {
	command := exec.CommandContext(ctx, filepath.Join(w.build, name), args...)
	command.Env = w.environment
	if out, err := command.CombinedOutput(); err != nil {
		return fmt.Errorf("%s %v: %w\n%s(run `make build` first)", name, args, err, out)
	}
	return nil
}

// process is a program that runs along.
type process struct {
	name    string
	command *exec.Cmd
	log     *tail
	ended   chan struct{}
	err     error
}

func (p *process) pid() int { return p.command.Process.Pid }

// alive tells whether it is still the process that was started.
func (p *process) alive() error {
	select {
	case <-p.ended:
		return fmt.Errorf("%s has ended: %w\n%s", p.name, p.err, p.log)
	default:
		return nil
	}
}

func (p *process) stop() {
	_ = p.command.Process.Signal(os.Interrupt)
	select {
	case <-p.ended:
	case <-time.After(20 * time.Second):
		_ = p.command.Process.Kill()
		<-p.ended
	}
}

func (w *world) begin(ctx context.Context, name, health string) (*process, error) {
	p := &process{
		name: name, command: exec.Command(filepath.Join(w.build, name)), log: &tail{}, ended: make(chan struct{}),
	}
	p.command.Env = w.environment
	p.command.Stdout, p.command.Stderr = p.log, p.log
	p.command.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	if err := p.command.Start(); err != nil {
		return nil, fmt.Errorf("starting %s: %w", name, err)
	}
	go func() {
		p.err = p.command.Wait()
		close(p.ended)
	}()
	client := w.client("127.0.0.1")
	for ctx.Err() == nil {
		if err := p.alive(); err != nil {
			return nil, err
		}
		if response, err := client.Get(health); err == nil {
			response.Body.Close()
			if response.StatusCode == http.StatusOK {
				return p, nil
			}
		}
		pause(ctx, 50*time.Millisecond)
	}
	p.stop()
	return nil, ctx.Err()
}

// tail keeps the end of what a program says.
type tail struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (t *tail) Write(b []byte) (int, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	const most = 128 << 10
	t.text.Write(b)
	if extra := t.text.Len() - most; extra > 0 {
		t.text.Next(extra)
	}
	return len(b), nil
}

func (t *tail) String() string {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.text.String()
}

// client is a browser of its own at an address of its own (127.0.0.x), without a page.
func (w *world) client(from string) *http.Client {
	jar, err := cookiejar.New(nil)
	if err != nil {
		panic(err) // never: there are no options
	}
	return &http.Client{Timeout: 20 * time.Second, Jar: jar, Transport: w.transport(from, true)}
}

func (w *world) transport(from string, http2 bool) *http.Transport {
	dialer := &net.Dialer{LocalAddr: &net.TCPAddr{IP: net.ParseIP(from)}, Timeout: 10 * time.Second}
	t := &http.Transport{
		DialContext: func(ctx context.Context, network, _ string) (net.Conn, error) {
			return dialer.DialContext(ctx, network, w.address)
		},
		// The sandbox is plain and elsewhere: its own address counts.
		ForceAttemptHTTP2: http2, TLSClientConfig: &tls.Config{RootCAs: w.trust}, IdleConnTimeout: 30 * time.Second,
		MaxIdleConnsPerHost: 4,
	}
	if !http2 {
		t.TLSNextProto = map[string]func(string, *tls.Conn) http.RoundTripper{}
	}
	dialled := t.DialContext
	t.DialContext = func(ctx context.Context, network, address string) (net.Conn, error) {
		if "http://"+address == w.sandbox {
			return (&net.Dialer{}).DialContext(ctx, network, address)
		}
		return dialled(ctx, network, address)
	}
	return t
}

// raw opens a TLS connection of HTTP/1.1 on which one can say anything.
func (w *world) raw(ctx context.Context, from string) (net.Conn, error) {
	dialer := &tls.Dialer{
		NetDialer: &net.Dialer{LocalAddr: &net.TCPAddr{IP: net.ParseIP(from)}, Timeout: 10 * time.Second},
		Config:    &tls.Config{RootCAs: w.trust, ServerName: "localhost", NextProtos: []string{"http/1.1"}},
	}
	return dialer.DialContext(ctx, "tcp", w.address)
}

func freePorts(n int) ([]int, error) {
	var ports []int
	for range n {
		l, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			return nil, err
		}
		defer l.Close()
		at, ok := l.Addr().(*net.TCPAddr)
		if !ok {
			return nil, errors.New("a listener without a port")
		}
		ports = append(ports, at.Port)
	}
	return ports, nil
}

func pause(ctx context.Context, d time.Duration) {
	select {
	case <-ctx.Done():
	case <-time.After(d):
	}
}
