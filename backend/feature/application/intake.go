package application

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"math"
	"slices"
	"strconv"
	"time"

	"connectrpc.com/connect"
	"google.golang.org/protobuf/proto"

	"madoguchi/backend/door/access"
	"madoguchi/backend/door/office"
	"madoguchi/backend/japan/municipality"
	"madoguchi/backend/store/act"
	"madoguchi/backend/store/db"
	"madoguchi/backend/store/page"
	"madoguchi/backend/store/published"
	"madoguchi/proto/form"
	officev1 "madoguchi/proto/gen/office/v1"
	portalv1 "madoguchi/proto/gen/portal/v1"
	"madoguchi/proto/plaintext"
)

const partSize = 256 << 10

var pages = page.Limits{Usual: 20, Most: 100}

var errOther = errors.New("something else stands under this reference")

// fault gives what went wrong its words.
func (i *Intake) fault(ctx context.Context, err error, doing string) error {
	switch {
	case errors.Is(err, db.ErrNotFound):
		return access.NotFound(ctx, "id", nil)
	case errors.Is(err, errOther):
		return access.Error(ctx, connect.CodeAlreadyExists, portalv1.Reason_REASON_ALREADY_DONE, "reference", err)
	}
	return told(err, doing)
}

// ofOffice is an application to the office that calls.
func ofOffice(ctx context.Context, q *db.Queries, id string) (db.Application, error) {
	return q.ApplicationOfOffice(ctx, db.ApplicationOfOfficeParams{ID: id, OfficeID: access.FromContext(ctx).OfficeID})
}

func lineFor(row db.Application, person string) *officev1.ApplicationLine {
	return &officev1.ApplicationLine{
		Id: row.ID, Number: row.Number, Person: person, Form: row.FormID, Version: row.Version,
		Procedure: row.Procedure, State: state(row), ArrivedAt: row.ArrivedAt, MovedAt: row.MovedAt, DueAt: row.DueAt,
		Revision: int32(row.Revision), Late: row.Late,
	}
}

// ListApplications gives what moved since.
func (i *Intake) ListApplications(
	ctx context.Context, request *officev1.ListApplicationsRequest,
) (*officev1.ListApplicationsResponse, error) {
	caller := access.FromContext(ctx).OfficeID
	size, err := pages.Size(request.GetPageSize())
	if err != nil {
		return nil, access.Invalid(ctx, "page_size", err)
	}
	list := page.Of("applications", caller)
	after, err := list.After(request.GetPageToken(), 2)
	from := db.ApplicationsOfOfficeParams{OfficeID: caller, Size: size}
	if err == nil && after != nil {
		from.AfterID = after[1]
		from.After, err = strconv.ParseInt(after[0], 10, 64)
	}
	if err != nil {
		return nil, access.Invalid(ctx, "page_token", page.ErrToken)
	}
	if from.Before, err = i.DB.Settled(ctx); err != nil {
		return nil, err
	}
	rows, err := i.DB.Read().ApplicationsOfOffice(ctx, from)
	if err != nil {
		return nil, fmt.Errorf("listing an office's applications: %w", err)
	}
	response := &officev1.ListApplicationsResponse{
		NextPageToken: list.Token(strconv.FormatInt(from.After, 10), from.AfterID),
	}
	for _, row := range rows {
		response.Applications = append(response.Applications, lineFor(applicationOf(row), row.Person))
		response.NextPageToken = list.Token(strconv.FormatInt(row.OfficeAt, 10), row.ID)
	}
	return response, nil
}

func applicationOf(r db.ApplicationsOfOfficeRow) db.Application {
	return db.Application{
		FolderID: r.FolderID, ID: r.ID, Number: r.Number, OfficeID: r.OfficeID, PlaceCode: r.PlaceCode,
		FormID: r.FormID, Version: r.Version, Procedure: r.Procedure, State: r.State, Revision: r.Revision,
		SentAt: r.SentAt, ArrivedAt: r.ArrivedAt, MovedAt: r.MovedAt, OfficeAt: r.OfficeAt, DueAt: r.DueAt,
		ClosedAt: r.ClosedAt, GoneAt: r.GoneAt, Warned: r.Warned, Late: r.Late, Tell: r.Tell,
	}
}

