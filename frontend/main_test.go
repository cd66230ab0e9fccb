//go:build !js

package main

import (
	"regexp"
	"testing"

	"madoguchi/frontend/frame/pattern"
	"madoguchi/frontend/frame/shell"
)

// The page finds the page of a path by package pattern, the portal by regexp and the service worker by the browser's:
// all must mean the same by each route that there is.
func TestRoutesMeanTheSameToPageAndPortal(t *testing.T) {
	shell.Use(features()...)
	paths := []string{
		"/", "/notice", "/notice/", "/notice/018f-a", "/notice/a/b", "/notice/日本", "/procedures/nation/P0001",
		"/procedures/131105/P0012", "/procedures/13110/P0012", "/procedures/1311055/P0012", "/procedures/nations/P0012",
		"/procedures/nation/", "/procedures/compare", "/guide/birth", "/guide/Birth", "/guide/birth1",
		"/guide/", "/places/00",
		"/places/01", "/places/09", "/places/10", "/places/13", "/places/39", "/places/40", "/places/47", "/places/48",
		"/places/013", "/places/1", "/account", "/account/open", "/no-such-page",
		"/myinfo/answers/a", "/myinfo/answers/a/correct", "/myinfo/answers/a/records/1",
		"/exchange/of/a", "/exchange/of/a/claim", "/usage/1764000000000-A1b", "/usage/1764-", "/usage/notice/n1",
		"/inquiry/AB12", "/inquiry/ab",
		"/apply/131105/P0001", "/apply/13110/P0001",
		"/applications/0123456789abcdef0123456789abcdef", "/applications/0123",
	}
	patterns := 0
	for _, page := range shell.Pages() {
		if page.Pattern == "" {
			paths = append(paths, page.Path, page.Path+"/", page.Path+"/a", page.Path+"a")
			continue
		}
		patterns++
	}
	for _, page := range shell.Pages() {
		if page.Pattern == "" {
			continue
		}
		ours, theirs := pattern.MustCompile(page.Pattern), regexp.MustCompile(page.Pattern)
		matched := 0
		for _, path := range paths {
			for at := range len(path) + 1 {
				for _, p := range []string{
					path[:at], path[at:], path[:at] + "/" + path[at:], path[:at] + "\n", path[:at] + "9z",
				} {
					if theirs.MatchString(p) {
						matched++
					}
					if ours.MatchString(p) != theirs.MatchString(p) {
						t.Errorf("%s on %q: %v", page.Pattern, p, ours.MatchString(p))
					}
				}
			}
		}
		if matched == 0 {
			t.Errorf("%s matches none of the paths here: give it some", page.Pattern)
		}
	}
	if patterns < 4 {
		t.Errorf("only %d routes have a pattern", patterns)
	}
}
