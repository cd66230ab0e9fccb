package place

import (
	"context"
	"net/url"
	"strings"
	"testing"

	"github.com/maxence-charriere/go-app/v10/pkg/app"

	"madoguchi/frontend/frame/lang"
	"madoguchi/frontend/frame/pagetest"
	"madoguchi/frontend/part/ask"
	"madoguchi/frontend/reach/rpc"
	"madoguchi/frontend/reach/vault"
	portalv1 "madoguchi/proto/gen/portal/v1"
	"madoguchi/proto/rule"
)

var (
	meguro = &portalv1.Place{
		Code: "131105", Kind: portalv1.Place_KIND_WARD, Prefecture: "東京都", Name: "目黒区", Kana: "メグロク",
		English: "Meguro-ku, Tokyo",
	}
	tokyo    = &portalv1.Place{Code: "130001", Kind: portalv1.Place_KIND_PREFECTURE, Name: "東京都", Kana: "トウキョウト"}
	yokohama = &portalv1.Place{
		Code: "141003", Kind: portalv1.Place_KIND_CITY, Prefecture: "神奈川県", Name: "横浜市", Kana: "ヨコハマシ",
		English: "Yokohama-shi, Kanagawa",
	}
	aoba = &portalv1.Place{
		Code: "141178", Kind: portalv1.Place_KIND_WARD, Prefecture: "神奈川県", Name: "横浜市青葉区", Kana: "ヨコハマシアオバク",
		CityCode: "141003", English: "Aoba-ku, Yokohama-shi, Kanagawa",
	}
	fuchu = &portalv1.Place{
		Code: "132063", Kind: portalv1.Place_KIND_CITY, Prefecture: "東京都", Name: "府中市", Kana: "フチュウシ",
	}
)

func in(t *testing.T, c lang.Code) {
	t.Helper()
	before := lang.Current()
	lang.Set(c)
	t.Cleanup(func() { lang.Set(before) })
}

// draw mounts a component and returns what it draws.
func draw(t *testing.T, c app.Composer) string {
	t.Helper()
	engine := app.NewTestEngine()
	if err := engine.Load(c); err != nil {
		t.Fatal(err)
	}
	engine.ConsumeAll()
	return app.HTMLString(c)
}

func has(t *testing.T, html string, parts ...string) {
	t.Helper()
	for _, p := range parts {
		if !strings.Contains(html, p) {
			t.Errorf("%q is not in %s", p, html)
		}
	}
}

func hasNot(t *testing.T, html string, parts ...string) {
	t.Helper()
	for _, p := range parts {
		if strings.Contains(html, p) {
			t.Errorf("%q is in %s", p, html)
		}
	}
}

func TestNames(t *testing.T) {
	for _, c := range []struct {
		got  lang.Text
		code lang.Code
		want string
	}{
		{Name(meguro), lang.Japanese, "目黒区"},
		{FullName(meguro), lang.Japanese, "目黒区（東京都）"},
		{Name(meguro), lang.English, "Meguro-ku 目黒区"},
		{Name(meguro), lang.Easy, "目黒区"},
		{FullName(meguro), lang.English, "Meguro-ku, Tokyo (東京都目黒区)"},
		{FullName(fuchu), lang.English, "府中市 (Tokyo)"}, // as an older page or portal knows it
		{wardName(yokohama, aoba), lang.Japanese, "青葉区"},
		{wardName(yokohama, aoba), lang.English, "Aoba-ku 青葉区"},
		{Name(aoba), lang.English, "Aoba-ku, Yokohama-shi 横浜市青葉区"},
		{Named("東京都目黒区", "Meguro-ku, Tokyo"), lang.English, "Meguro-ku, Tokyo 東京都目黒区"},
		{Named("東京都目黒区", "Meguro-ku, Tokyo"), lang.Easy, "東京都目黒区"},
		{Named("《試》村", "Shi-mura"), lang.Easy, "《試》村"},
		{Named("目黒区", ""), lang.English, "目黒区"},
		{Office("目黒区", "Meguro-ku, Tokyo", "目黒区役所"), lang.English, "Meguro-ku, Tokyo 目黒区役所"},
		{Office("目黒区", "Meguro-ku, Tokyo", "子育て支援課"), lang.Japanese, "目黒区　子育て支援課"},
		{FullName(meguro), lang.Easy, "目黒区（東京都）"},
		{FullName(tokyo), lang.Japanese, "東京都"},
		{Name(tokyo), lang.English, "Tokyo 東京都"},
		{Name(&portalv1.Place{Code: "999999", Name: "《試》村", Kana: "シ"}), lang.Easy, "《試》村"},
	} {
		if got := c.got.In(c.code); got != c.want {
			t.Errorf("%s, want %s in %s", got, c.want, c.code)
		}
	}
	in(t, lang.Easy)
	html := app.HTMLString(FullName(meguro).UI())
	has(t, html, "めぐろく", "とうきょうと", "<ruby>")
	in(t, lang.English)
	has(t, app.HTMLString(Name(meguro).UI()), "Meguro-ku ", `<span lang="ja">目黒区</span>`)
}

