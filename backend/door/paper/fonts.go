package paper

import (
	"encoding/binary"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"unicode"

	"github.com/carlos7ags/folio/font"
	"golang.org/x/text/unicode/norm"
)

// Fonts are where the fonts lie with which a PDF is written: everyday text in IPAex Gothic; names whose characters it
// lacks, and forms that a variation selector asks for, in IPAmj Mincho, which has all of the family register; and what
// both lack, as other scripts, in those of others that are there.
type Fonts struct {
	everyday, names string
	others          []string
}

// The files, as Debian's fonts-ipaexfont-gothic and fonts-ipamj-mincho call them, and fonts-noto-cjk and
// fonts-dejavu-core, which need not be there.
const (
	everydayFile = "ipaexg.ttf"
	namesFile    = "ipamjm.ttf"
)

var otherFiles = []string{"NotoSansCJK-Regular.ttc", "DejaVuSans.ttf"}

// FindFonts looks for the files below the folders.
func FindFonts(folders ...string) (Fonts, error) {
	var f Fonts
	for file, into := range map[string]*string{everydayFile: &f.everyday, namesFile: &f.names} {
		for _, folder := range folders {
			found, err := find(folder, file)
			if err == nil {
				*into = found
				break
			}
		}
		if *into == "" {
			return f, fmt.Errorf("the font %s is in none of %v: install fonts-ipaexfont-gothic and "+
				"fonts-ipamj-mincho, or name the folder that holds it", file, folders)
		}
	}
	for _, file := range otherFiles {
		for _, folder := range folders {
			if found, err := find(folder, file); err == nil {
				f.others = append(f.others, found)
				break
			}
		}
	}
	return f, nil
}

var errNoFont = errors.New("no such font")

func find(folder, file string) (path string, err error) {
	err = filepath.WalkDir(folder, func(at string, entry os.DirEntry, err error) error {
		if err == nil && !entry.IsDir() && entry.Name() == file {
			path = at
			return filepath.SkipAll
		}
		return nil // a folder that cannot be read holds nothing
	})
	if err == nil && path == "" {
		err = errNoFont
	}
	return path, err
}

// pen writes the text of one document: it finds each character's face, and remembers which there is none for.
type pen struct {
	files    []string // of the fonts, in the order in which they are asked
	fonts    []*font.EmbeddedFont
	everyday *font.EmbeddedFont
	variants map[variant]*font.EmbeddedFont
	boxes    map[rune]*font.EmbeddedFont

	// missing are the characters that no font has, and plain those whose form none has.
	missing []missing
	plain   []string
	// kana is how what is being written is read, where the document says so.
	kana string
}

// variant is the forms that a font has for a selector; or, for a selector of 0, for the one character in compatible.
type variant struct {
	font                 *font.EmbeddedFont
	selector, compatible rune
}

// missing is a character, and how that is read in which it was first met.
type missing struct {
	is   rune
	kana string
}

func newPen(f Fonts) (*pen, error) {
	p := &pen{
		files:    append([]string{f.everyday, f.names}, f.others...),
		variants: map[variant]*font.EmbeddedFont{}, boxes: map[rune]*font.EmbeddedFont{},
	}
	var err error
	p.everyday, err = p.font(0)
	return p, err
}

// font is one of the fonts; each is read when it is needed, since most are large.
func (p *pen) font(i int) (*font.EmbeddedFont, error) {
	for n := len(p.fonts); n <= i; n++ {
		raw, err := os.ReadFile(p.files[n])
		if err != nil {
			return nil, fmt.Errorf("reading a font: %w", err)
		}
		face, err := font.ParseFont(raw)
		if err != nil {
			return nil, fmt.Errorf("reading the font %s: %w", p.files[n], err)
		}
		p.fonts = append(p.fonts, font.NewEmbeddedFont(face))
	}
	return p.fonts[i], nil
}

// stretch is text in one face.
type stretch struct {
	text string
	face *font.EmbeddedFont
}

// geta stands for a character that there is no glyph of, where there were too many for a picture of each.
const geta = '〓'

const mostBoxes = 200

// split divides a text by the faces that have its characters.
func (p *pen) split(text string) ([]stretch, error) {
	var list []stretch
	runes := []rune(text)
	for i := 0; i < len(runes); i++ {
		r := runes[i]
		length, face, err := p.faceOf(runes[i:])
		if err != nil {
			return nil, err
		}
		s := string(runes[i : i+length])
		if unseen(r) && len(list) > 0 {
			face = list[len(list)-1].face // folio drops a blank that stands alone
		}
		if face == nil {
			if face, err = p.box(r); err != nil {
				return nil, err
			}
			if face == nil {
				s, face = string(geta), p.everyday
			}
		}
		i += length - 1
		if n := len(list); n > 0 && list[n-1].face == face {
			list[n-1].text += s
			continue
		}
		list = append(list, stretch{s, face})
	}
	return list, nil
}

