package web

import (
	"bytes"
	"compress/gzip"
	"context"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"html"
	"io/fs"
	"log/slog"
	"mime"
	"net/http"
	"net/url"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/andybalholm/brotli"
	"golang.org/x/text/language"
	"google.golang.org/protobuf/proto"

	"madoguchi/backend/door/document"
	"madoguchi/backend/door/limit"
	"madoguchi/backend/door/operator"
)

// site is the built programs in memory: some 20 MB each, read once at the start.
type site struct {
	operator  *operator.Operator
	programs  []program           // the one that lies deepest first
	files     map[string]*content // by URL path: "/assets/app.….wasm"
	releases  *releases           // nil when none are kept
	documents map[string]document.Func
	forms     map[string]document.Func
	pinned    func(context.Context) ([]byte, error)
	origin    string // https://portal.example.jp
	writing   *limit.Places
	anonymous *limit.Buckets
}

// program is one of those that are served, with what lies below its path.
type program struct {
	Path      string   `json:"path"` // "/", "/staff/"; without one "/"
	Routes    []route  `json:"routes"`
	Languages []string `json:"languages"`
	NotFound  string   `json:"not_found"`
	matcher   language.Matcher
	pages     map[string]*content // by page and language: "shell.ja"
}

type route struct {
	Path     string `json:"path"`
	Pattern  string `json:"pattern"`
	Page     string `json:"page"`
	Document string `json:"document"`
	// Alone: the page has a script of its own and may reach nothing.
	Alone   bool `json:"alone"`
	pattern *regexp.Regexp
}

// content is one file in the forms in which it can go out.
type content struct {
	mediaType string
	caching   string
	etag      string
	plain     []byte
	brotli    []byte
	gzip      []byte
	fresh     bool // made for one request, and compressed when it goes out
}

const (
	forever = "public, max-age=31536000, immutable"
	askEach = "no-cache"
)

// The system's table differs from machine to machine; these are what the page is made of.
var mediaTypes = map[string]string{
	".css": "text/css; charset=utf-8", ".html": "text/html; charset=utf-8", ".js": "text/javascript; charset=utf-8",
	".json": "application/json", ".png": "image/png", ".svg": "image/svg+xml", ".txt": "text/plain; charset=utf-8",
	".wasm": "application/wasm", ".webmanifest": "application/manifest+json", ".woff2": "font/woff2",
	".ico": "image/x-icon",
}

func readSite(dirs []string, origin string, bridges []string, whose *operator.Operator) (*site, error) {
	s := &site{origin: origin, operator: whose, files: map[string]*content{}}
	for _, f := range whose.Files() {
		c := &content{mediaType: f.MediaType, caching: forever, plain: f.Content}
		c.finish(nil, nil)
		s.files[f.Path] = c
	}
	for _, dir := range dirs {
		p, err := s.readProgram(dir, bridges)
		if err != nil {
			return nil, fmt.Errorf("reading the page in %s: %w", dir, err)
		}
		if slices.ContainsFunc(s.programs, func(other program) bool { return other.Path == p.Path }) {
			return nil, fmt.Errorf("%s: there is another program at %s", dir, p.Path)
		}
		s.programs = append(s.programs, *p)
	}
	slices.SortFunc(s.programs, func(a, b program) int { return len(b.Path) - len(a.Path) })
	if len(s.programs) == 0 || s.programs[len(s.programs)-1].Path != "/" {
		return nil, errors.New("none of the built pages is the one at /")
	}
	return s, nil
}

func (s *site) readProgram(dir string, bridges []string) (*program, error) {
	data, err := os.ReadFile(filepath.Join(dir, "routes.json"))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, errors.New("no built page is there (routes.json is missing); run `make build`, or set PORTAL_WEB")
	}
	if err != nil {
		return nil, err
	}
	p := &program{Path: "/", pages: map[string]*content{}}
	if err := json.Unmarshal(data, p); err != nil {
		return nil, fmt.Errorf("reading routes.json: %w", err)
	}
	if !strings.HasPrefix(p.Path, "/") || !strings.HasSuffix(p.Path, "/") {
		return nil, fmt.Errorf("routes.json: a program lies below a path like /staff/, not %q", p.Path)
	}
	if len(p.Languages) == 0 {
		return nil, errors.New("routes.json names no language")
	}
	for i, r := range p.Routes {
		if r.Pattern == "" {
			continue
		}
		if p.Routes[i].pattern, err = regexp.Compile(r.Pattern); err != nil {
			return nil, fmt.Errorf("routes.json: %w", err)
		}
	}
	if err := s.readFiles(p, dir, bridges); err != nil {
		return nil, err
	}
	return p, p.check()
}

