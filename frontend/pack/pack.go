//go:build !js

package pack

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"sort"
	"strings"
	"time"

	"madoguchi/frontend/frame/lang"
	"madoguchi/frontend/frame/shell"
	"madoguchi/static/text"
)

// Program is one of those that the portal serves, each below a path of its own with a worker of its own.
type Program struct {
	// Name is that of its file and of its caches in browsers: small letters.
	Name string
	// Path begins the addresses of its pages and files: "/", or "/staff/".
	Path string
	// Beside are the paths of other programs below this one's.
	Beside []string
}

var programName = regexp.MustCompile(`^[a-z]+$`)

func (p Program) check() error {
	if !programName.MatchString(p.Name) {
		return fmt.Errorf("a program's name is of small letters, not %q", p.Name)
	}
	for _, path := range append([]string{p.Path}, p.Beside...) {
		if !strings.HasPrefix(path, "/") || !strings.HasSuffix(path, "/") || strings.Contains(path, "//") {
			return fmt.Errorf("%s: a program lies below a path like /staff/, not %q", p.Name, path)
		}
	}
	return nil
}

// Options say what to pack and where.
type Options struct {
	Program
	// Wasm is the built program; Out the directory to write; Static that of styles and scripts; Text that of texts.
	Wasm, Out, Static, Text string
	// Fast leaves out the slow compression, for development.
	Fast bool
	// Fresh has the service worker ask the portal for each page before it shows what it keeps, for development.
	Fresh bool
}

// packer collects what is written; names are paths under Out.
type packer struct {
	options Options
	texts   *text.Texts
	files   map[string][]byte
	routes  []route
	// pages names every page with a path that the portal answers with it.
	pages map[string]string
	// documents are the pages into which the portal writes.
	documents map[string]bool
}

type route struct {
	Path    string `json:"path,omitempty"`
	Pattern string `json:"pattern,omitempty"`
	Page    string `json:"page"`
	// Document names what the portal may write instead, into pages/doc-….
	Document string `json:"document,omitempty"`
	// For says who gets in, where it is not anyone.
	For string `json:"for,omitempty"`
	// Alone: the page has a script of its own and reaches nothing. The service worker keeps it beforehand.
	Alone bool `json:"alone,omitempty"`
	// Keep tells the service worker that it may keep those that were visited: what the portal wrote for anyone. What
	// the program draws by itself it draws without a network, too.
	Keep bool `json:"keep,omitempty"`
}

// visitors are the words of routes.json for whom a page is.
var visitors = map[shell.Access]string{shell.Anyone: "", shell.Newcomer: "newcomer", shell.Citizen: "citizen"}

// The pages that no feature draws: the frame alone, and what stands at an address that is nobody's.
const (
	framePage    = "shell"
	notFoundPage = "notfound"
)

// Write packs everything.
func Write(o Options) error {
	if err := o.check(); err != nil {
		return err
	}
	texts, err := text.Read(os.DirFS(o.Text))
	if err != nil {
		return err
	}
	if err := lang.Use(texts); err != nil {
		return err
	}
	p := &packer{
		options: o, texts: texts, files: map[string][]byte{}, pages: map[string]string{notFoundPage: ""},
		documents: map[string]bool{},
	}
	if err := p.route(); err != nil {
		return err
	}
	assets, err := p.assets()
	if err != nil {
		return err
	}
	if err := p.render(assets); err != nil {
		return err
	}
	if err := p.manifests(); err != nil {
		return err
	}
	version := p.version()
	if err := p.worker(version, assets.Languages); err != nil {
		return err
	}
	if err := p.table(version); err != nil {
		return err
	}
	return p.save()
}

func (p *packer) route() error {
	for _, page := range shell.Pages() {
		name := page.Prerender
		if name == "" {
			name = framePage
		}
		if !strings.HasPrefix(strings.TrimPrefix(page.Path+page.Pattern, "^"), p.options.Path) {
			return fmt.Errorf("%s: the page %s lies outside of %s", p.options.Name, page.Path+page.Pattern,
				p.options.Path)
		}
		p.routes = append(p.routes, route{
			Path: page.Path, Pattern: page.Pattern, Page: name, Document: page.Document, For: visitors[page.For],
			Keep: page.For == shell.Anyone && page.Document != "", Alone: page.Alone != "",
		})
		if page.Document != "" {
			p.documents[shell.DocumentPrefix+page.Document] = true
		}
		ofPortal := name == framePage && page.Document != "" // the portal may answer its path with something else
		if _, known := p.pages[name]; !known && page.Path != "" && !ofPortal {
			p.pages[name] = page.Path
		}
	}
	if p.pages[framePage] == "" {
		return fmt.Errorf("%s: no page with a path is drawn in the browser alone", p.options.Name)
	}
	return nil
}

