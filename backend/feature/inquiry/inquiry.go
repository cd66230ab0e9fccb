package inquiry

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"math/big"
	"time"

	"connectrpc.com/connect"
	"google.golang.org/protobuf/proto"

	"madoguchi/backend/door/access"
	"madoguchi/backend/door/live"
	"madoguchi/backend/store/db"
	portalv1 "madoguchi/proto/gen/portal/v1"
	"madoguchi/proto/plaintext"
)

const (
	// mostOpen is how many inquiries of a person are not closed, mostADay how many messages a person writes.
	mostOpen = 20
	mostADay = 30
	// mostListed are shown in a list.
	mostListed = 100
	numberSize = 100_000_000
)

const (
	waiting  = int64(portalv1.InquiryState_INQUIRY_STATE_WAITING)
	answered = int64(portalv1.InquiryState_INQUIRY_STATE_ANSWERED)
	closed   = int64(portalv1.InquiryState_INQUIRY_STATE_CLOSED)

	byPerson = int64(portalv1.InquiryWriter_INQUIRY_WRITER_PERSON)
	byPortal = int64(portalv1.InquiryWriter_INQUIRY_WRITER_PORTAL)
)

var (
	errMany   = errors.New("the person has as many open inquiries as there may be")
	errOften  = errors.New("the person writes too often")
	errOffice = errors.New("the office takes no inquiries of this person")
)

// fault gives what went wrong its words.
func fault(ctx context.Context, err error) error {
	switch {
	case err == nil:
		return nil
	case errors.Is(err, errMany):
		return access.Error(ctx, connect.CodeFailedPrecondition, portalv1.Reason_REASON_TOO_MANY, "", err)
	case errors.Is(err, errOften):
		return access.TooMany(ctx, time.Hour, err)
	case errors.Is(err, errOffice):
		return access.NotFound(ctx, "office_id", err)
	case errors.Is(err, db.ErrNotFound):
		return access.NotFound(ctx, "id", nil)
	}
	return fmt.Errorf("keeping an inquiry: %w", err)
}

// ListInquiries gives them, what moved last first.
func (s *Service) ListInquiries(
	ctx context.Context, _ *portalv1.ListInquiriesRequest,
) (*portalv1.ListInquiriesResponse, error) {
	rows, err := s.db.Read().InquiryList(ctx, db.InquiryListParams{FolderID: access.Subject(ctx), Size: mostListed})
	if err != nil {
		return nil, fmt.Errorf("reading the inquiries: %w", err)
	}
	response := &portalv1.ListInquiriesResponse{}
	for _, row := range rows {
		response.Inquiries = append(response.Inquiries, message(row))
	}
	return response, nil
}

func message(row db.InquiryRow) *portalv1.Inquiry {
	return &portalv1.Inquiry{
		Id: row.ID, Number: row.Number, OfficeId: row.OfficeID, Office: row.Office, Subject: row.Subject,
		State: portalv1.InquiryState(row.State), Kind: portalv1.InquiryKind(row.Kind), OpenedAt: row.OpenedAt,
		MovedAt: row.MovedAt,
	}
}

// GetInquiry gives one with its messages.
func (s *Service) GetInquiry(
	ctx context.Context, request *portalv1.GetInquiryRequest,
) (*portalv1.GetInquiryResponse, error) {
	found, err := whole(ctx, s.db.Read(), access.Subject(ctx), request.GetId())
	if err != nil {
		return nil, fault(ctx, err)
	}
	return &portalv1.GetInquiryResponse{Inquiry: found}, nil
}

func whole(ctx context.Context, q *db.Queries, folder, id string) (*portalv1.Inquiry, error) {
	row, err := q.InquiryGet(ctx, db.InquiryGetParams{FolderID: folder, ID: id})
	if err != nil {
		return nil, err
	}
	m := message(row)
	if len(row.Attached) > 0 {
		m.Attached = &portalv1.InquiryAttachment{}
		if err := proto.Unmarshal(row.Attached, m.Attached); err != nil {
			return nil, fmt.Errorf("reading what is attached to an inquiry: %w", err)
		}
	}
	messages, err := q.InquiryMessages(ctx, db.InquiryMessagesParams{FolderID: folder, InquiryID: id})
	if err != nil {
		return nil, fmt.Errorf("reading the messages of an inquiry: %w", err)
	}
	for _, one := range messages {
		m.Messages = append(m.Messages, &portalv1.InquiryMessage{
			By: portalv1.InquiryWriter(one.Writer), Text: one.Body, WrittenAt: one.WrittenAt,
		})
	}
	return m, nil
}

