// Package saytest gives tests a language more than there is, to see that the portal's texts, mails and documents need
// nothing else for it.
package saytest

import (
	"os"
	"testing"

	"madoguchi/static/text"
	"madoguchi/static/text/say"
)

// Pseudo has the portal speak the pseudo-language text.Pseudo too, until the end of the test. No other test may run
// beside it.
func Pseudo(t testing.TB) {
	t.Helper()
	texts, err := text.Read(text.Embedded)
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	if err := texts.WritePseudo(dir); err != nil {
		t.Fatal(err)
	}
	putBack, err := say.Use(os.DirFS(dir))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(putBack)
}
