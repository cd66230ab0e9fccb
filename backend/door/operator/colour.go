package operator

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"math"
	"regexp"
	"strconv"
)

// readable is the contrast that text must have (WCAG 2.2, 1.4.3).
const readable = 4.5

// rgb is a colour, each part from 0 to 255.
type rgb [3]float64

var (
	white = rgb{255, 255, 255}
	black = rgb{0, 0, 0}
	// What text in the operator's colour stands on in dark mode: --ground-raised of static/base.css.
	night = rgb{0x20, 0x29, 0x2b}
	// The darkest of the light grounds: --ground-soft.
	soft = rgb{0xf5, 0xf8, 0xf8}
)

var colourForm = regexp.MustCompile(`^#[0-9a-fA-F]{6}$`)

func parseColour(s string) (rgb, error) {
	if !colourForm.MatchString(s) {
		return rgb{}, fmt.Errorf("%q is not a colour such as #0b5cad", s)
	}
	var c rgb
	for i := range c {
		n, err := strconv.ParseUint(s[1+2*i:3+2*i], 16, 8)
		if err != nil {
			return c, err
		}
		c[i] = float64(n)
	}
	return c, nil
}

func (c rgb) String() string {
	return fmt.Sprintf("#%02x%02x%02x", int(math.Round(c[0])), int(math.Round(c[1])), int(math.Round(c[2])))
}

// towards is the colour with a share of another.
func (c rgb) towards(other rgb, share float64) rgb {
	for i := range c {
		c[i] += (other[i] - c[i]) * share
	}
	return c
}

func (c rgb) luminance() float64 {
	part := func(v float64) float64 {
		if v /= 255; v <= 0.04045 {
			return v / 12.92
		}
		return math.Pow((v+0.055)/1.055, 2.4)
	}
	return 0.2126*part(c[0]) + 0.7152*part(c[1]) + 0.0722*part(c[2])
}

// contrast is how well one colour is read on another, from 1 to 21.
func contrast(a, b rgb) float64 {
	light, dark := a.luminance(), b.luminance()
	if light < dark {
		light, dark = dark, light
	}
	return (light + 0.05) / (dark + 0.05)
}

// Shares of white, black or the ground by which the colours of a page come from one.
const (
	strong    = 0.25 // under the pointer
	tint      = 0.92 // behind what is chosen
	nightTint = 0.8
	step      = 0.02
)

// lightened is the colour as it is read at night.
func lightened(c rgb) rgb {
	for share := 0.0; share < 1; share += step {
		if lit := c.towards(white, share); contrast(lit, night) >= readable+1.5 {
			return lit
		}
	}
	return white
}

// styleOf writes the operator's colour over that of the page, as light and as dark as each mode needs. One on which
// white text is not read, or that is not read on the page, is refused.
func styleOf(accent string) (*File, error) {
	key, err := parseColour(accent)
	if err != nil {
		return nil, err
	}
	keySoft := key.towards(white, tint)
	for _, on := range []struct {
		ground rgb
		name   string
	}{{white, "white, and white text on it"}, {soft, "a grey ground"}, {keySoft, "its own tint"}} {
		if got := contrast(key, on.ground); got < readable {
			return nil, fmt.Errorf("%s on %s has a contrast of %.2f, and text needs %.1f: take a darker "+
				"one, such as %s",
				accent, on.name, got, readable, darkened(key))
		}
	}
	atNight := lightened(key)
	nightSoft := key.towards(night, nightTint)
	css := fmt.Sprintf(
		":root { --key: %s; --key-strong: %s; --key-soft: %s; --on-key: #ffffff; }\n"+
			"@media screen and (prefers-color-scheme: dark) { :root { "+
			"--key: %s; --key-strong: %s; --key-soft: %s; --on-key: %s; } }\n",
		key, key.towards(black, strong), keySoft, atNight, atNight.towards(white, strong), nightSoft,
		key.towards(black, 1-step*5),
	)
	return fileOf("accent", ".css", "text/css; charset=utf-8", []byte(css)), nil
}

// darkened is the nearest colour that is read on the page, to be proposed.
func darkened(key rgb) rgb {
	for share := 0.0; share < 1; share += step {
		dark := key.towards(black, share)
		if contrast(dark, soft) >= readable && contrast(dark, dark.towards(white, tint)) >= readable {
			return dark
		}
	}
	return black
}

func fileOf(name, extension, mediaType string, content []byte) *File {
	sum := sha256.Sum256(content)
	return &File{"/operator/" + name + "." + hex.EncodeToString(sum[:8]) + extension, mediaType, content}
}
