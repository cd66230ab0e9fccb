package main

import (
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"flag"
	"fmt"
	"io"
	"log/slog"
	"net/netip"
	"os"
	"strconv"
	"strings"
	"time"

	pages "madoguchi/backend/door/edition"
	"madoguchi/backend/door/operator"
	"madoguchi/backend/door/paper"
	"madoguchi/backend/door/session"
	"madoguchi/backend/feature/login"
	"madoguchi/backend/outside/jlis"
	"madoguchi/proto/edition"
)

const (
	defaultDatabase = "portal.sqlite"
	defaultSMTP     = "127.0.0.1:8025" // the sandbox's
	defaultMailFrom = "madoguchi@example.jp"

	introduceWithin    = 10 * time.Minute
	maxIntroduceWithin = 24 * time.Hour
)

// config is every setting of the portal; a flag wins over the environment, the environment over the default.
type config struct {
	address, origin, database, web          string
	releases                                string
	keys, folderKeys                        string
	certificate, key                        string
	jpkiCA, jlis                            string
	gateway, gatewayCertificate, gatewayKey string
	offices, news                           string
	smtp, mailFrom                          string
	bridge                                  string
	stamp, stampCA, fonts, clamd            string
	log, logToken, logOrigin, logWitnesses  string
	countries                               string
	operator                                operator.Config
	trustedProxies                          string
	memory                                  string
	connections, oldestPage                 int
	session                                 session.Limits
	revocationAge                           time.Duration
	introduceWithin                         time.Duration
	index                                   string
	version                                 bool
}

