package paper

import (
	"encoding/binary"
	"fmt"
	"slices"
	"strings"

	"github.com/carlos7ags/folio/font"
)

// A character that no font has is shown as a picture: a frame with its number in it, in digits of seven bars. The
// picture is a glyph of a font made for it, so that the character is text as any other: it is found, copied and read
// aloud.

const (
	em                 = 1000
	ascent, descent    = 880, -120
	boxGlyph, noGlyph  = 1, 2 // noGlyph is nothing to be seen, of no width
	boxEdge, boxStroke = 50, 36
)

// boxFace is a font with the picture of one character.
func boxFace(r rune) (font.Face, error) {
	made, err := font.ParseTTF(boxFont(r))
	if err != nil {
		return nil, fmt.Errorf("drawing U+%04X: %w", r, err)
	}
	return made, nil
}

// bar is a rectangle, by its left, lower, right and upper edge.
type bar [4]int16

// boxBars are the frame, as two rectangles of which the inner one is cut out, and the bars of the digits.
func boxBars(r rune) (outer, inner bar, digits []bar) {
	outer = bar{boxEdge, descent + boxEdge, em - boxEdge, ascent - boxEdge}
	inner = bar{outer[0] + boxStroke, outer[1] + boxStroke, outer[2] - boxStroke, outer[3] - boxStroke}
	text := fmt.Sprintf("%04X", r)
	if len(text) > 4 {
		text = fmt.Sprintf("%06X", r)
	}
	columns := int16(len(text) / 2)
	width, height := (inner[2]-inner[0])/columns, (inner[3]-inner[1])/2
	for i, digit := range text {
		x := inner[0] + int16(i)%columns*width
		y := inner[3] - (int16(i)/columns+1)*height
		in := bar{x + width/5, y + height/7, x + width - width/5, y + height - height/7}
		digits = append(digits, digitBars(digit, in)...)
	}
	return outer, inner, digits
}

// segments of each digit: top, upper right, lower right, bottom, lower left, upper left, middle.
var segments = map[rune]string{
	'0': "abcdef", '1': "bc", '2': "abdeg", '3': "abcdg", '4': "bcfg", '5': "acdfg", '6': "acdefg", '7': "abc",
	'8': "abcdefg", '9': "abcdfg", 'A': "abcefg", 'B': "cdefg", 'C': "adef", 'D': "bcdeg", 'E': "adefg", 'F': "aefg",
}

func digitBars(digit rune, in bar) (bars []bar) {
	const stroke = 32
	middle := (in[1] + in[3]) / 2
	all := map[rune]bar{
		'a': {in[0], in[3] - stroke, in[2], in[3]}, 'd': {in[0], in[1], in[2], in[1] + stroke},
		'g': {in[0], middle - stroke/2, in[2], middle + stroke/2},
		'b': {in[2] - stroke, middle, in[2], in[3]}, 'c': {in[2] - stroke, in[1], in[2], middle},
		'f': {in[0], middle, in[0] + stroke, in[3]}, 'e': {in[0], in[1], in[0] + stroke, middle},
	}
	for _, s := range segments[digit] {
		bars = append(bars, all[s])
	}
	return bars
}

// boxFont writes a TrueType font (OpenType 1.9) with no more than the tables that it must have.
func boxFont(r rune) []byte {
	outer, inner, digits := boxBars(r)
	glyph := outline(outer, inner, digits)
	be := binary.BigEndian
	var loca []byte // 0: no glyph; 1: the box; 2: nothing
	for _, at := range []int{0, 0, len(glyph), len(glyph)} {
		loca = be.AppendUint32(loca, uint32(at))
	}
	head := make([]byte, 54)
	be.PutUint32(head, 0x00010000)
	be.PutUint32(head[12:], 0x5F0F3CF5)
	be.PutUint16(head[18:], em)
	for i, v := range []int16{0, descent, em, ascent} {
		be.PutUint16(head[36+2*i:], uint16(v))
	}
	be.PutUint16(head[46:], 8) // the smallest size to read
	be.PutUint16(head[48:], 2)
	be.PutUint16(head[50:], 1) // offsets of 32 bits
	hhea := make([]byte, 36)
	be.PutUint32(hhea, 0x00010000)
	for i, v := range []int16{ascent, descent, 0, em} {
		be.PutUint16(hhea[4+2*i:], uint16(v))
	}
	be.PutUint16(hhea[34:], 3)
	maxp := make([]byte, 32)
	be.PutUint32(maxp, 0x00010000)
	be.PutUint16(maxp[4:], 3)
	contours := 2 + len(digits)
	be.PutUint16(maxp[6:], uint16(4*contours))
	be.PutUint16(maxp[8:], uint16(contours))
	be.PutUint16(maxp[14:], 2)
	hmtx := []byte{em >> 8, em & 0xFF, 0, 0, em >> 8, em & 0xFF, 0, boxEdge, 0, 0, 0, 0}
	// One group: the character is the box.
	cmap := be.AppendUint16(nil, 0)
	for _, v := range []uint16{1, 3, 10} {
		cmap = be.AppendUint16(cmap, v)
	}
	cmap = be.AppendUint32(cmap, 12)
	cmap = be.AppendUint16(be.AppendUint16(cmap, 12), 0)
	for _, v := range []uint32{28, 0, 1, uint32(r), uint32(r), boxGlyph} {
		cmap = be.AppendUint32(cmap, v)
	}
	post := make([]byte, 32)
	be.PutUint32(post, 0x00030000)
	return fontOf(map[string][]byte{
		"head": head, "hhea": hhea, "maxp": maxp, "hmtx": hmtx, "cmap": cmap, "loca": loca, "glyf": glyph, "post": post,
		"OS/2": os2Of(r), "name": nameOf(fmt.Sprintf("MadoguchiU%04X", r)),
	})
}

