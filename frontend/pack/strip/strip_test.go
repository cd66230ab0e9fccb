//go:build !js

package main

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"madoguchi/frontend/pack/wasm"
)

// A program does the same without: its stacks grow, its garbage is collected, its panic names the function.
func TestAStrippedProgramRuns(t *testing.T) {
	file := filepath.Join(t.TempDir(), "program.wasm")
	build := exec.Command("go", "build", "-ldflags=-s -w", "-o", file, "./testdata/program")
	build.Env = append(os.Environ(), "GOOS=js", "GOARCH=wasm")
	if said, err := build.CombinedOutput(); err != nil {
		t.Fatalf("building: %v\n%s", err, said)
	}
	module, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	said, ended := outcome(t, file)
	if !strings.Contains(ended, "main.go:") || !strings.Contains(said, "main.go") {
		t.Fatalf("a program with lines does not say them: %s%s", said, ended)
	}
	if err := run(file, file); err != nil {
		t.Fatal(err)
	}
	functions := namesOf(t, file)
	stripped, strippedEnd := outcome(t, file)
	if strings.Contains(strippedEnd, "main.main") {
		t.Errorf("its panic has names without being asked: %s", strippedEnd)
	}
	stripped, strippedEnd = functions.Replace(stripped), functions.Replace(strippedEnd)
	if want := strings.Replace(said, "main.main main.go", "main.main ?", 1); stripped != want {
		t.Errorf("stripped it says\n%s, not\n%s", stripped, want)
	}
	for _, want := range []string{
		"invalid memory address", "main.(*tree).leaves()", "main.of[go.shape.int,go.shape.struct", "main.main()",
	} {
		if !strings.Contains(strippedEnd, want) {
			t.Errorf("its panic lacks %q: %s", want, strippedEnd)
		}
	}
	if !strings.Contains(ended, "main.of[...](0x") {
		t.Errorf("a program with arguments does not say them: %s", ended)
	}
	if strings.Contains(strippedEnd, "main.go:") {
		t.Errorf("it has lines still: %s", strippedEnd)
	}

	again, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	pieces := func(module []byte) (n uint64) {
		if err := wasm.Sections(module, func(kind byte, section *wasm.Reader) error {
			if kind == wasm.Data {
				n = section.Number()
			}
			return nil
		}); err != nil {
			t.Fatal(err)
		}
		return n
	}
	if strings.Contains(strippedEnd, "runtime.") {
		t.Errorf("its panic has what is the runtime's own: %s", strippedEnd)
	}
	if before, after := pieces(module), pieces(again); before < 1000 || after != 4 {
		t.Errorf("the memory was in %d pieces, and is in %d", before, after)
	}
	if len(again) > len(module)*4/5 {
		t.Errorf("of %d bytes %d are left", len(module), len(again))
	}
	// What is cut, or is no program of Go's, is refused and not made worse.
	for _, n := range []int{0, 8, 100, len(module) / 2, len(module) - 100, len(module) - 1} {
		if _, _, err := strip(module[:n]); err == nil {
			t.Errorf("the first %d bytes of a program are stripped", n)
		}
	}
	if _, _, err := strip(bytes.Replace(again, magic, []byte("another."), 1)); err == nil {
		t.Error("a program with a table of another kind is stripped")
	}
	if _, _, err := strip(again); err == nil {
		t.Error("a program without lines is stripped again")
	}
}

// namesOf has the names of a stripped program's functions for what it calls them.
func namesOf(t *testing.T, file string) *strings.Replacer {
	t.Helper()
	list, err := os.ReadFile(strings.TrimSuffix(file, ".wasm") + ".functions.txt")
	if err != nil {
		t.Fatal(err)
	}
	var pairs []string
	for line := range strings.Lines(string(list)) {
		number, name, _ := strings.Cut(strings.TrimSpace(line), " ")
		pairs = append(pairs, "f.(*"+number+").f", name, "runtime.(*"+number+").f", name)
	}
	return strings.NewReplacer(pairs...)
}

// outcome is what a program says, and what it says at its end.
func outcome(t *testing.T, file string) (said, ended string) {
	t.Helper()
	root, err := exec.Command("go", "env", "GOROOT").Output()
	if err != nil {
		t.Fatal(err)
	}
	runner := filepath.Join(strings.TrimSpace(string(root)), "lib", "wasm", "wasm_exec_node.js")
	program := exec.Command("node", runner, file)
	var out, failed bytes.Buffer
	program.Stdout, program.Stderr = &out, &failed
	if err := program.Run(); err == nil {
		t.Fatal("the program ended well")
	}
	return out.String(), failed.String()
}

func TestNumbersWithASign(t *testing.T) {
	for _, n := range []int64{0, 1, -1, 63, 64, -64, -65, 150082, 6 << 20, -6 << 20, 1 << 40} {
		r := &wasm.Reader{Rest: wasm.AppendSigned(nil, n)}
		if got := r.Signed(); got != n || r.Err != nil || len(r.Rest) != 0 {
			t.Errorf("%d is read as %d (%v)", n, got, r.Err)
		}
	}
}