// faceOf is the face of the first of the runes, or of the first two where the second chooses the form of the first;
// nil when there is none.
func (p *pen) faceOf(runes []rune) (length int, face *font.EmbeddedFont, err error) {
	if len(runes) > 1 && isSelector(runes[1]) {
		face, err := p.form(runes[0], runes[1])
		return 2, face, err
	}
	if unseen(runes[0]) {
		return 1, p.everyday, nil
	}
	decomposed := []rune(norm.NFC.String(string(runes[0])))
	compatible := len(decomposed) == 1 && decomposed[0] != runes[0]
	for i := range p.files {
		if compatible && i == 0 {
			continue // in the register's form
		}
		has, err := p.font(i)
		if err != nil {
			return 0, nil, err
		}
		switch glyph := has.Face().GlyphIndex(runes[0]); {
		case glyph != 0 && compatible:
			return 1, p.compatible(has, glyph, runes[0], decomposed[0]), nil
		case glyph != 0:
			return 1, has, nil
		}
	}
	return 1, nil, nil
}

// compatible is the face of a character that folio writes as another one (NFC): 神, U+FA19, as 神. It is drawn in its own
// form; the text behind it is that of the other.
func (p *pen) compatible(in *font.EmbeddedFont, form uint16, r, written rune) *font.EmbeddedFont {
	key := variant{font: in, compatible: r}
	if p.variants[key] == nil {
		p.variants[key] = font.NewEmbeddedFont(&variantFace{Face: in.Face(), forms: map[rune]uint16{written: form}})
	}
	return p.variants[key]
}

// form is the face in which a character has the form that a selector asks for: of the first font that knows it. Where
// none does it is the usual form of the first that has the character, which is remembered; nil: none has it. What a
// selector says of symbols, whether they are coloured, is not missed.
func (p *pen) form(r, selector rune) (*font.EmbeddedFont, error) {
	var usual *font.EmbeddedFont
	for i := range p.files {
		in, err := p.font(i)
		if err != nil {
			return nil, err
		}
		face, err := p.variant(in, selector)
		if err != nil {
			return nil, fmt.Errorf("reading the forms of the font %s: %w", p.files[i], err)
		}
		if face.Face().(*variantFace).knows(r) {
			return face, nil
		}
		if usual == nil && in.Face().GlyphIndex(r) != 0 {
			usual = face
		}
	}
	if usual != nil && selector >= 0xE0100 {
		if form := fmt.Sprintf("%c（U+%04X U+%04X）", r, r, selector); !slices.Contains(p.plain, form) {
			p.plain = append(p.plain, form)
		}
	}
	return usual, nil
}

// variant is the face in which a selector's forms are the characters' own: folio encodes a character at a time, so
// that a form gets a face of its own, and the text behind it stays what was written, the selector included.
func (p *pen) variant(in *font.EmbeddedFont, selector rune) (*font.EmbeddedFont, error) {
	key := variant{font: in, selector: selector}
	if known := p.variants[key]; known != nil {
		return known, nil
	}
	base := in.Face()
	forms, usual, err := formsOf(base.RawData(), selector)
	if err != nil {
		return nil, err
	}
	p.variants[key] = font.NewEmbeddedFont(&variantFace{
		Face: base, selector: selector, forms: forms, usual: usual, blank: base.GlyphIndex('　'),
	})
	return p.variants[key], nil
}

// box is the face with the picture of a character that no font has; nil when there are too many.
func (p *pen) box(r rune) (*font.EmbeddedFont, error) {
	if known := p.boxes[r]; known != nil {
		return known, nil
	}
	if len(p.boxes) == mostBoxes {
		return nil, nil
	}
	face, err := boxFace(r)
	if err != nil {
		return nil, err
	}
	p.boxes[r] = font.NewEmbeddedFont(&boxed{Face: face, is: r})
	p.missing = append(p.missing, missing{r, p.kana})
	return p.boxes[r], nil
}

// boxed has the picture of one character. What follows it, a selector of forms, is nothing to be seen.
type boxed struct {
	font.Face
	is rune
}

// GlyphIndex is that of the picture, or of nothing.
func (b *boxed) GlyphIndex(r rune) uint16 {
	if r == b.is {
		return boxGlyph
	}
	return noGlyph
}

