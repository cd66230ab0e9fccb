package procedure

import (
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/maxence-charriere/go-app/v10/pkg/app"

	"madoguchi/frontend/frame/lang"
	"madoguchi/frontend/frame/pagetest"
	"madoguchi/frontend/part/todo"
	"madoguchi/frontend/reach/vault"
	"madoguchi/proto/clock"
	portalv1 "madoguchi/proto/gen/portal/v1"
)

func TestParse(t *testing.T) {
	for address, want := range map[string]target{
		"/procedures/131105/P0001":              {place: "131105", number: "P0001"},
		"/procedures/nation/P0001":              {number: "P0001"},
		"/procedures/nation/P0001?place=131105": {place: "131105", number: "P0001"},
		"/procedures/131105/P0001?place=141003": {place: "131105", number: "P0001"},
		"/procedures/131105/A-12?version=2&day=2026-11-01": {
			place: "131105", number: "A-12", version: 2, day: "2026-11-01",
		},
		"/procedures/131105/P0001?version=-1&day=2026-02-30": {place: "131105", number: "P0001"},
		"/procedures/131105/P0001?version=x&day=0002-11-01":  {place: "131105", number: "P0001"},
	} {
		u, err := url.Parse(address)
		if err != nil {
			t.Fatal(err)
		}
		if got, ok := parse(u); !ok || got != want {
			t.Errorf("%s: %+v, %v", address, got, ok)
		}
	}
	for _, path := range []string{
		"/procedures", "/procedures/131105", "/procedures/131105/", "/procedures/13110/P0001",
		"/procedures/13110x/P0001", "/procedures/131105/p1",
		"/procedures/131105/P0001/x", "/procedures/131105/<b>", "/procedures/131105/" + strings.Repeat("A", 21),
		"/notice/131105/P0001",
	} {
		if _, ok := parse(&url.URL{Path: path}); ok {
			t.Errorf("%s is taken for the address of a procedure", path)
		}
	}
}

func meguro() *portalv1.Place {
	return &portalv1.Place{Code: "131105", Kind: portalv1.Place_KIND_CITY, Prefecture: "東京都", Name: "目黒区", Kana: "メグロク"}
}

func full() *portalv1.GetProcedureResponse {
	return &portalv1.GetProcedureResponse{
		Place: meguro(),
		Name:  &portalv1.LocalText{Ja: "児童手当の申請", En: "Apply for child allowance", Easy: "児童手当《じどうてあて》の 申《もう》し込《こ》み"},
		Plain: &portalv1.LocalText{
			Ja: "子どもを育てている人に支給される手当です。", En: "An allowance for people raising children.",
			Easy: "子《こ》どもを 育《そだ》てる 人《ひと》の お金《かね》です。",
		},
		OfficialName: "児童手当の認定請求", Authority: "こども家庭庁",
		Content: &portalv1.ProcedureContent{
			Number: "P0001", Definition: "P0001", Title: "児童手当の申請", Category: "子育て", Online: true,
			OnlineUrl: "https://apply.example.jp/x",
			Signature: portalv1.Signature_SIGNATURE_SIGN, System: "児童手当", Target: "高校生年代までの子ども", Applicant: "父母など",
			Summary:  "目黒区からの説明です。",
			Deadline: "出生の翌日から15日以内", DeadlineRule: &portalv1.DeadlineRule{From: "birth", Within: "15d"}, Fee: "無料",
			Forms: []*portalv1.ProcedureLink{
				{Name: "認定請求書", Url: "https://www.example.jp/form.pdf"}, {Name: "別紙"},
				{Name: "悪い", Url: "javascript:alert(1)"},
			},
			Documents: []*portalv1.ProcedureDocument{
				{Name: "保険の資格がわかるもの", Need: portalv1.ProcedureDocument_NEED_IF, Condition: "共済組合の場合"},
				{Name: "請求書", Need: portalv1.ProcedureDocument_NEED_ALWAYS},
				{Name: "戸籍", Need: portalv1.ProcedureDocument_NEED_ORIGINAL},
			},
			Bring: []string{"本人確認書類"}, Method: []string{"請求書を書く。", "窓口に出す。"},
			Links: []*portalv1.ProcedureLink{{Name: "制度の案内", Url: "https://www.example.jp/"}},
			Desk: &portalv1.ProcedureDesk{
				Department: "子育て支援課", Building: "総合庁舎 本館2階", Address: "東京都目黒区上目黒2-19-15", Phone: "03-5722-9645",
				Hours: "8:30〜17:00",
			},
			Laws: []string{"児童手当法第7条"},
		},
		EventQuestion: &portalv1.LocalText{
			Ja: "子どもが生まれた日", En: "the day the child was born", Easy: "子《こ》どもが 生《う》まれた 日《ひ》",
		},
		Versions: []*portalv1.ProcedureVersion{
			{Version: 4, EffectiveFrom: "2027-04-01"}, {Version: 3, EffectiveFrom: "2026-04-01", Current: true},
			{Version: 2, EffectiveFrom: "2025-04-01"},
		},
		Version: 3,
		Related: []*portalv1.ProcedureHit{
			{Place: &portalv1.Place{Code: "131105"}, Number: "P0002", Title: "額の改定"},
			{
				Number: "P0003", Title: "現況届", Unregistered: true, Name: &portalv1.LocalText{
					Ja: "現況届", En: "Status report", Easy: "現況届《げんきょうとどけ》",
				},
			},
		},
	}
}

