// Package conformance plays the portal to a client of an office that reports exchanges
// (proto/office/v1/exchange.proto), and says what of the contract the client keeps: it takes a first call as a
// portal that is out of order would, and asks for the same again; it has a period reported, and sends a claim.
// Nothing of it is a person's.
package conformance

import (
	"context"
	"errors"
	"sync"
	"time"

	"connectrpc.com/connect"
	"google.golang.org/protobuf/proto"

	"madoguchi/backend/door/office/checklist"
	"madoguchi/backend/feature/exchange"
	"madoguchi/proto/clock"
	officev1 "madoguchi/proto/gen/office/v1"
	"madoguchi/proto/gen/office/v1/officev1connect"
)

const (
	person  = "conformance-person"
	inquiry = "conformance-inquiry"
	claim   = "conformance-claim"

	checkPersons = "asks who was introduced (PersonService.ListPersons)"
	checkReport  = "reports exchanges about the person (ReportExchanges)"
	checkRetry   = "reports again when the portal was out of order (UNAVAILABLE)"
	checkSame    = "gives a report that it sends again the same content under the same name"
	checkTasks   = "asks what there is to do (ListExchangeTasks)"
	checkInquiry = "says that a period was reported (AnswerExchangeInquiry)"
	checkClaim   = "answers a claim (AnswerExchangeClaim)"
)

// Kit is a portal for one client.
type Kit struct {
	officev1connect.UnimplementedExchangeServiceHandler
	introduction []byte
	now          func() time.Time

	*checklist.List
	mu      sync.Mutex
	refused bool
	reports map[string]*officev1.ExchangeReport
}

// New makes a kit. The introduction is what J-LIS would have sealed for the office.
func New(introduction []byte, now func() time.Time) *Kit {
	return &Kit{
		introduction: introduction, now: now, reports: map[string]*officev1.ExchangeReport{}, List: checklist.New(
			checkPersons, checkReport, checkRetry, checkSame, checkTasks, checkInquiry, checkClaim,
		),
	}
}

// ListPersons introduces one person.
func (k *Kit) ListPersons(
	_ context.Context, request *officev1.ListPersonsRequest,
) (*officev1.ListPersonsResponse, error) {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.Note(checkPersons, "")
	response := &officev1.ListPersonsResponse{Cursor: "1"}
	if request.GetCursor() != "1" {
		response.Persons = []*officev1.Person{{Identifier: person, Introduction: k.introduction}}
	}
	return response, nil
}

// ReportExchanges judges reports. The first call is refused as by a portal that is out of order.
func (k *Kit) ReportExchanges(
	_ context.Context, request *officev1.ReportExchangesRequest,
) (*officev1.ReportExchangesResponse, error) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if !k.refused {
		k.refused = true
		return nil, connect.NewError(connect.CodeUnavailable, errors.New("try again"))
	}
	k.Note(checkRetry, "")
	response := &officev1.ReportExchangesResponse{}
	for n, r := range request.GetReports() {
		wrong := ""
		if field, err := exchange.Judge(n, r, k.now()); err != nil {
			wrong = field + ": " + err.Error()
		} else if r.GetPerson() != person {
			wrong = "it reports about somebody who was not introduced"
		}
		if wrong != "" {
			k.Note(checkReport, wrong)
			return nil, connect.NewError(connect.CodeInvalidArgument, errors.New(wrong))
		}
		before := k.reports[r.GetReport()]
		switch {
		case before == nil:
			k.reports[r.GetReport()] = proto.CloneOf(r)
		case !proto.Equal(before, r):
			k.Note(checkSame, "the report "+r.GetReport()+" is another the second time")
			return nil, connect.NewError(connect.CodeAlreadyExists, errors.New("another report has this name"))
		default:
			k.Note(checkSame, "")
		}
		response.Reports = append(response.Reports, &officev1.ExchangeTaken{
			Taken: before == nil, Proof: "c2sp.org/tlog-proof@v1\n",
		})
	}
	k.Note(checkReport, "")
	return response, nil
}

// ListExchangeTasks has a period reported, and a claim answered, once there are reports.
func (k *Kit) ListExchangeTasks(
	context.Context, *officev1.ListExchangeTasksRequest,
) (*officev1.ListExchangeTasksResponse, error) {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.Note(checkTasks, "")
	response := &officev1.ListExchangeTasksResponse{}
	if len(k.reports) == 0 {
		return response, nil
	}
	today := clock.Today(k.now())
	if !k.Settled(checkInquiry) {
		response.Inquiries = []*officev1.ExchangeInquiry{{
			Id: inquiry, Person: person, From: today.AddDate(-7, 0, 0).Format(time.DateOnly),
			To: today.Format(time.DateOnly),
		}}
	}
	if !k.Settled(checkClaim) {
		for _, r := range k.reports {
			response.Claims = []*officev1.ExchangeClaim{{
				Id: claim, Person: person, Number: r.GetNumber(), Fault: officev1.ExchangeFault_EXCHANGE_FAULT_UNKNOWN,
				SentAt: k.now().UnixMilli(), Due: today.AddDate(0, 0, 30).Format(time.DateOnly),
			}}
			break
		}
	}
	return response, nil
}

// AnswerExchangeInquiry judges the answer to the inquiry.
func (k *Kit) AnswerExchangeInquiry(
	_ context.Context, request *officev1.AnswerExchangeInquiryRequest,
) (*officev1.AnswerExchangeInquiryResponse, error) {
	k.mu.Lock()
	defer k.mu.Unlock()
	wrong := ""
	if request.GetInquiryId() != inquiry {
		wrong = "it answers what it was not asked"
	}
	k.Note(checkInquiry, wrong)
	return &officev1.AnswerExchangeInquiryResponse{Taken: wrong == ""}, nil
}

// AnswerExchangeClaim judges the answer to the claim.
func (k *Kit) AnswerExchangeClaim(
	_ context.Context, request *officev1.AnswerExchangeClaimRequest,
) (*officev1.AnswerExchangeClaimResponse, error) {
	k.mu.Lock()
	defer k.mu.Unlock()
	wrong := ""
	switch {
	case request.GetClaimId() != claim:
		wrong = "it answers what it was not sent"
	case request.GetOutcome() == officev1.ExchangeClaimOutcome_EXCHANGE_CLAIM_OUTCOME_UNSPECIFIED:
		wrong = "it says no outcome"
	case request.GetAnswer() == "":
		wrong = "it does not tell the person anything"
	}
	k.Note(checkClaim, wrong)
	return &officev1.AnswerExchangeClaimResponse{Taken: wrong == ""}, nil
}

// ReportMassTransfer takes in whatever is made public.
func (k *Kit) ReportMassTransfer(
	context.Context, *officev1.ReportMassTransferRequest,
) (*officev1.ReportMassTransferResponse, error) {
	return &officev1.ReportMassTransferResponse{Taken: true}, nil
}