func unseen(r rune) bool { return r == ' ' || r == '\n' || unicode.Is(unicode.Cf, r) }

// variantFace has the forms of one selector, which itself is nothing to be seen.
type variantFace struct {
	font.Face
	selector rune
	forms    map[rune]uint16
	usual    map[rune]bool // the selector asks for the form that the character has anyway
	blank    uint16
}

// knows tells whether the font has the form of a character that the selector asks for.
func (v *variantFace) knows(r rune) bool {
	_, own := v.forms[r]
	return own || v.usual[r] && v.Face.GlyphIndex(r) != 0
}

// GlyphIndex is that of the form, or of the character where the selector asks for its usual one.
func (v *variantFace) GlyphIndex(r rune) uint16 {
	if v.selector != 0 && r == v.selector {
		return v.blank
	}
	if form, ok := v.forms[r]; ok {
		return form
	}
	return v.Face.GlyphIndex(r)
}

// GlyphAdvance leaves the selector no room.
func (v *variantFace) GlyphAdvance(glyph uint16) int {
	if v.blank != 0 && glyph == v.blank {
		return 0
	}
	return v.Face.GlyphAdvance(glyph)
}

func isSelector(r rune) bool { return r >= 0xFE00 && r <= 0xFE0F || r >= 0xE0100 && r <= 0xE01EF }

var errFont = errors.New("it is no TrueType font with forms")

// formsOf reads the forms of a selector from a font's table cmap, subtable format 14 (OpenType, "Unicode Variation
// Sequences"), which folio does not read: those of their own, and which are the usual ones.
func formsOf(raw []byte, selector rune) (forms map[rune]uint16, usual map[rune]bool, err error) {
	table, ok := tableOf(raw, "cmap")
	if !ok || len(table) < 4 {
		return nil, nil, errFont
	}
	forms, usual = map[rune]uint16{}, map[rune]bool{}
	for i := range int(binary.BigEndian.Uint16(table[2:])) {
		at := 4 + 8*i
		if at+8 > len(table) {
			return nil, nil, errFont
		}
		offset := int(binary.BigEndian.Uint32(table[at+4:]))
		if offset+10 > len(table) || binary.BigEndian.Uint16(table[offset:]) != 14 {
			continue
		}
		sub := table[offset:]
		for n := range int(binary.BigEndian.Uint32(sub[6:])) {
			record := 10 + 11*n
			if record+11 > len(sub) {
				return nil, nil, errFont
			}
			if uint24(sub[record:]) != selector {
				continue
			}
			if at := int(binary.BigEndian.Uint32(sub[record+3:])); at != 0 {
				if err := usualOf(sub, at, usual); err != nil {
					return nil, nil, err
				}
			}
			own := int(binary.BigEndian.Uint32(sub[record+7:]))
			if own == 0 {
				continue // its usual forms alone
			}
			if own+4 > len(sub) {
				return nil, nil, errFont
			}
			for m := range int(binary.BigEndian.Uint32(sub[own:])) {
				mapping := own + 4 + 5*m
				if mapping+5 > len(sub) {
					return nil, nil, errFont
				}
				forms[uint24(sub[mapping:])] = binary.BigEndian.Uint16(sub[mapping+3:])
			}
		}
	}
	return forms, usual, nil
}

// usualOf reads ranges of characters: the first, and how many more.
func usualOf(sub []byte, at int, into map[rune]bool) error {
	if at+4 > len(sub) {
		return errFont
	}
	for n := range int(binary.BigEndian.Uint32(sub[at:])) {
		record := at + 4 + 4*n
		if record+4 > len(sub) {
			return errFont
		}
		for more := range int(sub[record+3]) + 1 {
			into[uint24(sub[record:])+rune(more)] = true
		}
	}
	return nil
}

func tableOf(raw []byte, name string) ([]byte, bool) {
	if len(raw) < 12 {
		return nil, false
	}
	for i := range int(binary.BigEndian.Uint16(raw[4:])) {
		at := 12 + 16*i
		if at+16 > len(raw) {
			return nil, false
		}
		if string(raw[at:at+4]) != name {
			continue
		}
		offset, length := int(binary.BigEndian.Uint32(raw[at+8:])), int(binary.BigEndian.Uint32(raw[at+12:]))
		if offset+length > len(raw) {
			return nil, false
		}
		return raw[offset : offset+length], true
	}
	return nil, false
}

func uint24(b []byte) rune { return rune(b[0])<<16 | rune(b[1])<<8 | rune(b[2]) }
