package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"connectrpc.com/connect"
	"golang.org/x/net/http2"
	"golang.org/x/net/http2/hpack"

	"madoguchi/backend/feature/procedure/entry"
	"madoguchi/backend/japan/catalog/expand"
	"madoguchi/backend/japan/municipality"
	"madoguchi/backend/store/db"
	officev1 "madoguchi/proto/gen/office/v1"
	"madoguchi/proto/gen/office/v1/officev1connect"
	portalv1 "madoguchi/proto/gen/portal/v1"
	"madoguchi/proto/gen/portal/v1/portalv1connect"
)

// warm is how often something is done before it is measured.
const warm = 100

// BenchmarkSearchPage writes pages of results, and answers the RPC for the same, each as it comes to the portal's door,
// without a network: what both cost the portal's processor. The pages take turns through what is looked for, in the
// municipality and in the country.
func BenchmarkSearchPage(b *testing.B) {
	quiet(b)
	w := startWorldWith(b, func(c *config) { fillCatalogue(b, c) })
	questions := []string{"", "保育園", "引っ越し", "児童手当", "パスポート", "ごみ", "ほいくえん 申込", "障害 手帳"}
	if err := w.procedures.Fill(b.Context()); err != nil {
		b.Fatal(err)
	}
	door := w.portal.front.Handler
	host := strings.TrimPrefix(w.front, "http://")
	page := func(i int, encoding, method string) *http.Request {
		query := url.Values{"q": {questions[i%len(questions)]}}
		if i%2 == 0 {
			query.Set("place", "131105")
		}
		r := httptest.NewRequest(method, "http://"+host+"/procedures?"+query.Encode(), nil)
		r.Header.Set("Accept-Encoding", encoding)
		return r
	}
	rpc := func(i int) *http.Request {
		place := ""
		if i%2 == 0 {
			place = "131105"
		}
		body := fmt.Sprintf(`{"query":%q,"placeCode":%q}`, questions[i%len(questions)], place)
		r := httptest.NewRequest(http.MethodPost,
			"http://"+host+portalv1connect.ProcedureServiceSearchProceduresProcedure, strings.NewReader(body))
		r.Header.Set("Content-Type", "application/json")
		r.Header.Set("Accept-Encoding", "gzip")
		return r
	}
	for _, c := range []struct {
		name    string
		request func(i int) *http.Request
	}{
		{"rpc", rpc},
		{"brotli", func(i int) *http.Request { return page(i, "br, gzip", http.MethodGet) }},
		{"gzip", func(i int) *http.Request { return page(i, "gzip", http.MethodGet) }},
		{"identity", func(i int) *http.Request { return page(i, "identity", http.MethodGet) }},
		{"head", func(i int) *http.Request { return page(i, "br", http.MethodHead) }},
	} {
		b.Run(c.name, func(b *testing.B) {
			begin, size := time.Duration(0), 0
			for i := range b.N + warm {
				if i == warm {
					runtime.GC()
					b.ResetTimer()
					begin, size = cpuTime(), 0
				}
				answer, r := httptest.NewRecorder(), c.request(i)
				r.RemoteAddr = fmt.Sprintf("10.%d.%d.%d:1", i>>16&255, i>>8&255, i&255) // nobody's budget ends
				door.ServeHTTP(answer, r)
				if answer.Code != http.StatusOK {
					b.Fatalf("%d %s", answer.Code, answer.Body)
				}
				size += answer.Body.Len()
			}
			b.ReportMetric(float64((cpuTime()-begin).Microseconds())/float64(b.N), "cpu-µs/op")
			b.ReportMetric(float64(size)/float64(b.N), "bytes/op")
		})
	}
}

func quiet(b *testing.B) {
	b.Helper()
	before := slog.Default()
	slog.SetDefault(slog.New(slog.DiscardHandler))
	b.Cleanup(func() { slog.SetDefault(before) })
}

// fillCatalogue registers the nation's invented entries, and gives the page a frame as large as the built one's.
func fillCatalogue(b *testing.B, c *config) {
	b.Helper()
	d, err := db.Open(b.Context(), c.database)
	if err != nil {
		b.Fatal(err)
	}
	defer d.Close()
	store := entry.NewStore(d, time.Now)
	expand.Nation(1, expand.Real, func(code string, contents []*portalv1.ProcedureContent) {
		if _, _, err := store.Put(context.Background(), code, "2026-04-01", "", contents); err != nil {
			b.Fatal(err)
		}
	})
	var frame strings.Builder
	for i := range 60 {
		fmt.Fprintf(
			&frame, `<a class="header-link" href="/path-%d" data-item="%x"><span class="label">お知らせ %d</span></a>`+"\n",
			i*i, i*7919, i,
		)
	}
	text :=
		`<!doctype html><html lang="ja"><title>{{title}}</title><meta name="description" content="{{description}}"></head>` + frame.String() + `<main>{{body}}</main>`
	for name, content := range map[string]string{
		"routes.json":              `{"routes":[{"path":"/procedures","page":"top","document":"search"}],"languages":["ja"],"not_found":"top"}`,
		"pages/doc-search.ja.html": text,
	} {
		if err := os.WriteFile(filepath.Join(c.web, name), []byte(content), 0o600); err != nil {
			b.Fatal(err)
		}
	}
}

func cpuTime() time.Duration {
	var usage syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &usage); err != nil {
		return 0
	}
	return time.Duration(usage.Utime.Nano() + usage.Stime.Nano())
}

// used is what this process holds: heap and stacks.
func used() uint64 {
	var m runtime.MemStats
	for range 4 { // each one halves stacks that are too large
		runtime.GC()
	}
	runtime.ReadMemStats(&m)
	return m.HeapAlloc + m.StackInuse
}

