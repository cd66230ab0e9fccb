package main

import (
	"errors"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"madoguchi/backend/feature/exchange"
	"madoguchi/backend/store/db"
)

// A history is taken along as one signed archive, which openssl takes; and nobody takes another's, or without a card.
func TestASignedHistoryIsTakenAlong(t *testing.T) {
	w := startWorld(t)
	w.folder("F1")
	err := w.db.Tx(t.Context(), func(q *db.Queries) error {
		return exchange.Looked(t.Context(), q, "F1", exchange.Look{Who: "職員7", What: "お問い合わせ", Why: "返事"}, time.Now())
	})
	if err != nil {
		t.Fatal(err)
	}
	form := "format=zip&language=ja"
	kind := "application/x-www-form-urlencoded"
	if got := w.post("/exchange/file", kind, form, nil); got.Code != http.StatusForbidden {
		t.Error("without a session:", got.Code)
	}
	got := w.post("/exchange/file", kind, form, w.begin("F1", ""))
	if got.Code != http.StatusOK || got.Header().Get("Content-Type") != "application/zip" {
		t.Fatal(got.Code, got.Body)
	}
	dir, names := unpacked(t, got.Body.Bytes())
	for _, name := range []string{"SHA256SUMS.p7s", "data.pdf", "data/exchange.csv", "data/exchange.json"} {
		if !slices.Contains(names, name) {
			t.Errorf("%s is not in %v", name, names)
		}
	}
	certificates := w.get("/takeaway/certificates.pem").Body.Bytes()
	if err := errors.Join(
		os.WriteFile(filepath.Join(dir, "certificates.pem"), certificates, 0o600),
		runIn(dir, "openssl", "cms", "-verify", "-binary", "-inform", "DER", "-in", "SHA256SUMS.p7s",
			"-content", "SHA256SUMS", "-CAfile", "certificates.pem", "-out", "/dev/null"),
		runIn(dir, "sha256sum", "-c", "--strict", "SHA256SUMS"),
	); err != nil {
		t.Error(err)
	}
	if got := w.post("/exchange/file", kind, "format=pdf&language=easy", w.begin("F1", "")); got.Code != 200 ||
		string(got.Body.Bytes()[:5]) != "%PDF-" {
		t.Error(got.Code)
	}
}
