package procedure

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"madoguchi/backend/door/access"
	"madoguchi/backend/door/office"
	"madoguchi/backend/feature/procedure/entry"
	"madoguchi/backend/japan/catalog"
	"madoguchi/backend/japan/municipality"
	"madoguchi/backend/store/db"
	"madoguchi/backend/store/page"
	officev1 "madoguchi/proto/gen/office/v1"
)

// Intake implements office.v1's ProcedureService: what offices register for their own place.
type Intake struct {
	db      *db.DB
	catalog *Catalog
}

// NewIntake makes the service.
func NewIntake(d *db.DB, c *Catalog) *Intake { return &Intake{d, c} }

// PutProcedures registers entries, all or none of them.
func (s *Intake) PutProcedures(
	ctx context.Context, request *officev1.PutProceduresRequest,
) (*officev1.PutProceduresResponse, error) {
	from, err := s.allowed(ctx, request.GetPlaceCode(), request.GetEffectiveFrom())
	if err != nil {
		return nil, err
	}
	response := &officev1.PutProceduresResponse{}
	first := map[string]int{}
	for i, c := range request.GetProcedures() {
		for _, f := range catalog.Check(c) {
			response.Errors = append(response.Errors, &officev1.EntryError{
				Index: int32(i), Number: clip(c.GetNumber()), Field: f.Field, Message: f.Message,
			})
		}
		if before, twice := first[c.GetNumber()]; twice {
			response.Errors = append(response.Errors, &officev1.EntryError{
				Index: int32(i), Number: clip(c.GetNumber()), Field: "number",
				Message: fmt.Sprintf("同じ手続番号が%d番目にもあります。片方を消してください。", before+1),
			})
		}
		first[c.GetNumber()] = i
	}
	if len(response.GetErrors()) > 0 {
		return response, nil
	}
	registered, unchanged, err := s.catalog.store.Put(ctx, request.GetPlaceCode(), from,
		access.FromContext(ctx).OfficeID, request.GetProcedures())
	if err != nil {
		return nil, fmt.Errorf("registering procedures: %w", err)
	}
	s.catalog.changed()
	response.Registered, response.Unchanged = int32(registered), int32(unchanged)
	return response, nil
}

// clip shortens what is sent back of a number that is none.
func clip(s string) string {
	if r := []rune(s); len(r) > 40 {
		return string(r[:40])
	}
	return strings.ToValidUTF8(s, "�")
}

// EndProcedure says that a procedure is no more from a day on.
func (s *Intake) EndProcedure(
	ctx context.Context, request *officev1.EndProcedureRequest,
) (*officev1.EndProcedureResponse, error) {
	from, err := s.allowed(ctx, request.GetPlaceCode(), request.GetEffectiveFrom())
	if err != nil {
		return nil, err
	}
	err = s.catalog.store.End(ctx, request.GetPlaceCode(), clip(request.GetNumber()), from,
		access.FromContext(ctx).OfficeID)
	if errors.Is(err, entry.ErrNoProcedure) {
		return nil, access.NotFound(ctx, "number", nil)
	}
	if err != nil {
		return nil, fmt.Errorf("ending a procedure: %w", err)
	}
	s.catalog.changed()
	return &officev1.EndProcedureResponse{}, nil
}

// allowed checks that the caller may register for a place, and from when on.
func (s *Intake) allowed(ctx context.Context, place, from string) (string, error) {
	caller, err := office.Calling(ctx, s.db.Read())
	if err != nil {
		return "", err
	}
	own := caller.MunicipalityCode
	if own == "" {
		own = catalog.Nation
	}
	if m, ok := municipality.ByCode(place); place != own && (!ok || m.Office() != own) {
		return "", access.Forbidden(ctx, "place_code", errors.New("an office registers for its own place"))
	}
	today := s.catalog.today()
	if from == "" {
		return today, nil
	}
	if from < today || catalog.TooFar(from, today) {
		return "", access.Invalid(ctx, "effective_from", errors.New("not a day from today on"))
	}
	return from, nil
}

// ListProcedures shows an office its own entries: those of its place and of its wards.
func (s *Intake) ListProcedures(
	ctx context.Context, request *officev1.ListProceduresRequest,
) (*officev1.ListProceduresResponse, error) {
	size, err := listPages.Size(request.GetPageSize())
	if err != nil {
		return nil, refusePage(ctx, err)
	}
	caller, err := office.Calling(ctx, s.db.Read())
	if err != nil {
		return nil, err
	}
	places := []string{catalog.Nation}
	if own := caller.MunicipalityCode; own != "" {
		places = []string{own}
		for _, m := range municipality.All() {
			if m.City == own {
				places = append(places, m.Code)
			}
		}
	}
	read := func(place, number string, size int) ([]entry.Version, error) {
		return s.catalog.store.LatestAfter(ctx, place, number, size)
	}
	versions, next, err := entriesOf(page.Of("own", caller.ID), request.GetPageToken(), size, places, read)
	if errors.Is(err, page.ErrToken) {
		return nil, refusePage(ctx, err)
	}
	if err != nil {
		return nil, err
	}
	response := &officev1.ListProceduresResponse{NextPageToken: next}
	for _, v := range versions {
		response.Procedures = append(response.Procedures, &officev1.OwnProcedure{
			PlaceCode: v.Place, Content: v.Content, Version: int32(v.Version),
			EffectiveFrom: v.EffectiveFrom, Ended: v.Ended,
		})
	}
	return response, nil
}
