package office

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"time"

	"connectrpc.com/connect"

	"madoguchi/backend/sandbox/history"
	"madoguchi/backend/sandbox/page"
	"madoguchi/backend/sandbox/part"
	"madoguchi/backend/sandbox/resident"
	officev1 "madoguchi/proto/gen/office/v1"
	"madoguchi/proto/gen/office/v1/officev1connect"
)

func init() { register(exchanges{}) }

// exchanges (やりとり履歴): what offices ask one another about people, reported to the portal: seven years of it once the
// office hears of a person, then what goes on; and what people want to know of it.
type exchanges struct{}

func (exchanges) Name() string { return "exchange" }

func (exchanges) Title() (name, what string) {
	return "情報連携の報告", "機関どうしの照会と提供を、それぞれの機関がポータルへ報告するしくみ"
}

// Granted: the tax agency and the funds that settle claims ask by other ways.
func (exchanges) Granted(o Office) []string {
	if o.ID == tax || o.ID == claims || o.ID == insurers {
		return nil
	}
	return []string{"exchange"}
}

// Meet makes transfers of many public.
func (d exchanges) Meet(ctx context.Context, c *Clerk) error {
	for _, m := range history.Mass(c.Office.ID, c.now()) {
		_, err := dial(c, d, officev1connect.NewExchangeServiceClient).ReportMassTransfer(ctx, m)
		if err != nil {
			return fmt.Errorf("making a transfer of many public: %w", err)
		}
	}
	return nil
}

// mostReports is how many the portal takes in a call.
const mostReports = 100

// Person reports what there was about somebody who is introduced. Told again it is the same.
func (d exchanges) Person(ctx context.Context, c *Clerk, p Person) error {
	var reports []*officev1.ExchangeReport
	for _, e := range history.Of(p.Resident, c.now()) {
		reports = append(reports, e.Reports(c.Office.ID, p.Identifier, c.now())...)
	}
	return d.report(ctx, c, reports)
}

func (d exchanges) report(ctx context.Context, c *Clerk, reports []*officev1.ExchangeReport) error {
	for some := range slices.Chunk(reports, mostReports) {
		_, err := dial(c, d, officev1connect.NewExchangeServiceClient).ReportExchanges(ctx,
			&officev1.ReportExchangesRequest{Reports: some})
		if Refused(err) && !errors.Is(err, part.ErrBroken) {
			c.outbox.reached(c.Office, err)
			return nil // sent again it would be refused again
		}
		if err != nil {
			return fmt.Errorf("reporting exchanges: %w", err)
		}
	}
	return nil
}

const (
	// The office looks so often what people want to know, and asks another office so often about somebody.
	tasksEvery   = 3 * time.Second
	exchangeTime = 2 * time.Minute
)

// Work answers what people want to know, and goes on asking about them.
func (d exchanges) Work(ctx context.Context, c *Clerk) error {
	last := c.now()
	tick := time.NewTicker(tasksEvery)
	defer tick.Stop()
	for {
		if err := d.tasks(ctx, c); err != nil {
			return err
		}
		if c.now().Sub(last) > exchangeTime {
			last = c.now()
			if err := d.goOn(ctx, c); err != nil {
				return err
			}
		}
		select {
		case <-ctx.Done():
			return nil
		case <-tick.C:
		}
	}
}

// goOn reports one exchange that takes place now: the pension service and the municipality know of it alike, as they
// draw the same lot of the same minute.
func (d exchanges) goOn(ctx context.Context, c *Clerk) error {
	at := c.now().Truncate(exchangeTime)
	all := resident.All()
	r := all[int(at.Unix()/int64(exchangeTime/time.Second))%len(all)]
	identifier, known := c.identifier(r.Record)
	if !known {
		return nil
	}
	return d.report(ctx, c, history.Next(r, at).Reports(c.Office.ID, identifier, c.now()))
}

