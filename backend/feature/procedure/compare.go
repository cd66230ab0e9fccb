package procedure

import (
	"context"
	"slices"
	"strings"

	"madoguchi/backend/door/access"
	"madoguchi/backend/japan/catalog"
	portalv1 "madoguchi/proto/gen/portal/v1"
)

// CompareProcedures lays up to four places side by side (地域比較).
func (s *Service) CompareProcedures(
	ctx context.Context, request *portalv1.CompareProceduresRequest,
) (*portalv1.CompareProceduresResponse, error) {
	if err := s.catalog.ready(ctx); err != nil {
		return nil, err
	}
	response := &portalv1.CompareProceduresResponse{}
	for i, code := range request.GetPlaceCodes() {
		at, ok := placeOf(code)
		if !ok || at == nil || at.GetKind() == portalv1.Place_KIND_PREFECTURE ||
			slices.Contains(request.GetPlaceCodes()[:i], code) {
			return nil, access.NotFound(ctx, "place_codes", nil)
		}
		response.Places = append(response.Places, at)
	}
	whole := len(request.GetDefinitions()) == 1
	for _, number := range request.GetDefinitions() {
		d, ok := catalog.ByNumber(number)
		if !ok {
			return nil, access.NotFound(ctx, "definitions", nil)
		}
		var columns []*portalv1.GetProcedureResponse
		for _, at := range response.GetPlaces() {
			column, err := s.find(ctx, at, number, 0)
			if err != nil {
				return nil, err
			}
			columns = append(columns, column)
		}
		response.Procedures = append(response.Procedures, &portalv1.CompareProceduresResponse_Procedure{
			Definition: number, Name: local(d.Name), Rows: rows(columns, whole),
		})
	}
	return response, nil
}

// line is one field that is compared: what it says in a place, and whether it is also shown where several procedures
// stand below each other.
type line struct {
	field portalv1.CompareProceduresResponse_Field
	brief bool
	says  func(p *portalv1.GetProcedureResponse) []string
}

func one(get func(c *portalv1.ProcedureContent) string) func(p *portalv1.GetProcedureResponse) []string {
	return func(p *portalv1.GetProcedureResponse) []string {
		if s := get(p.GetContent()); s != "" {
			return []string{s}
		}
		return nil
	}
}

func answer(yes bool) []string {
	if yes {
		return []string{"yes"}
	}
	return []string{"no"}
}

var lines = []line{
	{portalv1.CompareProceduresResponse_FIELD_REGISTERED, true, func(p *portalv1.GetProcedureResponse) []string {
		return answer(!p.GetUnregistered())
	}},
	{portalv1.CompareProceduresResponse_FIELD_TITLE, false, one((*portalv1.ProcedureContent).GetTitle)},
	{portalv1.CompareProceduresResponse_FIELD_ONLINE, true, func(p *portalv1.GetProcedureResponse) []string {
		return answer(p.GetContent().GetOnline())
	}},
	{portalv1.CompareProceduresResponse_FIELD_SIGNATURE, false, func(p *portalv1.GetProcedureResponse) []string {
		return []string{string(catalog.SignatureOf(p.GetContent().GetSignature()))}
	}},
	{portalv1.CompareProceduresResponse_FIELD_TARGET, false, one((*portalv1.ProcedureContent).GetTarget)},
	{portalv1.CompareProceduresResponse_FIELD_DEADLINE, true, one((*portalv1.ProcedureContent).GetDeadline)},
	{portalv1.CompareProceduresResponse_FIELD_FEE, true, one((*portalv1.ProcedureContent).GetFee)},
	{portalv1.CompareProceduresResponse_FIELD_DOCUMENTS, false, func(p *portalv1.GetProcedureResponse) []string {
		var list []string
		for _, d := range p.GetContent().GetDocuments() {
			text := d.GetName()
			if d.GetCondition() != "" {
				text += "（" + d.GetCondition() + "）"
			}
			list = append(list, text)
		}
		return list
	}},
	{portalv1.CompareProceduresResponse_FIELD_BRING, false, func(p *portalv1.GetProcedureResponse) []string {
		return p.GetContent().GetBring()
	}},
	{
		portalv1.CompareProceduresResponse_FIELD_DEPARTMENT, true,
		one(func(c *portalv1.ProcedureContent) string { return c.GetDesk().GetDepartment() }),
	},
	{portalv1.CompareProceduresResponse_FIELD_ADDRESS, false, one(func(c *portalv1.ProcedureContent) string {
		return strings.TrimSpace(c.GetDesk().GetBuilding() + " " + c.GetDesk().GetAddress())
	})},
	{
		portalv1.CompareProceduresResponse_FIELD_PHONE, false,
		one(func(c *portalv1.ProcedureContent) string { return c.GetDesk().GetPhone() }),
	},
	{
		portalv1.CompareProceduresResponse_FIELD_HOURS, false,
		one(func(c *portalv1.ProcedureContent) string { return c.GetDesk().GetHours() }),
	},
}

// Every place has its own department, address and telephone: that is no difference worth a mark.
var alwaysOwn = []portalv1.CompareProceduresResponse_Field{
	portalv1.CompareProceduresResponse_FIELD_TITLE, portalv1.CompareProceduresResponse_FIELD_DEPARTMENT,
	portalv1.CompareProceduresResponse_FIELD_ADDRESS, portalv1.CompareProceduresResponse_FIELD_PHONE,
}

// rows compares field by field; a field that no place says anything of is left out.
func rows(columns []*portalv1.GetProcedureResponse, whole bool) []*portalv1.CompareProceduresResponse_Row {
	var list []*portalv1.CompareProceduresResponse_Row
	for _, l := range lines {
		if !whole && !l.brief {
			continue
		}
		row := &portalv1.CompareProceduresResponse_Row{Field: l.field}
		empty := true
		for _, p := range columns {
			says := l.says(p)
			empty = empty && len(says) == 0
			row.Cells = append(row.Cells, &portalv1.CompareProceduresResponse_Cell{Lines: says})
		}
		if empty {
			continue
		}
		if !slices.Contains(alwaysOwn, l.field) {
			mark(row)
		}
		list = append(list, row)
	}
	return list
}

// mark finds the cells that differ from the most common answer, and the lines that do not stand in every place.
func mark(row *portalv1.CompareProceduresResponse_Row) {
	count, most := map[string]int{}, 0
	key := func(c *portalv1.CompareProceduresResponse_Cell) string {
		sorted := slices.Clone(c.GetLines()) // the same documents in another order are the same
		slices.Sort(sorted)
		return strings.Join(sorted, "\n")
	}
	for _, c := range row.GetCells() {
		count[key(c)]++
		most = max(most, count[key(c)])
	}
	if len(count) == 1 {
		return
	}
	row.Differs = true
	common := ""
	for _, c := range row.GetCells() { // the first of the most common ones
		if count[key(c)] == most {
			common = key(c)
			break
		}
	}
	for _, c := range row.GetCells() {
		c.Differs = most == 1 || key(c) != common
		for i, text := range c.GetLines() {
			if slices.ContainsFunc(row.GetCells(), func(other *portalv1.CompareProceduresResponse_Cell) bool {
				return !slices.Contains(other.GetLines(), text)
			}) {
				c.Own = append(c.Own, int32(i))
			}
		}
	}
}
