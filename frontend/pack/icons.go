//go:build !js

package pack

import (
	"bytes"
	"image"
	"image/color"
	"image/png"
	"math"
)

// icons are the files of the project's own mark, a window over a counter. Its SVG form for the header is shell.Mark;
// the numbers are the same, on 48 × 48.
var icons = map[string]func() ([]byte, error){
	"favicon.svg":         func() ([]byte, error) { return []byte(favicon), nil },
	"icon-192.png":        func() ([]byte, error) { return drawMark(192, 1, paper, key, light) },
	"icon-512.png":        func() ([]byte, error) { return drawMark(512, 1, paper, key, light) },
	"icon-maskable.png":   func() ([]byte, error) { return drawMark(512, 0.68, key, paper, light) },
	"icon-monochrome.png": func() ([]byte, error) { return drawMark(512, 1, clear, ink, clear) },
}

const favicon = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 48 48" fill="none" stroke-linecap="round"><rect width="48" height="48" rx="10" fill="#fff"/><path d="M16 33V19.500a8 8 0 0 1 16 0V33z" fill="#ffd43d"/><path d="M10 33V19a14 14 0 0 1 28 0v14M5 37.500h38" stroke="#006173" stroke-width="3.500"/></svg>
`

var (
	paper = color.NRGBA{0xff, 0xff, 0xff, 0xff}
	key   = color.NRGBA{0x00, 0x61, 0x73, 0xff}
	light = color.NRGBA{0xff, 0xd4, 0x3d, 0xff}
	ink   = color.NRGBA{0x00, 0x00, 0x00, 0xff}
	clear = color.NRGBA{}
)

// samples is how often each pixel is looked at along each side, for smooth edges.
const samples = 4

// drawMark draws the mark on a square; scale makes room around it, for icons that systems cut out.
func drawMark(size int, scale float64, ground, line, window color.NRGBA) ([]byte, error) {
	picture := image.NewNRGBA(image.Rect(0, 0, size, size))
	unit := 48 / float64(size) / scale
	for y := range size {
		for x := range size {
			var sum [4]float64
			for i := range samples * samples {
				px := (float64(x)+(float64(i%samples)+0.5)/samples-float64(size)/2)*unit + 24
				py := (float64(y)+(float64(i/samples)+0.5)/samples-float64(size)/2)*unit + 24
				c := colorAt(px, py, ground, line, window)
				a := float64(c.A)
				sum[0] += float64(c.R) * a
				sum[1] += float64(c.G) * a
				sum[2] += float64(c.B) * a
				sum[3] += a
			}
			picture.SetNRGBA(x, y, mean(sum))
		}
	}
	var out bytes.Buffer
	err := (&png.Encoder{CompressionLevel: png.BestCompression}).Encode(&out, picture)
	return out.Bytes(), err
}

func mean(sum [4]float64) color.NRGBA {
	if sum[3] == 0 {
		return color.NRGBA{}
	}
	part := func(v float64) uint8 { return uint8(math.Round(v / sum[3])) }
	return color.NRGBA{part(sum[0]), part(sum[1]), part(sum[2]), uint8(math.Round(sum[3] / (samples * samples)))}
}

func colorAt(x, y float64, ground, line, window color.NRGBA) color.NRGBA {
	const half = 3.5 / 2
	frame := math.Min(segment(x, y, 10, 33, 10, 19), segment(x, y, 38, 33, 38, 19))
	if y <= 19 {
		frame = math.Min(frame, math.Abs(math.Hypot(x-24, y-19)-14))
	}
	switch {
	case frame <= half || segment(x, y, 5, 37.5, 43, 37.5) <= half:
		return line
	case x >= 16 && x <= 32 && y >= 19.5 && y <= 33, y < 19.5 && math.Hypot(x-24, y-19.5) <= 8:
		return window
	}
	return ground
}

// segment is the distance of a point from a line between two others.
func segment(x, y, ax, ay, bx, by float64) float64 {
	dx, dy := bx-ax, by-ay
	t := ((x-ax)*dx + (y-ay)*dy) / (dx*dx + dy*dy)
	t = math.Max(0, math.Min(1, t))
	return math.Hypot(x-ax-t*dx, y-ay-t*dy)
}
