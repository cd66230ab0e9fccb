package draft

import (
	"context"
	"fmt"
	"log/slog"
	"time"

	"madoguchi/backend/outside/tell"
	"madoguchi/backend/store/db"
)

const (
	// warnBefore is how long before a draft is dropped its person is told.
	warnBefore = 7 * 24 * time.Hour
	// An upload that was not finished is gone after this.
	uploadFor = 7 * 24 * time.Hour
	batch     = 200
	tendEvery = 10 * time.Minute
)

// Run tells of drafts that will be dropped, drops them, and erases what is over, until ctx ends.
func (s *Service) Run(ctx context.Context) {
	tick := time.NewTicker(tendEvery)
	defer tick.Stop()
	for {
		if err := s.Tend(ctx); err != nil && ctx.Err() == nil {
			slog.ErrorContext(ctx, "old drafts were not tended", "cause", err)
		}
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
	}
}

// Tend does it once. Nothing is dropped before its person was told, and then has had the time that was told.
func (s *Service) Tend(ctx context.Context) error {
	for _, one := range []struct {
		doing string
		do    func(context.Context, *db.Queries) (int, error)
	}{
		{"telling of drafts that will be dropped", s.warn},
		{"dropping and erasing drafts", s.end},
		{"erasing uploads that were left", s.eraseUploads},
	} {
		for done := batch; done == batch; {
			err := s.db.Erase(ctx, func(q *db.Queries) (err error) {
				done, err = one.do(ctx, q)
				return err
			})
			if err != nil {
				return fmt.Errorf("%s: %w", one.doing, err)
			}
		}
	}
	s.wake() // for the letters
	return nil
}

func (s *Service) warn(ctx context.Context, q *db.Queries) (int, error) {
	until := s.now().Add(warnBefore)
	rows, err := q.DraftsUnwarned(ctx, db.DraftsUnwarnedParams{Before: until.UnixMilli(), Size: batch})
	if err != nil {
		return 0, err
	}
	for _, row := range rows {
		// Where the portal stood still, what was told late is kept longer.
		gone := max(row.GoneAt, until.UnixMilli())
		err := q.DraftWarned(ctx, db.DraftWarnedParams{FolderID: row.FolderID, ID: row.ID, GoneAt: gone})
		if err != nil {
			return 0, err
		}
		about := tell.About{At: time.UnixMilli(gone)}
		if _, err := tell.Tell(ctx, q, row.FolderID, tell.DraftEnding, about); err != nil {
			return 0, err
		}
		if err := changed(ctx, q, row.FolderID, row.ID); err != nil {
			return 0, err
		}
	}
	return len(rows), nil
}

func (s *Service) end(ctx context.Context, q *db.Queries) (int, error) {
	rows, err := q.DraftsEnded(ctx, db.DraftsEndedParams{Now: s.now().UnixMilli(), Size: batch})
	if err != nil {
		return 0, err
	}
	for _, row := range rows {
		if row.State == open {
			err = s.setState(ctx, q, stored{Draft: db.Draft{FolderID: row.FolderID, ID: row.ID}}, dropped)
		} else {
			err = eraseDraft(ctx, q, row.FolderID, row.ID)
		}
		if err != nil {
			return 0, err
		}
	}
	return len(rows), nil
}

// eraseDraft removes a draft with what is attached to it alone.
func eraseDraft(ctx context.Context, q *db.Queries, folder, id string) error {
	attached, err := q.AttachmentsOfDraft(ctx, db.AttachmentsOfDraftParams{FolderID: folder, DraftID: id})
	if err != nil {
		return err
	}
	for _, row := range attached {
		if err := leave(ctx, q, row); err != nil {
			return err
		}
	}
	if _, err := q.DraftErase(ctx, db.DraftEraseParams{FolderID: folder, ID: id}); err != nil {
		return err
	}
	return changed(ctx, q, folder, id)
}

func (s *Service) eraseUploads(ctx context.Context, q *db.Queries) (int, error) {
	rows, err := q.AttachmentsUnfinished(ctx, db.AttachmentsUnfinishedParams{
		Before: s.now().Add(-uploadFor).UnixMilli(), Size: batch,
	})
	if err != nil {
		return 0, err
	}
	for _, row := range rows {
		if err := erase(ctx, q, row.FolderID, row.ID); err != nil {
			return 0, err
		}
	}
	return len(rows), nil
}
