// Package conformance plays the portal to an office's client, and says what of the contract
// (proto/office/v1/myinfo.proto) the client keeps: it asks for each detail of some categories, gives a request twice,
// cuts the stream, answers that it cannot answer, and sends a correction. Nothing of it is a person's.
package conformance

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"time"

	"connectrpc.com/connect"
	"google.golang.org/protobuf/proto"

	"madoguchi/backend/door/office/checklist"
	"madoguchi/backend/feature/myinfo"
	"madoguchi/proto/clock"
	officev1 "madoguchi/proto/gen/office/v1"
	"madoguchi/proto/gen/office/v1/officev1connect"
	"madoguchi/proto/selfinfo"
)

// Kit is a portal for one client. It is both of the services that the client calls.
type Kit struct {
	officev1connect.UnimplementedMyInfoServiceHandler
	introduction []byte
	now          func() time.Time

	*checklist.List
	mu      sync.Mutex
	waiting []*question
	refused bool // an answer was refused once, as if the portal could not keep it
	claimed bool
}

// question is one request, with what came of it.
type question struct {
	*officev1.InformationRequest
	check  string
	given  int
	answer *officev1.AnswerInformationRequest
	// twice: it is given once more after it was answered (repeated), and before, when its answer was refused (left).
	twice, repeated, left bool
}

const (
	person     = "conformance-person"
	correction = "conformance-correction"

	checkPersons = "asks who was introduced (PersonService.ListPersons)"
	checkWatch   = "waits for requests (WatchRequests)"
	checkAgain   = "opens the stream anew after it ended"
	checkRetry   = "answers again when the portal was out of order (UNAVAILABLE)"
	checkTwice   = "answers a request that is given twice with the same answer"
	checkCorrect = "answers a correction"
)

// New makes a kit that asks for all details of the categories. The introduction is what J-LIS would have sealed for the
// office.
func New(categories []int, introduction []byte, now func() time.Time) (*Kit, error) {
	k := &Kit{
		introduction: introduction, now: now,
		List: checklist.New(checkPersons, checkWatch, checkAgain, checkRetry, checkTwice),
	}
	today := clock.Today(now())
	for _, number := range categories {
		c, ok := selfinfo.ByNumber(number)
		if !ok {
			return nil, fmt.Errorf("no category has the number %d", number)
		}
		for _, d := range c.Details {
			from, to, err := d.Asked("", "", today)
			if err != nil {
				return nil, fmt.Errorf("asking for %s: %w", d.Key, err)
			}
			check := "answers " + d.Key + " (" + c.Name.Ja + ": " + d.Name.Ja + ")"
			k.Add(check)
			k.waiting = append(k.waiting, &question{check: check, twice: len(k.waiting) == 0,
				InformationRequest: &officev1.InformationRequest{
					Id: "conformance-" + strings.ReplaceAll(d.Key, ".", "-"), Person: person, Detail: d.Key, From: from,
					To: to,
				}})
		}
	}
	if len(k.waiting) == 0 {
		return nil, errors.New("say the categories that the office holds")
	}
	k.Add(checkCorrect)
	return k, nil
}

// ListPersons introduces one person.
func (k *Kit) ListPersons(_ context.Context, request *officev1.ListPersonsRequest) (*officev1.ListPersonsResponse,
	error) {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.Note(checkPersons, "")
	response := &officev1.ListPersonsResponse{Cursor: "1"}
	if request.GetCursor() != "1" {
		response.Persons = []*officev1.Person{{Identifier: person, Introduction: k.introduction}}
	}
	return response, nil
}

// WatchRequests gives one request a stream at first, and ends it, then all that are left.
func (k *Kit) WatchRequests(
	ctx context.Context, _ *officev1.WatchRequestsRequest, stream *connect.ServerStream[officev1.WatchRequestsResponse],
) error {
	for ctx.Err() == nil {
		changed := k.Changed()
		message, last := k.next()
		if err := stream.Send(message); err != nil || last {
			return err
		}
		select {
		case <-ctx.Done():
		case <-changed:
		case <-time.After(5 * time.Second):
		}
	}
	return nil
}

