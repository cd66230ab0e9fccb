package index_test

import (
	"fmt"
	"strings"
	"sync"
	"testing"

	"madoguchi/backend/japan/catalog"
	"madoguchi/backend/japan/catalog/index"
	portalv1 "madoguchi/proto/gen/portal/v1"
)

const meguro = "131105"

func own(number, title string) index.Entry {
	return index.Entry{Place: meguro, Number: number, Title: title, Category: "子育て", Signature: catalog.SignatureNone}
}

func empty() *index.Index { return index.New(catalog.Definitions(), catalog.Categories()) }

func titles(r index.Result) string {
	var list []string
	for _, h := range r.Hits {
		list = append(list, h.Title)
	}
	return strings.Join(list, " ")
}

func TestReplaceForgetsWhatIsGone(t *testing.T) {
	x := empty()
	x.Replace(meguro, []index.Entry{
		own("L1", "竹馬の貸出"), own("L2", "けん玉教室"), {
			Place: meguro, Number: "P0001", Definition: "P0001", Title: "児童手当の申請", Category: "子育て", Online: true,
		},
	})
	x.Replace("131130", []index.Entry{{Place: "131130", Number: "L1", Title: "けん玉教室", Category: "教育"}})
	if got := titles(x.Search(index.Query{Text: "けん玉", Limit: 5})); got != "けん玉教室" {
		t.Errorf("in the country: %s", got)
	}
	if n := x.DefinitionPlaces("P0001"); n != 1 {
		t.Errorf("%d places", n)
	}
	x.Replace(meguro, []index.Entry{own("L1", "竹馬の貸出")})
	if got := x.Search(index.Query{Place: meguro, Text: "けん玉", Limit: 5}); got.Total != 0 || got.Elsewhere != 1 {
		t.Errorf("what is gone is found: %+v", got)
	}
	if n := x.DefinitionPlaces("P0001"); n != 0 {
		t.Errorf("%d places", n)
	}
	x.Replace(meguro, nil)
	x.Replace("131130", nil)
	if got := x.Search(index.Query{Text: "けん玉", Limit: 5}); got.Total != 0 {
		t.Errorf("what is gone everywhere is found: %+v", got)
	}
	if s := x.Size(); s.Entries != 0 || s.Places != 0 {
		t.Errorf("%+v", s)
	}
	x.Replace(meguro, []index.Entry{own("L1", "けん玉教室")}) // comes again
	if got := titles(x.Search(index.Query{Text: "けん玉", Limit: 5})); got != "けん玉教室" {
		t.Errorf("again: %s", got)
	}
}

func TestOwnPlaceFirstAndExactNamesFirst(t *testing.T) {
	x := empty()
	x.Replace(meguro, []index.Entry{own("L1", "水泳教室の申込"), own("L2", "水泳"), own("L3", "水泳大会と講習")})
	x.Replace("130001", []index.Entry{{Place: "130001", Number: "L1", Title: "水泳", Category: "子育て"}})
	if got := titles(x.Search(index.Query{Place: meguro, Text: "水泳", Limit: 4})); got != "水泳 水泳 水泳教室の申込 水泳大会と講習" {
		t.Errorf("the order is %s", got)
	}
	if first := x.Search(index.Query{Place: meguro, Text: "水泳", Limit: 1}).Hits[0]; first.Place != meguro {
		t.Errorf("first comes that of %s", first.Place)
	}
}

// Searching and taking changes over go on beside each other; the race detector watches.
func TestSearchWhileTheCatalogueChanges(t *testing.T) {
	x := empty()
	var group sync.WaitGroup
	for worker := range 4 {
		group.Go(func() {
			for i := range 50 {
				place := []string{meguro, "131130"}[worker%2]
				x.Replace(place, []index.Entry{own("L1", fmt.Sprintf("教室その%d", i)), own("L2", "けん玉教室")})
			}
		})
		group.Go(func() {
			for range 50 {
				for _, place := range []string{"", "130001", meguro} {
					x.Search(index.Query{Place: place, Text: "けん玉 教室", Limit: 20})
				}
				x.Size()
				x.Count(meguro)
			}
		})
	}
	group.Wait()
	if got := titles(x.Search(index.Query{Place: meguro, Text: "けん玉", Limit: 1})); got != "けん玉教室" {
		t.Errorf("in the end: %s", got)
	}
}

