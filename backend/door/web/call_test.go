package web

import (
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"connectrpc.com/connect"
	"golang.org/x/net/http2"
	"golang.org/x/net/http2/hpack"

	portalv1 "madoguchi/proto/gen/portal/v1"
	"madoguchi/proto/gen/portal/v1/portalv1connect"
)

const (
	echo  = "/portal.v1.Echo/Say"
	long  = "/portal.v1.Echo/Long"
	watch = "/portal.v1.Echo/Watch"
)

// guarded is the door with few places before an echo, over both versions of HTTP.
type guarded struct {
	*calls
	server *httptest.Server
	opened chan struct{} // streams that were let in
	end    chan struct{} // closed: streams end
}

func guard(t *testing.T, limits Limits, change func(*calls)) *guarded {
	t.Helper()
	g := &guarded{opened: make(chan struct{}, 100), end: make(chan struct{})}
	g.calls = newCalls(map[string]Call{echo: {MaxBody: 16 << 10}, long: {MaxBody: 64 << 10}, watch: {Stream: true}},
		limits.orDefault(),
		http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if r.URL.Path == watch {
				_ = http.NewResponseController(w).Flush()
				g.opened <- struct{}{}
				select {
				case <-r.Context().Done():
				case <-g.end:
				}
				return
			}
			_, _ = io.Copy(w, r.Body)
		}))
	if change != nil {
		change(g.calls)
	}
	g.server = httptest.NewUnstartedServer(nil)
	g.server.Config = Server(logged(time.Minute, g.calls))
	g.server.Start()
	t.Cleanup(g.server.Close)
	return g
}

func (g *guarded) address() string { return g.server.Listener.Addr().String() }

// half sends the beginning of a request over HTTP/1.1 from an address, and leaves the rest to come.
func (g *guarded) half(t *testing.T, from, path, body string, announced int) net.Conn {
	t.Helper()
	dialer := net.Dialer{LocalAddr: &net.TCPAddr{IP: net.ParseIP(from)}}
	c, err := dialer.Dial("tcp", g.address())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close() })
	fmt.Fprintf(
		c, "POST %s HTTP/1.1\r\nHost: x\r\nContent-Type: application/grpc-web+proto\r\nContent-Length: %d\r\n\r\n%s",
		path, announced, body,
	)
	return c
}

// settle waits until so much is held.
func settle(t *testing.T, what string, now func() int, want int) {
	t.Helper()
	for begin := time.Now(); now() != want; time.Sleep(time.Millisecond) {
		if time.Since(begin) > 10*time.Second {
			t.Fatalf("%s: %d held, want %d", what, now(), want)
		}
	}
}

func (g *guarded) idle(t *testing.T) {
	t.Helper()
	settle(t, "calls", g.under.Taken, 0)
	settle(t, "bodies", g.bodies.Taken, 0)
	settle(t, "streams", g.streams.Taken, 0)
}

// from is a client at another address of this machine.
func from(address string, two bool) *http.Client {
	dialer := net.Dialer{LocalAddr: &net.TCPAddr{IP: net.ParseIP(address)}}
	protocols := new(http.Protocols)
	protocols.SetHTTP1(!two)
	protocols.SetUnencryptedHTTP2(two)
	return &http.Client{Transport: &http.Transport{DialContext: dialer.DialContext, Protocols: protocols}}
}

