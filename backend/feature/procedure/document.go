package procedure

import (
	"bytes"
	"embed"
	"html/template"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"connectrpc.com/connect"

	"madoguchi/backend/door/document"
	"madoguchi/backend/japan/catalog"
	"madoguchi/backend/japan/catalog/index"
	"madoguchi/backend/japan/municipality"
	"madoguchi/proto/distress"
	portalv1 "madoguchi/proto/gen/portal/v1"
)

//go:embed document.html
var documentFile embed.FS

var documents = template.Must(template.New("").ParseFS(documentFile, "document.html"))

// words are the labels of the documents.
var words = map[string]map[string]catalog.Text{
	"procedure": {
		"online":   {Ja: "オンラインで申請できます", En: "Can be applied for online", Easy: "インターネットで できます"},
		"desk":     {Ja: "窓口", En: "Where to go", Easy: "行《い》く ところ"},
		"today":    {Ja: "手続のしかた", En: "How to apply", Easy: "やり方《かた》"},
		"who":      {Ja: "対象", En: "For whom", Easy: "だれの ため"},
		"by":       {Ja: "手続を行う人", En: "Who applies", Easy: "する 人《ひと》"},
		"until":    {Ja: "期限", En: "Until when", Easy: "いつまで"},
		"fee":      {Ja: "費用", En: "Fee", Easy: "お金《かね》"},
		"papers":   {Ja: "必要な書類", En: "Documents", Easy: "要《い》る 書類《しょるい》"},
		"bring":    {Ja: "持ちもの", En: "What to bring", Easy: "持《も》って いく もの"},
		"law":      {Ja: "根拠となる法律など", En: "Law", Easy: "法律《ほうりつ》"},
		"summary":  {Ja: "概要", En: "In detail", Easy: "くわしく"},
		"nation":   {Ja: "全国", En: "Nationwide", Easy: "日本《にほん》の どこでも"},
		"none":     {Ja: "この自治体はまだ登録していません。全国に共通する内容です。", En: "This municipality has not registered it yet. What follows holds in the whole country.", Easy: "この 町《まち》の 情報《じょうほう》は まだ ありません。どこでも 同《おな》じ ことを 書《か》いて います。"},
		"find":     {Ja: "手続をさがす", En: "Find a procedure", Easy: "手続《てつづ》きを さがす"},
		"missing":  {Ja: "この手続は見つかりませんでした", En: "This procedure was not found", Easy: "この 手続《てつづ》きは ありませんでした"},
		"gone":     {Ja: "番号が違うか、廃止された可能性があります。言葉でさがしてみてください。", En: "The number may be wrong, or it has ended. Try to search for it.", Easy: "言葉《ことば》で さがして ください。"},
		"soon":     {Ja: "まもなく表示します", En: "In a moment", Easy: "もう 少《すこ》しで 見《み》られます"},
		"filling":  {Ja: "まどぐちが再開したばかりで、手続の一覧を準備しています。数秒で表示します。表示されないときは、ページを読み込み直してください。", En: "Madoguchi has just been started again and is preparing the list of procedures. It appears within seconds. If it does not, reload the page.", Easy: "今《いま》 準備《じゅんび》を して います。少《すこ》し 待《ま》って ください。見《み》られない ときは、ページを もう 一度《いちど》 開《ひら》いて ください。"},
		"original": {Ja: "（原本を別に送る）", En: " (send the original separately)", Easy: "（別《べつ》に 送《おく》る）"},
	},
	"search": {
		"help":  {Ja: "相談できるところ", En: "People who will listen", Easy: "相談《そうだん》できる ところ"},
		"quiet": {Ja: "入力した言葉は記録していません。", En: "What you typed is not recorded.", Easy: "書《か》いた 言葉《ことば》は 残《のこ》りません。"},
		"found": {Ja: "当てはまる手続", En: "Procedures found", Easy: "見《み》つかった 手続《てつづ》き"},
		"none":  {Ja: "ぴったりのものは見つかりませんでした。言葉を短くするか、ほかの言い方でさがしてみてください。", En: "Nothing fits. Try shorter or other words.", Easy: "見《み》つかりませんでした。ほかの 言葉《ことば》で さがして ください。"},
		"place": {Ja: "自治体を選ぶ", En: "Choose a municipality", Easy: "町《まち》を えらぶ"},
		"guide": {Ja: "できごとからさがす", En: "Search by event of life", Easy: "できごとから さがす"},
		"again": {Ja: "さがす", En: "Search", Easy: "さがす"},
		"what":  {Ja: "どんな手続ですか", En: "What are you looking for?", Easy: "どんな 手続《てつづ》きですか"},
	},
	"places": {
		"title": {Ja: "の市区町村", En: ": municipalities", Easy: "の 町《まち》"},
		"map":   {Ja: "ほかの都道府県", En: "Other prefectures", Easy: "ほかの 県《けん》"},
	},
}

