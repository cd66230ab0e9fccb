package usage

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"time"

	"madoguchi/backend/door/access"
	"madoguchi/backend/door/session"
	"madoguchi/backend/store/act"
	"madoguchi/backend/store/audit"
	"madoguchi/backend/store/db"
	"madoguchi/proto/clock"
	portalv1 "madoguchi/proto/gen/portal/v1"
)

// DisownUsage takes in that something was not the person's doing (これは私ではない): what it came by is ended at once, without
// the card, which may be what is missing; the case is confirmed by the card afterwards.
func (s *Service) DisownUsage(
	ctx context.Context, request *portalv1.DisownUsageRequest,
) (*portalv1.DisownUsageResponse, error) {
	caller, folder := access.FromContext(ctx), access.Actor(ctx)
	var response *portalv1.DisownUsageResponse
	var ended int64
	err := s.db.Tx(ctx, func(q *db.Queries) (err error) {
		response = &portalv1.DisownUsageResponse{}
		disown := s.disownLine
		if request.GetNotice() != "" {
			disown = s.disownNotice
		}
		ended, err = disown(ctx, q, caller, request, response)
		return err
	})
	if err != nil {
		return nil, err
	}
	s.ended(ctx, folder, "disowned", ended)
	if response.GetForgotDevice() {
		audit.Log(ctx, audit.DeviceRemoved, audit.Folder(folder), slog.String("why", "disowned"),
			slog.Int64("devices", 1))
	}
	if response.GetEndedPasskey() {
		audit.Log(ctx, audit.PasskeyEnded, audit.Folder(folder), slog.String("why", "disowned"),
			slog.Int64("passkeys", 1))
	}
	return response, nil
}

func (s *Service) disownLine(
	ctx context.Context, q *db.Queries, caller access.Caller, request *portalv1.DisownUsageRequest,
	response *portalv1.DisownUsageResponse,
) (ended int64, err error) {
	folder := access.Actor(ctx)
	found, err := act.Get(ctx, q, folder, act.Position{At: request.GetAt(), ID: request.GetId()})
	if errors.Is(err, db.ErrNotFound) {
		return 0, access.NotFound(ctx, "id", nil)
	}
	if err != nil {
		return 0, fmt.Errorf("reading a line of the history of use: %w", err)
	}
	if ended, err = s.end(ctx, q, caller, found.Line, response); err != nil {
		return 0, err
	}
	return ended, s.openCase(ctx, q, folder, found.Line.GetId(), told(found.Line), response)
}

// disownNotice does so of what a notice tells of. Nobody knows by what that came about: all other sessions end.
func (s *Service) disownNotice(
	ctx context.Context, q *db.Queries, caller access.Caller, request *portalv1.DisownUsageRequest,
	response *portalv1.DisownUsageResponse,
) (ended int64, err error) {
	folder := access.Actor(ctx)
	found, err := s.needs.Notice(ctx, q, folder, request.GetNotice())
	if errors.Is(err, db.ErrNotFound) {
		return 0, access.NotFound(ctx, "notice", nil)
	}
	if err != nil {
		return 0, fmt.Errorf("reading a notice: %w", err)
	}
	if ended, err = session.EndOthers(ctx, q, folder, caller.SessionHash); err != nil {
		return 0, err
	}
	if response.EndedSessions = count(ended); ended > 0 {
		if err := tellEnded(ctx, q, folder); err != nil {
			return 0, err
		}
	}
	text := strings.Join([]string{
		textCaseNotice.In("ja"), moment(found.GetSentAt()) + " " + found.GetOffice(), found.GetTitle(),
	}, "\n")
	return ended, s.openCase(ctx, q, folder, noticeMark+found.GetId(), text, response)
}

// noticeMark begins what stands for a notice where else a line does; no line's id has it.
const noticeMark = "notice:"

