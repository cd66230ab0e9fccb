package myinfo

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"connectrpc.com/connect"

	"madoguchi/backend/door/access"
	"madoguchi/backend/store/db"
	"madoguchi/backend/store/page"
	"madoguchi/proto/clock"
	officev1 "madoguchi/proto/gen/office/v1"
	portalv1 "madoguchi/proto/gen/portal/v1"
	"madoguchi/proto/selfinfo"
)

const (
	// An office answers within so many days (個人情報の保護に関する法律 94条), and may take so many more.
	correctionDays, extensionDays = 30, 60
	mostCorrections               = 20 // that are open, of one answer
)

const (
	correctionOpen     = int64(portalv1.InfoCorrectionState_INFO_CORRECTION_STATE_EXTENDED) // and below
	correctionSent     = portalv1.InfoCorrectionState_INFO_CORRECTION_STATE_SENT
	correctionExtended = portalv1.InfoCorrectionState_INFO_CORRECTION_STATE_EXTENDED
	correctionDone     = portalv1.InfoCorrectionState_INFO_CORRECTION_STATE_CORRECTED
	correctionDeclined = portalv1.InfoCorrectionState_INFO_CORRECTION_STATE_DECLINED
)

func placeOfClaim(row db.MyinfoCorrection) Place {
	return Place{Folder: row.FolderID, Table: tableCorrection, Column: "claim", Row: row.ID}
}

func placeOfReply(row db.MyinfoCorrection) Place {
	return Place{Folder: row.FolderID, Table: tableCorrection, Column: "reply", Row: row.ID}
}

// CorrectInfo tells the office that holds a value that it is wrong.
func (s *Service) CorrectInfo(
	ctx context.Context, request *portalv1.CorrectInfoRequest,
) (*portalv1.CorrectInfoResponse, error) {
	switch request.GetFault() {
	case portalv1.InfoFault_INFO_FAULT_NOT_MINE, portalv1.InfoFault_INFO_FAULT_MISSING:
	case portalv1.InfoFault_INFO_FAULT_WRONG:
		if request.GetShouldBe() == "" {
			return nil, access.Invalid(ctx, "should_be", errors.New("it is not said what it should be"))
		}
	default:
		return nil, access.Invalid(ctx, "fault", errors.New("there is no such fault"))
	}
	var row db.MyinfoCorrection
	err := s.db.Tx(ctx, func(q *db.Queries) (err error) {
		row, err = s.correct(ctx, q, request)
		return err
	})
	if err != nil {
		return nil, told(ctx, "sending a correction", err)
	}
	s.bell.ring()
	m, err := s.correction(ctx, s.lines(s.db.Read(), access.Subject(ctx)), row)
	return &portalv1.CorrectInfoResponse{Correction: m}, err
}

func (s *Service) correct(
	ctx context.Context, q *db.Queries, request *portalv1.CorrectInfoRequest,
) (db.MyinfoCorrection, error) {
	of, answer, err := s.whole(ctx, q, request.GetRequestId(), "request_id")
	if err != nil {
		return db.MyinfoCorrection{}, err
	}
	was, err := valueIn(answer, of.Detail, request)
	if err != nil {
		return db.MyinfoCorrection{}, err
	}
	rows, err := q.MyinfoCorrectionsOf(ctx, db.MyinfoCorrectionsOfParams{FolderID: of.Person, RequestID: of.ID})
	if err != nil {
		return db.MyinfoCorrection{}, err
	}
	if len(rows) >= mostCorrections {
		return db.MyinfoCorrection{}, refuse(connect.CodeFailedPrecondition, portalv1.Reason_REASON_TOO_MANY, "",
			"so many corrections of one answer are open already")
	}
	for _, before := range rows {
		claim := &portalv1.InfoCorrection{}
		if err := s.store.read(ctx, q, placeOfClaim(before), before.Claim, claim); err != nil {
			return before, err
		}
		if before.State <= correctionOpen && claim.GetRecord() == request.GetRecord() &&
			claim.GetItem() == request.GetItem() {
			return before, refuse(connect.CodeAlreadyExists, portalv1.Reason_REASON_ALREADY_DONE, "item",
				"a correction of this value is open")
		}
	}
	now := s.now()
	row := db.MyinfoCorrection{
		FolderID: of.Person, ID: strings.ToLower(rand.Text()), RequestID: of.ID, OfficeID: of.OfficeID,
		Detail: of.Detail,
		SentAt: now.UnixMilli(), Due: clock.Today(now).AddDate(0, 0, correctionDays).Format(time.DateOnly),
		State: int64(correctionSent), Since: now.UnixMilli(), DueAt: now.UnixMilli(),
	}
	row.Claim, err = s.store.write(ctx, q, placeOfClaim(row), &portalv1.InfoCorrection{
		Record: request.GetRecord(), Item: request.GetItem(), Was: was, Fault: request.GetFault(),
		ShouldBe: request.GetShouldBe(), Explanation: request.GetExplanation(),
	})
	if err != nil {
		return row, err
	}
	err = q.MyinfoCorrect(ctx, db.MyinfoCorrectParams{
		FolderID: row.FolderID, ID: row.ID, RequestID: row.RequestID, OfficeID: row.OfficeID, Detail: row.Detail,
		Due: row.Due, Claim: row.Claim, Now: row.SentAt,
	})
	if err != nil {
		return row, fmt.Errorf("writing a correction: %w", err)
	}
	return row, changed(ctx, q, of.Person, of.ID)
}

