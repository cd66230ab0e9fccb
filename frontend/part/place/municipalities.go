package place

import (
	"net/url"
	"strings"
	"unicode"

	"github.com/maxence-charriere/go-app/v10/pkg/app"

	"madoguchi/frontend/frame/kit"
	"madoguchi/frontend/frame/lang"
	"madoguchi/frontend/frame/shell"
	"madoguchi/frontend/part/ask"
	"madoguchi/frontend/part/helpline"
	"madoguchi/frontend/reach/rpc"
	"madoguchi/proto/distress"
	portalv1 "madoguchi/proto/gen/portal/v1"
	"madoguchi/proto/gen/portal/v1/portalv1web"
	"madoguchi/proto/rule"
)

const filterID = "places-filter"

// municipalities is the page of one prefecture.
type municipalities struct {
	app.Compo
	visit  ask.Visit
	asked  ask.Question
	errand errand
	code   string // two digits
	filter string
	places []*portalv1.Place
	loaded bool
}

// OnMount follows the language.
func (m *municipalities) OnMount(ctx app.Context) { m.visit.Begin(ctx) }

// OnDismount gives up what is asked for.
func (m *municipalities) OnDismount() { m.visit.End() }

// OnNav reads the address: the prefecture, what is looked for in it, and where the person is to be taken afterwards.
func (m *municipalities) OnNav(ctx app.Context) {
	here := ctx.Page().URL()
	code := strings.TrimPrefix(here.Path, placesPath+"/")
	pref, ok := prefectureOf(code)
	if !ok {
		return
	}
	m.errand, m.filter = errandOf(here), here.Query().Get("q")
	shell.SetTitle(pref.name())
	if code == m.code && m.loaded {
		return
	}
	m.code, m.places, m.loaded = code, nil, false
	m.load()
}

func (m *municipalities) load() {
	request := &portalv1.ListPlacesRequest{Code: m.code}
	ask.For(&m.visit, &m.asked, rpc.To(portalv1web.NewPlaceService).ListPlaces, request,
		func(_ app.Context, response *portalv1.ListPlacesResponse, err error) {
			if err == nil {
				know(response.GetPlaces())
				m.places, m.loaded = response.GetPlaces(), true
			}
		})
}

// Render draws the page.
func (m *municipalities) Render() app.UI {
	pref, ok := prefectureOf(m.code)
	if !ok {
		return app.Div().Class("page page-places").Body(kit.Skeleton(6, nil))
	}
	return app.Div().Class("page page-places").Body(
		shell.Heading(pref.both()),
		app.Div().Class("place-top").Body(
			app.Div().Body(app.If(!m.errand.narrow, func() app.UI {
				return kit.Link{
					ID: "places-whole", Label: textWhole.F(pref.name()), Href: m.errand.with(whole(m.code)),
					Kind: kit.Secondary,
				}.UI()
			})),
			kit.Link{ID: "places-others", Label: textOthers, Href: m.errand.at(placesPath), Icon: kit.IconBack}.UI(),
		),
		app.Div().Class("field").Body(
			app.Label().For(filterID).Class("label").Body(textFilter.UI()),
			app.P().ID(filterID+"-hint").Class("hint").Body(textFilterHint.UI()),
			app.Input().ID(filterID).Name("q").Type("search").Class("input").Value(m.filter).Attr("autocomplete",
				"off").Attr("spellcheck", "false").
				Aria("describedby", filterID+"-hint").OnInput(m.onFilter),
		),
		m.asked.Failure.Banner("places-failure"),
		app.Div().Body(helpline.Answer{Kinds: distress.Find(m.filter), Erase: m.clear}.UI()),
		app.Div().Class("place-results").Body(m.results(pref)...),
	)
}

func (m *municipalities) onFilter(ctx app.Context, _ app.Event) {
	m.filter = ctx.JSSrc().Get("value").String()
	m.tellAddress()
}

// tellAddress keeps what is looked for in the address, for coming back to it.
func (m *municipalities) tellAddress() {
	here := *m.visit.Page.Page().URL()
	query := here.Query()
	query.Del("q")
	if m.filter != "" && len(distress.Find(m.filter)) == 0 { // such words stand in no address and no history
		query.Set("q", m.filter)
	}
	m.visit.Page.Page().ReplaceURL(&url.URL{
		Scheme: here.Scheme, Host: here.Host, Path: here.Path, RawQuery: query.Encode(),
	})
}

func (m *municipalities) clear(app.Context) {
	m.filter = ""
	m.tellAddress()
	kit.SetValue(m.visit.Page, filterID, "")
	kit.Focus(m.visit.Page, filterID)
}

func (m *municipalities) results(pref prefecture) []app.UI {
	if !m.loaded {
		return []app.UI{m.asked.Waiting("places", 6)}
	}
	found := group(m.places, m.filter)
	count := textCount.F(found.count)
	none := app.UI(app.Span())
	if found.count == 0 {
		count = textNoneHere.F(pref.name(), m.filter)
		none = kit.Button{ID: "places-clear", Label: textClear, OnPress: m.clear}.UI()
	}
	return []app.UI{
		app.P().Class("hint").Attr("role", "status").Body(count.UI()),
		app.Div().Body(none),
		app.Div().Body(m.cities(found)),
		app.Div().Body(m.towns(found)),
	}
}

