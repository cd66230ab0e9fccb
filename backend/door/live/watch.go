package live

import (
	"context"
	"fmt"

	"connectrpc.com/connect"

	"madoguchi/backend/door/access"
	"madoguchi/backend/store/db"
	portalv1 "madoguchi/proto/gen/portal/v1"
)

// caughtUp is how many changes a page that comes back is told one by one.
const caughtUp = 100

// Watch implements portal.v1's LiveService.
func (h *Hub) Watch(
	ctx context.Context, request *portalv1.WatchRequest, stream *connect.ServerStream[portalv1.WatchResponse],
) error {
	if request.GetOnce() {
		news, err := h.once(ctx, request.GetSince())
		if err != nil {
			return err
		}
		return stream.Send(news.message())
	}
	s, err := h.Subscribe(ctx)
	if err != nil {
		return err
	}
	defer s.Close()
	return s.serve(ctx, request.GetSince(), func(n News) error { return stream.Send(n.message()) })
}

func (n News) message() *portalv1.WatchResponse {
	return &portalv1.WatchResponse{Position: n.Position, Changes: n.Changes, Everything: n.Everything}
}

func (s *Stream) serve(ctx context.Context, since int64, send func(News) error) error {
	missed, err := s.hub.since(ctx, s.folder, since)
	if err != nil {
		return err
	}
	first := s.take() // its position is from before what was just read
	first.Changes, first.Everything = append(missed.Changes, first.Changes...), first.Everything || missed.Everything
	for news := first; ; {
		if err := send(news); err != nil {
			if ctx.Err() != nil {
				return ended(ctx)
			}
			return err
		}
		if news, err = s.Next(ctx); err != nil {
			return err
		}
	}
}

// once says what changed since, without waiting.
func (h *Hub) once(ctx context.Context, since int64) (News, error) {
	settled, err := h.db.Settled(ctx)
	if err != nil {
		return News{}, err
	}
	news, err := h.since(ctx, access.Subject(ctx), since)
	news.Position = settled
	return news, err
}

func (n *News) add(kind int64, about string) {
	n.Changes = append(n.Changes, &portalv1.Change{Kind: portalv1.ChangeKind(kind), About: about})
}

// since reads what a person missed. Where that is not known any more, or the position is none of this store's, it may
// be anything.
func (h *Hub) since(ctx context.Context, folder string, since int64) (News, error) {
	settled, err := h.db.Settled(ctx)
	if err != nil {
		return News{}, err
	}
	at, err := h.home(ctx, folder)
	if err != nil {
		return News{}, err
	}
	if since <= 0 || since > settled {
		return News{Everything: true}, nil
	}
	var news News
	own, err := h.db.Read().LiveChangesOf(ctx, db.LiveChangesOfParams{
		FolderID: folder, Since: since, Size: caughtUp + 1,
	})
	if err != nil {
		return News{}, fmt.Errorf("reading what a person missed: %w", err)
	}
	for _, c := range own {
		news.add(c.Kind, c.About)
	}
	for _, code := range append(at, "") {
		common, err := h.db.Read().LiveChangesAt(ctx, db.LiveChangesAtParams{
			PlaceCode: code, Since: since, Size: caughtUp + 1,
		})
		if err != nil {
			return News{}, fmt.Errorf("reading what everybody missed: %w", err)
		}
		for _, c := range common {
			news.add(c.Kind, c.About)
		}
	}
	swept, err := h.db.Read().StoreNote(ctx, noteSwept) // after the rows
	if err != nil {
		return News{}, fmt.Errorf("reading what was swept away: %w", err)
	}
	if swept >= since || len(news.Changes) > caughtUp {
		return News{Everything: true}, nil
	}
	return news, nil
}