// sheet is what a template sees.
type sheet struct {
	Language string
	*portalv1.GetProcedureResponse
	Hits   []*portalv1.ProcedureHit
	Events []*portalv1.EventHint
	Places []*portalv1.Place
	Query  string
	Code   string
	Where  string
	Total  int32
	// Distress is what the words typed speak of.
	Distress []distress.Kind
	set      string
}

// W is a label in the language of the page.
func (s sheet) W(name string) template.HTML { return document.In(words[s.set][name], s.Language) }

// L is a text that the portal has in all languages.
func (s sheet) L(t *portalv1.LocalText) template.HTML {
	return document.In(catalog.Text{Ja: t.GetJa(), En: t.GetEn(), Easy: t.GetEasy()}, s.Language)
}

// T is a text of the helplines.
func (s sheet) T(t distress.Text) template.HTML { return document.In(catalog.Text(t), s.Language) }

// Helplines are who answers at once.
func (s sheet) Helplines() []distress.Helpline { return distress.For(s.Distress) }

// Calm and Danger stand above them.
func (s sheet) Calm() template.HTML   { return s.T(distress.Calm) }
func (s sheet) Danger() template.HTML { return s.T(distress.Danger) }

// Original says whether a document is sent by itself.
func (s sheet) Original(d *portalv1.ProcedureDocument) bool {
	return d.GetNeed() == portalv1.ProcedureDocument_NEED_ORIGINAL
}

// Link is the address of a hit.
func (s sheet) Link(h *portalv1.ProcedureHit) string {
	at := h.GetPlace().GetCode()
	switch {
	case at == "" && s.Code != "" && h.GetUnregistered():
		at = s.Code
	case at == "":
		at = "nation"
	}
	return "/procedures/" + at + "/" + url.PathEscape(h.GetNumber())
}

func write(name string, s sheet) []byte {
	if s.set == "" {
		s.set = name
	}
	var b bytes.Buffer
	if err := documents.ExecuteTemplate(&b, name, s); err != nil {
		return nil // a writer into memory does not fail, and the templates are tested
	}
	return b.Bytes()
}

const maxDescription = 160

func describe(text string) string {
	if r := []rune(text); len(r) > maxDescription {
		return string(r[:maxDescription-1]) + "…"
	}
	return text
}

// Document writes the page of a procedure: /procedures/131105/P0001, /procedures/nation/P0001.
func (s *Service) Document(r *http.Request, language string) (document.Page, bool) {
	parts := strings.Split(strings.Trim(r.URL.Path, "/"), "/")
	if len(parts) != 3 {
		return document.Page{}, false
	}
	place := parts[1]
	if place == "nation" {
		place = ""
	}
	question := &portalv1.GetProcedureRequest{PlaceCode: place, Number: parts[2], EventDay: r.URL.Query().Get("day")}
	if version, err := strconv.ParseInt(r.URL.Query().Get("version"), 10, 32); err == nil && version > 0 {
		question.Version = int32(version)
	}
	p, err := s.GetProcedure(r.Context(), question)
	if err != nil && (question.GetEventDay() != "" || question.GetVersion() != 0) { // a day or version that makes no sense
		question.EventDay, question.Version = "", 0
		p, err = s.GetProcedure(r.Context(), question)
	}
	if connect.CodeOf(err) != connect.CodeNotFound && err != nil {
		return soon(language), true
	}
	if err != nil {
		missing := words["procedure"]["missing"]
		return document.Page{
			Title: document.Plain(missing, language) + " — まどぐち", Description: document.Plain(words["procedure"]["gone"], language), Status: http.StatusNotFound,
			Body: write("missing", sheet{Language: language, set: "procedure"}),
		}, true
	}
	where := p.GetPlace().GetPrefecture() + p.GetPlace().GetName()
	if where == "" {
		where = document.Plain(words["procedure"]["nation"], language)
	}
	name := document.Plain(catalog.Text{Ja: p.GetName().GetJa(), En: p.GetName().GetEn(), Easy: p.GetName().GetEasy()}, language)
	plain := catalog.Text{Ja: p.GetPlain().GetJa(), En: p.GetPlain().GetEn(), Easy: p.GetPlain().GetEasy()}
	return document.Page{
		Title: name + "（" + where + "） — まどぐち", Description: describe(document.Plain(plain, language)), Status: http.StatusOK,
		Body:     write("procedure", sheet{Language: language, GetProcedureResponse: p, Where: where}),
		Question: question, Answer: p,
	}, true
}

