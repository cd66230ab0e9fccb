package main

import (
	"context"
	"crypto/hkdf"
	"crypto/sha256"
	"errors"
	"flag"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"strings"
	"syscall"
	"time"

	"golang.org/x/mod/sumdb/note"

	"madoguchi/backend/store/db"
	"madoguchi/backend/store/keys"
	store "madoguchi/backend/store/ledger"
	"madoguchi/backend/store/witness"
	"madoguchi/proto/ledger"
)

// openLog opens the log of a portal's database.
func openLog(ctx context.Context, c config, file *keys.File, d *db.DB) (*store.Log, error) {
	place, err := c.logPlace(file)
	if err != nil {
		return nil, err
	}
	name, err := c.logName(ctx, place)
	if err != nil {
		return nil, err
	}
	signer, err := logSigner(name, file)
	if err != nil {
		return nil, err
	}
	witnesses, err := readWitnesses(c.logWitnesses)
	if err != nil {
		return nil, err
	}
	log, err := store.Open(ctx, store.Config{
		DB: d, Place: place, Signer: signer, Witnesses: witnesses, Client: &http.Client{Timeout: time.Minute},
		Now: time.Now,
	})
	if err != nil {
		return nil, fmt.Errorf("%w (PORTAL_LOG, PORTAL_LOG_ORIGIN)", err)
	}
	return log, nil
}

// logName is by what others know the log. One that is there keeps its name, also when the portal moves to another
// origin.
func (c config) logName(ctx context.Context, place store.Place) (string, error) {
	name, err := store.NameOf(ctx, place)
	switch {
	case err != nil:
		return "", fmt.Errorf("%w (PORTAL_LOG)", err)
	case name != "" && c.logOrigin != "" && name != c.logOrigin:
		return "", fmt.Errorf("the log is called %s, for ever, and not %s (PORTAL_LOG, PORTAL_LOG_ORIGIN)", name,
			c.logOrigin)
	case name != "":
		return name, nil
	case c.logOrigin != "":
		return c.logOrigin, nil
	}
	origin, err := url.Parse(c.origin)
	if err != nil {
		return "", fmt.Errorf("naming the log: %w (PORTAL_ORIGIN)", err)
	}
	return origin.Host + "/log", nil
}

// logSigner makes the key of the log of the key file's secret, the same each time.
func logSigner(name string, file *keys.File) (*ledger.Signer, error) {
	return logSignerOf(name, file.Ring(keys.Log).Current())
}

func logSignerOf(name string, of keys.Key) (*ledger.Signer, error) {
	seed, err := hkdf.Key(sha256.New, of.Secret, nil, "madoguchi log key", 32)
	if err != nil {
		return nil, fmt.Errorf("making the log's key: %w", err)
	}
	signer, err := ledger.NewSigner(name, seed)
	if err != nil {
		return nil, fmt.Errorf("the log cannot be called %q: %w (PORTAL_LOG_ORIGIN)", name, err)
	}
	return signer, nil
}

// logPlace is where the log lies: as set, or beside the key file.
func (c config) logPlace(file *keys.File) (store.Place, error) {
	set := c.log
	if strings.HasPrefix(set, "https://") || strings.HasPrefix(set, "http://") {
		token, err := readToken(c.logToken)
		if err != nil {
			return nil, fmt.Errorf("%w (PORTAL_LOG_TOKEN)", err)
		}
		return store.NewBucket(set, token), nil
	}
	if set == "" {
		set = file.Path() + ".log"
	}
	place, err := store.NewFolder(set)
	if err != nil {
		return nil, fmt.Errorf("%w (PORTAL_LOG)", err)
	}
	return place, nil
}