func (s *site) readFiles(p *program, dir string, bridges []string) error {
	addresses := []byte(html.EscapeString(strings.Join(bridges, ",")))
	return filepath.WalkDir(dir, func(file string, entry fs.DirEntry, err error) error {
		if err != nil || !entry.Type().IsRegular() {
			return err
		}
		name, err := filepath.Rel(dir, file)
		if err != nil {
			return err
		}
		name = filepath.ToSlash(name)
		extension := path.Ext(name)
		hidden := strings.HasPrefix(path.Base(name), ".")
		if hidden || name == "routes.json" || extension == ".br" || extension == ".gz" {
			return nil
		}
		plain, err := os.ReadFile(file)
		if err != nil {
			return err
		}
		c := &content{mediaType: mediaTypeOf(extension), caching: askEach, plain: plain}
		if page, ok := strings.CutPrefix(name, "pages/"); ok {
			name := strings.TrimSuffix(page, ".html")
			language := strings.TrimPrefix(path.Ext(name), ".")
			c.plain = bytes.ReplaceAll(plain, []byte("{{bridge}}"), addresses)
			c.plain = bytes.ReplaceAll(c.plain, []byte("{{operator-head}}"), []byte(s.operator.Head()))
			c.plain = bytes.ReplaceAll(c.plain, []byte("{{operator}}"), []byte(s.operator.Header(language)))
			// A stand-in that is an address itself, for the templates of the built page to leave it whole.
			c.plain = bytes.ReplaceAll(c.plain, []byte("https://origin.invalid"), []byte(html.EscapeString(s.origin)))
			c.finish(nil, nil)
			p.pages[name] = c
			return nil
		}
		if strings.HasPrefix(name, assetFolder) {
			c.caching = forever
		}
		c.finish(readIfThere(file+".br"), readIfThere(file+".gz"))
		s.files[p.Path+name] = c
		return nil
	})
}

// assetFolder holds the files whose names carry a hash.
const assetFolder = "assets/"

func mediaTypeOf(extension string) string {
	if known := mediaTypes[extension]; known != "" {
		return known
	}
	return mime.TypeByExtension(extension)
}

func readIfThere(file string) []byte {
	data, err := os.ReadFile(file)
	if err != nil {
		return nil
	}
	return data
}

func (c *content) tag() {
	sum := sha256.Sum256(c.plain)
	c.etag = hex.EncodeToString(sum[:12])
}

// finish adds the compressed forms, made here when the build left none, and the tag.
func (c *content) finish(br, gz []byte) {
	c.tag()
	c.brotli, c.gzip = br, gz
	text := strings.HasPrefix(c.mediaType, "text/") || strings.Contains(c.mediaType, "json") ||
		c.mediaType == "image/svg+xml"
	if !text || len(c.plain) < 256 {
		return
	}
	if c.brotli == nil {
		var b bytes.Buffer
		w := brotli.NewWriterLevel(&b, 6)
		_, _ = w.Write(c.plain)
		_ = w.Close()
		c.brotli = b.Bytes()
	}
	if c.gzip == nil {
		var b bytes.Buffer
		w := gzip.NewWriter(&b)
		_, _ = w.Write(c.plain)
		_ = w.Close()
		c.gzip = b.Bytes()
	}
}

// check makes sure that every page that a route names is there in every language.
func (p *program) check() error {
	if len(p.Routes) == 0 || p.NotFound == "" {
		return errors.New("routes.json names no route, or no page for what is not found")
	}
	for _, r := range append(slices.Clone(p.Routes), route{Page: p.NotFound}) {
		for _, l := range p.Languages {
			if p.pages[r.Page+"."+l] == nil {
				return fmt.Errorf("the built page lacks pages/%s.%s.html", r.Page, l)
			}
		}
	}
	var tags []language.Tag
	for _, l := range p.Languages {
		tag, err := language.Parse(l)
		if err != nil {
			tag = language.Und // "easy" is chosen, never negotiated
		}
		tags = append(tags, tag)
	}
	p.matcher = language.NewMatcher(tags)
	return nil
}

