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
<p>{{.Why}}</p><p>{{.Where}}{{if .Deadline}} {{if .By}}{{.By}}{{else}}<span lang="ja">{{.Deadline}}</span>{{end}}{{end}}</p></li>{{end}}</ol>
<p><a class="link" href="/guide">{{.Way}}</a></p>
</article>`))

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
		By                template.HTML // the deadline in a language that it was not written in
	}
	sheet := struct {
		Title, Summary, All, Way template.HTML
		Steps                    []shown
	}{
		document.In(e.Title.Say(), language), document.In(e.Summary.Say(), language), document.In(textAll, language),
		document.In(textOther, language), nil,
	}
	for _, s := range e.Steps {
		one := shown{
			Number: s.Procedure, Deadline: s.Deadline.Text, Title: document.In(s.Title.Say(), language),
			Why: document.In(s.Why.Say(), language), Where: document.In(s.Where.Say(), language),
		}
		if s.By != (catalog.Text{}) && language != "ja" {
			one.By = document.In(s.By.Say(), language)
		}
		sheet.Steps = append(sheet.Steps, one)
	}
	var b bytes.Buffer
	_ = page.Execute(&b, sheet) // into memory, and tested
	return document.Page{
		Title: e.Title.Say().In(language) + " — まどぐち", Description: e.Summary.Say().In(language), Body: b.Bytes(),
		Status: http.StatusOK,
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
