// Package web is the portal's public door over HTTP: it serves the built page, puts the security headers on every
// answer, and lets nothing too large, too slow or from another site through to the RPCs. It does not know what the RPCs
// do, nor who is calling.
package web

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"strings"
	"time"

	"madoguchi/backend/door/document"
	"madoguchi/backend/door/limit"
	"madoguchi/backend/door/operator"
)

// Config says what is served.
type Config struct {
	Dirs    []string // the built programs: that of the page (build/web), and others that lie below it
	Origin  string   // https://portal.example.jp, as people type it
	Bridges []string // host:port of card bridges, loopback, that the page may talk to
	// Releases is a folder with the built programs of several releases, each in a folder of its own; "" is none. Pages
	// that were opened under another release still find their files.
	Releases string
	// Operator is whose portal it is, as pages show it; nil shows nothing.
	Operator *operator.Operator
	// Proxies are the networks of proxies in front whose word on a caller's address counts.
	Proxies []netip.Prefix
	// RPC answers the paths under RPCPaths, each "/package.Service/"; Calls says of each RPC, by its path, what it
	// needs.
	RPC      http.Handler
	RPCPaths []string
	Calls    map[string]Call
	// Documents write pages for readers without the program, by the names in routes.json.
	Documents map[string]document.Func
	// Forms answer what is sent from their pages before the program runs, by the same names. What is posted stands in
	// no address, no history and no log.
	Forms map[string]document.Func
	// Answers answer their own addresses, beside pages and RPCs: files that are written while they are sent.
	Answers map[string]http.Handler
	// Public answers what is the same for everybody, also for other sites' pages.
	Public map[string]http.Handler
	// Pinned are the keys that a page with a script of its own goes by, as JSON; nil is none.
	Pinned func(context.Context) ([]byte, error)
	// Addresses are paths with their queries that a search engine should know beside the site's own public pages; nil
	// is none.
	Addresses []string
	// Ready says whether the portal can do its work now; nil is yes.
	Ready func(context.Context) error
	// Limits say how much may be under way.
	Limits Limits
	// Anonymous is what an address may have done without a login: a document takes DocumentCost of it. Nil is no limit.
	Anonymous *limit.Buckets
}

// A reader that takes nothing for so long is let go of. Streams write more often than that.
const writeTimeout = time.Minute

// New reads the built page and returns the whole handler.
func New(c Config) (http.Handler, error) {
	origin, err := url.Parse(c.Origin)
	if err != nil || origin.Host == "" || (origin.Scheme != "http" && origin.Scheme != "https") ||
		strings.Trim(origin.Path, "/") != "" {
		return nil, errors.New("the portal's origin must look like https://portal.example.jp, not " + c.Origin)
	}
	base := origin.Scheme + "://" + origin.Host
	pages, err := readSite(c.Dirs, base, c.Bridges, c.Operator)
	if err != nil {
		return nil, err
	}
	pages.documents, pages.forms, pages.pinned = c.Documents, c.Forms, c.Pinned
	if c.Releases != "" {
		pages.releases = &releases{dir: c.Releases, read: map[string]*content{}}
	}
	sameSite := http.NewCrossOriginProtection()
	if err := sameSite.AddTrustedOrigin(origin.Scheme + "://" + origin.Host); err != nil {
		return nil, err
	}
	mux := http.NewServeMux()
	limits := c.Limits.orDefault()
	pages.writing, pages.anonymous = places("documents", limits.Documents), c.Anonymous
	under := places("pages", limits.Pages)
	mux.Handle("/", counted(under, canonical(origin, sameSite.Handler(pages))))
	rpc := neverStored(sameSite.Handler(Calls(c.Calls, limits, c.RPC)))
	for _, path := range c.RPCPaths {
		mux.Handle(path, rpc)
	}
	for path, answer := range c.Answers {
		mux.Handle(path, counted(under, neverStored(sameSite.Handler(formed(answer)))))
	}
	for path, answer := range c.Public {
		mux.Handle(path, counted(under, forAllSites(answer)))
	}
	pages.announce(base+"/sitemap.xml", "/robots.txt")
	sitemap := pages.sitemap(base, c.Addresses)
	mux.Handle("GET /sitemap.xml", counted(
		under, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { sitemap.serve(w, r, http.StatusOK) }),
	))
	probes := places("probes", 64)
	health := http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { plain(w, http.StatusOK, "ok") })
	mux.Handle("GET /healthz", counted(probes, health))
	ready := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if c.Ready == nil {
			plain(w, http.StatusOK, "ok")
			return
		}
		ctx, cancel := context.WithTimeout(r.Context(), 2*time.Second)
		defer cancel()
		if err := c.Ready(ctx); err != nil {
			slog.Warn("not ready", "error", err)
			plain(w, http.StatusServiceUnavailable, "not ready")
			return
		}
		plain(w, http.StatusOK, "ok")
	})
	mux.Handle("GET /readyz", counted(probes, ready))
	return logged(writeTimeout, addressed(c.Proxies, headers(origin, c.Bridges, ownHost(origin, mux)))), nil
}

// forAllSites lets other sites' pages read, too. Nothing of a person's is there.
func forAllSites(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Access-Control-Allow-Origin", "*")
		w.Header().Set("Cross-Origin-Resource-Policy", "cross-origin")
		next.ServeHTTP(w, r)
	})
}

// formed takes in what a form sends before the answer is written.
func formed(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if readForm(w, r) {
			next.ServeHTTP(w, r)
		}
	})
}