// programOf is the one below whose path an address lies.
func (s *site) programOf(address string) *program {
	for i, p := range s.programs {
		if strings.HasPrefix(address, p.Path) {
			return &s.programs[i]
		}
	}
	return &s.programs[len(s.programs)-1]
}

// find is the page of an address, and the name of the document that may be written instead.
func (p *program) find(address string) (page string, status int, document string) {
	for _, route := range p.Routes {
		if route.Path == address && route.Path != "" || route.pattern != nil && route.pattern.MatchString(address) {
			return route.Page, http.StatusOK, route.Document
		}
	}
	return p.NotFound, http.StatusNotFound, ""
}

// sharedPath is where other apps share to (share_target of the manifest). It is the worker's; where the browser has
// lost that one, the first page brings it back, and what was shared is not read.
const sharedPath = "/shared"

// maxForm is how much a form may send.
const maxForm = 16 << 10

func (s *site) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	program := s.programOf(r.URL.Path)
	page, status, name := program.find(r.URL.Path)
	write := s.documents[name]
	switch {
	case r.Method == http.MethodGet, r.Method == http.MethodHead:
	case r.Method == http.MethodPost && s.forms[name] != nil:
		write = s.forms[name]
		if !readForm(w, r) {
			return
		}
	case r.Method == http.MethodPost && r.URL.Path == sharedPath:
		http.Redirect(w, r, "/", http.StatusSeeOther)
		return
	default:
		w.Header().Set("Allow", "GET, HEAD")
		http.Error(w, "only GET and HEAD here", http.StatusMethodNotAllowed)
		return
	}
	c, wait := s.file(r)
	if wait > 0 {
		w.Header().Set("Retry-After", strconv.Itoa(whole(wait)))
		w.Header().Set("Cache-Control", "no-store")
		http.Error(w, "too much was asked for from this address; ask again later", http.StatusTooManyRequests)
		return
	}
	if c != nil {
		w.Header().Add("Vary", "Accept-Encoding")
		c.serve(w, r, http.StatusOK)
		return
	}
	l := program.language(r)
	contentLanguage := l
	if l == "easy" {
		contentLanguage = "ja"
	}
	w.Header().Set("Content-Language", contentLanguage)
	w.Header().Add("Vary", "Accept-Encoding, Accept-Language, Cookie")
	if r.URL.Query().Get("lang") == l {
		keepLanguage(w, r, l)
	}
	frame := program.pages["doc-"+name+"."+l]
	if frame != nil && write != nil && s.serveDocument(w, r, l, program, frame, write) {
		return
	}
	c = program.pages[page+"."+l]
	if program.alone(page) {
		if wait := s.spend(r, DocumentCost); wait > 0 {
			busy(w, l, http.StatusTooManyRequests, wait)
			return
		}
		var err error
		if c, err = s.pin(r.Context(), c); err != nil {
			slog.ErrorContext(r.Context(), "reading the keys that a page goes by", "cause", err)
			busy(w, l, http.StatusServiceUnavailable, retryAfter)
			return
		}
		w.Header().Set("Content-Security-Policy", alonePolicy)
	}
	c.serve(w, r, status)
}

// alonePolicy is that of a page that has all it needs: nothing leaves it.
const alonePolicy = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; " +
	"connect-src 'none'; manifest-src 'none'; worker-src 'none'; form-action 'none'; base-uri 'none'; " +
	"frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types 'none'"

// alone tells whether a page has a script of its own.
func (p *program) alone(page string) bool {
	return slices.ContainsFunc(p.Routes, func(r route) bool { return r.Page == page && r.Alone })
}

// pin writes into such a page the keys that it goes by, as they are now.
func (s *site) pin(ctx context.Context, c *content) (*content, error) {
	keys := []byte("{}")
	if s.pinned != nil {
		var err error
		if keys, err = s.pinned(ctx); err != nil {
			return nil, err
		}
	}
	full := bytes.Replace(c.plain, []byte("{{pinned}}"), []byte(html.EscapeString(string(keys))), 1)
	made := &content{mediaType: c.mediaType, caching: askEach, plain: full, fresh: true}
	made.tag()
	return made, nil
}