// reason makes a call as the page does, and returns what the portal says, or UNSPECIFIED when it answers.
func (g *guarded) reason(t *testing.T, client *http.Client, path, text string) (portalv1.Reason, time.Duration) {
	t.Helper()
	body := append([]byte{0, 0, 0, byte(len(text) >> 8), byte(len(text))}, text...)
	request, err := http.NewRequestWithContext(t.Context(), "POST", g.server.URL+path, bytes.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	request.Header.Set("Content-Type", "application/grpc-web+proto")
	response, err := client.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	if response.Header.Get("Grpc-Status") == "" {
		if echo, err := io.ReadAll(response.Body); err != nil || !bytes.Equal(echo, body) {
			t.Fatalf("the answer is %d bytes, %v", len(echo), err)
		}
		return portalv1.Reason_REASON_UNSPECIFIED, 0
	}
	// Read as a client of connect-go reads it: nothing of this test's own.
	echo := &http.Client{Transport: canned{response}}
	_, err = portalv1connect.NewLoginServiceClient(echo, g.server.URL, connect.WithGRPCWeb()).GetSession(t.Context(),
		&portalv1.GetSessionRequest{})
	failed := new(connect.Error)
	if !errors.As(err, &failed) || len(failed.Details()) != 1 {
		t.Fatalf("no error with a detail: %v", err)
	}
	detail, err := failed.Details()[0].Value()
	if err != nil {
		t.Fatal(err)
	}
	info := detail.(*portalv1.ErrorInfo)
	return info.GetReason(), time.Duration(info.GetRetryAfterMs()) * time.Millisecond
}

type canned struct{ response *http.Response }

func (c canned) RoundTrip(*http.Request) (*http.Response, error) { return c.response, nil }

func TestARequestIsAsLongAsItsCallNeeds(t *testing.T) {
	g := guard(t, Limits{}, nil)
	for _, two := range []bool{false, true} {
		client := from("127.0.0.1", two)
		for _, c := range []struct {
			path string
			size int
			want portalv1.Reason
		}{
			{echo, 0, 0}, {echo, 511, 0}, {echo, 4<<10 - 5, 0}, {echo, 4 << 10, 0}, {echo, 16<<10 - 5, 0},
			{echo, 16<<10 - 4, portalv1.Reason_REASON_FIELD_TOO_LONG},
			{echo, 60 << 10, portalv1.Reason_REASON_FIELD_TOO_LONG}, {long, 60 << 10, 0},
			{"/portal.v1.Echo/Nobody", 5 << 10, portalv1.Reason_REASON_FIELD_TOO_LONG},
		} {
			if got, _ := g.reason(t, client, c.path, strings.Repeat("x", c.size)); got != c.want {
				t.Errorf("%d bytes to %s (HTTP/2 %v): %v", c.size, c.path, two, got)
			}
		}
		// Without an announced length, too.
		response, err := client.Post(g.server.URL+echo, "text/plain",
			io.MultiReader(strings.NewReader(strings.Repeat("x", 40<<10))))
		if err != nil || response.StatusCode != http.StatusRequestEntityTooLarge {
			t.Errorf("%v, %v", response, err)
		}
	}
	g.idle(t)
}

// Places are taken by who sends slowly, an address has its share and no more, and all come back: when the sender goes,
// and by themselves.
func TestHalfOpenCallsHoldTheirShare(t *testing.T) {
	g := guard(t, Limits{Calls: 16}, nil)
	for range 2 {
		var held []net.Conn
		for range 4 {
			held = append(held, g.half(t, "127.0.0.1", echo, "x", 100))
		}
		settle(t, "calls", g.under.Taken, 4)
		for _, two := range []bool{false, true} {
			got, after := g.reason(t, from("127.0.0.1", two), echo, "x")
			if got != portalv1.Reason_REASON_TOO_MANY_REQUESTS || after != retryAfter {
				t.Errorf("one too many: %v after %v", got, after)
			}
			if got, _ := g.reason(t, from("127.0.0.2", two), echo, "x"); got != 0 {
				t.Errorf("another address: %v", got)
			}
		}
		for _, c := range held {
			c.Close()
		}
		g.idle(t)
	}
	// All places are taken: who holds none gets one of theirs, whose holder hears that it is crowded.
	cut := make(chan string, 16)
	for i := range 16 {
		c := g.half(t, fmt.Sprintf("127.0.0.%d", 1+i/4), echo, "x", 100)
		go func() {
			answer, _ := io.ReadAll(c)
			cut <- string(answer)
		}()
	}
	settle(t, "calls", g.under.Taken, 16)
	for _, two := range []bool{false, true} { // the second finds the first one's place
		if got, _ := g.reason(t, from("127.0.0.9", two), echo, "x"); got != 0 {
			t.Errorf("who holds nothing: %v", got)
		}
	}
	if answer := <-cut; !strings.Contains(answer, "Grpc-Status: 8") || !strings.Contains(answer, "Retry-After") {
		t.Errorf("who had to go hears %q", answer)
	}
	settle(t, "calls", g.under.Taken, 15)
}

func TestASlowSenderIsLetGoOf(t *testing.T) {
	g := guard(t, Limits{}, func(c *calls) { c.patience, c.pause = 300*time.Millisecond, 300*time.Millisecond })
	// By themselves the places come back: of who sends little, and of who sends much and stops.
	small := g.half(t, "127.0.0.1", echo, "x", 100)
	large := g.half(t, "127.0.0.1", echo, strings.Repeat("x", 5<<10), 16<<10)
	settle(t, "calls", g.under.Taken, 2)
	settle(t, "bodies", g.bodies.Taken, 4<<10)
	g.idle(t)
	for _, c := range []net.Conn{small, large} {
		if _, err := io.ReadAll(c); err != nil {
			t.Error(err)
		}
	}
}

// What announces much and sends nothing costs nothing; what is sent is counted as it comes.
func TestBodiesAreCountedAsTheyCome(t *testing.T) {
	g := guard(t, Limits{Bodies: 64 << 10}, nil)
	g.half(t, "127.0.0.1", long, "", 60<<10)
	g.half(t, "127.0.0.1", long, strings.Repeat("x", 4<<10-1), 60<<10)
	settle(t, "calls", g.under.Taken, 2)
	if held := g.bodies.Taken(); held != 0 {
		t.Errorf("%d bytes", held)
	}
	one := g.half(t, "127.0.0.1", long, strings.Repeat("x", 10<<10), 60<<10)
	settle(t, "bodies", g.bodies.Taken, 12<<10)
	got, _ := g.reason(t, from("127.0.0.1", false), long, strings.Repeat("x", 10<<10))
	if got != portalv1.Reason_REASON_TOO_MANY_REQUESTS {
		t.Errorf("more than an address's share: %v", got)
	}
	if got, _ := g.reason(t, from("127.0.0.1", false), echo, strings.Repeat("x", 2<<10)); got != 0 {
		t.Errorf("a small one, which nearly all are: %v", got)
	}
	if got, _ := g.reason(t, from("127.0.0.2", false), long, strings.Repeat("x", 10<<10)); got != 0 {
		t.Errorf("another address: %v", got)
	}
	one.Close()
	settle(t, "bodies", g.bodies.Taken, 0)
	if got, _ := g.reason(t, from("127.0.0.1", false), long, strings.Repeat("x", 10<<10)); got != 0 {
		t.Errorf("afterwards: %v", got)
	}
}

func TestStreamsHaveTheirOwnPlaces(t *testing.T) {
	g := guard(t, Limits{Calls: 8, Streams: 8}, nil)
	for _, two := range []bool{false, true} {
		var ends []context.CancelFunc
		for range 2 {
			ctx, end := context.WithCancel(t.Context())
			ends = append(ends, end)
			request, err := http.NewRequestWithContext(ctx, "POST", g.server.URL+watch, strings.NewReader("x"))
			if err != nil {
				t.Fatal(err)
			}
			response, err := from("127.0.0.1", two).Do(request)
			if err != nil {
				t.Fatal(err)
			}
			defer response.Body.Close()
			<-g.opened
		}
		settle(t, "streams", g.streams.Taken, 2)
		settle(t, "calls", g.under.Taken, 0) // they are not among the calls
		if got, _ := g.reason(t, from("127.0.0.1", two), watch, ""); got != portalv1.Reason_REASON_TOO_MANY_REQUESTS {
			t.Errorf("one too many: %v", got)
		}
		if got, _ := g.reason(t, from("127.0.0.1", two), echo, "x"); got != 0 {
			t.Errorf("a call beside them: %v", got)
		}
		for _, end := range ends {
			end()
		}
		g.idle(t)
	}
}

// frames is a connection of HTTP/2 by hand.
type frames struct {
	net.Conn
	*http2.Framer
	headers bytes.Buffer
	packer  *hpack.Encoder
}

func (g *guarded) frames(t *testing.T) *frames {
	t.Helper()
	c, err := net.Dial("tcp", g.address())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close() })
	if err := c.SetDeadline(time.Now().Add(20 * time.Second)); err != nil {
		t.Fatal(err)
	}
	f := &frames{Conn: c, Framer: http2.NewFramer(c, c)}
	f.packer = hpack.NewEncoder(&f.headers)
	if _, err := io.WriteString(c, http2.ClientPreface); err != nil {
		t.Fatal(err)
	}
	if err := f.WriteSettings(); err != nil {
		t.Fatal(err)
	}
	return f
}

