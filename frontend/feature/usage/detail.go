package usage

import (
	"context"

	"github.com/maxence-charriere/go-app/v10/pkg/app"

	"madoguchi/frontend/frame/kit"
	"madoguchi/frontend/frame/lang"
	"madoguchi/frontend/frame/shell"
	"madoguchi/frontend/part/ask"
	"madoguchi/frontend/part/evidence"
	"madoguchi/frontend/part/trouble"
	portalv1 "madoguchi/proto/gen/portal/v1"
)

// detail is one line, and where a person says that it was not them.
type detail struct {
	app.Compo
	visit  ask.Visit
	asked  ask.Question
	at     int64
	id     string
	words  *words
	answer *portalv1.GetUsageLineResponse
	notMe  notMe
}

// lineWithWords is a line with the words for it.
type lineWithWords struct {
	words  *words
	answer *portalv1.GetUsageLineResponse
}

// OnMount asks for the line of the address.
func (d *detail) OnMount(ctx app.Context) {
	d.visit.Begin(ctx)
	d.asked.Keeps = true
	d.open(ctx)
}

// OnNav opens the line of the address, also when one leads to another.
func (d *detail) OnNav(ctx app.Context) { d.open(ctx) }

// OnDismount gives up what is asked for.
func (d *detail) OnDismount() { d.visit.End() }

func (d *detail) open(ctx app.Context) {
	at, id := lineOf(ctx.Page().URL().Path)
	if at == d.at && id == d.id {
		return
	}
	d.at, d.id, d.answer = at, id, nil
	d.notMe = notMe{visit: &d.visit, about: &portalv1.DisownUsageRequest{Id: id, At: at}}
	d.load()
}

func (d *detail) load() {
	fetch := func(ctx context.Context, r *portalv1.GetUsageLineRequest) (l lineWithWords, err error) {
		if l.answer, err = portal().GetUsageLine(ctx, r); err != nil {
			return l, err
		}
		said, err := portal().ListUsageWords(ctx, &portalv1.ListUsageWordsRequest{})
		if err == nil {
			l.words = wordsOf(said)
		}
		return l, err
	}
	ask.For(&d.visit, &d.asked, fetch, &portalv1.GetUsageLineRequest{Id: d.id, At: d.at},
		func(_ app.Context, l lineWithWords, err error) {
			if err == nil {
				d.words, d.answer = l.words, l.answer
				d.notMe.known, d.notMe.number = l.answer.GetCase(), l.answer.GetNumber()
				shell.SetTitle(d.words.what(d.answer.GetLine()))
			}
		})
}

// Render draws the line.
func (d *detail) Render() app.UI {
	title := textLine
	if d.answer != nil {
		title = d.words.what(d.answer.GetLine())
	}
	return app.Div().Class("page column page-usage").Body(
		shell.Heading(title),
		trouble.First(d.asked.Failure, d.notMe.disown.Failure).Banner("usage-failure"),
		d.asked.AsOf("usage"),
		app.Div().Body(d.body()...),
		d.notMe.dialog(),
	)
}

func (d *detail) body() []app.UI {
	if d.answer == nil {
		return []app.UI{d.asked.Waiting("usage", 6)}
	}
	proven := d.answer.GetLedgerLine()
	return append(append([]app.UI{
		bentBanner(proven != nil && !stands(d.answer.GetLine(), proven)), d.facts(),
	}, d.notMe.parts()...), evidence.Files(proven, d.answer.GetLedger()))
}

func (d *detail) facts() app.UI {
	l := d.answer.GetLine()
	rows := []kit.Row{{Name: textWhen, Value: kit.DateTimeText(when(l.GetAt()))}}
	add := func(name lang.Text, values ...lang.Text) {
		if parts := joined(values...); len(parts) > 0 {
			rows = append(rows, kit.Row{Name: name, Value: app.Span().Body(parts...)})
		}
	}
	add(textWhat, word(d.words.acts, l.GetAct()))
	add(textResult, results[l.GetResult()])
	if l.GetWhy() != "" {
		add(textWhy, word(d.words.whys, l.GetWhy()))
	}
	var about []lang.Text
	for _, field := range l.GetAbout() {
		about = append(about, word(d.words.fields, field))
	}
	add(textAbout, about...)
	whom := textForSelf
	switch {
	case l.GetByOther():
		whom = textByOther
	case l.GetForOther():
		whom = textForOther
	}
	add(textWhom, whom)
	if l.GetBrowser() != "" || l.GetDevice() != "" {
		first := lang.Text{}
		if l.GetNewDevice() {
			first = textNewDevice
		}
		add(textDevice, deviceName(d.answer.GetDevices(), l.GetDevice(), l.GetBrowser()), first)
	}
	add(textMeans, means[l.GetMeans()])
	add(textPlace, places[l.GetPlace()])
	return kit.Facts(rows...)
}