// readToken reads a token of a file that its owner alone can read, or a group.
func readToken(path string) (string, error) {
	if path == "" {
		return "", nil
	}
	info, err := os.Stat(path)
	if err != nil {
		return "", fmt.Errorf("reading the token: %w", err)
	}
	if info.Mode().Perm()&0o037 != 0 {
		return "", fmt.Errorf("the token in %s can be read by others (mode %04o): chmod 600 it",
			path, info.Mode().Perm())
	}
	data, err := os.ReadFile(path)
	if err != nil {
		return "", fmt.Errorf("reading the token: %w", err)
	}
	token := strings.TrimSpace(string(data))
	if token == "" || strings.ContainsFunc(token, func(r rune) bool { return r <= ' ' || r > '~' }) {
		return "", fmt.Errorf("%s holds no token: one line of letters, digits and signs", path)
	}
	return token, nil
}

func readWitnesses(path string) ([]store.Asked, error) {
	if path == "" {
		return nil, nil
	}
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("reading the witnesses (PORTAL_LOG_WITNESSES): %w", err)
	}
	list, err := store.ReadWitnesses(string(text))
	if err != nil {
		return nil, fmt.Errorf("%w (PORTAL_LOG_WITNESSES, %s)", err, path)
	}
	return list, nil
}

// tendLog does `portal log`.
func tendLog(ctx context.Context, args []string, getenv func(string) string, out io.Writer) error {
	if len(args) == 0 {
		return errLogUsage
	}
	switch args[0] {
	case "vkey":
		return tellLogKey(ctx, args[1:], getenv, out)
	case "verify":
		return verifyLog(ctx, args[1:], getenv, out)
	case "rebuild":
		return rebuildLog(ctx, args[1:], getenv, out)
	case "renew":
		return renewLog(ctx, args[1:], getenv, out)
	case "witness":
		return runWitness(ctx, args[1:], out)
	}
	return errLogUsage
}

var errLogUsage = errors.New("say `portal log vkey`, verify, rebuild, renew or witness; " +
	"each tells its settings with --help")

// logFlags are the settings of commands that are about this portal's own log.
func logFlags(name string, getenv func(string) string, out io.Writer, does string) (*config, *flag.FlagSet, error) {
	c, err := parseConfig(nil, getenv, io.Discard)
	if err != nil {
		return nil, nil, err
	}
	flags := flag.NewFlagSet("portal log "+name, flag.ContinueOnError)
	flags.SetOutput(out)
	flags.StringVar(&c.database, "database", c.database, "SQLite file, or postgres:// URL (PORTAL_DATABASE)")
	flags.StringVar(&c.keys, "keys", c.keys, "the key file (PORTAL_KEYS)")
	flags.StringVar(&c.origin, "origin", c.origin, "the portal as people reach it (PORTAL_ORIGIN)")
	flags.StringVar(&c.logOrigin, "log-origin", c.logOrigin, "the log's name (PORTAL_LOG_ORIGIN)")
	flags.StringVar(&c.log, "log", c.log, "where the log lies (PORTAL_LOG)")
	flags.StringVar(&c.logToken, "log-token", c.logToken, "file with the token for that place (PORTAL_LOG_TOKEN)")
	flags.Usage = func() {
		fmt.Fprintf(out, "portal log %s   %s\n", name, does)
		flags.PrintDefaults()
	}
	return &c, flags, nil
}

// ownLog is the log that the settings name.
func ownLog(ctx context.Context, name string, args []string, getenv func(string) string, out io.Writer, does string) (
	signer *ledger.Signer, place store.Place, err error,
) {
	c, flags, err := logFlags(name, getenv, out, does)
	if err != nil {
		return nil, nil, err
	}
	if err := flags.Parse(args); err != nil {
		return nil, nil, err
	}
	if flags.NArg() > 0 {
		return nil, nil, fmt.Errorf("`portal log %s` takes no %q; see portal log %s --help", name, flags.Arg(0), name)
	}
	path, err := keyPath(c.keys, c.database)
	if err != nil {
		return nil, nil, err
	}
	file, err := keys.Open(path, time.Now)
	if err != nil {
		return nil, nil, fmt.Errorf("%w (PORTAL_KEYS)", err)
	}
	if place, err = c.logPlace(file); err != nil {
		return nil, nil, err
	}
	called, err := c.logName(ctx, place)
	if err != nil {
		return nil, nil, err
	}
	signer, err = logSigner(called, file)
	return signer, place, err
}

