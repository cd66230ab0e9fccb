package objects

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

// An object is taken in exchange for the one that is named, and of who has the token.
func TestAnObjectIsExchanged(t *testing.T) {
	s := &Store{Dir: t.TempDir(), Token: "secret"}
	call := func(method, name, body string, header ...string) *httptest.ResponseRecorder {
		t.Helper()
		r := httptest.NewRequest(method, "/"+name, strings.NewReader(body))
		r.Header.Set("Authorization", "Bearer secret")
		for i := 0; i+1 < len(header); i += 2 {
			r.Header.Set(header[i], header[i+1])
		}
		w := httptest.NewRecorder()
		s.ServeHTTP(w, r)
		return w
	}
	first := call("PUT", "log/newest", "one", "If-None-Match", "*")
	if first.Code != http.StatusCreated || first.Header().Get("ETag") == "" {
		t.Fatal(first.Code)
	}
	second := call("PUT", "log/newest", "two", "If-Match", first.Header().Get("ETag"))
	for name, c := range map[string]struct {
		got  *httptest.ResponseRecorder
		code int
	}{
		"in exchange":        {second, 201},
		"again none":         {call("PUT", "log/newest", "three", "If-None-Match", "*"), 412},
		"for what was":       {call("PUT", "log/newest", "three", "If-Match", first.Header().Get("ETag")), 412},
		"for what never was": {call("PUT", "log/other", "three", "If-Match", `"x"`), 412},
		"below another":      {call("PUT", "log/newest/p/1", "below"), 201},
		"without a token":    {call("GET", "log/newest", "", "Authorization", ""), 401},
		"another token":      {call("GET", "log/newest", "", "Authorization", "Bearer other"), 401},
		"none":               {call("GET", "log/none", ""), 404},
		"above":              {call("GET", "../objects.token", ""), 404},
		"too large":          {call("PUT", "log/large", strings.Repeat("x", maxObject+1)), 413},
		"something else":     {call("PATCH", "log/newest", ""), 405},
	} {
		if c.got.Code != c.code {
			t.Errorf("%s: %d, wanted %d", name, c.got.Code, c.code)
		}
	}
	if got := call("GET", "log/newest", ""); got.Body.String() != "two" ||
		got.Header().Get("ETag") != second.Header().Get("ETag") {
		t.Error(got.Body, got.Header())
	}
	// What is below goes with it, and what is not there is no trouble.
	for range 2 {
		if got := call("DELETE", "log/newest", ""); got.Code != http.StatusNoContent {
			t.Error(got.Code)
		}
	}
	for _, name := range []string{"log/newest", "log/newest/p/1"} {
		if got := call("GET", name, ""); got.Code != http.StatusNotFound {
			t.Error(name, got.Code)
		}
	}
}
