package virtual_test

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"madoguchi/bridge/reader"
	"madoguchi/bridge/softcard"
	"madoguchi/bridge/virtual"
)

func serve(t *testing.T) (*virtual.Readers, string) {
	t.Helper()
	readers := run(t, t.TempDir())
	var handler http.Handler
	server := httptest.NewServer(
		http.HandlerFunc(func(w http.ResponseWriter, q *http.Request) { handler.ServeHTTP(w, q) }),
	)
	t.Cleanup(server.Close)
	handler = virtual.NewPage(readers, []string{strings.TrimPrefix(server.URL, "http://")})
	return readers, server.URL
}

func ask(t *testing.T, method, address, form string, header ...string) (int, string) {
	t.Helper()
	q, err := http.NewRequestWithContext(t.Context(), method, address, strings.NewReader(form))
	must(t, err)
	if method == "POST" {
		q.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	for i := 0; i < len(header); i += 2 {
		if header[i] == "Host" {
			q.Host = header[i+1]
		}
		q.Header.Set(header[i], header[i+1])
	}
	r, err := http.DefaultClient.Do(q)
	must(t, err)
	defer r.Body.Close()
	b, err := io.ReadAll(r.Body)
	must(t, err)
	return r.StatusCode, string(b)
}

// silence sends a request and returns the status of its answer; 0 is none.
func silence(t *testing.T, method, address string, header ...string) int {
	t.Helper()
	q, err := http.NewRequestWithContext(t.Context(), method, address, strings.NewReader("reader=0&person=transit"))
	must(t, err)
	for i := 0; i < len(header); i += 2 {
		if header[i] == "Host" {
			q.Host = header[i+1]
		}
		q.Header.Set(header[i], header[i+1])
	}
	r, err := http.DefaultClient.Do(q)
	if errors.Is(err, io.EOF) {
		return 0
	}
	must(t, err)
	r.Body.Close()
	return r.StatusCode
}

func TestPageMovesCards(t *testing.T) {
	readers, address := serve(t)
	for _, step := range []struct {
		path, form string
		want       string // of the first reader; empty: no reader
	}{
		{"/lay", "reader=0&person=yamada-hanako", "present"},
		{"/lay", "reader=0&person=transit", "present"},
		{"/take", "reader=0", "empty"},
		{"/take", "reader=0", "empty"},
		{"/reset", "person=yamada-hanako", "empty"},
		{"/lay", "reader=0&person=upside-down", "mute"},
		{"/unplug", "reader=0", ""},
		{"/plug", "reader=0", "empty"},
		{"/slow", "milliseconds=250", "empty"},
	} {
		status, body := ask(t, "POST", address+step.path, step.form)
		if status != http.StatusOK || !strings.Contains(body, "<h1>仮想カードリーダー</h1>") {
			t.Fatalf("%s %s: %d %s", step.path, step.form, status, body)
		}
		s, _ := readers.State()
		got := ""
		if r, ok := s.Find("仮想カードリーダー 1"); ok {
			got = r.Card.String()
		}
		if got != step.want {
			t.Errorf("after %s %s: %q, want %q", step.path, step.form, got, step.want)
		}
	}
}

func TestPageShowsEverybody(t *testing.T) {
	_, address := serve(t)
	_, body := ask(t, "GET", address+"/", "")
	for _, p := range softcard.People() {
		if !strings.Contains(body, p.Name) || !strings.Contains(body, `value="`+p.ID+`"`) {
			t.Errorf("%s is not on the page", p.ID)
		}
	}
	for _, path := range []string{"/page.css", "/page.js"} {
		if status, b := ask(t, "GET", address+path, ""); status != http.StatusOK || b == "" {
			t.Errorf("%s: %d", path, status)
		}
	}
}

func TestPageRefuses(t *testing.T) {
	readers, address := serve(t)
	for name, c := range map[string]struct {
		method, path, form string
		header             []string
		want               int
	}{
		"no reader":         {"POST", "/lay", "person=transit", nil, 400},
		"a reader too many": {"POST", "/take", "reader=2", nil, 400},
		"nobody":            {"POST", "/lay", "reader=0&person=nobody", nil, 400},
		"reset of nobody":   {"POST", "/reset", "", nil, 400},
		"too slow":          {"POST", "/slow", "milliseconds=20001", nil, 400},
		"slow by nothing":   {"POST", "/slow", "reader=0", nil, 400},
		"a slow no reader":  {"POST", "/slow", "reader=2&milliseconds=1", nil, 400},
		"by GET":            {"GET", "/lay?reader=0&person=transit", "", nil, 405},
		"long":              {"POST", "/lay", "reader=0&person=" + strings.Repeat("a", 5000), nil, 400},
		"elsewhere":         {"GET", "/etc", "", nil, 404},
	} {
		status, body := ask(t, c.method, address+c.path, c.form, c.header...)
		if status != c.want || !strings.Contains(body, `<html lang="ja">`) || !strings.Contains(body, `<a href="/">`) {
			t.Errorf("%s: %d %s, want a page with %d", name, status, body, c.want)
		}
	}
	// What another site sends is not answered at all: it learns neither that readers are here nor whether a card lies
	// on one.
	for name, c := range map[string]struct {
		method, path string
		header       []string
	}{
		"another site":        {"POST", "/lay", []string{"Origin", "https://evil.example"}},
		"another site, fetch": {"POST", "/lay", []string{"Sec-Fetch-Site", "cross-site"}},
		"a form of another site": {
			"POST", "/lay", []string{
				"Sec-Fetch-Site", "cross-site", "Sec-Fetch-Mode", "navigate", "Sec-Fetch-Dest", "document",
			},
		},
		"another name": {"GET", "/", []string{"Host", "evil.example"}},
		"an image of the state": {
			"GET", "/state", []string{
				"Sec-Fetch-Site", "cross-site", "Sec-Fetch-Mode", "no-cors", "Sec-Fetch-Dest", "image",
			},
		},
		"a window with the state": {
			"GET", "/state?drawn=x", []string{
				"Sec-Fetch-Site", "cross-site", "Sec-Fetch-Mode", "navigate", "Sec-Fetch-Dest", "document",
			},
		},
		"a frame": {
			"GET", "/", []string{
				"Sec-Fetch-Site", "cross-site", "Sec-Fetch-Mode", "navigate", "Sec-Fetch-Dest", "iframe",
			},
		},
		"another port": {
			"GET", "/state", []string{"Sec-Fetch-Site", "same-site", "Sec-Fetch-Mode", "no-cors"},
		},
		"the style sheet": {
			"GET", "/page.css", []string{
				"Sec-Fetch-Site", "cross-site", "Sec-Fetch-Mode", "no-cors", "Sec-Fetch-Dest", "style",
			},
		},
	} {
		if status := silence(t, c.method, address+c.path, c.header...); status != 0 {
			t.Errorf("%s is answered with %d", name, status)
		}
	}
	for name, header := range map[string][]string{
		"the address bar": {"Sec-Fetch-Site", "none"}, "its own page": {"Sec-Fetch-Site", "same-origin"},
		"a link of the portal": {
			"Sec-Fetch-Site", "cross-site", "Sec-Fetch-Mode", "navigate", "Sec-Fetch-Dest", "document",
		},
	} {
		if status := silence(t, "GET", address+"/", header...); status != http.StatusOK {
			t.Errorf("%s: %d", name, status)
		}
	}
	if s, _ := readers.State(); s.Readers[0].Card != reader.Empty {
		t.Error("a refused request laid a card")
	}
	must(t, readers.Plug(0, false))
	status, body := ask(t, "POST", address+"/lay", "reader=0&person=transit")
	if status != http.StatusConflict || !strings.Contains(body, "つながっていません") {
		t.Errorf("a card on a reader that is unplugged: %d %s", status, body)
	}
}

func TestPageSlowsOneReader(t *testing.T) {
	readers, address := serve(t)
	must(t, readers.Lay(0, "yamada-hanako"))
	must(t, readers.Lay(1, "yamada-taro"))
	status, body := ask(t, "POST", address+"/slow", "reader=1&milliseconds=20000")
	if status != http.StatusOK || !strings.Contains(body, `value="20000"`) {
		t.Fatal(status, body)
	}
	for name, want := range map[string]error{"仮想カードリーダー 1": nil, "仮想カードリーダー 2": context.DeadlineExceeded} {
		card, err := readers.Acquire(t.Context(), name)
		must(t, err)
		// Long enough for the reader that is not slowed, short for the one that is.
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		if _, err := card.Transmit(ctx, []byte{0x00, 0x20, 0x00, 0x80}); !errors.Is(err, want) {
			t.Errorf("%s: %v, want %v", name, err, want)
		}
		cancel()
		card.Release(t.Context())
	}
}

func TestPageHearsOfChanges(t *testing.T) {
	readers, address := serve(t)
	_, drawn := ask(t, "GET", address+"/state", "")
	now := make(chan string, 1)
	go func() {
		_, b := ask(t, "GET", address+"/state?"+url.Values{"drawn": {drawn}}.Encode(), "")
		now <- b
	}()
	must(t, readers.Lay(1, "yamada-taro"))
	if got := <-now; got == drawn || !strings.Contains(got, "present") {
		t.Errorf("heard %q", got)
	}
}
