package main

import (
	"bytes"
	"context"
	"crypto/sha256"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/cookiejar"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"connectrpc.com/connect"
	"golang.org/x/net/http2"
	"golang.org/x/net/http2/hpack"

	"madoguchi/bridge/jpki"
	"madoguchi/bridge/softcard"
	portalv1 "madoguchi/proto/gen/portal/v1"
	"madoguchi/proto/gen/portal/v1/portalv1connect"
)

const (
	halfOpen   = 2000 // calls that hostile callers hold open
	people     = 50   // who behave
	mostMemory = 512  // MiB that the portal may take meanwhile
	underFire  = 20 * time.Second
)

// BenchmarkHalfOpen holds two thousand calls open, whose bodies trickle in up to their limit, over both versions of
// HTTP, while fifty people log in and read. It fails when one of them is turned away, or the portal takes more memory
// than it may. One round is one login with what a person reads then.
func BenchmarkHalfOpen(b *testing.B) {
	s := startPrograms(b)
	everybody := make([]*person, people)
	for i := range everybody {
		everybody[i] = s.person(i)
		if _, err := everybody[i].logIn(b.Context()); err != nil {
			b.Fatal(err)
		}
		if _, err := everybody[i].accounts.OpenAccount(b.Context(), opening()); err != nil {
			b.Fatal(err)
		}
	}
	idle := s.memory(b, "VmRSS")
	ctx, stop := context.WithCancel(b.Context())
	var hostile sync.WaitGroup
	defer hostile.Wait()
	defer stop()
	var holding atomic.Int64
	for i := range halfOpen / 2 {
		hostile.Go(func() { s.trickle1(ctx, i, &holding) })
	}
	for i := range halfOpen / 2 / streamsEach {
		hostile.Go(func() { s.trickle2(ctx, i, &holding) })
	}
	for range 200 {
		hostile.Go(func() { s.halfHeader(ctx) })
	}
	for begin := time.Now(); holding.Load() < halfOpen*9/10; time.Sleep(10 * time.Millisecond) {
		if time.Since(begin) > time.Minute {
			b.Fatalf("after a minute %d calls of %d are half open", holding.Load(), halfOpen)
		}
	}
	var mu sync.Mutex
	var logins []time.Duration
	failed := map[string]int{}
	var behaving sync.WaitGroup
	begin := time.Now()
	b.ResetTimer()
	for _, p := range everybody {
		behaving.Go(func() {
			for round := 0; round < b.N || time.Since(begin) < underFire; round++ {
				took, err := p.logIn(ctx)
				if err == nil {
					err = p.read(ctx)
				}
				mu.Lock()
				logins = append(logins, took)
				if err != nil {
					failed[err.Error()]++
				}
				mu.Unlock()
				time.Sleep(5 * time.Second) // a card logs in once a second at most, and several share one
			}
		})
	}
	behaving.Wait()
	b.StopTimer()
	held := holding.Load()
	most := s.memory(b, "VmHWM")
	slices.Sort(logins)
	b.ReportMetric(float64(idle), "MiB-idle")
	b.ReportMetric(float64(most), "MiB-most")
	b.ReportMetric(float64(held), "half-open")
	b.ReportMetric(float64(len(logins))/time.Since(begin).Seconds(), "logins/s")
	b.ReportMetric(float64(logins[len(logins)*95/100].Microseconds())/1000, "login-p95-ms")
	if len(failed) > 0 {
		b.Errorf("of %d logins: %v", len(logins), failed)
	}
	if most > mostMemory {
		b.Errorf("the portal took %d MiB", most)
	}
}

// programs are portal and sandbox as they are built, on free ports.
type programs struct {
	origin, address string
	portal          *exec.Cmd
}

