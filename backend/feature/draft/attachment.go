package draft

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"log/slog"

	"connectrpc.com/connect"
	"google.golang.org/protobuf/proto"

	"madoguchi/backend/door/access"
	"madoguchi/backend/feature/draft/content"
	"madoguchi/backend/store/db"
	"madoguchi/proto/form"
	portalv1 "madoguchi/proto/gen/portal/v1"
)

const (
	// mostFiles of a draft, and mostHeld bytes of all drafts of a folder.
	mostFiles = 30
	mostHeld  = 200 << 20
	// Parts are of at least so many bytes, save the last one; what is kept is laid down in parts of partSize.
	leastPart = 4 << 10
	partSize  = 256 << 10
)

// attachmentOf is one as it is told.
func attachmentOf(row db.DraftAttachment) (*portalv1.Attachment, error) {
	a := &portalv1.Attachment{}
	if err := proto.Unmarshal(row.About, a); err != nil {
		return nil, fmt.Errorf("reading an attachment: %w", err)
	}
	a.Id, a.Size, a.Come, a.Finished = row.ID, row.Size, row.Come, row.Finished
	if !row.Finished {
		a.Digest = "" // what was announced
	}
	return a, nil
}

// ofDraft finds an attachment of a draft that was not sent.
func ofDraft(ctx context.Context, q *db.Queries, folder, id string) (db.DraftAttachment, error) {
	row, err := q.AttachmentGet(ctx, db.AttachmentGetParams{FolderID: folder, ID: id})
	if err != nil {
		return row, err
	}
	_, err = alive(ctx, q, folder, row.DraftID)
	return row, err
}

// fileField finds the field of a form that takes files, in rows, too.
func fileField(f *form.Form, id string) (form.Field, bool) {
	for field := range fieldsOf(f) {
		for _, one := range append([]form.Field{field}, field.Fields...) {
			if one.ID == id && one.Type == form.Files {
				return one, true
			}
		}
	}
	return form.Field{}, false
}

// fieldOf is the field that an attachment of a draft is for. Where the form's version is not there any more, what any
// field takes is taken.
func (s *Service) fieldOf(
	ctx context.Context, q *db.Queries, about *portalv1.Draft, id string,
) (form.Field, error) {
	f, found, err := s.Form(ctx, q, about.GetPlace(), about.GetForm(), about.GetVersion())
	if err != nil || !found {
		return form.Field{ID: id, Type: form.Files, Accept: []string{"pdf", "jpg", "png"}}, err
	}
	field, ok := fileField(f, id)
	if !ok {
		return field, notFound("field", "the form has no such field for files")
	}
	return field, nil
}

// StartAttachment begins an upload, or goes on with one.
func (s *Service) StartAttachment(
	ctx context.Context, request *portalv1.StartAttachmentRequest,
) (*portalv1.StartAttachmentResponse, error) {
	var started *portalv1.Attachment
	err := s.db.Tx(ctx, func(q *db.Queries) (err error) {
		started, err = s.start(ctx, q, request)
		return err
	})
	if err != nil {
		return nil, told(ctx, err)
	}
	return &portalv1.StartAttachmentResponse{Attachment: started}, nil
}

