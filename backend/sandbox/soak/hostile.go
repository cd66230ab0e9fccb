package main

import (
	"bytes"
	"compress/gzip"
	"context"
	"crypto/rand"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"sync"
	"time"

	"madoguchi/bridge/softcard"
	portalv1 "madoguchi/proto/gen/portal/v1"
	"madoguchi/proto/gen/portal/v1/portalv1connect"
)

// sharedAddress is where bad proofs come from, and some who behave.
const sharedAddress = "127.0.0.5"

const (
	loginPath  = portalv1connect.LoginServiceLogInProcedure
	searchPath = portalv1connect.ProcedureServiceSearchProceduresProcedure
	watchPath  = portalv1connect.LiveServiceWatchProcedure
)

// attack is one way not to behave, done by so many at once, each again and again.
type attack struct {
	name  string
	count int
	// once tries it once, from an address of the attacker's; again is a pause before the next try.
	once  func(ctx context.Context, w *world, from string) error
	again time.Duration
}

var attacks = []attack{
	{"bad proofs: a worthless certificate", 8, badCertificate, 0},
	{"bad proofs: a signature that is none", 8, badSignature, 0},
	{"challenges asked for and left", 4, leftChallenge, 0},
	{"bodies that never end", 2000, halfOpen, time.Second},
	{"headers that never end", 200, halfHead, time.Second},
	{"connections without a word", 200, silent, time.Second},
	{"answers that nobody reads", 50, unread, time.Second},
	{"streams reset at once", 8, reset, 0},
	{"bodies that unpack to a hundred times", 4, bomb, 0},
	{"searches without a pause", 8, search, 0},
	{"pages without a pause", 8, pages, 0},
	{"nonsense at every door", 8, nonsense, 0},
}

func (a attack) run(ctx context.Context, w *world, r *report) {
	var all sync.WaitGroup
	for i := range a.count {
		from := fmt.Sprintf("127.0.%d.%d", 1+i/200, 1+i%200)
		if strings.HasPrefix(a.name, "bad proofs") && i%2 == 0 {
			from = sharedAddress
		}
		all.Go(func() {
			for ctx.Err() == nil {
				r.attacked(a.name, a.once(ctx, w, from))
				pause(ctx, a.again)
			}
		})
	}
	all.Wait()
}

// clients of attackers, one an address: they keep their connections, too.
var clients sync.Map

func clientOf(w *world, from string) *http.Client {
	if known, ok := clients.Load(from); ok {
		if client, ok := known.(*http.Client); ok {
			return client
		}
	}
	client := w.client(from)
	clients.Store(from, client)
	return client
}

func proof(ctx context.Context, w *world, from string, certificate []byte) error {
	logins := portalv1connect.NewLoginServiceClient(clientOf(w, from), w.origin)
	challenge, err := logins.CreateChallenge(ctx, &portalv1.CreateChallengeRequest{Purpose: "login"})
	if err != nil {
		return err
	}
	signature := make([]byte, 256)
	_, _ = rand.Read(signature)
	_, err = logins.LogIn(ctx, &portalv1.LogInRequest{Proof: &portalv1.CardProof{
		Challenge: challenge.GetChallenge(), Seal: challenge.GetSeal(), Certificate: certificate, Signature: signature,
	}})
	return err
}

func badCertificate(ctx context.Context, w *world, from string) error {
	return proof(ctx, w, from, []byte{0x30, 0x03, 1, 2, 3})
}

func badSignature(ctx context.Context, w *world, from string) error {
	victim, _ := softcard.PersonByID("yamada-hanako")
	return proof(ctx, w, from, victim.AuthCertificate(time.Now()).Raw)
}

func leftChallenge(ctx context.Context, w *world, from string) error {
	client := *clientOf(w, from)
	client.Jar = nil // a new browser each time
	logins := portalv1connect.NewLoginServiceClient(&client, w.origin)
	_, err := logins.CreateChallenge(ctx, &portalv1.CreateChallengeRequest{Purpose: "login"})
	return err
}

// trickle says the beginning and then a byte a second, until the other side has enough.
func trickle(ctx context.Context, w *world, from, beginning string) error {
	connection, err := w.raw(ctx, from)
	if err != nil {
		return err
	}
	defer connection.Close()
	defer context.AfterFunc(ctx, func() { connection.Close() })()
	if _, err := io.WriteString(connection, beginning); err != nil {
		return err
	}
	for ctx.Err() == nil {
		if _, err := io.WriteString(connection, "x"); err != nil {
			return err
		}
		_ = connection.SetReadDeadline(time.Now().Add(time.Second))
		var answer [512]byte
		if _, err := connection.Read(answer[:]); err != nil {
			if late, ok := err.(net.Error); !ok || !late.Timeout() { //nolint:errorlint // a net.Conn's own error
				return err
			}
		}
	}
	return nil
}

