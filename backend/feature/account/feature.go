package account

import (
	"context"

	"madoguchi/backend/door/mount"
	"madoguchi/backend/store/db"
	"madoguchi/backend/store/jobs"
	"madoguchi/backend/store/keys"
	"madoguchi/proto/gen/portal/v1/portalv1connect"
)

// Feature declares the user folder; what the house has is filled into c.
func Feature(h *mount.House, c Config) mount.Feature {
	c.DB, c.Counts, c.Wake, c.Erase = h.DB, h.Keys.Ring(keys.Count), h.Wake, h.Erase
	s := New(c)
	return mount.Feature{
		Name:     "account",
		Services: []mount.Service{mount.Serve(portalv1connect.NewAccountServiceHandler)(s)},
		Jobs: map[string]jobs.Handler{
			JobConfirm: s.ConfirmJob, JobChanged: s.ChangedJob, JobUndone: s.UndoneJob,
		},
		Loops: map[string]func(context.Context){"accounts": s.Run},
		// The folder's row goes when all features have erased theirs (CloseAccount), the others go with it.
		Export: map[string]mount.Tell{
			"folder":            mount.Rows((*db.Queries).FolderGet),
			"card":              mount.Rows((*db.Queries).FolderCards),
			"preference":        mount.Rows((*db.Queries).FolderPreferences),
			"mail_confirmation": mount.Rows((*db.Queries).AccountMailConfirmations),
			"mail_change":       mount.Rows((*db.Queries).AccountMailChanges),
		},
	}
}