func (s *Service) start(
	ctx context.Context, q *db.Queries, request *portalv1.StartAttachmentRequest,
) (*portalv1.Attachment, error) {
	folder := access.Subject(ctx)
	d, err := alive(ctx, q, folder, request.GetDraft())
	if errors.Is(err, db.ErrNotFound) {
		return nil, notFound("draft", "there is no such draft")
	}
	if err != nil {
		return nil, err
	}
	row, err := q.AttachmentGet(ctx, db.AttachmentGetParams{FolderID: folder, ID: request.GetId()})
	if err == nil {
		there, err := attachmentOf(row)
		if err == nil && (row.DraftID != d.ID || there.GetField() != request.GetField()) {
			err = invalid("id", "the id is another attachment's")
		}
		return there, err
	}
	if !errors.Is(err, db.ErrNotFound) {
		return nil, fmt.Errorf("looking for an attachment: %w", err)
	}
	if _, err := s.fieldOf(ctx, q, d.about, request.GetField()); err != nil {
		return nil, err
	}
	if err := fits(ctx, q, folder, d.ID, request.GetSize()); err != nil {
		return nil, err
	}
	about, err := proto.Marshal(&portalv1.Attachment{
		Field: request.GetField(), Name: request.GetName(), Digest: request.GetDigest(),
	})
	if err != nil {
		return nil, fmt.Errorf("writing an attachment: %w", err)
	}
	err = q.AttachmentAdd(ctx, db.AttachmentAddParams{
		FolderID: folder, ID: request.GetId(), DraftID: d.ID, Size: request.GetSize(), BeganAt: s.now().UnixMilli(),
		About: about,
	})
	if err != nil {
		return nil, fmt.Errorf("writing an attachment: %w", err)
	}
	return &portalv1.Attachment{
		Id: request.GetId(), Field: request.GetField(), Name: request.GetName(), Size: request.GetSize(),
	}, nil
}

// fits looks whether a draft, and the folder, may have a file more.
func fits(ctx context.Context, q *db.Queries, folder, draft string, size int64) error {
	rows, err := q.AttachmentsOfDraft(ctx, db.AttachmentsOfDraftParams{FolderID: folder, DraftID: draft})
	if err != nil {
		return fmt.Errorf("counting the attachments: %w", err)
	}
	held, err := q.AttachmentSize(ctx, folder)
	if err != nil {
		return fmt.Errorf("counting what drafts hold: %w", err)
	}
	if len(rows) >= mostFiles || held+size > mostHeld {
		return tooMany("there are as many attachments as there may be")
	}
	return nil
}

// PutAttachment takes the next part of a file.
func (s *Service) PutAttachment(
	ctx context.Context, request *portalv1.PutAttachmentRequest,
) (*portalv1.PutAttachmentResponse, error) {
	folder, come := access.Subject(ctx), int64(0)
	err := s.db.Tx(ctx, func(q *db.Queries) error {
		row, err := ofDraft(ctx, q, folder, request.GetId())
		if err != nil {
			return err
		}
		come = row.Come
		end := request.GetOffset() + int64(len(request.GetPart()))
		switch {
		case row.Finished || request.GetOffset() != row.Come || len(request.GetPart()) == 0:
			return nil
		case end > row.Size:
			return invalid("part", "more comes than was announced")
		case end < row.Size && len(request.GetPart()) < leastPart:
			return invalid("part", "a part is too short")
		}
		err = q.PartAdd(ctx, db.PartAddParams{
			FolderID: folder, AttachmentID: row.ID, Position: row.Come, Body: request.GetPart(),
		})
		if err != nil {
			return fmt.Errorf("writing a part of an attachment: %w", err)
		}
		come = end
		return q.AttachmentCame(ctx, db.AttachmentCameParams{FolderID: folder, ID: row.ID, Come: end})
	})
	if err != nil {
		return nil, told(ctx, err)
	}
	return &portalv1.PutAttachmentResponse{Come: come}, nil
}

// faults are what the contract calls what can be wrong with a file's content.
var faults = map[content.Fault]portalv1.AttachmentFault{
	content.Type:     portalv1.AttachmentFault_ATTACHMENT_FAULT_TYPE,
	content.HEIC:     portalv1.AttachmentFault_ATTACHMENT_FAULT_HEIC,
	content.Broken:   portalv1.AttachmentFault_ATTACHMENT_FAULT_BROKEN,
	content.TooLarge: portalv1.AttachmentFault_ATTACHMENT_FAULT_TOO_LARGE,
}