func TestCodes(t *testing.T) {
	for code, want := range map[string]bool{
		"131105": true, "130001": true, "010006": true, "131113": true, "473820": false, "131106": false,
		"13110": false, "": false, "１３１１０５": false, "13110a": false,
	} {
		if got := rule.PlaceCode(code); got != want {
			t.Errorf("%q is a code: %v", code, got)
		}
	}
	if got := whole("47"); got != "470007" {
		t.Errorf("Okinawa is %s", got)
	}
}

func TestRememberedPlace(t *testing.T) {
	t.Cleanup(Forget)
	if Forget(); Remembered() != nil {
		t.Error("there is a place before one was remembered")
	}
	Remember(aoba)
	Remember(nil)
	got := Remembered()
	if got.GetCode() != aoba.GetCode() || got.GetCityCode() != aoba.GetCityCode() ||
		got.GetEnglish() != aoba.GetEnglish() ||
		FullName(got).In(lang.Japanese) != "横浜市青葉区（神奈川県）" {
		t.Errorf("%v", got)
	}
	Remember(meguro)
	if got := Remembered().GetName(); got != "目黒区" {
		t.Errorf("the later choice is %s", got)
	}
}

func TestThePlaceOfAnAddress(t *testing.T) {
	t.Cleanup(vault.Clear)
	Forget()
	if RememberFirst(tokyo); Remembered() != nil {
		t.Error("somebody lives in a whole prefecture")
	}
	if RememberFirst(nil); Remembered() != nil {
		t.Error("nothing is remembered as a place")
	}
	if RememberFirst(meguro); Remembered().GetCode() != meguro.GetCode() {
		t.Error("the first place is not remembered")
	}
	if RememberFirst(fuchu); Remembered().GetCode() != meguro.GetCode() {
		t.Error("a friend's place takes the place of one's own")
	}
	if err := vault.Wipe(context.Background(), vault.Place); err != nil || Remembered() != nil {
		t.Errorf("%v, %v is there after it was wiped", err, Remembered())
	}
	if RememberFirst(fuchu); Remembered() != nil {
		t.Error("an old address brings a place again that was wiped")
	}
	if Remember(meguro); Remembered().GetCode() != meguro.GetCode() {
		t.Error("a place that is chosen after that is not remembered")
	}
}

func TestBadContentIsNoPlace(t *testing.T) {
	t.Cleanup(Forget)
	for _, content := range []string{
		"", "x", "null", "[]", "{}", `"131105"`, `{"code":"131105"}`, `{"code":"131106","name":"目黒区"}`,
		`{"code":"131105","name":5}`,
		`{"code":"131105","name":"目黒区","city":"../x"}`, `{"code":"131105","name":"` + strings.Repeat("あ", 1000) + `"}`,
	} {
		vault.Keep(rememberedKey, content)
		if p := Remembered(); p != nil {
			t.Errorf("%s is taken for %v", content, p)
		}
	}
}

