package municipality

import (
	"bytes"
	"compress/gzip"
	_ "embed"
	"io"
	"slices"
	"strconv"
	"strings"
	"sync"

	"madoguchi/backend/japanese"
)

//go:embed postal.tsv.gz
var postalFile []byte

// towns is the table of postal codes, in their order: 124,130 rows. It is unpacked at its first use, in 0.3 s, and then takes some 15 MB.
type towns struct {
	code         []uint32 // the postal code as a number
	municipality []uint16 // index in All
	name         []string
	// begins lists the folded names and readings of towns in order, to find those that begin with what is typed.
	begins []beginning
}

type beginning struct {
	folded string
	row    int32
}

var postal = sync.OnceValue(func() *towns {
	table := load()
	r, err := gzip.NewReader(bytes.NewReader(postalFile))
	if err != nil {
		panic(err) // built in, and tested
	}
	data, err := io.ReadAll(r)
	if err != nil {
		panic(err) // as above
	}
	t := &towns{}
	known := map[string]bool{}
	for line := range strings.Lines(string(data)) {
		fields := strings.Split(strings.TrimSuffix(line, "\n"), "\t")
		code, err := strconv.ParseUint(fields[0], 10, 32)
		place, ok := table.byCode[fields[1]]
		if err != nil || !ok {
			panic("postal.tsv.gz: " + line) // as above
		}
		row := int32(len(t.code)) //nolint:gosec // 124,130
		t.code = append(t.code, uint32(code))
		t.municipality = append(t.municipality, uint16(place)) //nolint:gosec // 1,932
		t.name = append(t.name, fields[2])
		if key := fields[1] + fields[2]; fields[2] != "" && !known[key] { // a town of several codes is found once
			known[key] = true
			t.begins = append(t.begins, beginning{japanese.Fold(fields[2]), row}, beginning{japanese.Fold(fields[3]), row})
		}
	}
	slices.SortFunc(t.begins, func(a, b beginning) int { return strings.Compare(a.folded, b.folded) })
	return t
})

// Warm unpacks the postal codes, so that the first who asks does not wait.
func Warm() { postal() }

// Town is a 町域 of a municipality.
type Town struct {
	Municipality Municipality
	Name         string // "" for the whole municipality
}

// ByPostalCode returns what a postal code of seven digits means: one or several towns, of one municipality or of two; nothing when there is no such
// code.
func ByPostalCode(code string) []Town {
	number, err := strconv.ParseUint(code, 10, 32)
	if err != nil || len(code) != 7 {
		return nil
	}
	return between(uint32(number), uint32(number))
}

func between(from, to uint32) []Town {
	t, all := postal(), All()
	start, _ := slices.BinarySearch(t.code, from)
	var list []Town
	for i := start; i < len(t.code) && t.code[i] <= to; i++ {
		list = append(list, Town{all[t.municipality[i]], t.name[i]})
	}
	return list
}

// townsBeginning returns the towns whose name or reading begins with folded text, those of exactly that name first.
func townsBeginning(folded string, limit int) []Town {
	t, all := postal(), All()
	start, _ := slices.BinarySearchFunc(t.begins, folded, func(b beginning, s string) int { return strings.Compare(b.folded, s) })
	var list []Town
	seen := map[int32]bool{}
	for i := start; i < len(t.begins) && len(list) < limit && strings.HasPrefix(t.begins[i].folded, folded); i++ {
		row := t.begins[i].row
		if seen[row] {
			continue
		}
		seen[row] = true
		list = append(list, Town{all[t.municipality[row]], t.name[row]})
	}
	return list
}
