package application

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"madoguchi/backend/outside/tell"
	"madoguchi/backend/store/db"
	"madoguchi/backend/store/jobs"
	portalv1 "madoguchi/proto/gen/portal/v1"
)

const (
	tendEvery = time.Minute
	tendSize  = 100
	// graceOfReturn is what a return has beyond its last moment: what was signed in time may be on its way.
	graceOfReturn = 10 * time.Minute
)

// warnings are how many days before something is deleted the person is told.
var warnings = []int64{30, 7}

const jobReceipt = "application.receipt"

// receiptJob has what arrived stamped with the time, and its receipt written.
type receiptJob struct {
	Folder, Application string
	Revision            int64
}

// receipt does such a job. Where the authority cannot be reached it is tried again, for some hours; what was sent has
// arrived all the same.
func (s *Service) receipt(ctx context.Context, payload []byte) error {
	var job receiptJob
	if err := json.Unmarshal(payload, &job); err != nil {
		return jobs.Permanent(fmt.Errorf("reading which receipt is to be written: %w", err))
	}
	one, err := readSent(ctx, s.DB.Read(), job.Folder, job.Application, job.Revision)
	if errors.Is(err, db.ErrNotFound) {
		return nil // it was deleted
	}
	if err != nil {
		return err
	}
	if s.Stamp != nil && one.StampedAt == 0 {
		if err := s.stamp(ctx, one); err != nil {
			return err
		}
	}
	if s.Fonts == nil {
		return nil
	}
	return s.keepPaper(ctx, one)
}

// stamp has what was signed stamped: each signature, or the document where nobody signed.
func (s *Service) stamp(ctx context.Context, one *sent) error {
	var got stamps
	contents := [][]byte{one.Document}
	if len(one.Signatures) > 0 {
		contents = nil
		for _, signed := range one.Signatures {
			contents = append(contents, signed.CMS)
		}
	}
	for _, content := range contents {
		token, err := s.Stamp(ctx, content)
		if err != nil {
			return fmt.Errorf("having an application stamped: %w", err)
		}
		got.Tokens = append(got.Tokens, token)
	}
	at, by, err := stampedAt(got.Tokens[0])
	if err != nil {
		return err
	}
	got.By = by
	return s.DB.Tx(ctx, func(q *db.Queries) error {
		sealed, err := sealJSON(ctx, q, one.FolderID, "stamp", one.SendID, got)
		if err != nil {
			return err
		}
		_, err = q.ApplicationSentStamp(ctx, db.ApplicationSentStampParams{
			FolderID: one.FolderID, ApplicationID: one.ApplicationID, Revision: one.Revision,
			StampedAt: at.UnixMilli(), Stamp: sealed,
		})
		if err != nil {
			return fmt.Errorf("writing a time stamp: %w", err)
		}
		return look(ctx, q, db.Application{FolderID: one.FolderID, ID: one.ApplicationID})
	})
}

// Run does what is due, until ctx ends.
func (s *Service) Run(ctx context.Context) {
	for {
		if err := s.Tend(ctx); err != nil && ctx.Err() == nil {
			slog.ErrorContext(ctx, "tending applications", "cause", err)
		}
		select {
		case <-ctx.Done():
			return
		case <-time.After(tendEvery):
		}
	}
}

// Tend does once what is due: what was not corrected or signed in time lapses, and what is to be deleted is announced
// and deleted.
func (s *Service) Tend(ctx context.Context) error {
	err := errors.Join(s.lapse(ctx), s.warn(ctx), s.delete(ctx))
	return errors.Join(err, s.DB.Tx(ctx, func(q *db.Queries) error {
		if _, err := q.ApplicationProofsForget(ctx, s.Now().UnixMilli()); err != nil {
			return fmt.Errorf("forgetting proofs that have ended: %w", err)
		}
		_, err := q.ApplicationPaceForget(ctx, s.Now().Add(-usualFor).UnixMilli())
		return err
	}))
}

