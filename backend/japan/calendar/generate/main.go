// Command generate writes holidays.tsv from the npm package @holiday-jp/holiday_jp (MIT). `make data` runs it.
package main

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
)

var holiday = regexp.MustCompile(`date: "(\d{4}-\d{2}-\d{2})",\s+week: "[^"]*",\s+week_en: "[^"]*",\s+name: "([^"]+)"`)

func main() {
	if len(os.Args) != 2 {
		fmt.Fprintln(os.Stderr, "usage: generate node_modules/@holiday-jp/holiday_jp")
		os.Exit(2)
	}
	if err := run(os.Args[1]); err != nil {
		fmt.Fprintln(os.Stderr, "generate:", err)
		os.Exit(1)
	}
}

func run(module string) error {
	source, err := os.ReadFile(filepath.Join(module, "lib", "holidays.js"))
	if err != nil {
		return err
	}
	var out strings.Builder
	found := holiday.FindAllSubmatch(source, -1)
	if len(found) < 1000 {
		return fmt.Errorf("only %d holidays found in lib/holidays.js", len(found))
	}
	for _, m := range found {
		fmt.Fprintf(&out, "%s\t%s\n", m[1], m[2])
	}
	const dir = "backend/japan/calendar/"
	if err := os.WriteFile(dir+"holidays.tsv", []byte(out.String()), 0o644); err != nil { // a public table
		return err
	}
	license, err := os.ReadFile(filepath.Join(module, "LICENSE"))
	if err != nil {
		return err
	}
	return os.WriteFile(dir+"LICENSE-data", license, 0o644) // as above
}
