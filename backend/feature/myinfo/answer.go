package myinfo

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"

	"madoguchi/backend/door/access"
	"madoguchi/backend/store/db"
	portalv1 "madoguchi/proto/gen/portal/v1"
	"madoguchi/proto/selfinfo"
)

// GetInfoAnswer gives one answer whole: with what other offices say of the same facts, the corrections that were sent,
// and what has changed since an earlier answer.
func (s *Service) GetInfoAnswer(
	ctx context.Context, request *portalv1.GetInfoAnswerRequest,
) (*portalv1.GetInfoAnswerResponse, error) {
	q := s.db.Read()
	row, answer, err := s.whole(ctx, q, request.GetId(), "id")
	if err != nil {
		return nil, told(ctx, "reading an answer", err)
	}
	l := s.lines(q, row.Person)
	if answer.Request, err = l.message(ctx, row); err != nil {
		return nil, err
	}
	if err := s.addCorrections(ctx, q, row, answer); err != nil {
		return nil, err
	}
	if err := s.addOthers(ctx, l, row, answer); err != nil {
		return nil, err
	}
	earlier, err := q.MyinfoEarlier(ctx, db.MyinfoEarlierParams{
		Person: row.Person, Detail: row.Detail, OfficeID: row.OfficeID, Before: row.AskedAt, BeforeID: row.ID,
	})
	if err != nil {
		return nil, fmt.Errorf("listing earlier answers: %w", err)
	}
	for _, before := range earlier {
		m, err := l.message(ctx, before)
		if err != nil {
			return nil, err
		}
		answer.Earlier = append(answer.Earlier, m)
	}
	if request.GetBeside() != "" {
		other, before, err := s.whole(ctx, q, request.GetBeside(), "beside")
		if err == nil && other.Detail != row.Detail {
			err = notFound("beside", "the answer is one to something else")
		}
		if err != nil {
			return nil, told(ctx, "reading an earlier answer", err)
		}
		compare(answer, before)
	}
	return &portalv1.GetInfoAnswerResponse{Answer: answer}, nil
}

// whole reads an answer of the caller's; field is the one of the request that names it.
func (s *Service) whole(
	ctx context.Context, q *db.Queries, id, field string,
) (db.MyinfoLine, *portalv1.InfoAnswer, error) {
	row, err := q.MyinfoGet(ctx, db.MyinfoGetParams{Person: access.Subject(ctx), ID: id})
	if errors.Is(err, db.ErrNotFound) || err == nil && row.State != answered {
		return row, nil, notFound(field, "the person has no such answer")
	}
	if err != nil {
		return row, nil, fmt.Errorf("reading a request: %w", err)
	}
	_, answer, err := s.answer(ctx, q, row)
	return row, answer, err
}

// source is an item that says a fact.
type source struct{ detail, item string }

// sources are the items that say the same fact, by its word.
var sources = sync.OnceValue(func() map[string][]source {
	found := map[string][]source{}
	for _, c := range selfinfo.Categories() {
		for _, d := range c.Details {
			for _, i := range d.Items {
				if i.Fact != "" {
					found[i.Fact] = append(found[i.Fact], source{d.Key, i.Key})
				}
			}
		}
	}
	return found
})

// addOthers marks what another office says otherwise, by its last answer. Only what is there once in an answer is such
// a fact.
func (s *Service) addOthers(ctx context.Context, l *lines, row db.MyinfoLine, answer *portalv1.InfoAnswer) error {
	detail := mustDetail(row.Detail)
	read := map[string]*portalv1.InfoAnswer{} // the last answers to other details; nil when there is none
	for _, value := range single(answer) {
		item, _ := detail.Item(value.GetItem())
		for _, from := range sources()[item.Fact] {
			if item.Fact == "" || from.detail == row.Detail {
				continue
			}
			other, known := read[from.detail]
			if !known {
				var err error
				if other, err = s.latest(ctx, l, row, from.detail); err != nil {
					return err
				}
				read[from.detail] = other
			}
			if other == nil {
				continue
			}
			for _, theirs := range single(other) {
				if theirs.GetItem() != from.item || alike(theirs.GetText(), value.GetText()) {
					continue
				}
				value.Others = append(value.Others, &portalv1.InfoOther{
					RequestId: other.GetRequest().GetId(), Item: from.item, Text: theirs.GetText(),
					Office: other.GetRequest().GetOffice(), AnsweredAt: other.GetRequest().GetAnsweredAt(),
					AsOf: other.GetAsOf(),
				})
			}
		}
	}
	return nil
}