// sentTo is what of an application has arrived: that of a revision, 0 for the last.
func sentTo(ctx context.Context, q *db.Queries, row db.Application, revision int64) (*sent, error) {
	if revision > row.Revision {
		return nil, db.ErrNotFound
	}
	exactly := revision > 0
	if !exactly {
		revision = row.Revision
	}
	for ; revision > 0; revision-- {
		one, err := readSent(ctx, q, row.FolderID, row.ID, revision)
		if err != nil {
			return nil, err
		}
		if one.Leaf > 0 {
			return one, nil
		}
		if exactly {
			break // the second person has not signed it
		}
	}
	return nil, db.ErrNotFound
}

// FetchApplication gives one whole, and has it stand in the person's history that the office opened it.
func (i *Intake) FetchApplication(
	ctx context.Context, request *officev1.FetchApplicationRequest,
) (*officev1.FetchApplicationResponse, error) {
	var response *officev1.FetchApplicationResponse
	err := i.DB.Tx(ctx, func(q *db.Queries) error {
		row, err := ofOffice(ctx, q, request.GetId())
		if err != nil {
			return err
		}
		if response, err = i.fetched(ctx, q, row, int64(request.GetRevision())); err != nil {
			return err
		}
		return act.ByItself(ctx, q, "application.opened", "", act.By{Folder: row.FolderID}, i.Now())
	})
	if err != nil {
		return nil, i.fault(ctx, err, "giving an office an application")
	}
	return response, nil
}

func (i *Intake) fetched(
	ctx context.Context, q *db.Queries, row db.Application, revision int64,
) (*officev1.FetchApplicationResponse, error) {
	one, err := sentTo(ctx, q, row, revision)
	if err != nil {
		return nil, err
	}
	f, err := i.formOf(ctx, q, row)
	if err != nil {
		return nil, err
	}
	person, err := q.ApplicationPerson(ctx, db.ApplicationPersonParams{OfficeID: row.OfficeID, FolderID: row.FolderID})
	if err != nil && !errors.Is(err, db.ErrNotFound) {
		return nil, fmt.Errorf("reading whom an office knows: %w", err)
	}
	m := &officev1.FetchApplicationResponse{
		Application: lineFor(row, person), Answers: one.Answers, Definition: f.Canonical(), Signed: one.Document,
	}
	if m.Attachments, err = one.attachments(); err != nil {
		return nil, err
	}
	for n, signed := range one.Signatures {
		s := &officev1.ApplicationSignature{
			Signature: signed.CMS, Ocsp: signed.OCSP, RevocationList: signed.List, CheckedAt: signed.CheckedAt,
			Name: signed.Name, Birth: signed.Birth,
		}
		if n < len(one.stamps.Tokens) {
			s.Stamp = one.stamps.Tokens[n]
		}
		m.Signatures = append(m.Signatures, s)
	}
	steps, err := readSteps(ctx, q, row.FolderID, row.ID)
	if err != nil {
		return nil, err
	}
	for _, step := range steps {
		m.Steps = append(m.Steps, step.ApplicationStep)
	}
	messages, err := readMessages(ctx, q, row.FolderID, row.ID)
	if err != nil {
		return nil, err
	}
	for _, message := range messages {
		m.Messages = append(m.Messages, message.ApplicationMessage)
	}
	return m, nil
}

