//go:build !js

// Command strip takes out of a linked program what a browser need not be sent:
//
//	strip build/app.linked build/app.wasm
//
// The linker leaves zeros out of the program's memory, which makes 30,000 pieces of it, each with its address: less
// raw, but more when compressed, and more for the browser to take apart. They become four. The tables that say which
// line of which file an instruction comes from go, as the other tables for debuggers do with -s -w, and so does what
// says with which arguments a function was called, and at which instructions a program of another kind may be
// interrupted. The functions' own names go, too: a panic, and a browser, say their numbers, f.(*01234).f and
// wasm-function[1234], whose names stand in build/app.functions.txt, and "?" with the place in the function instead of
// the line (`make build/app.names.wasm` builds the program in which that place can be looked up). What is left of the
// tables is sent folded (fold.go), and the code says shorter what Go's compiler says at length (functions.go). Together
// that is a third of what is sent, and of what the browser takes apart.
//
// All of it holds for the Go that this was written for: what looks otherwise is refused, and the tests run a program.
package main

import (
	"fmt"
	"os"
	"strings"
)

func main() {
	if len(os.Args) != 3 {
		fmt.Fprintln(os.Stderr, "usage: strip LINKED STRIPPED")
		os.Exit(2)
	}
	if err := run(os.Args[1], os.Args[2]); err != nil {
		fmt.Fprintln(os.Stderr, "strip:", err)
		os.Exit(1)
	}
}

func run(linked, out string) error {
	module, err := os.ReadFile(linked)
	if err != nil {
		return fmt.Errorf("reading the program: %w", err)
	}
	stripped, functions, err := strip(module)
	if err != nil {
		return fmt.Errorf("%s: %w", linked, err)
	}
	if err := os.WriteFile(strings.TrimSuffix(out, ".wasm")+".functions.txt", functions, 0o644); err != nil {
		return fmt.Errorf("writing the names of its functions: %w", err)
	}
	if err := os.WriteFile(out, stripped, 0o644); err != nil {
		return fmt.Errorf("writing the stripped program: %w", err)
	}
	return nil
}
