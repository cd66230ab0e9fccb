//go:build !js

package place

import (
	"strings"
	"testing"

	"github.com/maxence-charriere/go-app/v10/pkg/app"

	"madoguchi/frontend/frame/lang"
	"madoguchi/frontend/frame/shell"
	portalv1 "madoguchi/proto/gen/portal/v1"
)

func TestPrefectures(t *testing.T) {
	places, names := map[[2]int]string{}, map[string]bool{}
	for i, p := range prefectures {
		at := [2]int{p.column, p.row}
		if places[at] != "" || p.column < 1 || p.column > 12 || p.row < 1 || p.row > 13 {
			t.Errorf("%s lies on %v, where %q is", p.ja, at, places[at])
		}
		places[at], names[p.ja] = p.ja, true
		if got, ok := prefectureOf(digits(i)); !ok || got != p {
			t.Errorf("%s is %s", digits(i), got.ja)
		}
	}
	if len(names) != 47 {
		t.Errorf("%d names", len(names))
	}
	for code, want := range map[string]string{"01": "北海道", "131105": "東京", "260001": "京都", "46": "鹿児島"} {
		if p, _ := prefectureOf(code); p.short().In(lang.Japanese) != want {
			t.Errorf("%s is %s", code, p.short().In(lang.Japanese))
		}
	}
	for _, code := range []string{"", "1", "00", "48", "ab", "-1"} {
		if p, ok := prefectureOf(code); ok {
			t.Errorf("%q is %s", code, p.ja)
		}
	}
}

func index(t *testing.T, ja string) int {
	t.Helper()
	for i, p := range prefectures {
		if p.ja == ja {
			return i
		}
	}
	t.Fatalf("no prefecture %s", ja)
	return 0
}

func TestNeighbours(t *testing.T) {
	for _, c := range []struct{ from, key, want string }{
		{"東京都", "ArrowDown", "神奈川県"}, {"東京都", "ArrowRight", "千葉県"}, {"東京都", "ArrowLeft", "埼玉県"},
		{"東京都", "ArrowUp", "栃木県"},
		{"青森県", "ArrowUp", "北海道"}, {"北海道", "ArrowDown", "青森県"}, {"北海道", "ArrowUp", "北海道"}, {"北海道", "ArrowRight", "北海道"},
		{"山口県", "ArrowDown", "福岡県"}, {"鹿児島県", "ArrowDown", "沖縄県"}, {"沖縄県", "ArrowUp", "鹿児島県"},
		{"沖縄県", "ArrowDown", "沖縄県"},
		{"大分県", "ArrowRight", "愛媛県"}, {"愛媛県", "ArrowUp", "岡山県"}, {"東京都", "Tab", "東京都"}, {"東京都", "Enter", "東京都"},
	} {
		if got := prefectures[neighbour(index(t, c.from), c.key)].ja; got != c.want {
			t.Errorf("%s from %s leads to %s, want %s", c.key, c.from, got, c.want)
		}
	}
}

// From each prefecture the arrow keys reach every other.
func TestArrowKeysReachAll(t *testing.T) {
	for from := range prefectures {
		reached, queue := map[int]bool{from: true}, []int{from}
		for len(queue) > 0 {
			at := queue[0]
			queue = queue[1:]
			for _, key := range []string{"ArrowUp", "ArrowDown", "ArrowLeft", "ArrowRight"} {
				if to := neighbour(at, key); !reached[to] {
					reached[to] = true
					queue = append(queue, to)
				}
			}
		}
		if len(reached) != len(prefectures) {
			t.Errorf("from %s only %d are reached", prefectures[from].ja, len(reached))
		}
	}
}

func TestCountryIsPrerendered(t *testing.T) {
	shell.Use(Feature)
	for _, c := range lang.All {
		in(t, c)
		drawn, err := shell.Prerender("places", c)
		if err != nil {
			t.Fatal(err)
		}
		if got := strings.Count(drawn.Root, `href="/places/`); got != 2*47 {
			t.Errorf("%d links to prefectures in %s", got, c)
		}
		if got := strings.Count(drawn.Root, `class="tile region-`); got != 47 {
			t.Errorf("%d tiles", got)
		}
		if strings.Contains(drawn.Root, `style=`) {
			t.Error("a style attribute")
		}
	}
}

