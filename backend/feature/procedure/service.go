package procedure

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"
	"unicode/utf8"

	"madoguchi/backend/door/access"
	"madoguchi/backend/feature/procedure/entry"
	"madoguchi/backend/japan/catalog"
	"madoguchi/backend/japan/catalog/index"
	"madoguchi/backend/store/page"
	"madoguchi/proto/clock"
	portalv1 "madoguchi/proto/gen/portal/v1"
	"madoguchi/proto/rule"
)

// Service implements portal.v1's ProcedureService. Everybody may ask; nothing here is of a person.
type Service struct {
	catalog *Catalog
	needs   Needs
}

// Needs are what the feature needs of others. What is nil is not there.
type Needs struct {
	Hints Hints
	// Form is that by which a place takes one of these procedures in the portal; empty when none does.
	Form func(ctx context.Context, place string, procedures ...string) (form string, err error)
}

// Hints name the events of life that a query may come from.
type Hints func(query string) []*portalv1.EventHint

// New makes the service.
func New(c *Catalog, n Needs) *Service { return &Service{c, n} }

const maxRelated = 6

// SearchProcedures answers as one types. A query that fits nothing gets ways on, never an error. When the catalogue has
// changed what was found so far, the next page is refused: to go on would be to repeat, or to leave out.
func (s *Service) SearchProcedures(
	ctx context.Context, request *portalv1.SearchProceduresRequest,
) (*portalv1.SearchProceduresResponse, error) {
	response, _, err := s.search(ctx, request)
	return response, err
}

func (s *Service) search(
	ctx context.Context, request *portalv1.SearchProceduresRequest,
) (*portalv1.SearchProceduresResponse, []index.Hit, error) {
	if err := s.catalog.ready(ctx); err != nil {
		return nil, nil, err
	}
	limit, err := searchPages.Size(request.GetPageSize())
	if err != nil {
		return nil, nil, refusePage(ctx, err)
	}
	all := foundBy(request)
	after, err := parseMark(all.After(request.GetPageToken(), markParts))
	if err != nil {
		return nil, nil, refusePage(ctx, err)
	}
	at, ok := placeOf(request.GetPlaceCode())
	if !ok {
		return nil, nil, access.NotFound(ctx, "place_code", nil)
	}
	if len(request.GetCategories()) > len(catalog.Categories()) {
		return nil, nil, access.Invalid(ctx, "categories", errors.New("more than there are"))
	}
	response := &portalv1.SearchProceduresResponse{
		Shortened: utf8.RuneCountInString(request.GetQuery()) > index.MaxQuery,
	}
	q := index.Query{
		Place: request.GetPlaceCode(), Text: request.GetQuery(), Categories: request.GetCategories(),
		OnlineOnly: request.GetOnlineOnly(),
		After:      after, Limit: int(limit),
	}
	if text, place := placeInQuery(q.Text); place != nil {
		q.Text = text
		if place.GetCode() != q.Place {
			response.PlaceInQuery = place
		}
	}
	found := s.catalog.index.Search(q)
	if found.Changed {
		return nil, nil, refusePage(ctx, fmt.Errorf("%w: what it found has changed", page.ErrToken))
	}
	if at != nil {
		at.ProcedureCount = int32(s.catalog.index.Count(at.GetCode()))
		response.Place = at
	}
	for _, h := range found.Hits {
		response.Hits = append(response.Hits, hit(h))
	}
	for _, c := range found.Categories {
		response.Categories = append(response.Categories, &portalv1.CategoryCount{
			Category: c.Category, Count: int32(c.Count),
		})
	}
	response.Total, response.Elsewhere, response.Corrected = int32(found.Total), int32(found.Elsewhere), found.Corrected
	if after.Count == 0 && q.Text != "" && s.needs.Hints != nil {
		response.Events = s.needs.Hints(index.Shorten(q.Text) + " " + found.Corrected)
	}
	if found.Next.Count > 0 {
		response.NextPageToken = all.Token(partsOf(found.Next)...)
	}
	return response, found.Hits, nil
}