// valueIn finds the value that a correction is about. Of what is missing its record and item are enough.
func valueIn(answer *portalv1.InfoAnswer, key string, request *portalv1.CorrectInfoRequest) (string, error) {
	detail, _, _ := selfinfo.DetailOf(key)
	if _, ok := detail.Item(request.GetItem()); !ok {
		return "", notFound("item", "the answer holds no such item")
	}
	missing := request.GetFault() == portalv1.InfoFault_INFO_FAULT_MISSING
	i := slices.IndexFunc(answer.GetRecords(), func(r *portalv1.InfoRecord) bool {
		return r.GetReference() == request.GetRecord()
	})
	if i < 0 {
		return "", notFound("record", "the answer holds no such record")
	}
	for _, v := range answer.GetRecords()[i].GetValues() {
		if v.GetItem() == request.GetItem() {
			return v.GetText(), nil
		}
	}
	if !missing {
		return "", notFound("item", "the record holds no such item")
	}
	return "", nil
}

// correction makes a message of a correction.
func (s *Service) correction(
	ctx context.Context, l *lines, row db.MyinfoCorrection,
) (*portalv1.InfoCorrection, error) {
	m := &portalv1.InfoCorrection{}
	if err := s.store.read(ctx, l.q, placeOfClaim(row), row.Claim, m); err != nil {
		return nil, err
	}
	from, err := l.office(ctx, row.OfficeID)
	if err != nil {
		return nil, err
	}
	m.Id, m.RequestId, m.Detail, m.Office = row.ID, row.RequestID, row.Detail, from.Name
	m.SentAt, m.Due, m.State, m.Since = row.SentAt, row.Due, portalv1.InfoCorrectionState(row.State), row.Since
	m.Trouble = portalv1.InfoTrouble_INFO_TROUBLE_NONE
	if row.State <= correctionOpen {
		m.Overdue = row.Due < clock.Day(s.now())
		if m.State != correctionExtended {
			m.Trouble, m.NextTryAt = troubleOf(s.now().UnixMilli(), row.DueAt, row.Tries, from.SeenAt,
				int64(portalv1.InfoTrouble_INFO_TROUBLE_NONE))
		}
	}
	if len(row.Reply) > 0 {
		reply, err := s.store.readBytes(ctx, l.q, placeOfReply(row), row.Reply)
		if err != nil {
			return nil, err
		}
		m.Answer = string(reply)
	}
	return m, nil
}

// addCorrections names with each value the correction of it that was sent last.
func (s *Service) addCorrections(
	ctx context.Context, q *db.Queries, row db.MyinfoLine, answer *portalv1.InfoAnswer,
) error {
	rows, err := q.MyinfoCorrectionsOf(ctx, db.MyinfoCorrectionsOfParams{FolderID: row.Person, RequestID: row.ID})
	if err != nil {
		return fmt.Errorf("listing the corrections of an answer: %w", err)
	}
	last := map[[2]string]string{}
	for _, c := range rows {
		claim := &portalv1.InfoCorrection{}
		if err := s.store.read(ctx, q, placeOfClaim(c), c.Claim, claim); err != nil {
			return err
		}
		key := [2]string{claim.GetRecord(), claim.GetItem()}
		if last[key] == "" {
			last[key] = c.ID
		}
	}
	if len(last) == 0 {
		return nil
	}
	for _, r := range answer.GetRecords() {
		for _, v := range r.GetValues() {
			v.CorrectionId = last[[2]string{r.GetReference(), v.GetItem()}]
		}
	}
	return nil
}

// ListInfoCorrections lists the person's corrections, the last first.
func (s *Service) ListInfoCorrections(
	ctx context.Context, request *portalv1.ListInfoCorrectionsRequest,
) (*portalv1.ListInfoCorrectionsResponse, error) {
	size, err := pages.Size(request.GetPageSize())
	if err != nil {
		return nil, access.Invalid(ctx, "page_size", err)
	}
	folder := access.Subject(ctx)
	all := page.Of("myinfo-corrections", folder)
	before, beforeID, err := position(all, request.GetPageToken())
	if err != nil {
		return nil, access.Invalid(ctx, "page_token", err)
	}
	l := s.lines(s.db.Read(), access.Subject(ctx))
	rows, err := l.q.MyinfoCorrections(ctx, db.MyinfoCorrectionsParams{
		FolderID: folder, Before: before, BeforeID: beforeID, Size: size + 1,
	})
	if err != nil {
		return nil, fmt.Errorf("listing corrections: %w", err)
	}
	response := &portalv1.ListInfoCorrectionsResponse{}
	if len(rows) > int(size) {
		rows = rows[:size]
		last := rows[size-1]
		response.NextPageToken = all.Token(strconv.FormatInt(last.SentAt, 10), last.ID)
	}
	for _, row := range rows {
		m, err := s.correction(ctx, l, row)
		if err != nil {
			return nil, err
		}
		response.Corrections = append(response.Corrections, m)
	}
	return response, nil
}