func (m *municipalities) cities(found grouping) app.UI {
	if len(found.designated)+len(found.cities) == 0 {
		return app.Span()
	}
	folded := make([]app.UI, len(found.designated))
	for i, d := range found.designated {
		links := []app.UI{m.link(d.city, textAllWards.F(Name(d.city)))}
		for _, w := range d.wards {
			links = append(links, m.link(w, wardName(d.city, w)))
		}
		folded[i] = kit.Disclosure{
			ID: "places-" + d.city.GetCode(), Summary: textWards.F(Name(d.city), len(d.wards)), Open: m.filter != "",
			Body: []app.UI{app.Ul().Class("place-names").Body(links...)},
		}.UI()
	}
	return app.Section().Class("part").Aria("labelledby", "places-cities").Body(
		app.H2().ID("places-cities").Class("part-title").Body(textCities.UI()),
		app.Div().Class("place-designated").Body(folded...),
		app.Ul().Class("place-names").Body(m.links(found.cities)...),
	)
}

func (m *municipalities) towns(found grouping) app.UI {
	if len(found.towns) == 0 {
		return app.Span()
	}
	return app.Section().Class("part").Aria("labelledby", "places-towns").Body(
		app.H2().ID("places-towns").Class("part-title").Body(textTowns.UI()),
		app.Ul().Class("place-names").Body(m.links(found.towns)...),
	)
}

func (m *municipalities) links(places []*portalv1.Place) []app.UI {
	links := make([]app.UI, len(places))
	for i, p := range places {
		links[i] = m.link(p, Name(p))
	}
	return links
}

// link leads on with a place. Choosing it here is choosing it as one's own, unless it joins others.
func (m *municipalities) link(p *portalv1.Place, name lang.Text) app.UI {
	return app.Li().Body(nameAnchor(m.errand.with(p.GetCode()), name).OnClick(func(app.Context, app.Event) {
		if !m.errand.adds {
			Remember(p)
		}
	}, app.EventScope(p.GetCode())))
}

// designated is a designated city with those of its wards that are looked for.
type designated struct {
	city  *portalv1.Place
	wards []*portalv1.Place
}

// grouping is a prefecture's municipalities as they are listed.
type grouping struct {
	designated    []designated
	cities, towns []*portalv1.Place
	count         int
}

// group sorts the places that fit the filter. A designated city that fits brings all its wards; a ward that fits brings
// its city.
func group(places []*portalv1.Place, filter string) grouping {
	filter = fold(filter)
	wards := map[string][]*portalv1.Place{}
	for _, p := range places {
		if p.GetCityCode() != "" {
			wards[p.GetCityCode()] = append(wards[p.GetCityCode()], p)
		}
	}
	var g grouping
	for _, p := range places {
		switch {
		case p.GetCityCode() != "", p.GetKind() == portalv1.Place_KIND_PREFECTURE:
		case len(wards[p.GetCode()]) > 0:
			d := designated{city: p, wards: wards[p.GetCode()]}
			if !fits(p, filter) {
				d.wards = fitting(d.wards, filter)
			}
			if len(d.wards) > 0 {
				g.designated = append(g.designated, d)
				g.count += 1 + len(d.wards)
			}
		case !fits(p, filter):
		case p.GetKind() == portalv1.Place_KIND_TOWN, p.GetKind() == portalv1.Place_KIND_VILLAGE:
			g.towns = append(g.towns, p)
			g.count++
		default:
			g.cities = append(g.cities, p)
			g.count++
		}
	}
	return g
}

func fitting(places []*portalv1.Place, folded string) []*portalv1.Place {
	var kept []*portalv1.Place
	for _, p := range places {
		if fits(p, folded) {
			kept = append(kept, p)
		}
	}
	return kept
}

func fits(p *portalv1.Place, folded string) bool {
	return strings.Contains(fold(p.GetName()), folded) || strings.Contains(fold(p.GetKana()), folded) ||
		strings.Contains(fold(inPrefecture(p)), folded)
}

// fold makes hiragana of katakana, ケ of ヶ, small letters of great ones, and drops blanks, for comparing.
func fold(s string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case unicode.IsSpace(r):
			return -1
		case r == 'ヶ':
			return 'け'
		case r >= 'ァ' && r <= 'ヴ':
			return r - 'ァ' + 'ぁ'
		}
		return unicode.ToLower(r)
	}, s)
}

// wardName is the name of a ward without that of its city.
func wardName(city, ward *portalv1.Place) lang.Text {
	name, inCity := strings.CutPrefix(ward.GetName(), city.GetName())
	kana, alsoKana := strings.CutPrefix(ward.GetKana(), city.GetKana())
	if !inCity || !alsoKana || name == "" {
		return Name(ward)
	}
	english := strings.TrimSuffix(inPrefecture(ward), ", "+inPrefecture(city))
	return withReading(name, beside(english, name), kana)
}

// whole is the code of a prefecture, given by its two digits.
func whole(prefecture string) string {
	five := prefecture + "000"
	return five + string(rule.CheckDigit(five))
}
