// Command generate writes banks.tsv and branches.tsv.gz from the npm package zengin-code (MIT). `make data` runs it.
package main

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

const dir = "backend/japan/bank"

type branch struct{ Code, Name, Kana string }

type bank struct {
	Code, Name, Kana string
	Branches         map[string]branch
}

func main() {
	if len(os.Args) != 2 {
		fmt.Fprintln(os.Stderr, "usage: generate node_modules/zengin-code/lib/zengin-data.js")
		os.Exit(2)
	}
	if err := write(os.Args[1]); err != nil {
		fmt.Fprintln(os.Stderr, "generate:", err)
		os.Exit(1)
	}
}

func write(file string) error {
	data, err := os.ReadFile(file)
	if err != nil {
		return err
	}
	_, object, _ := bytes.Cut(data, []byte("module.exports = "))
	var all map[string]bank
	if err := json.Unmarshal(bytes.TrimSuffix(bytes.TrimSpace(object), []byte(";")), &all); err != nil {
		return fmt.Errorf("reading %s: %w", file, err)
	}
	var banks, branches strings.Builder
	for _, code := range slices.Sorted(maps.Keys(all)) {
		b := all[code]
		fmt.Fprintf(&banks, "%s\t%s\t%s\n", b.Code, b.Name, b.Kana)
		for _, of := range slices.Sorted(maps.Keys(b.Branches)) {
			one := b.Branches[of]
			fmt.Fprintf(&branches, "%s\t%s\t%s\t%s\n", b.Code, one.Code, one.Name, one.Kana)
		}
	}
	var packed bytes.Buffer
	to, err := gzip.NewWriterLevel(&packed, gzip.BestCompression)
	if err != nil {
		return err
	}
	if _, err := to.Write([]byte(branches.String())); err != nil {
		return err
	}
	if err := to.Close(); err != nil {
		return err
	}
	if err := os.WriteFile(filepath.Join(dir, "banks.tsv"), []byte(banks.String()), 0o644); err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(dir, "branches.tsv.gz"), packed.Bytes(), 0o644)
}
