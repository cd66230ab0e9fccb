package usage

import (
	"context"
	"log/slog"
	"time"

	"madoguchi/backend/store/act"
	"madoguchi/backend/store/db"
)

const (
	// keptFor is how many years a line stays.
	keptFor   = 10
	tendEvery = 24 * time.Hour
	tendBatch = 500 // folders in a transaction
)

// tend takes away once a day what is older than ten years, until ctx ends.
func (s *Service) tend(ctx context.Context) {
	for {
		if _, err := s.Forget(ctx); err != nil && ctx.Err() == nil {
			slog.ErrorContext(ctx, "taking old lines out of the histories of use", "cause", err)
		}
		select {
		case <-ctx.Done():
			return
		case <-time.After(tendEvery):
		}
	}
}

// Forget takes away what is older than ten years, folder by folder: each is found by its own index.
func (s *Service) Forget(ctx context.Context) (gone int64, err error) {
	before := s.now().AddDate(-keptFor, 0, 0).UnixMilli()
	for after := ""; ; {
		folders, err := s.db.Read().FolderIDsFollowing(ctx, db.FolderIDsFollowingParams{After: after, Size: tendBatch})
		if err != nil || len(folders) == 0 {
			return gone, err
		}
		after = folders[len(folders)-1]
		old, err := s.forget(ctx, folders, before)
		if err != nil {
			return gone, err
		}
		gone += old
	}
}

// forget takes it away of some folders, in a transaction where there is something to take.
func (s *Service) forget(ctx context.Context, folders []string, before int64) (gone int64, err error) {
	var aged []string
	for _, folder := range folders {
		first, err := act.First(ctx, s.db.Read(), folder)
		if err != nil {
			return 0, err
		}
		if first > 0 && first < before {
			aged = append(aged, folder)
		}
	}
	if len(aged) == 0 {
		return 0, nil
	}
	err = s.db.Tx(ctx, func(q *db.Queries) error {
		gone = 0
		for _, folder := range aged {
			n, err := q.UsageForget(ctx, db.UsageForgetParams{FolderID: folder, Before: before})
			if err != nil {
				return err
			}
			gone += n
		}
		return nil
	})
	return gone, err
}