// tasks does what the portal has for the office.
func (d exchanges) tasks(ctx context.Context, c *Clerk) error {
	client := dial(c, d, officev1connect.NewExchangeServiceClient)
	tasks, err := client.ListExchangeTasks(ctx, &officev1.ListExchangeTasksRequest{})
	if err != nil {
		return fmt.Errorf("asking what there is to do: %w", err)
	}
	for _, inquiry := range tasks.GetInquiries() {
		if r, known := resident.ByRecord(c.record(inquiry.GetPerson())); known {
			if err := d.Person(ctx, c, Person{Resident: r, Identifier: inquiry.GetPerson()}); err != nil {
				return err
			}
		}
		_, err := client.AnswerExchangeInquiry(ctx, &officev1.AnswerExchangeInquiryRequest{InquiryId: inquiry.GetId()})
		if err != nil && !Refused(err) {
			return fmt.Errorf("saying that all is reported: %w", err)
		}
	}
	for _, claim := range tasks.GetClaims() {
		_, err := client.AnswerExchangeClaim(ctx, answerTo(claim))
		if connect.CodeOf(err) == connect.CodeAlreadyExists || err != nil && Refused(err) {
			continue
		}
		if err != nil {
			return fmt.Errorf("answering a claim: %w", err)
		}
	}
	return nil
}

// answerTo is what the office says: it explains what somebody does not know, and looks into what is wrong.
func answerTo(claim *officev1.ExchangeClaim) *officev1.AnswerExchangeClaimRequest {
	answer := &officev1.AnswerExchangeClaimRequest{
		ClaimId: claim.GetId(), Outcome: officev1.ExchangeClaimOutcome_EXCHANGE_CLAIM_OUTCOME_EXPLAINED,
		Answer: "確認しました。ご本人またはご家族の手続のために照会したものです。くわしくは窓口でご説明します。",
	}
	due, err := time.Parse(time.DateOnly, claim.GetDue())
	if claim.GetFault() != officev1.ExchangeFault_EXCHANGE_FAULT_UNKNOWN && err == nil {
		answer.Outcome = officev1.ExchangeClaimOutcome_EXCHANGE_CLAIM_OUTCOME_EXTENDED
		answer.Answer, answer.Due = "内容を調べています。", due.AddDate(0, 0, 30).Format(time.DateOnly)
	}
	return answer
}

type exchangesPage struct{ *Staff }

// Page lets a developer have offices ask about somebody now.
func (exchanges) Page(s *Staff) Page {
	p := exchangesPage{s}
	return Page{
		Link: page.Link{Path: "/exchanges", Title: "機関どうしの照会を起こす"},
		Routes: map[string]http.HandlerFunc{
			"GET /exchanges":  func(w http.ResponseWriter, _ *http.Request) { p.render(w, "", "") },
			"POST /exchanges": p.ask,
		},
	}
}

func (p exchangesPage) render(w http.ResponseWriter, done, trouble string) {
	pages.Render(w, http.StatusOK, "exchange.html", map[string]any{
		"Portal": p.Portal, "Residents": resident.All(), "Done": done, "Trouble": trouble,
	})
}

func (p exchangesPage) ask(w http.ResponseWriter, r *http.Request) {
	who, known := resident.ByID(r.FormValue("person"))
	if !known {
		p.render(w, "", "その人はいません")
		return
	}
	reported := 0
	for _, c := range p.Clerks {
		identifier, introduced := c.identifier(who.Record)
		if !introduced || !c.Office.Has(exchanges{}) {
			continue
		}
		reports := history.Next(who, time.Now()).Reports(c.Office.ID, identifier, time.Now())
		if err := (exchanges{}).report(r.Context(), c, reports); err != nil {
			p.render(w, "", c.Office.Name+": "+err.Error())
			return
		}
		reported += len(reports)
	}
	if reported == 0 {
		p.render(w, "", ErrNotIntroduced.Error())
		return
	}
	p.render(w, who.Name+"について、照会が1件起きました。", "")
}
