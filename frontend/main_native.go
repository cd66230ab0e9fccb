//go:build !js

package main

import (
	"flag"
	"fmt"
	"os"

	"madoguchi/frontend/pack"
)

// version is set by the linker.
var version = "dev"

// generate writes build/web.
func generate() {
	var o pack.Options
	flag.StringVar(&o.Wasm, "wasm", "build/app.wasm", "the page's program, built with GOOS=js GOARCH=wasm")
	flag.StringVar(&o.Out, "out", "build/web", "the directory to write")
	flag.StringVar(&o.Static, "static", "static", "the directory of styles and scripts")
	flag.StringVar(&o.Text, "text", "static/text", "the directory of texts, one file a feature and language")
	flag.BoolVar(&o.Fast, "fast", false, "for development: leave out the slow compression")
	show := flag.Bool("version", false, "print the version and exit")
	flag.Parse()
	if *show {
		fmt.Println(version)
		return
	}
	if err := pack.Write(o); err != nil {
		fmt.Fprintln(os.Stderr, "frontend:", err)
		os.Exit(1)
	}
}