// FinishAttachment has a file that has come checked, and keeps what of it is to be kept.
func (s *Service) FinishAttachment(
	ctx context.Context, request *portalv1.FinishAttachmentRequest,
) (*portalv1.FinishAttachmentResponse, error) {
	folder, q := access.Subject(ctx), s.db.Read()
	row, err := ofDraft(ctx, q, folder, request.GetId())
	if err != nil {
		return nil, told(ctx, err)
	}
	if row.Finished {
		there, err := attachmentOf(row)
		return &portalv1.FinishAttachmentResponse{Attachment: there}, err
	}
	if row.Come < row.Size {
		return nil, told(ctx, invalid("id", "the file has not come whole"))
	}
	d, err := load(ctx, q, folder, row.DraftID)
	if err != nil {
		return nil, told(ctx, err)
	}
	file, fault, err := s.check(ctx, q, d.about, row)
	if err != nil {
		return nil, told(ctx, err)
	}
	if fault != portalv1.AttachmentFault_ATTACHMENT_FAULT_UNSPECIFIED {
		err := s.db.Erase(ctx, func(q *db.Queries) error { return erase(ctx, q, folder, row.ID) })
		return &portalv1.FinishAttachmentResponse{Fault: fault}, err
	}
	var finished *portalv1.Attachment
	err = s.db.Erase(ctx, func(q *db.Queries) (err error) {
		finished, err = keep(ctx, q, folder, row.ID, file)
		return err
	})
	if err != nil {
		return nil, told(ctx, err)
	}
	return &portalv1.FinishAttachmentResponse{Attachment: finished}, nil
}

// check judges a file that has come: whether it is what was announced, what it is, and whether it does harm.
func (s *Service) check(
	ctx context.Context, q *db.Queries, about *portalv1.Draft, row db.DraftAttachment,
) (file content.File, fault portalv1.AttachmentFault, err error) {
	announced := &portalv1.Attachment{}
	if err := proto.Unmarshal(row.About, announced); err != nil {
		return file, fault, fmt.Errorf("reading an attachment: %w", err)
	}
	field, err := s.fieldOf(ctx, q, about, announced.GetField())
	if err != nil {
		return file, fault, err
	}
	data, err := read(ctx, q, row)
	if err != nil {
		return file, fault, err
	}
	if int64(len(data)) != row.Size || digestOf(data) != announced.GetDigest() {
		return file, portalv1.AttachmentFault_ATTACHMENT_FAULT_DIGEST, nil
	}
	if s.needs.Scan != nil {
		found, err := s.needs.Scan(ctx, data)
		if err != nil {
			slog.ErrorContext(ctx, "a file waits to be looked through", "cause", err)
			return file, fault, &refusal{connect.CodeUnavailable, portalv1.Reason_REASON_UNREACHABLE, "", err}
		}
		if found != "" {
			slog.WarnContext(ctx, "malware was refused", "found", found)
			return file, portalv1.AttachmentFault_ATTACHMENT_FAULT_MALWARE, nil
		}
	}
	file, wrong, err := content.Check(ctx, data, field.Accept, field.KeepMetadata)
	if err != nil {
		return file, fault, fmt.Errorf("judging an attachment: %w", err)
	}
	return file, faults[wrong], nil
}

func digestOf(data []byte) string {
	sum := sha256.Sum256(data)
	return hex.EncodeToString(sum[:])
}

// read puts the parts of an attachment together.
func read(ctx context.Context, q *db.Queries, row db.DraftAttachment) ([]byte, error) {
	parts, err := q.PartList(ctx, db.PartListParams{FolderID: row.FolderID, AttachmentID: row.ID})
	if err != nil {
		return nil, fmt.Errorf("reading an attachment: %w", err)
	}
	data := make([]byte, 0, row.Size)
	for _, part := range parts {
		if part.Position != int64(len(data)) {
			return nil, errors.New("reading an attachment: a part is missing")
		}
		data = append(data, part.Body...)
	}
	return data, nil
}

