//go:build !js

package pack

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"sort"
	"strings"

	"madoguchi/frontend/frame/lang"
	"madoguchi/frontend/frame/shell"
	"madoguchi/static/text"
)

// Options say what to pack and where.
type Options struct {
	// Wasm is the built program; Out the directory to write; Static that of styles and scripts; Text that of texts.
	Wasm, Out, Static, Text string
	// Fast leaves out the slow compression, for development.
	Fast bool
}

// packer collects what is written; names are paths under Out.
type packer struct {
	options Options
	texts   *text.Texts
	files   map[string][]byte
	routes  []route
	// pages names every page with a path that the portal answers with it.
	pages map[string]string
	// documents are the pages into which the portal writes; the service worker keeps none of them.
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
}

// visitors are the words of routes.json for whom a page is.
var visitors = map[shell.Access]string{shell.Anyone: "", shell.Newcomer: "newcomer", shell.Citizen: "citizen"}

// notFoundPath is a path that is nobody's, by which the service worker gets the page for such.
const notFoundPath = "/no-such-page"

// Write packs everything.
func Write(o Options) error {
	texts, err := text.Read(os.DirFS(o.Text))
	if err != nil {
		return err
	}
	if err := lang.Use(texts); err != nil {
		return err
	}
	p := &packer{
		options: o, texts: texts, files: map[string][]byte{}, pages: map[string]string{"notfound": notFoundPath},
		documents: map[string]bool{},
	}
	p.route()
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

func (p *packer) route() {
	for _, page := range shell.Pages() {
		name := page.Prerender
		if name == "" {
			name = "shell"
		}
		p.routes = append(p.routes, route{
			Path: page.Path, Pattern: page.Pattern, Page: name, Document: page.Document, For: visitors[page.For],
		})
		if page.Document != "" {
			p.documents[shell.DocumentPrefix+page.Document] = true
		}
		if _, known := p.pages[name]; !known && page.Path != "" {
			p.pages[name] = page.Path
		}
	}
}

// assetNames are the paths of the files whose names carry their hash.
type assetNames struct {
	Style, Boot, Exec, Wasm string
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
	boot, err := os.ReadFile(filepath.Join(p.options.Static, "boot.js"))
	if err != nil {
		return names, fmt.Errorf("reading the boot script: %w", err)
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
	names.Wasm = p.asset("app.wasm", wasm)
	names.WasmSize = len(wasm)
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
	p.files["robots.txt"] = []byte("User-agent: *\nDisallow: /home\nDisallow: /notice\nDisallow: /account\n")
	return names, nil
}

// textPrefix begins the names of the files of texts, one a language: the service worker keeps only those of languages
// that were read.
const textPrefix = "assets/text-"

// asset keeps a file under a name with its hash and returns its path on the site.
func (p *packer) asset(name string, content []byte) string {
	base, ext, _ := strings.Cut(name, ".")
	path := "assets/" + base + "." + hash(content)[:16] + "." + ext
	p.files[path] = content
	return "/" + path
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

// worker writes the service worker with the list of what it keeps. The list is made of what is packed, so nothing in it
// can be missing.
func (p *packer) worker(version string, languages []spoken) error {
	template, err := os.ReadFile(filepath.Join(p.options.Static, "app-worker.js"))
	if err != nil {
		return fmt.Errorf("reading the service worker: %w", err)
	}
	var kept []string
	for name := range p.files {
		if !strings.HasPrefix(name, "pages/") && !strings.HasPrefix(name, textPrefix) && name != "robots.txt" {
			kept = append(kept, "/"+name)
		}
	}
	sort.Strings(kept)
	texts := map[lang.Code]string{}
	for _, l := range languages {
		texts[l.Code] = l.Text
	}
	script := string(template)
	for key, value := range map[string]any{
		"files": kept, "pages": p.pages, "routes": p.routes, "languages": lang.All, "texts": texts,
	} {
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
	p.files["app-worker.js"] = []byte(script)
	return nil
}

func (p *packer) table(version string) error {
	b, err := json.MarshalIndent(struct {
		Version   string      `json:"version"`
		Languages []lang.Code `json:"languages"`
		NotFound  string      `json:"not_found"`
		Routes    []route     `json:"routes"`
	}{version, lang.All, "notfound", p.routes}, "", "  ")
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