func TestResolveKnowsWhatCame(t *testing.T) {
	know([]*portalv1.Place{meguro, {Code: "132063", Name: "府中市", Town: "宮町"}})
	t.Cleanup(func() { clear(known) })
	calls := 0
	Resolve(&ask.Visit{}, &ask.Question{}, "131105", func(_ app.Context, p *portalv1.Place, err error) {
		calls++
		if p != meguro || err != nil {
			t.Errorf("%v, %v", p, err)
		}
	})
	Resolve(&ask.Visit{}, &ask.Question{}, "hostile", func(_ app.Context, p *portalv1.Place, err error) {
		calls++
		if p != nil || rpc.Reason(err) != portalv1.Reason_REASON_NOT_FOUND {
			t.Errorf("%v, %v", p, err)
		}
	})
	if calls != 2 || known["132063"] != nil {
		t.Errorf("%d answers; a town is taken for its municipality: %v", calls, known["132063"])
	}
}

func TestErrands(t *testing.T) {
	for next, want := range map[string]string{
		"":                                  "/procedures?place=131105",
		"/guide/move":                       "/guide/move?place=131105",
		"/procedures?q=保育園&place=132063":    "/procedures?place=131105&q=%E4%BF%9D%E8%82%B2%E5%9C%92",
		"/procedures/compare?place=1&day=2": "/procedures/compare?day=2&place=131105",
		"https://evil.example/":             "/procedures?place=131105",
		"//evil.example/x":                  "/procedures?place=131105",
		"/\\evil.example":                   "/procedures?place=131105",
		"javascript:alert(1)":               "/procedures?place=131105",
		"/guide/../../x":                    "/procedures?place=131105",
		"/places":                           "/procedures?place=131105",
		"/places/13?next=/places":           "/procedures?place=131105",
		"/login":                            "/procedures?place=131105",
		"/home":                             "/procedures?place=131105",
		"/placesque":                        "/placesque?place=131105",
	} {
		e := errandOf(&url.URL{Path: placesPath, RawQuery: url.Values{"next": {next}}.Encode()})
		if got := e.with("131105"); got != want {
			t.Errorf("%q leads to %s, want %s", next, got, want)
		}
	}
	adds := errand{next: "/procedures/compare?definition=P0012&place=131105", adds: true, narrow: true}
	if got := adds.with("132063"); got != "/procedures/compare?definition=P0012&place=131105&place=132063" {
		t.Error(got)
	}
	if got := adds.with("131105"); strings.Count(got, "place=") != 1 {
		t.Errorf("a place is there twice: %s", got)
	}
	address, err := url.Parse(adds.at("/places/13"))
	if err != nil || address.Path != "/places/13" || errandOf(address) != adds {
		t.Errorf("the errand is lost on the way: %v, %v", address, err)
	}
	if got := (errand{next: defaultNext}).at(placesPath); got != placesPath {
		t.Error(got)
	}
}

func FuzzErrand(f *testing.F) {
	f.Add("/guide/move?x=1")
	f.Add("//evil.example")
	f.Fuzz(func(t *testing.T, next string) {
		here := &url.URL{Path: placesPath, RawQuery: url.Values{"next": {next}}.Encode()}
		base := &url.URL{Scheme: "https", Host: "portal.example.jp", Path: placesPath}
		got, err := base.Parse(errandOf(here).with("131105"))
		if err != nil || got.Host != base.Host || got.Scheme != base.Scheme || got.Query().Get("place") != "131105" {
			t.Errorf("%q leads to %v (%v)", next, got, err)
		}
	})
}

// page stands for the page around a field, and lends it the context that only a browser gives.
type page struct {
	app.Compo
	chooser *Chooser
}

func (p *page) OnPreRender(ctx app.Context) { p.chooser.visit.Begin(ctx) }

func (p *page) Render() app.UI { return app.Div().Body(p.chooser) }

// mounted is a field on a page.
func mounted(t *testing.T, c *Chooser) *Chooser {
	t.Helper()
	c.ID = "where"
	draw(t, &page{chooser: c})
	return c
}

