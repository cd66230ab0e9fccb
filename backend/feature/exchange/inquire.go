package exchange

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"strings"
	"time"

	"connectrpc.com/connect"

	"madoguchi/backend/door/access"
	"madoguchi/backend/store/db"
	"madoguchi/proto/clock"
	officev1 "madoguchi/proto/gen/office/v1"
	portalv1 "madoguchi/proto/gen/portal/v1"
)

const (
	// For so long the records are kept by law (番号法23条, its ordinance), and offices are asked for them.
	yearsKept = 7
	// What an office has not answered by then is not waited for any more.
	inquiryTime   = 30 * 24 * time.Hour
	mostInquiries = 20 // that are open
)

// AskExchanges has the offices that know a person asked to report what is missing of a period.
func (s *Service) AskExchanges(
	ctx context.Context, request *portalv1.AskExchangesRequest,
) (*portalv1.AskExchangesResponse, error) {
	today := clock.Today(s.now())
	switch {
	case request.GetTo() < request.GetFrom():
		return nil, access.Invalid(ctx, "to", errors.New("before it began"))
	case request.GetTo() > today.Format(time.DateOnly):
		return nil, access.Invalid(ctx, "to", errors.New("is to come"))
	case request.GetFrom() < today.AddDate(-yearsKept, 0, 0).Format(time.DateOnly):
		return nil, access.Invalid(ctx, "from", errors.New("longer ago than records are kept"))
	}
	folder := access.Subject(ctx)
	var id string
	err := s.db.Tx(ctx, func(q *db.Queries) (err error) {
		id, err = s.inquire(ctx, q, folder, request)
		return err
	})
	if err != nil {
		return nil, told("asking offices for what is missing", err)
	}
	all, err := s.inquiries(ctx, s.db.Read(), folder)
	if err != nil {
		return nil, err
	}
	for _, m := range all {
		if m.GetId() == id {
			return &portalv1.AskExchangesResponse{Inquiry: m}, nil
		}
	}
	return nil, errors.New("what was asked a moment ago is gone")
}

func open(m *portalv1.ExchangeInquiry) bool {
	return m.GetState() < portalv1.ExchangeInquiryState_EXCHANGE_INQUIRY_STATE_DONE
}

func (s *Service) inquire(
	ctx context.Context, q *db.Queries, folder string, request *portalv1.AskExchangesRequest,
) (string, error) {
	before, err := s.inquiries(ctx, q, folder)
	if err != nil {
		return "", err
	}
	opened := 0
	for _, m := range before {
		if !open(m) {
			continue
		}
		if m.GetFrom() == request.GetFrom() && m.GetTo() == request.GetTo() {
			return m.GetId(), nil
		}
		opened++
	}
	if opened >= mostInquiries {
		return "", access.Error(ctx, connect.CodeFailedPrecondition, portalv1.Reason_REASON_TOO_MANY, "",
			errors.New("so many are open"))
	}
	id, now := strings.ToLower(rand.Text()), s.now().UnixMilli()
	err = q.ExchangeInquire(ctx, db.ExchangeInquireParams{
		FolderID: folder, ID: id, FromDay: request.GetFrom(), ToDay: request.GetTo(), AskedAt: now,
	})
	if err != nil {
		return "", fmt.Errorf("writing what is asked: %w", err)
	}
	offices, err := q.ExchangeOffices(ctx, folder)
	if err != nil {
		return "", fmt.Errorf("listing whom to ask: %w", err)
	}
	for _, o := range offices {
		err := q.ExchangeInquireOffice(ctx, db.ExchangeInquireOfficeParams{
			FolderID: folder, InquiryID: id, OfficeID: o.ID, AskedAt: now,
		})
		if err != nil {
			return "", fmt.Errorf("writing whom is asked: %w", err)
		}
	}
	return id, changed(ctx, q, folder, "")
}

// ListExchangeInquiries tells how they stand.
func (s *Service) ListExchangeInquiries(
	ctx context.Context, _ *portalv1.ListExchangeInquiriesRequest,
) (*portalv1.ListExchangeInquiriesResponse, error) {
	all, err := s.inquiries(ctx, s.db.Read(), access.Subject(ctx))
	return &portalv1.ListExchangeInquiriesResponse{Inquiries: all}, err
}

func (s *Service) inquiries(
	ctx context.Context, q *db.Queries, folder string,
) ([]*portalv1.ExchangeInquiry, error) {
	rows, err := q.ExchangeInquiries(ctx, folder)
	if err != nil {
		return nil, fmt.Errorf("listing what was asked: %w", err)
	}
	if len(rows) == 0 {
		return nil, nil
	}
	inquired, err := q.ExchangeInquired(ctx, folder)
	if err != nil {
		return nil, fmt.Errorf("listing who was asked: %w", err)
	}
	var list []*portalv1.ExchangeInquiry
	for _, row := range rows {
		m := &portalv1.ExchangeInquiry{
			Id: row.ID, From: row.FromDay, To: row.ToDay, AskedAt: row.AskedAt, Since: row.AskedAt,
		}
		answered := 0
		for _, o := range inquired {
			if o.InquiryID != row.ID {
				continue
			}
			m.Offices = append(m.Offices, &portalv1.ExchangeInquiryOffice{
				Name: o.Name, Taken: o.TakenAt > 0, Answered: o.AnsweredAt > 0,
			})
			m.Since = max(m.GetSince(), o.AnsweredAt)
			if o.AnsweredAt > 0 {
				answered++
			}
		}
		m.State = s.inquiryState(m, answered)
		since, before, _, err := span(row.FromDay, row.ToDay)
		if err != nil {
			return nil, fmt.Errorf("reading the period of what was asked: %w", err)
		}
		come, err := q.ExchangeCome(ctx, db.ExchangeComeParams{
			FolderID: folder, Since: row.AskedAt, FromTime: since, ToTime: before,
		})
		if err != nil {
			return nil, fmt.Errorf("counting what came: %w", err)
		}
		m.Come = int32(come)
		list = append(list, m)
	}
	return list, nil
}