// file is what lies under an address, of these programs or of a release beside them; nil when nothing does. To look
// through the folders of the releases costs the caller's address something: wait says that it has asked for too much.
func (s *site) file(r *http.Request) (c *content, wait time.Duration) {
	if c := s.files[r.URL.Path]; c != nil || s.releases == nil {
		return c, 0
	}
	c, name := s.releases.asset(r.URL.Path)
	if c != nil || name == "" {
		return c, 0
	}
	if wait := s.spend(r, 1); wait > 0 {
		return nil, wait
	}
	return s.releases.look(name), 0
}

// spend takes what something costs from the budget of the caller's address; where it is spent, it says for how long.
func (s *site) spend(r *http.Request, cost int) time.Duration {
	if s.anonymous == nil {
		return 0
	}
	return s.anonymous.Take(limit.Address(r.RemoteAddr), cost, time.Now())
}

// serveDocument answers with what a document's function writes; false when it has nothing to write.
func (s *site) serveDocument(
	w http.ResponseWriter, r *http.Request, l string, in *program, frame *content, write document.Func,
) bool {
	key := limit.Address(r.RemoteAddr)
	if !s.writing.Take(key, 1) {
		busy(w, l, http.StatusServiceUnavailable, retryAfter)
		return true
	}
	defer s.writing.Give(key, 1)
	if wait := s.spend(r, DocumentCost); wait > 0 {
		busy(w, l, http.StatusTooManyRequests, wait)
		return true
	}
	p, ok := write(r, l)
	switch {
	case !ok:
		return false
	case p.To != "":
		http.Redirect(w, r, p.To, http.StatusSeeOther)
		return true
	case p.Status == http.StatusServiceUnavailable:
		w.Header().Set("Retry-After", "2")
	}
	c := s.fill(frame, p, r.URL, in.Languages)
	if r.Method == http.MethodPost {
		c.caching = "no-store"
	}
	c.serve(w, r, p.Status)
	return true
}

// DocumentCost is what a document costs beside a call that asks for the same, rounded up.
const DocumentCost = 3

// fill writes a document into its frame.
func (s *site) fill(frame *content, p document.Page, at *url.URL, languages []string) *content {
	full := strings.NewReplacer(
		"{{title}}", html.EscapeString(p.Title), "{{description}}", html.EscapeString(p.Description),
		"{{body}}", string(p.Body),
	).Replace(asked(string(frame.plain), at, languages))
	var head string
	if p.Status == http.StatusOK {
		head = s.alternates(at, languages)
	}
	if p.Answer != nil {
		head += sent(p.Question, p.Answer)
	}
	full = strings.Replace(full, "</head>", head+"</head>", 1)
	c := &content{mediaType: frame.mediaType, caching: askEach, plain: []byte(full), fresh: true}
	c.tag()
	return c
}

// asked has the links to the other languages ask what was asked of this page.
func asked(page string, at *url.URL, languages []string) string {
	query := at.Query()
	query.Del("lang")
	if len(query) == 0 {
		return page
	}
	for _, l := range languages {
		query.Set("lang", l)
		page = strings.Replace(page, `href="?lang=`+l+`"`, `href="?`+html.EscapeString(query.Encode())+`"`, 1)
	}
	return page
}

// alternates tell a search engine under which address a document is known, and where it is in other languages.
func (s *site) alternates(u *url.URL, languages []string) string {
	query := u.Query()
	query.Del("lang")
	address := func() string {
		known := url.URL{Path: u.Path, RawQuery: query.Encode()}
		return html.EscapeString(s.origin + known.String())
	}
	var links strings.Builder
	links.WriteString(`<link rel="canonical" href="` + address() + `">`)
	for _, l := range languages {
		if l == "easy" {
			continue // the same language to a search engine
		}
		query.Set("lang", l)
		links.WriteString(`<link rel="alternate" hreflang="` + l + `" href="` + address() + `">`)
	}
	return links.String()
}

// sent is an answer as frontend/reach/rpc reads it from a document.
func sent(question, answer proto.Message) string {
	encode := func(m proto.Message) string {
		b, err := proto.MarshalOptions{Deterministic: true}.Marshal(m)
		if err != nil {
			return "" // then the program asks
		}
		return base64.StdEncoding.EncodeToString(b)
	}
	return fmt.Sprintf(`<template id="sent" data-kind="%s" data-question="%s" data-answer="%s"></template>`,
		answer.ProtoReflect().Descriptor().FullName(), encode(question), encode(answer))
}