func TestChooserAtFirst(t *testing.T) {
	html := draw(t, &Chooser{ID: "where"})
	has(t, html, `role="combobox"`, `aria-expanded="false"`, `aria-controls="where-list"`, `role="listbox"`,
		`role="status"`, `for="where"`,
		textLabel.String(), textHint.String(), `href="/places?whole=0"`)
	hasNot(t, html, `role="option"`, textRegistered.F(lang.Plain("")).String())
}

func TestChooserOffersWhatFits(t *testing.T) {
	c := mounted(t, &Chooser{})
	c.typed, c.open = "ふちゅう", true
	other := &portalv1.Place{
		Code: "342084", Kind: portalv1.Place_KIND_CITY, Prefecture: "広島県", Name: "府中市", Kana: "フチュウシ", Town: "元町",
	}
	c.take("ふちゅう", &portalv1.FindPlacesResponse{Places: []*portalv1.Place{fuchu, other}}, nil)
	html := app.HTMLString(c.Render())
	has(t, html, `aria-expanded`, `aria-activedescendant="where-option-0"`, "東京都", "広島県", "ふちゅうし", "元町", "2件")
	if got := strings.Count(html, `role="option"`); got != 2 {
		t.Errorf("%d options", got)
	}
	for _, want := range []int{0, 1, 1} { // the first, which was only proposed, then on to the last
		if !c.press("ArrowDown") || c.active != want {
			t.Errorf("an arrow down leads to option %d, want %d", c.active, want)
		}
	}
	if c.press("ArrowUp"); c.active != 0 {
		t.Errorf("%d after an arrow up", c.active)
	}
	if !c.press("Escape") || c.open {
		t.Error("Escape does not close the list")
	}
	if c.press("a") || c.press("Tab") {
		t.Error("a key for the field is taken away from it")
	}
}

func TestChooserTakesAndShowsThePlace(t *testing.T) {
	t.Cleanup(Forget)
	Forget()
	var told *portalv1.Place
	c := mounted(t, &Chooser{OnChoose: func(_ app.Context, p *portalv1.Place) { told = p }})
	c.typed, c.open = "めぐろ", true
	c.take("めぐろ", &portalv1.FindPlacesResponse{Places: []*portalv1.Place{meguro}}, nil)
	if !c.press("Enter") || told != meguro || c.Current != meguro {
		t.Fatalf("Enter chooses %v", told)
	}
	if got := Remembered().GetCode(); got != "131105" {
		t.Errorf("%q is remembered", got)
	}
	html := app.HTMLString(c.Render())
	has(t, html, "目黒区（東京都）", textChange.String(), `id="where-change"`)
	if c.typed != "" || c.answer != nil {
		t.Error("what was typed is still there")
	}
	c.change(c.visit.Page)
	has(t, app.HTMLString(c.Render()), textKeep.String())
	if !c.press("Escape") || c.changing || c.Current != meguro {
		t.Error("Escape does not keep the place")
	}

	elsewhere := mounted(t, &Chooser{Elsewhere: true})
	if elsewhere.choose(fuchu); Remembered().GetCode() != "131105" {
		t.Error("a place that is not the person's own is remembered")
	}
}

