package usage

import (
	"context"
	"log/slog"

	"madoguchi/backend/door/access"
	"madoguchi/backend/door/live"
	"madoguchi/backend/door/session"
	"madoguchi/backend/store/act"
	"madoguchi/backend/store/audit"
	"madoguchi/backend/store/db"
	portalv1 "madoguchi/proto/gen/portal/v1"
)

// ListSessions tells who is logged in.
func (s *Service) ListSessions(
	ctx context.Context, _ *portalv1.ListSessionsRequest,
) (*portalv1.ListSessionsResponse, error) {
	rows, err := s.needs.Sessions.All(ctx, access.Actor(ctx))
	if err != nil {
		return nil, access.Internal(ctx, err)
	}
	response := &portalv1.ListSessionsResponse{}
	for _, row := range rows {
		response.Sessions = append(response.Sessions, &portalv1.LiveSession{
			Id: act.Session(row.TokenHash), Means: access.Means(row.Means).Message(), Device: row.DeviceID,
			Browser: row.Name, Place: act.PlaceOf(row.Place), BeganAt: row.StartedAt, SeenAt: row.SeenAt,
			Here: row.TokenHash == access.FromContext(ctx).SessionHash, SharedDevice: row.SharedDevice,
		})
	}
	return response, nil
}

// EndSession ends one.
func (s *Service) EndSession(
	ctx context.Context, request *portalv1.EndSessionRequest,
) (*portalv1.EndSessionResponse, error) {
	folder, ended := access.Actor(ctx), int64(0)
	err := s.db.Tx(ctx, func(q *db.Queries) (err error) {
		if ended, err = session.EndNamed(ctx, q, folder, request.GetId(), ""); err != nil || ended == 0 {
			return err
		}
		return tellEnded(ctx, q, folder)
	})
	if err != nil {
		return nil, access.Internal(ctx, err)
	}
	s.ended(ctx, folder, "asked", ended)
	return &portalv1.EndSessionResponse{}, nil
}

// EndOtherSessions ends all but this one.
func (s *Service) EndOtherSessions(
	ctx context.Context, _ *portalv1.EndOtherSessionsRequest,
) (*portalv1.EndOtherSessionsResponse, error) {
	caller, folder, ended := access.FromContext(ctx), access.Actor(ctx), int64(0)
	err := s.db.Tx(ctx, func(q *db.Queries) (err error) {
		if ended, err = session.EndOthers(ctx, q, folder, caller.SessionHash); err != nil || ended == 0 {
			return err
		}
		return tellEnded(ctx, q, folder)
	})
	if err != nil {
		return nil, access.Internal(ctx, err)
	}
	s.ended(ctx, folder, "others", ended)
	return &portalv1.EndOtherSessionsResponse{Ended: count(ended)}, nil
}

// tellEnded has the pages and the other processes told that sessions ended, within the transaction that ends them.
func tellEnded(ctx context.Context, q *db.Queries, folder string) error {
	return live.Tell(ctx, q, folder, portalv1.ChangeKind_CHANGE_KIND_SESSION, "")
}

// ended has the streams of ended sessions end, once that stands.
func (s *Service) ended(ctx context.Context, folder, why string, sessions int64) {
	if sessions <= 0 {
		return
	}
	s.needs.Sessions.Look(folder)
	audit.Log(ctx, audit.SessionEnded, audit.Folder(folder), slog.String("why", why),
		slog.Int64("sessions", sessions))
}

func count(n int64) int32 { return int32(min(max(n, 0), 1<<30)) }
