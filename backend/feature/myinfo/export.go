package myinfo

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"

	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/proto"

	"madoguchi/backend/store/db"
	portalv1 "madoguchi/proto/gen/portal/v1"
)

// exported is a line of all that the portal knows of a person: a message of the contract, in JSON. What cannot be
// opened is named, and told of as far as it is known. Where support measures protect a person it says no more of the
// municipalities than the pages do: a file lies about longer than a page is open.
type exported struct {
	ID       string          `json:"id"`
	Office   string          `json:"office"`
	Detail   string          `json:"detail"`
	At       int64           `json:"at"`
	Asked    json.RawMessage `json:"asked,omitempty"`
	Answer   json.RawMessage `json:"answer,omitempty"`
	Unopened bool            `json:"unopened,omitempty"`
}

func inJSON(m proto.Message) json.RawMessage {
	data, err := protojson.Marshal(m)
	if err != nil {
		return nil
	}
	return data
}

// tellRequests tells what a person asked for, and what was answered.
func (s *Service) tellRequests(ctx context.Context, q *db.Queries, folder string) (any, error) {
	rows, err := q.MyinfoAll(ctx, folder)
	if err != nil {
		return nil, fmt.Errorf("reading requests: %w", err)
	}
	list, l := []exported{}, s.lines(q, folder)
	for _, row := range rows {
		office, masked, err := l.named(ctx, row.OfficeID)
		if err != nil {
			return nil, err
		}
		line := exported{ID: row.ID, Office: office, Detail: row.Detail, At: row.AskedAt}
		wish := &portalv1.InfoWish{}
		if err := s.store.read(ctx, q, Place{folder, tableRequest, "asked", row.ID}, row.Asked, wish); err == nil {
			if masked {
				wish.PlaceCode = ""
			}
			line.Asked = inJSON(wish)
		} else {
			line.Unopened = true
		}
		if row.State == answered {
			_, answer, err := s.answer(ctx, q, db.MyinfoLine{Person: folder, ID: row.ID})
			if err == nil {
				line.Answer = inJSON(answer)
			} else {
				line.Unopened = true
			}
		}
		if line.Unopened {
			slog.ErrorContext(ctx, "an answer that is kept cannot be opened", "request", row.ID)
		}
		list = append(list, line)
	}
	return list, nil
}

// tellCorrections tells what a person said to be wrong, and what offices said to it.
func (s *Service) tellCorrections(ctx context.Context, q *db.Queries, folder string) (any, error) {
	rows, err := q.MyinfoCorrectionsAll(ctx, folder)
	if err != nil {
		return nil, fmt.Errorf("reading corrections: %w", err)
	}
	list, l := []exported{}, s.lines(q, folder)
	for _, row := range rows {
		office, _, err := l.named(ctx, row.OfficeID)
		if err != nil {
			return nil, err
		}
		line := exported{ID: row.ID, Office: office, Detail: row.Detail, At: row.SentAt}
		if m, err := s.correction(ctx, l, row); err == nil {
			line.Asked = inJSON(m)
		} else {
			line.Unopened = true
			slog.ErrorContext(ctx, "a correction that is kept cannot be opened", "correction", row.ID)
		}
		list = append(list, line)
	}
	return list, nil
}

// named is an office by its identifier, unless that would tell where somebody is.
func (l *lines) named(ctx context.Context, id string) (office string, masked bool, err error) {
	from, err := l.office(ctx, id)
	if err != nil || from.Name != somePlace {
		return id, false, err
	}
	return somePlace, true, nil
}
