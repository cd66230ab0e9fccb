//go:build !js

package pack_test

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"madoguchi/frontend/pack"
)

// Every sheet of a part or a feature is that of a room called so.
func TestAStyleIsOfARoom(t *testing.T) {
	found := 0
	for _, role := range []string{"part", "feature"} {
		sheets, err := filepath.Glob(filepath.Join("../../static", role, "*.css"))
		if err != nil {
			t.Fatal(err)
		}
		for _, sheet := range sheets {
			found++
			room := filepath.Join("..", role, strings.TrimSuffix(filepath.Base(sheet), ".css"))
			if _, err := os.Stat(room); err != nil {
				t.Errorf("%s is the sheet of no room: %v", sheet, err)
			}
		}
	}
	if found < 10 {
		t.Errorf("only %d sheets were found", found)
	}
}

// What a sheet names is written as browsers know it, what all stand on comes first, and features come last.
func TestStylesAreJoinedInTheOrderOfTheHouse(t *testing.T) {
	css := ""
	for name, content := range packed(t) {
		if strings.HasPrefix(name, "assets/style.") && strings.HasSuffix(name, ".css") {
			css = content
		}
	}
	if strings.Contains(css, "@custom-media") || regexp.MustCompile(`@(media|container) [^{]*\(--`).MatchString(css) {
		t.Error("a browser would not know the name of a width")
	}
	if strings.Contains(css, "/*") {
		t.Error("who waits for the style is sent what it says to its reader")
	}
	at := -1
	for _, rule := range []string{
		"\n.button {", "\n.header-line {", "\n.pad {", "\n.todo-list", "\n.account-more {", "\n.ask-head {",
	} {
		i := strings.Index(css, rule)
		if i <= at {
			t.Errorf("%q stands at %d, after what stands at %d", rule, i, at)
		}
		at = i
	}
	if !strings.Contains(css, "@media not all and (min-width: 62rem) {") ||
		!strings.Contains(css, "@container header (min-width: 62rem) and (not (min-width: 75rem)) {") ||
		!strings.Contains(css, "@container main (min-width: 56rem) {") {
		t.Error("the widths are not written in")
	}
}

func TestAWidthHasOneName(t *testing.T) {
	for sheet, fault := range map[string]string{
		"@media (max-width: 41rem) { a { color: red } }":                                 "a width without a name",
		"@media screen and (width < 30em) { a { color: red } }":                          "a width without a name",
		"@media (--nowhere) { a { color: red } }":                                        "--nowhere",
		"@custom-media --phone (max-width: 40rem);\n@media (--phone) { a { top: 0 } }\n": "",
	} {
		static := t.TempDir()
		if err := os.WriteFile(filepath.Join(static, "base.css"), []byte(sheet), 0o600); err != nil {
			t.Fatal(err)
		}
		err := pack.Style(static)
		if (err == nil) != (fault == "") || err != nil && !strings.Contains(err.Error(), fault) {
			t.Errorf("%s: %v", sheet, err)
		}
	}
}
