// Command sandbox plays the outside world for development and tests: J-LIS, offices that send notices, and a mail
// server. It meets the portal over public protocols alone; neither knows the other's code.
//
// Never run it where real people's data is: the keys of its cards are public.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"os"
	"os/signal"
	"path/filepath"
	"syscall"
	"time"

	"golang.org/x/sync/errgroup"

	"madoguchi/backend/sandbox/desk"
	"madoguchi/backend/sandbox/part"
	"madoguchi/backend/sandbox/room"
	"madoguchi/bridge/logging"
	"madoguchi/bridge/loopback"

	// The rooms: each registers itself.
	_ "madoguchi/backend/sandbox/jlis"
	_ "madoguchi/backend/sandbox/mailbox"
	_ "madoguchi/backend/sandbox/objects"
	_ "madoguchi/backend/sandbox/office"
	_ "madoguchi/backend/sandbox/stamp"
	_ "madoguchi/backend/sandbox/witness"
)

var version = "dev"

const defaultAddress = "127.0.0.1:8090"

const usage = `sandbox plays the outside world: J-LIS, offices, a mail server.

  sandbox init --out DIR   make certificates, keys, the registry of offices and jpki-ca.pem in DIR,
                           where they are missing
  sandbox [flags]          run everything; what init makes is made first where it is missing

Flags, each with its environment variable:
`

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	logger, err := logging.New(os.Stderr, os.Getenv)
	if err == nil {
		slog.SetDefault(logger)
		err = run(ctx, os.Args[1:])
	}
	if err != nil && !errors.Is(err, flag.ErrHelp) {
		fmt.Fprintf(os.Stderr, "sandbox: %v\n", err)
		os.Exit(1)
	}
}

// settings are the sandbox's own, and those of its rooms by name.
type settings struct {
	address, state, portal, reader string
	of                             map[string]*string
}

func run(ctx context.Context, args []string) error {
	if len(args) > 0 && args[0] == "init" {
		return runInit(args[1:])
	}
	s := settings{of: map[string]*string{}}
	flags := flag.NewFlagSet("sandbox", flag.ContinueOnError)
	flags.Usage = func() {
		fmt.Fprint(flags.Output(), usage)
		flags.PrintDefaults()
	}
	setting(flags, &s.address, "address", "SANDBOX_ADDRESS", defaultAddress, "where pages and J-LIS are served")
	setting(flags, &s.state, "state", "SANDBOX_STATE", "build/dev", "directory of certificates, cursors and mails")
	setting(flags, &s.portal, "portal", "SANDBOX_PORTAL", "http://localhost:8080", "the portal, to link to")
	setting(flags, &s.reader, "reader", "SANDBOX_READER", "http://127.0.0.1:41730",
		"the page of the virtual card reader, to link to")
	for _, r := range room.All() {
		for _, of := range r.Settings {
			s.of[of.Name] = new(string)
			setting(flags, s.of[of.Name], of.Name, of.Variable, of.Fallback, of.Meaning)
		}
	}
	showVersion := flags.Bool("version", false, "print the version")
	if err := flags.Parse(args); err != nil {
		return err
	}
	if flags.NArg() > 0 {
		return fmt.Errorf("%q is no command; see sandbox --help", flags.Arg(0))
	}
	if *showVersion {
		fmt.Println("sandbox", version)
		return nil
	}
	for _, r := range room.All() {
		for _, of := range r.Settings {
			if of.Check == nil {
				continue
			}
			if err := of.Check(*s.of[of.Name]); err != nil {
				return err
			}
		}
	}
	return serve(ctx, s)
}

// setting declares a flag whose default comes from the environment.
func setting(flags *flag.FlagSet, value *string, name, variable, fallback, meaning string) {
	if given := os.Getenv(variable); given != "" {
		fallback = given
	}
	flags.StringVar(value, name, fallback, meaning+" ("+variable+")")
}

func runInit(args []string) error {
	flags := flag.NewFlagSet("sandbox init", flag.ContinueOnError)
	var out, address string
	setting(flags, &address, "address", "SANDBOX_ADDRESS", defaultAddress, "where pages and J-LIS will be served")
	setting(flags, &out, "out", "SANDBOX_STATE", "build/dev", "directory to write to")
	if err := flags.Parse(args); err != nil {
		return err
	}
	return prepare(out, address, time.Now())
}

// prepare makes what the sandbox and the portal need to know each other; what is there and good stays.
func prepare(dir, address string, now time.Time) error {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return fmt.Errorf("making the directory of the sandbox: %w", err)
	}
	for _, r := range room.All() {
		if r.Prepare != nil {
			if err := r.Prepare(dir, now); err != nil {
				return err
			}
		}
		if r.Known != nil {
			if err := r.Known(dir, address); err != nil {
				return err
			}
		}
	}
	return nil
}

func serve(ctx context.Context, s settings) error {
	if err := prepare(s.state, s.address, time.Now()); err != nil {
		return err
	}
	listener, err := room.Listen(s.address, "SANDBOX_ADDRESS")
	if err != nil {
		return err
	}
	defer listener.Close()
	world, err := part.In(filepath.Join(s.state, "parts"))
	if err != nil {
		return err
	}
	d := &desk.Desk{World: world, Portal: s.portal, Reader: s.reader}
	mux := http.NewServeMux()
	for _, r := range room.All() {
		work, err := r.Open(room.Ground{World: world, State: s.state, Portal: s.portal, Settings: s.of})
		if err != nil {
			return err
		}
		if work.Close != nil {
			defer work.Close()
		}
		for pattern, served := range work.Served {
			mux.Handle(pattern, served)
		}
		d.Rooms = append(d.Rooms, work)
	}
	mux.HandleFunc("GET /healthz", func(w http.ResponseWriter, _ *http.Request) { w.Write([]byte("ok\n")) })
	mux.Handle("/", d.Handler())

	_, port, err := net.SplitHostPort(listener.Addr().String())
	if err != nil {
		return err
	}
	group, ctx := errgroup.WithContext(ctx)
	door := loopback.Only(loopback.HostsOf(port), append([]string{"/healthz"}, d.Programs()...), mux)
	group.Go(func() error { return serveHTTP(ctx, listener, door) })
	for _, work := range d.Rooms {
		if work.Run != nil {
			group.Go(func() error { return work.Run(ctx) })
		}
	}
	slog.Info("sandbox serves", "pages", "http://"+listener.Addr().String(), "parts", len(world.All()),
		"version", version)
	for _, p := range world.All() {
		if is := p.Setting().Is; is != part.Well {
			slog.Warn("a part is still as it was made before", "part", p.ID, "is", string(is))
		}
	}
	return group.Wait()
}

func serveHTTP(ctx context.Context, listener net.Listener, handler http.Handler) error {
	server := &http.Server{
		Handler: handler, ReadHeaderTimeout: 10 * time.Second, ReadTimeout: time.Minute, IdleTimeout: 2 * time.Minute,
	}
	done := make(chan error, 1)
	go func() { done <- server.Serve(listener) }()
	select {
	case err := <-done:
		return fmt.Errorf("serving pages: %w", err)
	case <-ctx.Done():
	}
	closing, cancel := context.WithTimeout(context.Background(), 2*time.Second)
	defer cancel()
	if err := server.Shutdown(closing); err != nil {
		return server.Close()
	}
	return nil
}
