package lang

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
)

var verb = regexp.MustCompile(`%(\[\d+\])?[0-9.]*[a-z]`)

// Every text of the page, wherever it is written, is there in all languages, fills the same verbs in each, and its readings can be
// read.
func TestEveryTextOfThePage(t *testing.T) {
	found := 0
	files := token.NewFileSet()
	err := filepath.WalkDir("../..", func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") {
			return err
		}
		file, err := parser.ParseFile(files, path, nil, 0)
		if err != nil {
			return err
		}
		ast.Inspect(file, func(n ast.Node) bool {
			call, ok := n.(*ast.CallExpr)
			if !ok || len(call.Args) != 3 || !isNew(call.Fun) {
				return true
			}
			var texts []string
			for _, arg := range call.Args {
				literal, ok := arg.(*ast.BasicLit)
				if !ok || literal.Kind != token.STRING {
					return true
				}
				text, err := strconv.Unquote(literal.Value)
				if err != nil {
					t.Errorf("%s: %v", files.Position(arg.Pos()), err)
				}
				texts = append(texts, text)
			}
			found++
			checkText(t, files.Position(call.Pos()).String(), texts)
			return true
		})
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if found < 200 {
		t.Errorf("only %d texts found", found)
	}
}

func isNew(f ast.Expr) bool {
	selector, ok := f.(*ast.SelectorExpr)
	if !ok || selector.Sel.Name != "New" {
		return false
	}
	name, ok := selector.X.(*ast.Ident)
	return ok && name.Name == "lang"
}

func checkText(t *testing.T, where string, texts []string) {
	t.Helper()
	for i, text := range texts {
		if strings.TrimSpace(text) == "" {
			t.Errorf("%s: no text in %s", where, All[i])
		}
		if strings.Contains(text, "\n") {
			t.Errorf("%s: a text holds a line end", where)
		}
		if got, want := len(verb.FindAllString(text, -1)), len(verb.FindAllString(texts[0], -1)); got != want {
			t.Errorf("%s: %d verbs in %s, %d in ja", where, got, All[i], want)
		}
	}
	if err := checkRuby(texts[2]); err != nil {
		t.Errorf("%s: %v", where, err)
	}
}
