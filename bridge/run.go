package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"time"

	"madoguchi/bridge/ask"
	"madoguchi/bridge/loopback"
	"madoguchi/bridge/reader"
	"madoguchi/bridge/relay"
	"madoguchi/bridge/virtual"
)

const usage = `The card bridge: lets pages of the portal use the card in this computer's reader, over a WebSocket on loopback.
A page asks for an act (sign a challenge of its own site, sign documents, read the four attributes, change a PIN,
derive a key) and never sends a command to the card. Only the user who started the bridge is served (on Linux,
where the system tells whose a connection is).

  bridge [flags]                                          run
  bridge people                                           list the test people: id, name, PINs (auth, sign, text),
                                                          what is special
  bridge card --vpcd ADDRESS --person ID [--state DIR]    put a test card into a slot of vpcd
  bridge ca                                               print the certificate of the test CA of the test cards

Flags, and the environment variables that stand in for them:
`

const virtualReaders = 2

type settings struct {
	address, origins, virtualAddress, state, lay string
	confirm                                      ask.Mode
	virtual, version                             bool
}

func parseSettings(args []string) (settings, error) {
	var s settings
	flags := flag.NewFlagSet("bridge", flag.ContinueOnError)
	out := &strings.Builder{}
	flags.SetOutput(out)
	flags.Usage = func() {
		fmt.Fprint(out, usage)
		flags.PrintDefaults()
	}
	setting(flags, &s.address, "address", "BRIDGE_ADDRESS", "127.0.0.1:41729",
		"where pages connect; loopback only, v4 and v6")
	setting(flags, &s.origins, "origins", "BRIDGE_ORIGINS", "http://localhost:8080",
		"origins whose pages may connect, separated by commas")
	setting(flags, &s.virtualAddress, "virtual-address", "BRIDGE_VIRTUAL_ADDRESS", "127.0.0.1:41730",
		"where the page of the virtual readers is served")
	setting(flags, &s.state, "state", "BRIDGE_STATE", defaultState(), "directory for what the virtual cards remember")
	var confirm string
	setting(flags, &confirm, "confirm", "BRIDGE_CONFIRM", "auto",
		`ask on this machine before the card acts: "documents" before it signs documents, "all" before anything that wants `+
			`a PIN, "never"; "auto" is documents where there is a desktop with zenity or kdialog, else never`)
	flags.StringVar(&s.lay, "lay", "", "person whose card lies on the first virtual reader from the start")
	byEnvironment, err := strconv.ParseBool(or(os.Getenv("BRIDGE_VIRTUAL"), "false"))
	if err != nil {
		return s, fmt.Errorf("BRIDGE_VIRTUAL=%s is neither true nor false", os.Getenv("BRIDGE_VIRTUAL"))
	}
	flags.BoolVar(&s.virtual, "virtual", byEnvironment, "use virtual readers instead of PC/SC (BRIDGE_VIRTUAL)")
	flags.BoolVar(&s.version, "version", false, "print the version")
	if err := flags.Parse(args); err != nil {
		if errors.Is(err, flag.ErrHelp) {
			fmt.Print(out.String())
			return s, err
		}
		return s, fmt.Errorf("%w; see bridge --help", err)
	}
	if s.confirm, err = ask.ParseMode(confirm); err != nil {
		return s, fmt.Errorf("--confirm: %w", err)
	}
	switch {
	case flags.NArg() > 0:
		return s, fmt.Errorf("%q is no command; see bridge --help", flags.Arg(0))
	case s.lay != "" && !s.virtual:
		return s, errors.New("--lay needs --virtual")
	}
	return s, nil
}

// setting declares a flag whose default comes from the environment.
func setting(flags *flag.FlagSet, value *string, name, variable, fallback, meaning string) {
	flags.StringVar(value, name, or(os.Getenv(variable), fallback), meaning+" ("+variable+")")
}

func or(value, otherwise string) string {
	if value == "" {
		return otherwise
	}
	return value
}

func defaultState() string {
	cache, err := os.UserCacheDir()
	if err != nil {
		return "cards"
	}
	return filepath.Join(cache, "madoguchi", "cards")
}

