package inquiry

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"time"

	"connectrpc.com/connect"
	"google.golang.org/protobuf/proto"

	"madoguchi/backend/door/access"
	"madoguchi/backend/outside/tell"
	"madoguchi/backend/store/db"
	"madoguchi/backend/store/page"
	officev1 "madoguchi/proto/gen/office/v1"
	portalv1 "madoguchi/proto/gen/portal/v1"
	"madoguchi/proto/plaintext"
)

var pages = page.Limits{Usual: 20, Most: 100}

const (
	byOffice   = int64(portalv1.InquiryWriter_INQUIRY_WRITER_OFFICE)
	byOperator = int64(portalv1.InquiryWriter_INQUIRY_WRITER_OPERATOR)
)

// ListInquiries gives an office those that wait for it.
func (i *Intake) ListInquiries(
	ctx context.Context, request *officev1.ListInquiriesRequest,
) (*officev1.ListInquiriesResponse, error) {
	office := access.FromContext(ctx).OfficeID
	size, err := pages.Size(request.GetPageSize())
	if err != nil {
		return nil, access.Invalid(ctx, "page_size", err)
	}
	list := page.Of("inquiries", office)
	after, err := list.After(request.GetPageToken(), 2)
	from := db.InquiriesWaitingParams{OfficeID: office, Waiting: waiting, Size: size + 1}
	if err == nil && after != nil {
		from.AfterID = after[1]
		from.After, err = strconv.ParseInt(after[0], 10, 64)
	}
	if err != nil {
		return nil, access.Invalid(ctx, "page_token", page.ErrToken)
	}
	q := i.db.Read()
	rows, err := q.InquiriesWaiting(ctx, from)
	if err != nil {
		return nil, fmt.Errorf("listing an office's inquiries: %w", err)
	}
	response := &officev1.ListInquiriesResponse{}
	for n, row := range rows {
		if n == int(size) {
			last := rows[n-1]
			response.NextPageToken = list.Token(strconv.FormatInt(last.MovedAt, 10), last.ID)
			break
		}
		one, err := forOffice(ctx, q, row)
		if err != nil {
			return nil, err
		}
		response.Inquiries = append(response.Inquiries, one)
	}
	return response, nil
}

func forOffice(ctx context.Context, q *db.Queries, row db.InquiriesWaitingRow) (*officev1.Inquiry, error) {
	m := &officev1.Inquiry{
		Id: row.ID, Number: row.Number, Person: row.Person, Subject: row.Subject, OpenedAt: row.OpenedAt,
		MovedAt: row.MovedAt,
	}
	attached := &portalv1.InquiryAttachment{}
	if err := proto.Unmarshal(row.Attached, attached); err != nil {
		return nil, fmt.Errorf("reading what is attached to an inquiry: %w", err)
	}
	m.Code, m.Page, m.State = attached.GetCode(), attached.GetPage(), attached.GetState()
	messages, err := q.InquiryMessages(ctx, db.InquiryMessagesParams{FolderID: row.FolderID, InquiryID: row.ID})
	if err != nil {
		return nil, fmt.Errorf("reading the messages of an inquiry: %w", err)
	}
	for _, one := range messages {
		m.Messages = append(m.Messages, &officev1.InquiryMessage{
			ByPerson: one.Writer == byPerson, Text: one.Body, WrittenAt: one.WrittenAt,
		})
	}
	return m, nil
}

var errOtherAnswer = errors.New("another answer stands under this reference")

