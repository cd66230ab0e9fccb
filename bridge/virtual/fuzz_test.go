package virtual_test

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"madoguchi/bridge/virtual"
)

// FuzzPage sends any form to the page of the readers, from that page and from another site's.
func FuzzPage(f *testing.F) {
	readers := virtual.New(f.TempDir(), 2, time.Now)
	page := virtual.NewPage(readers, []string{"127.0.0.1:41730"})
	f.Add("/lay", "reader=0&person=yamada-hanako", "same-origin")
	f.Add("/slow", "milliseconds=99999999999999999999", "same-origin")
	f.Add("/take", "reader=-1", "cross-site")
	f.Add("/reset", "person=../../etc/passwd", "none")
	f.Fuzz(func(t *testing.T, path, form, site string) {
		r := httptest.NewRequest("POST", "/", strings.NewReader(form))
		r.URL.Path, r.Host = path, "127.0.0.1:41730"
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		r.Header.Set("Sec-Fetch-Site", site)
		w := httptest.NewRecorder()
		hungUp := func() (hungUp bool) {
			defer func() { hungUp = recover() == http.ErrAbortHandler }() //nolint:errorlint // as it was thrown
			page.ServeHTTP(w, r)
			return false
		}()
		if site == "cross-site" && !hungUp {
			t.Errorf("another site moved a card: %s %s: %d", path, form, w.Code)
		}
		if w.Code >= 500 {
			t.Errorf("%s %q: %d %s", path, form, w.Code, w.Body)
		}
	})
}
