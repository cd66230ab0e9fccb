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
	"strings"
	"syscall"
	"time"

	"golang.org/x/sync/errgroup"

	"madoguchi/backend/sandbox/credential"
	"madoguchi/backend/sandbox/desk"
	"madoguchi/backend/sandbox/file"
	"madoguchi/backend/sandbox/introduction"
	"madoguchi/backend/sandbox/jlis"
	"madoguchi/backend/sandbox/mailbox"
	"madoguchi/backend/sandbox/office"
	"madoguchi/backend/sandbox/part"
	"madoguchi/bridge/logging"
	"madoguchi/bridge/loopback"
	"madoguchi/bridge/softcard"
)

var version = "dev"

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

type settings struct{ address, smtpAddress, state, gateway, portal, reader string }

func run(ctx context.Context, args []string) error {
	if len(args) > 0 && args[0] == "init" {
		return runInit(args[1:])
	}
	var s settings
	flags := flag.NewFlagSet("sandbox", flag.ContinueOnError)
	flags.Usage = func() {
		fmt.Fprint(flags.Output(), usage)
		flags.PrintDefaults()
	}
	setting(flags, &s.address, "address", "SANDBOX_ADDRESS", "127.0.0.1:8090", "where pages and J-LIS are served")
	setting(flags, &s.smtpAddress, "smtp-address", "SANDBOX_SMTP_ADDRESS", "127.0.0.1:8025", "where mails are taken")
	setting(flags, &s.state, "state", "SANDBOX_STATE", "build/dev", "directory of certificates, cursors and mails")
	setting(flags, &s.gateway, "gateway", "SANDBOX_GATEWAY", "https://127.0.0.1:8443",
		"the portal's gateway for offices")
	setting(flags, &s.portal, "portal", "SANDBOX_PORTAL", "http://localhost:8080", "the portal, to link to")
	setting(flags, &s.reader, "reader", "SANDBOX_READER", "http://127.0.0.1:41730",
		"the page of the virtual card reader, to link to")
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
	var out string
	setting(flags, &out, "out", "SANDBOX_STATE", "build/dev", "directory to write to")
	if err := flags.Parse(args); err != nil {
		return err
	}
	return prepare(out, time.Now())
}

// prepare makes what the sandbox and the portal need to know each other; what is there and good stays.
func prepare(dir string, now time.Time) error {
	var registrations []credential.Registration
	for _, o := range office.All() {
		registrations = append(registrations, credential.Registration{
			ID: o.ID, Name: o.Name, Duties: o.Duties(), MunicipalityCode: o.MunicipalityCode,
		})
	}
	if err := credential.In(dir).Make(registrations, now); err != nil {
		return err
	}
	for _, o := range office.All() {
		if _, err := introduction.Key(sealPath(dir, o.ID)); err != nil {
			return err
		}
	}
	return file.Replace(filepath.Join(dir, "jpki-ca.pem"), softcard.CAPEM(now), 0o644)
}

func sealPath(dir, officeID string) string {
	return filepath.Join(dir, "offices", officeID+".seal")
}

func serve(ctx context.Context, s settings) error {
	if !strings.HasPrefix(s.gateway, "https://") {
		return fmt.Errorf("the gateway's address %q does not begin with https://", s.gateway)
	}
	if err := prepare(s.state, time.Now()); err != nil {
		return err
	}
	pages, err := listen(s.address, "SANDBOX_ADDRESS")
	if err != nil {
		return err
	}
	defer pages.Close()
	mails, err := listen(s.smtpAddress, "SANDBOX_SMTP_ADDRESS")
	if err != nil {
		return err
	}
	defer mails.Close()
	box, err := mailbox.Open(filepath.Join(s.state, "mail"))
	if err != nil {
		return err
	}
	world, err := part.In(filepath.Join(s.state, "parts"))
	if err != nil {
		return err
	}
	authority, err := world.Add("jlis", "J-LIS", "電子証明書の確認先（OCSP、失効リスト、更新の履歴、機関への紹介）")
	if err != nil {
		return err
	}
	post, err := world.Add("mail", "メールサーバー", "ポータルが送るメールを受け取ります")
	if err != nil {
		return err
	}
	staff, register, err := staffOf(s, world)
	if err != nil {
		return err
	}
	d := &desk.Desk{World: world, Staff: staff, Box: box, Portal: s.portal, Reader: s.reader}
	letters := part.Listener(post, mails, mailbox.Wrong())
	lis := jlis.New(register, time.Now)
	mux := http.NewServeMux()
	mux.Handle("/jlis/", http.StripPrefix("/jlis", part.Handler(authority, lis.Handler(), lis.Wrong())))
	mux.HandleFunc("GET /healthz", func(w http.ResponseWriter, _ *http.Request) { w.Write([]byte("ok\n")) })
	mux.Handle("/", d.Handler())

	group, ctx := errgroup.WithContext(ctx)
	_, port, err := net.SplitHostPort(pages.Addr().String())
	if err != nil {
		return err
	}
	door := loopback.Only(loopback.HostsOf(port), append([]string{"/jlis/", "/healthz"}, desk.Background...), mux)
	group.Go(func() error { return serveHTTP(ctx, pages, door) })
	group.Go(func() error { return box.Serve(ctx, letters) })
	for _, c := range staff.Clerks {
		group.Go(func() error { c.Run(ctx); return nil })
	}
	slog.Info("sandbox serves", "pages", "http://"+pages.Addr().String(), "smtp", mails.Addr().String(),
		"parts", len(world.All()), "version", version)
	for _, p := range world.All() {
		if is := p.Setting().Is; is != part.Well {
			slog.Warn("a part is still as it was made before", "part", p.ID, "is", string(is))
		}
	}
	return group.Wait()
}

// staffOf gives each office its clerk, and J-LIS its list of offices.
func staffOf(s settings, world *part.World) (*office.Staff, map[string]jlis.Office, error) {
	register := map[string]jlis.Office{}
	staff := &office.Staff{Outbox: &office.Outbox{}, Portal: s.portal}
	for _, o := range office.All() {
		key, err := introduction.Key(sealPath(s.state, o.ID))
		if err != nil {
			return nil, nil, err
		}
		config, err := credential.In(s.state).ClientTLS(o.ID)
		if err != nil {
			return nil, nil, err
		}
		stranger, err := credential.Stranger(o.ID, o.Name, time.Now())
		if err != nil {
			return nil, nil, err
		}
		clerk, err := office.NewClerk(o, office.Config{
			Gateway: s.gateway, TLS: config, Stranger: stranger, Key: key, Outbox: staff.Outbox, World: world,
		})
		if err != nil {
			return nil, nil, err
		}
		staff.Clerks = append(staff.Clerks, clerk)
		register[o.ID] = jlis.Office{Key: key, Serves: o.Serves}
	}
	return staff, register, nil
}

func listen(address, setting string) (net.Listener, error) {
	host, port, err := net.SplitHostPort(address)
	if err != nil {
		return nil, fmt.Errorf("%s=%s is not an address like 127.0.0.1:8090", setting, address)
	}
	if ip := net.ParseIP(host); host != "localhost" && (ip == nil || !ip.IsLoopback()) {
		return nil, fmt.Errorf("%s=%s is not on this machine alone; the sandbox is not for others", setting, address)
	}
	listener, err := net.Listen("tcp", address)
	if errors.Is(err, syscall.EADDRINUSE) {
		return nil, fmt.Errorf("port %s is in use: set %s or stop what uses it", port, setting)
	}
	if err != nil {
		return nil, fmt.Errorf("listening on %s (%s): %w", address, setting, err)
	}
	return listener, nil
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