func post(path string, length int) string {
	return fmt.Sprintf("POST %s HTTP/1.1\r\nHost: %s\r\nContent-Type: application/proto\r\nContent-Length: %d\r\n\r\n",
		path, "localhost", length)
}

func halfOpen(ctx context.Context, w *world, from string) error {
	head := strings.Replace(post(searchPath, 1<<20), "localhost", strings.TrimPrefix(w.origin, "https://"), 1)
	return trickle(ctx, w, from, head+strings.Repeat("y", 200<<10))
}

func halfHead(ctx context.Context, w *world, from string) error {
	return trickle(ctx, w, from, "GET / HTTP/1.1\r\nHost: localhost\r\nX-Long: ")
}

func silent(ctx context.Context, w *world, from string) error {
	connection, err := (&net.Dialer{LocalAddr: &net.TCPAddr{IP: net.ParseIP(from)}}).DialContext(ctx, "tcp", w.address)
	if err != nil {
		return err
	}
	defer connection.Close()
	defer context.AfterFunc(ctx, func() { connection.Close() })()
	_, err = io.Copy(io.Discard, connection)
	return err
}

func unread(ctx context.Context, w *world, from string) error {
	connection, err := w.raw(ctx, from)
	if err != nil {
		return err
	}
	defer connection.Close()
	host := strings.TrimPrefix(w.origin, "https://")
	for range 20 { // each answer is larger than what a socket takes
		if _, err := fmt.Fprintf(
			connection, "GET /app-worker.js HTTP/1.1\r\nHost: %s\r\n\r\nGET / HTTP/1.1\r\nHost: %s\r\n\r\n", host, host,
		); err != nil {
			return err
		}
	}
	pause(ctx, time.Minute)
	return nil
}

func reset(ctx context.Context, w *world, from string) error {
	brief, cancel := context.WithTimeout(ctx, time.Millisecond)
	defer cancel()
	request, err := http.NewRequestWithContext(brief, http.MethodPost, w.origin+watchPath,
		strings.NewReader("\x00\x00\x00\x00\x00"))
	if err != nil {
		return err
	}
	request.Header.Set("Content-Type", "application/grpc-web+proto")
	return do(clientOf(w, from), request)
}

var packed = sync.OnceValue(func() []byte {
	var b bytes.Buffer
	z := gzip.NewWriter(&b)
	_, _ = z.Write(make([]byte, 10<<20))
	_ = z.Close()
	return b.Bytes()
})

func bomb(ctx context.Context, w *world, from string) error {
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, w.origin+searchPath, bytes.NewReader(packed()))
	if err != nil {
		return err
	}
	request.Header.Set("Content-Type", "application/proto")
	request.Header.Set("Content-Encoding", "gzip")
	return do(clientOf(w, from), request)
}

func search(ctx context.Context, w *world, from string) error {
	procedures := portalv1connect.NewProcedureServiceClient(clientOf(w, from), w.origin)
	_, err := procedures.SearchProcedures(ctx, &portalv1.SearchProceduresRequest{
		PlaceCode: "131105", Query: rand.Text()[:3] + "手当",
	})
	return err
}

func pages(ctx context.Context, w *world, from string) error {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet,
		w.origin+"/procedures?place=131105&q="+rand.Text()[:3], nil)
	if err != nil {
		return err
	}
	request.Header.Set("Accept-Encoding", "br, gzip")
	return do(clientOf(w, from), request)
}

func nonsense(ctx context.Context, w *world, from string) error {
	path := []string{loginPath, searchPath, watchPath, "/", "/" + rand.Text(), "/readyz", "/assets/../..//etc/passwd"}
	garbage := make([]byte, 300)
	_, _ = rand.Read(garbage)
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, w.origin+path[int(garbage[0])%len(path)],
		bytes.NewReader(garbage))
	if err != nil {
		return err
	}
	kinds := []string{
		"application/grpc-web+proto", "application/json", "application/connect+proto", "text/html", "application/proto",
	}
	request.Header.Set("Content-Type", kinds[int(garbage[1])%len(kinds)])
	request.Header.Set("Cookie", "__Host-session="+rand.Text()+"; __Host-browser="+rand.Text())
	if garbage[2]%4 == 0 {
		request.Host = "evil.example.com"
	}
	return do(clientOf(w, from), request)
}

func do(client *http.Client, request *http.Request) error {
	response, err := client.Do(request)
	if err != nil {
		return err
	}
	defer response.Body.Close()
	_, err = io.Copy(io.Discard, response.Body)
	if response.StatusCode >= 500 {
		return fmt.Errorf("answered %d", response.StatusCode)
	}
	return err
}
