// Package relay is the door through which pages reach a card: a WebSocket on loopback. It trusts nobody: it says who
// may connect (Host, Origin, the user of this machine), who has the card (one page at a time, for one act), which
// commands go through (policy), how many wrong PINs are taken and how fast, and how much of all that. What acts there
// are is package act's. Its log holds names, lengths and status words, never data.
package relay

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"slices"
	"strconv"
	"sync"
	"syscall"
	"time"

	"madoguchi/bridge/ask"
	"madoguchi/bridge/loopback"
	"madoguchi/bridge/peer"
	"madoguchi/bridge/reader"

	"github.com/gorilla/websocket"
	"golang.org/x/time/rate"
)

// Subprotocol must be asked for by a page.
const Subprotocol = "madoguchi.bridge.v2"

// maxOrigin is the longest origin that is looked at.
const maxOrigin = 255

// Config of a Server. Zero durations and numbers mean what Defaults has.
type Config struct {
	Source reader.Source
	Log    *slog.Logger
	// Version and Virtual are told to pages.
	Version string
	Virtual bool
	// Origins that may connect, as browsers write them: scheme://host[:port].
	Origins []string
	// Hosts are the values of Host that are taken (host:port); anything else is another name rebound to loopback.
	Hosts []string

	// Ask asks the person at this machine; nil: nobody is asked.
	Ask *ask.Asker
	// Peer refuses connections from another user's programs; nil: peer.SameUser.
	Peer func(local, remote netip.AddrPort) error
	// Now is the clock of signing times and pauses; nil: time.Now.
	Now func() time.Time

	// CommandTimeout is for one command or the taking of a card, PadTimeout for a PIN typed on the reader, ActTimeout
	// for a whole act and its question, HoldPatience how long an act waits for another page's to end, HelloTimeout from
	// the connection to Hello, PingEvery between two pings; a page that misses two is gone.
	CommandTimeout, PadTimeout, ActTimeout, HoldPatience, HelloTimeout, PingEvery time.Duration
	// Pauses after the first wrong PIN, the second, and so on; the last one stands for all that follow.
	Pauses []time.Duration

	Connections, ConnectionsPerOrigin int
	// FramesPerSecond of one connection, and how many may come at once.
	FramesPerSecond float64
	FramesAtOnce    int
}

// Defaults of Config's limits. A login takes three frames.
var Defaults = Config{
	CommandTimeout: 15 * time.Second, PadTimeout: 40 * time.Second, ActTimeout: 3 * time.Minute,
	HoldPatience: 300 * time.Millisecond, HelloTimeout: 5 * time.Second, PingEvery: 20 * time.Second,
	Pauses:      []time.Duration{2 * time.Second, 10 * time.Second, 30 * time.Second, time.Minute},
	Connections: 32, ConnectionsPerOrigin: 16, FramesPerSecond: 20, FramesAtOnce: 40,
}

// Server is an http.Handler of /v2 and /health.
type Server struct {
	Config
	upgrader websocket.Upgrader
	records  *records
	ctx      context.Context
	end      context.CancelFunc

	mu          sync.Mutex
	connections map[*connection]struct{}
	// holders by reader, while an act is under way: one page at a time.
	holders map[string]*connection
	changed chan struct{} // closed when holders changes
	closed  bool
	running sync.WaitGroup
}

// New checks the configuration.
func New(c Config) (*Server, error) {
	if len(c.Origins) == 0 {
		return nil, errors.New("no origin may connect: the allow-list is empty")
	}
	for _, origin := range c.Origins {
		if err := checkOrigin(origin); err != nil {
			return nil, err
		}
	}
	either := func(value *time.Duration, otherwise time.Duration) {
		if *value == 0 {
			*value = otherwise
		}
	}
	either(&c.CommandTimeout, Defaults.CommandTimeout)
	either(&c.PadTimeout, Defaults.PadTimeout)
	either(&c.ActTimeout, Defaults.ActTimeout)
	either(&c.HoldPatience, Defaults.HoldPatience)
	either(&c.HelloTimeout, Defaults.HelloTimeout)
	either(&c.PingEvery, Defaults.PingEvery)
	if len(c.Pauses) == 0 {
		c.Pauses = Defaults.Pauses
	}
	if c.Peer == nil {
		c.Peer = peer.SameUser
	}
	if c.Now == nil {
		c.Now = time.Now
	}
	if c.Connections == 0 {
		c.Connections = Defaults.Connections
	}
	if c.ConnectionsPerOrigin == 0 {
		c.ConnectionsPerOrigin = Defaults.ConnectionsPerOrigin
	}
	if c.FramesPerSecond == 0 {
		c.FramesPerSecond, c.FramesAtOnce = Defaults.FramesPerSecond, Defaults.FramesAtOnce
	}
	s := &Server{
		Config: c,
		upgrader: websocket.Upgrader{
			Subprotocols: []string{Subprotocol}, HandshakeTimeout: c.HelloTimeout,
			ReadBufferSize: 4096, WriteBufferSize: 4096,
			CheckOrigin: func(*http.Request) bool { return true }, // checked before, see ServeHTTP
		},
		records:     &records{pauses: c.Pauses, now: c.Now, of: map[string]*record{}},
		connections: map[*connection]struct{}{}, holders: map[string]*connection{}, changed: make(chan struct{}),
	}
	s.ctx, s.end = context.WithCancel(context.Background())
	s.running.Add(1)
	go s.forget()
	return s, nil
}

