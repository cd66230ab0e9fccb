package shell

import (
	"net/url"
	"testing"
)

func TestDestination(t *testing.T) {
	for next, want := range map[string]string{
		"":                               "/home",
		"/notice":                        "/notice",
		"/notice/01ABC?from=mail":        "/notice/01ABC?from=mail",
		"/account":                       "/account",
		"/":                              "/home",
		"/login":                         "/home",
		"/account/open":                  "/home",
		"notice":                         "/home",
		"//evil.example":                 "/home",
		"///evil.example":                "/home",
		"https://evil.example/":          "/home",
		"https:/evil.example/":           "/home",
		"javascript:alert(1)":            "/home",
		"/\\evil.example":                "/home",
		"/notice/../../evil":             "/home",
		"/%2F/evil.example":              "/home",
		"http://localhost:8080@evil.com": "/home",
		"%zz":                            "/home",
	} {
		here := &url.URL{Path: "/login", RawQuery: url.Values{"next": {next}}.Encode()}
		if got := Destination(here); got != want {
			t.Errorf("%q leads to %q, want %q", next, got, want)
		}
	}
}

func FuzzDestination(f *testing.F) {
	f.Add("/notice?x=1")
	f.Fuzz(func(t *testing.T, next string) {
		here := &url.URL{Path: "/login", RawQuery: url.Values{"next": {next}}.Encode()}
		got, err := url.Parse("https://portal.example.jp/login")
		if err != nil {
			t.Fatal(err)
		}
		if got, err = got.Parse(Destination(here)); err != nil || got.Host != "portal.example.jp" ||
			got.Scheme != "https" {
			t.Errorf("%q leads to %v (%v)", next, got, err)
		}
	})
}