func parseConfig(args []string, getenv func(string) string, out io.Writer) (config, error) {
	var c config
	flags := flag.NewFlagSet("portal", flag.ContinueOnError)
	flags.SetOutput(out)
	text := func(into *string, name, fallback, usage string) {
		variable := "PORTAL_" + strings.ToUpper(strings.ReplaceAll(name, "-", "_"))
		if value := getenv(variable); value != "" {
			fallback = value
		}
		flags.StringVar(into, name, fallback, usage+" ("+variable+")")
	}
	var fault error
	duration := func(into *time.Duration, name string, fallback time.Duration, usage string) {
		variable := "PORTAL_" + strings.ToUpper(strings.ReplaceAll(name, "-", "_"))
		if value := getenv(variable); value != "" {
			set, err := time.ParseDuration(value)
			if err != nil {
				fault = fmt.Errorf("%s is not a duration such as 15m: %q", variable, value)
			}
			fallback = set
		}
		flags.DurationVar(into, name, fallback, usage+" ("+variable+")")
	}
	number := func(into *int, name string, fallback int, usage string) {
		variable := "PORTAL_" + strings.ToUpper(strings.ReplaceAll(name, "-", "_"))
		if value := getenv(variable); value != "" {
			set, err := strconv.Atoi(value)
			if err != nil || set < 1 {
				fault = fmt.Errorf("%s is not a number above zero: %q", variable, value)
			}
			fallback = set
		}
		flags.IntVar(into, name, fallback, usage+" ("+variable+")")
	}
	text(&c.address, "address", "127.0.0.1:8080", "where the portal listens")
	text(&c.origin, "origin", "http://localhost:8080",
		"the portal as people reach it; cards sign for this origin alone")
	text(&c.certificate, "certificate", "",
		"PEM file; with --key the portal speaks TLS itself, else a proxy in front does")
	text(&c.key, "key", "", "PEM file with the key of --certificate")
	text(&c.database, "database", defaultDatabase, "SQLite file, or postgres:// URL")
	text(&c.keys, "keys", "",
		"the key file, apart from backups of the database; beside a SQLite file when empty, to be given for "+
			"postgres://")
	text(&c.folderKeys, "folder-keys", "",
		"where the keys of people's folders lie, apart from backups of the database: a file, or a postgres:// URL of "+
			"another database, the same for all instances; beside the key file when empty")
	text(&c.index, "index", "",
		"file in which the index of procedures is kept between two runs, so that a restart is quick; by default "+
			"beside a SQLite file, for PostgreSQL none; `none` for none")
	text(&c.web, "web", "build/web",
		"directory of the built page; those of programs that lie below it follow, separated by commas")
	text(&c.releases, "releases", "",
		"directory with the built pages of this release and of those before and after it, a directory each; pages "+
			"that were opened under one of them still find their files")
	text(&c.jpkiCA, "jpki-ca", "", "PEM file: the user-authentication CAs whose cards may log in")
	text(&c.jlis, "jlis", "http://127.0.0.1:8090/jlis",
		"J-LIS: revocation, renewed cards, introductions; https unless on loopback")
	text(&c.gateway, "gateway-address", "127.0.0.1:8443", "where the offices' gateway listens")
	text(&c.gatewayCertificate, "gateway-certificate", "", "PEM file: the gateway's certificate")
	text(&c.gatewayKey, "gateway-key", "", "PEM file: the key of --gateway-certificate")
	text(&c.offices, "offices", "", "JSON file: the offices' registry; read again when it changes, or at SIGHUP")
	text(&c.news, "news", "",
		"YAML file: what the operator has to say to everybody, on the page /news; read again when it changes")
	text(&c.operator.Name, "operator-name", "", "the municipality that runs the portal, in the header of every page")
	text(&c.operator.English, "operator-name-en", "", "the same in English; the Japanese one when empty")
	text(&c.operator.Easy, "operator-name-easy", "",
		"the same in やさしい日本語, with readings: 目黒区《めぐろく》; the Japanese one when empty")
	text(&c.operator.Crest, "operator-crest", "",
		"SVG or PNG file: its crest, beside the name; an SVG that does more than draw is refused")
	text(&c.operator.Accent, "operator-accent", "",
		"its colour, such as #0b5cad, for links, buttons and lines; refused where text in it could not be read")
	text(&c.smtp, "smtp", defaultSMTP, "mail server, host:port; STARTTLS unless on loopback")
	text(&c.mailFrom, "mail-from", defaultMailFrom, "sender of the portal's mails")
	text(&c.bridge, "bridge", "127.0.0.1:41729",
		"card bridges that the page may talk to, loopback host:port, separated by commas")
	text(&c.stamp, "stamp", "",
		"time stamping authority (RFC 3161) that says when something was signed, https unless on loopback; none when "+
			"empty")
	text(&c.clamd, "clamd", "",
		"ClamAV's daemon, host:port or the path of its socket: what people attach to applications is looked through "+
			"for malware, and waits while it cannot be; nobody looks when empty")
	text(&c.stampCA, "stamp-ca", "", "PEM file: the authorities from whom its time stamps must come")
	text(&c.fonts, "fonts", "/usr/share/fonts",
		"folder below which the fonts of PDF files lie, ipaexg.ttf and ipamjm.ttf")
	text(&c.log, "log", "",
		"where the log lies that proves people's histories, apart from the database: a folder, or the http(s):// "+
			"address of a store of objects that knows If-Match, the same for all instances; "+
			"beside the key file when empty")
	text(&c.logToken, "log-token", "",
		"file with the token (Bearer) that is sent to the store of objects in which the log lies; none when empty")
	text(&c.logOrigin, "log-origin", "",
		"the log's name, for ever: by it and its key others know it; the host of --origin with /log when empty")
	text(&c.logWitnesses, "log-witnesses", "",
		"file: the witnesses that are asked to cosign the log, a line each, its key and its address; none when empty")
	text(&c.countries, "countries", "",
		"CSV file: in which country addresses are (first, last, country; or network, country), so that a "+
			"phone is told whether a computer that asks to be let in is in Japan; without it, that is left out")
	text(&c.trustedProxies, "trusted-proxies", "",
		"proxies in front whose X-Forwarded-For is believed, addresses or CIDR, separated by commas")
	duration(&c.introduceWithin, "introduce-within", introduceWithin,
		"within which time, at a moment drawn by lot, an office hears of a new person, so that offices cannot match "+
			"their lists")
	duration(&c.session.Idle, "session-idle", session.Idle,
		"how long a session lives without a sign of the person, at least 2m5s")
	duration(&c.session.Longest, "session-longest", session.Longest, "how long a session lives at most")
	duration(&c.session.CardUnknown, "session-card-unknown", session.CardUnknown,
		"how long a session lives on after J-LIS last said that its card is good, at least 15m")
	duration(&c.revocationAge, "revocation-age", jlis.MaxAge,
		"how old an answer or a revocation list may be by its own date, whatever it says; at least 10m")
	text(&c.memory, "memory", "",
		"how much memory the portal may take, such as 512MiB; else nine tenths of what its control group allows, or "+
			"as GOMEMLIMIT says")
	number(&c.connections, "connections", 8192,
		"how many connections at most; each open page holds one, and takes some 60 KB")
	number(&c.oldestPage, "oldest-page", edition.Oldest, fmt.Sprintf(
		"the edition from which pages are answered, up to %d; older ones are told to load themselves anew", edition.Now,
	))
	flags.BoolVar(&c.version, "version", false, "tell the version and end")
	flags.Usage = func() {
		fmt.Fprintln(
			out, "portal serves まどぐち. `portal jobs` lists and revives jobs that were given up; `portal procedures` "+
				"takes in and writes out the catalogue of procedures; `portal keys` tends the key file; "+
				"`portal office` calls a gateway as an office does, and tries an office's client; `portal "+
				"backup` copies the database and `portal restore` puts a copy in its place.\n\n"+
				"Each setting is a flag or the environment variable behind it; the flag wins.",
		)
		flags.PrintDefaults()
	}
	if err := flags.Parse(args); err != nil {
		return c, err
	}
	if flags.NArg() > 0 {
		return c, fmt.Errorf("%q is not a setting; see portal --help", flags.Arg(0))
	}
	if fault != nil {
		return c, fault
	}
	if c.connections < 1 {
		return c, errors.New("--connections is not above zero")
	}
	if err := pages.Check(c.oldestPage); err != nil {
		return c, fmt.Errorf("%w (PORTAL_OLDEST_PAGE)", err)
	}
	if c.introduceWithin < 0 || c.introduceWithin > maxIntroduceWithin {
		return c, fmt.Errorf(
			"within %s an office cannot hear of a person: name a time up to %s (PORTAL_INTRODUCE_WITHIN)",
			c.introduceWithin, maxIntroduceWithin,
		)
	}
	if err := c.session.Check(); err != nil {
		return c, fmt.Errorf("%w (PORTAL_SESSION_IDLE, PORTAL_SESSION_LONGEST, PORTAL_SESSION_CARD_UNKNOWN)", err)
	}
	return c, nil
}