// BenchmarkLiveStreams has as many pages as this process may open connections, over HTTP/2 and a stream each, and sends
// one of them a notice through the gateway: from the office's call to what the page reads. The other pages hear
// nothing. BENCH_STREAMS lets fewer be opened.
func BenchmarkLiveStreams(b *testing.B) {
	var limit syscall.Rlimit
	if err := syscall.Getrlimit(syscall.RLIMIT_NOFILE, &limit); err != nil {
		b.Fatal(err)
	}
	most := (int(limit.Cur) - 500) / 2
	if n, err := strconv.Atoi(os.Getenv("BENCH_STREAMS")); err == nil {
		most = min(most, n)
	}
	for _, n := range []int{10, most} {
		b.Run(fmt.Sprintf("streams=%d", n), func(b *testing.B) {
			quiet(b)
			municipality.Warm() // not in between
			w := startWorldWith(b, func(c *config) { c.connections = 8 * n })
			w.folder("F")
			before, cookie := used(), (*http.Cookie)(nil)
			for i := range n {
				if i%5 == 0 {
					folder := fmt.Sprintf("other%d", i)
					w.folder(folder)
					cookie = w.begin(folder, "")
				}
				defer w.idleStream(b, cookie, true).Close()
			}
			each := float64(used()-before) / 1024 / float64(n)
			page := w.idleStream(b, w.begin("F", ""), true)
			defer page.Close()
			sender := officev1connect.NewNoticeServiceClient(w.office("nenkin"), w.back, connect.WithGRPC())
			i := 0
			for b.Loop() {
				i++
				sent, err := sender.SendNotice(b.Context(), &officev1.SendNoticeRequest{
					Reference: fmt.Sprint(i), Title: "題", Body: "本文", Audience: &officev1.SendNoticeRequest_Person{
						Person: "nenkin-F",
					},
				})
				if err != nil {
					b.Fatal(err)
				}
				var heard []byte
				for piece := make([]byte, 512); !bytes.Contains(heard, []byte(sent.GetNoticeId())); {
					n, err := page.Read(piece)
					if err != nil {
						b.Fatal(err)
					}
					heard = append(heard, piece[:n]...)
				}
			}
			b.ReportMetric(each, "KB/stream")
		})
	}
}

// BenchmarkIdleStreams is what an open page of somebody who is logged in takes of the portal's memory while nothing
// happens: heap and stacks, without what the kernel and TLS need. The other end is a bare connection in this process.
func BenchmarkIdleStreams(b *testing.B) {
	const streams, aSession = 500, 5
	for _, two := range []bool{false, true} {
		b.Run(map[bool]string{false: "http1", true: "http2"}[two], func(b *testing.B) {
			quiet(b)
			municipality.Warm() // not in between
			w := startWorldWith(b, nil)
			var cookies []*http.Cookie
			for i := range streams / aSession {
				folder := fmt.Sprintf("F%d", i)
				w.folder(folder)
				cookies = append(cookies, w.begin(folder, ""))
			}
			var total uint64
			for range b.N {
				before, goroutines := used(), runtime.NumGoroutine()
				var open []net.Conn
				for i := range streams {
					open = append(open, w.idleStream(b, cookies[i/aSession], two))
				}
				total += used() - before
				for _, c := range open {
					c.Close()
				}
				for runtime.NumGoroutine() > goroutines {
					time.Sleep(time.Millisecond)
				}
			}
			b.ReportMetric(float64(total)/float64(b.N)/streams/1024, "KB/stream")
		})
	}
}

// idleStream opens a stream and reads until its first message.
func (w *world) idleStream(b *testing.B, cookie *http.Cookie, two bool) net.Conn {
	b.Helper()
	host := strings.TrimPrefix(w.front, "http://")
	c, err := net.Dial("tcp", host)
	if err != nil {
		b.Fatal(err)
	}
	const path, kind, message = portalv1connect.LiveServiceWatchProcedure, "application/connect+json",
		"\x00\x00\x00\x00\x02{}"
	var request bytes.Buffer
	if two {
		var headers bytes.Buffer
		packer, f := hpack.NewEncoder(&headers), http2.NewFramer(&request, nil)
		for _, field := range [][2]string{
			{":method", "POST"}, {":scheme", "http"}, {":authority", host}, {":path", path}, {"content-type", kind},
			{"cookie", cookie.String()},
		} {
			err = errors.Join(err, packer.WriteField(hpack.HeaderField{Name: field[0], Value: field[1]}))
		}
		request.WriteString(http2.ClientPreface)
		err = errors.Join(err, f.WriteSettings(),
			f.WriteHeaders(http2.HeadersFrameParam{StreamID: 1, BlockFragment: headers.Bytes(), EndHeaders: true}),
			f.WriteData(1, true, []byte(message)))
	} else {
		fmt.Fprintf(
			&request, "POST %s HTTP/1.1\r\nHost: %s\r\nContent-Type: %s\r\nCookie: %s\r\nContent-Length: %d\r\n\r\n%s",
			path, host, kind, cookie, len(message), message,
		)
	}
	if _, writeErr := c.Write(request.Bytes()); err != nil || writeErr != nil {
		b.Fatal(err, writeErr)
	}
	var answer []byte
	for piece := make([]byte, 512); !bytes.HasSuffix(bytes.TrimSpace(answer), []byte("}")); {
		n, err := c.Read(piece)
		if err != nil {
			b.Fatalf("%v after %q", err, answer)
		}
		answer = append(answer, piece[:n]...)
	}
	return c
}
