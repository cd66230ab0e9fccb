package guide

import (
	"context"

	"madoguchi/backend/door/document"
	"madoguchi/backend/door/mount"
	"madoguchi/backend/store/db"
	"madoguchi/proto/gen/portal/v1/portalv1connect"
)

// Feature declares the events of life and the to-do list.
func Feature(h *mount.House, r Registry) mount.Feature {
	s := New(h.DB, r)
	return mount.Feature{
		Name:      "guide",
		Services:  []mount.Service{mount.Serve(portalv1connect.NewGuideServiceHandler)(s)},
		Documents: map[string]document.Func{"event": s.Document},
		Addresses: Addresses(),
		Export:    map[string]mount.Tell{"task": tell}, // which goes with the folder's row
	}
}

func tell(ctx context.Context, q *db.Queries, folderID string) (any, error) {
	return list(ctx, q, folderID)
}
