package conformance_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"google.golang.org/protobuf/proto"

	"madoguchi/backend/feature/exchange/conformance"
	officev1 "madoguchi/proto/gen/office/v1"
)

var now = time.Date(2026, 11, 26, 3, 0, 0, 0, time.UTC)

func report() *officev1.ExchangeReport {
	at := now.Add(-time.Hour).UnixMilli()
	return &officev1.ExchangeReport{
		Report: "r1", Number: "N1", Person: "conformance-person",
		Of: &officev1.ExchangeReport_Event{Event: &officev1.ExchangeEvent{
			Side: officev1.ExchangeSide_EXCHANGE_SIDE_ASKER, OwnName: "目黒区長",
			Other: &officev1.ExchangeOffice{Name: "札幌市長"}, Duty: "child-allowance", Procedure: "claim", Info: "tax",
			Items: []string{"income"}, AskedAt: at, ProvidedAt: at + 1,
			Result: officev1.ExchangeResult_EXCHANGE_RESULT_GIVEN,
		}},
	}
}

// client does all that there is to do; again is the report as it is sent a second time.
func client(t *testing.T, k *conformance.Kit, first, again *officev1.ExchangeReport, words string) {
	t.Helper()
	ctx := t.Context()
	_, _ = k.ListPersons(ctx, &officev1.ListPersonsRequest{})
	for _, r := range []*officev1.ExchangeReport{first, first, again} {
		_, _ = k.ReportExchanges(ctx, &officev1.ReportExchangesRequest{Reports: []*officev1.ExchangeReport{r}})
	}
	tasks, err := k.ListExchangeTasks(ctx, &officev1.ListExchangeTasksRequest{})
	if err != nil {
		t.Fatal(err)
	}
	for _, i := range tasks.GetInquiries() {
		_, _ = k.AnswerExchangeInquiry(ctx, &officev1.AnswerExchangeInquiryRequest{InquiryId: i.GetId()})
	}
	for _, c := range tasks.GetClaims() {
		_, _ = k.AnswerExchangeClaim(ctx, &officev1.AnswerExchangeClaimRequest{
			ClaimId: c.GetId(), Outcome: officev1.ExchangeClaimOutcome_EXCHANGE_CLAIM_OUTCOME_EXPLAINED, Answer: words,
		})
	}
}

func TestAClientThatKeepsTheContract(t *testing.T) {
	k := conformance.New(nil, func() time.Time { return now })
	changed := k.Changed()
	client(t, k, report(), report(), "申請のためです")
	checks, whole := k.Report()
	if !whole {
		t.Error("not whole")
	}
	for _, c := range checks {
		if !c.Done || c.Wrong != "" {
			t.Errorf("%+v", c)
		}
	}
	select {
	case <-changed:
	default:
		t.Error("nobody is told that something changed")
	}
}

func TestClientsThatDoNot(t *testing.T) {
	bent := func(bend func(*officev1.ExchangeReport)) *officev1.ExchangeReport {
		r := proto.CloneOf(report())
		bend(r)
		return r
	}
	for want, run := range map[string]func(k *conformance.Kit){
		"reports[0].event.duty": func(k *conformance.Kit) {
			r := bent(func(r *officev1.ExchangeReport) { r.GetEvent().Duty = "?" })
			client(t, k, r, r, "はい")
		},
		"not introduced": func(k *conformance.Kit) {
			r := bent(func(r *officev1.ExchangeReport) { r.Person = "somebody" })
			client(t, k, r, r, "はい")
		},
		"another the second time": func(k *conformance.Kit) {
			client(t, k, report(), bent(func(r *officev1.ExchangeReport) { r.GetEvent().Condition = "令和7年度" }), "はい")
		},
		"does not tell the person": func(k *conformance.Kit) { client(t, k, report(), report(), "") },
	} {
		k := conformance.New(nil, func() time.Time { return now })
		run(k)
		checks, _ := k.Report()
		if got := fmt.Sprint(checks); !strings.Contains(got, want) {
			t.Errorf("%s is not found: %s", want, got)
		}
	}
}
