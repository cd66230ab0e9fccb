package application

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"slices"
	"time"

	"connectrpc.com/connect"

	"madoguchi/backend/door/access"
	"madoguchi/backend/door/live"
	"madoguchi/backend/door/office"
	"madoguchi/backend/store/db"
	portalv1 "madoguchi/proto/gen/portal/v1"
	"madoguchi/proto/plaintext"
)

const (
	// mostADay is how many messages a person writes, to all offices together.
	mostADay = 30
)

const (
	cosigning = portalv1.ApplicationState_APPLICATION_STATE_COSIGN
	arrived   = portalv1.ApplicationState_APPLICATION_STATE_ARRIVED
	checking  = portalv1.ApplicationState_APPLICATION_STATE_CHECKING
	accepted  = portalv1.ApplicationState_APPLICATION_STATE_ACCEPTED
	review    = portalv1.ApplicationState_APPLICATION_STATE_REVIEW
	returned  = portalv1.ApplicationState_APPLICATION_STATE_RETURNED
	resent    = portalv1.ApplicationState_APPLICATION_STATE_RESENT
	approved  = portalv1.ApplicationState_APPLICATION_STATE_APPROVED
	partly    = portalv1.ApplicationState_APPLICATION_STATE_PARTLY
	rejected  = portalv1.ApplicationState_APPLICATION_STATE_REJECTED
	withdrawn = portalv1.ApplicationState_APPLICATION_STATE_WITHDRAWN
	lapsed    = portalv1.ApplicationState_APPLICATION_STATE_LAPSED
	done      = portalv1.ApplicationState_APPLICATION_STATE_DONE
)

// close has an application end: from now on it is kept for as long as its form says.
func (s *Service) close(ctx context.Context, q *db.Queries, row *db.Application, at time.Time) error {
	f, err := s.formOf(ctx, q, *row)
	if err != nil {
		return err
	}
	if err := q.ApplicationEnded(ctx, row.FolderID); err != nil {
		return fmt.Errorf("counting the applications of a person: %w", err)
	}
	row.ClosedAt, row.DueAt = at.UnixMilli(), 0
	row.GoneAt = at.AddDate(f.RetentionYears, 0, 0).UnixMilli()
	return nil
}

