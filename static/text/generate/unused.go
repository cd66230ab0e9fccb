package main

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"strings"

	"madoguchi/static/text"
)

// unused are the texts that no code of their feature names. Their names are not exported: nobody else could.
func unused(texts *text.Texts) []error {
	var wrong []error
	for i := range texts.Features {
		f := &texts.Features[i]
		room, err := roomOf(f)
		if err != nil {
			wrong = append(wrong, err)
			continue
		}
		named, err := identifiers(room)
		if err != nil {
			wrong = append(wrong, err)
			continue
		}
		for _, e := range f.Source.Entries {
			if !named[e.Key] && !ast.IsExported(e.Key) {
				wrong = append(wrong, fmt.Errorf(
					"%s/%s:%d: %s: nothing in %s shows it", folder, f.Source.Path, e.Line, e.Key, room,
				))
			}
		}
	}
	return wrong
}

func identifiers(room string) (map[string]bool, error) {
	entries, err := os.ReadDir(room)
	if err != nil {
		return nil, fmt.Errorf("looking who uses texts: %w", err)
	}
	named := map[string]bool{}
	for _, entry := range entries {
		name := entry.Name()
		if !strings.HasSuffix(name, ".go") || strings.HasSuffix(name, "_test.go") || name == ourName {
			continue
		}
		file, err := parser.ParseFile(token.NewFileSet(), filepath.Join(room, name), nil, parser.SkipObjectResolution)
		if err != nil {
			return nil, fmt.Errorf("looking who uses texts: %w", err)
		}
		ast.Inspect(file, func(n ast.Node) bool {
			if identifier, ok := n.(*ast.Ident); ok {
				named[identifier.Name] = true
			}
			return true
		})
	}
	return named, nil
}