func (s *Service) lapse(ctx context.Context) error {
	now := s.Now()
	due, err := s.DB.Read().ApplicationsDue(ctx, db.ApplicationsDueParams{
		Now: now.Add(-graceOfReturn).UnixMilli(), Size: tendSize,
	})
	if err != nil {
		return fmt.Errorf("looking for applications that were not corrected: %w", err)
	}
	var failed error
	for _, found := range due {
		failed = errors.Join(failed, s.DB.Tx(ctx, func(q *db.Queries) error {
			row, err := q.ApplicationGet(ctx, db.ApplicationGetParams{FolderID: found.FolderID, ID: found.ID})
			if err != nil || row.DueAt == 0 || row.DueAt != found.DueAt {
				return skip(err)
			}
			if err := s.close(ctx, q, &row, now); err != nil {
				return err
			}
			step := &portalv1.ApplicationStep{State: lapsed, At: now.UnixMilli()}
			if row.ArrivedAt == 0 {
				err = s.move(ctx, q, &row, "", step)
			} else {
				err = s.moveForOffice(ctx, q, &row, "", step)
			}
			if err != nil {
				return err
			}
			return s.letKnow(ctx, q, row, now)
		}))
	}
	s.wakeAfter(len(due))
	return failed
}

// warn tells people of what is deleted soon.
func (s *Service) warn(ctx context.Context) error {
	now := s.Now()
	var failed error
	for _, days := range warnings {
		before := now.AddDate(0, 0, int(days)).UnixMilli()
		soon, err := s.DB.Read().ApplicationsGoing(ctx, db.ApplicationsGoingParams{
			Before: before, Warned: days, Size: tendSize,
		})
		if err != nil {
			return fmt.Errorf("looking for applications that are deleted soon: %w", err)
		}
		for _, found := range soon {
			failed = errors.Join(failed, s.DB.Tx(ctx, func(q *db.Queries) error {
				row, err := q.ApplicationGet(ctx, db.ApplicationGetParams{FolderID: found.FolderID, ID: found.ID})
				if err != nil || row.GoneAt == 0 || row.Warned > 0 && row.Warned <= days {
					return skip(err)
				}
				row.Warned = days
				// Where the portal stood still, what was told late is kept for as long as was told.
				row.GoneAt = max(row.GoneAt, before)
				if err := s.set(ctx, q, &row); err != nil {
					return err
				}
				return s.tell(ctx, q, row, tell.ApplicationEnding, time.UnixMilli(row.GoneAt))
			}))
		}
		s.wakeAfter(len(soon))
	}
	return failed
}

// delete deletes what was announced for long enough.
func (s *Service) delete(ctx context.Context) error {
	last := warnings[len(warnings)-1]
	gone, err := s.DB.Read().ApplicationsGone(ctx, db.ApplicationsGoneParams{
		Now: s.Now().UnixMilli(), Warned: last, Size: tendSize,
	})
	if err != nil {
		return fmt.Errorf("looking for applications to delete: %w", err)
	}
	var failed error
	for _, row := range gone {
		failed = errors.Join(failed, s.DB.Erase(ctx, func(q *db.Queries) error {
			now, err := q.ApplicationGet(ctx, db.ApplicationGetParams{FolderID: row.FolderID, ID: row.ID})
			if err != nil || now.GoneAt != row.GoneAt {
				return skip(err) // the person keeps it
			}
			if err := s.Drafts.Forget(ctx, q, row.FolderID, row.ID); err != nil {
				return err
			}
			of := db.ApplicationDeleteSentParams{FolderID: row.FolderID, ApplicationID: row.ID}
			err = errors.Join(q.ApplicationDeleteSent(ctx, of),
				q.ApplicationDeleteSteps(ctx, db.ApplicationDeleteStepsParams(of)),
				q.ApplicationDeleteMessages(ctx, db.ApplicationDeleteMessagesParams(of)))
			if err != nil {
				return fmt.Errorf("deleting an application: %w", err)
			}
			if _, err := q.ApplicationDelete(ctx, db.ApplicationDeleteParams{
				FolderID: row.FolderID, ID: row.ID,
			}); err != nil {
				return fmt.Errorf("deleting an application: %w", err)
			}
			return look(ctx, q, row)
		}))
	}
	return failed
}

func skip(err error) error {
	if errors.Is(err, db.ErrNotFound) {
		return nil
	}
	return err
}

func (s *Service) wakeAfter(changed int) {
	if changed > 0 {
		s.Wake()
	}
}

// letKnow tells the person that something moved, as they chose.
func (s *Service) letKnow(ctx context.Context, q *db.Queries, row db.Application, at time.Time) error {
	return s.tell(ctx, q, row, tell.Application, at)
}

func (s *Service) tell(ctx context.Context, q *db.Queries, row db.Application, kind tell.Kind, at time.Time) error {
	if !row.Tell {
		return nil
	}
	_, err := tell.Tell(ctx, q, row.FolderID, kind, tell.About{At: at})
	return err
}
