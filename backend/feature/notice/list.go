package notice

import (
	"cmp"
	"context"
	"math"
	"slices"
	"strconv"
	"strings"

	"madoguchi/backend/store/db"
	"madoguchi/backend/store/page"
	portalv1 "madoguchi/proto/gen/portal/v1"
)

type filter struct {
	unread, action bool
	today          string // YYYY-MM-DD in Japan
}

// position is a place in a list: behind the notice sent then, with that id.
type position struct {
	sentAt int64
	id     string
}

var top = position{sentAt: math.MaxInt64}

// list names the list that a filter makes for a person.
func (f filter) list(folder string) page.List {
	return page.Of("notices", folder, strconv.FormatBool(f.unread), strconv.FormatBool(f.action))
}

const positionParts = 2

func (p position) parts() []string { return []string{strconv.FormatInt(p.sentAt, 10), p.id} }

// parsePosition reads the parts of a page token; without any it is the top.
func parsePosition(parts []string, err error) (position, error) {
	if err != nil || parts == nil {
		return top, err
	}
	sentAt, err := strconv.ParseInt(parts[0], 10, 64)
	if err != nil || sentAt < 0 || !isID(parts[1]) {
		return top, page.ErrToken
	}
	return position{sentAt, parts[1]}, nil
}

// list reads up to size of each source behind a position and merges them. Each read is a walk along an index that ends after size
// rows that fit, however many notices there are in all.
func list(ctx context.Context, q *db.Queries, r reader, f filter, from position, size int32) ([]*portalv1.Notice, error) {
	found, err := own(ctx, q, r, f, from, size)
	if err != nil {
		return nil, err
	}
	for _, code := range r.audiences() {
		rows, err := q.BroadcastList(ctx, db.BroadcastListParams{
			FolderID: r.folder, MunicipalityCode: code, Since: r.since, Before: from.sentAt, BeforeID: from.id,
			UnreadOnly: flag(f.unread), ActionOnly: flag(f.action), Today: f.today, Size: size,
		})
		if err != nil {
			return nil, err
		}
		for _, row := range rows {
			found = append(found, message(row.ID, row.Office, row.Title, row.Action, row.ActionDue, row.ActionUrl, row.SentAt, row.ReadAt))
		}
	}
	slices.SortFunc(found, func(a, b *portalv1.Notice) int {
		return -cmp.Or(cmp.Compare(a.GetSentAt(), b.GetSentAt()), strings.Compare(a.GetId(), b.GetId()))
	})
	return found[:min(len(found), int(size))], nil
}

// own reads the person's own notices; each filter has a statement that an index serves.
func own(ctx context.Context, q *db.Queries, r reader, f filter, from position, size int32) ([]*portalv1.Notice, error) {
	var rows []db.NoticeListRow
	var err error
	switch {
	case f.unread && f.action:
		var found []db.NoticeListUnreadActionsRow
		found, err = q.NoticeListUnreadActions(ctx, db.NoticeListUnreadActionsParams{
			FolderID: r.folder, Before: from.sentAt, BeforeID: from.id, Today: f.today, Size: size})
		for _, row := range found {
			rows = append(rows, db.NoticeListRow(row))
		}
	case f.unread:
		var found []db.NoticeListUnreadRow
		found, err = q.NoticeListUnread(ctx, db.NoticeListUnreadParams{FolderID: r.folder, Before: from.sentAt, BeforeID: from.id, Size: size})
		for _, row := range found {
			rows = append(rows, db.NoticeListRow(row))
		}
	case f.action:
		var found []db.NoticeListActionsRow
		found, err = q.NoticeListActions(ctx, db.NoticeListActionsParams{
			FolderID: r.folder, Before: from.sentAt, BeforeID: from.id, Today: f.today, Size: size})
		for _, row := range found {
			rows = append(rows, db.NoticeListRow(row))
		}
	default:
		rows, err = q.NoticeList(ctx, db.NoticeListParams{FolderID: r.folder, Before: from.sentAt, BeforeID: from.id, Size: size})
	}
	if err != nil {
		return nil, err
	}
	notices := make([]*portalv1.Notice, 0, len(rows))
	for _, row := range rows {
		notices = append(notices, message(row.ID, row.Office, row.Title, row.Action, row.ActionDue, row.ActionUrl, row.SentAt, row.ReadAt))
	}
	return notices, nil
}

func flag(on bool) int64 {
	if on {
		return 1
	}
	return 0
}
