package application

import (
	"context"
	"encoding/json"
	"fmt"
	"strconv"

	"google.golang.org/protobuf/proto"

	"madoguchi/backend/store/db"
	portalv1 "madoguchi/proto/gen/portal/v1"
)

// content is what was sent, whole, as it lies sealed.
type content struct {
	Answers, Document   []byte
	Language, Day       string
	Signatures          []signature // the applicant's first; none where a form is not signed
	Attachments         [][]byte    // portal.v1.Attachment
	CosignName          string      `json:",omitempty"`
	CosignBirth         string      `json:",omitempty"`
	CosignToken         string      `json:",omitempty"` // of the link, while it is not signed
	CosignedAt          int64       `json:",omitempty"`
	CosignedBy          string      `json:",omitempty"` // the folder of who did
	PlaceName, FormHash string
}

// stamps are the time stamps of what was sent, one for each signature, or one of the document where nobody signed.
type stamps struct {
	Tokens [][]byte
	By     string
}

// sent is a row with what lies sealed in it.
type sent struct {
	db.ApplicationSentGetRow
	content
	stamps stamps
}

const (
	tableSent    = "application_sent"
	tableStep    = "application_step"
	tableMessage = "application_message"
)

// sealJSON and openJSON are how what a program keeps for itself passes into the store and out of it.
func sealJSON(ctx context.Context, q *db.Queries, folder, column, row string, v any) ([]byte, error) {
	clear, err := json.Marshal(v)
	if err != nil {
		return nil, fmt.Errorf("writing what was sent: %w", err)
	}
	sealed, err := q.SealBytes(ctx, folder, tableSent, column, row, clear)
	if err != nil {
		return nil, fmt.Errorf("sealing what was sent: %w", err)
	}
	return sealed, nil
}

func openJSON(ctx context.Context, q *db.Queries, folder, column, row string, sealed []byte, v any) error {
	clear, err := q.OpenBytes(ctx, folder, tableSent, column, row, sealed)
	if err != nil {
		return fmt.Errorf("opening what was sent: %w", err)
	}
	if err := json.Unmarshal(clear, v); err != nil {
		return fmt.Errorf("reading what was sent: %w", err)
	}
	return nil
}

func readSent(ctx context.Context, q *db.Queries, folder, id string, revision int64) (*sent, error) {
	row, err := q.ApplicationSentGet(ctx, db.ApplicationSentGetParams{
		FolderID: folder, ApplicationID: id, Revision: revision,
	})
	if err != nil {
		return nil, fmt.Errorf("reading what was sent: %w", err)
	}
	s := &sent{ApplicationSentGetRow: row}
	if err := openJSON(ctx, q, folder, "content", row.SendID, row.Content, &s.content); err != nil {
		return nil, err
	}
	if row.StampedAt > 0 {
		err = openJSON(ctx, q, folder, "stamp", row.SendID, row.Stamp, &s.stamps)
	}
	return s, err
}

func (s *sent) attachments() (list []*portalv1.Attachment, err error) {
	for _, b := range s.Attachments {
		a := &portalv1.Attachment{}
		if err := proto.Unmarshal(b, a); err != nil {
			return nil, fmt.Errorf("reading what is attached: %w", err)
		}
		list = append(list, a)
	}
	return list, nil
}

// addStep writes down where an application stands from now on.
func addStep(
	ctx context.Context, q *db.Queries, folder, id, reference string, step *portalv1.ApplicationStep,
) error {
	count, err := countSteps(ctx, q, folder, id)
	if err != nil {
		return err
	}
	return writeStep(ctx, q, folder, id, count+1, reference, step)
}

func countSteps(ctx context.Context, q *db.Queries, folder, id string) (int64, error) {
	count, err := q.ApplicationStepCount(ctx, db.ApplicationStepCountParams{FolderID: folder, ApplicationID: id})
	if err != nil {
		return 0, fmt.Errorf("counting the steps of an application: %w", err)
	}
	return count, nil
}

// writeStep is addStep for who knows how many there are.
func writeStep(
	ctx context.Context, q *db.Queries, folder, id string, number int64, reference string,
	step *portalv1.ApplicationStep,
) error {
	stepID := id + "/" + strconv.FormatInt(number, 10)
	clear, err := proto.Marshal(step)
	if err != nil {
		return fmt.Errorf("writing a step of an application: %w", err)
	}
	detail, err := q.SealBytes(ctx, folder, tableStep, "detail", stepID, clear)
	if err != nil {
		return fmt.Errorf("sealing a step of an application: %w", err)
	}
	err = q.ApplicationStepAdd(ctx, db.ApplicationStepAddParams{
		FolderID: folder, ApplicationID: id, Number: number, ID: stepID, Reference: reference, Detail: detail,
	})
	if err != nil {
		return fmt.Errorf("writing a step of an application: %w", err)
	}
	return nil
}

// stepped is a step, and under which reference the office said it.
type stepped struct {
	*portalv1.ApplicationStep
	reference string
}

func readSteps(ctx context.Context, q *db.Queries, folder, id string) ([]stepped, error) {
	rows, err := q.ApplicationSteps(ctx, db.ApplicationStepsParams{FolderID: folder, ApplicationID: id})
	if err != nil {
		return nil, fmt.Errorf("reading the steps of an application: %w", err)
	}
	list := make([]stepped, len(rows))
	for i, row := range rows {
		if list[i], err = readStep(ctx, q, row); err != nil {
			return nil, err
		}
	}
	return list, nil
}

func readStep(ctx context.Context, q *db.Queries, row db.ApplicationStep) (stepped, error) {
	clear, err := q.OpenBytes(ctx, row.FolderID, tableStep, "detail", row.ID, row.Detail)
	if err != nil {
		return stepped{}, fmt.Errorf("opening a step of an application: %w", err)
	}
	one := stepped{&portalv1.ApplicationStep{}, row.Reference}
	if err := proto.Unmarshal(clear, one.ApplicationStep); err != nil {
		return stepped{}, fmt.Errorf("reading a step of an application: %w", err)
	}
	return one, nil
}

func addMessage(
	ctx context.Context, q *db.Queries, folder, application, id, reference, text string, byOffice bool, at int64,
) error {
	body, err := q.SealBytes(ctx, folder, tableMessage, "body", id, []byte(text))
	if err != nil {
		return fmt.Errorf("sealing a message of an application: %w", err)
	}
	err = q.ApplicationMessageAdd(ctx, db.ApplicationMessageAddParams{
		FolderID: folder, ApplicationID: application, ID: id, ByOffice: byOffice, Reference: reference, Body: body,
		WrittenAt: at,
	})
	if err != nil {
		return fmt.Errorf("writing a message of an application: %w", err)
	}
	return nil
}

// written is a message, and under which reference the office wrote it.
type written struct {
	*portalv1.ApplicationMessage
	reference string
}

func readMessages(ctx context.Context, q *db.Queries, folder, id string) ([]written, error) {
	rows, err := q.ApplicationMessages(ctx, db.ApplicationMessagesParams{FolderID: folder, ApplicationID: id})
	if err != nil {
		return nil, fmt.Errorf("reading the messages of an application: %w", err)
	}
	list := make([]written, len(rows))
	for i, row := range rows {
		text, err := q.OpenBytes(ctx, folder, tableMessage, "body", row.ID, row.Body)
		if err != nil {
			return nil, fmt.Errorf("opening a message of an application: %w", err)
		}
		list[i] = written{&portalv1.ApplicationMessage{
			ByOffice: row.ByOffice, Text: string(text), At: row.WrittenAt,
		}, row.Reference}
	}
	return list, nil
}