func startPrograms(b *testing.B) *programs {
	b.Helper()
	dir := b.TempDir()
	build := exec.Command("go", "build", "-o", dir+string(filepath.Separator), ".", "./sandbox")
	if out, err := build.CombinedOutput(); err != nil {
		b.Fatalf("building: %v\n%s", err, out)
	}
	ports, held := make([]string, 4), []net.Listener{}
	for i := range ports {
		l, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			b.Fatal(err)
		}
		ports[i] = l.Addr().String()
		held = append(held, l)
	}
	for _, l := range held { // each had to be another one
		l.Close()
	}
	_, port, _ := net.SplitHostPort(ports[0])
	s := &programs{origin: "https://localhost:" + port, address: ports[0]}
	for name, text := range map[string]string{
		"web/routes.json":       `{"routes":[{"path":"/","page":"top"}],"languages":["ja"],"not_found":"top"}`,
		"web/pages/top.ja.html": "<h1>まどぐち</h1>",
	} {
		if err := os.MkdirAll(filepath.Dir(filepath.Join(dir, name)), 0o700); err != nil {
			b.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			b.Fatal(err)
		}
	}
	in := func(name string) string { return filepath.Join(dir, name) }
	environment := append(os.Environ(),
		"SANDBOX_STATE="+dir, "SANDBOX_ADDRESS="+ports[1], "SANDBOX_SMTP_ADDRESS="+ports[2],
		"SANDBOX_GATEWAY=https://"+ports[3],
		"PORTAL_ADDRESS="+ports[0], "PORTAL_ORIGIN="+s.origin, "PORTAL_DATABASE="+in("portal.sqlite"),
		"PORTAL_WEB="+in("web"),
		"PORTAL_CERTIFICATE="+in("gateway.pem"), "PORTAL_KEY="+in("gateway.key"), "PORTAL_JPKI_CA="+in("jpki-ca.pem"),
		"PORTAL_JLIS=http://"+ports[1]+"/jlis",
		"PORTAL_GATEWAY_ADDRESS="+ports[3], "PORTAL_GATEWAY_CERTIFICATE="+in("gateway.pem"),
		"PORTAL_GATEWAY_KEY="+in("gateway.key"),
		"PORTAL_OFFICES="+in("offices.json"), "PORTAL_SMTP="+ports[2],
		"PORTAL_MEMORY="+strconv.Itoa(mostMemory*3/4)+"MiB")
	initialise := exec.Command(in("sandbox"), "init", "--out", dir)
	if out, err := initialise.CombinedOutput(); err != nil {
		b.Fatalf("preparing: %v\n%s", err, out)
	}
	start := func(name, health string) *exec.Cmd {
		var log bytes.Buffer
		command := exec.Command(in(name))
		command.Env, command.Stderr = environment, &log
		command.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
		if err := command.Start(); err != nil {
			b.Fatal(err)
		}
		ended := make(chan error, 1)
		go func() { ended <- command.Wait() }()
		b.Cleanup(func() {
			_ = command.Process.Kill()
			<-ended
		})
		client := &http.Client{
			Timeout: 5 * time.Second, Transport: &http.Transport{
				TLSClientConfig: &tls.Config{InsecureSkipVerify: true},
			},
		}
		defer client.CloseIdleConnections()
		for {
			if response, err := client.Get(health); err == nil {
				response.Body.Close()
				return command
			}
			select {
			case err := <-ended:
				ended <- err
				b.Fatalf("%s: %v\n%s", name, err, log.String())
			case <-time.After(20 * time.Millisecond):
			}
		}
	}
	start("sandbox", "http://"+ports[1]+"/healthz")
	s.portal = start("backend", s.origin+"/healthz")
	return s
}

// memory reads one line of what the kernel says of the portal, in MiB.
func (s *programs) memory(b *testing.B, line string) int64 {
	b.Helper()
	status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", s.portal.Process.Pid))
	if err != nil {
		b.Fatalf("the portal is not alive: %v", err)
	}
	_, rest, _ := strings.Cut(string(status), line+":")
	kib, err := strconv.ParseInt(strings.Fields(rest)[0], 10, 64)
	if err != nil {
		b.Fatal(err)
	}
	return kib >> 10
}

// dial comes from another address of this machine, by its number.
func (s *programs) dial(ctx context.Context, from string, protocols ...string) (net.Conn, error) {
	dialer := tls.Dialer{
		NetDialer: &net.Dialer{LocalAddr: &net.TCPAddr{IP: net.ParseIP(from)}}, Config: &tls.Config{
			InsecureSkipVerify: true, NextProtos: protocols,
		},
	}
	return dialer.DialContext(ctx, "tcp", s.address)
}

// hostileAddress spreads hostile callers over few addresses, each within its share: nobody keeps them from holding what
// they take.
func hostileAddress(i int) string { return fmt.Sprintf("127.0.1.%d", 1+i%8) }

// largest are a call that anybody may make, and the call with the largest request, with how long it may be.
var largest = []struct {
	path string
	size int
}{
	{portalv1connect.LoginServiceLogInProcedure, 16 << 10},
	{portalv1connect.GuideServiceAddTasksProcedure, 48 << 10},
}