// Who types a name that is no more is told what it became, before and after choosing, in every language.
func TestNamesThatAreNoMoreAreTold(t *testing.T) {
	t.Cleanup(Forget)
	saitama := &portalv1.Place{
		Code: "111007", Kind: portalv1.Place_KIND_CITY, Prefecture: "埼玉県", Name: "さいたま市", Kana: "サイタマシ",
		Former: &portalv1.FormerName{Name: "与野市", Kana: "ヨノシ", Changed: "2001-05-01"},
	}
	ward := &portalv1.Place{
		Code: "111058", Kind: portalv1.Place_KIND_WARD, Prefecture: "埼玉県", Name: "さいたま市中央区",
		Former: saitama.GetFormer(), CityCode: "111007",
	}
	district := &portalv1.Place{
		Code: "322016", Prefecture: "島根県", Name: "松江市", Former: &portalv1.FormerName{Name: "八束郡"},
	}
	for _, language := range []struct {
		code                  lang.Code
		one, several, undated string
	}{
		{lang.Japanese, "「与野市」は、いまの「さいたま市（埼玉県）」です（2001年5月1日", "「与野市」は、いまは次の市区町村の一部です", "「八束郡」は、いまの「松江市（島根県）」です"},
		{
			lang.English, "(Saitama)” today (since", "” is part of these", "(Shimane)” today",
		},
		{lang.Easy, "わりました", "んでください", "「八束郡」は、"},
	} {
		in(t, language.code)
		c := mounted(t, &Chooser{})
		c.typed, c.open = "与野市", true
		c.take("与野市", &portalv1.FindPlacesResponse{Places: []*portalv1.Place{saitama}}, nil)
		html := app.HTMLString(c.Render())
		has(t, html, language.one, "与野市")
		if c.press("Enter"); c.Current != saitama {
			t.Fatal("not chosen")
		}
		has(t, app.HTMLString(c.Render()), language.one)
		c.take("与野市", &portalv1.FindPlacesResponse{Places: []*portalv1.Place{saitama, ward}}, nil)
		c.open = true
		has(t, app.HTMLString(c.Render()), language.several)
		c.take("八束郡", &portalv1.FindPlacesResponse{Places: []*portalv1.Place{district}}, nil)
		has(t, app.HTMLString(c.Render()), language.undated)
	}
	known = map[string]*portalv1.Place{}
	if know([]*portalv1.Place{saitama, meguro}); len(known) != 1 {
		t.Errorf("%v is what a place is called from now on", known)
	}
}

// Words of distress typed here, too, are answered at once and sent to nobody.
func TestWordsOfDistressAreNoPlace(t *testing.T) {
	c := mounted(t, &Chooser{})
	c.typing("もう死にたい")
	has(t, app.HTMLString(c.Render()), `id="helpline"`, "tel:0120279338")
	if c.waiting || c.asked != "" {
		t.Error("they are sent")
	}
	if c.erase(c.visit.Page); c.typed != "" || len(c.distress) > 0 {
		t.Errorf("%q stays", c.typed)
	}
	if c.typing("めぐろ"); !c.waiting {
		t.Error("a place is not looked for")
	}
	hasNot(t, app.HTMLString(c.Render()), `id="helpline"`)
}

func TestPlacesOfOneNameAreAQuestion(t *testing.T) {
	c := mounted(t, &Chooser{})
	c.typed, c.open, c.enter = "府中市", true, true
	other := &portalv1.Place{
		Code: "342084", Kind: portalv1.Place_KIND_CITY, Prefecture: "広島県", Name: "府中市", Kana: "フチュウシ",
	}
	c.take("府中市", &portalv1.FindPlacesResponse{SameName: 2, Places: []*portalv1.Place{fuchu, other}}, nil)
	has(t, app.HTMLString(c.Render()), "「府中市」は2つあります。都道府県を見て、お住まいのほうを選んでください", "東京都", "広島県")
	if c.active != -1 || c.Current != nil {
		t.Error("one of two places is chosen for the person")
	}
	if c.onBlur(c.visit.Page, app.Event{}); !c.open {
		t.Error("the question goes when the keyboard of a phone does")
	}
	if c.press("ArrowDown"); c.active != 0 {
		t.Errorf("an arrow down leads to option %d", c.active)
	}
}

func TestEnterBeforeTheAnswer(t *testing.T) {
	t.Cleanup(Forget)
	c := mounted(t, &Chooser{})
	c.typed, c.open, c.waiting = "153-0063", true, true
	if !c.press("Enter") || c.Current != nil {
		t.Fatal("chosen before there is an answer")
	}
	c.take("153-0063", &portalv1.FindPlacesResponse{PostalCode: true, Places: []*portalv1.Place{meguro}}, nil)
	if c.Current != meguro {
		t.Error("the only place is not chosen")
	}
}

