package exchange

import (
	"context"
	"errors"
	"fmt"
	"math"
	"time"

	"google.golang.org/protobuf/proto"

	"madoguchi/backend/door/access"
	"madoguchi/backend/store/db"
	"madoguchi/proto/clock"
	"madoguchi/proto/exchangelist"
	officev1 "madoguchi/proto/gen/office/v1"
	portalv1 "madoguchi/proto/gen/portal/v1"
)

// ReportMassTransfer makes public that data of many people went at once.
func (i *Intake) ReportMassTransfer(
	ctx context.Context, request *officev1.ReportMassTransferRequest,
) (*officev1.ReportMassTransferResponse, error) {
	if field, err := checkMass(request, clock.Day(i.now())); err != nil {
		return nil, access.Invalid(ctx, field, &access.Told{Cause: err})
	}
	content, err := proto.MarshalOptions{Deterministic: true}.Marshal(request)
	if err != nil {
		return nil, fmt.Errorf("writing a transfer of many: %w", err)
	}
	err = i.db.Tx(ctx, func(q *db.Queries) error {
		return q.ExchangeMass(ctx, db.ExchangeMassParams{
			OfficeID: access.FromContext(ctx).OfficeID, Rule: request.GetRule(), Day: request.GetDay(),
			People: request.GetPeople(), Content: content,
		})
	})
	if err != nil {
		return nil, fmt.Errorf("keeping a transfer of many: %w", err)
	}
	return &officev1.ReportMassTransferResponse{Taken: true}, nil
}

func checkMass(r *officev1.ReportMassTransferRequest, today string) (string, error) {
	d, known := exchangelist.DutyOf(r.GetDuty())
	switch {
	case !isName(r.GetRule()):
		return "rule", errors.New("not 1 to 64 of A-Z, a-z, 0-9, ., _ and -")
	case r.GetDay() > today:
		return "day", errors.New("is to come")
	case r.GetPeople() < 1 || r.GetPeople() > math.MaxInt32:
		return "people", errors.New("so many people there are not")
	case r.GetSide() != officev1.ExchangeSide_EXCHANGE_SIDE_ASKER &&
		r.GetSide() != officev1.ExchangeSide_EXCHANGE_SIDE_PROVIDER:
		return "side", errors.New("neither the one that asked nor the one that was asked")
	case !known:
		return "duty", errors.New("there is no such work")
	case !exchangelist.Goes(d.Key, r.GetProcedure(), r.GetInfo()):
		return "info", errors.New("this is not asked for in this step")
	}
	return "", nil
}

// ListExchangeRules tells of them, as rules with their days.
func (s *Service) ListExchangeRules(
	ctx context.Context, _ *portalv1.ListExchangeRulesRequest,
) (*portalv1.ListExchangeRulesResponse, error) {
	since := clock.Today(s.now()).AddDate(-yearsKept, 0, 0).Format(time.DateOnly)
	rows, err := s.db.Read().ExchangeMassAll(ctx, since)
	if err != nil {
		return nil, fmt.Errorf("listing transfers of many: %w", err)
	}
	response, w := &portalv1.ListExchangeRulesResponse{}, words{}
	rules := map[[2]string]*portalv1.ExchangeRule{}
	for _, row := range rows { // the last first: its words are those that hold
		key := [2]string{row.OfficeID, row.Rule}
		rule := rules[key]
		if rule == nil {
			sent := &officev1.ReportMassTransferRequest{}
			if err := proto.Unmarshal(row.Content, sent); err != nil {
				return nil, fmt.Errorf("reading a transfer of many: %w", err)
			}
			rule = ruleOf(sent)
			w.duty(rule.GetDuty())
			w.info(rule.GetInfo())
			w.office(&portalv1.ExchangeParty{Name: rule.GetAsker()})
			w.office(&portalv1.ExchangeParty{Name: rule.GetProvider()})
			day, err := time.ParseInLocation(time.DateOnly, row.Day, clock.Japan)
			if err != nil {
				return nil, fmt.Errorf("reading the day of a transfer of many: %w", err)
			}
			rule.Law = w.law(rule.GetDuty(), day.UnixMilli())
			rules[key] = rule
			response.Rules = append(response.Rules, rule)
		}
		rule.Runs = append(rule.Runs, &portalv1.ExchangeRun{Day: row.Day, People: row.People})
	}
	response.Words = w.message()
	return response, nil
}

func ruleOf(sent *officev1.ReportMassTransferRequest) *portalv1.ExchangeRule {
	rule := &portalv1.ExchangeRule{
		Asker: sent.GetOwnName(), Provider: sent.GetOtherName(), Duty: sent.GetDuty(), Procedure: sent.GetProcedure(),
		Info: sent.GetInfo(), Whom: sent.GetWhom(),
	}
	if sent.GetSide() == officev1.ExchangeSide_EXCHANGE_SIDE_PROVIDER {
		rule.Asker, rule.Provider = rule.Provider, rule.Asker
	}
	return rule
}
