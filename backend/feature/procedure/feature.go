package procedure

import (
	"context"

	"madoguchi/backend/door/document"
	"madoguchi/backend/door/mount"
	"madoguchi/proto/gen/office/v1/officev1connect"
	"madoguchi/proto/gen/portal/v1/portalv1connect"
)

// Feature declares the procedures and the places that they are looked for in.
func Feature(h *mount.House, c *Catalog, needs Needs) mount.Feature {
	places, procedures := NewPlaces(c), New(c, needs)
	return mount.Feature{
		Name: "procedure",
		Services: []mount.Service{
			mount.Serve(portalv1connect.NewPlaceServiceHandler)(places),
			mount.Serve(portalv1connect.NewProcedureServiceHandler)(procedures),
			mount.Serve(officev1connect.NewProcedureServiceHandler)(NewIntake(h.DB, c)),
		},
		Loops: map[string]func(context.Context){"procedures": c.Run},
		Documents: map[string]document.Func{
			"procedure": procedures.Document, "search": procedures.SearchDocument, "places": places.Document,
		},
		Forms:     map[string]document.Func{"search": procedures.SearchForm},
		Addresses: Addresses(),
		Duties:    []mount.Duty{{Name: dutyProcedure, Prefectures: true}},
	}
}

// dutyProcedure lets an office register procedures of its own place.
const dutyProcedure = "procedure"
