package draft

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"

	"google.golang.org/protobuf/proto"

	"madoguchi/backend/store/db"
	portalv1 "madoguchi/proto/gen/portal/v1"
)

// toldDraft and toldAttachment are what is told of a row.
type toldDraft struct {
	ID, Place, Form, Version, Answers string
	State, Revision                   int64
	BeganAt, ChangedAt, GoneAt        int64
	Application, Device               string
}

type toldAttachment struct {
	ID, DraftID, Application, Field, Name, Type string
	Size                                        int64
	Digest                                      string
	Finished                                    bool
	BeganAt                                     int64
	File                                        string
}

func tellDrafts(ctx context.Context, q *db.Queries, folderID string) (any, error) {
	rows, err := q.DraftsOfFolder(ctx, folderID)
	if err != nil {
		return nil, err
	}
	list := []toldDraft{}
	for _, row := range rows {
		about, fields := &portalv1.Draft{}, &portalv1.Draft{}
		if err := errors.Join(proto.Unmarshal(row.About, about), proto.Unmarshal(row.Fields, fields)); err != nil {
			return nil, fmt.Errorf("reading a draft: %w", err)
		}
		answers := map[string]json.RawMessage{}
		for _, f := range fields.GetFields() {
			if len(f.GetValue()) > 0 {
				answers[f.GetField()] = f.GetValue()
			}
		}
		written, err := json.Marshal(answers)
		if err != nil {
			return nil, fmt.Errorf("writing a draft: %w", err)
		}
		list = append(list, toldDraft{
			ID: row.ID, Place: about.GetPlace(), Form: about.GetForm(), Version: about.GetVersion(),
			Answers: string(written), State: row.State, Revision: row.Revision, BeganAt: row.BeganAt,
			ChangedAt: row.ChangedAt, GoneAt: row.GoneAt, Application: row.Application, Device: about.GetDevice(),
		})
	}
	return list, nil
}

func tellAttachments(ctx context.Context, q *db.Queries, folderID string) (any, error) {
	rows, err := q.AttachmentsOfFolder(ctx, folderID)
	if err != nil {
		return nil, err
	}
	list := []toldAttachment{}
	for _, row := range rows {
		a := &portalv1.Attachment{}
		if err := proto.Unmarshal(row.About, a); err != nil {
			return nil, fmt.Errorf("reading an attachment: %w", err)
		}
		t := toldAttachment{
			ID: row.ID, DraftID: row.DraftID, Application: row.Application, Field: a.GetField(), Name: a.GetName(),
			Type: a.GetType(), Size: row.Size, Digest: a.GetDigest(), Finished: row.Finished, BeganAt: row.BeganAt,
		}
		if row.Finished {
			t.File = fileName(row.ID, a)
		}
		list = append(list, t)
	}
	return list, nil
}

// fileName is what an attachment is called among the files that a person takes along: names as given may be twice.
func fileName(id string, a *portalv1.Attachment) string {
	return "attachment/" + id + "." + a.GetType()
}

// files gives what is attached, one at a time.
func (s *Service) files(
	ctx context.Context, q *db.Queries, folderID string, each func(name string, content io.Reader) error,
) error {
	rows, err := q.AttachmentsOfFolder(ctx, folderID)
	if err != nil {
		return err
	}
	for _, row := range rows {
		if !row.Finished {
			continue
		}
		a := &portalv1.Attachment{}
		if err := proto.Unmarshal(row.About, a); err != nil {
			return fmt.Errorf("reading an attachment: %w", err)
		}
		file, err := s.Open(ctx, q, folderID, row.ID)
		if err != nil {
			return err
		}
		if err := each(fileName(row.ID, a), file); err != nil {
			return err
		}
	}
	return nil
}
