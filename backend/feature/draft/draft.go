package draft

import (
	"context"
	"errors"
	"fmt"
	"time"

	"google.golang.org/protobuf/proto"

	"madoguchi/backend/door/access"
	"madoguchi/backend/door/live"
	"madoguchi/backend/japan/municipality"
	"madoguchi/backend/store/db"
	"madoguchi/proto/form"
	portalv1 "madoguchi/proto/gen/portal/v1"
)

const (
	// keptFor is how long a draft waits to be changed, and how long one that was dropped can be had back.
	keptFor = 30 * 24 * time.Hour
	// mostOpen drafts may be open, mostKept with those that were dropped.
	mostOpen, mostKept = 50, 150
	// mostBytes are all answers of a draft, as many as an application has.
	mostBytes = 512 << 10
)

// stored is a draft as it is kept.
type stored struct {
	db.Draft
	about  *portalv1.Draft
	fields []*portalv1.DraftField
}

func load(ctx context.Context, q *db.Queries, folder, id string) (stored, error) {
	row, err := q.DraftGet(ctx, db.DraftGetParams{FolderID: folder, ID: id})
	if err != nil {
		return stored{}, err
	}
	about, fields := &portalv1.Draft{}, &portalv1.Draft{}
	if err := errors.Join(proto.Unmarshal(row.About, about), proto.Unmarshal(row.Fields, fields)); err != nil {
		return stored{}, fmt.Errorf("reading a draft: %w", err)
	}
	return stored{row, about, fields.GetFields()}, nil
}

// alive is load of one that was not sent.
func alive(ctx context.Context, q *db.Queries, folder, id string) (stored, error) {
	d, err := load(ctx, q, folder, id)
	if err == nil && d.State == sent {
		return d, ErrSent
	}
	return d, err
}

// bytesOf writes what is sealed.
func bytesOf(about *portalv1.Draft, fields []*portalv1.DraftField) (aboutBytes, fieldBytes []byte, err error) {
	aboutBytes, err = proto.Marshal(about)
	if err != nil {
		return nil, nil, fmt.Errorf("writing a draft: %w", err)
	}
	fieldBytes, err = proto.Marshal(&portalv1.Draft{Fields: fields})
	if err != nil {
		return nil, nil, fmt.Errorf("writing a draft: %w", err)
	}
	return aboutBytes, fieldBytes, nil
}

// message is what of a draft is told in a list.
func (s *Service) message(
	ctx context.Context, q *db.Queries, row db.DraftListRow, about *portalv1.Draft, language string,
) (*portalv1.Draft, error) {
	place, _ := municipality.ByCode(about.GetPlace())
	m := &portalv1.Draft{
		Id: row.ID, Place: about.GetPlace(), PlaceName: place.Name,
		PlaceEnglish: municipality.English(place.Code), Form: about.GetForm(), Version: about.GetVersion(),
		Title: about.GetForm(), State: portalv1.DraftState(row.State), ChangedAt: row.ChangedAt, GoneAt: row.GoneAt,
		Revision: row.Revision, Application: row.Application, Device: about.GetDevice(),
	}
	f, ok, err := s.Form(ctx, q, m.GetPlace(), m.GetForm(), m.GetVersion())
	if err != nil {
		return nil, err
	}
	if ok {
		title := f.Texts["title"]
		m.Title = title.In(language)
		m.Name = &portalv1.LocalText{Ja: title.Ja, En: title.En, Easy: title.Easy}
	}
	return m, nil
}