// keepLanguage remembers a language that was asked for, for who goes on by links before the program runs. The page
// writes the same cookie, so scripts may see it.
func keepLanguage(w http.ResponseWriter, r *http.Request, l string) {
	if cookie, err := r.Cookie("lang"); err == nil && cookie.Value == l {
		return
	}
	http.SetCookie(w, &http.Cookie{
		Name: "lang", Value: l, Path: "/", MaxAge: 365 * 24 * 60 * 60, SameSite: http.SameSiteLaxMode,
		Secure: r.TLS != nil,
	})
}

// language picks by ?lang, the cookie, Accept-Language; the first language of the site when nothing fits.
func (p *program) language(r *http.Request) string {
	if l := r.URL.Query().Get("lang"); slices.Contains(p.Languages, l) {
		return l
	}
	if cookie, err := r.Cookie("lang"); err == nil && slices.Contains(p.Languages, cookie.Value) {
		return cookie.Value
	}
	accept := r.Header.Get("Accept-Language")
	if accept == "" || len(accept) > 1000 {
		return p.Languages[0]
	}
	wanted, _, err := language.ParseAcceptLanguage(accept)
	if err != nil {
		return p.Languages[0]
	}
	_, i, confidence := p.matcher.Match(wanted...)
	if confidence == language.No || p.Languages[i] == "easy" {
		return p.Languages[0]
	}
	return p.Languages[i]
}

func (c *content) serve(w http.ResponseWriter, r *http.Request, status int) {
	encoding := c.negotiate(r.Header.Get("Accept-Encoding"))
	tag := `"` + c.etag + `"`
	if encoding != "" {
		tag = `"` + c.etag + "-" + encoding + `"`
	}
	h := w.Header()
	h.Set("Cache-Control", c.caching)
	h.Set("ETag", tag)
	if status == http.StatusOK && matches(r.Header.Get("If-None-Match"), tag) {
		w.WriteHeader(http.StatusNotModified)
		return
	}
	if c.mediaType != "" {
		h.Set("Content-Type", c.mediaType)
	}
	if encoding != "" {
		h.Set("Content-Encoding", encoding)
	}
	if c.fresh && r.Method == http.MethodHead {
		w.WriteHeader(status) // how long it would be is not worth compressing it
		return
	}
	body := c.in(encoding)
	h.Set("Content-Length", strconv.Itoa(len(body)))
	w.WriteHeader(status)
	if r.Method != http.MethodHead {
		_, _ = w.Write(body)
	}
}

// in is the content in an encoding that negotiate chose.
func (c *content) in(encoding string) []byte {
	switch {
	case encoding == "":
		return c.plain
	case c.fresh:
		packed := compress(c.plain, encoding)
		c.plain = nil // whoever reads slowly holds the packed form alone
		return packed
	case encoding == "br":
		return c.brotli
	}
	return c.gzip
}

func matches(ifNoneMatch, tag string) bool {
	for part := range strings.SplitSeq(ifNoneMatch, ",") {
		if part = strings.TrimSpace(part); part == "*" || strings.TrimPrefix(part, "W/") == tag {
			return true
		}
	}
	return false
}

// negotiate picks the smallest form that Accept-Encoding allows (RFC 9110, 12.5.3).
func (c *content) negotiate(accept string) string {
	switch {
	case (c.fresh || c.brotli != nil) && allows(accept, "br"):
		return "br"
	case (c.fresh || c.gzip != nil) && allows(accept, "gzip"):
		return "gzip"
	}
	return ""
}

func allows(accept, coding string) bool {
	allowed := false
	for part := range strings.SplitSeq(accept, ",") {
		name, parameters, _ := strings.Cut(part, ";")
		name = strings.ToLower(strings.TrimSpace(name))
		if name != coding && name != "*" {
			continue
		}
		weight := 1.0
		if q, ok := strings.CutPrefix(strings.ToLower(strings.ReplaceAll(parameters, " ", "")), "q="); ok {
			weight, _ = strconv.ParseFloat(q, 64)
		}
		if name == coding {
			return weight > 0
		}
		allowed = weight > 0
	}
	return allowed
}
