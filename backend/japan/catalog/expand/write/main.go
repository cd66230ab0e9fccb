// Command write writes invented entries of the catalogue as a CSV file that `portal procedures import` takes. `make
// dev` uses it.
package main

import (
	"bufio"
	"errors"
	"flag"
	"fmt"
	"os"
	"slices"
	"strings"

	"madoguchi/backend/japan/catalog"
	"madoguchi/backend/japan/catalog/expand"
	portalv1 "madoguchi/proto/gen/portal/v1"
)

func main() {
	if err := run(); err != nil {
		fmt.Fprintln(os.Stderr, "write:", err)
		os.Exit(1)
	}
}

func run() (err error) {
	seed := flag.Uint64("seed", 1, "the same seed gives the same entries")
	stress := flag.Bool("stress", false, "522,000 entries instead of 104,000")
	places := flag.String("places", "", "six-digit codes separated by commas; all when empty")
	out := flag.String("out", "", "file to write")
	flag.Parse()
	if *out == "" {
		return errors.New("--out names no file")
	}
	scale := expand.Real
	if *stress {
		scale = expand.Stress
	}
	file, err := os.Create(*out)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, file.Close()) }()
	buffer := bufio.NewWriterSize(file, 1<<20)
	w, err := catalog.NewCSVWriter(buffer)
	if err != nil {
		return err
	}
	only := strings.FieldsFunc(*places, func(r rune) bool { return r == ',' })
	expand.Nation(*seed, scale, func(code string, entries []*portalv1.ProcedureContent) {
		if len(only) > 0 && !slices.Contains(only, code) {
			return
		}
		for _, c := range entries {
			err = errors.Join(err, w.Write(catalog.Line{Place: code, Content: c}))
		}
	})
	return errors.Join(err, w.Flush(), buffer.Flush())
}
