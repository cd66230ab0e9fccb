//go:build !js

// Command slim makes a copy of go-app without its server, and a go.mod by which the page is built with that copy. The
// server's files (which make an app's HTML, manifest and worker; `pack` does that here) import net/http, and with it a
// TLS stack that a page can never use: a seventh of the page's weight. What app.Raw makes becomes a drawing, made
// element by element, because the pages' policy (Trusted Types) lets no string become HTML. Paths are matched by
// package pattern, names are made by package chance, and there is no cipher. Everything else of go-app stays as
// released.
package main

import (
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

const goApp = "github.com/maxence-charriere/go-app/v10"

// serverFiles are those of go-app's pkg/app that a page does without.
var serverFiles = []string{"http.go", "resource.go", "wasm.go"}

// standIn is all that the rest of go-app needs of them. go-app moves addresses under /web/ elsewhere; this page has
// none.
const standIn = `package app

import "strings"

func clientResourceResolver(string) func(string) string {
	return func(location string) string { return location }
}

// escaped is a text as it stands in HTML: html.EscapeString, without that package's table of entities.
func escaped(s string) string {
	var b strings.Builder
	for i := range len(s) {
		switch s[i] {
		case '&':
			b.WriteString("&amp;")
		case '\'':
			b.WriteString("&#39;")
		case '<':
			b.WriteString("&lt;")
		case '>':
			b.WriteString("&gt;")
		case '"':
			b.WriteString("&#34;")
		default:
			b.WriteByte(s[i])
		}
	}
	return b.String()
}
`

// rawHTML is how go-app makes an element of a string, drawn is what the copy does instead.
const (
	rawHTML = `	wrapper, _ := Window().createElement("div", "")
	wrapper.setInnerHTML(v.value)
	v.jsElement = wrapper.firstChild()
	wrapper.removeChild(v.jsElement)
	return v, nil
`
	drawn = `	return v, planning.drawing(v)
`
)

// escaping are the places of go-app's node.go that write a text as HTML.
var escaping = [][2]string{
	{`	"html"
`, ``},
	{`html.EscapeString(v.value)`, `escaped(v.value)`},
}

// routing are the places of go-app's route.go that match paths: the copy does it as the shell does, without regexp.
var routing = [][2]string{
	{`	"regexp"
	"sync"
`, `	"sync"

	"madoguchi/frontend/frame/pattern"
`},
	{`regexp.MustCompile(pattern),`, `pattern.MustCompile(expression),`},
	{`routeWithRegexp(pattern string,`, `routeWithRegexp(expression string,`},
	{`	regexp       *regexp.Regexp
`, `	regexp       *pattern.Pattern
`},
}

// byChance are the places of go-app that make a name for a device or a tab.
var byChance = [][2]string{
	{`	"github.com/google/uuid"
`, ``},
	{`uuid.NewString()`, `chance.Text()`},
	{`	"github.com/maxence-charriere/go-app/v10/pkg/errors"
`, `	"github.com/maxence-charriere/go-app/v10/pkg/errors"
	"madoguchi/frontend/reach/chance"
`},
}

// noCipher stands for go-app's cipher, which this page never asks for: its key would lie in clear beside what it locks.
const noCipher = `package app

import "github.com/maxence-charriere/go-app/v10/pkg/errors"

func encrypt(string, []byte) ([]byte, error) { return nil, errors.New("there is no cipher here") }

func decrypt(string, []byte) ([]byte, error) { return nil, errors.New("there is no cipher here") }
`

func main() {
	out := flag.String("out", "build/goapp", "where the copy goes")
	modfile := flag.String("modfile", "build/page.mod", "the go.mod to write, with a go.sum beside it")
	flag.Parse()
	if err := run(*out, *modfile); err != nil {
		fmt.Fprintln(os.Stderr, "slim:", err)
		os.Exit(1)
	}
}

func run(out, modfile string) error {
	answer, err := exec.Command("go", "mod", "download", "-json", goApp).Output()
	if err != nil {
		return fmt.Errorf("fetching go-app: %w", err)
	}
	var module struct{ Dir string }
	if err := json.Unmarshal(answer, &module); err != nil {
		return fmt.Errorf("reading where go-app lies: %w", err)
	}
	// It is made where no ./... looks, and is there all at once: whatever lists our packages meanwhile would take half
	// of a module for some of them.
	making, before := beside(out, "making"), beside(out, "before")
	if err := copyModule(module.Dir, making); err != nil {
		return err
	}
	if err := putInPlace(making, out, before); err != nil {
		return err
	}
	for from, to := range map[string]string{"go.mod": modfile, "go.sum": strings.TrimSuffix(modfile, ".mod") + ".sum"} {
		b, err := os.ReadFile(from)
		if err != nil {
			return fmt.Errorf("reading the module's own files: %w", err)
		}
		if from == "go.mod" {
			b = fmt.Appendf(b, "\nreplace %s => ./%s\n", goApp, filepath.ToSlash(out))
		}
		if err := os.WriteFile(to, b, 0o644); err != nil {
			return fmt.Errorf("writing %s: %w", to, err)
		}
	}
	return nil
}

// beside is a folder next to another one that the go command passes over.
func beside(out, what string) string {
	return filepath.Join(filepath.Dir(out), "_"+filepath.Base(out)+"."+what)
}

func putInPlace(made, out, before string) error {
	if err := os.RemoveAll(before); err != nil {
		return fmt.Errorf("removing the copy of before: %w", err)
	}
	if err := os.Rename(out, before); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("putting the copy of before aside: %w", err)
	}
	if err := os.Rename(made, out); err != nil {
		return fmt.Errorf("putting the copy in its place: %w", err)
	}
	if err := os.RemoveAll(before); err != nil {
		return fmt.Errorf("removing the copy of before: %w", err)
	}
	return nil
}

