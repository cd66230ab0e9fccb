//go:build !js

package pack

import (
	"flag"
	"fmt"
	"os"
	"strings"
)

// Command packs a program: what its main does where it is built for the machine at hand. The pages are those in use
// (shell.Use).
func Command(program Program) {
	o := Options{Program: program}
	flag.StringVar(&o.Wasm, "wasm", "build/"+program.Name+".wasm", "the program, built with GOOS=js GOARCH=wasm")
	flag.StringVar(&o.Out, "out", "build/web", "the directory to write")
	flag.StringVar(&o.Static, "static", "static", "the directory of styles and scripts")
	flag.StringVar(&o.Text, "text", "static/text", "the directory of texts, one file a feature and language")
	flag.BoolVar(&o.Fast, "fast", false, "for development: leave out the slow compression")
	flag.BoolVar(&o.Fresh, "fresh", false, "for development: a page that is loaded again is the newest")
	programs := flag.String("programs", program.Path, "the paths of all programs; what lies below them is left to them")
	flag.Parse()
	for path := range strings.FieldsSeq(*programs) {
		if path != program.Path && strings.HasPrefix(path, program.Path) {
			o.Beside = append(o.Beside, path)
		}
	}
	if err := Write(o); err != nil {
		fmt.Fprintln(os.Stderr, "pack:", err)
		os.Exit(1)
	}
}
