package myinfo

import (
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"math/rand/v2"
	"regexp"
	"time"
	"unicode/utf8"

	"connectrpc.com/connect"
	"google.golang.org/protobuf/proto"

	"madoguchi/backend/door/access"
	"madoguchi/backend/outside/tell"
	"madoguchi/backend/store/db"
	"madoguchi/proto/clock"
	officev1 "madoguchi/proto/gen/office/v1"
	portalv1 "madoguchi/proto/gen/portal/v1"
	"madoguchi/proto/plaintext"
	"madoguchi/proto/selfinfo"
)

const (
	mostRecords, mostReason = 5000, 300
	mostUnavailable         = 30 * 24 * time.Hour
	toldUnreadable          = 20 // of values that could not be read, an office is told so many
)

// unreadable is an answer that cannot be read: the office is told where, the person that it is so.
type unreadable struct {
	field string
	why   error
}

func (u *unreadable) Error() string { return u.field + ": " + u.why.Error() }

// AnswerInformation takes the answer to a request in.
func (i *Intake) AnswerInformation(
	ctx context.Context, request *officev1.AnswerInformationRequest,
) (*officev1.AnswerInformationResponse, error) {
	office := access.FromContext(ctx).OfficeID
	var response *officev1.AnswerInformationResponse
	var bad *unreadable
	err := i.db.Erase(ctx, func(q *db.Queries) error {
		response, bad = nil, nil
		row, err := q.MyinfoOfOffice(ctx, db.MyinfoOfOfficeParams{ID: request.GetRequestId(), OfficeID: office})
		if errors.Is(err, db.ErrNotFound) || err == nil && row.State == ended {
			return notFound("request_id", "the office is asked no such thing")
		}
		if err != nil {
			return fmt.Errorf("reading a request: %w", err)
		}
		response, err = i.take(ctx, q, row, request)
		if errors.As(err, &bad) {
			return i.putOff(ctx, q, row, portalv1.InfoTrouble_INFO_TROUBLE_UNREADABLE, i.now().Add(lease(row.Tries)))
		}
		return err
	})
	if err == nil && bad != nil {
		err = invalid(bad.field, &access.Told{Cause: bad.why})
	}
	if err != nil {
		return nil, told(ctx, "taking an answer in", err)
	}
	i.wake()
	i.bell.ring() // there is room for the next
	return response, nil
}

// take takes an answer to a request in, in the transaction of q.
func (i *Intake) take(
	ctx context.Context, q *db.Queries, row db.MyinfoLine, request *officev1.AnswerInformationRequest,
) (*officev1.AnswerInformationResponse, error) {
	encoded, err := proto.MarshalOptions{Deterministic: true}.Marshal(request)
	if err != nil {
		return nil, fmt.Errorf("writing an answer: %w", err)
	}
	sum := sha256.Sum256(encoded)
	at := Place{Folder: row.Person, Table: tableRequest, Column: "answer", Row: row.ID}
	if row.State == answered {
		before, _, err := i.answer(ctx, q, row)
		if err != nil {
			return nil, err
		}
		if !bytes.Equal(before, sum[:]) {
			return nil, refuse(connect.CodeAlreadyExists, portalv1.Reason_REASON_ALREADY_DONE, "request_id",
				"the request was answered otherwise")
		}
		return &officev1.AnswerInformationResponse{}, nil
	}
	now := i.now()
	if until := request.GetUnavailable(); until != nil {
		again := time.UnixMilli(until.GetUntil())
		if again.Before(now) || again.After(now.Add(mostUnavailable)) {
			return nil, &unreadable{"unavailable.until", errors.New("not within 30 days from now")}
		}
		return &officev1.AnswerInformationResponse{Taken: true},
			i.putOff(ctx, q, row, portalv1.InfoTrouble_INFO_TROUBLE_UNAVAILABLE, again)
	}
	answer, where, err := convert(row.Detail, request, clock.Today(now))
	if err != nil {
		return nil, err
	}
	if err := i.protect(ctx, q, row.Person, row.Detail, answer); err != nil {
		return nil, err
	}
	clear, err := proto.Marshal(answer)
	if err != nil {
		return nil, fmt.Errorf("writing an answer: %w", err)
	}
	sealed, err := i.store.writeBytes(ctx, q, at, append(sum[:], clear...))
	if err != nil {
		return nil, err
	}
	if err := i.keep(ctx, q, row, answer.GetOutcome(), sealed, now); err != nil {
		return nil, err
	}
	response := &officev1.AnswerInformationResponse{Taken: true, UnreadableCount: int32(len(where))}
	response.Unreadable = where[:min(len(where), toldUnreadable)]
	return response, nil
}

