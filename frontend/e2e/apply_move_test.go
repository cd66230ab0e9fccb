//go:build !js

package e2e_test

import (
	"archive/zip"
	"bytes"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// unzipped puts an archive into a folder.
func unzipped(t *testing.T, data []byte) (dir string) {
	t.Helper()
	archive, err := zip.NewReader(bytes.NewReader(data), int64(len(data)))
	if err != nil {
		t.Fatal(err)
	}
	dir = t.TempDir()
	for _, file := range archive.File {
		r, err := file.Open()
		if err != nil {
			t.Fatal(err)
		}
		content, err := io.ReadAll(r)
		if err != nil {
			t.Fatal(err)
		}
		path := filepath.Join(dir, filepath.Clean("/"+file.Name))
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, content, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

// verified tells whether openssl accepts a signature of a receipt and its time stamp.
func verified(t *testing.T, dir, signature string) (signed, stamped bool) {
	t.Helper()
	in := filepath.Join(dir, signature)
	run := func(args ...string) bool {
		out, err := exec.Command("openssl", args...).CombinedOutput()
		if err != nil {
			t.Logf("openssl %s: %v: %s", args[0], err, out)
		}
		return err == nil
	}
	return run("cms", "-verify", "-binary", "-inform", "DER", "-in", in, "-content",
			filepath.Join(filepath.Dir(in), "application.json"), "-CAfile", filepath.Join(dir, "jpki.pem"),
			"-purpose", "any", "-no_check_time", "-out", os.DevNull),
		run("ts", "-verify", "-token_in", "-in", in+".tst", "-data", in, "-CAfile", filepath.Join(dir, "stamps.pem"))
}

// bendByte changes a byte in the middle of a file; done again, it is as it was.
func bendByte(t *testing.T, path string) {
	t.Helper()
	content, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	content[len(content)*3/4] ^= 1
	if err := os.WriteFile(path, content, 0o600); err != nil {
		t.Fatal(err)
	}
}

// A move is announced from ten days after it to thirty before; outside of that the page says so before any card is
// asked. What was sent is downloaded and checked by strangers' programs, talked about with the office, and taken back.
func TestAMoveIsAnnouncedInItsDaysAndTakenBack(t *testing.T) {
	w := ownWorld(t, "yamada-hanako")
	w.byHand(t, "131105")
	b := newBrowser(t, phone, "ja")
	b.arrive("yamada-hanako", "1234", "花子", "目黒区")
	const at, form = "131105", "tenshutsu"
	draft := b.begun(at, form, moving())
	b.resumes(at, form, draft, "move_section")
	for _, outside := range []struct {
		days int
		says string
	}{{31, "以前にしてください"}, {-11, "以後にしてください"}} {
		year, month, day := splitDay(dayFrom(outside.days))
		b.day("move", year, month, day)
		b.press("次へ")
		b.sees(outside.says)
		b.until("the focus at the day", "document.activeElement.id === 'f-move'")
		b.atStep("move_section")
	}
	b.bothSizes("move-outside")
	// Nobody comes to the card past it.
	b.follow("/apply/" + at + "/" + form + "?draft=" + draft + "&step=sign")
	b.atStep("review")
	b.press("署名に進む")
	b.sees("「住み始める日」")
	b.until("no pad", "!document.getElementById('sign-go')")
	b.press("「引越し」を直す")
	year, month, day := splitDay(dayFrom(30))
	b.day("move", year, month, day)
	b.until("the last day to go to the new office", "document.getElementById('f-visit_by').textContent.includes('年')")
	year, month, day = splitDay(dayFrom(14))
	b.day("move", year, month, day)
	for _, step := range []string{"addresses", "people", "heads", "visit_section", "review"} {
		b.press("次へ")
		b.atStep(step)
	}
	b.bothSizes("move-review")
	b.press("署名に進む")
	b.atStep("sign")
	b.sign("ABC123")
	b.sees("受付番号は")
	b.inspect("a receipt")
	number := eval[string](b, "document.getElementById('application-number').innerText")

	// Both ways.
	b.fill("窓口に書く", "新しい家の鍵は月末に受け取ります")
	b.press("送る")
	b.sees("送りました。")
	w.acts(t, "131105", number, "write", "部屋の番号は505で合っていますか")
	if page := w.sandboxPage(t, "/applications"); !strings.Contains(page, "新しい家の鍵は月末に受け取ります") {
		t.Error("the office does not see what was written")
	}
	b.sees("部屋の番号は505で合っていますか")
	b.bothSizes("move-messages")

	// The receipt is checked with a program that nobody here wrote.
	pdf := b.downloads()
	b.press("PDFで保存")
	if got := b.downloadedAs(pdf, "*.pdf"); !bytes.HasPrefix(got, []byte("%PDF-")) {
		t.Errorf("%d bytes that are no PDF", len(got))
	}
	data := b.downloads()
	b.press("データで保存")
	dir := unzipped(t, b.downloadedAs(data, "*.zip"))
	if signed, stamped := verified(t, dir, "1/application.p7s"); !signed || !stamped {
		t.Errorf("openssl: signature %v, stamp %v", signed, stamped)
	}
	bendByte(t, filepath.Join(dir, "1/application.json"))
	if signed, _ := verified(t, dir, "1/application.p7s"); signed {
		t.Error("openssl accepts another content")
	}
	bendByte(t, filepath.Join(dir, "1/application.json"))
	bendByte(t, filepath.Join(dir, "1/application.p7s"))
	if signed, stamped := verified(t, dir, "1/application.p7s"); signed || stamped {
		t.Errorf("openssl accepts another signature: %v, stamp %v", signed, stamped)
	}

	// Taken back, after a question.
	b.press("取り下げる")
	b.sees("この申請を取り下げますか？")
	b.bothSizes("move-withdraw")
	b.press("取り下げない")
	b.until("no question", "!document.querySelector('dialog[open]')")
	b.press("取り下げる")
	b.fill("理由", "引っ越しをやめました")
	b.until("the button of the question",
		"(e => { e?.click(); return !!e })(document.querySelector('dialog[open] #application-withdraw-go'))")
	b.sees("取り下げました。")
	b.until("its state", "document.getElementById('application-state').textContent.includes('取下げ')")
	b.until("no way to take it back again", "!document.getElementById('application-withdraw')")
	for deadline := time.Now().Add(patience); strings.Contains(w.sandboxPage(t, "/applications"), number); {
		if time.Now().After(deadline) {
			t.Fatal("the office goes on with it")
		}
		time.Sleep(50 * time.Millisecond)
	}
}

// splitDay gives the year, month and day of a day.
func splitDay(day string) (year, month, date string) { return day[:4], day[5:7], day[8:] }
