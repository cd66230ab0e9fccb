package plaintext

import (
	"bufio"
	"compress/gzip"
	"go/ast"
	"go/parser"
	"go/token"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"unicode"
)

// Every Japanese text of this repository passes: the catalogue, the names of places, offices and towns, the letters and
// notices that the sandbox sends, and what the page says.
func TestTheHousesOwnTextsPass(t *testing.T) {
	texts := 0
	check := func(where, s string) {
		if !strings.ContainsFunc(s, func(r rune) bool {
			return unicode.In(r, unicode.Han, unicode.Hiragana, unicode.Katakana)
		}) {
			return
		}
		texts++
		if err := Lines(s); err != nil {
			t.Errorf("%s: %v: %.60q", where, err, s)
		}
	}
	for _, room := range []string{"backend", "frontend", "bridge"} {
		err := filepath.WalkDir(filepath.Join("..", "..", room), func(path string, entry fs.DirEntry, err error) error {
			if err != nil || entry.IsDir() || strings.HasSuffix(path, "_test.go") {
				return err
			}
			switch filepath.Ext(path) {
			case ".go":
				return literals(path, check)
			case ".tsv", ".csv", ".yaml", ".html", ".json", ".gz":
				return rows(path, check)
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	if texts < 10_000 {
		t.Errorf("only %d texts were found", texts)
	}
}

func literals(path string, check func(where, s string)) error {
	set := token.NewFileSet()
	file, err := parser.ParseFile(set, path, nil, parser.SkipObjectResolution)
	if err != nil {
		return err
	}
	ast.Inspect(file, func(n ast.Node) bool {
		if l, ok := n.(*ast.BasicLit); ok && l.Kind == token.STRING {
			s, err := strconv.Unquote(l.Value)
			if err == nil {
				check(set.Position(l.Pos()).String(), s)
			}
		}
		return true
	})
	return nil
}

func rows(path string, check func(where, s string)) error {
	file, err := os.Open(path)
	if err != nil {
		return err
	}
	defer file.Close()
	from := io.Reader(file)
	if filepath.Ext(path) == ".gz" {
		if from, err = gzip.NewReader(file); err != nil {
			return err
		}
	}
	lines := bufio.NewScanner(from)
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		check(path, lines.Text())
	}
	return lines.Err()
}