// keep writes an answer down, and has the person told.
func (i *Intake) keep(
	ctx context.Context, q *db.Queries, row db.MyinfoLine, outcome portalv1.InfoOutcome, sealed []byte, now time.Time,
) error {
	setting, err := settingOf(ctx, q, row.Person)
	if err != nil {
		return err
	}
	here, err := i.needs.LoggedIn(ctx, q, row.Person)
	if err != nil {
		return err
	}
	before, err := unseen(ctx, q, row.Person)
	if err != nil {
		return err
	}
	err = q.MyinfoAnswer(ctx, db.MyinfoAnswerParams{
		FolderID: row.Person, ID: row.ID, Now: now.UnixMilli(), Outcome: int64(outcome), Answer: sealed,
		KeepUntil: keepUntil(portalv1.InfoKeep(setting.Keep), now), InSession: here,
	})
	if err != nil {
		return fmt.Errorf("writing an answer: %w", err)
	}
	err = q.MyinfoPaceNote(ctx, db.MyinfoPaceNoteParams{
		OfficeID: row.OfficeID, Detail: row.Detail, Slot: rand.Int64N(paceSlots), Took: now.UnixMilli() - row.AskedAt,
	})
	if err != nil {
		return fmt.Errorf("noting how long an office took: %w", err)
	}
	if err := i.exchanged(ctx, q, row, outcome, now); err != nil {
		return err
	}
	// Who was told and has not looked since is not told again.
	if before == 0 || setting.ToldAt == 0 {
		setting.ToldAt = now.UnixMilli()
		if err := i.tell(ctx, q, row.Person, row.OfficeID, row.ID, setting, now); err != nil {
			return err
		}
	}
	return changed(ctx, q, row.Person, row.ID)
}

// exchanged has it stand in the history of exchanges that the office answered.
func (i *Intake) exchanged(
	ctx context.Context, q *db.Queries, row db.MyinfoLine, outcome portalv1.InfoOutcome, now time.Time,
) error {
	from, err := q.MyinfoOfficeState(ctx, row.OfficeID)
	if err != nil {
		return fmt.Errorf("reading the office that answers: %w", err)
	}
	detail, category, _ := selfinfo.DetailOf(row.Detail)
	return i.needs.Exchanged(ctx, q, row.Person, Answered{
		Request: row.ID, Office: row.OfficeID, Name: from.Name, What: category.Name.Ja + "：" + detail.Name.Ja,
		AskedAt: row.AskedAt, Outcome: outcome,
	}, now)
}

// tell has a person told, by mail and by a notice as they chose, that an office answered. Of what it says nothing.
func (i *Intake) tell(
	ctx context.Context, q *db.Queries, folder, office, id string, setting db.MyinfoSetting, now time.Time,
) error {
	if _, err := tell.Tell(ctx, q, folder, tell.Answer, tell.About{At: now}); err != nil {
		return err
	}
	from, err := i.lines(q, folder).office(ctx, office)
	if err != nil {
		return err
	}
	if setting.Notice && from.Name != somePlace { // a notice has the name of its office
		if err := i.needs.Notice(ctx, q, folder, office, id, now); err != nil {
			return err
		}
	}
	return set(ctx, q, setting)
}

func (i *Intake) putOff(
	ctx context.Context, q *db.Queries, row db.MyinfoLine, trouble portalv1.InfoTrouble, until time.Time,
) error {
	err := q.MyinfoPutOff(ctx, db.MyinfoPutOffParams{
		FolderID: row.Person, ID: row.ID, Trouble: int64(trouble), DueAt: until.UnixMilli(),
	})
	if err != nil {
		return fmt.Errorf("putting a request off: %w", err)
	}
	return changed(ctx, q, row.Person, row.ID)
}