func TestOneTileIsInTheTabOrder(t *testing.T) {
	page := &country{errand: errand{next: "/guide/move"}, active: 12}
	html := app.HTMLString(page.Render())
	if got := strings.Count(html, `tabindex="0"`); got != 1 {
		t.Errorf("%d tiles in the order of the Tab key", got)
	}
	has(t, html, `id="tile-13"`, `aria-label="東京都"`, `/places/13?next=%2Fguide%2Fmove`)
	page.onTileFocus(5)(app.Context{}, app.Event{})
	if page.active != 5 {
		t.Error("the tile with the focus is not the one to come back to")
	}
}

func kanagawa() []*portalv1.Place {
	place := func(code string, kind portalv1.Place_Kind, name, kana, city string) *portalv1.Place {
		return &portalv1.Place{Code: code, Kind: kind, Prefecture: "神奈川県", Name: name, Kana: kana, CityCode: city}
	}
	return []*portalv1.Place{
		place("141003", portalv1.Place_KIND_CITY, "横浜市", "ヨコハマシ", ""),
		place("141011", portalv1.Place_KIND_WARD, "横浜市鶴見区", "ヨコハマシツルミク", "141003"),
		place("141178", portalv1.Place_KIND_WARD, "横浜市青葉区", "ヨコハマシアオバク", "141003"),
		place("142018", portalv1.Place_KIND_CITY, "横須賀市", "ヨコスカシ", ""),
		place("142077", portalv1.Place_KIND_CITY, "茅ヶ崎市", "チガサキシ", ""),
		place("143014", portalv1.Place_KIND_TOWN, "三浦郡葉山町", "ミウラグンハヤママチ", ""),
		place("144029", portalv1.Place_KIND_VILLAGE, "愛甲郡清川村", "アイコウグンキヨカワムラ", ""),
	}
}

func TestGroups(t *testing.T) {
	for filter, want := range map[string]string{
		"":     "横浜市[横浜市鶴見区 横浜市青葉区] 横須賀市 茅ヶ崎市 三浦郡葉山町 愛甲郡清川村 7",
		"あおば":  "横浜市[横浜市青葉区] 2",
		"よこはま": "横浜市[横浜市鶴見区 横浜市青葉区] 3",
		"よこ":   "横浜市[横浜市鶴見区 横浜市青葉区] 横須賀市 4",
		"ヨコスカ": "横須賀市 1",
		"ちがさき": "茅ヶ崎市 1",
		"茅ケ崎":  "茅ヶ崎市 1",
		" 葉山 ": "三浦郡葉山町 1",
		"札幌":   "0",
		"kiyo": "愛甲郡清川村 1", "kanagawa": "0",
	} {
		places := kanagawa()
		places[len(places)-1].English = "Kiyokawa-mura, Aiko-gun, Kanagawa"
		g := group(places, filter)
		var got []string
		for _, d := range g.designated {
			var wards []string
			for _, w := range d.wards {
				wards = append(wards, w.GetName())
			}
			got = append(got, d.city.GetName()+"["+strings.Join(wards, " ")+"]")
		}
		for _, p := range append(g.cities, g.towns...) {
			got = append(got, p.GetName())
		}
		got = append(got, string(rune('0'+g.count)))
		if strings.Join(got, " ") != want {
			t.Errorf("%q: %v, want %s", filter, got, want)
		}
	}
}

func TestPrefecturePage(t *testing.T) {
	m := &municipalities{code: "14", errand: errand{next: "/guide/move"}}
	has(t, app.HTMLString(m.Render()), "skeleton", "神奈川県")
	m.places, m.loaded = kanagawa(), true
	html := app.HTMLString(m.Render())
	has(t, html, "7件", "神奈川県全体でさがす", `/guide/move?place=140007`, `/guide/move?place=141178`, `/guide/move?place=141003`,
		"横浜市（2区）", "横浜市全体",
		"青葉区", textTowns.String(), `/places?next=%2Fguide%2Fmove`)
	m.errand.narrow = true
	hasNot(t, app.HTMLString(m.Render()), "140007")
	m.filter = "札幌"
	has(t, app.HTMLString(m.Render()), "神奈川県に「札幌」に合う市区町村はありません。", textClear.String())
	m.loaded, m.asked.Failure.What = false, lang.Plain("つながりません")
	has(t, app.HTMLString(m.Render()), `id="places-again"`, "つながりません")

	in(t, lang.Easy)
	m.loaded, m.filter, m.asked.Failure.What = true, "", lang.Text{}
	has(t, app.HTMLString(m.Render()), "あおばく", "ちがさきし")
}