func run(ctx context.Context, args []string) error {
	s, err := parseSettings(args)
	if err != nil {
		return err
	}
	if s.version {
		fmt.Println("bridge", version)
		return nil
	}
	if err := undumped(); err != nil {
		return err
	}
	listeners, err := relay.Listen(s.address)
	if err != nil {
		return err
	}
	var servers servers
	defer servers.close()
	servers.listeners = listeners
	source, err := s.source(&servers)
	if err != nil {
		return err
	}
	_, port, err := net.SplitHostPort(listeners[0].Addr().String())
	if err != nil {
		return err
	}
	door, err := relay.New(relay.Config{
		Source: source, Log: slog.Default(), Version: version, Virtual: s.virtual,
		Origins: split(s.origins), Hosts: loopback.HostsOf(port),
		Ask: ask.New(ask.Config{Mode: s.confirm, Terminal: terminal()}),
	})
	if err != nil {
		return err
	}
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	watching := make(chan struct{})
	// The readers are watched a little longer than the door is open: it powers cards down when it closes.
	watch, endWatch := context.WithCancel(context.WithoutCancel(ctx))
	go func() { source.Run(watch); close(watching) }()
	defer func() { door.Close(); endWatch(); <-watching }()
	for _, l := range listeners {
		servers.serve(l, door, cancel)
		slog.Info("pages may connect", "address", l.Addr().String(), "origins", s.origins, "virtual", s.virtual,
			"confirms", door.Ask.Documents())
	}
	<-ctx.Done()
	return servers.failure()
}

// terminal is where the bridge was started; nil when that was none.
func terminal() io.ReadWriter {
	stdin, err := os.Stdin.Stat()
	if err != nil || stdin.Mode()&os.ModeCharDevice == 0 {
		return nil
	}
	return struct {
		io.Reader
		io.Writer
	}{os.Stdin, os.Stderr}
}

// source is the readers; for virtual ones their page is served as well.
func (s settings) source(servers *servers) (reader.Source, error) {
	if !s.virtual {
		return reader.NewPCSC(slog.Default())
	}
	readers := virtual.New(s.state, virtualReaders, time.Now)
	if s.lay != "" {
		if err := readers.Lay(0, s.lay); err != nil {
			return nil, err
		}
	}
	listeners, err := relay.Listen(s.virtualAddress)
	if err != nil {
		return nil, fmt.Errorf("the page of the virtual readers: %w", err)
	}
	servers.listeners = append(servers.listeners, listeners...)
	_, port, err := net.SplitHostPort(listeners[0].Addr().String())
	if err != nil {
		return nil, err
	}
	page := virtual.NewPage(readers, loopback.HostsOf(port))
	for _, l := range listeners {
		servers.serve(l, page, func() {})
		slog.Info("virtual readers", "page", "http://"+l.Addr().String())
	}
	return readers, nil
}

func split(list string) []string {
	var all []string
	for item := range strings.SplitSeq(list, ",") {
		if item = strings.TrimSpace(item); item != "" {
			all = append(all, item)
		}
	}
	return all
}

// servers are the HTTP servers of this program.
type servers struct {
	listeners []net.Listener
	servers   []*http.Server
	mu        sync.Mutex
	err       error
}

// serve serves until close; ended is called should it end by itself.
func (s *servers) serve(l net.Listener, handler http.Handler, ended func()) {
	server := &http.Server{
		Handler: handler, ReadHeaderTimeout: 5 * time.Second, IdleTimeout: time.Minute, MaxHeaderBytes: 16 << 10,
		ErrorLog: slog.NewLogLogger(slog.Default().Handler(), slog.LevelDebug),
	}
	s.servers = append(s.servers, server)
	go func() {
		if err := server.Serve(l); !errors.Is(err, http.ErrServerClosed) {
			s.mu.Lock()
			s.err = fmt.Errorf("serving %s: %w", l.Addr(), err)
			s.mu.Unlock()
		}
		ended()
	}()
}

func (s *servers) failure() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.err
}

func (s *servers) close() {
	var closers []io.Closer
	for _, server := range s.servers {
		closers = append(closers, server)
	}
	for _, l := range s.listeners {
		closers = append(closers, l)
	}
	for _, c := range closers {
		_ = c.Close() // the process ends; a listener may be closed by its server already
	}
}