func (f *frames) open(t *testing.T, stream uint32, path string) {
	t.Helper()
	f.headers.Reset()
	for _, field := range [][2]string{
		{":method", "POST"}, {":scheme", "http"}, {":authority", "x"}, {":path", path},
		{"content-type", "application/grpc-web+proto"},
	} {
		if err := f.packer.WriteField(hpack.HeaderField{Name: field[0], Value: field[1]}); err != nil {
			t.Fatal(err)
		}
	}
	if err := f.WriteHeaders(http2.HeadersFrameParam{
		StreamID: stream, BlockFragment: f.headers.Bytes(), EndHeaders: true,
	}); err != nil {
		t.Fatal(err)
	}
}

// What an HTTP/2 connection may hold is bounded, and a stream that is cancelled holds nothing, however often.
func TestHTTP2StreamsGiveBackWhatTheyHeld(t *testing.T) {
	g := guard(t, Limits{}, nil)
	f := g.frames(t)
	settings, err := f.ReadFrame()
	if err != nil {
		t.Fatal(err)
	}
	for id, most := range map[http2.SettingID]uint32{
		http2.SettingMaxConcurrentStreams: 100, http2.SettingMaxFrameSize: 16 << 10,
		http2.SettingInitialWindowSize: 64 << 10, http2.SettingMaxHeaderListSize: 20 << 10,
	} {
		if got, ok := settings.(*http2.SettingsFrame).Value(id); !ok || got > most {
			t.Errorf("%v is %d (%v), at most %d wanted", id, got, ok, most)
		}
	}
	go io.Copy(io.Discard, f.Conn)
	stream := uint32(1)
	for range 20 {
		first := stream
		for range 20 {
			f.open(t, stream, echo)
			if err := f.WriteData(stream, false, make([]byte, 2<<10)); err != nil {
				t.Fatal(err)
			}
			stream += 2
		}
		for ; first < stream; first += 2 {
			if err := f.WriteRSTStream(first, http2.ErrCodeCancel); err != nil {
				t.Fatal(err)
			}
		}
	}
	g.idle(t)
	if got, _ := g.reason(t, from("127.0.0.1", true), echo, "x"); got != 0 {
		t.Errorf("afterwards: %v", got)
	}
}