// forget drops what was read from cards as soon as they are gone.
func (s *Server) forget() {
	defer s.running.Done()
	for {
		state, changed := s.Source.State()
		s.records.forget(state)
		select {
		case <-changed:
		case <-s.ctx.Done():
			return
		}
	}
}

// checkOrigin wants an origin in the very form in which browsers send it.
func checkOrigin(origin string) error {
	u, err := url.Parse(origin)
	if err != nil || len(origin) > maxOrigin || u.Scheme != "https" && u.Scheme != "http" || u.Host == "" ||
		u.Scheme+"://"+u.Host != origin {
		return fmt.Errorf("%q is no origin of the form https://host or http://host:port", origin)
	}
	return nil
}

// Listen listens on the port of the address on 127.0.0.1 and, where there is IPv6, on ::1. Any host that is not
// loopback is refused.
func Listen(address string) ([]net.Listener, error) {
	host, port, err := net.SplitHostPort(address)
	if err != nil {
		return nil, fmt.Errorf("%q is no address of the form 127.0.0.1:port", address)
	}
	ip, err := netip.ParseAddr(host)
	if host != "localhost" && (err != nil || !ip.IsLoopback()) {
		return nil, fmt.Errorf("refusing to listen on %s: only loopback (127.0.0.1, ::1, localhost) is safe", address)
	}
	if n, err := strconv.ParseUint(port, 10, 16); err != nil || strconv.FormatUint(n, 10) != port {
		return nil, fmt.Errorf("%q is no port number", port)
	}
	four, err := net.Listen("tcp4", "127.0.0.1:"+port)
	if err != nil {
		return nil, busy(err, port)
	}
	_, port, err = net.SplitHostPort(four.Addr().String()) // port 0 was any
	if err != nil {
		return nil, errors.Join(err, four.Close())
	}
	six, err := net.Listen("tcp6", "[::1]:"+port)
	switch {
	case err == nil:
		return []net.Listener{four, six}, nil
	case errors.Is(err, syscall.EADDRNOTAVAIL) || errors.Is(err, syscall.EAFNOSUPPORT):
		return []net.Listener{four}, nil
	}
	return nil, errors.Join(busy(err, port), four.Close())
}

func busy(err error, port string) error {
	if errors.Is(err, syscall.EADDRINUSE) {
		return fmt.Errorf("port %s is in use by another program (another bridge?)", port)
	}
	return err
}

// ServeHTTP is the door. Whom it is not for hears nothing: the page of a site that may not use the bridge does not
// learn that one runs.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if why := s.foreign(r); why != "" {
		s.note(r, why)
		loopback.HangUp()
	}
	origin := r.Header.Get("Origin")
	switch r.URL.Path {
	case "/v2":
		s.socket(w, r, origin)
	case "/v1":
		s.refuse(w, r, http.StatusGone, "this page is older than the card bridge: reload it")
	case "/health":
		s.health(w, r, origin)
	default:
		http.NotFound(w, r)
	}
}

// foreign says why a request is nobody's who may use the bridge; "" when it is somebody's.
func (s *Server) foreign(r *http.Request) string {
	if err := s.checkPeer(r); err != nil {
		s.Log.Warn("a peer was refused", "error", err)
		return "the bridge serves the user who started it"
	}
	if !slices.Contains(s.Hosts, r.Host) {
		return "this Host is not served"
	}
	origin := r.Header.Values("Origin")
	if len(origin) != 1 || !slices.Contains(s.Origins, origin[0]) {
		return "this Origin may not use the bridge"
	}
	// A browser says by which kind of request it comes: pages use two.
	if mode := r.Header.Get("Sec-Fetch-Mode"); mode != "" && mode != "cors" && mode != "websocket" {
		return "no page asks in this way"
	}
	return ""
}

func (s *Server) checkPeer(r *http.Request) error {
	local, ok := r.Context().Value(http.LocalAddrContextKey).(net.Addr)
	if !ok {
		return peer.ErrAnotherUser
	}
	to, err := netip.ParseAddrPort(local.String())
	if err != nil {
		return fmt.Errorf("%w: %w", peer.ErrAnotherUser, err)
	}
	from, err := netip.ParseAddrPort(r.RemoteAddr)
	if err != nil {
		return fmt.Errorf("%w: %w", peer.ErrAnotherUser, err)
	}
	return s.Peer(to, from)
}

func (s *Server) refuse(w http.ResponseWriter, r *http.Request, status int, why string) {
	s.note(r, why)
	http.Error(w, why, status)
}

