package guide

import (
	"bytes"
	"html/template"
	"net/http"
	"strings"

	"madoguchi/backend/door/document"
	"madoguchi/backend/japan/catalog"
	portalv1 "madoguchi/proto/gen/portal/v1"
)

var page = template.Must(template.New("event").Parse(`<article class="page document-event">
<h1 id="page-title" class="page-title" tabindex="-1">{{.Title}}</h1>
<p class="lead">{{.Summary}}</p>
<p>{{.All}}</p>
<ol class="document-steps">{{range .Steps}}<li><h2>{{if .Number}}<a class="link" href="/procedures/nation/{{.Number}}">{{.Title}}</a>{{else}}{{.Title}}{{end}}</h2>
<p>{{.Why}}</p><p>{{.Where}}{{if .Deadline}} <span lang="ja">{{.Deadline}}</span>{{end}}</p></li>{{end}}</ol>
<p><a class="link" href="/guide">{{.Way}}</a></p>
</article>`))

var textAll = catalog.Text{
	Ja:   "当てはまるかもしれない手続を、すべて並べています。質問に答えると、あなたに当てはまるものだけを、期限の日といっしょに、する順に並べます。答えはこの端末に残り、まどぐちには保存されません。",
	En:   "This lists everything that may apply. Answer the questions, and it becomes a list of what applies to you, in order and with the last days. Your answers stay on this device and are not stored by Madoguchi.",
	Easy: "あなたに 関係《かんけい》が あるかも しれない 手続《てつづき》の 全部《ぜんぶ》です。質問《しつもん》に 答《こた》えると、あなたが する ことだけを、順番《じゅんばん》に 見《み》せます。答《こた》えは この 端末《たんまつ》に だけ 残《のこ》ります。",
}

var textOther = catalog.Text{Ja: "ほかのできごとを見る", En: "Other events of life", Easy: "ほかの できごとを 見《み》る"}

// Document writes the page of an event with everything that may apply: /guide/birth.
func (s *Service) Document(r *http.Request, language string) (document.Page, bool) {
	all, err := events()
	if err != nil {
		return document.Page{}, false
	}
	for _, e := range all {
		if e.ID == strings.TrimPrefix(r.URL.Path, "/guide/") {
			written := e.document(language)
			// What the program asks first, of who has neither a place nor answered anything.
			question := &portalv1.PlanLifeEventRequest{Event: e.ID}
			if answer, err := s.PlanLifeEvent(r.Context(), question); err == nil && r.URL.Query().Get("place") == "" {
				written.Question, written.Answer = question, answer
			}
			return written, true
		}
	}
	return document.Page{}, false
}

func (e *event) document(language string) document.Page {
	type shown struct {
		Number, Deadline  string
		Title, Why, Where template.HTML
	}
	sheet := struct {
		Title, Summary, All, Way template.HTML
		Steps                    []shown
	}{document.In(e.Title, language), document.In(e.Summary, language), document.In(textAll, language), document.In(textOther, language), nil}
	for _, s := range e.Steps {
		sheet.Steps = append(sheet.Steps, shown{
			s.Procedure, s.Deadline.Text, document.In(s.Title, language), document.In(s.Why, language), document.In(s.Where, language),
		})
	}
	var b bytes.Buffer
	_ = page.Execute(&b, sheet) // into memory, and tested
	return document.Page{
		Title: document.Plain(e.Title, language) + " — まどぐち", Description: document.Plain(e.Summary, language), Body: b.Bytes(), Status: http.StatusOK,
	}
}

// Addresses are the pages of this feature that a search engine should know.
func Addresses() []string {
	var list []string
	for _, id := range order {
		list = append(list, "/guide/"+id)
	}
	return list
}
