package notice

import (
	"madoguchi/backend/door/live"
	"madoguchi/backend/door/mount"
	"madoguchi/backend/store/db"
	"madoguchi/proto/gen/office/v1/officev1connect"
	"madoguchi/proto/gen/portal/v1/portalv1connect"
)

// Feature declares notices.
func Feature(h *mount.House, hub *live.Hub) mount.Feature {
	return mount.Feature{
		Name: "notice",
		Services: []mount.Service{
			mount.Serve(portalv1connect.NewNoticeServiceHandler)(New(h.DB, hub)),
			mount.Serve(officev1connect.NewNoticeServiceHandler)(NewIntake(h.DB, h.Wake)),
		},
		Duties: []mount.Duty{{Name: dutyNotice}, {Name: dutyNation, National: true}},
		// All of it goes with the folder's row.
		Export: map[string]mount.Tell{
			"notice":         mount.Rows((*db.Queries).NoticesOfFolder),
			"notice_action":  mount.Rows((*db.Queries).NoticeActionsOfFolder),
			"broadcast_read": mount.Rows((*db.Queries).BroadcastsReadByFolder),
		},
	}
}
