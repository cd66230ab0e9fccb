package search

import (
	"slices"
	"strings"

	"madoguchi/frontend/part/catalog"
	"madoguchi/frontend/part/words"
	portalv1 "madoguchi/proto/gen/portal/v1"
	"madoguchi/proto/order"
)

// inKept looks for words in what is kept: in title, keywords, summary and category, also by their readings. It is
// plainer than the portal's search: what has more of the words in its title comes first, and what has only some of the
// words is close.
func inKept(k *catalog.Kept, state state) *portalv1.SearchProceduresResponse {
	response := &portalv1.SearchProceduresResponse{Place: k.Place}
	wanted := strings.Fields(words.Fold(state.query))
	var found []match
	whole := 0
	for _, p := range k.Procedures {
		c := p.GetContent()
		m := matching(wanted, p)
		if m.words == 0 && len(wanted) > 0 || state.online && !c.GetOnline() {
			continue
		}
		if m.words == len(wanted) {
			whole++
		}
		m.hit = &portalv1.ProcedureHit{
			Place: k.Place, Number: c.GetNumber(), Definition: c.GetDefinition(), Title: c.GetTitle(),
			Category: c.GetCategory(), Online: c.GetOnline(),
			Signature: c.GetSignature(), Deadline: c.GetDeadline(), By: p.GetBy(), PlaceCount: 1,
		}
		if p.GetName().GetEn() != c.GetTitle() {
			m.hit.Name = p.GetName()
		}
		found = append(found, m)
	}
	order.By(found, func(a, b match) int { return b.score - a.score })
	counts := map[string]int32{}
	for _, m := range found {
		if m.words < len(wanted) && whole > 0 {
			continue
		}
		m.hit.Close = m.words < len(wanted)
		if !m.hit.GetClose() {
			counts[m.hit.GetCategory()]++
		}
		if len(state.categories) > 0 && !slices.Contains(state.categories, m.hit.GetCategory()) {
			continue
		}
		response.Hits = append(response.Hits, m.hit)
		if !m.hit.GetClose() {
			response.Total++
		}
	}
	for _, name := range catalog.Categories {
		if counts[name] > 0 {
			response.Categories = append(response.Categories, &portalv1.CategoryCount{
				Category: name, Count: counts[name],
			})
		}
	}
	return response
}

// match says how well a procedure fits: how many of the words are in it, and two for each in the title, one elsewhere.
type match struct {
	hit          *portalv1.ProcedureHit
	words, score int
}

func matching(wanted []string, p *portalv1.GetProcedureResponse) match {
	c := p.GetContent()
	title := words.Fold(strings.Join(
		[]string{c.GetTitle(), p.GetName().GetJa(), p.GetName().GetEn(), p.GetName().GetEasy()}, "\n",
	))
	rest := words.Fold(strings.Join([]string{
		strings.Join(c.GetKeywords(), "\n"), c.GetSummary(), p.GetPlain().GetJa(), p.GetPlain().GetEn(),
		p.GetPlain().GetEasy(), c.GetCategory(), c.GetTarget(),
	}, "\n"))
	var m match
	for _, w := range wanted {
		switch {
		case strings.Contains(title, w):
			m.words, m.score = m.words+1, m.score+2
		case strings.Contains(rest, w):
			m.words, m.score = m.words+1, m.score+1
		}
	}
	return m
}