func hit(h index.Hit) *portalv1.ProcedureHit {
	p := &portalv1.ProcedureHit{
		Number: h.Number, Definition: h.Definition, Title: h.Title, Category: h.Category, Online: h.Online,
		Signature: signature(h.Signature), Deadline: h.Deadline,
		PlaceCount: int32(h.Places), Unregistered: h.Unregistered, Close: h.Close,
	}
	if h.Place != "" {
		p.Place, _ = placeOf(h.Place)
	}
	if d, ok := catalog.ByNumber(h.Definition); ok {
		p.Name, p.By = titled(h.Title, d), by(h.Deadline, d)
	}
	return p
}

// by is the deadline in a few words, where the office's are those of the whole country.
func by(deadline string, d catalog.Definition) *portalv1.LocalText {
	few, same := d.ByOf(deadline)
	if !same {
		return nil
	}
	return local(few)
}

// titled is the name of a procedure in the languages of the page: the office's own in Japanese, what it stands for in
// the others.
func titled(title string, d catalog.Definition) *portalv1.LocalText {
	return &portalv1.LocalText{Ja: title, En: d.Name.En, Easy: d.Name.Easy}
}

func signature(s catalog.Signature) portalv1.Signature {
	return (catalog.Definition{Signature: s}).Content().GetSignature()
}

func local(t catalog.Text) *portalv1.LocalText {
	return &portalv1.LocalText{Ja: t.Ja, En: t.En, Easy: t.Easy}
}

// GetProcedure shows one procedure: what the place registered, or what holds in the whole country where it has
// registered nothing.
func (s *Service) GetProcedure(
	ctx context.Context, request *portalv1.GetProcedureRequest,
) (*portalv1.GetProcedureResponse, error) {
	if err := s.catalog.ready(ctx); err != nil {
		return nil, err
	}
	var eventDay time.Time
	if given := request.GetEventDay(); given != "" {
		eventDay, _ = rule.Day(given)
	}
	if len(request.GetNumber()) > 20 {
		return nil, access.NotFound(ctx, "number", nil)
	}
	at, ok := placeOf(request.GetPlaceCode())
	if !ok {
		return nil, access.NotFound(ctx, "place_code", nil)
	}
	response, err := s.find(ctx, at, request.GetNumber(), int64(request.GetVersion()))
	if err != nil {
		return nil, err
	}
	response.Due = due(response.GetContent(), eventDay, s.catalog.now())
	if at == nil {
		response.PlaceCount = int32(s.catalog.index.DefinitionPlaces(response.GetContent().GetDefinition()))
		return response, nil
	}
	if s.needs.Form != nil {
		c := response.GetContent()
		if response.Form, err = s.needs.Form(ctx, at.GetCode(), c.GetNumber(), c.GetDefinition()); err != nil {
			return nil, err
		}
	}
	related := s.catalog.index.Search(index.Query{
		Place: at.GetCode(), Categories: []string{response.GetContent().GetCategory()}, Limit: maxRelated + 1,
	})
	for _, h := range related.Hits {
		if h.Number != response.GetContent().GetNumber() && len(response.GetRelated()) < maxRelated {
			response.Related = append(response.Related, hit(h))
		}
	}
	return response, nil
}

// find looks a number up in a place, in what holds there besides (its city, prefecture, the nation), and among the
// definitions.
func (s *Service) find(
	ctx context.Context, at *portalv1.Place, number string, version int64,
) (*portalv1.GetProcedureResponse, error) {
	if at != nil {
		for _, code := range index.Chain(at.GetCode()) {
			versions, err := s.catalog.store.Versions(ctx, code, number)
			if err != nil {
				return nil, err
			}
			current := entry.InForce(versions, s.catalog.today())
			shown := current
			if version > 0 {
				shown = slices.IndexFunc(versions, func(v entry.Version) bool { return v.Version == version })
			}
			if shown < 0 {
				continue
			}
			response := shape(versions[shown].Content)
			response.Place, _ = placeOf(code)
			response.Version = int32(versions[shown].Version)
			for i, v := range slices.Backward(versions) {
				response.Versions = append(response.Versions, &portalv1.ProcedureVersion{
					Version: int32(v.Version), EffectiveFrom: v.EffectiveFrom, RegisteredAt: v.RegisteredAt,
					Current: i == current, Ended: v.Ended,
				})
			}
			return response, nil
		}
		// Registered under a number of the office's own?
		h, ok := s.catalog.index.Registered(at.GetCode(), []string{number})[number]
		if ok && h.Number != number && version == 0 {
			found, _ := placeOf(h.Place)
			return s.find(ctx, found, h.Number, 0)
		}
	}
	d, ok := catalog.ByNumber(number)
	if !ok || version > 0 {
		return nil, access.NotFound(ctx, "number", nil)
	}
	response := shape(d.Content())
	response.Place, response.Unregistered = at, at != nil
	return response, nil
}