// readForm takes in a form whole, as much and for as long as one needs, so that whoever sends slowly holds no handler;
// false when it cannot be, which it has answered.
func readForm(w http.ResponseWriter, r *http.Request) bool {
	control := http.NewResponseController(w)
	_ = control.SetReadDeadline(time.Now().Add(bodyTimeout))
	r.Body = http.MaxBytesReader(w, r.Body, maxForm)
	if err := r.ParseForm(); err != nil {
		http.Error(w, "the form cannot be read", http.StatusBadRequest)
		return false
	}
	_ = control.SetReadDeadline(time.Time{})
	r.Body = http.NoBody // of another kind of body nobody reads anything
	return true
}

// Server gives an HTTP server its limits. Streams run long, so that writing has no overall limit; New's handler limits
// each write.
func Server(h http.Handler) *http.Server {
	protocols := new(http.Protocols)
	protocols.SetHTTP1(true)
	protocols.SetHTTP2(true)
	protocols.SetUnencryptedHTTP2(true)
	return &http.Server{
		Handler:           h,
		Protocols:         protocols,
		ReadHeaderTimeout: 10 * time.Second,
		IdleTimeout:       2 * time.Minute,
		MaxHeaderBytes:    16 << 10,
		HTTP2:             limit.HTTP2(),
		ErrorLog:          slog.NewLogLogger(slog.Default().Handler(), slog.LevelDebug),
	}
}

// Policy is the Content-Security-Policy. The page may talk to the portal and to the bridges; nothing else. No string
// becomes HTML or a script in it: of Trusted Types it has the one policy that static/boot.js makes for the service
// worker's address.
func Policy(bridges []string) string {
	var connect strings.Builder
	connect.WriteString("connect-src 'self'")
	for _, b := range bridges {
		connect.WriteString(" ws://" + b + " http://" + b)
	}
	return strings.Join([]string{
		"default-src 'self'", "script-src 'self' 'wasm-unsafe-eval'", "style-src 'self'", "img-src 'self' data:",
		connect.String(),
		"manifest-src 'self'", "worker-src 'self'", "object-src 'none'", "base-uri 'none'", "form-action 'self'",
		"frame-ancestors 'none'",
		"require-trusted-types-for 'script'", "trusted-types madoguchi",
	}, "; ")
}

func headers(origin *url.URL, bridges []string, next http.Handler) http.Handler {
	policy := Policy(bridges)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h.Set("Content-Security-Policy", policy)
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("X-Frame-Options", "DENY")
		h.Set("Referrer-Policy", "no-referrer")
		h.Set("Cross-Origin-Opener-Policy", "same-origin")
		h.Set("Cross-Origin-Resource-Policy", "same-origin")
		// The camera reads 2次元バーコード (frontend/feature/login); browsers ask the person first.
		h.Set("Permissions-Policy",
			"camera=(self), display-capture=(), geolocation=(), microphone=(), payment=(), usb=(), serial=(), hid=()")
		if origin.Scheme == "https" {
			h.Set("Strict-Transport-Security", "max-age=63072000; includeSubDomains")
		}
		next.ServeHTTP(w, r)
	})
}

// counted lets so many in as there are places. Who loses one to somebody who holds fewer is cut off where the sending
// stands.
func counted(under *limit.Places, next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		control := http.NewResponseController(w)
		place := under.Enter(limit.Address(r.RemoteAddr), func() { _ = control.SetWriteDeadline(past) })
		if place == nil {
			turnAway(w, r, http.StatusServiceUnavailable, errCrowded)
			return
		}
		defer place.Leave()
		next.ServeHTTP(w, r)
	})
}

// Listener bounds the connections in number; one address may have a quarter of them, a proxy that is named all.
func Listener(l net.Listener, connections int, proxies []netip.Prefix) net.Listener {
	trusted := trusts(proxies)
	return limit.Listener(l, places("connections", connections), func(address string) bool {
		peer, err := netip.ParseAddrPort(address)
		return err == nil && trusted(peer.Addr().Unmap())
	})
}

func neverStored(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Cache-Control", "no-store")
		next.ServeHTTP(w, r)
	})
}

func plain(w http.ResponseWriter, status int, text string) {
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(status)
	_, _ = io.WriteString(w, text+"\n")
}

// logged writes a line a request with LOG=debug (no query, no address, no cookie), and gives each write its time.
func logged(patience time.Duration, next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		begin := time.Now()
		counted := &countingWriter{ResponseWriter: w, status: http.StatusOK, patience: patience}
		counted.expectWrite() // an answer without a body, too, and the connection's last deadline is over
		defer func() {
			slog.DebugContext(r.Context(), "request", "method", r.Method, "path", r.URL.Path, "status", counted.status,
				"bytes", counted.bytes,
				"took", time.Since(begin).Round(time.Microsecond))
		}()
		next.ServeHTTP(counted, r)
	})
}

type countingWriter struct {
	http.ResponseWriter
	status   int
	bytes    int64
	patience time.Duration
}

func (c *countingWriter) expectWrite() {
	_ = http.NewResponseController(c.ResponseWriter).SetWriteDeadline(time.Now().Add(c.patience))
}

func (c *countingWriter) WriteHeader(status int) {
	c.status = status
	c.ResponseWriter.WriteHeader(status)
}

func (c *countingWriter) Write(b []byte) (int, error) {
	c.expectWrite()
	n, err := c.ResponseWriter.Write(b)
	c.bytes += int64(n)
	return n, err
}

// Flush serves streams.
func (c *countingWriter) Flush() { _ = http.NewResponseController(c.ResponseWriter).Flush() }

// Unwrap serves http.ResponseController.
func (c *countingWriter) Unwrap() http.ResponseWriter { return c.ResponseWriter }
