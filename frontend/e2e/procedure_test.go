//go:build !js

package e2e_test

import (
	"net/http"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"strings"
	"testing"

	"github.com/chromedp/chromedp/kb"
)

// From a postal code to the page of a procedure, as somebody in a waiting room does it on a phone.
func TestFindAProcedure(t *testing.T) {
	ownWorld(t)
	b := newBrowser(t, phone, "ja")
	b.open("/")
	b.press("手続をさがす")
	b.at("/procedures")
	b.fill("お住まいの市区町村", "153-0061")
	b.press("目黒区")
	b.sees("目黒区（東京都）")
	b.until("the place in the address", "location.search === '?place=131105'")
	b.sees("目黒区に当てはまる手続")
	b.fill("どんな手続ですか", "ほいくえん")
	b.until("what is typed in the address", "new URLSearchParams(location.search).get('q') === 'ほいくえん'")
	b.sees("目黒区で「ほいくえん」に当てはまる手続")
	b.screenshot("procedure-results")
	eval[string](b, "document.querySelector('.results-list a').click(); ''")
	b.until("the page of the nursery", "location.pathname === '/procedures/131105/P0012'")
	b.sees("今日できること", "窓口", "必要な書類")
	b.screenshot("procedure-page")
	// The same address opens the same results, and back leads there.
	b.open("/procedures?place=131105&q=" + "ほいくえん")
	b.sees("目黒区で「ほいくえん」に当てはまる手続")
	// What is several procedures at once leads on to the event of life.
	b.fill("どんな手続ですか", "ひっこし")
	b.screenshot("procedure-event")
	b.press("「引越し」ですることを順に見る")
	b.at("/guide/move")
	b.sees("目黒区（東京都）", "どこへ引っ越しますか")
}

// While somebody reads on, an office registers what belongs before: the list says so and begins anew, and shows the new
// entry.
func TestAListThatChangesBeginsAnew(t *testing.T) {
	w := ownWorld(t)
	b := newBrowser(t, phone, "ja")
	b.open("/procedures?place=131130")
	b.sees("渋谷区に当てはまる手続", "20件を表示しています")
	tenth := eval[string](b, "document.querySelectorAll('.results-list a')[9].pathname")
	file := filepath.Join(w.dir, "one.csv")
	line := "自治体コード,手続番号,標準手続,手続名\n131130,A0001," + path.Base(tenth) + ",竹馬の貸し出し\n" // stands before it
	if err := os.WriteFile(file, []byte(line), 0o600); err != nil {
		t.Fatal(err)
	}
	register := exec.Command(built("portal"), "procedures", "import", file)
	register.Env = append(os.Environ(), w.processes["portal"].environment...)
	if out, err := register.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	b.until("the portal has taken the entry in",
		"fetch('/procedures?place=131130&q=' + encodeURIComponent('竹馬')).then(r => r.text()).then(t => "+
			"t.includes('/procedures/131130/A0001'))")
	b.press("もっと見る")
	b.sees("手続の登録が変わったため、はじめから表示しています。", "20件を表示しています", "竹馬の貸し出し")
	b.screenshot("procedure-anew")
	b.until("the focus at the results", "document.activeElement.id === 'procedure-count'")
	b.press("もっと見る")
	b.sees("40件を表示しています")
	if b.holds("[...document.querySelectorAll('.search-note')].some(n => n.textContent.includes('手続の登録が変わった'))") {
		t.Error("it still says that the list changed")
	}
	if twice := eval[int](
		b, "(() => { const all = [...document.querySelectorAll('.results-list a')].map(a => a.href); return "+
			"all.length - new Set(all).size; })()",
	); twice > 0 {
		t.Errorf("%d entries stand twice", twice)
	}
}

// What the portal wrote is there to be read at once, and the program takes it over without asking again and without
// moving it.
func TestTheProgramTakesOverWhatWasWritten(t *testing.T) {
	ownWorld(t)
	for page, is := range map[string]struct{ call, says string }{
		"/procedures/131105/P0012":                {"GetProcedure", "今日できること"},
		"/procedures/131105/P0001?day=2026-11-02": {"GetProcedure", "2026年11月17日"},
		"/procedures?place=131105&q=年金":           {"SearchProcedures", "目黒区で「年金」"},
		"/guide/move":                             {"PlanLifeEvent", "どこへ引っ越しますか"},
	} {
		b := newBrowser(t, phone, "ja")
		b.open(page)
		b.until("the page at work", "document.documentElement?.dataset.ready")
		b.sees(is.says)
		if !b.holds("!performance.getEntriesByType('resource').some(e => e.name.endsWith('/" + is.call + "'))") {
			t.Errorf("%s: the program asks for what it was given", page)
		}
		shift := eval[float64](b, `(() => {
			const o = new PerformanceObserver(() => {})
			o.observe({ type: 'layout-shift', buffered: true })
			return o.takeRecords().reduce((sum, e) => sum + e.value, 0)
		})()`)
		if shift > 0.1 { // what the Web Vitals call good
			t.Errorf("%s: the page moves by %.3f", page, shift)
		}
	}
}