// FetchAttachment gives a part of an attachment.
func (i *Intake) FetchAttachment(
	ctx context.Context, request *officev1.FetchAttachmentRequest,
) (*officev1.FetchAttachmentResponse, error) {
	q := i.DB.Read()
	row, err := ofOffice(ctx, q, request.GetId())
	if err != nil {
		return nil, i.fault(ctx, err, "finding an application")
	}
	there := false
	for revision := int64(1); revision <= row.Revision && !there; revision++ {
		one, err := sentTo(ctx, q, row, revision)
		if errors.Is(err, db.ErrNotFound) {
			continue
		}
		if err != nil {
			return nil, err
		}
		attached, err := one.attachments()
		if err != nil {
			return nil, err
		}
		there = slices.ContainsFunc(attached, func(a *portalv1.Attachment) bool {
			return a.GetId() == request.GetAttachment()
		})
	}
	if !there {
		return nil, access.NotFound(ctx, "attachment", nil)
	}
	file, err := i.Drafts.Open(ctx, q, row.FolderID, request.GetAttachment())
	if err != nil {
		return nil, fmt.Errorf("opening an attachment: %w", err)
	}
	defer file.Close()
	_, err = io.CopyN(io.Discard, file, min(request.GetOffset(), math.MaxInt32))
	if err != nil && !errors.Is(err, io.EOF) {
		return nil, fmt.Errorf("reading an attachment: %w", err)
	}
	part, err := io.ReadAll(io.LimitReader(file, partSize+1))
	if err != nil {
		return nil, fmt.Errorf("reading an attachment: %w", err)
	}
	last := len(part) <= partSize
	return &officev1.FetchAttachmentResponse{Part: part[:min(len(part), partSize)], Last: last}, nil
}

// change does something to an application of the office's, once under a reference: what stands there already under it
// must be the same.
func (i *Intake) change(
	ctx context.Context, id, reference string, wanted *portalv1.ApplicationStep,
	do func(q *db.Queries, row *db.Application) error,
) (line *officev1.ApplicationLine, err error) {
	err = i.DB.Tx(ctx, func(q *db.Queries) error {
		row, err := ofOffice(ctx, q, id)
		if err != nil {
			return err
		}
		before, err := readSteps(ctx, q, row.FolderID, row.ID)
		if err != nil {
			return err
		}
		for _, step := range before {
			if step.reference != reference {
				continue
			}
			same := proto.CloneOf(step.ApplicationStep)
			same.At, same.DueAt = wanted.GetAt(), wanted.GetDueAt()
			if !proto.Equal(same, wanted) {
				return errOther
			}
			line = lineFor(row, "")
			return nil
		}
		if !MayGo(state(row), wanted.GetState()) {
			return refused(ctx, "state", fmt.Errorf("from %s it does not go on to %s", state(row), wanted.GetState()))
		}
		if err := do(q, &row); err != nil {
			return err
		}
		if err := i.moveForOffice(ctx, q, &row, reference, wanted); err != nil {
			return err
		}
		line = lineFor(row, "")
		return i.letKnow(ctx, q, row, i.Now())
	})
	if err != nil {
		return nil, i.fault(ctx, err, "moving an application on")
	}
	i.Wake()
	return line, nil
}

// SetApplicationState says where an application stands.
func (i *Intake) SetApplicationState(
	ctx context.Context, request *officev1.SetApplicationStateRequest,
) (*officev1.SetApplicationStateResponse, error) {
	step, wrong := StepOfState(request, i.Now())
	if wrong != nil {
		return nil, wrong.answer(ctx)
	}
	line, err := i.change(ctx, request.GetId(), request.GetReference(), step, func(*db.Queries, *db.Application) error {
		return nil
	})
	return &officev1.SetApplicationStateResponse{Application: line}, err
}

// ReturnApplication asks the person to correct it.
func (i *Intake) ReturnApplication(
	ctx context.Context, request *officev1.ReturnApplicationRequest,
) (*officev1.ReturnApplicationResponse, error) {
	step, wrong := StepOfReturn(request, i.Now())
	if wrong != nil {
		return nil, wrong.answer(ctx)
	}
	line, err := i.change(ctx, request.GetId(), request.GetReference(), step,
		func(q *db.Queries, row *db.Application) error {
			f, err := i.formOf(ctx, q, *row)
			if err != nil {
				return err
			}
			if wrong := AtFields(f, step); wrong != nil {
				return wrong.answer(ctx)
			}
			row.DueAt = step.GetDueAt()
			return nil
		})
	return &officev1.ReturnApplicationResponse{Application: line}, err
}