func TestPostalCodeOfSeveralPlacesIsAQuestion(t *testing.T) {
	c := mounted(t, &Chooser{})
	c.typed, c.open, c.enter = "4980000", true, true
	c.take("4980000", &portalv1.FindPlacesResponse{PostalCode: true, Places: []*portalv1.Place{meguro, fuchu}}, nil)
	html := app.HTMLString(c.Render())
	has(t, html, "この郵便番号は2つの市区町村にまたがっています。お住まいのほうを選んでください", "目黒区", "府中市")
	if c.active != -1 || c.Current != nil {
		t.Error("one of two places is chosen for the person")
	}
	if c.onBlur(c.visit.Page, app.Event{}); !c.open {
		t.Error("the question goes when the keyboard of a phone does")
	}
}

func TestChooserSaysWhatIsWrongAndTheWayOn(t *testing.T) {
	for name, c := range map[string]struct {
		typed  string
		answer *portalv1.FindPlacesResponse
		err    error
		says   string
	}{
		"nothing": {"まどぐち市", &portalv1.FindPlacesResponse{}, nil, "「まどぐち市」に合う市区町村は見つかりませんでした"},
		"unknown postal code": {
			"000-0000", &portalv1.FindPlacesResponse{PostalCode: true, UnknownPostalCode: true}, nil,
			"郵便番号「000-0000」は見つかりませんでした",
		},
		"unreachable": {"めぐろ", nil, &rpc.Error{Code: rpc.CodeUnavailable, Text: "no"}, "まどぐちにつながりません"},
	} {
		chooser := mounted(t, &Chooser{})
		chooser.typed, chooser.open = c.typed, true
		chooser.take(c.typed, c.answer, c.err)
		html := app.HTMLString(chooser.Render())
		if !strings.Contains(html, c.says) || !strings.Contains(html, `id="where-map"`) ||
			!strings.Contains(html, `value="`+c.typed+`"`) {
			t.Errorf("%s: %s", name, html)
		}
	}
	long := mounted(t, &Chooser{})
	long.typing(strings.Repeat("あ", rule.MaxPlaceTyped+1))
	has(t, app.HTMLString(long.Render()), textTooLong.String())
	if long.waiting {
		t.Error("what is too long is searched for")
	}
}

func TestPrefectureAsChoice(t *testing.T) {
	narrow := mounted(t, &Chooser{})
	narrow.typed, narrow.open = "東京", true
	narrow.take("東京", &portalv1.FindPlacesResponse{Places: []*portalv1.Place{tokyo}}, nil)
	has(t, app.HTMLString(narrow.Render()), textWithin.String())
	if !narrow.leadsOn(tokyo) || narrow.leadsOn(meguro) {
		t.Error("a prefecture is no list to choose from")
	}
	wide := mounted(t, &Chooser{AllowPrefecture: true})
	wide.take("東京", &portalv1.FindPlacesResponse{Places: []*portalv1.Place{tokyo}}, nil)
	html := app.HTMLString(wide.Render())
	hasNot(t, html, textWithin.String(), "whole=0")
}

func TestRegisteredMunicipalityIsOffered(t *testing.T) {
	c := mounted(t, &Chooser{})
	c.registered = &portalv1.Municipality{Code: "131105", Prefecture: "東京都", Name: "目黒区", Kana: "メグロク"}
	has(t, app.HTMLString(c.Render()), "登録した目黒区を使う")
	c.Current, c.changing = meguro, true
	hasNot(t, app.HTMLString(c.Render()), "登録している市区町村")
}

func TestQueryWhileComposing(t *testing.T) {
	for _, c := range []struct {
		value     string
		composing bool
		want      string
	}{
		{"めg", true, "め"}, {"めｇ", true, "め"}, {"めg", false, "めg"}, {"m", true, "m"},
		{" 目黒　", false, "目黒"}, {"", true, ""},
	} {
		if got := queryOf(c.value, c.composing); got != c.want {
			t.Errorf("%q is searched for as %q, want %q", c.value, got, c.want)
		}
	}
}