func TestSearchNeverEndsInNothing(t *testing.T) {
	ownWorld(t)
	b := newBrowser(t, phone, "ja")
	b.open("/procedures?place=131105")
	b.sees("目黒区に当てはまる手続")
	for query, says := range map[string]string{
		"ぬぬぬぬぬぬ": "見つかりませんでした", "<script>alert(1)</script>": "手続", "'; DROP TABLE procedure_version; --": "手続",
		"渋谷区 児童手当": "渋谷区でさがす", "国民年金ほけんりよう": "年金",
	} {
		b.fill("どんな手続ですか", query)
		b.until("the answer", "document.querySelector('.results-count')?.textContent.includes("+quote(query)+")")
		b.sees(says)
	}
	b.fill("どんな手続ですか", "渋谷区 児童手当")
	b.press("渋谷区でさがす")
	b.until("the place in the address", "location.search.includes('place=131130')")
	b.open("/procedures?place=999999&q=" + strings.Repeat("あ", 2000))
	b.sees("200文字")
	b.open("/procedures/131105/P9999")
	b.sees("見つかりません")
	b.open("/places/13")
	b.press("渋谷区")
	b.until("the place chosen from the list", "location.search.includes('place=131130')")
}

func TestPlacesByMapAndKeyboard(t *testing.T) {
	ownWorld(t)
	b := newBrowser(t, desktop, "ja")
	b.open("/places")
	b.until("the page at work", "document.documentElement?.dataset.ready")
	b.screenshot("places")
	b.tabTo("北海道")
	b.keys(kb.ArrowDown)
	b.until("the neighbour on the map", "document.activeElement.textContent.includes('青森')")
	b.keys(kb.ArrowDown)
	b.until("the next neighbour", "document.activeElement.textContent.includes('岩手')")
	b.keys("\r")
	b.at("/places/03")
	b.sees("盛岡市")
	b.open("/places")
	b.until("the page at work", "document.documentElement?.dataset.ready")
	b.press("東京")
	b.at("/places/13")
	b.sees("目黒区", "八王子市")
	b.screenshot("places-tokyo")
}

// What one has looked at opens without a network: the list, a search in it, and the pages.
func TestProceduresOffline(t *testing.T) {
	w := ownWorld(t)
	b := newBrowser(t, phone, "ja")
	b.open("/procedures?place=131105")
	b.sees("目黒区に当てはまる手続")
	b.until("the service worker in charge", "navigator.serviceWorker.ready.then(r => r.active.state === 'activated')")
	b.until("the place on the device",
		offlinePlaces+".then(n => n > 0)")
	portal := w.processes["portal"]
	portal.stop()
	t.Cleanup(func() {
		if err := portal.start(); err != nil {
			t.Error(err)
		}
	})
	b.offline(true)
	b.open("/procedures?place=131105&q=" + "児童手当")
	b.offline(true)
	b.sees("からさがしています", "児童手当")
	b.screenshot("procedure-offline")
	b.open("/procedures/131105/P0001")
	b.offline(true)
	b.sees("児童手当", "窓口")
	b.screenshot("procedure-page-offline")
	b.open("/procedures?place=131130")
	b.offline(true)
	b.sees("一度開いた場所の手続は", "目黒区")
}

func TestCompareTwoPlaces(t *testing.T) {
	ownWorld(t)
	b := newBrowser(t, desktop, "ja")
	b.open("/procedures/compare?definition=P0012&place=131105&place=131130")
	b.sees("目黒区", "渋谷区", "ちがい")
	b.screenshot("compare")
	b.open("/procedures/compare?event=birth&place=131105&place=141003")
	b.sees("出生届")
	b.screenshot("compare-event")
}

// What search engines and readers without the program get.
func TestProceduresAreHTML(t *testing.T) {
	w := ownWorld(t)
	for path, words := range map[string][]string{
		"/procedures": {"どんな手続ですか", "子育て", `action="/procedures"`},
		"/procedures?q=%E4%BF%9D%E8%82%B2%E5%9C%92": {"保育", `href="/procedures/nation/P0012"`},
		"/procedures/131105/P0012":                  {"目黒区", "<h1", "期限"}, "/procedures/nation/P0001": {"児童手当"},
		"/places":    {"東京", "沖縄"},
		"/places/13": {"目黒区"}, "/guide": {"引越し"}, "/guide/birth": {"出生届"},
	} {
		response, err := http.Get(w.origin + path)
		if err != nil {
			t.Fatal(err)
		}
		var body strings.Builder
		if err := copyText(&body, response); err != nil {
			t.Fatal(err)
		}
		for _, word := range words {
			if response.StatusCode != 200 || !strings.Contains(body.String(), word) {
				t.Errorf("%s: %s, without %q", path, response.Status, word)
			}
		}
		if strings.Contains(body.String(), "{{") {
			t.Errorf("%s has a gap that nothing fills", path)
		}
	}
	response, err := http.Get(w.origin + "/procedures/131105/P9999")
	if err != nil {
		t.Fatal(err)
	}
	_ = response.Body.Close()
	if response.StatusCode != http.StatusNotFound {
		t.Errorf("no procedure answers %s", response.Status)
	}
}

func TestProcedurePages(t *testing.T) {
	ownWorld(t)
	pages := addresses(t, func(r route) bool { return r.isFor("") && r.isOfProcedures() })
	newBrowser(t, phone, "ja").inspectAll(pages, looksAt(look{size: desktop}))
}

// Who is logged in need not say where they live.
func TestTheRegisteredMunicipality(t *testing.T) {
	ownWorld(t, "takahashi-shacho")
	b := newBrowser(t, phone, "ja")
	b.arrive("takahashi-shacho", "1234", "社長", "目黒区")
	b.follow("/procedures")
	b.press("登録した目黒区を使う")
	b.sees("目黒区に当てはまる手続")
	b.until("the place in the address", "location.search === '?place=131105'")
}
