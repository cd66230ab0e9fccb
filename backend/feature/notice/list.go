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

// list reads up to size of each source behind a position and merges them. Each read is a walk along an index that ends
// after size rows that fit, however many notices there are in all.
func list(
	ctx context.Context, q *db.Queries, r reader, f filter, from position, size int32,
) ([]*portalv1.Notice, error) {
	lines, err := own(ctx, q, r, f, from, size)
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
			lines = append(lines, db.NoticeLine(row))
		}
	}
	slices.SortFunc(lines, func(a, b db.NoticeLine) int {
		return -cmp.Or(cmp.Compare(a.SentAt, b.SentAt), strings.Compare(a.ID, b.ID))
	})
	var notices []*portalv1.Notice
	for _, line := range lines[:min(len(lines), int(size))] {
		notices = append(notices, message(line))
	}
	return notices, nil
}

// own reads the person's own notices; each filter has a statement that an index serves.
func own(ctx context.Context, q *db.Queries, r reader, f filter, from position, size int32) ([]db.NoticeLine, error) {
	switch {
	case f.unread && f.action:
		return q.NoticeListUnreadActions(ctx, db.NoticeListUnreadActionsParams{
			FolderID: r.folder, Before: from.sentAt, BeforeID: from.id, Today: f.today, Size: size})
	case f.unread:
		return q.NoticeListUnread(ctx, db.NoticeListUnreadParams{
			FolderID: r.folder, Before: from.sentAt, BeforeID: from.id, Size: size,
		})
	case f.action:
		return q.NoticeListActions(ctx, db.NoticeListActionsParams{
			FolderID: r.folder, Before: from.sentAt, BeforeID: from.id, Today: f.today, Size: size})
	}
	return q.NoticeList(ctx, db.NoticeListParams{
		FolderID: r.folder, Before: from.sentAt, BeforeID: from.id, Size: size,
	})
}

func flag(on bool) int64 {
	if on {
		return 1
	}
	return 0
}