// whole is all of it.
func (s *Service) whole(ctx context.Context, q *db.Queries, d stored) (*portalv1.Draft, error) {
	folder, err := q.FolderGet(ctx, d.FolderID)
	if err != nil {
		return nil, fmt.Errorf("reading a folder: %w", err)
	}
	m, err := s.message(ctx, q, db.DraftListRow{
		ID: d.ID, State: d.State, ChangedAt: d.ChangedAt, GoneAt: d.GoneAt, Revision: d.Revision,
		Application: d.Application,
	}, d.about, folder.Language)
	if err != nil {
		return nil, err
	}
	m.Fields = d.fields
	rows, err := q.AttachmentsOfDraft(ctx, db.AttachmentsOfDraftParams{FolderID: d.FolderID, DraftID: d.ID})
	if err != nil {
		return nil, fmt.Errorf("reading the attachments of a draft: %w", err)
	}
	for _, row := range rows {
		a, err := attachmentOf(row)
		if err != nil {
			return nil, err
		}
		m.Attachments = append(m.Attachments, a)
	}
	return m, nil
}

// Whole gives a draft of a person as it is now, for who began it.
func (s *Service) Whole(ctx context.Context, q *db.Queries, folder, id string) (*portalv1.Draft, error) {
	d, err := alive(ctx, q, folder, id)
	if err != nil {
		return nil, err
	}
	return s.whole(ctx, q, d)
}

// ListDrafts gives all, the last changed first.
func (s *Service) ListDrafts(ctx context.Context, _ *portalv1.ListDraftsRequest) (*portalv1.ListDraftsResponse, error) {
	q, subject := s.db.Read(), access.Subject(ctx)
	folder, err := q.FolderGet(ctx, subject)
	if err != nil {
		return nil, fmt.Errorf("reading a folder: %w", err)
	}
	rows, err := q.DraftList(ctx, subject)
	if err != nil {
		return nil, fmt.Errorf("reading the drafts: %w", err)
	}
	response := &portalv1.ListDraftsResponse{}
	for _, row := range rows {
		about := &portalv1.Draft{}
		if err := proto.Unmarshal(row.About, about); err != nil {
			return nil, fmt.Errorf("reading a draft: %w", err)
		}
		m, err := s.message(ctx, q, row, about, folder.Language)
		if err != nil {
			return nil, err
		}
		response.Drafts = append(response.Drafts, m)
	}
	return response, nil
}

// GetDraft gives one with its answers.
func (s *Service) GetDraft(
	ctx context.Context, request *portalv1.GetDraftRequest,
) (*portalv1.GetDraftResponse, error) {
	whole, err := s.Whole(ctx, s.db.Read(), access.Subject(ctx), request.GetId())
	if err != nil {
		return nil, told(ctx, err)
	}
	return &portalv1.GetDraftResponse{Draft: whole}, nil
}

// SaveDraft takes changes in, field by field.
func (s *Service) SaveDraft(
	ctx context.Context, request *portalv1.SaveDraftRequest,
) (*portalv1.SaveDraftResponse, error) {
	var response *portalv1.SaveDraftResponse
	err := s.db.Tx(ctx, func(q *db.Queries) (err error) {
		response, err = s.save(ctx, q, request)
		return err
	})
	if err != nil {
		return nil, told(ctx, err)
	}
	return response, nil
}

func (s *Service) save(
	ctx context.Context, q *db.Queries, request *portalv1.SaveDraftRequest,
) (*portalv1.SaveDraftResponse, error) {
	caller, now := access.FromContext(ctx), s.now()
	d, err := alive(ctx, q, caller.Subject(), request.GetId())
	isNew := errors.Is(err, db.ErrNotFound)
	if isNew {
		d, err = s.begin(ctx, q, caller.Subject(), request)
	} else if err == nil {
		err = s.goOn(ctx, q, d, request)
	}
	if err != nil {
		return nil, err
	}
	if err := s.checkFields(ctx, q, d.about, request); err != nil {
		return nil, err
	}
	m := merge(d.fields, request.GetFields(), d.Revision+1)
	if m.changed || isNew {
		d.Revision++
		d.about.Device = caller.Browser
		d.ChangedAt = now.UnixMilli()
	}
	if d.fields = m.fields; sizeOf(d.fields) > mostBytes {
		return nil, tooLong("fields", "the answers are longer than a draft may be")
	}
	// Who opens a draft has not left it, though nothing was changed.
	d.State, d.GoneAt = open, now.Add(keptFor).UnixMilli()
	if err := put(ctx, q, d, isNew); err != nil {
		return nil, err
	}
	if m.changed || isNew {
		if err := changed(ctx, q, d.FolderID, d.ID); err != nil {
			return nil, err
		}
	}
	return &portalv1.SaveDraftResponse{
		Revision: d.Revision, Conflicts: m.conflicts, News: m.news, ChangedAt: d.ChangedAt, GoneAt: d.GoneAt,
	}, nil
}

