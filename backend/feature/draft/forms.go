package draft

import (
	"context"
	"fmt"
	"iter"
	"slices"
	"strings"

	"madoguchi/backend/door/access"
	"madoguchi/backend/door/office"
	"madoguchi/backend/japan/bank"
	"madoguchi/backend/japan/forms"
	"madoguchi/backend/japan/municipality"
	"madoguchi/backend/store/db"
	"madoguchi/proto/clock"
	"madoguchi/proto/form"
	portalv1 "madoguchi/proto/gen/portal/v1"
)

// duty is what an office is registered for that takes applications; the applications' feature declares it.
const duty = "application"

// taken is a form that a place takes, and whom it is addressed to.
type taken struct {
	*form.Form
	// Current is the version that holds today; another than the form's where an older one was asked for.
	Current string
	Office  db.Office
	Place   municipality.Municipality
}

// versions are those of all forms that a place may take, by the forms' ids: its own, and the nation's where it has none
// under that id.
func (s *Service) versions(ctx context.Context, q *db.Queries, place string) (map[string][]*form.Form, error) {
	all, err := s.published.OfPlace(ctx, q, place)
	if err != nil {
		return nil, err
	}
	for _, f := range forms.All() {
		if all[f.ID] == nil {
			all[f.ID] = []*form.Form{f}
		}
	}
	return all, nil
}

// taken finds a form that a place takes today, by its id or the number of its procedure; version may be empty for the
// one that holds today. A *refusal when there is none.
func (s *Service) taken(ctx context.Context, q *db.Queries, placeCode, id, version string) (taken, error) {
	place, ok := municipality.ByCode(placeCode)
	if !ok {
		return taken{}, notFound("place", "there is no such municipality")
	}
	to, ok, err := office.OfPlace(ctx, q, place, duty)
	if err != nil {
		return taken{}, err
	}
	if !ok {
		return taken{}, notFound("place", "the place takes no applications")
	}
	all, err := s.versions(ctx, q, place.Code)
	if err != nil {
		return taken{}, err
	}
	today := clock.Day(s.now())
	holding, ok := find(all, id, today)
	if !ok {
		return taken{}, notFound("form", "the place has no such form that holds today")
	}
	found := taken{Form: holding, Current: holding.Version, Office: to, Place: place}
	if version == "" {
		return found, nil
	}
	for _, f := range all[holding.ID] {
		if f.Version == version && f.Holds(today) {
			found.Form = f
			return found, nil
		}
	}
	return taken{}, notFound("version", "the form has no such version that holds today")
}

// find looks for a form by its id, then by the number of its procedure, where the first by id has it.
func find(all map[string][]*form.Form, id, today string) (*form.Form, bool) {
	if f, ok := form.Holding(all[id], today); ok {
		return f, true
	}
	for _, f := range holding(all, today) {
		if f.Procedure == id {
			return f, true
		}
	}
	return nil, false
}

// holding are the forms that hold on a day, by their ids.
func holding(all map[string][]*form.Form, day string) (list []*form.Form) {
	for _, versions := range all {
		if f, ok := form.Holding(versions, day); ok {
			list = append(list, f)
		}
	}
	slices.SortFunc(list, func(a, b *form.Form) int { return strings.Compare(a.ID, b.ID) })
	return list
}

// Form finds a version of a form whether the place still takes it or not: what was begun goes on. False when it is
// not there any more.
func (s *Service) Form(
	ctx context.Context, q *db.Queries, place, id, version string,
) (*form.Form, bool, error) {
	all, err := s.versions(ctx, q, place)
	if err != nil {
		return nil, false, err
	}
	for _, f := range all[id] {
		if f.Version == version {
			return f, true, nil
		}
	}
	f, builtIn := forms.ByID(id)
	return f, builtIn && f.Version == version, nil
}

// fieldsOf goes through the fields outside of rows.
func fieldsOf(f *form.Form) iter.Seq[form.Field] {
	return func(yield func(form.Field) bool) {
		for _, section := range f.Sections {
			for _, field := range section.Fields {
				if !yield(field) {
					return
				}
			}
		}
	}
}

// ListForms tells what can be filed with a place.
func (s *Service) ListForms(
	ctx context.Context, request *portalv1.ListFormsRequest,
) (*portalv1.ListFormsResponse, error) {
	place, ok := municipality.ByCode(request.GetPlace())
	if !ok {
		return nil, access.NotFound(ctx, "place", nil)
	}
	takes, err := s.takenAt(ctx, place)
	if err != nil {
		return nil, err
	}
	response := &portalv1.ListFormsResponse{}
	for _, f := range takes {
		response.Forms = append(response.Forms, &portalv1.FormSummary{
			Form: f.ID, Version: f.Version, Procedure: f.Procedure, Title: f.Texts["title"].In(request.GetLanguage()),
			Sign: string(f.Sign),
		})
	}
	return response, nil
}

// takenAt are the forms that a place takes today, by their ids.
func (s *Service) takenAt(ctx context.Context, place municipality.Municipality) ([]*form.Form, error) {
	q := s.db.Read()
	_, takes, err := office.OfPlace(ctx, q, place, duty)
	if err != nil || !takes {
		return nil, err
	}
	all, err := s.versions(ctx, q, place.Code)
	if err != nil {
		return nil, err
	}
	return holding(all, clock.Day(s.now())), nil
}

// FormFor is the form by which a place takes a procedure today, for the first of procedures that it takes; empty when
// it takes none, or is no municipality.
func (s *Service) FormFor(ctx context.Context, code string, procedures ...string) (string, error) {
	place, ok := municipality.ByCode(code)
	if !ok {
		return "", nil
	}
	takes, err := s.takenAt(ctx, place)
	if err != nil {
		return "", fmt.Errorf("finding the form for a procedure: %w", err)
	}
	for _, p := range procedures {
		i := slices.IndexFunc(takes, func(f *form.Form) bool { return f.Procedure == p })
		if p != "" && i >= 0 {
			return takes[i].ID, nil
		}
	}
	return "", nil
}

// GetForm gives one of them.
func (s *Service) GetForm(ctx context.Context, request *portalv1.GetFormRequest) (*portalv1.GetFormResponse, error) {
	q := s.db.Read()
	taken, err := s.taken(ctx, q, request.GetPlace(), request.GetForm(), request.GetVersion())
	if err != nil {
		return nil, told(ctx, err)
	}
	response := &portalv1.GetFormResponse{
		Definition: taken.Canonical(), Office: taken.Office.ID, OfficeName: taken.Office.Name, Place: taken.Place.Code,
		PlaceName: taken.Place.Name, PlaceEnglish: municipality.English(taken.Place.Code),
		Current: taken.Current, Until: taken.ValidUntil,
	}
	if s.needs.Usual != nil {
		response.UsualDays, response.UsualOf, err = s.needs.Usual(ctx, q, taken.Office.ID, taken.ID)
	}
	return response, err
}

// ListBanks tells the banks, or the branches of one.
func (s *Service) ListBanks(
	_ context.Context, request *portalv1.ListBanksRequest,
) (*portalv1.ListBanksResponse, error) {
	list := bank.All()
	if of := request.GetBank(); of != "" {
		var err error
		if list, err = bank.Branches(of); err != nil {
			return nil, fmt.Errorf("reading the branches of %s: %w", of, err)
		}
	}
	response := &portalv1.ListBanksResponse{Banks: make([]*portalv1.Bank, len(list))}
	for i, b := range list {
		response.Banks[i] = &portalv1.Bank{Code: b.Code, Name: b.Name, Kana: b.Kana, Also: b.Also()}
	}
	return response, nil
}
