package index_test

import (
	"bytes"
	"fmt"
	"runtime"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"madoguchi/backend/japan/catalog"
	"madoguchi/backend/japan/catalog/expand"
	"madoguchi/backend/japan/catalog/index"
	portalv1 "madoguchi/proto/gen/portal/v1"
)

// nation has every twentieth place, and those that are asked for.
func nation() *index.Index {
	x, n := empty(), 0
	expand.Nation(1, expand.Real, func(code string, contents []*portalv1.ProcedureContent) {
		if n++; n%20 > 0 && code != meguro && code != "141178" {
			return
		}
		list := make([]index.Entry, len(contents))
		for i, c := range contents {
			list[i] = index.EntryOf(code, c)
		}
		x.Replace(code, list)
	})
	return x
}

func written(t testing.TB, x *index.Index) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := x.Write(&b); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func read(data []byte) (*index.Index, error) {
	return index.Read(bytes.NewReader(data), catalog.Definitions(), catalog.Categories())
}

// same asks two indexes the same things.
func same(t *testing.T, a, b *index.Index) {
	t.Helper()
	for _, place := range []string{"", "130001", meguro, "141178", "013463", catalog.Nation} {
		for _, text := range []string{"", "保育園", "児童手当 申請", "犬", "ごみ", "補助金", "粗大ごみ 引越し", "けん玉", "hoikuen", "もぐら"} {
			q := index.Query{Place: place, Text: text, Limit: 30}
			if diff := cmp.Diff(a.Search(q), b.Search(q), cmpopts.IgnoreUnexported(index.Hit{}),
				cmpopts.SortSlices(func(a, b index.Hit) bool {
					return a.Title+a.Place+a.Number < b.Title+b.Place+b.Number
				})); diff != "" {
				t.Fatalf("%s in %q: %s", text, place, diff)
			}
		}
		if place != "" && a.Count(place) != b.Count(place) {
			t.Errorf("%s: %d and %d entries", place, a.Count(place), b.Count(place))
		}
	}
	for _, d := range catalog.Definitions() {
		if a.DefinitionPlaces(d.Number) != b.DefinitionPlaces(d.Number) {
			t.Errorf("%s: %d and %d places", d.Number, a.DefinitionPlaces(d.Number), b.DefinitionPlaces(d.Number))
		}
	}
}

func TestWhatWasWrittenIsReadAgain(t *testing.T) {
	x := nation()
	data := written(t, x)
	var before, after runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&before)
	y, err := read(data)
	if err != nil {
		t.Fatal(err)
	}
	runtime.ReadMemStats(&after)
	if a, b := x.Size(), y.Size(); a.Entries != b.Entries || a.Places != b.Places || a.Texts != b.Texts ||
		a.Postings != b.Postings {
		t.Errorf("%+v was written, %+v read", a, b)
	}
	// All that was ever taken while reading, garbage included, is less than the file and three times the index.
	if taken, limit := int(after.TotalAlloc-before.TotalAlloc), len(data)+10*y.Size().Bytes; taken > limit {
		t.Errorf("reading took %d MB", taken>>20)
	}
	same(t, x, y)
	if !bytes.Equal(data, written(t, y)) {
		t.Error("written again it is another")
	}
	// It goes on as the one from which it was written.
	for _, z := range []*index.Index{x, y} {
		z.Replace(meguro, []index.Entry{
			own("L1", "けん玉教室"), {
				Place: meguro, Number: "P0001", Definition: "P0001", Title: "児童手当の申請", Category: "子育て",
				Keywords: []string{"お金", "こども"}, Summary: "もぐら",
			},
		})
		z.Replace("131130", nil)
	}
	same(t, x, y)
	again, err := read(written(t, x)) // texts that nobody has any more are left out
	if err != nil {
		t.Fatal(err)
	}
	same(t, x, again)
}

func TestWhatWasNotWrittenIsNotRead(t *testing.T) {
	x := empty()
	x.Replace(meguro, []index.Entry{
		own("L1", "竹馬の貸出"), {
			Place: meguro, Number: "P0001", Definition: "P0001", Title: "児童手当", Category: "子育て",
			Keywords: []string{"お金"},
		},
	})
	data := written(t, x)
	if _, err := read(data); err != nil {
		t.Fatal(err)
	}
	for n := range len(data) {
		if _, err := read(data[:n]); err == nil {
			t.Errorf("%d of %d octets are an index", n, len(data))
		}
	}
	if _, err := read(append(bytes.Clone(data), 0)); err == nil {
		t.Error("more than an index is one")
	}
	huge := []byte(strings.Repeat("\xff", 9) + "\x01")
	if _, err := read(huge); err == nil {
		t.Error("a count without end passes")
	}
}

func TestTheFingerprintFollowsTheDefinitions(t *testing.T) {
	all := catalog.Definitions()
	prints := map[string]bool{}
	note := func(d []catalog.Definition, c []string) {
		p, err := index.Fingerprint(d, c)
		if err != nil {
			t.Fatal(err)
		}
		prints[fmt.Sprintf("%x", p)] = true
	}
	note(all, catalog.Categories())
	note(all, catalog.Categories())
	note(all[1:], catalog.Categories())
	note(all, catalog.Categories()[1:])
	changed := append([]catalog.Definition{}, all...)
	changed[5].Deadline.Text += "。"
	note(changed, catalog.Categories())
	if len(prints) != 4 {
		t.Errorf("%d fingerprints of four catalogues", len(prints))
	}
}

func FuzzRead(f *testing.F) {
	x := empty()
	x.Replace(meguro, []index.Entry{
		own("L1", "竹馬の貸出"), {
			Place: meguro, Number: "P0001", Definition: "P0001", Title: "児童手当", Category: "子育て",
			Keywords: []string{"お金"},
		},
	})
	f.Add(written(f, x))
	f.Add(written(f, empty()))
	f.Fuzz(func(t *testing.T, data []byte) {
		x, err := read(data)
		if err != nil {
			return
		}
		x.Search(index.Query{Text: "児童手当 竹馬", Limit: 5})
		x.Search(index.Query{Place: meguro, Limit: 5})
		y, err := read(written(t, x))
		if err != nil || x.Size().Entries != y.Size().Entries {
			t.Errorf("what was read cannot be written and read: %v", err)
		}
		x.Replace(meguro, nil)
	})
}
