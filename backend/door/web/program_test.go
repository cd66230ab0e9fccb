package web_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"madoguchi/backend/door/web"
)

// put writes files below a folder, by their names.
func put(t *testing.T, dir string, files map[string]string) string {
	t.Helper()
	for name, text := range files {
		file := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

// buildStaff is a second program, below /staff/.
func buildStaff(t *testing.T, path string) string {
	t.Helper()
	files := map[string]string{
		"routes.json": fmt.Sprintf(
			`{"path":%q,"routes":[{"path":"/staff/","page":"shell"}],"languages":["ja"],"not_found":"notfound"}`, path,
		),
		"app-worker.js":                      "// the staff's worker",
		"assets/staff.0123456789abcdef.wasm": "\x00asm of the staff",
		"pages/shell.ja.html":                "the staff's frame",
		"pages/notfound.ja.html":             "nothing of the staff's",
	}
	return put(t, t.TempDir(), files)
}

func TestProgramsLieBelowTheirPaths(t *testing.T) {
	server := start(t, func(c *web.Config) { c.Dirs = append(c.Dirs, buildStaff(t, "/staff/")) })
	for _, c := range []struct {
		path   string
		status int
		want   string
	}{
		{"/", 200, "top in en"},
		{"/staff", 404, "notfound in en"},
		{"/staff/", 200, "the staff's frame"},
		{"/staff/?lang=en", 200, "the staff's frame"}, // which it does not speak
		{"/staff/none", 404, "nothing of the staff's"},
		{"/app-worker.js", 200, "// worker"},
		{"/staff/app-worker.js", 200, "// the staff's worker"},
		{"/staff/assets/staff.0123456789abcdef.wasm", 200, "of the staff"},
		{"/staff/assets/app.abc.wasm", 404, "nothing of the staff's"},
		{"/assets/staff.0123456789abcdef.wasm", 404, "notfound in en"},
		{"/staff/routes.json", 404, "nothing of the staff's"},
	} {
		response, body := get(t, "GET", server.URL+c.path, "Accept-Language", "en")
		if response.StatusCode != c.status || !strings.Contains(body, c.want) {
			t.Errorf("%s: %d %q, want %d %q", c.path, response.StatusCode, body, c.status, c.want)
		}
	}
	if _, body := get(t, "GET", server.URL+"/sitemap.xml"); strings.Contains(body, "staff") {
		t.Errorf("the sitemap tells of the staff: %s", body)
	}
}

func TestProgramsThatCannotBe(t *testing.T) {
	for want, dirs := range map[string][]string{
		"the one at /":       {buildStaff(t, "/staff/")},
		"another program at": {buildPage(t), buildPage(t)},
		"a path like":        {buildPage(t), buildStaff(t, "staff")},
	} {
		_, err := web.New(web.Config{Dirs: dirs, Origin: origin})
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("want an error with %q, got %v", want, err)
		}
	}
}

// What pages of other releases want is there, also when it came after the portal; nothing else of those folders is.
func TestReleasesBesideAreServedToTheirPages(t *testing.T) {
	releases := t.TempDir()
	const before, after = "/assets/text-en.00000000000000aa.txt", "/assets/app.00000000000000bb.wasm"
	put(t, filepath.Join(releases, "before"), map[string]string{
		before: "texts of before", "pages/top.ja.html": "old", "secret.txt": "secret", "assets/secret.txt": "secret",
		"assets/app.abc.wasm": "another of this name",
	})
	server := start(t, func(c *web.Config) { c.Releases = releases })
	response, body := get(t, "GET", server.URL+before)
	if response.StatusCode != 200 || body != "texts of before" ||
		!strings.Contains(response.Header.Get("Cache-Control"), "immutable") ||
		!strings.HasPrefix(response.Header.Get("Content-Type"), "text/plain") {
		t.Errorf("%d %q %v", response.StatusCode, body, response.Header)
	}
	if response, _ := get(t, "GET", server.URL+after); response.StatusCode != 404 {
		t.Errorf("a file of no release: %d", response.StatusCode)
	}
	put(t, filepath.Join(releases, "after"), map[string]string{after: "\x00asm of after", after + ".br": "packed"})
	response, body = get(t, "GET", server.URL+after, "Accept-Encoding", "br")
	if response.StatusCode != 200 || body != "packed" || response.Header.Get("Content-Type") != "application/wasm" {
		t.Errorf("%d %q %v", response.StatusCode, body, response.Header)
	}
	if _, body := get(t, "GET", server.URL+"/assets/app.abc.wasm"); body != wasm {
		t.Errorf("a file of this release is that of another: %q", body)
	}
	for _, path := range []string{
		"/secret.txt", "/assets/secret.txt", "/before/secret.txt", "/assets/..%2fsecret.txt", "/assets/../secret.txt",
		"/assets/*.00000000000000aa.txt", "/assets/text-en.00000000000000aa.txt/", "/text-en.00000000000000aa.txt",
		"/pages/top.ja.html",
	} {
		if response, body := get(t, "GET", server.URL+path); response.StatusCode == 200 {
			t.Errorf("%s gives %q", path, body)
		}
	}
	gone := start(t, func(c *web.Config) { c.Releases = filepath.Join(releases, "none") })
	if response, _ := get(t, "GET", gone.URL+before); response.StatusCode != 404 {
		t.Errorf("without a folder of releases: %d", response.StatusCode)
	}
}
