package operator

import (
	"bytes"
	"image"
	"image/png"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func file(t *testing.T, name, content string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

const crest = `<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 8 8">` +
	`<defs><linearGradient id="a"><stop offset="0"/></linearGradient></defs><path fill="url(#a)" d="M0 0h8v8z"/></svg>`

func TestWhatIsNotConfiguredIsNotShown(t *testing.T) {
	o, err := New(Config{})
	if err != nil || o != nil || o.Head() != "" || o.Header("ja") != "" || len(o.Files()) != 0 {
		t.Errorf("no operator shows %q, %q, %v", o.Head(), o.Header("ja"), err)
	}
}

func TestEveryPageSaysWhoseItIs(t *testing.T) {
	o, err := New(Config{
		Name: "目黒区", English: "Meguro <City>", Easy: "目黒区《めぐろく》", Crest: file(t, "crest.svg", crest), Accent: "#7a1f4b",
	})
	if err != nil {
		t.Fatal(err)
	}
	if got := o.Header("easy"); !strings.Contains(got, "<ruby>目黒区<rt>めぐろく</rt></ruby>") {
		t.Errorf("in やさしい日本語: %s", got)
	}
	if got := o.Header("en"); !strings.Contains(got, "Meguro &lt;City&gt;") ||
		!strings.Contains(got, `<img class="crest"`) {
		t.Errorf("in English: %s", got)
	}
	files := o.Files()
	if len(files) != 2 || files[0].MediaType != "image/svg+xml" || string(files[0].Content) != crest {
		t.Fatalf("files: %v", files)
	}
	for _, f := range files {
		if !strings.Contains(o.Head(), f.Path) {
			t.Errorf("the head names no %s: %s", f.Path, o.Head())
		}
	}
	if css := string(files[1].Content); !strings.Contains(css, "--key: #7a1f4b") ||
		!strings.Contains(css, "prefers-color-scheme: dark") {
		t.Errorf("colours: %s", css)
	}
}

// A colour is refused where text in it could not be read, with one that can; every one that is taken is read at night,
// too.
func TestTheColourIsRead(t *testing.T) {
	for _, wrong := range []string{"red", "#fff", "#12345g", "#ffd43d", "#00a3bf", "#8ab4f8"} {
		_, err := New(Config{Name: "目黒区", Accent: wrong})
		if err == nil || !strings.Contains(err.Error(), "PORTAL_OPERATOR_ACCENT") {
			t.Errorf("%s: %v", wrong, err)
			continue
		}
		_, proposed, ok := strings.Cut(err.Error(), "such as ")
		if !ok || len(proposed) != len("#000000") {
			t.Errorf("%s: nothing is proposed: %v", wrong, err)
		}
		if _, err := New(Config{Name: "目黒区", Accent: proposed}); err != nil {
			t.Errorf("%s: what is proposed is refused: %v", wrong, err)
		}
	}
	for _, right := range []string{"#000000", "#0b5cad", "#7a1f4b", "#00687b", "#8b0000", "#1b5e20"} {
		if _, err := New(Config{Name: "目黒区", Accent: right}); err != nil {
			t.Errorf("%s: %v", right, err)
		}
		key, err := parseColour(right)
		if err != nil {
			t.Fatal(err)
		}
		lit := lightened(key)
		for ground, on := range map[string]rgb{
			"the ground at night": night, "its tint at night": key.towards(night, nightTint),
			"a button": key.towards(black, 1-step*5),
		} {
			if got := contrast(lit, on); got < readable {
				t.Errorf("%s as %s on %s (%s): %.2f", right, lit, ground, on, got)
			}
		}
	}
}

// A crest is a drawing: nothing in it runs, and nothing is fetched.
func TestACrestIsADrawing(t *testing.T) {
	in := func(s string) string { return `<svg xmlns="http://www.w3.org/2000/svg">` + s + `</svg>` }
	for name, bad := range map[string]string{
		"a script": in("<script>alert(1)</script>"), "an event": in(`<path onload="alert(1)" d=""/>`),
		"another site": in(`<use href="https://example.jp/x.svg#a"/>`), "a link": in(`<a href="#a"/>`),
		"an image": in(`<image href="data:image/png;base64,AAAA"/>`), "HTML": in(`<foreignObject/>`),
		"a style": in(`<style>@import url(//x)</style>`), "a fill from elsewhere": in(`<path fill="url(//x#a)"/>`),
		"an entity": `<!DOCTYPE svg [<!ENTITY a "b">]>` + in("&a;"), "no drawing": "<html></html>", "nothing": "",
		"another space": `<svg xmlns="http://www.w3.org/1999/xhtml"><path/></svg>`,
		"half":          "<svg xmlns=\"http://www.w3.org/2000/svg\">",
		"too large":     in(strings.Repeat("<g></g>", largestCrest/6)),
		"a style sheet": `<?xml-stylesheet href="x"?>` + in(""),
	} {
		_, err := New(Config{Name: "目黒区", Crest: file(t, "crest.svg", bad)})
		if err == nil || !strings.Contains(err.Error(), "PORTAL_OPERATOR_CREST") {
			t.Errorf("%s is taken: %v", name, err)
		}
	}
	var small bytes.Buffer
	if err := png.Encode(&small, image.NewGray(image.Rect(0, 0, 8, 8))); err != nil {
		t.Fatal(err)
	}
	if _, err := New(Config{Name: "目黒区", Crest: file(t, "crest.png", small.String())}); err != nil {
		t.Errorf("a PNG: %v", err)
	}
	if _, err := New(Config{Name: "目黒区", Crest: file(t, "crest.png", small.String()[:60])}); err == nil {
		t.Error("half a PNG is taken")
	}
}

func TestANameHasItsPlace(t *testing.T) {
	for name, c := range map[string]Config{
		"a crest alone":     {Crest: file(t, "crest.svg", crest)},
		"a long name":       {Name: strings.Repeat("長", longName+1)},
		"two lines":         {Name: "目黒区\n役所"},
		"a reading half":    {Name: "目黒区", Easy: "目黒区《めぐろ"},
		"a missing crest":   {Name: "目黒区", Crest: "/nowhere/crest.svg"},
		"a crest that is a": {Name: "目黒区", Crest: t.TempDir()},
	} {
		if _, err := New(c); err == nil || !strings.Contains(err.Error(), "PORTAL_OPERATOR_") {
			t.Errorf("%s: %v", name, err)
		}
	}
}
