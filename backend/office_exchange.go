package main

import (
	"context"
	"fmt"
	"strings"

	"google.golang.org/protobuf/encoding/protojson"

	officev1 "madoguchi/proto/gen/office/v1"
	"madoguchi/proto/gen/office/v1/officev1connect"
)

// exchangeTool is the acts of `portal office` about exchanges (やりとり履歴).
type exchangeTool struct {
	officeTool
	client officev1connect.ExchangeServiceClient
}

// act does one; known is false when it is none of these.
func (e exchangeTool) act(ctx context.Context, args []string) (known bool, err error) {
	switch {
	case len(args) == 2 && args[0] == "report":
		return true, e.report(ctx, args[1])
	case len(args) == 1 && args[0] == "tasks":
		return true, e.tasks(ctx)
	case len(args) == 2 && args[0] == "reported":
		return true, e.reported(ctx, args[1])
	case len(args) >= 4 && len(args) <= 5 && args[0] == "claim":
		return true, e.claim(ctx, args[1], args[2], args[3], strings.Join(args[4:], ""))
	case len(args) == 2 && args[0] == "mass":
		return true, e.mass(ctx, args[1])
	}
	return false, nil
}

func (e exchangeTool) report(ctx context.Context, file string) error {
	data, err := e.read(file)
	if err != nil {
		return err
	}
	request := &officev1.ReportExchangesRequest{}
	if err := protojson.Unmarshal(data, request); err != nil {
		return fmt.Errorf("%s holds no reports: %w", file, err)
	}
	response, err := e.client.ReportExchanges(ctx, request)
	if err != nil {
		return fmt.Errorf("reporting exchanges: %w", err)
	}
	for _, taken := range response.GetReports() {
		if err := e.line(taken); err != nil {
			return err
		}
	}
	return nil
}

func (e exchangeTool) tasks(ctx context.Context) error {
	response, err := e.client.ListExchangeTasks(ctx, &officev1.ListExchangeTasksRequest{})
	if err != nil {
		return fmt.Errorf("asking what there is to do: %w", err)
	}
	for _, inquiry := range response.GetInquiries() {
		if err := e.line(inquiry); err != nil {
			return err
		}
	}
	for _, claim := range response.GetClaims() {
		if err := e.line(claim); err != nil {
			return err
		}
	}
	return nil
}

func (e exchangeTool) reported(ctx context.Context, id string) error {
	response, err := e.client.AnswerExchangeInquiry(ctx, &officev1.AnswerExchangeInquiryRequest{InquiryId: id})
	if err != nil {
		return fmt.Errorf("saying that all was reported: %w", err)
	}
	return e.line(response)
}

func (e exchangeTool) claim(ctx context.Context, id, outcome, words, due string) error {
	value, known := officev1.ExchangeClaimOutcome_value["EXCHANGE_CLAIM_OUTCOME_"+strings.ToUpper(outcome)]
	if !known || value == 0 {
		return fmt.Errorf("%q is none of corrected, explained, extended", outcome)
	}
	response, err := e.client.AnswerExchangeClaim(ctx, &officev1.AnswerExchangeClaimRequest{
		ClaimId: id, Outcome: officev1.ExchangeClaimOutcome(value), Answer: words, Due: due,
	})
	if err != nil {
		return fmt.Errorf("answering a claim: %w", err)
	}
	return e.line(response)
}

func (e exchangeTool) mass(ctx context.Context, file string) error {
	data, err := e.read(file)
	if err != nil {
		return err
	}
	request := &officev1.ReportMassTransferRequest{}
	if err := protojson.Unmarshal(data, request); err != nil {
		return fmt.Errorf("%s is no transfer of many: %w", file, err)
	}
	response, err := e.client.ReportMassTransfer(ctx, request)
	if err != nil {
		return fmt.Errorf("making a transfer of many public: %w", err)
	}
	return e.line(response)
}