// indexFile is where the index of procedures is kept between two runs; "" for nowhere.
func (c config) indexFile() string {
	switch {
	case c.index == "none":
		return ""
	case c.index != "":
		return c.index
	case strings.HasPrefix(c.database, "postgres://"), strings.HasPrefix(c.database, "postgresql://"):
		return ""
	}
	return strings.TrimPrefix(c.database, "sqlite:") + ".index"
}

// proxies gives the networks of the proxies in front.
func (c config) proxies() ([]netip.Prefix, error) {
	var list []netip.Prefix
	for part := range strings.SplitSeq(c.trustedProxies, ",") {
		part = strings.TrimSpace(part)
		if part == "" {
			continue
		}
		network, err := netip.ParsePrefix(part)
		if address, addressErr := netip.ParseAddr(part); addressErr == nil {
			network, err = address.Prefix(address.BitLen())
		}
		if err != nil || network != network.Masked() {
			return nil, fmt.Errorf(
				"the proxy %q is neither an address nor a network such as 10.1.0.0/16 (PORTAL_TRUSTED_PROXIES)", part,
			)
		}
		list = append(list, network)
	}
	return list, nil
}

func (c config) bridges() ([]string, error) {
	var list []string
	for part := range strings.SplitSeq(c.bridge, ",") {
		part = strings.TrimSpace(part)
		if part == "" {
			continue
		}
		address, err := netip.ParseAddrPort(part)
		if err != nil || !address.Addr().IsLoopback() {
			return nil, fmt.Errorf(
				"the bridge's address %q is not a loopback address with a port, such as 127.0.0.1:41729 "+
					"(PORTAL_BRIDGE)", part,
			)
		}
		list = append(list, part)
	}
	return list, nil
}

// authorities reads the CAs whose certificates may log in.
func (c config) authorities() ([]*x509.Certificate, error) {
	if c.jpkiCA == "" {
		return nil, errors.New(
			"PORTAL_JPKI_CA is not set: name a PEM file with the CAs whose cards may log in (`build/sandbox init` " +
				"makes one for development)",
		)
	}
	return certificates(c.jpkiCA, "PORTAL_JPKI_CA")
}

