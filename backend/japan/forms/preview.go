package forms

import (
	"html/template"
	"io"
	"strconv"

	"madoguchi/proto/form"
	"madoguchi/proto/reading"
	"madoguchi/static/text/say"
)

// Languages in which a form can be previewed.
var Languages = []string{"ja", "en", "easy"}

// Preview writes a form as a page that prints as a paper form, for those who review it in a language: every question
// with its help, options and bounds, and the conditions as they are written.
func Preview(to io.Writer, f *form.Form, language string) error {
	p := printer{f, language}
	page := paper{
		HTML: language, Title: p.text("title"), Lead: p.text("lead"), ID: f.ID, Version: f.Version,
		ValidFrom: f.ValidFrom, Laws: f.Laws, Law: p.say(textLaw), Draft: p.say(textDraft), Checks: p.say(textChecks),
	}
	if language == "easy" {
		page.HTML = "ja"
	}
	for _, s := range f.Sections {
		part := section{Title: p.text("section." + s.ID), Help: p.text("section." + s.ID + ".help")}
		if s.ShowIf != "" {
			part.If = p.condition(textShownIf, s.ShowIf)
		}
		part.Questions = p.questions(s.Fields)
		page.Sections = append(page.Sections, part)
	}
	levels := map[form.Level]say.Text{form.Error: textError, form.Warn: textWarning, form.Hint: textNote}
	for _, c := range f.Checks {
		page.Said = append(page.Said, said{p.say(levels[c.Level]), p.text("check." + c.ID), c.When})
	}
	return paperTemplate.Execute(to, page)
}

type paper struct {
	HTML, ID, Version, ValidFrom string
	Title, Lead, Law, Draft      []reading.Part
	Checks                       []reading.Part
	Laws                         []string
	Sections                     []section
	Said                         []said
}

type section struct {
	Title, Help []reading.Part
	If          *condition
	Questions   []question
}

type question struct {
	ID          string
	Title, Help []reading.Part
	// Need says whether it must be answered; Notes are bounds and what else is to be known.
	Need      []reading.Part
	If        []*condition
	Options   [][]reading.Part
	Notes     [][]reading.Part
	Lines     bool
	Open      bool // there is something to write
	Questions []question
}

type condition struct {
	Say []reading.Part
	Is  string
}

type said struct {
	Level, Text []reading.Part
	When        string
}

type printer struct {
	form     *form.Form
	language string
}

func (p printer) say(t say.Text) []reading.Part { return t.Parts(p.language) }

func (p printer) text(key string) []reading.Part {
	s := p.form.Texts[key].In(p.language)
	if p.language != "easy" {
		s = reading.Aside(s)
	}
	return reading.Split(s)
}

func (p printer) condition(t say.Text, is string) *condition { return &condition{p.say(t), is} }

func (p printer) questions(fields []form.Field) []question {
	var list []question
	for _, f := range fields {
		list = append(list, p.question(f))
	}
	return list
}

func (p printer) question(f form.Field) question {
	q := question{
		ID: f.ID, Title: p.text(f.ID), Help: p.text(f.ID + ".help"), Lines: f.Type == form.Lines,
		Questions: p.questions(f.Fields),
	}
	if f.ShowIf != "" {
		q.If = append(q.If, p.condition(textShownIf, f.ShowIf))
	}
	switch {
	case f.Calc != "":
		q.If = append(q.If, p.condition(textComputed, f.Calc))
		return q
	case f.Type == form.Note, f.Type == form.Rows:
	case f.Required == "true":
		q.Need = p.say(textMust)
	case f.Required != "":
		q.Need = p.say(textMustIf)
		q.If = append(q.If, p.condition(textMustIf, f.Required))
	default:
		q.Need = p.say(textMay)
	}
	note := func(t say.Text) { q.Notes = append(q.Notes, p.say(t)) }
	switch f.Type {
	case form.Choice, form.Choices:
		note(map[bool]say.Text{true: textOne, false: textSome}[f.Type == form.Choice])
		for _, o := range f.Options {
			q.Options = append(q.Options, p.text(f.ID+"."+o))
		}
	case form.Yes:
		q.Options = [][]reading.Part{p.say(textYes), p.say(textNo)}
	case form.Agree:
		q.Options = [][]reading.Part{p.say(textAgree)}
	case form.Day, form.Month:
		q.Open = true
		note(textDay)
	case form.Rows, form.Files:
		if least, most := number(f.Min), number(f.Max); most > 0 {
			note(textRows.F(least, most))
		}
	case form.Note:
	default:
		q.Open = true
		if most := number(f.Max); most > 0 && f.Type != form.Int && f.Type != form.Yen {
			note(textCharacters.F(most))
		}
		if f.Length > 0 {
			note(textDigits.F(f.Length))
		}
	}
	if f.OriginalByPost {
		note(textOriginal)
	}
	if f.KeepMetadata {
		note(textMetadata)
	}
	return q
}