// begin is the draft that a first save makes.
func (s *Service) begin(
	ctx context.Context, q *db.Queries, folder string, request *portalv1.SaveDraftRequest,
) (stored, error) {
	if request.GetApplication() != "" {
		return stored{}, notFound("application", "a correction is begun by the applications")
	}
	taken, err := s.taken(ctx, q, request.GetPlace(), request.GetForm(), request.GetVersion())
	if err != nil {
		return stored{}, err
	}
	if err := room(ctx, q, folder, mostKept); err != nil {
		return stored{}, err
	}
	return stored{
		Draft: db.Draft{FolderID: folder, ID: request.GetId(), State: open},
		about: &portalv1.Draft{Place: taken.Place.Code, Form: taken.ID, Version: taken.Version},
	}, nil
}

// room looks whether a draft more may be open, and so many with those that were dropped.
func room(ctx context.Context, q *db.Queries, folder string, most int64) error {
	opened, err := q.DraftCount(ctx, db.DraftCountParams{FolderID: folder, State: open})
	if err != nil {
		return fmt.Errorf("counting the drafts: %w", err)
	}
	all, err := q.DraftCount(ctx, db.DraftCountParams{FolderID: folder, State: dropped})
	if err != nil {
		return fmt.Errorf("counting the drafts: %w", err)
	}
	if opened >= mostOpen || all >= most {
		return tooMany("the person has as many drafts as there may be")
	}
	return nil
}

// goOn looks whether what is saved is of this draft. One that is finished under a newer version of its form moves
// there, and never back: a device that has not heard of it saves its fields all the same.
func (s *Service) goOn(ctx context.Context, q *db.Queries, d stored, request *portalv1.SaveDraftRequest) error {
	switch {
	case request.GetPlace() != d.about.GetPlace():
		return invalid("place", "the draft is for another place")
	case request.GetForm() != d.about.GetForm():
		return invalid("form", "the draft is of another form")
	case request.GetApplication() != "" && request.GetApplication() != d.Application:
		return invalid("application", "the draft is of another application")
	case request.GetVersion() == d.about.GetVersion():
		return nil
	}
	to, ok, err := s.Form(ctx, q, d.about.GetPlace(), d.about.GetForm(), request.GetVersion())
	if err != nil {
		return err
	}
	if !ok {
		return notFound("version", "the form has no such version")
	}
	from, ok, err := s.Form(ctx, q, d.about.GetPlace(), d.about.GetForm(), d.about.GetVersion())
	if err == nil && (!ok || from.ValidFrom <= to.ValidFrom) {
		d.about.Version = to.Version
	}
	return err
}

