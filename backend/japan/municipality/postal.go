package municipality

import (
	"bytes"
	"cmp"
	"compress/gzip"
	_ "embed"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"sync"
)

//go:embed postal.tsv.gz
var postalFile []byte

// offices.tsv.gz holds the 22,208 postal codes that large offices (大口事業所) have of their own, and their municipality.
//
//go:embed offices.tsv.gz
var officesFile []byte

// towns is the table of postal codes in their order, 124,130 rows, and an index of the names. It is unpacked at its
// first use, in half a second. The texts stand in three long strings, so that it takes 10 MB and no more.
type towns struct {
	code         []uint32 // the postal code as a number
	municipality []uint16 // index in All
	text         []uint32 // where the row's name begins in texts
	texts        string   // each name and reading once: 中目黒\tナカメグロ\n

	office   []uint32 // postal codes of large offices as numbers
	officeAt []uint16 // index in All

	form  []uint32 // where each folded name or reading begins in forms, in the order of the alphabet
	forms string   // ended by \n each
	first []uint32 // where the rows of each form begin in rows, and the end
	rows  []uint32
}

var postal = sync.OnceValue(func() *towns {
	t, err := unpack()
	if err != nil {
		panic(err) // the table is built in, and tested
	}
	return t
})

func unzip(file []byte) ([]byte, error) {
	r, err := gzip.NewReader(bytes.NewReader(file))
	if err != nil {
		return nil, err
	}
	return io.ReadAll(r)
}

func unpack() (*towns, error) {
	t := &towns{}
	if err := t.unpackOffices(); err != nil {
		return nil, fmt.Errorf("unpacking offices.tsv.gz: %w", err)
	}
	data, err := unzip(postalFile)
	if err != nil {
		return nil, fmt.Errorf("unpacking postal.tsv.gz: %w", err)
	}
	lines := bytes.Count(data, []byte("\n"))
	t.code, t.municipality, t.text = make([]uint32, 0, lines), make([]uint16, 0, lines), make([]uint32, 0, lines)
	var texts strings.Builder
	known := map[string]uint32{}
	var index []townForm
	indexed := map[string]bool{}
	for line := range strings.Lines(string(data)) {
		code, rest, _ := strings.Cut(line, "\t")
		place, text, _ := strings.Cut(rest, "\t") // text keeps its \n
		number, err := strconv.ParseUint(code, 10, 32)
		i, ok := load().byCode[place]
		if err != nil || !ok || strings.Count(text, "\t") != 1 {
			return nil, fmt.Errorf("postal.tsv.gz: line %q", line)
		}
		at, ok := known[text]
		if !ok {
			at = uint32(texts.Len())
			known[text] = at
			texts.WriteString(text)
		}
		row := uint32(len(t.code))
		t.code = append(t.code, uint32(number))
		t.municipality = append(t.municipality, uint16(i))
		t.text = append(t.text, at)
		name, kana, _ := strings.Cut(strings.TrimSuffix(text, "\n"), "\t")
		if name == "" || isFloor(name) || indexed[place+name] { // a town of several codes is found once
			continue
		}
		indexed[place+name] = true
		nameForm, kanaForm := fold(name), fold(kana)
		index = append(index, townForm{nameForm, row})
		if kanaForm != nameForm {
			index = append(index, townForm{kanaForm, row})
		}
	}
	t.texts = strings.Clone(texts.String())
	t.pack(index)
	return t, nil
}

func (t *towns) unpackOffices() error {
	data, err := unzip(officesFile)
	if err != nil {
		return err
	}
	for line := range strings.Lines(string(data)) {
		code, place, _ := strings.Cut(strings.TrimSuffix(line, "\n"), "\t")
		number, err := strconv.ParseUint(code, 10, 32)
		i, ok := load().byCode[place]
		if err != nil || !ok {
			return fmt.Errorf("line %q", line)
		}
		t.office, t.officeAt = append(t.office, uint32(number)), append(t.officeAt, uint16(i))
	}
	t.office, t.officeAt = slices.Clip(t.office), slices.Clip(t.officeAt)
	return nil
}

// isFloor: towers have a code for each floor; by name the tower is enough.
func isFloor(name string) bool {
	before, ok := strings.CutSuffix(name, "階")
	return ok && strings.TrimRight(before, "０１２３４５６７８９") != before
}

type townForm struct {
	form string
	row  uint32
}

func (t *towns) pack(index []townForm) {
	slices.SortFunc(index, func(a, b townForm) int {
		return cmp.Or(strings.Compare(a.form, b.form), cmp.Compare(a.row, b.row))
	})
	var forms strings.Builder
	last := ""
	t.rows = make([]uint32, 0, len(index))
	for _, f := range index {
		if f.form == "" {
			continue
		}
		if f.form != last {
			t.form = append(t.form, uint32(forms.Len()))
			t.first = append(t.first, uint32(len(t.rows)))
			forms.WriteString(f.form + "\n")
			last = f.form
		}
		t.rows = append(t.rows, f.row)
	}
	t.first = append(t.first, uint32(len(t.rows)))
	t.forms = strings.Clone(forms.String())
	t.form, t.first = slices.Clip(t.form), slices.Clip(t.first)
}

// Warm unpacks the postal codes, so that the first who asks does not wait.
func Warm() { postal() }

// Town is a 町域 of a municipality.
type Town struct {
	Municipality Municipality
	Name         string // "" for the whole municipality
	Kana         string // full-width katakana, with figures where the name has them
}

// ByPostalCode returns what a postal code of seven digits means: one or several towns, of one municipality or of two;
// nothing when there is no such code.
func ByPostalCode(code string) []Town {
	number, err := strconv.ParseUint(code, 10, 32)
	if err != nil || len(code) != 7 {
		return nil
	}
	return between(uint32(number), uint32(number))
}

// officesBetween returns the municipalities of the large offices with codes in a range, one for each office.
func officesBetween(from, to uint32) []Town {
	t := postal()
	start, _ := slices.BinarySearch(t.office, from)
	var list []Town
	for i := start; i < len(t.office) && t.office[i] <= to; i++ {
		list = append(list, Town{Municipality: All()[t.officeAt[i]]})
	}
	return list
}

func between(from, to uint32) []Town {
	t := postal()
	start, _ := slices.BinarySearch(t.code, from)
	var list []Town
	for row := start; row < len(t.code) && t.code[row] <= to; row++ {
		list = append(list, t.town(row))
	}
	return list
}

func (t *towns) town(row int) Town {
	text, _, _ := strings.Cut(t.texts[t.text[row]:], "\n")
	name, kana, _ := strings.Cut(text, "\t")
	return Town{All()[t.municipality[row]], name, kana}
}

func (t *towns) formAt(i int) string {
	form, _, _ := strings.Cut(t.forms[t.form[i]:], "\n")
	return form
}

// formsBeginning returns the range of the folded names that begin with a text, and whether the first of them is the
// text itself.
func (t *towns) formsBeginning(text string) (from, to int, whole bool) {
	search := func(less func(form string) bool) int {
		at, _ := slices.BinarySearchFunc(t.form, 0, func(start uint32, _ int) int {
			form, _, _ := strings.Cut(t.forms[start:], "\n")
			if less(form) {
				return -1
			}
			return 1
		})
		return at
	}
	from = search(func(form string) bool { return form < text })
	to = search(func(form string) bool { return form < text || strings.HasPrefix(form, text) })
	return from, to, from < to && t.formAt(from) == text
}
