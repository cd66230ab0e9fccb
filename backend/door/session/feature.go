package session

import (
	"context"
	"log/slog"

	"madoguchi/backend/door/mount"
	"madoguchi/backend/store/audit"
	"madoguchi/backend/store/db"
)

// Feature declares what the door keeps of people.
func (s *Store) Feature() mount.Feature {
	return mount.Feature{
		Name:   "session",
		Loops:  map[string]func(context.Context){"sessions": s.Run},
		Export: map[string]mount.Tell{"session": mount.Rows((*db.Queries).SessionsOfFolder)},
		Erase:  s.erase,
	}
}

// erase ends every session of a person whose folder is closed.
func (s *Store) erase(ctx context.Context, q *db.Queries, folderID string) (after func(context.Context), err error) {
	ended, err := endPerson(ctx, q, folderID)
	if err != nil {
		return nil, err
	}
	return func(ctx context.Context) {
		audit.Log(ctx, audit.SessionEnded, audit.Folder(folderID), slog.String("why", "closed"),
			slog.Int64("sessions", ended))
		s.Look(folderID)
	}, nil
}
