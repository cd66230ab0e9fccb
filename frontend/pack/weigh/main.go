//go:build !js

// Command weigh says what the page weighs: of which packages and features its program is made, and whether each file
// that a person waits for is within its budget.
//
//	weigh --program build/app.names.wasm   # `make bench`: a table by package and by feature
//	weigh --budget frontend/pack/budget --web build/web   # `make check`
//
// The table counts code alone. What stands beside it in a program (texts, types, tables for the collector of garbage)
// has no names to go by; it grows with the code.
package main

import (
	"flag"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strings"
)

func main() {
	named := flag.String("program", "", "the page's program, built with the names of its functions: prints the table")
	budgets := flag.String("budget", "", "the file with what each bundle may weigh: fails when one weighs more")
	web := flag.String("web", "build/web", "the folder that was packed")
	flag.Parse()
	if err := run(*named, *budgets, *web, os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "weigh:", err)
		os.Exit(1)
	}
}

func run(named, budgets, web string, out io.Writer) error {
	if named != "" {
		if err := printTable(named, out); err != nil {
			return err
		}
	}
	if budgets != "" {
		return check(budgets, web, out)
	}
	return nil
}

func printTable(path string, out io.Writer) error {
	module, err := os.ReadFile(path)
	if err != nil {
		return fmt.Errorf("reading the program: %w", err)
	}
	p, err := readProgram(module)
	if err != nil {
		return fmt.Errorf("reading %s: %w", path, err)
	}
	list := exec.Command("go", "list", "-deps", "./frontend")
	list.Env = append(os.Environ(), "GOOS=js", "GOARCH=wasm")
	list.Stderr = os.Stderr
	packages, err := list.Output()
	if err != nil {
		return fmt.Errorf("listing the page's packages: %w", err)
	}
	for _, r := range rows(p, strings.Fields(string(packages))) {
		fmt.Fprintf(out, "%-58s %16d %s\n", r.name, r.size, "bytes")
	}
	return nil
}
