//go:build !js

// Command slim makes a copy of go-app without its server, and a go.mod by which the page is built with that copy. The server's files
// (which make an app's HTML, manifest and worker; `pack` does that here) import net/http, and with it a TLS stack that a page can never use:
// a seventh of the page's weight. Everything else of go-app stays as released.
package main

import (
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

const goApp = "github.com/maxence-charriere/go-app/v10"

// serverFiles are those of go-app's pkg/app that a page does without.
var serverFiles = []string{"http.go", "resource.go", "wasm.go"}

// standIn is all that the rest of go-app needs of them. go-app moves addresses under /web/ elsewhere; this page has none.
const standIn = `package app

func clientResourceResolver(string) func(string) string {
	return func(location string) string { return location }
}
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
	if err := copyModule(module.Dir, out); err != nil {
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
	return lookFirst(out)
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