func FuzzSearch(f *testing.F) {
	x := empty()
	x.Replace(meguro, []index.Entry{
		own("L1", "けん玉教室"), {Place: meguro, Number: "P0001", Definition: "P0001", Title: "児童手当", Category: "子育て"},
	})
	for _, s := range []string{
		"", "保育園 申し込み", "ほいくえm", "a", "\xff\xfe", "'; --", "申請", "の の の", "引っ越ししたいのですがどうすればいいですか",
	} {
		f.Add(s, "131105", 0, 20)
	}
	f.Fuzz(func(t *testing.T, text, place string, offset, limit int) {
		limit = 1 + abs(limit)%100
		r := x.Search(index.Query{
			Text: text, Place: place, After: index.Mark{Count: offset, Sum: uint64(limit)}, Limit: limit,
		})
		if offset != 0 && !r.Changed {
			t.Errorf("%d hits behind a mark that nobody made", len(r.Hits))
		}
		r = x.Search(index.Query{Text: text, Place: place, Limit: limit})
		if len(r.Hits) > limit || r.Total < 0 {
			t.Errorf("%d hits of at most %d, total %d", len(r.Hits), limit, r.Total)
		}
		for _, h := range r.Hits {
			if h.Title == "" || h.Number == "" {
				t.Errorf("%q finds %+v", text, h)
			}
		}
	})
}

// Pages go on where the one before ended, also when a change put something before it: then they say so.
func TestPagesOfAListThatChanges(t *testing.T) {
	x := empty()
	entries := func(extra ...index.Entry) []index.Entry {
		for i := range 12 {
			extra = append(extra, own(fmt.Sprintf("L%02d", 10+i), fmt.Sprintf("竹馬の会%02d", i)))
		}
		return extra
	}
	x.Replace(meguro, entries())
	for name, q := range map[string]index.Query{
		"of a place": {Place: meguro, Text: "竹馬", Limit: 5}, "all of a place": {Place: meguro, Limit: 5},
		"of the country": {Text: "竹馬", Limit: 5},
		"with a slip":    {Place: meguro, Text: "竹馬の介", Limit: 5},
	} {
		t.Run(name, func(t *testing.T) {
			x.Replace(meguro, entries())
			first := x.Search(q)
			if len(first.Hits) != 5 || first.Next.Count != 5 || first.Next != (index.Mark{}).Behind(first.Hits) {
				t.Fatalf("%+v", first)
			}
			seen := titles(first)
			rest := q
			for rest.After = first.Next; rest.After.Count > 0; {
				r := x.Search(rest)
				if r.Changed || len(r.Hits) == 0 {
					t.Fatalf("behind %d: %+v", rest.After.Count, r)
				}
				seen, rest.After = seen+" "+titles(r), r.Next
			}
			whole := q
			whole.Limit = 100
			if want := titles(x.Search(whole)); seen != want {
				t.Errorf("page by page %s, want %s", seen, want)
			}
			// What comes elsewhere, or behind, changes nothing before.
			rest.After = first.Next
			want := titles(x.Search(rest))
			x.Replace("131130", []index.Entry{{Place: "131130", Number: "L1", Title: "けん玉教室", Category: "教育"}})
			x.Replace(meguro, entries(own("L99", "竹馬の会99")))
			if r := x.Search(rest); r.Changed || titles(r) != want {
				t.Errorf("after a change behind: %+v, want %s", r, want)
			}
			x.Replace(meguro, entries(own("L01", "竹馬の会")))
			if r := x.Search(rest); !r.Changed || len(r.Hits) > 0 {
				t.Errorf("after a change before: %+v", r)
			}
			x.Replace(meguro, nil)
			if r := x.Search(rest); !r.Changed || len(r.Hits) > 0 {
				t.Errorf("after all has gone: %+v", r)
			}
		})
	}
}

func abs(n int) int {
	if n < 0 {
		return -(n + 1)
	}
	return n
}

func TestTitlesWithoutTheNameOfTheirPlace(t *testing.T) {
	for place, c := range map[string]struct{ title, want string }{
		"131105": {"目黒区 おむつ券の支給", "おむつ券の支給"}, "141178": {"青葉区子育て相談", "子育て相談"}, "044016": {"松島町おむつ券の支給", "おむつ券の支給"},
		"130001": {"東京都の手続", "東京都の手続"},
		"131130": {"渋谷区立図書館の予約", "渋谷区立図書館の予約"}, "131121": {"世田谷区民会館の予約", "世田谷区民会館の予約"}, "141003": {"目黒区の手続", "目黒区の手続"},
	} {
		if got := index.EntryOf(place, &portalv1.ProcedureContent{Title: c.title}).Title; got != c.want {
			t.Errorf("%s in %s is %s, want %s", c.title, place, got, c.want)
		}
	}
}
