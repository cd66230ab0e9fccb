// Package device knows on which devices something of a person is kept (この端末), and keeps what opens it there for who is
// logged in. What is kept on a device the portal never sees.
package device

import (
	"madoguchi/backend/door/mount"
	"madoguchi/backend/store/db"
	"madoguchi/backend/store/keys"
	"madoguchi/proto/gen/portal/v1/portalv1connect"
)

// Feature declares what joins the portal.
func Feature(h *mount.House) mount.Feature {
	return mount.Feature{
		Name: "device",
		Services: []mount.Service{
			mount.Serve(portalv1connect.NewDeviceServiceHandler)(New(h.DB, h.Keys.Ring(keys.Device), h.Now)),
		},
		// Which goes with the folder's row: no Erase.
		Export: map[string]mount.Tell{"device": mount.Rows((*db.Queries).DeviceList)},
	}
}
