package procedure

import (
	"bytes"
	"embed"
	"fmt"
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
	"madoguchi/proto/rule"
	"madoguchi/static/text/say"
)

//go:embed document.html
var documentFile embed.FS

var documents = template.Must(template.New("").ParseFS(documentFile, "document.html"))

// words are the labels of the documents, as document.html names them.
var words = map[string]say.Text{
	"online":       textOnline,
	"desk":         textDesk,
	"how":          textHowToApply,
	"who":          textWho,
	"applicant":    textApplicant,
	"deadline":     textDeadline,
	"fee":          textFee,
	"papers":       textPapers,
	"bring":        textBring,
	"law":          textLaw,
	"unregistered": textUnregistered,
	"find":         textFind,
	"missing":      textMissing,
	"missing-why":  textMissingWhy,
	"soon":         textSoon,
	"soon-why":     textSoonWhy,
	"original":     textOriginal,
	"help":         textHelp,
	"quiet":        textQuiet,
	"found":        textFound,
	"nothing":      textNothingFound,
	"place":        textChoosePlace,
	"event":        textByEvent,
	"search":       textSearch,
	"what":         textWhat,
	"prefectures":  textOtherPrefectures,
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
}

// W is a label in the language of the page.
func (s sheet) W(name string) (template.HTML, error) {
	t, ok := words[name]
	if !ok {
		return "", fmt.Errorf("no label %q", name)
	}
	return document.In(t, s.Language), nil
}

// L is a text that the portal has in all languages.
func (s sheet) L(t *portalv1.LocalText) template.HTML { return document.In(worded(t), s.Language) }

func worded(t *portalv1.LocalText) say.Text { return say.New(t.GetJa(), t.GetEn(), t.GetEasy()) }

// T is a text of the helplines.
func (s sheet) T(t distress.Text) template.HTML {
	return document.In(say.New(t.Ja, t.En, t.Easy), s.Language)
}

// PlacesOf is the heading above the municipalities of a prefecture.
func (s sheet) PlacesOf() template.HTML { return document.In(textPlacesOf.F(s.Where), s.Language) }

// At is the place that all is about.
func (s sheet) At() template.HTML { return plain(s.Where, s.Language) }

// Called is a place without its prefecture, as the program writes it.
func (s sheet) Called(p *portalv1.Place) template.HTML {
	english := p.GetEnglish()
	if at := strings.LastIndex(english, ", "); at > 0 {
		english = english[:at]
	}
	return plain(called(p.GetName(), english, s.Language), s.Language)
}

func plain(words, language string) template.HTML {
	return document.In(say.New(words, words, words), language)
}

// called is a name, in English with the English one before it: at a counter and on a letter it stands in Japanese.
func called(name, english, language string) string {
	if language != "en" {
		return name
	}
	return strings.TrimSpace(english + " " + name)
}

// whole is a place with its prefecture; empty where there is none.
func whole(p *portalv1.Place, language string) string {
	return called(p.GetPrefecture()+p.GetName(), p.GetEnglish(), language)
}

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
	question := &portalv1.GetProcedureRequest{PlaceCode: place, Number: parts[2]}
	if day := r.URL.Query().Get("day"); isDay(day) { // no rule on a field has seen it: an address is no request
		question.EventDay = day
	}
	if version, err := strconv.ParseInt(r.URL.Query().Get("version"), 10, 32); err == nil && version > 0 {
		question.Version = int32(version)
	}
	p, err := s.GetProcedure(r.Context(), question)
	// a day or version that makes no sense
	if err != nil && (question.GetEventDay() != "" || question.GetVersion() != 0) {
		question.EventDay, question.Version = "", 0
		p, err = s.GetProcedure(r.Context(), question)
	}
	if connect.CodeOf(err) != connect.CodeNotFound && err != nil {
		return soon(language), true
	}
	if err != nil {
		return document.Page{
			Title: textMissing.In(language) + " — まどぐち", Description: textMissingWhy.In(language),
			Status: http.StatusNotFound,
			Body:   write("missing", sheet{Language: language}),
		}, true
	}
	where := whole(p.GetPlace(), language)
	if where == "" {
		where = textNationwide.In(language)
	}
	return document.Page{
		Title:       worded(p.GetName()).In(language) + "（" + where + "） — まどぐち",
		Description: describe(worded(p.GetPlain()).In(language)), Status: http.StatusOK,
		Body:     write("procedure", sheet{Language: language, GetProcedureResponse: p, Where: where}),
		Question: question, Answer: p,
	}, true
}

// soon is the page while there is no answer yet. The program asks again by itself.
func soon(language string) document.Page {
	return document.Page{
		Title: textSoon.In(language) + " — まどぐち", Description: textSoonWhy.In(language),
		Status: http.StatusServiceUnavailable,
		Body:   write("soon", sheet{Language: language}),
	}
}

// SearchForm answers what is typed into the field before the program runs: words of distress with who helps, on a page
// that has no address of its own; all others by the address of their results.
func (s *Service) SearchForm(r *http.Request, language string) (document.Page, bool) {
	query, place := r.PostForm.Get("q"), r.PostForm.Get("place")
	if kinds := distress.Find(query); len(kinds) > 0 {
		title := textHelp.In(language)
		return document.Page{
			Title: title + " — まどぐち", Description: title, Status: http.StatusOK,
			Body: write("distress", sheet{Language: language, Distress: kinds, Code: place}),
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
		PlaceCode: q.Get("place"), Query: q.Get("q"), Categories: q["category"], OnlineOnly: q.Get("online") == "1",
		PageSize: searchPages.Most,
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
		answer.Hits, answer.NextPageToken = hits[:shown],
			foundBy(question).Token(partsOf(index.Mark{}.Behind(found[:shown]))...)
	}
	events, total := answer.GetEvents(), answer.GetTotal()
	kinds := distress.Find(q.Get("q"))
	query := string([]rune(q.Get("q"))[:min(len([]rune(q.Get("q"))), 50)])
	where := whole(answer.GetPlace(), language)
	title := strings.TrimSpace(where + " " + query)
	if len(kinds) > 0 { // somebody's old link: help stands above, and the program asks for nothing by itself
		query, title, question, answer = "", textHelp.In(language), nil, nil
	}
	page := document.Page{
		Title: title + " — " + textFind.In(language) + " — まどぐち", Description: title, Status: http.StatusOK,
		Body: write("search", sheet{
			Language: language, Hits: hits, Events: events, Query: query, Code: q.Get("place"), Where: where,
			Total: total, Distress: kinds,
		}),
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
	prefecture, _ := placeOf(index.Prefecture(code))
	where := whole(prefecture, language)
	title := textPlacesOf.F(where).In(language)
	return document.Page{
		Title: title + " — まどぐち", Description: title, Status: http.StatusOK,
		Body: write("places", sheet{Language: language, Places: list.GetPlaces(), Where: where, Code: code}),
	}, true
}

// Addresses are the pages of this feature that a search engine should know: every definition, prefecture and
// municipality.
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

func isDay(s string) bool {
	_, ok := rule.Day(s)
	return ok
}