// end ends what a line came by, save what lets the caller in who says so.
func (s *Service) end(
	ctx context.Context, q *db.Queries, caller access.Caller, line *portalv1.UsageLine,
	response *portalv1.DisownUsageResponse,
) (ended int64, err error) {
	folder := access.Actor(ctx)
	response.Here = line.GetSession() != "" && line.GetSession() == act.Session(caller.SessionHash)
	if line.GetSession() != "" {
		if ended, err = session.EndNamed(ctx, q, folder, line.GetSession(), caller.SessionHash); err != nil {
			return 0, err
		}
	}
	if device := line.GetDevice(); device != "" && device != caller.Device {
		n, err := session.EndDevice(ctx, q, folder, device, caller.SessionHash)
		if err != nil {
			return 0, err
		}
		ended += n
		if response.ForgotDevice, err = s.needs.ForgetDevice(ctx, q, folder, device); err != nil {
			return 0, err
		}
	}
	if id := line.GetMeansId(); line.GetMeans() == portalv1.Means_MEANS_PASSKEY && id != "" && id != caller.MeansID {
		n, err := s.needs.EndPasskey(ctx, q, folder, id)
		if err != nil {
			return 0, err
		}
		response.EndedPasskey = n >= 0
		ended += max(n, 0)
	}
	response.EndedSessions = count(ended)
	if ended == 0 {
		return 0, nil
	}
	return ended, tellEnded(ctx, q, folder)
}

// openCase opens the case of a line, or of a notice, unless there is one.
func (s *Service) openCase(
	ctx context.Context, q *db.Queries, folder, about, text string, response *portalv1.DisownUsageResponse,
) error {
	opened, err := s.caseOf(ctx, q, folder, about)
	if err == nil && opened.ID == "" {
		opened, err = s.needs.OpenCase(ctx, q, folder, textCaseSubject.In("ja"), text)
		if err == nil {
			_, err = q.UsageDisown(ctx, db.UsageDisownParams{
				FolderID: folder, LineID: about, CaseID: opened.ID, SaidAt: s.now().UnixMilli(),
			})
		}
	}
	if err != nil {
		return fmt.Errorf("opening the case of a line: %w", err)
	}
	response.Case, response.Number = opened.ID, opened.Number
	return nil
}

// caseOf is the case of a line; the zero Case when there is none.
func (s *Service) caseOf(ctx context.Context, q *db.Queries, folder, line string) (found Case, err error) {
	found.ID, err = q.UsageCaseOf(ctx, db.UsageCaseOfParams{FolderID: folder, LineID: line})
	if errors.Is(err, db.ErrNotFound) {
		return Case{}, nil
	}
	if err == nil {
		found.Number, err = s.needs.Number(ctx, q, folder, found.ID)
	}
	if err != nil {
		return Case{}, fmt.Errorf("finding the case of a line: %w", err)
	}
	return found, nil
}

// told is a line in words, for whoever works on the case: in Japanese, and without what tells a session.
func told(line *portalv1.UsageLine) string {
	what := line.GetAct()
	if text, ok := acts[what]; ok {
		what = text.In("ja")
	}
	lines := []string{textCaseText.In("ja"), moment(line.GetAt()) + " " + what}
	for _, part := range []string{
		line.GetBrowser(), means[line.GetMeans()].In("ja"), places[line.GetPlace()].In("ja"),
		results[line.GetResult()].In("ja"),
	} {
		if part != "" {
			lines = append(lines, part)
		}
	}
	return strings.Join(lines, "\n")
}

func moment(ms int64) string { return time.UnixMilli(ms).In(clock.Japan).Format(time.DateTime) }

// ConfirmDisowned notes that the person has the card who said so, and ends all sessions but this one.
func (s *Service) ConfirmDisowned(
	ctx context.Context, request *portalv1.ConfirmDisownedRequest,
) (*portalv1.ConfirmDisownedResponse, error) {
	caller, folder, ended := access.FromContext(ctx), access.Actor(ctx), int64(0)
	err := s.db.Tx(ctx, func(q *db.Queries) error {
		_, err := q.UsageDisownedBy(ctx, db.UsageDisownedByParams{FolderID: folder, CaseID: request.GetCase()})
		if errors.Is(err, db.ErrNotFound) {
			return access.NotFound(ctx, "case", nil)
		}
		if err != nil {
			return fmt.Errorf("finding a case: %w", err)
		}
		err = s.needs.AddToCase(ctx, q, folder, request.GetCase(), textCaseConfirmed.In("ja"))
		if err != nil {
			return err
		}
		if ended, err = session.EndOthers(ctx, q, folder, caller.SessionHash); err != nil || ended == 0 {
			return err
		}
		return tellEnded(ctx, q, folder)
	})
	if err != nil {
		return nil, err
	}
	s.ended(ctx, folder, "disowned", ended)
	return &portalv1.ConfirmDisownedResponse{EndedSessions: count(ended)}, nil
}