// AnswerCorrection takes in what an office says to a correction.
func (i *Intake) AnswerCorrection(
	ctx context.Context, request *officev1.AnswerCorrectionRequest,
) (*officev1.AnswerCorrectionResponse, error) {
	from := access.FromContext(ctx).OfficeID
	response := &officev1.AnswerCorrectionResponse{}
	err := i.db.Tx(ctx, func(q *db.Queries) error {
		row, err := q.MyinfoCorrectionOfOffice(ctx, db.MyinfoCorrectionOfOfficeParams{
			ID: request.GetCorrectionId(), OfficeID: from,
		})
		if errors.Is(err, db.ErrNotFound) {
			return notFound("correction_id", "the office is sent no such correction")
		}
		if err != nil {
			return err
		}
		response.Taken, err = i.takeReply(ctx, q, row, request)
		return err
	})
	if err != nil {
		return nil, told(ctx, "taking the answer to a correction in", err)
	}
	i.wake()
	return response, nil
}

var correctionStates = map[officev1.CorrectionOutcome]portalv1.InfoCorrectionState{
	officev1.CorrectionOutcome_CORRECTION_OUTCOME_CORRECTED: correctionDone,
	officev1.CorrectionOutcome_CORRECTION_OUTCOME_DECLINED:  correctionDeclined,
	officev1.CorrectionOutcome_CORRECTION_OUTCOME_EXTENDED:  correctionExtended,
}

func (i *Intake) takeReply(
	ctx context.Context, q *db.Queries, row db.MyinfoCorrection, request *officev1.AnswerCorrectionRequest,
) (bool, error) {
	state, known := correctionStates[request.GetOutcome()]
	if !known {
		return false, invalid("outcome", errors.New("there is no such outcome"))
	}
	if request.GetAnswer() == "" && request.GetOutcome() != officev1.CorrectionOutcome_CORRECTION_OUTCOME_CORRECTED {
		return false, invalid("answer", errors.New("the person is told why"))
	}
	reply, err := i.reply(ctx, q, row)
	if err != nil {
		return false, err
	}
	due := row.Due
	if state == correctionExtended {
		due = request.GetDue()
	}
	if row.State == int64(state) && reply == request.GetAnswer() && due == row.Due {
		return false, nil // the same once more
	}
	if row.State > correctionOpen {
		return false, refuse(connect.CodeAlreadyExists, portalv1.Reason_REASON_ALREADY_DONE, "correction_id",
			"the correction was answered otherwise")
	}
	now := i.now()
	again := now.UnixMilli() // when the office is given it again, if it is
	if state == correctionExtended {
		before, err := time.Parse(time.DateOnly, row.Due)
		if err != nil {
			return false, fmt.Errorf("reading until when a correction is to be answered: %w", err)
		}
		until, err := time.Parse(time.DateOnly, due)
		if err != nil || !until.After(before) || until.After(before.AddDate(0, 0, extensionDays)) {
			return false, invalid("due", fmt.Errorf("not within %d days after %s", extensionDays, row.Due))
		}
		again = until.UnixMilli()
	}
	sealed, err := i.store.writeBytes(ctx, q, placeOfReply(row), []byte(request.GetAnswer()))
	if err != nil {
		return false, err
	}
	err = q.MyinfoCorrectionAnswer(ctx, db.MyinfoCorrectionAnswerParams{
		FolderID: row.FolderID, ID: row.ID, State: int64(state), Now: now.UnixMilli(), Due: due, DueAt: again,
		Reply: sealed,
	})
	if err != nil {
		return false, fmt.Errorf("writing the answer to a correction: %w", err)
	}
	setting, err := settingOf(ctx, q, row.FolderID)
	if err != nil {
		return false, err
	}
	setting.ToldAt = now.UnixMilli()
	if err := i.tell(ctx, q, row.FolderID, row.OfficeID, row.ID+"-"+strconv.FormatInt(int64(state), 10)+due, setting,
		now); err != nil {
		return false, err
	}
	return true, changed(ctx, q, row.FolderID, row.RequestID)
}

func (i *Intake) reply(ctx context.Context, q *db.Queries, row db.MyinfoCorrection) (string, error) {
	if len(row.Reply) == 0 {
		return "", nil
	}
	reply, err := i.store.readBytes(ctx, q, placeOfReply(row), row.Reply)
	return string(reply), err
}