// stampCAs reads from whom time stamps must come.
func (c config) stampCAs() ([]*x509.Certificate, error) {
	switch {
	case c.stamp == "" && c.stampCA == "":
		return nil, nil
	case c.stampCA == "":
		return nil, errors.New("PORTAL_STAMP_CA is not set: name a PEM file with the authorities from whom the time " +
			"stamps of PORTAL_STAMP must come")
	}
	return certificates(c.stampCA, "PORTAL_STAMP_CA")
}

// certificates reads a PEM file of them; the variable is where it was set.
func certificates(file, variable string) ([]*x509.Certificate, error) {
	data, err := os.ReadFile(file)
	if err != nil {
		return nil, fmt.Errorf("reading certificates (%s): %w", variable, err)
	}
	var list []*x509.Certificate
	for block, rest := pem.Decode(data); block != nil; block, rest = pem.Decode(rest) {
		if block.Type != "CERTIFICATE" {
			continue
		}
		certificate, err := x509.ParseCertificate(block.Bytes)
		if err != nil {
			return nil, fmt.Errorf("a certificate in %s (%s): %w", file, variable, err)
		}
		list = append(list, certificate)
	}
	if len(list) == 0 {
		return nil, fmt.Errorf("%s (%s) holds no certificate", file, variable)
	}
	return list, nil
}

func (c config) gatewayPair() (tls.Certificate, error) {
	if c.gatewayCertificate == "" || c.gatewayKey == "" {
		return tls.Certificate{},
			errors.New(
				"PORTAL_GATEWAY_CERTIFICATE and PORTAL_GATEWAY_KEY are not both set: name the PEM files of the " +
					"offices' gateway (`build/sandbox init` makes them for development)",
			)
	}
	pair, err := tls.LoadX509KeyPair(c.gatewayCertificate, c.gatewayKey)
	if err != nil {
		return pair, fmt.Errorf("reading the gateway's certificate (PORTAL_GATEWAY_CERTIFICATE, _KEY): %w", err)
	}
	return pair, nil
}

// settings are what the files and addresses of a config come to.
type settings struct {
	pair        tls.Certificate     // the gateway's
	authorities []*x509.Certificate // whose cards may log in
	bridges     []string
	proxies     []netip.Prefix
	stampCAs    []*x509.Certificate // whose time stamps count
	fonts       *paper.Fonts        // nil where there are none
	countries   login.Countries     // nil when no table is named
}

// read tells what is missing or wrong before anything is opened.
func (c config) read() (s settings, err error) {
	if c.offices == "" {
		return s, errors.New("PORTAL_OFFICES is not set: name the JSON file that registers the offices " +
			"(`build/sandbox init` makes one for development)")
	}
	if s.pair, err = c.gatewayPair(); err != nil {
		return s, err
	}
	if s.authorities, err = c.authorities(); err != nil {
		return s, err
	}
	if s.stampCAs, err = c.stampCAs(); err != nil {
		return s, err
	}
	if err = c.checkStamp(s.stampCAs); err != nil {
		return s, err
	}
	if fonts, err := paper.FindFonts(c.fonts); err == nil {
		s.fonts = &fonts
	} else {
		slog.Warn("PDF files cannot be made; what people take along is without them (PORTAL_FONTS)", "cause", err)
	}
	if err = c.checkDevelopment(s.authorities, s.pair); err != nil {
		return s, err
	}
	if s.bridges, err = c.bridges(); err != nil {
		return s, err
	}
	if s.proxies, err = c.proxies(); err != nil {
		return s, err
	}
	s.countries, err = c.countryTable()
	return s, err
}

// countryTable reads the table of countries; nil when none is named.
func (c config) countryTable() (login.Countries, error) {
	if c.countries == "" {
		return nil, nil
	}
	file, err := os.Open(c.countries)
	if err != nil {
		return nil, fmt.Errorf("opening the table of countries (PORTAL_COUNTRIES): %w", err)
	}
	defer file.Close()
	table, err := login.ReadCountries(file)
	if err != nil {
		return nil, fmt.Errorf("%w (PORTAL_COUNTRIES, %s)", err, c.countries)
	}
	return table, nil
}