// checkFields looks whether changes are of fields that there are, in the draft's version of the form or in the one that
// the device has, and can be read. Whether they are right is not asked before it is signed: what was typed is kept as
// it is.
func (s *Service) checkFields(
	ctx context.Context, q *db.Queries, about *portalv1.Draft, request *portalv1.SaveDraftRequest,
) error {
	known, found := map[string]bool{}, false
	for _, version := range []string{about.GetVersion(), request.GetVersion()} {
		f, ok, err := s.Form(ctx, q, about.GetPlace(), about.GetForm(), version)
		if err != nil {
			return err
		}
		if !ok {
			continue
		}
		found = true
		for field := range fieldsOf(f) {
			known[field.ID] = known[field.ID] || field.Calc == "" && field.Type != form.Note
		}
	}
	twice := map[string]bool{}
	for _, change := range request.GetFields() {
		id := change.GetField()
		if twice[id] || len(id) > 64 || found && !known[id] {
			return invalid("fields", "a field that there is not, or one twice")
		}
		twice[id] = true
		if len(change.GetValue()) == 0 {
			continue
		}
		if _, err := form.ParseJSON(change.GetValue()); err != nil {
			return invalid("fields", "an answer that cannot be read")
		}
	}
	return nil
}

func sizeOf(fields []*portalv1.DraftField) (bytes int) {
	for _, f := range fields {
		bytes += len(f.GetField()) + len(f.GetValue())
	}
	return bytes
}

// put writes a draft.
func put(ctx context.Context, q *db.Queries, d stored, isNew bool) error {
	about, fields, err := bytesOf(d.about, d.fields)
	if err != nil {
		return err
	}
	if isNew {
		err = q.DraftAdd(ctx, db.DraftAddParams{
			FolderID: d.FolderID, ID: d.ID, Application: d.Application, State: d.State, Revision: d.Revision,
			Now: d.ChangedAt, GoneAt: d.GoneAt, About: about, Fields: fields,
		})
	} else {
		err = q.DraftSave(ctx, db.DraftSaveParams{
			FolderID: d.FolderID, ID: d.ID, State: d.State, Revision: d.Revision, ChangedAt: d.ChangedAt,
			GoneAt: d.GoneAt, About: about, Fields: fields,
		})
	}
	if err != nil {
		return fmt.Errorf("writing a draft: %w", err)
	}
	return nil
}

func changed(ctx context.Context, q *db.Queries, folder, draft string) error {
	return live.Tell(ctx, q, folder, portalv1.ChangeKind_CHANGE_KIND_DRAFT, draft)
}

// DropDraft takes one off the list.
func (s *Service) DropDraft(
	ctx context.Context, request *portalv1.DropDraftRequest,
) (*portalv1.DropDraftResponse, error) {
	folder := access.Subject(ctx)
	err := s.db.Tx(ctx, func(q *db.Queries) error {
		d, err := alive(ctx, q, folder, request.GetId())
		if err != nil || d.State == dropped {
			return err
		}
		return s.setState(ctx, q, d, dropped)
	})
	if err != nil {
		return nil, told(ctx, err)
	}
	return &portalv1.DropDraftResponse{}, nil
}

// RestoreDraft has one back.
func (s *Service) RestoreDraft(
	ctx context.Context, request *portalv1.RestoreDraftRequest,
) (*portalv1.RestoreDraftResponse, error) {
	folder, restored := access.Subject(ctx), (*portalv1.Draft)(nil)
	err := s.db.Tx(ctx, func(q *db.Queries) error {
		d, err := alive(ctx, q, folder, request.GetId())
		if err != nil {
			return err
		}
		if d.State == dropped {
			if err := room(ctx, q, folder, mostKept+1); err != nil {
				return err
			}
			if err := s.setState(ctx, q, d, open); err != nil {
				return err
			}
		}
		restored, err = s.Whole(ctx, q, folder, d.ID)
		return err
	})
	if err != nil {
		return nil, told(ctx, err)
	}
	return &portalv1.RestoreDraftResponse{Draft: restored}, nil
}

func (s *Service) setState(ctx context.Context, q *db.Queries, d stored, state int64) error {
	_, err := q.DraftState(ctx, db.DraftStateParams{
		FolderID: d.FolderID, ID: d.ID, State: state, GoneAt: s.now().Add(keptFor).UnixMilli(),
	})
	if err != nil {
		return fmt.Errorf("moving a draft: %w", err)
	}
	return changed(ctx, q, d.FolderID, d.ID)
}