// ListInquiryOffices tells whom the person can ask.
func (s *Service) ListInquiryOffices(
	ctx context.Context, _ *portalv1.ListInquiryOfficesRequest,
) (*portalv1.ListInquiryOfficesResponse, error) {
	rows, err := s.db.Read().InquiryOffices(ctx, access.Subject(ctx))
	if err != nil {
		return nil, fmt.Errorf("listing the offices that take inquiries: %w", err)
	}
	response := &portalv1.ListInquiryOfficesResponse{}
	for _, row := range rows {
		response.Offices = append(response.Offices, &portalv1.InquiryOffice{Id: row.ID, Name: row.Name})
	}
	return response, nil
}

// OpenInquiry takes a new one.
func (s *Service) OpenInquiry(
	ctx context.Context, request *portalv1.OpenInquiryRequest,
) (*portalv1.OpenInquiryResponse, error) {
	folder := access.Subject(ctx)
	var opened *portalv1.Inquiry
	err := s.db.Tx(ctx, func(q *db.Queries) error {
		if err := s.mayAsk(ctx, q, folder, request.GetOfficeId()); err != nil {
			return err
		}
		row := db.InquiryAddParams{
			FolderID: folder, OfficeID: request.GetOfficeId(), Subject: plaintext.Clean(request.GetSubject()),
			Kind: int64(portalv1.InquiryKind_INQUIRY_KIND_QUESTION), State: waiting,
		}
		if attached := request.GetAttached(); proto.Size(attached) > 0 {
			var err error
			if row.Attached, err = proto.Marshal(attached); err != nil {
				return fmt.Errorf("writing what is attached: %w", err)
			}
		}
		id, _, err := s.add(ctx, q, row)
		if err != nil {
			return err
		}
		if _, err := s.write(ctx, q, folder, id, byPerson, "", request.GetText(), waiting); err != nil {
			return err
		}
		opened, err = whole(ctx, q, folder, id)
		return err
	})
	if err != nil {
		return nil, fault(ctx, err)
	}
	return &portalv1.OpenInquiryResponse{Inquiry: opened}, nil
}

// mayAsk tells whether a person may ask now, and an office.
func (s *Service) mayAsk(ctx context.Context, q *db.Queries, folder, office string) error {
	open, err := q.InquiryOpenCount(ctx, db.InquiryOpenCountParams{FolderID: folder, Closed: closed})
	if err != nil {
		return fmt.Errorf("counting the inquiries: %w", err)
	}
	if open >= mostOpen {
		return errMany
	}
	if err := s.mayWrite(ctx, q, folder); err != nil || office == "" {
		return err
	}
	offices, err := q.InquiryOffices(ctx, folder)
	if err != nil {
		return fmt.Errorf("listing the offices that take inquiries: %w", err)
	}
	for _, o := range offices {
		if o.ID == office {
			return nil
		}
	}
	return errOffice
}

func (s *Service) mayWrite(ctx context.Context, q *db.Queries, folder string) error {
	written, err := q.InquiryWrittenSince(ctx, db.InquiryWrittenSinceParams{
		FolderID: folder, Since: s.now().Add(-24 * time.Hour).UnixMilli(), Writer: byPerson,
	})
	if err != nil {
		return fmt.Errorf("counting what a person wrote: %w", err)
	}
	if written >= mostADay {
		return errOften
	}
	return nil
}

// add writes a new inquiry within a transaction, under a number that nobody has.
func (s *Service) add(ctx context.Context, q *db.Queries, row db.InquiryAddParams) (id, number string, err error) {
	row.ID, row.Now = rand.Text(), s.now().UnixMilli()
	subject, attached := row.Subject, row.Attached
	for range 10 {
		drawn, err := rand.Int(rand.Reader, big.NewInt(numberSize))
		if err != nil {
			return "", "", fmt.Errorf("drawing a number: %w", err)
		}
		row.Number = fmt.Sprintf("%04d-%04d", drawn.Int64()/10_000, drawn.Int64()%10_000)
		row.Subject, row.Attached = subject, attached
		added, err := q.InquiryAdd(ctx, row)
		if err != nil {
			return "", "", fmt.Errorf("writing an inquiry: %w", err)
		}
		if added > 0 {
			return row.ID, row.Number, nil
		}
	}
	return "", "", errors.New("no number is free for an inquiry")
}

