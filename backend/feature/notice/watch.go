package notice

import (
	"context"
	"errors"

	"connectrpc.com/connect"

	"madoguchi/backend/door/live"
	"madoguchi/backend/store/db"
	portalv1 "madoguchi/proto/gen/portal/v1"
)

// WatchNotices is for pages from before there was one stream for everything (backend/door/live), which feeds it; it
// goes with the release after that. It sends the unread count at once, whenever it changes, and as a heartbeat; it ends
// when the session does, for the door then ends its context. For once it sends what stands now, which the list tells.
func (s *Service) WatchNotices(
	ctx context.Context, request *portalv1.WatchNoticesRequest,
	stream *connect.ServerStream[portalv1.WatchNoticesResponse],
) error {
	if request.GetOnce() {
		page, err := s.ListNotices(ctx, &portalv1.ListNoticesRequest{PageSize: 1})
		if err != nil {
			return err
		}
		response := &portalv1.WatchNoticesResponse{UnreadCount: page.GetUnreadCount()}
		if len(page.GetNotices()) > 0 {
			response.Newest = page.GetNotices()[0]
		}
		return stream.Send(response)
	}
	news, err := s.live.Subscribe(ctx)
	if err != nil {
		return err
	}
	defer news.Close()
	last := int32(-1)
	send := func(now live.News) error {
		r, err := s.reader(ctx)
		if err != nil {
			return err
		}
		unread, err := unreadCount(ctx, s.db.Read(), r)
		if err != nil {
			return err
		}
		arrived, err := s.arrived(ctx, r, now)
		if err != nil {
			return err
		}
		changed := unread != last
		last = unread
		if len(arrived) == 0 && (changed || now.Empty()) {
			return stream.Send(&portalv1.WatchNoticesResponse{UnreadCount: unread})
		}
		for _, n := range arrived {
			if err := stream.Send(&portalv1.WatchNoticesResponse{UnreadCount: unread, Arrived: n}); err != nil {
				return err
			}
		}
		return nil
	}
	for now := (live.News{}); ; {
		if err := send(now); err != nil && ctx.Err() == nil {
			return err
		}
		if now, err = news.Next(ctx); err != nil {
			return err
		}
	}
}

// arrived reads the notices of which news tells, as far as the person sees them.
func (s *Service) arrived(ctx context.Context, r reader, now live.News) (list []*portalv1.Notice, err error) {
	for _, c := range now.Changes {
		if c.GetKind() != portalv1.ChangeKind_CHANGE_KIND_NOTICE || c.GetAbout() == "" {
			continue
		}
		n, err := get(ctx, s.db.Read(), r, c.GetAbout())
		if errors.Is(err, db.ErrNotFound) {
			continue
		}
		if err != nil {
			return nil, err
		}
		n.Body, n.Blocks = "", nil
		list = append(list, n)
	}
	return list, nil
}
