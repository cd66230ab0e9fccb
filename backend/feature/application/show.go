package application

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"madoguchi/backend/door/access"
	"madoguchi/backend/japan/municipality"
	"madoguchi/backend/store/db"
	"madoguchi/proto/form"
	portalv1 "madoguchi/proto/gen/portal/v1"
	"madoguchi/proto/ledger"
)

const (
	// mostListed are shown in a list.
	mostListed = 200
	// usualFor is the time of which it is told how long an office took, of so many cases at most.
	usualFor  = 90 * 24 * time.Hour
	mostUsual = 500
	// usualHeld is for how long that is not asked for again: it is told with each application that anybody looks at.
	usualHeld = time.Minute
)

// ListApplications gives those of the person, what moved last first.
func (s *Service) ListApplications(
	ctx context.Context, _ *portalv1.ListApplicationsRequest,
) (*portalv1.ListApplicationsResponse, error) {
	q := s.DB.Read()
	rows, err := q.ApplicationList(ctx, db.ApplicationListParams{FolderID: access.Subject(ctx), Size: mostListed})
	if err != nil {
		return nil, fmt.Errorf("listing applications: %w", err)
	}
	reader := s.reader(q)
	reader.open = map[[2]string][]db.Application{}
	for _, row := range rows {
		if row.ClosedAt == 0 {
			key := [2]string{row.OfficeID, row.FormID}
			reader.open[key] = append(reader.open[key], row)
		}
	}
	response := &portalv1.ListApplicationsResponse{}
	for _, row := range rows {
		one, err := reader.line(ctx, row)
		if err != nil {
			return nil, err
		}
		response.Applications = append(response.Applications, one)
	}
	return response, nil
}

// GetApplication gives one whole.
func (s *Service) GetApplication(
	ctx context.Context, request *portalv1.GetApplicationRequest,
) (*portalv1.GetApplicationResponse, error) {
	q := s.DB.Read()
	row, err := own(ctx, q, request.GetId())
	if err != nil {
		return nil, err
	}
	one, err := s.whole(ctx, q, row)
	return &portalv1.GetApplicationResponse{Application: one}, err
}

// own is an application of the person's.
func own(ctx context.Context, q *db.Queries, id string) (db.Application, error) {
	row, err := q.ApplicationGet(ctx, db.ApplicationGetParams{FolderID: access.Subject(ctx), ID: id})
	if errors.Is(err, db.ErrNotFound) {
		return row, access.NotFound(ctx, "id", nil)
	}
	if err != nil {
		return row, fmt.Errorf("reading an application: %w", err)
	}
	return row, nil
}

// formOf is the form under which an application was sent.
func (s *Service) formOf(ctx context.Context, q *db.Queries, row db.Application) (*form.Form, error) {
	key := [3]string{row.PlaceCode, row.FormID, row.Version}
	if known, ok := s.read.Load(key); ok {
		return known.(*form.Form), nil
	}
	f, found, err := s.Drafts.Form(ctx, q, row.PlaceCode, row.FormID, row.Version)
	if err == nil && !found {
		err = fmt.Errorf("there is no form %s %s any more", row.FormID, row.Version)
	}
	if err != nil {
		return nil, fmt.Errorf("reading the form of an application: %w", err)
	}
	s.read.Store(key, f) // a version never changes
	return f, nil
}

// reader is who reads applications, and what many of them have in common, asked for once.
type reader struct {
	*Service
	q       *db.Queries
	offices map[string]string
	open    map[[2]string][]db.Application
}

func (s *Service) reader(q *db.Queries) *reader {
	return &reader{Service: s, q: q, offices: map[string]string{}}
}

func (r *reader) office(ctx context.Context, id string) (name string, err error) {
	name, known := r.offices[id]
	if known {
		return name, nil
	}
	name, err = r.q.ApplicationOfficeName(ctx, id)
	if err != nil && !errors.Is(err, db.ErrNotFound) {
		return "", fmt.Errorf("reading an office: %w", err)
	}
	r.offices[id] = name
	return name, nil
}

// line is an application as a list has it.
func (r *reader) line(ctx context.Context, row db.Application) (*portalv1.Application, error) {
	f, err := r.formOf(ctx, r.q, row)
	if err != nil {
		return nil, err
	}
	title := f.Texts["title"]
	m := &portalv1.Application{
		Id: row.ID, Place: row.PlaceCode, Office: row.OfficeID, Form: row.FormID, Version: row.Version,
		Procedure: row.Procedure, Title: title.Ja, State: state(row), ArrivedAt: row.ArrivedAt,
		MovedAt: row.MovedAt, DueAt: row.DueAt, MayWithdraw: row.ClosedAt == 0, Late: row.Late, GoneAt: row.GoneAt,
		Name: &portalv1.LocalText{Ja: title.Ja, En: title.En, Easy: title.Easy},
	}
	if row.ArrivedAt > 0 {
		m.Number = row.Number
	}
	if place, ok := municipality.ByCode(row.PlaceCode); ok {
		m.PlaceName, m.PlaceEnglish = place.Name, municipality.English(place.Code)
	}
	if m.OfficeName, err = r.office(ctx, row.OfficeID); err != nil {
		return nil, err
	}
	if row.ClosedAt > 0 {
		m.Kept = row.GoneAt == 0
		return m, nil
	}
	if m.UsualDays, m.UsualOf, err = r.Usual(ctx, r.q, row.OfficeID, row.FormID); err != nil {
		return nil, err
	}
	m.Twin, err = r.twin(ctx, row)
	return m, err
}