func pageOf(r *portalv1.GetProcedureResponse) *page {
	return &page{view: view{
		target: target{place: "131105", number: "P0001"}, known: true, response: r, today: "2026-11-23",
		address: "https://portal.example/procedures/131105/P0001",
	}}
}

func TestShowsWhatIsThere(t *testing.T) {
	pagetest.In(t, lang.Japanese)
	p := pageOf(full())
	p.ticked, p.day = []string{"d:請求書"}, "2026-11-20"
	p.response.Due = &portalv1.Due{Last: "2026-12-07", Moved: true}
	html := pagetest.Drawn(t, p)
	pagetest.Has(t, html,
		"児童手当の申請", "目黒区", "東京都", "オンライン申請可", "電子署名が必要", "正式な名前: 児童手当の認定請求", "子どもを育てている人に支給される手当です。",
		"今日できること", "請求書を書く。", `href="https://apply.example.jp/x"`, "apply.example.jp",
		"まどぐちの中での申請は、まだできません", "署名用の暗証番号",
		"いつまで", "出生の翌日から15日以内", "子どもが生まれた日", `type="date"`, "2026年12月7日(月)まで", "最終日が休みの日なので、次の開庁日まで", "あと14日",
		"目黒区からの説明です。", "無料", "必須", "該当する場合", "共済組合の場合", "原本を別に送る", "4つのうち1つ用意しました", "本人確認書類",
		`href="https://www.example.jp/form.pdf"`, "窓口で受け取れます", `href="tel:0357229645"`, "8:30〜17:00",
		"https://www.openstreetmap.org/search?query=%E6%9D%B1", `rel="noopener noreferrer"`, "児童手当法第7条", "制度の案内",
		"2027年4月1日(木)から内容が変わります", `href="/procedures/131105/P0001?version=4"`, "2026年4月1日(水)から有効・第3版",
		`href="/procedures/131105/P0001?version=2"`,
		`href="/procedures/131105/P0002"`, `href="/procedures/131105/P0003"`, "definition=P0001", "place=131105",
		"https://portal.example/procedures/131105/P0001",
	)
	pagetest.HasNot(t, html, "javascript:", "いまは有効ではありません", "登録していません", "as the office wrote them", "全国に共通する")
}

func TestInOtherLanguages(t *testing.T) {
	pagetest.In(t, lang.English)
	html := pagetest.Drawn(t, pageOf(full()))
	pagetest.Has(t, html, "Apply for child allowance", "Name to use at the desk:", "児童手当の申請",
		"in Japanese, as the office wrote them", "An allowance for people raising children.",
		"the day the child was born", `lang="ja"`, "Status report")
	lang.Set(lang.Easy)
	html = pagetest.Drawn(t, pageOf(full()))
	pagetest.Has(t, html, "<ruby>", "じどうてあて", "役所", "めぐろく")
}