// So much comes each time, less than the portal wants at least: half of a connection to which it would listen to the
// end.
const (
	piece      = 1 << 10
	pieceEvery = 500 * time.Millisecond
)

// trickle1 makes calls over HTTP/1.1, one after another: the beginning at once, the rest slowly, never the last byte.
func (s *programs) trickle1(ctx context.Context, number int, holding *atomic.Int64) {
	target := largest[number%2]
	for ctx.Err() == nil {
		c, err := s.dial(ctx, hostileAddress(number))
		if err != nil {
			continue
		}
		unblock := context.AfterFunc(ctx, func() { c.Close() })
		fmt.Fprintf(c, "POST %s HTTP/1.1\r\nHost: %s\r\nContent-Type: application/grpc-web+proto\r\n"+
			"Content-Length: %d\r\n\r\n",
			target.path, strings.TrimPrefix(s.origin, "https://"), target.size)
		_, _ = c.Write(make([]byte, 4<<10-1))
		holding.Add(1)
		gone := make(chan struct{})
		go func() {
			_, _ = io.Copy(io.Discard, c)
			close(gone)
		}()
		for sent := 4<<10 - 1; ; sent += piece {
			select {
			case <-gone:
			case <-time.After(pieceEvery):
				if sent+piece < target.size {
					if _, err := c.Write(make([]byte, piece)); err == nil {
						continue
					}
				} else {
					<-gone
				}
			}
			break
		}
		holding.Add(-1)
		unblock()
		c.Close()
	}
}

const streamsEach = 50

// trickle2 is trickle1 over HTTP/2, with many streams on one connection.
func (s *programs) trickle2(ctx context.Context, number int, holding *atomic.Int64) {
	for ctx.Err() == nil {
		if err := s.trickleStreams(ctx, number, holding); err != nil && !errors.Is(err, io.EOF) {
			time.Sleep(10 * time.Millisecond)
		}
	}
}

func (s *programs) trickleStreams(ctx context.Context, number int, holding *atomic.Int64) error {
	c, err := s.dial(ctx, hostileAddress(number), "h2")
	if err != nil {
		return err
	}
	defer c.Close()
	defer context.AfterFunc(ctx, func() { c.Close() })()
	if _, err := io.WriteString(c, http2.ClientPreface); err != nil {
		return err
	}
	f := http2.NewFramer(c, c)
	if err := f.WriteSettings(); err != nil {
		return err
	}
	var mu sync.Mutex // writes, and what is below
	sent := map[uint32]int{}
	var headers bytes.Buffer
	packer := hpack.NewEncoder(&headers)
	next := uint32(1)
	open := func() error {
		headers.Reset()
		for _, field := range [][2]string{
			{":method", "POST"}, {":scheme", "https"}, {":authority", strings.TrimPrefix(s.origin, "https://")},
			{":path", largest[1].path},
			{"content-type", "application/grpc-web+proto"}, {"x-padding", strings.Repeat("x", 8<<10)},
		} {
			err := packer.WriteField(hpack.HeaderField{Name: field[0], Value: field[1], Sensitive: true})
			if err != nil {
				return err
			}
		}
		if err := f.WriteHeaders(http2.HeadersFrameParam{
			StreamID: next, BlockFragment: headers.Bytes(), EndHeaders: true,
		}); err != nil {
			return err
		}
		sent[next] = 0
		next += 2
		holding.Add(1)
		return nil
	}
	defer func() {
		mu.Lock()
		defer mu.Unlock()
		holding.Add(-int64(len(sent)))
	}()
	ended := make(chan error, 1)
	go func() {
		for {
			frame, err := f.ReadFrame()
			if err != nil {
				ended <- err
				return
			}
			id := frame.Header().StreamID
			_, reset := frame.(*http2.RSTStreamFrame)
			answer, isAnswer := frame.(*http2.HeadersFrame)
			if ended := reset || isAnswer && answer.StreamEnded(); !ended {
				continue
			}
			mu.Lock()
			if _, open := sent[id]; open {
				delete(sent, id)
				holding.Add(-1)
			}
			mu.Unlock()
		}
	}()
	for {
		mu.Lock()
		for len(sent) < streamsEach {
			if err := open(); err != nil {
				mu.Unlock()
				return err
			}
		}
		for id, already := range sent {
			if already+piece >= largest[1].size {
				continue
			}
			if err := f.WriteData(id, false, make([]byte, piece)); err != nil {
				mu.Unlock()
				return err
			}
			sent[id] += piece
		}
		mu.Unlock()
		select {
		case err := <-ended:
			return err
		case <-time.After(pieceEvery):
		}
	}
}

