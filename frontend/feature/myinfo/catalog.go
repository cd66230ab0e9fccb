package myinfo

import (
	"context"
	"strings"
	"sync"
	"time"

	"madoguchi/frontend/frame/lang"
	"madoguchi/frontend/frame/shell"
	"madoguchi/frontend/part/words"
	"madoguchi/frontend/reach/rpc"
	"madoguchi/proto/clock"
	portalv1 "madoguchi/proto/gen/portal/v1"
	"madoguchi/proto/order"
)

// catalog is all that can be asked for.
type catalog struct{ fields []*portalv1.InfoField }

// entry is a detail with what it stands under.
type entry struct {
	field    *portalv1.InfoField
	category *portalv1.InfoCategory
	detail   *portalv1.InfoDetail
}

// known is the catalogue as the portal gave it last, the same for everybody; the days in it go by the day.
var known struct {
	sync.Mutex
	of  *catalog
	day string
}

// catalogued is the catalogue of today.
func catalogued(ctx context.Context) (*catalog, error) {
	today := clock.Day(time.Now())
	known.Lock()
	of := known.of
	if known.day != today {
		of = nil
	}
	known.Unlock()
	if of != nil {
		return of, nil
	}
	response, err := portal().GetInfoCatalog(ctx, &portalv1.GetInfoCatalogRequest{})
	if err != nil {
		return nil, err
	}
	of = &catalog{response.GetFields()}
	if !rpc.KeptAt(ctx).IsZero() {
		return of, nil // until the portal is there again
	}
	forgetKept(ctx)
	known.Lock()
	known.of, known.day = of, today
	known.Unlock()
	return of, nil
}

// each calls visit with every detail until it says no.
func (c *catalog) each(visit func(e entry) bool) {
	if c == nil {
		return
	}
	for _, f := range c.fields {
		for _, k := range f.GetCategories() {
			for _, d := range k.GetDetails() {
				if !visit(entry{f, k, d}) {
					return
				}
			}
		}
	}
}

// detail finds a detail by its key; false for one that this catalogue does not have (any more).
func (c *catalog) detail(key string) (found entry, ok bool) {
	c.each(func(e entry) bool {
		if e.detail.GetKey() == key {
			found, ok = e, true
		}
		return !ok
	})
	return found, ok
}

// name is what a detail is called, within its category where that says more.
func (e entry) name() lang.Text {
	category, detail := lang.Local(e.category.GetName()), lang.Local(e.detail.GetName())
	switch {
	case e.detail == nil:
		return textUnknownDetail
	case e.category.GetName().GetJa() == e.detail.GetName().GetJa():
		return detail
	}
	return textDetailOf.F(category, detail)
}

// covered tells whether it is folded away in lists, open whether its name may stand where others look.
func (e entry) covered() bool {
	return e.category.GetSensitivity() == portalv1.InfoSensitivity_INFO_SENSITIVITY_COVERED
}

func (e entry) open() bool {
	return e.category.GetSensitivity() == portalv1.InfoSensitivity_INFO_SENSITIVITY_ORDINARY
}

// item is an item of the detail; one that the catalogue does not have is called by its key.
func (e entry) item(key string) *portalv1.InfoItem {
	for _, i := range e.detail.GetItems() {
		if i.GetKey() == key {
			return i
		}
	}
	_, name, _ := strings.Cut(key, ".")
	return &portalv1.InfoItem{
		Key: key, Type: portalv1.InfoType_INFO_TYPE_TEXT, Name: &portalv1.LocalText{Ja: name, En: name, Easy: name},
	}
}

// find gives the details that answer what somebody typed, the best first: by their names, by those of what they hold
// (特定個人情報名), and by what people call it.
func (c *catalog) find(typed string) []entry {
	type hit struct {
		entry
		score float64
	}
	var hits []hit
	c.each(func(e entry) bool {
		names := strings.Join([]string{
			e.category.GetReading(), everyLanguage(e.category.GetName()), everyLanguage(e.detail.GetName()),
		}, "\n")
		about := strings.Join(e.category.GetNames(), "\n") + "\n" + strings.Join(e.category.GetWords(), "\n")
		var items strings.Builder
		for _, i := range e.detail.GetItems() {
			items.WriteString(everyLanguage(i.GetName()) + "\n" + i.GetReading() + "\n")
		}
		score := max(3*words.In(names, typed), 2*words.In(about, typed), words.In(items.String(), typed))
		if score > 0 {
			hits = append(hits, hit{e, score})
		}
		return true
	})
	order.By(hits, func(a, b hit) int { return int(100 * (b.score - a.score)) })
	found := make([]entry, len(hits))
	for i, h := range hits {
		found[i] = h.entry
	}
	return found
}

func everyLanguage(t *portalv1.LocalText) string { return t.GetJa() + "\n" + t.GetEn() }

// mostFound is how many details stand among the answers of all features.
const mostFound = 4

// find answers in the field that finds everything. What is folded away in lists is found by its own name alone.
func find(ctx context.Context, a shell.Asked) ([]shell.Hit, error) {
	c, err := catalogued(ctx)
	if err != nil {
		return nil, err
	}
	var hits []shell.Hit
	for _, e := range c.find(a.Words) {
		if len(hits) == mostFound {
			break
		}
		hits = append(hits, shell.Hit{
			Title: e.name().UI(), Note: lang.Local(e.category.GetHolder()).Span(""),
			Href: askPath + "?want=" + e.detail.GetKey(),
		})
	}
	return hits, nil
}