func TestAnOfficesOwnIsTheSameInEveryLanguage(t *testing.T) {
	pagetest.In(t, lang.Easy)
	r := full()
	r.Content.Definition, r.Content.Title = "", "区民《まつり》の参加申込み"
	r.Plain = &portalv1.LocalText{Ja: "区民《まつり》です。", En: "区民《まつり》です。", Easy: "区民《まつり》です。"}
	html := pagetest.Drawn(t, pageOf(r))
	pagetest.Has(t, html, "区民《まつり》の参加申込み", "区民《まつり》です。")
	pagetest.HasNot(t, html, "/procedures/compare")
}

func TestAnEarlierAndAComingVersion(t *testing.T) {
	pagetest.In(t, lang.Japanese)
	r := full()
	r.Version = 2
	pagetest.Has(t, pagetest.Drawn(t, pageOf(r)), "これは以前の内容（第2版）です。いまは有効ではありません", "いま有効な内容を見る",
		`href="/procedures/131105/P0001"`, "2027年4月1日(木)から内容が変わります")
	r.Version = 4
	html := pagetest.Drawn(t, pageOf(r))
	pagetest.Has(t, html, "これは2027年4月1日(木)から有効になる内容です。いまはまだ使えません")
	pagetest.HasNot(t, html, "から内容が変わります")
	r.Version = 3
	r.Versions[0].Ended = true
	html = pagetest.Drawn(t, pageOf(r))
	pagetest.Has(t, html, "2027年4月1日(木)からこの手続はなくなります")
	pagetest.HasNot(t, html, "?version=4")
}

func TestNotRegistered(t *testing.T) {
	pagetest.In(t, lang.Japanese)
	r := full()
	r.Unregistered, r.Versions, r.Version = true, nil, 0
	r.Content.Desk, r.Content.Documents, r.Content.Bring, r.Content.Method, r.Content.Deadline, r.Content.Fee = nil,
		nil, nil, nil, "", ""
	r.Content.Online, r.EventQuestion = false, nil
	html := pagetest.Drawn(t, pageOf(r))
	pagetest.Has(t, html, "目黒区は、この手続の内容をまどぐちに登録していません", "全国に共通する内容です", "窓口・郵送", "窓口は登録されていません", "登録されている書類はありません",
		"進め方は登録されていません", "期限は登録されていません", "まどぐちの中での申請は、まだできません")
	pagetest.HasNot(t, html, "電子署名が必要", `type="date"`, "第0版")
}

func TestTheWholeCountry(t *testing.T) {
	pagetest.In(t, lang.Japanese)
	r := full()
	r.Place, r.Versions, r.Version, r.PlaceCount, r.Related = nil, nil, 0, 1741, nil
	p := pageOf(r)
	p.target.place = ""
	pagetest.Has(t, pagetest.Drawn(t, p), "全国共通", "1,741の市区町村が登録しています", "お住まいの市区町村で見る", `id="procedure-place"`)
}

func TestAWiderPlace(t *testing.T) {
	pagetest.In(t, lang.Japanese)
	p := pageOf(full())
	p.target.place = "131999"
	pagetest.Has(t, pagetest.Drawn(t, p), "目黒区に登録されている手続です。選んだ市区町村でも使えます。")
}

func TestMissingLeadsOn(t *testing.T) {
	pagetest.In(t, lang.Japanese)
	p := pageOf(nil)
	p.missing = true
	pagetest.Has(t, pagetest.Drawn(t, p), "この手続は見つかりませんでした", `href="/procedures?place=131105"`,
		`href="/procedures/nation/P0001"`, `href="/places"`)
	p = pageOf(nil)
	p.missing, p.target.version = true, 9
	pagetest.Has(t, pagetest.Drawn(t, p), "いま有効な内容を見る", `href="/procedures/131105/P0001"`)
}