func TestLateAnswersAreLeftOut(t *testing.T) {
	c := mounted(t, &Chooser{})
	stopped := make(chan struct{})
	hang := func(ctx context.Context, _ string) (*portalv1.FindPlacesResponse, error) {
		<-ctx.Done()
		close(stopped)
		return nil, ctx.Err()
	}
	ask.For(&c.visit, &c.found, hang, "", func(app.Context, *portalv1.FindPlacesResponse, error) {
		t.Error("an answer for what was typed before is heard")
	})
	turn := c.turn
	if c.typing("め"); c.turn == turn || !c.waiting {
		t.Error("typing does not give up the search before")
	}
	<-stopped
	if c.typing(""); c.waiting || c.answer != nil {
		t.Error("an empty field waits for an answer")
	}
}

func TestAFieldOfAFormLeadsNowhereElse(t *testing.T) {
	t.Cleanup(Forget)
	Forget()
	c := mounted(t, &Chooser{Stay: true, Error: lang.Plain("選んでください")})
	c.typed, c.open = "東京", true
	tokyo := &portalv1.Place{Code: "130001", Kind: portalv1.Place_KIND_PREFECTURE, Prefecture: "東京都", Name: "東京都"}
	c.take("東京", &portalv1.FindPlacesResponse{Places: []*portalv1.Place{tokyo, fuchu}}, nil)
	html := app.HTMLString(c.Render())
	has(t, html, "選んでください", `id="where-error"`, "必須", "府中市", "1件")
	hasNot(t, html, `id="where-map"`, textWithin.String())
	c.take("東京", &portalv1.FindPlacesResponse{Places: []*portalv1.Place{tokyo}}, nil)
	has(t, app.HTMLString(c.Render()), textNeedsTown.String())
	if c.press("Enter"); c.Current != nil {
		t.Errorf("%v is chosen", c.Current)
	}
	c.take("1530063", &portalv1.FindPlacesResponse{PostalCode: true, Places: []*portalv1.Place{meguro}}, nil)
	if c.press("Enter"); c.Current != meguro || Remembered() != nil {
		t.Errorf("%v is chosen, %v remembered", c.Current, Remembered())
	}
}

// converting is the Enter with which Safari ends a conversion: isComposing is false already.
type converting struct {
	app.Value
	number int
	text   string
}

func (c converting) Get(name string) app.Value {
	switch name {
	case "keyCode":
		return converting{number: 229}
	case "key":
		return converting{text: "Enter"}
	}
	return converting{}
}

func (c converting) Int() int       { return c.number }
func (c converting) String() string { return c.text }
func (c converting) Truthy() bool   { return c.number != 0 || c.text != "" }

func (c converting) Type() app.Type {
	if c.number != 0 {
		return app.TypeNumber
	}
	return app.TypeUndefined
}

func (c converting) Call(string, ...any) app.Value { return nil }

func TestChooserLeavesEnterToTheInputMethod(t *testing.T) {
	t.Cleanup(Forget)
	c := mounted(t, &Chooser{})
	c.typed, c.open = "府中", true
	c.take("府中", &portalv1.FindPlacesResponse{Places: []*portalv1.Place{fuchu}}, nil)
	if c.onKey(c.visit.Page, app.Event{Value: converting{}}); c.Current != nil {
		t.Errorf("%v is chosen while the person still converts", c.Current)
	}
}

// The municipality of a whole address is the longest name that it begins with.
func TestTheMunicipalityOfAnAddress(t *testing.T) {
	city := &portalv1.Place{Code: "141003", Name: "横浜市", Prefecture: "神奈川県"}
	ward := &portalv1.Place{Code: "141178", Name: "横浜市青葉区", Prefecture: "神奈川県"}
	if got := longest([]*portalv1.Place{city, ward}, "横浜市青葉区市ケ尾町31番地4"); got != ward {
		t.Errorf("%v", got)
	}
	if got := longest([]*portalv1.Place{city, ward}, "川崎市中原区"); got != nil {
		t.Errorf("%v for another city", got)
	}
	ctx, engine := pagetest.Context(t)
	var visit ask.Visit
	visit.Begin(ctx)
	defer visit.End()
	asked, found := ask.Question{}, meguro
	OfAddress(&visit, &asked, "どこか", func(_ app.Context, p *portalv1.Place, _ string, _ error) { found = p })
	engine.ConsumeAll()
	if found != nil {
		t.Errorf("%v for what is no address", found)
	}
}
