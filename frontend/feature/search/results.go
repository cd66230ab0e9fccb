package search

import (
	"maps"
	"net/url"
	"unicode/utf8"

	"github.com/maxence-charriere/go-app/v10/pkg/app"

	"madoguchi/frontend/frame/kit"
	"madoguchi/frontend/frame/lang"
	"madoguchi/frontend/frame/scene"
	"madoguchi/frontend/part/catalog"
	"madoguchi/frontend/part/offered"
	"madoguchi/frontend/part/place"
	portalv1 "madoguchi/proto/gen/portal/v1"
	"madoguchi/proto/rule"
)

// results are what the page shows, put together from pages.
type results struct {
	loaded                   bool
	state                    state // what they are for
	hits                     []*portalv1.ProcedureHit
	counts                   []*portalv1.CategoryCount
	total, elsewhere         int32
	next, corrected          string
	placeInQuery, place      *portalv1.Place
	shortened                bool
	events                   []*portalv1.EventHint
	fits, near, unregistered []*portalv1.ProcedureHit
	ticked                   map[string]bool // by number, to be filed in one go
}

// take adds a page, or begins anew.
func (r *results) take(response *portalv1.SearchProceduresResponse, state state, more bool) {
	if !more {
		*r = results{events: response.GetEvents()}
	}
	r.loaded, r.state = true, state
	r.hits = append(r.hits, response.GetHits()...)
	r.counts, r.total, r.elsewhere, r.next = response.GetCategories(), response.GetTotal(), response.GetElsewhere(),
		response.GetNextPageToken()
	r.corrected, r.placeInQuery, r.place, r.shortened = response.GetCorrected(), response.GetPlaceInQuery(),
		response.GetPlace(), response.GetShortened()
	r.fits, r.near, r.unregistered = nil, nil, nil
	for _, h := range r.hits {
		switch {
		case h.GetClose():
			r.near = append(r.near, h)
		case h.GetUnregistered():
			r.unregistered = append(r.unregistered, h)
		default:
			r.fits = append(r.fits, h)
		}
	}
}

// count is the line that says how many there are.
func (r *results) count() lang.Text {
	where := textCountry
	if r.place != nil {
		where = place.Name(r.place)
	}
	if query := shownQuery(r.state.query); query != "" {
		return textCountQuery.F(where, query, lang.Number(int64(r.total)))
	}
	return textCountHere.F(where, lang.Number(int64(r.total)))
}

// shownQuery is the query as it is said again: not all of a text pasted by mistake.
func shownQuery(query string) string {
	if r := []rune(query); len(r) > 40 {
		return string(r[:40]) + "…"
	}
	return query
}

func (r *results) ui(s *page) app.UI {
	note := func(show bool, body ...app.UI) app.UI {
		if !show {
			return app.Div()
		}
		return app.Div().Class("search-note").Body(body...)
	}
	return app.Div().Class("results").Aria("busy", s.asked.Busy).Body(
		note(r.placeInQuery != nil,
			textPlaceNamed.F(place.FullName(r.placeInQuery)).P(""),
			kit.Button{ID: "procedure-place-named", Label: textInPlace.F(place.Name(r.placeInQuery)),
				Scope: r.placeInQuery.GetCode(), OnPress: func(ctx app.Context) {
					place.Remember(s.results.placeInQuery)
					s.choosePlace(ctx, s.results.placeInQuery)
					s.focusCount()
				}}.UI(),
		),
		note(s.anew, textAnew.P("")),
		note(r.corrected != "", textCorrected.F(shownQuery(r.state.query), r.corrected).P("")),
		note(r.shortened, textShortened.P("")),
		r.offers(),
		note(r.elsewhere > 0,
			textElsewhere.F(place.Name(r.place), int(r.elsewhere)).P(""),
			kit.Link{Label: textElsewhereWay, Href: r.wider()}.UI(),
		),
		app.Div().Body(app.If(len(r.hits) == 0, func() app.UI { return r.nothing(s) })),
		r.list(r.fits),
		r.group(r.unregistered, textDeskOnly, textDeskOnlyNote),
		r.group(r.near, textClose, textCloseNote),
		offered.TogetherWay("procedure-apply", r.place.GetCode(), r.picked()...),
		app.Div().Body(app.If(len(r.hits) > 0, func() app.UI {
			return kit.Pager{
				ID: "procedure-more", Shown: len(r.hits), More: r.next != "", Busy: s.asked.Busy,
				OnMore: func(app.Context) { s.run(s.results.next) },
			}.UI()
		})),
	)
}

