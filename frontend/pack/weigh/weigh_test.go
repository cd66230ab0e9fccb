//go:build !js

package main

import (
	"bytes"
	"encoding/binary"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"madoguchi/frontend/pack/wasm"
)

// list writes bytes with their length before them.
func list(content ...[]byte) []byte {
	all := slices.Concat(content...)
	return append(binary.AppendUvarint(nil, uint64(len(all))), all...)
}

func named(number byte, name string) []byte { return append([]byte{number}, list([]byte(name))...) }

// module is a WebAssembly module with one imported function and two of its own.
func module(names bool) []byte {
	m := []byte(wasm.Header)
	section := func(kind byte, content ...[]byte) { m = append(append(m, kind), list(content...)...) }
	section(wasm.Import, []byte{1}, list([]byte("gojs")), list([]byte("now")), []byte{0, 0})
	section(wasm.Code, []byte{2}, list(make([]byte, 200)), list(make([]byte, 20_000)))
	section(wasm.Data, make([]byte, 30))
	if names {
		functions := list([]byte{3}, named(0, "now"), named(1, "example.com_x.v2_app.__T_.Do"),
			named(2, "madoguchi_frontend_feature_notice.init"))
		section(wasm.Custom, list([]byte("name")), []byte{0}, list([]byte("m")), []byte{1}, functions)
	}
	return m
}

func TestTheTable(t *testing.T) {
	p, err := readProgram(module(true))
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, r := range rows(p, []string{
		"example.com/x.v2", "example.com/x.v2/app", "madoguchi/frontend/feature/notice",
	}) {
		got = append(got, r.name)
	}
	want := []string{
		"page code", "page data", "page other", "page part feature notice", "page part (all the smaller ones)",
		"page package madoguchi/frontend/feature/notice", "page package (all the smaller ones)",
	}
	if !slices.Equal(got, want) {
		t.Errorf("%q", got)
	}
	if p.data != 30 || p.functions[0].size != 200 || p.functions[1].size != 20_000 {
		t.Errorf("%+v", p)
	}
	owners := map[string]string{"example.com_x.v2": "a", "example.com_x.v2_app": "b"}
	if owner := ownerOf(p.functions[0].name, owners); owner != "b" {
		t.Errorf("%q", owner)
	}
	if _, err := readProgram(module(false)); err == nil {
		t.Error("a program without names has a table")
	}
	for at := range module(true) {
		readProgram(module(true)[:at]) // must not panic
	}
}

// What is over its budget fails, by how much, whichever compressor made the copy beside it.
func TestBudgets(t *testing.T) {
	web := t.TempDir()
	put := func(name string, content []byte) {
		t.Helper()
		if err := os.WriteFile(filepath.Join(web, name), content, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	noise := make([]byte, 5000)
	random := rand.New(rand.NewPCG(1, 1))
	for i := range noise {
		noise[i] = byte(random.Uint32())
	}
	put("a.1.js", bytes.Repeat([]byte("again and "), 1000))
	put("b.1.js", noise)
	budget := filepath.Join(web, "budget")
	for name, c := range map[string]struct{ budget, br, says string }{
		"within, without a copy":      {"a.*.js 1,000 # why", "", ""},
		"within, by its copy":         {"b.*.js 1000", strings.Repeat("x", 900), ""},
		"within, with a worse copy":   {"a.*.js 1000", strings.Repeat("x", 2000), ""},
		"over":                        {"b.*.js 4000", "", "more than it may"},
		"over, with a worse copy":     {"b.*.js 4000", strings.Repeat("x", 9000), "more than it may"},
		"not there":                   {"c.*.js 1000", "", "0 files"},
		"two":                         {"*.1.js 1000", "", "2 files"},
		"no number":                   {"a.*.js many", "", "budget:1"},
		"no budget":                   {"# nothing", "", "has no budget"},
		"something after its weight":  {"a.*.js 1000 2000", "", "budget:1"},
		"one of two is over":          {"a.*.js 1000\nb.*.js 10", "", "b.1.js weighs"},
		"a budget that does not fall": {"a.*.js 1000\n\n# b\nb.*.js 6000", "", ""},
	} {
		put("budget", []byte(c.budget))
		for _, file := range []string{"a.1.js.br", "b.1.js.br"} {
			os.Remove(filepath.Join(web, file))
			if c.br != "" {
				put(file, []byte(c.br))
			}
		}
		err := check(budget, web, new(bytes.Buffer))
		if (err == nil) != (c.says == "") || err != nil && !strings.Contains(err.Error(), c.says) {
			t.Errorf("%s: %v", name, err)
		}
	}
}
