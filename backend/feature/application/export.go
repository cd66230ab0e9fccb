package application

import (
	"context"
	"log/slog"

	"madoguchi/backend/store/db"
)

// What is told of what lies sealed: opened, without what opens a door. What cannot be opened is told as that.

func unopened(ctx context.Context, what string, err error) bool {
	if err != nil {
		slog.ErrorContext(ctx, "what is kept of an application cannot be opened", "what", what, "cause", err)
	}
	return err != nil
}

type toldSent struct {
	ApplicationID               string
	Revision, SentAt, StampedAt int64
	Leaf                        int64
	Nonce                       string
	Unopened                    bool
	Document                    string
	Signatures, Stamps          [][]byte
}

func tellSent(ctx context.Context, q *db.Queries, folder string) (any, error) {
	rows, err := q.ApplicationSentOfFolder(ctx, folder)
	if err != nil {
		return nil, err
	}
	list := make([]toldSent, len(rows))
	for i, row := range rows {
		list[i] = toldSent{
			ApplicationID: row.ApplicationID, Revision: row.Revision, SentAt: row.SentAt, StampedAt: row.StampedAt,
			Leaf: row.Leaf, Nonce: row.Nonce,
		}
		one, err := readSent(ctx, q, folder, row.ApplicationID, row.Revision)
		if list[i].Unopened = unopened(ctx, tableSent, err); list[i].Unopened {
			continue
		}
		list[i].Document, list[i].Stamps = string(one.Document), one.stamps.Tokens
		for _, signed := range one.Signatures {
			list[i].Signatures = append(list[i].Signatures, signed.CMS)
		}
	}
	return list, nil
}

type toldStep struct {
	ApplicationID string
	Number        int64
	Unopened      bool
	State         int64
	At            int64
	Note          string
	Objection     string
	DueAt         int64
	Reasons       []string
}

func tellSteps(ctx context.Context, q *db.Queries, folder string) (any, error) {
	rows, err := q.ApplicationStepsOfFolder(ctx, folder)
	if err != nil {
		return nil, err
	}
	list := make([]toldStep, len(rows))
	for i, row := range rows {
		list[i] = toldStep{ApplicationID: row.ApplicationID, Number: row.Number}
		step, err := readStep(ctx, q, row)
		if list[i].Unopened = unopened(ctx, tableStep, err); list[i].Unopened {
			continue
		}
		list[i].State, list[i].At, list[i].Note = int64(step.GetState()), step.GetAt(), step.GetNote()
		list[i].Objection, list[i].DueAt = step.GetObjection(), step.GetDueAt()
		for _, reason := range step.GetReasons() {
			list[i].Reasons = append(list[i].Reasons, reason.GetCode()+" "+reason.GetText())
		}
	}
	return list, nil
}

type toldMessage struct {
	ApplicationID string
	ByOffice      bool
	Unopened      bool
	Body          string
	WrittenAt     int64
}

func tellMessages(ctx context.Context, q *db.Queries, folder string) (any, error) {
	rows, err := q.ApplicationMessagesOfFolder(ctx, folder)
	if err != nil {
		return nil, err
	}
	list := make([]toldMessage, len(rows))
	for i, row := range rows {
		body, err := q.OpenBytes(ctx, folder, tableMessage, "body", row.ID, row.Body)
		list[i] = toldMessage{
			row.ApplicationID, row.ByOffice, unopened(ctx, tableMessage, err), string(body), row.WrittenAt,
		}
	}
	return list, nil
}