func (s *Service) inquiryState(m *portalv1.ExchangeInquiry, answered int) portalv1.ExchangeInquiryState {
	switch {
	case answered == len(m.GetOffices()):
		return portalv1.ExchangeInquiryState_EXCHANGE_INQUIRY_STATE_DONE
	case s.now().Sub(time.UnixMilli(m.GetAskedAt())) > inquiryTime:
		return portalv1.ExchangeInquiryState_EXCHANGE_INQUIRY_STATE_ENDED
	case answered > 0:
		return portalv1.ExchangeInquiryState_EXCHANGE_INQUIRY_STATE_PARTLY
	}
	return portalv1.ExchangeInquiryState_EXCHANGE_INQUIRY_STATE_ACCEPTED
}

// ListExchangeTasks gives an office what it is to do.
func (i *Intake) ListExchangeTasks(
	ctx context.Context, _ *officev1.ListExchangeTasksRequest,
) (*officev1.ListExchangeTasksResponse, error) {
	from := access.FromContext(ctx).OfficeID
	q := i.db.Read()
	asked, err := q.ExchangeTasksInquiries(ctx, db.ExchangeTasksInquiriesParams{
		OfficeID: from, After: i.now().Add(-inquiryTime).UnixMilli(),
	})
	if err != nil {
		return nil, fmt.Errorf("listing what an office is asked: %w", err)
	}
	claims, err := q.ExchangeTasksClaims(ctx, from)
	if err != nil {
		return nil, fmt.Errorf("listing what an office is told: %w", err)
	}
	response := &officev1.ListExchangeTasksResponse{}
	isNew := false
	for _, row := range asked {
		isNew = isNew || row.TakenAt == 0
		response.Inquiries = append(response.Inquiries, &officev1.ExchangeInquiry{
			Id: row.ID, Person: row.Identifier, From: row.FromDay, To: row.ToDay,
		})
	}
	for _, row := range claims {
		isNew = isNew || row.State == int64(portalv1.ExchangeClaimState_EXCHANGE_CLAIM_STATE_SENT)
		m, err := i.claimForOffice(ctx, q, row)
		if err != nil {
			return nil, err
		}
		response.Claims = append(response.Claims, m)
	}
	if !isNew {
		return response, nil
	}
	err = i.db.Tx(ctx, func(q *db.Queries) error { return i.noteTaken(ctx, q, from, asked, claims) })
	return response, told("noting what an office has", err)
}

// noteTaken notes that the office has what it had not.
func (i *Intake) noteTaken(
	ctx context.Context, q *db.Queries, from string, asked []db.ExchangeTasksInquiriesRow,
	claims []db.ExchangeTasksClaimsRow,
) error {
	now := i.now().UnixMilli()
	for _, row := range asked {
		if row.TakenAt > 0 {
			continue
		}
		err := q.ExchangeInquiryTaken(ctx, db.ExchangeInquiryTakenParams{
			FolderID: row.FolderID, InquiryID: row.ID, OfficeID: from, TakenAt: now,
		})
		if err != nil {
			return err
		}
		if err := changed(ctx, q, row.FolderID, ""); err != nil {
			return err
		}
	}
	for _, row := range claims {
		if row.State != int64(portalv1.ExchangeClaimState_EXCHANGE_CLAIM_STATE_SENT) {
			continue
		}
		err := q.ExchangeClaimTaken(ctx, db.ExchangeClaimTakenParams{FolderID: row.FolderID, ID: row.ID, Now: now})
		if err != nil {
			return err
		}
		if err := changed(ctx, q, row.FolderID, row.Number); err != nil {
			return err
		}
	}
	return nil
}

// AnswerExchangeInquiry notes that an office has reported all of a period.
func (i *Intake) AnswerExchangeInquiry(
	ctx context.Context, request *officev1.AnswerExchangeInquiryRequest,
) (*officev1.AnswerExchangeInquiryResponse, error) {
	from := access.FromContext(ctx).OfficeID
	response := &officev1.AnswerExchangeInquiryResponse{}
	err := i.db.Tx(ctx, func(q *db.Queries) error {
		row, err := q.ExchangeInquiryOfOffice(ctx, db.ExchangeInquiryOfOfficeParams{
			OfficeID: from, InquiryID: request.GetInquiryId(),
		})
		if errors.Is(err, db.ErrNotFound) {
			return access.NotFound(ctx, "inquiry_id", errors.New("the office is asked no such thing"))
		}
		if err != nil {
			return err
		}
		response.Taken = row.AnsweredAt == 0
		if !response.GetTaken() {
			return nil
		}
		err = q.ExchangeInquiryAnswer(ctx, db.ExchangeInquiryAnswerParams{
			FolderID: row.FolderID, InquiryID: request.GetInquiryId(), OfficeID: from,
			AnsweredAt: i.now().UnixMilli(),
		})
		if err != nil {
			return err
		}
		return changed(ctx, q, row.FolderID, "")
	})
	if err != nil {
		return nil, told("noting that an office has reported all", err)
	}
	return response, nil
}