// assetNames are the paths of the files whose names carry their hash.
type assetNames struct {
	Style, Boot, Exec, Wasm string
	Worker, Decoder         string
	Compiler                string
	Alone                   map[string]string // the scripts of pages that have their own, by page
	WasmSize                int
	// Languages are what boot.js has to know of each language.
	Languages []spoken
}

type spoken struct {
	Code lang.Code `json:"code"`
	Text string    `json:"text"`
}

func (p *packer) assets() (assetNames, error) {
	var names assetNames
	css, err := style(p.options.Static)
	if err != nil {
		return names, err
	}
	boot, err := p.script("boot.js")
	if err != nil {
		return names, err
	}
	exec, err := wasmExec()
	if err != nil {
		return names, err
	}
	wasm, err := os.ReadFile(p.options.Wasm)
	if err != nil {
		return names, fmt.Errorf("reading the program (GOOS=js GOARCH=wasm go build): %w", err)
	}
	names.Style = p.asset("style.css", css)
	names.Boot = p.asset("boot.js", boot)
	names.Exec = p.asset("wasm_exec.js", exec)
	names.Wasm = p.asset(p.options.Name+".wasm", wasm)
	names.Worker = p.options.Path + workerName
	decoder, err := os.ReadFile(filepath.Join(p.options.Static, "jsqr.js"))
	if err != nil {
		return names, fmt.Errorf("reading what decodes 2次元バーコード: %w", err)
	}
	names.Decoder = p.asset(decoderName, decoder)
	compiler, err := p.script("compile.js")
	if err != nil {
		return names, err
	}
	names.Compiler = p.asset("compile.js", compiler)
	names.WasmSize = len(wasm)
	names.Alone = map[string]string{}
	for _, page := range shell.Pages() {
		if page.Alone == "" {
			continue
		}
		script, err := os.ReadFile(filepath.Join(p.options.Static, page.Alone))
		if err != nil {
			return names, fmt.Errorf("reading the script of %s: %w", page.Path, err)
		}
		names.Alone[page.Prerender] = p.asset(page.Alone, script)
	}
	for _, l := range p.texts.Languages {
		file, err := p.texts.Page(l.Code)
		if err != nil {
			return names, fmt.Errorf("writing the texts of %s: %w", l.Code, err)
		}
		names.Languages = append(names.Languages, spoken{lang.Code(l.Code), p.asset("text-"+l.Code+".txt", file)})
	}
	for name, draw := range icons {
		b, err := draw()
		if err != nil {
			return names, fmt.Errorf("drawing %s: %w", name, err)
		}
		p.files[name] = b
	}
	if p.options.Path == "/" {
		p.files["robots.txt"] = []byte("User-agent: *\nDisallow: /home\nDisallow: /notice\nDisallow: /account\n")
	}
	return names, nil
}

// textPrefix begins the names of the files of texts, one a language: the service worker keeps only those of languages
// that were read.
const textPrefix = "assets/text-"

// decoderName is the file that browsers load that cannot read a 2次元バーコード themselves, when somebody scans one: no
// device keeps it beforehand.
const (
	decoderName = "decoder.js"
	decoderFile = "assets/decoder."
)

// beforehand tells whether a service worker gets a file before it is wanted.
func beforehand(name string) bool {
	return strings.HasPrefix(name, "assets/") && !strings.HasPrefix(name, textPrefix) &&
		!strings.HasPrefix(name, decoderFile)
}

// asset keeps a file under a name with its hash and returns its path on the site.
func (p *packer) asset(name string, content []byte) string {
	base, ext, _ := strings.Cut(name, ".")
	path := "assets/" + base + "." + hash(content)[:16] + "." + ext
	p.files[path] = content
	return p.options.Path + path
}

// wasmExec is the script that belongs to the toolchain that built the program.
func wasmExec() ([]byte, error) {
	root, err := exec.Command("go", "env", "GOROOT").Output()
	if err != nil {
		return nil, fmt.Errorf("asking go for its root: %w", err)
	}
	b, err := os.ReadFile(filepath.Join(strings.TrimSpace(string(root)), "lib", "wasm", "wasm_exec.js"))
	if err != nil {
		return nil, fmt.Errorf("reading Go's wasm_exec.js: %w", err)
	}
	return b, nil
}