// answer opens the answer to a request: what stands for what the office sent, and what it says.
func (s *Service) answer(
	ctx context.Context, q *db.Queries, row db.MyinfoLine,
) (sum []byte, answer *portalv1.InfoAnswer, err error) {
	sealed, err := q.MyinfoAnswerOf(ctx, db.MyinfoAnswerOfParams{FolderID: row.Person, ID: row.ID})
	if err != nil {
		return nil, nil, fmt.Errorf("reading an answer: %w", err)
	}
	at := Place{Folder: row.Person, Table: tableRequest, Column: "answer", Row: row.ID}
	clear, err := s.store.readBytes(ctx, q, at, sealed)
	if err != nil {
		return nil, nil, err
	}
	if len(clear) < sha256.Size {
		return nil, nil, errors.New("reading an answer: it is cut off")
	}
	answer = &portalv1.InfoAnswer{}
	if err := proto.Unmarshal(clear[sha256.Size:], answer); err != nil {
		return nil, nil, fmt.Errorf("reading an answer: %w", err)
	}
	return clear[:sha256.Size], answer, nil
}

var reference = regexp.MustCompile(`^[A-Za-z0-9._-]{1,64}$`)

// convert makes of an office's answer what a person is shown. Where names the values that could not be read. What
// breaks the contract as a whole is an *unreadable.
func convert(
	key string, request *officev1.AnswerInformationRequest, today time.Time,
) (answer *portalv1.InfoAnswer, where []string, err error) {
	answer = &portalv1.InfoAnswer{AsOf: request.GetAsOf(), Reason: request.GetReason()}
	if answer.AsOf == "" {
		answer.AsOf = today.Format(time.DateOnly)
	}
	if err := checkDay(answer.AsOf, today); err != nil {
		return nil, nil, &unreadable{"as_of", err}
	}
	if answer.Reason != "" {
		if err := checkReason(answer.Reason, mostReason); err != nil {
			return nil, nil, &unreadable{"reason", err}
		}
	}
	switch said := request.GetAnswer().(type) {
	case *officev1.AnswerInformationRequest_Data:
		answer.Outcome = portalv1.InfoOutcome_INFO_OUTCOME_DATA
		where, err = records(answer, key, said.Data.GetRecords(), today)
		answer.Unreadable = int32(len(where))
		return answer, where, err
	case *officev1.AnswerInformationRequest_None:
		answer.Outcome = portalv1.InfoOutcome_INFO_OUTCOME_NONE
		answer.None = portalv1.InfoNone(said.None.GetGround())
		if _, known := portalv1.InfoNone_name[int32(answer.None)]; !known {
			return nil, nil, &unreadable{"none.ground", errors.New("there is no such ground")}
		}
	case *officev1.AnswerInformationRequest_Refused:
		answer.Outcome = portalv1.InfoOutcome_INFO_OUTCOME_REFUSED
		if answer.Reason == "" {
			return nil, nil, &unreadable{"reason", errors.New("a refusal says its ground")}
		}
	case *officev1.AnswerInformationRequest_Unregistered:
		answer.Outcome = portalv1.InfoOutcome_INFO_OUTCOME_UNREGISTERED
	case *officev1.AnswerInformationRequest_Unsupported:
		answer.Outcome = portalv1.InfoOutcome_INFO_OUTCOME_UNSUPPORTED
	case *officev1.AnswerInformationRequest_NotYet:
		answer.Outcome = portalv1.InfoOutcome_INFO_OUTCOME_NOT_YET
		answer.Expected = said.NotYet.GetExpected()
		if answer.Expected != "" {
			if err := checkDay(answer.Expected, today.AddDate(2, 0, 0)); err != nil {
				return nil, nil, &unreadable{"not_yet.expected", err}
			}
		}
	case *officev1.AnswerInformationRequest_TooMuch:
		answer.Outcome = portalv1.InfoOutcome_INFO_OUTCOME_TOO_MUCH
	default:
		return nil, nil, &unreadable{"answer", errors.New("there is no answer")}
	}
	return answer, nil, nil
}

func checkDay(text string, latest time.Time) error {
	t, err := time.Parse(time.DateOnly, text)
	if err != nil {
		return errors.New("not a day")
	}
	if t.After(latest) || t.Year() < 1868 {
		return errors.New("not a day that there can be here")
	}
	return nil
}