// AnswerInquiry takes an office's answer in.
func (i *Intake) AnswerInquiry(
	ctx context.Context, request *officev1.AnswerInquiryRequest,
) (*officev1.AnswerInquiryResponse, error) {
	office, at := access.FromContext(ctx).OfficeID, int64(0)
	err := i.db.Tx(ctx, func(q *db.Queries) error {
		folder, err := q.InquiryOfOffice(ctx, db.InquiryOfOfficeParams{ID: request.GetId(), OfficeID: office})
		if err != nil {
			return err
		}
		before, err := q.InquiryMessages(ctx, db.InquiryMessagesParams{FolderID: folder, InquiryID: request.GetId()})
		if err != nil {
			return err
		}
		for _, one := range before {
			if one.Writer != byOffice || one.Reference != request.GetReference() {
				continue
			}
			if at = one.WrittenAt; one.Body != plaintext.Clean(request.GetText()) {
				return errOtherAnswer
			}
			return nil
		}
		at, err = i.answer(ctx, q, folder, request.GetId(), byOffice, request.GetReference(), request.GetText())
		return err
	})
	if errors.Is(err, errOtherAnswer) {
		return nil, access.Error(ctx, connect.CodeAlreadyExists, portalv1.Reason_REASON_ALREADY_DONE, "reference", err)
	}
	if err != nil {
		return nil, fault(ctx, err)
	}
	i.wake()
	return &officev1.AnswerInquiryResponse{WrittenAt: at}, nil
}

// answer writes an answer within a transaction, and lets the person know.
func (s *Service) answer(
	ctx context.Context, q *db.Queries, folder, id string, writer int64, reference, text string,
) (at int64, err error) {
	if at, err = s.write(ctx, q, folder, id, writer, reference, text, answered); err != nil {
		return 0, err
	}
	_, err = tell.Tell(ctx, q, folder, tell.InquiryAnswered, tell.About{At: time.UnixMilli(at)})
	return at, err
}

// What follows is the operator's, who finds an inquiry by its number.

// Waiting gives those that wait for the operator, the one that has waited for the longest first.
func (s *Service) Waiting(ctx context.Context) ([]*portalv1.Inquiry, error) {
	rows, err := s.db.Read().InquiriesWaiting(ctx, db.InquiriesWaitingParams{Waiting: waiting, Size: mostListed})
	if err != nil {
		return nil, fmt.Errorf("listing the inquiries: %w", err)
	}
	var list []*portalv1.Inquiry
	for _, row := range rows {
		list = append(list, message(db.InquiryRow{
			ID: row.ID, FolderID: row.FolderID, Number: row.Number, Subject: row.Subject, Kind: row.Kind,
			State: row.State, OpenedAt: row.OpenedAt, MovedAt: row.MovedAt,
		}))
	}
	return list, nil
}

// ErrNone: the operator has no inquiry of that number.
var ErrNone = errors.New("no inquiry to the operator has this number")

func (s *Service) numbered(ctx context.Context, q *db.Queries, number string) (folder, id string, err error) {
	row, err := q.InquiryByNumber(ctx, number)
	if errors.Is(err, db.ErrNotFound) || err == nil && row.OfficeID != "" {
		return "", "", ErrNone
	}
	return row.FolderID, row.ID, err
}

// Show gives the one of a number, whole, once it is noted in the folder of the person that somebody looks at it.
func (s *Service) Show(
	ctx context.Context, number string, noted func(ctx context.Context, q *db.Queries, folder string) error,
) (one *portalv1.Inquiry, err error) {
	err = s.db.Tx(ctx, func(q *db.Queries) error {
		folder, id, err := s.numbered(ctx, q, number)
		if err != nil {
			return err
		}
		if err := noted(ctx, q, folder); err != nil {
			return fmt.Errorf("noting who looks: %w", err)
		}
		one, err = whole(ctx, q, folder, id)
		return err
	})
	return one, err
}

// Answer answers the one of a number.
func (s *Service) Answer(ctx context.Context, number, text string) error {
	if plaintext.Count(plaintext.Clean(text)) == 0 {
		return errors.New("the answer is empty")
	}
	return s.db.Tx(ctx, func(q *db.Queries) error {
		folder, id, err := s.numbered(ctx, q, number)
		if err != nil {
			return err
		}
		_, err = s.answer(ctx, q, folder, id, byOperator, "", text)
		return err
	})
}

// Close ends the one of a number.
func (s *Service) Close(ctx context.Context, number string) error {
	return s.db.Tx(ctx, func(q *db.Queries) error {
		folder, id, err := s.numbered(ctx, q, number)
		if err != nil {
			return err
		}
		return move(ctx, q, folder, id, closed, s.now().UnixMilli())
	})
}
