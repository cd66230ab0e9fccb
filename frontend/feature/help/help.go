// Package help holds the pages that are the same for everyone: how to use the site, terms,
// privacy, system requirements, accessibility, related sites. They are prerendered and readable without the program;
// they make no call.
package help

import (
	"github.com/maxence-charriere/go-app/v10/pkg/app"

	"madoguchi/frontend/frame/kit"
	"madoguchi/frontend/frame/lang"
	"madoguchi/frontend/frame/scene"
	"madoguchi/frontend/frame/shell"
	"madoguchi/proto/rule"
)

// Feature hangs the pages into the house.
var Feature = shell.Feature{
	Pages: []shell.Page{
		{Path: "/help", Prerender: "help", Title: textHelpTitle, New: func() app.Composer {
			return &article{page: howTo()}
		}},
		{Path: "/terms", Prerender: "terms", Title: textTermsTitle, New: func() app.Composer {
			return &article{page: terms()}
		}},
		{Path: "/privacy", Prerender: "privacy", Title: textPrivacyTitle, New: func() app.Composer {
			return &article{page: privacy()}
		}},
		{Path: "/environment", Prerender: "environment", Title: textEnvironmentTitle, New: func() app.Composer {
			return &article{page: environment()}
		}},
		{Path: "/accessibility", Prerender: "accessibility", Title: textAccessibilityTitle, New: func() app.Composer {
			return &article{page: accessibility()}
		}},
		{
			Path: "/related", Prerender: "related", Title: textRelatedTitle, New: func() app.Composer {
				return &article{page: related()}
			},
		},
	},
	Entries: []shell.Entry{{Path: "/help", Label: textHelpTitle, Icon: kit.IconHelp, Order: 90}},
	Services: []shell.Service{{
		ID: "help", Path: "/help", Title: textHelpTitle, Text: textService, Sign: scene.SignHelp, Order: 90,
	}},
	Finders: []shell.Finder{{Title: textFinder, Order: 40, Find: find, Ready: func() { readable() }}},
}

// chapter is a headed part of an article; ID lets others link to it.
type chapter struct {
	id    string
	title lang.Text
	body  []block
}

// block is a paragraph, or a list of some kind, or a link.
type block struct {
	text     lang.Text
	dots     []lang.Text
	numbers  []lang.Text
	href     string
	question bool // text folds away answers
	answers  []lang.Text
}

type content struct {
	title, lead lang.Text
	version     bool
	lost        bool   // the number to call when a card is lost stands beside it
	checked     string // the day on which its links were followed, "" for none
	chapters    []chapter
}

// signs stand before the chapters of how to use the site.
var signs = map[string]kit.IconName{
	"start": kit.IconPlug, "needs": kit.IconCard, "phone": kit.IconSmartphone, "notices": kit.IconBell,
	"find": kit.IconSearch, "apply": kit.IconFile, "myinfo": kit.IconFolder, "histories": kit.IconMessage,
	"session": kit.IconClock, "trouble": kit.IconWarning, "offline": kit.IconOffline, "promise": kit.IconShield,
}

// article is a page of text.
type article struct {
	app.Compo
	page *content
}

// OnMount has it follow the language.
func (a *article) OnMount(ctx app.Context) { shell.Follow(ctx) }

// Render draws the text, with a table of contents when it is long: beside it where there is room, folded above it
// where there is none.
func (a *article) Render() app.UI {
	head := []app.UI{shell.Heading(a.page.title), a.page.lead.P("lead")}
	if a.page.version {
		head = append(head, textVersion.F(lang.Day(rule.TermsVersion)).P("version"))
	}
	rail := kit.Rail{}
	if len(a.page.chapters) > 3 {
		rail.More = []app.UI{contents(a.page.chapters)}
	}
	if a.page.lost {
		rail.More = append(rail.More, lost())
	}
	var body []app.UI
	for _, c := range a.page.chapters {
		title := app.H2().ID(c.id).Class("part-title")
		if sign, ok := signs[c.id]; ok && a.page.lost {
			title = title.Body(kit.Icon(sign), c.title.Span(""))
		} else {
			title = title.Body(c.title.UI())
		}
		parts := []app.UI{title}
		for _, b := range c.body {
			parts = append(parts, b.ui())
		}
		body = append(body, app.Section().Class("part").Body(parts...))
	}
	if a.page.checked != "" {
		body = append(body, textLinksChecked.F(lang.Day(a.page.checked)).P("version"))
	}
	return app.Div().Class("article").Body(kit.Detail{Head: head, Rail: rail, Body: body}.UI())
}

// lost is what nobody has the time to look for.
func lost() app.UI {
	return app.Div().Class("help-lost").Body(
		textLostTitle.P("help-lost-title"),
		app.P().Body(kit.Link{Label: lang.Plain(lostNumber), Href: "tel:" + lostNumber, Icon: kit.IconPhone}.UI()),
		textLostHours.P("hint"),
	)
}

// lostNumber stops a card, at any hour and free of charge.
const lostNumber = "0120-95-0178"

func contents(chapters []chapter) app.UI {
	var items []app.UI
	for _, c := range chapters {
		items = append(items, app.Li().Body(app.A().Class("link").Href("#"+c.id).Body(c.title.UI())))
	}
	return app.Nav().Class("contents").Aria("label", textContents.String()).Body(
		app.Details().Class("contents-fold").Body(
			app.Summary().Class("disclosure-summary contents-title").
				Body(kit.Icon(kit.IconChevron), textContents.Span("")),
			app.Ul().Body(items...)))
}

func (b block) ui() app.UI {
	switch {
	case b.dots != nil:
		return app.Ul().Class("dots").Body(items(b.dots)...)
	case b.numbers != nil:
		return app.Ol().Class("numbers").Body(items(b.numbers)...)
	case b.question:
		var answers []app.UI
		for _, t := range b.answers {
			answers = append(answers, t.P(""))
		}
		return kit.Disclosure{Summary: b.text, Body: answers}.UI()
	case b.href != "":
		return app.P().Body(kit.Link{Label: b.text, Href: b.href, External: b.href[0] != '/'}.UI())
	}
	return b.text.P("")
}

func items(texts []lang.Text) []app.UI {
	list := make([]app.UI, len(texts))
	for i, t := range texts {
		list[i] = t.Li("")
	}
	return list
}

func text(t lang.Text) block { return block{text: t} }

func link(href string, t lang.Text) block { return block{text: t, href: href} }

func ask(question lang.Text, answers ...lang.Text) block {
	return block{text: question, question: true, answers: answers}
}