func tellLogKey(ctx context.Context, args []string, getenv func(string) string, out io.Writer) error {
	signer, _, err := ownLog(ctx, "vkey", args, getenv, out, "tells the key by which others know this portal's log")
	if err != nil {
		return err
	}
	fmt.Fprintln(out, signer.Key())
	return nil
}

// verifyLog checks all of a log: this portal's own; or another's, by its key.
func verifyLog(ctx context.Context, args []string, getenv func(string) string, out io.Writer) error {
	if len(args) == 0 || strings.HasPrefix(args[0], "-") {
		signer, place, err := ownLog(ctx, "verify", args, getenv, out,
			"checks all of this portal's log; portal log verify https://…/log KEY: another's")
		if err != nil {
			return err
		}
		return tellVerified(ctx, place, signer, false, out)
	}
	if len(args) != 2 {
		return errors.New("say `portal log verify https://portal.example.jp/log KEY`; KEY is the line at …/log/vkey, " +
			"as you had it from somewhere else")
	}
	key, err := ledger.NewLog(args[1])
	if err != nil {
		return fmt.Errorf("the key %q is no log's: %w", args[1], err)
	}
	return tellVerified(ctx, store.NewPublic(args[0]), key, false, out)
}

// rebuildLog writes the tiles anew that are missing or damaged. It must come to the root that was signed.
func rebuildLog(ctx context.Context, args []string, getenv func(string) string, out io.Writer) error {
	signer, place, err := ownLog(ctx, "rebuild", args, getenv, out,
		"makes this portal's log anew of its entries, which must come to what was signed, and mends its tiles")
	if err != nil {
		return err
	}
	return tellVerified(ctx, place, signer, true, out)
}

func tellVerified(ctx context.Context, place store.Place, key note.Verifier, mend bool, out io.Writer) error {
	v, err := store.Verify(ctx, place, key, mend)
	if err != nil {
		return fmt.Errorf("the log %s does not fit: %w", key.Name(), err)
	}
	fmt.Fprintf(out, "%s: %d leaves, of them %d of lines; every tile and the root fit, signed by %s\n", v.Origin,
		v.Size, v.Lines, key.Name())
	for _, lost := range v.Losses {
		fmt.Fprintf(out, "the log says that what stood behind its leaves %d to %d was lost\n", lost.From, lost.To-1)
	}
	for _, name := range v.Mended {
		fmt.Fprintf(out, "written anew: %s\n", name)
	}
	return nil
}

// runWitness cosigns other portals' logs until ctx ends.
func runWitness(ctx context.Context, args []string, out io.Writer) error {
	flags := flag.NewFlagSet("portal log witness", flag.ContinueOnError)
	flags.SetOutput(out)
	dir := flags.String("folder", "witness", "where its key lies, and what it saw; copy it nowhere else")
	name := flags.String("name", "", "its name, such as witness.example.jp")
	address := flags.String("address", "127.0.0.1:8071", "where it listens; put a server that speaks TLS in front")
	flags.Usage = func() {
		fmt.Fprintln(out,
			"portal log witness --name NAME KEY…   cosigns the logs with these keys (the lines at …/log/vkey)")
		flags.PrintDefaults()
	}
	if err := flags.Parse(args); err != nil {
		return err
	}
	if *name == "" || flags.NArg() == 0 {
		return errors.New("a witness has a name, and at least one log's key; see portal log witness --help")
	}
	syscall.Umask(0o077)
	w, err := witness.Open(*dir, *name, flags.Args(), time.Now)
	if err != nil {
		return err
	}
	defer w.Close()
	listener, err := listen(*address, "--address")
	if err != nil {
		return err
	}
	server := &http.Server{Handler: w, ReadTimeout: 30 * time.Second, WriteTimeout: 30 * time.Second}
	fmt.Fprintf(out, "%s http://%s\n", w.Key(), listener.Addr())
	go func() {
		<-ctx.Done()
		_ = server.Close()
	}()
	if err := server.Serve(listener); !errors.Is(err, http.ErrServerClosed) {
		return fmt.Errorf("serving: %w", err)
	}
	return nil
}
