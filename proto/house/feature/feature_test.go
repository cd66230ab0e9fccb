package main

import (
	"bytes"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"
)

const house = "../../.."

// A feature is written into a copy of the house, and all that the house asks of one holds of it there: it is built, its
// own tests and those that look at every feature pass, and a browser shows it. What is not changed by it is built
// already: the copy's programs are built with the flags of `make build`, and the page is not compressed.
func TestAFeatureIsWholeAsItIsWritten(t *testing.T) {
	c := copied(t)
	before := c.files(t)
	c.run(t, "make", "feature", "NAME=example")
	checkChanges(t, before, c.files(t))
	c.run(t, "go", "run", "./static/text/generate", "--check")

	c.run(t, "make", "build/portal", "build/dev-web/.done")
	if err := os.Rename(c.path("build/dev-web"), c.path("build/web")); err != nil {
		t.Fatal(err)
	}
	engines := "/"
	if os.Getenv("PORTAL_TEST_POSTGRES") == "" {
		engines = "/sqlite"
	}
	c.run(t, "go", "test", "-run", engines, "./backend/feature/example", "./frontend/feature/example")
	// The packages that these are of are vetted where they stand.
	tests := "^TestAllThatIsKeptOfAPersonIsToldAndErased" + engines + "|^Test(" + strings.Join([]string{
		"EveryCallIsMounted", "WhoMayCallWhat", "BrokenRulesAreRefusedAtTheDoors", // ./backend
		"EveryStatementGoesByAnIndex",                           // ./backend/store/db
		"AStyleIsOfARoom",                                       // ./frontend/pack
		"Imports", "AFeatureRunsItsOwnSQL", "ThePageStaysLight", // ./proto/house
	}, "|") + ")$"
	c.run(t, "go", "test", "-vet=off", "-run", tests,
		"./backend", "./backend/store/db", "./frontend/pack", "./proto/house")
	c.flags = os.Getenv("GOFLAGS") // Chromium's protocol is long to build: it is there as other browser tests have it
	c.run(t, "go", "test", "-run", "^TestExample$", "./frontend/e2e")
}

// checkChanges looks at what became of the house: nothing is gone, and of what was there only these changed, by what
// joins.
func checkChanges(t *testing.T, before, after map[string]string) {
	t.Helper()
	byHand := map[string]int{"backend/portal.go": 2, "frontend/main.go": 2} // lines that came
	generated := []string{
		"backend/store/db/models.sql.go", "proto/gen/portal/v1/portalv1limit/limit.go",
		"proto/gen/bare/portal/v1/messages.go",
	}
	for path, content := range before {
		now, there := after[path]
		switch {
		case !there:
			t.Errorf("%s is gone", path)
		case now == content || slices.Contains(generated, path):
		case byHand[path] == 0:
			t.Errorf("%s has changed", path)
		case strings.Count(now, "\n") != strings.Count(content, "\n")+byHand[path]:
			t.Errorf("%s has changed by more than what joins:\n%s", path, now)
		}
	}
	for path := range after {
		if _, there := before[path]; !there && !strings.Contains(path, "example") {
			t.Errorf("%s has come, in nobody's room", path)
		}
	}
}

func TestNamesThatAreNone(t *testing.T) {
	for name, why := range map[string]string{
		"": "no name", "Example": "no name", "ex": "no name", "two-words": "no name",
		"../etc": "no name", "例": "no name",
		"func": "to Go", "mytest": "to Go", "internal": "to Go",
		"notice": "there already", "ask": "there already", "kit": "there already", "jobs": "there already",
		"slices": "backend: take another", "sender": "backend: take another",
		"string": "backend: take another", "config": "backend: take another",
		"folder": "there already", "session": "there already", "access": "there already",
		"main": "backend: take another",
	} {
		if _, err := write(house, name); err == nil || !strings.Contains(err.Error(), why) {
			t.Errorf("%q: %v, want %s", name, err, why)
		}
	}
}