// number is a bound that was written as one; 0 for what is not.
func number(s string) int {
	n, err := strconv.Atoi(s)
	if err != nil {
		return 0
	}
	return n
}

var paperTemplate = template.Must(template.New("").Parse(`{{define "t" -}}
{{range .}}{{if .Reading}}<ruby>{{.Base}}<rt>{{.Reading}}</rt></ruby>{{else}}{{.Base}}{{end}}{{end}}
{{- end}}
{{define "q"}}<div class="q"><p class="l">{{template "t" .Title}}{{with .Need}} <small>{{template "t" .}}</small>{{end}}
 <code>{{.ID}}</code></p>
{{with .Help}}<p class="h">{{template "t" .}}</p>{{end}}
{{range .If}}<p class="h">{{template "t" .Say}}: <code>{{.Is}}</code></p>{{end}}
{{range .Notes}}<p class="h">{{template "t" .}}</p>{{end}}
{{with .Options}}<ul>{{range .}}<li>☐ {{template "t" .}}</li>{{end}}</ul>{{end}}
{{if .Lines}}<div class="b w tall"></div>{{else if .Open}}<div class="b w"></div>{{end}}
{{with .Questions}}<div class="r">{{range .}}{{template "q" .}}{{end}}</div>{{end}}</div>{{end -}}
<!doctype html>
<html lang="{{.HTML}}"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>{{range .Title}}{{.Base}}{{end}}</title>
<style>
body{font-family:sans-serif;max-width:46rem;margin:1rem auto;padding:0 1rem;line-height:1.7}
h2{border-bottom:2px solid}.q{margin:1rem 0;break-inside:avoid}.q p{margin:0}.l{font-weight:bold}
.h,small,code{font-weight:normal;font-size:.85rem}code{color:#555;overflow-wrap:anywhere}
.b{border:1px solid #666;height:2.2rem}.tall{height:8rem}.r{border-left:3px solid #999;padding-left:1rem}
ul{list-style:none;padding:0;margin:.2rem 0}
</style></head><body>
<p><small>{{template "t" .Draft}} <code>{{.ID}} {{.Version}} ({{.ValidFrom}}–)</code></small></p>
<h1>{{template "t" .Title}}</h1>
{{with .Lead}}<p>{{template "t" .}}</p>{{end}}
<p><small>{{template "t" .Law}}: {{range $i, $l := .Laws}}{{if $i}}、{{end}}{{$l}}{{end}}</small></p>
{{range .Sections}}<h2>{{template "t" .Title}}</h2>
{{with .Help}}<p class="h">{{template "t" .}}</p>{{end}}
{{with .If}}<p class="h">{{template "t" .Say}}: <code>{{.Is}}</code></p>{{end}}
{{range .Questions}}{{template "q" .}}{{end}}{{end}}
{{with .Said}}<h2>{{template "t" $.Checks}}</h2>
<ul>{{range .}}<li>{{template "t" .Level}}: {{template "t" .Text}} <code>{{.When}}</code></li>{{end}}</ul>{{end}}
</body></html>
`))