func TestDue(t *testing.T) {
	pagetest.In(t, lang.Japanese)
	drawn := func(d *portalv1.Due, today string) string {
		return app.HTMLString(app.Div().Body(window(d, today)...))
	}
	yearly := &portalv1.Due{Opens: "2026-06-01", Last: "2026-06-30"}
	pagetest.Has(t, drawn(yearly, "2026-05-31"), "2026年6月1日(月)から", "2026年6月30日(火)まで", "まだ始まっていません")
	pagetest.Has(t, drawn(yearly, "2026-06-01"), "いま受け付けています", "あと29日")
	pagetest.Has(t, drawn(yearly, "2026-06-30"), "今日が最終日です")
	pagetest.Has(t, drawn(&portalv1.Due{Last: "2026-06-30"}, "2026-07-01"), "期限を過ぎています")
	if window(nil, "2026-07-01") != nil {
		t.Error("no deadline is shown as one")
	}
}

func TestTicksComeAndGo(t *testing.T) {
	p := pageOf(full())
	p.tick("d:請求書", true)
	p.tick("d:請求書", true)
	p.tick("b:本人確認書類", true)
	p.tick("d:請求書", false)
	if strings.Join(p.ticked, " ") != "b:本人確認書類" {
		t.Errorf("ticked: %v", p.ticked)
	}
}

func TestKept(t *testing.T) {
	pagetest.In(t, lang.Japanese)
	p := pageOf(full())
	p.keptOn = time.Date(2026, 11, 20, 9, 0, 0, 0, clock.Japan)
	html := pagetest.Drawn(t, p)
	pagetest.Has(t, html, "2026年11月20日(金)にこの端末に残した内容です", "大切なことは窓口にお確かめください")
	pagetest.HasNot(t, html, `type="date"`)
}

func TestAProcedureIsRemembered(t *testing.T) {
	pagetest.In(t, lang.Japanese)
	t.Cleanup(vault.Clear)
	p := pageOf(full())
	p.target.number = "P0099"
	p.day, p.response.Due = "2026-11-22", &portalv1.Due{Last: "2026-12-07"}
	pagetest.Has(t, pagetest.Drawn(t, p), "覚えておく")
	todo.Add(app.Context{}, []*portalv1.Task{p.task()}, func(_ app.Context, added int, err error) {
		if added != 1 || err != nil {
			t.Errorf("%d added, %v", added, err)
		}
	})
	again := pageOf(full())
	again.target.number = "P0099"
	html := pagetest.Drawn(t, again)
	pagetest.Has(t, html, "やることリストに入っています", `href="/todo"`)
	pagetest.HasNot(t, html, "覚えておく")
	tasks, _ := todo.Known()
	if len(tasks) != 1 || tasks[0].GetDue() != "2026-12-07" || tasks[0].GetTitle() != "児童手当の申請" ||
		tasks[0].GetPlaceCode() != "131105" ||
		tasks[0].GetEventDay() != "2026-11-22" || tasks[0].GetOwnDue() != "" ||
		tasks[0].GetDeadline() != "出生の翌日から15日以内" || tasks[0].GetPlaceName() != "目黒区" {
		t.Errorf("on the list: %v", tasks)
	}
}

// The address of a procedure is judged by the rules that the portal has.
func TestAddressesAreReadByThePortalsRules(t *testing.T) {
	for address, want := range map[string]string{
		"/procedures/nation/P0001?day=2199-12-31": "2199-12-31", "/procedures/nation/P0001?day=2200-01-01": "",
		"/procedures/nation/P0001?day=2027-02-29": "",
	} {
		u, err := url.Parse(address)
		if err != nil {
			t.Fatal(err)
		}
		if target, ok := parse(u); !ok || target.day != want {
			t.Errorf("%s: %+v, %v", address, target, ok)
		}
	}
	if target, ok := parse(&url.URL{Path: "/procedures/nation/-1"}); ok {
		t.Errorf("%+v", target)
	}
}