func copyModule(from, out string) error {
	if err := os.RemoveAll(out); err != nil {
		return fmt.Errorf("removing the copy of before: %w", err)
	}
	for _, part := range []string{"pkg/app", "pkg/errors"} {
		files, err := filepath.Glob(filepath.Join(from, part, "*.go"))
		if err != nil || len(files) == 0 {
			return fmt.Errorf("go-app has no Go files in %s (%w)", part, err)
		}
		for _, file := range files {
			if !strings.HasSuffix(file, "_test.go") {
				if err := copyFile(file, filepath.Join(out, part, filepath.Base(file))); err != nil {
					return err
				}
			}
		}
	}
	if err := copyFile(filepath.Join(from, "go.mod"), filepath.Join(out, "go.mod")); err != nil {
		return err
	}
	for _, name := range serverFiles {
		if err := os.Remove(filepath.Join(out, "pkg/app", name)); err != nil {
			return fmt.Errorf("go-app is not as it was when this was written: %w", err)
		}
	}
	if err := os.WriteFile(filepath.Join(out, "pkg/app/standin.go"), []byte(standIn), 0o644); err != nil {
		return fmt.Errorf("writing the stand-in: %w", err)
	}
	if err := change(filepath.Join(out, "pkg/app/node.go"), append(careful, [2]string{rawHTML, drawn})); err != nil {
		return err
	}
	if err := change(filepath.Join(out, "pkg/app/node.go"), escaping); err != nil {
		return err
	}
	if err := change(filepath.Join(out, "pkg/app/route.go"), routing); err != nil {
		return err
	}
	for _, name := range []string{"context.go", "state.go"} {
		if err := change(filepath.Join(out, "pkg/app", name), byChance); err != nil {
			return err
		}
	}
	if err := os.WriteFile(filepath.Join(out, "pkg/app/crypto.go"), []byte(noCipher), 0o644); err != nil {
		return fmt.Errorf("changing go-app: %w", err)
	}
	if err := os.WriteFile(filepath.Join(out, "pkg/app/foreign.go"), []byte(foreign), 0o644); err != nil {
		return fmt.Errorf("changing go-app: %w", err)
	}
	if err := drawBetween(out); err != nil {
		return err
	}
	if err := startInTurns(out); err != nil {
		return err
	}
	if err := answerFirst(out); err != nil {
		return err
	}
	if err := drawApart(out); err != nil {
		return err
	}
	if err := mergeElements(out); err != nil {
		return err
	}
	return makeTogether(out)
}

func copyFile(from, to string) error {
	b, err := os.ReadFile(from)
	if err != nil {
		return fmt.Errorf("reading go-app: %w", err)
	}
	if err := os.MkdirAll(filepath.Dir(to), 0o755); err != nil {
		return fmt.Errorf("making room for the copy: %w", err)
	}
	if err := os.WriteFile(to, b, 0o644); err != nil {
		return fmt.Errorf("copying go-app: %w", err)
	}
	return nil
}