// next is what is given now; last says that the stream ends with it.
func (k *Kit) next() (message *officev1.WatchRequestsResponse, last bool) {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.Note(checkWatch, "")
	first := k.waiting[0]
	message = &officev1.WatchRequestsResponse{}
	switch {
	case first.given == 0:
		last = true
	case first.answer == nil && !k.refused:
		return message, false // until the first answer comes
	default:
		k.Note(checkAgain, "")
	}
	until := k.now().Add(time.Minute).UnixMilli()
	for _, q := range k.waiting {
		again := q.twice && (q.answer != nil && !q.repeated || q.answer == nil && k.refused && !q.left)
		if q.given > 0 && !again {
			continue
		}
		q.given++
		q.left, q.repeated = q.given > 1, q.answer != nil
		q.Tries, q.LeaseUntil, q.AskedAt = int32(q.given), until, k.now().UnixMilli()
		message.Requests = append(message.Requests, proto.CloneOf(q.InformationRequest))
		if last {
			return message, true
		}
	}
	if k.answered() && !k.claimed {
		k.claimed = true
		d, _, _ := selfinfo.DetailOf(first.GetDetail())
		message.Corrections = []*officev1.CorrectionRequest{{
			Id: correction, Person: person, Detail: first.GetDetail(), Record: recordOf(first.answer),
			Item:  d.Items[0].Key,
			Fault: officev1.Fault_FAULT_NOT_MINE, SentAt: k.now().UnixMilli(), Tries: 1, LeaseUntil: until,
			Due: clock.Today(k.now()).AddDate(0, 0, 30).Format(time.DateOnly),
		}}
	}
	return message, false
}

func recordOf(answer *officev1.AnswerInformationRequest) string {
	for _, r := range answer.GetData().GetRecords() {
		return r.GetReference()
	}
	return "1"
}

func (k *Kit) answered() bool {
	for _, q := range k.waiting {
		if !k.Settled(q.check) {
			return false
		}
	}
	return true
}

// AnswerInformation judges an answer. The first is refused as by a portal that is out of order.
func (k *Kit) AnswerInformation(
	_ context.Context, request *officev1.AnswerInformationRequest,
) (*officev1.AnswerInformationResponse, error) {
	k.mu.Lock()
	defer k.mu.Unlock()
	var q *question
	for _, one := range k.waiting {
		if one.GetId() == request.GetRequestId() && one.given > 0 {
			q = one
		}
	}
	if q == nil {
		k.Note(checkWatch, fmt.Sprintf("it answers %q, which it was not asked", request.GetRequestId()))
		return nil, connect.NewError(connect.CodeNotFound, errors.New("no such request"))
	}
	if !k.refused {
		k.refused = true
		k.Wake()
		return nil, connect.NewError(connect.CodeUnavailable, errors.New("try again"))
	}
	k.Note(checkRetry, "")
	if q.answer != nil {
		if !proto.Equal(q.answer, request) {
			k.Note(checkTwice, "the second answer is another")
			return nil, connect.NewError(connect.CodeAlreadyExists, errors.New("it was answered otherwise"))
		}
		k.Note(checkTwice, "")
		return &officev1.AnswerInformationResponse{}, nil
	}
	values, field, err := myinfo.Judge(q.GetDetail(), request, clock.Today(k.now()))
	if err != nil {
		wrong := fmt.Sprintf("it cannot be read at %s: %v", field, err)
		k.Note(q.check, wrong)
		return nil, connect.NewError(connect.CodeInvalidArgument, errors.New(wrong))
	}
	if len(values) > 0 {
		k.Note(q.check, "values cannot be read: "+strings.Join(values[:min(len(values), 20)], ", "))
	}
	if request.GetUnavailable() == nil {
		q.answer = proto.CloneOf(request)
		k.Note(q.check, "")
	}
	k.Wake()
	return &officev1.AnswerInformationResponse{Taken: true, UnreadableCount: int32(len(values)), Unreadable: values},
		nil
}

// AnswerCorrection judges the answer to the correction.
func (k *Kit) AnswerCorrection(
	_ context.Context, request *officev1.AnswerCorrectionRequest,
) (*officev1.AnswerCorrectionResponse, error) {
	k.mu.Lock()
	defer k.mu.Unlock()
	switch outcome := request.GetOutcome(); {
	case request.GetCorrectionId() != correction:
		k.Note(checkCorrect, fmt.Sprintf("it answers %q, which it was not sent", request.GetCorrectionId()))
	case outcome == officev1.CorrectionOutcome_CORRECTION_OUTCOME_UNSPECIFIED:
		k.Note(checkCorrect, "it says no outcome")
	case outcome != officev1.CorrectionOutcome_CORRECTION_OUTCOME_CORRECTED && request.GetAnswer() == "":
		k.Note(checkCorrect, "it does not tell the person why")
	default:
		k.Note(checkCorrect, "")
	}
	return &officev1.AnswerCorrectionResponse{Taken: true}, nil
}
