// Package document is the form in which features write a public page as plain HTML, for those who read it before the
// program runs or without it: search engines, slow devices, readers with scripts switched off. The page's frame is not
// its business, nor who serves it.
package document

import (
	"html"
	"html/template"
	"net/http"
	"strings"

	"google.golang.org/protobuf/proto"

	"madoguchi/proto/reading"
	"madoguchi/static/text/say"
)

// Page is what is written into a page's frame.
type Page struct {
	Title, Description string
	// Body is what goes into <main>, beginning with its h1.
	Body   []byte
	Status int
	// Answer is what the page's program would get for Question, sent along so that it need not ask; nil where it may
	// ask. It is the same for everybody, as the rest of the document.
	Question, Answer proto.Message
	// To is where a browser goes on instead, after a form was sent: a path of this site.
	To string
}

// Func writes the page of a request in a language of the site; false when there is nothing to write, and the page goes
// out as it is.
type Func func(r *http.Request, language string) (Page, bool)

// In is a text in a language as HTML, with its readings as ruby, and the Japanese in English as such.
func In(t say.Text, language string) template.HTML {
	var b strings.Builder
	for _, p := range t.Parts(language) {
		if p.Reading == "" && language == "en" {
			for run, japanese := range reading.Runs(p.Base) {
				if run = html.EscapeString(run); japanese {
					run = `<span lang="ja">` + run + "</span>"
				}
				b.WriteString(run)
			}
			continue
		}
		if p.Reading == "" {
			b.WriteString(html.EscapeString(p.Base))
			continue
		}
		b.WriteString(
			"<ruby>" + html.EscapeString(p.Base) + "<rp>(</rp><rt>" + html.EscapeString(p.Reading) +
				"</rt><rp>)</rp></ruby>",
		)
	}
	return template.HTML(b.String()) // every text in it is escaped
}
