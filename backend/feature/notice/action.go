package notice

import (
	"context"
	"errors"
	"fmt"
	"time"

	"madoguchi/backend/door/access"
	"madoguchi/backend/door/live"
	"madoguchi/backend/store/db"
	"madoguchi/proto/clock"
	portalv1 "madoguchi/proto/gen/portal/v1"
)

const (
	// What is so long past its day is no more asked for.
	actionsPast = 365 * 24 * time.Hour
	// So many are sent; so many more are counted.
	actionsShown   = 300
	actionsCounted = 2000
	doneShown      = 50
)

// ListActions gives what notices ask the person to do, and what of it was ticked off.
func (s *Service) ListActions(
	ctx context.Context, _ *portalv1.ListActionsRequest,
) (*portalv1.ListActionsResponse, error) {
	r, err := s.reader(ctx)
	if err != nil {
		return nil, err
	}
	open, err := s.db.Read().NoticeActions(ctx, db.NoticeActionsParams{
		FolderID: r.folder, Municipality: r.municipality, City: r.city, Since: r.since,
		FirstDay: clock.Day(s.now().Add(-actionsPast)), Size: actionsCounted,
	})
	if err != nil {
		return nil, fmt.Errorf("listing what notices ask for: %w", err)
	}
	done, err := s.db.Read().NoticeActionsDone(ctx, db.NoticeActionsDoneParams{
		FolderID: r.folder, Municipality: r.municipality, City: r.city, Since: r.since, Size: doneShown,
	})
	if err != nil {
		return nil, fmt.Errorf("listing what was done of what notices ask for: %w", err)
	}
	response := &portalv1.ListActionsResponse{OpenCount: int32(len(open))}
	for _, row := range open[:min(len(open), actionsShown)] {
		response.Open = append(response.Open, asked(row))
	}
	for _, row := range done {
		response.Done = append(response.Done, asked(db.NoticeActionsRow(row)))
	}
	return response, nil
}

// asked is what a notice asks for, with what the person has to say to it.
func asked(row db.NoticeActionsRow) *portalv1.Notice {
	n := message(db.NoticeLine{
		ID: row.ID, Office: row.Office, Title: row.Title, Action: row.Action, ActionDue: row.ActionDue,
		ActionUrl: row.ActionUrl,
		SentAt:    row.SentAt, ReadAt: row.ReadAt,
	})
	n.DoneAt, n.OwnDue = row.DoneAt, row.OwnDue
	return n
}

// UpdateAction ticks off what a notice asks for or takes the tick away, and sets a day of one's own. What was ticked
// off stays so since when it was.
func (s *Service) UpdateAction(
	ctx context.Context, request *portalv1.UpdateActionRequest,
) (*portalv1.UpdateActionResponse, error) {
	r, err := s.reader(ctx)
	if err != nil {
		return nil, err
	}
	var n *portalv1.Notice
	err = s.db.Tx(ctx, func(q *db.Queries) error {
		if n, err = get(ctx, q, r, request.GetId()); err != nil {
			return err
		}
		if !n.GetActionRequired() {
			return db.ErrNotFound
		}
		now := n.GetOwnDue()
		if request.OwnDue != nil && request.OwnDueWas != nil && request.GetOwnDueWas() != now &&
			request.GetOwnDue() != now {
			return errChanged
		}
		if request.Done != nil && !request.GetDone() {
			n.DoneAt = 0
		}
		if request.GetDone() && n.GetDoneAt() == 0 {
			n.DoneAt = s.now().UnixMilli()
		}
		if request.OwnDue != nil {
			n.OwnDue = request.GetOwnDue()
		}
		err := q.NoticeActionSet(ctx, db.NoticeActionSetParams{
			FolderID: r.folder, NoticeID: n.GetId(), DoneAt: n.GetDoneAt(), OwnDue: n.GetOwnDue(),
		})
		if err != nil {
			return err
		}
		return live.Tell(ctx, q, r.folder, portalv1.ChangeKind_CHANGE_KIND_TODO, n.GetId())
	})
	if errors.Is(err, db.ErrNotFound) {
		return nil, access.NotFound(ctx, "id", err)
	}
	if errors.Is(err, errChanged) {
		return nil, access.Changed(ctx, "own_due")
	}
	if err != nil {
		return nil, fmt.Errorf("changing what a notice asks for: %w", err)
	}
	n.Body, n.Blocks = "", nil
	return &portalv1.UpdateActionResponse{Notice: n}, nil
}

// errChanged says that the day is not what the page took it to be.
var errChanged = errors.New("the day was changed elsewhere")

// get reads one notice whole, with what the person has to say to it; db.ErrNotFound when it is none of the person's.
func get(ctx context.Context, q *db.Queries, r reader, id string) (*portalv1.Notice, error) {
	if !isID(id) {
		return nil, db.ErrNotFound
	}
	n, err := read(ctx, q, r, id)
	if err != nil {
		return nil, err
	}
	said, err := q.NoticeActionGet(ctx, db.NoticeActionGetParams{FolderID: r.folder, NoticeID: id})
	if err != nil && !errors.Is(err, db.ErrNotFound) {
		return nil, err
	}
	n.DoneAt, n.OwnDue = said.DoneAt, said.OwnDue
	return n, nil
}

func read(ctx context.Context, q *db.Queries, r reader, id string) (*portalv1.Notice, error) {
	if isBroadcast(id) {
		row, err := q.BroadcastGet(ctx, r.get(id))
		if err != nil {
			return nil, err
		}
		body, err := q.BroadcastBody(ctx, id)
		return whole(db.NoticeLine(row), db.NoticeBodyRow(body)), err
	}
	line, err := q.NoticeGet(ctx, db.NoticeGetParams{FolderID: r.folder, ID: id})
	if err != nil {
		return nil, err
	}
	body, err := q.NoticeBody(ctx, db.NoticeBodyParams{FolderID: r.folder, ID: id})
	return whole(line, body), err
}

// whole is a notice with its body. One that can no longer be read with its marks is shown with them.
func whole(line db.NoticeLine, body db.NoticeBodyRow) *portalv1.Notice {
	n := message(line)
	n.Body = body.Body
	if !body.Marked {
		return n
	}
	if blocks, err := tree(body.Body); err == nil {
		n.Blocks, n.Body = blocks, flat(blocks)
	}
	return n
}