// shape is the part of the answer that the content alone decides.
func shape(c *portalv1.ProcedureContent) *portalv1.GetProcedureResponse {
	c = catalog.Merge(c)
	response := &portalv1.GetProcedureResponse{
		Content: c, Name: &portalv1.LocalText{Ja: c.GetTitle(), En: c.GetTitle(), Easy: c.GetTitle()},
		Plain: &portalv1.LocalText{Ja: c.GetSummary(), En: c.GetSummary(), Easy: c.GetSummary()},
	}
	if d, ok := catalog.ByNumber(c.GetDefinition()); ok {
		response.Plain, response.OfficialName, response.Authority = local(d.Summary), d.Official, d.Authority
		response.Name, response.By = titled(c.GetTitle(), d), by(c.GetDeadline(), d)
	}
	if event, ok := catalog.Event(c.GetDeadlineRule().GetFrom()); ok {
		response.EventQuestion = local(event)
	}
	return response
}

// due computes the deadline for the day of an event, or the yearly window that is open or comes next.
func due(c *portalv1.ProcedureContent, eventDay, now time.Time) *portalv1.Due {
	rule := catalog.DeadlineOf(c)
	if rule.Yearly != "" {
		eventDay = clock.Today(now)
	}
	if eventDay.IsZero() {
		return nil
	}
	d, ok := rule.Due(eventDay)
	if !ok {
		return nil
	}
	return d.Message()
}

// ListProcedures gives everything of a place, for devices that keep it.
func (s *Service) ListProcedures(
	ctx context.Context, request *portalv1.ListProceduresRequest,
) (*portalv1.ListProceduresResponse, error) {
	if err := s.catalog.ready(ctx); err != nil {
		return nil, err
	}
	size, err := listPages.Size(request.GetPageSize())
	if err != nil {
		return nil, refusePage(ctx, err)
	}
	at, ok := placeOf(request.GetPlaceCode())
	if !ok || at == nil || at.GetKind() == portalv1.Place_KIND_PREFECTURE {
		return nil, access.NotFound(ctx, "place_code", nil)
	}
	today := s.catalog.today()
	read := func(place, number string, size int) ([]entry.Version, error) {
		return s.catalog.store.OfPlaceAfter(ctx, place, today, number, size)
	}
	all := page.Of("place", "", at.GetCode())
	versions, next, err := entriesOf(all, request.GetPageToken(), size, index.Chain(at.GetCode()), read)
	if errors.Is(err, page.ErrToken) {
		return nil, refusePage(ctx, err)
	}
	if err != nil {
		return nil, err
	}
	at.ProcedureCount = int32(s.catalog.index.Count(at.GetCode()))
	response := &portalv1.ListProceduresResponse{Place: at, NextPageToken: next}
	for _, v := range versions {
		p := shape(v.Content)
		p.Version = int32(v.Version)
		p.Versions = []*portalv1.ProcedureVersion{
			{Version: p.GetVersion(), EffectiveFrom: v.EffectiveFrom, RegisteredAt: v.RegisteredAt, Current: true},
		}
		p.Due = due(p.GetContent(), time.Time{}, s.catalog.now())
		response.Procedures = append(response.Procedures, p)
	}
	return response, nil
}