// latest is the last answer of another office to a detail; nil when there is none.
func (s *Service) latest(
	ctx context.Context, l *lines, than db.MyinfoLine, detail string,
) (*portalv1.InfoAnswer, error) {
	row, err := l.q.MyinfoLatest(ctx, db.MyinfoLatestParams{Person: than.Person, Detail: detail})
	if errors.Is(err, db.ErrNotFound) || err == nil && row.OfficeID == than.OfficeID {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("reading what another office says: %w", err)
	}
	_, answer, err := s.answer(ctx, l.q, row)
	if err != nil {
		return nil, err
	}
	answer.Request, err = l.message(ctx, row)
	return answer, err
}

// single are the values that are there, and say the same in every record that has them: of a household each record
// holds its address.
func single(answer *portalv1.InfoAnswer) map[string]*portalv1.InfoValue {
	found, several := map[string]*portalv1.InfoValue{}, map[string]bool{}
	for _, r := range answer.GetRecords() {
		for _, v := range r.GetValues() {
			if v.GetState() != portalv1.InfoValueState_INFO_VALUE_STATE_PRESENT {
				continue
			}
			if before := found[v.GetItem()]; before != nil && !alike(before.GetText(), v.GetText()) {
				several[v.GetItem()] = true
			}
			if found[v.GetItem()] == nil {
				found[v.GetItem()] = v
			}
		}
	}
	for item := range several {
		delete(found, item)
	}
	return found
}

// alike says whether two texts differ in no more than blanks.
func alike(a, b string) bool {
	blank := strings.NewReplacer(" ", "", "\u3000", "", "\u00a0", "")
	return blank.Replace(a) == blank.Replace(b)
}

// compare lays an answer beside an earlier one, record by record.
func compare(answer, before *portalv1.InfoAnswer) {
	earlier := map[string]*portalv1.InfoRecord{}
	for _, r := range before.GetRecords() {
		earlier[r.GetReference()] = r
	}
	for _, r := range answer.GetRecords() {
		was := earlier[r.GetReference()]
		delete(earlier, r.GetReference())
		if was == nil {
			r.Added = true
			continue
		}
		for _, v := range r.GetValues() {
			i := slices.IndexFunc(was.GetValues(),
				func(o *portalv1.InfoValue) bool { return o.GetItem() == v.GetItem() })
			if i < 0 {
				v.Changed = true
				continue
			}
			o := was.GetValues()[i]
			v.StateBefore, v.TextBefore = o.GetState(), o.GetText()
			v.Changed = o.GetState() != v.GetState() || o.GetText() != v.GetText()
		}
	}
	for _, r := range before.GetRecords() {
		if earlier[r.GetReference()] != nil {
			answer.Gone = append(answer.Gone, r)
		}
	}
}

// Kept gives the records of the last answer to a detail that is kept of a person, and when the office gave it; none
// when there is no such answer.
func Kept(
	ctx context.Context, q *db.Queries, folder, detail string,
) (records []*portalv1.InfoRecord, answeredAt int64, err error) {
	row, err := q.MyinfoLatest(ctx, db.MyinfoLatestParams{Person: folder, Detail: detail})
	if errors.Is(err, db.ErrNotFound) {
		return nil, 0, nil
	}
	if err != nil {
		return nil, 0, fmt.Errorf("looking for a kept answer: %w", err)
	}
	_, answer, err := (&Service{}).answer(ctx, q, row)
	return answer.GetRecords(), row.AnsweredAt, err
}