// WithdrawApplication takes one back.
func (s *Service) WithdrawApplication(
	ctx context.Context, request *portalv1.WithdrawApplicationRequest,
) (*portalv1.WithdrawApplicationResponse, error) {
	err := s.DB.Tx(ctx, func(q *db.Queries) error {
		row, err := own(ctx, q, request.GetId())
		if err != nil {
			return err
		}
		if state(row) != withdrawn {
			if row.ClosedAt > 0 {
				return tooLate(ctx, "id", errors.New("it has ended"))
			}
			now := s.Now()
			if err := s.close(ctx, q, &row, now); err != nil {
				return err
			}
			step := &portalv1.ApplicationStep{
				State: withdrawn, At: now.UnixMilli(), Note: plaintext.Clean(request.GetReason()),
			}
			move := s.moveForOffice
			if row.ArrivedAt == 0 {
				move = s.move // the office never had it
			}
			if err := move(ctx, q, &row, "", step); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return nil, told(err, "taking an application back")
	}
	one, err := s.wholeOf(ctx, s.DB.Read(), access.Subject(ctx), request.GetId())
	return &portalv1.WithdrawApplicationResponse{Application: one}, err
}

// WriteApplication writes to the office.
func (s *Service) WriteApplication(
	ctx context.Context, request *portalv1.WriteApplicationRequest,
) (*portalv1.WriteApplicationResponse, error) {
	err := s.DB.Tx(ctx, func(q *db.Queries) error {
		row, err := own(ctx, q, request.GetId())
		if err != nil {
			return err
		}
		if row.ArrivedAt == 0 {
			return tooLate(ctx, "id", errors.New("the office does not have it"))
		}
		now := s.Now()
		count, err := q.ApplicationWrittenSince(ctx, db.ApplicationWrittenSinceParams{
			FolderID: row.FolderID, Since: now.Add(-24 * time.Hour).UnixMilli(),
		})
		if err != nil {
			return fmt.Errorf("counting what a person wrote: %w", err)
		}
		if count >= mostADay {
			return access.TooMany(ctx, time.Hour, errors.New("the person writes too often"))
		}
		text := plaintext.Clean(request.GetText())
		if err := addMessage(ctx, q, row.FolderID, row.ID, rand.Text(), "", text, false, now.UnixMilli()); err != nil {
			return err
		}
		if row.OfficeAt, err = office.Turn(ctx, q); err != nil {
			return err
		}
		return s.set(ctx, q, &row)
	})
	if err != nil {
		return nil, told(err, "writing to an office")
	}
	one, err := s.wholeOf(ctx, s.DB.Read(), access.Subject(ctx), request.GetId())
	return &portalv1.WriteApplicationResponse{Application: one}, err
}

// CorrectApplication makes the draft by which a return is answered.
func (s *Service) CorrectApplication(
	ctx context.Context, request *portalv1.CorrectApplicationRequest,
) (*portalv1.CorrectApplicationResponse, error) {
	var response *portalv1.CorrectApplicationResponse
	err := s.DB.Tx(ctx, func(q *db.Queries) error {
		row, err := own(ctx, q, request.GetId())
		if err != nil {
			return err
		}
		if state(row) != returned || row.DueAt < s.Now().UnixMilli() {
			return tooLate(ctx, "id", errors.New("it is not returned"))
		}
		f, err := s.formOf(ctx, q, row)
		if err != nil {
			return err
		}
		last, err := readSent(ctx, q, row.FolderID, row.ID, row.Revision)
		if err != nil {
			return err
		}
		answers, err := f.ReadAnswers(last.Answers)
		if err != nil {
			return fmt.Errorf("reading what was sent: %w", err)
		}
		attached, err := last.attachments()
		if err != nil {
			return err
		}
		draft, err := s.Drafts.Begin(
			ctx, q, row.FolderID, row.ID, row.PlaceCode, row.FormID, row.Version, answers, attached,
		)
		if err != nil {
			return fmt.Errorf("beginning a correction: %w", err)
		}
		fields, err := returnedFields(ctx, q, row.FolderID, row.ID)
		if err != nil {
			return err
		}
		if len(fields) == 0 { // the office named none: all
			for _, section := range f.Sections {
				for _, field := range section.Fields {
					fields = append(fields, field.ID)
				}
			}
		}
		response = &portalv1.CorrectApplicationResponse{Draft: draft, Fields: fields}
		return nil
	})
	if err != nil {
		return nil, told(err, "beginning a correction")
	}
	return response, nil
}

// returnedFields are the fields that the last return named; none: it named none.
func returnedFields(ctx context.Context, q *db.Queries, folder, id string) (fields []string, err error) {
	steps, err := readSteps(ctx, q, folder, id)
	if err != nil {
		return nil, err
	}
	for _, step := range slices.Backward(steps) {
		if step.GetState() != returned {
			continue
		}
		for _, reason := range step.GetReasons() {
			for _, field := range reason.GetFields() {
				if !slices.Contains(fields, field) {
					fields = append(fields, field)
				}
			}
		}
		return fields, nil
	}
	return nil, nil
}

// OpenApplicationFile gives leave to download a file of the receipt, once.
func (s *Service) OpenApplicationFile(
	ctx context.Context, request *portalv1.OpenApplicationFileRequest,
) (*portalv1.OpenApplicationFileResponse, error) {
	var ticket string
	err := s.DB.Tx(ctx, func(q *db.Queries) error {
		row, err := own(ctx, q, request.GetId())
		if err != nil {
			return err
		}
		if row.ArrivedAt == 0 {
			return tooLate(ctx, "id", errors.New("there is no receipt of what has not arrived"))
		}
		ticket, err = s.ticket(ctx, q, db.ApplicationTicketAddParams{
			ApplicationID: row.ID, File: int64(request.GetFile()),
		})
		return err
	})
	if err != nil {
		return nil, told(err, "giving leave to download a receipt")
	}
	return &portalv1.OpenApplicationFileResponse{Ticket: ticket, GoodForMs: ticketFor.Milliseconds()}, nil
}

// ticket is leave for who calls to download what is said, once, in this session.
func (s *Service) ticket(ctx context.Context, q *db.Queries, of db.ApplicationTicketAddParams) (string, error) {
	caller, ticket, now := access.FromContext(ctx), rand.Text(), s.Now().UnixMilli()
	if _, err := q.ApplicationTicketsForget(ctx, now-ticketFor.Milliseconds()); err != nil {
		return "", fmt.Errorf("forgetting old tickets: %w", err)
	}
	of.TicketHash, of.FolderID, of.SessionHash, of.AskedAt = hashOf(ticket), caller.Subject(), caller.SessionHash, now
	if err := q.ApplicationTicketAdd(ctx, of); err != nil {
		return "", fmt.Errorf("giving a ticket: %w", err)
	}
	return ticket, nil
}

// KeepApplication keeps one that has ended, or lets it go.
func (s *Service) KeepApplication(
	ctx context.Context, request *portalv1.KeepApplicationRequest,
) (*portalv1.KeepApplicationResponse, error) {
	err := s.DB.Tx(ctx, func(q *db.Queries) error {
		row, err := own(ctx, q, request.GetId())
		if err != nil {
			return err
		}
		if row.ClosedAt == 0 {
			return tooLate(ctx, "id", errors.New("it has not ended: nothing of it is deleted"))
		}
		if kept := row.GoneAt == 0; kept == request.GetKeep() {
			return nil
		}
		row.GoneAt, row.Warned = 0, 0
		if !request.GetKeep() {
			f, err := s.formOf(ctx, q, row)
			if err != nil {
				return err
			}
			usual := time.UnixMilli(row.ClosedAt).AddDate(f.RetentionYears, 0, 0).UnixMilli()
			row.GoneAt = max(usual, s.Now().AddDate(0, 0, int(warnings[0])).UnixMilli())
		}
		return s.set(ctx, q, &row)
	})
	if err != nil {
		return nil, told(err, "keeping an application")
	}
	one, err := s.wholeOf(ctx, s.DB.Read(), access.Subject(ctx), request.GetId())
	return &portalv1.KeepApplicationResponse{Application: one}, err
}

// refused is an error of an application that cannot go on so.
func refused(ctx context.Context, field string, err error) error {
	return access.Error(ctx, connect.CodeFailedPrecondition, portalv1.Reason_REASON_CHANGED, field, err)
}

// look has the person's pages look.
func look(ctx context.Context, q *db.Queries, row db.Application) error {
	return live.Tell(ctx, q, row.FolderID, portalv1.ChangeKind_CHANGE_KIND_APPLICATION, row.ID)
}
