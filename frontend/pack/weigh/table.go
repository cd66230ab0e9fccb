//go:build !js

package main

import (
	"cmp"
	"slices"
	"strings"
)

// row is a line of the table.
type row struct {
	name string
	size int
}

// least is the weight below which packages are told together.
const least = 10_000

// rows are what a program weighs: in all, by feature, by package; the heavy first.
func rows(p program, packages []string) []row {
	owners := map[string]string{}
	for _, name := range packages {
		owners[asSymbol(name)] = name
	}
	byPackage, byFeature := map[string]int{}, map[string]int{}
	for _, f := range p.functions {
		owner := ownerOf(f.name, owners)
		byPackage[owner] += f.size
		byFeature[featureOf(owner)] += f.size
	}
	all := []row{
		{"page code", p.code}, {"page data", p.data}, {"page other", p.other},
	}
	all = append(all, sorted("page part ", byFeature)...)
	return append(all, sorted("page package ", byPackage)...)
}

func sorted(before string, sizes map[string]int) []row {
	var list []row
	small := 0
	for name, size := range sizes {
		if size < least {
			small += size
			continue
		}
		list = append(list, row{before + name, size})
	}
	slices.SortFunc(list, func(a, b row) int {
		return cmp.Or(cmp.Compare(b.size, a.size), strings.Compare(a.name, b.name))
	})
	return append(list, row{before + "(all the smaller ones)", small})
}

// asSymbol is a package's path as it stands in the names of functions: what is neither letter, digit nor dot is "_".
func asSymbol(path string) string {
	return strings.Map(func(r rune) rune {
		if r == '.' || '0' <= r && r <= '9' || 'a' <= r && r <= 'z' || 'A' <= r && r <= 'Z' {
			return r
		}
		return '_'
	}, path)
}

// made is what the compiler and the linker make for all packages together.
const made = "(made by the compiler)"

// ownerOf is the package of a function: the longest whose path its name begins with.
func ownerOf(function string, owners map[string]string) string {
	for at := len(function); at > 0; at = strings.LastIndexByte(function[:at], '.') {
		if owner, ok := owners[function[:at]]; ok {
			return owner
		}
	}
	if strings.HasPrefix(function, "main.") {
		return "madoguchi/frontend"
	}
	return made
}

// featureOf says what of the page a package is for.
func featureOf(owner string) string {
	path, ours := strings.CutPrefix(owner, "madoguchi/")
	switch {
	case strings.HasPrefix(path, "frontend/feature/"), strings.HasPrefix(path, "frontend/part/"):
		parts := strings.Split(path, "/")
		return strings.Join(parts[1:3], " ")
	case ours && strings.HasPrefix(path, "frontend"):
		return "frame and reach"
	case ours:
		return "contract"
	case strings.Contains(owner, "go-app"):
		return "go-app"
	case owner == made, !strings.Contains(owner, "."):
		return "Go"
	}
	return "libraries"
}
