//go:build !js

// Command strip takes out of a linked program what a browser need not be sent, and writes it back into its file:
//
//	strip build/app.wasm
//
// The linker leaves zeros out of the program's memory, which makes 100,000 pieces of it, each with its address: less
// raw, but more when compressed, and more for the browser to take apart. They become one piece. And the tables that say
// which line of which file an instruction comes from go, as the other tables for debuggers do with -s -w. What a
// program that ends in a panic says has the functions' names still, and "?" with the place in the function instead of
// the line (`make build/app.names.wasm` builds the program in which that place can be looked up). Together that is an
// eighth of what is sent.
package main

import (
	"fmt"
	"os"
)

func main() {
	if len(os.Args) != 2 {
		fmt.Fprintln(os.Stderr, "usage: strip PROGRAM.wasm")
		os.Exit(2)
	}
	if err := run(os.Args[1]); err != nil {
		fmt.Fprintln(os.Stderr, "strip:", err)
		os.Exit(1)
	}
}

func run(path string) error {
	module, err := os.ReadFile(path)
	if err != nil {
		return fmt.Errorf("reading the program: %w", err)
	}
	stripped, err := strip(module)
	if err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	if err := os.WriteFile(path, stripped, 0o755); err != nil {
		return fmt.Errorf("writing the program: %w", err)
	}
	return nil
}
