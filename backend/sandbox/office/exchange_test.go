package office_test

import (
	"context"
	"slices"
	"sync"
	"testing"
	"time"

	"madoguchi/backend/sandbox/office"
	officev1 "madoguchi/proto/gen/office/v1"
)

// exchangeDesk takes everything in that offices report, and has something for them to do once.
type exchangeDesk struct {
	mu       sync.Mutex
	reports  map[string]*officev1.ExchangeReport // by their names
	mass     map[string]bool
	tasks    *officev1.ListExchangeTasksResponse
	inquired []string
	claims   []*officev1.AnswerExchangeClaimRequest
}

func (d *exchangeDesk) ReportExchanges(
	_ context.Context, r *officev1.ReportExchangesRequest,
) (*officev1.ReportExchangesResponse, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.reports == nil {
		d.reports = map[string]*officev1.ExchangeReport{}
	}
	for _, one := range r.GetReports() {
		d.reports[one.GetReport()] = one
	}
	return &officev1.ReportExchangesResponse{}, nil
}

func (d *exchangeDesk) ListExchangeTasks(
	context.Context, *officev1.ListExchangeTasksRequest,
) (*officev1.ListExchangeTasksResponse, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	tasks := d.tasks
	d.tasks = nil
	if tasks == nil {
		tasks = &officev1.ListExchangeTasksResponse{}
	}
	return tasks, nil
}

func (d *exchangeDesk) AnswerExchangeInquiry(
	_ context.Context, r *officev1.AnswerExchangeInquiryRequest,
) (*officev1.AnswerExchangeInquiryResponse, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.inquired = append(d.inquired, r.GetInquiryId())
	return &officev1.AnswerExchangeInquiryResponse{}, nil
}

func (d *exchangeDesk) AnswerExchangeClaim(
	_ context.Context, r *officev1.AnswerExchangeClaimRequest,
) (*officev1.AnswerExchangeClaimResponse, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.claims = append(d.claims, r)
	return &officev1.AnswerExchangeClaimResponse{}, nil
}

func (d *exchangeDesk) ReportMassTransfer(
	_ context.Context, r *officev1.ReportMassTransferRequest,
) (*officev1.ReportMassTransferResponse, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.mass == nil {
		d.mass = map[string]bool{}
	}
	d.mass[r.GetRule()+" "+r.GetDay()] = true
	return &officev1.ReportMassTransferResponse{}, nil
}

func TestOnlyWhoExchangesReports(t *testing.T) {
	for _, o := range office.All() {
		reports := o.ID != "nta" && o.ID != "shiharai" && o.ID != "oqs"
		if got := slices.Contains(o.Duties(), "exchange"); got != reports {
			t.Errorf("%s reports exchanges: %v", o.Name, got)
		}
	}
}

func TestAnOfficeReportsWhatItKnowsOfANewcomer(t *testing.T) {
	g := newGateway(t)
	c, _ := g.clerk(t, "131105")
	g.introduce(t, "131105", "id-taro", "yamada-taro")
	synced(t, c)
	g.exchanges.mu.Lock()
	first := len(g.exchanges.reports)
	cancelled := 0
	for _, r := range g.exchanges.reports {
		if r.GetPerson() != "id-taro" {
			t.Errorf("about %s", r.GetPerson())
		}
		if r.GetCancelled() != nil {
			cancelled++
		}
	}
	g.exchanges.mu.Unlock()
	if first < 15 || cancelled != 1 {
		t.Errorf("%d reports, %d of them cancel", first, cancelled)
	}
	again, _ := g.clerk(t, "131105")
	synced(t, again)
	g.exchanges.mu.Lock()
	defer g.exchanges.mu.Unlock()
	if len(g.exchanges.reports) != first {
		t.Error("after a restart it reports under other names")
	}
}

func TestAnOfficeDoesWhatItIsAsked(t *testing.T) {
	g := newGateway(t)
	c, _ := g.clerk(t, "131105")
	g.introduce(t, "131105", "id-taro", "yamada-taro")
	synced(t, c)
	g.exchanges.mu.Lock()
	g.exchanges.reports = nil
	g.exchanges.tasks = &officev1.ListExchangeTasksResponse{
		Inquiries: []*officev1.ExchangeInquiry{{Id: "i1", Person: "id-taro"}},
		Claims: []*officev1.ExchangeClaim{
			{Id: "c1", Person: "id-taro", Fault: officev1.ExchangeFault_EXCHANGE_FAULT_UNKNOWN, Due: "2026-12-26"},
			{Id: "c2", Person: "id-taro", Fault: officev1.ExchangeFault_EXCHANGE_FAULT_WRONG, Due: "2026-12-26"},
		},
	}
	g.exchanges.mu.Unlock()
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	go c.Run(ctx)
	done := func() bool {
		g.exchanges.mu.Lock()
		defer g.exchanges.mu.Unlock()
		return len(g.exchanges.claims) == 2
	}
	for deadline := time.Now().Add(time.Minute); !done(); time.Sleep(10 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatal("the tasks are not done")
		}
	}
	g.exchanges.mu.Lock()
	defer g.exchanges.mu.Unlock()
	if !slices.Equal(g.exchanges.inquired, []string{"i1"}) || len(g.exchanges.reports) < 15 {
		t.Errorf("the inquiry: %v, %d reports", g.exchanges.inquired, len(g.exchanges.reports))
	}
	if g.exchanges.claims[0].GetAnswer() == "" || g.exchanges.claims[1].GetDue() != "2027-01-25" {
		t.Errorf("the claims: %v", g.exchanges.claims)
	}
}
