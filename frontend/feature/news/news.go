// Package news shows what the operator has to say to everybody (運営からのお知らせ): what is new, and when the portal stands
// still. What offices tell a person is notice's.
package news

import (
	"strings"
	"time"

	"github.com/maxence-charriere/go-app/v10/pkg/app"

	"madoguchi/frontend/frame/kit"
	"madoguchi/frontend/frame/lang"
	"madoguchi/frontend/frame/shell"
	"madoguchi/frontend/part/ask"
	"madoguchi/frontend/reach/rpc"
	portalv1 "madoguchi/proto/gen/portal/v1"
	"madoguchi/proto/gen/portal/v1/portalv1web"
)

// Feature hangs the page into the house.
var Feature = shell.Feature{
	Pages: []shell.Page{{
		Path: "/news", Document: "news", Title: textTitle, New: func() app.Composer { return &page{} },
	}},
}

// portal answers; tests have one of their own.
var portal = func() portalv1web.NewsService { return rpc.To(portalv1web.NewNewsService) }

type page struct {
	app.Compo

	visit  ask.Visit
	asked  ask.Question
	loaded bool
	news   []*portalv1.News
}

// OnMount takes what came along with the page, or asks.
func (p *page) OnMount(ctx app.Context) {
	p.visit.Begin(ctx)
	request, answer := &portalv1.ListNewsRequest{}, &portalv1.ListNewsResponse{}
	if rpc.Sent(request, answer) {
		p.listed(ctx, answer, nil)
		return
	}
	ask.For(&p.visit, &p.asked, portal().ListNews, request, p.listed)
}

// OnDismount gives up what is being loaded.
func (p *page) OnDismount() { p.visit.End() }

func (p *page) listed(_ app.Context, answer *portalv1.ListNewsResponse, err error) {
	if err == nil {
		p.news, p.loaded = answer.GetNews(), true
	}
}

// Render draws the news, the newest first.
func (p *page) Render() app.UI {
	return app.Div().Class("page column page-news").Body(
		shell.Heading(textTitle),
		textLead.P("lead"),
		p.asked.Failure.Banner("news-failure"),
		app.Div().Body(p.body()...),
	)
}

func (p *page) body() []app.UI {
	if !p.loaded {
		return []app.UI{p.asked.Waiting("news", 5)}
	}
	if len(p.news) == 0 {
		return []app.UI{textNone.P("")}
	}
	items := make([]app.UI, len(p.news))
	for i, n := range p.news {
		items[i] = item(n)
	}
	return items
}

var words = map[portalv1.News_Kind]struct {
	word lang.Text
	tone kit.Tone
}{
	portalv1.News_KIND_NEW:     {textNew, kit.Info},
	portalv1.News_KIND_STOP:    {textStop, kit.Warning},
	portalv1.News_KIND_TROUBLE: {textTrouble, kit.Failure},
}

func item(n *portalv1.News) app.UI {
	kind := words[n.GetKind()]
	parts := []app.UI{
		app.P().Class("news-head").Body(
			kit.ChipLabel(kind.tone, kind.word),
			app.Time().DateTime(n.GetDay()).Body(lang.Day(n.GetDay()).UI()),
		),
	}
	parts = append(parts, written(n.GetTitle(), app.H2)...)
	if text := during(n); !text.Empty() {
		parts = append(parts, text.P("news-when"))
	}
	parts = append(parts, written(n.GetBody(), app.P)...)
	return app.Section().Class("news-item").ID(n.GetId()).Body(parts...)
}

// during is from when until when; empty for what has no time.
func during(n *portalv1.News) lang.Text {
	switch from, until := time.UnixMilli(n.GetFrom()), time.UnixMilli(n.GetUntil()); {
	case n.GetFrom() == 0:
		return lang.Text{}
	case n.GetUntil() == 0:
		return textFrom.F(lang.DateTime(from))
	default:
		return textFromUntil.F(lang.DateTime(from), lang.DateTime(until))
	}
}

// said is a text of the operator's in the language of the page, in Japanese where nothing was written in it; and
// whether it is.
func said(t *portalv1.LocalText) (text func(string) lang.Text, whole string, translated bool) {
	switch c := lang.Current(); {
	case c == lang.English && t.GetEn() != "":
		return lang.Plain, t.GetEn(), true
	case c == lang.Easy && t.GetEasy() != "":
		return func(s string) lang.Text { return lang.New(s, s, s) }, t.GetEasy(), true
	default:
		return lang.Plain, t.GetJa(), c != lang.English
	}
}

// written draws the paragraphs of a text, each in an element of its own.
func written[E interface {
	app.UI
	Lang(string, ...any) E
	Body(...app.UI) E
}](t *portalv1.LocalText, element func() E) []app.UI {
	text, whole, translated := said(t)
	var list []app.UI
	for part := range strings.SplitSeq(whole, "\n\n") {
		e := element().Body(text(part).UI())
		if !translated {
			e = e.Lang("ja")
		}
		list = append(list, e)
	}
	return list
}