// DecideApplication decides.
func (i *Intake) DecideApplication(
	ctx context.Context, request *officev1.DecideApplicationRequest,
) (*officev1.DecideApplicationResponse, error) {
	now := i.Now()
	step, wrong := StepOfDecision(request, now)
	if wrong != nil {
		return nil, wrong.answer(ctx)
	}
	var decided [2]string
	line, err := i.change(ctx, request.GetId(), request.GetReference(), step,
		func(q *db.Queries, row *db.Application) error {
			if err := i.close(ctx, q, row, now); err != nil {
				return err
			}
			err := q.ApplicationPaceAdd(ctx, db.ApplicationPaceAddParams{
				OfficeID: row.OfficeID, FormID: row.FormID, EndedAt: now.UnixMilli(), ID: rand.Text(),
				Days: daysOf(now.Sub(time.UnixMilli(row.ArrivedAt))),
			})
			if err != nil {
				return fmt.Errorf("noting how long an office took: %w", err)
			}
			decided = [2]string{row.OfficeID, row.FormID}
			return nil
		})
	i.usual.Delete(decided)
	return &officev1.DecideApplicationResponse{Application: line}, err
}

// WriteToApplicant writes to the person.
func (i *Intake) WriteToApplicant(
	ctx context.Context, request *officev1.WriteToApplicantRequest,
) (*officev1.WriteToApplicantResponse, error) {
	var at int64
	err := i.DB.Tx(ctx, func(q *db.Queries) error {
		row, err := ofOffice(ctx, q, request.GetId())
		if err != nil {
			return err
		}
		before, err := readMessages(ctx, q, row.FolderID, row.ID)
		if err != nil {
			return err
		}
		text := plaintext.Clean(request.GetText())
		for _, message := range before {
			if !message.GetByOffice() || message.reference != request.GetReference() {
				continue
			}
			if at = message.GetAt(); message.GetText() != text {
				return errOther
			}
			return nil
		}
		now := i.Now()
		at = now.UnixMilli()
		err = addMessage(ctx, q, row.FolderID, row.ID, rand.Text(), request.GetReference(), text, true, at)
		if err != nil {
			return err
		}
		row.MovedAt = max(row.MovedAt, at)
		if err := i.set(ctx, q, &row); err != nil {
			return err
		}
		return i.letKnow(ctx, q, row, now)
	})
	if err != nil {
		return nil, i.fault(ctx, err, "writing to an applicant")
	}
	i.Wake()
	return &officev1.WriteToApplicantResponse{WrittenAt: at}, nil
}

// PublishForm registers a version of a form of the office's place.
func (i *Intake) PublishForm(
	ctx context.Context, request *officev1.PublishFormRequest,
) (*officev1.PublishFormResponse, error) {
	caller, err := office.Calling(ctx, i.DB.Read())
	if err != nil {
		return nil, err
	}
	place := request.GetPlaceCode()
	own := caller.MunicipalityCode
	if m, ok := municipality.ByCode(place); !ok || place != own && m.Office() != own {
		return nil, access.Forbidden(ctx, "place_code", errors.New("an office publishes for its own place"))
	}
	response := &officev1.PublishFormResponse{}
	f, err := form.Read(request.GetDefinition())
	if err != nil {
		response.Errors = formErrors(err)
		return response, nil
	}
	response.Registered, err = i.forms.Put(ctx, place, f)
	for _, known := range []error{published.ErrPlace, published.ErrChanged, published.ErrEarly} {
		if errors.Is(err, known) {
			response.Errors = []*officev1.FormError{{Path: "version", Message: known.Error()}}
			return response, nil
		}
	}
	if err != nil {
		return nil, fmt.Errorf("publishing a form: %w", err)
	}
	return response, nil
}

// FormErrors are all that is wrong with a definition; none when it can be published.
func FormErrors(definition []byte) []*officev1.FormError {
	_, err := form.Read(definition)
	return formErrors(err)
}

func formErrors(err error) (list []*officev1.FormError) {
	var problems form.Problems
	if one, ok := errors.AsType[form.Problem](err); ok {
		problems = form.Problems{one}
	} else if !errors.As(err, &problems) && err != nil {
		return []*officev1.FormError{{Message: err.Error()}}
	}
	for _, p := range problems {
		list = append(list, &officev1.FormError{Line: int32(p.Line), Path: p.Path, Message: p.Text})
	}
	return list
}
