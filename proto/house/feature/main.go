// Command feature writes the skeleton of a feature with everything that the house has for one:
// `make feature NAME=example`.
//
// What is written stands in template/, a file there for each file here: NAME and NUMBER in a file's name, «.Name»,
// «.Title» in its text, become those of the feature (example, Example) and of the next migration. Beside new files two
// lines come into backend/portal.go, and two into frontend/main.go: the import, and the feature in the list of those
// that join.
package main

import (
	"bytes"
	"embed"
	"errors"
	"fmt"
	"go/ast"
	"go/format"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"text/template"
)

//go:embed template
var templates embed.FS

func main() {
	if len(os.Args) != 2 {
		fmt.Fprintln(os.Stderr, "how to: make feature NAME=example")
		os.Exit(2)
	}
	written, err := write(".", os.Args[1])
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	fmt.Println(strings.Join(written, "\n"))
}

// join is where a program lists who joins it.
type join struct{ file, imports, entry, before string }

// joins are found in the programs as they are: an entry goes before the end of its list.
var joins = []join{
	{
		"backend/portal.go", "madoguchi/backend/feature/", "\t\t%s.Feature(h),\n",
		"\t)\n\tif err != nil {\n\t\treturn err\n\t}\n\tfor kind, do := range h.Jobs()",
	},
	{"frontend/main.go", "madoguchi/frontend/feature/", "\t\t%s.Feature,\n", "\t}\n}\n"},
}

// write writes a feature into the house at root and lists the files. Nothing is written unless all of it can be.
func write(root, name string) ([]string, error) {
	if err := checkName(root, name); err != nil {
		return nil, err
	}
	files, err := fill(root, name)
	if err != nil {
		return nil, err
	}
	for path := range files {
		if _, err := os.Stat(filepath.Join(root, path)); err == nil {
			return nil, fmt.Errorf("%s is there already: take another name", path)
		}
	}
	for _, j := range joins {
		if files[j.file], err = j.with(root, name); err != nil {
			return nil, err
		}
	}
	var written []string
	for path, content := range files {
		whole := filepath.Join(root, path)
		if err := os.MkdirAll(filepath.Dir(whole), 0o755); err != nil {
			return nil, fmt.Errorf("making the rooms of %s: %w", name, err)
		}
		if err := os.WriteFile(whole, content, 0o644); err != nil { //nolint:gosec // source is for everybody to read
			return nil, fmt.Errorf("writing %s: %w", name, err)
		}
		written = append(written, path)
	}
	slices.Sort(written)
	return written, nil
}

var word = regexp.MustCompile(`^[a-z]{3,20}$`)

// foldersOfGo mean something to the go command.
var foldersOfGo = []string{"internal", "vendor", "testdata"}

// checkName refuses what is no name for a package, or is one already.
func checkName(root, name string) error {
	switch {
	case !word.MatchString(name):
		return fmt.Errorf("%q is no name for a feature: take one English word of 3 to 20 lower-case letters", name)
	case token.IsKeyword(name), strings.HasSuffix(name, "test"), slices.Contains(foldersOfGo, name):
		return fmt.Errorf("%q means something to Go: take another name", name)
	}
	for _, room := range []string{
		"backend/feature", "backend/door", "backend/outside", "backend/store", "backend/japan",
		"frontend/feature", "frontend/part", "frontend/reach", "frontend/frame", "static/text",
	} {
		if _, err := os.Stat(filepath.Join(root, room, name)); err == nil {
			return fmt.Errorf("%s/%s is there already: take another name", room, name)
		}
	}
	for _, j := range joins {
		if err := checkFree(root, j.file, name); err != nil {
			return err
		}
	}
	return nil
}

// checkFree looks whether a package could be imported by its name: whether the file means nothing else by it, nor its
// package.
func checkFree(root, file, name string) error {
	paths, err := filepath.Glob(filepath.Join(root, filepath.Dir(file), "*.go"))
	if err != nil {
		return fmt.Errorf("looking whether the name is free: %w", err)
	}
	taken := fmt.Errorf("%q means something in %s: take another name", name, filepath.Dir(file))
	for _, path := range paths {
		parsed, err := parser.ParseFile(token.NewFileSet(), path, nil, 0)
		if err != nil {
			return fmt.Errorf("looking whether the name is free: %w", err)
		}
		if parsed.Scope.Lookup(name) != nil {
			return taken
		}
		if path != filepath.Join(root, file) {
			continue
		}
		for n := range ast.Preorder(parsed) {
			if identifier, ok := n.(*ast.Ident); ok && identifier.Name == name {
				return taken
			}
		}
	}
	return nil
}

// fill makes the files of a feature of the templates, by their paths.
func fill(root, name string) (map[string][]byte, error) {
	number, err := nextMigration(root)
	if err != nil {
		return nil, err
	}
	values := map[string]string{"Name": name, "Title": strings.ToUpper(name[:1]) + name[1:]}
	files := map[string][]byte{}
	err = fs.WalkDir(templates, "template", func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		source, err := fs.ReadFile(templates, path)
		if err != nil {
			return err
		}
		parsed, err := template.New(path).Delims("«", "»").Option("missingkey=error").Parse(string(source))
		if err != nil {
			return err
		}
		var content bytes.Buffer
		if err := parsed.Execute(&content, values); err != nil {
			return err
		}
		path = strings.TrimSuffix(strings.TrimPrefix(path, "template/"), ".tmpl")
		path = strings.NewReplacer("NAME", name, "NUMBER", number).Replace(path)
		files[path], err = content.Bytes(), nil
		if strings.HasSuffix(path, ".go") {
			files[path], err = format.Source(content.Bytes()) // columns are as wide as the name
		}
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("filling in the templates: %w", err)
	}
	return files, nil
}

func nextMigration(root string) (string, error) {
	paths, err := filepath.Glob(filepath.Join(root, "backend/store/db/migrations/*.sql"))
	if err != nil || len(paths) == 0 {
		return "", errors.Join(errors.New("there are no migrations here: run this at the top of the house"), err)
	}
	last := 0
	for _, path := range paths {
		n := 0
		if _, err := fmt.Sscanf(filepath.Base(path), "%05d_", &n); err != nil {
			return "", fmt.Errorf("%s has no number: %w", path, err)
		}
		last = max(last, n)
	}
	return fmt.Sprintf("%05d", last+1), nil
}

// with is the program's file with one feature more.
func (j join) with(root, name string) ([]byte, error) {
	source, err := os.ReadFile(filepath.Join(root, j.file))
	if err != nil {
		return nil, fmt.Errorf("having %s join: %w", name, err)
	}
	first, list := bytes.Index(source, []byte("\t\""+j.imports)), bytes.Index(source, []byte(j.before))
	if first < 0 || list < first {
		return nil, fmt.Errorf("%s has no list of features where it was: mend joins in proto/house/feature", j.file)
	}
	added := []byte("\t\"" + j.imports + name + "\"\n")
	joined := slices.Concat(source[:first], added, source[first:list], fmt.Appendf(nil, j.entry, name), source[list:])
	if joined, err = format.Source(joined); err != nil { // which sorts the imports
		return nil, fmt.Errorf("having %s join %s: %w", name, j.file, err)
	}
	return joined, nil
}
