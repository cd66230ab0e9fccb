package help

import (
	"context"
	"slices"
	"strings"

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

type answer struct {
	hit shell.Hit
	fit float64
}

// find looks for a chapter, or a question in one, that has what was typed.
func find(_ context.Context, a shell.Asked) ([]shell.Hit, error) {
	var found []answer
	for _, p := range findable {
		page := p.of()
		for _, c := range page.chapters {
			best := answer{shell.Hit{Title: c.title.UI(), Note: page.title.UI(), Href: p.path + "#" + c.id}, 0}
			best.fit = words.In(c.title.String()+" "+c.plain(), a.Words)
			for _, b := range c.body {
				if !b.question {
					continue
				}
				if fit := words.In(b.plain(), a.Words); fit > 0 && fit >= best.fit {
					best.fit, best.hit.Title = fit, b.text.UI()
				}
			}
			if best.fit > 0 {
				found = append(found, best)
			}
		}
	}
	order.By(found, func(a, b answer) int { return int(10 * (b.fit - a.fit)) })
	hits := make([]shell.Hit, 0, mostFound)
	for _, f := range found[:min(len(found), mostFound)] {
		hits = append(hits, f.hit)
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