// outline is a glyph of rectangles: those that are filled run clockwise, the one that is cut out the other way.
func outline(outer, inner bar, digits []bar) []byte {
	var xs, ys []int16
	add := func(b bar, cut bool) {
		x, y := []int16{b[0], b[0], b[2], b[2]}, []int16{b[1], b[3], b[3], b[1]}
		if cut {
			slices.Reverse(x)
			slices.Reverse(y)
		}
		xs, ys = append(xs, x...), append(ys, y...)
	}
	add(outer, false)
	add(inner, true)
	for _, d := range digits {
		add(d, false)
	}
	be := binary.BigEndian
	g := be.AppendUint16(nil, uint16(len(xs)/4))
	for _, v := range outer {
		g = be.AppendUint16(g, uint16(v))
	}
	for end := 3; end < len(xs); end += 4 {
		g = be.AppendUint16(g, uint16(end))
	}
	g = be.AppendUint16(g, 0) // no instructions
	g = append(g, []byte(strings.Repeat("\x01", len(xs)))...)
	for _, of := range [][]int16{xs, ys} {
		last := int16(0)
		for _, v := range of {
			g = be.AppendUint16(g, uint16(v-last))
			last = v
		}
	}
	for len(g)%4 != 0 {
		g = append(g, 0)
	}
	return g
}

func os2Of(r rune) []byte {
	be := binary.BigEndian
	t := make([]byte, 78)
	be.PutUint16(t[2:], em)
	be.PutUint16(t[4:], 400)
	be.PutUint16(t[6:], 5)
	first := uint16(min(r, 0xFFFF))
	be.PutUint16(t[64:], first)
	be.PutUint16(t[66:], first)
	up, down := int16(ascent), int16(descent)
	be.PutUint16(t[68:], uint16(up))
	be.PutUint16(t[70:], uint16(down))
	be.PutUint16(t[74:], uint16(up))
	be.PutUint16(t[76:], uint16(-down))
	return t
}

// nameOf is the table of names with the PostScript name alone.
func nameOf(name string) []byte {
	be := binary.BigEndian
	var text []byte
	for _, c := range name {
		text = be.AppendUint16(text, uint16(c))
	}
	var t []byte
	for _, v := range []uint16{0, 1, 18, 3, 1, 0x409, 6, uint16(len(text)), 0} {
		t = be.AppendUint16(t, v)
	}
	return append(t, text...)
}

// fontOf puts tables into a file, each from a multiple of four.
func fontOf(tables map[string][]byte) []byte {
	be := binary.BigEndian
	var tags []string
	for tag := range tables {
		tags = append(tags, tag)
	}
	slices.Sort(tags)
	file := be.AppendUint32(nil, 0x00010000)
	for _, v := range []uint16{uint16(len(tags)), 128, 3, uint16(16*len(tags) - 128)} {
		file = be.AppendUint16(file, v)
	}
	at := 12 + 16*len(tags)
	var body []byte
	for _, tag := range tags {
		table := tables[tag]
		sum := uint32(0)
		for len(table)%4 != 0 {
			table = append(table, 0)
		}
		for i := 0; i < len(table); i += 4 {
			sum += be.Uint32(table[i:])
		}
		file = append(file, tag...)
		for _, v := range []uint32{sum, uint32(at + len(body)), uint32(len(tables[tag]))} {
			file = be.AppendUint32(file, v)
		}
		body = append(body, table...)
	}
	return append(file, body...)
}