// offers lead to the events of life that the query may come from.
func (r *results) offers() app.UI {
	links := make([]app.UI, len(r.events))
	for i, e := range r.events {
		links[i] = kit.Link{
			Label: textEvent.F(lang.Local(e.GetTitle())), Icon: kit.IconTask, Href: eventPath(e, r.place),
		}.UI()
	}
	if len(links) == 0 {
		return app.Div()
	}
	return app.Div().Class("search-events no-print").Body(links...)
}

// eventPath is the page of an event of life, for the place where one searches.
func eventPath(e *portalv1.EventHint, at *portalv1.Place) string {
	href := "/guide/" + url.PathEscape(e.GetId())
	if at != nil && at.GetKind() != portalv1.Place_KIND_PREFECTURE {
		href += "?place=" + at.GetCode()
	}
	return href
}

// wider is the same search in the whole prefecture.
func (r *results) wider() string {
	state := r.state
	state.place = prefectureCode(state.place)
	return state.address()
}

// prefectureCode makes the code of the prefecture from that of a place in it: its check digit is computed as JIS X 0402
// says.
func prefectureCode(code string) string {
	if !rule.PlaceCode(code) {
		return ""
	}
	sum := 6*int(code[0]-'0') + 5*int(code[1]-'0')
	return code[:2] + "000" + string(rune('0'+(11-sum%11)%10))
}

// pick is the box by which a procedure is filed in one go with others; an empty place where it cannot be filed here.
func (r *results) pick(h *portalv1.ProcedureHit) app.UI {
	return offered.Pick(r.place.GetCode(), h.GetNumber(), r.title(h), r.ticked[h.GetNumber()], r.tick)
}

// picked are the procedures that are ticked.
func (r *results) picked() (numbers []string) {
	for _, h := range r.hits {
		if r.ticked[h.GetNumber()] {
			numbers = append(numbers, h.GetNumber())
		}
	}
	return numbers
}

func (r *results) tick(number string, on bool) {
	r.ticked = maps.Clone(r.ticked)
	if r.ticked == nil {
		r.ticked = map[string]bool{}
	}
	r.ticked[number] = on
}

func (r *results) list(hits []*portalv1.ProcedureHit) app.UI {
	if len(hits) == 0 {
		return app.Div()
	}
	items := make([]app.UI, len(hits))
	for i, h := range hits {
		items[i] = app.Li().Class("list-item").Body(r.entry(h), r.pick(h))
	}
	return app.Ul().Class("list results-list").Body(items...)
}

func (r *results) group(hits []*portalv1.ProcedureHit, title, note lang.Text) app.UI {
	if len(hits) == 0 {
		return app.Div()
	}
	return app.Section().Class("results-group").Body(title.H2("part-title"),
		note.P("hint"), r.list(hits))
}

// title is what a procedure is called in the language of the page.
func (r *results) title(h *portalv1.ProcedureHit) app.UI {
	if h.GetName() != nil {
		return lang.Local(h.GetName()).UI()
	}
	return app.Span().Lang("ja").Text(h.GetTitle())
}

// entry is a line of the result.
func (r *results) entry(h *portalv1.ProcedureHit) app.UI {
	atDesk := app.Span()
	if h.GetName() != nil && lang.Current() != lang.Japanese {
		atDesk = app.Span().Class("entry-desk").Lang("ja").Text(h.GetTitle())
	}
	return app.A().Class("entry result").Href(r.address(h)).Body(
		app.Span().Class("entry-title").Body(r.title(h)),
		atDesk,
		app.Span().Class("entry-line").Body(catalog.Category(h.GetCategory()).Span(""), r.where(h), way(
			h,
		)),
		chip(h),
	)
}

// way is how one applies, in words. That one must go to the desk is the chip's to say, where there is no deadline.
func way(h *portalv1.ProcedureHit) app.UI {
	switch {
	case h.GetUnregistered():
		return app.Span()
	case h.GetOnline() && h.GetSignature() == portalv1.Signature_SIGNATURE_SIGN:
		return app.Span().Body(textOnline.UI(), app.Text("・"), textSign.UI())
	case h.GetOnline():
		return textOnline.Span("")
	case h.GetDeadline() != "":
		return textDesk.Span("")
	}
	return app.Span()
}

// longestChip is how many characters a chip has at most; what is longer is a line of its own.
const longestChip = 16

