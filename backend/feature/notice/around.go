package notice

import (
	"context"
	"fmt"
	"time"

	"madoguchi/backend/store/db"
	portalv1 "madoguchi/proto/gen/portal/v1"
)

// mostAround is how many notices are named that lie around something.
const mostAround = 10

// Around finds the notices that a person got between two times, the last first: what else happened then may remind of
// what something was for.
func Around(
	ctx context.Context, q *db.Queries, folderID string, from, to time.Time,
) ([]*portalv1.ExchangeHint, error) {
	rows, err := q.NoticeList(ctx, db.NoticeListParams{FolderID: folderID, Before: to.UnixMilli(), Size: mostAround})
	if err != nil {
		return nil, fmt.Errorf("looking for notices: %w", err)
	}
	var list []*portalv1.ExchangeHint
	for _, row := range rows {
		if row.SentAt >= from.UnixMilli() {
			list = append(list, &portalv1.ExchangeHint{
				Notice: row.ID, Title: row.Title, Office: row.Office, At: row.SentAt,
			})
		}
	}
	return list, nil
}

// Own finds a notice that an office sent to this person, without its text; db.ErrNotFound when there is none, or it was
// to everybody.
func Own(ctx context.Context, q *db.Queries, folderID, id string) (*portalv1.Notice, error) {
	if !isID(id) || isBroadcast(id) {
		return nil, db.ErrNotFound
	}
	row, err := q.NoticeGet(ctx, db.NoticeGetParams{FolderID: folderID, ID: id})
	if err != nil {
		return nil, err
	}
	return &portalv1.Notice{Id: id, Office: row.Office, Title: row.Title, SentAt: row.SentAt}, nil
}
