package live

import (
	"context"

	"madoguchi/backend/door/mount"
	"madoguchi/backend/store/db"
	"madoguchi/proto/gen/portal/v1/portalv1connect"
)

// Feature declares the stream. The hub is closed by whoever serves.
func (h *Hub) Feature() mount.Feature {
	return mount.Feature{
		Name:     "live",
		Services: []mount.Service{mount.Serve(portalv1connect.NewLiveServiceHandler)(h)},
		Loops:    map[string]func(context.Context){"live": h.Run},
		// It goes with the folder's row, and by itself after some minutes.
		Export: map[string]mount.Tell{"live_change": mount.Rows((*db.Queries).LiveChangesOfFolder)},
	}
}