// chip is the one thing to know before one opens it: by when, or that it cannot be done from here.
func chip(h *portalv1.ProcedureHit) app.UI {
	place := app.Span().Class("entry-chip")
	switch {
	case h.GetDeadline() != "":
		if by := lang.Local(h.GetBy()); !by.Empty() {
			return place.Body(kit.Icon(kit.IconClock), kit.Hidden(textDeadline), by.Span(""))
		}
		if utf8.RuneCountInString(h.GetDeadline()) > longestChip {
			place = place.Class("entry-chip-long")
		}
		return place.Body(kit.Icon(kit.IconClock), app.Span().Body(textDeadline.UI(),
			app.Span().Lang("ja").Text(h.GetDeadline())))
	case !h.GetOnline() && !h.GetUnregistered():
		return place.Body(textDesk.UI())
	}
	return place.Hidden(true)
}

// where says who offers it, when that is not the chosen place itself.
func (r *results) where(h *portalv1.ProcedureHit) app.UI {
	switch {
	case h.GetUnregistered() || h.GetPlace().GetCode() != "" && h.GetPlace().GetCode() == r.place.GetCode():
		return app.Span()
	case h.GetPlace() == nil && h.GetPlaceCount() > 0:
		return textPlaces.F(lang.Number(int64(h.GetPlaceCount()))).Span("")
	case h.GetPlace() == nil:
		return app.Span()
	case h.GetPlaceCount() > 1:
		return textSomePlaces.F(place.Name(h.GetPlace()), lang.Number(int64(h.GetPlaceCount()))).Span("")
	}
	return place.FullName(h.GetPlace()).Span("")
}

func (r *results) address(h *portalv1.ProcedureHit) string {
	at := h.GetPlace().GetCode()
	if at == "" && h.GetUnregistered() {
		at = r.state.place
	}
	return catalog.Path(at, h.GetNumber())
}

// nothing leads on from an empty result.
func (r *results) nothing(s *page) app.UI {
	ways := []app.UI{textTryShort.Li("")}
	if len(r.state.categories) > 0 || r.state.online {
		ways = append(ways, app.Li().Body(kit.Button{ID: "procedure-unfilter", Label: textUnfilter, Kind: kit.TextOnly,
			OnPress: func(app.Context) {
				s.state.categories, s.state.online = nil, false
				s.changed()
				s.focusCount()
			}}.UI()))
	}
	if r.state.place != "" && r.state.query != "" {
		wide, here := r.state, state{place: r.state.place}
		wide.place = ""
		ways = append(ways,
			app.Li().Body(kit.Link{Label: textEverywhere, Href: wide.address()}.UI()),
			app.Li().Body(kit.Link{Label: textEveryHere, Href: here.address()}.UI()),
		)
	}
	ways = append(ways,
		app.Li().Body(kit.Link{Label: textByEvent, Href: "/guide"}.UI()),
		app.Li().Body(kit.Link{Label: textHelp, Href: "/help"}.UI()),
	)
	return app.Div().Class("results-nothing").Body(
		scene.Empty(scene.Medium),
		textNothing.H2("part-title"),
		textNothingWays.P(""),
		app.Ul().Class("ways").Body(ways...),
	)
}

// keptNote says that the results come from the device.
func (s *page) keptNote() app.UI {
	if s.kept == nil {
		return app.Div()
	}
	return app.Div().Class("search-note").Body(
		app.P().Body(kit.Icon(kit.IconOffline), textKept.F(place.Name(s.kept.Place), lang.Date(s.kept.At)).UI()),
	)
}

// unreachable says which places can be searched without a network.
func (s *page) unreachable() app.UI {
	picture := scene.Rain(scene.Medium)
	if len(s.others) == 0 {
		return kit.Empty{Picture: picture, Text: textNoneKept, WayOn: []app.UI{s.again()}}.UI()
	}
	var items []app.UI
	for _, h := range s.others {
		state := s.state
		state.place = h.Code
		items = append(items, app.Li().Body(kit.Link{Label: lang.Plain(h.Name), Href: state.address()}.UI()))
	}
	return kit.Empty{
		Picture: picture, Text: textNotKeptDo, WayOn: []app.UI{app.Ul().Class("ways").Body(items...), s.again()},
	}.UI()
}

func (s *page) again() app.UI {
	return kit.Button{ID: "procedure-again", Label: textAgain, Kind: kit.Primary, OnPress: func(app.Context) {
		s.run("")
		s.focusCount()
	}}.UI()
}