// A frame is announced in nine bytes; what is longer than a connection may send ends it, before a buffer of that size
// is made.
func TestAnAnnouncedFrameMakesNoBuffer(t *testing.T) {
	g := guard(t, Limits{}, nil)
	f := g.frames(t)
	f.open(t, 1, echo)
	if _, err := f.Write([]byte{0x0f, 0x00, 0x00 /* 983,040 bytes */, 0x00, 0x00, 0, 0, 0, 1}); err != nil {
		t.Fatal(err)
	}
	for {
		frame, err := f.ReadFrame()
		if err != nil {
			t.Fatalf("the connection ends without a word: %v", err)
		}
		if away, ok := frame.(*http2.GoAwayFrame); ok {
			if away.ErrCode != http2.ErrCodeFrameSize {
				t.Errorf("ended for %v", away.ErrCode)
			}
			break
		}
	}
	g.idle(t)
}

// Few bytes that unpack to many are held to what the call may carry, by both protocols.
func TestABombIsHeldToTheCallsSize(t *testing.T) {
	var bomb bytes.Buffer
	w := gzip.NewWriter(&bomb)
	chunk := make([]byte, 1<<20)
	for range 8 {
		if _, err := w.Write(chunk); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	if bomb.Len() > 16<<10 {
		t.Fatalf("%d bytes", bomb.Len())
	}
	path, handler := portalv1connect.NewLoginServiceHandler(portalv1connect.UnimplementedLoginServiceHandler{},
		connect.WithReadMaxBytes(16<<10))
	server := httptest.NewServer(Calls(map[string]Call{path + "LogIn": {MaxBody: 16 << 10}}, Limits{}, handler))
	defer server.Close()
	ask := func(kind, coding, value, body string) (int, string) {
		t.Helper()
		request, err := http.NewRequest("POST", server.URL+path+"LogIn", strings.NewReader(body))
		if err != nil {
			t.Fatal(err)
		}
		request.Header.Set("Content-Type", kind)
		request.Header.Set(coding, value)
		response, err := http.DefaultClient.Do(request)
		if err != nil {
			t.Fatal(err)
		}
		defer response.Body.Close()
		text, _ := io.ReadAll(response.Body)
		return response.StatusCode, response.Header.Get("Grpc-Status") + string(text)
	}
	status, text := ask("application/proto", "Content-Encoding", "gzip", bomb.String())
	if status != http.StatusTooManyRequests || !strings.Contains(text, "16384") {
		t.Errorf("Connect: %d %s", status, text)
	}
	frame := string([]byte{1, 0, 0, byte(bomb.Len() >> 8), byte(bomb.Len())}) + bomb.String()
	if _, text := ask("application/grpc-web+proto", "Grpc-Encoding", "gzip", frame); !strings.HasPrefix(text, "8") &&
		!strings.Contains(text, "grpc-status: 8") {
		t.Errorf("gRPC-Web: %q", text)
	}
}

// Who takes a page and does not read it keeps nobody else from the pages, on however many connections.
func TestDownloadsThatStandStillGiveWay(t *testing.T) {
	under := places("pages", 8)
	big := make([]byte, 64<<20)
	server := httptest.NewUnstartedServer(nil)
	server.Config = Server(logged(time.Minute,
		counted(under, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if r.URL.Path == "/big" {
				_, _ = w.Write(big)
			}
		}))))
	server.Start()
	defer server.Close()
	for i := range 8 {
		dialer := net.Dialer{LocalAddr: &net.TCPAddr{IP: net.IPv4(127, 0, 0, byte(1+i/2))}}
		c, err := dialer.Dial("tcp", server.Listener.Addr().String())
		if err != nil {
			t.Fatal(err)
		}
		defer c.Close()
		fmt.Fprint(c, "GET /big HTTP/1.1\r\nHost: x\r\n\r\n")
		settle(t, "pages", under.Taken, i+1)
	}
	for range 2 {
		response, err := from("127.0.0.9", false).Get(server.URL + "/small")
		if err != nil {
			t.Fatal(err)
		}
		response.Body.Close()
		if response.StatusCode != http.StatusOK {
			t.Errorf("who holds nothing: %s", response.Status)
		}
	}
	settle(t, "pages", under.Taken, 7)
	server.CloseClientConnections()
	settle(t, "pages", under.Taken, 0)
}
