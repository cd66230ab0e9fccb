package myinfo

import (
	"context"
	"fmt"
	"log/slog"
	"time"

	"madoguchi/backend/store/db"
)

const (
	// For so long an office is given a request.
	patience = 30 * 24 * time.Hour
	batch    = 200
	// Answers that are kept until the logout are looked after so often.
	logoutEvery = 10 * time.Second
)

// Run ends what nobody answers, and erases what was kept for long enough, until ctx ends.
func (i *Intake) Run(ctx context.Context) {
	tick := time.NewTicker(logoutEvery)
	defer tick.Stop()
	var all time.Time
	for {
		do := i.sweepLogouts
		if time.Since(all) >= lookEvery {
			all, do = time.Now(), i.Sweep
		}
		if err := do(ctx); err != nil && ctx.Err() == nil {
			slog.ErrorContext(ctx, "what is old was not erased", "cause", err)
		}
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
	}
}

// Sweep does it once.
func (i *Intake) Sweep(ctx context.Context) error {
	for _, one := range []struct {
		doing string
		do    func(context.Context, *db.Queries) (int, error)
	}{
		{"ending requests that nobody answered", i.endOld},
		{"erasing answers that were kept for long enough", i.eraseExpired},
	} {
		for done := batch; done == batch; {
			err := i.db.Erase(ctx, func(q *db.Queries) (err error) {
				done, err = one.do(ctx, q)
				return err
			})
			if err != nil {
				return fmt.Errorf("%s: %w", one.doing, err)
			}
		}
	}
	return i.sweepLogouts(ctx)
}

func (i *Intake) endOld(ctx context.Context, q *db.Queries) (int, error) {
	now := i.now()
	old, err := q.MyinfoOld(ctx, db.MyinfoOldParams{Before: now.Add(-patience).UnixMilli(), Size: batch})
	if err != nil {
		return 0, err
	}
	for _, row := range old {
		if err := q.MyinfoEnd(ctx, db.MyinfoEndParams{FolderID: row.FolderID, ID: row.ID,
			Now: now.UnixMilli()}); err != nil {
			return 0, err
		}
		if err := changed(ctx, q, row.FolderID, row.ID); err != nil {
			return 0, err
		}
	}
	return len(old), nil
}

func (i *Intake) eraseExpired(ctx context.Context, q *db.Queries) (int, error) {
	rows, err := q.MyinfoExpired(ctx, db.MyinfoExpiredParams{Now: i.now().UnixMilli(), Size: batch})
	if err != nil {
		return 0, err
	}
	folders := map[string]bool{}
	for _, row := range rows {
		if _, err := q.MyinfoErase(ctx, db.MyinfoEraseParams(row)); err != nil {
			return 0, err
		}
		folders[row.FolderID] = true
	}
	for folder := range folders {
		if err := newEdition(ctx, q, folder); err != nil {
			return 0, err
		}
	}
	return len(rows), nil
}

// sweepLogouts erases what was kept until the logout of people who have logged out: who had a session when the answer
// came or since, and has none.
func (i *Intake) sweepLogouts(ctx context.Context) error {
	after := db.MyinfoUntilLogoutParams{Size: batch}
	for {
		rows, err := i.db.Read().MyinfoUntilLogout(ctx, after)
		if err != nil {
			return fmt.Errorf("looking for answers that are kept until the logout: %w", err)
		}
		gone := map[string][]string{}
		for _, row := range rows {
			over, err := i.loggedOut(ctx, i.db.Read(), row)
			if err != nil {
				return err
			}
			if over {
				gone[row.FolderID] = append(gone[row.FolderID], row.ID)
			}
			after.After, after.AfterID = row.FolderID, row.ID
		}
		for folder, ids := range gone {
			err := i.db.Erase(ctx, func(q *db.Queries) error { return eraseEach(ctx, q, folder, ids) })
			if err != nil {
				return fmt.Errorf("erasing answers after the logout: %w", err)
			}
		}
		if len(rows) < batch {
			return nil
		}
	}
}

func eraseEach(ctx context.Context, q *db.Queries, folder string, ids []string) error {
	for _, id := range ids {
		if _, err := q.MyinfoErase(ctx, db.MyinfoEraseParams{FolderID: folder, ID: id}); err != nil {
			return err
		}
	}
	return newEdition(ctx, q, folder)
}

func (i *Intake) loggedOut(ctx context.Context, q *db.Queries, row db.MyinfoUntilLogoutRow) (bool, error) {
	here, err := i.needs.LoggedIn(ctx, q, row.FolderID)
	if err != nil || here {
		return false, err
	}
	if row.InSession {
		return true, nil
	}
	folder, err := q.FolderGet(ctx, row.FolderID)
	if err != nil {
		return false, fmt.Errorf("reading a folder: %w", err)
	}
	return folder.LastLoginAt >= row.AnsweredAt, nil
}