// soon is the page while there is no answer yet. The program asks again by itself.
func soon(language string) document.Page {
	return document.Page{
		Title: document.Plain(words["procedure"]["soon"], language) + " — まどぐち", Description: document.Plain(words["procedure"]["filling"], language), Status: http.StatusServiceUnavailable,
		Body: write("soon", sheet{Language: language, set: "procedure"}),
	}
}

// SearchForm answers what is typed into the field before the program runs: words of distress with who helps, on a page that has no address
// of its own; all others by the address of their results.
func (s *Service) SearchForm(r *http.Request, language string) (document.Page, bool) {
	query, place := r.PostForm.Get("q"), r.PostForm.Get("place")
	if kinds := distress.Find(query); len(kinds) > 0 {
		title := document.Plain(words["search"]["help"], language)
		return document.Page{
			Title: title + " — まどぐち", Description: title, Status: http.StatusOK,
			Body: write("distress", sheet{Language: language, set: "search", Distress: kinds, Code: place}),
		}, true
	}
	asked := url.Values{}
	for name, value := range map[string]string{"q": query, "place": place} {
		if value != "" {
			asked.Set(name, value)
		}
	}
	if len(asked) == 0 {
		return document.Page{To: "/procedures"}, true
	}
	return document.Page{To: "/procedures?" + asked.Encode()}, true
}

// SearchDocument writes the results of /procedures?q=…&place=…; without a question there is nothing to write.
func (s *Service) SearchDocument(r *http.Request, language string) (document.Page, bool) {
	q := r.URL.Query()
	if q.Get("q") == "" && q.Get("place") == "" && len(q["category"]) == 0 {
		return document.Page{}, false
	}
	question := &portalv1.SearchProceduresRequest{
		PlaceCode: q.Get("place"), Query: q.Get("q"), Categories: q["category"], OnlineOnly: q.Get("online") == "1", PageSize: searchPages.Most,
	}
	answer, found, err := s.search(r.Context(), question)
	if connect.CodeOf(err) == connect.CodeUnavailable {
		return soon(language), true
	}
	if err != nil {
		return document.Page{}, false // the page itself says what is wrong
	}
	hits := answer.GetHits()
	question.PageSize = 0 // the program shows fewer at first, and asks for so many
	if shown := int(searchPages.Usual); len(hits) > shown {
		answer.Hits, answer.NextPageToken = hits[:shown], foundBy(question).Token(partsOf(index.Mark{}.Behind(found[:shown]))...)
	}
	events, total := answer.GetEvents(), answer.GetTotal()
	kinds := distress.Find(q.Get("q"))
	query := string([]rune(q.Get("q"))[:min(len([]rune(q.Get("q"))), 50)])
	where := answer.GetPlace().GetPrefecture() + answer.GetPlace().GetName()
	title := strings.TrimSpace(where + " " + query)
	if len(kinds) > 0 { // somebody's old link: help stands above, and the program asks for nothing by itself
		query, title, question, answer = "", document.Plain(words["search"]["help"], language), nil, nil
	}
	page := document.Page{
		Title: title + " — " + document.Plain(words["procedure"]["find"], language) + " — まどぐち", Description: title, Status: http.StatusOK,
		Body: write("search", sheet{Language: language, Hits: hits, Events: events, Query: query, Code: q.Get("place"), Where: where, Total: total, Distress: kinds}),
	}
	if answer != nil {
		page.Question, page.Answer = question, answer
	}
	return page, true
}

// Document writes the municipalities of a prefecture: /places/13.
func (s *Places) Document(r *http.Request, language string) (document.Page, bool) {
	code := strings.TrimPrefix(r.URL.Path, "/places/")
	if len(code) != 2 {
		return document.Page{}, false
	}
	list, err := s.ListPlaces(r.Context(), &portalv1.ListPlacesRequest{Code: code})
	if err != nil || len(list.GetPlaces()) == 0 {
		return document.Page{}, false
	}
	where := list.GetPlaces()[0].GetPrefecture()
	title := where + document.Plain(words["places"]["title"], language)
	return document.Page{
		Title: title + " — まどぐち", Description: title, Status: http.StatusOK,
		Body: write("places", sheet{Language: language, Places: list.GetPlaces(), Where: where, Code: code}),
	}, true
}

// Addresses are the pages of this feature that a search engine should know: every definition, prefecture and municipality.
func Addresses() []string {
	var list []string
	for _, d := range catalog.Definitions() {
		list = append(list, "/procedures/nation/"+d.Number)
	}
	for _, p := range municipality.Prefectures() {
		list = append(list, "/places/"+p.Code[:2])
	}
	for _, m := range municipality.All() {
		list = append(list, "/procedures?place="+m.Code)
	}
	return list
}
