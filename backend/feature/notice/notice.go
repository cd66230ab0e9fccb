// Package notice is お知らせ: it takes notices in from offices, shows each person theirs, and tells the open pages when one
// arrives. Which office or person is calling, the doors say; that mail goes out is a job.
//
// A notice to one person is a row of the person's folder. One to everybody (of a municipality, or of the nation) is a
// single row and a rule, however many read it; only that somebody has read it is kept per person.
package notice

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"

	"madoguchi/backend/door/access"
	"madoguchi/backend/door/live"
	"madoguchi/backend/japan/municipality"
	"madoguchi/backend/store/db"
	"madoguchi/backend/store/page"
	"madoguchi/proto/clock"
	portalv1 "madoguchi/proto/gen/portal/v1"
)

const (
	// A person sees what was sent to everybody from this long before the folder was opened, and for this long.
	beforeOpening  = 30 * 24 * time.Hour
	broadcastShown = 2 * 365 * 24 * time.Hour
)

var pages = page.Limits{Usual: 20, Most: 100}

// Service implements portal.v1's NoticeService.
type Service struct {
	db   *db.DB
	live *live.Hub
	now  func() time.Time
}

// New makes the service; hub is for the pages that ask for a stream of notices alone.
func New(d *db.DB, hub *live.Hub) *Service { return &Service{db: d, live: hub, now: time.Now} }

// reader is what decides which notices a person sees besides their own.
type reader struct {
	folder             string
	municipality, city string
	since              int64
}

func (s *Service) reader(ctx context.Context) (reader, error) {
	folder := access.Subject(ctx)
	row, err := s.db.Read().FolderGet(ctx, folder)
	if err != nil {
		return reader{}, access.Gone(ctx, "reading the folder", err)
	}
	m, _ := municipality.ByCode(row.MunicipalityCode)
	since := max(row.OpenedAt-beforeOpening.Milliseconds(), s.now().Add(-broadcastShown).UnixMilli())
	return reader{folder: folder, municipality: row.MunicipalityCode, city: m.Office(), since: since}, nil
}

// audiences lists the codes whose broadcasts the person sees; "" is the nation.
func (r reader) audiences() []string {
	list := []string{"", r.municipality, r.city}
	slices.Sort(list)
	return slices.Compact(list)
}

// ListNotices merges the person's own notices and the broadcasts, newest first.
func (s *Service) ListNotices(
	ctx context.Context, request *portalv1.ListNoticesRequest,
) (*portalv1.ListNoticesResponse, error) {
	size, err := pages.Size(request.GetPageSize())
	if err != nil {
		return nil, access.Invalid(ctx, "page_size", err)
	}
	f := filter{unread: request.GetUnreadOnly(), action: request.GetActionOnly(), today: clock.Day(s.now())}
	all := f.list(access.Subject(ctx))
	from, err := parsePosition(all.After(request.GetPageToken(), positionParts))
	if err != nil {
		return nil, access.Invalid(ctx, "page_token", err)
	}
	r, err := s.reader(ctx)
	if err != nil {
		return nil, err
	}
	found, err := list(ctx, s.db.Read(), r, f, from, size+1)
	if err != nil {
		return nil, fmt.Errorf("listing notices: %w", err)
	}
	unread, err := unreadCount(ctx, s.db.Read(), r)
	if err != nil {
		return nil, err
	}
	response := &portalv1.ListNoticesResponse{Notices: found, UnreadCount: unread}
	if len(found) > int(size) {
		last := found[size-1]
		response.Notices = found[:size]
		response.NextPageToken = all.Token(position{last.GetSentAt(), last.GetId()}.parts()...)
	}
	return response, nil
}

