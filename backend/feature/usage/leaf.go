package usage

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
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
	atOnce    = 128 // folders that a look takes
	together  = 16  // of them: in one transaction
	hands     = 2   // transactions at once
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
	due, err := s.db.Read().UsageDue(ctx, db.UsageDueParams{Until: since.UnixMilli(), Size: atOnce})
	if err != nil {
		return 0, fmt.Errorf("looking for lines of the history of use: %w", err)
	}
	failed, free := make(chan error, len(due)), make(chan struct{}, hands)
	var proving sync.WaitGroup
	for some := range slices.Chunk(due, together) {
		free <- struct{}{}
		proving.Go(func() {
			defer func() { <-free }()
			if s.prove(ctx, some) == nil {
				return
			}
			for i := range some { // what one of them lacks is nothing to the others
				if err := s.prove(ctx, some[i:i+1]); err != nil {
					failed <- err
				}
			}
		})
	}
	proving.Wait()
	close(failed)
	folders = len(due)
	for one := range failed {
		err = errors.Join(err, one)
		folders--
	}
	return folders, err
}

// prove makes leaves of all lines of folders that stand in none. Two that do it at once for a folder would both write
// where its chain ends; a line that comes meanwhile waits for the next.
func (s *Service) prove(ctx context.Context, folders []db.UsageDueRow) error {
	return s.db.Snapshot(ctx, func(q *db.Queries) error {
		lines, chains, err := unproven(ctx, q, folders)
		if err != nil {
			return err
		}
		leaves := store.NewAppender(q)
		if err := leaves.Ahead(ctx, chains, func(*db.Queries) {}); err != nil {
			return err
		}
		for i, of := range folders {
			for rows := lines[i]; len(rows) > 0; {
				if err := s.leaf(ctx, q, leaves, of.FolderID, rows); err != nil {
					return err
				}
				if len(rows) < inALeaf {
					break
				}
				if rows, err = some(ctx, q, of.FolderID); err != nil {
					return err
				}
			}
		}
		return leaves.End(ctx)
	})
}

// unproven reads the first such lines of each folder, and names the chains that are to get leaves: of which there are
// any, and another portal was not first.
func unproven(
	ctx context.Context, q *db.Queries, folders []db.UsageDueRow,
) (lines [][]db.UsageLine, chains []store.Chain, err error) {
	err = q.Ahead(ctx, func(q *db.Queries) {
		for _, of := range folders {
			_, _ = some(ctx, q, of.FolderID)
		}
	})
	if err != nil {
		return nil, nil, err
	}
	for _, of := range folders {
		rows, err := some(ctx, q, of.FolderID)
		if err != nil {
			return nil, nil, err
		}
		if lines = append(lines, rows); len(rows) > 0 {
			chains = append(chains, store.Chain{FolderID: of.FolderID, Chain: ledger.Usages})
		}
	}
	return lines, chains, nil
}

func some(ctx context.Context, q *db.Queries, folder string) ([]db.UsageLine, error) {
	return q.UsageUnproven(ctx, db.UsageUnprovenParams{FolderID: folder, Size: inALeaf})
}

// leaf puts lines into the ledger, as they were written down.
func (s *Service) leaf(
	ctx context.Context, q *db.Queries, leaves *store.Appender, folder string, rows []db.UsageLine,
) error {
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
	ref, err := leaves.Append(ctx, folder, ledger.Usages, ledger.Usage, s.now(), content)
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
