package news

import (
	"bytes"
	"html/template"
	"net/http"
	"strings"
	"time"

	"madoguchi/backend/door/document"
	"madoguchi/proto/clock"
	portalv1 "madoguchi/proto/gen/portal/v1"
	"madoguchi/static/text/say"
)

var page = template.Must(template.New("news").Parse(`<article class="page page-news">
<h1 id="page-title" class="page-title" tabindex="-1">{{.Title}}</h1>
<p class="lead">{{.Lead}}</p>
{{range .News}}<section class="news-item" id="{{.ID}}"><p class="news-head">{{.Kind}} <time datetime="{{.Day}}">{{.Day}}</time></p>
<h2>{{.Title}}</h2>{{if .When}}<p class="news-when">{{.When}}</p>{{end}}{{range .Body}}
<p>{{.}}</p>{{end}}</section>
{{else}}<p>{{.None}}</p>
{{end}}</article>`))

var kindWords = map[portalv1.News_Kind]say.Text{
	portalv1.News_KIND_NEW: textNew, portalv1.News_KIND_STOP: textStop, portalv1.News_KIND_TROUBLE: textTrouble,
}

// Document writes the page for those who read it before the program runs, or without it.
func (s *Service) Document(_ *http.Request, language string) (document.Page, bool) {
	type shown struct {
		ID, Day, When string
		Kind, Title   template.HTML
		Body          []template.HTML
	}
	news := s.current()
	sheet := struct {
		Title, Lead, None template.HTML
		News              []shown
	}{
		Title: document.In(textTitle, language), Lead: document.In(textLead, language),
		None: document.In(textNone, language),
	}
	for _, n := range news {
		one := shown{
			ID: n.GetId(), Day: n.GetDay(), When: when(n),
			Kind:  document.In(kindWords[n.GetKind()], language),
			Title: paragraphs(n.GetTitle(), language)[0], Body: paragraphs(n.GetBody(), language),
		}
		sheet.News = append(sheet.News, one)
	}
	var b bytes.Buffer
	_ = page.Execute(&b, sheet) // into memory, and tested
	return document.Page{
		Title: textTitle.In(language) + " — まどぐち", Description: textLead.In(language), Body: b.Bytes(),
		Status:   http.StatusOK,
		Question: &portalv1.ListNewsRequest{}, Answer: &portalv1.ListNewsResponse{News: news},
	}, true
}

// in is a text of the operator's in a language, in Japanese where nothing was written in it; and the language it is in.
func in(t *portalv1.LocalText, language string) (string, string) {
	switch {
	case language == "en" && t.GetEn() != "":
		return t.GetEn(), language
	case language == "easy" && t.GetEasy() != "":
		return t.GetEasy(), language
	}
	return t.GetJa(), "ja"
}

func paragraphs(t *portalv1.LocalText, language string) []template.HTML {
	whole, written := in(t, language)
	var list []template.HTML
	for part := range strings.SplitSeq(whole, "\n\n") {
		list = append(list, document.In(say.New(part, part, part), written))
	}
	return list
}

// when is from when until when, as a person reads it in any language.
func when(n *portalv1.News) string {
	if n.GetFrom() == 0 {
		return ""
	}
	write := func(milliseconds int64) string {
		if milliseconds == 0 {
			return ""
		}
		return time.UnixMilli(milliseconds).In(clock.Japan).Format(minuteWords)
	}
	return write(n.GetFrom()) + " – " + write(n.GetUntil())
}