func checkReason(text string, most int) error {
	if utf8.RuneCountInString(text) > most {
		return fmt.Errorf("longer than %d characters", most)
	}
	return plaintext.Title(text)
}

// records takes the records of an answer over. A value that is not of its item's form is kept as one that cannot be
// read; an item that there is not, or a record that has no name of its own, breaks the answer.
func records(
	answer *portalv1.InfoAnswer, key string, sent []*officev1.InformationRecord, today time.Time,
) (where []string, err error) {
	detail, _, ok := selfinfo.DetailOf(key)
	if !ok {
		return nil, fmt.Errorf("a request asks for %q, which there is not", key)
	}
	if len(sent) == 0 || len(sent) > mostRecords {
		return nil, &unreadable{"data.records", fmt.Errorf("not 1 to %d records", mostRecords)}
	}
	names := map[string]bool{}
	for n, r := range sent {
		field := fmt.Sprintf("data.records[%d]", n)
		if !reference.MatchString(r.GetReference()) || names[r.GetReference()] {
			return nil, &unreadable{field + ".reference", errors.New("not a name of a record, or one twice")}
		}
		names[r.GetReference()] = true
		record := &portalv1.InfoRecord{Reference: r.GetReference(), AsOf: r.GetAsOf()}
		if record.AsOf != "" {
			if err := checkDay(record.AsOf, today); err != nil {
				return nil, &unreadable{field + ".as_of", err}
			}
		}
		values := map[string]*portalv1.InfoValue{}
		for m, v := range r.GetValues() {
			at := fmt.Sprintf("%s.values[%d]", field, m)
			item, known := detail.Item(v.GetItem())
			if !known || values[item.Key] != nil {
				return nil, &unreadable{at + ".item", errors.New("no item of the detail, or one twice")}
			}
			value := valueOf(item, v, today)
			if value.State == portalv1.InfoValueState_INFO_VALUE_STATE_UNREADABLE {
				where = append(where, at)
			}
			values[item.Key] = value
		}
		if len(values) == 0 {
			return nil, &unreadable{field + ".values", errors.New("a record without values")}
		}
		for _, item := range detail.Items { // in the order of the catalogue
			if value := values[item.Key]; value != nil {
				record.Values = append(record.Values, value)
			}
		}
		answer.Records = append(answer.Records, record)
	}
	return where, nil
}

var absences = map[officev1.Absence]portalv1.InfoValueState{
	officev1.Absence_ABSENCE_NONE:         portalv1.InfoValueState_INFO_VALUE_STATE_NONE,
	officev1.Absence_ABSENCE_UNREGISTERED: portalv1.InfoValueState_INFO_VALUE_STATE_UNREGISTERED,
	officev1.Absence_ABSENCE_UNSUPPORTED:  portalv1.InfoValueState_INFO_VALUE_STATE_UNSUPPORTED,
	officev1.Absence_ABSENCE_NOT_YET:      portalv1.InfoValueState_INFO_VALUE_STATE_NOT_YET,
}

const mostAbsence = 100

func valueOf(item selfinfo.Item, v *officev1.InformationValue, today time.Time) *portalv1.InfoValue {
	value := &portalv1.InfoValue{Item: item.Key, State: portalv1.InfoValueState_INFO_VALUE_STATE_UNREADABLE}
	if v.GetReason() != "" && checkReason(v.GetReason(), mostAbsence) != nil {
		return value
	}
	if v.GetAbsence() != officev1.Absence_ABSENCE_UNSPECIFIED {
		if state, known := absences[v.GetAbsence()]; known && v.GetText() == "" {
			value.State, value.Reason = state, v.GetReason()
		}
		return value
	}
	if item.Check(v.GetText(), today) != nil {
		return value
	}
	value.State, value.Text, value.Reason = portalv1.InfoValueState_INFO_VALUE_STATE_PRESENT, v.GetText(), v.GetReason()
	if item.Type == selfinfo.Yen && value.Text == "0" {
		value.State = portalv1.InfoValueState_INFO_VALUE_STATE_ZERO
	}
	return value
}