// write adds a message to an inquiry within a transaction, and has the person's pages told.
func (s *Service) write(
	ctx context.Context, q *db.Queries, folder, id string, writer int64, reference, text string, state int64,
) (at int64, err error) {
	at = s.now().UnixMilli()
	err = q.InquiryWrite(ctx, db.InquiryWriteParams{
		FolderID: folder, InquiryID: id, ID: rand.Text(), Writer: writer, Reference: reference,
		Body: plaintext.Clean(text), WrittenAt: at,
	})
	if err != nil {
		return 0, fmt.Errorf("writing a message of an inquiry: %w", err)
	}
	return at, move(ctx, q, folder, id, state, at)
}

func move(ctx context.Context, q *db.Queries, folder, id string, state, now int64) error {
	_, err := q.InquiryMove(ctx, db.InquiryMoveParams{FolderID: folder, ID: id, State: state, Now: now})
	if err != nil {
		return fmt.Errorf("moving an inquiry on: %w", err)
	}
	return live.Tell(ctx, q, folder, portalv1.ChangeKind_CHANGE_KIND_INQUIRY, id)
}

// WriteInquiry writes more.
func (s *Service) WriteInquiry(
	ctx context.Context, request *portalv1.WriteInquiryRequest,
) (*portalv1.WriteInquiryResponse, error) {
	folder, id := access.Subject(ctx), request.GetId()
	var now *portalv1.Inquiry
	err := s.db.Tx(ctx, func(q *db.Queries) error {
		if _, err := q.InquiryGet(ctx, db.InquiryGetParams{FolderID: folder, ID: id}); err != nil {
			return err
		}
		if err := s.mayWrite(ctx, q, folder); err != nil {
			return err
		}
		if _, err := s.write(ctx, q, folder, id, byPerson, "", request.GetText(), waiting); err != nil {
			return err
		}
		var err error
		now, err = whole(ctx, q, folder, id)
		return err
	})
	if err != nil {
		return nil, fault(ctx, err)
	}
	return &portalv1.WriteInquiryResponse{Inquiry: now}, nil
}

// CloseInquiry says that the person has what they need.
func (s *Service) CloseInquiry(
	ctx context.Context, request *portalv1.CloseInquiryRequest,
) (*portalv1.CloseInquiryResponse, error) {
	folder, id := access.Subject(ctx), request.GetId()
	var now *portalv1.Inquiry
	err := s.db.Tx(ctx, func(q *db.Queries) error {
		found, err := q.InquiryGet(ctx, db.InquiryGetParams{FolderID: folder, ID: id})
		if err != nil {
			return err
		}
		if found.State != closed {
			if err := move(ctx, q, folder, id, closed, s.now().UnixMilli()); err != nil {
				return err
			}
		}
		now, err = whole(ctx, q, folder, id)
		return err
	})
	if err != nil {
		return nil, fault(ctx, err)
	}
	return &portalv1.CloseInquiryResponse{Inquiry: now}, nil
}

// OpenCase opens a case about something that was not the person's doing, within a transaction; it goes to the operator,
// and no limit keeps it back.
func (s *Service) OpenCase(
	ctx context.Context, q *db.Queries, folder, subject, text string,
) (id, number string, err error) {
	id, number, err = s.add(ctx, q, db.InquiryAddParams{
		FolderID: folder, Subject: subject, Kind: int64(portalv1.InquiryKind_INQUIRY_KIND_DISOWNED), State: waiting,
	})
	if err != nil {
		return "", "", err
	}
	return id, number, s.AddToCase(ctx, q, folder, id, text)
}

// AddToCase has the portal write into a case within a transaction.
func (s *Service) AddToCase(ctx context.Context, q *db.Queries, folder, id, text string) error {
	_, err := s.write(ctx, q, folder, id, byPortal, "", text, waiting)
	return err
}

// NumberOf is the number of an inquiry of a person.
func NumberOf(ctx context.Context, q *db.Queries, folder, id string) (string, error) {
	row, err := q.InquiryGet(ctx, db.InquiryGetParams{FolderID: folder, ID: id})
	return row.Number, err
}
