package help

import (
	"context"
	"slices"
	"strings"
	"sync"

	"madoguchi/frontend/frame/lang"
	"madoguchi/frontend/frame/shell"
	"madoguchi/frontend/part/words"
	"madoguchi/proto/order"
)

// mostFound is how many answers stand beside those of other features.
const mostFound = 3

// findable are the pages that answer.
var findable = []struct {
	path string
	of   func() *content
}{
	{"/help", howTo}, {"/environment", environment}, {"/accessibility", accessibility}, {"/privacy", privacy},
	{"/terms", terms}, {"/related", related},
}

// place is a chapter in which one looks, and the questions in it. Their texts are folded.
type place struct {
	title, page lang.Text
	href, text  string
	questions   []question
}

type question struct {
	asks lang.Text
	text string
}

// places are all of them, in one language: folding them takes longer than looking.
var places struct {
	sync.Mutex
	language lang.Code
	all      []place
}

// readable reads all pages, in turns.
func readable() []place {
	places.Lock()
	defer places.Unlock()
	if places.language == lang.Current() {
		return places.all
	}
	language, rest := lang.Current(), shell.InTurns(context.Background())
	var all []place
	for _, p := range findable {
		page := p.of()
		for _, c := range page.chapters {
			one := place{
				title: c.title, page: page.title, href: p.path + "#" + c.id,
				text: words.Fold(c.title.String() + " " + c.plain()),
			}
			for _, b := range c.body {
				if b.question {
					one.questions = append(one.questions, question{b.text, words.Fold(b.plain())})
				}
			}
			all = append(all, one)
			rest()
		}
	}
	if language == lang.Current() {
		places.language, places.all = language, all
	}
	return all
}

type answer struct {
	place
	fit float64
}

// find looks for a chapter, or a question in one, that has what was typed.
func find(ctx context.Context, a shell.Asked) ([]shell.Hit, error) {
	typed, rest := words.Of(a.Words), shell.InTurns(ctx)
	var found []answer
	for _, p := range readable() {
		best := answer{p, typed.In(p.text)}
		for _, q := range p.questions {
			if fit := typed.In(q.text); fit > 0 && fit >= best.fit {
				best.fit, best.title = fit, q.asks
			}
		}
		if best.fit > 0 {
			found = append(found, best)
		}
		rest()
	}
	order.By(found, func(a, b answer) int { return int(10 * (b.fit - a.fit)) })
	hits := make([]shell.Hit, 0, mostFound)
	for _, f := range found[:min(len(found), mostFound)] {
		hits = append(hits, shell.Hit{Title: f.title.UI(), Note: f.page.UI(), Href: f.href})
	}
	return hits, nil
}

func (c chapter) plain() string {
	parts := make([]string, len(c.body))
	for i, b := range c.body {
		parts[i] = b.plain()
	}
	return strings.Join(parts, " ")
}

func (b block) plain() string {
	all := []string{b.text.String()}
	for _, t := range slices.Concat(b.dots, b.numbers, b.answers) {
		all = append(all, t.String())
	}
	return strings.Join(all, " ")
}
