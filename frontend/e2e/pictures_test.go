//go:build pictures && !js

package e2e_test

import (
	"bytes"
	"errors"
	"fmt"
	"image"
	"image/png"
	"io/fs"
	"os"
	"path/filepath"
	"testing"

	"github.com/chromedp/chromedp"
)

// Every component looks as it did when somebody last looked at it and accepted it: a picture a part of /kit and width
// under testdata/kit. What differs is left in build/pictures, as it was and as it is. `make pictures` runs this and
// `make accept-pictures` accepts. It is no part of `make test`: a picture is as much of the machine's fonts and of its
// Chromium as of the page.
func TestTheKitLooksAsAccepted(t *testing.T) {
	w := ownWorld(t)
	w.startBrief(t, "PORTAL_WEB="+built("dev-web"))
	b := newBrowser(t, phone, "ja")
	b.openIn("ja", w.brief+"/kit")
	accept := os.Getenv("E2E_ACCEPT") != ""
	for _, s := range []size{phone, desktop} {
		b.appear(look{size: s})
		b.until("the width", fmt.Sprintf("innerWidth === %d", s.width))
		eval[bool](b, `(() => { // nothing moves, nothing blinks; an open end is the browser's own to move
			const still = new CSSStyleSheet();
			still.replaceSync('*, ::before, ::after { animation: none !important; transition: none !important; caret-color: transparent !important } progress:not([value]) { visibility: hidden !important }');
			document.adoptedStyleSheets = [still];
			return true })()`)
		type box struct{ X, Y, Width, Height int }
		boxes := eval[[]box](b,
			`[...document.querySelectorAll('.showroom > .part')].map(e => e.getBoundingClientRect()).map(r =>
			({X: Math.round(r.x + scrollX), Y: Math.round(r.y + scrollY), Width: Math.floor(r.width), Height: Math.floor(r.height)}))`)
		if len(boxes) < 10 {
			t.Fatalf("%d parts", len(boxes))
		}
		whole := b.picture()
		for i, at := range boxes {
			name := fmt.Sprintf("%d-%02d", s.width, i)
			var got bytes.Buffer
			err := png.Encode(&got, whole.SubImage(image.Rect(at.X, at.Y, at.X+at.Width, at.Y+at.Height)))
			if err != nil {
				t.Fatal(err)
			}
			if err := compare(filepath.Join("testdata", "kit", name+".png"), got.Bytes(), accept); err != nil {
				t.Errorf("part %s: %v", name, err)
			}
		}
	}
}

// picture is what the whole page looks like.
func (b *browser) picture() interface {
	SubImage(r image.Rectangle) image.Image
} {
	b.t.Helper()
	taken, err := chromedp.Run(b.ctx, chromedp.FullScreenshot(100))
	if err != nil {
		b.t.Fatal(err)
	}
	whole, err := png.Decode(bytes.NewReader(taken))
	if err != nil {
		b.t.Fatal(err)
	}
	part, ok := whole.(interface {
		SubImage(r image.Rectangle) image.Image
	})
	if !ok {
		b.t.Fatalf("a picture of kind %T", whole)
	}
	return part
}

// compare holds a picture against the accepted one. Both are kept where they differ.
func compare(accepted string, got []byte, accept bool) error {
	want, err := os.ReadFile(accepted)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	differs := err != nil || !bytes.Equal(want, got) && !alike(want, got)
	switch {
	case !differs:
		return nil
	case accept:
		if err := os.MkdirAll(filepath.Dir(accepted), 0o755); err != nil {
			return err
		}
		return os.WriteFile(accepted, got, 0o644)
	}
	kept := built("pictures")
	if err := os.MkdirAll(kept, 0o755); err != nil {
		return err
	}
	name := filepath.Join(kept, filepath.Base(accepted))
	if err := errors.Join(os.WriteFile(name+".was.png", want, 0o644),
		os.WriteFile(name+".is.png", got, 0o644)); err != nil {
		return err
	}
	return fmt.Errorf("it looks different: see %s.{was,is}.png, and `make accept-pictures` if that is meant", name)
}

// alike tells whether two pictures are of one size, and no patch of 8 by 8 is of another brightness than the eye would
// see: how edges are smoothed does not count.
func alike(a, b []byte) bool {
	first, err1 := png.Decode(bytes.NewReader(a))
	second, err2 := png.Decode(bytes.NewReader(b))
	if err1 != nil || err2 != nil || first.Bounds() != second.Bounds() {
		return false
	}
	const patch, seen = 8, 12
	box := first.Bounds()
	for y := box.Min.Y; y < box.Max.Y; y += patch {
		for x := box.Min.X; x < box.Max.X; x += patch {
			at := image.Rect(x, y, x+patch, y+patch).Intersect(box)
			for channel := range 3 {
				if d := mean(first, at, channel) - mean(second, at, channel); d > seen || d < -seen {
					return false
				}
			}
		}
	}
	return true
}

func mean(of image.Image, at image.Rectangle, channel int) int {
	sum := 0
	for y := at.Min.Y; y < at.Max.Y; y++ {
		for x := at.Min.X; x < at.Max.X; x++ {
			r, g, b, _ := of.At(x, y).RGBA()
			sum += int([]uint32{r, g, b}[channel] >> 8)
		}
	}
	return sum / (at.Dx() * at.Dy())
}

func TestAlike(t *testing.T) {
	draw := func(at, colour uint8) []byte {
		im := image.NewGray(image.Rect(0, 0, 40, 40))
		for i := range im.Pix {
			im.Pix[i] = 255
		}
		for y := range 10 {
			for x := range 10 {
				im.Pix[im.PixOffset(int(at)+x, 10+y)] = colour
			}
		}
		var out bytes.Buffer
		if err := png.Encode(&out, im); err != nil {
			t.Fatal(err)
		}
		return out.Bytes()
	}
	if !alike(draw(8, 0), draw(8, 6)) {
		t.Error("a shade that nobody sees is a difference")
	}
	for name, other := range map[string][]byte{
		"moved": draw(12, 0), "of another colour": draw(8, 60), "no picture": nil,
	} {
		if alike(draw(8, 0), other) {
			t.Errorf("what is %s looks the same", name)
		}
	}
}