// twin is another application of the same form at the same office that is open, the last that was sent: among those
// that are read, or where only one is, in the store.
func (r *reader) twin(ctx context.Context, row db.Application) (id string, err error) {
	if r.open == nil {
		id, err = r.q.ApplicationTwin(ctx, db.ApplicationTwinParams{
			FolderID: row.FolderID, ID: row.ID, OfficeID: row.OfficeID, FormID: row.FormID,
		})
		if err != nil && !errors.Is(err, db.ErrNotFound) {
			return "", fmt.Errorf("looking for another application: %w", err)
		}
		return id, nil
	}
	var last int64
	for _, other := range r.open[[2]string{row.OfficeID, row.FormID}] {
		if other.ID != row.ID && other.SentAt > last {
			id, last = other.ID, other.SentAt
		}
	}
	return id, nil
}

// usual is how long an office takes for a form, as it was found at a time.
type usual struct {
	days, of int32
	at       time.Time
}

// Usual is how many days an office usually took for a form in the last 90 days (the median), and of how many cases, as
// it was a minute ago at most; what was decided here counts at once.
func (s *Service) Usual(ctx context.Context, q *db.Queries, office, form string) (days, of int32, err error) {
	key, now := [2]string{office, form}, s.Now()
	if held, ok := s.usual.Load(key); ok {
		if u := held.(usual); now.Sub(u.at).Abs() < usualHeld {
			return u.days, u.of, nil
		}
	}
	if days, of, err = s.pace(ctx, q, office, form); err == nil {
		s.usual.Store(key, usual{days, of, now})
	}
	return days, of, err
}

func (s *Service) pace(ctx context.Context, q *db.Queries, office, form string) (days, of int32, err error) {
	list, err := q.ApplicationPace(ctx, db.ApplicationPaceParams{
		OfficeID: office, FormID: form, Since: s.Now().Add(-usualFor).UnixMilli(), Size: mostUsual,
	})
	if err != nil || len(list) == 0 {
		return 0, 0, err
	}
	slices.Sort(list)
	return int32(list[len(list)/2]), int32(len(list)), nil
}

// whole is an application with all that was sent, said and decided.
func (s *Service) whole(ctx context.Context, q *db.Queries, row db.Application) (*portalv1.Application, error) {
	m, err := s.reader(q).line(ctx, row)
	if err != nil {
		return nil, err
	}
	last, err := readSent(ctx, q, row.FolderID, row.ID, row.Revision)
	if err != nil {
		return nil, err
	}
	m.Answers = last.Answers
	if row.Revision > 1 {
		before, err := readSent(ctx, q, row.FolderID, row.ID, row.Revision-1)
		if err != nil {
			return nil, err
		}
		m.Before = before.Answers
	}
	if m.Attachments, err = last.attachments(); err != nil {
		return nil, err
	}
	steps, err := readSteps(ctx, q, row.FolderID, row.ID)
	if err != nil {
		return nil, err
	}
	for _, one := range steps {
		m.Steps = append(m.Steps, one.ApplicationStep)
	}
	messages, err := readMessages(ctx, q, row.FolderID, row.ID)
	if err != nil {
		return nil, err
	}
	for _, one := range messages {
		m.Messages = append(m.Messages, one.ApplicationMessage)
	}
	m.Signing, m.Cosign = last.signing(), last.cosign()
	if last.Leaf > 0 {
		lines, _, err := s.Log.LinesOf(ctx, q, row.FolderID, ledger.Receipts, []uint64{uint64(last.Leaf)})
		if err != nil {
			return nil, fmt.Errorf("reading a line of the ledger: %w", err)
		}
		if len(lines) > 0 {
			m.Line = lines[0]
		}
	}
	return m, nil
}

// wholeOf is whole of one that is there.
func (s *Service) wholeOf(ctx context.Context, q *db.Queries, folder, id string) (*portalv1.Application, error) {
	row, err := q.ApplicationGet(ctx, db.ApplicationGetParams{FolderID: folder, ID: id})
	if err != nil {
		return nil, fmt.Errorf("reading an application: %w", err)
	}
	return s.whole(ctx, q, row)
}

// signing is how what was sent is signed, in words that can be shown.
func (s *sent) signing() *portalv1.Signing {
	m := &portalv1.Signing{Digest: digestOf(s.Document), StampedAt: s.StampedAt, StampedBy: s.stamps.By}
	if len(s.Signatures) > 0 {
		first := s.Signatures[0]
		m.Signer, m.SignerBirth, m.SignedAt, m.CheckedAt = first.Name, first.Birth, first.SignedAt, first.CheckedAt
	}
	return m
}

// cosign is who signs too; nil where nobody does.
func (s *sent) cosign() *portalv1.Cosign {
	if s.CosignName == "" {
		return nil
	}
	m := &portalv1.Cosign{Name: s.CosignName, Birth: s.CosignBirth, Token: s.CosignToken, SignedAt: s.CosignedAt}
	if len(s.Signatures) > 1 {
		m.Signer = s.Signatures[1].Name
	}
	return m
}

// Earlier is what was sent with an application that has arrived.
type Earlier struct {
	Answers []byte // JSON of proto/form
	At      int64
}

// mostEarlier is of how many a new one may be filled in.
const mostEarlier = 20

// Earlier gives what a person sent before, the last first.
func (s *Service) Earlier(ctx context.Context, q *db.Queries, folder string) (list []Earlier, err error) {
	rows, err := q.ApplicationList(ctx, db.ApplicationListParams{FolderID: folder, Size: mostEarlier})
	if err != nil {
		return nil, fmt.Errorf("listing applications: %w", err)
	}
	for _, row := range rows {
		one, err := readSent(ctx, q, folder, row.ID, row.Revision)
		if err != nil {
			return nil, err
		}
		list = append(list, Earlier{one.Answers, one.SentAt})
	}
	return list, nil
}