// Where something is in the way, nothing is written.
func TestAllOrNothing(t *testing.T) {
	root := t.TempDir()
	put := func(path, content string) {
		t.Helper()
		whole := filepath.Join(root, path)
		if err := os.MkdirAll(filepath.Dir(whole), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(whole, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	count := func() (n int) {
		t.Helper()
		for range (tree{root: root}).files(t) {
			n++
		}
		return n
	}
	refused := func(why string) {
		t.Helper()
		before := count()
		if _, err := write(root, "example"); err == nil || !strings.Contains(err.Error(), why) {
			t.Errorf("%v, want %s", err, why)
		}
		if n := count(); n != before {
			t.Errorf("of %d files there are %d, after %s", before, n, why)
		}
	}
	refused("at the top of the house")
	put("backend/store/db/migrations/00099_last.sql", "")
	refused("portal.go")
	for _, j := range joins {
		source, err := os.ReadFile(filepath.Join(house, j.file))
		if err != nil {
			t.Fatal(err)
		}
		put(j.file, string(source))
	}
	put("frontend/main.go", "package main\n")
	refused("mend joins")
	source, err := os.ReadFile(filepath.Join(house, "frontend/main.go"))
	if err != nil {
		t.Fatal(err)
	}
	put("frontend/main.go", string(source))
	put("static/feature/example.css", "")
	refused("static/feature/example.css is there already")
	if err := os.Remove(filepath.Join(root, "static/feature/example.css")); err != nil {
		t.Fatal(err)
	}
	written, err := write(root, "example")
	if err != nil || !slices.Contains(written, "backend/store/db/migrations/00100_example.sql") {
		t.Errorf("%v, %v", written, err)
	}
	refused("there already")
}

// tree is a house somewhere.
type tree struct{ root, flags string }

func (c tree) path(name string) string { return filepath.Join(c.root, name) }

// made are what is built and what is fetched: not of the source.
var made = []string{".git", "build", "node_modules"}

// copied copies the house without what is made; what a feature does not change of that is lent.
func copied(t *testing.T) tree {
	t.Helper()
	c := tree{root: t.TempDir(), flags: "-trimpath"}
	err := walk(house, func(path string, info fs.FileInfo) error {
		content, err := os.ReadFile(filepath.Join(house, path))
		if err != nil {
			return err
		}
		if err := os.MkdirAll(filepath.Dir(c.path(path)), 0o755); err != nil {
			return err
		}
		if err := os.WriteFile(c.path(path), content, info.Mode().Perm()); err != nil {
			return err
		}
		return os.Chtimes(c.path(path), info.ModTime(), info.ModTime()) // by which make sees what is new
	})
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Mkdir(c.path("build"), 0o755); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{
		"node_modules", "build/tools", "build/goapp", "build/page.mod", "build/page.sum",
		"build/bridge", "build/sandbox", "build/expand",
	} {
		original, err := filepath.Abs(filepath.Join(house, name))
		if err != nil {
			t.Fatal(err)
		}
		if _, err := os.Stat(original); err != nil {
			t.Fatalf("%v (run `make build` first)", err)
		}
		if err := os.Symlink(original, c.path(name)); err != nil {
			t.Fatal(err)
		}
	}
	return c
}

func walk(root string, each func(path string, info fs.FileInfo) error) error {
	return filepath.WalkDir(root, func(whole string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		path, err := filepath.Rel(root, whole)
		if err != nil {
			return err
		}
		if slices.Contains(made, path) {
			if entry.IsDir() {
				return fs.SkipDir
			}
			return nil
		}
		if entry.IsDir() {
			return nil
		}
		info, err := os.Stat(whole)
		if err != nil {
			return err
		}
		return each(path, info)
	})
}

func (c tree) files(t *testing.T) map[string]string {
	t.Helper()
	files := map[string]string{}
	err := walk(c.root, func(path string, _ fs.FileInfo) error {
		content, err := os.ReadFile(c.path(path))
		files[path] = string(content)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return files
}

// run runs a command of the house as a person would, and says what it cost.
func (c tree) run(t *testing.T, name string, arguments ...string) {
	t.Helper()
	command := exec.CommandContext(t.Context(), name, arguments...)
	if strings.Contains(name, "/") {
		command.Path = c.path(name)
	}
	command.Dir = c.root
	command.Env = append(slices.DeleteFunc(os.Environ(), func(setting string) bool { // of the make that runs this test
		return strings.HasPrefix(setting, "MAKE") || strings.HasPrefix(setting, "MFLAGS=")
	}), "GOFLAGS="+c.flags)
	var output bytes.Buffer
	command.Stdout, command.Stderr = &output, &output
	began, before := time.Now(), spent(t)
	if err := command.Run(); err != nil {
		t.Fatalf("%s %s: %v\n%s", name, strings.Join(arguments, " "), err, &output)
	}
	t.Logf("%s %s: %v, of the processors %v", name, strings.Join(arguments, " "),
		time.Since(began).Round(time.Second/10), (spent(t) - before).Round(time.Second/10))
}

// spent is the processors' time that commands took which have ended.
func spent(t *testing.T) time.Duration {
	t.Helper()
	var usage syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_CHILDREN, &usage); err != nil {
		t.Fatal(err)
	}
	return time.Duration(usage.Utime.Nano() + usage.Stime.Nano())
}
