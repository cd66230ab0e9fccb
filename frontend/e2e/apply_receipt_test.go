//go:build !js

package e2e_test

import (
	"archive/zip"
	"bytes"
	"os"
	"path/filepath"
	"testing"
	"time"
)

// The data of a receipt is checked where nobody can be asked: the page /check knows it whole, and its proof alone, and
// says so when one byte of either is another.
func TestAReceiptIsCheckedWithoutANetwork(t *testing.T) {
	w := ownWorld(t, "yamada-hanako")
	w.byHand(t, "131105")
	b := newBrowser(t, phone, "ja")
	b.arrive("yamada-hanako", "1234", "花子", "目黒区")
	const at, form = "131105", "tenshutsu"
	b.resumes(at, form, b.begun(at, form, moving()), "review")
	b.press("署名に進む")
	b.atStep("sign")
	b.sign("ABC123")
	b.sees("受付番号は")

	// The log has the arrival a moment after it.
	const proof = "1/ledger.tlog-proof"
	var archive []byte
	dir := ""
	for deadline := time.Now().Add(patience); ; time.Sleep(200 * time.Millisecond) {
		into := b.downloads()
		b.until("the file before at an end", "document.querySelector('#application-data:not([aria-disabled])')")
		b.press("データで保存")
		archive = b.downloadedAs(into, "*.zip")
		dir = unzipped(t, archive)
		if _, err := os.Stat(filepath.Join(dir, proof)); err == nil {
			break
		}
		if time.Now().After(deadline) {
			t.Fatal("the log does not have it")
		}
	}
	alone, err := os.ReadFile(filepath.Join(dir, proof))
	if err != nil {
		t.Fatal(err)
	}
	signed, err := os.ReadFile(filepath.Join(dir, "1/application.json"))
	if err != nil {
		t.Fatal(err)
	}

	b.open("/check")
	b.until("the page", "document.documentElement?.dataset.ready === 'true'")
	b.until("the worker", workerInCharge)
	w.away(t)
	b.open("/check")
	b.until("the page without the portal", "document.documentElement?.dataset.ready === 'true'")
	b.choose("receipt.zip", archive, "line")
	b.says([]string{"この記録は、公開の記録簿に載っています", "1/application.json", "1/application.p7s"}, "渡したままではありません")
	b.inspect("a receipt that is checked")
	b.bothSizes("check-receipt")
	b.choose("ledger.tlog-proof", alone, "line")

	// One byte of what was signed, in the archive as a whole.
	bent := bytes.Clone(signed)
	bent[len(bent)/2] ^= 1
	b.choose("receipt.zip", rezipped(t, archive, "1/application.json", bent), "changed")
	b.says([]string{"渡したままではありません", "1/application.json"}, "この記録は、公開の記録簿に載っています")
	b.bothSizes("check-receipt-changed")
	// One of the proof.
	line := bytes.Clone(alone)
	index := bytes.Index(line, []byte("\nindex")) - 20
	if line[index]++; line[index] > 'z' {
		line[index] = 'a'
	}
	b.choose("ledger.tlog-proof", line, "not-in-log")
	b.says([]string{"記録簿"}, "この記録は、公開の記録簿に載っています")
	b.choose("receipt.zip", rezipped(t, archive, proof, line), "not-in-log")
}

// rezipped is an archive with another content in a file.
func rezipped(t *testing.T, archive []byte, name string, content []byte) []byte {
	t.Helper()
	r, err := zip.NewReader(bytes.NewReader(archive), int64(len(archive)))
	if err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	w := zip.NewWriter(&out)
	for _, f := range r.File {
		if f.Name != name {
			err = w.Copy(f)
		} else if to, failed := w.Create(name); failed != nil {
			err = failed
		} else {
			_, err = to.Write(content)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}