// keep lays a checked file down in the place of what came. Of two that finish at once the first is kept.
func keep(ctx context.Context, q *db.Queries, folder, id string, file content.File) (*portalv1.Attachment, error) {
	row, err := ofDraft(ctx, q, folder, id)
	if err != nil {
		return nil, err
	}
	a, err := attachmentOf(row)
	if err != nil || row.Finished {
		return a, err
	}
	if _, err := q.PartsErase(ctx, db.PartsEraseParams{FolderID: folder, AttachmentID: id}); err != nil {
		return nil, fmt.Errorf("laying an attachment down: %w", err)
	}
	for at := 0; at < len(file.Bytes); at += partSize {
		part := file.Bytes[at:min(at+partSize, len(file.Bytes))]
		err := q.PartAdd(ctx, db.PartAddParams{
			FolderID: folder, AttachmentID: id, Position: int64(at), Body: bytes.Clone(part),
		})
		if err != nil {
			return nil, fmt.Errorf("laying an attachment down: %w", err)
		}
	}
	a.Type, a.Digest, a.Doubtful = file.Type, digestOf(file.Bytes), file.Doubtful
	a.Size, a.Come, a.Finished = int64(len(file.Bytes)), int64(len(file.Bytes)), true
	about, err := proto.Marshal(a)
	if err != nil {
		return nil, fmt.Errorf("writing an attachment: %w", err)
	}
	err = q.AttachmentFinish(ctx, db.AttachmentFinishParams{FolderID: folder, ID: id, Size: a.Size, About: about})
	if err != nil {
		return nil, fmt.Errorf("writing an attachment: %w", err)
	}
	return a, changed(ctx, q, folder, row.DraftID)
}

// erase removes an attachment and its parts.
func erase(ctx context.Context, q *db.Queries, folder, id string) error {
	_, err := q.PartsErase(ctx, db.PartsEraseParams{FolderID: folder, AttachmentID: id})
	if err == nil {
		_, err = q.AttachmentErase(ctx, db.AttachmentEraseParams{FolderID: folder, ID: id})
	}
	if err != nil {
		return fmt.Errorf("erasing an attachment: %w", err)
	}
	return nil
}

// leave takes an attachment from its draft: what was sent with an application stays the application's.
func leave(ctx context.Context, q *db.Queries, row db.DraftAttachment) error {
	if row.Application == "" {
		return erase(ctx, q, row.FolderID, row.ID)
	}
	return move(ctx, q, row, "")
}

func move(ctx context.Context, q *db.Queries, row db.DraftAttachment, draft string) error {
	err := q.AttachmentMove(ctx, db.AttachmentMoveParams{FolderID: row.FolderID, ID: row.ID, DraftID: draft})
	if err != nil {
		return fmt.Errorf("moving an attachment: %w", err)
	}
	return nil
}

// RemoveAttachment takes one off; one that is off already is no error.
func (s *Service) RemoveAttachment(
	ctx context.Context, request *portalv1.RemoveAttachmentRequest,
) (*portalv1.RemoveAttachmentResponse, error) {
	folder := access.Subject(ctx)
	err := s.db.Erase(ctx, func(q *db.Queries) error {
		row, err := q.AttachmentGet(ctx, db.AttachmentGetParams{FolderID: folder, ID: request.GetId()})
		if errors.Is(err, db.ErrNotFound) || err == nil && row.DraftID == "" {
			return nil
		}
		if err != nil {
			return err
		}
		if _, err := alive(ctx, q, folder, row.DraftID); err != nil {
			return err
		}
		if err := leave(ctx, q, row); err != nil {
			return err
		}
		return changed(ctx, q, folder, row.DraftID)
	})
	if err != nil {
		return nil, told(ctx, err)
	}
	return &portalv1.RemoveAttachmentResponse{}, nil
}

// Open reads a finished attachment, for the office, the receipt, and the person.
func (s *Service) Open(ctx context.Context, q *db.Queries, folder, id string) (io.ReadCloser, error) {
	row, err := q.AttachmentGet(ctx, db.AttachmentGetParams{FolderID: folder, ID: id})
	if err == nil && !row.Finished {
		err = db.ErrNotFound
	}
	if err != nil {
		return nil, err
	}
	data, err := read(ctx, q, row)
	if err != nil {
		return nil, err
	}
	return io.NopCloser(bytes.NewReader(data)), nil
}