// halfHeader opens connections that never say what they want.
func (s *programs) halfHeader(ctx context.Context) {
	for ctx.Err() == nil {
		c, err := s.dial(ctx, hostileAddress(0))
		if err != nil {
			continue
		}
		unblock := context.AfterFunc(ctx, func() { c.Close() })
		_, _ = io.WriteString(c, "GET / HTTP/1.1\r\nX: "+strings.Repeat("x", 15<<10))
		_, _ = io.Copy(io.Discard, c)
		unblock()
		c.Close()
	}
}

// person is somebody with a card and a browser.
type person struct {
	card     *jpki.Card
	pin      string
	browser  *http.Client
	origin   string
	logins   portalv1connect.LoginServiceClient
	accounts portalv1connect.AccountServiceClient
	notices  portalv1connect.NoticeServiceClient
	search   portalv1connect.ProcedureServiceClient
}

func (s *programs) person(number int) *person {
	ordinary := softcard.People()[:8] // what follows is locked, revoked, expired …
	who := ordinary[number%len(ordinary)]
	card, err := softcard.NewCard(who, softcard.MemoryState(), time.Now)
	if err != nil {
		panic(err)
	}
	jar, _ := cookiejar.New(nil)
	dialer := net.Dialer{LocalAddr: &net.TCPAddr{IP: net.IPv4(127, 0, 2, byte(number+1))}}
	browser := &http.Client{Jar: jar, Timeout: 30 * time.Second, Transport: &http.Transport{
		ForceAttemptHTTP2: true, TLSClientConfig: &tls.Config{InsecureSkipVerify: true},
		DialContext: func(ctx context.Context, network, _ string) (net.Conn, error) {
			return dialer.DialContext(ctx, network, s.address)
		},
	}}
	return &person{
		card: jpki.Attach(card), pin: who.AuthPIN, browser: browser, origin: s.origin,
		logins:   portalv1connect.NewLoginServiceClient(browser, s.origin, connect.WithGRPCWeb()),
		accounts: portalv1connect.NewAccountServiceClient(browser, s.origin, connect.WithGRPCWeb()),
		notices:  portalv1connect.NewNoticeServiceClient(browser, s.origin, connect.WithGRPCWeb()),
		search:   portalv1connect.NewProcedureServiceClient(browser, s.origin, connect.WithGRPCWeb()),
	}
}

// logIn tells how long it took.
func (p *person) logIn(ctx context.Context) (took time.Duration, err error) {
	begin := time.Now()
	challenge, err := p.logins.CreateChallenge(ctx, &portalv1.CreateChallengeRequest{Purpose: "login"})
	if err != nil {
		return time.Since(begin), fmt.Errorf("asking for a challenge: %w", err)
	}
	signature, err := p.card.SignDigest(ctx, jpki.AuthKey, []byte(p.pin), sha256.Sum256(challenge.GetChallenge()))
	if err != nil {
		return time.Since(begin), fmt.Errorf("signing: %w", err)
	}
	certificate, err := p.card.ReadCertificate(ctx, jpki.AuthCertificate)
	if err != nil {
		return time.Since(begin), fmt.Errorf("reading the certificate: %w", err)
	}
	_, err = p.logins.LogIn(ctx, &portalv1.LogInRequest{Proof: &portalv1.CardProof{
		Challenge: challenge.GetChallenge(), Seal: challenge.GetSeal(), Signature: signature, Certificate: certificate,
	}})
	if err != nil {
		return time.Since(begin), fmt.Errorf("logging in: %w", err)
	}
	return time.Since(begin), nil
}

func (p *person) read(ctx context.Context) error {
	if _, err := p.notices.ListNotices(ctx, &portalv1.ListNoticesRequest{}); err != nil {
		return fmt.Errorf("reading notices: %w", err)
	}
	if _, err := p.search.SearchProcedures(ctx, &portalv1.SearchProceduresRequest{Query: "保育園"}); err != nil {
		return fmt.Errorf("searching: %w", err)
	}
	response, err := p.browser.Get(p.origin + "/")
	if err != nil {
		return fmt.Errorf("opening the page: %w", err)
	}
	response.Body.Close()
	if response.StatusCode != http.StatusOK {
		return fmt.Errorf("opening the page: %s", response.Status)
	}
	return nil
}
