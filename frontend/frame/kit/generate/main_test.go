//go:build !js

package main

import (
	"encoding/xml"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestTheIconsAreThoseOfThePackage(t *testing.T) {
	want, err := write(filepath.Join("..", "..", "..", "..", "node_modules", "lucide-static"))
	if err != nil {
		t.Fatalf("%v (run `make setup` first)", err)
	}
	got, err := os.ReadFile(filepath.Join("..", "lucide_gen.go"))
	if err != nil {
		t.Fatal(err)
	}
	if string(got) != string(want) {
		t.Error("lucide_gen.go is not what the package gives: run `make data` and commit")
	}
}

func TestOnlyWhatADrawingKnowsIsDrawn(t *testing.T) {
	for source, want := range map[string]string{
		`<path d="M1 2h3"/>`:                     `<path d="M1 2h3"/>`,
		`<rect width="5" height="6" rx="1"/>`:    `<rect width="5" height="6" rx="1"/>`,
		`<line x1="1" x2="2" y1="3" y2="4"/>`:    `<path d="M1 3L2 4"/>`,
		`<polyline points="1 2 3 4"/>`:           `<path d="M1 2 3 4"/>`,
		`<polygon points="1 2 3 4 5 6"/>`:        `<path d="M1 2 3 4 5 6z"/>`,
		`<ellipse cx="1" cy="1" rx="1" ry="2"/>`: "",
		`<circle cx="1" r="2" fill="red"/>`:      "",
		`<script/>`:                              "",
		`<path d="M1 1" onload="x()"/>`:          "",
	} {
		token, err := xml.NewDecoder(strings.NewReader(source)).Token()
		if err != nil {
			t.Fatal(err)
		}
		got, err := element(token.(xml.StartElement))
		if got != want || (err != nil) != (want == "") {
			t.Errorf("%s: %q, %v; want %q", source, got, err, want)
		}
	}
}