// GetNotice gives one notice whole. It marks nothing: looking at a list's preview is not reading.
func (s *Service) GetNotice(
	ctx context.Context, request *portalv1.GetNoticeRequest,
) (*portalv1.GetNoticeResponse, error) {
	r, err := s.reader(ctx)
	if err != nil {
		return nil, err
	}
	n, err := get(ctx, s.db.Read(), r, request.GetId())
	if errors.Is(err, db.ErrNotFound) {
		return nil, access.NotFound(ctx, "id", err)
	}
	if err != nil {
		return nil, fmt.Errorf("reading a notice: %w", err)
	}
	return &portalv1.GetNoticeResponse{Notice: n}, nil
}

// MarkNotices marks what the person can see and passes over the rest.
func (s *Service) MarkNotices(
	ctx context.Context, request *portalv1.MarkNoticesRequest,
) (*portalv1.MarkNoticesResponse, error) {
	r, err := s.reader(ctx)
	if err != nil {
		return nil, err
	}
	now := s.now().UnixMilli()
	var unread int32
	err = s.db.Tx(ctx, func(q *db.Queries) error {
		for _, id := range request.GetIds() {
			if err := mark(ctx, q, r, id, request.GetRead(), now); err != nil {
				return fmt.Errorf("marking a notice: %w", err)
			}
		}
		if unread, err = unreadCount(ctx, q, r); err != nil {
			return err
		}
		return live.Tell(ctx, q, r.folder, portalv1.ChangeKind_CHANGE_KIND_NOTICE, "")
	})
	if err != nil {
		return nil, err
	}
	return &portalv1.MarkNoticesResponse{UnreadCount: unread}, nil
}

func mark(ctx context.Context, q *db.Queries, r reader, id string, read bool, now int64) error {
	var err error
	switch {
	case !isBroadcast(id) && read:
		_, err = q.NoticeMarkRead(ctx, db.NoticeMarkReadParams{FolderID: r.folder, ID: id, ReadAt: now})
	case !isBroadcast(id):
		_, err = q.NoticeMarkUnread(ctx, db.NoticeMarkUnreadParams{FolderID: r.folder, ID: id})
	case !read:
		_, err = q.BroadcastMarkUnread(ctx, db.BroadcastMarkUnreadParams{FolderID: r.folder, BroadcastID: id})
	default:
		if _, err = q.BroadcastGet(ctx, r.get(id)); errors.Is(err, db.ErrNotFound) {
			return nil
		}
		if err == nil {
			_, err = q.BroadcastMarkRead(ctx, db.BroadcastMarkReadParams{
				FolderID: r.folder, BroadcastID: id, ReadAt: now,
			})
		}
	}
	return err
}

func (r reader) get(id string) db.BroadcastGetParams {
	return db.BroadcastGetParams{FolderID: r.folder, ID: id, Since: r.since, Municipality: r.municipality, City: r.city}
}

func unreadCount(ctx context.Context, q *db.Queries, r reader) (int32, error) {
	count, err := q.NoticeUnreadCount(ctx, db.NoticeUnreadCountParams{
		FolderID: r.folder, Municipality: r.municipality, City: r.city, Since: r.since,
	})
	if err != nil {
		return 0, fmt.Errorf("counting unread notices: %w", err)
	}
	return int32(min(count, 1<<30)), nil
}

// message is a notice without its body. One to everybody is such a line, too.
func message(n db.NoticeLine) *portalv1.Notice {
	return &portalv1.Notice{
		Id: n.ID, Office: n.Office, Title: n.Title, SentAt: n.SentAt, ActionRequired: n.Action != "", Action: n.Action,
		ActionDue: n.ActionDue,
		ActionUrl: n.ActionUrl, Read: n.ReadAt > 0, Broadcast: isBroadcast(n.ID),
	}
}

var idForm = regexp.MustCompile(`^[nb][a-z2-7]{26}$`)

// isID tells whether an id can be one of ours: n and b stand for a notice to one person and a broadcast.
func isID(id string) bool { return idForm.MatchString(id) }

func isBroadcast(id string) bool { return strings.HasPrefix(id, "b") }