func (s *Server) note(r *http.Request, why string) {
	origin := r.Header.Get("Origin")
	s.Log.Warn("refused", "why", why, "origin", origin[:min(len(origin), maxOrigin)],
		"host", r.Host[:min(len(r.Host), maxOrigin)], "path", r.URL.Path)
}

// health lets a page find out whether a bridge runs, and lets a browser ask for the permission to reach loopback before
// the WebSocket needs it.
func (s *Server) health(w http.ResponseWriter, r *http.Request, origin string) {
	h := w.Header()
	h.Set("Access-Control-Allow-Origin", origin)
	h.Set("Vary", "Origin")
	switch r.Method {
	case http.MethodOptions:
		h.Set("Access-Control-Allow-Methods", "GET")
		h.Set("Access-Control-Max-Age", "600")
		for _, network := range []string{"Private", "Local"} { // the older and the newer name of the same thing
			if r.Header.Get("Access-Control-Request-"+network+"-Network") == "true" {
				h.Set("Access-Control-Allow-"+network+"-Network", "true")
			}
		}
		w.WriteHeader(http.StatusNoContent)
	case http.MethodGet:
		h.Set("Cache-Control", "no-store")
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("Content-Type", "application/json")
		_ = json.NewEncoder(w).Encode(struct { // whoever asked may have gone
			Status  string `json:"status"`
			Version string `json:"version"`
			Virtual bool   `json:"virtual"`
			// Protocols tell a page whether bridge and page understand each other, before it connects.
			Protocols []string `json:"protocols"`
		}{"ok", s.Version, s.Virtual, []string{Subprotocol}})
	default:
		h.Set("Allow", "GET, OPTIONS")
		http.Error(w, "only GET", http.StatusMethodNotAllowed)
	}
}

func (s *Server) socket(w http.ResponseWriter, r *http.Request, origin string) {
	if !slices.Contains(websocket.Subprotocols(r), Subprotocol) {
		s.refuse(w, r, http.StatusBadRequest, "the subprotocol must be "+Subprotocol)
		return
	}
	c := &connection{
		server: s, origin: origin, log: s.Log.With("origin", origin),
		frames: rate.NewLimiter(rate.Limit(s.FramesPerSecond), s.FramesAtOnce),
	}
	if !s.admit(c) {
		s.refuse(w, r, http.StatusTooManyRequests, "too many connections")
		return
	}
	defer s.leave(c)
	socket, err := s.upgrader.Upgrade(w, r, nil)
	if err != nil {
		s.Log.Warn("no WebSocket", "origin", origin, "error", err) // Upgrade has answered
		return
	}
	c.socket = socket
	c.serve()
}

// admit counts a connection in, unless there are too many.
func (s *Server) admit(c *connection) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	same := 0
	for other := range s.connections {
		if other.origin == c.origin {
			same++
		}
	}
	if s.closed || len(s.connections) >= s.Connections || same >= s.ConnectionsPerOrigin {
		return false
	}
	s.connections[c] = struct{}{}
	c.ctx, c.end = context.WithCancel(context.Background())
	s.running.Add(1)
	return true
}

func (s *Server) leave(c *connection) {
	s.mu.Lock()
	delete(s.connections, c)
	s.mu.Unlock()
	c.end()
	s.running.Done()
}

// Close ends all connections, and returns when their cards are powered down.
func (s *Server) Close() {
	s.mu.Lock()
	s.closed = true
	for c := range s.connections {
		c.end()
	}
	s.mu.Unlock()
	s.end()
	s.running.Wait()
}

// hold makes c the holder of a reader's card. While another page is, it waits a little: most acts are short. Then that
// page is returned.
func (s *Server) hold(ctx context.Context, name string, c *connection) (other *connection, err error) {
	timer := time.NewTimer(s.HoldPatience)
	defer timer.Stop()
	for {
		other, changed := s.tryHold(name, c)
		if other == nil {
			return nil, nil
		}
		select {
		case <-changed:
		case <-timer.C:
			return other, nil
		case <-ctx.Done():
			return nil, ctx.Err()
		}
	}
}

func (s *Server) tryHold(name string, c *connection) (other *connection, changed <-chan struct{}) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if other := s.holders[name]; other != nil {
		return other, s.changed
	}
	s.holders[name] = c
	s.tellLocked()
	return nil, nil
}

func (s *Server) drop(name string, c *connection) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.holders[name] == c {
		delete(s.holders, name)
		s.tellLocked()
	}
}

func (s *Server) tellLocked() {
	close(s.changed)
	s.changed = make(chan struct{})
}

// held is who holds what, and a channel that is closed when that changes.
func (s *Server) held() (map[string]*connection, <-chan struct{}) {
	s.mu.Lock()
	defer s.mu.Unlock()
	holders := make(map[string]*connection, len(s.holders))
	maps.Copy(holders, s.holders)
	return holders, s.changed
}