func (p *packer) version() string {
	names := make([]string, 0, len(p.files))
	for name := range p.files {
		names = append(names, name)
	}
	sort.Strings(names)
	sum := sha256.New()
	for _, name := range names {
		fmt.Fprintf(sum, "%s %s\n", name, hash(p.files[name]))
	}
	return hex.EncodeToString(sum.Sum(nil))[:16]
}

// workerName is the file of the service worker, at the program's path, so that all below it is its own.
const workerName = "app-worker.js"

// ofShell are files without a hash in their names that the service worker keeps: what the page shows, and what
// notifications do. The others are for browsers that install the page.
var ofShell = []string{"favicon.svg", "icon-192.png", "icon-monochrome.png"}

// comment is a line of a script that says something to its reader alone.
var comment = regexp.MustCompile(`(?m)^\s*//.*\n`)

// script reads a script that every visitor waits for, without the lines that are comments. It must
// not have a text of several lines (in backquotes), of which one could look like a comment.
func (p *packer) script(name string) ([]byte, error) {
	source, err := os.ReadFile(filepath.Join(p.options.Static, name))
	if err != nil {
		return nil, fmt.Errorf("reading a script: %w", err)
	}
	if bytes.ContainsRune(source, '`') {
		return nil, fmt.Errorf("%s: a text in backquotes may hold what looks like a comment", name)
	}
	return comment.ReplaceAll(source, nil), nil
}

// worker writes the service worker with the list of what it keeps. The list is made of what is packed, so nothing in it
// can be missing.
func (p *packer) worker(version string, languages []spoken) error {
	template, err := p.script(workerName)
	if err != nil {
		return err
	}
	kept, named := map[string]string{}, []string{}
	for name := range p.files {
		if beforehand(name) || slices.Contains(ofShell, name) {
			kept[p.options.Path+name] = p.integrity(name)
		}
		if strings.HasPrefix(name, decoderFile) {
			named = append(named, p.options.Path+name)
		}
	}
	recent := 24 * time.Hour
	if p.options.Fresh {
		recent = 0
	}
	values := map[string]any{
		"recent":  recent.Milliseconds(),
		"program": p.options.Name, "base": p.options.Path, "beside": append([]string{}, p.options.Beside...),
		"files": kept, "named": named, "shell": p.pages[framePage], "routes": p.routes,
	}
	spoken, err := p.spoken(languages)
	if err != nil {
		return err
	}
	script := strings.Replace(string(template), "{{languages}}", spoken, 1)
	for key, value := range values {
		b, err := json.Marshal(value)
		if err != nil {
			return fmt.Errorf("writing the service worker's %s: %w", key, err)
		}
		script = strings.Replace(script, "{{"+key+"}}", string(b), 1)
	}
	script = strings.Replace(script, "{{version}}", version, 1)
	if strings.Contains(script, "{{") {
		return fmt.Errorf("the service worker has a gap that nothing fills")
	}
	p.files[workerName] = []byte(script)
	return nil
}

// spoken is a JavaScript object of the languages in their order, the first being the one for who chose none, each with
// what only who reads it needs.
func (p *packer) spoken(languages []spoken) (string, error) {
	parts := make([]string, len(languages))
	for i, l := range languages {
		manifest := manifestName(l.Code)
		b, err := json.Marshal(map[string]string{
			l.Text:                    p.integrity(strings.TrimPrefix(l.Text, p.options.Path)),
			p.options.Path + manifest: p.integrity(manifest),
		})
		if err != nil {
			return "", fmt.Errorf("writing the service worker's languages: %w", err)
		}
		parts[i] = fmt.Sprintf("%q: %s", l.Code, b)
	}
	return "{" + strings.Join(parts, ", ") + "}", nil
}

// integrity is the hash by which a browser refuses another file (Subresource Integrity, after "sha256-").
func (p *packer) integrity(name string) string {
	sum := sha256.Sum256(p.files[name])
	return base64.StdEncoding.EncodeToString(sum[:])
}

func (p *packer) table(version string) error {
	b, err := json.MarshalIndent(struct {
		Version   string      `json:"version"`
		Path      string      `json:"path"`
		Languages []lang.Code `json:"languages"`
		NotFound  string      `json:"not_found"`
		Routes    []route     `json:"routes"`
	}{version, p.options.Path, lang.All, notFoundPage, p.routes}, "", "  ")
	if err != nil {
		return fmt.Errorf("writing routes.json: %w", err)
	}
	p.files["routes.json"] = append(b, '\n')
	return nil
}

func hash(b []byte) string {
	sum := sha256.Sum256(b)
	return hex.EncodeToString(sum[:])
}
