package usage

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"google.golang.org/protobuf/proto"

	"madoguchi/backend/store/act"
	"madoguchi/backend/store/db"
	store "madoguchi/backend/store/ledger"
	portalv1 "madoguchi/proto/gen/portal/v1"
	"madoguchi/proto/ledger"
)

// A line of the history is written with the call that it tells of, and must cost next to nothing. So it goes into the
// ledger a little later, with all that came to its folder meanwhile: one leaf a folder and minute.
const (
	gathered  = time.Minute
	lookEvery = 5 * time.Second
	atOnce    = 100 // folders that a look takes
	together  = 16  // of them: one alone would wait for a commit of its own
	inALeaf   = 200 // lines: some 40 KB of the 64 that one may record
)

// Prove makes leaves of what was gathered, until ctx ends.
func (s *Service) Prove(ctx context.Context) {
	for {
		done, err := s.ProveDue(ctx, s.now().Add(-gathered))
		if err != nil && ctx.Err() == nil {
			slog.ErrorContext(ctx, "putting the history of use into the ledger", "cause", err)
		}
		if done == atOnce && err == nil {
			continue // there may be more
		}
		select {
		case <-ctx.Done():
			return
		case <-time.After(lookEvery):
		}
	}
}

// ProveDue makes leaves of what was gathered since then or before, of some folders, and tells of how many.
func (s *Service) ProveDue(ctx context.Context, since time.Time) (folders int, err error) {
	due, err := s.db.Read().UsageDue(ctx, db.UsageDueParams{Since: since.UnixMilli(), Size: atOnce})
	if err != nil {
		return 0, fmt.Errorf("looking for lines of the history of use: %w", err)
	}
	results, slots := make([]error, len(due)), make(chan struct{}, together)
	var proving sync.WaitGroup
	for i, folder := range due {
		slots <- struct{}{}
		proving.Go(func() {
			results[i] = s.prove(ctx, folder, since)
			<-slots
		})
	}
	proving.Wait()
	for _, err := range results {
		if err == nil {
			folders++
		}
	}
	return folders, errors.Join(results...)
}

// prove makes leaves of all lines of a folder that stand in none.
func (s *Service) prove(ctx context.Context, folder string, since time.Time) error {
	return s.db.Tx(ctx, func(q *db.Queries) error {
		taken, err := q.UsageTake(ctx, db.UsageTakeParams{FolderID: folder, Since: since.UnixMilli()})
		if err != nil || taken == 0 {
			return err // another portal was first
		}
		for {
			rows, err := q.UsageUnproven(ctx, db.UsageUnprovenParams{FolderID: folder, Size: inALeaf})
			if err != nil || len(rows) == 0 {
				return err
			}
			if err := s.leaf(ctx, q, folder, rows); err != nil {
				return err
			}
		}
	})
}

// leaf puts lines into the ledger, as they were written down.
func (s *Service) leaf(ctx context.Context, q *db.Queries, folder string, rows []db.UsageLine) error {
	recorded := &portalv1.UsageLines{}
	for _, row := range rows {
		line, err := act.Line(row)
		if err != nil {
			return err
		}
		recorded.Lines = append(recorded.Lines, line)
	}
	content, err := proto.MarshalOptions{Deterministic: true}.Marshal(recorded)
	if err != nil {
		return fmt.Errorf("writing lines of the history of use: %w", err)
	}
	ref, err := store.Append(ctx, q, folder, ledger.Usages, ledger.Usage, s.now(), content)
	if err != nil {
		return err
	}
	last := rows[len(rows)-1]
	err = q.UsageProven(ctx, db.UsageProvenParams{
		FolderID: folder, LastAt: last.DoneAt, LastID: last.ID, Leaf: int64(ref.Number),
	})
	if err != nil {
		return fmt.Errorf("noting where lines stand in the ledger: %w", err)
	}
	return nil
}
