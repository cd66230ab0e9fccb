package main

import (
	"context"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"testing"
	"time"

	"madoguchi/backend/feature/procedure/entry"
	"madoguchi/backend/japan/catalog/expand"
	"madoguchi/backend/store/db"
	portalv1 "madoguchi/proto/gen/portal/v1"
)

const (
	listNotices = "/portal.v1.NoticeService/ListNotices"
	search      = "/portal.v1.ProcedureService/SearchProcedures"
)

// Accounts and notices are served while the catalogue's index is not there yet; what needs it says when to come back.
func TestTheDoorOpensBeforeTheCatalogueIsRead(t *testing.T) {
	w, c, front, back := prepare(t)
	for _, l := range []net.Listener{front, back} {
		l.Close()
	}
	var err error
	if w.portal, err = build(t.Context(), c); err != nil {
		t.Fatal(err)
	}
	defer w.db.Close()
	server := httptest.NewServer(w.portal.front.Handler) // what fills the index does not run
	defer server.Close()
	w.folder("hanako")
	cookie := w.begin("hanako", "")
	for path, want := range map[string]int{
		listNotices: http.StatusOK, "/portal.v1.AccountService/GetAccount": http.StatusOK, "/readyz": http.StatusOK,
		search: http.StatusServiceUnavailable,
	} {
		request, err := http.NewRequestWithContext(t.Context(), http.MethodPost, server.URL+path,
			strings.NewReader("{}"))
		if err != nil {
			t.Fatal(err)
		}
		if path == "/readyz" {
			request.Method, request.Body, request.ContentLength = http.MethodGet, nil, 0
		}
		request.Host = strings.TrimPrefix(w.front, "http://")
		request.Header.Set("Content-Type", "application/json")
		request.AddCookie(cookie)
		response, err := server.Client().Do(request)
		if err != nil {
			t.Fatal(err)
		}
		body, err := io.ReadAll(response.Body)
		response.Body.Close()
		if err != nil || response.StatusCode != want ||
			want != http.StatusOK && !strings.Contains(string(body), portalv1.Reason_REASON_STARTING.String()) {
			t.Errorf("%s: %d %s, %v", path, response.StatusCode, body, err)
		}
	}
}

func TestWhereTheIndexIsKept(t *testing.T) {
	for _, c := range []struct{ database, index, want string }{
		{"portal.sqlite", "", "portal.sqlite.index"},
		{"sqlite:/var/lib/portal.sqlite", "", "/var/lib/portal.sqlite.index"}, {"postgres://db/portal", "", ""},
		{"postgres://db/portal", "/var/cache/portal.index", "/var/cache/portal.index"}, {"portal.sqlite", "none", ""},
	} {
		if got := (config{database: c.database, index: c.index}).indexFile(); got != c.want {
			t.Errorf("%s with %q: %q", c.database, c.index, got)
		}
	}
}

// BenchmarkRestart starts a portal on a database that holds the nation's entries, and asks until a person's notices
// come, and until procedures are found: with the index that the run before kept, and without.
func BenchmarkRestart(b *testing.B) {
	w, c, front, back := prepare(b)
	d, err := db.Open(b.Context(), c.database)
	if err != nil {
		b.Fatal(err)
	}
	store, entries := entry.NewStore(d, time.Now), 0
	expand.Nation(1, expand.Real, func(code string, contents []*portalv1.ProcedureContent) {
		if _, _, err := store.Put(context.Background(), code, "2026-04-01", "", contents); err != nil {
			b.Fatal(err)
		}
		entries += len(contents)
	})
	if err := d.Close(); err != nil {
		b.Fatal(err)
	}
	front.Close()
	back.Close()
	// run starts a portal, lets it work until `until`, and ends it.
	run := func(until func(base string)) {
		front, back := listener(b), listener(b)
		ctx, stop := context.WithCancel(context.Background())
		defer stop()
		if w.portal, err = build(ctx, c); err != nil {
			b.Fatal(err)
		}
		done := make(chan error, 1)
		go func() { done <- w.serve(ctx, front, back) }()
		until("http://" + front.Addr().String())
		stop()
		if err := <-done; err != nil {
			b.Fatal(err)
		}
		if err := w.db.Close(); err != nil {
			b.Fatal(err)
		}
	}
	var cookie *http.Cookie
	asked := func(base, path string) {
		for {
			request, err := http.NewRequestWithContext(context.Background(), http.MethodPost, base+path,
				strings.NewReader(`{"query":"保育園"}`))
			if err != nil {
				b.Fatal(err)
			}
			if path == listNotices {
				request.Body = io.NopCloser(strings.NewReader("{}"))
				request.ContentLength = 2
			}
			request.Host = strings.TrimPrefix(w.front, "http://")
			request.Header.Set("Content-Type", "application/json")
			request.AddCookie(cookie)
			response, err := http.DefaultClient.Do(request)
			if err != nil {
				b.Fatal(err)
			}
			_, _ = io.Copy(io.Discard, response.Body)
			response.Body.Close()
			if response.StatusCode == http.StatusOK {
				return
			}
			if response.StatusCode != http.StatusServiceUnavailable {
				b.Fatal(path, response.Status)
			}
			time.Sleep(5 * time.Millisecond)
		}
	}
	run(func(base string) {
		w.folder("hanako")
		cookie = w.begin("hanako", "")
		asked(base, search)
	})
	if info, err := os.Stat(c.indexFile()); err != nil {
		b.Fatal(err)
	} else {
		b.Logf("%d entries, kept in %d KB", entries, info.Size()>>10)
	}
	for name, index := range map[string]string{"kept": "", "anew": "none"} {
		c.index = index
		b.Run(name, func(b *testing.B) {
			var notices, found time.Duration
			for b.Loop() {
				begin := time.Now()
				run(func(base string) {
					asked(base, listNotices)
					notices += time.Since(begin)
					asked(base, search)
					found += time.Since(begin)
				})
			}
			b.ReportMetric(float64(notices.Milliseconds())/float64(b.N), "ms-to-notices")
			b.ReportMetric(float64(found.Milliseconds())/float64(b.N), "ms-to-search")
			b.ReportMetric(0, "ns/op")
		})
	}
}
