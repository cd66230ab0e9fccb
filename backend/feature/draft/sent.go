package draft

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"

	"madoguchi/backend/store/db"
	"madoguchi/proto/form"
	portalv1 "madoguchi/proto/gen/portal/v1"
)

// What the applications ask of drafts.

// Take marks a draft as sent, in the transaction of q, and gives its finished attachments, which from now on belong to
// the application. What had not come whole goes. db.ErrNotFound when the person has no such draft, ErrSent when it was
// sent before.
func (s *Service) Take(
	ctx context.Context, q *db.Queries, folder, draft, application string,
) (list []*portalv1.Attachment, err error) {
	d, err := alive(ctx, q, folder, draft)
	if err != nil {
		return nil, err
	}
	if d.Application != "" && d.Application != application {
		return nil, db.ErrNotFound // it corrects another application
	}
	rows, err := q.AttachmentsOfDraft(ctx, db.AttachmentsOfDraftParams{FolderID: folder, DraftID: draft})
	if err != nil {
		return nil, fmt.Errorf("reading the attachments of a draft: %w", err)
	}
	for _, row := range rows {
		if !row.Finished {
			if err := erase(ctx, q, folder, row.ID); err != nil {
				return nil, err
			}
			continue
		}
		a, err := attachmentOf(row)
		if err != nil {
			return nil, err
		}
		list = append(list, a)
		err = q.AttachmentSent(ctx, db.AttachmentSentParams{FolderID: folder, ID: row.ID, Application: application})
		if err != nil {
			return nil, fmt.Errorf("giving an attachment to an application: %w", err)
		}
	}
	_, err = q.DraftSent(ctx, db.DraftSentParams{
		FolderID: folder, ID: draft, Application: application, GoneAt: s.now().Add(keptFor).UnixMilli(),
	})
	if err != nil {
		return nil, fmt.Errorf("marking a draft as sent: %w", err)
	}
	return list, changed(ctx, q, folder, draft)
}

// Begin makes, in the transaction of q, a draft of what was sent with an application, so that it is corrected; or gives
// the one that is there, had back when it was dropped. The attachments are the draft's, too, until they
// are taken off: then they are the application's alone.
func (s *Service) Begin(
	ctx context.Context, q *db.Queries, folder, application, place, formID, version string, answers form.Answers,
	attachments []*portalv1.Attachment,
) (*portalv1.Draft, error) {
	there, err := q.DraftOfApplication(ctx, db.DraftOfApplicationParams{FolderID: folder, Application: application})
	if err == nil {
		if there.State == dropped {
			err = s.setState(ctx, q, stored{Draft: db.Draft{FolderID: folder, ID: there.ID}}, open)
		}
		if err != nil {
			return nil, err
		}
		return s.Whole(ctx, q, folder, there.ID)
	}
	if !errors.Is(err, db.ErrNotFound) {
		return nil, fmt.Errorf("looking for the draft of an application: %w", err)
	}
	now, id := s.now(), make([]byte, 16)
	rand.Read(id)
	d := stored{
		Draft: db.Draft{
			FolderID: folder, ID: hex.EncodeToString(id), Application: application, State: open, Revision: 1,
			ChangedAt: now.UnixMilli(), GoneAt: now.Add(keptFor).UnixMilli(),
		},
		about: &portalv1.Draft{Place: place, Form: formID, Version: version},
	}
	values := map[string]json.RawMessage{}
	if err := json.Unmarshal(answers.Canonical(), &values); err != nil {
		return nil, fmt.Errorf("taking answers over: %w", err)
	}
	for _, field := range slices.Sorted(maps.Keys(values)) {
		d.fields = append(d.fields, &portalv1.DraftField{Field: field, Value: values[field], Seen: 1})
	}
	if err := put(ctx, q, d, true); err != nil {
		return nil, err
	}
	for _, a := range attachments {
		row, err := q.AttachmentGet(ctx, db.AttachmentGetParams{FolderID: folder, ID: a.GetId()})
		if err == nil && row.Application != application {
			err = db.ErrNotFound
		}
		if err != nil {
			return nil, fmt.Errorf("taking an attachment over: %w", err)
		}
		if err := move(ctx, q, row, d.ID); err != nil {
			return nil, err
		}
	}
	if err := changed(ctx, q, folder, d.ID); err != nil {
		return nil, err
	}
	return s.Whole(ctx, q, folder, d.ID)
}

// Attachments are those that were sent with an application, in the order in which they were attached.
func (s *Service) Attachments(
	ctx context.Context, q *db.Queries, folder, application string,
) (list []*portalv1.Attachment, err error) {
	rows, err := q.AttachmentsOfApplication(ctx, db.AttachmentsOfApplicationParams{
		FolderID: folder, Application: application,
	})
	if err != nil {
		return nil, fmt.Errorf("reading the attachments of an application: %w", err)
	}
	for _, row := range rows {
		a, err := attachmentOf(row)
		if err != nil {
			return nil, err
		}
		list = append(list, a)
	}
	return list, nil
}

// Forget erases, in the transaction of q, what is kept here of an application that is erased.
func (s *Service) Forget(ctx context.Context, q *db.Queries, folder, application string) error {
	rows, err := q.AttachmentsOfApplication(ctx, db.AttachmentsOfApplicationParams{
		FolderID: folder, Application: application,
	})
	if err != nil {
		return fmt.Errorf("reading the attachments of an application: %w", err)
	}
	for _, row := range rows {
		if err := erase(ctx, q, folder, row.ID); err != nil {
			return err
		}
	}
	return nil
}
