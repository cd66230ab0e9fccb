//go:build !js

package pack_test

import (
	"compress/gzip"
	"encoding/json"
	"io"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"madoguchi/frontend/feature/help"
	"madoguchi/frontend/feature/home"
	"madoguchi/frontend/frame/shell"
	"madoguchi/frontend/pack"
)

func TestMain(m *testing.M) {
	shell.Use(home.Feature, help.Feature)
	os.Exit(m.Run())
}

// packed is what is written for a program, made once: the compression takes seconds.
func packed(t *testing.T) map[string]string {
	t.Helper()
	if packedOnce == nil {
		packedOnce = write(t, t.TempDir(), "program", false)
	}
	return packedOnce
}

var packedOnce map[string]string

func write(t *testing.T, dir, program string, fast bool) map[string]string {
	t.Helper()
	wasm := filepath.Join(t.TempDir(), "app.wasm")
	if err := os.WriteFile(wasm, []byte(program), 0o644); err != nil {
		t.Fatal(err)
	}
	if err := pack.Write(pack.Options{
		Program: pack.Program{Name: "app", Path: "/"},
		Wasm:    wasm, Out: dir, Static: "../../static", Text: "../../static/text", Fast: fast,
	}); err != nil {
		t.Fatal(err)
	}
	files := map[string]string{}
	err := filepath.WalkDir(dir, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		b, err := os.ReadFile(path)
		name, _ := filepath.Rel(dir, path)
		files[filepath.ToSlash(name)] = string(b)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return files
}

type table struct {
	Version  string
	NotFound string `json:"not_found"`
	Routes   []struct{ Path, Pattern, Page string }
}

func routes(t *testing.T, files map[string]string) table {
	t.Helper()
	var r table
	if err := json.Unmarshal([]byte(files["routes.json"]), &r); err != nil {
		t.Fatal(err)
	}
	return r
}

func TestEverythingThatIsNamedIsThere(t *testing.T) {
	files := packed(t)
	r := routes(t, files)
	names := []string{r.NotFound}
	for _, route := range r.Routes {
		names = append(names, route.Page)
	}
	for _, name := range names {
		for _, language := range []string{"ja", "en", "easy"} {
			page := files["pages/"+name+"."+language+".html"]
			if !strings.Contains(page, "<h1") || !strings.Contains(page, `data-lang="`+language+`"`) ||
				!strings.Contains(page, `content="{{bridge}}"`) {
				t.Errorf("page %s in %s has no heading, language or place for the bridge: %d bytes", name,
					language, len(page))
			}
			for _, match := range regexp.MustCompile(`(?:src|href|data-wasm)="(/[^"?]*\.[^"?]*)"`).
				FindAllStringSubmatch(page, -1) {
				if _, ok := files[strings.TrimPrefix(match[1], "/")]; !ok {
					t.Errorf("page %s names %s, which is not there", name, match[1])
				}
			}
			if regexp.MustCompile(`(?i)<script(?:[^>]*)>[^<]|<style|\sstyle=|\son[a-z]+=|javascript:`).MatchString(
				page,
			) {
				t.Errorf("page %s in %s has inline script or style", name, language)
			}
		}
	}
	for _, kept := range worker(t, files) {
		if _, ok := files[strings.TrimPrefix(kept, "/")]; !ok {
			t.Errorf("the service worker keeps %s, which is not there", kept)
		}
	}
	if !strings.Contains(files["app-worker.js"], r.Version) {
		t.Error("the service worker does not know the version")
	}
}

func worker(t *testing.T, files map[string]string) []string {
	t.Helper()
	var shell map[string]string
	var languages map[string]map[string]string
	for name, into := range map[string]any{"files": &shell, "languages": &languages} {
		match := regexp.MustCompile(`const ` + name + ` = (\{.*?\});`).FindStringSubmatch(files["app-worker.js"])
		if match == nil {
			t.Fatalf("the service worker has no list of %s", name)
		}
		if err := json.Unmarshal([]byte(match[1]), into); err != nil {
			t.Fatal(err)
		}
	}
	list := slices.Collect(maps.Keys(shell))
	for _, of := range languages {
		list = slices.AppendSeq(list, maps.Keys(of))
	}
	if len(shell) < 6 || len(languages) < 3 {
		t.Fatalf("the service worker keeps %v", list)
	}
	return list
}

func TestSamePackSameVersion(t *testing.T) {
	dir := t.TempDir()
	first := packed(t)
	again := write(t, dir, "program", false)
	for name, content := range first {
		if again[name] != content {
			t.Errorf("%s differs the second time", name)
		}
	}
	other := write(t, dir, "another program", false)
	if routes(t, first).Version == routes(t, other).Version {
		t.Error("another program has the same version")
	}
	programs := 0
	for name := range other {
		if strings.HasSuffix(name, ".wasm") {
			programs++
		}
	}
	if programs != 1 {
		t.Errorf("%d programs left in the directory", programs)
	}
}

// A quick pack into the folder of a whole one leaves no compressed copy that says something else than its original.
func TestAQuickPackLeavesNoStaleCopies(t *testing.T) {
	dir := t.TempDir()
	write(t, dir, "program", false)
	files := write(t, dir, "another program", true)
	style := 0
	for name, packed := range files {
		original, compressed := strings.CutSuffix(name, ".gz")
		if !compressed {
			if original, compressed = strings.CutSuffix(name, ".br"); compressed && files[original+".gz"] == "" {
				t.Errorf("%s is alone", name)
			}
			continue
		}
		r, err := gzip.NewReader(strings.NewReader(packed))
		if err != nil {
			t.Fatal(err)
		}
		content, err := io.ReadAll(r)
		if err != nil || string(content) != files[original] {
			t.Errorf("%s is of another %s (%v)", name, original, err)
		}
		if strings.HasPrefix(name, "assets/style.") {
			style++
		}
	}
	if style != 1 {
		t.Errorf("%d copies of the style were kept: it has not changed", style)
	}
}

func TestManifests(t *testing.T) {
	files := packed(t)
	for name, language := range map[string]string{
		"manifest.webmanifest": "ja", "manifest.en.webmanifest": "en", "manifest.easy.webmanifest": "ja",
	} {
		var m struct {
			ID, Lang, Dir, Name string
			Icons               []struct{ Src, Purpose string }
			Share               struct {
				Action, Method string
				Params         map[string]string
			} `json:"share_target"`
		}
		if err := json.Unmarshal([]byte(files[name]), &m); err != nil {
			t.Fatal(err)
		}
		if m.ID != "/" || m.Lang != language || m.Dir != "ltr" || m.Name == "" {
			t.Errorf("%s: %+v", name, m)
		}
		purposes := ""
		for _, i := range m.Icons {
			purposes += i.Purpose
			content, ok := files[strings.TrimPrefix(i.Src, "/")]
			if !ok || strings.HasSuffix(i.Src, ".png") && !strings.HasPrefix(content, "\x89PNG") {
				t.Errorf("%s: icon %s is not there", name, i.Src)
			}
		}
		if m.Share.Action != "/shared" || m.Share.Method != "POST" || len(m.Share.Params) != 3 {
			t.Errorf("%s: what is shared goes to %+v", name, m.Share)
		}
		if !strings.Contains(purposes, "maskable") || !strings.Contains(purposes, "monochrome") {
			t.Errorf("%s: purposes %q", name, purposes)
		}
	}
}

// A program says where it lies, and has its pages there.
func TestProgramsThatCannotBe(t *testing.T) {
	for want, program := range map[string]pack.Program{
		"small letters":   {Name: "Staff-2", Path: "/"},
		"a path like":     {Name: "staff", Path: "/staff"},
		"lies outside of": {Name: "staff", Path: "/staff/"},
	} {
		err := pack.Write(pack.Options{
			Program: program, Static: "../../static", Text: "../../static/text", Out: t.TempDir(),
		})
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%+v: want an error with %q, got %v", program, want, err)
		}
	}
}
